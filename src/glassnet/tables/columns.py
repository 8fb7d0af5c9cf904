"""What the columns of a table are, for people; and what about them speaks against learning from them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.quoting import quoted, shorten, shown
from glassnet._common.words import counted
from glassnet.data.column_kinds import Kind
from glassnet.errors import InvalidDataError
from glassnet.tables.base import ColumnFacts
from glassnet.tables.labels import as_text, percent

MOST_CATEGORIES = 100_000
SHOWN_TEXTS = 3
SHOWN_CHARACTERS = 24
FEW = 50
"""A column of fewer different texts is not suspected of naming the rows."""


def describe_column(column: Any, name: str, kind: Kind, note: str = "") -> ColumnFacts:
    """Return what a column is, without what a model makes of it.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
    name : str
    kind : Kind
    note : str
        What was decided when it was read.

    Raises
    ------
    InvalidDataError
        When it has more than `MOST_CATEGORIES` different texts.
    """
    from pyarrow import compute

    values = compute.drop_null(column)
    n_distinct = compute.count_distinct(values).as_py()
    if kind is Kind.TEXT and n_distinct > MOST_CATEGORIES:
        raise InvalidDataError(
            f"column {quoted(name)} has {n_distinct:,} different texts in {len(values):,} rows, such as "
            f"{quoted(values[0].as_py(), SHOWN_CHARACTERS)}; expected {MOST_CATEGORIES:,} at most. Does it "
            f"name the rows? Leave it out with --drop {shown(name)}."
        )
    notes = [note] if note else []
    if advice := _advise(values, kind, n_distinct):
        notes.append(advice)
    return ColumnFacts(
        name=name,
        kind=kind.value,
        n_missing=column.null_count,
        n_distinct=n_distinct,
        examples=_show(values, kind) if len(values) else "",
        encoded="",
        note="; ".join(notes),
    )


def names_rows(column: Any, kind: Kind) -> bool:
    """Tell whether a column of text names the rows: most of its texts are there once.

    New rows have other names, so there is nothing to learn from it.
    """
    from pyarrow import compute

    n_filled = len(column) - column.null_count
    return kind is Kind.TEXT and compute.count_distinct(column, mode="only_valid").as_py() > max(
        FEW, n_filled / 2
    )


def _advise(values: Any, kind: Kind, n_distinct: int) -> str:
    if n_distinct == 1:
        return "one value only: nothing to learn from"
    if kind is Kind.NUMBER and n_distinct == len(values) > FEW and _count_up(values.to_numpy()):
        return "counts the rows: an index? --drop leaves it out"
    return ""


def _count_up(values: NDArray[np.float64]) -> bool:
    """Tell whether these are whole numbers that rise from row to row, most of them by one."""
    steps = np.diff(values)
    return bool((steps >= 1).all() and (values == np.floor(values)).all() and np.median(steps) == 1)


def _show(values: Any, kind: Kind) -> str:
    if kind is Kind.NUMBER:
        numbers = values.to_numpy()
        low, middle, high = np.quantile(numbers, [0, 0.5, 1])
        return f"{_brief(low)} to {_brief(high)}, median {_brief(middle)}"
    if kind is Kind.DATE:
        from pyarrow import compute

        ends = compute.min_max(values).as_py()
        return f"{ends['min']:%Y-%m-%d} to {ends['max']:%Y-%m-%d}"
    counts = sorted(values.value_counts().to_pylist(), key=lambda one: (-one["counts"], str(one["values"])))
    shown_texts = [
        f"{shorten(as_text(one['values']), SHOWN_CHARACTERS)} {percent(one['counts'] / len(values))}"
        for one in counts[:SHOWN_TEXTS]
    ]
    rest = len(counts) - SHOWN_TEXTS
    return ", ".join(shown_texts) + (f" and {counted(rest, 'other')}" if rest > 0 else "")


def _brief(value: float) -> str:
    """Write a number as people do, with five digits at most."""
    if value == round(value) and abs(value) < 1e9:
        return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.0f}"
    return f"{value:,.1f}" if 1e4 <= abs(value) < 1e9 else f"{value:.5g}"
