"""What the doctor measures, once, before it judges. Everything runs on copies, through the one engine."""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.doctor.measure.data import (
    InputFacts,
    LabelFacts,
    measure_inputs,
    measure_labels,
    share_of_copies,
)
from glassnet.doctor.measure.layers import LayerState, measure_gradient_error, measure_layers
from glassnet.doctor.measure.trials import Trial, try_training
from glassnet.doctor.scores.scores import Reported, Slip, search_slips
from glassnet.errors import InvalidDataError
from glassnet.models.view import View
from glassnet.nn.evaluation import evaluate, predict
from glassnet.nn.losses import Head
from glassnet.nn.network import Parameters
from glassnet.nn.samples import Samples

PROBE_ROWS = 512
"""How many training samples the layers and the trials are measured on."""

SCORED_ROWS = 10_000
"""How many training samples loss and accuracy are measured on."""

TRIAL_STEPS = 120
BATCH_STEPS = 200
BATCH_ROWS = 20
FACTORS = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 10.0, 100.0, 1e3, 1e4)
"""The learning rates of the trials, as multiples of the model's own."""

LEARNT = 0.5
"""A network has learnt when its loss is below this share of the best constant answer's."""


@dataclass(frozen=True)
class Answers:
    """Hold what the network answers to labelled samples.

    Attributes
    ----------
    loss, accuracy : float
        Accuracy is NaN for a regression.
    codes, truth : ndarray of int, shape (n_samples,)
        The class answered and the class labelled; empty for a regression.
    probabilities : ndarray of shape (n_samples, n_classes) or None
        Where each class has an output.
    """

    loss: float
    accuracy: float
    codes: NDArray[np.intp]
    truth: NDArray[np.intp]
    probabilities: Array | None = None

    @property
    def counts(self) -> NDArray[np.intp]:
        """How often each class is answered, most frequent first."""
        return np.sort(np.bincount(self.codes))[::-1] if len(self.codes) else np.zeros(1, np.intp)


@dataclass(frozen=True)
class Trials:
    """Hold the short trainings from the initial weights.

    Attributes
    ----------
    own : Trial
        With the model's own settings.
    by_factor : dict of float to Trial
        By the multiple of the learning rate; empty for a network that has learnt, which needs no others.
    on_batch : list of Trial
        On one batch of 20 samples, with 0.1, 1 and 10 times the learning rate; empty likewise.
    blind : Trial or None
        Of a twin that is fed zeros; None likewise.
    """

    own: Trial
    by_factor: dict[float, Trial]
    on_batch: list[Trial]
    blind: Trial | None


@dataclass(frozen=True)
class Probe:
    """Hold everything that was measured.

    Attributes
    ----------
    view : View
        Of the model.
    samples : Samples
        The training data.
    theta : ndarray or None
        The weights in use; None for a model that was not trained.
    codes : ndarray of int or None
        The class of each training sample; None for a regression.
    inputs, test_inputs : InputFacts
        ``test_inputs`` is None without test data.
    labels : LabelFacts or None
    initial, current : LayerState
        Before training, and now; ``current`` is None for a model that was not fitted.
    gradient_error : float
        See `measure_gradient_error`.
    base_loss, base_accuracy : float
        Of the best constant answer; NaN as accuracy of a regression.
    trials : Trials
    train, test : Answers or None
        Of the fitted network.
    copies : float
        Share of test rows that are training rows too.
    reported : Reported or None
        The test accuracy that was reported.
    slips : list of Slip
        The figures of the answers to the test data, and of constant ones, that reproduce it.
    """

    view: View
    samples: Samples
    theta: Array | None
    codes: NDArray[np.intp] | None
    inputs: InputFacts
    test_inputs: InputFacts | None
    labels: LabelFacts | None
    initial: LayerState
    current: LayerState | None
    gradient_error: float
    base_loss: float
    base_accuracy: float
    trials: Trials
    train: Answers | None
    test: Answers | None
    copies: float
    reported: Reported | None = None
    slips: list[Slip] = field(default_factory=list)

    @cached_property
    def has_learnt(self) -> bool:
        """Whether training has come, or for an untrained model would come, well below a constant answer."""
        if self.train is None:
            return self.trials.own.last_loss < LEARNT * self.base_loss
        return self.train.loss < LEARNT * self.base_loss

    @property
    def losses(self) -> list[float]:
        """The training loss of every epoch."""
        return [] if self.view.history is None else self.view.history.column("loss")

    @property
    def validation_losses(self) -> list[float]:
        """The validation loss of every epoch; empty without."""
        history = self.view.history
        column = [] if history is None else history.column("validation_loss")
        return [] if None in column else column

    @property
    def n_classes(self) -> int:
        """How many classes there are; 0 for a regression."""
        return 0 if self.view.classes is None else len(self.view.classes)

    def label(self, code: int) -> str:
        """Return the label of a class, for people."""
        assert self.view.classes is not None
        return str(self.view.classes[code])


