"""Denormal numbers, kept out in one place: what is too small to matter becomes zero.

A processor takes many times longer for numbers below the smallest normal one of their dtype, and NumPy cannot
make it treat them as zero. Left alone they come from three sources:

- *deltas* that vanish through many layers, and move weights as small (`drop_vanished`);
- *running means* of an optimiser whose gradient stays zero, of an input that is rarely on: they decay into
  denormal numbers and stay there. Of MNIST's inputs so many are rare that an epoch with Adam takes nearly
  twice as long (`flush_decayed`);
- *squares* of gradients, which units that are dead for good have from the penalty alone (`beside_gradient`).

A number that is added and taken away again rounds away what is too small beside it, and leaves what is much
larger as it is. float64 has nothing to drop but what decays for ever: no delta reaches 1e-308.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import DTypeLike

from glassnet._common.arrays import Array
from glassnet.nn import ops

UPDATES_TO_FLUSH = 64
"""Every how many updates the means are looked at; no decay in use reaches a denormal number in as many."""


def smallest_kept(dtype: DTypeLike) -> float:
    """Return what counts as zero and below: about 1e-30 in float32, 1e-300 in float64."""
    return float(np.finfo(dtype).tiny) * 1e8


_BESIDE_DELTA = smallest_kept(np.float32) / float(np.finfo(np.float32).eps)
_BESIDE_GRADIENT = 1e-11  # rounds away what is below about 1e-18


def drop_vanished(delta: Array) -> None:
    """Round `delta` of float32, shape (n, units), to zero, in place, where it is below about 1e-30."""
    if delta.dtype == np.float32:
        ops.drop_vanished(delta, _BESIDE_DELTA)


def flush_decayed(means: Iterable[Array], scratch: Array, t: int) -> None:
    """Set to zero, after every 64th update t, what has decayed below `smallest_kept`.

    The flush changes no update that could be seen.

    Parameters
    ----------
    means : iterable of ndarray
        Changed in place.
    scratch : ndarray
        Of the same shape and dtype, to work in.
    t : int
    """
    if t % UPDATES_TO_FLUSH == 0:
        for mean in means:
            np.abs(mean, out=scratch)
            np.greater_equal(scratch, smallest_kept(mean.dtype), out=scratch)
            mean *= scratch


def beside_gradient(dtype: DTypeLike) -> float:
    """Return what a gradient is rounded beside before it is squared; 0 where that is not needed."""
    return _BESIDE_GRADIENT if dtype == np.float32 else 0.0
