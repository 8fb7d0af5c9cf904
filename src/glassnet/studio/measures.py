"""What a lesson can measure. The engine computes every answer, from the run that is open.

A measure is a function of the bench and one entry of `MEASURES`; the expressions of lessons call it by name.
"""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.errors import DivergedError, GlassnetError, InvalidParameterError
from glassnet.models import NeuralNetwork
from glassnet.models.view import View, view_of
from glassnet.nn.architecture import Parameters
from glassnet.nn.evaluation import evaluate, predict
from glassnet.nn.history import EpochRecord
from glassnet.nn.samples import Samples
from glassnet.nn.training import Training
from glassnet.studio.settings import split

ALIKE = 1e-3
"""Of the largest weight: what rounding makes of units that are the same, many times over."""


class NotYetError(GlassnetError):
    """Report that the run has not come to where a lesson looks; the message says what to do first."""


@dataclass(frozen=True)
class Bench:
    """Hold what a lesson measures: a run, and the data that it is trained on.

    Attributes
    ----------
    model : NeuralNetwork, MLPClassifier or MLPRegressor
        With the settings of the run; its weights are not looked at.
    X, y, X_val, y_val : array-like
        What its `fit` is given; the last two may be None.
    theta_at : callable
        ``theta_at(step)`` returns the parameters after so many steps of the run, from 0 to `newest`.
    newest : int
        How many steps the run has made.
    records : sequence of EpochRecord
        Of the epochs that are done.
    """

    model: Any
    X: Any
    y: Any
    X_val: Any
    y_val: Any
    theta_at: Callable[[int], Array]
    newest: int
    records: Sequence[EpochRecord]
    trained: dict[Any, EpochRecord | None] = field(default_factory=dict)
    """Trainings with other settings that were asked for; None where one diverged."""

    @cached_property
    def view(self) -> View:
        """The model in the engine's terms."""
        return view_of(self.model, self.X, self.y)

    @cached_property
    def samples(self) -> Samples:
        """The training samples as the network is given them."""
        return self.view.samples(self.X, self.y)

    @property
    def steps_per_epoch(self) -> int:
        """How many steps an epoch takes."""
        n = len(self.samples)
        return math.ceil(n / min(self.view.batch_size, n))

    def part(self, name: str) -> Samples:
        """Return the samples of ``"training"`` or ``"validation"``."""
        lookup(dict.fromkeys(("training", "validation")), name, "part of the data")
        if name == "training":
            return self.samples
        if self.X_val is None:
            raise NotYetError("There are no validation data here.")
        return self.view.samples(self.X_val, self.y_val)

    def parameters(self, epoch: float | None, step: int | None) -> Parameters:
        """Return the network after some epochs, or some steps.

        Raises
        ------
        NotYetError
            When the run has not made as many.
        """
        if (epoch is None) == (step is None):
            raise InvalidParameterError("expected one of epoch=... and step=...")
        steps = int(step) if epoch is None else round(epoch * self.steps_per_epoch)  # type: ignore[arg-type]
        if steps > self.newest:
            raise NotYetError(
                f"Train a little longer first: this is about {_place(epoch, step)}, and the run is at "
                f"step {self.newest:,} of {steps:,}."
            )
        return Parameters(self.view.architecture, self.theta_at(steps).copy())

    def layer(self, number: int) -> int:
        """Check the number of a layer, from 1; the last one is that of the outputs."""
        n_layers = len(self.view.architecture.sizes) - 1
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= n_layers:
            raise NotYetError(
                f"This is about layer {number}, and the network has {n_layers}: 1 to {n_layers}."
            )
        return number


def _place(epoch: float | None, step: int | None) -> str:
    return f"step {step}" if epoch is None else f"epoch {epoch:g}"


def loss(
    bench: Bench, part: str = "training", *, epoch: float | None = None, step: int | None = None
) -> float:
    """Return the mean loss of all samples of a part, of the network as it is after some epochs or steps."""
    return evaluate(bench.view.architecture, bench.parameters(epoch, step), bench.part(part))[0]


def accuracy(
    bench: Bench, part: str = "training", *, epoch: float | None = None, step: int | None = None
) -> float:
    """Return the share of the samples of a part that the network answers rightly, likewise."""
    return evaluate(bench.view.architecture, bench.parameters(epoch, step), bench.part(part))[1]


def record(bench: Bench, name: str, epoch: int) -> float:
    """Return what the losses' view shows of an epoch: "loss", "accuracy", "validation_loss" ..."""
    if epoch > len(bench.records):
        raise NotYetError(
            f"Train until epoch {epoch} is done first; {len(bench.records)} of the run's epochs are."
        )
    return _figure(bench.records[epoch - 1], name)


def best_epoch(bench: Bench, epochs: int) -> float:
    """Return which of the first so many epochs has the lowest validation loss."""
    return 1.0 + int(np.argmin([record(bench, "validation_loss", k) for k in range(1, epochs + 1)]))


