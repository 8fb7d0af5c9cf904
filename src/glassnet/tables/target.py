"""The target of a table: which task it poses, and which rows can be used."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.quoting import listed, quoted
from glassnet._common.words import counted
from glassnet.data.column_kinds import Kind
from glassnet.data.table_files import TableFile
from glassnet.errors import InvalidDataError
from glassnet.tables.base import Task
from glassnet.tables.labels import percent

MOST_WHOLE_CLASSES = 10
"""Whole numbers are classes where there are at most so many different ones."""
MOST_CLASSES = 1_000
FEWEST_ROWS = 20
FEWEST_OF_A_CLASS = 5
"""A class with fewer rows can be neither learnt nor tested."""
SHOWN_ROWS = 5


@dataclass(frozen=True)
class Target:
    """Hold the target of the rows that can be used.

    Attributes
    ----------
    name : str
    task : Task
    why : str
        Why it is this task, in a line.
    other : Task or None
        What it could be too; None where it was asked for, or cannot be anything else.
    y : ndarray of shape (n,)
        Numbers of type float64, or labels: text, truth values or whole numbers.
    rows : ndarray of int, shape (n,)
        Where they are in the table.
    notes : list of str
        Which rows were left out.
    """

    name: str
    task: Task
    why: str
    other: Task | None
    y: NDArray[Any]
    rows: NDArray[np.intp]
    notes: list[str]


def find_target(
    table: TableFile,
    name: str,
    task: Task | None,
    *,
    drops_gaps: bool,
    fewest_of_a_class: int = FEWEST_OF_A_CLASS,
) -> Target:
    """Return the target of a table, and the task that it poses.

    Parameters
    ----------
    table : TableFile
    name : str
        One of its columns.
    task : Task or None
        None leaves it to the target: text and truth values are classes, and so are whole numbers where there
        are at most `MOST_WHOLE_CLASSES` different ones; other numbers are a regression.
    drops_gaps : bool
        Whether rows without a value are left out.
    fewest_of_a_class : int
        Rows of a class with fewer of them are left out.

    Returns
    -------
    Target

    Raises
    ------
    InvalidDataError
        When the column cannot be a target: it has gaps, one value only, too many classes, dates.
    """
    column, kind = table.frame.column(name), table.kinds[name]
    if kind is Kind.DATE:
        raise InvalidDataError(
            f"the target {quoted(name)} holds dates; expected classes or numbers, such as the days since a "
            "date."
        )
    if task is Task.REGRESSION and kind is not Kind.NUMBER:
        first = next((value for value in column.to_pylist() if value is not None), None)
        raise InvalidDataError(
            f"a regression needs numbers; the target {quoted(name)} holds {kind.plural}, such as "
            f"{quoted(first)}."
        )
    rows, notes = _rows_with_values(column, name, drops_gaps)
    values = column.take(rows).to_numpy() if len(rows) else np.zeros(0)
    why, other = f"{task} was asked for", None
    if task is None:
        task, why = _choose_task(values, kind)
        other = next(one for one in Task if one is not task) if kind is Kind.NUMBER else None
    if task is Task.CLASSIFICATION:
        labels = _as_labels(values, kind)
        kept, more = _drop_rare(labels, name, fewest_of_a_class)
        return Target(name, task, why, other, labels[kept], rows[kept], [*notes, *more])
    _check_numbers(values, name)
    return Target(name, task, why, other, values.astype(np.float64), rows, notes)


def values_of(column: Any, target: Target, *, file: str) -> NDArray[Any]:
    """Return the target of test rows, in the form of the others.

    Raises
    ------
    InvalidDataError
        When rows have no value, or a class that is not among the others.
    """
    rows, _ = _rows_with_values(column, target.name, drops_gaps=False, where=f" in {file}")
    values = column.take(rows).to_numpy()
    if target.task is Task.REGRESSION:
        return np.asarray(values, np.float64)
    known = set(target.y.tolist())
    labels = _as_labels(values, Kind.TEXT if target.y.dtype.kind in "UO" else Kind.NUMBER)
    unknown = [row for row, label in enumerate(labels.tolist()) if label not in known]
    if unknown:
        raise InvalidDataError(
            f"{file} has the class {quoted(labels[unknown[0]].item())} in column {quoted(target.name)} at "
            f"row {unknown[0]:,}, counted from 0, which the table to train on has not, or too rarely."
        )
    return labels


def _rows_with_values(
    column: Any, name: str, drops_gaps: bool, where: str = ""
) -> tuple[NDArray[np.intp], list[str]]:
    present = column.is_valid().to_numpy()
    gaps = np.flatnonzero(~present)
    if not len(gaps):
        return np.arange(len(column)), []
    first = listed(f"{row:,}" for row in gaps[:SHOWN_ROWS].tolist())
    places = f"at row {first}{', ...' if len(gaps) > SHOWN_ROWS else ''}, counted from 0"
    has = "has" if len(gaps) == 1 else "have"
    what = f"{counted(len(gaps), 'row')} of {len(column):,} {has} no value{where}"
    if not drops_gaps:
        raise InvalidDataError(
            f"in the target {quoted(name)}, {what}: {places}. Fill them in, or leave these "
            "rows out with --drop-gaps."
        )
    return np.flatnonzero(present), [f"{what} in {name}, {places}: left out"]


def _choose_task(values: NDArray[Any], kind: Kind) -> tuple[Task, str]:
    n_distinct = len(np.unique(values)) if kind is not Kind.TEXT else len(set(values.tolist()))
    if kind is not Kind.NUMBER:
        return Task.CLASSIFICATION, f"{kind.plural}, {counted(n_distinct, 'different one')}"
    are_whole = bool((values == np.floor(values)).all())
    if are_whole and n_distinct <= MOST_WHOLE_CLASSES:
        return Task.CLASSIFICATION, f"whole numbers, {counted(n_distinct, 'different one')}"
    return Task.REGRESSION, f"numbers, {percent(n_distinct / max(len(values), 1))} of them distinct"


def _as_labels(values: NDArray[Any], kind: Kind) -> NDArray[Any]:
    if kind is Kind.NUMBER and values.dtype.kind == "f":
        if (values == np.floor(values)).all() and (np.abs(values) < 2**53).all():
            return values.astype(np.int64)
        return np.array([f"{value:g}" for value in values])
    return values.astype(bool) if kind is Kind.TRUTH else values.astype(str)


def _drop_rare(labels: NDArray[Any], name: str, fewest: int) -> tuple[NDArray[np.intp], list[str]]:
    """Return the rows of classes that have enough of them, and what was left out."""
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        found = f"the class {quoted(classes[0].item())} alone" if len(classes) else "no rows"
        raise InvalidDataError(f"the target {quoted(name)} has {found}; expected two classes or more.")
    if len(classes) > MOST_CLASSES:
        raise InvalidDataError(
            f"the target {quoted(name)} has {len(classes):,} classes in {len(labels):,} rows; expected "
            f"{MOST_CLASSES:,} at most. Name another column, or numbers with --task regression."
        )
    rare = counts < fewest
    kept = np.flatnonzero(~np.isin(labels, classes[rare]))
    if (~rare).sum() < 2 or len(kept) < FEWEST_ROWS:
        raise InvalidDataError(
            f"the target {quoted(name)} has {len(kept):,} rows of classes that have at least "
            f"{fewest} of them; expected two such classes, and {FEWEST_ROWS} rows."
        )
    if not rare.any():
        return kept, []
    named = listed(quoted(label.item()) for label in classes[rare])
    return kept, [
        f"{counted(len(labels) - len(kept), 'row')} of the {'class' if rare.sum() == 1 else 'classes'} "
        f"{named}, with fewer than {fewest} each: left out"
    ]


def _check_numbers(values: NDArray[Any], name: str) -> None:
    if len(values) < FEWEST_ROWS:
        raise InvalidDataError(
            f"the target {quoted(name)} has {counted(len(values), 'value')}; expected {FEWEST_ROWS} rows at "
            "least."
        )
    if values.min() == values.max():
        raise InvalidDataError(
            f"the target {quoted(name)} is {values[0]:g} in every row; expected different values."
        )
