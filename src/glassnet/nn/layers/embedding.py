"""Categories as points: one learned row for each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.nn.layers._layer import Kept, Slot, Symbol


@dataclass(frozen=True)
class Embedding:
    """Replace the code of each category by a learned row of `width_each` numbers.

    Parameters
    ----------
    cardinalities : tuple of int
        How many codes each column has: its inputs are the whole numbers below.
    width_each : int
        Outputs of a column.
    rate : float
        Factor on the learning rate of the rows.
    """

    cardinalities: tuple[int, ...] = (3,)
    width_each: int = 8
    rate: float = 1.0

    def width(self, n_features: int) -> int:
        """Return `width_each` outputs for each column; those of one column stand together."""
        return n_features * self.width_each

    def slots(self, n_features: int) -> dict[str, Slot]:
        """Return the rows of all columns, one column below the other."""
        return {"rows": Slot((sum(self.cardinalities), self.width_each), self.rate)}

    def draw(self, rng: np.random.Generator, n_features: int) -> dict[str, Array]:
        """Return rows of standard normal numbers."""
        return {"rows": rng.standard_normal(self.slots(n_features)["rows"].shape)}

    def forward(self, own: Mapping[str, Array], X: Array, kept: Kept) -> Array:
        """Return the rows of the codes, shape (n, n_features * width_each)."""
        a = kept.array("a", (*X.shape, self.width_each), X.dtype)
        # "clip" spares NumPy a copy that it makes to leave `out` untouched when a code is out of range
        own["rows"].take(self._places(X), axis=0, out=a, mode="clip")
        return a.reshape(len(X), -1)

    def outline(self, own: Mapping[str, Array], x: Symbol) -> Symbol:
        """Return the rows of the codes, shape (n, n_features * width_each)."""
        first = np.cumsum((0, *self.cardinalities[:-1]))
        rows = (x.whole() + first).picked_from(own["rows"])
        return rows.reshape(-1, len(first) * self.width_each)

    def backward(
        self,
        own: Mapping[str, Array],
        gradient: Mapping[str, Array],
        delta: Array,
        kept: Kept,
        out: Array | None,
    ) -> None:
        """Add up the deltas of each category; a code has no gradient of its own: 0."""
        n_rows = sum(self.cardinalities)
        places = self._places(kept.inputs).ravel()
        delta = delta.reshape(-1, self.width_each)
        for i in range(self.width_each):  # sums by bincount are many times faster than ufunc.at
            gradient["rows"][:, i] = np.bincount(places, delta[:, i], n_rows)
        if out is not None:
            out[...] = 0

    def _places(self, X: Array) -> NDArray[np.intp]:
        """Return where the rows of the codes stand, shape (n, n_features)."""
        first = np.cumsum((0, *self.cardinalities[:-1]))
        places: NDArray[np.intp] = X.astype(np.intp) + first
        return places
