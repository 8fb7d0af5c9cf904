"""Networks of other libraries, as steps: what their modules are, one after the other."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.outputs import OUTPUTS


class DenseStep(NamedTuple):
    """Hold a dense layer: weights of shape (fan_in, fan_out), and biases."""

    weight: Array
    bias: Array


class DropoutStep(NamedTuple):
    """Hold the probability of a layer that drops units in training."""

    rate: float


Step = DenseStep | DropoutStep | Activation


class Made(NamedTuple):
    """Hold what makes a layer of another library: ``LeakyReLU(0.01)``."""

    name: str
    arguments: tuple[Any, ...]
    settings: dict[str, Any]


def read_made(text: str) -> Made:
    """Read what an entry says under `Activation.elsewhere`."""
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Name)
    return Made(
        call.func.id,
        tuple(ast.literal_eval(argument) for argument in call.args),
        {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords},
    )


def made_in(library: str) -> dict[str, Made]:
    """Return what the activations and outputs that a library has are made by, by our name."""
    return {
        name: read_made(entry.elsewhere[library])
        for name, entry in OUTPUTS.items()
        if library in entry.elsewhere
    }


@dataclass(frozen=True)
class Foreign:
    """Hold a network of another library.

    Attributes
    ----------
    activations : tuple of Activation
        One for each hidden layer.
    output : str
        The name of the output activation.
    weights, biases : tuple of ndarray
    dropout : tuple of float
        Of each hidden layer, 0 where there is none.
    library : str
    in_logarithms : bool
        Whether the outputs are the logarithms of what `output` says, as of a `LogSoftmax`.
    """

    activations: tuple[Activation, ...]
    output: str
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    dropout: tuple[float, ...]
    library: str
    in_logarithms: bool = False

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of each layer, from the inputs to the outputs."""
        return (len(self.weights[0]), *(len(bias) for bias in self.biases))

    @property
    def theta(self) -> Array:
        """All weights and biases, as `Architecture.places` has them."""
        return np.concatenate([np.ravel(array) for array in (*self.weights, *self.biases)])


def put_together(steps: Sequence[tuple[str, Step]], library: str) -> Foreign:
    """Return the network of some steps, each behind the name of its layer.

    Raises
    ------
    InvalidParameterError
        When they are no dense layers with an activation behind each.
    """
    dense: list[DenseStep] = []
    behind: list[Activation | None] = []
    rates: list[float] = []
    for name, step in steps:
        if isinstance(step, DenseStep):
            dense.append(step)
            behind.append(None)
            rates.append(0.0)
        elif isinstance(step, DropoutStep):
            if not dense and step.rate:
                raise refuse_layer(name, "dropout of the inputs", "leave it out", library)
            if dense:
                rates[-1] = step.rate
        elif not dense:
            raise refuse_layer(name, "an activation of the inputs", "a dense layer first", library)
        elif behind[-1] not in (None, ACTIVATIONS["identity"]):
            raise refuse_layer(name, "a second activation", "one behind each dense layer", library)
        else:
            behind[-1] = step
    if not dense:
        raise InvalidParameterError(
            f"got a network of {library} without a dense layer; expected at least one."
        )
    if rates[-1]:
        raise refuse_layer(steps[-1][0], "dropout of the outputs", "leave it out", library)
    known = [activation or ACTIVATIONS["identity"] for activation in behind]
    for activation in known[:-1]:
        if activation.name not in ACTIVATIONS:
            raise refuse_layer(
                activation.name, "an activation of outputs only", ", ".join(ACTIVATIONS), library
            )
    return Foreign(
        tuple(known[:-1]),
        known[-1].name,
        tuple(step.weight for step in dense),
        tuple(step.bias for step in dense),
        tuple(rates[:-1]),
        library,
    )


def refuse_layer(name: str, what: str, expected: str, library: str) -> InvalidParameterError:
    """Return the error for a layer that cannot be taken."""
    return InvalidParameterError(
        f"cannot take the layer {quoted(name)} of a network of {library}: it is {what}; expected {expected}."
    )


def taken(library: str, layers: str) -> str:
    """Return what is taken of a library, in words."""
    names = sorted({made.name for made in made_in(library).values()})
    return f"{layers}, and the activations {', '.join(names)}"


def steps_of(parameters: Parameters, dropout: float, library: str) -> Iterator[Step | Made]:
    """Yield what a network is in another library: dense layers, what makes activations, dropout.

    Raises
    ------
    InvalidParameterError
        When it has layers that are not dense, or an activation that the library has not.
    """
    architecture, made = parameters.architecture, made_in(library)
    refuse_other_layers(architecture, library)
    activations = [*architecture.activations, architecture.head.activation]
    for i, activation in enumerate(activations):
        yield DenseStep(parameters.weights[i], parameters.biases[i])
        if OUTPUTS.get(activation.name) is not activation or activation.name not in made:
            raise InvalidParameterError(
                f"got the activation {quoted(activation.name)}, which {library} has no layer for; expected "
                f"one of {', '.join(made)}. to_onnx writes any that has a formula."
            )
        if activation.name != "identity":
            yield made[activation.name]
        if dropout and i < len(activations) - 1:
            yield DropoutStep(dropout)


def refuse_other_layers(architecture: Architecture, library: str) -> None:
    """Raise an InvalidParameterError where a network has more than dense layers."""
    others = [type(layer).__name__ for layer in architecture.in_front if layer]
    if others or architecture.head.members > 1:
        raise InvalidParameterError(
            f"got a network with {', '.join(others)} in front of its dense layers; expected dense layers "
            f"alone, which {library} has too. to_onnx writes any network."
        )


def same_settings(first: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two layers are made alike, whatever they are called."""
    own = ("name", "inplace", "dtype", "trainable", "build_config")
    return {k: v for k, v in first.items() if k not in own} == {
        k: v for k, v in other.items() if k not in own
    }
