"""How many BLAS threads a fit gets: tried on this machine, at this hour, on the very steps that it will make.

A second thread may halve the time of a step, or double it where another program has a core of this machine.
So both are tried before a training that is long enough. What was found is remembered for this machine, for
the next training of such a shape: sums of one thread and of several differ in their last bits, and the same
training should give the same bits tomorrow. Only where the remembered choice is far slower now is the other
one taken; and a training with several threads goes on with one as soon as its steps are far slower than one
with a single thread was, as they are where another program takes a core. A training that is too short for a
trial is watched all the same: a step with one thread is timed. ``GLASSNET_THREADS=1`` or ``=all`` chooses
for good.
"""

import copy
import json
import math
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glassnet._common.files import read_regular, user_cache_folder, write_json
from glassnet._common.quoting import quoted
from glassnet.errors import FileError, InvalidParameterError
from glassnet.nn._row_order import rows_sorted
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.layers import Kept
from glassnet.nn.network import Dropout
from glassnet.nn.optimizers import Optimizer, OptimizerState
from glassnet.nn.samples import Samples, Source
from glassnet.nn.threads import limited_to, most_threads, name_of_blas, threads_by_work

VARIABLE = "GLASSNET_THREADS"

SURELY_SMALL = 0.25
"""A step of so many times the work from which two threads usually pay gets one without a trial."""

ROUNDS, STEPS = 4, 3
"""Each number of threads is tried so many times for so many steps, in turns; the first round warms up."""

ROUNDS_OF_ONE = 2
"""Where one thread is only timed, for the watch over a training that gets several."""

SHARE = 0.02
"""A trial takes at most so much of the training that is ahead."""

EPOCHS_AHEAD = 40
"""Of more epochs than these it is not sure that they will be run: most training stops early."""

GAIN = 0.1
"""More threads are taken when they spare so much of a step; else the other cores are left to others."""

FAR_SLOWER = 0.2
"""What was remembered is left where it costs so much more now."""

HALTING = 1.5
"""Steps with several threads halt when they take so many times as long as one with a single thread."""

LOOK_SECONDS, LOOKS = 0.05, 2
"""Steps are looked at for so long, and must be far slower so many times in a row: a hiccup is none."""

FILE, MOST_REMEMBERED = "threads.json", 500


@dataclass(frozen=True)
class Choice:
    """Hold how many BLAS threads steps get.

    Attributes
    ----------
    threads : int
    one_seconds : float or None
        What a step takes with one thread, where that was measured.
    """

    threads: int
    one_seconds: float | None = None


class Pace:
    """Watch the steps of a training with several threads.

    Parameters
    ----------
    choice : Choice
    """

    def __init__(self, choice: Choice) -> None:
        self._one = choice.one_seconds if choice.threads > 1 else None
        self._every = max(8, math.ceil(LOOK_SECONDS / self._one)) if self._one else 0
        self._steps, self._taken, self._slow = 0, 0.0, 0
        self.go_on()

    def go_on(self) -> None:
        """Begin the next step now: what lies between the last one and it does not count."""
        self._began = time.perf_counter()

    def is_halting(self) -> bool:
        """Count a step, right after it; return whether they are far slower than with one thread."""
        if self._one is None:
            return False
        now = time.perf_counter()
        self._steps, self._taken, self._began = self._steps + 1, self._taken + now - self._began, now
        if self._steps < self._every:
            return False
        self._slow = self._slow + 1 if self._taken > HALTING * self._one * self._steps else 0
        self._steps, self._taken = 0, 0.0
        return self._slow >= LOOKS


class Tried(Protocol):
    """Describe what a trial needs of a training, see `glassnet.nn.training.Training`."""

    architecture: Architecture
    parameters: Parameters
    optimizer: Optimizer
    optimizer_state: OptimizerState
    batch_size: int
    dropout: Dropout | None
    columns: NDArray[np.intp] | None
    seen: dict[str, Any]
    kept: Kept

    def update(self) -> None:
        """Let the optimiser use the gradient."""

    def count_steps(self, n_rows: int) -> int:
        """Return how many steps a pass over some rows takes."""

    def compute_gradient(self, samples: Samples, rows: NDArray[np.intp]) -> object:
        """Run both passes on some rows; nothing is updated."""


