"""How probable it is that honest scores look like a slip, by accident.

A figure that fits a reported score to its last digit proves little where the score has two digits and twenty
figures were tried; nor do equal scores of many models on few samples.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.stats import binom, norm

from glassnet.doctor.scores.reported import Reported

SURE = 0.001
"""Below this chance, honest work is no explanation."""

DOUBTFUL = 0.05
"""From this chance on, it explains as much as a slip does, and no more than “may be” can be said."""

SHARED_ERRORS = 0.9
"""The correlation of two models' answers that is allowed for: on samples that are hard, all models fail."""

OTHER_MODEL = 0.02
"""The standard deviation of the accuracies of a model trained again."""

LARGEST_SIZE = 20_000
"""Up to which number of samples one is searched that gives all scores."""


def chance_of_match(reported: Reported, values: Iterable[float], accuracy: float | None, n: int) -> float:
    """Return how probably a score that is none of the figures tried rounds like the last of them.

    It is the probability of the score's own cell, once for each figure that was tried and has another one
    (Bonferroni). Half of such scores are taken to be uniform, half to be normal about the accuracy of the
    answers, as that of the model trained again is; all uniform above one half where there are no answers.

    Parameters
    ----------
    reported : Reported
        Its digits say how wide the cell is.
    values : iterable of float
        The figures that were tried.
    accuracy : float or None
        Of the answers.
    n : int
        Samples of the split; a share of them lies on the grid of 1/n.
    """
    width = 2 * reported.half_unit
    n_cells = len({round(value / width) for value in values})
    wide = max(width, 1 / n) if reported.can_be_share_of(n) else width
    return min(1.0, n_cells * wide * _density(reported.value, accuracy, n))


def _density(value: float, accuracy: float | None, n: int) -> float:
    if accuracy is None:
        return 2.0
    deviation = (2 * max(accuracy * (1 - accuracy), 1 / n) / n + OTHER_MODEL**2) ** 0.5
    return 0.5 + 0.5 * float(norm.pdf(value, accuracy, deviation))


def chance_of_equal(score: Reported, n_models: int, n_equal: int, n: int | None) -> float:
    """Return an upper bound on how probably as many of equally good models get one score.

    The models' scores are normal about one accuracy. What they do not have in common deviates by
    sqrt(a (1 - a) (1 - r) / n), where r is the correlation of their answers; cells are as wide as the
    digits written or one sample, whichever is more. The bound sums, over the cells, the binomial
    probability of `n_equal` models or more in it.

    Parameters
    ----------
    score : Reported
        The score that they have in common.
    n_models, n_equal : int
        How many models there are, and how many of them are equal.
    n : int or None
        Samples of the split; None where no number of samples is known.
    """
    n = LARGEST_SIZE if n is None else n
    width = max(2 * score.half_unit, 1 / n)
    share = min(max(score.value, 1 / (n + 2)), (n + 1) / (n + 2))  # no score is a law of nature
    deviation = (share * (1 - share) * (1 - SHARED_ERRORS) / n) ** 0.5
    cells = np.arange(-int(6 * deviation / width) - 1, int(6 * deviation / width) + 2)
    edges = norm.cdf(np.append(cells - 0.5, cells[-1] + 0.5) * width, 0, deviation)
    return float(min(1.0, binom.sf(n_equal - 1, n_models, np.diff(edges)).sum()))


def chance_of_copies(
    pairs: Sequence[tuple[Reported, Reported]], n_equal: int, sizes: tuple[int, int]
) -> float:
    """Return an upper bound on how probably the scores of as many models agree on two splits of these sizes.

    Splits that are equally hard for one model are so for the others: only the first is a surprise.

    Parameters
    ----------
    pairs : sequence of (Reported, Reported)
        Each model's scores of both splits.
    n_equal : int
        How many of these are equal.
    sizes : tuple of int
        Samples of both splits.
    """
    alone, together = [], []
    for one, other in pairs:
        a = min(max(one.value, 1 / (sizes[0] + 2)), (sizes[0] + 1) / (sizes[0] + 2))
        deviation = (a * (1 - a) * (1 / sizes[0] + 1 / sizes[1])) ** 0.5
        half = max(one.half_unit, other.half_unit, 0.5 / sizes[0], 0.5 / sizes[1])
        alone.append(2 * float(norm.cdf(half, 0, deviation)) - 1)
        together.append(2 * float(norm.cdf(half, 0, deviation * (1 - SHARED_ERRORS) ** 0.5)) - 1)
    return min(1.0, math.comb(len(pairs), n_equal) * max(alone) * max(together) ** (n_equal - 1))


def smallest_size(scores: Sequence[Reported]) -> int | None:
    """Return the smallest number of samples of which all the scores are shares; None where it is large."""
    sizes = np.arange(1, LARGEST_SIZE + 1)
    fits = np.ones(len(sizes), bool)
    for value, half in {(score.value, score.half_unit) for score in scores}:
        fits &= abs(np.rint(value * sizes) / sizes - value) <= half
    return int(sizes[fits.argmax()]) if fits.any() else None
