"""The network: its architecture, its parameters, and the forward and the backward pass.

Everything here takes exact arrays: 2-D, of one floating dtype, batch first. Nothing is checked and nothing
is allocated; the friendly layer above does the checking, and a `Workspace` holds every intermediate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from glassnet._common.arrays import Array
from glassnet.errors import InvalidParameterError
from glassnet.nn.activations import Activation
from glassnet.nn.initializers import Initializer
from glassnet.nn.losses import Head
from glassnet.nn.ops.twins import TWINS


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
    """

    sizes: tuple[int, ...]
    activations: tuple[Activation, ...]
    head: Head

    @property
    def layer_shapes(self) -> list[tuple[int, int]]:
        """The shape (fan_in, fan_out) of each layer's weights."""
        return list(zip(self.sizes[:-1], self.sizes[1:], strict=True))

    @property
    def n_parameters(self) -> int:
        """The number of all weights and biases."""
        return sum((fan_in + 1) * fan_out for fan_in, fan_out in self.layer_shapes)


class Parameters:
    """Hold all weights and biases, or all their gradients, in one flat array.

    Attributes
    ----------
    theta : ndarray of shape (n_parameters,)
        Contiguous: the weights of every layer, first layer first, then the biases of every layer.
    flat_weights : ndarray of shape (n_weights,)
        View of the part of theta that holds weights.
    weights : list of ndarray
        Views into theta; ``weights[i]`` has the shape (fan_in, fan_out) of layer i + 1.
    biases : list of ndarray
        Views into theta; ``biases[i]`` has the shape (fan_out,).
    """

    def __init__(self, architecture: Architecture, theta: Array) -> None:
        self._architecture = architecture
        shapes = architecture.layer_shapes
        if theta.shape != (architecture.n_parameters,):
            raise InvalidParameterError(
                f"got {theta.size} parameters for layers of {architecture.sizes} units, "
                f"which have {architecture.n_parameters}."
            )
        n_weights = sum(fan_in * fan_out for fan_in, fan_out in shapes)
        self.theta = theta
        self.flat_weights = theta[:n_weights]
        self.weights: list[Array] = []
        self.biases: list[Array] = []
        start, bias_start = 0, n_weights
        for fan_in, fan_out in shapes:
            self.weights.append(theta[start : start + fan_in * fan_out].reshape(fan_in, fan_out))
            self.biases.append(theta[bias_start : bias_start + fan_out])
            start += fan_in * fan_out
            bias_start += fan_out

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle theta alone: the views are made anew, on the copy."""
        return Parameters, (self._architecture, self.theta)

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


class Workspace:
    """Hold every intermediate array of the two passes, made once.

    Parameters
    ----------
    architecture : Architecture
    rows : int
        The largest batch.
    dtype : dtype
    backward : bool
        Whether the backward pass will run too.
    keep_z : bool
        Keep the pre-activations of all layers apart from the activations, for a reader of the steps.
        Otherwise a layer's activation overwrites its z where the backward pass can do without z.
    dropout : bool
        Whether units of the hidden layers will be dropped.

    Attributes
    ----------
    z, a : list of ndarray
        Pre-activations and activations of layers 1 to L, each of shape (rows, fan_out).
    fed : list of ndarray
        What layer i gives to the next: ``a[i]`` itself, or with dropout the rest of it in an array apart.
    masks : list of ndarray
        With dropout, the factor of each unit of each hidden layer: 0, or 1 / (share that is kept).
    deltas : list of ndarray
        dLoss/dz of layers 1 to L, the same shapes.
    scratch : list of ndarray
        The same shapes, to work in; all layers share the memory.
    ones : ndarray of shape (rows,)
        ``ones @ delta`` sums over the samples faster than a reduction does.
    """

    def __init__(
        self,
        architecture: Architecture,
        rows: int,
        dtype: DTypeLike,
        *,
        backward: bool = True,
        keep_z: bool = False,
        dropout: bool = False,
    ) -> None:
        self._made_with = architecture, rows, dtype, backward, keep_z, dropout
        widths = architecture.sizes[1:]
        needs_z = [activation.needs_z for activation in architecture.activations]
        keeps = [backward and (keep_z or needed) for needed in needs_z] + [True]
        self.rows = rows
        self.ones: Array = np.ones(rows, dtype)
        self.z: list[Array] = [np.empty((rows, width), dtype) for width in widths]
        self.a: list[Array] = [np.empty_like(z) if keep else z for z, keep in zip(self.z, keeps, strict=True)]
        self.masks: list[Array] = [np.ones_like(z) for z in self.z[:-1]] if dropout else []
        self.fed: list[Array] = [*map(np.empty_like, self.a[:-1]), self.a[-1]] if dropout else self.a
        self.deltas: list[Array] = [np.empty_like(z) for z in self.z] if backward else []
        shared = np.empty(rows * max(widths), dtype)
        self.scratch: list[Array] = [shared[: rows * width].reshape(rows, width) for width in widths]
        self._smaller: dict[int, Workspace] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle what it was made with: its arrays share memory, and hold nothing to keep."""
        return _make_workspace, self._made_with

    def first(self, rows: int) -> "Workspace":
        """Return the workspace of a batch of `rows` <= self.rows: views of the leading rows."""
        if rows == self.rows:
            return self
        if rows not in self._smaller:
            view = object.__new__(Workspace)
            view.rows = rows
            view.ones = self.ones[:rows]
            view.z = [z[:rows] for z in self.z]
            view.a = _first_rows(self.a, rows, same_as=(self.z, view.z))
            view.masks = [mask[:rows] for mask in self.masks]
            view.fed = _first_rows(self.fed, rows, same_as=(self.a, view.a))
            view.deltas = [delta[:rows] for delta in self.deltas]
            view.scratch = [scratch[:rows] for scratch in self.scratch]
            view._smaller = {}
            self._smaller[rows] = view
        return self._smaller[rows]


