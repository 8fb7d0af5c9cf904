"""The element-wise kernels: one interface, and two modules that have it, `numpy` and `numba`.

Callers write ``ops.adam(...)`` and never ask which of the two answers, nor import a kernel by its name, which
would bind them to one. NumPy answers at first, and Numba from the moment on when `ready` finds that the work
ahead repays its loading: in training always. It needs the extra ``pip install 'glassnet[fast]'``; the
environment variable ``GLASSNET_FAST=0`` keeps NumPy. The formulas are the same.
"""

import math
import os
import sys
import time
from functools import lru_cache
from types import ModuleType

import numpy as np
from numpy.typing import DTypeLike

from glassnet.nn.ops import numpy as plain
from glassnet.nn.ops.numpy import *  # noqa: F403  # the interface; `use` binds its names anew

kernels: ModuleType = plain
"""The module that answers."""

WORK_TO_LOAD = 2e9
"""Numbers to compute from which loading the compiled kernels pays.

Measured on 2 cores: loading takes 0.6 to 0.9 s, and a forward pass then takes about 0.5 ns a number less.
"""

SLOW_SECONDS = 1.0
"""From how many seconds on compiling is worth a word."""


def ready(dtype: DTypeLike, work: float = math.inf) -> bool:
    """Let compiled kernels answer from now on in this process, if they are there and the work repays it.

    The first process after an installation compiles them, which takes some seconds, and keeps them on disk
    for the next, which loads them in less than one.

    Parameters
    ----------
    dtype : dtype
        What is computed with.
    work : float
        About how many numbers the kernels are going to compute: rows times units, of all layers and passes.

    Returns
    -------
    bool
        Whether they answer: not without Numba, nor with ``GLASSNET_FAST=0``.
    """
    if work >= WORK_TO_LOAD and os.environ.get("GLASSNET_FAST", "1") != "0":
        compiled = _load(np.dtype(dtype).name)
        if compiled is not None and kernels is not compiled:
            use(compiled)
    return kernels is not plain


def use(module: ModuleType) -> None:
    """Let the kernels of a module answer, `ops.numpy` or `ops.numba`."""
    globals().update({name: getattr(module, name) for name in plain.__all__}, kernels=module)


@lru_cache
def _load(dtype: str) -> ModuleType | None:
    """Return the compiled kernels, ready for a dtype; None without Numba."""
    try:
        from glassnet.nn.ops import numba as compiled
    except ImportError:
        return None
    start = time.perf_counter()
    n_compiled = compiled.warm_up(np.dtype(dtype))
    seconds = time.perf_counter() - start
    if n_compiled and seconds > SLOW_SECONDS:
        sys.stderr.write(
            f"glassnet: compiled its {dtype} kernels in {seconds:.1f} s, once for this machine\n"
        )
    return compiled
