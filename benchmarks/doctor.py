"""Measure how well `glassnet.diagnose` finds faults, on networks with one fault each, and on healthy ones.

    OMP_NUM_THREADS=1 python benchmarks/doctor.py [--runs 322] [--tuning] [--begin 0] [--json FILE]

Half of the runs are healthy: varied data sets, classes, depths, activations, optimisers and seeds, trained
with settings that suit them. In the other half one fault is put in, of 23 kinds. A fault is *first* when the
finding that names it is the first one, and *found* when it is among the findings. An alarm on a healthy
network is a finding of high severity.

The thresholds of the checks were set on the runs of ``--tuning``: other data sets and other seeds than those
that are reported, which is checked and printed.
"""

import argparse
import json
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import sklearn.neural_network
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.preprocessing import StandardScaler

import glassnet
from glassnet.doctor import diagnose
from glassnet.doctor.checks.table import CHECKS
from glassnet.errors import DivergedError

TUNING_SETS, REPORTED_SETS = ("digits", "wine"), ("breast cancer", "MNIST", "Fashion-MNIST")
TUNING_SEEDS, REPORTED_SEEDS = range(10_000), range(1_000_000, 1_010_000)
TRAIN_ROWS, TEST_ROWS = 600, 300
IMAGES = 3_000
"""Of MNIST and Fashion-MNIST the first so many; each run draws its rows from them."""

Array = np.ndarray


@cache
def load(name: str) -> tuple[Array, Array]:
    """Return features near 1, and labels."""
    match name:
        case "digits":
            X, y = load_digits(return_X_y=True)
            return X / 16, y
        case "wine" | "breast cancer":
            X, y = (load_wine if name == "wine" else load_breast_cancer)(return_X_y=True)
            return StandardScaler().fit_transform(X), y
        case _:
            data = glassnet.load_mnist() if name == "MNIST" else glassnet.load_fashion_mnist()
            return glassnet.flatten(data.train.images)[:IMAGES] / 255.0, data.train.labels[:IMAGES]


@dataclass(frozen=True)
class Case:
    """Hold a network to train, in terms that fit every class, and its data."""

    data_set: str
    X: Array
    y: Array
    X_test: Array
    y_test: Array
    cls: str
    hidden: tuple[int, ...]
    activation: Any
    optimizer: str
    rate: float
    epochs: int
    seed: int
    batch_size: int = 32
    early_stopping: bool = False
    tol: float = 1e-4
    patience: int = 10
    weight_init: Any = None
    notes: dict[str, Any] = field(default_factory=dict)


