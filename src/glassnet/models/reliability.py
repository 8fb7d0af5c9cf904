"""Reliability: whether of all rows of which a classifier is 80 % sure, 80 % are as it says.

References
----------
DeGroot, Fienberg (1983), The comparison and evaluation of forecasters, which draws the first such diagram.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet._common.arrays import Array
from glassnet.errors import InvalidDataError

N_BINS = 10
"""How many bins there are, unless told otherwise."""


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
    truth: ArrayLike, confidence: ArrayLike, *, n_bins: int = N_BINS, sample_weight: ArrayLike | None = None
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
    weight = as_weight(sample_weight, len(p))
    kept = weight > 0
    p, t, weight = p[kept], t[kept], weight[kept]
    _, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    groups = np.minimum((middle * n_bins / len(p)).astype(np.intp), n_bins - 1)  # of each value
    bins = np.unique(groups[place], return_inverse=True)[1]
    total = np.bincount(bins, weight)
    frequency = np.bincount(bins, weight * t) / total
    lower, upper = wilson_interval(frequency, total**2 / np.bincount(bins, weight**2))
    mean = np.bincount(bins, weight * p) / total
    return ReliabilityBins(mean, frequency, lower, upper, total / total.sum(), np.bincount(bins))


def expected_calibration_error(
    truth: ArrayLike, confidence: ArrayLike, *, n_bins: int = N_BINS, sample_weight: ArrayLike | None = None
) -> float:
    """Return how far confidence and frequency lie apart, on average over bins of equal counts.

    ::

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
        From 0, calibrated, to 1. With n rows in each bin, even right probabilities p have about
        ``0.8 sqrt(p (1 - p) / n)`` by chance: an error is to be compared with another of the same rows.

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

    Unlike share +- 1.96 sqrt(share (1 - share) / n), it stays within 0 ... 1, and is no point where all rows
    or none count.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.

    Examples
    --------
    >>> lower, upper = wilson_interval([1.0], [10])
    >>> lower.round(3).tolist(), upper.round(3).tolist()
    ([0.722], [1.0])
    """
    p, count, z = np.asarray(share, np.float64), np.asarray(n, np.float64), 1.959963984540054
    middle = (p + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(p * (1 - p) / count + z**2 / (4 * count**2))
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def as_weight(sample_weight: ArrayLike | None, n: int) -> Array:
    """Return the weights of n rows, each 1 unless given.

    Raises
    ------
    InvalidDataError
        When they are not as many, negative, not finite, or all 0.
    """
    weight = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,) or not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise InvalidDataError(
            f"got sample_weight of shape {weight.shape} for {n} rows; expected a number of at least 0 for "
            "each, not all of them 0."
        )
    return weight
