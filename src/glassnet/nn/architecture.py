"""What a network is: its architecture, and its parameters in one flat array."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, NamedTuple
from weakref import WeakMethod

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet._common.arrays import Array, owned
from glassnet._common.naming import lookup
from glassnet.errors import InvalidParameterError
from glassnet.nn._layer_arrays import LayerArrays
from glassnet.nn.activations import Activation
from glassnet.nn.initializers import Initializer
from glassnet.nn.layers import Layer
from glassnet.nn.losses import Head


class Place(NamedTuple):
    """Tell where an array of parameters stands in theta.

    Attributes
    ----------
    number : int
        The number of the dense layer that it belongs to, or in front of which its layer stands, from 0.
    name : str
        ``"W"``, ``"b"``, or its name among the parameters of the layer in front.
    start : int
        The first number in theta.
    shape : tuple of int
    is_before : bool
        Whether it belongs to the layer in front.
    rate : float
        Factor on the learning rate, which a layer in front gives its parameters.
    """

    number: int
    name: str
    start: int
    shape: tuple[int, ...]
    is_before: bool = False
    rate: float = 1.0

    @property
    def slice(self) -> slice:
        """The numbers in theta."""
        return slice(self.start, self.start + math.prod(self.shape))


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
    before : tuple of (Layer or None)
        What stands in front of each dense layer, see `glassnet.nn.layers`; () in a plain network.

    Raises
    ------
    InvalidParameterError
        When the head is made for another number of outputs, as that of several quantiles is.
    """

    sizes: tuple[int, ...]
    activations: tuple[Activation, ...]
    head: Head
    before: tuple[Layer | None, ...] = ()

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

    @cached_property
    def in_front(self) -> tuple[Layer | None, ...]:
        """What stands in front of each dense layer: as `before`, with a place for every dense layer."""
        return self.before or (None,) * (len(self.sizes) - 1)

    @cached_property
    def layer_shapes(self) -> list[tuple[int, int]]:
        """The shape (fan_in, fan_out) of each dense layer's weights."""
        return [
            (layer.width(width) if layer else width, fan_out)
            for (width, fan_out), layer in zip(pairwise(self.sizes), self.in_front, strict=True)
        ]

    @cached_property
    def axes(self) -> tuple[tuple[int, ...], ...]:
        """The leading axes of each dense layer's arrays: (members,) of the last one, where it has members."""
        members = self.head.members
        last = (members,) if members > 1 else ()
        return (*((),) * (len(self.sizes) - 2), last)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where each array of parameters stands: all weights, all biases, then those of layers in front."""
        shapes = self.layer_shapes
        found = [Place(i, "W", 0, (*self.axes[i], *shape)) for i, shape in enumerate(shapes)]
        found += [Place(i, "b", 0, (*self.axes[i], fan_out)) for i, (_, fan_out) in enumerate(shapes)]
        found += [
            Place(i, name, 0, slot.shape, is_before=True, rate=slot.rate)
            for i, (width, layer) in enumerate(zip(self.sizes, self.in_front, strict=False))
            if layer
            for name, slot in layer.slots(width).items()
        ]
        starts = accumulate((math.prod(place.shape) for place in found), initial=0)
        return tuple(place._replace(start=start) for place, start in zip(found, starts, strict=False))

    @property
    def n_parameters(self) -> int:
        """The number of all parameters."""
        return int(self.places[-1].slice.stop)

    def places_of(self, names: Iterable[str]) -> NDArray[np.intp]:
        """Return where in theta the weights and biases stand that are named.

        Parameters
        ----------
        names : iterable of str
            ``"W1"`` for the weights of the first layer, ``"b1"`` for its biases, and so on. What stands in
            front of it has names such as ``"scale1"``.

        Raises
        ------
        UnknownNameError
            When a name is none of these, or there is no such layer.
        """
        names = dict.fromkeys(names)
        if not names:
            return np.zeros(0, np.intp)
        named = {f"{place.name}{place.number + 1}": place.slice for place in self.places}
        found = [np.arange(self.n_parameters)[lookup(named, name, "weights or biases")] for name in names]
        return np.concatenate(found).astype(np.intp)


class Parameters:
    """Hold all weights and biases, or all their gradients, in one flat array.

    Attributes
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
        Contiguous: the weights of every layer, first layer first, then the biases of every layer, then the
        parameters of the layers in front of them; see `Architecture.places`.
    flat_weights : ndarray of shape (n_weights,)
        View of the part of theta that holds weights.
    weights : list of ndarray
        Views into theta; ``weights[i]`` has the shape (fan_in, fan_out) of layer i + 1. The last layer of
        members that share the others has (members, fan_in, fan_out), see `glassnet.nn.members`.
    biases : list of ndarray
        Views into theta; ``biases[i]`` has the shape (fan_out,), or (members, fan_out).
    before : list of dict
        Views into theta; ``before[i]`` has the parameters of what stands in front of layer i + 1, by name.

    Notes
    -----
    Assigning to theta, weights or biases, or to an item of them, copies the numbers into theta: they stay
    one truth. Only numbers of the same shape are taken.
    """

    theta: Array
    flat_weights: Array
    weights: LayerArrays
    biases: LayerArrays
    before: list[dict[str, Array]]

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
        weights, biases, n_weights = [], [], 0
        before: list[dict[str, Array]] = [{} for _ in self.architecture.in_front]
        for place in self.architecture.places:
            view = theta[place.slice].reshape(place.shape)
            if place.is_before:
                before[place.number][place.name] = view
            elif place.name == "b":
                biases.append(view)
            else:
                weights.append(view)
                n_weights = place.slice.stop
        self.weights.view(weights)
        self.biases.view(biases)
        self.__dict__.update(theta=theta, flat_weights=theta[:n_weights], before=before)

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
        """Return weights drawn by `initializer`, first layer first, biases of zero, and other layers' own."""
        parameters = cls.zeros(architecture, dtype)
        for weight in parameters.weights:
            for matrix in weight.reshape(-1, *weight.shape[-2:]):
                matrix[...] = initializer(rng, *matrix.shape)
        for width, layer, own in zip(
            architecture.sizes, architecture.in_front, parameters.before, strict=False
        ):
            for name, values in (layer.draw(rng, width) if layer else {}).items():
                own[name][...] = values
        return parameters
