"""How good answers are, and how far that can be trusted: an entry of `METRICS`, with an interval."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from glassnet.tables.base import Score, Task

RESAMPLES = 1000
LEVEL = 0.95

Floats = NDArray[np.float64]
Weighted = Callable[[Floats], float]
"""Gives a figure from the weight of each row: how often a sample has it."""


@dataclass(frozen=True)
class Metric:
    """Describe a figure of merit.

    Attributes
    ----------
    name, title : str
    task : Task
    prepare : callable
        ``prepare(y, answers)`` returns what gives the figure from the weights of the rows; the arguments are
        numbers of classes and probabilities of shape (n, n_classes), or numbers and numbers. scikit-learn's
        functions give the same, and take a hundred times as long for hundreds of samples.
    is_gain : bool
        Whether more is better.
    two_classes : bool
        Whether it is for two classes alone.
    least, most : float
        Between which it always is.
    """

    name: str
    title: str
    task: Task
    prepare: Callable[[NDArray[Any], Floats], Weighted]
    is_gain: bool = True
    two_classes: bool = False
    least: float = 0.0
    most: float = math.inf

    def suits(self, task: Task, n_classes: int) -> bool:
        """Tell whether a task has this figure."""
        return task is self.task and (n_classes == 2 or not self.two_classes)

    def measure(self, y: NDArray[Any], answers: Floats) -> float:
        """Return the figure of all rows."""
        return self.prepare(y, answers)(np.ones(len(y)))

    def limit(self, score: Score) -> Score:
        """Return a figure without the part of its interval where no figure can be."""
        return Score(score.value, max(score.low, self.least), min(score.high, self.most))


def _auc(y: NDArray[Any], answers: Floats) -> Weighted:
    """Return the part of pairs of both classes that stand in the right order; ties count half."""
    order = np.argsort(answers[:, 1], kind="stable")
    starts = np.flatnonzero(np.diff(answers[order, 1], prepend=-np.inf))
    is_second = y[order] == 1

    def figure(weights: Floats) -> float:
        sorted_weights = weights[order]
        seconds = np.add.reduceat(np.where(is_second, sorted_weights, 0.0), starts)
        firsts = np.add.reduceat(np.where(is_second, 0.0, sorted_weights), starts)
        below = np.cumsum(firsts) - firsts / 2
        return float(seconds @ below / (seconds.sum() * firsts.sum()))

    return figure


def _accuracy(y: NDArray[Any], answers: Floats) -> Weighted:
    return _mean(answers.argmax(axis=1) == y)


def _log_loss(y: NDArray[Any], answers: Floats) -> Weighted:
    tiny = np.finfo(answers.dtype).eps
    return _mean(-np.log(np.clip(answers[np.arange(len(y)), y], tiny, 1)))


def _rmse(y: NDArray[Any], answers: Floats) -> Weighted:
    mean = _mean((y - answers) ** 2)
    return lambda weights: math.sqrt(mean(weights))


def _mae(y: NDArray[Any], answers: Floats) -> Weighted:
    return _mean(np.abs(y - answers))


def _r2(y: NDArray[Any], answers: Floats) -> Weighted:
    left = _mean((y - answers) ** 2)

    def figure(weights: Floats) -> float:
        middle = np.average(y, weights=weights)
        return 1 - left(weights) / float(np.average((y - middle) ** 2, weights=weights))

    return figure


def _mean(values: NDArray[Any]) -> Weighted:
    return lambda weights: float(values @ weights / weights.sum())


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("roc_auc", "ROC AUC", Task.CLASSIFICATION, _auc, two_classes=True, most=1.0),
        Metric("accuracy", "accuracy", Task.CLASSIFICATION, _accuracy, most=1.0),
        Metric("log_loss", "log loss", Task.CLASSIFICATION, _log_loss, is_gain=False),
        Metric("rmse", "RMSE", Task.REGRESSION, _rmse, is_gain=False),
        Metric("mae", "MAE", Task.REGRESSION, _mae, is_gain=False),
        Metric("r2", "R²", Task.REGRESSION, _r2, least=-math.inf, most=1.0),
    )
}
"""Every figure of merit; of those that suit a task, the first is the main one."""


def list_metrics(task: Task, n_classes: int) -> list[Metric]:
    """Return the figures of a task, the main one first."""
    return [metric for metric in METRICS.values() if metric.suits(task, n_classes)]


@dataclass(frozen=True)
class Sampled:
    """Hold a figure as measured, and the values that tell how far it can be trusted.

    Attributes
    ----------
    value : float
    samples : ndarray
        From samples of the test rows, drawn with replacement; or one of each fold.
    are_folds : bool
    """

    value: float
    samples: Floats
    are_folds: bool

    def minus(self, other: "Sampled") -> "Sampled":
        """Return the difference on the same rows."""
        return Sampled(self.value - other.value, self.samples - other.samples, self.are_folds)

    @property
    def score(self) -> Score:
        """The figure with its interval.

        Of samples of test rows the interval is that of their percentiles. Of k folds it is
        mean ± t s sqrt(1/k + 1/(k - 1)): their training parts overlap, which the second term allows for.

        References
        ----------
        B. Efron, R. Tibshirani (1993), An introduction to the bootstrap, chapter 13.
        C. Nadeau, Y. Bengio (2003), Inference for the generalization error, Machine Learning 52.
        """
        if not self.are_folds:
            low, high = np.quantile(self.samples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
            return Score(self.value, low, high)
        k = len(self.samples)
        reach = stats.t.ppf((1 + LEVEL) / 2, k - 1) * self.samples.std(ddof=1) * np.sqrt(1 / k + 1 / (k - 1))
        return Score(self.value, self.value - float(reach), self.value + float(reach))


def sample_rows(metric: Metric, y: NDArray[Any], answers: Floats, seed: int) -> Sampled:
    """Measure answers, and again on samples of the rows; equal seeds give equal samples for every model."""
    rng = np.random.default_rng(seed)
    figure = metric.prepare(y, answers)
    values: list[float] = []
    while len(values) < RESAMPLES:
        weights = np.bincount(rng.integers(0, len(y), len(y)), minlength=len(y)).astype(np.float64)
        drawn = y[weights > 0]
        if (drawn != drawn[0]).any():  # of one class or one value alone, some figures are none
            values.append(figure(weights))
    return Sampled(figure(np.ones(len(y))), np.array(values), are_folds=False)


def of_folds(metric: Metric, folds: Sequence[tuple[NDArray[Any], Floats]]) -> Sampled:
    """Measure the answers of each fold."""
    values = np.array([metric.measure(y, answers) for y, answers in folds])
    return Sampled(float(values.mean()), values, are_folds=True)
