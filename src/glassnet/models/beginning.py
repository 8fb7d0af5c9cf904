"""A training before its first step: what `fit` makes of a model and its data."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.nn.architecture import Parameters
from glassnet.nn.history import EpochRecord, History, Stop
from glassnet.nn.samples import Samples, Source
from glassnet.nn.training import Training, Watch, stop_after_all, train


@dataclass
class Begun:
    """Hold a training that is ready for its first step.

    Attributes
    ----------
    model : object
        Whose training it is; its weights are those that are trained.
    training : Training
    samples : Samples or other Source
    validation : Samples, other Source, or None
    order : callable
        ``order(n)`` draws the order of the n rows of an epoch; see `glassnet.nn.training.Order`.
    generators : mapping of str to Generator or RandomState
        All that is drawn from, by what for.
    history : History
    max_epochs : int
    watch : Watch or None
    accuracy : bool
        Whether an accuracy is recorded.
    note : callable
        To be told of each epoch that was judged, so that the model says of itself what its class says.
    on_part : callable
        To be told of each part of an epoch, see `glassnet.nn.epochs`.
    rows : ndarray of int or None
        The rows of the samples that are trained on; None where all are.
    """

    model: Any
    training: Training
    samples: Source
    validation: Source | None
    order: Callable[[int], NDArray[np.intp]]
    generators: Mapping[str, np.random.Generator | np.random.RandomState]
    history: History
    max_epochs: int
    watch: Watch | None = None
    accuracy: bool = True
    note: Callable[[EpochRecord], object] = lambda record: None
    on_part: Callable[[int, int, float], object] = lambda epoch, rows, loss: None
    rows: NDArray[np.intp] | None = None

    @property
    def n_samples(self) -> int:
        """How many samples are trained on; of a stream it is not known."""
        return len(cast(Samples, self.samples) if self.rows is None else self.rows)

    def judge(self, record: EpochRecord) -> Stop | None:
        """Show the watch an epoch; return why to stop after it, or None to go on."""
        stop = self.watch.observe(record, self.training) if self.watch else None
        return stop_after_all(self.max_epochs) if stop is None and record.epoch >= self.max_epochs else stop

    def train(
        self,
        on_epoch: Callable[[EpochRecord], object],
        on_part: Callable[[int, int, float], object],
    ) -> None:
        """Run it to its end; see `glassnet.nn.train`."""
        train(
            self.training,
            self.samples,
            self.validation,
            repeat(self.order),
            self.history,
            max_epochs=self.max_epochs,
            watch=self.watch,
            accuracy=self.accuracy,
            on_epoch=on_epoch,
            on_part=on_part,
        )


def copy_with(model: Any, theta: Array, history: History) -> Any:
    """Return a copy of a model that has weights, with others; it shares nothing that changes.

    Parameters
    ----------
    model : NeuralNetwork or estimator of glassnet
    theta : ndarray of shape (n_parameters,)
        Copied.
    history : History
    """
    copied = copy.copy(model)
    parameters = Parameters(model.architecture_, theta.copy())
    vars(copied).update(parameters_=parameters, history_=history, _training=None)
    return copied


def give_fitted(model: Any, fitted: Any) -> None:
    """Give a model all that another of its class has learnt; its parameters stay as they are."""
    parameters = model.get_params(deep=False)
    vars(model).update({name: value for name, value in vars(fitted).items() if name not in parameters})


def blank(model: Any) -> Any:
    """Return a new model of the same class with the same parameters, and no weights."""
    return type(model)(**copy.deepcopy(model.get_params(deep=False)))
