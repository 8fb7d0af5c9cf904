"""How a table becomes a matrix of numbers, given what `fit` found out about its columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError
from glassnet.models.tabular._categories import codes_of
from glassnet.models.tabular._dates import part_of
from glassnet.models.tabular._learning import refuse_infinite
from glassnet.models.tabular._reading import Table
from glassnet.models.tabular._scaling import Scaling, scale, steps
from glassnet.models.tabular._values import WORDS, Column, Label, is_missing
from glassnet.models.tabular.columns import ColumnKind, EncodedColumn, layout_of

Floats = NDArray[np.float64]

TAKEN_AS = {
    ColumnKind.NUMBER: (ColumnKind.NUMBER, ColumnKind.BOOLEAN),
    ColumnKind.BOOLEAN: (ColumnKind.BOOLEAN, ColumnKind.NUMBER),
    ColumnKind.CATEGORY: (ColumnKind.CATEGORY, ColumnKind.BOOLEAN, ColumnKind.NUMBER),
    ColumnKind.DATE: (ColumnKind.DATE, ColumnKind.DATETIME),
    ColumnKind.DATETIME: (ColumnKind.DATE, ColumnKind.DATETIME),
}
"""What a column of a kind may hold later; of other kinds, that kind alone. Text is no number later."""


class Encoding:
    """The columns of a fitted encoder, made ready for tables: what depends on them alone is made once.

    Parameters
    ----------
    columns : sequence of EncodedColumn
    smooth : bool
        Whether numbers are clipped smoothly.
    """

    def __init__(self, columns: Sequence[EncodedColumn], *, smooth: bool) -> None:
        self.columns = columns
        self.layout = layout_of(columns)
        self.smooth = smooth
        numbers = [number for column in columns for number in column.numbers]
        figures = np.array([(number.fill, number.center, number.factor) for number in numbers])
        self.scaling = Scaling(*np.ascontiguousarray(figures.reshape(-1, 3).T))
        self.owners = [i for i, column in enumerate(columns) for _ in column.numbers]
        self.codes = [
            {category: code for code, category in enumerate(column.categories, start=1)} for column in columns
        ]
        self.flagged = [i for i, column in enumerate(columns) if column.flagged]
        self.only_numbers = all(column.kind is ColumnKind.NUMBER for column in columns)

    def encode(self, table: Table, dtype: np.dtype[Any]) -> Array:
        """Return a table as a matrix of shape (n_rows, layout.width).

        Raises
        ------
        InvalidDataError
            When a column holds values of another kind than in `fit`, or numbers that are not finite or too
            large for `dtype`.
        """
        out = np.zeros((table.n_rows, self.layout.width), dtype)
        if self.only_numbers and not isinstance(table.content, list):
            block: NDArray[Any] = table.content
            out[:, self.layout.n_numbers :] = np.isnan(block[self.flagged]).T
        else:
            block = self._encode_columns(table, out)
        refuse_infinite(block, self.owners, table)
        n_numbers = self.layout.n_numbers
        with np.errstate(over="ignore"):  # what overflows becomes infinite, and is reported
            for rows in steps(n_numbers, table.n_rows):
                out[rows, :n_numbers] = scale(block[:, rows], self.scaling, smooth=self.smooth).T
        if not self.smooth and np.isinf(out[:, :n_numbers]).any():
            row, number = (int(i) for i in np.argwhere(np.isinf(out[:, :n_numbers]))[0])
            raise InvalidDataError(
                f"{table.label(self.owners[number])} holds {block[number, row]:g} at row {row}, which is too "
                f'large for {dtype} once it is scaled. Use numbers="robust", which limits it, or '
                'dtype="float64".'
            )
        return out

    def _encode_columns(self, table: Table, out: Array) -> Floats:
        """Write flags and codes into the matrix, and return the numbers, shape (n_numbers, n_rows)."""
        rows: list[Floats] = []
        flag, code = self.layout.n_numbers, self.layout.n_numbers + self.layout.n_flags
        for i, (column, given) in enumerate(zip(self.columns, table.columns(), strict=True)):
            label = table.label(i)
            if column.numbers:
                found = _numbers_of(column, given, table.n_rows, label)
                rows += found
                if column.flagged:
                    out[:, flag] = np.isnan(found[0])
                    flag += 1
            elif column.coded or column.one_hot:
                codes = codes_of(_categories_of(column, given, label), self.codes[i])
                if column.coded:
                    out[:, code] = codes
                    code += 1
                else:
                    _write_one_hot(out, codes, column, flag)
                    flag += len(column.one_hot)
        return np.array(rows).reshape(len(rows), table.n_rows)


def _write_one_hot(out: Array, codes: NDArray[np.int64], column: EncodedColumn, first: int) -> None:
    if len(column.categories) == 2:
        out[:, first] = np.array([0, -1, 1])[codes]
        return
    known = np.flatnonzero(codes)
    out[known, first + codes[known] - 1] = 1


def _numbers_of(column: EncodedColumn, given: Column, n_rows: int, label: Label) -> list[Floats]:
    """Return the numbers of a column as it is given, NaN where they are missing."""
    if given.kind not in TAKEN_AS.get(column.kind, (column.kind,)):
        if _holds_nothing(given):
            return [np.full(n_rows, np.nan) for _ in column.numbers]
        raise InvalidDataError(_say_what_changed(column, given, label))
    if given.zone != column.zone and given.kind is ColumnKind.DATETIME:
        raise InvalidDataError(
            f"{label} holds times of the zone {given.zone}, and held those of {column.zone} in fit; the same "
            "hour means another there. Convert the dates: dt.tz_convert, dt.tz_localize."
        )
    if given.kind is ColumnKind.BOOLEAN:
        known = (np.nan if is_missing(value) else float(value) for value in given.values)
        return [np.fromiter(known, np.float64, n_rows)]
    if column.kind not in (ColumnKind.DATE, ColumnKind.DATETIME):
        return [given.values]
    return [part_of(given.values, number.part) for number in column.numbers]


def _categories_of(column: EncodedColumn, given: Column, label: Label) -> Any:
    """Return the values of a column of categories as it is given."""
    fits = given.kind in TAKEN_AS[column.kind] and not isinstance(column.categories[-1], str)
    if given.kind is column.kind or fits or _holds_nothing(given):
        return given.values
    raise InvalidDataError(_say_what_changed(column, given, label))


def _holds_nothing(given: Column) -> bool:
    if isinstance(given.values, list):
        return all(map(is_missing, given.values))
    return bool((given.values != given.values).all())


def _say_what_changed(column: EncodedColumn, given: Column, label: Label) -> str:
    row, value = next((i, value) for i, value in enumerate(given.values) if not is_missing(value))
    shown = value.item() if isinstance(value, np.generic) else value
    return (
        f"{label} holds {WORDS[given.kind]}, {quoted(shown)} at row {row}; it held "
        f"{WORDS[column.kind]} in fit. Convert the column, or read it as it was read for fit."
    )
