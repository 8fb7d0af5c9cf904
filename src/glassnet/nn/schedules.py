"""Schedules: how the learning rate changes from epoch to epoch.

A schedule is one frozen value with two functions, which whoever watches the training calls: one after every
epoch, one when training no longer improves. `SCHEDULES` holds them by the names that scikit-learn gave them.
"""

from dataclasses import dataclass
from typing import Literal, Protocol


class Schedule(Protocol):
    """Describe what a watch of the training asks of a schedule."""

    def after_epoch(self, rate: float, first_rate: float, n_seen: int) -> float:
        """Return the learning rate of the next epoch, after `n_seen` samples in all epochs together."""

    def after_stall(self, rate: float) -> float | None:
        """Return the rate to go on with when training no longer improves; None to end it."""


@dataclass(frozen=True)
class Constant:
    """Keep the learning rate as it is."""

    def after_epoch(self, rate: float, first_rate: float, n_seen: int) -> float:
        """Return `rate`."""
        return rate

    def after_stall(self, rate: float) -> float | None:
        """Return None."""
        return None


@dataclass(frozen=True)
class InverseScaling(Constant):
    """Divide the first learning rate by a power of the samples seen: lr_1 / (n_seen + 1)^power.

    Parameters
    ----------
    power : float
    """

    power: float = 0.5

    def after_epoch(self, rate: float, first_rate: float, n_seen: int) -> float:
        """Return the learning rate of the next epoch."""
        return float(first_rate / (n_seen + 1) ** self.power)


@dataclass(frozen=True)
class Adaptive(Constant):
    """Divide the learning rate whenever training no longer improves, until it is very small.

    Parameters
    ----------
    divisor : float
    smallest : float
        A rate that is not above it is not divided again: training ends.
    """

    divisor: float = 5.0
    smallest: float = 1e-6

    def after_stall(self, rate: float) -> float | None:
        """Return a fifth of `rate`, or None when it is small enough to end."""
        return rate / self.divisor if rate > self.smallest else None


ScheduleName = Literal["constant", "invscaling", "adaptive"]
"""The names of the table below, for type checkers."""

SCHEDULES: dict[str, Schedule] = {
    "constant": Constant(),
    "invscaling": InverseScaling(),
    "adaptive": Adaptive(),
}
"""The schedules by name, with their usual settings."""
