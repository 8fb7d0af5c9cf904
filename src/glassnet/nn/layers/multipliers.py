"""The rows of a batch once for each member, seen through factors of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.layers._layer import Kept, Slot, Symbol


@dataclass(frozen=True)
class Multipliers:
    """Repeat the rows for each member, and multiply each feature by the member's factor: a_j = x * r_j.

    The members share the layers behind; what each of them makes of a sample differs by its r alone, which
    starts as random signs (TabM-mini). See `glassnet.nn.members`.

    Parameters
    ----------
    members : int
        m.
    rate : float
        Factor on the learning rate of r.

    References
    ----------
    Gorishniy, Kotelnikov, Babenko (2024), TabM: advancing tabular deep learning with parameter-efficient
    ensembling, arXiv 2410.24210, section 3.
    """

    members: int = 2
    rate: float = 1.0

    def width(self, n_features: int) -> int:
        """Return the number of features; of rows there are m times as many."""
        return n_features

    def slots(self, n_features: int) -> dict[str, Slot]:
        """Return r: a factor for each member and feature."""
        return {"r": Slot((self.members, n_features), self.rate)}

    def draw(self, rng: np.random.Generator, n_features: int) -> dict[str, Array]:
        """Return random signs."""
        return {"r": rng.choice([-1.0, 1.0], (self.members, n_features))}

    def forward(self, own: Mapping[str, Array], X: Array, kept: Kept) -> Array:
        """Return x * r_j, member after member, shape (m * n, n_features)."""
        a = kept.array("a", (self.members, *X.shape), X.dtype)
        np.multiply(X, own["r"][:, np.newaxis], out=a)
        return a.reshape(-1, X.shape[1])

    def outline(self, own: Mapping[str, Array], x: Symbol) -> Symbol:
        """Return x * r_j, member after member, shape (m * n, n_features)."""
        r = own["r"]
        return (x * r[:, np.newaxis]).reshape(-1, r.shape[1])

    def backward(
        self,
        own: Mapping[str, Array],
        gradient: Mapping[str, Array],
        delta: Array,
        kept: Kept,
        out: Array | None,
    ) -> None:
        """Write dr_j = sum over samples of delta_j * x, and dx = sum over members of delta_j * r_j."""
        X, r = kept.inputs, own["r"]
        each = delta.reshape(self.members, *X.shape)
        np.einsum("mnk,nk->mk", each, X, out=gradient["r"])
        if out is not None:
            np.einsum("mnk,mk->nk", each, r, out=out)
