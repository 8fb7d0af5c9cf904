"""What the two passes ask of a layer that stands in front of a dense one."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from glassnet._common.arrays import Array
from glassnet.nn.activations import Activation

T = TypeVar("T")


class Slot(NamedTuple):
    """Declare one array of a layer's parameters.

    Attributes
    ----------
    shape : tuple of int
    rate : float
        Factor on the learning rate of these parameters, see `glassnet.nn.rates`.
    """

    shape: tuple[int, ...]
    rate: float = 1.0


class Kept:
    """Hold what the forward pass of one layer leaves for its backward pass, and the arrays to work in.

    Attributes
    ----------
    inputs : ndarray of shape (n, n_features)
        What the layer was given in the forward pass.
    """

    inputs: Array

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}
        self._inside: dict[int, Kept] = {}

    def array(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return the array of this name: the one of the last step, where its shape and dtype still fit."""
        held = self._arrays.get(name)
        if held is None or held.shape != shape or held.dtype != dtype:
            held = self._arrays[name] = np.empty(shape, dtype)
        return held

    def like(self, name: str, array: Array) -> Array:
        """Return the array of this name, of the shape and dtype of another."""
        return self.array(name, array.shape, array.dtype)

    def inside(self, number: int) -> "Kept":
        """Return what a layer inside of the layer keeps."""
        return self._inside.setdefault(number, Kept())

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]


class Symbol(Protocol):
    """Stand for an array of which only the computation is written down, as for a file of another library.

    It is batch first, as the arrays are. Numbers and arrays may stand on the right of an operation.
    """

    name: str

    def __add__(self, other: Any) -> "Symbol": ...
    def __sub__(self, other: Any) -> "Symbol": ...
    def __mul__(self, other: Any) -> "Symbol": ...
    def __matmul__(self, other: Any) -> "Symbol": ...

    def call(self, operator: str, *others: Any, **settings: Any) -> "Symbol":
        """Return what one of ONNX's operators makes of it, and of others behind it."""
        ...

    def bent(self, activation: Activation) -> "Symbol":
        """Return f of it."""
        ...

    def reshape(self, *shape: int) -> "Symbol":
        """Return it in another shape: -1 is what is left, 0 the length at the same place."""
        ...

    def columns(self, start: int, stop: int) -> "Symbol":
        """Return some columns."""
        ...

    def beside(self, *others: "Symbol") -> "Symbol":
        """Return it and others side by side, along the last axis."""
        ...

    def whole(self) -> "Symbol":
        """Return numbers as integers."""
        ...

    def picked_from(self, rows: Any) -> "Symbol":
        """Return the row of each of its integers."""
        ...


class Layer(Protocol):
    """Describe a layer: a frozen value with a forward and a backward over views of theta.

    A layer is one file of this folder and one entry of the table `LAYERS`, whose gradients the tests check.
    """

    def width(self, n_features: int) -> int:
        """Return how many outputs a sample has, of which the layer is given `n_features` numbers."""

    def slots(self, n_features: int) -> dict[str, Slot]:
        """Return what parameters it has, by name."""

    def draw(self, rng: np.random.Generator, n_features: int) -> Mapping[str, Any]:
        """Return the first values of its parameters, by name: arrays or numbers."""

    def forward(self, own: Mapping[str, Array], X: Array, kept: Kept) -> Array:
        """Return the outputs, shape (n, width), of X of shape (n, n_features).

        Parameters
        ----------
        own : mapping of str to ndarray
            The layer's parameters.
        X : ndarray of shape (n, n_features)
            ``kept.inputs`` too: it is not changed, and still the same when the backward pass comes.
        kept : Kept
            What the result and everything that the backward pass needs is held in.
        """

    def outline(self, own: Mapping[str, Array], x: Symbol) -> Symbol:
        """Return what `forward` does, written down: the outputs of x."""
        ...

    def backward(
        self,
        own: Mapping[str, Array],
        gradient: Mapping[str, Array],
        delta: Array,
        kept: Kept,
        out: Array | None,
    ) -> None:
        """Write the gradients of the layer's parameters, and the one of its inputs.

        Parameters
        ----------
        own, kept
            As in the forward pass.
        gradient : mapping of str to ndarray
            Overwritten with dLoss/d(parameter).
        delta : ndarray of shape (n, width)
            dLoss/d(output). It may be used to work in.
        out : ndarray of shape (n, n_features), or None
            Overwritten with dLoss/dX. None where X are the network's inputs, of which no gradient is asked.
        """


def run(layer: Layer, own: Mapping[str, Array], X: Array, kept: Kept) -> Array:
    """Return the outputs of a layer, and let it keep its inputs."""
    kept.inputs = X
    return layer.forward(own, X, kept)


def join(of_each: Iterable[Mapping[str, T]]) -> dict[str, T]:
    """Return what several layers name, each name behind the number of its layer: ``"0.scale"``."""
    return {f"{i}.{name}": value for i, named in enumerate(of_each) for name, value in named.items()}


def part_of(named: Mapping[str, Array], number: int) -> dict[str, Array]:
    """Return what belongs to one of several layers, by the names that it gave."""
    start = f"{number}."
    return {name.removeprefix(start): array for name, array in named.items() if name.startswith(start)}
