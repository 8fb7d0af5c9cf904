"""What a column of a table holds: numbers, truth values, dates, text; found out where all cells are text."""

from dataclasses import dataclass
from typing import Any

from glassnet._common.quoting import quoted
from glassnet._common.words import Word, counted

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None", "?")
"""Texts that stand for no value, in every column."""

MOST_PART = 0.95
"""A column is one of numbers, or of dates, where at least this part of its values are such."""

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_CODE = r"^[+-]?0\d+$"
_DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?Z?$"
_FIRST_SECOND, _END_SECOND = -62_135_596_800, 253_402_300_800
"""The years 1 to 9999, in seconds from 1970 on."""
_DECIMAL_COMMA = r"^([+-]?\d+),(\d+)$"


class Kind(Word):
    """What a column holds."""

    NUMBER = "number"
    TRUTH = "truth value"
    DATE = "date"
    TEXT = "text"

    @property
    def plural(self) -> str:
        """Several of it: ``"numbers"``."""
        return self.value if self is Kind.TEXT else f"{self.value}s"


@dataclass(frozen=True)
class Oddities:
    """Count the cells of a column that are not of its kind, and count as missing.

    Attributes
    ----------
    count : int
    row : int
        Of the first one, from 0.
    first : str
        What it holds.
    kind : Kind
    """

    count: int = 0
    row: int = 0
    first: str = ""
    kind: Kind = Kind.TEXT

    def plus(self, other: "Oddities", first_row: int) -> "Oddities":
        """Return these and those of a later part of the table, which begins at `first_row`."""
        if not self.count and other.count:
            return Oddities(other.count, first_row + other.row, other.first, other.kind)
        return Oddities(self.count + other.count, self.row, self.first, self.kind)

    def describe(self) -> str:
        """Say how many there are, and where the first is."""
        return (
            f"{counted(self.count, 'cell')} "
            f"{f'is no {self.kind}' if self.count == 1 else f'are no {self.kind.plural}'}, "
            f"such as {quoted(self.first, 40)} at row {self.row:,}, counted from 0: taken as missing"
        )


def detect_kind(column: Any, *, decimal_comma: bool = False) -> tuple[Kind, str]:
    """Find out what a column holds.

    Where it has another type than text, that says it. In text, the words of `MISSING` are no values. Of the
    others, all have to be ``true`` or ``false``, or at least the part `MOST_PART` numbers or dates as in ISO
    8601, for the column to be one of these; whole numbers with leading zeros are codes, so text.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray
    decimal_comma : bool
        Whether ``1,5`` is a number too.

    Returns
    -------
    kind : Kind
    note : str
        What was decided that people could see otherwise; mostly empty.
    """
    from pyarrow import compute, types

    if not _is_text(column.type):
        return _kind_of_type(column.type, types), ""
    cells = compute.drop_null(_cells(column, decimal_comma))
    if not len(cells):
        return Kind.NUMBER, "no cell has a value"
    if compute.all(compute.is_in(compute.utf8_lower(cells), _set(["true", "false"]))).as_py():
        return Kind.TRUTH, ""
    if _share(cells, _NUMBER) >= MOST_PART:
        if compute.any(compute.match_substring_regex(cells, _CODE)).as_py():
            return Kind.TEXT, "whole numbers with leading zeros are codes: taken as text"
        return Kind.NUMBER, ""
    if _share(cells, _DATE) >= MOST_PART and convert(column, Kind.DATE)[1].count <= (1 - MOST_PART) * len(
        cells
    ):
        return Kind.DATE, ""
    return Kind.TEXT, ""


def convert(column: Any, kind: Kind, *, decimal_comma: bool = False) -> tuple[Any, Oddities]:
    """Return a column as what it holds, and the cells that are something else, which become null.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray
    kind : Kind
    decimal_comma : bool

    Returns
    -------
    column : pyarrow.Array or pyarrow.ChunkedArray
        Of type float64, bool, timestamp of microseconds, or string.
    oddities : Oddities
    """
    import pyarrow
    from pyarrow import compute, types

    if types.is_dictionary(column.type):
        column = compute.cast(column, column.type.value_type)
    wanted = {
        Kind.NUMBER: pyarrow.float64(),
        Kind.TRUTH: pyarrow.bool_(),
        Kind.DATE: pyarrow.timestamp("us"),
        Kind.TEXT: pyarrow.string(),
    }[kind]
    if not _is_text(column.type):
        if kind is Kind.DATE and not types.is_null(column.type):
            return _typed_dates(column, wanted)
        if kind is Kind.NUMBER and types.is_temporal(column.type):  # a duration, or a time of the day
            column = compute.cast(
                column, pyarrow.int32() if types.is_time32(column.type) else pyarrow.int64()
            )
        values = compute.cast(column, wanted, safe=False)
        return _finite(values) if kind is Kind.NUMBER else (values, Oddities())
    cells = _cells(column, decimal_comma and kind is Kind.NUMBER)
    if kind is Kind.TEXT:
        return cells, Oddities()
    if kind is Kind.TRUTH:
        lower = compute.utf8_lower(cells)
        fits, values = compute.is_in(lower, _set(["true", "false"])), compute.equal(lower, "true")
    elif kind is Kind.NUMBER:
        fits = compute.match_substring_regex(cells, _NUMBER)
        text = compute.replace_substring_regex(compute.if_else(fits, cells, None), r"^\+", "")
        values = compute.cast(text, wanted)
        fits = compute.fill_null(compute.is_finite(values), False)
    else:
        fits, values = _dates(cells, wanted)
    values = compute.if_else(fits, values, pyarrow.scalar(None, wanted))
    return values, _oddities(cells, compute.fill_null(fits, False), kind)


