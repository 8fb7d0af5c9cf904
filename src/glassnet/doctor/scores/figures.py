"""The catalogue of figures that a reported score can be: the accuracy, and what is taken for it by a slip.

Each is one function and one entry of `SLIPS`. A figure that asks for what is not known, such as
probabilities, has no values; some have several, since a slip can be made in more than one way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Codes = NDArray[np.integer]


@dataclass(frozen=True)
class Evidence:
    """Hold what a score may have been computed from.

    Attributes
    ----------
    truth, answers : ndarray of int, shape (n_samples,)
        The class labelled and the class answered, from 0.
    n_classes : int
    probabilities : ndarray of shape (n_samples, n_classes) or None
    is_ordered : bool
        Whether the samples stand in the order in which they were scored; counts of a confusion matrix do not.
    elsewhere : mapping of str to float
        Figures that are known otherwise, by their names: ``{"training accuracy": 0.987}``.
    """

    truth: Codes
    answers: Codes
    n_classes: int
    probabilities: NDArray[np.floating] | None = None
    is_ordered: bool = True
    elsewhere: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def right(self) -> float:
        """The share of samples answered rightly: the accuracy."""
        return float((self.truth == self.answers).mean())

    @cached_property
    def confusion(self) -> NDArray[np.intp]:
        """How often a class (row) is answered by each class (column), without classes that do not occur."""
        present, codes = np.unique(np.concatenate([self.truth, self.answers]), return_inverse=True)
        k, n = len(present), len(self.truth)
        return np.bincount(codes[:n] * k + codes[n:], minlength=k * k).reshape(k, k)

    @cached_property
    def recalls(self) -> NDArray[np.float64]:
        """The share of each class that is answered rightly; 0 of a class that has no samples."""
        return _divide(np.diag(self.confusion), self.confusion.sum(axis=1))

    @cached_property
    def precisions(self) -> NDArray[np.float64]:
        """The share of each answer that is right; 0 of a class that is never answered."""
        return _divide(np.diag(self.confusion), self.confusion.sum(axis=0))

    @cached_property
    def f1(self) -> NDArray[np.float64]:
        """The harmonic mean of precision and recall of each class."""
        return _divide(2 * self.precisions * self.recalls, self.precisions + self.recalls)


@dataclass(frozen=True)
class Figure:
    """Say how a figure is computed, and how the slip is mended.

    Attributes
    ----------
    name : str
        Its name in a sentence: "it is the *macro F1*".
    values : callable
        ``values(evidence)`` returns the figure, once for each way to compute it; none where it cannot be.
    cure : str
        What to write instead.
    """

    name: str
    values: Callable[[Evidence], tuple[float, ...]]
    cure: str = "Compare classes: (model.predict(X_test) == y_test).mean()."


def _divide(a: NDArray[np.number], b: NDArray[np.number]) -> NDArray[np.float64]:
    return np.asarray(np.divide(a, b, out=np.zeros(len(a)), where=b > 0))


def accuracy(evidence: Evidence) -> tuple[float, ...]:
    """Return the share of samples answered rightly."""
    return (evidence.right,)


def element_wise_accuracy(evidence: Evidence) -> tuple[float, ...]:
    """Return the share of equal *entries* of one-hot labels and answers: 1 - 2 (1 - accuracy) / K.

    Of a wrong answer still K - 2 of K entries are right: the zeros that both rows have.
    """
    return (1 - 2 * (1 - evidence.right) / evidence.n_classes,)


def thresholded_entries(evidence: Evidence) -> tuple[float, ...]:
    """Return the share of equal entries of one-hot labels and probabilities cut at 1/2."""
    rows = _one_hot_and_cut(evidence)
    return () if rows is None else (float((rows[0] == rows[1]).mean()),)


def subset_accuracy(evidence: Evidence) -> tuple[float, ...]:
    """Return the share of samples whose probabilities, cut at 1/2, are exactly the one-hot row of the label.

    A sample whose best class has less than 1/2 counts as wrong, even where that class is right.
    """
    rows = _one_hot_and_cut(evidence)
    return () if rows is None else (float((rows[0] == rows[1]).all(axis=1).mean()),)


def equal_rows(evidence: Evidence) -> tuple[float, ...]:
    """Return the share of samples whose probabilities *are* the one-hot row, uncut: hardly any."""
    rows = _one_hot_and_cut(evidence)
    if rows is None or evidence.probabilities is None:
        return ()
    return (float((rows[0] == evidence.probabilities).all(axis=1).mean()),)


def _one_hot_and_cut(evidence: Evidence) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    if evidence.probabilities is None:
        return None
    rows = np.arange(evidence.probabilities.shape[1]) == np.asarray(evidence.truth)[:, np.newaxis]
    return rows, evidence.probabilities > 0.5


def balanced_accuracy(evidence: Evidence) -> tuple[float, ...]:
    """Return the mean recall of the classes that there are."""
    return (float(evidence.recalls[evidence.confusion.sum(axis=1) > 0].mean()),)


def swapped_balanced_accuracy(evidence: Evidence) -> tuple[float, ...]:
    """Return the balanced accuracy with labels and answers in each other's place."""
    return (float(evidence.precisions[evidence.confusion.sum(axis=0) > 0].mean()),)


