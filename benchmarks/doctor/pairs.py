"""Ask about random pairs of model and data, of every shape that people bring: nothing may crash.

An `InvalidDataError` or `InvalidParameterError` with a message is an answer; every other error is a crash.
"""

import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import scipy.sparse
import sklearn.neural_network
from joblib import Parallel, delayed

import glassnet
from glassnet.doctor import diagnose
from glassnet.errors import DivergedError, InvalidDataError, InvalidParameterError

from .data import Array

Rng = np.random.Generator
ANSWERS = (InvalidDataError, InvalidParameterError)


def draw_X(rng: Rng, n: int, columns: int) -> Array:
    """Draw inputs of one of many looks."""
    look = rng.choice(
        ["normal", "binary", "constant", "extreme", "tiny", "integer", "duplicates", "one wide"]
    )
    X = rng.normal(size=(n, columns))
    match look:
        case "binary":
            X = (X > 0).astype(float)
        case "constant":
            X[:, rng.random(columns) < 0.7] = 1.0
        case "extreme":
            X = X * 10.0 ** rng.integers(3, 30)
        case "tiny":
            X = X * 1e-12
        case "integer":
            X = rng.integers(-5, 300, (n, columns)).astype(float)
        case "duplicates":
            X = X[rng.integers(0, max(1, n // 10), n)]
        case "one wide":
            X[:, 0] *= 1e9
    return X


def draw_y(rng: Rng, X: Array, task: str) -> Array:
    """Draw targets, with or without a relation to the inputs."""
    n = len(X)
    if task == "regression":
        y = X[:, 0] + rng.normal(size=n) if rng.random() < 0.6 else rng.normal(size=n)
        match rng.choice(["plain", "large", "constant", "counts", "several"]):
            case "large":
                y = y * 10.0 ** rng.integers(3, 20) + 1e6
            case "constant":
                y = np.full(n, 3.0)
            case "counts":
                y = np.rint(np.clip(np.abs(y), 0, 1e6))
            case "several":
                y = np.column_stack([y, rng.normal(size=n)])
        return y
    if task == "multilabel":
        return (rng.random((n, int(rng.integers(2, 5)))) < 0.4).astype(np.int64)
    classes = int(rng.choice([1, 2, 2, 3, 5, 12, 40]))
    place = rng.integers(0, classes, n)
    if rng.random() < 0.5:
        place = np.searchsorted(np.quantile(X[:, 0], np.linspace(0, 1, classes + 1)[1:-1]), X[:, 0])
    match rng.choice(["number", "text", "bool", "float", "gaps", "one-hot", "lone"]):
        case "text":
            return np.array([f"class {k}" for k in place])
        case "bool":
            return np.asarray(place % 2 == 0)
        case "float":
            return place.astype(float)
        case "gaps":
            return place * 7 - 3
        case "one-hot":
            return np.asarray(place[:, None] == np.arange(classes), np.int64)
        case "lone":
            lone = np.zeros(n, np.int64)
            lone[: min(n, 3)] = np.arange(min(n, 3))
            return lone
    return place


def dress(rng: Rng, X: Array) -> Any:
    """Return inputs in one of the containers that people use."""
    match rng.choice(
        ["float64", "float32", "uint8", "int", "bool", "list", "frame", "csr", "csc", "fortran"]
    ):
        case "float32":
            with np.errstate(over="ignore"):
                return X.astype(np.float32)
        case "uint8":
            return np.asarray(np.clip(X * 50 + 100, 0, 255), np.uint8)
        case "int":
            return np.asarray(np.clip(X * 3, -(2**31), 2**31), np.int64)
        case "bool":
            return np.asarray(X > 0)
        case "list":
            return X.tolist()
        case "frame":
            import pandas as pd

            return pd.DataFrame(X, columns=[f"column {k}" for k in range(X.shape[1])])
        case "csr":
            return scipy.sparse.csr_matrix(np.where(np.abs(X) > 1, X, 0))
        case "csc":
            return scipy.sparse.csc_matrix(X)
        case "fortran":
            return np.asfortranarray(X)
    return X


def draw_model(rng: Rng, task: str) -> Any:
    """Return one of the estimators, with settings of many kinds, some of which no one should use."""
    hidden = tuple(int(size) for size in rng.integers(1, 12, int(rng.integers(1, 5))))
    seed = int(rng.integers(2**31)) if rng.random() < 0.9 else None
    epochs = int(rng.integers(1, 12))
    rate = 10.0 ** rng.uniform(-6, 3)
    activation = str(rng.choice(["relu", "tanh", "sigmoid", "identity", "elu", "softplus", "gelu"]))
    family = rng.choice(["NeuralNetwork", "glassnet", "sklearn", "autoencoder"], p=[0.3, 0.35, 0.3, 0.05])
    if family == "NeuralNetwork" and task != "regression":
        return glassnet.NeuralNetwork(
            N=len(hidden), A=list(hidden), lr=rate, activation=activation, epochs=epochs,
            batch_size=[None, 1, 7, 32][int(rng.integers(4))],
            loss=str(rng.choice(["softmax_cross_entropy", "sigmoid_cross_entropy", "squared_error"])),
            weight_init=str(rng.choice(["zero", "random", "normal", "he_normal"])),
            optimizer=str(rng.choice(["sgd", "momentum", "adam"])),
            dtype=str(rng.choice(["float32", "float64"])),
            dropout=float(rng.choice([0.0, 0.5])),
            random_state=seed,
        )  # fmt: skip
    settings: dict[str, Any] = {
        "hidden_layer_sizes": hidden,
        "solver": str(rng.choice(["sgd", "adam", "lbfgs"])),
        "learning_rate_init": rate,
        "max_iter": epochs,
        "alpha": float(rng.choice([0.0, 1e-4, 1.0, 1e4])),
        "shuffle": bool(rng.random() < 0.7),
        "momentum": float(rng.choice([0.0, 0.9, 0.999])),
        "learning_rate": str(rng.choice(["constant", "invscaling", "adaptive"])),
        "early_stopping": bool(rng.random() < 0.2),
        "random_state": seed,
        "activation": activation,
    }
    if family == "autoencoder":
        with suppress(Exception):
            return glassnet.MLPAutoencoder(hidden, max_iter=epochs, random_state=seed)
    module: Any = glassnet
    if family == "sklearn":
        module = sklearn.neural_network
        wanted = {"sigmoid": "logistic"}.get(activation, activation)
        settings["activation"] = wanted if wanted in ("relu", "tanh", "logistic", "identity") else "relu"
    return (module.MLPRegressor if task == "regression" else module.MLPClassifier)(**settings)


def ask(seed: int) -> tuple[int, str, str]:
    """Return what became of one pair: its seed, ``diagnosed``, ``refused`` or ``crashed``, and a text."""
    rng = np.random.default_rng([14, seed])
    task = str(rng.choice(["classification", "regression", "multilabel"], p=[0.55, 0.3, 0.15]))
    n = int(rng.choice([1, 2, 3, 5, 10, 40, 150]))
    X = draw_X(rng, n, int(rng.choice([1, 2, 3, 8, 30])))
    y: Any = draw_y(rng, X, task)
    model, given = draw_model(rng, task), dress(rng, X)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if rng.random() < 0.85:
            with suppress(Exception, DivergedError):
                if isinstance(model, glassnet.MLPAutoencoder):
                    model.fit(given)
                else:
                    model.fit(given, y)
        if rng.random() < 0.05:  # of another width
            given = dress(rng, draw_X(rng, n, X.shape[1] + 1))
        if rng.random() < 0.03:  # of another length
            y = y[:-1]
        test: dict[str, Any] = {}
        if rng.random() < 0.7:
            rows = rng.integers(0, n, int(rng.choice([1, 2, 20])))
            kept = np.minimum(rows, len(y) - 1) if len(y) else rows[:0]
            test = {"X_test": dress(rng, X[rows]), "y_test": y[kept]}
            if rng.random() < 0.1:
                del test["y_test"]
        if isinstance(model, glassnet.MLPAutoencoder):
            y, test = None, {}
        try:
            diagnosis = diagnose(model, given, y, **test)
            str(diagnosis)
            diagnosis.to_json()
        except ANSWERS as error:
            return seed, "refused" if str(error).strip() else "crashed", f"{type(error).__name__}: {error}"
        except Exception:
            cls = f"{type(model).__module__}.{type(model).__name__}"
            about = f"{cls}, {task}, X {X.shape}, {type(given).__name__}"
            return seed, "crashed", f"{about}\n{traceback.format_exc(limit=-4)}"
        return seed, "diagnosed", ""


def examine_pairs(n: int, *, jobs: int, begin: int, tell: Callable[[str], None]) -> int:
    """Ask about `n` pairs, print what became of them and each crash once; return 1 when one crashed."""
    counts: Counter[str] = Counter()
    crashes: dict[str, list[tuple[int, str]]] = {}
    results = Parallel(jobs, return_as="generator_unordered")(
        delayed(ask)(seed) for seed in range(begin, begin + n)
    )
    for done, (seed, what, text) in enumerate(results, 1):
        counts[what] += 1
        if what == "crashed":
            crashes.setdefault(text.strip().splitlines()[-1], []).append((seed, text))
        if done % max(1, n // 20) == 0:
            tell(f"{done}/{n} pairs, {counts['crashed']} crashed")
    for message, cases in sorted(crashes.items(), key=lambda item: -len(item[1])):
        print(
            f"\n{len(cases)} times: {message}\n  first with --begin {cases[0][0]} --random 1: {cases[0][1]}"
        )
    print(f"\n{n} pairs: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    return int(counts["crashed"] > 0)
