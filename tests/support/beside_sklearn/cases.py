"""Cases: an estimator, its parameters, and what is asked of it, all drawn from a seed and a number."""

import decimal
import fractions
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from beside_sklearn.inputs import BAD, Given, draw_inputs, draw_numbers, dress, wrapped
from beside_sklearn.targets import draw_labels, draw_values, draw_weights

GOOD: dict[str, list[Any]] = {
    "hidden_layer_sizes": [
        (5,),
        4,
        (4, 3),
        [6],
        [3, 2],
        (2, 2, 2),
        (1,),
        1,
        (),
        [],
        np.array([4, 2]),
        np.array([3]),
    ],
    "activation": ["relu", "tanh", "logistic", "identity"],
    "solver": ["adam", "sgd", "lbfgs"],
    "alpha": [0.0001, 0, 0.01, 1.0, 5, 1e-20, 100.0],
    "batch_size": ["auto", 1, 7, 16, 30, 200, 10**9],
    "learning_rate": ["constant", "invscaling", "adaptive"],
    "learning_rate_init": [0.001, 0.01, 0.1, 1e-8, 1],
    "power_t": [0.5, 0, 0.1, 2],
    "max_iter": [1, 2, 3, 5, 8],
    "shuffle": [True, False],
    "tol": [1e-4, 0, 0.0, 0.05, 1e9, 1e-300],
    "verbose": [False, False, False, True, 2, 0],
    "warm_start": [False, True],
    "momentum": [0.9, 0, 1, 0.5, 1.0],
    "nesterovs_momentum": [True, False],
    "early_stopping": [False, False, True],
    "validation_fraction": [0.1, 0.2, 0.5, 0.3, 0.9],
    "beta_1": [0.9, 0, 0.5, 0.999],
    "beta_2": [0.999, 0, 0.9],
    "epsilon": [1e-8, 1e-3, 1, 1e-30],
    "n_iter_no_change": [10, 1, 2, np.inf],
    "max_fun": [15000, 1, 5],
}

# fmt: off
ODD_NUMBERS: list[Any] = [
    0, -1, 1, 0.0, -0.0, 1.0, -0.5, 2, 1e-320, 1e308, 10**400, -(10**400), float("nan"), float("inf"),
    -np.inf, None, "1", "auto", "", "constant", b"1", True, False, np.True_, np.int64(3), np.uint8(2),
    np.int8(-1), np.float32(0.5), np.float16(0.25), np.longdouble(0.125), np.float64("nan"),
    np.array(0.5), np.array([1]), np.array(2), [1], (1,), {}, set(), 1j, fractions.Fraction(1, 2),
    decimal.Decimal("0.5"), pd.NA, object(), int, len, 2.0, 3.5, np.str_("auto"), range(2), slice(2),
    Ellipsis, np.datetime64("2024-01-01"), np.ma.masked,
]

ODD: dict[str, list[Any]] = {
    "hidden_layer_sizes": [
        0, -1, None, (0,), (3, 0), (3, -1), [[3, 2]], [[3], [2]], "5", "", ("a",), (None,), (3,
        None), 2.0, 2.5, (2.0,), (2.5, 3), True, (True,), np.int64(3), np.uint8(3), (np.int64(3),
        np.int8(2)), np.array(3), np.array([]), np.array([[2, 3]]), np.array([2.0, 3.0]),
        np.array(["2"]), range(2, 4), pd.Series([3, 2]), {3}, {3: 2}, iter([3]), np.float32(3),
        float("nan"), float("inf"), (float("nan"),), (3, (2,)), np.array([3, 2], object), b"3",
        object(), np.array([True]), -(10**400), (np.inf,),
    ],
    "activation": [
        "softmax", "", "ReLU", "gelu", "sigmoid", None, 0, np.tanh, ["relu"], ("relu",), b"relu",
        np.str_("tanh"), True, [], "relu ",
    ],
    "solver": [
        "adamw", "LBFGS", "l-bfgs", None, "", 0, np.str_("sgd"), b"sgd", ["adam"], "momentum",
        True], "learning_rate": ["", None, "const", 0.1, np.str_("adaptive"), ["constant"],
        "Constant", True], "random_state": [ -1, 2**32, 2**32 - 1, 1.0, "0", np.int64(5),
        np.uint8(7), np.int32(-1), True, "RandomState", "Generator", "BitGenerator", "module", [1],
        (1, 2), float("nan"), np.array(3), np.array([3]), b"1",
    ],
    "loss": [
        "squared_error", "poisson", "absolute_error", "huber", "log_loss", "mse", "", None, 0,
        np.str_("poisson"), b"x",
    ],
    "batch_size": [
        *ODD_NUMBERS, "full", "Auto", 10**30
    ],
    "n_iter_no_change": [
        *ODD_NUMBERS, np.float64(np.inf), np.float32(np.inf)
    ],
    "max_iter": [
        value for value in ODD_NUMBERS if not isinstance(value, int) or abs(value) < 9
    ],
}
"""Edges, and what cannot be: the other parameters take `ODD_NUMBERS`."""
# fmt: on


