"""Model files of the first format, in which the classes had little in common, as the present one has them."""

from typing import Any

from numpy.typing import NDArray

from glassnet.models.resolving import ACTIVATION_ALIASES, CUSTOM

LOSS_OF_LABELS = {
    "multiclass": "softmax_cross_entropy",
    "binary": "sigmoid_cross_entropy",
    "multilabel-indicator": "sigmoid_cross_entropy",
}
"""The loss of a classifier, by what its labels were."""

Contents = tuple[dict[str, NDArray[Any]], dict[str, Any]]


def upgrade(arrays: dict[str, NDArray[Any]], header: dict[str, Any]) -> Contents:
    """Return arrays and metadata of format 1 as those of format 2.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        When the metadata are none that format 1 had.
    """
    return _of_network(arrays, header) if "settings" in header else _of_estimator(arrays, header)


def _of_network(arrays: dict[str, NDArray[Any]], header: dict[str, Any]) -> Contents:
    settings = dict(header["settings"])
    hidden = list(settings["A"])
    activation = settings["activation"]
    if activation.startswith(CUSTOM):
        del settings["activation"]
    if isinstance(settings["optimizer"], dict):
        values = dict(settings["optimizer"])
        settings["optimizer"] = {"optimizer": values.pop("type"), **values}
    if settings["weight_init"] is None:
        del settings["weight_init"]
    return {"theta": arrays["theta"], "classes_": arrays["classes"]}, {
        "parameters": settings,
        "sizes": [header["n_features_in"], *hidden, len(arrays["classes"])],
        "activations": [activation] * len(hidden),
        "loss": settings["loss"],
        "fitted": {"n_features_in_": header["n_features_in"]},
        "history": header["history"],
    }


def _of_estimator(arrays: dict[str, NDArray[Any]], header: dict[str, Any]) -> Contents:
    parameters = dict(header["parameters"])
    if isinstance(parameters.get("hidden_layer_sizes"), list):
        parameters["hidden_layer_sizes"] = {"tuple": parameters["hidden_layer_sizes"]}
    n_hidden = len(header["sizes"]) - 2
    activation = parameters.get("activation", f"{CUSTOM}activation")
    activations = activation if isinstance(activation, list) else [activation] * n_hidden
    loss = parameters.get("loss", "squared_error")  # a regressor's; an autoencoder has no choice
    if "classes" in arrays:
        loss = LOSS_OF_LABELS[header["label_type"]]
        if (header["label_type"] == "binary") != (header["sizes"][-1] == 1):
            raise ValueError(f"labels that are {header['label_type']}, and {header['sizes'][-1]} outputs")
    names = {"classes": "classes_", "feature_names": "feature_names_in_"}
    return {names.get(name, name): array for name, array in arrays.items()}, {
        "parameters": parameters,
        "sizes": header["sizes"],
        "activations": [ACTIVATION_ALIASES.get(name, name) for name in activations],
        "loss": loss,
        "fitted": header["fitted"],
        "history": header["history"],
    }
