"""What a reported score is, and how far it can be trusted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest

from glassnet.doctor.scores.chance import DOUBTFUL, chance_of_match
from glassnet.doctor.scores.figures import OF_CONSTANTS, SLIPS, TRAINING, Codes, Evidence, values_of
from glassnet.doctor.scores.reported import Reported as Reported
from glassnet.errors import InvalidDataError


@dataclass(frozen=True)
class Slip:
    """Name a figure that reproduces a reported score.

    Attributes
    ----------
    name : str
        A key of `SLIPS`, or of a figure that is known otherwise, such as ``"training accuracy"``.
    answer : int or None
        The class of a constant answer; None where the given answers were scored.
    value : float
        The figure.
    accuracy : float
        What is right in truth.
    chance : float
        How probably this figure, or one that was tried before it, fits a score that is none of them.
    """

    name: str
    answer: int | None
    value: float
    accuracy: float
    chance: float = 0.0

    @property
    def is_accuracy(self) -> bool:
        """Whether it is no slip of the score at all."""
        return self.name == "accuracy"

    @property
    def is_sure(self) -> bool:
        """Whether it is hardly a coincidence that it fits."""
        return self.chance < DOUBTFUL


def search_slips(
    reported: Reported,
    truth: ArrayLike,
    answers: ArrayLike | None = None,
    *,
    n_classes: int | None = None,
    probabilities: ArrayLike | None = None,
    training_accuracy: float | None = None,
    elsewhere: Mapping[str, float] | None = None,
    is_ordered: bool = True,
) -> list[Slip]:
    """Return every figure that reproduces a reported score to its last digit.

    Parameters
    ----------
    reported : Reported
    truth : array-like of int, shape (n_samples,)
        The labels of the split, from 0.
    answers : array-like of int, shape (n_samples,), optional
        What the model answers; without them, constant answers only.
    n_classes : int, optional
        Unless given, the largest label plus one.
    probabilities : array-like of shape (n_samples, n_classes), optional
        For top-k and subset accuracy, and the loss.
    training_accuracy : float, optional
        For the slip of scoring the training data.
    elsewhere : mapping of str to float, optional
        Other figures that the score may be, by what they are called in a sentence.
    is_ordered : bool
        Whether the samples stand in the order in which they were scored.

    Returns
    -------
    list of Slip
        The given answers first, then constant ones; each in the order of `SLIPS`.

    Examples
    --------
    >>> truth = [1] * 1135 + [0] * 8865
    >>> slips = search_slips(Reported("relu", "test", "0.8227"), truth, n_classes=10)
    >>> [(slip.name, slip.answer) for slip in slips]
    [('element-wise accuracy of one-hot rows', 1)]
    """
    labels = _as_codes(truth)
    n_classes = n_classes or int(labels.max()) + 1
    found: list[Slip] = []
    if answers is not None:
        others = dict(elsewhere or {})
        if training_accuracy is not None:
            others[TRAINING] = training_accuracy
        p = None if probabilities is None else np.asarray(probabilities)
        if p is not None and (p.ndim != 2 or len(p) != len(labels) or p.shape[1] <= labels.max()):
            raise InvalidDataError(
                f"got probabilities of shape {p.shape}; expected a row for each of the {len(labels):,} "
                f"samples and a column for each class, {int(labels.max()) + 1} at least."
            )
        given = Evidence(labels, _as_codes(answers), n_classes, p, is_ordered, others)
        found += _matches(reported, given)
    return found + _search_constants(reported, labels, n_classes)


def _matches(reported: Reported, evidence: Evidence) -> list[Slip]:
    n = len(evidence.truth)
    tried: list[float] = []
    found: list[Slip] = []
    for name, values in values_of(evidence).items():
        if name != "accuracy":
            tried += values
        value = next((value for value in values if reported.equals(value)), None)
        if value is not None:
            chance = chance_of_match(reported, tried, evidence.right, n)
            found.append(Slip(name, None, value, evidence.right, chance))
    return found


def _search_constants(reported: Reported, labels: Codes, n_classes: int) -> list[Slip]:
    shares = np.bincount(labels, minlength=n_classes) / len(labels)
    values = {
        (name, code): SLIPS[name].values(Evidence(labels, np.full_like(labels, code), n_classes))[0]
        for code in range(n_classes)
        for name in OF_CONSTANTS
    }
    chance = chance_of_match(reported, values.values(), None, len(labels))
    return [
        Slip(name, code, value, float(shares[code]), chance)
        for (name, code), value in values.items()
        if reported.equals(value)
    ]


def implied_count(reported: Reported, n: int, n_classes: int) -> int | None:
    """Return the class size for which a constant answer has the reported *element-wise* accuracy.

    Parameters
    ----------
    reported : Reported
    n : int
        Samples of the split.
    n_classes : int

    Returns
    -------
    int or None
        None when no whole number of samples gives the score.
    """
    count = round((1 - n_classes * (1 - reported.value) / 2) * n)
    fits = 0 <= count <= n and reported.equals(1 - 2 * (1 - count / n) / n_classes)
    return count if fits else None


def wilson_interval(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of n samples.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    interval = binomtest(round(share * n), n).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def class_shares(labels: Codes) -> list[float]:
    """Return the share of each class."""
    return [float(share) for share in np.bincount(labels) / len(labels)]


def mcnemar(truth: ArrayLike, first: ArrayLike, second: ArrayLike) -> float:
    """Return how probable a difference as large as that of two models' answers is by chance.

    Parameters
    ----------
    truth, first, second : array-like of int, shape (n_samples,)
        Labels, and the answers of both models to the same samples.

    Returns
    -------
    float
        The p-value of the exact two-sided test; 1 where they are right on the same samples.

    References
    ----------
    Q. McNemar, "Note on the sampling error of the difference between correlated proportions", Psychometrika
    12 (1947).
    """
    labels, a, b = _as_codes(truth), _as_codes(first), _as_codes(second)
    only_first = int(((a == labels) & (b != labels)).sum())
    only_second = int(((a != labels) & (b == labels)).sum())
    discordant = only_first + only_second
    return float(binomtest(only_first, discordant).pvalue) if discordant else 1.0


def count_answers(
    answer: Callable[[NDArray[np.float64]], ArrayLike], X: ArrayLike, divisor: float, n_classes: int
) -> Codes:
    """Return how often each class is answered once the inputs are divided by `divisor`."""
    return np.bincount(_as_codes(answer(np.asarray(X, np.float64) / divisor)), minlength=n_classes)


def _as_codes(labels: ArrayLike) -> Codes:
    codes = np.asarray(labels)
    if codes.ndim != 1 or not len(codes) or codes.dtype.kind not in "iu" or codes.min() < 0:
        raise InvalidDataError(
            f"got labels of shape {codes.shape} and type {codes.dtype}; expected whole numbers from 0, shape "
            "(n_samples,). np.unique(labels, return_inverse=True)[1] numbers any labels."
        )
    return codes
