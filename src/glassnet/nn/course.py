"""A course: how settings change over a training whose length is known, from step to step."""

from collections.abc import Callable
from dataclasses import dataclass

from glassnet.nn.schedules import SCHEDULES

Factor = Callable[[float], float]
"""A function of t, the share of the training that is done; it returns what to multiply a setting with."""


@dataclass(frozen=True)
class Course:
    """Say how settings change over a training whose length is known.

    Parameters
    ----------
    n_steps : int
        Of the whole training, at least 1. Step i, from 0, is at t = i / n_steps; whatever follows, at 1.
    rate, decay, dropout : callable
        Functions of t, such as ``SCHEDULES["flat_cos"]``: what the learning rate, the optimiser's weight
        decay, and the probability of dropping a unit are multiplied with. A weight decay that is multiplied
        with the learning rate, as Adam's is, follows both.
    """

    n_steps: int
    rate: Factor = SCHEDULES["constant"]
    decay: Factor = SCHEDULES["constant"]
    dropout: Factor = SCHEDULES["constant"]

    def at(self, step: int) -> tuple[float, float, float]:
        """Return the factors of rate, decay and dropout in a step, which count from 0."""
        t = min(step / self.n_steps, 1.0)
        return self.rate(t), self.decay(t), self.dropout(t)
