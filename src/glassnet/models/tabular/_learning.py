"""What `fit` finds out about the columns of a table."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import InvalidDataError
from glassnet.models.tabular._categories import learn_categories
from glassnet.models.tabular._dates import PARTS, part_of
from glassnet.models.tabular._reading import Table
from glassnet.models.tabular._scaling import NumbersName, measure
from glassnet.models.tabular._values import Column
from glassnet.models.tabular.columns import ColumnKind, EncodedColumn, ScaledNumber

Floats = NDArray[np.float64]


def learn_columns(
    table: Table, numbers: NumbersName, max_one_hot: int | None, min_frequency: int
) -> list[EncodedColumn]:
    """Return how each column of a table is to be encoded, the names of the features left out.

    Raises
    ------
    InvalidDataError
        When there are infinite numbers, or a column whose text names the rows.
    """
    names = table.names or [f"x{i}" for i in range(len(table.content))]
    columns: list[EncodedColumn] = []
    parts: list[tuple[int, str]] = []
    rows: list[Floats] = []
    for i, (given, name) in enumerate(zip(table.columns(), names, strict=True)):
        if given.kind in (ColumnKind.CATEGORY, ColumnKind.BOOLEAN):
            categories, n_missing = learn_categories(given.values, min_frequency, table.label(i))
            is_empty = n_missing == table.n_rows
            coded = max_one_hot is not None and len(categories) > int(max_one_hot)
            column = EncodedColumn(name, given.kind, n_missing, categories=categories, coded=coded)
        else:
            n_missing = int(np.count_nonzero(given.values != given.values))
            is_empty = n_missing == table.n_rows
            column = EncodedColumn(name, given.kind, n_missing, zone=given.zone)
            for part, values in [] if is_empty else _numbers_of(given):
                parts.append((i, part))
                rows.append(values)
        columns.append(EncodedColumn(name, ColumnKind.EMPTY, n_missing) if is_empty else column)
    block = _stacked(table, rows)
    refuse_infinite(block, [i for i, _ in parts], table)
    figures = np.stack(measure(block, numbers), axis=1).tolist()
    for (i, part), (fill, center, factor) in zip(parts, figures, strict=True):
        number = ScaledNumber(part, fill, center, factor)
        columns[i] = replace(columns[i], numbers=(*columns[i].numbers, number))
    return columns


def refuse_infinite(block: NDArray[Any], owners: Sequence[int], table: Table) -> None:
    """Raise an error that names the place of an infinite number, where there is one.

    Parameters
    ----------
    block : ndarray of shape (n_numbers, n_rows)
    owners : sequence of int
        The column of each number.
    table : Table
    """
    infinite = np.isinf(block) if block.dtype.kind == "f" else np.zeros(1, bool)
    if infinite.any():
        row = int(infinite.any(axis=0).argmax())
        number = int(infinite[:, row].argmax())
        raise InvalidDataError(
            f"{table.label(owners[number])} holds {block[number, row]} at row {row}; expected finite "
            "numbers, or gaps. Put NaN where the number is not known."
        )


def _numbers_of(given: Column) -> list[tuple[str, Floats]]:
    """Return the numbers that a column becomes: of dates those parts that take more than one value.

    Where none does, and there are gaps to tell from the one date, its days.
    """
    if given.kind not in (ColumnKind.DATE, ColumnKind.DATETIME):
        return [("", given.values)]
    parts = [(part, part_of(given.values, part)) for part in PARTS]
    varying = [(part, values) for part, values in parts if np.nanmin(values) < np.nanmax(values)]
    return varying or (parts[:1] if np.isnan(parts[0][1]).any() else [])


def _stacked(table: Table, rows: list[Floats]) -> NDArray[Any]:
    """Return the numbers as one array, shape (n_numbers, n_rows): the table's own where it has no others."""
    if not isinstance(table.content, list) and len(rows) == len(table.content):
        return table.content
    return np.array(rows).reshape(len(rows), table.n_rows)