def macro_precision(evidence: Evidence) -> tuple[float, ...]:
    """Return the mean precision of the classes, 0 for a class that is never answered."""
    return (float(evidence.precisions.mean()),)


def macro_f1(evidence: Evidence) -> tuple[float, ...]:
    """Return the mean F1 of the classes."""
    return (float(evidence.f1.mean()),)


def weighted_precision(evidence: Evidence) -> tuple[float, ...]:
    """Return the mean precision of the classes, weighted by how many samples they have."""
    return (float(np.average(evidence.precisions, weights=evidence.confusion.sum(axis=1))),)


def weighted_f1(evidence: Evidence) -> tuple[float, ...]:
    """Return the mean F1 of the classes, weighted by how many samples they have."""
    return (float(np.average(evidence.f1, weights=evidence.confusion.sum(axis=1))),)


def of_one_class(measure: str) -> Callable[[Evidence], tuple[float, ...]]:
    """Return a function: of two classes, the measure of either as the positive one, the second first."""

    def values(evidence: Evidence) -> tuple[float, ...]:
        both: NDArray[np.float64] = getattr(evidence, measure)
        return (float(both[1]), float(both[0])) if len(both) == 2 and evidence.n_classes <= 2 else ()

    return values


def cohen_kappa(evidence: Evidence) -> tuple[float, ...]:
    """Return how far the accuracy lies above that of independent answers, of what lies above it."""
    counts = evidence.confusion
    guess = float(counts.sum(axis=0) @ counts.sum(axis=1)) / counts.sum() ** 2
    return ((evidence.right - guess) / (1 - guess),) if guess < 1 else ()


def matthews(evidence: Evidence) -> tuple[float, ...]:
    """Return the correlation of labels and answers (Matthews), of any number of classes."""
    counts = evidence.confusion.astype(float)
    n, true, answered = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    spread = (n**2 - true @ true) * (n**2 - answered @ answered)
    return (float((np.trace(counts) * n - true @ answered) / spread**0.5),) if spread > 0 else ()


def area_under_curve(evidence: Evidence) -> tuple[float, ...]:
    """Return the area under the ROC curve, of two classes: how often a positive sample ranks first."""
    if evidence.probabilities is None or evidence.n_classes != 2:
        return ()
    positive = evidence.truth == 1
    n = int(positive.sum())
    if not 0 < n < len(positive):
        return ()
    ranks = rankdata(evidence.probabilities[:, -1])
    return (float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(positive) - n))),)


def top(k: int) -> Callable[[Evidence], tuple[float, ...]]:
    """Return a function: the share of samples whose label is among the k most probable classes."""

    def values(evidence: Evidence) -> tuple[float, ...]:
        p = evidence.probabilities
        if p is None or p.shape[1] <= k:
            return ()
        own = p[np.arange(len(p)), evidence.truth][:, np.newaxis]
        first = (p > own).sum(axis=1)  # of equal ones the label comes first, as in Keras
        later = np.arange(p.shape[1]) > evidence.truth[:, np.newaxis]
        last = first + ((p == own) & later).sum(axis=1)  # those of higher number do, as in scikit-learn
        return float((first < k).mean()), float((last < k).mean())

    return values


def shifted_rows(evidence: Evidence) -> tuple[float, ...]:
    """Return the accuracy with the answers one row too late and too early: in a circle, and cut off."""
    t, a = evidence.truth, evidence.answers
    if not evidence.is_ordered or len(t) < 3:
        return ()
    late, early = (t[1:] == a[:-1]), (t[:-1] == a[1:])
    ends = (t[0] == a[-1], t[-1] == a[0])
    pairs = zip((late, early), ends, strict=True)
    return tuple(float(v) for part, end in pairs for v in (part.mean(), (part.sum() + end) / len(t)))


def shifted_classes(evidence: Evidence) -> tuple[float, ...]:
    """Return the accuracy with classes counted from 1 on one side and from 0 on the other."""
    difference = evidence.truth - evidence.answers
    return float((difference == 1).mean()), float((difference == -1).mean())


def neighbouring_classes(evidence: Evidence) -> tuple[float, ...]:
    """Return the share of answers that are at most one class beside the label."""
    return (float((abs(evidence.truth - evidence.answers) <= 1).mean()),) if evidence.n_classes > 2 else ()


def error_rate(evidence: Evidence) -> tuple[float, ...]:
    """Return the share of samples answered wrongly."""
    return (1 - evidence.right,)


def hundredth(evidence: Evidence) -> tuple[float, ...]:
    """Return the accuracy divided by 100, as if it had been a percentage."""
    return (evidence.right / 100,)


