"""What the columns of the inputs show by themselves: scales, constants, codes of gaps, row numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array

LEAST_SHARE, LEAST_COUNT = 0.01, 4
"""A number stands for a gap when at least so many rows have it."""

GAP = 1.0
"""It lies beside all others by at least so much of their range."""

MANY_VALUES = 8
"""Columns of fewer values are categories, where no value lies outside."""

SLOTS, FEWEST_ROWS = 10.0, 100
"""Row numbers are all different, leave at most so many places for each row, and there are some of them: of
fewer rows measured numbers may all differ too."""


@dataclass(frozen=True)
class InputFacts:
    """Hold the scales of the inputs, as the network is given them.

    Attributes
    ----------
    sizes : ndarray of shape (n_columns,)
        The root mean square of each feature.
    deviations : ndarray of shape (n_columns,)
        The standard deviation of each feature.
    means : ndarray of shape (n_columns,)
    """

    sizes: NDArray[np.float64]
    deviations: NDArray[np.float64]
    means: NDArray[np.float64]
    mean: float
    std: float

    @property
    def largest(self) -> float:
        """The largest root mean square of a feature."""
        return float(self.sizes.max(initial=0))

    @property
    def spread(self) -> float:
        """The largest standard deviation of a feature."""
        return float(self.deviations.max(initial=0))

    @property
    def varying(self) -> NDArray[np.bool_]:
        """Which features are not the same in every sample."""
        return np.asarray(self.deviations > 1e-9 * np.maximum(np.abs(self.means), 1e-300))

    @property
    def constant(self) -> float:
        """Share of features that are the same in every sample."""
        return float(1 - self.varying.mean()) if len(self.sizes) else 0.0


def measure_inputs(X: Array) -> InputFacts:
    """Measure the columns of X, shape (n_samples, n_features)."""
    X = np.asarray(X, np.float64)
    if not X.size:  # all columns are categories
        return InputFacts(*np.zeros((3, X.shape[1])), 0.0, 0.0)
    same = np.ptp(X, axis=0) == 0
    return InputFacts(
        np.sqrt((X**2).mean(axis=0)),
        np.where(same, 0.0, X.std(axis=0)),
        X.mean(axis=0),
        float(X.mean()),
        float(X.std()),
    )


def find_gap_codes(X: Array) -> dict[int, tuple[float, float]]:
    """Return the columns in which one number seems to stand for a missing value.

    Returns
    -------
    dict of int to (float, float)
        By the column: that number, and the share of the rows that have it. It is the least or the largest of
        the column, at least 1 % of the rows have it, and the range of all others lies at least its own
        length away.
    """
    found = {}
    for j, column in enumerate(np.asarray(X, np.float64).T):
        values, counts = np.unique(column, return_counts=True)
        if len(values) <= MANY_VALUES:
            continue
        for place, rest in ((0, values[1:]), (-1, values[:-1])):
            enough = counts[place] >= max(LEAST_COUNT, LEAST_SHARE * len(column))
            away = min(abs(values[place] - rest[0]), abs(values[place] - rest[-1]))
            if enough and away > GAP * np.ptp(rest):
                found[j] = float(values[place]), float(counts[place] / len(column))
    return found


def find_row_numbers(X: Array) -> list[int]:
    """Return the columns that number the rows: steps of one length, and no number twice."""
    columns = np.asarray(X, np.float64)
    return [j for j in range(X.shape[1]) if _numbers_rows(columns[:, j])]


def _numbers_rows(column: NDArray[np.float64]) -> bool:
    n = len(column)
    values = np.sort(column)
    steps = np.diff(values)
    if n < FEWEST_ROWS or not (steps > 0).all():
        return False
    unit = float(steps.min())
    if np.ptp(values) > SLOTS * n * unit:
        return False
    places = steps / unit
    return bool((np.abs(places - np.round(places)) < 0.02).all())
