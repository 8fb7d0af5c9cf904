"""What a view is given: a run at a step, what it is asked, and the passes of the engine on what is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.samples import Samples
from glassnet.nn.training import Step, Training
from glassnet.studio.parts import Part
from glassnet.studio.recorder import Moment
from glassnet.studio.run import Run
from glassnet.studio.session import Session


@dataclass(frozen=True)
class Look:
    """Hold a run at a step, for a view.

    Attributes
    ----------
    session : Session
    run : Run
    moment : Moment
    query : mapping of str to str
        What the page asks.
    """

    session: Session
    run: Run
    moment: Moment
    query: Mapping[str, str]

    @property
    def architecture(self) -> Architecture:
        """The network's."""
        return self.run.architecture

    @cached_property
    def parameters(self) -> Parameters:
        """Weights and biases at the step."""
        return Parameters(self.architecture, self.moment.theta)

    @property
    def index(self) -> int:
        """The sample that is shown: the one asked for, the session's, or the first of the batch."""
        chosen, data = self.session.sample, self.run.data
        last = len(data.train) + len(data.validation) - 1
        usual = int(self.moment.rows[0]) if chosen is None else min(chosen, last)
        return self.whole("sample", usual, 0, last)

    def whole(self, name: str, usual: int, least: int, most: int) -> int:
        """Return a whole number of the query, within bounds."""
        return whole(self.query, name, usual, least, most)

    def samples(self, part: Part) -> Samples:
        """Return a part of the data as the engine takes them."""
        samples: Samples = self.run.recorder.model.make_samples(part.X, part.y)
        return samples

    def rows(self, rows: NDArray[np.intp], part: Part | None = None) -> Samples:
        """Return some samples, of those to train on unless told otherwise, as the engine takes them."""
        part = self.run.data.train if part is None else part
        return self.samples(Part(part.X[rows], part.y[rows]))

    def training(self, *, keep_z: bool = True) -> Training:
        """Return a training of its own that stands where the run stood, without dropout.

        Its steps are those that the run would make, but for units that are dropped.
        """
        own = self.run.recorder.training
        parameters = Parameters(self.architecture, self.moment.theta.copy())
        training = Training(
            self.architecture,
            parameters,
            own.optimizer,
            self.moment.learning_rate,
            own.batch_size,
            keep_z=keep_z,
            alpha=own.alpha,
            max_gradient_norm=own.max_gradient_norm,
            frozen=own.frozen,
            groups=own.groups,
        )
        state = training.optimizer_state
        for name, array in self.moment.optimizer_memory.items():
            state.memory[name][...] = array
        state.t = self.moment.updates
        training.follow(own.course)
        training.steps_done = self.moment.steps_done
        training.begin_step()
        return training

    def pass_through(self, rows: NDArray[np.intp], part: Part | None = None) -> Step:
        """Run both passes on some samples, with the weights of the step; nothing is updated."""
        training = self.training()
        training.batch_size = len(rows)
        return training.compute_gradient(self.rows(rows, part), np.arange(len(rows)))


def whole(query: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    """Return a whole number that a page asks for, within bounds; the usual one where it asks for none."""
    text = query.get(name)
    if text is None or text == "":
        return usual
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise InvalidParameterError(f"got {name}={quoted(text)}; expected a whole number, {least} to {most}.")
    return value


def finite(array: Array) -> Array:
    """Return the finite numbers of an array, as float64 in one row."""
    flat = np.asarray(array, np.float64).ravel()
    return flat[np.isfinite(flat)]
