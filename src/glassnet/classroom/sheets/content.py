"""What a sheet says, in its language and in no notation: HTML, LaTeX and Markdown write the same."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from glassnet.classroom.language import Language
from glassnet.classroom.students import Student
from glassnet.classroom.task import Definition, Given, Question, Task
from glassnet.classroom.template import Template
from glassnet.errors import InvalidParameterError
from glassnet.worked.lines import FUNCTIONS, Formula, Line, Symbol, parse_formula
from glassnet.worked.notations import Notation, is_renewed, write_symbols, write_value

COLUMNS = ("step", "quantity", "value")
"""Of an answer table; `glassnet.worked.read_sheet` reads the same."""


class Part(NamedTuple):
    """Hold the questions under one heading, those about one quantity together."""

    key: str
    title: str
    groups: list[list[Question]]


class Step(NamedTuple):
    """Hold the questions of one step; the title is empty where there is but one."""

    title: str
    parts: list[Part]


class GivenRow(NamedTuple):
    """Hold what is given in one row, and in which step, where there are several."""

    title: str
    given: tuple[Given, ...]


@dataclass(frozen=True)
class Sheet:
    """Hold a student's exercise.

    Attributes
    ----------
    homework : str
        What it is called: ``"hw3"``.
    template : Template
    student : Student
    task : Task
    language : Language
    """

    homework: str
    template: Template
    student: Student
    task: Task
    language: Language

    @property
    def title(self) -> str:
        """The title of the exercise."""
        return self.template.title_in(self.language.code)

    @property
    def byline(self) -> str:
        """Whose it is: homework, name, id and group."""
        student = self.student
        name = [student.name] if student.name != student.id else []
        return " · ".join(filter(None, [self.homework, *name, student.id, student.group]))

    @property
    def answers_file(self) -> str:
        """What the file with the answers is called."""
        return f"{self.student.id}.csv"

    @property
    def paragraphs(self) -> list[str]:
        """What is to be done."""
        return self.language.task(self.template.kind, self.task.facts)

    @property
    def notes(self) -> list[str]:
        """How answers are rounded, and what errors cost."""
        say = self.language.say
        return [say("precision", digits=self.task.digits), say("carried")]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The settings, by their names."""
        facts, localise = self.task.facts, self.language.localise
        return [
            (name, localise(facts[key]))
            for key, name in self.language.facts.items()
            if facts.get(key, "1") != "1"
        ]

    @property
    def given(self) -> list[GivenRow]:
        """What is given, row by row."""
        steps = {given.step for row in self.task.given for given in row} - {0}
        return [
            GivenRow(self._step_title(row[0].step) if len(steps) > 1 and row[0].step else "", row)
            for row in self.task.given
        ]

    @property
    def steps(self) -> list[Step]:
        """The questions, by step and part."""
        numbers = dict.fromkeys(question.quantity.step for question in self.task.questions)
        return [
            Step(self._step_title(number) if len(numbers) > 1 else "", self._parts(number))
            for number in numbers
        ]

    def _step_title(self, number: int) -> str:
        return self.language.say("step", step=number)

    def _parts(self, step: int) -> list[Part]:
        parts: dict[str, dict[str, list[Question]]] = {}
        for question in self.task.questions:
            if question.quantity.step == step:
                groups = parts.setdefault(question.part, {})
                groups.setdefault(question.quantity.name, []).append(question)
        return [Part(key, self.language.parts[key], [*groups.values()]) for key, groups in parts.items()]

    def ask(self, question: Question) -> str:
        """Return what is asked of a choice."""
        return self.language.asks[question.part].format(point=question.quantity.name.rpartition("_")[2])

    def write_given(self, given: Given, notation: Notation, comma: str) -> str:
        """Write what is given as an equation without its equals sign: the right side."""
        value = given.value
        if isinstance(value, str):
            return notation.number(value)
        if value.ndim == 1:
            numbers = [write_value(number, notation, None) for number in value]
            return notation.enclose(comma.join(numbers))
        return write_value(value, notation, None)

    def write_rules(
        self,
        notation: Notation,
        signs: tuple[str, str],
        equation: Callable[[str], str],
        plain: Callable[[str], str],
    ) -> list[str]:
        """Write the formulas that hold.

        Parameters
        ----------
        notation : Notation
        signs : tuple of str
            The equals sign, and the arrow between a quantity and its new value.
        equation : callable
            ``equation(text)`` makes a piece of the sheet of a formula in the notation.
        plain : callable
            ``plain(text)`` makes a piece of the sheet of plain text.
        """
        written, (equals, arrow) = [], signs
        for rule in self.task.rules:
            if isinstance(rule, str):
                written.append(plain(self.language.localise(rule)))
            elif isinstance(rule, Line):
                sign = arrow if is_renewed(rule) else equals
                symbols = write_symbols(rule.formula, notation)
                written.append(equation(f"{notation.name(rule.quantity.name)}{sign}{symbols}"))
            elif (formula := _read(rule)) is not None:
                left = notation.call(rule.name, notation.name("z"))
                written.append(equation(f"{left}{equals}{write_symbols(formula, notation)}"))
            else:
                written.append(
                    plain(self.language.localise(f"{rule.name}(z) = {rule.formula.replace('**', '^')}"))
                )
        return written


def _read(rule: Definition) -> Formula | None:
    """Return the formula of a definition; None where it has more than formulas can say, such as max(0, z)."""
    try:
        return parse_formula(rule.formula, Symbol, {**FUNCTIONS, "sum": np.sum})
    except InvalidParameterError:
        return None


def write_answer_table(sheet: Sheet) -> str:
    """Return the empty answer table: a row for each question, in CSV."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sheet.language.delimiter, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((question.quantity.step, question.label, "") for question in sheet.task.questions)
    return text.getvalue()
