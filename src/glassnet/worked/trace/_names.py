"""What the quantities of a problem are called: those of a layer together, or one by one."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.network import Architecture, Parameters
from glassnet.worked.problem import Problem


class Subject(Protocol):
    """Describe what formulas are written of: a `Problem`, or a network of any size that is looked into."""

    @property
    def architecture(self) -> Architecture: ...

    @property
    def parameters(self) -> Parameters: ...

    @property
    def alpha(self) -> float: ...

    @property
    def frozen(self) -> tuple[str, ...]: ...


class Names(Protocol):
    """Describe how arrays of the engine are taken apart into named quantities."""

    def of(self, letter: str, layer: int, array: Array) -> Iterator[tuple[str, Array]]:
        """Yield the name and the value, as it is written, of each quantity of a layer.

        Parameters
        ----------
        letter : str
            What they are: inputs x, weights w, biases b, pre-activations z, activations a, targets y.
        layer : int
            From 1; 0 for inputs and targets.
        array : ndarray
            With one row a sample, or of the shape of weights or biases.
        """


class ArrayNames:
    """Name arrays: ``W1``, ``b1``, ``Z1``, or ``w1``, ``z1`` where all of them are one number.

    Parameters
    ----------
    is_scalar : bool
    """

    def __init__(self, is_scalar: bool) -> None:
        self._is_scalar = is_scalar

    def name(self, letter: str, layer: int) -> str:
        """Return the name of an array."""
        written = letter if self._is_scalar or letter == "b" else letter.upper()
        return f"{written}{layer}" if layer else written

    def of(self, letter: str, layer: int, array: Array) -> Iterator[tuple[str, Array]]:
        """Yield the array; a number where all are numbers, biases as a row."""
        shape = () if self._is_scalar else np.atleast_2d(array).shape
        yield self.name(letter, layer), array.reshape(shape).copy()


class UnitNames:
    """Name units and weights: inputs x1, hidden units h1, outputs o1, targets y1; weights unit by unit.

    Numbers go on from layer to layer: of a 2-2-2 network w1 and w2 lead to h1, w3 and w4 to h2, w5 and w6 to
    o1. A unit is called as its output is; its pre-activation is z_h1, its bias b_h1. Biases of a layer that
    are one number, and stay one, are called b1.

    Parameters
    ----------
    sizes : tuple of int
    shared : set of int
        The layers whose biases are one number.
    """

    def __init__(self, sizes: tuple[int, ...], shared: set[int]) -> None:
        self.sizes, self.shared = sizes, shared

    def unit(self, layer: int, k: int) -> str:
        """Return the name of a unit, counted from 0 within its layer; layer 0 has the inputs."""
        if layer == 0:
            return f"x{k + 1}"
        if layer == len(self.sizes) - 1:
            return f"o{k + 1}"
        return f"h{sum(self.sizes[1:layer]) + k + 1}"

    def weight(self, layer: int, i: int, k: int) -> str:
        """Return the name of the weight from unit i of the layer before to unit k of a layer."""
        before = sum(a * b for a, b in zip(self.sizes, self.sizes[1:layer], strict=False))
        return f"w{before + k * self.sizes[layer - 1] + i + 1}"

    def bias(self, layer: int, k: int) -> str:
        """Return the name of the bias of a unit."""
        return f"b{layer}" if layer in self.shared else f"b_{self.unit(layer, k)}"

    def of(self, letter: str, layer: int, array: Array) -> Iterator[tuple[str, Array]]:
        """Yield one number after the other."""
        if letter == "w":
            for k in range(array.shape[1]):
                for i in range(array.shape[0]):
                    yield self.weight(layer, i, k), np.array(array[i, k])
            return
        numbers = array.ravel()[:1] if letter == "b" and layer in self.shared else array.ravel()
        for k, number in enumerate(numbers):
            yield self._one(letter, layer, k), np.array(number)

    def _one(self, letter: str, layer: int, k: int) -> str:
        match letter:
            case "b":
                return self.bias(layer, k)
            case "z":
                return f"z_{self.unit(layer, k)}"
            case "a":
                return self.unit(layer, k)
            case _:
                return f"{letter}{k + 1}"


class PlacedNames(UnitNames):
    """Name units and weights by layer and place: ``a2_17``, ``w2_3_17`` from the third unit to the 17th.

    They tell where something is in a network that is too large for one number after the other.
    """

    def unit(self, layer: int, k: int) -> str:
        """Return the name of a unit, counted from 0 within its layer; layer 0 has the inputs."""
        return f"a{layer}_{k + 1}" if layer else f"x{k + 1}"

    def weight(self, layer: int, i: int, k: int) -> str:
        """Return the name of the weight from unit i of the layer before to unit k of a layer."""
        return f"w{layer}_{i + 1}_{k + 1}"

    def bias(self, layer: int, k: int) -> str:
        """Return the name of the bias of a unit."""
        return f"b{layer}_{k + 1}"


def names_of(problem: Problem) -> Names:
    """Return what the quantities of a problem are called."""
    return unit_names_of(problem) if problem.by_unit else ArrayNames(problem.is_scalar)


def unit_names_of(problem: Subject) -> UnitNames:
    """Return the names of units and weights."""
    shared = {
        layer
        for layer, biases in enumerate(problem.parameters.biases, start=1)
        if len(biases) == 1 or (f"b{layer}" in problem.frozen and (biases == biases[0]).all())
    }
    return UnitNames(problem.architecture.sizes, shared)


def named_parameters(
    problem: Problem, parameters: Parameters, *, updated_only: bool = False
) -> Iterator[tuple[str, Array]]:
    """Yield the name and the value of each parameter: all weights, then all biases.

    Parameters
    ----------
    problem : Problem
    parameters : Parameters
        Of the problem's network, or anything that has as many numbers.
    updated_only : bool
        Leave out those that are frozen.
    """
    names = names_of(problem)
    for letter, arrays in (("w", parameters.weights), ("b", parameters.biases)):
        for layer, array in enumerate(arrays, start=1):
            if not (updated_only and is_frozen(problem, letter, layer)):
                yield from names.of(letter, layer, array)


def is_frozen(problem: Subject, letter: str, layer: int) -> bool:
    """Say whether the weights w or the biases b of a layer are not updated."""
    return f"{letter.upper() if letter == 'w' else letter}{layer}" in problem.frozen
