"""A task as values: what a student is given and asked, with the lines that lead to the answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from glassnet._common.arrays import Array
from glassnet.worked import Problem
from glassnet.worked.lines import Line, Quantity

Settings = dict[str, Any]
"""What a problem file holds, as plain values."""


@dataclass(frozen=True)
class Question:
    """Ask for a number, or for one of a few choices.

    Attributes
    ----------
    quantity : Quantity
        With its step; the rows of an answer table name both.
    part : str
        Under which heading it stands: a kind of line, such as ``"forward"``, or another key of the language
        files.
    index : tuple of int
        Of an entry of a matrix, from 1; empty for a number.
    value : float
        The right answer, with all digits; NaN for a choice.
    choices : tuple of str
        Of which one is right, as they are written into the table; empty for a number.
    answer : str
        The right choice.
    """

    quantity: Quantity
    part: str
    index: tuple[int, ...] = ()
    value: float = float("nan")
    choices: tuple[str, ...] = ()
    answer: str = ""

    @property
    def label(self) -> str:
        """What it is called in an answer table: ``W1[1,2]``."""
        return self.quantity.name + (f"[{','.join(map(str, self.index))}]" if self.index else "")


class Given(NamedTuple):
    """Hold a quantity that a sheet states: a number, a matrix, a point as one row, or a text."""

    name: str
    value: Array | str
    step: int = 0
    """In which it is given; 0 before the first."""


class Definition(NamedTuple):
    """Say what a function of z is, in Python's notation."""

    name: str
    formula: str


Rule = Line | Definition | str
"""A formula that holds, as a line in symbols, as a definition, or in plain text."""


@dataclass(frozen=True)
class Task:
    """Hold what one student works out.

    Attributes
    ----------
    settings : dict
        The content of the problem file.
    digits : int
        How many digits after the point are asked for.
    given : tuple of tuple of Given
        In groups, each a row on the sheet.
    lines : tuple of Line
        Of all numbers, in the order in which one works them out; `glassnet.worked` grades by them.
    values : mapping of Quantity to ndarray
        Of every quantity that the lines compute or name.
    choices : tuple of Question
        What is chosen; after the numbers.
    asked : tuple of str
        The kinds of lines that are asked for; all if empty.
    problem : Problem or None
        Where it is one of the kind that `glassnet trace` works out.
    facts : mapping of str to str
        What the words of the sheet have places for.
    rules : tuple of Line, Definition or str
        Formulas that hold.
    """

    settings: Settings
    digits: int
    given: tuple[tuple[Given, ...], ...]
    lines: tuple[Line, ...]
    values: Mapping[Quantity, Array]
    choices: tuple[Question, ...] = ()
    asked: tuple[str, ...] = ()
    problem: Problem | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question, in the order of the answer table."""
        return (*chain.from_iterable(map(self._questions_of, self.asked_lines)), *self.choices)

    @property
    def asked_lines(self) -> tuple[Line, ...]:
        """The lines that are asked for."""
        return tuple(
            line for line in self.lines if not line.optional and (not self.asked or line.kind in self.asked)
        )

    def _questions_of(self, line: Line) -> Iterator[Question]:
        value = np.asarray(self.values[line.quantity])
        for place in np.ndindex(value.shape):
            index = tuple(i + 1 for i in place)
            yield Question(line.quantity, line.kind, index, float(value[place]))


def group_of(values: Mapping[str, Any] | Sequence[tuple[str, Any]], step: int = 0) -> tuple[Given, ...]:
    """Return a row of given quantities."""
    pairs = values.items() if isinstance(values, Mapping) else values
    return tuple(
        Given(name, value if isinstance(value, str) else np.asarray(value, float), step)
        for name, value in pairs
    )
