"""Train with one BLAS thread, and leave no workers."""

import pytest
from joblib.externals.loky import get_reusable_executor
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Train as the workers of a study do; more threads would wait for each other."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module", autouse=True)
def workers_that_end():
    yield
    get_reusable_executor().shutdown(wait=True, kill_workers=True)
