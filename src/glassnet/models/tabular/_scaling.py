"""The scaling of numbers: its figures from a table, and the formula.

RealMLP (Holzmüller, Grinsztajn, Steinwart 2024, arXiv 2407.04491) scales by the median and the interquartile
range, and clips smoothly: f(z) = z / sqrt(1 + (z/3)^2).
"""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NumbersName = Literal["robust", "standard", "none"]

LIMIT = 3.0
"""What smooth clipping keeps the absolute values below."""

LARGEST = 1e100
"""What is scaled to more counts as that much, and ends at LIMIT: squares of more would not be finite."""

VALUES_AT_ONCE = 2**18
"""How many values are worked on at a time: 2 MB, which caches hold."""

TINY = float(np.finfo(np.float64).tiny)
"""Spreads below it count as none: their reciprocals would not be finite."""


class Scaling(NamedTuple):
    """Hold the figures of each number; arrays of shape (n_numbers,).

    Attributes
    ----------
    fill : ndarray
        What stands in for missing values.
    center, factor : ndarray
        A value x becomes (x - center) * factor.
    """

    fill: Floats
    center: Floats
    factor: Floats


def measure(block: NDArray[Any], how: NumbersName) -> Scaling:
    """Return the figures of numbers.

    Parameters
    ----------
    block : ndarray of shape (n_numbers, n_rows)
        NaN where a value is missing; each row of it has one value at least.
    how : {"robust", "standard", "none"}
        The median, and 1 over the interquartile range, over half the range where that is 0, and a factor of
        0 where that is 0 too; the mean, and 1 over the standard deviation, or 0; or 0 and 1.

    Notes
    -----
    Quantiles are interpolated linearly, as ``numpy.quantile`` does it.
    """
    n = len(block)
    fill, center, factor = np.empty(n), np.zeros(n), np.ones(n)
    for part in _parts(n, block.shape[1]):
        values = np.array(block[part], np.float64, order="C")
        if how == "standard":
            fill[part], factor[part] = _mean_and_factor(values)
            center[part] = fill[part]
            continue
        values.sort(axis=1)  # NaN comes last
        n_known = values.shape[1] - np.isnan(values).sum(axis=1)
        quarter, half, three_quarters = (_half_quantile(values, n_known, q) for q in (0.25, 0.5, 0.75))
        fill[part] = 2 * half
        if how == "robust":
            center[part] = 2 * half
            lowest, highest = (_half_quantile(values, n_known, q) for q in (0, 1))
            factor[part] = _reciprocal(three_quarters - quarter, highest - lowest)
    return Scaling(fill, center, factor)


def scale(block: NDArray[Any], scaling: Scaling, *, smooth: bool) -> Floats:
    """Return scaled numbers, clipped smoothly if that is wanted, shape (n_numbers, n_rows)."""
    fill, center, factor = (figures[:, np.newaxis] for figures in scaling)
    with np.errstate(over="ignore", invalid="ignore"):
        z: Floats = np.subtract(block, center, dtype=np.float64)
        z *= factor
        np.copyto(z, (fill - center) * factor, where=np.isnan(z))
        if smooth:
            np.clip(z, -LARGEST, LARGEST, out=z)
            root = z / LIMIT
            root *= root
            root += 1
            z /= np.sqrt(root, out=root)
    return z


def steps(n_values: int, n_rows: int) -> Iterator[slice]:
    """Yield slices of the rows of a table with so many values a row, to be worked on one after the other."""
    step = max(1, VALUES_AT_ONCE // max(1, n_values))
    for start in range(0, n_rows, step):
        yield slice(start, start + step)


def _parts(n: int, n_rows: int) -> Iterator[slice]:
    return steps(n_rows, n)


def _half_quantile(ordered: Floats, n_known: NDArray[np.intp], q: float) -> Floats:
    """Return half of a quantile of each row, whose values are in order: differences of halves stay finite."""
    place = q * (n_known - 1)
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, n_known - 1)
    rows = np.arange(len(ordered))
    low, high, t = ordered[rows, below] / 2, ordered[rows, above] / 2, place - below
    return np.asarray(low + (high - low) * t)


def _reciprocal(half_iqr: Floats, half_range: Floats) -> Floats:
    """Return the factor: 1/IQR, where that is none 1 over half the range, and where that is none 0."""
    with np.errstate(divide="ignore", over="ignore"):
        by_range = np.where(half_range >= TINY, 1 / half_range, 0.0)
        return np.asarray(np.where(half_iqr >= TINY, 0.5 / half_iqr, by_range))


def _mean_and_factor(values: Floats) -> tuple[Floats, Floats]:
    """Return the mean, and 1 over the standard deviation: 0 where all values are the same."""
    known = ~np.isnan(values)
    largest = np.maximum(np.abs(values).max(axis=1, where=known, initial=0.0), TINY)
    unit = np.exp2(np.floor(np.log2(largest)))[:, np.newaxis]  # sums of large numbers stay finite
    values /= unit
    n_known = known.sum(axis=1, keepdims=True)
    mean = values.sum(axis=1, keepdims=True, where=known) / n_known
    lowest = values.min(axis=1, where=known, initial=np.inf)
    highest = values.max(axis=1, where=known, initial=-np.inf)
    mean = np.where((lowest == highest)[:, np.newaxis], lowest[:, np.newaxis], mean)
    deviation = np.sqrt(np.mean((values - mean) ** 2, axis=1, keepdims=True, where=known)) * unit
    factor = np.where(deviation >= TINY, 1 / np.maximum(deviation, TINY), 0.0)
    return (mean * unit)[:, 0], factor[:, 0]