def log_loss(evidence: Evidence) -> tuple[float, ...]:
    """Return the mean cross-entropy, clipped as scikit-learn clips it."""
    p = evidence.probabilities
    if p is None:
        return ()
    own = p[np.arange(len(p)), evidence.truth].astype(np.float64)
    return (float(-np.log(np.clip(own, np.finfo(p.dtype).eps, 1)).mean()),)


NAME_IT = "Report accuracy_score(y_test, answers), or call the score by its name."
MOST_PROBABLE = "Compare classes: (p.argmax(axis=1) == y_test).mean()."

SLIPS: dict[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure("accuracy", accuracy),
        Figure(
            "element-wise accuracy of one-hot rows",
            element_wise_accuracy,
            "Compare classes, not entries: (y_true.argmax(axis=1) == y_pred.argmax(axis=1)).mean().",
        ),
        Figure("error rate", error_rate, "Report 1 minus the error rate."),
        Figure("macro F1", macro_f1, NAME_IT),
        Figure("weighted F1", weighted_f1, NAME_IT),
        Figure("balanced accuracy", balanced_accuracy, NAME_IT),
        Figure("macro precision", macro_precision, NAME_IT),
        Figure(
            "balanced accuracy with labels and answers swapped",
            swapped_balanced_accuracy,
            "Labels come first: balanced_accuracy_score(y_test, answers).",
        ),
        Figure("weighted precision", weighted_precision, NAME_IT),
        Figure("F1 of one class", of_one_class("f1"), NAME_IT),
        Figure("precision of one class", of_one_class("precisions"), NAME_IT),
        Figure("recall of one class", of_one_class("recalls"), NAME_IT),
        Figure("top-2 accuracy", top(2), MOST_PROBABLE),
        Figure("top-3 accuracy", top(3), MOST_PROBABLE),
        Figure("top-5 accuracy", top(5), MOST_PROBABLE),
        Figure("subset accuracy", subset_accuracy, MOST_PROBABLE),
        Figure("accuracy of the thresholded entries", thresholded_entries, MOST_PROBABLE),
        Figure("share of whole rows of probabilities that equal the one-hot row", equal_rows, MOST_PROBABLE),
        Figure(
            "accuracy with the rows off by one",
            shifted_rows,
            "Put answers and labels into one order, and look at the first and the last row of both.",
        ),
        Figure(
            "accuracy with the class numbers off by one",
            shifted_classes,
            "Number the classes from 0 on both sides, or compare names.",
        ),
        Figure(
            "accuracy up to one class (off by one counts as right)",
            neighbouring_classes,
            "Count equal classes alone: (answers == y_test).mean().",
        ),
        Figure("accuracy divided by 100", hundredth, "Write the share, or the percentage with its sign."),
        Figure("cross-entropy loss", log_loss, "Report the accuracy: evaluate() returns the loss first."),
        Figure("Cohen's kappa", cohen_kappa, NAME_IT),
        Figure("Matthews correlation", matthews, NAME_IT),
        Figure("area under the ROC curve", area_under_curve, NAME_IT),
    )
}
"""What an accuracy is mistaken for, and accuracy itself; the likelier first: they are tried in this order."""

OF_CONSTANTS = ("accuracy", "element-wise accuracy of one-hot rows")
"""Those of a constant answer that tell it from others; the rest follow from the number of classes alone."""

TRAINING = "training accuracy"
VALIDATION = "validation accuracy"
BEST_VALIDATION = "validation accuracy of the best epoch"
BEST_EPOCH = "accuracy of the best epoch on these very samples"
LOSS = "loss"

ELSEWHERE_CURES = {
    TRAINING: "Score samples that the model was not trained on.",
    VALIDATION: "Score the test samples: the validation data chose the model.",
    BEST_VALIDATION: "Score the test samples: the validation data chose the epoch.",
    BEST_EPOCH: "Choose the epoch by validation data, and score the test samples once.",
    LOSS: "Report the accuracy: evaluate() returns the loss first.",
}
"""The cures of figures that are known otherwise; others have that of the accuracy."""


def cure_of(name: str) -> str:
    """Return what to do about a score that is the figure of this name."""
    return SLIPS[name].cure if name in SLIPS else ELSEWHERE_CURES.get(name, SLIPS["accuracy"].cure)


def values_of(evidence: Evidence) -> dict[str, tuple[float, ...]]:
    """Return every figure that can be computed, by its name, the likelier first.

    Those known otherwise that have a cure of their own come after the first two of `SLIPS`, others last.
    """
    values = {name: figure.values(evidence) for name, figure in SLIPS.items()}
    others = {name: (value,) for name, value in evidence.elsewhere.items()}
    order = [*OF_CONSTANTS, *ELSEWHERE_CURES, *SLIPS, *others]
    both = values | others
    return {name: both[name] for name in dict.fromkeys(order) if name in both}
