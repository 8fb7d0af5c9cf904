"""Small data for the tests of the estimators, and one BLAS thread."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def flowers():
    """Return 90 samples of three classes that overlap, (X, y)."""
    rng = np.random.default_rng(0)
    y = np.repeat(["ash", "elm", "oak"], 30)
    X = rng.normal(size=(90, 4)) + np.repeat([[0, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0]], 30, axis=0)
    order = rng.permutation(90)
    return X[order], y[order]


@pytest.fixture(scope="session")
def curve():
    """Return 80 samples of a smooth function of three inputs with some noise, (X, y)."""
    rng = np.random.default_rng(1)
    X = rng.uniform(-1, 1, size=(80, 3))
    return X, np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + rng.normal(0, 0.05, 80)