def gradient(bench: Bench, layer: int, *, epoch: float | None = None, step: int | None = None) -> float:
    """Return the root of the mean square of dLoss/dW of a layer, over all training samples."""
    found = _gradient(bench, epoch, step).weights[bench.layer(layer) - 1]
    return float(np.sqrt(np.mean(np.square(found, dtype=np.float64))))


def _gradient(bench: Bench, epoch: float | None, step: int | None) -> Parameters:
    view, samples = bench.view, bench.samples
    training = Training(
        view.architecture,
        bench.parameters(epoch, step),
        view.optimizer,
        view.learning_rate,
        len(samples),
        alpha=view.alpha,
    )
    return training.compute_gradient(samples, np.arange(len(samples))).gradient


def moved(bench: Bench, name: str, *, epoch: float | None = None, step: int | None = None) -> float:
    """Return by how much the number of "W1", "b2" ... has moved since step 0 that has moved most."""
    place = bench.view.architecture.places_of([name])
    now, first = bench.parameters(epoch, step).theta[place], bench.parameters(None, 0).theta[place]
    return float(np.abs(now - first).max())


def units(bench: Bench, layer: int, *, epoch: float | None = None, step: int | None = None) -> float:
    """Return how many units of a layer differ from each other, in weights or bias, by more than rounding."""
    parameters, i = bench.parameters(epoch, step), bench.layer(layer) - 1
    own = np.vstack([parameters.weights[i], parameters.biases[i]]).T  # (units, fan_in + 1)
    kinds: list[Array] = []
    for unit in own:
        if not any(np.abs(unit - kind).max() <= ALIKE * np.abs(own).max() for kind in kinds):
            kinds.append(unit)
    return float(len(kinds))


def dead(bench: Bench, layer: int, *, epoch: float | None = None, step: int | None = None) -> float:
    """Return how many units of a hidden layer are 0 for every training sample."""
    a = predict(bench.view.architecture, bench.parameters(epoch, step), bench.samples, bench.layer(layer) - 1)
    return float((~a.any(axis=0)).sum())


def most_common(bench: Bench, part: str = "training") -> float:
    """Return the share of the most common class: what one answer for all samples scores."""
    targets = bench.part(part).targets(slice(None))
    return float(targets.mean(axis=0).max())


def n_parameters(bench: Bench) -> float:
    """Return how many weights and biases the network has."""
    return float(bench.view.architecture.n_parameters)


def n_samples(bench: Bench, part: str = "training") -> float:
    """Return how many samples a part has."""
    return float(len(bench.part(part)))


def trained(bench: Bench, name: str, epochs: int, **changes: Any) -> float:
    """Return a figure of the last of so many epochs of the same training with other settings.

    It is `fit` with the run's seed: what a branch at step 0 shows. The loss of a training that diverged is
    infinite, and its accuracy 0.
    """
    found = _trained(bench, epochs, changes)
    if found is None:
        return math.inf if name.endswith("loss") else 0.0
    return _figure(found, name)


def diverges(bench: Bench, epochs: int, **changes: Any) -> bool:
    """Return whether the loss stops being a number within so many epochs, with other settings."""
    return _trained(bench, epochs, changes) is None


def _trained(bench: Bench, epochs: int, changes: dict[str, Any]) -> EpochRecord | None:
    key = (epochs, repr(sorted(changes.items())))
    if key not in bench.trained:
        is_network = isinstance(bench.model, NeuralNetwork)
        length: dict[str, Any] = {"epochs" if is_network else "max_iter": int(epochs)}
        known = bench.model.get_params(deep=False)
        for name in changes:
            lookup(known, name, "setting of the model")
        model = type(bench.model)(**known | split(changes)[0] | length)
        how: dict[str, Any] = {"early_stopping": False} if is_network else {}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that it is not at its end is known
                model.fit(bench.X, bench.y, X_val=bench.X_val, y_val=bench.y_val, **how)
            bench.trained[key] = model.history_.records[-1]
        except DivergedError:
            bench.trained[key] = None
    return bench.trained[key]


def _figure(found: EpochRecord, name: str) -> float:
    figures = {
        "loss": found.loss,
        "accuracy": found.accuracy,
        "validation_loss": found.validation_loss,
        "validation_accuracy": found.validation_accuracy,
    }
    value = lookup(figures, name, "figure of an epoch")
    if value is None:
        raise NotYetError(f"The epochs of this run have no {quoted(name)}.")
    return float(value)


MEASURES: dict[str, Callable[..., Any]] = {
    measure.__name__: measure
    for measure in (
        loss,
        accuracy,
        record,
        best_epoch,
        gradient,
        moved,
        units,
        dead,
        most_common,
        n_parameters,
        n_samples,
        trained,
        diverges,
    )
}
"""All measures, by the names that lessons call them by."""
