"""Temperature: one number that makes a classifier as sure as it is right.

Networks that were trained until they are right are too sure of it. A temperature, fitted to rows that were
held out, divides their scores and so takes the excess away, without changing a single answer. How far
probabilities are from what they say is measured in `glassnet.models.reliability`.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models.reliability import as_weight

COLDEST, HOTTEST = 1e-3, 1e3
"""The temperatures between which the best one is looked for."""

_N_TRIED = 25
"""Temperatures that are tried before the search is refined around the best of them."""

_LOG_OF_ZERO = math.log(np.finfo(np.float64).eps)
"""What the logarithm of a probability of 0 counts as, as in scikit-learn's log loss; -36."""


def fit_temperature(log_proba: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the temperature by which scores must be divided so that the log loss is least.

    With z the scores (logits) of a row, the probabilities at the temperature T are softmax(z / T), or
    sigmoid(z / T) of a single score. T = 1 changes nothing, T > 1 makes a network that is too sure humbler,
    T < 1 makes one that is too humble surer. The order of the classes, and so each answer, stays.

    Parameters
    ----------
    log_proba : array-like of shape (n, n_classes), or (n,) for two classes
        The logarithms of the probabilities of rows that were held out, or their scores z: these differ by a
        number for each row, which a softmax does not feel. Of shape (n,), the scores z of the second class,
        log p - log(1 - p). The logarithm of 0 may be among them, and counts as that of 2e-16.
    y : array-like of int, shape (n,)
        Which column is the true class of each row: 0 ... n_classes - 1. Of labels of any kind it is
        ``np.searchsorted(model.classes_, labels)``.
    sample_weight : array-like of shape (n,), optional

    Returns
    -------
    float
        At most 1000, where all answers become alike, and at least 0.001. It is 1 where every row has its true
        class on top: being surer is then better without end, and no rows say where to stop.

    Raises
    ------
    InvalidDataError
        When shapes do not fit, labels are no columns, or numbers are NaN.

    Notes
    -----
    The log loss is convex in 1/T, hence has one valley in log T, in which `scipy.optimize.minimize_scalar`
    searches.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, section 4.2.

    Examples
    --------
    Sure to 98 %, and right in three of four rows:

    >>> z = np.array([4.0, 4.0, 4.0, 4.0])
    >>> T = fit_temperature(z, [1, 1, 1, 0])
    >>> float(np.round(1 / (1 + np.exp(-4 / T)), 6))
    0.75
    """
    scores = _floored(_as_columns(log_proba))
    labels = _as_labels(y, scores)
    weight = as_weight(sample_weight, len(scores))
    gaps = scores - np.take_along_axis(scores, labels[:, np.newaxis], axis=1)  # 0 for the true class
    gaps, weight = gaps[weight > 0], weight[weight > 0] / weight.sum()
    if (gaps <= 0).all():
        return 1.0

    def loss(log_temperature: float) -> float:
        return float(weight @ logsumexp(gaps * math.exp(-log_temperature), axis=1))

    tried = np.linspace(math.log(COLDEST), math.log(HOTTEST), _N_TRIED)
    best = int(np.argmin([loss(t) for t in tried]))
    around = tried[max(best - 1, 0)], tried[min(best + 1, _N_TRIED - 1)]
    found = minimize_scalar(loss, bounds=around, method="bounded", options={"xatol": 1e-9})
    return math.exp(min(float(found.x), float(tried[best]), key=loss))


def apply_temperature(log_proba: ArrayLike, temperature: float) -> Array:
    """Return the logarithms of the probabilities at a temperature.

    Parameters
    ----------
    log_proba : array-like of shape (n, n_classes), or (n,) for two classes
        As for `fit_temperature`: logarithms of probabilities, or scores z.
    temperature : float
        Positive.

    Returns
    -------
    ndarray
        Of the same shape: log softmax(z / T), each row of whose exponentials sums to 1; of shape (n,), the
        scores z / T of the second class.

    Raises
    ------
    InvalidParameterError
        When the temperature is not positive and finite.

    Examples
    --------
    >>> np.round(np.exp(apply_temperature(np.log([[0.9, 0.1]]), 2.0)), 2).tolist()
    [[0.75, 0.25]]
    """
    if not 0 < temperature < math.inf:
        raise InvalidParameterError(
            f"got temperature={quoted(temperature)}; expected a positive, finite number."
        )
    scores = np.asarray(log_proba)
    if scores.ndim == 1:
        return np.asarray(scores / float(temperature))
    columns = _as_columns(scores)
    columns = (columns - columns.max(axis=1, keepdims=True)) / float(temperature)
    return np.asarray(columns - logsumexp(columns, axis=1, keepdims=True), columns.dtype)


def _as_columns(log_proba: ArrayLike) -> Array:
    """Return scores of shape (n, n_classes), of two classes for a single score."""
    scores: Array = np.asarray(log_proba)
    scores = scores if scores.dtype.kind == "f" else scores.astype(np.float64)
    if scores.ndim == 1:
        infinite = np.where(np.isposinf(scores), -np.inf, 0)  # p = 1: it is the other class that has 0
        scores = np.column_stack([infinite, np.where(np.isposinf(scores), 0, scores)]).astype(scores.dtype)
    is_wrong = scores.ndim != 2 or scores.shape[1] < 2 or not len(scores)
    if is_wrong or not np.isfinite(scores.max(axis=1)).all():
        numbers = "" if is_wrong else ", in which a row is NaN, +inf or -inf throughout"
        raise InvalidDataError(
            f"got log probabilities of shape {scores.shape}{numbers}; expected (n, n_classes), or (n,) for "
            "the scores of two classes, and -inf for a probability of 0 only."
        )
    return scores


def _floored(scores: Array) -> Array:
    """Return scores in double precision, with -inf as what the logarithm of 0 counts as."""
    wide = scores.astype(np.float64)
    finite = np.where(np.isfinite(wide), wide, np.inf).min(axis=1, keepdims=True)
    floor = np.minimum(finite, wide.max(axis=1, keepdims=True) + _LOG_OF_ZERO)
    return np.asarray(np.maximum(wide, floor))


def _as_labels(y: ArrayLike, scores: Array) -> NDArray[np.intp]:
    labels = np.asarray(y)
    n, n_classes = scores.shape
    if labels.dtype.kind == "b":
        labels = labels.astype(np.intp)
    if (
        labels.shape != (n,)
        or labels.dtype.kind not in "iu"
        or (n and not 0 <= labels.min() <= labels.max() < n_classes)
    ):
        raise InvalidDataError(
            f"got y of shape {labels.shape} and type {labels.dtype}; expected {n} whole numbers from 0 to "
            f"{n_classes - 1}, the column of each row's class: np.searchsorted(model.classes_, labels)."
        )
    return labels.astype(np.intp)
