"""Estimators to files and back: parameters and fitted attributes as JSON, arrays as safetensors."""

import os
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from sklearn.preprocessing import LabelBinarizer

from glassnet.errors import DataFileError, InvalidParameterError
from glassnet.models._settings import make_activations
from glassnet.models.model_file import read_model, text_from_numbers, text_to_numbers, write_model
from glassnet.nn.history import History
from glassnet.nn.network import Architecture, Parameters

if TYPE_CHECKING:
    from glassnet.models._fitted import FittedEstimator

Estimator = TypeVar("Estimator", bound="FittedEstimator")

FITTED_VALUES = (
    "n_iter_",
    "t_",
    "n_outputs_",
    "n_layers_",
    "n_features_in_",
    "out_activation_",
    "loss_",
    "best_loss_",
    "best_validation_score_",
    "loss_curve_",
    "validation_scores_",
    "validation_loss_curve_",
    "bottleneck_",
    "stopped_",
)
"""The fitted attributes that JSON can hold; an estimator has some of them."""


def save_estimator(estimator: "FittedEstimator", path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator, see `FittedEstimator.save`."""
    parameters = estimator.get_params(deep=False)
    kept = {name: _as_json(value) for name, value in parameters.items() if _fits_json(value)}
    arrays = {"theta": estimator.parameters_.theta}
    binarizer = getattr(estimator, "_label_binarizer", None)
    if binarizer is not None:
        arrays["classes"] = text_to_numbers(np.asarray(binarizer.classes_))
    if hasattr(estimator, "feature_names_in_"):
        arrays["feature_names"] = text_to_numbers(estimator.feature_names_in_.astype(str))
    metadata = {
        "kind": type(estimator).__name__,
        "parameters": kept,
        "not_kept": sorted(parameters.keys() - kept.keys()),
        "sizes": list(estimator.architecture_.sizes),
        "label_type": getattr(binarizer, "y_type_", None),
        "fitted": {
            name: _as_json(getattr(estimator, name)) for name in FITTED_VALUES if hasattr(estimator, name)
        },
        "history": estimator.history_.to_json() if estimator.is_trained else None,
    }
    write_model(path, arrays, metadata)


def load_estimator(cls: type[Estimator], path: str | os.PathLike[str], given: dict[str, Any]) -> Estimator:
    """Read an estimator of a class, see `FittedEstimator.load`."""
    arrays, metadata = read_model(path, cls.__name__)
    if "activation" in metadata.get("not_kept", ()) and "activation" not in given:
        raise InvalidParameterError(
            f"{path} was made with an activation of its maker's own; a file holds no functions. "
            f"Give it: {cls.__name__}.load(path, activation=(f, f_gradient))."
        )
    try:
        parameters = {name: _from_json(name, value) for name, value in metadata["parameters"].items()}
        estimator = cls(**(parameters | given))
        for name, value in metadata["fitted"].items():
            if name not in FITTED_VALUES:
                raise ValueError(f"unknown attribute {name!r}")
            setattr(estimator, name, value)
        if "feature_names" in arrays:
            estimator.feature_names_in_ = text_from_numbers(arrays["feature_names"]).astype(object)
        if "classes" in arrays:
            _restore_labels(estimator, text_from_numbers(arrays["classes"]), metadata["label_type"])
        sizes = tuple(int(size) for size in metadata["sizes"])
        activations = make_activations(estimator.activation, len(sizes) - 2)
        architecture = Architecture(sizes, activations, estimator._head())
        estimator._install(architecture, Parameters(architecture, arrays["theta"]))
        if metadata["history"]:
            estimator.history_ = History.from_json(metadata["history"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataFileError(f"{path} describes no {cls.__name__} that can be built: {error}") from error
    return estimator


def _restore_labels(estimator: Any, classes: np.ndarray, label_type: str) -> None:
    binarizer = LabelBinarizer()
    binarizer.classes_, binarizer.y_type_, binarizer.sparse_input_ = classes, label_type, False
    estimator._label_binarizer, estimator.classes_ = binarizer, classes


def _fits_json(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_fits_json, value))
    if isinstance(value, dict):
        return all(_fits_json(key) and _fits_json(item) for key, item in value.items())
    return value is None or isinstance(value, str | bool | int | float | np.integer | np.floating | np.bool_)


def _as_json(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, dict):
        return {"pairs": [[_as_json(key), _as_json(item)] for key, item in value.items()]}
    return value.item() if isinstance(value, np.generic) else value


def _from_json(name: str, value: Any) -> Any:
    """Return a parameter as users write it: sizes as a tuple, class weights as a dict."""
    if isinstance(value, dict):
        return dict(value["pairs"])
    return tuple(value) if name == "hidden_layer_sizes" and isinstance(value, list) else value
