"""The kinds of fault: how each is put into a healthy network or its data, and which answers are right.

The answers were written down without looking at the rules (docs/doctor.md names four that were added
later); the first is the one that is preferred, and a code is accepted where it names the fault itself,
not a symptom of it. A kind takes a strength from 0 to 1: what people do may cost little or all. Where
nothing else is said, a fault costs score against the healthy twin, of the same settings, seed and data,
on the test rows and on rows that nobody saw. Test rows that were prepared wrongly cost score on these
alone. Some faults do not lower the score but fake it: their harm is what it is above the honest one, or
what the function beside the kind says.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.metrics import balanced_accuracy_score

from .data import DATA_SETS, Array, Half, Rows, n_classes, names_of
from .networks import Case, Rng, Trained, answers, score

BOTH = ("classification", "regression")
CLASS, REAL = BOTH[:1], BOTH[1:]

NEW_CODES = {
    "strong-penalty": "The L2 penalty or weight decay is so strong that the network cannot fit.",
    "strong-dropout": "So many units are dropped that the network cannot fit.",
    "decayed-rate": "The learning rate's schedule decayed to nothing before the network had learnt.",
    "few-steps": "So few updates were made, as the batches are very large, that training had no time.",
    "unshuffled-batches": "The rows are sorted by the target, and the batches are taken in that order.",
    "large-momentum": "The momentum is so near 1 that steps of long ago still drive the weights.",
    "target-leak": "A feature is the target, or nearly, and will not be there when it is to be predicted.",
    "identifier-columns": "A column numbers the rows or names them, and says nothing of the next row.",
    "missing-codes": "Numbers such as -999 stand for missing values.",
    "unscaled-targets": "The targets are far from mean 0 and spread 1.",
    "regression-on-classes": "A regressor is trained on numbers that name classes.",
    "classes-on-numbers": "A classifier is trained on a measured number.",
    "one-hot-labels": "One-hot rows are given as if a sample had several labels.",
    "noisy-labels": "A share of the training labels is wrong.",
    "few-samples": "There are too few samples, of a class or in all, to learn from.",
    "lone-class-samples": "Classes have one sample or two.",
    "reordered-columns": "The test columns stand in another order than the training columns.",
    "reordered-test-labels": "The test labels stand in another order than the test rows.",
    "unseen-classes": "Test rows have classes, or targets, that training has not: a sorted file was cut.",
    "target-shift": "The test targets have another unit or zero than the training targets.",
    "tight-clipping": "Gradients are cut to a norm so small that the steps are nothing.",
    "odd-optimizer": "The optimiser's constants keep it from doing what it is for.",
    "outliers": "A few values lie so far from all others that they rule the scale or the loss.",
}
"""Codes that the doctor had not when these kinds were written, and what each says."""

Inject = Callable[[Rng, Case, float], Case | None]
Shape = Callable[[Rng, Case], Case]
Harm = Callable[[Trained, Trained], float]


@dataclass(frozen=True)
class Kind:
    """Hold a kind of fault.

    Attributes
    ----------
    name, family : str
        Kinds of one family resemble each other.
    answers : tuple of str
        The codes that are right, the preferred one first.
    inject : callable
        Puts it into a case at a strength; returns None where it does not apply.
    tasks : tuple of str
    forms : tuple of str
        Of the data sets that it can be put into.
    shape : callable or None
        What the healthy network must be like for the fault to apply.
    harm : callable
        Of the healthy and the sick network; 0.05 makes the fault one.
    least_classes : int
        That a data set must have.
    """

    name: str
    family: str
    answers: tuple[str, ...]
    inject: Inject
    tasks: tuple[str, ...]
    forms: tuple[str, ...]
    shape: Shape | None
    harm: Harm
    least_classes: int

    def sets(self, half: Half) -> list[str]:
        """Return the data sets of a half that it can be put into."""
        chosen = [name for task in self.tasks for name in names_of(half, task)]  # type: ignore[arg-type]
        chosen = [name for name in chosen if DATA_SETS[name].form in self.forms]
        return [name for name in chosen if not self.least_classes or n_classes(name) >= self.least_classes]


KINDS: dict[str, Kind] = {}


def fall(healthy: Trained, sick: Trained) -> float:
    """Return what the score lost against the healthy twin's, on test rows or on clean ones: the less."""
    return min(healthy.score - sick.score, healthy.honest() - sick.honest())


def fall_of_test(healthy: Trained, sick: Trained) -> float:
    """Return how much lower the score is on the test rows as they were prepared."""
    return healthy.score - sick.score


def fake(healthy: Trained, sick: Trained) -> float:
    """Return how much higher the score is than that of the same model on clean rows."""
    return sick.score - sick.honest()


def fake_by_rows(healthy: Trained, sick: Trained) -> float:
    """Return what the score is above that on clean rows, or on the test rows of before: the less."""
    return min(sick.score - sick.honest(), sick.score - healthy.score)


def kind(
    name: str,
    family: str,
    *codes: str,
    tasks: tuple[str, ...] = BOTH,
    forms: tuple[str, ...] = ("table", "image", "binary"),
    shape: Shape | None = None,
    harm: Harm = fall,
    least_classes: int = 0,
) -> Callable[[Inject], Inject]:
    """Enter the function below into `KINDS`."""

    def enter(inject: Inject) -> Inject:
        KINDS[name] = Kind(name, family, codes, inject, tasks, forms, shape, harm, least_classes)
        return inject

    return enter


def between(strength: float, low: float, high: float) -> float:
    """Return the number at a strength between two, on a logarithmic scale."""
    return float(low * (high / low) ** strength)


# -- what a healthy network must be like ---------------------------------------------------------------


def stepping(rng: Rng, case: Case) -> Case:
    """Train by steps: not with L-BFGS."""
    if case.solver != "lbfgs":
        return case
    rate = float(10 ** rng.uniform(-2.7, -2.1))
    epochs = int(np.clip(1_200 * case.batch / len(case.rows.X), 15, 300))
    return replace(case, solver="adam", rate=rate, epochs=epochs)


