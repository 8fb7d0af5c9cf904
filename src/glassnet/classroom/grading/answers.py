"""The answers of one sheet: what stands in its rows, as far as it can be read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from glassnet._common.quoting import quoted, shown
from glassnet.classroom.grading.cells import Cell, Fault, is_empty, read_cell
from glassnet.classroom.grading.troubles import NoSheetError, Why
from glassnet.classroom.task import Question, Task
from glassnet.worked import Entry
from glassnet.worked.lines import Quantity

COLUMNS = {
    "step": ("step", "schritt"),
    "quantity": ("quantity", "größe", "groesse", "grösse"),
    "value": ("value", "wert", "answer", "antwort"),
}
"""What the columns are called; capitals do not matter."""

WORDS = {"ja": "yes", "nein": "no", "y": "yes", "n": "no", "j": "yes", "true": "yes", "false": "no"}
"""What else stands for one of a few choices."""

SIGNS = {"1": "+", "+1": "+", "-1": "-"}
"""What else stands for a class."""

MOST_SHOWN = 24
"""Characters of a cell that a page repeats."""

MOST_PROBLEMS = 200
"""Of one sheet: who has more has handed in something else."""


Place = tuple[Quantity, tuple[int, ...]]
"""A quantity, and where in it a number stands; nowhere for one that is a number itself."""


@dataclass(frozen=True)
class Problem:
    """Hold a row that counts for nothing.

    Attributes
    ----------
    fault : Fault
    row : int
        Of the table, from 1.
    step : str
    name : str
        Of the quantity, as it was written.
    got : str
        What stands there, for a message.
    """

    fault: Fault
    row: int
    step: str
    name: str
    got: str


@dataclass(frozen=True)
class Answers:
    """Hold what could be read of a sheet, and what could not.

    Attributes
    ----------
    entries : tuple of Entry
        Numbers, also those of lines that were not asked for.
    choices : dict of str to str
        By the label of their question.
    problems : tuple of Problem
        Rows that could not be read.
    unreadable : frozenset of (int, str)
        The questions among them, by step and label.
    as_written : mapping of Place to str
        The cells of the numbers, as they were written.
    """

    entries: tuple[Entry, ...]
    choices: dict[str, str]
    problems: tuple[Problem, ...]
    unreadable: frozenset[tuple[int, str]]
    as_written: Mapping[Place, str]


def read_answers(rows: Sequence[Sequence[str]], task: Task) -> Answers:
    """Read the rows of a sheet; a cell that cannot be read is listed, and the rest is kept.

    Raises
    ------
    NoSheetError
        When there are no columns of step, quantity and value.
    """
    reader = _Reader(task)
    for row, step, name, value in _cells(rows):
        reader.add(row, step, name, value)
    if not reader.is_known:
        raise NoSheetError(Why.NOTHING_ASKED)
    return reader.finish()


def _cells(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, str, str, str]]:
    """Yield the number of a row, its step, quantity and value."""
    places, start = _find_header(rows)
    for number, row in enumerate(rows[start:], start=start + 1):
        step, name, value = (row[i] if i < len(row) else "" for i in places)
        if step or name or value:
            yield number, step, name, value


def _find_header(rows: Sequence[Sequence[str]]) -> tuple[list[int], int]:
    """Return where the three columns are, and the row below the header; without one the first three."""
    for number, row in enumerate(rows[:20]):
        names = [cell.strip().lower() for cell in row]
        found = [
            next((names.index(name) for name in known if name in names), -1) for known in COLUMNS.values()
        ]
        if -1 not in found:
            return found, number + 1
    first = rows[0] if rows else []
    if len(first) >= 3 and re.fullmatch(r"\d{1,4}", first[0].strip()):
        return [0, 1, 2], 0
    raise NoSheetError(Why.NO_COLUMNS, got=quoted(", ".join(first[:6])))


class _Reader:
    def __init__(self, task: Task) -> None:
        self._task = task
        self._questions = {(q.quantity.step, _key(q.label)): q for q in task.questions}
        self._lines = {(line.quantity.step, _key(line.quantity.name)): line.quantity for line in task.lines}
        self._numbers: dict[Place, tuple[int, str, Cell]] = {}
        self._choices: dict[str, str] = {}
        self._problems: list[Problem] = []
        self._unreadable: set[tuple[int, str]] = set()
        self.is_known = False

    def add(self, row: int, step: str, name: str, value: str) -> None:
        """Take one row."""
        place = self._place(step, name)
        self.is_known |= place is not None
        if is_empty(value):
            return
        fault = Fault.NOT_ASKED if place is None else self._take(row, *place, value)
        if fault is not None and len(self._problems) < MOST_PROBLEMS:
            self._problems.append(Problem(fault, row, quoted(step), quoted(name), quoted(value)))

    def _take(
        self, row: int, quantity: Quantity, index: tuple[int, ...], question: Question | None, value: str
    ) -> Fault | None:
        """Keep an answer, or return why it counts for nothing."""
        place = quantity, index
        if place in self._numbers:
            return Fault.TWICE if self._numbers[place][1] != value else None
        if question is not None and question.choices:
            fault = self._choose(question, value)
        else:
            cell = read_cell(value)
            fault = cell if isinstance(cell, Fault) else None
            if isinstance(cell, Cell):
                self._numbers[place] = row, value, cell
        if fault is not None and question is not None:
            self._unreadable.add((quantity.step, question.label))
        return fault

    def _place(self, step: str, name: str) -> tuple[Quantity, tuple[int, ...], Question | None] | None:
        number = step.strip() or "1"
        if not re.fullmatch(r"\d{1,4}(\.0+)?", number):
            return None
        at = int(float(number)), _key(name)
        for key in (at, (at[0], _with_row(at[1]))):
            if key in self._questions:
                question = self._questions[key]
                return question.quantity, question.index, question
        if at in self._lines and not self._task.values[self._lines[at]].shape:
            return self._lines[at], (), None
        return None

    def _choose(self, question: Question, value: str) -> Fault | None:
        said = value.strip().lower().replace("\u2212", "-").replace("\u2013", "-")
        said = (WORDS if "yes" in question.choices else SIGNS).get(said, said)
        chosen = next((choice for choice in question.choices if choice.lower() == said), None)
        if chosen is None:
            return Fault.NO_CHOICE
        self._choices.setdefault(question.label, chosen)
        return None

    def finish(self) -> Answers:
        """Return the answers; a fraction without end gets as many digits as the other numbers have."""
        entries = {
            place: Entry(*place, cell.text, f"row {row}") for place, (row, _, cell) in self._numbers.items()
        }
        written = [
            entries[place].decimals for place, (_, _, cell) in self._numbers.items() if not cell.is_fraction
        ]
        most = max([self._task.digits, *(n for n in written if n <= 12)])
        for place, (row, value, cell) in self._numbers.items():
            if cell.is_fraction and entries[place].decimals > most:
                shorter = read_cell(value, most)
                assert isinstance(shorter, Cell)
                entries[place] = Entry(*place, shorter.text, f"row {row}")
        return Answers(
            tuple(entries.values()),
            self._choices,
            tuple(self._problems),
            frozenset(self._unreadable),
            {place: shown(value, MOST_SHOWN) for place, (_, value, _) in self._numbers.items()},
        )


def _key(name: str) -> str:
    """Return a name without what people write in other ways: spaces, the sign of partial derivatives."""
    return re.sub(r"\s+", "", name).replace("\u2202", "d").replace("\u2212", "-").replace("²", "^2")


def _with_row(key: str) -> str:
    """Return b1[2] as b1[1,2]: the only row need not be named."""
    return re.sub(r"\[(\d+)\]$", r"[1,\1]", key)
