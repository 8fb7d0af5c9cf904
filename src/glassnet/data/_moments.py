"""Mean and variance of columns, in one pass over batches of rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data._batches import Batch, read_rows
from glassnet.data.frames import check_names, like, names_of
from glassnet.errors import InvalidDataError

Vector = NDArray[np.float64]


class Moments:
    """Hold the running mean and variance of columns, in float64.

    The means and sums of squares of two sets of rows give those of both, without the cancellation that a sum
    of squares alone has.

    Attributes
    ----------
    n : int
        Rows so far.
    mean, squares : ndarray of shape (n_features,)
        The mean, and the sum of the squared differences from it.

    References
    ----------
    Chan, Golub, LeVeque (1983), Algorithms for computing the sample variance.
    """

    def __init__(self, n_features: int) -> None:
        self.n = 0
        self.mean: Vector = np.zeros(n_features)
        self.squares: Vector = np.zeros(n_features)

    def add(self, X: Vector) -> None:
        """Take in rows of finite numbers, shape (n, n_features), n at least 1."""
        n = len(X)
        mean = X.mean(axis=0)
        centred = X - mean
        rest = centred.sum(axis=0)  # what the mean lost in rounding
        squares = np.einsum("ij,ij->j", centred, centred) - rest * rest / n
        shift = mean - self.mean
        total = self.n + n
        self.mean += shift * (n / total)
        self.squares += squares + shift * shift * (self.n * n / total)
        self.n = total


class Scaling:
    """Hold what brings columns to mean 0 and standard deviation 1.

    Parameters
    ----------
    moments : Moments
    names : ndarray of object or None
        Of the columns, where they have any.

    Attributes
    ----------
    n : int
        Rows that they are of.
    mean, var, scale : ndarray of shape (n_features,)
        `scale` is the standard deviation, and 1 where a column is constant, to rounding.
    """

    def __init__(self, moments: Moments, names: NDArray[Any] | None) -> None:
        self.n = moments.n
        self.mean = moments.mean
        self.var: Vector = moments.squares / moments.n
        self.names = names
        precision = np.finfo(np.float64).eps
        rounding = moments.n * precision * self.var + (moments.n * self.mean * precision) ** 2
        self.scale: Vector = np.where(self.var <= rounding, 1.0, np.sqrt(self.var))

    def apply(self, X: Any) -> Any:
        """Return (X - mean) / scale, in float32 where X is; a DataFrame where X is one.

        Raises
        ------
        InvalidDataError
            When X has other columns.
        """
        if (names := names_of(X)) is not None and self.names is not None:
            check_names(names, self.names)
        values = numbers_of(X)
        if values.ndim != 2 or values.shape[1] != len(self.mean):
            raise InvalidDataError(f"got X of shape {values.shape}; expected (n_rows, {len(self.mean)}).")
        scaled = values - self.mean
        scaled /= self.scale
        return like(X, scaled.astype(np.float32) if values.dtype == np.float32 else scaled)


def add_batch(moments: Moments, batch: Batch, step: int) -> None:
    """Add the rows of a batch, `step` at once."""
    if (width := width_of(batch)) != len(moments.mean):
        raise InvalidDataError(
            f"in {batch.place}: X has {width} features; the batches before have {len(moments.mean)}."
        )
    X = batch.X if hasattr(batch.X, "shape") else np.asarray(batch.X)
    for start in range(0, batch.n_rows, step):
        try:
            rows = numbers_of(read_rows(X, start, start + step)).astype(np.float64)
        except InvalidDataError as error:
            raise InvalidDataError(f"in {batch.place}: {error}") from error
        if not np.isfinite(rows).all():
            row = batch.first_row_not_finite()
            raise InvalidDataError(f"in {batch.place}: X holds NaN or infinity, first in row {row:,}.")
        moments.add(rows)


def width_of(batch: Batch) -> int:
    """Return how many features a batch has; those of sparse ones are not standardised."""
    if hasattr(batch.X, "tocsr"):
        raise InvalidDataError(
            f"in {batch.place}: X is sparse, and means taken off would leave no zeros. Scale it without: "
            "scikit-learn's MaxAbsScaler, and stream.map(scaler.transform)."
        )
    shape = np.shape(batch.X)
    if len(shape) != 2:
        raise InvalidDataError(f"in {batch.place}: X is of shape {shape}; expected (n_rows, n_features).")
    return int(shape[1])


def numbers_of(X: Any) -> NDArray[Any]:
    """Return X as an array of numbers; text and dates are none, though NumPy could make some of them.

    Raises
    ------
    InvalidDataError
        When it holds anything else.
    """
    values = np.asarray(X)
    is_object = values.dtype.kind == "O"
    if values.dtype.kind in "US" or (is_object and any(isinstance(v, str | bytes) for v in values.flat)):
        raise InvalidDataError("X holds text; expected numbers. Encode it first.")
    if values.dtype.kind not in "biuf" and not is_object:
        raise InvalidDataError(f"X is of dtype {values.dtype}; expected numbers.")
    try:
        return values.astype(np.float64) if is_object else values
    except (TypeError, ValueError) as error:
        raise InvalidDataError(f"X holds what is no number: {error}.") from error
