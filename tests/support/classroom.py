"""A lesson as it is done without a page: its task, its answers, right and wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from glassnet import trace
from glassnet.studio.answers import right_choice, right_number
from glassnet.studio.lessons import Lesson, Question, Task
from glassnet.studio.measures import Bench
from glassnet.studio.opening import open_lesson
from glassnet.studio.session import Session
from glassnet.studio.teaching import Teaching


@contextmanager
def in_class(lesson: Lesson) -> Iterator[Session]:
    """Open a lesson as the command line does."""
    data, model = open_lesson(lesson)
    session = Session(data, model, teaching=Teaching(lesson))
    try:
        yield session
    finally:
        session.close()


def do(session: Session, task: Task | None) -> None:
    """Do what a page asks for."""
    if task is None:
        return
    settings = session.runs["a"].model.get_params()
    if any(settings[name] != value for name, value in task.settings.items()):
        session.command({"do": "restart", "settings": task.settings})
    run = session.runs["a"]
    while len(run.recorder.history) < task.epochs:
        session.command({"do": "step", "run": "a", "unit": "epoch"})
    while run.recorder.newest < task.steps:
        session.command({"do": "step", "run": "a", "unit": "batch"})


def bench_of(session: Session) -> Bench:
    """Return run A, to be measured."""
    assert session.teaching is not None
    return session.teaching.benches(session)[0]


def right_answer(question: Question, session: Session) -> str:
    """Return what is right, as a person writes it."""
    bench = bench_of(session)
    if question.choices:
        return right_choice(question, bench)
    if question.quantity:  # of all steps, worked with no helper of the lessons
        model: Any = type(bench.model)(**bench.model.get_params(deep=False)).initialize(bench.X, bench.y)
        worked = trace(model, bench.X, bench.y)
        return f"{float(worked.value(question.step, question.quantity)):.6f}"
    return f"{right_number(question, bench):.6g}"


def wrong_answers(question: Question, right: str) -> list[str]:
    """Return some answers that are not right."""
    if question.choices:
        return [choice.text for choice in question.choices if choice.text != right]
    number = float(right)
    return [f"{number * 1.2 + 0.5:.4g}", f"{-number - 1:.4g}"]
