"""What predicted quantiles are worth, and how intervals between them are made to hold what they promise."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import d2_pinball_score

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, InvalidParameterError


def score_quantiles(
    y: ArrayLike, predicted: ArrayLike, quantiles: Sequence[float], sample_weight: ArrayLike | None = None
) -> float:
    """Return the share of the pinball loss that predicted quantiles explain, the mean over the levels.

    It is to quantiles what R^2 is to means: 1 where every prediction is y itself, and 0 for predicting the
    quantile of y itself in every row, whatever the features::

        D^2_tau = 1 - sum_i pinball_tau(y_i, q_i) / sum_i pinball_tau(y_i, quantile_tau(y))

    Unlike R^2 it asks the 0.9-quantile to be a 0.9-quantile, not a mean.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, n_targets)
        Several targets go with a single level.
    predicted : array-like of shape (n, n_quantiles), or that of y where there is one level
    quantiles : sequence of float
        The levels.
    sample_weight : array-like of shape (n,), optional

    Returns
    -------
    float
        At most 1.

    References
    ----------
    Koenker, Machado (1999), Goodness of fit and related inference processes for quantile regression.

    Examples
    --------
    >>> score_quantiles([1, 2, 3, 4, 5], [[1, 4]] * 5, (0.1, 0.9)) < score_quantiles(
    ...     [1, 2, 3, 4, 5], [[0, 2], [1, 3], [2, 4], [3, 5], [4, 6]], (0.1, 0.9)
    ... )
    True
    """
    answers = np.asarray(predicted)
    columns = [answers] if len(quantiles) == 1 else list(answers.T)
    scores = [
        d2_pinball_score(y, column, sample_weight=sample_weight, alpha=level)
        for column, level in zip(columns, quantiles, strict=True)
    ]
    return float(np.mean(scores))


def conformal_correction(lower: ArrayLike, upper: ArrayLike, y: ArrayLike, coverage: float) -> float:
    """Return by how much intervals must be widened so that they hold the truth as often as they promise.

    Quantiles of a network, like those of every model, are right on the rows that it was fitted to; of new
    rows fewer lie between them. Of rows that were held out, it is measured how far each lies outside of its
    interval, negative where inside::

        e_i = max(lower_i - y_i, y_i - upper_i)

    and the correction is the quantile of these e at the level (1 + 1/n) coverage. ``[lower - correction,
    upper + correction]`` then holds a new y with a probability of at least `coverage`, whatever the model and
    the distribution, as long as held-out and new rows are exchangeable, and of at most
    ``coverage + 1/(n + 1)`` where no two e are equal. The probability is over held-out *and* new rows: with
    one set of 100 held-out rows the share of new rows inside still varies, by about
    ``sqrt(coverage (1 - coverage) / 100)``.

    Parameters
    ----------
    lower, upper : array-like of shape (n,)
        The intervals that were predicted of held-out rows: rows that had no part in fitting.
    y : array-like of shape (n,)
        Their true values.
    coverage : float
        The share of rows that are to lie in their intervals, between 0 and 1: 0.8 for the quantiles 0.1 and
        0.9.

    Returns
    -------
    float
        Negative where the intervals are wider than they need be; an interval that is narrower than twice that
        is then empty. Infinite where there are so few rows,
        n < coverage / (1 - coverage), that only an interval of all numbers keeps the promise.

    Raises
    ------
    InvalidDataError
        When there are no rows, or numbers that are not finite, or not as many of each.
    InvalidParameterError
        When the coverage is outside of 0 ... 1.

    References
    ----------
    Romano, Patterson, Candes (2019), Conformalized quantile regression, equations 6 to 8 and theorem 1.

    Examples
    --------
    Three of four lie inside. To be sure of half, intervals may be narrower by 0.5; of 4 in 5, they must grow:

    >>> lower, upper, y = [0, 0, 0, 0], [2, 2, 2, 2], [1.0, 0.5, 1.5, 3]
    >>> conformal_correction(lower, upper, y, 0.5), conformal_correction(lower, upper, y, 0.8)
    (-0.5, 1.0)
    """
    if not 0 < coverage < 1:
        raise InvalidParameterError(
            f"got coverage={quoted(coverage)}; expected a number between 0 and 1, such as 0.8."
        )
    low, high, truth = (_column(name, a) for name, a in (("lower", lower), ("upper", upper), ("y", y)))
    for name, column in (("upper", high), ("y", truth)):
        if len(column) != len(low):
            raise InvalidDataError(
                f"got {len(low)} numbers of lower and {len(column)} of {name}; expected as many of each."
            )
    outside = np.sort(np.maximum(low - truth, truth - high))
    rank = math.ceil(round((len(outside) + 1) * coverage, 9))  # 0.9 * 10 is 9, not a little more
    return float(outside[rank - 1]) if rank <= len(outside) else math.inf


def _column(name: str, values: ArrayLike) -> Array:
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1 or not len(column) or not np.isfinite(column).all():
        raise InvalidDataError(
            f"got {name} of shape {column.shape}"
            + (", some of it not finite" if not np.isfinite(column).all() else "")
            + "; expected one finite number for each of at least one row."
        )
    return column
