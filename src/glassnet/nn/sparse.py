"""Inputs that are mostly zero: columns that are often used as a matrix, of the others only what is not zero.

Four of five pixels of a written digit are paper. A product with them adds zeros, and the first layer is where
most of a step's time goes. Split by column, the product of the often used columns is that of a smaller
matrix, and what the others hold is added entry by entry, if `ops` has fast kernels for it. The result is
that of the whole product up to the order of summation; a batch stands for its matrix wherever ``np.matmul``
is asked, by NumPy's own protocol, so that the two passes are written as for any other inputs. Its columns
stand in another order, those that are kept as a matrix first, and so do the rows of W1 for the length of an
epoch: see `glassnet.nn._row_order`.
"""

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet._common.arrays import Array

ENTRY_COST = 10.0
"""How long an entry takes by itself, in entries of a matrix; columns used by less than 1/10 of the rows go.

Measured on MNIST with 256 units: about 8 with one BLAS thread, 13 with two.
"""

WORTH = 0.8
"""The share of the whole product's work that a split may leave; sorting the entries takes a part too."""

LEAST_SPARED = 3_000
"""Weights of the first layer that a split must spare, or its calls take longer than what it spares.

Measured with one BLAS thread and batches of 128: on digits (64 inputs, of which it spares a fifth) 100 units
lose 6 %, 200 gain 3 % and 800 7 %; on MNIST 8 units gain nothing, 16 a fifth and 128 a third.
"""

SPARED = 0.03
"""What a split spares of a row times a weight, in numbers of the kernels (`ops.WORK_TO_LOAD`).

Measured on MNIST with 256 units: an epoch of 48,000 rows takes 0.1 to 0.18 s less.
"""

SAMPLED_ROWS = 2048
"""Rows that are looked at to judge how often a column is used."""

CHUNK_ROWS = 2048
"""Rows that are split at once."""


class SplitInputs:
    """Hold inputs split by column.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n, n_features)
    columns : ndarray of int
        Those that are kept as a matrix, in ascending order.
    dtype : dtype
        The network's.
    divisor : float, optional
        Every input is divided by it.
    kernels : module
        Those for the entries, see `ops.kernels_for`.

    Attributes
    ----------
    order : ndarray of int, shape (n_features,)
        All columns in the order of a batch's: those that are kept first.
    n_kept : int
    dense : ndarray of shape (n, n_kept)
        The kept columns, of the dtype of X and not yet divided.
    pointers, indices, values : ndarray
        The other columns as a CSR matrix has them, of the network's dtype and divided.
    """

    def __init__(
        self,
        X: Any,
        columns: NDArray[np.intp],
        dtype: DTypeLike,
        divisor: float | None,
        kernels: ModuleType,
    ) -> None:
        n, self.n_features = X.shape
        self.n_kept, self.kernels = len(columns), kernels
        is_other = np.ones(self.n_features, bool)
        is_other[columns] = False
        self.order = np.concatenate([columns, np.flatnonzero(is_other)])
        self.dense = np.empty((n, len(columns)), X.dtype)
        found = []
        for start in range(0, n, CHUNK_ROWS):
            part = X[start : start + CHUNK_ROWS]
            self.dense[start : start + CHUNK_ROWS] = _take_columns(part, columns)
            found.append(_find_entries(part, is_other))
        counts, indices, values = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
        self.pointers = np.concatenate([[0], np.cumsum(counts)])
        self.indices = (np.cumsum(is_other) - 1)[indices].astype(np.int32)  # as counted among the others
        self.values = values.astype(dtype)
        self._longest_row = int(np.diff(self.pointers).max(initial=0))
        if divisor is not None:
            self.values /= divisor
        self._by_column: tuple[NDArray[np.int32], Array] = np.empty(0, np.int32), np.empty(0, dtype)
        self._column_ends = np.empty(self.n_features - self.n_kept + 1, np.intp)

    def batch(self, dense: Array, rows: NDArray[np.intp]) -> "SplitBatch":
        """Return some rows, of which `dense` holds the kept columns, of the network's dtype and divided."""
        return SplitBatch(self, dense, rows)

    def sort_by_column(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.int32], Array]:
        """Return the entries of some rows as a CSC matrix has them: ends, rows in the batch, values."""
        most = len(rows) * self._longest_row
        if len(self._by_column[0]) < most:
            self._by_column = np.empty(most, np.int32), np.empty(most, self.values.dtype)
        entries = self.pointers, self.indices, self.values
        self.kernels.sort_by_column(*entries, rows, self._column_ends, *self._by_column)
        return self._column_ends, *self._by_column


