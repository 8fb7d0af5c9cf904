"""BLAS threads are chosen by the work of a step, and never multiply with processes."""

import json
import os

import numpy as np
import pytest
from processes import run_python
from threadpoolctl import threadpool_info, threadpool_limits

import glassnet
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import Architecture
from glassnet.nn.threads import limited_to, threads_by_work


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
def test_by_its_work_a_small_step_gets_one_thread_and_a_large_one_all(width, threads):
    assert threads_by_work(architecture(width, width, 1), batch_size=128, itemsize=4) == threads
    with limited_to(threads):
        assert count_threads() == threads
    assert count_threads() == 2


def test_what_the_process_was_limited_to_is_never_raised():
    with threadpool_limits(1):
        threads = threads_by_work(architecture(2000, 2000, 1), batch_size=128, itemsize=4)
        with limited_to(threads):
            assert threads == count_threads() == 1


@pytest.mark.parametrize("last", [0, 1])
def test_threads_that_overlap_leave_what_was_before(last):
    small = [limited_to(1) for _ in range(2)]
    for context in small:
        context.__enter__()
    small[1 - last].__exit__(None, None, None)
    assert count_threads() == 1  # the other one still trains
    small[last].__exit__(None, None, None)
    assert count_threads() == 2


OVERLAP = """
import json, threading
import numpy as np
from threadpoolctl import threadpool_info
import glassnet

def count():
    return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")

def fit(on_epoch):
    glassnet.NeuralNetwork(N=1, A=[5], batch_size=20, epochs=1).fit(X, y, on_epoch=on_epoch)

def first(record):
    begun.set()
    assert both.wait(600)

def second(record):
    both.set()
    assert over.wait(600)
    seen.append(count())

X, y = np.random.default_rng(0).normal(size=(60, 4)), np.arange(60) % 2
begun, both, over = threading.Event(), threading.Event(), threading.Event()
seen = [count()]
threads = [threading.Thread(target=fit, args=(on_epoch,)) for on_epoch in (first, second)]
threads[0].start()
assert begun.wait(600)
threads[1].start()
threads[0].join()
over.set()
threads[1].join()
print(json.dumps([*seen, count()]))"""


def test_fits_that_overlap_leave_what_was_before():
    """The first to begin is the first to end; in a process where nobody has limited anything before."""
    done = run_python(OVERLAP, env={**os.environ, "OPENBLAS_NUM_THREADS": "2"})
    assert json.loads(done.stdout) == [2, 1, 2]


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
