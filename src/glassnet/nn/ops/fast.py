"""Use the compiled kernels where Numba is installed: ``pip install 'glassnet[fast]'``.

Nothing else changes: the formulas are the same, and functions of a user's own run as they are given. The
environment variable ``GLASSNET_FAST=0`` keeps NumPy's kernels.
"""

import os
import sys
import time
from functools import lru_cache

import numpy as np
from numpy.typing import DTypeLike

from glassnet.nn.ops.twins import TWINS

SLOW_SECONDS = 1.0
"""From how many seconds on compiling is worth a word."""


def load(dtype: DTypeLike) -> bool:
    """Let compiled kernels stand in for NumPy's, from now on in this process.

    The first process after an installation compiles them, which takes some seconds, and keeps them on disk
    for the next.

    Parameters
    ----------
    dtype : dtype
        What is computed with.

    Returns
    -------
    bool
        Whether they are used: not without Numba, nor with ``GLASSNET_FAST=0``.
    """
    return os.environ.get("GLASSNET_FAST", "1") != "0" and _load(np.dtype(dtype).name)


def unload() -> None:
    """Go back to NumPy's kernels."""
    TWINS.clear()
    _load.cache_clear()


@lru_cache
def _load(dtype: str) -> bool:
    try:
        from glassnet.nn.ops import numba as compiled
    except ImportError:
        return False
    start = time.perf_counter()
    n_compiled = compiled.warm_up(np.dtype(dtype))
    seconds = time.perf_counter() - start
    if n_compiled and seconds > SLOW_SECONDS:
        sys.stderr.write(
            f"glassnet: compiled its {dtype} kernels in {seconds:.1f} s, once for this machine\n"
        )
    TWINS.update(compiled.KERNELS)
    return True
