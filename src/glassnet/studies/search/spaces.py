"""What a search tries: ranges of parameters, a default space of each network, and Optuna's words for them."""

import json
from collections.abc import Mapping
from typing import Any

from glassnet._common.places import Place
from glassnet.errors import InvalidParameterError
from glassnet.models import (
    MLPClassifier,
    MLPRegressor,
    NeuralNetwork,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from glassnet.models.tabular.recipe import RECIPES, is_auto
from glassnet.studies.engines import ENGINES, PEER
from glassnet.studies.own.description import Description, Range
from glassnet.studies.own.estimators import TABLE_MODELS, classifies, parameters_of
from glassnet.studies.search._optuna import import_optuna

Space = Mapping[str, Range]

_MLP: dict[str, Range] = {
    "hidden_layer_sizes": Range(choices=[[32], [100], [256], [64, 64], [128, 128], [256, 128]]),
    "activation": Range(choices=["relu", "tanh", "silu"]),
    "alpha": Range(1e-6, 0.1, log=True),
    "learning_rate_init": Range(3e-4, 0.03, log=True),
    "batch_size": Range(choices=["auto", 32, 64, 128]),
}
_PEER = _MLP | {"activation": Range(choices=["relu", "tanh", "logistic"])}
_OWN_NAMES: dict[str, Range] = {
    "A": Range(choices=_MLP["hidden_layer_sizes"].choices),
    "lr": Range(3e-4, 0.3, log=True),
    "activation": _MLP["activation"],
    "optimizer": Range(choices=["sgd", "momentum", "adam"]),
    "weight_init": Range(choices=["normal", "glorot_uniform", "lecun_normal"]),
    "batch_size": Range(choices=[None, 32, 64]),
}
_TABULAR_NUMBERS: dict[str, Range] = {
    "hidden_layer_sizes": Range(choices=[[256, 256, 256], [64, 64, 64, 64, 64], [512]]),
    "activation": Range(choices=["relu", "selu", "mish"]),
    "learning_rate_init": Range(0.02, 0.3, log=True),
    "dropout": Range(choices=[0.0, 0.15, 0.3]),
    "weight_decay": Range(choices=[0.0, 0.02]),
    "numeric_embedding": Range(choices=[None, "periodic"]),
    "scaling_layer": Range(choices=[True, False]),
}
_TABULAR_CLASSES = _TABULAR_NUMBERS | {"label_smoothing": Range(choices=[0.0, 0.1])}

SPACES: dict[type[Any], dict[str, Range]] = {
    NeuralNetwork: _OWN_NAMES,
    MLPClassifier: _MLP,
    MLPRegressor: _MLP,
    ENGINES[PEER].classifier: _PEER,
    ENGINES[PEER].regressor: _PEER,
    TabularMLPClassifier: _TABULAR_CLASSES,
    TabularMLPRegressor: _TABULAR_NUMBERS,
}
"""The space of each network, unless a file says its own.

References
----------
Holzmüller, Grinsztajn, Steinwart (2024), Better by default, arXiv 2407.04491: the ranges for RealMLP.
"""


def find_space(description: Description, model: type[Any], place: Place) -> Space:
    """Return what a search tries: what its file says, or the default space without what its settings fix.

    Raises
    ------
    InvalidParameterError
        When the file says nothing, and there is no default.
    """
    if description.search and description.search.space:
        return description.search.space
    if model not in SPACES:
        raise InvalidParameterError(
            f"{place(('search', 'space'))}: there is no default space for {description.estimator}; expected "
            "what to try of its parameters, such as alpha = { low = 0.001, high = 10.0, log = true }."
        )
    space = {name: one for name, one in SPACES[model].items() if name not in description.settings}
    if not space:
        raise InvalidParameterError(
            f"{place(('search', 'space'))}: model.settings fix all of the default space; expected something "
            "to search for."
        )
    return space


def default_settings(description: Description, model: type[Any], space: Space) -> dict[str, Any] | None:
    """Return the default values of the parameters of a space; None where it does not hold one of them."""
    known = parameters_of(model) | description.settings
    found = {}
    for name, one in space.items():
        value = known[name]
        if is_auto(value) and value not in one.choices and model in TABLE_MODELS:
            targets = "classes" if classifies(model) else "numbers"
            value = getattr(RECIPES[known["recipe"]][targets], name, value)
        value = list(value) if isinstance(value, tuple) else value
        if not _holds(one, value):
            return None
        found[name] = value
    return found


def _holds(one: Range, value: Any) -> bool:
    if one.choices:
        return any(label_of(value) == label_of(choice) for choice in one.choices)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and bool(one.low <= value <= one.high)


def label_of(value: Any) -> Any:
    """Return a value as Optuna's lists of choices may hold it: a list becomes text."""
    return json.dumps(value) if isinstance(value, list | tuple | dict) else value


def distributions_of(space: Space) -> dict[str, Any]:
    """Return the space in Optuna's classes."""
    kinds = import_optuna().distributions
    found: dict[str, Any] = {}
    for name, one in space.items():
        if one.choices:
            found[name] = kinds.CategoricalDistribution([label_of(choice) for choice in one.choices])
        elif type(one.low) is int and type(one.high) is int:
            found[name] = kinds.IntDistribution(one.low, one.high, log=one.log)
        else:
            found[name] = kinds.FloatDistribution(float(one.low), float(one.high), log=one.log)
    return found


def settings_of(space: Space, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that Optuna's stand for."""
    found = {}
    for name, value in params.items():
        by_label = {repr(label_of(choice)): choice for choice in space[name].choices}
        found[name] = by_label.get(repr(value), value)
    return found
