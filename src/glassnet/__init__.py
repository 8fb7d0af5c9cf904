"""A neural network you can see through.

Everything public is a name of this module. Names that need scikit-learn or matplotlib are
imported when they are first used, so that ``import glassnet`` stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from glassnet.datasets import (
        flatten,
        load_fashion_mnist,
        load_mnist,
        one_hot,
        read_idx,
        scale,
        train_validation_split,
        write_idx,
    )
    from glassnet.doctor.diagnosis import diagnose
    from glassnet.errors import DivergedError, GlassnetError
    from glassnet.estimators import LossCurveDisplay, MLPAutoencoder, MLPClassifier, MLPRegressor
    from glassnet.history import EpochRecord, History
    from glassnet.neural_network import NeuralNetwork
    from glassnet.streams import Stream
    from glassnet.worked.activation_gradients import check_gradient
    from glassnet.worked.grade import grade
    from glassnet.worked.network_gradients import check_network_gradient
    from glassnet.worked.svm import measure_margin, solve_svm
    from glassnet.worked.trace import trace

_HOME = {
    "MLPRegressor": "glassnet.estimators",
    "MLPClassifier": "glassnet.estimators",
    "MLPAutoencoder": "glassnet.estimators",
    "LossCurveDisplay": "glassnet.estimators",
    "DivergedError": "glassnet.errors",
    "EpochRecord": "glassnet.history",
    "GlassnetError": "glassnet.errors",
    "History": "glassnet.history",
    "NeuralNetwork": "glassnet.neural_network",
    "Stream": "glassnet.streams",
    "check_gradient": "glassnet.worked.activation_gradients",
    "check_network_gradient": "glassnet.worked.network_gradients",
    "measure_margin": "glassnet.worked.svm",
    "solve_svm": "glassnet.worked.svm",
    "diagnose": "glassnet.doctor.diagnosis",
    "flatten": "glassnet.datasets",
    "grade": "glassnet.worked.grade",
    "load_fashion_mnist": "glassnet.datasets",
    "load_mnist": "glassnet.datasets",
    "one_hot": "glassnet.datasets",
    "read_idx": "glassnet.datasets",
    "scale": "glassnet.datasets",
    "trace": "glassnet.worked.trace",
    "train_validation_split": "glassnet.datasets",
    "write_idx": "glassnet.datasets",
}
"""Where each public name is defined."""

__all__ = [
    "DivergedError",
    "EpochRecord",
    "GlassnetError",
    "History",
    "LossCurveDisplay",
    "MLPAutoencoder",
    "MLPClassifier",
    "MLPRegressor",
    "NeuralNetwork",
    "Stream",
    "__version__",
    "check_gradient",
    "check_network_gradient",
    "diagnose",
    "flatten",
    "grade",
    "load_fashion_mnist",
    "load_mnist",
    "measure_margin",
    "one_hot",
    "read_idx",
    "scale",
    "solve_svm",
    "trace",
    "train_validation_split",
    "write_idx",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'glassnet' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
