"""Let the tests of this folder, and the worker processes that they start, import `tiny_study`."""

import sys
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

FOLDER = str(Path(__file__).parent)
if FOLDER not in sys.path:
    sys.path.insert(0, FOLDER)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Train with one BLAS thread, as the workers of a study do; more would wait for each other."""
    with threadpool_limits(1):
        yield
