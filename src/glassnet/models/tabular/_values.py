"""The values of one column, whatever holds them: what kind they are of, as arrays of that kind."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError
from glassnet.models.tabular.columns import ColumnKind

MICROSECONDS_A_DAY = 86_400_000_000
MICROSECONDS_AN_HOUR = 3_600_000_000

MISSING_TYPES = ("NoneType", "NAType", "NaTType")
"""The types whose values are missing: None, pandas.NA, pandas.NaT."""

WORDS = {
    ColumnKind.NUMBER: "numbers",
    ColumnKind.BOOLEAN: "truth values",
    ColumnKind.CATEGORY: "text",
    ColumnKind.DATE: "dates",
    ColumnKind.DATETIME: "dates with times",
    ColumnKind.DURATION: "durations",
    ColumnKind.TIME: "times of day",
    ColumnKind.EMPTY: "nothing but gaps",
}
"""What messages call the values of a column."""


class Label(NamedTuple):
    """What messages call a column: by its name, or its number from 0 on; written only where one is needed."""

    name: object

    def __str__(self) -> str:
        return f"column {quoted(self.name)}"


class Column(NamedTuple):
    """Hold the values of a column.

    Attributes
    ----------
    kind : ColumnKind
    values : ndarray of shape (n_rows,), or list
        float64 with NaN for missing numbers, durations in days and times in hours; datetime64[us] with NaT
        for dates; bool; otherwise a list of Python values.
    zone : str or None
        The time zone of dates with times, which are those of the clocks there.
    """

    kind: ColumnKind
    values: Any
    zone: str | None = None


def of_array(values: NDArray[Any], label: Label, zone: str | None = None) -> Column:
    """Return the column of an array of shape (n_rows,), of any dtype; `label` is what messages call it.

    Raises
    ------
    InvalidDataError
        When it holds values of several kinds, or of none that can be encoded.
    """
    match values.dtype.kind:
        case "i" | "u" | "f":
            return Column(ColumnKind.NUMBER, values.astype(np.float64, copy=False))
        case "b":
            return Column(ColumnKind.BOOLEAN, values)
        case "M":
            is_date = np.datetime_data(values.dtype)[0] in "YMWD"
            kind = ColumnKind.DATE if is_date else ColumnKind.DATETIME
            return Column(kind, values.astype("M8[us]"), zone)
        case "m":
            return Column(ColumnKind.DURATION, _days(values))
        case "O" | "U" | "T":
            return of_objects(values.tolist(), label)
    raise InvalidDataError(
        f"{label} holds values of dtype {values.dtype}; expected numbers, truth values, text, categories, "
        "dates, times or durations. Decode bytes, and split complex numbers into their parts."
    )


def of_categories(values: list[Any]) -> Column:
    """Return the column of what is declared to be categories; what is no plain value counts as its text."""
    types = set(map(type, values))
    if not all(one.__name__ in MISSING_TYPES or one in (str, int, float, bool) for one in types):
        values = [_plain(value) for value in values]
    return Column(ColumnKind.CATEGORY, values)


def of_objects(values: list[Any], label: Label) -> Column:
    """Return the column of Python values, which are of one kind, or missing.

    Raises
    ------
    InvalidDataError
        When they are of several kinds, or of none that can be encoded.
    """
    families = {one: _family(one) for one in set(map(type, values))}
    found = set(families.values()) - {ColumnKind.EMPTY}
    if ColumnKind.NUMBER in found and len(found) > 1:
        numbers = [one for one, family in families.items() if family is ColumnKind.NUMBER]
        if all(is_missing(value) for value in values if type(value) in numbers):
            families.update(dict.fromkeys(numbers, ColumnKind.EMPTY))
            found.remove(ColumnKind.NUMBER)
    for narrow, wide in ((ColumnKind.BOOLEAN, ColumnKind.NUMBER), (ColumnKind.DATE, ColumnKind.DATETIME)):
        if {narrow, wide} <= found:
            found.remove(narrow)
    if None in found or len(found) > 1:
        raise InvalidDataError(_say_what_is_mixed(values, families, label))
    kind = next(iter(found), ColumnKind.EMPTY) or ColumnKind.EMPTY
    if kind in (ColumnKind.BOOLEAN, ColumnKind.CATEGORY):
        return Column(kind, values)
    gaps = [one for one, family in families.items() if family is ColumnKind.EMPTY and one is not type(None)]
    known = [None if type(value) in gaps else value for value in values] if gaps else values
    match kind:
        case ColumnKind.NUMBER:
            return Column(kind, _as_floats(known, label))
        case ColumnKind.DATE | ColumnKind.DATETIME:
            zone = _zone(known, label)
            local = [
                value if zone is None or value is None else value.replace(tzinfo=None) for value in known
            ]
            return Column(kind, np.array(local, "M8[us]"), zone)
        case ColumnKind.DURATION:
            return Column(kind, _days(np.array(known, "m8[us]")))
        case ColumnKind.TIME:
            return Column(kind, np.array([np.nan if value is None else _hours(value) for value in known]))
    return Column(ColumnKind.EMPTY, np.full(len(values), np.nan))


def _family(one: type) -> ColumnKind | None:
    """Return the kind of the values of a type; EMPTY for those that stand for a gap, None for all others."""
    if one.__name__ in MISSING_TYPES:  # first: pandas.NaT is a datetime too
        return ColumnKind.EMPTY
    for types, kind in (
        ((str,), ColumnKind.CATEGORY),
        ((bool, np.bool_), ColumnKind.BOOLEAN),
        ((datetime.timedelta, np.timedelta64), ColumnKind.DURATION),  # NumPy's is a whole number to Python
        ((Real, Decimal), ColumnKind.NUMBER),
        ((datetime.datetime, np.datetime64), ColumnKind.DATETIME),
        ((datetime.date,), ColumnKind.DATE),
        ((datetime.time,), ColumnKind.TIME),
    ):
        if issubclass(one, types):
            return kind
    return None


def is_missing(value: object) -> bool:
    """Return whether a value stands for a gap: None, NaN, NaT, or pandas.NA."""
    return type(value).__name__ in MISSING_TYPES or bool(value != value)


def _plain(value: Any) -> Any:
    """Return a category as a plain value of Python; of another type, such as an interval, its text."""
    if type(value).__name__ in MISSING_TYPES:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    return value if type(value) in (str, int, float, bool) else str(value)


def _as_floats(values: Sequence[Any], label: Label) -> NDArray[np.float64]:
    try:
        return np.array(values, np.float64)  # None becomes NaN
    except (OverflowError, TypeError, ValueError) as error:
        raise InvalidDataError(
            f"{label} holds numbers that float64 cannot hold ({error}). Scale them, or leave them out."
        ) from None


def _days(durations: NDArray[Any]) -> NDArray[np.float64]:
    whole = durations.astype("m8[us]")
    return np.where(np.isnat(whole), np.nan, whole.astype(np.int64) / MICROSECONDS_A_DAY)


def _hours(time: datetime.time) -> float:
    seconds = (time.hour * 60 + time.minute) * 60 + time.second
    return (seconds * 1_000_000 + time.microsecond) / MICROSECONDS_AN_HOUR


def _zone(values: Sequence[Any], label: Label) -> str | None:
    zones = {None if zone is None else str(zone) for zone in _zones(values)}
    if len(zones) > 1:
        raise InvalidDataError(
            f"{label} holds dates of several time zones: {', '.join(sorted(map(str, zones)))}; expected one. "
            "pandas.to_datetime(..., utc=True) makes them those of one."
        )
    return next(iter(zones), None)


def _zones(values: Sequence[Any]) -> set[Any]:
    return {getattr(value, "tzinfo", None) for value in values if value is not None}


def _say_what_is_mixed(values: list[Any], families: dict[type, ColumnKind | None], label: Label) -> str:
    """Return the message on a column of values of several kinds, or of a kind that is none."""
    for row, value in enumerate(values):
        if families[type(value)] is None:
            return (
                f"{label} holds a value of type {type(value).__name__}, {quoted(value)}, at row {row}; "
                "expected numbers, truth values, text, dates, times or durations. Make columns of what it "
                "contains, or categories with astype(str), or leave the column out."
            )
    known = [i for i, value in enumerate(values) if families[type(value)] is not ColumnKind.EMPTY]
    known = [i for i in known if not is_missing(values[i])]
    first = known[0]
    other = next(i for i in known if families[type(values[i])] is not families[type(values[first])])
    one, two = (WORDS[families[type(values[i])] or ColumnKind.EMPTY] for i in (first, other))
    return (
        f"{label} holds {one}, {quoted(values[first])} at row {first}, and {two}, {quoted(values[other])} at "
        f"row {other}; expected values of one kind. Convert the column: astype(str) makes categories of it, "
        'and pandas.to_numeric(..., errors="coerce") numbers, with gaps where there are none.'
    )