@dataclass
class Call:
    """Hold one call of a method: what is set before it, and its arguments."""

    method: str
    given: dict[str, Given]
    settings: dict[str, Any]

    def describe(self) -> str:
        settings = f"set_params({self.settings}); " if self.settings else ""
        return (
            f"{settings}{self.method}({', '.join(f'{name}: {g.recipe}' for name, g in self.given.items())})"
        )


@dataclass
class Case:
    """Hold what two estimators are asked to do alike."""

    seed: int
    number: int
    estimator: str
    parameters: dict[str, Any]
    calls: list[Call]
    task: str

    @property
    def tags(self) -> frozenset[str]:
        """What is special about any of the inputs."""
        return frozenset().union(*(given.tags for call in self.calls for given in call.given.values()))

    def describe(self) -> str:
        lines = [f"{self.estimator}({', '.join(f'{k}={v!r}' for k, v in self.parameters.items())})"]
        return "\n    ".join([*lines, *(call.describe() for call in self.calls)])


def draw_case(seed: int, number: int, folder: Path) -> Case:
    """Draw a case; the same one, made anew, for the same seed and number.

    Parameters
    ----------
    seed, number : int
    folder : Path
        Where memory maps lie.
    """
    rng = np.random.default_rng([seed, number])
    estimator = str(rng.choice(["MLPClassifier", "MLPRegressor"]))
    parameters = _draw_parameters(rng, estimator)
    n = int(rng.choice([1, 2, 3, 5, 9, 10, 12, 20, 25, 30, 40, 60], p=ROWS))
    d = int(rng.choice([1, 2, 3, 4, 6]))
    # one thing that is odd hides another, so most cases have one place that may be
    odd = str(rng.choice(["nothing", "X", "y", "weights", "asked", "parameter", "anything"], p=ODD_PLACES))
    if odd in ("parameter", "anything"):
        for name in rng.choice(sorted({*GOOD, "random_state", "loss"}), size=int(rng.choice([1, 1, 1, 2]))):
            if str(name) != "loss" or estimator == "MLPRegressor":
                parameters[str(name)] = _odd_value(rng, str(name))
    bad = {
        name: 0.5 if odd == name else 0.15 if odd == "anything" else 0.0
        for name in ("X", "y", "weights", "asked")
    }
    calls = _draw_training(rng, estimator, parameters, n, d, folder, bad)
    calls += _draw_questions(rng, estimator, parameters, calls[0].given, n, d, folder, bad["asked"])
    return Case(seed, number, estimator, parameters, calls, odd)


ROWS = (0.03, 0.03, 0.03, 0.04, 0.03, 0.06, 0.08, 0.15, 0.1, 0.2, 0.15, 0.1)
ODD_PLACES = (0.42, 0.12, 0.1, 0.07, 0.07, 0.16, 0.06)


def _pick(rng: np.random.Generator, values: list[Any]) -> Any:
    return values[int(rng.integers(len(values)))]


def _draw_parameters(rng: np.random.Generator, estimator: str) -> dict[str, Any]:
    """Return parameters that are allowed, of which the first of each list is the most frequent."""
    parameters: dict[str, Any] = {"random_state": int(rng.integers(1000))}
    for name, values in GOOD.items():
        always = name in ("solver", "max_iter", "hidden_layer_sizes", "activation")
        if always or rng.random() < 0.25:
            parameters[name] = _pick(rng, values)
    if estimator == "MLPRegressor" and rng.random() < 0.3:
        parameters["loss"] = "poisson"
    return parameters


def _odd_value(rng: np.random.Generator, name: str) -> Any:
    value = _pick(rng, ODD.get(name, ODD_NUMBERS))
    if name == "random_state" and isinstance(value, str):
        seed = int(rng.integers(1000))
        made: dict[str, Callable[[], Any]] = {
            "RandomState": lambda: np.random.RandomState(seed),
            "Generator": lambda: np.random.default_rng(seed),
            "BitGenerator": lambda: np.random.PCG64(seed),
            "module": lambda: np.random,
        }
        return made.get(value, lambda: value)()
    if hasattr(value, "__next__"):  # it can be used up, and belongs to this case alone
        return iter([3])
    return value


def _draw_targets(
    rng: np.random.Generator, estimator: str, parameters: dict[str, Any], n: int, bad: float
) -> Given:
    if estimator == "MLPClassifier":
        return draw_labels(rng, n, bad=bad)
    return draw_values(rng, n, parameters.get("loss"), bad=bad)


