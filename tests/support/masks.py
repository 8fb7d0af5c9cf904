"""Masks of dropout, drawn again by their definition."""

import math

import numpy as np
from numpy.typing import NDArray


def draw_mask(rng: np.random.Generator, shape: tuple[int, ...], rate: float) -> NDArray[np.float64]:
    """Return the factors that `Dropout` draws: 16 bits a unit, of each draw of 64 the lowest first."""
    size = math.prod(shape)
    draws = rng.bit_generator.random_raw(math.ceil(size / 4))
    bits = np.stack([draws >> np.uint64(16 * k) & np.uint64(0xFFFF) for k in range(4)], axis=1).ravel()[:size]
    kept = round((1 - rate) * 2**16)
    return np.where(bits.reshape(shape) < kept, 2**16 / kept, 0.0)
