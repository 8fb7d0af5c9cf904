"""What a reported score can be: accuracies, and the slips that are taken for accuracies.

A slip is a figure that is computed from right labels and right answers, and is not the accuracy. Each is one
function and one entry of `SLIPS`; the search tries all of them on the answers that were given, and on every
constant answer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest
from sklearn.metrics import precision_score, recall_score

from glassnet.errors import InvalidDataError

Codes = NDArray[np.integer]


def accuracy(truth: Codes, answers: Codes, n_classes: int) -> float:
    """Return the share of samples answered rightly."""
    return float((truth == answers).mean())


def element_wise_accuracy(truth: Codes, answers: Codes, n_classes: int) -> float:
    """Return the share of equal *entries* of one-hot labels and answers: 1 - 2 (1 - accuracy) / K.

    Of a wrong answer still K - 2 of K entries are right: the zeros that both rows have.
    """
    return 1 - 2 * (1 - accuracy(truth, answers, n_classes)) / n_classes


def swapped_balanced_accuracy(truth: Codes, answers: Codes, n_classes: int) -> float:
    """Return the balanced accuracy with labels and answers in each other's place."""
    return balanced_accuracy(answers, truth, n_classes)


def balanced_accuracy(truth: Codes, answers: Codes, n_classes: int) -> float:
    """Return the mean recall of the classes that there are."""
    return float(recall_score(truth, answers, labels=np.unique(truth), average="macro", zero_division=0))


def macro_precision(truth: Codes, answers: Codes, n_classes: int) -> float:
    """Return the mean precision of the classes, 0 for a class that is never answered."""
    return float(precision_score(truth, answers, average="macro", zero_division=0))


SLIPS: dict[str, Callable[[Codes, Codes, int], float]] = {
    "accuracy": accuracy,
    "element-wise accuracy of one-hot rows": element_wise_accuracy,
    "balanced accuracy": balanced_accuracy,
    "balanced accuracy with labels and answers swapped": swapped_balanced_accuracy,
    "macro precision": macro_precision,
}
"""What an accuracy is mistaken for, and accuracy itself."""

OF_CONSTANTS = (accuracy, element_wise_accuracy)
"""Those of a constant answer that tell it from others; the rest follow from the number of classes alone."""


@dataclass(frozen=True)
class Reported:
    """Hold a score as it was reported.

    Attributes
    ----------
    model, split : str
    text : str
        As written: its digits say how exactly it is known.
    """

    model: str
    split: str
    text: str

    @property
    def value(self) -> float:
        """The number."""
        return float(self.text)

    @property
    def half_unit(self) -> float:
        """By how much the number may be off because it was rounded."""
        digits = self.text.lower().split("e")[0].partition(".")[2]
        exponent = int(self.text.lower().partition("e")[2] or 0)
        return 0.5 * 10.0 ** (exponent - len(digits)) + 1e-12

    def equals(self, value: float) -> bool:
        """Say whether a number rounds to the reported one."""
        return abs(value - self.value) <= self.half_unit

    def can_be_share_of(self, n: int) -> bool:
        """Say whether some whole number of hits among n samples gives the score."""
        return self.equals(round(self.value * n) / n)


@dataclass(frozen=True)
class Slip:
    """Name a figure that reproduces a reported score.

    Attributes
    ----------
    name : str
        A key of `SLIPS`, or ``"training accuracy"`` or ``"subset accuracy"``.
    answer : int or None
        The class of a constant answer; None where the given answers were scored.
    value : float
        The figure.
    accuracy : float
        What is right in truth.
    """

    name: str
    answer: int | None
    value: float
    accuracy: float

    @property
    def is_accuracy(self) -> bool:
        """Whether it is no slip of the score at all."""
        return SLIPS.get(self.name) is accuracy


def search_slips(
    reported: Reported,
    truth: ArrayLike,
    answers: ArrayLike | None = None,
    *,
    n_classes: int | None = None,
    probabilities: ArrayLike | None = None,
    training_accuracy: float | None = None,
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
        For the subset accuracy: every entry of the thresholded row has to be right.
    training_accuracy : float, optional
        For the slip of scoring the training data.

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
        given = _as_codes(answers)
        found += _matches(reported, labels, given, n_classes, None)
        right = accuracy(labels, given, n_classes)
        if training_accuracy is not None and reported.equals(training_accuracy):
            found.append(Slip("training accuracy", None, training_accuracy, right))
        if probabilities is not None:
            subset = subset_accuracy(labels, np.asarray(probabilities))
            if reported.equals(subset):
                found.append(Slip("subset accuracy", None, subset, right))
    for code in range(n_classes):
        found += _matches(reported, labels, np.full_like(labels, code), n_classes, code)
    return found


def _matches(
    reported: Reported, truth: Codes, answers: Codes, n_classes: int, answer: int | None
) -> Iterator[Slip]:
    right = accuracy(truth, answers, n_classes)
    for name, figure in SLIPS.items():
        if answer is not None and figure not in OF_CONSTANTS:
            continue
        value = figure(truth, answers, n_classes)
        if reported.equals(value):
            yield Slip(name, answer, value, right)


def subset_accuracy(truth: Codes, probabilities: NDArray[np.floating]) -> float:
    """Return the share of samples whose probabilities, cut at 1/2, are exactly the one-hot row of the label.

    A sample whose best class has less than 1/2 counts as wrong, even where that class is right.
    """
    cut = probabilities > 0.5
    rows = np.arange(probabilities.shape[1]) == np.asarray(truth)[:, np.newaxis]
    return float((cut == rows).all(axis=1).mean())


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