def choose_threads(training: Tried, samples: Source, max_epochs: int) -> Choice:
    """Return how many BLAS threads the steps of a training get; nothing of it is changed.

    Parameters
    ----------
    training : Training
    samples : Samples or other Source
        As its steps will take them.
    max_epochs : int

    Returns
    -------
    Choice
        Of 1, or as many as BLAS has here.

    Raises
    ------
    InvalidParameterError
        When ``GLASSNET_THREADS`` is neither ``1`` nor ``all``.
    """
    most = most_threads()
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in ("", "1", "all"):
        raise InvalidParameterError(f"got {VARIABLE}={quoted(wanted)}; expected 1 or all.")
    if most == 1 or wanted:
        return Choice(1 if wanted == "1" else most)
    sizes = training.architecture, training.batch_size, training.parameters.theta.itemsize
    if threads_by_work(*sizes, SURELY_SMALL) == 1:
        return Choice(1)
    name, ahead = _name(training, samples), _steps_ahead(training, samples, max_epochs)
    several = MEMORY.get(name)
    if SHARE * ahead < 2 * ROUNDS * STEPS:  # too short for a trial
        several = threads_by_work(*sizes) > 1 if several is None else several
        is_timed = several and SHARE * ahead >= ROUNDS_OF_ONE * STEPS
        one_seconds = try_threads(training, samples, (1,), ROUNDS_OF_ONE)[0] if is_timed else None
        return Choice(most if several else 1, one_seconds)
    one, all_of_them = try_threads(training, samples, (1, most), ROUNDS)
    if several is None:
        several = all_of_them < (1 - GAIN) * one
        MEMORY.put(name, several)
    else:
        now, other = (all_of_them, one) if several else (one, all_of_them)
        several ^= now > (1 + FAR_SLOWER) * other
    return Choice(most if several else 1, one)


def _steps_ahead(training: Tried, samples: Source, max_epochs: int) -> int:
    """Return how many steps will surely be made; of a stream that is not known: 0."""
    if not isinstance(samples, Samples):
        return 0
    return training.count_steps(len(samples)) * min(max_epochs, EPOCHS_AHEAD)


def try_threads(training: Tried, samples: Source, numbers: Sequence[int], rounds: int) -> list[float]:
    """Return the seconds that a step takes with such numbers of threads; no weight is changed."""
    assert isinstance(samples, Samples)
    trial = copy.copy(training)  # with a gradient and a workspace of its own
    trial.parameters = Parameters(training.architecture, training.parameters.theta.copy())
    trial.optimizer_state = training.optimizer.init(trial.parameters.theta)
    if trial.dropout is not None:
        trial.dropout = replace(trial.dropout, rng=np.random.default_rng(0))  # to draw from its own
    stride = max(len(samples) // training.batch_size, 1)
    rows = np.arange(0, len(samples), stride)[: training.batch_size]  # from all over, as shuffled ones
    seconds: dict[int, list[float]] = {threads: [] for threads in numbers}
    for turn in range(rounds):
        for threads, taken in seconds.items():
            with limited_to(threads), rows_sorted(trial, samples.columns):
                for _ in range(STEPS):
                    began = time.perf_counter()
                    trial.compute_gradient(samples, rows)
                    trial.update()
                    if turn:
                        taken.append(time.perf_counter() - began)
    return [median(taken) for taken in seconds.values()]


def _name(training: Tried, samples: Source) -> str:
    """Return what the time of a step hangs on, in a few words."""
    architecture, dtype = training.architecture, training.parameters.theta.dtype.name
    layers = "-".join(map(str, architecture.sizes))
    extras = [type(before).__name__ for before in architecture.in_front if before is not None]
    extras += ["split"] * (isinstance(samples, Samples) and samples.is_split)
    extras += ["dropout"] * (training.dropout is not None)
    members = architecture.head.members
    return " ".join([dtype, layers, f"x{members}", f"batch {training.batch_size}", *extras])


class Memory:
    """Whether steps get several threads here, by what that hangs on: in this process, and on disk.

    A file that cannot be read or written is as good as none: the choice is made again in the next process.
    """

    def __init__(self) -> None:
        self._chosen: dict[str, bool] | None = None

    def get(self, name: str) -> bool | None:
        """Return what was chosen, or None."""
        if self._chosen is None:
            self._chosen = self._read()
        return self._chosen.get(name)

    def put(self, name: str, several: bool) -> None:
        """Remember a choice; the oldest are forgotten."""
        chosen = self._read() | (self._chosen or {}) | {name: several}
        self._chosen = dict(list(chosen.items())[-MOST_REMEMBERED:])
        if path := _path():
            with suppress(FileError):
                write_json(path, {"blas": name_of_blas(), "several": self._chosen}, durable=False)

    def forget(self) -> None:
        """Read the file anew."""
        self._chosen = None

    def _read(self) -> dict[str, bool]:
        path = _path()
        with suppress(FileError, OSError, ValueError, KeyError, TypeError, AttributeError):
            kept = json.loads(read_regular(path)) if path else {}
            if kept["blas"] == name_of_blas():
                return {name: n for name, n in kept["several"].items() if isinstance(n, bool)}
        return {}


MEMORY = Memory()


def _path() -> Path | None:
    folder = user_cache_folder()
    return folder / FILE if folder else None
