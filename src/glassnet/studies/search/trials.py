"""What the trials of a search came to, as plain values; Optuna's own trials are read here alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from glassnet._common.words import Word
from glassnet.studies.search._optuna import import_optuna
from glassnet.studies.search.spaces import Space, settings_of

WORKER, KEY, AGAIN, SAME_AS, PROOF, DEFAULT, CAME_TO = (
    "worker",
    "key",
    "again",
    "same_as",
    "proof",
    "default",
    "came_to",
)
"""What a trial of Optuna is given to remember; `CAME_TO` is a mapping with `END`, `EPOCHS` and `WHY`."""
END, EPOCHS, WHY = "end", "epochs", "why"
LABELS = (AGAIN, PROOF, DEFAULT)
"""What a trial that is begun anew takes over."""


class End(Word):
    """How a trial ended, or that it has not."""

    WAITING = "waiting"
    TRAINING = "training"
    FINISHED = "finished"
    PRUNED = "pruned"
    """It fell behind, and was given up."""
    DIVERGED = "diverged"
    REFUSED = "refused"
    """The model does not take these settings."""
    STOPPED = "stopped"
    """The time was over."""
    EQUAL = "equal"
    """It is an earlier one again, and was not trained."""
    LOST = "lost"
    """Its process ended; another trial has its settings."""


@dataclass(frozen=True)
class Outcome:
    """Hold what the training of a trial came to.

    Attributes
    ----------
    end : End
    value : float or None
        The main figure on the validation part, of a training that was finished.
    epochs : int
    why : str
    """

    end: End
    value: float | None = None
    epochs: int = 0
    why: str = ""


@dataclass(frozen=True)
class Trial:
    """Hold what a trial came to.

    Attributes
    ----------
    number : int
        In the order in which they began.
    end : End
    settings : dict
        What it set.
    value : float or None
        The main figure on the validation part.
    same_as : int or None
        The trial that it is again.
    proves : int or None
        The trial that it is again, though it was trained, as the proof.
    is_default : bool
    epochs : int
    began, ended : float or None
        In seconds.
    why : str
    """

    number: int
    end: End
    settings: dict[str, Any] = field(default_factory=dict)
    value: float | None = None
    same_as: int | None = None
    proves: int | None = None
    is_default: bool = False
    epochs: int = 0
    began: float | None = None
    ended: float | None = None
    why: str = ""

    @property
    def was_trained(self) -> bool:
        """Whether it was trained to an end of its own."""
        return self.end not in (End.WAITING, End.TRAINING, End.EQUAL, End.LOST)


def read_trials(found: Sequence[Any], space: Space) -> list[Trial]:
    """Return the trials of a study of Optuna, in their order."""
    return [_read(one, space) for one in found]


def _read(one: Any, space: Space) -> Trial:
    said: Mapping[str, Any] = one.user_attrs
    came_to: Mapping[str, Any] = said.get(CAME_TO, {})
    return Trial(
        number=one.number,
        end=_end_of(one),
        settings=settings_of(space, one.params),
        value=one.value if one.state == import_optuna().trial.TrialState.COMPLETE else None,
        same_as=said.get(SAME_AS),
        proves=said.get(PROOF),
        is_default=bool(said.get(DEFAULT)),
        epochs=came_to.get(EPOCHS, 0),
        began=one.datetime_start.timestamp() if one.datetime_start else None,
        ended=one.datetime_complete.timestamp() if one.datetime_complete else None,
        why=came_to.get(WHY, ""),
    )


def _end_of(one: Any) -> End:
    states = import_optuna().trial.TrialState
    if one.state in (states.WAITING, states.RUNNING):
        return End.WAITING if one.state == states.WAITING else End.TRAINING
    if SAME_AS in one.user_attrs:
        return End.EQUAL
    if one.state == states.FAIL:  # what it came to is not written, if it came to anything
        return End.LOST
    return End(one.user_attrs[CAME_TO][END])


def find_best(trials: Sequence[Trial], *, less_is_better: bool) -> Trial | None:
    """Return the trial with the best value, the first of several; None without any."""
    finished = [one for one in trials if one.end is End.FINISHED and one.value is not None]
    sign = 1 if less_is_better else -1
    return min(finished, key=lambda one: (sign * (one.value or 0.0), one.number), default=None)


def list_counted(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials that the budget counts: all but those that another one repeats."""
    return [one for one in trials if one.end is not End.LOST]


def seconds_spent(trials: Sequence[Trial], now: float) -> float:
    """Return how long at least one trial was in training: the time between two runs does not count."""
    spans = sorted(
        (one.began, now if one.ended is None else one.ended)
        for one in trials
        if one.began is not None and one.end is not End.LOST
    )
    total, reached = 0.0, float("-inf")
    for began, ended in spans:
        total += max(ended - max(began, reached), 0.0)
        reached = max(reached, ended)
    return total
