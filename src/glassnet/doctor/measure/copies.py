"""Whether test rows are training rows: number for number, or nearly."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.nn.samples import Samples

COMPARED_ROWS = 250
"""How many test rows are compared with the training rows by their distance."""

NEARLY = 0.1
"""A neighbour is a copy when it is nearer than this share of what neighbours usually are."""

MOST_TRAINING_ROWS = 10_000
"""Among so many training rows neighbours are looked for."""


@dataclass(frozen=True)
class CopyFacts:
    """Hold the shares of rows that have a twin, with the same answer, in the training data.

    Attributes
    ----------
    exact : float
        Of the test rows: number for number.
    exact_within : float
        Of the training rows: another training row is their twin. Independent test rows have as many.
    near, near_within : float
        Likewise of twins that lie nearer than neighbours do.
    """

    exact: float
    exact_within: float
    near: float
    near_within: float

    @property
    def excess(self) -> float:
        """By how much more test rows have a twin than independent ones would."""
        return max(self.exact - self.exact_within, self.near - self.near_within)

    @property
    def are_exact(self) -> bool:
        """Whether the twins are equal number for number."""
        return self.exact - self.exact_within >= 0.8 * (self.near - self.near_within)


def measure_copies(train: Samples, test: Samples) -> CopyFacts:
    """Compare test rows, inputs and answers, with the training rows."""
    known = Counter(_digests(train))
    within = sum(count for count in known.values() if count > 1) / max(len(train), 1)
    exact = float(np.mean([digest in known for digest in _digests(test)]))
    near, near_within = _near(train, test)
    return CopyFacts(exact, within, near, near_within)


def _digests(samples: Samples) -> list[int]:
    """Return a number for each row and its answer, equal for equal ones."""
    assert samples.y is not None
    return [
        hash(row.tobytes() + target.tobytes())
        for rows in samples.chunks()
        for row, target in zip(
            np.ascontiguousarray(samples.inputs(rows), np.float32),
            np.ascontiguousarray(samples.targets(rows), np.float32),
            strict=True,
        )
    ]


def _near(train: Samples, test: Samples) -> tuple[float, float]:
    """Return the share of some test rows, and of some training rows, whose nearest is as near as a copy."""
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(len(train))[:MOST_TRAINING_ROWS])
    X = samples_inputs(train, rows)
    mean, std = X.mean(axis=0), X.std(axis=0)
    X -= mean
    X /= np.where(std > 0, std, np.inf)
    some = rng.permutation(len(X))[:COMPARED_ROWS]
    picked = np.sort(rng.permutation(len(test))[:COMPARED_ROWS])
    Z = (samples_inputs(test, picked) - mean) / np.where(std > 0, std, np.inf)
    squares = (X**2).sum(axis=1)
    to_train = _nearest(Z, X, squares, None)
    among = _nearest(X[some], X, squares, some)
    usual = float(np.median(among))
    if usual < 1e-3:  # rows repeat by nature: only equal ones can be told
        return 0.0, 0.0
    limit = NEARLY * usual
    return float((to_train < limit).mean()), float((among < limit).mean())


def samples_inputs(samples: Samples, rows: NDArray[np.intp] | slice) -> NDArray[np.float32]:
    """Return a copy of the inputs of some rows, float32."""
    return np.array(samples.inputs(rows), np.float32)


def _nearest(rows: Array, X: Array, squares: Array, own: NDArray[np.intp] | None) -> NDArray[np.float64]:
    """Return the distance of each row to the nearest of X, but for its own place there."""
    nearest = np.argmin(_distances(rows, X, squares, own), axis=1)
    # by the difference itself: products of large numbers leave nothing of small distances
    return np.asarray(np.sqrt(((rows.astype(np.float64) - X[nearest]) ** 2).sum(axis=1)))


def _distances(rows: Array, X: Array, squares: Array, own: NDArray[np.intp] | None) -> Array:
    distances = squares - 2 * (rows @ X.T)
    if own is not None:
        distances[np.arange(len(rows)), own] = np.inf
    return np.asarray(distances)