def draw_healthy(rng: np.random.Generator, seed: int, data_set: str) -> Case:
    """Return a network with settings that suit it."""
    X, y = load(data_set)
    rows = rng.permutation(len(X))
    n_test = min(TEST_ROWS, len(X) // 3)
    test, train = rows[:n_test], rows[n_test : n_test + TRAIN_ROWS]
    depth = int(rng.integers(1, 4))
    activation = str(rng.choice(["relu", "tanh", "leaky_relu", "sigmoid"]))
    if activation == "sigmoid":
        depth = 1
    cls = str(rng.choice(["NeuralNetwork", "MLPClassifier", "sklearn"]))
    if cls == "sklearn" and activation == "leaky_relu":
        activation = "relu"
    optimizer = str(rng.choice(["sgd", "adam"]))
    is_slow = activation == "sigmoid"
    rate = {"sgd": rng.uniform(0.05, 0.15), "adam": rng.uniform(0.001, 0.004)}[optimizer] * (
        3 if is_slow else 1
    )
    sizes = sorted((int(size) for size in rng.integers(16, 65, depth)), reverse=True)
    small = len(train) < 200
    return Case(
        data_set=data_set,
        X=X[train],
        y=y[train],
        X_test=X[test],
        y_test=y[test],
        cls=cls,
        hidden=tuple(sizes),
        activation=activation,
        optimizer=optimizer,
        rate=float(rate),
        epochs=int(rng.integers(40, 80)) * (2 if small or is_slow else 1),
        seed=seed,
        batch_size=int(rng.choice([16, 32])) if small else int(rng.choice([16, 32, 64])),
        early_stopping=bool(rng.random() < 0.5),
    )


def build(case: Case) -> Any:
    """Return the network of a case, untrained."""
    if case.cls == "NeuralNetwork":
        activation, gradient = (
            case.activation if isinstance(case.activation, tuple) else (case.activation, None)
        )
        return glassnet.NeuralNetwork(
            N=len(case.hidden),
            A=list(case.hidden),
            lr=case.rate,
            activation=activation,
            activation_grad=gradient,
            weight_init=case.weight_init or ("normal" if case.activation != "sigmoid" else "glorot_uniform"),
            epochs=case.epochs,
            batch_size=case.batch_size,
            optimizer=case.optimizer,
            random_state=case.seed,
        )
    settings = {
        "hidden_layer_sizes": case.hidden,
        "activation": case.activation,
        "solver": case.optimizer,
        "learning_rate_init": case.rate,
        "max_iter": case.epochs,
        "batch_size": case.batch_size,
        "tol": case.tol,
        "n_iter_no_change": case.patience,
        "random_state": case.seed,
    }
    if case.optimizer == "sgd":
        settings["momentum"] = 0.0
    if case.cls == "sklearn":
        settings["activation"] = {"sigmoid": "logistic"}.get(case.activation, case.activation)
        return sklearn.neural_network.MLPClassifier(**settings)
    return glassnet.MLPClassifier(**settings, weight_init=case.weight_init)


def train(case: Case) -> Any:
    """Return the network of a case after training, whatever came of it."""
    network = build(case)
    with warnings.catch_warnings(), suppress(DivergedError, ValueError):
        warnings.simplefilter("ignore")
        if case.cls == "NeuralNetwork":
            network.fit(case.X, case.y, early_stopping=case.early_stopping)
        else:
            network.fit(case.X, case.y)
    return network


# -- faults ------------------------------------------------------------------------------------------

Rng = np.random.Generator
Fault = Callable[[Rng, Case], Case]


def own_initialiser(case: Case, draw: Any) -> Case:
    """Give a case an initialiser; scikit-learn's classes take none."""
    return replace(case, weight_init=draw, cls="MLPClassifier" if case.cls == "sklearn" else case.cls)


def deepen(rng: Rng, case: Case, least: int) -> Case:
    sizes = tuple(int(size) for size in rng.integers(16, 49, max(least, len(case.hidden))))
    return replace(case, hidden=sizes)


def zero_weights(rng: Rng, case: Case) -> Case:
    return own_initialiser(case, "zero")


def constant_weights(rng: Rng, case: Case) -> Case:
    value = float(rng.uniform(0.01, 0.3))
    return own_initialiser(case, lambda rng, fan_in, fan_out: np.full((fan_in, fan_out), value))


def tiny_weights(rng: Rng, case: Case) -> Case:
    case, std = deepen(rng, case, 2), float(10 ** rng.uniform(-3.5, -2.3))
    return own_initialiser(case, lambda rng, fan_in, fan_out: rng.normal(0, std, (fan_in, fan_out)))


def huge_weights(rng: Rng, case: Case) -> Case:
    factor = float(rng.uniform(8, 30))

    def draw(rng: Rng, fan_in: int, fan_out: int) -> Array:
        return rng.normal(0, factor / fan_in**0.5, (fan_in, fan_out))

    return own_initialiser(case, draw)


def negative_weights(rng: Rng, case: Case) -> Case:
    def draw(rng: Rng, fan_in: int, fan_out: int) -> Array:
        return -np.abs(rng.normal(0, (2 / fan_in) ** 0.5, (fan_in, fan_out)))

    return own_initialiser(replace(deepen(rng, case, 2), activation="relu"), draw)


def small_rate(rng: Rng, case: Case) -> Case:
    return replace(case, rate=case.rate / 10 ** rng.uniform(3, 4.5), tol=0.0)


def large_rate(rng: Rng, case: Case) -> Case:
    return replace(case, rate=case.rate * 10 ** rng.uniform(2, 4))


def large_inputs(rng: Rng, case: Case) -> Case:
    factor = 255.0 if rng.random() < 0.5 else float(10 ** rng.uniform(2, 3.5))
    return replace(case, X=case.X * factor, X_test=case.X_test * factor)


def tiny_inputs(rng: Rng, case: Case) -> Case:
    factor = 255.0 if rng.random() < 0.5 else float(10 ** rng.uniform(2.3, 4))
    return replace(case, X=case.X / factor, X_test=case.X_test / factor)


def constant_inputs(rng: Rng, case: Case) -> Case:
    share = 1.0 if rng.random() < 0.5 else float(rng.uniform(0.7, 0.99))
    columns = rng.random(case.X.shape[1]) < share
    X, X_test = case.X.copy(), case.X_test.copy()
    X[:, columns] = X_test[:, columns] = 0.5
    return replace(case, X=X, X_test=X_test)


def deep_sigmoid(rng: Rng, case: Case) -> Case:
    return replace(deepen(rng, case, int(rng.integers(4, 7))), activation="sigmoid")


def wrong_derivative(rng: Rng, case: Case) -> Case:
    def squash(z: Array) -> Array:
        return np.asarray(1 / (1 + np.exp(-z)))

    pairs: list[tuple[Callable[[Array], Array], Callable[[Array], Array]]] = [
        (np.tanh, lambda z: 1 - np.tanh(z)),
        (np.tanh, lambda z: 1 - z**2),
        (squash, lambda z: z * (1 - z)),
        (squash, lambda z: squash(z) * (1 - squash(z)) * 2),
        (lambda z: np.maximum(z, 0), lambda z: np.maximum(z, 0)),
        (lambda z: np.where(z > 0, z, 0.1 * z), lambda z: np.where(z > 0, 1.0, -0.1)),
    ]
    pair = pairs[int(rng.integers(len(pairs)))]
    cls = "MLPClassifier" if case.cls == "sklearn" else case.cls
    return replace(case, activation=pair, cls=cls)


def identity_activations(rng: Rng, case: Case) -> Case:
    return replace(deepen(rng, case, 2), activation="identity")


def few_epochs(rng: Rng, case: Case) -> Case:
    return replace(case, epochs=1, early_stopping=False, batch_size=64)


def coarse_tolerance(rng: Rng, case: Case) -> Case:
    cls = "sklearn" if rng.random() < 0.5 and case.activation != "leaky_relu" else "MLPClassifier"
    tol = float(rng.uniform(0.3, 0.6))
    return replace(case, cls=cls, tol=tol, patience=1, rate=case.rate / 2, batch_size=64)


def narrow_layer(rng: Rng, case: Case) -> Case:
    sizes = list(case.hidden) if len(case.hidden) > 1 else [*case.hidden, 8]
    sizes[int(rng.integers(len(sizes)))] = 1
    return replace(case, hidden=tuple(sizes))


def by_heart(rng: Rng, case: Case) -> Case:
    n = int(rng.integers(25, 45))
    flipped = case.y[:n].copy()
    wrong = rng.choice(n, n // 4, replace=False)
    flipped[wrong] = rng.permutation(flipped[wrong])
    known = np.isin(case.y_test, flipped)
    return replace(
        case,
        X=case.X[:n],
        y=flipped,
        X_test=case.X_test[known],
        y_test=case.y_test[known],
        epochs=150,
        early_stopping=False,
        batch_size=10,
        activation="tanh" if case.activation == "sigmoid" else case.activation,
    )


def shifted_labels(rng: Rng, case: Case) -> Case:
    return replace(case, y=np.roll(case.y, int(rng.choice([-2, -1, 1, 2]))))


def shuffled_labels(rng: Rng, case: Case) -> Case:
    return replace(case, y=rng.permutation(case.y))


def rare_class(rng: Rng, case: Case) -> Case:
    """Keep one class and a few samples of another."""
    X, y = np.concatenate([case.X, case.X_test]), np.concatenate([case.y, case.y_test])
    common, rare = rng.choice(np.unique(y), 2, replace=False)
    many, few = np.flatnonzero(y == common), np.flatnonzero(y == rare)
    n_few = max(4, len(many) // 20)
    train_rows = np.concatenate([many[: len(many) * 2 // 3], few[: n_few - n_few // 3]])
    test_rows = np.concatenate([many[len(many) * 2 // 3 :], few[n_few - n_few // 3 : n_few]])
    return replace(
        case, X=X[train_rows], y=y[train_rows], X_test=X[test_rows], y_test=y[test_rows], batch_size=10
    )


def leaked_rows(rng: Rng, case: Case) -> Case:
    rows = rng.choice(len(case.X), max(20, len(case.X_test) // 3), replace=False)
    return replace(
        case,
        X_test=np.concatenate([case.X_test, case.X[rows]]),
        y_test=np.concatenate([case.y_test, case.y[rows]]),
    )


def scaled_twice(rng: Rng, case: Case) -> Case:
    factor = 255.0 if rng.random() < 0.5 else float(1 / rng.uniform(3, 255))
    return replace(case, X_test=case.X_test / factor)


def renamed_labels(rng: Rng, case: Case) -> Case:
    classes = np.unique(case.y)
    order = np.roll(classes, int(rng.integers(1, len(classes))))
    return replace(case, y_test=order[np.searchsorted(classes, case.y_test)])


FAULTS: dict[str, tuple[Fault, str]] = {
    "zero weights": (zero_weights, "symmetric-units"),
    "constant weights": (constant_weights, "symmetric-units"),
    "tiny weights": (tiny_weights, "small-weights"),
    "huge weights": (huge_weights, "large-weights"),
    "negative weights": (negative_weights, "dead-units"),
    "small learning rate": (small_rate, "small-learning-rate"),
    "large learning rate": (large_rate, "large-learning-rate"),
    "large inputs": (large_inputs, "unscaled-inputs"),
    "tiny inputs": (tiny_inputs, "unscaled-inputs"),
    "constant inputs": (constant_inputs, "constant-inputs"),
    "deep sigmoid": (deep_sigmoid, "vanishing-gradients"),
    "wrong derivative": (wrong_derivative, "wrong-gradient"),
    "identity activations": (identity_activations, "linear-network"),
    "few epochs": (few_epochs, "early-end"),
    "coarse tolerance": (coarse_tolerance, "early-end"),
    "narrow layer": (narrow_layer, "too-few-units"),
    "learnt by heart": (by_heart, "overfitting"),
    "shifted labels": (shifted_labels, "shifted-labels"),
    "shuffled labels": (shuffled_labels, "unrelated-labels"),
    "rare class": (rare_class, "class-imbalance"),
    "leaked rows": (leaked_rows, "test-leak"),
    "test scaled twice": (scaled_twice, "scale-shift"),
    "renamed test labels": (renamed_labels, "permuted-labels"),
}
"""Every fault, and the code of the check that is to name it."""

TEN_CLASSES = ("narrow layer",)
"""Faults that are none with few classes."""


# -- measuring ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """Hold what the doctor said of one run."""

    fault: str
    expected: str
    data_set: str
    codes: list[str]
    high: list[str]
    accuracy: float
    note: str


def examine(case: Case, fault: str, expected: str) -> Outcome:
    """Train a case and ask the doctor."""
    network = train(case)
    diagnosis = diagnose(network, case.X, case.y, X_test=case.X_test, y_test=case.y_test)
    accuracy = 0.0
    with suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        accuracy = float(network.score(case.X_test, case.y_test))
    note = f"{case.cls} {case.hidden} {case.activation} {case.optimizer} {case.rate:.3g} b{case.batch_size}"
    high = [finding.code for finding in diagnosis.findings if finding.severity == "high"]
    return Outcome(fault, expected, case.data_set, diagnosis.codes, high, accuracy, note)


def draw_outcomes(n_runs: int, data_sets: tuple[str, ...], seeds: range) -> list[Outcome]:
    """Return half healthy runs, half with one fault each, every kind as often as the others."""
    outcomes = []
    names = list(FAULTS)
    for number in range(n_runs // 2):
        fault = names[number % len(names)]
        choices = [
            name for name in data_sets if fault not in TEN_CLASSES or len(np.unique(load(name)[1])) == 10
        ]
        seed = seeds[number]
        rng = np.random.default_rng(seed)
        data_set = choices[number // len(names) % len(choices)]
        inject, expected = FAULTS[fault]
        outcomes.append(examine(inject(rng, draw_healthy(rng, seed, data_set)), fault, expected))
    for number in range(n_runs // 2, n_runs):
        seed = seeds[number]
        case = draw_healthy(np.random.default_rng(seed), seed, data_sets[number % len(data_sets)])
        outcomes.append(examine(case, "", ""))
    return outcomes


def summarise(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the rates: of all, of each fault, of each check."""
    sick = [outcome for outcome in outcomes if outcome.fault]
    healthy = [outcome for outcome in outcomes if not outcome.fault]
    by_fault: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in sick:
        by_fault[outcome.fault].append(outcome)
    return {
        "sick": len(sick),
        "healthy": len(healthy),
        "first": share(o.codes[:1] == [o.expected] for o in sick),
        "found": share(o.expected in o.codes for o in sick),
        "without_alarm": share(not o.high for o in healthy),
        "faults": {
            fault: {
                "runs": len(group),
                "code": group[0].expected,
                "first": share(o.codes[:1] == [o.expected] for o in group),
                "found": share(o.expected in o.codes for o in group),
            }
            for fault, group in by_fault.items()
        },
        "checks": {code: rates_of_check(code, sick, healthy) for code in CHECKS},
    }


def rates_of_check(code: str, sick: list[Outcome], healthy: list[Outcome]) -> dict[str, float | None]:
    """Return how often a check finds its own fault, and what it says of healthy networks."""
    own = [outcome for outcome in sick if outcome.expected == code]
    return {
        "detection": share(code in o.codes for o in own) if own else None,
        "alarms": share(code in o.high for o in healthy),
        "remarks": share(code in o.codes and code not in o.high for o in healthy),
    }


def share(flags: Any) -> float:
    values = list(flags)
    return sum(values) / len(values) if values else float("nan")


def show(result: dict[str, Any]) -> None:
    """Print the rates of each fault, and of each check."""
    print(f"{'fault':24}{'named by':24}{'runs':>6}{'first':>9}{'found':>9}")
    for fault, row in result["faults"].items():
        print(f"{fault:24}{row['code']:24}{row['runs']:6}{row['first']:9.1%}{row['found']:9.1%}")
    print(f"{'all':48}{result['sick']:6}{result['first']:9.1%}{result['found']:9.1%}")
    print(f"\n{'check':30}{'detection':>12}{'alarms':>12}{'remarks':>12}")
    for code, row in result["checks"].items():
        detection = "no such run" if row["detection"] is None else f"{row['detection']:.1%}"
        print(f"{code:30}{detection:>12}{row['alarms']:12.1%}{row['remarks']:12.1%}")
    print("alarms: of high severity on healthy networks; remarks: of medium or low severity on them")
    print(f"\n{result['healthy']} healthy networks: {result['without_alarm']:.1%} without an alarm")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=322)
    parser.add_argument("--tuning", action="store_true", help="the runs that the thresholds were set on")
    parser.add_argument(
        "--begin", type=int, default=0, help="leave out so many seeds: other runs of the kind"
    )
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--show", action="store_true", help="list the runs that were judged wrongly")
    arguments = parser.parse_args()
    assert not set(TUNING_SETS) & set(REPORTED_SETS)
    assert not set(TUNING_SEEDS) & set(REPORTED_SEEDS)
    sets, seeds = (TUNING_SETS, TUNING_SEEDS) if arguments.tuning else (REPORTED_SETS, REPORTED_SEEDS)
    for name, own, range_ in (
        ("tuning", TUNING_SETS, TUNING_SEEDS),
        ("reported", REPORTED_SETS, REPORTED_SEEDS),
    ):
        print(f"{name + ':':10}{', '.join(own)}; seeds {range_.start:,} to {range_.stop - 1:,}")
    print(f"this run: {'tuning' if arguments.tuning else 'reported'}, {arguments.runs} networks\n")
    start = time.perf_counter()
    outcomes = draw_outcomes(arguments.runs, sets, seeds[arguments.begin :])
    result = summarise(outcomes)
    show(result)
    print(f"\n{time.perf_counter() - start:.0f} s")
    if arguments.show:
        for outcome in outcomes:
            if outcome.codes[:1] != [outcome.expected] if outcome.fault else outcome.high:
                print(
                    f"{outcome.fault or 'healthy':22} {outcome.data_set:14} {outcome.note}: {outcome.codes}"
                )
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2)


if __name__ == "__main__":
    main()
