"""A lesson in a session: what its page shows, answers judged on the runs that are open."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.studio.answers import Progress
from glassnet.studio.lessons import Lesson
from glassnet.studio.measures import Bench
from glassnet.studio.opened import Opened, Part
from glassnet.studio.opening import open_setup
from glassnet.studio.run import Run
from glassnet.studio.session import Session


def open_lesson(lesson: Lesson) -> Session:
    """Return a session that a lesson has opened."""
    setup = lesson.setup
    opened = open_setup(setup)
    data = _data_of(lesson, opened)
    session = Session(data, opened.model)
    session.progress = Progress(lesson)
    return session


def lesson_of(session: Session) -> dict[str, Any]:
    """Return the lesson that is open, and how far a person has come.

    Raises
    ------
    InvalidParameterError
        When there is none.
    """
    progress = _progress(session)
    return {**progress.lesson.to_json(), "page": progress.page, "done": list(progress.done)}


def answer_question(session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Judge an answer: ``{"question": id, "value": "..."}``."""
    question = message.get("question")
    if not isinstance(question, str):
        raise InvalidParameterError(f"got question={quoted(question)}; expected its id.")
    benches = [_bench(session, run) for run in session.runs.values()]
    verdict = _progress(session).answer(question, message.get("value"), benches)
    return {"right": verdict.right, "says": verdict.says, "counts": verdict.counts}


def turn_page(session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Show another page of the lesson: ``{"page": i}``."""
    _progress(session).turn(message.get("page"))
    return {"ok": True}


def _progress(session: Session) -> Progress:
    if session.progress is None:
        raise InvalidParameterError(
            "there is no lesson here; start one: glassnet studio --lesson zero-weights"
        )
    return session.progress


def _bench(session: Session, run: Run) -> Bench:
    data = run.data
    part = data.validation
    return Bench(
        run.model,
        data.train.X,
        data.train.y,
        part.X if len(part) else None,
        part.y if len(part) else None,
        lambda step: session.moment(run, step).theta,
        run.recorder.newest,
        list(run.recorder.history.records),
    )


def _data_of(lesson: Lesson, opened: Any) -> Opened:
    train = Part(opened.X, opened.y)
    if opened.X_val is None:
        validation = Part(opened.X[:0], opened.y[:0])
    else:
        validation = Part(opened.X_val, opened.y_val)
    is_images = lesson.setup.data is not None
    is_regression = not hasattr(opened.model, "classes_") and "Regressor" in type(opened.model).__name__
    labels = np.unique(opened.y)
    side = round(opened.X.shape[1] ** 0.5)
    return Opened(
        lesson.setup.data or lesson.name,
        "images" if is_images else "table",
        train,
        validation,
        () if is_regression else tuple(map(str, labels)),
        (side, side) if is_images else None,
        None if is_images else tuple(f"x{i + 1}" for i in range(opened.X.shape[1])),
        code=_CODE.format(name=lesson.name) + (_VALIDATION if len(validation) else ""),
    )


_CODE = """from glassnet.studio.lesson_file import read_lesson
from glassnet.studio.opening import open_setup

data = open_setup(read_lesson({name!r}).setup)
X, y = data.X, data.y"""
_VALIDATION = """
X_val, y_val = data.X_val, data.y_val"""