class SplitBatch:
    """Stand for a matrix of some rows of split inputs, columns as in `SplitInputs.order`, in ``np.matmul``.

    Notes
    -----
    ``np.matmul(batch, W, out=...)`` and ``np.matmul(batch.mT, delta, out=...)`` are all that it can do.
    """

    def __init__(
        self, inputs: SplitInputs, dense: Array, rows: NDArray[np.intp], *, transposed: bool = False
    ):
        self._inputs, self._dense, self._rows, self._transposed = inputs, dense, rows, transposed

    def __len__(self) -> int:
        return self._inputs.n_features if self._transposed else len(self._rows)

    @property
    def mT(self) -> "SplitBatch":
        """The transposed matrix."""
        return SplitBatch(self._inputs, self._dense, self._rows, transposed=not self._transposed)

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **settings: Any) -> Any:
        """Answer ``np.matmul`` (NumPy enhancement proposal 13), and nothing else."""
        if (
            ufunc is not np.matmul
            or method != "__call__"
            or operands[0] is not self
            or set(settings) != {"out"}
        ):
            return NotImplemented
        (out,) = settings["out"]
        return (
            self._multiply_transposed(operands[1], out)
            if self._transposed
            else self._multiply(operands[1], out)
        )

    def _multiply(self, weight: Array, out: Array) -> Array:
        split, n_kept = self._inputs, self._inputs.n_kept
        np.matmul(self._dense, weight[:n_kept], out=out)  # (n, units)
        entries = split.pointers, split.indices, split.values
        split.kernels.add_entries(*entries, self._rows, weight[n_kept:], out)
        return out

    def _multiply_transposed(self, delta: Array, out: Array) -> Array:
        split, n_kept = self._inputs, self._inputs.n_kept
        np.matmul(self._dense.T, delta, out=out[:n_kept])  # (n_kept, units)
        split.kernels.entries_gradient(*split.sort_by_column(self._rows), delta, out[n_kept:])
        return out


def _take_columns(part: Any, columns: NDArray[np.intp]) -> NDArray[Any]:
    if isinstance(part, np.ndarray):
        return part.take(columns, axis=1)
    return np.asarray(part[:, columns].toarray())


def _find_entries(
    part: Any, is_other: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[Any]]:
    """Return what is not zero in some columns: how much in each row, the columns, the values."""
    if not isinstance(part, np.ndarray):
        others = np.flatnonzero(is_other)
        rest = part[:, others]
        return np.diff(rest.indptr), others[rest.indices], rest.data
    used = part != 0
    used &= is_other
    places = np.flatnonzero(used)
    return np.count_nonzero(used, axis=1), places % part.shape[1], part.ravel()[places]


def _is_mapped(X: Any) -> bool:
    """Return whether X lies in a mapped file, which may be larger than memory: no copy is made of that."""
    while X is not None:
        if isinstance(X, np.memmap):
            return True
        X = getattr(X, "base", None)
    return False


def find_used_columns(X: Any, units: int) -> NDArray[np.intp] | None:
    """Return the columns that a product with a layer of some units keeps as a matrix; None if no split pays.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n, n_features)
    units : int
    """
    n, n_features = X.shape
    if n_features * units < LEAST_SPARED or not n or _is_mapped(X):
        return None
    some = X[:: -(-n // SAMPLED_ROWS)]
    used = np.asarray((some != 0).sum(axis=0)).ravel() / some.shape[0]  # (n_features,)
    often = used * ENTRY_COST > 1
    work = (np.count_nonzero(often) + ENTRY_COST * used[~often].sum()) / n_features
    is_worth_it = work <= WORTH and (1 - work) * n_features * units >= LEAST_SPARED
    return np.flatnonzero(often) if is_worth_it else None
