"""Numbers seen through waves: the periodic embedding of numeric features."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.layers._layer import Kept, Slot, Symbol


@dataclass(frozen=True)
class Periodic:
    """Turn each number x into `width_each` numbers: W2 cos(2 pi w1 x + b1) + b2, and x itself last.

    Every feature has parameters of its own: waves w1 and b1, and W2, b2 that mix them. A dense layer sees
    bends and steps of a feature at once, for which it would need many units (PBLD of RealMLP, after
    Gorishniy, Rubachev and Babenko 2022, "On embeddings for numerical features").

    Parameters
    ----------
    n_waves : int
    width_each : int
        Outputs of a feature, at least 2; the last one is the feature.
    deviation : float
        Standard deviation of the first w1, a normal distribution; b1 is uniform in -pi ... pi.
    rate : float
        Factor on the learning rate of all its parameters.
    """

    n_waves: int = 16
    width_each: int = 4
    deviation: float = 0.1
    rate: float = 1.0

    def width(self, n_features: int) -> int:
        """Return `width_each` outputs for each feature; those of one feature stand together."""
        return n_features * self.width_each

    def slots(self, n_features: int) -> dict[str, Slot]:
        """Return w1, b1, W2 and b2: one of each for every feature."""
        waves, mixed = (n_features, self.n_waves), self.width_each - 1
        return {
            "w1": Slot(waves, self.rate),
            "b1": Slot(waves, self.rate),
            "W2": Slot((*waves, mixed), self.rate),
            "b2": Slot((n_features, mixed), self.rate),
        }

    def draw(self, rng: np.random.Generator, n_features: int) -> dict[str, Array]:
        """Return the first waves, and W2 and b2 uniform within 1 / sqrt(n_waves)."""
        slots, bound = self.slots(n_features), self.n_waves**-0.5
        return {
            "w1": rng.normal(0, self.deviation, slots["w1"].shape),
            "b1": rng.uniform(-np.pi, np.pi, slots["b1"].shape),
            "W2": rng.uniform(-bound, bound, slots["W2"].shape),
            "b2": rng.uniform(-bound, bound, slots["b2"].shape),
        }

    def forward(self, own: Mapping[str, Array], X: Array, kept: Kept) -> Array:
        """Return the outputs of all features, shape (n, n_features * width_each)."""
        n, n_features = X.shape
        # the samples stand last within: waves of one feature are then one product of matrices
        x = kept.array("x", (n_features, 1, n), X.dtype)
        x[:, 0] = X.T
        phase = kept.array("phase", (n_features, self.n_waves, n), X.dtype)
        np.multiply(x, 2 * np.pi * own["w1"][:, :, np.newaxis], out=phase)
        phase += own["b1"][:, :, np.newaxis]
        waves = np.cos(phase, out=kept.like("waves", phase))
        mixed = np.matmul(own["W2"].transpose(0, 2, 1), waves)  # (n_features, width_each - 1, n)
        a = kept.array("a", (n, n_features, self.width_each), X.dtype)
        np.add(mixed.transpose(2, 0, 1), own["b2"], out=a[:, :, :-1])
        a[:, :, -1] = X
        return a.reshape(n, -1)

    def outline(self, own: Mapping[str, Array], x: Symbol) -> Symbol:
        """Return the outputs of all features, shape (n, n_features * width_each)."""
        n_features = len(own["w1"])
        each = x.reshape(-1, n_features, 1)
        waves = (each * (2 * np.pi * own["w1"]) + own["b1"]).call("Cos")  # (n, n_features, n_waves)
        mixed = waves.reshape(-1, n_features, 1, self.n_waves) @ own["W2"]
        mixed = mixed.reshape(-1, n_features, self.width_each - 1) + own["b2"]
        return mixed.beside(each).reshape(-1, self.width(n_features))

    def backward(
        self,
        own: Mapping[str, Array],
        gradient: Mapping[str, Array],
        delta: Array,
        kept: Kept,
        out: Array | None,
    ) -> None:
        """Go back through the mixing, the cosine and the phase of each feature."""
        x, phase, waves = kept["x"], kept["phase"], kept["waves"]
        n_features, _, n = phase.shape
        delta = delta.reshape(n, n_features, self.width_each)
        mixed = kept.array("mixed", (n_features, self.width_each - 1, n), phase.dtype)
        mixed[...] = delta[:, :, :-1].transpose(1, 2, 0)
        np.matmul(waves, mixed.transpose(0, 2, 1), out=gradient["W2"])
        np.sum(mixed, axis=2, out=gradient["b2"])
        np.matmul(own["W2"], mixed, out=waves)  # dLoss/dcos
        phase += np.pi / 2
        np.cos(phase, out=phase)  # cos(p + pi/2) = -sin(p), and NumPy's cosine is the faster one
        phase *= waves  # dLoss/dphase
        np.sum(phase, axis=2, out=gradient["b1"])
        np.matmul(phase, x.transpose(0, 2, 1), out=gradient["w1"][:, :, np.newaxis])
        gradient["w1"][...] *= 2 * np.pi
        if out is not None:
            np.einsum("fkn,fk->nf", phase, 2 * np.pi * own["w1"], out=out)
            out += delta[:, :, -1]