def _draw_training(
    rng: np.random.Generator,
    estimator: str,
    parameters: dict[str, Any],
    n: int,
    d: int,
    folder: Path,
    bad: dict[str, float],
) -> list[Call]:
    plan = str(
        rng.choice(["fit", "fit twice", "partial_fit", "fit, then partial_fit"], p=[0.55, 0.2, 0.15, 0.1])
    )
    methods = {
        "fit": ["fit"],
        "fit twice": ["fit", "fit"],
        "partial_fit": ["partial_fit"] * int(rng.integers(1, 4)),
        "fit, then partial_fit": ["fit", "partial_fit"],
    }[plan]
    if "partial_fit" in methods and rng.random() < 0.8:  # elsewhere it is refused
        parameters["early_stopping"] = False
        if parameters["solver"] == "lbfgs":
            parameters["solver"] = "sgd"
    calls: list[Call] = []
    for i, method in enumerate(methods):
        settings: dict[str, Any] = {}
        if i and rng.random() < 0.3:
            name = str(rng.choice([*GOOD, "warm_start", "warm_start"]))
            settings = {name: _pick(rng, GOOD[name])}
        same = i > 0 and rng.random() < 0.6
        rows = n if i == 0 or rng.random() < 0.8 else max(1, n // 2)
        X = calls[0].given["X"] if same else draw_inputs(rng, rows, d, folder, bad=bad["X"])
        y = calls[0].given["y"] if same else _draw_targets(rng, estimator, parameters, rows, bad["y"])
        if i and not same and rng.random() < 0.6:  # other rows, the same labels
            X, y = draw_inputs(rng, n, d, folder, bad=bad["X"]), calls[0].given["y"]
        given = {"X": X, "y": y}
        weights = draw_weights(rng, n, some=0.2 if not bad["weights"] else 0.9, bad=bad["weights"])
        if weights.value is not None:
            given["sample_weight"] = weights
        if method == "partial_fit" and estimator == "MLPClassifier" and (i == 0 or rng.random() < 0.2):
            given["classes"] = _draw_classes(rng, y)
        calls.append(Call(method, given, settings))
    return calls


def _draw_classes(rng: np.random.Generator, y: Given) -> Given:
    """Return the classes of y, most of the time."""
    try:
        labels = np.unique(np.asarray(y.value))
    except (TypeError, ValueError):
        labels = np.array([0, 1])
    if "several" in y.tags:
        labels = np.arange(np.shape(y.value)[1])
    kind = str(
        rng.choice(
            ["all", "list", "shuffled", "one more", "one less", "none", "twice", "other", "column"],
            p=[0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.04, 0.03, 0.03],
        )
    )
    kinds: dict[str, Callable[[], Any]] = {
        "all": lambda: labels,
        "list": labels.tolist,
        "shuffled": lambda: rng.permutation(labels),
        "one more": lambda: np.append(labels, labels[-1:] + labels[-1:]),
        "one less": lambda: labels[:-1],
        "none": lambda: None,
        "twice": lambda: np.concatenate([labels, labels]),
        "other": lambda: np.array(["p", "q"]),
        "column": lambda: labels.reshape(-1, 1),
    }
    try:
        return Given(kinds[kind](), f"classes: {kind}", frozenset({f"classes {kind}"}))
    except (TypeError, ValueError):
        return Given(None, "classes: none", frozenset({"classes none"}))


def _draw_questions(
    rng: np.random.Generator,
    estimator: str,
    parameters: dict[str, Any],
    fitted: dict[str, Given],
    n: int,
    d: int,
    folder: Path,
    bad: float,
) -> list[Call]:
    """Return what is asked of the fitted estimator: of the same inputs, and of others."""
    first = fitted["X"]
    others = [first]
    for _ in range(2):
        if rng.random() < bad:
            numbers = draw_numbers(rng, n, d)[0]
            kind = str(rng.choice([*BAD, "one column less", "one column more", "columns turned"]))
            if kind in BAD:
                others.append(
                    Given(wrapped(BAD[kind], numbers), f"{kind} ({n}, {d})", frozenset({"bad", kind}))
                )
            elif kind == "columns turned" and hasattr(first.value, "columns"):
                turned = (
                    first.value[list(first.value.columns)[::-1]]
                    if hasattr(first.value, "iloc")
                    else first.value
                )
                others.append(Given(turned, kind, first.tags | {kind}))
            else:
                fewer, more = numbers[:, :-1], np.hstack([numbers, numbers[:, :1]])
                numbers = fewer if kind == "one column less" else more
                others.append(dress(rng, numbers, folder, kind))
        elif rng.random() < 0.5:
            numbers, recipe = draw_numbers(rng, int(rng.choice([1, 2, n])), d)
            others.append(dress(rng, numbers, folder, recipe))
    calls = []
    answers = (
        ["predict_proba", "predict", "predict_log_proba"] if estimator == "MLPClassifier" else ["predict"]
    )
    for X in others:
        calls += [Call(method, {"X": X}, {}) for method in answers]
    y = fitted["y"] if rng.random() < 0.85 else _draw_targets(rng, estimator, parameters, n, bad)
    given = {"X": first, "y": y}
    weights = draw_weights(rng, n, some=0.3, bad=bad)
    if weights.value is not None:
        given["sample_weight"] = weights
    return [*calls, Call("score", given, {})]
