"""All that a step changes in a training, copied, so that the training can go on from there."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet.models.beginning import Begun
from glassnet.nn.training import Position, Watch

OVERHEAD = 4_096
"""Bytes of a checkpoint beside its arrays: states of generators, objects."""

REMEMBERED = (
    *("losses", "scores", "best_loss", "best_score", "best_epoch", "best_theta", "without_improvement"),
    *("t", "stopped"),
)
"""What watches remember of the epochs, beside their settings."""


@dataclass(frozen=True)
class Checkpoint:
    """Hold a training after some steps; nothing in it changes any more.

    Attributes
    ----------
    step : int
        How many steps were made.
    position : Position
    theta : ndarray
    memory : mapping of str to ndarray
        What the optimiser remembers.
    updates : int
        How many updates it has made.
    learning_rate : float
    factors : tuple of float
    steps_done : int
        Of the course.
    generators : mapping of str to object
        The states of all that is drawn from.
    last_order : ndarray or None
        The order that the next epoch's is a shuffle of, where it is one.
    watch : mapping of str to object
        What the watch remembers; of a list only its length, for it only grows.
    n_records : int
        How many epochs were recorded.
    """

    step: int
    position: Position
    theta: Array
    memory: Mapping[str, Array]
    updates: int
    learning_rate: float
    factors: tuple[float, float, float]
    steps_done: int
    generators: Mapping[str, Any]
    last_order: Any
    watch: Mapping[str, Any]
    n_records: int

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        order = self.position.order
        arrays = [self.theta, *self.memory.values(), self.watch.get("best_theta")]
        return OVERHEAD + sum(each.nbytes for each in (*arrays, order) if each is not None)

    @classmethod
    def take(
        cls, step: int, position: Position, begun: Begun, watch: Watch | None, n_records: int
    ) -> "Checkpoint":
        """Copy a training between two steps."""
        training = begun.training
        state = training.optimizer_state
        return cls(
            step,
            replace(position),
            training.parameters.theta.copy(),
            {name: array.copy() for name, array in state.memory.items()},
            state.t,
            training.learning_rate,
            training.factors,
            training.steps_done,
            {name: _state_of(generator) for name, generator in begun.generators.items()},
            getattr(begun.order, "last", None),
            {name: _kept(value) for name, value in _memory_of(watch).items()},
            n_records,
        )

    def restore(self, begun: Begun) -> Position:
        """Bring the training back, all but its watch; return where it is."""
        training = begun.training
        training.parameters.theta[...] = self.theta
        state = training.optimizer_state
        if state.memory.keys() == self.memory.keys():  # of another optimiser, memory begins anew
            for name, array in self.memory.items():
                state.memory[name][...] = array
            state.t = self.updates
        training.learning_rate = self.learning_rate
        training.factors, training.steps_done = self.factors, self.steps_done
        for name, generator in begun.generators.items():
            if name in self.generators:
                _set_state(generator, self.generators[name])
        if self.last_order is not None:
            begun.order.last = self.last_order  # type: ignore[attr-defined]  # of those that shuffle it
        return replace(self.position)

    def watch_of(self, newest: Watch | None) -> Watch | None:
        """Return the watch as it was: a copy of the newest, its lists cut to what they were."""
        if newest is None:
            return None
        watch = object.__new__(type(newest))  # a copy by its state would lose what asks the estimator
        vars(watch).update(vars(newest))
        for name, kept in self.watch.items():
            now = vars(newest)[name]
            setattr(watch, name, now[: kept.length] if isinstance(kept, _Length) else kept)
        return watch

    @staticmethod
    def remind(watch: Watch | None, other: Watch | None) -> None:
        """Let a watch remember what another has seen; its own settings stay."""
        if watch is not None and other is not None:
            for name, value in _memory_of(other).items():
                if hasattr(watch, name):
                    setattr(watch, name, list(value) if isinstance(value, list) else value)


@dataclass(frozen=True)
class _Length:
    """Stand for a list that only grows."""

    length: int


def _memory_of(watch: Watch | None) -> dict[str, Any]:
    return {} if watch is None else {name: value for name, value in vars(watch).items() if name in REMEMBERED}


def _kept(value: Any) -> Any:
    return _Length(len(value)) if isinstance(value, list) else value


def _state_of(generator: np.random.Generator | np.random.RandomState) -> Any:
    if isinstance(generator, np.random.Generator):
        return copy.deepcopy(generator.bit_generator.state)
    return generator.get_state()


def _set_state(generator: np.random.Generator | np.random.RandomState, state: Any) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = copy.deepcopy(state)
    else:
        generator.set_state(state)
