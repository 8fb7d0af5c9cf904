"""Mostly-zero inputs, split by column: the same products, losses and gradients as whole ones."""

import copy

import numpy as np
import pytest
import scipy.sparse

from glassnet.nn import ops, sparse
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.history import History
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.nn.samples import Samples
from glassnet.nn.sparse import SplitBatch, find_used_columns
from glassnet.nn.training import Training, shuffles, steps, train

pytest.importorskip("numba")
pytestmark = pytest.mark.usefixtures("compiled_kernels")
UNITS = 300


def draw(n=400, n_features=90, shares=(0.9, 0.02, 0.0), dtype=np.float64, seed=0):
    """Return inputs whose columns are used by such shares of the rows, in turn."""
    rng = np.random.default_rng(seed)
    used = rng.random((n, n_features)) < np.resize(shares, n_features)
    numbers = rng.integers(1, 256, (n, n_features)) if dtype == np.uint8 else rng.normal(size=used.shape)
    return (numbers * used).astype(dtype)


KINDS = {
    "float64": (draw(), np.float64, None),
    "float32": (draw(dtype=np.float32), np.float32, None),
    "bytes": (draw(dtype=np.uint8), np.float32, 255.0),
    "CSR": (scipy.sparse.csr_matrix(draw()), np.float64, None),
    "CSR array in float32": (scipy.sparse.csr_array(draw(dtype=np.float32)), np.float32, None),
    "no column kept": (draw(shares=(0.03, 0.0)), np.float64, None),
    "no entry at all": (np.zeros((50, 90)), np.float64, None),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [np.array([3, 3, 40, 0, 11]), slice(10, 47)], ids=["rows", "slice"])
def test_products_are_those_of_the_whole(kind, rows):
    X, dtype, divisor = KINDS[kind]
    whole = (X if isinstance(X, np.ndarray) else X.toarray())[rows].astype(np.float64) / (divisor or 1)
    samples = Samples(X, None, dtype, divisor).split(UNITS)
    batch, order = samples.inputs(rows), samples.columns
    assert isinstance(batch, SplitBatch)
    np.testing.assert_array_equal(np.sort(order), np.arange(90))
    assert len(batch) == len(whole)
    rng = np.random.default_rng(1)
    weight = rng.normal(size=(90, UNITS)).astype(dtype)
    delta = rng.normal(size=(len(whole), UNITS)).astype(dtype)
    close = {"rtol": 100 * np.finfo(dtype).eps, "atol": 100 * np.finfo(dtype).eps}
    out = np.full((len(whole), UNITS), np.nan, dtype)
    assert np.matmul(batch, weight[order], out=out) is out
    np.testing.assert_allclose(out, whole @ weight.astype(np.float64), **close)
    gradient = np.full((90, UNITS), np.nan, dtype)
    assert np.matmul(batch.mT, delta, out=gradient) is gradient
    np.testing.assert_allclose(gradient, whole[:, order].T @ delta.astype(np.float64), **close)


def test_a_batch_is_nothing_but_a_factor():
    batch = Samples(draw(), None, np.float64).split(UNITS).inputs(slice(0, 5))
    for refused in (
        lambda: np.add(batch, 1),
        lambda: np.matmul(np.ones((2, 5)), batch, out=np.empty((2, 90))),
        lambda: np.matmul(batch, np.ones((90, 3))),
    ):
        with pytest.raises(TypeError):
            refused()


@pytest.mark.parametrize(
    ("why", "X", "units"),
    [
        ("most columns are used", draw(shares=(0.9,)), UNITS),
        ("little would be spared", draw(shares=(0.9, 0.9, 0.9, 0.9, 0.9, 0.0)), UNITS),
        ("the layer is small", draw(), 16),
        ("there are no rows", np.empty((0, 90)), UNITS),
    ],
)
def test_inputs_stay_whole_where_a_split_does_not_pay(why, X, units):
    assert find_used_columns(X, units) is None
    samples = Samples(X, None, np.float64)
    assert samples.split(units) is samples


def test_a_mapped_file_is_not_copied(tmp_path):
    X = draw()
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert find_used_columns(X, UNITS) is not None
    for seen in (mapped, mapped[:300], np.asarray(mapped)):
        samples = Samples(seen, None, np.float64)
        assert samples.split(UNITS) is samples


def test_inputs_stay_whole_without_the_compiled_kernels(monkeypatch):
    samples = Samples(draw(), None, np.float64)
    assert samples.split(UNITS) is not samples
    monkeypatch.setenv("GLASSNET_FAST", "0")
    assert samples.split(UNITS) is samples


def test_another_thread_that_lets_numpy_answer_changes_no_number():
    """As a small training of another dtype does, at any moment."""
    samples = Samples(draw(dtype=np.float32), None, np.float32)
    weight = np.random.default_rng(1).normal(size=(90, UNITS)).astype(np.float32)
    products = []
    for other in (ops.kernels, ops.plain):
        ops.use(other)
        split = samples.split(UNITS)
        assert split is not samples
        ops.use(other)
        products.append(
            np.matmul(split.inputs(slice(0, 300)), weight, out=np.empty((300, UNITS), np.float32))
        )
    np.testing.assert_array_equal(products[0], products[1])


