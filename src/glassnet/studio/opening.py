"""What a lesson opens: a model with its settings, and the data that it is trained on."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from glassnet._common.arrays import Array
from glassnet.data.catalog import DATASETS
from glassnet.data.splits import flatten
from glassnet.models import MLPClassifier, MLPRegressor, NeuralNetwork
from glassnet.studio.lessons import Setup

MODELS: dict[str, type] = {cls.__name__: cls for cls in (NeuralNetwork, MLPClassifier, MLPRegressor)}
"""What a lesson may train."""


@dataclass(frozen=True)
class Constant:
    """Give all weights one value: an initialiser."""

    value: float

    def __call__(self, rng: object, fan_in: int, fan_out: int) -> Array:
        """Return the weights of a layer, shape (fan_in, fan_out)."""
        return np.full((fan_in, fan_out), self.value)


class Opened(NamedTuple):
    """Hold a model that was not trained yet, and what its `fit` is to be given."""

    model: Any
    X: Any
    y: Any
    X_val: Any
    y_val: Any


def open_setup(setup: Setup) -> Opened:
    """Return what a lesson opens.

    Raises
    ------
    InvalidParameterError, InvalidDataError, FileError
        When the settings or the data cannot be right.
    """
    own = {} if setup.first_weights is None else {"weight_init": Constant(float(setup.first_weights))}
    model = MODELS[setup.model](**setup.settings | own)
    if setup.data is None:
        X, y = np.asarray(setup.x, np.float64), np.asarray(setup.y)
        return Opened(model, X.reshape(len(X), -1), y, None, None)
    train = DATASETS[setup.data].load().train
    X, n, end = flatten(train.images), setup.samples, setup.samples + setup.validation
    return Opened(model, X[:n], train.labels[:n], X[n:end], train.labels[n:end])
