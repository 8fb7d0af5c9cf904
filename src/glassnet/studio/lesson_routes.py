"""The requests of a lesson."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from glassnet.errors import InvalidParameterError
from glassnet.studio._answers import answer
from glassnet.studio._body import read_json
from glassnet.studio.practising import Practising
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


def practising_of(request: Request) -> Practising:
    """Return the exercise that is practised.

    Raises
    ------
    InvalidParameterError
        When none is.
    """
    teaching = teaching_of(request)
    if not isinstance(teaching, Practising):
        raise InvalidParameterError(
            "this lesson has no hints to ask for, and one problem; start an exercise with "
            "glassnet exercise practise NAME --studio."
        )
    return teaching


async def show_lesson(request: Request) -> Response:
    """Answer with the lesson and how far it has come."""
    return answer(teaching_of(request).to_json())


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


async def show_hint(request: Request) -> Response:
    """Answer with the hints to a question so far, and one more."""
    practising, message = practising_of(request), await read_json(request)
    question = str(message.get("question", ""))
    return answer({"hints": await run_in_threadpool(practising.hint, question)})


async def draw_another(request: Request) -> Response:
    """Open another problem."""
    session = request.app.state.session
    await run_in_threadpool(practising_of(request).another, session)
    return answer({"ok": True, "session": session.describe()})
