"""Categories: those of a column, in their order, and the code of each value."""

from collections import Counter
from collections.abc import Collection, Mapping
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError
from glassnet.models.tabular._values import Label, is_missing

FEWEST_IDENTIFIERS = 100
"""A column of fewer values than that is never taken for one of identifiers."""

IDENTIFYING = 0.9
"""The share of distinct values from which on a column of text is taken to tell one row from another."""


def learn_categories(values: Any, min_frequency: int, label: Label) -> tuple[tuple[Any, ...], int]:
    """Return the categories of a column, sorted (numbers before text), and how many values are missing.

    Parameters
    ----------
    values : list, or ndarray of bool
        Text, numbers or truth values, and whatever stands for a gap.
    min_frequency : int
        Categories that are there less often are left out.
    label : Label
        What messages call the column.

    Raises
    ------
    InvalidDataError
        When nearly every value is distinct: it names the rows, and there is nothing to learn from it.
    """
    counts = _count(values)
    n_missing = sum(count for value, count in counts.items() if is_missing(value))
    kept = [value for value, count in counts.items() if count >= min_frequency and not is_missing(value)]
    n_known = len(values) - n_missing
    if len(kept) >= FEWEST_IDENTIFIERS and len(kept) > IDENTIFYING * n_known:
        raise InvalidDataError(
            f"{label} holds {len(kept):,} distinct values in {n_known:,} rows, such as {quoted(kept[0])}: it "
            "names the rows, and new rows have other names. Leave the column out, or make categories of it "
            "that come again, or say min_frequency=2: values that are there once then count as unknown."
        )
    return tuple(sorted(map(_plain, kept), key=lambda value: (isinstance(value, str), value))), n_missing


def codes_of(values: Collection[Any], codes: Mapping[Any, int]) -> NDArray[np.int64]:
    """Return the code of each value: 0 where it is missing or none of the categories."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "b":
        return np.array([codes.get(False, 0), codes.get(True, 0)])[values.astype(np.intp)]
    return np.fromiter(map(codes.get, values, repeat(0)), np.int64, len(values))


def _count(values: Any) -> Counter[Any]:
    """Return how often each value is there."""
    if not isinstance(values, np.ndarray):
        return Counter(values)
    n_true = int(np.count_nonzero(values))
    return Counter({value: n for value, n in ((False, len(values) - n_true), (True, n_true)) if n})


def _plain(value: Any) -> Any:
    """Return a category as Python's own type, which files can hold."""
    if isinstance(value, str):
        return str.__str__(value)  # of a member of an enumeration, its value
    return value.item() if isinstance(value, np.generic) else value
