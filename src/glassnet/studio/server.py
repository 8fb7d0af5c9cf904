"""The server of a studio: its page, its session as JSON, and frames as they come."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from glassnet._common.naming import lookup
from glassnet._common.palette import page_style
from glassnet.errors import GlassnetError
from glassnet.studio._answers import answer, refusal
from glassnet.studio._body import MOST_BYTES, read_body, read_json
from glassnet.studio._json import to_json
from glassnet.studio.lesson_routes import draw_another, judge_answer, show_hint, show_lesson, turn_page
from glassnet.studio.security import MOST_UPLOADED, Guard
from glassnet.studio.session import Session
from glassnet.studio.uploading import open_upload, read_form
from glassnet.studio.views.look import Look, whole
from glassnet.studio.views.table import VIEWS
from glassnet.studio.views.taking import Download

PAGE = Path(__file__).parent / "page"
FRAMES_A_SECOND, FRAMES_BESIDE = 10, 5
"""The most; and beside training at full speed, which a page that draws takes time from."""
HEARTBEAT = 5.0
"""Seconds without a frame after which a comment says that the server is there."""

Handler = Callable[[Request], Any]


def make_app(session: Session, token: str, hosts: set[str]) -> ASGIApp:
    """Return the application that serves a session.

    Parameters
    ----------
    session : Session
    token : str
        That pages must bring.
    hosts : set of str
        What the server may be called, see `glassnet.studio.security`.
    """
    app = Starlette(
        routes=[
            Route("/", _page),
            Route("/static/palette.css", _palette),
            Mount("/static", StaticFiles(directory=PAGE, check_dir=False)),
            Route("/api/session", _refusing(_session)),
            Route("/api/events", _events),
            Route("/api/command", _refusing(_command), methods=["POST"]),
            Route("/api/upload", _refusing(_upload), methods=["POST"]),
            Route("/api/view/{name}", _refusing(_view), methods=["GET", "POST"]),
            Route("/api/lesson", _refusing(show_lesson)),
            Route("/api/lesson/answer", _refusing(judge_answer), methods=["POST"]),
            Route("/api/lesson/page", _refusing(turn_page), methods=["POST"]),
            Route("/api/lesson/hint", _refusing(show_hint), methods=["POST"]),
            Route("/api/lesson/another", _refusing(draw_another), methods=["POST"]),
        ]
    )
    app.state.session = session
    return Guard(app, token, hosts)


def _refusing(handler: Handler) -> Handler:
    """Turn what cannot be done into an answer that says so."""

    async def handle(request: Request) -> Response:
        try:
            response: Response = await handler(request)
        except GlassnetError as error:
            return refusal(400, str(error), type(error).__name__)
        except ClientDisconnect:
            return refusal(400, "nobody waits for the answer.", "Disconnected")
        return response

    return handle


async def _page(request: Request) -> Response:
    index = PAGE / "index.html"
    if not index.is_file():
        return HTMLResponse("<!doctype html><title>glassnet</title><p>The page of the studio is missing.")
    return FileResponse(index)


async def _palette(request: Request) -> Response:
    return Response(page_style(), media_type="text/css")


async def _session(request: Request) -> Response:
    return answer(request.app.state.session.describe())


async def _command(request: Request) -> Response:
    session, message = request.app.state.session, await read_json(request)
    await run_in_threadpool(session.command, message)
    return answer({"ok": True, "session": session.describe()})


async def _upload(request: Request) -> Response:
    session: Session = request.app.state.session
    kind = request.headers.get("content-type", "")
    fields = read_form(kind, await read_body(request, MOST_UPLOADED))
    await run_in_threadpool(open_upload, session, fields)
    return answer({"ok": True, "session": session.describe()})


async def _view(request: Request) -> Response:
    session: Session = request.app.state.session
    view = lookup(VIEWS, request.path_params["name"], "view")
    query = dict(request.query_params)
    if request.method == "POST":
        query["body"] = (await read_body(request, MOST_BYTES)).decode("utf-8", "replace")
    return await run_in_threadpool(look_at, session, view, query)


def look_at(session: Session, view: Callable[[Look], Any], query: dict[str, str]) -> Response:
    """Return what a view shows, as JSON or as a file."""
    run = session.run(query.get("run"))
    step = whole(query, "step", run.shown, 0, run.recorder.newest)
    look = Look(session, run, session.moment(run, step), query)
    with session.looking:
        found = view(look)
    if isinstance(found, Download):
        named = {"Content-Disposition": f'attachment; filename="{found.name}"'}
        return Response(found.body, media_type=found.media, headers=named)
    return answer({"run": run.id, "step": step, **found})


async def _events(request: Request) -> Response:
    return StreamingResponse(
        _frames(request.app.state.session),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _frames(session: Session) -> AsyncIterator[bytes]:
    """Yield the newest frame, whenever there is a new one: those between are never made."""
    shown, idle = -1, 0.0
    while not session.is_closed:
        if session.version != shown:
            shown, idle = session.version, 0.0
            yield b"event: frame\ndata: " + to_json(session.frame()) + b"\n\n"
        elif idle >= HEARTBEAT:
            idle = 0.0
            yield b": still here\n\n"
        pause = 1 / (FRAMES_BESIDE if session.is_at_full_speed else FRAMES_A_SECOND)
        await asyncio.sleep(pause)
        idle += pause
