"""What simple models make of the data: how much there is to be learnt from the samples, and in which way.

A network is judged by them rather than by a limit on its loss: noisy data have no network with a small loss,
and easy data none that may be content with a fair one.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from glassnet._common.arrays import Array

REFERENCE_ROWS = 600
"""How many training rows the references are fitted on; they are cross-validated on the same."""

STRENGTHS = (1e-3, 1e-2, 0.1, 1.0, 10.0)
"""The ridges that are tried, as multiples of the mean eigenvalue of the kernel."""

NAMES = {"linear": "linear model", "bumps": "model of neighbours", "forest": "forest"}
"""What people call the simple models."""

TREES, LEAF, WIDE = 50, 2, 100

FEW_OF_A_CLASS = 5
"""Whether a class is told from the others is not asked of fewer samples."""


@dataclass(frozen=True)
class Task:
    """Say what an answer is, and how a set of them is scored.

    Attributes
    ----------
    n_classes : int
        0 for a regression.
    """

    n_classes: int

    def targets(self, codes_or_numbers: NDArray[np.floating] | NDArray[np.intp]) -> NDArray[np.float64]:
        """Return one-hot rows of class codes; numbers as they are, shape (n, n_outputs)."""
        if not self.n_classes:
            return np.asarray(codes_or_numbers, np.float64)
        return np.asarray(np.eye(self.n_classes)[np.asarray(codes_or_numbers, np.intp)])

    def score(self, outputs: Array, truth: Array) -> float:
        """Return the accuracy, or R squared, the mean over the outputs that vary.

        Parameters
        ----------
        outputs : ndarray of shape (n, n_outputs)
            One for each class, or the numbers.
        truth : ndarray of shape (n, n_outputs)
            As `targets` gives them.
        """
        rows = self.row_scores(outputs, truth)
        return float(rows.mean()) if len(rows) else np.nan

    def row_scores(self, outputs: Array, truth: Array) -> NDArray[np.float64]:
        """Return what each row has of the score, shape (n,); their mean is the score. Empty without one."""
        if self.n_classes:
            return np.asarray(outputs.argmax(axis=1) == truth.argmax(axis=1), np.float64)
        variance = truth.var(axis=0) if len(truth) else np.zeros(truth.shape[1])
        varies = variance > 0
        if not varies.any():
            return np.zeros(0)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(1 - ((truth - outputs)[:, varies] ** 2 / variance[varies]).mean(axis=1))

    def error(self, score: float, n: int) -> float:
        """Return about the standard error of a score of n samples."""
        if self.n_classes:
            return float(np.sqrt(max(score * (1 - score), 0.01) / max(n, 1)))
        return float(2 * np.sqrt(max(1 - score, 0.02) * max(min(score, 1), 0.02) / max(n, 1)))


@dataclass(frozen=True)
class Table:
    """Hold samples as references take them.

    Attributes
    ----------
    X : ndarray of shape (n, n_columns), float64
    y : ndarray of shape (n, n_outputs), float64
        As `Task.targets` gives them.
    """

    X: NDArray[np.float64]
    y: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.X)


@dataclass(frozen=True)
class Ridge:
    """Hold the answers of a ridge regression in one space of features: linear, or of Gaussian bumps.

    Attributes
    ----------
    name : str
    kernel : ndarray of shape (n, n)
        Of the training rows.
    """

    name: str
    kernel: NDArray[np.float64]

    @cached_property
    def _eigen(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        values, vectors = np.linalg.eigh(self.kernel)
        return np.maximum(values, 0), vectors

    def strengths(self) -> list[float]:
        """Return the ridges to try."""
        scale = float(self._eigen[0].mean()) or 1.0
        return [strength * scale for strength in STRENGTHS]

    def left_out(self, y: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
        """Return the answer to each row by a fit to all others, shape of y.

        With H = K (K + s I)^-1, its residual is that of the fit to all, divided by 1 - H_ii.
        """
        values, vectors = self._eigen
        shrunk = values / (values + strength)
        own = np.minimum((vectors**2) @ shrunk, 1 - 1e-6)
        mean = y.mean(axis=0)
        fitted = vectors @ (shrunk[:, None] * (vectors.T @ (y - mean)))
        return np.asarray(y - (y - mean - fitted) / (1 - own)[:, None])

    def weights(self, y: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
        """Return the dual weights, shape of y: answers are kernel rows times them, plus the mean of y."""
        values, vectors = self._eigen
        return np.asarray(vectors @ ((vectors.T @ (y - y.mean(axis=0))) / (values + strength)[:, None]))


@dataclass(frozen=True)
class Reference:
    """Hold what the best of some simple models makes of the training data.

    Attributes
    ----------
    task : Task
    train : Table
        The rows they were fitted on, columns brought to mean 0 and standard deviation 1.
    mean, std : ndarray of shape (n_columns,)
        Of the columns.
    linear, bumps : Ridge
    scores : dict of str to float
        Cross-validated, by the name of the model.
    chance : float
        What the best constant answer scores.
    chance_error : float
        About the standard deviation of the scores with labels that have nothing to do with the samples.
    """

    task: Task
    train: Table
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    linear: Ridge
    bumps: Ridge
    scores: dict[str, float]
    strengths: dict[str, float]
    forest: ExtraTreesClassifier | ExtraTreesRegressor
    chance: float
    chance_error: float

    @property
    def best(self) -> str:
        """The model with the highest score."""
        return max(self.scores, key=lambda name: self.scores[name])

    @property
    def score(self) -> float:
        """The highest cross-validated score."""
        return self.scores[self.best]

    @property
    def error(self) -> float:
        """About the standard error of `score`."""
        return self.task.error(self.score, len(self.train))

    @property
    def learns(self) -> bool:
        """Whether there is something in the samples that tells the answers, beyond chance."""
        return self.score > self.chance + 3 * self.chance_error

    @cached_property
    def ranking(self) -> tuple[float, float]:
        """How well the better ridge ranks rows it was not given, and the standard error; see `rank_score`."""
        name = self.ranker
        ridge = self.linear if name == "linear" else self.bumps
        return rank_score(ridge.left_out(self.train.y, self.strengths[name]), self.train.y)

    @property
    def ranker(self) -> str:
        """The name of the better ridge."""
        return max(("linear", "bumps"), key=lambda name: self.scores[name])

    @property
    def ranks(self) -> bool:
        """Whether rows of a class get more for it than others, beyond chance: so may a rare one's.

        Where one class is common, the best answer may be that class throughout, and still differ in how sure.
        """
        area, error = self.ranking
        return self.learns or area > 0.5 + 3 * error

    def scaled(self, X: Array) -> NDArray[np.float64]:
        """Return other rows with the columns scaled as those of the training rows."""
        return np.asarray((np.asarray(X, np.float64) - self.mean) / self.std)

    def answers(self, X: NDArray[np.float64], name: str | None = None) -> NDArray[np.float64]:
        """Return what a model, the best unless named, answers to scaled rows, shape (n, n_outputs)."""
        name = self.best if name is None else name
        if name == "forest":
            return _forest_outputs(self.forest, X, self.task)
        ridge = self.linear if name == "linear" else self.bumps
        kernel = linear_kernel(X, self.train.X) if name == "linear" else bumps_kernel(X, self.train.X)
        weights = ridge.weights(self.train.y, self.strengths[name])
        return np.asarray(kernel @ weights + self.train.y.mean(axis=0))

    @cached_property
    def slopes(self) -> NDArray[np.float64]:
        """By how much the linear model's answers rise with each scaled column, (n_columns, n_outputs)."""
        weights = self.linear.weights(self.train.y, self.strengths["linear"])
        return np.asarray(self.train.X.T @ weights / max(self.train.X.shape[1], 1))

    def left_out_score(self, y: NDArray[np.float64]) -> float:
        """Return the best cross-validated score that a ridge has with other targets of the same rows."""
        ridges = ((self.linear, "linear"), (self.bumps, "bumps"))
        return max(self.task.score(ridge.left_out(y, self.strengths[name]), y) for ridge, name in ridges)


