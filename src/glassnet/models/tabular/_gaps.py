"""Targets with gaps: refused, with the rows named."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.quoting import MOST_LISTED
from glassnet.errors import InvalidDataError


def refuse_gaps(y: Any, name: str) -> NDArray[Any]:
    """Return targets as an array, of whatever library they are; none may be missing.

    Raises
    ------
    InvalidDataError
        When one is None, NaN, NaT or pandas' NA.
    """
    array = np.asarray(y)
    if array.dtype.kind == "O":
        # whatever is missing differs from itself, or refuses to say
        missing = np.array([value is None or not _is_itself(value) for value in array.ravel()], bool)
    elif array.dtype.kind in "fcmM":
        missing = np.isnat(array) if array.dtype.kind in "mM" else np.isnan(array)
    else:
        return array
    rows = np.flatnonzero(missing.reshape(len(array), -1).any(axis=1)) if array.ndim else np.empty(0)
    if len(rows):
        more = ", ..." if len(rows) > MOST_LISTED else ""
        raise InvalidDataError(
            f"Input {name} contains NaN or another gap in {len(rows):,} of {len(array):,} rows, as in row "
            f"{', '.join(map(str, rows[:MOST_LISTED].tolist()))}{more}, counted from 0; expected a target "
            "for every row. Leave these rows out."
        )
    return array


def _is_itself(value: Any) -> bool:
    try:
        return bool(value == value)
    except (TypeError, ValueError):
        return False
