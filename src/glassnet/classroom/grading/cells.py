"""A number as people write it into a cell: with decimal commas, fractions, units, and any minus sign."""

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import NamedTuple

from glassnet._common.limits import find_excess
from glassnet._common.words import Word

MOST_CELL = 100
"""Characters: no number of people is longer."""

MOST_DECIMALS = 300
"""More digits after the point are nothing that float64 can tell from zero."""

MINUS = dict.fromkeys(map(ord, "\u2212\u2010\u2011\u2012\u2013\u2014\u2015\ufe58\ufe63\uff0d\u207b"), "-")
"""Minus signs of typeset text, hyphens and dashes, and what they are read as."""

NOTHING = ("", "-", "--", "?", "n/a", "na", "none", "nan", "k.a.", "x")
"""What stands in a cell that was left out."""

GROUPS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?"
NUMBER = rf"[-+]?(?:{GROUPS}|\d+(?:[.,]\d+)?|[.,]\d+)"
UNIT = r"[^\W\d_]{1,12}(?:[/^][^\W_]{1,6})?|[°€$]"
POWER = r"[eE]([-+]?\d{1,4})|\s?[x*\u00b7\u00d7]\s?10\s?(?:\^|\*\*)?\s?\{?\(?([-+]?\d{1,4})\)?\}?"
PLAIN = re.compile(rf"({NUMBER})(?:{POWER})?\s?(%|{UNIT})?")
DATE = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.]{5,15})?|\d{1,3}:\d\d(:\d\d(\.\d{1,9})?)?")
"""Dates and times as the readers of spreadsheets write them."""
FRACTION = re.compile(
    rf"(?:([-+]?\d{{1,9}})\s)?([-+]?\d{{1,30}}(?:[.,]\d{{1,30}})?)\s?/\s?(-?\d{{1,30}}(?:[.,]\d{{1,30}})?)\s?({UNIT})?"
)


class Fault(Word):
    """Say why a row counts for nothing; the pages have a sentence for each."""

    FORMULA = "formula"
    """Nothing in a cell is worked out."""
    NO_NUMBER = "no_number"
    DATE = "date"
    """What a spreadsheet program makes of 3/8 or 1.5 by itself."""
    BY_ZERO = "by_zero"
    LONG = "long"
    """A number beyond all that float64 holds, or of more than a hundred characters."""
    NO_CHOICE = "no_choice"
    TWICE = "twice"
    NOT_ASKED = "not_asked"


class Cell(NamedTuple):
    """Hold a number that was read.

    Attributes
    ----------
    text : str
        As `Decimal` reads it, with the digits that were written; of a fraction without end, some.
    is_fraction : bool
        Whether it was written as one.
    """

    text: str
    is_fraction: bool


def is_empty(text: str) -> bool:
    """Say whether a cell was left out."""
    return _plain(text).lower() in NOTHING


def read_cell(text: str, places: int = 12) -> Cell | Fault:
    """Read a number, or say why it is none.

    Parameters
    ----------
    text : str
    places : int
        Digits after the point for a fraction that has no end.

    Examples
    --------
    >>> [read_cell(cell).text for cell in ("-0,25", "1.234,5", "3/8", "2 1/2", "12,5 %", "1,2·10^-3")]
    ['-0.25', '1234.5', '0.375', '2.5', '0.125', '0.0012']
    >>> read_cell("=1+1"), read_cell("1/0")
    ('formula', 'by_zero')
    """
    if len(text) > MOST_CELL:
        return Fault.LONG
    plain = _plain(text)
    if plain.startswith(("=", "@")):
        return Fault.FORMULA
    plain = plain.removeprefix("\u2248").removeprefix("~").strip()
    if found := FRACTION.fullmatch(plain):
        return _fraction(found, places)
    found = PLAIN.fullmatch(plain)
    if found is None:
        return Fault.DATE if DATE.fullmatch(plain) else Fault.NO_NUMBER
    digits, letter, raised, unit = found.groups()
    exponent = int(letter or raised or 0) - 2 * (unit == "%")
    written = _point(digits) + (f"e{exponent}" if exponent else "")
    if find_excess(written) or not isfinite(float(written)):
        return Fault.LONG
    number = _without_exponent(Decimal(written))
    return Fault.LONG if -_exponent(Decimal(number)) > MOST_DECIMALS else Cell(number, False)


def _fraction(found: re.Match[str], places: int) -> Cell | Fault:
    whole, above, below, _ = found.groups()
    bottom = Fraction(below.replace(",", "."))
    if not bottom:
        return Fault.BY_ZERO
    value = Fraction(above.replace(",", ".")) / bottom
    if whole is not None:
        value = (-1 if whole.startswith("-") else 1) * (abs(int(whole)) + value)
    exact = next((n for n in range(13) if (value * 10**n).denominator == 1), places)
    number = Decimal(round(value * 10**exact)).scaleb(-exact)
    return Cell(_without_exponent(number), True)


def _plain(text: str) -> str:
    """Return a cell in plain signs: one space, one minus, digits of one size."""
    text = re.sub(
        "[\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207b]+",
        lambda raised: "^" + unicodedata.normalize("NFKC", raised[0]),
        text,
    )
    text = re.sub("(?<=\\d)(?=[\u00bc-\u00be\u2150-\u215e])", " ", text)
    text = unicodedata.normalize("NFKC", text).translate(MINUS).replace("\u2044", "/")
    text = re.sub(r"\s+", " ", text.replace("'", "").strip().strip('"')).strip()
    text = re.sub(r"^([-+]) ", r"\1", re.sub(r"(?<=\d)[.,]$", "", text))
    return re.sub(r"(?<=\d) (?=\d{3}(\D|$))(?!\d+ ?/)", "", text)  # 1 234,5


def _point(number: str) -> str:
    """Return a number with a point before its decimals: the last sign of two kinds parts them."""
    comma, point = number.rfind(","), number.rfind(".")
    if comma >= 0 and point >= 0:
        mark = "," if comma > point else "."
        other = "." if mark == "," else ","
        return number.replace(other, "").replace(mark, ".")
    if number.count(",") > 1 or number.count(".") > 1:  # groups of three, and no decimals
        return number.replace(",", "").replace(".", "")
    return number.replace(",", ".")


def _without_exponent(number: Decimal) -> str:
    return f"{number:f}" if abs(_exponent(number)) < MOST_CELL else str(number)


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent
