"""Whether test and training data were prepared alike; where not, what would make them fit again.

References that do well on training rows they have not seen must do as well on test rows. Where they do not,
each way in which the two parts could have come apart is undone, and the references are asked again.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from glassnet.doctor.measure.labels import OFFSETS
from glassnet.doctor.measure.reference import Reference, rank_score

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
MOST_COLUMNS, MOST_EXCHANGED = 1000, 60
"""So many columns are matched at most, and of so many every exchange of two is tried."""

EXACTLY = 1e-6
"""Means that lie nearer to 0 than this were subtracted from the very rows."""


EVENINGS = 40
"""Rounds in which the weights of classes are found with which all are answered as often as they are there."""

BETTER = 0.06
"""So much better references may do on the test rows than on training rows they had not been given."""

SIMPLER = 0.03
"""Columns can be put in many orders, so that some order is a little better by chance."""


class Remedy(StrEnum):
    """Say what was done to test data so that references are right about them again."""

    RENAMED = "renamed"
    """The classes got other names."""
    SHIFTED = "shifted"
    """The labels were moved by some rows."""
    RESCALED = "rescaled"
    """The columns got the means and spreads of the training columns."""
    REORDERED = "reordered"
    """The columns were put in another order."""


@dataclass(frozen=True)
class PreparationFacts:
    """Compare test rows with the training rows of the references.

    Attributes
    ----------
    reference : Reference
    X : ndarray of shape (n, n_columns)
        The test rows, scaled by the training columns.
    raw : ndarray of shape (n, n_columns)
        As they come.
    raw_train : ndarray
        The training rows of the reference as they come.
    y : ndarray of shape (n, n_outputs)
    """

    reference: Reference
    X: NDArray[np.float64]
    raw: NDArray[np.float64]
    raw_train: NDArray[np.float64]
    y: NDArray[np.float64]

    @property
    def error(self) -> float:
        """About the standard error of the difference between a test score and the cross-validated one."""
        reference = self.reference
        return float(np.hypot(reference.task.error(reference.score, len(self.y)), reference.error))

    @cached_property
    def outputs(self) -> NDArray[np.float64]:
        """What the best reference answers to the test rows."""
        return self.reference.answers(self.X)

    @cached_property
    def score(self) -> float:
        """The score of the best reference on the test rows as they are."""
        return self.reference.task.score(self.outputs, self.y)

    @property
    def falls(self) -> bool:
        """Whether references lose on the test rows what no chance explains."""
        lost = self.reference.score - self.score
        return self.reference.learns and bool(lost > max(0.06, 3.5 * self.error))

    @cached_property
    def evened_score(self) -> float:
        """The score once each class is answered as often as the test has it: its answers are multiplied.

        References do that to a test whose classes can be told apart, if they were taught that many samples
        of one are another: they rank the samples rightly, and answer the other.
        """
        truth = self.y.argmax(axis=1)
        outputs, shares = np.maximum(self.outputs, 1e-6), self.y.mean(axis=0)
        weights = np.ones(len(shares))
        for _ in range(EVENINGS):
            codes = (outputs * weights).argmax(axis=1)
            answered = np.bincount(codes, minlength=len(shares)) / len(codes)
            weights *= np.sqrt((shares + 1e-3) / (answered + 1e-3))
        return float(((outputs * weights).argmax(axis=1) == truth).mean())

    @property
    def is_mistaught(self) -> bool:
        """Whether references fall on the test rows, and do as well as they should once classes are evened."""
        if not self.reference.task.n_classes or not self.falls or self.remedy is not None:
            return False
        return self.evened_score > self.reference.score - 2 * self.error

    @property
    def is_cleaner(self) -> bool:
        """Whether references do better on the test rows, by score or by rank, than any chance explains."""
        reference = self.reference
        better = self.score - reference.score
        if better > max(BETTER, 3 * self.error):
            return True
        if not reference.task.n_classes:
            return False
        area, error = reference.ranking
        theirs, their_error = rank_score(reference.answers(self.X, reference.ranker), self.y)
        return theirs - area > max(BETTER, 3 * float(np.hypot(error, their_error)))

    def wins_back(self, score: float) -> bool:
        """Whether a score is at least half of the way back from the test score to the cross-validated one."""
        return score - self.score >= 0.5 * (self.reference.score - self.score) and score > self.score + 0.05

    @cached_property
    def best_shift(self) -> tuple[int, float]:
        """The shift of the test labels with the highest score, and that score."""
        task = self.reference.task
        scores = {offset: task.score(self.outputs, np.roll(self.y, offset, axis=0)) for offset in OFFSETS}
        best = max(scores, key=lambda offset: scores[offset])
        return best, scores[best]

    @cached_property
    def reorder(self) -> tuple[NDArray[np.intp], float] | None:
        """The order of the test columns that fits the training columns best, and the score then.

        That is the exchange of two, of few columns, with which the linear reference does best: of so many
        exchanges one helps by chance, so it has to win back all. Else it is the order in which they look
        alike. None where columns stay in place.
        """
        if self.X.shape[1] > MOST_COLUMNS or len(self.X) < 20:
            return None
        exchange = self._exchange()
        if exchange is not None:
            score = self._score_in(exchange)
            if score > self.reference.score - max(SIMPLER, 2 * self.error):
                return exchange, score
        alike = self._look_alike()
        return None if alike is None else (alike, self._score_in(alike))

    def _score_in(self, order: NDArray[np.intp]) -> float:
        scaled = self.reference.scaled(self.raw[:, order])
        finite = np.isfinite(scaled).all()
        return self.reference.task.score(self.reference.answers(scaled), self.y) if finite else 0.0

    def _look_alike(self) -> NDArray[np.intp] | None:
        """Match columns by their quantiles and by their means where the answer is this or that.

        The assignment with the least squared differences is taken.
        """
        n_classes, y = self.reference.task.n_classes, self.reference.train.y
        known = np.minimum(y.sum(axis=0), self.y.sum(axis=0)) >= 5 if n_classes else None
        train, test = _profiles(self.raw_train, y, known), _profiles(self.raw, self.y, known)
        costs = (train**2).sum(axis=1)[:, None] + (test**2).sum(axis=1) - 2 * train @ test.T
        order = np.asarray(linear_sum_assignment(costs)[1], np.intp)
        return None if (order == np.arange(len(order))).all() else order

    def _exchange(self) -> NDArray[np.intp] | None:
        """Find the two columns whose exchange brings the linear reference most."""
        n_columns, task = self.X.shape[1], self.reference.task
        if n_columns > MOST_EXCHANGED or not np.isfinite(self.X).all():
            return None
        outputs, slopes = self.reference.answers(self.X, "linear"), self.reference.slopes
        best, pair = task.score(outputs, self.y), None
        for i, j in combinations(range(n_columns), 2):
            change = np.outer(self.X[:, j] - self.X[:, i], slopes[i] - slopes[j])
            score = task.score(outputs + change, self.y)
            if score > best:
                best, pair = score, (i, j)
        if pair is None:
            return None
        order = np.arange(n_columns)
        order[list(pair)] = order[list(pair[::-1])]
        return order

    @cached_property
    def rescaled_score(self) -> float:
        """The score of the best reference once the test columns have the means and spreads of training."""
        std = self.X.std(axis=0)
        again = (self.X - self.X.mean(axis=0)) / np.where(std > 1e-12, std, np.inf)
        return self.reference.task.score(self.reference.answers(again), self.y)

    @cached_property
    def renamed_score(self) -> float:
        """The score under the best one-to-one renaming of the test labels; that as it is for numbers."""
        n_classes = self.reference.task.n_classes
        if not n_classes:
            return self.score
        counts = self.y.T @ np.eye(n_classes)[self.outputs.argmax(axis=1)]
        rows, columns = linear_sum_assignment(-counts)
        return float(counts[rows, columns].sum() / len(self.y))

    @cached_property
    def remedy(self) -> Remedy | None:
        """What brings most of the references' score back; None where nothing does, or none was lost."""
        if not self.falls:
            return None
        scores = {
            Remedy.RENAMED: self.renamed_score,
            Remedy.SHIFTED: self.best_shift[1],
            Remedy.RESCALED: self.rescaled_score if len(self.moved_columns) else -np.inf,
            Remedy.REORDERED: -np.inf if self.reorder is None else self.reorder[1] - SIMPLER,
        }
        best = max(scores, key=lambda remedy: scores[remedy])
        return best if self.wins_back(scores[best]) else None

    @cached_property
    def moved_columns(self) -> NDArray[np.intp]:
        """The columns whose test mean or spread no independent rows would have, the farthest first."""
        n, m = len(self.X), len(self.reference.train)
        means, stds = self.X.mean(axis=0), self.X.std(axis=0)
        z = np.abs(means) / np.sqrt(1 / n + 1 / m)
        ratios = np.abs(np.log(np.maximum(stds, 1e-9)))
        varies = self.reference.std < np.inf
        moved = varies & (((z > 6) & (np.abs(means) > 0.5)) | (ratios > np.log(2) + 3 / np.sqrt(min(n, m))))
        far = np.maximum(np.abs(means), ratios)
        return np.asarray([j for j in np.argsort(-far) if moved[j]], np.intp)

    @property
    def has_own_statistics(self) -> bool:
        """Whether the test columns were brought to mean 0 and spread 1 by their own numbers."""

        def standard(X: NDArray[np.float64]) -> bool:
            varies = X.std(axis=0) > 0
            if varies.sum() < 2:
                return False
            means, stds = np.abs(X[:, varies].mean(axis=0)), X[:, varies].std(axis=0)
            ddof = np.sqrt((len(X) - 1) / len(X))
            return bool(
                (means < EXACTLY).mean() > 0.9
                and ((np.abs(stds - 1) < EXACTLY) | (np.abs(stds - ddof) < EXACTLY)).mean() > 0.9
            )

        return len(self.raw) > 5 and standard(self.raw)

    @cached_property
    def line(self) -> tuple[float, float, float]:
        """For numbers: slope, offset and R squared of the line from the references' answers to the test's."""
        x, y = self.outputs[:, 0], self.y[:, 0]
        if self.reference.task.n_classes or x.std() == 0 or y.std() == 0:
            return 1.0, 0.0, 0.0
        slope, offset = np.polyfit(x, y, 1)
        return float(slope), float(offset), float(np.corrcoef(x, y)[0, 1] ** 2)


def _profiles(
    X: NDArray[np.float64], y: NDArray[np.float64], known: NDArray[np.bool_] | None
) -> NDArray[np.float64]:
    """Return what tells one column from another, shape (n_columns, n_facts), each on the column's scale.

    `known` says which classes there are samples enough of; it is None for numbers.
    """
    quantiles = np.quantile(X, QUANTILES, axis=0)
    if known is not None:
        means = (y.T @ X)[known] / y.sum(axis=0)[known, None]
    else:
        centred = (y - y.mean(axis=0)) / np.where(y.std(axis=0) > 0, y.std(axis=0), np.inf)
        means = X.mean(axis=0) + centred.T @ (X - X.mean(axis=0)) / len(X)
    return np.asarray(np.concatenate([quantiles, means]).T)
