"""Models whose arrays are read-only, as `joblib.load(mmap_mode="r")` leaves them: they train on a copy."""

from operator import methodcaller

import joblib
import numpy as np
import pytest

from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork, load
from glassnet.nn import ops
from glassnet.nn.network import Parameters
from glassnet.nn.ops import numpy as numpy_kernels

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = np.repeat([0, 1], 30)

MODELS = {
    f"{cls.__name__} {solver}": lambda cls=cls, solver=solver: cls(
        hidden_layer_sizes=(50,),
        solver=solver,
        max_iter=3,
        tol=10,
        n_iter_no_change=1,
        warm_start=True,
        keep_optimizer_state=True,
        random_state=0,
    )
    for cls in (MLPClassifier, MLPRegressor, MLPAutoencoder)
    for solver in ("adam", "adamw", "sgd", "lbfgs")
} | {
    f"NeuralNetwork {optimizer}": lambda optimizer=optimizer: NeuralNetwork(
        1, [50], epochs=2, optimizer=optimizer, random_state=0, batch_size=20
    )
    for optimizer in ("sgd", "momentum", "adam")
}


@pytest.fixture(autouse=True, params=["compiled", "NumPy"])
def kernels(request, monkeypatch):
    """Let the one or the other kernels answer."""
    if request.param == "compiled":
        pytest.importorskip("numba")
        request.getfixturevalue("compiled_kernels")
        yield
        return
    before = ops.kernels
    monkeypatch.setenv("GLASSNET_FAST", "0")
    ops.use(numpy_kernels)
    yield
    ops.use(before)


@pytest.fixture(params=MODELS, ids=str)
def model(request):
    return MODELS[request.param]().fit(X, Y)


def mapped(model, folder, name="model.joblib"):
    joblib.dump(model, folder / name)
    found = joblib.load(folder / name, mmap_mode="r")
    assert not found.parameters_.theta.flags.writeable
    return found


def go_on(model):
    solver = getattr(model, "solver", "")
    if isinstance(model, NeuralNetwork) or (solver != "lbfgs" and hasattr(model, "partial_fit")):
        return model.partial_fit(X, Y)
    return model.fit(X, Y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_training_goes_on_as_without_the_map(model, tmp_path):
    found = mapped(model, tmp_path)
    listed = found.parameters_.weights
    before = found.parameters_.theta.copy()
    for _ in range(2):
        go_on(model)
        go_on(found)
    np.testing.assert_array_equal(found.parameters_.theta, model.parameters_.theta)
    assert listed is found.parameters_.weights  # what a user holds is still what is trained
    np.testing.assert_array_equal(listed[0], model.parameters_.weights[0])
    np.testing.assert_array_equal(joblib.load(tmp_path / "model.joblib").parameters_.theta, before)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_answers_leave_the_map(model, tmp_path):
    found = mapped(model, tmp_path)
    (found.transform if isinstance(found, MLPAutoencoder) else found.predict)(X)
    assert isinstance(found.parameters_.theta, np.memmap)


def test_a_plain_network_takes_a_step(tmp_path):
    network = NeuralNetwork(1, [50], random_state=0).initialize(X, Y)
    found = mapped(network, tmp_path)
    found.backward_propagation(X, Y)
    network.backward_propagation(X, Y)
    np.testing.assert_array_equal(found.parameters_.theta, network.parameters_.theta)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_weights_can_be_set(tmp_path):
    found = mapped(MLPClassifier((5,), max_iter=1).fit(X, Y), tmp_path)
    coefs, intercepts = found.coefs_, found.intercepts_
    coefs[0] = np.ones((4, 5))
    found.intercepts_ = [np.full(5, 2.0), np.full(1, 3.0)]
    assert found.parameters_.theta[0] == 1
    assert found.parameters_.theta[-1] == 3
    assert coefs is found.coefs_
    assert intercepts is found.intercepts_
    found = mapped(found, tmp_path, "again.joblib")
    found.parameters_.theta = np.zeros(found.parameters_.theta.size)
    assert not found.coefs_[0].any()


def test_read_only_arrays_of_ones_own_are_trained_on_a_copy():
    model = MLPClassifier((5,), max_iter=1, random_state=0).initialize(X, Y)
    frozen = model.parameters_.theta.copy()
    frozen.flags.writeable = False
    model.parameters_ = Parameters(model.architecture_, frozen)
    model.partial_fit(X, Y)
    assert (model.parameters_.theta != frozen).any()
    model.coefs_ = [np.broadcast_to(np.float64(1), (4, 5)), np.broadcast_to(np.float64(1), (5, 1))]
    assert model.partial_fit(X, Y).coefs_[0].flags.writeable


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_models_from_files_of_ours_train_on(model, tmp_path):
    model.save(tmp_path / "model.safetensors")
    go_on(load(tmp_path / "model.safetensors"))


def test_a_large_model_is_trained_in_processes_of_joblib():
    """Beyond a size joblib sends arrays as read-only maps, by itself."""
    model = MLPClassifier((50,), max_iter=1, random_state=0).initialize(X, Y)
    train = methodcaller("partial_fit", X, Y)  # what every process can import
    (theirs,) = joblib.Parallel(n_jobs=2, max_nbytes=100)([joblib.delayed(train)(model)])
    np.testing.assert_allclose(theirs.parameters_.theta, train(model).parameters_.theta)
