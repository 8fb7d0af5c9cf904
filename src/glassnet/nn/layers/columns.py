"""Different columns, different layers, side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.layers._layer import Kept, Layer, Slot, Symbol, join, part_of, run
from glassnet.nn.layers.periodic import Periodic


@dataclass(frozen=True)
class Columns:
    """Cut the features into blocks of columns, give each to a layer, and put the outputs side by side.

    Parameters
    ----------
    blocks : tuple of (int, Layer or None)
        The number of columns of each block, from the left, and its layer; None passes them on as they are.
    """

    blocks: tuple[tuple[int, Layer | None], ...] = ((1, Periodic()), (1, None))

    def width(self, n_features: int) -> int:
        """Return the outputs of all blocks together."""
        return sum(width if layer is None else layer.width(width) for width, layer in self.blocks)

    def slots(self, n_features: int) -> dict[str, Slot]:
        """Return the parameters of all layers: ``"0.w1"`` is w1 of the first block."""
        return join(layer.slots(width) if layer else {} for width, layer in self.blocks)

    def draw(self, rng: np.random.Generator, n_features: int) -> dict[str, Any]:
        """Return the first values of all layers' parameters."""
        return join(layer.draw(rng, width) if layer else {} for width, layer in self.blocks)

    def forward(self, own: Mapping[str, Array], X: Array, kept: Kept) -> Array:
        """Return the outputs of all blocks side by side."""
        a = kept.array("a", (len(X), self.width(X.shape[1])), X.dtype)
        for number, layer, into, out_of in self._cuts():
            part = X[:, into]
            if layer is not None:
                part = np.ascontiguousarray(part)
                part = run(layer, part_of(own, number), part, kept.inside(number))
            a[:, out_of] = part
        return a

    def outline(self, own: Mapping[str, Array], x: Symbol) -> Symbol:
        """Return the outputs of all blocks side by side."""
        parts = []
        for number, layer, into, _ in self._cuts():
            part = x.columns(into.start, into.stop)
            parts.append(layer.outline(part_of(own, number), part) if layer else part)
        return parts[0].beside(*parts[1:])

    def backward(
        self,
        own: Mapping[str, Array],
        gradient: Mapping[str, Array],
        delta: Array,
        kept: Kept,
        out: Array | None,
    ) -> None:
        """Go back through each block for itself."""
        for number, layer, into, out_of in self._cuts():
            part = np.ascontiguousarray(delta[:, out_of])
            below: Array | None = part
            if layer is not None:
                inside = kept.inside(number)
                below = None if out is None else inside.like("below", inside.inputs)
                layer.backward(part_of(own, number), part_of(gradient, number), part, inside, below)
            if out is not None:
                out[:, into] = below

    def _cuts(self) -> Iterator[tuple[int, Layer | None, slice, slice]]:
        """Yield each block: its number, its layer, its columns of the inputs and of the outputs."""
        start, begin = 0, 0
        for number, (width, layer) in enumerate(self.blocks):
            end = begin + (width if layer is None else layer.width(width))
            yield number, layer, slice(start, start + width), slice(begin, end)
            start, begin = start + width, end
