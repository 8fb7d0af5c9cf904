"""The intermediate arrays of the two passes, made once and used in every step."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from glassnet._common.arrays import Array
from glassnet.nn.architecture import Architecture


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