def own(rng: Rng, case: Case) -> Case:
    """Use glassnet's classes: scikit-learn's take no initialisation, dropout or own activation."""
    return replace(case, family="glassnet") if case.family == "sklearn" else case


def own_stepping(rng: Rng, case: Case) -> Case:
    """Use glassnet's classes, and train by steps."""
    return stepping(rng, own(rng, case))


def estimator(rng: Rng, case: Case) -> Case:
    """Use scikit-learn's classes or glassnet's of the same parameters, and train by steps."""
    case = stepping(rng, case)
    if case.family != "NeuralNetwork":
        return case
    return replace(case, family="glassnet")


def any_estimator(rng: Rng, case: Case) -> Case:
    """Use an estimator, with any solver."""
    return replace(case, family="glassnet") if case.family == "NeuralNetwork" else case


def descending(rng: Rng, case: Case) -> Case:
    """Use an estimator and plain gradient descent at a rate that suits it."""
    momentum = float(rng.choice([0.0, 0.9]))
    rate = 10 ** rng.uniform(-1.4, -0.8) * (0.15 if momentum else 1)
    rate *= 1.0 if case.rows.is_classification else 0.4
    case = estimator(rng, case)
    epochs = int(np.clip(1_800 * case.batch / len(case.rows.X), 20, 300))
    return replace(case, solver="sgd", momentum=momentum, rate=float(rate), epochs=epochs)


def rectified(rng: Rng, case: Case) -> Case:
    """Use ReLU in two or three layers of glassnet's classes."""
    return replace(own_stepping(rng, case), activation="relu", hidden=layers(rng, 2, 3))


def deep(rng: Rng, case: Case) -> Case:
    """Use three to six layers of glassnet's classes."""
    activation = str(rng.choice(["relu", "tanh", "leaky_relu", "elu"]))
    return replace(own_stepping(rng, case), activation=activation, hidden=layers(rng, 3, 6))


def with_activation(name: str) -> Shape:
    """Use an activation in one or two layers of glassnet's classes."""

    def shape(rng: Rng, case: Case) -> Case:
        return replace(own_stepping(rng, case), activation=name, hidden=layers(rng, 1, 2), dropout=0.0)

    return shape


def sigmoid_or_tanh(rng: Rng, case: Case) -> Case:
    """Use units that saturate."""
    return with_activation(str(rng.choice(["sigmoid", "tanh"])))(rng, case)


def layers(rng: Rng, least: int, most: int) -> tuple[int, ...]:
    """Draw the sizes of a few layers."""
    return tuple(int(size) for size in rng.integers(14, 60, int(rng.integers(least, most + 1))))


# -- initial weights -----------------------------------------------------------------------------------
# Own initialisers are values, not lambdas, so that a trained network can be kept in a file.


@dataclass(frozen=True)
class Normal:
    """Draw from N(0, (std / fan_in^power)^2), or from the same positive or negative half."""

    std: float
    power: float = 0.0
    sign: int = 0

    def __call__(self, rng: Rng, fan_in: int, fan_out: int) -> Array:
        """Draw a matrix."""
        W = rng.normal(0, self.std / fan_in**self.power, (fan_in, fan_out))
        return self.sign * np.abs(W) if self.sign else W


@dataclass(frozen=True)
class Equal:
    """Set all weights to one value."""

    value: float

    def __call__(self, rng: Rng, fan_in: int, fan_out: int) -> Array:
        """Draw a matrix."""
        return np.full((fan_in, fan_out), self.value)


@dataclass(frozen=True)
class LoudOutput:
    """Draw as He does, the last layer many times larger."""

    factor: float
    fan_outs: tuple[int, ...]

    def __call__(self, rng: Rng, fan_in: int, fan_out: int) -> Array:
        """Draw a matrix."""
        factor = 1.0 if fan_out in self.fan_outs else self.factor
        return rng.normal(0, factor * (2 / fan_in) ** 0.5, (fan_in, fan_out))


@kind("zero weights", "weights", "symmetric-units", shape=own)
def zero_weights(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, weight_init="zero")


@kind("equal weights", "weights", "symmetric-units", shape=own)
def equal_weights(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, weight_init=Equal(float(rng.choice([0.01, 0.1, 0.5, -0.1]))))


@kind("tiny weights", "weights", "small-weights", "vanishing-gradients", shape=deep)
def tiny_weights(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, weight_init=Normal(between(strength, 0.03, 0.0003)))


@kind("huge weights", "weights", "large-weights", "exploding-gradients", "saturated-units", shape=own)
def huge_weights(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, weight_init=Normal(between(strength, 4, 40), 0.5))


@kind(
    "standard normal weights", "weights", "large-weights", "exploding-gradients", "saturated-units", shape=own
)
def standard_normal(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, weight_init=Normal(between(strength, 1.0, 3.0)))


@kind("positive weights", "weights", "large-weights", "exploding-gradients", "saturated-units", shape=own)
def positive_weights(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, weight_init=Normal(between(strength, 0.5, 2.0), sign=1))


@kind("negative weights", "weights", "dead-units", forms=("image", "binary", "table"), shape=rectified)
def negative_weights(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, weight_init=Normal(between(strength, 1.0, 3.0), 0.5, sign=-1))


@kind("loud output layer", "weights", "large-initial-loss", "large-weights", shape=own)
def loud_output(rng: Rng, case: Case, strength: float) -> Case:
    hidden = tuple(size + 100 for size in case.hidden)  # no class count is among them
    return replace(case, hidden=hidden, weight_init=LoudOutput(between(strength, 8, 300), hidden))


# -- architecture --------------------------------------------------------------------------------------


@kind("deep sigmoid", "architecture", "vanishing-gradients", "saturated-units", shape=stepping)
def deep_sigmoid(rng: Rng, case: Case, strength: float) -> Case:
    return replace(
        case, activation="sigmoid", hidden=layers(rng, 3, 4) + layers(rng, 0, 1 + round(2 * strength))
    )


@kind("identity activations", "architecture", "linear-network")
def identity_activations(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, activation="identity")


