"""A batch of a stream: what it is made of, its rows, and a column of it as y."""

import os
from collections.abc import Mapping
from numbers import Number
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet._common.quoting import quoted
from glassnet.data.frames import take_columns
from glassnet.errors import InvalidDataError


class Batch(NamedTuple):
    """Hold some rows of a stream, and where they stand in it."""

    number: int
    first_row: int
    X: Any
    y: Any

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return rows_of(self.X)

    @property
    def place(self) -> str:
        """Where the batch stands, for a message; rows count from 0."""
        last = self.first_row + self.n_rows - 1
        return f"batch {self.number} of the stream (rows {self.first_row:,} to {last:,}, counted from 0)"

    def first_row_not_finite(self) -> int | None:
        """Return where in the stream the first row with NaN or infinity is; None if none can be named."""
        for values in (self.X, self.y):
            try:
                finite = np.isfinite(np.asarray(values, np.float64)).reshape(self.n_rows, -1).all(axis=1)
            except (TypeError, ValueError):  # text, sparse, of unequal lengths: no row can be named
                continue
            if not finite.all():
                return self.first_row + int(finite.argmin())
        return None


def pair_of(batch: Any, number: int) -> tuple[Any, Any]:
    """Return X and y of a batch; y is None where there is X alone."""
    if batch is None or isinstance(batch, str | bytes | os.PathLike | Mapping | Number):
        raise InvalidDataError(
            f"batch {number} of the stream is a {type(batch).__name__}; expected a pair (X, y), or X alone."
        )
    is_list_of_arrays = isinstance(batch, list) and len(batch) > 0 and hasattr(batch[0], "shape")
    if not (isinstance(batch, tuple) or is_list_of_arrays):
        return batch, None
    if len(batch) != 2:
        raise InvalidDataError(
            f"batch {number} of the stream is a {type(batch).__name__} of {len(batch)}; expected a pair "
            "(X, y), or X alone."
        )
    return batch[0], batch[1]


def rows_of(X: Any) -> int:
    return int(X.shape[0]) if hasattr(X, "shape") else len(X)


def read_rows(array: Any, start: int, stop: int) -> Any:
    """Return some rows; of a memory-mapped array by a mapping of their own, which ends with them."""
    root = array
    if not isinstance(array, np.ndarray):
        return array.iloc[start:stop] if hasattr(array, "iloc") else array[start:stop]
    while isinstance(getattr(root, "base", None), np.ndarray):
        root = root.base
    stop = min(stop, array.shape[0])
    can_be_mapped = isinstance(root, np.memmap) and root.filename is not None and root.mode != "c"
    if not (can_be_mapped and array.flags.c_contiguous and array.dtype.itemsize):
        return array[start:stop]
    offset = root.offset + _address(array) - _address(root) + start * array.strides[0]
    return np.memmap(root.filename, array.dtype, "r", offset, (stop - start, *array.shape[1:]))


def _address(array: NDArray[Any]) -> int:
    return int(array.__array_interface__["data"][0])


def take_target(batch: Batch, target: Any) -> tuple[Any, Any]:
    """Return X without a column, or several, and these as y."""
    wanted = list(target) if isinstance(target, list | tuple) else [target]
    names = list(batch.X.columns) if hasattr(batch.X, "columns") else list(range(batch.X.shape[1]))
    places = [len(names) + name if isinstance(name, int) and name < 0 else name for name in wanted]
    missing = [name for name in places if name not in names]
    if missing or len(places) == len(names):
        shown = (
            f"the columns {names[:8]}"
            if hasattr(batch.X, "columns")
            else f"{len(names)} columns without names"
        )
        raise InvalidDataError(
            f"in {batch.place}: got the target {quoted(target)}; X has {shown}. Expected some of them."
            + ("" if hasattr(batch.X, "columns") else " Of files, say it when they are opened: y=...")
        )
    others = [name for name in names if name not in places]
    if hasattr(batch.X, "columns"):
        X, y = take_columns(batch.X, others), np.asarray(take_columns(batch.X, places))
    else:
        X, y = batch.X[:, others], batch.X[:, places]
        y = y.toarray() if hasattr(y, "toarray") else y
    return X, y if isinstance(target, list | tuple) else y[:, 0]
