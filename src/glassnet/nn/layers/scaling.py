"""A factor for each feature, which is learned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.layers._layer import Kept, Slot, Symbol


@dataclass(frozen=True)
class Scaling:
    """Multiply each feature by a factor of its own: a = x * s, which starts at 1.

    A network can turn down what tells nothing before it mixes the features (RealMLP's scaling layer).

    Parameters
    ----------
    rate : float
        Factor on the learning rate of s.
    """

    rate: float = 1.0

    def width(self, n_features: int) -> int:
        """Return the number of features."""
        return n_features

    def slots(self, n_features: int) -> dict[str, Slot]:
        """Return s: a factor for each feature."""
        return {"scale": Slot((n_features,), self.rate)}

    def draw(self, rng: np.random.Generator, n_features: int) -> dict[str, Any]:
        """Return ones."""
        return {"scale": 1.0}

    def forward(self, own: Mapping[str, Array], X: Array, kept: Kept) -> Array:
        """Return x * s."""
        return np.multiply(X, own["scale"], out=kept.like("a", X))

    def outline(self, own: Mapping[str, Array], x: Symbol) -> Symbol:
        """Return x * s."""
        return x * own["scale"]

    def backward(
        self,
        own: Mapping[str, Array],
        gradient: Mapping[str, Array],
        delta: Array,
        kept: Kept,
        out: Array | None,
    ) -> None:
        """Write ds = sum over the samples of delta * x, and dx = delta * s."""
        np.einsum("nk,nk->k", delta, kept.inputs, out=gradient["scale"])
        if out is not None:
            np.multiply(delta, own["scale"], out=out)