@kind("narrow layer", "architecture", "too-few-units")
def narrow_layer(rng: Rng, case: Case, strength: float) -> Case:
    sizes = list(case.hidden) if len(case.hidden) > 1 else [*case.hidden, 8]
    sizes[int(rng.integers(1, len(sizes)))] = 1
    return replace(case, hidden=tuple(sizes))


@kind("too few units", "architecture", "too-few-units")
def too_few_units(rng: Rng, case: Case, strength: float) -> Case:
    width = max(1, round(4 - 3 * strength))
    return replace(case, hidden=(width,) * len(case.hidden[:2]))


@kind("strong dropout", "architecture", "strong-dropout", shape=own_stepping)
def strong_dropout(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, dropout=0.6 + 0.37 * strength)


@kind("strong penalty", "architecture", "strong-penalty", shape=any_estimator)
def strong_penalty(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, alpha=between(strength, 10, 3_000))


@kind("strong penalty of NeuralNetwork", "architecture", "strong-penalty", tasks=CLASS, shape=stepping)
def strong_network_penalty(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, family="NeuralNetwork", alpha=between(strength, 0.03, 5), more={})


@kind("strong weight decay", "architecture", "strong-penalty", shape=estimator)
def strong_decay(rng: Rng, case: Case, strength: float) -> Case:
    return replace(
        case, family="glassnet", solver="adamw", rate=0.003,
        more={"weight_decay": between(strength, 3, 100)},
    )  # fmt: skip


# -- learning rate and momentum --------------------------------------------------------------------------


@kind("small learning rate", "rate", "small-learning-rate", shape=stepping)
def small_rate(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, rate=case.rate / between(strength, 30, 10_000), tol=0.0)


@kind("small rate, stopped by the tolerance", "rate", "small-learning-rate", "early-end", shape=estimator)
def small_rate_stopped(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, rate=case.rate / between(strength, 30, 10_000), tol=1e-3)


@kind("large learning rate", "rate", "large-learning-rate", "oscillating-loss", "not-finite", shape=stepping)
def large_rate(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, rate=case.rate * between(strength, 10, 300))


@kind("diverging learning rate", "rate", "large-learning-rate", "not-finite", shape=descending)
def diverging_rate(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, rate=case.rate * between(strength, 100, 1e6))


@kind("large momentum", "rate", "large-momentum", shape=descending)
def large_momentum(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, momentum=1 - between(strength, 0.01, 0.0002))


@kind("large beta_1", "rate", "large-momentum", "odd-optimizer", shape=estimator)
def large_beta(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, solver="adam", rate=0.003, more={"beta_1": 1 - between(strength, 0.005, 0.0001)})


@kind("rate decays by its power", "rate", "decayed-rate", "small-learning-rate", shape=descending)
def decayed_power(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, more={"learning_rate": "invscaling", "power_t": between(strength, 0.6, 3)}, tol=0.0)


@kind("rate decays by its tolerance", "rate", "decayed-rate", "early-end", shape=descending)
def decayed_tolerance(rng: Rng, case: Case, strength: float) -> Case:
    tol = between(strength, 0.03, 1.0)
    return replace(case, more={"learning_rate": "adaptive"}, tol=tol, patience=1, early_stopping=False)


@kind("clipped to nothing", "rate", "tight-clipping", "small-learning-rate", shape=descending)
def clipped(rng: Rng, case: Case, strength: float) -> Case:
    return replace(
        case, family="glassnet", more={"max_grad_norm": between(strength, 0.01, 1e-5)}, momentum=0.0, tol=0.0
    )


@kind("noisy single steps", "rate", "large-learning-rate", "oscillating-loss", "not-finite", shape=descending)
def single_steps(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, batch=1, epochs=4, momentum=0.0, rate=between(strength, 0.1, 1.0))


# -- steps and stopping ----------------------------------------------------------------------------------


@kind("full-batch descent", "steps", "few-steps", "early-end", shape=descending)
def full_batch(rng: Rng, case: Case, strength: float) -> Case:
    epochs = max(3, int(case.epochs * between(strength, 1, 0.1)))
    return replace(case, batch=len(case.rows.X), epochs=epochs, tol=0.0, early_stopping=False)


@kind("few epochs", "steps", "early-end", "few-steps", shape=stepping)
def few_epochs(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, epochs=max(1, round(between(strength, 8, 0.6))), early_stopping=False)


@kind("coarse tolerance", "steps", "early-end", shape=estimator)
def coarse_tolerance(rng: Rng, case: Case, strength: float) -> Case:
    patience = int(rng.choice([1, 2, 3]))
    return replace(case, tol=between(strength, 0.01, 1.0), patience=patience, early_stopping=False)


@kind("small patience", "steps", "early-end", shape=estimator)
def small_patience(rng: Rng, case: Case, strength: float) -> Case:
    slower = case.rate / between(strength, 1, 10)
    more = {**case.more, "validation_fraction": 0.05}
    return replace(case, early_stopping=True, patience=1, rate=slower, more=more, tol=0.01 * strength)


@kind("small patience of NeuralNetwork", "steps", "early-end", tasks=CLASS, shape=stepping)
def small_network_patience(rng: Rng, case: Case, strength: float) -> Case:
    slower = case.rate / between(strength, 1, 10)
    return replace(case, family="NeuralNetwork", early_stopping=True, patience=1, rate=slower, more={})


@kind("few iterations of L-BFGS", "steps", "early-end", shape=any_estimator)
def few_iterations(rng: Rng, case: Case, strength: float) -> Case:
    return replace(
        case, solver="lbfgs", epochs=max(1, round(between(strength, 10, 1))), early_stopping=False,
        dropout=0.0, more={},
    )  # fmt: skip


@kind("sorted rows in fixed batches", "steps", "unshuffled-batches", shape=estimator)
def unshuffled(rng: Rng, case: Case, strength: float) -> Case:
    order = np.argsort(case.rows.y, kind="stable")
    faster = case.rate * between(strength, 1, 8)
    case = case.data(X=case.rows.X[order], y=case.rows.y[order])
    return replace(case, rate=faster, more={**case.more, "shuffle": False}, early_stopping=False)


