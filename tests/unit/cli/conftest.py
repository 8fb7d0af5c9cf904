"""A tiny study in the table, and kernels that are on disk."""

from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest


@pytest.fixture(scope="session", autouse=True)
def kernels_on_disk():
    """Compile the kernels before a command does, which would say so on stderr where it is slow."""
    if find_spec("numba"):
        kernels = import_module("glassnet.nn.ops.numba")
        for dtype in (np.float32, np.float64):
            kernels.warm_up(np.dtype(dtype))


@pytest.fixture
def tiny(monkeypatch):
    """Put the tiny study into the table of studies."""
    from tiny_study import TINY

    from glassnet.studies import STUDIES

    monkeypatch.setitem(STUDIES, "tiny", TINY)
    return TINY
