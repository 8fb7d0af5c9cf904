"""The type of the arrays that a network computes with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
"""An array of floating-point numbers, of float32 or float64."""


def owned(array: Array) -> Array:
    """Return the array itself, or a copy of one that is read-only: of a file that is mapped into memory."""
    return array if array.flags.writeable else np.array(array)


def as_array(data: Any) -> NDArray[Any]:
    """Return data as an array, without a copy where the memory can be shared: tensors too.

    Parameters
    ----------
    data : array-like, or tensor of PyTorch or another library that has ``__dlpack__``
    """
    if hasattr(data, "detach"):  # of PyTorch, which gives no tensor away that is differentiated by
        data = data.detach().cpu()
        return np.asarray(data.numpy())
    if hasattr(data, "__dlpack__") and not hasattr(data, "__array__"):
        return np.from_dlpack(data)
    return np.asarray(data)
