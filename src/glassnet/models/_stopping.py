"""scikit-learn's rule for when training stops."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.history import EpochRecord, Stop, StopKind
from glassnet.nn.schedules import SCHEDULES, Adaptive, Schedule
from glassnet.nn.training import Training


def _plain_loss(record: EpochRecord) -> float:
    return record.loss + record.penalty


@dataclass
class ToleranceWatch:
    """Stop when loss or score has not improved by `tol` for more than `patience` epochs.

    What is watched is the training loss, or with `score` a validation score. With a score, the parameters of
    the best epoch come back in the end.

    Parameters
    ----------
    tol : float
    patience : float
        scikit-learn's ``n_iter_no_change``; may be infinite.
    reported_loss : callable
        ``reported_loss(record)`` is the training loss as the estimator reports it.
    score : callable or None
        ``score(record)`` is the validation score; higher is better.
    schedule : Schedule
        Sets the learning rate of the next epoch, and may go on with a smaller one instead of stopping.
    first_rate : float
        The learning rate that training began with.
    n_samples : int
        Training samples of an epoch.
    restores : bool
        Whether the best parameters come back when training ends; in ``partial_fit``, which goes on, only when
        the watch itself says stop.
    t : int
        Training samples seen so far.

    Attributes
    ----------
    losses, scores : list of float
    best_loss, best_score : float
    best_epoch : int or None
        Of the training that is watched; None when the best parameters are from an earlier one.
    stopped : bool
        Whether the watch has said stop.
    news : str
        What it has to say after an epoch, in scikit-learn's words; mostly nothing.
    """

    tol: float
    patience: float
    reported_loss: Callable[[EpochRecord], float] = _plain_loss
    score: Callable[[EpochRecord], float] | None = None
    schedule: Schedule = SCHEDULES["constant"]
    first_rate: float = 0.001
    n_samples: int = 0
    restores: bool = True
    t: int = 0
    losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    best_loss: float = math.inf
    best_score: float = -math.inf
    best_epoch: int | None = None
    best_theta: Array = field(default_factory=lambda: np.empty(0))
    without_improvement: int = 0
    stopped: bool = False
    news: str = ""

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what asks the estimator, which has both set anew when training goes on."""
        return self.__dict__ | {"reported_loss": _plain_loss, "score": None}

    def observe(self, record: EpochRecord, training: Training) -> Stop | None:
        """Take note of an epoch, set the learning rate of the next; return why to stop, or None."""
        self.t += self.n_samples
        self.losses.append(self.reported_loss(record))
        if self.score is None:
            self._note_loss(self.losses[-1])
        else:
            self._note_score(self.score(record), record.epoch, training)
        training.learning_rate = self.schedule.after_epoch(training.learning_rate, self.first_rate, self.t)
        self.news = ""
        if self.without_improvement <= self.patience:
            return None
        watched = "Validation score" if self.score else "Training loss"
        reason = (
            f"{watched} did not improve more than tol={self.tol:f} for {self.patience} consecutive epochs."
        )
        slower = self.schedule.after_stall(training.learning_rate)
        if slower is not None:
            training.learning_rate = slower
            self.without_improvement = 0
            self.news = f"{reason} Setting learning rate to {slower:f}"
            return None
        self.stopped = self.restores = True
        too_small = "Learning rate too small. " if isinstance(self.schedule, Adaptive) else ""
        self.news = f"{reason} {too_small}Stopping."
        return Stop(StopKind.TOLERANCE, reason)

    def finish(self, training: Training) -> None:
        """Bring the best parameters back, where a validation score was watched."""
        if self.score is not None and len(self.best_theta) and self.restores:
            training.parameters.theta[...] = self.best_theta

    def _note_loss(self, loss: float) -> None:
        self.without_improvement = self.without_improvement + 1 if loss > self.best_loss - self.tol else 0
        self.best_loss = min(loss, self.best_loss)

    def _note_score(self, score: float, epoch: int, training: Training) -> None:
        self.scores.append(score)
        self.without_improvement = self.without_improvement + 1 if score < self.best_score + self.tol else 0
        if score > self.best_score:
            self.best_score = score
            self.best_epoch = epoch
            self.best_theta = training.parameters.theta.copy()


def last_rate(watch: ToleranceWatch, records: Iterable[EpochRecord]) -> float:
    """Return the learning rate that a training ended with, from the records of its epochs.

    Parameters
    ----------
    watch : ToleranceWatch
        A new one, as the training had.
    records : iterable of EpochRecord
    """
    training: Any = SimpleNamespace(
        learning_rate=watch.first_rate, parameters=SimpleNamespace(theta=np.empty(0))
    )
    for record in records:
        watch.observe(record, training)
    return float(training.learning_rate)