def test_the_kept_columns_are_the_often_used_ones():
    X = draw(n=6000, shares=(0.05, 0.5, 0.0))
    np.testing.assert_array_equal(find_used_columns(X, UNITS), np.arange(1, 90, 3))


@pytest.mark.parametrize("kind", ["float64", "bytes", "CSR"])
def test_training_is_the_same(kind, monkeypatch):
    X, dtype, divisor = KINDS[kind]
    y = np.eye(3, dtype=dtype)[np.random.default_rng(2).integers(0, 3, X.shape[0])]

    def fit():
        rng = np.random.default_rng(3)
        sizes = (90, UNITS, 3)
        architecture = Architecture(sizes, (ACTIVATIONS["relu"],), LOSSES["softmax_cross_entropy"])
        parameters = Parameters.zeros(architecture, dtype)
        parameters.theta[...] = rng.normal(scale=0.1, size=parameters.theta.shape)
        training = Training(architecture, parameters, OPTIMIZERS["momentum"], 0.05, 32, alpha=0.1)
        samples, history = Samples(X, y, dtype, divisor), History()
        train(training, samples, samples, shuffles(len(samples), rng), history, max_epochs=3)
        remembered = training.optimizer_state.memory["velocity"]
        return np.append(parameters.theta, remembered), [record.validation_loss for record in history.records]

    monkeypatch.setattr(ops, "WORK_TO_LOAD", 0.0)
    calls = []
    split = Samples.split
    monkeypatch.setattr(Samples, "split", lambda self, units: calls.append(split(self, units)) or calls[-1])
    theta, losses = fit()
    assert any(isinstance(samples.inputs(slice(0, 2)), SplitBatch) for samples in calls)
    monkeypatch.setattr(sparse, "WORTH", -1.0)
    whole_theta, whole_losses = fit()
    rtol, atol = (1e-4, 1e-6) if dtype == np.float32 else (1e-10, 1e-12)
    np.testing.assert_allclose(theta, whole_theta, rtol, atol)
    np.testing.assert_allclose(losses, whole_losses, rtol, atol)


def begin():
    rng = np.random.default_rng(4)
    architecture = Architecture((90, UNITS, 1), (ACTIVATIONS["relu"],), LOSSES["squared_error"])
    theta = rng.normal(scale=0.1, size=architecture.n_parameters)
    return Training(architecture, Parameters(architecture, theta), OPTIMIZERS["adam"], 0.01, 32)


def test_weights_are_seen_in_their_own_order_whenever_a_consumer_stops():
    X, y = draw(), np.random.default_rng(5).normal(size=(400, 1))
    left = []
    for samples in (Samples(X, y, np.float64), Samples(X, y, np.float64).split(UNITS)):
        training = begin()
        held, state, before = training.parameters, training.optimizer_state, training.parameters.theta.copy()
        made = steps(training, samples, np.arange(400))
        for _ in range(4):
            next(made)
        if samples.is_split:  # whoever looks from another thread
            np.testing.assert_array_equal(held.theta, before)
            copied = copy.copy(training)
            assert copied.parameters is held
            assert copied.optimizer_state is state
        made.close()
        assert training.parameters is held
        assert training.optimizer_state is state
        assert state.t == 3
        left.append(np.concatenate([held.theta, *state.memory.values()]))
    np.testing.assert_allclose(left[0], left[1], 1e-9, 1e-12)


def test_split_inputs_are_refused_by_weights_in_another_order():
    samples = Samples(draw(), np.ones((400, 1)), np.float64).split(UNITS)
    with pytest.raises(AssertionError):
        begin().compute_gradient(samples, np.arange(3))


@pytest.mark.parametrize(("epochs", "splits"), [(1, False), (2, False), (5000, True)])
def test_a_training_splits_its_inputs_for_its_own_work_alone(epochs, splits, monkeypatch):
    """So the same training gives the same numbers, whatever the process has done before."""
    X, y = draw(n=2000, dtype=np.float32), np.ones((2000, 1), np.float32)
    architecture = Architecture((90, UNITS, 1), (ACTIVATIONS["relu"],), LOSSES["squared_error"])
    training = Training(architecture, Parameters.zeros(architecture, np.float32), OPTIMIZERS["sgd"], 0.01, 10)
    calls = []
    monkeypatch.setattr(Samples, "split", lambda self, units: calls.append(self) or self)
    orders = shuffles(2000, np.random.default_rng(0))
    samples = Samples(X, y, np.float32)
    train(training, samples, None, orders, History(), max_epochs=epochs, on_epoch=lambda record: True)
    assert calls == [samples] * splits
