"""What a network is: its architecture, and its parameters in one flat array."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from weakref import WeakMethod

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet._common.arrays import Array, owned
from glassnet._common.naming import lookup
from glassnet.errors import InvalidParameterError
from glassnet.nn._layer_arrays import LayerArrays
from glassnet.nn.activations import Activation
from glassnet.nn.initializers import Initializer
from glassnet.nn.losses import Head


@dataclass(frozen=True)
class Architecture:
    """Describe a multilayer perceptron.

    Parameters
    ----------
    sizes : tuple of int
        Units of each layer, from the inputs to the outputs: ``(784, 256, 10)`` has one hidden layer.
    activations : tuple of Activation
        One for each hidden layer.
    head : Head
        Output activation and loss.

    Raises
    ------
    InvalidParameterError
        When the head is made for another number of outputs, as that of several quantiles is.
    """

    sizes: tuple[int, ...]
    activations: tuple[Activation, ...]
    head: Head

    def __post_init__(self) -> None:
        """Check that the head fits the outputs."""
        levels = self.head.quantiles
        if len(levels) not in (0, 1, self.sizes[-1]):
            raise InvalidParameterError(
                f"got {self.sizes[-1]} outputs and a loss of {len(levels)} quantiles; expected one output "
                "for each quantile."
            )

    def __repr__(self) -> str:
        layers = "-".join(map(str, self.sizes))
        names = ", ".join(dict.fromkeys(activation.name for activation in self.activations))
        return f"<Architecture {layers}: {names or 'no hidden layer'}; {self.head.name}>"

    @property
    def layer_shapes(self) -> list[tuple[int, int]]:
        """The shape (fan_in, fan_out) of each layer's weights."""
        return list(zip(self.sizes[:-1], self.sizes[1:], strict=True))

    @property
    def n_parameters(self) -> int:
        """The number of all weights and biases."""
        return sum((fan_in + 1) * fan_out for fan_in, fan_out in self.layer_shapes)

    def places_of(self, names: Iterable[str]) -> NDArray[np.intp]:
        """Return where in theta the weights and biases stand that are named.

        Parameters
        ----------
        names : iterable of str
            ``"W1"`` for the weights of the first layer, ``"b1"`` for its biases, and so on.

        Raises
        ------
        UnknownNameError
            When a name is none of these, or there is no such layer.
        """
        names = dict.fromkeys(names)
        if not names:
            return np.zeros(0, np.intp)
        places = Parameters(self, np.arange(self.n_parameters, dtype=np.float64))
        named = {f"W{i}": weights for i, weights in enumerate(places.weights, start=1)}
        named |= {f"b{i}": biases for i, biases in enumerate(places.biases, start=1)}
        found = [lookup(named, name, "weights or biases").ravel() for name in names]
        return np.concatenate(found).astype(np.intp)


class Parameters:
    """Hold all weights and biases, or all their gradients, in one flat array.

    Attributes
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
        Contiguous: the weights of every layer, first layer first, then the biases of every layer.
    flat_weights : ndarray of shape (n_weights,)
        View of the part of theta that holds weights.
    weights : list of ndarray
        Views into theta; ``weights[i]`` has the shape (fan_in, fan_out) of layer i + 1.
    biases : list of ndarray
        Views into theta; ``biases[i]`` has the shape (fan_out,).

    Notes
    -----
    Assigning to theta, weights or biases, or to an item of them, copies the numbers into theta: they stay
    one truth. Only numbers of the same shape are taken.
    """

    theta: Array
    flat_weights: Array
    weights: LayerArrays
    biases: LayerArrays

    def __init__(self, architecture: Architecture, theta: Array) -> None:
        self.architecture = architecture
        if theta.shape != (architecture.n_parameters,):
            raise InvalidParameterError(
                f"got {theta.size} parameters for layers of {architecture.sizes} units, "
                f"which have {architecture.n_parameters}."
            )
        own = WeakMethod(self.own)  # no circle: what is this large goes when the last name of it goes
        self.weights, self.biases = LayerArrays("weights", own), LayerArrays("biases", own)
        self._view(theta)

    def _view(self, theta: Array) -> None:
        """Take over an array, and let all views be of it."""
        shapes = self.architecture.layer_shapes
        n_weights = sum(fan_in * fan_out for fan_in, fan_out in shapes)
        weights, biases = [], []
        start, bias_start = 0, n_weights
        for fan_in, fan_out in shapes:
            weights.append(theta[start : start + fan_in * fan_out].reshape(fan_in, fan_out))
            biases.append(theta[bias_start : bias_start + fan_out])
            start += fan_in * fan_out
            bias_start += fan_out
        self.weights.view(weights)
        self.biases.view(biases)
        self.__dict__.update(theta=theta, flat_weights=theta[:n_weights])

    def own(self) -> None:
        """Make the numbers ones that can be changed: of read-only memory, take a copy.

        `joblib.load` with ``mmap_mode="r"`` gives such memory, and so does joblib to the processes that it
        starts. The lists `weights` and `biases` stay, and hold views of the copy.
        """
        if not self.theta.flags.writeable:
            self._view(owned(self.theta))

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute once; later values are copied in, so that views of one array never part."""
        held = self.__dict__.get(name)
        if held is None:
            super().__setattr__(name, value)
        elif value is held:  # as after ``theta *= 2``
            return
        elif isinstance(held, LayerArrays):
            held[:] = value
        elif isinstance(held, np.ndarray) and np.shape(value) == held.shape:
            self.own()
            self.__dict__[name][...] = value
        else:
            raise InvalidParameterError(
                f"got {name} of shape {np.shape(value)}, which does not fit layers of "
                f"{self.architecture.sizes} units; make new Parameters for another network."
            )

    def __repr__(self) -> str:
        layers = "-".join(map(str, self.architecture.sizes))
        return f"<Parameters {layers}: {self.theta.size} numbers of {self.theta.dtype}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle theta alone: the views are made anew, on the copy."""
        return Parameters, (self.architecture, self.theta)

    @classmethod
    def zeros(cls, architecture: Architecture, dtype: DTypeLike) -> "Parameters":
        """Return parameters that are all zero."""
        return cls(architecture, np.zeros(architecture.n_parameters, dtype))

    @classmethod
    def draw(
        cls,
        architecture: Architecture,
        initializer: Initializer,
        rng: np.random.Generator,
        dtype: DTypeLike,
    ) -> "Parameters":
        """Return weights drawn by `initializer`, first layer first, and biases of zero."""
        parameters = cls.zeros(architecture, dtype)
        for weight in parameters.weights:
            weight[...] = initializer(rng, *weight.shape)
        return parameters
