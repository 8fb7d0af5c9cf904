"""BLAS threads are chosen by the work of a step, and never multiply with processes."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import glassnet
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import Architecture
from glassnet.nn.threads import threads_for


def count_threads():
    return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")


def architecture(*sizes):
    return Architecture(sizes, (ACTIVATIONS["relu"],), LOSSES["squared_error"])


@pytest.fixture(autouse=True)
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        if count_threads() < 2:
            pytest.skip("this BLAS has one thread only")
        yield


@pytest.mark.parametrize(("width", "threads"), [(20, 1), (2000, 2)])
def test_a_small_step_gets_one_thread_and_a_large_one_all(width, threads):
    with threads_for(architecture(width, width, 1), batch_size=128, itemsize=4):
        assert count_threads() == threads
    assert count_threads() == 2


def test_what_the_process_was_limited_to_is_never_raised():
    with threadpool_limits(1), threads_for(architecture(2000, 2000, 1), batch_size=128, itemsize=4):
        assert count_threads() == 1


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # it is told to stop
@pytest.mark.parametrize("model", ["NeuralNetwork", "MLPClassifier", "lbfgs"])
def test_every_way_of_training_chooses(model):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4)), rng.integers(0, 2, 60)
    seen = []

    def note(record):
        seen.append(count_threads())
        return True

    if model == "NeuralNetwork":
        glassnet.NeuralNetwork(N=1, A=[5], batch_size=20).fit(X, y, on_epoch=note)
    else:
        network = glassnet.MLPClassifier((5,), on_epoch=note)
        network.set_params(solver="lbfgs" if model == "lbfgs" else "adam").fit(X, y)
    assert seen == [1]
    assert count_threads() == 2
