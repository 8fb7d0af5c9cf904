"""Scores of more rows than fit into memory, added up part by part."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from glassnet._common.arrays import Array


class Tally(Protocol):
    """Add up a score part by part."""

    def add(self, outputs: Array, targets: Any) -> None:
        """Take some rows into account."""

    def score(self) -> float:
        """Return the score of all rows so far."""


class MeanScore:
    """Add up a score that is a mean over the rows.

    Parameters
    ----------
    score : callable
        ``score(outputs, targets)`` of some rows.
    """

    def __init__(self, score: Callable[[Array, Any], float]) -> None:
        self._score = score
        self._sum, self._n = 0.0, 0

    def add(self, outputs: Array, targets: Any) -> None:
        """Take some rows into account."""
        self._sum += self._score(outputs, targets) * len(outputs)
        self._n += len(outputs)

    def score(self) -> float:
        """Return the mean over all rows."""
        return self._sum / self._n


class R2Score:
    """Add up R^2, the mean over the outputs, without keeping a row.

    The sums of squares around the mean of each part are merged as by Chan, Golub and LeVeque (1979).
    """

    def __init__(self) -> None:
        self._n = 0
        self._mean: Any = 0.0
        self._around_mean: Any = 0.0
        self._residual: Any = 0.0

    def add(self, outputs: Array, targets: Any) -> None:
        """Take some rows into account."""
        y = np.asarray(targets, np.float64)
        n, mean = len(y), y.mean(axis=0)
        difference, total = mean - self._mean, self._n + n
        self._around_mean += ((y - mean) ** 2).sum(axis=0) + difference**2 * (self._n * n / total)
        self._mean += difference * (n / total)
        self._residual += ((y - outputs) ** 2).sum(axis=0)
        self._n = total

    def score(self) -> float:
        """Return R^2; of an output that is constant 1 where it is predicted exactly, and 0 otherwise."""
        varies = self._around_mean > 0
        explained = 1 - self._residual / np.where(varies, self._around_mean, 1.0)
        return float(np.where(varies, explained, self._residual == 0).mean())


class WholeScore:
    """Compute a score that needs all rows at once; outputs and targets are kept until then, not the inputs.

    Parameters
    ----------
    score : callable
        ``score(outputs, targets)`` of all rows.
    """

    def __init__(self, score: Callable[[Array, Any], float]) -> None:
        self._score = score
        self._parts: list[tuple[Array, Any]] = []

    def add(self, outputs: Array, targets: Any) -> None:
        """Take some rows into account."""
        self._parts.append((np.array(outputs), np.array(targets)))

    def score(self) -> float:
        """Return the score of all rows."""
        outputs, targets = zip(*self._parts, strict=True)
        return self._score(np.concatenate(outputs), np.concatenate(targets))
