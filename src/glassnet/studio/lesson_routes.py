"""The requests of a lesson."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from glassnet.errors import InvalidParameterError
from glassnet.studio._answers import answer
from glassnet.studio._body import read_json
from glassnet.studio.teaching import Teaching


def teaching_of(request: Request) -> Teaching:
    """Return the lesson that is open.

    Raises
    ------
    InvalidParameterError
        When none is.
    """
    teaching: Teaching | None = request.app.state.session.teaching
    if teaching is None:
        raise InvalidParameterError("no lesson is open; start one with glassnet studio --lesson NAME.")
    return teaching


async def show_lesson(request: Request) -> Response:
    """Answer with the lesson and how far it has come."""
    return answer(teaching_of(request).progress.to_json())


async def judge_answer(request: Request) -> Response:
    """Answer whether an answer is right."""
    teaching, message = teaching_of(request), await read_json(request)
    question, value = str(message.get("question", "")), message.get("value", "")
    session: Any = request.app.state.session
    verdict = await run_in_threadpool(teaching.answer, question, value, session)
    return answer(
        {
            "right": verdict.right,
            "says": verdict.says,
            "counts": verdict.counts,
            "done": list(teaching.progress.done),
            "passed": teaching.progress.is_passed,
        }
    )


async def turn_page(request: Request) -> Response:
    """Show another page of the lesson."""
    teaching, message = teaching_of(request), await read_json(request)
    teaching.progress.turn(message.get("page"))
    return answer({"ok": True, "page": teaching.progress.page})