def _make_workspace(
    architecture: Architecture, rows: int, dtype: DTypeLike, backward: bool, keep_z: bool, dropout: bool
) -> Workspace:
    return Workspace(architecture, rows, dtype, backward=backward, keep_z=keep_z, dropout=dropout)


def _first_rows(arrays: list[Array], rows: int, same_as: tuple[list[Array], list[Array]]) -> list[Array]:
    """Return views of the leading rows; an array that is one of `same_as` stays the same as its view."""
    return [
        view if array is other else array[:rows] for array, other, view in zip(arrays, *same_as, strict=True)
    ]


@dataclass(frozen=True)
class Dropout:
    """Drop each hidden unit with a fixed probability, anew for every sample (Srivastava et al. 2014).

    The outputs that are kept are divided by the share that is kept, so that a network that predicts needs
    no change.

    Parameters
    ----------
    rate : float
        Probability of dropping, in (0, 1).
    rng : Generator
    """

    rate: float
    rng: np.random.Generator

    def apply(self, a: Array, mask: Array, out: Array) -> Array:
        """Draw `mask` and write what it leaves of `a` to `out`; all of shape (n, units)."""
        keep = 1 - self.rate
        mask[...] = self.rng.random(mask.shape, mask.dtype) < keep
        mask /= keep
        return np.multiply(a, mask, out=out)


def forward(
    architecture: Architecture,
    parameters: Parameters,
    X: Array,
    workspace: Workspace,
    dropout: Dropout | None = None,
) -> Array:
    """Compute the network's output for a batch.

    Parameters
    ----------
    architecture : Architecture
    parameters : Parameters
    X : ndarray of shape (n, n_features)
    workspace : Workspace
        With rows == n; its z and a are overwritten.
    dropout : Dropout, optional
        In training only.

    Returns
    -------
    ndarray of shape (n, n_outputs)
        The activations of the last layer, ``workspace.a[-1]``.

    Notes
    -----
    Layer by layer: ``z = a_previous @ W + b`` and ``a = f(z)``.
    """
    layers: list[Activation | Head] = [*architecture.activations, architecture.head]
    a = X  # (n, fan_in)
    with np.errstate(over="ignore", invalid="ignore"):  # a loss that is not finite is reported as such
        for i, layer in enumerate(layers):
            z = np.matmul(a, parameters.weights[i], out=workspace.z[i])  # (n, fan_out)
            a = workspace.a[i]  # (n, fan_out)
            layer.apply_with_bias(z, parameters.biases[i], a, workspace.scratch[i])
            if dropout is not None and i < len(workspace.masks):
                a = dropout.apply(a, workspace.masks[i], out=workspace.fed[i])
    return a


