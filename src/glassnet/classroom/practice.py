"""Practice: an exercise line by line, each checked as it is entered, with hints, and what came of it kept."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from glassnet._common.fields import build, without_twins
from glassnet._common.files import read_regular, user_data_folder, write_json
from glassnet.classroom.choosing import Chooser
from glassnet.classroom.dice import Secret
from glassnet.classroom.grading.cells import Fault, read_cell
from glassnet.classroom.language import Language
from glassnet.classroom.sheets.content import Sheet
from glassnet.classroom.students import Student
from glassnet.classroom.task import Question, Task
from glassnet.classroom.template import Template
from glassnet.worked import CauseKind, Entry, LineStatus
from glassnet.worked.grade.judging import judge_lines
from glassnet.worked.lines import Number, format_number
from glassnet.worked.notations import PlainText, write_numbers, write_symbols

LEARNER = Student("practice", "practice")

FILE = "practice.json"


class Verdict(StrEnum):
    """Say what an answer is."""

    RIGHT = "right"
    WRONG = "wrong"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Reply:
    """Hold what is said to an answer; `cause` is empty where none is known."""

    verdict: Verdict
    cause: str = ""


class Practice:
    """Hold an exercise that somebody works out line by line.

    Parameters
    ----------
    template : Template
    secret : Secret
        From which its numbers follow.
    language : Language

    Raises
    ------
    InvalidParameterError
        When the template cannot give numbers that are fit for people.
    """

    def __init__(self, template: Template, secret: Secret, language: Language) -> None:
        (chosen,) = Chooser(template, secret).choose([LEARNER])
        self.sheet = Sheet(template.name, template, LEARNER, chosen.task, language)
        self.questions = chosen.task.questions
        self._accepted: dict[tuple[object, ...], Entry] = {}

    @property
    def task(self) -> Task:
        """What is asked."""
        return self.sheet.task

    def answer(self, question: Question, text: str) -> Reply:
        """Judge an answer; one that is right is carried on with, as it was written."""
        if question.choices:
            chosen = self._choose(question, text)
            if chosen is None:
                return Reply(Verdict.UNREADABLE)
            return Reply(Verdict.RIGHT if chosen == question.answer else Verdict.WRONG)
        cell = read_cell(text)
        if isinstance(cell, Fault):
            return Reply(Verdict.UNREADABLE)
        entry = _entry(question, cell.text)
        reply = self._judge(question, entry)
        if reply.verdict == Verdict.RIGHT:
            self._accepted[_place(question)] = entry
        return reply

    def _judge(self, question: Question, entry: Entry) -> Reply:
        """Judge a number on a sheet on which all others are right: how it was rounded shows beside them."""
        task, problem = self.task, self.task.problem
        entries = [entry]
        for other in self.questions:
            if not other.choices and other.quantity != question.quantity:
                right = _entry(other, format_number(other.value, task.digits))
                entries.append(self._accepted.get(_place(other), right))
        rows = (lambda step: len(problem.X[problem.rows_of(step)])) if problem else (lambda step: 1)
        graded = judge_lines(
            entries, task.lines, task.values, samples=rows, rate=problem.learning_rate if problem else None
        )
        line = next(line for line in graded if line.quantity == question.quantity)
        if line.status in (LineStatus.RIGHT, LineStatus.CONSISTENT):
            return Reply(Verdict.RIGHT)
        is_known = line.cause is not None and line.cause.kind != CauseKind.UNKNOWN
        return Reply(Verdict.WRONG, line.cause_in(self.sheet.language.code) if is_known else "")

    def _choose(self, question: Question, text: str) -> str | None:
        """Return which choice a text means: its name, its beginning, its number."""
        said = text.strip().casefold()
        shown = {choice: self.sheet.language.choice(choice).casefold() for choice in question.choices}
        if said.isdecimal() and 1 <= int(said) <= len(shown):
            return question.choices[int(said) - 1]
        exact = [choice for choice, name in shown.items() if said in (name, choice.casefold())]
        begun = [choice for choice, name in shown.items() if said and name.startswith(said)]
        found = exact or begun
        return found[0] if len(found) == 1 else None

    def hints(self, question: Question) -> list[str]:
        """Return the hints to a question, from the first to the answer."""
        language, task = self.sheet.language, self.task
        say, notation = language.hints, PlainText(language.point)
        line = next((line for line in task.lines if line.quantity == question.quantity), None)
        if line is None or isinstance(line.formula, Number):
            first = [say[question.part]] if question.part in say else []
            answer = language.choice(question.answer) if question.choices else self._value(question)
            return [*first, say["answer"].format(text=answer)]
        symbols = write_symbols(line.formula, notation)
        numbers = write_numbers(line.formula, notation, task.values, task.digits)
        return [
            say["formula"].format(text=f"{line.quantity.name} = {symbols}"),
            say["numbers"].format(text=f"{line.quantity.name} = {numbers}"),
            say["answer"].format(text=f"{question.label} = {self._value(question)}"),
        ]

    def _value(self, question: Question) -> str:
        return self.sheet.language.number(question.value, self.task.digits)


def _place(question: Question) -> tuple[object, ...]:
    return question.quantity, question.index


def _entry(question: Question, text: str) -> Entry:
    return Entry(question.quantity, question.index, text, question.label)


@dataclass(frozen=True)
class Tally:
    """Count what came of practice with a template.

    Attributes
    ----------
    problems : int
        Exercises that were worked to their end.
    lines, first_try, hints, skipped : int
        Questions, those that were right at once, hints that were asked for, questions left out.
    """

    problems: int = 0
    lines: int = 0
    first_try: int = 0
    hints: int = 0
    skipped: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        pairs = zip(asdict(self).values(), asdict(other).values(), strict=True)
        return Tally(*(own + theirs for own, theirs in pairs))


def read_progress(path: Path | None = None) -> dict[str, Tally]:
    """Return what came of practice so far; nothing where no file can be read.

    Parameters
    ----------
    path : Path, optional
        Unless given, the file in the user's folder.
    """
    path = path or _own_file()
    if path is None:
        return {}
    try:
        content = json.loads(read_regular(path), object_pairs_hook=without_twins)
        return {name: build(Tally, tally) for name, tally in dict(content).items()}
    except (OSError, ValueError, TypeError, RecursionError):
        return {}  # practice begins anew


def add_progress(name: str, tally: Tally, path: Path | None = None) -> Tally:
    """Add to what came of practice with a template, keep it, and return the sum."""
    path = path or _own_file()
    progress = read_progress(path)
    total = progress.get(name, Tally()) + tally
    if path is not None:
        write_json(path, {key: asdict(value) for key, value in {**progress, name: total}.items()})
    return total


def _own_file() -> Path | None:
    folder = user_data_folder()
    return None if folder is None else folder / FILE
