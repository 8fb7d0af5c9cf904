"""Numba's door to the kernels that are kept: what is missing, damaged or of another build is compiled."""

import hashlib
import pickle
import pkgutil
import sys
from collections.abc import Callable
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.caching import CompileResultCacheImpl, NullCache
from numba.core.serialize import dumps

from glassnet.nn.ops import _kept

_SOURCES = tuple(
    hashlib.sha256(pkgutil.get_data(__package__, name) or b"").digest() for name in ("numba.py", "numpy.py")
)
_BUILD = (numba.__version__, llvmlite.__version__, np.__version__, sys.implementation.cache_tag, _SOURCES)
"""What a kept kernel must have been compiled by, and from."""


class _Form(CompileResultCacheImpl):
    """Numba's way of writing a compiled function down; where it is kept is none of its business."""

    def __init__(self) -> None:
        pass


_FORM: Any = _Form()


class KernelCache(NullCache):
    """Keep the compiled forms of one function.

    Numba's own cache fails where it may write nowhere or its files are damaged, and goes into folders that
    others can write to.

    Parameters
    ----------
    function : callable
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function_name = function.__name__

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the function compiled for some types; None where that is not kept."""
        target_context.refresh()
        payload = _kept.read(self._name(sig, target_context.codegen()))
        if payload is None:
            return None
        try:
            return _FORM.rebuild(target_context, pickle.loads(payload))
        except Exception:  # it is what was written, and this Numba makes nothing of it
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the function compiled for some types, where that is possible."""
        if not data.library.has_dynamic_globals:
            payload = dumps(_FORM.reduce(data))  # type: ignore[no-untyped-call]
            _kept.write(self._name(sig, data.codegen), payload)

    def _name(self, sig: Any, codegen: Any) -> str:
        key = repr((sig, codegen.magic_tuple(), _BUILD))
        return f"{self._function_name}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
