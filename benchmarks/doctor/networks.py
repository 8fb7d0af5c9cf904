"""A network with its data: how it is drawn, built, trained and scored, and when it is healthy."""

import warnings
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import sklearn.neural_network
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score

import glassnet
from glassnet.errors import DivergedError
from glassnet.nn.optimizers import SGD

from .data import MAX_TRAIN, Array, Rows, draw_rows

Rng = np.random.Generator

WITHIN = 0.05
"""A network is healthy when its test score is so near the better of a linear model and a forest."""
SPLITS = 3
"""How often each data set is split; every case takes one of these, so that the references are few."""
IMAGE_ROWS = 600
TRIES = 8


@dataclass(frozen=True)
class Case:
    """Hold a network to train, in terms that fit every class, and its data.

    Attributes
    ----------
    rows : Rows
    family : {"NeuralNetwork", "glassnet", "sklearn"}
    task : str
        What the model does: that of the data, unless the fault is the wrong kind of model.
    more : dict
        Parameters of the estimators that the other attributes do not name.
    """

    rows: Rows
    family: str
    task: str
    hidden: tuple[int, ...]
    activation: Any
    solver: str
    rate: float
    epochs: int
    batch: int
    seed: int
    weight_init: Any = None
    alpha: float = 0.0
    dropout: float = 0.0
    momentum: float = 0.9
    early_stopping: bool = False
    patience: int = 10
    tol: float = 1e-4
    more: dict[str, Any] = field(default_factory=dict)

    def data(self, **parts: Any) -> "Case":
        """Return the case with other rows."""
        return replace(self, rows=replace(self.rows, **parts))

    def __str__(self) -> str:
        activation = self.activation if isinstance(self.activation, str) else _name(self.activation)
        init = "" if self.weight_init is None else f" init {_name(self.weight_init)}"
        more = "".join(f" {name}={value}" for name, value in self.more.items())
        penalty = "".join(
            f" {name}={value:.3g}"
            for name, value in (("alpha", self.alpha), ("dropout", self.dropout))
            if value > 1e-3
        )
        stop = f" patience={self.patience}" if self.early_stopping else ""
        return (
            f"{self.family} {self.hidden} {activation} {self.solver} rate={self.rate:.3g} "
            f"{self.epochs}x{self.batch} n={len(self.rows.X)}{init}{penalty}{stop}{more}"
        )


def _name(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_name, value)) + ")"
    return str(value) if isinstance(value, str) else getattr(value, "__name__", repr(value))


def draw_case(rng: Rng, name: str, **fixed: Any) -> Case:
    """Return a network with settings that suit most data; `fixed` says what is not left to chance."""
    seed = int(rng.integers(2**31))
    rows = rows_of(name, int(rng.integers(SPLITS)))
    n, is_classification = len(rows.X), rows.is_classification
    solver = fixed.get("solver") or str(rng.choice(["adam", "sgd", "lbfgs"], p=[0.5, 0.35, 0.15]))
    families = ["glassnet", "sklearn"]
    if is_classification and solver != "lbfgs":
        families.append("NeuralNetwork")
    family = fixed.get("family") or str(rng.choice(families))
    activations = ["relu", "tanh", "sigmoid"]
    if family != "sklearn":
        activations += ["leaky_relu", "elu", "silu", "gelu", "softplus"]
    activation = str(rng.choice(activations))
    depth = int(rng.choice([1, 2, 3, 4, 5, 6], p=[0.3, 0.3, 0.2, 0.1, 0.05, 0.05]))
    if activation in ("sigmoid", "softplus"):
        depth = min(depth, 2)
    sizes = sorted((int(2 ** rng.uniform(3.3, 6.5)) for _ in range(depth)), reverse=True)
    batch = int(rng.choice([8, 16, 32] if n < 250 else [16, 32, 64]))
    steps = rng.uniform(500, 1_800) * (1.7 if solver == "sgd" or activation == "sigmoid" else 1)
    epochs = int(np.clip(steps * batch / n, 15, 300))
    rate = 10 ** rng.uniform(-2.9, -2.1)
    momentum = 0.0
    if solver == "sgd":
        momentum = float(rng.choice([0.0, 0.9]))
        rate = 10 ** rng.uniform(-1.5, -0.8) * (0.15 if momentum else 1)
        rate *= 1.0 if is_classification else 0.3
    if activation == "sigmoid":
        rate *= 3
    early = bool(rng.random() < 0.35) and solver != "lbfgs" and n > 200
    more: dict[str, Any] = {}
    if solver == "sgd" and family != "NeuralNetwork" and rng.random() < 0.2:
        more["learning_rate"] = "adaptive"
    values: dict[str, Any] = {
        "rows": rows,
        "family": family,
        "task": rows.task,
        "hidden": tuple(sizes),
        "activation": activation,
        "solver": solver,
        "rate": float(rate),
        "epochs": int(rng.integers(60, 250)) if solver == "lbfgs" else epochs,
        "batch": batch,
        "seed": seed,
        "alpha": float(10 ** rng.uniform(-5, -3 if solver != "lbfgs" else -0.5)),
        "momentum": momentum,
        "early_stopping": early,
        "dropout": 0.1 if family != "sklearn" and solver != "lbfgs" and rng.random() < 0.15 else 0.0,
        "more": more,
    }
    return Case(**values | fixed)


@cache
def rows_of(name: str, split: int) -> Rows:
    """Return one of the splits of a data set."""
    is_image = draw_rows(name, 0, max_train=10).form == "image"
    return draw_rows(name, split, max_train=IMAGE_ROWS if is_image else MAX_TRAIN)


