"""Whether an answer is right, which the engine says; and how far a person has come in a lesson."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.studio.expressions import evaluate
from glassnet.studio.lessons import Lesson, Question, Task
from glassnet.studio.measures import MEASURES, Bench, NotYetError
from glassnet.worked import Entry, LineStatus, Problem, Sheet, grade_sheet
from glassnet.worked.sheet import parse_sheet
from glassnet.worked.tracing import trace

MOST_SIGNS = 40
"""Of a number that is typed."""

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?")


@dataclass(frozen=True)
class Verdict:
    """Say whether an answer is right.

    Attributes
    ----------
    right : bool
    says : str
        To the person, as plain text.
    counts : bool
        False where it could not be judged: the run is not there yet, or it is no answer.
    """

    right: bool
    says: str
    counts: bool = True


@dataclass
class Progress:
    """Hold how far a person has come in a lesson.

    Attributes
    ----------
    lesson : Lesson
    page : int
        Which one is shown, from 0.
    done : dict of str to str
        The right answers that were given, by the ids of their questions.
    """

    lesson: Lesson
    page: int = 0
    done: dict[str, str] = field(default_factory=dict)

    @property
    def is_passed(self) -> bool:
        """Whether every question was answered rightly."""
        return len(self.done) == len(self.lesson.questions)

    def turn(self, page: Any) -> None:
        """Show another page.

        Raises
        ------
        InvalidParameterError
            When there is no such page.
        """
        n_pages = len(self.lesson.pages)
        if isinstance(page, bool) or not isinstance(page, int) or not 0 <= page < n_pages:
            raise InvalidParameterError(f"got page={quoted(page)}; expected 0 to {n_pages - 1}.")
        self.page = page

    def answer(self, question: str, value: Any, benches: Sequence[Bench]) -> Verdict:
        """Judge an answer, and remember it when it is right.

        Parameters
        ----------
        question : str
            Its id.
        value : str
            The number as it was typed, or the text of the choice.
        benches : sequence of Bench
            The runs that are open; the first one on which the page's task was done is measured.

        Raises
        ------
        UnknownNameError
            When there is no such question.
        """
        asked = lookup(self.lesson.questions, question, "question")
        try:
            bench = _bench_for(self.lesson.page_of(question).task, benches)
            if asked.choices:
                verdict = _judge_choice(asked, str(value), bench)
            elif asked.quantity:
                verdict = self._grade(asked, str(value), bench)
            else:
                verdict = _judge_number(asked, str(value), bench)
        except NotYetError as error:
            return Verdict(False, str(error), counts=False)
        if verdict.right:
            self.done[question] = str(value)
        return verdict

    def _grade(self, asked: Question, value: str, bench: Bench) -> Verdict:
        """Judge a line of the worked steps, beside the lines that were right so far."""
        questions = self.lesson.questions
        known = {
            questions[name]: _telling(_number(text))
            for name, text in self.done.items()
            if questions[name].quantity
        }
        typed = _number(value)
        sheet = _sheet(known | {asked: _telling(typed)})
        line = next(
            line
            for line in grade_sheet(sheet, _problem(self.lesson, bench)).lines
            if any(_is_of(entry, asked) for entry in line.entries)
        )
        (entry,) = _sheet({asked: typed}).entries
        exact = entry.pick(line.exact)
        if few := _too_few(asked, entry, exact):
            return few
        if line.status in (LineStatus.RIGHT, LineStatus.CONSISTENT):
            return Verdict(True, _praise(asked, f"The engine has {exact:.10g}."))
        cause = "" if line.cause is None else f" Perhaps {line.cause.text}."
        return Verdict(False, f"Not so.{cause} {asked.hint}".strip())

    def to_json(self) -> dict[str, Any]:
        """Return the lesson and how far it has come, as plain values."""
        return {
            **self.lesson.to_json(),
            "page": self.page,
            "done": list(self.done),
            "passed": self.is_passed,
        }


def _bench_for(task: Task | None, benches: Sequence[Bench]) -> Bench:
    """Return the first run that was set and trained as the task says, else say what is missing."""
    if task is None:
        return benches[0]
    complaints = []
    for bench in benches:
        settings = bench.model.get_params(deep=False)
        others = {
            name: value for name, value in task.settings.items() if not _same(settings.get(name), value)
        }
        needed = max(task.steps, task.epochs * bench.steps_per_epoch)
        if others:
            wanted = ", ".join(f"{name} = {value}" for name, value in others.items())
            complaints.append(f"First set the run to {wanted}, as the task says.")
        elif needed > bench.newest:
            complaints.insert(
                0,
                f"First train as long as the task says: {needed:,} steps; the run has made {bench.newest:,}.",
            )
        else:
            return bench
    raise NotYetError(complaints[0])


def _same(held: Any, wanted: Any) -> bool:
    if isinstance(held, tuple | list) and isinstance(wanted, tuple | list):
        return list(held) == list(wanted)
    return bool(held == wanted)


# -- choices ----------------------------------------------------------------------------------------


def right_choice(question: Question, bench: Bench) -> str:
    """Return the text of the choice that is right, in the run as it is.

    Raises
    ------
    NotYetError
        When none is, or more than one.
    """
    if question.right:
        values = [evaluate(choice.value, MEASURES, bench) for choice in question.choices]
        best = max(values) if question.right == "largest" else min(values)
        is_right = [value == best for value in values]
    else:
        is_right = [bool(evaluate(choice.when, MEASURES, bench)) for choice in question.choices]
    if sum(is_right) != 1:
        raise NotYetError("With this run no single choice is right; set it as the lesson says.")
    return question.choices[is_right.index(True)].text


def _judge_choice(question: Question, value: str, bench: Bench) -> Verdict:
    texts = [choice.text for choice in question.choices]
    if value not in texts:
        return Verdict(False, "Choose one of the answers.", counts=False)
    if value == right_choice(question, bench):
        return Verdict(True, _praise(question, ""))
    return Verdict(False, f"Not so. {question.hint}".strip())


# -- numbers ----------------------------------------------------------------------------------------


def right_number(question: Question, bench: Bench) -> float:
    """Return the number that is asked for, measured in the run as it is.

    Raises
    ------
    NotYetError
        When it is not finite.
    """
    number = float(evaluate(question.answer, MEASURES, bench))
    if not math.isfinite(number):
        raise NotYetError(f"In this run it is {number}, no number to answer with; set it as the lesson says.")
    return number


def _judge_number(question: Question, value: str, bench: Bench) -> Verdict:
    (entry,) = _sheet({question: _number(value)}).entries
    exact, written = right_number(question, bench), float(entry.number)
    slack = question.tolerance * abs(exact) + 1e-9 * max(abs(exact), abs(written))
    if abs(written - exact) > max(
        slack, 0.5 * 10.0**-entry.decimals if entry.decimals else 0.5 * _coarse(entry)
    ):
        return Verdict(False, f"Not so. {question.hint}".strip())
    return _too_few(question, entry, exact) or Verdict(
        True, _praise(question, f"The engine has {exact:.6g}.")
    )


def _coarse(entry: Entry) -> float:
    """Return what the last digit of a whole number stands for."""
    exponent = entry.number.as_tuple().exponent
    return 10.0 ** max(int(exponent), 0)


def _too_few(question: Question, entry: Entry, exact: float) -> Verdict | None:
    """Return that more digits are wanted, where the number is right as far as it goes but goes not far."""
    if float(entry.number) == exact or entry.significant >= question.digits:
        return None
    if abs(entry.round(exact) - float(entry.number)) > 1e-9 * abs(exact):
        return None
    return Verdict(
        False, f"Give at least {question.digits} digits that count: 0.25 rather than 0.3.", counts=False
    )


def _praise(question: Question, figure: str) -> str:
    return " ".join(piece for piece in ("Right.", figure, question.why) if piece)


def _number(value: str) -> str:
    """Return the number that somebody typed, as `Entry` reads it: also with a comma, a real minus, a unit."""
    text = value.strip().replace("−", "-").replace(",", ".")
    text = text.removesuffix("%").rstrip()
    if len(text) > MOST_SIGNS or not _NUMBER.fullmatch(text):
        raise NotYetError(f"Got {quoted(value)}; write a number, such as -1.8788.")
    return text


def _telling(number: str) -> str:
    """Return a number with digits behind the point: a whole one would tell nothing of how it was rounded."""
    return f"{number}.000" if number.lstrip("+-").isdigit() else number


def _sheet(numbers: dict[Question, str]) -> Sheet:
    """Return answers as a sheet; those that are measured stand in it under their ids."""
    rows = [
        f'{question.step},"{question.quantity or question.id}",{text}' for question, text in numbers.items()
    ]
    return parse_sheet("\n".join(["step,quantity,value", *rows]), Path("answers.csv"))


def _is_of(entry: Entry, question: Question) -> bool:
    return entry.quantity == (question.step, entry.quantity.name) and entry.label == question.quantity


def _problem(lesson: Lesson, bench: Bench) -> Problem:
    """Return the run's first steps as a problem that is worked by hand."""
    model = type(bench.model)(**bench.model.get_params(deep=False)).initialize(bench.X, bench.y)
    model.parameters_.theta = bench.theta_at(0)
    n_steps = max(question.step for question in lesson.questions.values())
    size = min(bench.view.batch_size, len(bench.samples))
    return trace(model, bench.X, bench.y, batch_size=size, steps=n_steps).problem
