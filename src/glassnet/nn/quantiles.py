"""Quantiles: the pinball loss for levels of one's own, and predictions that do not cross.

The tau-quantile of y is the number that y falls below with probability tau. It is what makes the mean of the
pinball loss least::

    pinball_tau(y, q) = max(tau (y - q), (tau - 1) (y - q))

An answer that is too low costs tau for each unit, one that is too high costs 1 - tau: so nine times as much
to be below a 0.9-quantile as to be above it. The level 0.5 is the median, and half of the absolute error.

`LevelLosses`, `LevelCut` and `LevelQuantiles` are what `glassnet.nn.losses.pinball` makes a head of. They are
values, so that heads of equal levels are equal.

References
----------
Koenker, Bassett (1978), Regression quantiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError


def check_quantiles(quantiles: float | Sequence[float] | Array) -> tuple[float, ...]:
    """Return the levels of quantiles as a tuple; a single number is one level.

    Parameters
    ----------
    quantiles : float or sequence of float
        Between 0 and 1, both left out, each above the one before.

    Raises
    ------
    InvalidParameterError
        When they are anything else.

    Examples
    --------
    >>> check_quantiles(0.5), check_quantiles([0.1, 0.9])
    ((0.5,), (0.1, 0.9))
    """
    given = np.ravel(np.asarray(quantiles, dtype=object)).tolist()
    numbers = all(isinstance(level, Real) and not isinstance(level, bool) for level in given)
    if not (given and numbers and np.ndim(quantiles) <= 1 and all(0 < level < 1 for level in given)):
        raise InvalidParameterError(
            f"got quantiles={quoted(quantiles)}; expected a level between 0 and 1, or several: "
            "quantiles=(0.1, 0.5, 0.9)."
        )
    if any(low >= high for low, high in pairwise(given)):
        raise InvalidParameterError(
            f"got quantiles={quoted(quantiles)}; expected each level once, in ascending order: "
            f"quantiles={tuple(sorted(set(map(float, given))))}."
        )
    return tuple(float(level) for level in given)


@dataclass(frozen=True)
class _OfLevels:
    """Hold the levels of the quantiles: one for each output, or one for all of them."""

    quantiles: tuple[float, ...]

    def _levels(self, dtype: np.dtype[np.floating]) -> Array:
        return np.array(self.quantiles, dtype)


class LevelLosses(_OfLevels):
    """Compute sum_k max(tau_k (y_k - a_k), (tau_k - 1) (y_k - a_k)) for each sample."""

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        """Return the loss of each sample, shape (n,)."""
        levels, below = self._levels(a.dtype), y - a
        return np.asarray(np.maximum(levels * below, (levels - 1) * below).sum(axis=1))


class LevelCut(_OfLevels):
    """Turn a - y into the slope of the loss: 1 - tau above the target, -tau below.

    At the target, where any number between these is one, it is the middle of them, 1/2 - tau.
    """

    def __call__(self, difference: Array) -> None:
        """Work in place on an array of shape (n, n_outputs)."""
        np.sign(difference, out=difference)
        difference *= 0.5
        difference += 0.5 - self._levels(difference.dtype)


class LevelQuantiles(_OfLevels):
    """Compute the quantiles of the targets, which are the best answer that is the same for all samples."""

    def __call__(self, y: Array) -> Array:
        """Return one quantile for each column of y, shape (n_outputs,)."""
        levels = np.broadcast_to(self.quantiles, y.shape[1])
        columns = zip(y.T, levels, strict=True)
        return np.array(
            [np.quantile(column, level, method="inverted_cdf") for column, level in columns], np.float64
        )


def uncross(quantiles: Array) -> Array:
    """Sort the predicted quantiles of each row, so that a higher level never has a lower number.

    A network learns each level by itself, and where two lie close their predictions may cross. Sorted, they
    are never farther from the true quantiles than before, by the theorem of the source below, nor is the
    pinball loss larger, summed over the levels.

    Parameters
    ----------
    quantiles : ndarray of shape (n, n_quantiles)
        Predictions, in ascending order of their levels.

    Returns
    -------
    ndarray of shape (n, n_quantiles)

    References
    ----------
    Chernozhukov, Fernandez-Val, Galichon (2010), Quantile and probability curves without crossing,
    Econometrica 78, which calls it rearrangement.

    Examples
    --------
    >>> uncross(np.array([[1.0, 3.0, 2.0]])).tolist()
    [[1.0, 2.0, 3.0]]
    """
    return np.sort(quantiles, axis=1)