def build(case: Case) -> Any:
    """Return the network of a case, untrained."""
    if case.family == "NeuralNetwork":
        pair = case.activation if isinstance(case.activation, tuple) else (case.activation, None)
        solver = "momentum" if case.solver == "sgd" and case.momentum == 0.9 else case.solver
        optimizer: Any = solver
        if case.solver == "sgd" and case.momentum not in (0.0, 0.9):
            optimizer = SGD(momentum=case.momentum)
        return glassnet.NeuralNetwork(
            N=len(case.hidden),
            A=list(case.hidden),
            lr=case.rate,
            activation=pair[0],
            activation_grad=pair[1],
            weight_init=case.weight_init or fitting_init(case.activation),
            epochs=case.epochs,
            batch_size=case.batch,
            optimizer=optimizer,
            random_state=case.seed,
            dropout=case.dropout,
            alpha=case.alpha,
            **case.more,
        )
    settings: dict[str, Any] = {
        "hidden_layer_sizes": case.hidden,
        "activation": case.activation,
        "solver": case.solver,
        "learning_rate_init": case.rate,
        "max_iter": case.epochs,
        "batch_size": min(case.batch, len(case.rows.X)),
        "tol": case.tol,
        "n_iter_no_change": case.patience,
        "early_stopping": case.early_stopping,
        "momentum": case.momentum,
        "alpha": case.alpha,
        "random_state": case.seed,
        **case.more,
    }
    module: Any = glassnet
    if case.family == "sklearn":
        module = sklearn.neural_network
        settings["activation"] = {"sigmoid": "logistic"}.get(case.activation, case.activation)
    else:
        settings |= {"weight_init": case.weight_init, "dropout": case.dropout}
    cls = module.MLPClassifier if case.task == "classification" else module.MLPRegressor
    return cls(**settings)


def fitting_init(activation: Any) -> str:
    """Return the initialisation that suits an activation; own functions get Glorot's."""
    is_rectifier = activation in ("relu", "leaky_relu", "elu", "silu", "gelu", "softplus")
    return "he_normal" if is_rectifier else "glorot_uniform"


def train(case: Case) -> Any:
    """Return the network of a case after training, whatever came of it."""
    network = build(case)
    with warnings.catch_warnings(), suppress(DivergedError, ValueError):
        warnings.simplefilter("ignore")
        if case.family == "NeuralNetwork":
            options = {"early_stopping": case.early_stopping, "patience": case.patience}
            network.fit(case.rows.X, case.rows.y, **options)
        else:
            network.fit(case.rows.X, case.rows.y)
    return network


def answers(model: Any, X: Array) -> Array | None:
    """Return what a model says of rows; None when it has no finite answers."""
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        said = np.asarray(model.predict(X))
        return said if said.dtype.kind in "OUS" or np.isfinite(said).all() else None
    return None


def score(model: Any, X: Array, y: Array, task: str) -> float:
    """Return accuracy or R squared, which no failure makes less than 0 or -1."""
    said = answers(model, X)
    if task == "classification":
        if said is None:
            return 0.0
        return float(np.mean(np.all(np.reshape(said == y, (len(y), -1)), axis=1)))
    if said is None or len(y) < 2:
        return -1.0
    with np.errstate(all="ignore"):
        return float(np.clip(np.nan_to_num(r2_score(y, said.reshape(y.shape)), nan=-1.0), -1.0, 1.0))


@cache
def reference(name: str, split: int) -> float:
    """Return the better test score of a linear model and a forest, fitted on the same rows."""
    rows = rows_of(name, split)
    models: list[Any] = [Ridge(), RandomForestRegressor(60, max_features=0.5, random_state=0)]
    if rows.is_classification:
        models = [LogisticRegression(max_iter=100), RandomForestClassifier(60, random_state=0)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return max(score(model.fit(rows.X, rows.y), rows.X_test, rows.y_test, rows.task) for model in models)


@dataclass(frozen=True)
class Trained:
    """Hold a case, its network, and what that scores on the test rows it is given."""

    case: Case
    model: Any
    score: float

    def honest(self) -> float:
        """Return the score on rows that neither the training nor the test data have."""
        rows = self.case.rows
        return score(self.model, rows.X_clean, rows.y_clean, self.case.task)


def run(case: Case) -> Trained:
    """Train a case and score it."""
    model = train(case)
    return Trained(case, model, score(model, case.rows.X_test, case.rows.y_test, case.task))


def tame(rng: Rng, case: Case) -> Case:
    """Return a case as one sets it up on noisy data: smaller, trained for less long, or held by a penalty."""
    hidden = tuple(max(8, size // 2) for size in case.hidden[:2])
    epochs = max(8, int(case.epochs * rng.uniform(0.15, 0.6)))
    alpha = case.alpha
    if case.family != "NeuralNetwork" and rng.random() < 0.7:
        alpha = float(10 ** rng.uniform(-1, 0.7))
    return replace(case, hidden=hidden, epochs=epochs, alpha=alpha)


def draw_healthy(rng: Rng, name: str, shape: Any = None) -> Trained | None:
    """Return a network that is as good as a linear model or a forest, or None when none of a few is.

    `shape`, a function of the generator and a case, makes what a fault needs of it: it stays healthy.
    """
    for attempt in range(TRIES):
        split = int(rng.integers(SPLITS))
        case = replace(draw_case(rng, name), rows=rows_of(name, split))
        if attempt >= 2:
            case = tame(rng, case)
        if shape is not None:
            case = shape(rng, case)
        trained = run(case)
        if trained.score >= reference(name, split) - WITHIN:
            return trained
    return None
