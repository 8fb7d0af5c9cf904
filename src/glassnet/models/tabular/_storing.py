"""A fitted encoder as plain values that files hold, and back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from glassnet._common.fields import build
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError
from glassnet.models.tabular._dates import PARTS
from glassnet.models.tabular.columns import ColumnKind, EncodedColumn


@dataclass(frozen=True)
class EncoderState:
    """All that a fitted encoder is.

    Attributes
    ----------
    numbers, max_one_hot, min_frequency, dtype
        The parameters of `TableEncoder`.
    named : bool
        Whether the columns had names.
    columns : tuple of EncodedColumn
        Without the names of their features, which follow.
    """

    numbers: str
    max_one_hot: int | None
    min_frequency: int
    dtype: str
    named: bool
    columns: tuple[EncodedColumn, ...]


def read_state(stored: Mapping[str, Any]) -> EncoderState:
    """Return what was stored, checked.

    Raises
    ------
    InvalidDataError
        When it is nothing that a `TableEncoder` stored.
    """
    try:
        state = build(EncoderState, dict(stored))
        for column in state.columns:
            _check(column)
    except (TypeError, ValueError) as error:
        raise InvalidDataError(f"this is no stored TableEncoder, or it is damaged: {error}.") from None
    if not state.columns:
        raise InvalidDataError("this is no stored TableEncoder: it has no columns.")
    return replace(state, columns=tuple(replace(column, outputs=()) for column in state.columns))


def _check(column: EncodedColumn) -> None:
    """Raise an error where the fields of a column do not fit each other."""
    has_categories = column.kind in (ColumnKind.CATEGORY, ColumnKind.BOOLEAN)
    is_date = column.kind in (ColumnKind.DATE, ColumnKind.DATETIME)
    parts = [number.part for number in column.numbers]
    expected = [part for part in PARTS if part in parts] if is_date else [""]
    if parts != ([] if has_categories or column.kind is ColumnKind.EMPTY else expected):
        raise ValueError(f"the column {quoted(column.name)} has the numbers {quoted(parts)}")
    if column.n_missing < 0:
        raise ValueError(f"the column {quoted(column.name)} has {column.n_missing} missing values")
    plain = all(type(category) in (str, int, float, bool) for category in column.categories)
    if not plain or len(set(column.categories)) < len(column.categories):
        raise ValueError(f"the column {quoted(column.name)} has the categories {quoted(column.categories)}")
    if (column.categories and not has_categories) or (column.coded and not column.categories):
        raise ValueError(f"the column {quoted(column.name)} of kind {column.kind} has categories or none")
