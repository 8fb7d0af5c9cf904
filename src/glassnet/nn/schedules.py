"""Schedules: how the learning rate changes while a network is trained.

A schedule is one frozen value. Those that scikit-learn has change the rate from epoch to epoch: whoever
watches the training calls one function after every epoch, and one when training no longer improves. The
others are functions of t, the share of the training that is done, from 0 to 1: the training loop calls them
before every step, and takes the rate times what they return. `SCHEDULES` holds all by name.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, Protocol

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.nn.optimizers import setting


class Schedule(Protocol):
    """Describe what the training loop and its watch ask of a schedule.

    Attributes
    ----------
    over_time : bool
        Whether it is a function of t, and so needs a training whose length is known.
    """

    @property
    def over_time(self) -> bool: ...  # noqa: D102  # said above

    def __call__(self, t: float) -> float:
        """Return what the learning rate is multiplied with at `t`, from 0 to 1; 1 unless `over_time`."""

    def after_epoch(self, rate: float, first_rate: float, n_seen: int) -> float:
        """Return the learning rate of the next epoch, after `n_seen` samples in all epochs together."""

    def after_stall(self, rate: float) -> float | None:
        """Return the rate to go on with when training no longer improves; None to end it."""


# -- from epoch to epoch, as in scikit-learn --------------------------------------------------------------


@dataclass(frozen=True)
class Constant:
    """Keep the learning rate as it is."""

    over_time: ClassVar[bool] = False

    def __call__(self, t: float) -> float:
        """Return 1."""
        return 1.0

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

    power: float = setting(0.5, below=math.inf)

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

    divisor: float = setting(5.0, positive=True)
    smallest: float = 1e-6

    def after_stall(self, rate: float) -> float | None:
        """Return a fifth of `rate`, or None when it is small enough to end."""
        return rate / self.divisor if rate > self.smallest else None


# -- over the time of a training --------------------------------------------------------------------------


@dataclass(frozen=True)
class OverTime(Constant):
    """The base of schedules that are functions of t: their fields are shares, at least 0 and below 1."""

    over_time: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for field in fields(self):
            share = getattr(self, field.name)
            if not 0 <= share < 1:
                raise InvalidParameterError(
                    f"got {field.name}={quoted(share)} of {type(self).__name__}; expected a share, at least "
                    "0 and below 1. A number of epochs is one divided by all of them."
                )


def _falling(s: float) -> float:
    """Return half a wave of the cosine, from 1 at s = 0 to 0 at s = 1."""
    return 0.5 * (1 + math.cos(math.pi * s))


@dataclass(frozen=True)
class Cosine(OverTime):
    """Bring the rate down to 0 along half a cosine: (1 + cos(pi t)) / 2.

    References
    ----------
    Loshchilov, Hutter (2017), SGDR: stochastic gradient descent with warm restarts, without a restart.
    """

    def __call__(self, t: float) -> float:
        """Return the factor at `t`."""
        return _falling(t)


@dataclass(frozen=True)
class OneCycle(OverTime):
    """Bring the rate up to its peak along half a cosine, and down to nearly 0 along another.

    ::

        start + (1 - start) (1 - cos(pi t / warmup)) / 2                    t < warmup
        end + (1 - end) (1 + cos(pi (t - warmup) / (1 - warmup))) / 2       after that

    The momentum stays as it is, unlike in the paper.

    Parameters
    ----------
    warmup : float
        The share of the training in which the rate rises.
    start, end : float
        The first factor, and the last; the usual ones are those of ``torch.optim.lr_scheduler.OneCycleLR``.

    References
    ----------
    Smith, Topin (2018), Super-convergence: very fast training of neural networks using large learning rates.
    """

    warmup: float = 0.3
    start: float = 1 / 25
    end: float = 1 / 250_000

    def __call__(self, t: float) -> float:
        """Return the factor at `t`."""
        if t < self.warmup:
            return 1 + (self.start - 1) * _falling(t / self.warmup)
        return self.end + (1 - self.end) * _falling((t - self.warmup) / (1 - self.warmup))


@dataclass(frozen=True)
class CosLog4(OverTime):
    """Let the rate rise and fall four times, each wave twice as long: (1 - cos(2 pi log2(1 + 15 t))) / 2.

    It begins and ends with 0.

    References
    ----------
    Holzmüller, Grinsztajn, Steinwart (2024), Better by default: strong pre-tuned MLPs and boosted trees on
    tabular data, arXiv 2407.04491.
    """

    def __call__(self, t: float) -> float:
        """Return the factor at `t`."""
        return 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t)))


@dataclass(frozen=True)
class FlatCos(OverTime):
    """Keep the rate for half of the training, then bring it down to 0 along half a cosine.

    (1 + cos(pi (max(1, 2 t) - 1))) / 2; from the same paper as `CosLog4`.
    """

    def __call__(self, t: float) -> float:
        """Return the factor at `t`."""
        return _falling(max(1.0, 2 * t) - 1)


@dataclass(frozen=True)
class LinearWarmup(OverTime):
    """Bring the rate up from 0 along a line, and down to 0 along another.

    t / warmup, and from there on (1 - t) / (1 - warmup).

    Parameters
    ----------
    warmup : float
        The share of the training in which the rate rises.
    """

    warmup: float = 0.1

    def __call__(self, t: float) -> float:
        """Return the factor at `t`."""
        return t / self.warmup if t < self.warmup else (1 - t) / (1 - self.warmup)


@dataclass(frozen=True)
class CosineWarmup(OverTime):
    """Bring the rate up from 0 along a line, and down to 0 along half a cosine.

    t / warmup, and from there on (1 + cos(pi (t - warmup) / (1 - warmup))) / 2.

    Parameters
    ----------
    warmup : float
        The share of the training in which the rate rises.
    """

    warmup: float = 0.1

    def __call__(self, t: float) -> float:
        """Return the factor at `t`."""
        return t / self.warmup if t < self.warmup else _falling((t - self.warmup) / (1 - self.warmup))


@dataclass(frozen=True)
class Custom(Constant):
    """Multiply the rate with what a function of a user's own returns.

    Parameters
    ----------
    function : callable
        Of t; returns finite numbers of at least 0.

    Raises
    ------
    InvalidParameterError
        When it returns anything else, for 0, 1/2 or 1 at once.
    """

    function: Callable[[float], Any]

    over_time: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for t in (0.0, 0.5, 1.0):
            self(t)

    def __call__(self, t: float) -> float:
        """Return the factor at `t`."""
        factor = self.function(t)
        try:
            number = float(factor)  # NumPy's numbers would change the precision of what they multiply
        except (TypeError, ValueError):
            number = math.nan
        if not 0 <= number < math.inf:
            raise InvalidParameterError(
                f"a function as learning rate returned {quoted(factor)} for t={t:g}; expected a finite "
                "number of at least 0, by which the rate is multiplied at t, the share of the training done."
            )
        return number


ScheduleName = Literal[
    "constant",
    "invscaling",
    "adaptive",
    "cosine",
    "one_cycle",
    "coslog4",
    "flat_cos",
    "linear_warmup",
    "cosine_warmup",
]
"""The names of the table below, for type checkers."""

SCHEDULES: dict[str, Schedule] = {
    "constant": Constant(),
    "invscaling": InverseScaling(),
    "adaptive": Adaptive(),
    "cosine": Cosine(),
    "one_cycle": OneCycle(),
    "coslog4": CosLog4(),
    "flat_cos": FlatCos(),
    "linear_warmup": LinearWarmup(),
    "cosine_warmup": CosineWarmup(),
}
"""The schedules by name, with their usual settings."""
