"""Weights that users set: by item, all at once, by parts; one truth for all that read them."""

import copy
import pickle
import warnings
from importlib.util import find_spec

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.datasets import load_iris, make_moons
from sklearn.preprocessing import StandardScaler

import glassnet
from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from glassnet.errors import InvalidParameterError, NotFittedError
from glassnet.nn import ops
from glassnet.nn.network import Parameters

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

MAKE = {
    "classifier": lambda: MLPClassifier((5, 4), max_iter=3, random_state=0, warm_start=True),
    "regressor": lambda: MLPRegressor(hidden_layer_sizes=(5, 4), max_iter=3, random_state=0, warm_start=True),
    "autoencoder": lambda: MLPAutoencoder((5, 4), max_iter=3, random_state=0, warm_start=True),
    "network": lambda: NeuralNetwork(2, [5, 4], epochs=3, random_state=0, dtype="float64"),
}
SOLVERS = ("lbfgs", "sgd", "adam")


def names_of(model):
    return ("weights_", "biases_") if isinstance(model, NeuralNetwork) else ("coefs_", "intercepts_")


def answers(model, X):
    return (
        model.reconstruct(X)
        if isinstance(model, MLPAutoencoder)
        else getattr(model, "predict_proba", model.predict)(X)
    )


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.fixture(params=[*MAKE.values()], ids=[*MAKE])
def model(request, iris):
    return request.param().fit(*iris)


def set_by_item(model, name, arrays):
    for i, array in enumerate(arrays):
        getattr(model, name)[i] = array


def set_from_the_end(model, name, arrays):
    for i, array in enumerate(arrays):
        getattr(model, name)[i - len(arrays)] = array


def set_by_slice(model, name, arrays):
    getattr(model, name)[:] = arrays


def set_through_the_parameters(model, name, arrays):
    part = "weights" if name in ("coefs_", "weights_") else "biases"
    setattr(model.parameters_, part, arrays)


@pytest.mark.parametrize(
    "set_arrays", [set_by_item, set_from_the_end, set_by_slice, setattr, set_through_the_parameters]
)
def test_weights_that_are_set_are_those_that_everything_sees(model, set_arrays, iris, tmp_path):
    X, _ = iris
    rng = np.random.default_rng(1)
    for name in names_of(model):
        wanted = [rng.normal(size=array.shape) for array in getattr(model, name)]
        set_arrays(model, name, wanted)
        for array, right in zip(getattr(model, name), wanted, strict=True):
            np.testing.assert_array_equal(array, right)
    weights, biases = (getattr(model, name) for name in names_of(model))
    np.testing.assert_array_equal(
        model.parameters_.theta, np.concatenate([array.ravel() for array in (*weights, *biases)])
    )
    model.save(tmp_path / "model.safetensors")
    for twin in (
        pickle.loads(pickle.dumps(model)),
        copy.deepcopy(model),
        glassnet.load(tmp_path / "model.safetensors"),
    ):
        np.testing.assert_array_equal(answers(twin, X), answers(model, X))


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_training_goes_on_from_the_weights_that_were_set(make, iris):
    X, y = iris
    one, other = make().fit(X, y), make().fit(X, y)
    for name in names_of(one):
        wanted = [array / 2 for array in getattr(one, name)]
        set_by_item(one, name, wanted)
        for array, right in zip(getattr(other, name), wanted, strict=True):
            array[...] = right
    unchanged = one.parameters_.theta.copy()
    if hasattr(one, "partial_fit"):
        for model in (one, other):
            model.partial_fit(X, y)
    else:
        one.fit(X), other.fit(X)
    assert (one.parameters_.theta != unchanged).any()
    np.testing.assert_array_equal(one.parameters_.theta, other.parameters_.theta)
    np.testing.assert_array_equal(answers(one, X), answers(other, X))


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_warm_start_goes_on_from_the_weights_that_were_set(solver, iris):
    def train(cls):
        model = cls((6,), solver=solver, max_iter=3, random_state=0, warm_start=True, alpha=1.0).fit(*iris)
        model.coefs_[0] = model.coefs_[0] * 0.5
        model.intercepts_ = [bias * 0 for bias in model.intercepts_]
        return model.fit(*iris).coefs_

    for ours, theirs in zip(train(MLPClassifier), train(neural_network.MLPClassifier), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-8)


