"""What is known of the columns of a table: what each holds, and what numbers it becomes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from glassnet._common.quoting import MOST_LISTED, listed, quoted, shown

Category = str | int | float | bool
"""What a category may be."""


class ColumnKind(StrEnum):
    """What a column of a table holds."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    DATE = "date"
    DATETIME = "datetime"
    DURATION = "duration"
    TIME = "time"
    EMPTY = "empty"


@dataclass(frozen=True)
class TableLayout:
    """Which columns of an encoded table are what; they stand in this order.

    Attributes
    ----------
    n_numbers : int
        The scaled numbers, which come first.
    n_flags : int
        The columns of 0, 1 and -1 after them: the indicators of missing numbers, and one-hot columns.
    cardinalities : tuple of int
        One entry for each column of whole-number codes, which come last: how many codes it has, 0
        (missing or unknown) included.
    """

    n_numbers: int
    n_flags: int
    cardinalities: tuple[int, ...]

    @property
    def width(self) -> int:
        """How many columns the encoded table has."""
        return self.n_numbers + self.n_flags + len(self.cardinalities)


@dataclass(frozen=True)
class ScaledNumber:
    """How one number becomes a feature: (x - center) * factor, x the `fill` where it is missing.

    Attributes
    ----------
    part : str
        Which part of a date it is; empty for the value of a column of numbers.
    fill, center, factor : float
        For robust scaling `fill` and `center` are the median.
    """

    part: str
    fill: float
    center: float
    factor: float


@dataclass(frozen=True)
class EncodedColumn:
    """How one column of a table is encoded; ``print`` writes it in a line.

    Attributes
    ----------
    name : str
        As in the table; ``x0``, ``x1``, ... where the columns had no names.
    kind : ColumnKind
        What `fit` found in it; "empty" is a column of missing values only, which is left out.
    n_missing : int
        How many values were missing in `fit`.
    numbers : tuple of ScaledNumber
        The numbers it becomes: one for numbers, durations (in days) and times (in hours), one for each part
        of dates, none for categories.
    categories : tuple of str, int, float or bool
        The categories seen in `fit`, sorted.
    coded : bool
        Whether the categories become one column of codes: 0 for missing or unknown, 1 for the first.
    zone : str or None
        The time zone of dates with times.
    outputs : tuple of str
        The names of its features.
    """

    name: str
    kind: ColumnKind
    n_missing: int = 0
    numbers: tuple[ScaledNumber, ...] = ()
    categories: tuple[Any, ...] = ()
    coded: bool = False
    zone: str | None = None
    outputs: tuple[str, ...] = ()

    @property
    def flagged(self) -> bool:
        """Whether a feature tells where a number is missing: of columns that had gaps in `fit`."""
        return bool(self.numbers) and self.n_missing > 0

    @property
    def one_hot(self) -> tuple[Any, ...]:
        """The categories that have a feature of their own.

        Two categories share one, -1 for the first and 1 for the second. One alone has none, unless there
        are gaps to tell it from.
        """
        n_least = 1 if self.n_missing else 2
        if self.coded or len(self.categories) < n_least:
            return ()
        return self.categories[1:] if len(self.categories) == 2 else self.categories

    def __str__(self) -> str:
        """Write how the column is encoded, in a line."""
        gaps = f", {self.n_missing:,} missing" if self.n_missing else ""
        return f"{shown(self.name)}: {self.kind.value}{gaps} -> {self._encoding()}"

    def __repr__(self) -> str:
        return f"<EncodedColumn {self}>"

    def _encoding(self) -> str:
        if self.coded:
            return f"codes 0 to {len(self.categories)}: {listed(self.categories, MOST_LISTED // 2)}"
        if not self.outputs:
            return "left out: it tells nothing"
        if len(self.categories) == 2:
            return f"-1 for {quoted(self.categories[0])}, 1 for {quoted(self.categories[1])}"
        if self.categories:
            return f"one-hot: {listed(self.categories, MOST_LISTED // 2)}"
        formulas = [
            f"{number.part or 'x'}: (x - {number.center:g}) * {number.factor:g}"
            if number.part
            else f"(x - {number.center:g}) * {number.factor:g}"
            for number in self.numbers
        ]
        return "; ".join([*formulas, *(["an indicator of gaps"] if self.flagged else [])])


def layout_of(columns: Iterable[EncodedColumn]) -> TableLayout:
    """Return which features the columns become."""
    columns = list(columns)
    return TableLayout(
        n_numbers=sum(len(column.numbers) for column in columns),
        n_flags=sum(column.flagged + len(column.one_hot) for column in columns),
        cardinalities=tuple(len(column.categories) + 1 for column in columns if column.coded),
    )


def output_names(columns: Sequence[EncodedColumn], names: Sequence[str]) -> list[list[str]]:
    """Return the names of the features of each column, given the columns' names; each name is there once.

    They are ``age``, ``born month``, ``age missing``, ``colour=red``; of codes the name of the column.
    """
    taken: set[str] = set()

    def free(name: str) -> str:
        """Return the name, with a number behind it where a feature before has it."""
        unique, n = name, 1
        while unique in taken:
            n += 1
            unique = f"{name} ({n})"
        taken.add(unique)
        return unique

    return [
        [
            *(free(f"{name} {number.part}" if number.part else name) for number in column.numbers),
            *([free(f"{name} missing")] if column.flagged else []),
            *(free(f"{name}={category}") for category in column.one_hot),
            *([free(name)] if column.coded else []),
        ]
        for column, name in zip(columns, names, strict=True)
    ]


def in_order(columns: Iterable[EncodedColumn], outputs: Iterable[Sequence[str]]) -> list[str]:
    """Return the names of the features in the order of the encoded table: numbers, flags, codes."""
    numbers: list[str] = []
    flags: list[str] = []
    codes: list[str] = []
    for column, names in zip(columns, outputs, strict=True):
        n = len(column.numbers)
        numbers += names[:n]
        (codes if column.coded else flags).extend(names[n:])
    return numbers + flags + codes