def _finite(values: Any) -> tuple[Any, Oddities]:
    """Return numbers with null in the place of NaN, which is a gap, and of infinity, which is none."""
    import pyarrow
    from pyarrow import compute

    infinite = compute.fill_null(compute.is_inf(values), False)
    count = compute.sum(infinite).as_py() or 0
    row = compute.index(infinite, True).as_py() if count else 0
    odd = Oddities(count, row, str(values[row].as_py()), Kind.NUMBER) if count else Oddities()
    return compute.if_else(compute.is_finite(values), values, pyarrow.scalar(None, values.type)), odd


def _typed_dates(column: Any, wanted: Any) -> tuple[Any, Oddities]:
    """Return dates of any type, without those of years that no calendar of Python has."""
    import pyarrow
    from pyarrow import compute

    seconds = compute.cast(compute.cast(column, pyarrow.timestamp("s"), safe=False), pyarrow.int64())
    fits = compute.and_(compute.greater_equal(seconds, _FIRST_SECOND), compute.less(seconds, _END_SECOND))
    found = compute.if_else(fits, column, pyarrow.scalar(None, column.type))
    count = found.null_count - column.null_count
    row = compute.index(fits, False).as_py()
    odd = Oddities(count, row, f"{seconds[row].as_py()} seconds", Kind.DATE) if count else Oddities()
    return compute.cast(found, wanted, safe=False), odd


def _dates(cells: Any, wanted: Any) -> tuple[Any, Any]:
    """Return which texts are dates that there are in the calendar, and these."""
    from pyarrow import compute

    text = compute.replace_substring(compute.replace_substring(cells, "T", " "), "Z", "")
    text = compute.if_else(compute.match_substring_regex(cells, _DATE), text, None)
    values = None
    begun = compute.utf8_slice_codeunits(text, 0, 19)  # without fractions of a second
    for pattern, n_characters in (("%Y-%m-%d", 10), ("%Y-%m-%d %H:%M", 16), ("%Y-%m-%d %H:%M:%S", 19)):
        part = compute.if_else(compute.equal(compute.utf8_length(begun), n_characters), begun, None)
        found = compute.strptime(part, format=pattern, unit="us", error_is_null=True)
        values = found if values is None else compute.coalesce(values, found)
    values = compute.cast(values, wanted)
    days = compute.utf8_slice_codeunits(text, 0, 10)
    return compute.equal(compute.strftime(values, format="%Y-%m-%d"), days), values  # no 30th of February


def _oddities(cells: Any, fits: Any, kind: Kind) -> Oddities:
    from pyarrow import compute

    odd = compute.and_(compute.is_valid(cells), compute.invert(fits))
    count = compute.sum(odd).as_py() or 0
    if not count:
        return Oddities()
    row = compute.index(odd, True).as_py()
    return Oddities(count, row, cells[row].as_py(), kind)


def _cells(column: Any, decimal_comma: bool) -> Any:
    """Return texts without blanks around them, null where they stand for no value."""
    import pyarrow
    from pyarrow import compute

    cells = compute.utf8_trim_whitespace(compute.cast(column, pyarrow.string()))
    if decimal_comma:
        cells = compute.replace_substring_regex(cells, _DECIMAL_COMMA, r"\1.\2")
    return compute.if_else(compute.is_in(cells, _set(MISSING)), pyarrow.scalar(None, pyarrow.string()), cells)


def _share(cells: Any, pattern: str) -> float:
    from pyarrow import compute

    return float(compute.mean(compute.match_substring_regex(cells, pattern)).as_py())


def _set(words: Any) -> Any:
    import pyarrow

    return pyarrow.array(words, pyarrow.string())


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _kind_of_type(kind: Any, types: Any) -> Kind:
    if types.is_dictionary(kind):
        return Kind.TEXT  # categories, whatever they are called
    if types.is_boolean(kind):
        return Kind.TRUTH
    return Kind.DATE if types.is_date(kind) or types.is_timestamp(kind) else Kind.NUMBER
