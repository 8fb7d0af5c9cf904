"""The settings of a run: those that it begins with, those that a page may change, and the model they make."""

from collections.abc import Mapping
from typing import Any

from glassnet._common.naming import lookup
from glassnet.models.neural_network import NeuralNetwork
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.studio.parts import Opened

NETWORK_SETTINGS = (
    *("A", "activation", "weight_init", "lr", "batch_size", "epochs", "optimizer", "alpha", "dropout"),
    *("loss", "random_state", "dtype"),
)
ESTIMATOR_SETTINGS = (
    *("hidden_layer_sizes", "activation", "weight_init", "learning_rate_init", "batch_size", "max_iter"),
    *("solver", "alpha", "dropout", "random_state", "dtype", "momentum", "tol", "n_iter_no_change"),
)
FIT_SETTINGS = {"early_stopping": False, "patience": 5}
"""Arguments of a network's `fit` that a page may change, and how a studio begins: it goes on to the end."""

USUAL: dict[str, dict[str, Any]] = {
    "plane": {
        "A": [8, 8], "activation": "tanh", "weight_init": "glorot_uniform",
        "lr": 0.1, "batch_size": 10, "epochs": 2000
    },
    "images": {
        "A": [64, 32], "activation": "relu", "weight_init": "glorot_uniform",
        "lr": 0.1, "batch_size": 128, "epochs": 50
    },
    "table": {
        "A": [32, 16], "activation": "relu", "weight_init": "glorot_uniform",
        "lr": 0.05, "batch_size": 32, "epochs": 300
    },
}  # fmt: skip
USUAL_REGRESSION = {
    "hidden_layer_sizes": [32, 16], "activation": "relu", "solver": "adam", "learning_rate_init": 0.002,
    "batch_size": 32, "max_iter": 300, "tol": 0.0, "n_iter_no_change": 10**6,
}  # fmt: skip


def first_model(data: Opened) -> Any:
    """Return the model that a studio begins with on some data."""
    if data.task == "regression":
        from glassnet.models.regressor import MLPRegressor  # scikit-learn takes a second to import

        batch = min(USUAL_REGRESSION["batch_size"], len(data.train))  # type: ignore[call-overload]
        return MLPRegressor(**{**USUAL_REGRESSION, "batch_size": batch, "random_state": 0})
    usual = {**USUAL[data.kind]}
    usual["batch_size"] = min(usual["batch_size"], len(data.train))
    return NeuralNetwork(N=len(usual["A"]), **usual, random_state=0)


def settings_of(model: Any, fit_settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a model as plain values; what is none by its text."""
    names = NETWORK_SETTINGS if isinstance(model, NeuralNetwork) else ESTIMATOR_SETTINGS
    parameters = model.get_params(deep=False)
    own = fit_settings if isinstance(model, NeuralNetwork) else {}
    return {name: _plain(parameters[name]) for name in names} | dict(own)


def changed(
    model: Any, fit_settings: Mapping[str, Any], changes: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """Return a model and arguments of its `fit` with other settings.

    Raises
    ------
    UnknownNameError
        When there is no such setting.
    """
    known = settings_of(model, fit_settings)
    for name in changes:
        lookup(known, name, "setting")
    parameters, fit = split(changes)
    return type(model)(**{**model.get_params(deep=False), **parameters}), {**fit_settings, **fit}


def split(changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part changes into parameters of a model and arguments of its `fit`."""
    parameters = {name: value for name, value in changes.items() if name not in FIT_SETTINGS}
    if "A" in parameters:
        hidden = parameters["A"]  # the model says what is wrong with one that is no list
        parameters["N"] = len(hidden) if isinstance(hidden, list | tuple) else 1
    return parameters, {name: value for name, value in changes.items() if name in FIT_SETTINGS}


def choices(model: Any) -> dict[str, list[Any]]:
    """Return what settings with names can be."""
    solver = "optimizer" if isinstance(model, NeuralNetwork) else "solver"
    found: dict[str, list[Any]] = {
        "activation": list(ACTIVATIONS),
        "weight_init": list(INITIALIZERS),
        solver: list(OPTIMIZERS),
        "dtype": ["float32", "float64"],
    }
    if isinstance(model, NeuralNetwork):
        found["loss"] = [name for name, head in LOSSES.items() if head.makes_classifier]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else repr(value)
