"""The type of the arrays that a network computes with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
"""An array of floating-point numbers, of float32 or float64."""


def owned(array: Array) -> Array:
    """Return the array itself, or a copy of one that is read-only: of a file that is mapped into memory."""
    return array if array.flags.writeable else np.array(array)
