"""The element-wise kernels: one interface, and two modules that have it, `numpy` and `numba`.

Callers write ``ops.adam(...)`` and never ask which of the two answers, nor import a kernel by its name, which
would bind them to one. NumPy answers at first, and Numba from the moment on when `ready` finds that the work
repays its loading. It needs the extra ``pip install 'glassnet[fast]'``; the environment variable
``GLASSNET_FAST=0`` keeps NumPy. The formulas are the same and so are the results, to the last bit, so that no
number hangs on what a process has done before.
"""

import os
import sys
import threading
from collections import defaultdict
from functools import lru_cache
from importlib.util import find_spec
from types import ModuleType

import numpy as np
from numpy.typing import DTypeLike

from glassnet._common.quoting import shown
from glassnet.nn.ops import _kept, numpy as plain
from glassnet.nn.ops.numpy import *  # noqa: F403  # the interface; `use` binds its names anew

kernels: ModuleType = plain
"""The module that answers."""

WORK_TO_LOAD, WORK_TO_COMPILE = 1e9, 1e10
"""Numbers to compute from which the compiled kernels pay: where they are on disk, and where they are not yet.

Measured on 2 cores: loading takes 0.5 to 0.9 s, compiling 5 s, and then a number takes about 0.5 ns less.
"""

_counted: defaultdict[str, float] = defaultdict(float)
"""The numbers that training has computed in this process, by dtype."""

_loaded: set[str] = set()
"""The dtypes whose compiled kernels are there."""

_loading = threading.RLock()
"""Held by the thread that loads kernels; another that wants them waits, and finds them there."""


def ready(dtype: DTypeLike, work: float = 0.0) -> bool:
    """Let the compiled kernels answer from now on, if they are there or the work repays their loading.

    The first process with much work after an installation compiles them, says so, and keeps them on disk for
    the next, in a folder that this user alone may open. Where there is none, each process compiles its own.
    Kernels are compiled for a dtype: NumPy's answer for one whose own are not there, or cannot be had.

    Parameters
    ----------
    dtype : dtype
        What is computed with.
    work : float
        About how many numbers the kernels are going to compute: rows times units, of all layers and passes.
        What was counted in this process so far is added to it.

    Returns
    -------
    bool
        Whether they answer: not without Numba, nor with ``GLASSNET_FAST=0``.
    """
    answers = kernels_for(dtype, work)
    if kernels is not answers:
        use(answers)
    return answers is not plain


def kernels_for(dtype: DTypeLike, work: float = 0.0) -> ModuleType:
    """Return the module that `ready` lets answer.

    Another thread may let another one answer for its own dtype meanwhile. That changes no number, but those
    of split inputs: they take their kernels from here.
    """
    name = np.dtype(dtype).str  # `name` is put together anew each time, in 7 us
    if os.environ.get("GLASSNET_FAST", "1") != "0" and (name in _loaded or _is_repaid(_counted[name] + work)):
        with _loading:
            return _load(name) or plain
    return plain


def count(dtype: DTypeLike, work: float) -> None:
    """Count numbers that training has computed: many short ones repay the kernels as a long one does."""
    _counted[np.dtype(dtype).str] += work


def use(module: ModuleType) -> None:
    """Let the kernels of a module answer, `ops.numpy` or `ops.numba`."""
    globals().update({name: getattr(module, name) for name in plain.__all__}, kernels=module)


def _is_repaid(work: float) -> bool:
    return work >= WORK_TO_LOAD and (work >= WORK_TO_COMPILE or _are_on_disk())


@lru_cache
def _are_on_disk() -> bool:
    """Return whether compiled kernels of some dtype are kept on this machine.

    Numba is not asked which, since importing it is most of what loading takes.
    """
    return _kept.any_kept()


@lru_cache
def _load(dtype: str) -> ModuleType | None:
    """Return the compiled kernels, ready for a dtype; None where there are none."""
    if find_spec("numba") is None:
        return None
    try:
        from glassnet.nn.ops import numba as compiled

        if not compiled.is_on_disk(np.dtype(dtype)):
            _say(f"compiling its {np.dtype(dtype).name} kernels, {_how_often()}: some seconds ...")
        compiled.warm_up(np.dtype(dtype))
    except Exception as error:  # whatever it is, NumPy gives the same numbers
        why = f"{type(error).__name__}: {shown(error)}"
        _say(f"NumPy's kernels answer, since Numba's cannot be had ({why}).")
        return None
    _loaded.add(dtype)
    return compiled


def _how_often() -> str:
    if _kept.folder_to_write() is not None:
        return "once for this machine"
    return "for this process alone, since there is no folder to keep them in (NUMBA_CACHE_DIR names one)"


def _say(line: str) -> None:
    sys.stderr.write(f"glassnet: {line}\n")
    sys.stderr.flush()