def rank_score(outputs: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Return how often a row of a class gets more for it than a row of another, and the error by chance.

    The area under the ROC curve, the mean over classes; 0.5 and 0 for numbers.

    Parameters
    ----------
    outputs, y : ndarray of shape (n, n_classes)
        Of y, one 1 in each row.
    """
    n = len(y)
    of_class = y.sum(axis=0)
    known = np.minimum(of_class, n - of_class) >= FEW_OF_A_CLASS
    if not np.isin(y, (0, 1)).all() or not known.any():
        return 0.5, 0.0
    ranks, ours = rankdata(outputs[:, known], axis=0), of_class[known]
    pairs = ours * (n - ours)
    areas = ((ranks * y[:, known]).sum(axis=0) - ours * (ours + 1) / 2) / pairs
    errors = np.sqrt((n + 1) / (12 * pairs))
    return float(np.average(areas, weights=pairs)), float(np.average(errors, weights=pairs))


def linear_kernel(X: NDArray[np.float64], Z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the products of rows, over the number of columns."""
    return np.asarray(X @ Z.T / max(X.shape[1], 1))


def bumps_kernel(X: NDArray[np.float64], Z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return exp(-|x - z|^2 / 2d) of rows, d columns."""
    d = max(X.shape[1], 1)
    squares = (X**2).sum(axis=1)[:, None] + (Z**2).sum(axis=1) - 2 * X @ Z.T
    return np.asarray(np.exp(-np.maximum(squares, 0) / (2 * d)))


def fit_reference(X: Array, y: NDArray[np.float64], task: Task) -> Reference | None:
    """Fit a linear ridge, one of Gaussian bumps, and a forest; cross-validate all three.

    Parameters
    ----------
    X : ndarray of shape (n, n_columns)
    y : ndarray of shape (n, n_outputs)
        As `Task.targets` gives them.

    Returns
    -------
    Reference or None
        None where there is nothing to compare: fewer than 10 rows, no column or no target that varies.
    """
    X = np.asarray(X, np.float64)
    mean, std = X.mean(axis=0), X.std(axis=0)
    varies = std > 1e-12 * np.maximum(np.abs(mean), 1)
    if len(X) < 10 or not varies.any() or not (np.ptp(y, axis=0) > 0).any():
        return None
    std = np.where(varies, std, np.inf)
    scaled = np.clip((X - mean) / std, -30, 30)
    linear = Ridge("linear", linear_kernel(scaled, scaled))
    bumps = Ridge("bumps", bumps_kernel(scaled, scaled))
    scores, strengths = {}, {}
    for ridge in (linear, bumps):
        answers = {s: ridge.left_out(y, s) for s in ridge.strengths()}
        # where one class is the best answer throughout, the errors tell more than the score
        tried = {s: (task.score(a, y), -float(((a - y) ** 2).mean())) for s, a in answers.items()}
        strengths[ridge.name] = max(tried, key=lambda s: tried[s])
        scores[ridge.name] = tried[strengths[ridge.name]][0]
    forest, scores["forest"] = _grow(scaled, y, task)
    reference = Reference(
        task, Table(scaled, y), mean, std, linear, bumps, scores, strengths, forest, _chance(y, task), 0.0
    )
    rng = np.random.default_rng(0)
    shuffled = [reference.left_out_score(y[rng.permutation(len(y))]) for _ in range(9)]
    lucky = max(float(np.mean(shuffled)) - reference.chance, 0.0)
    spread = max(float(np.std(shuffled)), 0.7 * task.error(max(reference.chance, 0.0), len(y)))
    return replace(reference, chance_error=spread + lucky / 3)


def _chance(y: NDArray[np.float64], task: Task) -> float:
    return float(y.mean(axis=0).max()) if task.n_classes else 0.0


def _grow(
    X: NDArray[np.float64], y: NDArray[np.float64], task: Task
) -> tuple[ExtraTreesClassifier | ExtraTreesRegressor, float]:
    """Return a forest, and its score on the rows that its trees did not see."""
    options = {
        "n_estimators": TREES,
        "min_samples_leaf": LEAF,
        "max_features": 0.5 if X.shape[1] <= WIDE else "sqrt",
        "bootstrap": True,
        "random_state": 0,
    }
    if task.n_classes:
        forest = ExtraTreesClassifier(**options).fit(X, y.argmax(axis=1))
    else:
        forest = ExtraTreesRegressor(**options).fit(X, y if y.shape[1] > 1 else y[:, 0])
    sums, counts = np.zeros_like(y), np.zeros(len(X))
    for tree, rows in zip(forest.estimators_, forest.estimators_samples_, strict=True):
        out = np.ones(len(X), bool)
        out[rows] = False
        sums[out] += _tree_outputs(tree, X[out], task, getattr(forest, "classes_", None))
        counts[out] += 1
    seen = counts > 0
    return forest, task.score(sums[seen] / counts[seen, None], y[seen])


def _tree_outputs(tree: object, X: NDArray[np.float64], task: Task, classes: object) -> NDArray[np.float64]:
    if task.n_classes:
        outputs = np.zeros((len(X), task.n_classes))
        outputs[:, np.asarray(classes, np.intp)] = tree.predict_proba(X)  # type: ignore[attr-defined]
        return outputs
    answers = np.asarray(tree.predict(X))  # type: ignore[attr-defined]
    return answers.reshape(len(X), -1)


def _forest_outputs(forest: object, X: NDArray[np.float64], task: Task) -> NDArray[np.float64]:
    return _tree_outputs(forest, X, task, getattr(forest, "classes_", None))
