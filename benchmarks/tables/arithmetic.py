"""What is computed of scores: means, a common scale, what is beyond chance, who is better how often."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

TIE = 1e-9
"""Means that are nearer than this are equal."""


@dataclass(frozen=True)
class Mean:
    """Hold a mean, its standard error (None of a single value), and of how many values it is."""

    mean: float
    error: float | None
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Mean":
        """Average values; the error is their standard deviation over the root of their number."""
        n = len(values)
        error = float(np.std(values, ddof=1)) / math.sqrt(n) if n > 1 else None
        return cls(float(np.mean(values)), error, n)


def normalise(gains: Mapping[str, Sequence[float]]) -> dict[str, float] | None:
    """Return the scores of a table on a scale from 0, the constant answer, to 1, the best peer.

    Parameters
    ----------
    gains : mapping of str to sequence of float
        By how much each peer is better than the constant answer, on each split, the same for all.

    Returns
    -------
    dict of str to float or None
        ``max(0, gain / gain of the best)`` of the means; None where the best is not better than the constant
        answer by two standard errors, so that nothing but chance would be scaled up.
    """
    means = {peer: Mean.of(values) for peer, values in gains.items()}
    best = max(means.values(), key=lambda one: one.mean)
    if best.mean <= max(TIE, 2 * (best.error or 0.0)):
        return None
    return {peer: max(0.0, one.mean / best.mean) for peer, one in means.items()}


def is_clear(gain: Sequence[float]) -> bool:
    """Tell whether a mean gain is beyond chance, by the corrected t-test for splits that share rows.

    The test rows of k splits are 1 / (k - 1) of the training rows, so the variance of the mean is taken as
    ``(1 / k + 1 / (k - 1)) * variance of the gains``, and its t has k - 1 degrees of freedom; level 5 %.

    References
    ----------
    Nadeau, Bengio (2003), Inference for the generalization error, Machine Learning 52, 239-281.
    """
    k = len(gain)
    if k < 3:
        return False
    error = math.sqrt((1 / k + 1 / (k - 1)) * float(np.var(gain, ddof=1)))
    return bool(abs(np.mean(gain)) > max(TIE, error * float(stats.t.ppf(0.975, k - 1))))


def wilson(wins: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Return Wilson's interval of a share, 95 % by its default; ties may count as half a win.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209-212.
    """
    if not n:
        return 0.0, 1.0
    share, shrink = wins / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / shrink
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / shrink
    return max(0.0, middle - half), min(1.0, middle + half)


def geometric_mean(ratios: Sequence[float]) -> float | None:
    """Return the geometric mean, in which twice and half as long even out; None of none."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None


@dataclass(frozen=True)
class Tally:
    """Count on how many tables the reference was better, equal and worse than a peer.

    `clearly_better` and `clearly_worse` count those where it was so beyond chance.
    """

    better: int = 0
    equal: int = 0
    worse: int = 0
    clearly_better: int = 0
    clearly_worse: int = 0

    @classmethod
    def of(cls, gains: Iterable[Sequence[float]]) -> "Tally":
        """Count from the gains on each split, of each table."""
        counts = dict.fromkeys(("better", "equal", "worse", "clearly_better", "clearly_worse"), 0)
        for gain in gains:
            mean = float(np.mean(gain))
            counts["equal" if abs(mean) <= TIE else "better" if mean > 0 else "worse"] += 1
            if is_clear(gain):
                counts["clearly_better" if mean > 0 else "clearly_worse"] += 1
        return cls(**counts)

    @property
    def n(self) -> int:
        """Tables."""
        return self.better + self.equal + self.worse

    @property
    def rate(self) -> float:
        """The share of tables where the reference was better; equal counts as half."""
        return (self.better + self.equal / 2) / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the rate, over the tables."""
        return wilson(self.better + self.equal / 2, self.n)
