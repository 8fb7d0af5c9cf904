"""Probabilities that mean what they say: how far they are from it, and one temperature that mends it.

A classifier is calibrated when, of all rows of which it is 80 % sure, 80 % are as it says. Networks that
were trained until they are right are too sure; a temperature, fitted to rows that were held out, divides
their scores and so takes the excess away, without changing a single answer.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, InvalidParameterError

COLDEST, HOTTEST = 1e-3, 1e3
"""The temperatures between which the best one is looked for."""

_N_TRIED = 25
"""Temperatures that are tried before the search is refined around the best of them."""


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
        log p - log(1 - p). Minus infinity is the logarithm of 0.
    y : array-like of int, shape (n,)
        Which column is the true class of each row: 0 ... n_classes - 1. Of text labels it is
        ``np.searchsorted(model.classes_, labels)``.
    sample_weight : array-like of shape (n,), optional

    Returns
    -------
    float
        Between 0.001 and 1000: at the lower end where every row is told right by a margin, since being
        surer is then always better; 1 where no temperature makes a difference.

    Raises
    ------
    InvalidDataError
        When shapes do not fit, labels are no columns, or numbers are NaN.

    Notes
    -----
    The log loss is convex in 1/T, hence has one valley in log T, in which `scipy.optimize.minimize_scalar`
    searches. Where a true class has the probability 0, no temperature mends that row: it is left out of
    the search, as its loss is infinite at every temperature.

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
    scores = _as_columns(log_proba)
    labels = _as_labels(y, scores)
    weight = _as_weight(sample_weight, len(scores))
    gaps = _gaps(scores, labels)  # (n, n_classes), 0 for the true class
    counts = (weight > 0) & np.isfinite(gaps).any(axis=1) & ~np.isposinf(gaps).any(axis=1)
    gaps, weight = gaps[counts], weight[counts]
    if not (np.isfinite(gaps) & (gaps != 0)).any():  # one class, or all alike
        return 1.0

    def loss(log_temperature: float) -> float:
        with np.errstate(over="ignore"):  # to infinity, which is the loss
            losses = logsumexp(gaps * math.exp(-log_temperature), axis=1)
        return float(weight @ losses)

    tried = np.linspace(math.log(COLDEST), math.log(HOTTEST), _N_TRIED)
    best = int(np.argmin([loss(t) for t in tried]))
    below, above = tried[max(best - 1, 0)], tried[min(best + 1, _N_TRIED - 1)]
    found = minimize_scalar(loss, bounds=(below, above), method="bounded", options={"xatol": 1e-9})
    candidates = [float(found.x), float(tried[best])]
    return math.exp(min(candidates, key=loss))


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
    scores = scores if scores.dtype.kind == "f" else scores.astype(np.float64)
    if scores.ndim == 1:
        return scores / float(temperature)
    columns = _as_columns(scores).astype(scores.dtype)
    columns = (columns - columns.max(axis=1, keepdims=True)) / float(temperature)
    return np.asarray(columns - logsumexp(columns, axis=1, keepdims=True), scores.dtype)


@dataclass(frozen=True)
class ReliabilityBins:
    """Hold what a reliability diagram shows: rows in groups of like confidence, and what came true of them.

    Attributes
    ----------
    confidence : ndarray of shape (n_bins,)
        The mean probability that was predicted in each bin; bins ascend.
    frequency : ndarray of shape (n_bins,)
        The share of its rows of which that came true.
    lower, upper : ndarray of shape (n_bins,)
        Wilson's 95 % interval of that share.
    weight : ndarray of shape (n_bins,)
        The share of all rows, or of their weight, that is in the bin.
    count : ndarray of int, shape (n_bins,)
        Its rows.
    """

    confidence: Array
    frequency: Array
    lower: Array
    upper: Array
    weight: Array
    count: NDArray[np.intp]

    @property
    def error(self) -> float:
        """The expected calibration error, sum_b weight_b |frequency_b - confidence_b|."""
        return float(self.weight @ np.abs(self.frequency - self.confidence))


def reliability_bins(
    truth: ArrayLike, confidence: ArrayLike, *, n_bins: int = 15, sample_weight: ArrayLike | None = None
) -> ReliabilityBins:
    """Sort rows by their confidence into bins of equal counts, and count what came true.

    Bins of equal counts are equally certain, and none is empty; bins of equal widths, which are often drawn,
    leave most rows of a good classifier in the last one. Rows of equal confidence stay in one bin.

    Parameters
    ----------
    truth : array-like of bool, shape (n,)
        Whether that of which the probability was predicted is true.
    confidence : array-like of shape (n,)
        The probabilities.
    n_bins : int
        How many bins at most.
    sample_weight : array-like of shape (n,), optional
        An interval of weighted rows is that of ``(sum w)^2 / sum w^2`` rows, Kish's effective number.

    Returns
    -------
    ReliabilityBins

    Raises
    ------
    InvalidDataError
        When shapes do not fit, or a confidence is outside of 0 ... 1.
    """
    p, t = np.asarray(confidence, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    if p.ndim != 1 or p.shape != t.shape or not len(p) or not ((p >= 0) & (p <= 1)).all():
        raise InvalidDataError(
            f"got truth of shape {t.shape} and confidence of shape {p.shape}; expected one probability from "
            "0 to 1 for each of at least one row."
        )
    weight = _as_weight(sample_weight, len(p))
    kept = weight > 0
    p, t, weight = p[kept], t[kept], weight[kept]
    values, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    groups = np.minimum((middle * n_bins / len(p)).astype(np.intp), n_bins - 1)  # of each value
    bins = np.unique(groups[place], return_inverse=True)[1]
    total = np.bincount(bins, weight)
    frequency = np.bincount(bins, weight * t) / total
    lower, upper = wilson_interval(frequency, total**2 / np.bincount(bins, weight**2))
    mean = np.bincount(bins, weight * p) / total
    return ReliabilityBins(mean, frequency, lower, upper, total / total.sum(), np.bincount(bins))


def expected_calibration_error(
    truth: ArrayLike, confidence: ArrayLike, *, n_bins: int = 15, sample_weight: ArrayLike | None = None
) -> float:
    """Return how far confidence and frequency lie apart, on average over bins of equal counts::

        ECE = sum_b n_b / n |mean truth of bin b - mean confidence of bin b|

    Parameters
    ----------
    truth : array-like of bool, shape (n,)
        Of two classes: whether a row is of the second. Of several: whether the answer, the class of the
        largest probability, is right.
    confidence : array-like of shape (n,)
        The probability of the second class, or of the answer.
    n_bins : int
    sample_weight : array-like of shape (n,), optional

    Returns
    -------
    float
        From 0, calibrated, to 1. With n rows in each bin, a perfect classifier has about ``0.8
        sqrt(p (1 - p) / n)`` by chance: an error is to be compared with another of the same rows.

    References
    ----------
    Naeini, Cooper, Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning;
    bins of equal counts: Nixon and others (2019), Measuring calibration in deep learning.

    Examples
    --------
    >>> round(expected_calibration_error([1, 1, 1, 0], [0.9, 0.9, 0.9, 0.9]), 6)
    0.15
    """
    return reliability_bins(truth, confidence, n_bins=n_bins, sample_weight=sample_weight).error


def wilson_interval(share: ArrayLike, n: ArrayLike) -> tuple[Array, Array]:
    """Return Wilson's 95 % interval of shares that were found among n rows each.

    Unlike share +- 1.96 sqrt(share (1 - share) / n), it stays within 0 ... 1 and is no point where all rows or
    none count.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.

    Examples
    --------
    >>> lower, upper = wilson_interval([1.0], [10])
    >>> lower.round(3).tolist(), upper.tolist()
    ([0.722], [1.0])
    """
    p, count, z = np.asarray(share, np.float64), np.asarray(n, np.float64), 1.959963984540054
    middle = (p + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(p * (1 - p) / count + z**2 / (4 * count**2))
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def _as_columns(log_proba: ArrayLike) -> Array:
    """Return scores of shape (n, n_classes)."""
    scores = np.asarray(log_proba, dtype=np.float64)
    if scores.ndim == 1:
        scores = np.column_stack([np.zeros_like(scores), scores])
    if scores.ndim != 2 or scores.shape[1] < 2 or np.isnan(scores).any():
        has_nan = ", some of them NaN" if np.isnan(scores).any() else ""
        raise InvalidDataError(
            f"got log probabilities of shape {scores.shape}{has_nan}; expected (n, n_classes), or (n,) for the "
            "scores of two classes."
        )
    return scores


def _as_labels(y: ArrayLike, scores: Array) -> NDArray[np.intp]:
    labels: NDArray[Any] = np.asarray(y)
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


def _as_weight(sample_weight: ArrayLike | None, n: int) -> Array:
    weight = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,) or not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise InvalidDataError(
            f"got sample_weight of shape {weight.shape} for {n} rows; expected a number of at least 0 for each, "
            "not all of them 0."
        )
    return weight


def _gaps(scores: Array, labels: NDArray[np.intp]) -> Array:
    """Return by how much each score is above that of the true class; infinite where that is -inf."""
    true = np.take_along_axis(scores, labels[:, np.newaxis], axis=1)
    with np.errstate(invalid="ignore"):  # -inf - -inf
        gaps = scores - true
    return np.where(np.isnan(gaps), math.inf, gaps)
