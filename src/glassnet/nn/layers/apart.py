"""The members' rows apart, each for its own weights."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.layers._layer import Kept, Slot, Symbol


@dataclass(frozen=True)
class Apart:
    """Give the rows of m members, which stand one block below the other, an axis for the members.

    It stands in front of the last dense layer, in which each member has weights of its own; see
    `glassnet.nn.members`.

    Parameters
    ----------
    members : int
        m.
    """

    members: int = 2

    def width(self, n_features: int) -> int:
        """Return the number of features."""
        return n_features

    def slots(self, n_features: int) -> dict[str, Slot]:
        """Return nothing: there is nothing to learn."""
        return {}

    def draw(self, rng: np.random.Generator, n_features: int) -> dict[str, Array]:
        """Return nothing."""
        return {}

    def forward(self, own: Mapping[str, Array], X: Array, kept: Kept) -> Array:
        """Return X of shape (m * n, n_features) as (m, n, n_features)."""
        return X.reshape(self.members, -1, X.shape[1])

    def outline(self, own: Mapping[str, Array], x: Symbol) -> Symbol:
        """Return x of shape (m * n, n_features) as (m, n, n_features)."""
        return x.call("Unsqueeze", np.array([1])).reshape(self.members, -1, 0)

    def backward(
        self,
        own: Mapping[str, Array],
        gradient: Mapping[str, Array],
        delta: Array,
        kept: Kept,
        out: Array | None,
    ) -> None:
        """Write the delta below as it is, block below block."""
        if out is not None:
            np.copyto(out, delta.reshape(-1, delta.shape[-1]))