# -- gradients -------------------------------------------------------------------------------------------


def squash(z: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))


def squash_slope(z: Array) -> Array:
    return np.asarray(squash(z) * (1 - squash(z)))


def slope_of_answer(z: Array) -> Array:
    """Return the sigmoid's slope at the answer: taken twice."""
    return squash_slope(squash(z))


def slope_given_answer(z: Array) -> Array:
    """Return the slope as a formula of the answer, given z."""
    return np.asarray(z * (1 - z))


def tanh_slope_given_answer(z: Array) -> Array:
    return np.asarray(1 - z**2)


def tanh_slope_unsquared(z: Array) -> Array:
    return np.asarray(1 - np.tanh(z))


def rectify(z: Array) -> Array:
    return np.maximum(z, 0)


def wrong_side(z: Array) -> Array:
    return np.asarray((z < 0).astype(float))


def ones(z: Array) -> Array:
    return np.ones_like(z)


@dataclass(frozen=True)
class Leak:
    """Be a leaky ReLU, or its slope."""

    slope: float
    is_slope: bool = False

    def __call__(self, z: Array) -> Array:
        """Return the value at each z."""
        return np.where(z > 0, 1.0 if self.is_slope else z, self.slope * (1.0 if self.is_slope else z))


@dataclass(frozen=True)
class Factor:
    """Be a slope that is off by a factor."""

    factor: float

    def __call__(self, z: Array) -> Array:
        """Return the value at each z."""
        return np.asarray(self.factor * (1 - np.tanh(z) ** 2))


def with_pair(case: Case, function: Any, slope: Any) -> Case:
    return replace(case, activation=(function, slope), dropout=0.0)


@kind("sigmoid's slope taken twice", "gradients", "wrong-gradient", shape=with_activation("sigmoid"))
def slope_twice(rng: Rng, case: Case, strength: float) -> Case:
    case = replace(case, hidden=case.hidden + layers(rng, 0, round(2 * strength)))
    return with_pair(case, squash, slope_of_answer)


@kind("slope of the answer, given z", "gradients", "wrong-gradient", shape=sigmoid_or_tanh)
def slope_of_z(rng: Rng, case: Case, strength: float) -> Case:
    if case.activation == "tanh":
        return with_pair(case, np.tanh, tanh_slope_given_answer)
    return with_pair(case, squash, slope_given_answer)


@kind("square forgotten", "gradients", "wrong-gradient", shape=with_activation("tanh"))
def square_forgotten(rng: Rng, case: Case, strength: float) -> Case:
    case = replace(case, hidden=case.hidden + layers(rng, 0, round(2 * strength)))
    return with_pair(case, np.tanh, tanh_slope_unsquared)


@kind("wrong leak", "gradients", "wrong-gradient", shape=with_activation("leaky_relu"))
def wrong_leak(rng: Rng, case: Case, strength: float) -> Case:
    case = replace(case, hidden=case.hidden + layers(rng, 0, round(3 * strength)))
    return with_pair(case, Leak(between(strength, 0.1, 1.5)), Leak(0.01, is_slope=True))


@kind("wrong side of the ReLU", "gradients", "wrong-gradient", shape=with_activation("relu"))
def relu_wrong_side(rng: Rng, case: Case, strength: float) -> Case:
    return with_pair(case, rectify, wrong_side if strength > 0.3 else rectify)


@kind("slope off by a factor", "gradients", "wrong-gradient", shape=with_activation("tanh"))
def slope_factor(rng: Rng, case: Case, strength: float) -> Case:
    factor = between(strength, 0.3, 0.001) if rng.random() < 0.5 else between(strength, 3, 100)
    return with_pair(case, np.tanh, Factor(factor))


@kind("slope forgotten", "gradients", "wrong-gradient", shape=sigmoid_or_tanh)
def slope_forgotten(rng: Rng, case: Case, strength: float) -> Case:
    case = replace(case, hidden=case.hidden + layers(rng, 0, round(2 * strength)))
    return with_pair(case, np.tanh if case.activation == "tanh" else squash, ones)


# -- inputs ----------------------------------------------------------------------------------------------


def change_inputs(case: Case, change: Callable[[Array], Array]) -> Case:
    """Change training, test and clean inputs alike."""
    rows = case.rows
    return case.data(X=change(rows.X), X_test=change(rows.X_test), X_clean=change(rows.X_clean))


