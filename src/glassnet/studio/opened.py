"""Open data by name: sets of points that are drawn, data sets of the library, tables."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.naming import lookup
from glassnet._common.quoting import shown
from glassnet.data import DATASETS, flatten, train_validation_split
from glassnet.errors import InvalidDataError
from glassnet.studio.parts import VALIDATION, Opened, Part

PLANE_POINTS = 300


def _two(a: NDArray[Any], b: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    return np.concatenate([a, b]).astype(np.float32), np.repeat([0, 1], [len(a), len(b)])


def _moons(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    t = np.linspace(0, np.pi, n // 2)
    upper, lower = np.column_stack([np.cos(t), np.sin(t)]), np.column_stack([1 - np.cos(t), 0.5 - np.sin(t)])
    X, y = _two(upper - [0.5, 0.25], lower - [0.5, 0.25])
    return X + rng.normal(0, 0.12, X.shape).astype(np.float32), y


def _spirals(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    t = np.sqrt(np.linspace(0.02, 1, n // 2)) * 3 * np.pi
    arm = np.column_stack([t * np.cos(t), t * np.sin(t)]) / (3 * np.pi) * 1.4
    X, y = _two(arm, -arm)
    return X + rng.normal(0, 0.03, X.shape).astype(np.float32), y


def _circles(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    t = rng.uniform(0, 2 * np.pi, n)
    radius = np.where(np.arange(n) < n // 2, 0.5, 1.2) + rng.normal(0, 0.1, n)
    X = np.column_stack([radius * np.cos(t), radius * np.sin(t)])
    return _two(X[: n // 2], X[n // 2 :])


def _xor(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    X = rng.uniform(-1.3, 1.3, (n, 2))
    X += np.sign(X) * 0.1
    return X.astype(np.float32), (X[:, 0] * X[:, 1] > 0).astype(np.int64)


def _blobs(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    centres = np.array([[-1.0, -0.7], [1.0, -0.7], [0.0, 1.0]])
    y = np.sort(np.arange(n) % 3)
    return (centres[y] + rng.normal(0, 0.35, (n, 2))).astype(np.float32), y


PLANES: dict[str, Callable[[np.random.Generator, int], tuple[NDArray[np.float32], NDArray[np.int64]]]] = {
    "moons": _moons,
    "spirals": _spirals,
    "circles": _circles,
    "xor": _xor,
    "blobs": _blobs,
}
"""Points in the plane, by the name of the command line."""


def _digits() -> Opened:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    X_train, X_val, y_train, y_val = train_validation_split(
        (X / 16).astype(np.float32), y, validation_fraction=VALIDATION
    )
    return Opened("digits", "images", Part(X_train, y_train), Part(X_val, y_val), tuple("0123456789"), (8, 8))


def _images(name: str) -> Opened:
    data = DATASETS[name].load()
    X, y = flatten(data.train.images), data.train.labels
    if data.validation is None:
        X, X_val, y, y_val = train_validation_split(X, y, validation_fraction=VALIDATION)
    else:
        X_val, y_val = flatten(data.validation.images), data.validation.labels
    height, width = data.image_shape
    return Opened(name, "images", Part(X, y), Part(X_val, y_val), data.class_names, (height, width))


def _plane(name: str) -> Opened:
    rng = np.random.default_rng(0)
    X, y = PLANES[name](rng, PLANE_POINTS)
    X_train, X_val, y_train, y_val = train_validation_split(X, y, validation_fraction=VALIDATION)
    classes = tuple(map(str, np.unique(y)))
    return Opened(name, "plane", Part(X_train, y_train), Part(X_val, y_val), classes, columns=("x", "y"))


ALIASES = {"fashion": "fashion-mnist"}

SOURCES: dict[str, Callable[[], Opened]] = {
    **{name: partial(_plane, name) for name in PLANES},
    "digits": _digits,
    **{name: partial(_images, name) for name in DATASETS},
}
"""All data that are opened by a name."""


def open_data(source: str, target: str | None = None) -> Opened:
    """Return data by their name, or a table of the person's.

    Parameters
    ----------
    source : str
        A key of `SOURCES`, or the path of a table.
    target : str, optional
        The column of a table that is to be predicted; the last one unless given.

    Raises
    ------
    UnknownNameError, DataFileError, InvalidDataError
        When there are no such data, or they cannot be used.
    """
    source = ALIASES.get(source, source)
    if source in SOURCES:
        if target is not None:
            raise InvalidDataError(f"got a target for {source}, which has labels of its own; give none.")
        return SOURCES[source]()
    if Path(source).suffix.lower() in (".csv", ".parquet", ".feather", ".tsv") or Path(source).is_file():
        from glassnet.studio.opened_table import open_table  # scikit-learn takes a second to import

        return open_table(Path(source), target)
    lookup(SOURCES, shown(source), "data set")
    raise AssertionError  # lookup has raised