def backward(
    architecture: Architecture,
    parameters: Parameters,
    X: Array,
    y: Array,
    workspace: Workspace,
    gradient: Parameters,
    sample_weight: Array | None = None,
) -> float:
    """Compute the loss of the batch that `forward` just saw, and its gradient.

    Parameters
    ----------
    architecture : Architecture
    parameters : Parameters
    X : ndarray of shape (n, n_features)
    y : ndarray of shape (n, n_outputs)
        Targets; one-hot rows for a classification.
    workspace : Workspace
        As `forward` left it; its deltas are overwritten.
    gradient : Parameters
        Overwritten with dLoss/dtheta.
    sample_weight : ndarray of shape (n,), optional
        Makes the mean over the samples a weighted one.

    Returns
    -------
    float
        Mean over the samples of the head's loss.

    Notes
    -----
    With delta = dLoss/dz, from the last layer to the first::

        delta_L = (a_L - y) / n
        dLoss/dW_i = a_{i-1}^T delta_i        dLoss/db_i = sum over samples of delta_i
        delta_{i-1} = (delta_i W_i^T) * f'(z_{i-1})
    """
    inputs: Sequence[Array] = [X, *workspace.fed[:-1]]  # what each layer was given: (n, fan_in)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        losses = architecture.head.losses(workspace.z[-1], workspace.a[-1], y)  # (n,)
        delta = architecture.head.delta(workspace.a[-1], y, out=workspace.deltas[-1])  # (n, n_outputs)
        if sample_weight is None:
            delta /= len(y)
            loss = float(losses.sum()) / len(y)
        else:
            delta *= (sample_weight / sample_weight.sum())[:, np.newaxis]
            loss = float(losses @ sample_weight) / float(sample_weight.sum())
        for i in reversed(range(len(inputs))):
            np.matmul(inputs[i].T, delta, out=gradient.weights[i])  # (fan_in, fan_out)
            np.matmul(workspace.ones, delta, out=gradient.biases[i])  # (fan_out,)
            if i > 0:
                delta = np.matmul(delta, parameters.weights[i].T, out=workspace.deltas[i - 1])  # (n, fan_in)
                if workspace.masks:
                    delta *= workspace.masks[i - 1]
                architecture.activations[i - 1].multiply_gradient(
                    workspace.z[i - 1], workspace.a[i - 1], delta, workspace.scratch[i - 1]
                )
                _drop_vanished(delta)
    return loss


def add_penalty(parameters: Parameters, gradient: Parameters, strength: float) -> float:
    """Add the gradient of the penalty strength/2 * sum(W^2) on the weights; return the penalty.

    Parameters
    ----------
    parameters : Parameters
    gradient : Parameters
        Added to; biases are not penalised.
    strength : float
    """
    twin = TWINS.get("add_penalty")
    with np.errstate(over="ignore", invalid="ignore"):
        if twin is not None:
            twin(parameters.flat_weights, gradient.flat_weights, strength)
        else:
            for weight, slope in zip(parameters.weights, gradient.weights, strict=True):
                slope += strength * weight
        return 0.5 * strength * float(parameters.flat_weights @ parameters.flat_weights)


def _drop_vanished(delta: Array) -> None:
    """Round `delta` of float32 to zero, in place, where it is below about 1e-30.

    A gradient that vanishes through many layers ends in denormal numbers, and so do the weights that
    it moves; a processor takes twenty times longer for a product with them. A number that is added and
    taken away again rounds away what is too small beside it, and leaves what is much larger as it is.
    No gradient reaches the denormal numbers of float64, below 1e-308.
    """
    if delta.dtype != np.float32:
        return
    twin = TWINS.get("drop_vanished")
    if twin is not None:
        twin(delta, _BESIDE)
    else:
        delta += _BESIDE
        delta -= _BESIDE


_BESIDE = float(np.finfo(np.float32).tiny / np.finfo(np.float32).eps) * 1e8
