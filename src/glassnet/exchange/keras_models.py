"""Sequential models of Keras as networks, and networks as such models."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.errors import InvalidParameterError, MissingPackageError
from glassnet.exchange.foreign import (
    DenseStep,
    DropoutStep,
    Foreign,
    Made,
    Step,
    made_in,
    put_together,
    refuse_layer,
    same_settings,
    steps_of,
    taken,
)
from glassnet.nn.architecture import Parameters
from glassnet.nn.outputs import OUTPUTS

LIBRARY = "keras"

PASSED = ("InputLayer", "Flatten")
"""Layers that leave rows of numbers as they are."""


def make_keras(parameters: Parameters, dropout: float = 0.0) -> Any:
    """Return a network as a ``keras.Sequential``, its output activation last.

    Raises
    ------
    InvalidParameterError
        When it has layers that are not dense, or an activation that Keras has no layer for.
    MissingPackageError
        When Keras is not installed.
    """
    keras = _import_keras()
    dtype = parameters.theta.dtype.name
    layers: list[Any] = [keras.Input((parameters.architecture.sizes[0],), dtype=dtype)]
    weights: list[Any] = []
    for step in steps_of(parameters, dropout, LIBRARY):
        if isinstance(step, DenseStep):
            layers.append(keras.layers.Dense(step.weight.shape[1], dtype=dtype))
            weights += [step.weight, step.bias]
        elif isinstance(step, DropoutStep):
            layers.append(keras.layers.Dropout(step.rate, dtype=dtype))
        elif isinstance(step, Made):
            layers.append(getattr(keras.layers, step.name)(*step.arguments, **step.settings, dtype=dtype))
    model = keras.Sequential(layers)
    model.set_weights(weights)
    return model


def read_keras(model: Any) -> Foreign:
    """Return a Sequential model as a network.

    Parameters
    ----------
    model : keras.Sequential
        Of dense layers, activations and dropout, built. It is left as it is; the numbers are copied.

    Raises
    ------
    InvalidParameterError
        When it holds anything else, which is named.
    """
    keras = _import_keras()
    if not isinstance(model, keras.Sequential) or not model.built:
        raise InvalidParameterError(
            f"got a {type(model).__name__} of Keras; expected a keras.Sequential that is built: one with an "
            "Input, or that has seen data."
        )
    return put_together(list(_steps(keras, model)), LIBRARY)


def _steps(keras: Any, model: Any) -> Iterator[tuple[str, Step]]:
    functions = {
        made.arguments[0]: OUTPUTS[name]
        for name, made in made_in(LIBRARY).items()
        if made.name == "Activation"
    } | {"softmax": OUTPUTS["softmax"]}
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in PASSED:
            continue
        if kind == "Dropout":
            yield layer.name, DropoutStep(float(layer.rate))
            continue
        if kind == "Dense":
            arrays = [np.array(array) for array in layer.get_weights()]
            bias = arrays[1] if len(arrays) > 1 else np.zeros(arrays[0].shape[1], arrays[0].dtype)
            yield layer.name, DenseStep(arrays[0], bias)
        if kind in ("Dense", "Activation"):
            found = functions.get(getattr(layer.activation, "__name__", ""))
            if kind == "Dense" and found is OUTPUTS["identity"]:
                continue
        else:
            found = _layer_of(keras, layer)
        if found is None:
            raise refuse_layer(
                layer.name,
                f"a {kind} that glassnet has not",
                f"{taken(LIBRARY, 'Dense, Dropout, Flatten')}, {', '.join(functions)}",
                LIBRARY,
            )
        yield layer.name, found


def _layer_of(keras: Any, layer: Any) -> Any:
    """Return the activation that a layer such as ``LeakyReLU(0.01)`` is; None where we have none."""
    kind, config = type(layer).__name__, layer.get_config()
    for name, made in made_in(LIBRARY).items():
        if made.name == kind:
            own = getattr(keras.layers, kind)(*made.arguments, **made.settings).get_config()
            if same_settings(config, own):
                return OUTPUTS[name]
    if kind in ("ReLU", "ELU") and same_settings(config, getattr(keras.layers, kind)().get_config()):
        return OUTPUTS[kind.lower()]
    return None


def _import_keras() -> Any:
    try:
        import keras
    except ImportError as error:
        raise MissingPackageError("this needs Keras; install it with: pip install keras") from error
    return keras
