"""The intermediate arrays of the two passes, made once and used in every step."""

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
        Pre-activations and activations of layers 1 to L, each of shape (rows, fan_out).
    inputs : list of ndarray
        What layers 1 to L were given in the forward pass, each of shape (rows, fan_in).
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
        fans = [fan_in for fan_in, _ in architecture.layer_shapes]
        self.masks: list[Array] = [np.ones((rows, fan), dtype) for fan in fans[1:]] if dropout else []
        self.fed: list[Array] = [np.empty_like(mask) for mask in self.masks]
        self.deltas: list[Array] = [np.empty_like(z) for z in self.z] if backward else []
        self.below: list[Array | None] = _below(architecture, self.deltas)
        self._start_passes()
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
            view._made_with = self._made_with
            view.rows = rows
            view.ones = self.ones[:rows]
            view.z = [z[:rows] for z in self.z]
            view.a = _first_rows(self.a, rows, same_as=(self.z, view.z))
            view.masks = [mask[:rows] for mask in self.masks]
            view.fed = [fed[:rows] for fed in self.fed]
            view.deltas = [delta[:rows] for delta in self.deltas]
            view.below = _below(self._made_with[0], view.deltas)
            view._start_passes()
            view.scratch = [scratch[:rows] for scratch in self.scratch]
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
            below[i] = np.empty((len(deltas[0]), architecture.layer_shapes[i][0]), deltas[0].dtype)
    return below


def _make_workspace(
    architecture: Architecture, rows: int, dtype: DTypeLike, backward: bool, keep_z: bool, dropout: bool
) -> Workspace:
    return Workspace(architecture, rows, dtype, backward=backward, keep_z=keep_z, dropout=dropout)


def _first_rows(arrays: list[Array], rows: int, same_as: tuple[list[Array], list[Array]]) -> list[Array]:
    """Return views of the leading rows; an array that is one of `same_as` stays the same as its view."""
    return [
        view if array is other else array[:rows] for array, other, view in zip(arrays, *same_as, strict=True)
    ]
