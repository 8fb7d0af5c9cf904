"""Inputs and targets, handed out in batches of the network's dtype."""

from collections.abc import Iterator
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet._common.arrays import Array
from glassnet.nn import ops
from glassnet.nn.sparse import SplitInputs, find_used_columns

CHUNK_ROWS = 2048
"""Rows a forward pass takes at once outside of training: intermediates stay in the cache."""


class Source(Protocol):
    """Describe what hands out samples part by part, and again in the next epoch."""

    X: Any
    y: Any

    def parts(self) -> Iterator["Samples"]:
        """Hand out all samples once; a part is valid until the next one is asked for."""

    def is_worth_splitting(self, units: int) -> bool:
        """Return whether `split` spares a layer of `units` work."""

    def split(self, units: int) -> "Source":
        """Return the same samples, prepared for many epochs in a layer of `units`."""


class Samples:
    """Hold inputs and targets, and hand out batches in the dtype of the network.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        Of the network's dtype, or of any other numeric one, uint8 images for example: then each batch is
        converted when it is taken, and the whole never is.
    y : ndarray of shape (n, n_outputs), optional
        Targets in the network's dtype; not needed to predict.
    dtype : dtype
        The network's.
    divisor : float, optional
        Every input is divided by it; 255 brings uint8 images to 0 ... 1.
    weight : ndarray of shape (n,), optional
        Of each sample in the loss, in the network's dtype.

    Notes
    -----
    X may be a SciPy CSR matrix: a batch is made dense when it is taken, and the whole never is.
    """

    def __init__(
        self,
        X: Any,
        y: Array | None,
        dtype: DTypeLike,
        divisor: float | None = None,
        weight: Array | None = None,
    ) -> None:
        self._sparse = not isinstance(X, np.ndarray)
        # rows are gathered from memory in one piece; otherwise each batch would copy the whole
        self.X = X if self._sparse else np.ascontiguousarray(X)
        self.y = y
        self.divisor = divisor
        self.weight = weight
        self._split: SplitInputs | None = None
        self._dtype = np.dtype(dtype)
        self._as_is = X.dtype == self._dtype and divisor is None and not self._sparse
        self._inputs: Array = np.empty((0, X.shape[1]), dtype)
        self._raw = np.empty((0, X.shape[1]), X.dtype)
        self._targets: Array = np.empty((0, 0 if y is None else y.shape[1]), dtype)

    def __len__(self) -> int:
        return int(self.X.shape[0])

    @property
    def is_split(self) -> bool:
        """Whether mostly-zero columns are set apart."""
        return self._split is not None

    @property
    def columns(self) -> NDArray[np.intp] | None:
        """The columns of X in the order of a batch's, where that is another: the rows of W1 must have it."""
        return None if self._split is None else self._split.order

    def is_worth_splitting(self, units: int) -> bool:
        """Return whether columns are mostly zero, and setting them apart spares a layer of `units` work."""
        return find_used_columns(self.X, units) is not None

    def split(self, units: int) -> "Samples":
        """Return the same samples with mostly-zero columns set apart, if that spares a layer of `units` work.

        They stay whole where the kernels that answer are too slow for it. Split inputs are no arrays, but
        what ``np.matmul`` takes for one: see `glassnet.nn.sparse`.
        """
        kernels = ops.kernels_for(self._dtype)
        columns = find_used_columns(self.X, units) if kernels.splits_inputs else None
        if columns is None:
            return self
        split = SplitInputs(self.X, columns, self._dtype, self.divisor, kernels)
        samples = Samples(split.dense, self.y, self._dtype, self.divisor, self.weight)
        samples._split = split
        return samples

    def inputs(self, rows: NDArray[np.intp] | slice) -> Array:
        """Return the inputs of some rows, ready for the network; valid until the next call.

        Parameters
        ----------
        rows : slice or ndarray of int
            Neighbouring rows, or any rows by their indices.

        Returns
        -------
        ndarray of shape (len(rows), n_features)
        """
        if self._split is None:
            return self._take(rows)
        picked = np.arange(*rows.indices(len(self))) if isinstance(rows, slice) else rows
        return cast(Array, self._split.batch(self._take(rows), picked))

    def targets(self, rows: NDArray[np.intp] | slice) -> Array:
        """Return the targets of some rows, shape (len(rows), n_outputs); valid until the next call."""
        assert self.y is not None
        return self.y[rows] if isinstance(rows, slice) else self._gather(self.y, rows, "_targets")

    def weights(self, rows: NDArray[np.intp] | slice) -> Array | None:
        """Return the weights of some rows, shape (len(rows),); None when all count the same."""
        return None if self.weight is None else self.weight[rows]

    def parts(self) -> Iterator["Samples"]:
        """Hand out the samples as one part; those of a stream come in many."""
        yield self

    def chunk_rows(self, members: int = 1) -> int:
        """Return the rows of the largest chunk, for a network that computes each for so many members."""
        return min(max(CHUNK_ROWS // members, 1), len(self))

    def chunks(self, members: int = 1) -> Iterator[slice]:
        """Cut the rows into neighbouring chunks of `chunk_rows` at most."""
        rows = self.chunk_rows(members)
        return (slice(start, start + rows) for start in range(0, len(self), max(rows, 1)))

    def _take(self, rows: NDArray[np.intp] | slice) -> Array:
        raw: NDArray[Any]
        if self._sparse:
            part: Any = self.X[rows]
            raw = part.toarray(out=self._buffer("_raw", part.shape[0]))
        elif isinstance(rows, slice):
            raw = self.X[rows]
        elif self.divisor is not None:
            out = self._buffer("_inputs", len(rows))
            ops.gather_scaled(self.X, rows, self.divisor, out, self._buffer("_raw", len(rows)))
            return out
        else:
            raw = self._gather(self.X, rows, "_inputs" if self._as_is else "_raw")
        if self._as_is:
            return cast(Array, raw)
        out = self._buffer("_inputs", len(raw))
        np.copyto(out, raw, casting="unsafe")
        if self.divisor is not None:
            out /= self.divisor
        return out

    def _gather(self, source: NDArray[np.generic], rows: NDArray[np.intp], buffer: str) -> Array:
        # "clip" spares numpy a hidden copy that it makes to leave `out` untouched when an index is bad
        return source.take(rows, axis=0, out=self._buffer(buffer, len(rows)), mode="clip")

    def _buffer(self, name: str, rows: int) -> Array:
        buffer = getattr(self, name)
        if len(buffer) < rows:
            buffer = np.empty((rows, buffer.shape[1]), buffer.dtype)
            setattr(self, name, buffer)
        return cast(Array, buffer[:rows])
