"""What the doctor measures of a model and its data: on copies, through the one engine, each thing once."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, TypeVar

import joblib
import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.doctor.measure.coded import Flags
from glassnet.doctor.measure.columns import InputFacts, find_gap_codes, find_row_numbers, measure_inputs
from glassnet.doctor.measure.copies import CopyFacts, measure_copies
from glassnet.doctor.measure.labels import ShiftFacts, measure_shifts
from glassnet.doctor.measure.layers import LayerState, measure_gradient_error, measure_layers
from glassnet.doctor.measure.preparation import PreparationFacts
from glassnet.doctor.measure.reference import REFERENCE_ROWS, Reference, Task, fit_reference
from glassnet.doctor.measure.trials import MOST_ROWS, score_outputs
from glassnet.doctor.scores.reported import Reported
from glassnet.doctor.scores.scores import Slip, search_slips
from glassnet.errors import InvalidDataError
from glassnet.models.view import View
from glassnet.nn.evaluation import evaluate, predict
from glassnet.nn.losses import Head
from glassnet.nn.network import Parameters
from glassnet.nn.samples import Samples

PROBE_ROWS = 512
"""How many training samples the layers are measured on."""

ALL_ROWS = 5000
"""Columns are measured on all rows where there are no more; else on some."""

SCORED_ROWS = 10_000
"""How many training samples loss and score are measured on."""

MOST_OUTPUTS, COMPARED_ROWS = 100, 50
"""No references for more outputs than the first; so many rows tell whether the targets are the inputs."""


@dataclass(frozen=True)
class Answers:
    """Hold what the network answers to labelled samples.

    Attributes
    ----------
    loss, score : float
        The score is the accuracy, or R squared.
    codes, truth : ndarray of int, shape (n_samples,)
        The class answered and the class labelled; empty for a regression.
    probabilities : ndarray of shape (n_samples, n_classes) or None
        Where each class has an output.
    n : int
        How many samples.
    """

    loss: float
    score: float
    codes: NDArray[np.intp]
    truth: NDArray[np.intp]
    probabilities: Array | None
    n: int

    @property
    def counts(self) -> NDArray[np.intp]:
        """How often each class is answered, most frequent first."""
        return np.sort(np.bincount(self.codes))[::-1] if len(self.codes) else np.zeros(1, np.intp)


class Remembered:
    """Keep what was measured of data alone, for the next model that is given the same data."""

    def __init__(self) -> None:
        self._key, self._facts = "", dict[str, Any]()

    def facts_of(self, key: str) -> dict[str, Any]:
        """Return what is known of the data of a key; those of another key are forgotten."""
        if key != self._key:
            self._key, self._facts = key, {}
        return self._facts


_Fact = TypeVar("_Fact")


def _of_data(measure: Callable[["Measured"], _Fact]) -> _Fact:
    """Make a property that is measured once for all models of the same data."""

    @wraps(measure)
    def look_up(measured: "Measured") -> _Fact:
        facts = measured.facts_of_data
        if measure.__name__ not in facts:
            facts[measure.__name__] = measure(measured)
        fact: _Fact = facts[measure.__name__]
        return fact

    return property(look_up)  # type: ignore[return-value]


class Measured:
    """Measure a model and its data, each thing when it is first asked for.

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
    unseen : dict of str to int, optional
        Labels of test samples that were left out, as no training sample has them, and how many of each.
    remembered : Remembered, optional
        What was measured for other models; the same data are not measured again.
    """

    def __init__(
        self,
        view: View,
        samples: Samples,
        test: Samples | None = None,
        reported: Reported | None = None,
        unseen: Mapping[str, int] | None = None,
        remembered: Remembered | None = None,
    ) -> None:
        self.view, self.samples, self.test_samples, self.reported = view, samples, test, reported
        self.unseen = unseen or {}
        self._remembered = remembered
        self._rows = np.random.default_rng(0).permutation(len(samples))
        if reported is not None and (self.test is None or view.classes is None):
            raise InvalidDataError(
                f"got a reported accuracy, {reported.text}; expected a fitted classifier with finite "
                "weights, and X_test and y_test: a score is compared with the model's answers."
            )

    # -- the model and its task ---------------------------------------------------------------------------

    @property
    def theta(self) -> Array | None:
        """The weights in use; None for a model that was not trained."""
        return self.view.theta if self.view.is_trained else None

    @property
    def n_classes(self) -> int:
        """How many classes there are; 0 for a regression."""
        return 0 if self.view.classes is None else len(self.view.classes)

    @cached_property
    def task(self) -> Task:
        """What an answer is."""
        return Task(self.n_classes)

    def label(self, code: int) -> str:
        """Return the label of a class, for people."""
        assert self.view.classes is not None
        return str(self.view.classes[code])

    @cached_property
    def codes(self) -> NDArray[np.intp] | None:
        """The class of each training sample; None for a regression."""
        return None if self.view.classes is None else _codes(self.samples, self.n_classes)

    @cached_property
    def base_loss(self) -> float:
        """The loss of the best constant answer."""
        return constant_loss(self.view.architecture.head, self.samples)

    @cached_property
    def base_accuracy(self) -> float:
        """The accuracy of the best constant answer; NaN for a regression."""
        return math.nan if self.codes is None else float(np.bincount(self.codes).max() / len(self.codes))

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
    def n_steps(self) -> int:
        """About how many steps training took."""
        return len(self.losses) * -(-len(self.samples) // self.view.batch_size)

    # -- layers -------------------------------------------------------------------------------------------

    @cached_property
    def _probe_samples(self) -> Samples:
        return take_rows(self.samples, self._rows[:PROBE_ROWS])

    @cached_property
    def initial(self) -> LayerState:
        """The layers before training."""
        return self._measure(self.view.initial_theta)

    @cached_property
    def current(self) -> LayerState | None:
        """The layers now; None for a model that was not fitted."""
        if self.theta is None:
            return None
        return self._measure(self.theta)

    def _measure(self, theta: Array) -> LayerState:
        return measure_layers(self.view.architecture, theta, self._probe_samples, self.view.activations)

    @cached_property
    def gradient_error(self) -> float:
        """See `measure_gradient_error`."""
        return measure_gradient_error(self.view.architecture, self._probe_samples, self.view.n_numbers)

    # -- data ---------------------------------------------------------------------------------------------

    @cached_property
    def facts_of_data(self) -> dict[str, Any]:
        """What has been measured of the data alone, by the names of the properties here."""
        if self._remembered is None:
            return {}
        parts = [
            (part.X, part.y, part.divisor) for part in (self.samples, self.test_samples) if part is not None
        ]
        # the references ask for more than the data: whether the targets are classes, numbers or the inputs
        task = (self.n_classes, self._gives_probabilities, self.is_autoencoder)
        return self._remembered.facts_of(joblib.hash((parts, task)))

    @cached_property
    def _column_rows(self) -> Array:
        """The columns of numbers, of so many training rows as they are measured on."""
        if len(self.samples) > ALL_ROWS:
            return np.array(take_rows(self.samples, self._rows[:MOST_ROWS]).X)[:, : self.view.n_numbers]
        return all_inputs(self.samples)[:, : self.view.n_numbers]

    @cached_property
    def _flags(self) -> Flags:
        """What stands in the place of codes where columns are compared with each other."""
        return Flags.of(take_rows(self.samples, self._rows[:SCORED_ROWS]).X, self.view.n_numbers)

    def table(self, samples: Samples) -> Samples:
        """Return samples with all columns as numbers: a flag for each frequent category instead of codes."""
        if not self.view.categories:
            return samples
        return Samples(self._flags(samples.X), samples.y, samples.X.dtype)

    @property
    def column_names(self) -> tuple[str, ...] | None:
        """What the columns of `table` are called; None where they have no names."""
        view = self.view
        if view.columns is None or not view.categories:
            return view.columns
        return self._flags.names(view.columns, view.categories)

    @_of_data
    def inputs(self) -> InputFacts:
        """Return the scales of the training inputs."""
        return measure_inputs(self._column_rows)

    @_of_data
    def test_inputs(self) -> InputFacts | None:
        """The scales of the test inputs."""
        if self.test_samples is None:
            return None
        few = len(self.test_samples) <= ALL_ROWS
        inputs = all_inputs(self.test_samples) if few else np.array(self._test_part.X)
        return measure_inputs(inputs[:, : self.view.n_numbers])

    @_of_data
    def gap_codes(self) -> dict[int, tuple[float, float]]:
        """See `find_gap_codes`."""
        return find_gap_codes(self._column_rows)

    @_of_data
    def row_numbers(self) -> list[int]:
        """See `find_row_numbers`."""
        return find_row_numbers(self._column_rows)

    @_of_data
    def copies(self) -> CopyFacts | None:
        """Which test rows are training rows; None without test data."""
        if self.test_samples is None:
            return None
        return measure_copies(self.table(self.samples), self.table(self.test_samples))

    @cached_property
    def _reference_rows(self) -> NDArray[np.intp]:
        return np.sort(self._rows[:REFERENCE_ROWS])

    @_of_data
    def reference(self) -> Reference | None:
        """Return what simple models make of the training data.

        None for targets that are the inputs, or labels of which a sample may have several.
        """
        if self.is_autoencoder or (self.view.classes is None and self._gives_probabilities):
            return None
        part = self.table(take_rows(self.samples, self._reference_rows))
        return fit_reference(part.X, self.targets(part), self.task)

    @property
    def _gives_probabilities(self) -> bool:
        return self.view.architecture.head.gives_probabilities

    @cached_property
    def is_autoencoder(self) -> bool:
        """Whether the targets are the inputs themselves, or so many numbers that they can be nothing else."""
        sizes = self.view.architecture.sizes
        if self.n_classes or sizes[-1] > MOST_OUTPUTS:
            return not self.n_classes
        some = slice(0, COMPARED_ROWS)
        return sizes[0] == sizes[-1] and np.allclose(self.samples.inputs(some), self.samples.targets(some))

    def targets(self, samples: Samples) -> NDArray[np.float64]:
        """Return what references take as answers, shape (n, n_outputs)."""
        assert samples.y is not None
        return self.task.targets(_codes(samples, self.n_classes) if self.n_classes else samples.y)

    @_of_data
    def shifts(self) -> ShiftFacts | None:
        """How references do with labels that are moved; None without references."""
        if self.reference is None:
            return None
        return measure_shifts(self.reference, self.targets(self.samples), self._reference_rows)

    @cached_property
    def _test_part(self) -> Samples:
        """Some of the test samples."""
        assert self.test_samples is not None
        return take_rows(
            self.test_samples, np.random.default_rng(0).permutation(len(self.test_samples))[:MOST_ROWS]
        )

    @_of_data
    def test_facts(self) -> PreparationFacts | None:
        """The test data beside the training data; None without either."""
        if self.test_samples is None or self.reference is None or not len(self.test_samples):
            return None
        part = self.table(self._test_part)
        raw = np.asarray(part.X, np.float64)
        train = np.asarray(self.table(take_rows(self.samples, self._reference_rows)).X, np.float64)
        return PreparationFacts(self.reference, self.reference.scaled(raw), raw, train, self.targets(part))

    # -- answers and scores -------------------------------------------------------------------------------

    @cached_property
    def train(self) -> Answers | None:
        """What the fitted network answers to training samples."""
        return self._answer(take_rows(self.samples, self._rows[:SCORED_ROWS]))

    @cached_property
    def test(self) -> Answers | None:
        """What the fitted network answers to the test samples."""
        return None if self.test_samples is None else self._answer(self.test_samples)

    def _answer(self, samples: Samples) -> Answers | None:
        theta = self.theta
        if theta is None or not np.isfinite(theta).all():
            return None
        architecture, parameters = self.view.architecture, Parameters(self.view.architecture, theta)
        loss = evaluate(architecture, parameters, samples)[0]
        outputs = predict(architecture, parameters, samples)
        rows = score_outputs(outputs, samples, self.task)
        score = float(rows.mean()) if len(rows) else math.nan
        nothing = np.zeros(0, np.intp)
        if self.view.classes is None:
            return Answers(loss, score, nothing, nothing, None, len(samples))
        if outputs.shape[1] == 1:
            codes = (outputs[:, 0] > 0.5).astype(np.intp) * (self.n_classes > 1)
            return Answers(loss, score, codes, _codes(samples, self.n_classes), None, len(samples))
        return Answers(
            loss, score, outputs.argmax(axis=1), _codes(samples, self.n_classes), outputs, len(samples)
        )

    @cached_property
    def slips(self) -> list[Slip]:
        """The figures of the answers to the test data, and of constant ones, that give the reported score."""
        if self.reported is None or self.test is None:
            return []
        train = self._answer(self.samples)  # all of them, since every digit counts
        return search_slips(
            self.reported,
            self.test.truth,
            self.test.codes,
            n_classes=self.n_classes,
            probabilities=self.test.probabilities,
            training_accuracy=None if train is None else train.score,
        )

    @property
    def chance(self) -> float:
        """The score of the best constant answer."""
        return 0.0 if not self.n_classes else self.base_accuracy


def take_rows(samples: Samples, rows: NDArray[np.intp]) -> Samples:
    """Return some rows, in their order, as samples of their own, converted once."""
    rows = np.sort(rows)
    X, y = samples.inputs(rows).copy(), samples.targets(rows).copy()
    return Samples(X, y, X.dtype)


def all_inputs(samples: Samples) -> Array:
    """Return all inputs, converted once, shape (n, n_features)."""
    return np.concatenate([samples.inputs(rows).copy() for rows in samples.chunks()])


def _codes(samples: Samples, n_classes: int) -> NDArray[np.intp]:
    """Return the class of each sample; of a single output, 0 or 1, and 0 where there is one class only."""
    assert samples.y is not None
    if samples.y.shape[1] == 1:
        return (samples.y[:, 0] > 0.5).astype(np.intp) * (n_classes > 1)
    return np.asarray(samples.y.argmax(axis=1))


def constant_loss(head: Head, samples: Samples) -> float:
    """Return the mean loss of the best answer that does not look at the inputs."""
    assert samples.y is not None
    return float(head.constant_losses(samples.y).mean())


def guess_loss(head: Head, samples: Samples) -> float:
    """Return the mean loss of a network whose output units get 0, as one that knows nothing does."""
    assert samples.y is not None
    return float(head.losses_at(np.zeros(samples.y.shape[1]), samples.y).mean())
