"""How much of what people write is read: what is beyond these limits was not written by a person.

They are checked before any work is done with what was read. A file of a few bytes can ask for work without
end: ``1e100000000`` is a number of a hundred million digits, and ten lines of YAML can name a billion values.
"""

import re
from typing import Any

from glassnet._common.quoting import quoted, shown
from glassnet.errors import DataFileError, InvalidDataError

MOST_BYTES = 2**24
"""Of a file: 16 MiB are two thousand pages."""

MOST_VALUES = 200_000
"""Numbers, words and lists in a file, each as often as it is named: the answers to 60,000 samples, three
times. More are read from a text file of their own, or by a `Stream`."""

MOST_DEPTH = 40
"""Lists in lists, or tables in tables: an array has fewer dimensions."""

MOST_CHARACTERS = 2**17
"""Of a word or a cell, which may hold several numbers: what Python's reader of CSV takes."""

MOST_DIGITS = 100
"""Characters of a number: float64 holds 17 digits, and a fraction of people has fewer."""

MOST_EXPONENT = 400
"""Of ten: float64 ends at 308, and near zero at -324."""

MOST_EXACT = 2**53
"""Whole numbers from here on have neighbours that float64 has not: they are identifiers, or damaged."""

MOST_LABEL = 200
"""Characters of a label: arrays of text give each label the room of the longest."""

MOST_CLASSES = 1_000
"""Classes of reported scores: tables are made with a place for each pair of them, as of ImageNet's."""

MOST_SAMPLES = 10**12
"""Samples of a split whose labels are not known, and seeds or folds that a score is the mean of."""

MOST_COUNTED = 10**7
"""Samples for which a table is made with a place for each."""


def find_excess(text: str) -> str:
    """Say why a number is too long to be worked with; empty where it is not, or where the text is no number.

    Examples
    --------
    >>> find_excess("1e100000000"), find_excess("-0.25"), find_excess("9" * 101)
    ('its exponent is beyond 400', '', 'it has more than 100 characters')
    """
    if len(text) > MOST_DIGITS:
        return f"it has more than {MOST_DIGITS} characters"
    exponents = re.findall(r"[eE]([-+]?\d[\d_]*)", text)
    if any(abs(int(exponent)) > MOST_EXPONENT for exponent in exponents):
        return f"its exponent is beyond {MOST_EXPONENT}"
    return ""


def check_number_text(text: str, where: str) -> None:
    """Raise `InvalidDataError` when a number is too long to be worked with; `where` says whose it is."""
    if excess := find_excess(text):
        raise InvalidDataError(
            f"got {quoted(text)} for {shown(where)}: {excess}. Expected a number such as -2, 0.25 or 1e-3; "
            "round it."
        )


def check_content(content: Any, path: object) -> None:
    """Check lists, mappings and plain values that were read from a file.

    Raises
    ------
    DataFileError
        When they are too many, too deep or too long.
    """
    left, n_values = [(content, 1)], 0
    while left:
        value, depth = left.pop()
        n_values += 1
        if depth > MOST_DEPTH:
            raise too_deep(path)
        if n_values + len(left) > MOST_VALUES:
            raise too_many(path)
        if isinstance(value, dict):
            left += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            left += [(part, depth + 1) for part in value]
        elif isinstance(value, str) and len(value) > MOST_CHARACTERS:
            raise DataFileError(
                f"{shown(path)} holds a text of {len(value):,} characters; expected at most "
                f"{MOST_CHARACTERS:,}."
            )
        elif isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
            raise DataFileError(
                f"{shown(path)} holds a whole number of more than {MOST_DIGITS} digits; expected fewer."
            )


def too_many(path: object) -> DataFileError:
    """Return the error for a file of too many values."""
    return DataFileError(
        f"{shown(path)} holds more than {MOST_VALUES:,} values, each counted as often as it is named; "
        "expected fewer. Take a text file of their own for labels or numbers, and a Stream for data."
    )


def too_deep(path: object) -> DataFileError:
    """Return the error for a file whose lists or tables are nested too deeply."""
    return DataFileError(
        f"{shown(path)} has lists or tables in one another, more than {MOST_DEPTH} deep; expected fewer. "
        "Is a bracket missing?"
    )
