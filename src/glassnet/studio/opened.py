"""The data that a studio is opened on: sets of points that are drawn, data sets of the library, tables."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.naming import lookup
from glassnet._common.quoting import shown
from glassnet.data import DATASETS, flatten, train_validation_split
from glassnet.errors import InvalidDataError

PLANE_POINTS = 300
VALIDATION = 0.2


@dataclass(frozen=True)
class Part:
    """Hold samples as a model is given them: inputs, and labels or numbers."""

    X: Any
    y: NDArray[Any]

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Opened:
    """Hold the data that a studio is opened on.

    Attributes
    ----------
    name : str
    kind : {"plane", "images", "table"}
    train : Part
    validation : Part
    classes : tuple of str
        What the labels mean, in the order of the sorted labels; () of a regression.
    image_shape : tuple of int or None
    columns : tuple of str or None
        What the features of a table are called.
    notes : tuple of str
        What was decided about them.
    source : str
        By which `open_data` opens them; its name unless given.
    target : str or None
    code : str
        Lines of Python that give them, where they have no name to be opened by.
    is_changed : bool
        Whether a person has changed them since they were opened.
    """

    name: str
    kind: str
    train: Part
    validation: Part
    classes: tuple[str, ...] = ()
    image_shape: tuple[int, int] | None = None
    columns: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    source: str = ""
    target: str | None = None
    code: str = ""
    is_changed: bool = False

    @property
    def labels(self) -> NDArray[Any]:
        """The labels that the classes stand for, sorted; none of a regression."""
        if not self.classes:
            return np.zeros(0)
        return np.unique(np.concatenate([self.train.y, self.validation.y]))

    @property
    def judged(self) -> tuple[str, Part]:
        """The part that answers are judged on: the validation samples, where there are any."""
        return ("validation", self.validation) if len(self.validation) else ("training", self.train)

    def sample(self, index: int) -> tuple[Part, int]:
        """Return the part and the row of a sample: those to train on are counted first, then the others."""
        n = len(self.train)
        return (self.train, index) if index < n else (self.validation, index - n)

    @property
    def task(self) -> str:
        """What a network is to do with them."""
        return "classification" if self.classes else "regression"

    @property
    def n_features(self) -> int:
        """How many inputs a sample has."""
        return int(self.train.X.shape[1])

    def describe(self) -> dict[str, Any]:
        """Return what a page says of them."""
        return {
            "name": self.name,
            "kind": self.kind,
            "n_train": len(self.train),
            "n_validation": len(self.validation),
            "n_features": self.n_features,
            "classes": list(self.classes),
            "task": self.task,
            "image_shape": None if self.image_shape is None else list(self.image_shape),
            "columns": None if self.columns is None else list(self.columns),
            "notes": list(self.notes),
        }


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
    **{name: (lambda name=name: _plane(name)) for name in PLANES},
    "digits": _digits,
    **{name: (lambda name=name: _images(name)) for name in DATASETS},
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
        from glassnet.studio.opened_table import open_table

        return open_table(Path(source), target)
    lookup(SOURCES, shown(source), "data set")
    raise AssertionError  # lookup has raised
