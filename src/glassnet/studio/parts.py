"""The data that a studio is opened on: samples to learn from, and others to judge by."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

VALIDATION = 0.2
"""The share of the samples that is held back, where data have no such part of their own."""


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
    kind : {"plane", "images", "table", "nothing"}
        Of nothing there is nothing to learn: a lesson stands alone.
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


def no_data(name: str) -> Opened:
    """Return what is open where there is nothing to learn from."""
    nothing = Part(np.zeros((0, 0)), np.zeros(0))
    return Opened(name, "nothing", nothing, nothing)


LEAST_PIXELS = 64
"""Of a row that is drawn as a square image."""


def given_data(name: str, X: Any, y: Any, X_val: Any = None, y_val: Any = None, code: str = "") -> Opened:
    """Return arrays as data of a studio: points in the plane, images where a row is a square, or a table.

    Parameters
    ----------
    name : str
        What to call them.
    X, y, X_val, y_val : array-like
        As for `fit`. Labels are whole numbers or text; other numbers are to be predicted as such.
    code : str
        Lines of Python that name them.
    """
    X, y = np.asarray(X), np.asarray(y)
    validation = Part(X[:0], y[:0]) if X_val is None else Part(np.asarray(X_val), np.asarray(y_val))
    classes = tuple(map(str, np.unique(y))) if y.dtype.kind != "f" else ()
    side = round(X.shape[1] ** 0.5)
    is_image = X.shape[1] >= LEAST_PIXELS and side * side == X.shape[1]
    kind = "images" if is_image else "plane" if X.shape[1] == 2 and classes else "table"
    return Opened(
        name,
        kind,
        Part(X, y),
        validation,
        classes,
        (side, side) if is_image else None,
        None if is_image else tuple(f"x{i + 1}" for i in range(X.shape[1])),
        code=code,
    )