def test_parameters_that_replace_others_are_those_that_training_changes(model, iris):
    if not hasattr(model, "partial_fit"):
        pytest.skip("it is trained by fit alone")
    model.parameters_ = Parameters(model.architecture_, model.parameters_.theta * 0.5)
    before = model.parameters_.theta.copy()
    model.partial_fit(*iris)
    assert (model.parameters_.theta != before).any()


def test_the_best_weights_of_a_loop_come_back(iris):
    X, y = iris
    model, best, best_score = MLPClassifier((8,), random_state=0), None, -np.inf
    for _ in range(30):
        model.partial_fit(X, y, classes=[0, 1, 2])
        if model.score(X, y) > best_score:
            best_score = model.score(X, y)
            best = copy.deepcopy(model.coefs_), copy.deepcopy(model.intercepts_)
    model.coefs_[0] = model.coefs_[0] * 0
    model.coefs_, model.intercepts_ = best
    assert model.score(X, y) == best_score


def test_other_precisions_are_cast_into_the_networks(model):
    name = names_of(model)[0]
    half = getattr(model, name)[0].astype(np.float16)
    getattr(model, name)[0] = half
    array = getattr(model, name)[0]
    assert array.dtype == model.parameters_.theta.dtype == np.float64
    np.testing.assert_array_equal(array, half.astype(np.float64))
    getattr(model, name)[0] = np.ones(array.shape, int).tolist()
    assert (getattr(model, name)[0] == 1).all()


@pytest.mark.parametrize(
    "wrong", [np.ones((5, 4)), np.ones(4), 1.0, None, "text", [[1], [2, 3]], np.ones((4, 5)) * 1j]
)
def test_an_array_that_does_not_fit_is_refused_and_changes_nothing(model, wrong):
    for name in names_of(model):
        before = model.parameters_.theta.copy()
        arrays = getattr(model, name)
        with pytest.raises(InvalidParameterError, match=r"layer 1; expected numbers of shape \((4, )?5,?\)"):
            arrays[0] = wrong
        with pytest.raises(InvalidParameterError, match="layer 1"):
            setattr(model, name, [wrong, *arrays[1:]])
        with pytest.raises(InvalidParameterError, match="layer 1"):
            arrays[::-1] = [arrays[2] + 1, arrays[1], wrong]
        with pytest.raises(InvalidParameterError, match=r"2 arrays for the .* of 3 layers"):
            setattr(model, name, arrays[:2])
        with pytest.raises(IndexError):
            arrays[3] = wrong
        np.testing.assert_array_equal(model.parameters_.theta, before)


