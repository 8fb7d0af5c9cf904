"""Train with one BLAS thread."""

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Train as the workers of a study do; more threads would wait for each other."""
    with threadpool_limits(1):
        yield
