"""Several layers, one behind the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.layers._layer import Kept, Layer, Slot, Symbol, join, part_of, run
from glassnet.nn.layers.periodic import Periodic
from glassnet.nn.layers.scaling import Scaling


@dataclass(frozen=True)
class Chain:
    """Give the outputs of each layer to the next.

    Parameters
    ----------
    layers : tuple of Layer
        From the inputs on; at least one.
    """

    layers: tuple[Layer, ...] = (Periodic(), Scaling())

    def width(self, n_features: int) -> int:
        """Return the outputs of the last layer."""
        for layer in self.layers:
            n_features = layer.width(n_features)
        return n_features

    def slots(self, n_features: int) -> dict[str, Slot]:
        """Return the parameters of all layers: ``"0.w1"`` is w1 of the first."""
        return join(layer.slots(width) for layer, width in self._given(n_features))

    def draw(self, rng: np.random.Generator, n_features: int) -> dict[str, Any]:
        """Return the first values of all layers' parameters."""
        return join(layer.draw(rng, width) for layer, width in self._given(n_features))

    def forward(self, own: Mapping[str, Array], X: Array, kept: Kept) -> Array:
        """Return what the last layer makes of what those before it made."""
        a = X
        for number, layer in enumerate(self.layers):
            a = run(layer, part_of(own, number), a, kept.inside(number))
        return a

    def outline(self, own: Mapping[str, Array], x: Symbol) -> Symbol:
        """Return what the last layer makes of what those before it made."""
        for number, layer in enumerate(self.layers):
            x = layer.outline(part_of(own, number), x)
        return x

    def backward(
        self,
        own: Mapping[str, Array],
        gradient: Mapping[str, Array],
        delta: Array,
        kept: Kept,
        out: Array | None,
    ) -> None:
        """Go back from the last layer to the first."""
        for number in reversed(range(len(self.layers))):
            inside = kept.inside(number)
            below = inside.like("below", inside.inputs) if number else out
            layer = self.layers[number]
            layer.backward(part_of(own, number), part_of(gradient, number), delta, inside, below)
            if below is not None:
                delta = below

    def _given(self, n_features: int) -> Iterator[tuple[Layer, int]]:
        """Yield each layer, and how many features it is given."""
        for layer in self.layers:
            yield layer, n_features
            n_features = layer.width(n_features)


def in_a_chain(*layers: Layer | None) -> Layer | None:
    """Return one layer that is those that there are, one behind the other; None where there is none."""
    found = tuple(layer for layer in layers if layer)
    return Chain(found) if len(found) > 1 else next(iter(found), None)