def in_columns(chosen: Array, change: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Return a change of some columns."""

    def apply(X: Array) -> Array:
        X = X.copy()
        X[:, chosen] = change(X[:, chosen])
        return X

    return apply


def is_scaled(rows: Rows) -> bool:
    """Whether a data set comes standardised."""
    return bool(np.all(np.abs(rows.mean) < 0.3) and np.all(np.abs(np.log(rows.spread)) < 0.5))


@kind("raw units", "inputs", "unscaled-inputs", forms=("table",))
def raw_units(rng: Rng, case: Case, strength: float) -> Case | None:
    X, X_test, X_clean = case.rows.raw
    if is_scaled(case.rows):
        return None
    return case.data(X=X, X_test=X_test, X_clean=X_clean)


@kind("large inputs", "inputs", "unscaled-inputs")
def large_inputs(rng: Rng, case: Case, strength: float) -> Case:
    factor = 255.0 if rng.random() < 0.3 else between(strength, 20, 10_000)
    return change_inputs(case, lambda X: X * factor)


@kind("tiny inputs", "inputs", "unscaled-inputs")
def tiny_inputs(rng: Rng, case: Case, strength: float) -> Case:
    factor = 255.0 if rng.random() < 0.3 else between(strength, 50, 100_000)
    return change_inputs(case, lambda X: X / factor)


@kind("one column in large units", "inputs", "unscaled-inputs", forms=("table", "binary"))
def one_large_column(rng: Rng, case: Case, strength: float) -> Case:
    chosen = rng.choice(case.rows.X.shape[1], 1)
    return change_inputs(case, in_columns(chosen, lambda X: X * between(strength, 100, 1e6)))


@kind("columns far from zero", "inputs", "unscaled-inputs", forms=("table", "image"))
def far_columns(rng: Rng, case: Case, strength: float) -> Case:
    columns = case.rows.X.shape[1]
    chosen = rng.random(columns) < rng.uniform(0.3, 1.0)
    chosen[int(rng.integers(columns))] = True
    away = between(strength, 10, 3_000)
    return change_inputs(case, in_columns(chosen, lambda X: X + away))


@kind("columns never filled", "inputs", "constant-inputs")
def never_filled(rng: Rng, case: Case, strength: float) -> Case:
    chosen = rng.random(case.rows.X.shape[1]) < 0.5 + 0.5 * strength
    value = float(rng.choice([0.0, 1.0, 0.5]))
    return change_inputs(case, in_columns(chosen, lambda X: np.full_like(X, value)))


def _with_codes(
    rng: Rng, parts: tuple[Array, ...], mean: Array, spread: Array, strength: float
) -> list[Array]:
    """Return arrays with a code for missing values in some cells, scaled as the columns were."""
    code = float(rng.choice([-999, -9999, 9999, -99]))
    chosen = rng.random(parts[0].shape[1]) < max(0.15, 0.6 * strength)
    chosen[int(rng.integers(len(chosen)))] = True
    share = 0.03 + 0.3 * strength
    changed = []
    for part in parts:
        X = part.copy()
        X[(rng.random(X.shape) < share) & chosen] = code if abs(code) > 99 else 10 * code
        changed.append((X - mean) / spread)
    return changed


@kind("codes for missing values", "inputs", "missing-codes", forms=("table",))
def missing_codes(rng: Rng, case: Case, strength: float) -> Case:
    X, X_test, X_clean = _with_codes(rng, case.rows.raw, case.rows.mean, case.rows.spread, strength)
    return case.data(X=X, X_test=X_test, X_clean=X_clean)


@kind("codes for missing values, then standardised", "inputs", "missing-codes", "outliers", forms=("table",))
def missing_codes_scaled(rng: Rng, case: Case, strength: float) -> Case:
    rows = case.rows
    parts = _with_codes(rng, rows.raw, np.zeros_like(rows.mean), np.ones_like(rows.spread), strength)
    mean, spread = parts[0].mean(0), parts[0].std(0)
    spread = np.where(spread > 0, spread, 1.0)
    X, X_test, X_clean = ((part - mean) / spread for part in parts)
    return case.data(X=X, X_test=X_test, X_clean=X_clean)


@kind(
    "typing errors in the inputs", "inputs", "outliers", "unscaled-inputs", "missing-codes", forms=("table",)
)
def typing_errors(rng: Rng, case: Case, strength: float) -> Case:
    X = case.rows.X.copy()
    cells: Array = np.less(rng.random(X.shape), between(strength, 0.001, 0.02))
    cells[int(rng.integers(len(X))), int(rng.integers(X.shape[1]))] = True
    X[cells] = rng.choice([-1, 1], cells.sum()) * between(strength, 100, 1e5)
    return case.data(X=X)


@kind(
    "unscaled customer numbers", "inputs", "identifier-columns", "unscaled-inputs", forms=("table", "binary")
)
def customer_numbers(rng: Rng, case: Case, strength: float) -> Case:
    low = between(strength, 100, 1e6)
    sizes = [len(X) for X in (case.rows.X, case.rows.X_test, case.rows.X_clean)]
    numbers = rng.permutation(sum(sizes)) + low
    parts = np.split(numbers, np.cumsum(sizes)[:-1])
    X, X_test, X_clean = (
        np.column_stack([X, part])
        for X, part in zip((case.rows.X, case.rows.X_test, case.rows.X_clean), parts, strict=True)
    )
    return case.data(X=X, X_test=X_test, X_clean=X_clean)


@kind("row numbers of a sorted file", "inputs", "identifier-columns", "target-leak", harm=fake)
def row_numbers(rng: Rng, case: Case, strength: float) -> Case:
    rows = case.rows
    y = np.concatenate([rows.y, rows.y_test])
    place = np.argsort(np.argsort(y + 1e-9 * rng.random(len(y)), kind="stable")).astype(float)
    number = (place - place.mean()) / place.std()
    X, X_test = rows.X, rows.X_test
    new = np.full(len(rows.X_clean), number.max() + 0.01)  # the next rows of the file
    return case.data(
        X=np.column_stack([X, number[: len(X)]]),
        X_test=np.column_stack([X_test, number[len(X) :]]),
        X_clean=np.column_stack([rows.X_clean, new]),
    )


@kind(
    "many columns of noise",
    "inputs",
    "overfitting",
    "few-samples",
    "many-parameters",
    forms=("table", "binary"),
)
def noise_columns(rng: Rng, case: Case, strength: float) -> Case:
    n = int(between(strength, 50, 600))
    return change_inputs(case, lambda X: np.column_stack([X, rng.normal(size=(len(X), n))]))


def _leaking(rng: Rng, case: Case, noise: float) -> Case:
    """Return a case with a column that is the target and noise; on clean rows it is not known yet."""
    rows = case.rows

    def scaled(y: Array) -> Array:
        place = np.searchsorted(np.unique(rows.y), y) if rows.is_classification else y
        base = np.searchsorted(np.unique(rows.y), rows.y) if rows.is_classification else rows.y
        return np.asarray((place - base.mean()) / base.std())

    columns = [scaled(y) + rng.normal(0, noise, len(y)) for y in (rows.y, rows.y_test)]
    unknown = rng.permutation(columns[0])[np.arange(len(rows.X_clean)) % len(columns[0])]
    return case.data(
        X=np.column_stack([rows.X, columns[0]]),
        X_test=np.column_stack([rows.X_test, columns[1]]),
        X_clean=np.column_stack([rows.X_clean, unknown]),
    )


@kind("a column is the target", "inputs", "target-leak", harm=fake)
def target_column(rng: Rng, case: Case, strength: float) -> Case:
    return _leaking(rng, case, 0.0)


@kind("a column is nearly the target", "inputs", "target-leak", harm=fake)
def near_target_column(rng: Rng, case: Case, strength: float) -> Case:
    return _leaking(rng, case, between(strength, 0.15, 0.01))


# -- labels and targets ----------------------------------------------------------------------------------


@kind("shuffled labels", "labels", "unrelated-labels", harm=fall_of_test)
def shuffled_labels(rng: Rng, case: Case, strength: float) -> Case:
    changed = case.data(y=rng.permutation(case.rows.y))
    return changed.data(y_test=rng.permutation(case.rows.y_test)) if rng.random() < 0.4 else changed


@kind("labels shuffled in part", "labels", "noisy-labels", "unrelated-labels")
def partly_shuffled(rng: Rng, case: Case, strength: float) -> Case:
    y = case.rows.y.copy()
    wrong = rng.choice(len(y), int(len(y) * (0.3 + 0.5 * strength)), replace=False)
    y[wrong] = rng.permutation(y[wrong])
    return case.data(y=y)


@kind("a class mislabelled", "labels", "noisy-labels", tasks=CLASS)
def mislabelled(rng: Rng, case: Case, strength: float) -> Case:
    y = case.rows.y.copy()
    for label in rng.permutation(np.unique(y))[: 1 + round(strength * len(np.unique(y)) / 2)]:
        other = rng.choice(np.unique(y)[np.unique(y) != label])
        y[(y == label) & (rng.random(len(y)) < 0.5 + 0.4 * strength)] = other
    return case.data(y=y)


@kind("labels moved by rows", "labels", "shifted-labels", harm=fall_of_test)
def rolled_labels(rng: Rng, case: Case, strength: float) -> Case:
    by = int(rng.choice([-3, -2, -1, 1, 2, 3]))
    changed = case.data(y=np.roll(case.rows.y, by))
    return changed.data(y_test=np.roll(case.rows.y_test, by)) if rng.random() < 0.4 else changed


@kind("rows sorted, labels not", "labels", "unrelated-labels")
def sorted_rows(rng: Rng, case: Case, strength: float) -> Case:
    column = int(np.argmax(case.rows.X.std(0)))
    return case.data(X=case.rows.X[np.argsort(case.rows.X[:, column], kind="stable")])


@kind("targets in large units", "labels", "unscaled-targets", tasks=REAL)
def large_targets(rng: Rng, case: Case, strength: float) -> Case:
    return _change_targets(case, lambda y: y * between(strength, 100, 1e8))


@kind("targets far from zero", "labels", "unscaled-targets", tasks=REAL)
def far_targets(rng: Rng, case: Case, strength: float) -> Case:
    return _change_targets(case, lambda y: y + between(strength, 30, 10_000))


@kind("targets in tiny units", "labels", "unscaled-targets", tasks=REAL)
def tiny_targets(rng: Rng, case: Case, strength: float) -> Case:
    return _change_targets(case, lambda y: y / between(strength, 30, 10_000))


def _change_targets(case: Case, change: Callable[[Array], Array]) -> Case:
    rows = case.rows
    return case.data(y=change(rows.y), y_test=change(rows.y_test), y_clean=change(rows.y_clean))


@kind("typing errors in the targets", "labels", "outliers", "unscaled-targets", tasks=REAL)
def target_errors(rng: Rng, case: Case, strength: float) -> Case:
    y = case.rows.y.copy()
    wrong = rng.choice(len(y), max(1, round(len(y) * between(strength, 0.003, 0.03))), replace=False)
    y[wrong] *= between(strength, 30, 1_000)
    return case.data(y=y)


def accuracy_of_rounded(healthy: Trained, sick: Trained) -> float:
    """Return what rounding a regressor's answers to class numbers loses against the classifier."""
    said = answers(sick.model, sick.case.rows.X_test)
    right = 0.0 if said is None else float(np.mean(np.rint(said) == sick.case.rows.y_test))
    return healthy.score - right


@kind(
    "a regressor on class numbers", "labels", "regression-on-classes",
    tasks=CLASS, shape=any_estimator, harm=accuracy_of_rounded, least_classes=3,
)  # fmt: skip
def regressor_on_classes(rng: Rng, case: Case, strength: float) -> Case:
    return replace(case, task="regression")


def r2_of_classes(healthy: Trained, sick: Trained) -> float:
    """Return the R squared that a classifier's answers lose against the regressor's, over the same unit."""
    rows = sick.case.rows
    return healthy.score - score(sick.model, rows.X_test, rows.y_test.astype(float), "regression")


@kind(
    "a classifier on a measured number", "labels", "classes-on-numbers",
    tasks=REAL, shape=any_estimator, harm=r2_of_classes,
)  # fmt: skip
def classifier_on_numbers(rng: Rng, case: Case, strength: float) -> Case:
    steps = round(between(strength, 40, 8))

    def in_steps(y: Array) -> Array:
        return np.asarray(np.rint(y * steps), np.int64)

    return replace(_change_targets(case, in_steps), task="classification")


@kind("one-hot rows as labels", "labels", "one-hot-labels", tasks=CLASS, shape=any_estimator, least_classes=3)
def one_hot_rows(rng: Rng, case: Case, strength: float) -> Case:
    classes = np.unique(case.rows.y)

    def one_hot(y: Array) -> Array:
        return np.asarray(y[:, None] == classes, np.int64)

    return _change_targets(case, one_hot)


def above_balanced(healthy: Trained, sick: Trained) -> float:
    """Return how much the accuracy is above the mean accuracy of the classes."""
    said = answers(sick.model, sick.case.rows.X_test)
    if said is None:
        return 0.0
    return sick.score - float(balanced_accuracy_score(sick.case.rows.y_test, said))


def keep(case: Case, train: Array, test: Array | None = None) -> Case:
    """Keep some of the training rows, and some of the test rows."""
    rows = case.rows
    case = case.data(X=rows.X[train], y=rows.y[train])
    return case if test is None else case.data(X_test=rows.X_test[test], y_test=rows.y_test[test])


@kind("rare class", "rows", "class-imbalance", "few-samples", tasks=CLASS, harm=above_balanced)
def rare_class(rng: Rng, case: Case, strength: float) -> Case:
    """Keep one class and a few rows of another, in test as in training."""
    common, rare = rng.choice(np.unique(case.rows.y), 2, replace=False)
    share = between(strength, 0.1, 0.03)
    chosen = []
    for y in (case.rows.y, case.rows.y_test):
        many, few = np.flatnonzero(y == common), np.flatnonzero(y == rare)
        few = rng.permutation(few)[: max(2, int(len(many) * share))]
        chosen.append(rng.permutation(np.concatenate([many, few])))
    return replace(keep(case, *chosen), batch=10, early_stopping=False)


@kind("classes of few samples", "rows", "few-samples", "lone-class-samples", "class-imbalance", tasks=CLASS)
def scarce_classes(rng: Rng, case: Case, strength: float) -> Case:
    y, classes = case.rows.y, np.unique(case.rows.y)
    scarce = rng.permutation(classes)[: max(1, round(len(classes) * (0.3 + 0.3 * strength)))]
    left = max(1, round(between(strength, 6, 1)))
    kept = [
        rows[:left] if label in scarce else rows
        for label in classes
        for rows in [rng.permutation(np.flatnonzero(y == label))]
    ]
    return replace(keep(case, rng.permutation(np.concatenate(kept))), early_stopping=False)


@kind("few rows", "rows", "few-samples", "overfitting")
def few_rows(rng: Rng, case: Case, strength: float) -> Case:
    n = int(between(strength, 40, 8))
    chosen = rng.permutation(len(case.rows.X))[:n]
    if case.rows.is_classification:  # each class is there once at least
        first = [np.flatnonzero(case.rows.y == label)[0] for label in np.unique(case.rows.y)]
        chosen = rng.permutation(np.unique(np.concatenate([first, chosen])))
    return replace(keep(case, chosen), batch=5, early_stopping=False)


@kind("learnt by heart", "rows", "overfitting", "few-samples", "noisy-labels", shape=stepping)
def by_heart(rng: Rng, case: Case, strength: float) -> Case:
    n = min(len(case.rows.X), int(between(strength, 150, 40)))
    chosen = rng.permutation(len(case.rows.X))[:n]
    hidden = (100,) * len(case.hidden[:2])
    return replace(
        keep(case, chosen), hidden=hidden, epochs=300, batch=10, early_stopping=False, alpha=0.0,
        dropout=0.0, tol=0.0,
    )  # fmt: skip


@kind("a sorted file was cut", "rows", "unseen-classes", "scale-shift", "target-shift", harm=fall_of_test)
def sorted_cut(rng: Rng, case: Case, strength: float) -> Case | None:
    rows = case.rows
    X, y = np.concatenate([rows.X, rows.X_test]), np.concatenate([rows.y, rows.y_test])
    order, n = np.argsort(y, kind="stable"), len(rows.X)
    if rows.is_classification and len(np.unique(y[order[:n]])) < 2:
        return None
    train = rng.permutation(order[:n])
    return case.data(X=X[train], y=y[train], X_test=X[order[n:]], y_test=y[order[n:]])


# -- test rows -------------------------------------------------------------------------------------------


def _leak_rows(rng: Rng, case: Case, share: float, noise: float) -> Case:
    rows = case.rows
    n = min(len(rows.X), max(8, int(len(rows.X_test) * share)))
    chosen = rng.choice(len(rows.X), n, replace=False)
    copies = rows.X[chosen] + rng.normal(0, noise, (n, rows.X.shape[1]))
    order = rng.permutation(n + len(rows.X_test))
    return case.data(
        X_test=np.concatenate([rows.X_test, copies])[order],
        y_test=np.concatenate([rows.y_test, rows.y[chosen]])[order],
    )


def heedless(rng: Rng, case: Case) -> Case:
    """Train long enough to know the training rows by heart."""
    return replace(case, epochs=min(300, 2 * case.epochs), early_stopping=False, dropout=0.0)


@kind(
    "training rows in the test",
    "test",
    "test-leak",
    shape=heedless,
    harm=fake_by_rows,
    forms=("table", "image"),
)
def leaked_rows(rng: Rng, case: Case, strength: float) -> Case:
    return _leak_rows(rng, case, between(strength, 0.3, 5), 0.0)


@kind(
    "near copies in the test",
    "test",
    "test-leak",
    shape=heedless,
    harm=fake_by_rows,
    forms=("table", "image"),
)
def near_copies(rng: Rng, case: Case, strength: float) -> Case:
    return _leak_rows(rng, case, between(strength, 0.3, 5), 10 ** float(rng.uniform(-6, -2.5)))


@kind(
    "rows repeated before the split",
    "test",
    "test-leak",
    shape=heedless,
    harm=fake_by_rows,
    forms=("table", "image"),
)
def repeated_rows(rng: Rng, case: Case, strength: float) -> Case:
    """Repeat each row a few times, as oversampling does, and split then."""
    rows = case.rows
    n = max(60, int(len(rows.X) * between(strength, 0.4, 0.1)))
    chosen = rng.permutation(len(rows.X))[:n]
    if rows.is_classification:
        first = [np.flatnonzero(rows.y == label)[0] for label in np.unique(rows.y)]
        chosen = np.unique(np.concatenate([first, chosen]))
    many = rng.permutation(np.repeat(chosen, 4))
    cut = len(many) // 4
    train = many[cut:]
    test = many[:cut][np.isin(rows.y[many[:cut]], rows.y[train])] if rows.is_classification else many[:cut]
    return case.data(X=rows.X[train], y=rows.y[train], X_test=rows.X[test], y_test=rows.y[test])


def change_test(case: Case, change: Callable[[Array], Array]) -> Case:
    return case.data(X_test=change(case.rows.X_test))


@kind("test in another unit", "test", "scale-shift", harm=fall_of_test)
def other_unit(rng: Rng, case: Case, strength: float) -> Case:
    factor = 255.0 if rng.random() < 0.3 else between(strength, 3, 300)
    up = rng.random() < 0.5
    return change_test(case, lambda X: X * factor if up else X / factor)


@kind("test not scaled", "test", "scale-shift", forms=("table", "image"), harm=fall_of_test)
def test_not_scaled(rng: Rng, case: Case, strength: float) -> Case | None:
    if is_scaled(case.rows):
        return None
    return case.data(X_test=case.rows.raw[1])


@kind("test scaled to 0 and 1", "test", "scale-shift", forms=("table",), harm=fall_of_test)
def test_to_one(rng: Rng, case: Case, strength: float) -> Case:
    X = case.rows.X_test
    span = X.max(0) - X.min(0)
    return case.data(X_test=(X - X.min(0)) / np.where(span > 0, span, 1.0))


@kind("test scaled by its own statistics", "test", "scale-shift", forms=("table",), harm=fall_of_test)
def own_statistics(rng: Rng, case: Case, strength: float) -> Case:
    """Take a part of the test rows, say of one region, and standardise it by itself."""
    X = case.rows.X_test
    axis = np.linalg.svd(X - X.mean(0), full_matrices=False)[2][0]
    place = X @ axis
    part = place >= np.quantile(place, 0.3 + 0.5 * strength)
    own = X[part]
    spread = own.std(0)
    scaled = (own - own.mean(0)) / np.where(spread > 0, spread, 1.0)
    return case.data(X_test=scaled, y_test=case.rows.y_test[part])


@kind("some test columns in another unit", "test", "scale-shift", forms=("table",), harm=fall_of_test)
def other_unit_of_columns(rng: Rng, case: Case, strength: float) -> Case:
    X = case.rows.X
    chosen = rng.permutation(X.shape[1])[: max(1, round(X.shape[1] * (0.1 + 0.5 * strength)))]
    factor, away = between(strength, 2.5, 30), float(rng.choice([0.0, 3.0]))
    return change_test(case, in_columns(chosen, lambda part: part * factor + away))


@kind("inverted test images", "test", "scale-shift", forms=("image",), harm=fall_of_test)
def inverted(rng: Rng, case: Case, strength: float) -> Case:
    return change_test(case, lambda X: 1 - X)


@kind(
    "test columns in another order",
    "test",
    "reordered-columns",
    forms=("table", "image", "binary"),
    harm=fall_of_test,
)
def other_order(rng: Rng, case: Case, strength: float) -> Case:
    columns = case.rows.X.shape[1]
    if strength < 0.4:
        return change_test(case, lambda X: np.roll(X, 1, axis=1))
    order = rng.permutation(columns) if rng.random() < 0.5 else np.arange(columns)[::-1]
    return change_test(case, lambda X: X[:, order])


@kind("turned test images", "test", "reordered-columns", forms=("image",), harm=fall_of_test)
def turned_images(rng: Rng, case: Case, strength: float) -> Case:
    side = round(case.rows.X.shape[1] ** 0.5)
    way = int(rng.integers(3))

    def turn(X: Array) -> Array:
        pictures = X.reshape(-1, side, side)
        ways = (pictures.transpose(0, 2, 1), pictures[:, ::-1], np.rot90(pictures, axes=(1, 2)))
        return np.asarray(np.reshape(ways[way], (len(X), -1)))

    return change_test(case, turn)


@kind("shuffled test labels", "test", "reordered-test-labels", harm=fall_of_test)
def shuffled_test(rng: Rng, case: Case, strength: float) -> Case:
    return case.data(y_test=rng.permutation(case.rows.y_test))


@kind("test labels moved by rows", "test", "reordered-test-labels", "shifted-labels", harm=fall_of_test)
def rolled_test(rng: Rng, case: Case, strength: float) -> Case:
    return case.data(y_test=np.roll(case.rows.y_test, int(rng.choice([-3, -2, -1, 1, 2, 3]))))


@kind("renamed test labels", "test", "permuted-labels", tasks=CLASS, harm=fall_of_test)
def renamed_test(rng: Rng, case: Case, strength: float) -> Case:
    classes = np.unique(case.rows.y)
    order = np.roll(classes, int(rng.integers(1, len(classes))))
    if rng.random() < 0.5 and len(classes) > 2:
        order = classes.copy()
        a, b = rng.choice(len(classes), 2, replace=False)
        order[a], order[b] = order[b], order[a]
    return case.data(y_test=order[np.searchsorted(classes, case.rows.y_test)])


@kind("test targets in another unit", "test", "target-shift", "scale-shift", tasks=REAL, harm=fall_of_test)
def other_target_unit(rng: Rng, case: Case, strength: float) -> Case:
    factor, away = between(strength, 2, 1_000), float(rng.choice([0.0, 5.0]))
    if rng.random() < 0.4:
        return case.data(y_test=case.rows.y_test + factor)
    return case.data(y_test=case.rows.y_test * factor + away)


@kind(
    "codes for missing values in the test",
    "test",
    "missing-codes",
    "scale-shift",
    "outliers",
    forms=("table",),
    harm=fall_of_test,
)
def test_codes(rng: Rng, case: Case, strength: float) -> Case:
    parts = (case.rows.raw[1],)
    (X_test,) = _with_codes(rng, parts, case.rows.mean, case.rows.spread, strength)
    return case.data(X_test=X_test)


# -- the two halves --------------------------------------------------------------------------------------


def _halves() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the kinds in two halves, drawn within each family; the first is the larger in every second."""
    rng = np.random.default_rng(14)
    halves: tuple[list[str], list[str]] = ([], [])
    families = list(dict.fromkeys(one.family for one in KINDS.values()))
    turn = 0
    for family in families:
        names = [name for name, one in KINDS.items() if one.family == family]
        for place in rng.permutation(len(names)):
            halves[turn].append(names[int(place)])
            turn = 1 - turn
    return tuple(halves[0]), tuple(halves[1])


TUNING_KINDS, HELD_OUT_KINDS = _halves()


def has_rows_enough(rows: Rows) -> bool:
    """Whether there is something to train on, and to score."""
    return len(rows.X) >= 2 and len(rows.X_test) >= 5 and len(np.unique(rows.y)) >= 2