REFUSED = {
    "append": lambda arrays: arrays.append(np.ones((4, 3))),
    "extend": lambda arrays: arrays.extend([np.ones((4, 3))]),
    "insert": lambda arrays: arrays.insert(0, np.ones((4, 3))),
    "pop": lambda arrays: arrays.pop(),
    "remove": lambda arrays: arrays.remove(0),
    "clear": lambda arrays: arrays.clear(),
    "sort": lambda arrays: arrays.sort(key=np.sum),
    "reverse": lambda arrays: arrays.reverse(),
    "del": lambda arrays: arrays.__delitem__(0),
    "del of a slice": lambda arrays: arrays.__delitem__(slice(None)),
    "+=": lambda arrays: arrays.__iadd__([1]),
    "*=": lambda arrays: arrays.__imul__(2),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_the_number_and_order_of_layers_are_fixed(model, change):
    for name in names_of(model):
        with pytest.raises(TypeError, match=r"order are fixed. Assign to an item"):
            change(getattr(model, name))
        assert len(getattr(model, name)) == 3


def test_layers_may_change_places_where_they_fit():
    model = MLPClassifier((4, 4), max_iter=1, random_state=0).fit(np.eye(4), [0, 0, 1, 1])
    first, second, last = (array.copy() for array in model.coefs_)
    model.coefs_[:2] = model.coefs_[1::-1]
    for array, right in zip(model.coefs_, (second, first, last), strict=True):
        np.testing.assert_array_equal(array, right)
    model.coefs_[0] = model.coefs_[0].T
    np.testing.assert_array_equal(model.coefs_[0], second.T)
    model.coefs_[1] += 1
    np.testing.assert_array_equal(model.coefs_[1], first + 1)


def test_what_is_copied_is_a_plain_list_of_its_own(model):
    for name in names_of(model):
        arrays = getattr(model, name)
        assert isinstance(arrays, list)
        for twin in (copy.deepcopy(arrays), pickle.loads(pickle.dumps(arrays))):
            assert type(twin) is list
            assert not any(np.shares_memory(array, model.parameters_.theta) for array in twin)
        assert type(copy.copy(arrays)) is list


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_before_there_are_weights_it_is_said_what_to_call(make):
    model = make()
    for name in names_of(model):
        with pytest.raises(NotFittedError, match="call initialize, fit or partial_fit first"):
            setattr(model, name, [np.ones((4, 5))])
        assert not hasattr(model, name)


def test_after_initialize_weights_can_be_set(iris):
    X, y = iris
    model = MLPClassifier((5,)).initialize(X, y)
    model.coefs_ = [np.zeros((4, 5)), np.zeros((5, 3))]
    assert not any(array.any() for array in model.coefs_)


def test_the_flat_array_cannot_be_parted_from_its_views(model):
    parameters = model.parameters_
    parameters.theta = np.arange(parameters.theta.size)
    assert parameters.weights[0][0, 1] == 1
    parameters.theta *= 2
    assert parameters.weights[0][0, 1] == 2
    with pytest.raises(InvalidParameterError, match="got theta of shape"):
        parameters.theta = np.ones(3)


# -- federated averaging ------------------------------------------------------------------------------------


def average_over_clients(cls, dtype=np.float64):
    """Return the model of the mean weights of 4 clients after 30 rounds, and data that it has not seen."""
    X, y = make_moons(800, noise=0.15, random_state=0)
    X = X.astype(dtype)
    parts = np.array_split(np.arange(600), 4)
    clients = [cls((16,), random_state=i, learning_rate_init=0.01) for i in range(4)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(30):
            for client, rows in zip(clients, parts, strict=True):
                client.partial_fit(X[rows], y[rows], classes=[0, 1])
            for name in ("coefs_", "intercepts_"):
                for i in range(2):
                    mean = np.mean([getattr(client, name)[i] for client in clients], axis=0)
                    for client in clients:
                        getattr(client, name)[i] = mean.copy()
    return clients[0], X[600:], y[600:]


def check_federated_averaging(dtype, tolerance, tmp_path):
    ours, X, y = average_over_clients(MLPClassifier, dtype)
    theirs, _, _ = average_over_clients(neural_network.MLPClassifier, dtype)
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y), abs=0.01)
    assert ours.score(X, y) > 0.8
    for name in ("coefs_", "intercepts_"):
        for one, other in zip(getattr(ours, name), getattr(theirs, name), strict=True):
            assert one.dtype == dtype
            np.testing.assert_allclose(one, other, atol=tolerance)
    ours.save(tmp_path / "model")
    for twin in (
        pickle.loads(pickle.dumps(ours)),
        copy.deepcopy(ours),
        glassnet.load(tmp_path / "model"),
    ):
        np.testing.assert_array_equal(twin.predict(X), ours.predict(X))
        np.testing.assert_array_equal(twin.predict_proba(X), ours.predict_proba(X))


PRECISIONS = pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-6), (np.float32, 1e-3)])


@PRECISIONS
def test_federated_averaging_reaches_what_scikit_learns_reaches(dtype, tolerance, tmp_path):
    check_federated_averaging(dtype, tolerance, tmp_path)


@PRECISIONS
@pytest.mark.skipif(find_spec("numba") is None, reason="Numba is not installed")
def test_federated_averaging_by_compiled_kernels(dtype, tolerance, tmp_path, compiled_kernels):
    check_federated_averaging(dtype, tolerance, tmp_path)
    assert ops.kernels.__name__ == "glassnet.nn.ops.numba"
