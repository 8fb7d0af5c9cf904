"""The intermediate arrays of the two passes, made once and used in every step."""

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from glassnet._common.arrays import Array
from glassnet.nn.architecture import Architecture
from glassnet.nn.layers import Kept


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
        Pre-activations and activations of layers 1 to L, each of shape (rows, fan_out); of m members, see
        `glassnet.nn.members`, (m * rows, fan_out), and (m, rows, fan_out) in the last layer.
    inputs : list of ndarray
        What layers 1 to L were given in the forward pass, each of shape (rows, fan_in), or as z with members.
    kept : list of Kept
        What the layers in front of layers 1 to L keep from pass to pass.
    masks : list of ndarray
        With dropout, the factor of each input of layers 2 to L: 0, or 1 / (share that is kept).
    fed : list of ndarray
        With dropout, what is left of these inputs.
    deltas : list of ndarray
        dLoss/dz of layers 1 to L, the same shapes as z.
    below : list of ndarray
        dLoss/d(inputs) of layers 1 to L; where nothing stands in front, the deltas of the layer below.
    scratch : list of ndarray
        The same shapes, to work in; all layers share the memory.
    ones : list of ndarray
        As long as z of layers 1 to L: ``ones @ delta`` sums over the samples faster than a reduction does.
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
        shapes = _shapes(architecture, rows)
        needs_z = [activation.needs_z for activation in architecture.activations]
        keeps = [backward and (keep_z or needed) for needed in needs_z] + [True]
        self.rows = rows
        self.ones: list[Array] = [np.ones(shape[-2], dtype) for shape in shapes]
        self.z: list[Array] = [np.empty(shape, dtype) for shape in shapes]
        self.a: list[Array] = [np.empty_like(z) if keep else z for z, keep in zip(self.z, keeps, strict=True)]
        fans = [fan_in for fan_in, _ in architecture.layer_shapes]
        fed = [(*shape[:-1], fan) for shape, fan in zip(shapes, fans, strict=True)]
        self.masks: list[Array] = [np.ones(shape, dtype) for shape in fed[1:]] if dropout else []
        self.fed: list[Array] = [np.empty_like(mask) for mask in self.masks]
        self.deltas: list[Array] = [np.empty_like(z) for z in self.z] if backward else []
        self.below: list[Array | None] = _below(architecture, self.deltas)
        self._start_passes()
        shared = np.empty(max(z.size for z in self.z), dtype)
        self.scratch: list[Array] = [_first(shared, shape) for shape in shapes]
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
            view._made_with = self._made_with
            view.rows = rows
            shapes = _shapes(self._made_with[0], rows)
            view.ones = [ones[: shape[-2]] for ones, shape in zip(self.ones, shapes, strict=True)]
            view.z = _all_first(self.z, shapes)
            view.a = [  # where a layer's activation overwrites its z, it does so in the view
                view_z if a is z else _first(a, view_z.shape)
                for a, z, view_z in zip(self.a, self.z, view.z, strict=True)
            ]
            view.masks = _all_first(self.masks, shapes[1:])
            view.fed = _all_first(self.fed, shapes[1:])
            view.deltas = _all_first(self.deltas, shapes)
            view.below = _below(self._made_with[0], view.deltas)
            view._start_passes()
            view.scratch = _all_first(self.scratch, shapes)
            view._smaller = {}
            self._smaller[rows] = view
        return self._smaller[rows]

    def _start_passes(self) -> None:
        """Make place for what the passes leave: the inputs of each layer, and what is kept in front of it."""
        self.inputs: list[Array] = [np.empty(0)] * len(self.z)
        self.kept = [Kept() for _ in self.z]


def _below(architecture: Architecture, deltas: list[Array]) -> list[Array | None]:
    """Return the arrays for dLoss/d(inputs); None of the network's own inputs, of which nothing is asked."""
    below: list[Array | None] = [None, *deltas[:-1]]
    for i, layer in enumerate(architecture.in_front):
        if layer and deltas:
            rows = deltas[i].shape[:-1]
            below[i] = np.empty((*rows, architecture.layer_shapes[i][0]), deltas[0].dtype)
    return below


def _make_workspace(
    architecture: Architecture, rows: int, dtype: DTypeLike, backward: bool, keep_z: bool, dropout: bool
) -> Workspace:
    return Workspace(architecture, rows, dtype, backward=backward, keep_z=keep_z, dropout=dropout)


def _shapes(architecture: Architecture, rows: int) -> list[tuple[int, ...]]:
    """Return the shape of each dense layer's z for so many samples."""
    all_rows = rows * architecture.head.members
    return [
        (*axes, rows if axes else all_rows, width)
        for axes, width in zip(architecture.axes, architecture.sizes[1:], strict=True)
    ]


def _first(array: Array, shape: tuple[int, ...]) -> Array:
    """Return a view of an array's first numbers in another shape, in one piece."""
    return array.reshape(-1)[: math.prod(shape)].reshape(shape)


def _all_first(arrays: list[Array], shapes: list[tuple[int, ...]]) -> list[Array]:
    """Return views of the leading rows, of arrays whose last axis stays, or none of none."""
    return [
        _first(array, (*shape[:-1], array.shape[-1])) for array, shape in zip(arrays, shapes, strict=False)
    ]
