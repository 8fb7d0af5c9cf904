"""What a lesson opens: data, and a model with its settings."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet.data import DATASETS, flatten
from glassnet.models.classifier import MLPClassifier
from glassnet.models.neural_network import NeuralNetwork
from glassnet.models.regressor import MLPRegressor
from glassnet.studio.lessons import Lesson, Setup
from glassnet.studio.parts import Opened, Part

MODELS: dict[str, type] = {cls.__name__: cls for cls in (NeuralNetwork, MLPClassifier, MLPRegressor)}
"""What a lesson may train."""


@dataclass(frozen=True)
class Constant:
    """Give all weights one value: an initialiser."""

    value: float

    def __call__(self, rng: object, fan_in: int, fan_out: int) -> Array:
        """Return the weights of a layer, shape (fan_in, fan_out)."""
        return np.full((fan_in, fan_out), self.value)


def open_lesson(lesson: Lesson) -> tuple[Opened, Any]:
    """Return the data of a lesson, and the model that is trained on them.

    Raises
    ------
    InvalidParameterError, InvalidDataError, FileError
        When the settings or the data cannot be right.
    """
    setup = lesson.setup
    own = {} if setup.first_weights is None else {"weight_init": Constant(float(setup.first_weights))}
    model = MODELS[setup.model](**setup.settings | own)
    data = _table(lesson.title, setup) if setup.data is None else _images(setup.data, setup)
    return replace(data, code=_CODE.format(name=lesson.name)), model


_CODE = """from glassnet.studio.lesson_file import read_lesson
from glassnet.studio.opening import open_lesson

data, _ = open_lesson(read_lesson({name!r}))
X, y = data.train.X, data.train.y
X_val, y_val = (data.validation.X, data.validation.y) if len(data.validation) else (None, None)"""


def _table(title: str, setup: Setup) -> Opened:
    X, y = np.asarray(setup.x, np.float64), np.asarray(setup.y)
    X = X.reshape(len(X), -1)
    is_regression = setup.model == MLPRegressor.__name__
    return Opened(
        title,
        "table",
        Part(X, y),
        Part(X[:0], y[:0]),
        () if is_regression else tuple(map(str, np.unique(y))),
        columns=tuple(f"x{i}" for i in range(1, X.shape[1] + 1)) if X.shape[1] > 1 else ("x",),
    )


def _images(name: str, setup: Setup) -> Opened:
    data = DATASETS[name].load()
    images, labels = flatten(data.train.images), data.train.labels
    n, end = setup.samples, setup.samples + setup.validation
    height, width = data.image_shape
    return Opened(
        name,
        "images",
        Part(images[:n], labels[:n]),
        Part(images[n:end], labels[n:end]),
        data.class_names,
        (height, width),
        notes=(f"the first {n:,} training images, and {setup.validation:,} behind them to validate",),
    )
