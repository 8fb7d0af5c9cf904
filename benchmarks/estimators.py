"""Fit the estimators beside scikit-learn's in float64: the same weights, in less time.

    python benchmarks/estimators.py [--repeats 7] [--json FILE]

Digits, breast cancer, wine and diabetes with one hidden layer of 100 and Adam, which are scikit-learn's
defaults; MNIST (48,000 images, hidden layers 256, 128, 64, 32, batches of 128) for five epochs, there in
float32 and given bytes too. The largest relative difference between the weights of the two is printed.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import sklearn.neural_network
from epoch import SIZES, load_images
from harness import Job, Table, few_epochs, make_parser, run_part, take_turns
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.preprocessing import scale as standardise

import glassnet
from glassnet.data import scale

SMALL: dict[str, tuple[Callable[..., Any], str, int]] = {
    "digits": (load_digits, "MLPClassifier", 60),
    "breast cancer": (load_breast_cancer, "MLPClassifier", 200),
    "wine": (load_wine, "MLPClassifier", 200),
    "diabetes": (load_diabetes, "MLPRegressor", 200),
}
"""How each table is loaded, what fits it, and for how many epochs."""

MNIST_SETTINGS = {"hidden_layer_sizes": SIZES[1:-1], "batch_size": 128, "max_iter": 2}

Fit = Callable[..., Any]


def make_fit(package: Any, kind: str, **settings: Any) -> Fit:
    """Return a function of X and y that fits a new estimator of a package."""

    def fit(X: np.ndarray, y: np.ndarray) -> Any:
        with few_epochs():
            return getattr(package, kind)(random_state=0, **settings).fit(X, y)

    return fit


def largest_difference(ours: Any, theirs: Any) -> float:
    """Return the largest relative difference between the weights of two fitted networks."""
    pairs = zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True)
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in pairs)


def measure_small(name: str, repeats: int) -> Table:
    load, kind, epochs = SMALL[name]
    X, y = load(return_X_y=True)
    X = X / 16 if name == "digits" else standardise(X)
    y = standardise(y) if kind == "MLPRegressor" else y
    settings: dict[str, Any] = {"max_iter": epochs, "tol": 0.0, "n_iter_no_change": epochs}
    ours = make_fit(glassnet, kind, **settings)
    theirs = make_fit(sklearn.neural_network, kind, **settings)
    jobs: dict[str, Job] = {
        "glassnet float64": partial(ours, X, y),
        "scikit-learn float64": partial(theirs, X, y),
    }
    samples = take_turns(jobs, repeats)
    note = f"The weights differ by {largest_difference(ours(X, y), theirs(X, y)):.0e} of the largest."
    return Table(name, f"Fit {name}, {epochs} epochs", "s", samples, "glassnet float64", [note])


def measure_mnist(repeats: int, quick: bool) -> Table:
    X8, y = load_images()
    if quick:
        X8, y = X8[:2_560], y[:2_560]
    X32, X64 = scale(X8), X8 / 255.0
    ours = make_fit(glassnet, "MLPClassifier", **MNIST_SETTINGS)
    bytewise = make_fit(glassnet, "MLPClassifier", **MNIST_SETTINGS, dtype="float32", scale_uint8=True)
    theirs = make_fit(sklearn.neural_network, "MLPClassifier", **MNIST_SETTINGS)
    jobs: dict[str, Job] = {
        "glassnet float64": partial(ours, X64, y),
        "glassnet float32": partial(ours, X32, y),
        "glassnet uint8, in float32": partial(bytewise, X8, y),
        "scikit-learn float32": partial(theirs, X32, y),
        "scikit-learn float64": partial(theirs, X64, y),
    }
    samples = take_turns(jobs, repeats)
    difference = largest_difference(ours(X64, y), theirs(X64, y))
    note = f"The weights in float64 differ by {difference:.0e} of the largest."
    return Table("MNIST", "Fit MNIST, 5 epochs, adam", "s", samples, "glassnet float64", [note])


def measure(arguments: argparse.Namespace) -> Iterator[Table]:
    for name in SMALL:
        yield measure_small(name, arguments.repeats)
    yield measure_mnist(arguments.repeats, arguments.quick)


if __name__ == "__main__":
    run_part(make_parser(__doc__, repeats=7).parse_args(), measure)
