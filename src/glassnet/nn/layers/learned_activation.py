"""An activation of which each unit learns how much it uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn import ops
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.layers._layer import Kept, Slot, Symbol


@dataclass(frozen=True)
class LearnedActivation:
    """Mix an activation with the identity: a = z + alpha (f(z) - z), with an alpha for each unit.

    It stands behind a dense layer whose own activation is the identity. Alpha starts at 1; a unit can learn
    to be linear, with alpha = 0, or to bend more than f does (RealMLP's parametric activation).

    Parameters
    ----------
    activation : Activation
        f.
    rate : float
        Factor on the learning rate of alpha.
    """

    activation: Activation = ACTIVATIONS["silu"]
    rate: float = 1.0

    def width(self, n_features: int) -> int:
        """Return the number of units."""
        return n_features

    def slots(self, n_features: int) -> dict[str, Slot]:
        """Return alpha: a number for each unit."""
        return {"alpha": Slot((n_features,), self.rate)}

    def draw(self, rng: np.random.Generator, n_features: int) -> dict[str, Any]:
        """Return ones: f itself."""
        return {"alpha": 1.0}

    def forward(self, own: Mapping[str, Array], X: Array, kept: Kept) -> Array:
        """Return z + alpha (f(z) - z)."""
        f, a = kept.like("f", X), kept.like("a", X)
        no_bias = np.zeros(X.shape[1], X.dtype)  # adding it leaves X as it is
        self.activation.apply_with_bias(X, no_bias, f, a)
        ops.blend(X, f, own["alpha"], a)
        return a

    def outline(self, own: Mapping[str, Array], x: Symbol) -> Symbol:
        """Return z + alpha (f(z) - z)."""
        return x + (x.bent(self.activation) - x) * own["alpha"]

    def backward(
        self,
        own: Mapping[str, Array],
        gradient: Mapping[str, Array],
        delta: Array,
        kept: Kept,
        out: Array | None,
    ) -> None:
        """Write dalpha = sum over the samples of delta (f(z) - z), and dz = delta (1 + alpha (f'(z) - 1))."""
        X, f, work = kept.inputs, kept["f"], kept["a"]
        np.subtract(f, X, out=work)
        np.einsum("nk,nk->k", delta, work, out=gradient["alpha"])
        if out is None:
            return
        np.multiply(delta, own["alpha"], out=out)
        delta -= out
        self.activation.multiply_gradient(X, f, out, work)  # delta alpha f'(z)
        out += delta