def measure(
    view: View, samples: Samples, test: Samples | None = None, reported: Reported | None = None
) -> Probe:
    """Measure everything that the checks judge.

    Parameters
    ----------
    view : View
        Of the model.
    samples : Samples
        The training data.
    test : Samples, optional
        Labelled data that the model was not trained on.
    reported : Reported, optional
        The test accuracy that was reported.

    Returns
    -------
    Probe
    """
    rows = np.random.default_rng(0).permutation(len(samples))
    probe_samples = _take(samples, rows[:PROBE_ROWS])
    architecture, theta = view.architecture, view.theta if view.is_trained else None
    codes = None if view.classes is None else _codes(samples)
    base_loss = constant_loss(architecture.head, samples)
    train = _answers(view, theta, _take(samples, rows[:SCORED_ROWS]))
    tested = None if test is None else _answers(view, theta, test)
    return Probe(
        view=view,
        samples=samples,
        theta=theta,
        codes=codes,
        inputs=measure_inputs(probe_samples.X if len(samples) > SCORED_ROWS else _all_inputs(samples)),
        test_inputs=None if test is None else measure_inputs(_all_inputs(test)),
        labels=None if codes is None else measure_labels(samples, codes),
        initial=measure_layers(architecture, view.initial_theta, probe_samples),
        current=None if theta is None else measure_layers(architecture, theta, probe_samples),
        gradient_error=measure_gradient_error(architecture, probe_samples),
        base_loss=base_loss,
        base_accuracy=math.nan if codes is None else float(np.bincount(codes).max() / len(codes)),
        trials=_try(view, probe_samples, None if train is None else train.loss, base_loss),
        train=train,
        test=tested,
        copies=0.0 if test is None else share_of_copies(samples, test),
        reported=reported,
        slips=[]
        if reported is None
        else _search_slips(reported, view, tested, _answers(view, theta, samples)),
    )


def _search_slips(reported: Reported, view: View, test: Answers | None, train: Answers | None) -> list[Slip]:
    """Search the answers; `train` has those to all training data, since every digit counts."""
    if test is None or view.classes is None:
        raise InvalidDataError(
            f"got a reported accuracy, {reported.text}; expected a fitted classifier with finite weights, "
            "and X_test and y_test: a score is compared with the model's answers."
        )
    return search_slips(
        reported,
        test.truth,
        test.codes,
        n_classes=len(view.classes),
        probabilities=test.probabilities,
        training_accuracy=None if train is None else train.accuracy,
    )


def _try(view: View, samples: Samples, loss: float | None, base_loss: float) -> Trials:
    """Train copies; a network whose loss shows that it has learnt is trained once, as it was."""
    own = _trial(view, samples, 1.0)
    if (own.last_loss if loss is None else loss) < LEARNT * base_loss:
        return Trials(own, {}, [], None)
    factors = FACTORS if view.trains_by_steps else ()
    blind = Samples(np.zeros_like(samples.X), samples.y, samples.X.dtype)
    batch = _take(samples, np.random.default_rng(1).permutation(len(samples))[:BATCH_ROWS])
    return Trials(
        own,
        {factor: _trial(view, samples, factor) for factor in factors},
        [_trial(view, batch, factor, BATCH_STEPS) for factor in (0.1, 1.0, 10.0)],
        _trial(view, blind, 1.0),
    )


def _trial(view: View, samples: Samples, factor: float, n_steps: int = TRIAL_STEPS) -> Trial:
    return try_training(
        view.architecture,
        view.initial_theta,
        samples,
        optimizer=view.optimizer,
        learning_rate=view.learning_rate * factor,
        batch_size=view.batch_size,
        n_steps=n_steps,
        alpha=view.alpha,
        frozen=view.frozen,
    )


def _take(samples: Samples, rows: NDArray[np.intp]) -> Samples:
    """Return some rows as samples of their own, converted once."""
    rows = np.sort(rows)
    X, y = samples.inputs(rows).copy(), samples.targets(rows).copy()
    return Samples(X, y, X.dtype)


def _all_inputs(samples: Samples) -> Array:
    return np.concatenate([samples.inputs(rows).copy() for rows in samples.chunks()])


def _codes(samples: Samples) -> NDArray[np.intp]:
    """Return the class of each sample; of a single output, 0 or 1."""
    assert samples.y is not None
    if samples.y.shape[1] == 1:
        return (samples.y[:, 0] > 0.5).astype(np.intp)
    return np.asarray(samples.y.argmax(axis=1))


def _answers(view: View, theta: Array | None, samples: Samples) -> Answers | None:
    if theta is None or not np.isfinite(theta).all():
        return None
    parameters = Parameters(view.architecture, theta)
    loss, accuracy = evaluate(view.architecture, parameters, samples)
    if view.classes is None:
        nothing = np.zeros(0, np.intp)
        return Answers(loss, math.nan, nothing, nothing)
    outputs = predict(view.architecture, parameters, samples)
    if outputs.shape[1] == 1:
        return Answers(loss, accuracy, (outputs[:, 0] > 0.5).astype(np.intp), _codes(samples))
    return Answers(loss, accuracy, outputs.argmax(axis=1), _codes(samples), outputs)


def constant_loss(head: Head, samples: Samples) -> float:
    """Return the mean loss of the best answer that does not look at the inputs."""
    y = samples.y
    assert y is not None
    return float(head.constant_losses(y).mean())
