"""The models of a person's study: glassnet's, scikit-learn's, or one of a module that the user allows."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sklearn.base import is_classifier

from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted, shown
from glassnet.errors import InvalidParameterError
from glassnet.models import (
    MLPClassifier,
    MLPRegressor,
    NeuralNetwork,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from glassnet.studies.engines import ENGINES, OWN, PEER
from glassnet.studies.own.importing import import_path

OWN_MODELS: dict[str, type[Any]] = {
    model.__name__: model
    for model in (NeuralNetwork, MLPClassifier, MLPRegressor, TabularMLPClassifier, TabularMLPRegressor)
}
"""What a file names by a word alone; other words are looked for in scikit-learn."""

TABLE_MODELS = (TabularMLPClassifier, TabularMLPRegressor)
"""Which take a table as it is; for all others its columns are encoded as numbers."""

SOLVER_ONLY = {
    "sgd": ("power_t", "momentum", "nesterovs_momentum"),
    "adam": ("beta_1", "beta_2", "epsilon"),
}
STOCHASTIC_ONLY = (
    "batch_size",
    "learning_rate",
    "learning_rate_init",
    "shuffle",
    "early_stopping",
    "validation_fraction",
    "n_iter_no_change",
)
"""What L-BFGS does not use: scikit-learn's documentation of ``MLPClassifier``."""

_DEFAULTS: dict[Any, dict[str, Any]] = {}
"""What can be set, of classes that were asked for: a study asks thousands of times."""

ONE_LAYER = [100]
"""Of a `NeuralNetwork` of which no layers are said, as scikit-learn has it."""

CHANGES_NOTHING = ("n_jobs", "verbose", "on_epoch")


@lru_cache(maxsize=1)
def _list_peers() -> dict[str, type[Any]]:
    from sklearn.utils import all_estimators

    return dict(all_estimators(type_filter=["classifier", "regressor"]))


def _find_known(name: str) -> type[Any]:
    return OWN_MODELS.get(name) or lookup(OWN_MODELS | _list_peers(), name, "model")


def find_estimator(name: str, allow: Sequence[str] = (), folder: str = "") -> type[Any]:
    """Return the class of an estimator.

    Parameters
    ----------
    name : str
        One of `OWN_MODELS`, the name of one of scikit-learn's classifiers or regressors, or
        ``"module:name"``.
    allow, folder
        See `import_path`.

    Raises
    ------
    InvalidParameterError
        When there is none, or it is no classifier or regressor; UnknownNameError with the nearest name.
    """
    is_path = ":" in name
    model = import_path(name, allow, folder) if is_path else _find_known(name)
    if not (isinstance(model, type) and all(hasattr(model, one) for one in ("fit", "predict", "set_params"))):
        raise InvalidParameterError(
            f"{shown(name)} is {quoted(model)}; expected the class of a classifier or regressor with "
            "scikit-learn's methods: fit, predict, get_params, set_params."
        )
    for peer in (ENGINES[PEER].classifier, ENGINES[PEER].regressor):
        if model is peer.__mro__[2]:
            return peer  # scikit-learn's own, which tells of its epochs
    return model


def engine_of(model: type[Any]) -> str:
    """Return whose it is: ``"glassnet"``, ``"sklearn"``, or the name of another package."""
    engine = next((name for name in (PEER,) if model in _classes_of(name)), None)
    return engine or model.__module__.split(".")[0]


def _classes_of(engine: str) -> tuple[type[Any], ...]:
    return ENGINES[engine].classifier, ENGINES[engine].regressor


def tells_epochs(model: type[Any]) -> bool:
    """Tell whether its training is in epochs, of which it tells."""
    told = (NeuralNetwork, *_classes_of(OWN), *_classes_of(PEER))
    return model in told or "on_epoch" in parameters_of(model)


def make_estimator(model: type[Any], settings: Mapping[str, Any]) -> Any:
    """Return an estimator, not fitted; a `NeuralNetwork` has as many layers as `A` names."""
    if model is NeuralNetwork:
        layers = settings.get("A", ONE_LAYER)
        settings = {"N": len(layers), "A": layers, **settings}
    return model(**settings)


def keeps_file(model: type[Any]) -> bool:
    """Tell whether its models can be saved in a file that is data, never code."""
    return model in OWN_MODELS.values()


def classifies(model: type[Any]) -> bool:
    """Tell whether it is a classifier."""
    return bool(is_classifier(make_estimator(model, {})))


def parameters_of(model: type[Any]) -> dict[str, Any]:
    """Return what can be set, with the defaults."""
    if model not in _DEFAULTS:
        _DEFAULTS[model] = dict(make_estimator(model, {}).get_params(deep=False))
    return dict(_DEFAULTS[model])


def canonical(model: type[Any], settings: Mapping[str, Any]) -> str:
    """Return a text that two candidates have in common which are the same model under two names.

    Defaults are filled in, 1 and 1.0 are one number, and parameters are left out that the solver of a
    multilayer perceptron does not use.
    """
    values = parameters_of(model) | dict(settings)
    idle = set(CHANGES_NOTHING)
    if {"solver", "momentum", "beta_1", "learning_rate_init"} <= values.keys():
        idle |= _unused(values)
    kept = {name: _plain(value) for name, value in values.items() if name not in idle}
    return json.dumps(kept, sort_keys=True, default=repr)


def _unused(values: Mapping[str, Any]) -> set[str]:
    """Return what a multilayer perceptron's solver does not use."""
    if values["solver"] == "lbfgs":
        return {*STOCHASTIC_ONLY, *SOLVER_ONLY["sgd"], *SOLVER_ONLY["adam"]}
    idle = {"max_fun"}
    if values["solver"] in SOLVER_ONLY:
        idle |= {name for other, names in SOLVER_ONLY.items() if other != values["solver"] for name in names}
    return idle


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, float | int | list | tuple):
        return value
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else float(value)
