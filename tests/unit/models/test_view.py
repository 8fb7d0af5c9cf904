"""A view of a model: the engine's terms, whatever the class, and the model as it was."""

import copy
from typing import Any

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.exceptions import ConvergenceWarning

from glassnet import (
    DivergedError,
    MLPAutoencoder,
    MLPClassifier,
    MLPRegressor,
    NeuralNetwork,
    Stream,
    check_network_gradient,
    diagnose,
    trace,
)
from glassnet.errors import InvalidDataError, InvalidParameterError, NotFittedError, StreamAsArrayError
from glassnet.models import view_of
from glassnet.nn.evaluation import predict
from glassnet.nn.network import Parameters
from glassnet.nn.optimizers import SGD, Adam

pytestmark = pytest.mark.filterwarnings(f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = np.array(["ash", "elm", "oak"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]
SMALL: dict[str, Any] = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 4}

MAKERS = {
    "NeuralNetwork": lambda: (NeuralNetwork(1, [5], epochs=3, batch_size=8, random_state=4), Y),
    "classifier": lambda: (MLPClassifier(**SMALL), Y),
    "float32": lambda: (MLPClassifier(**SMALL, dtype="float32", weight_init="normal"), Y),
    "several labels": lambda: (
        MLPClassifier(**SMALL),
        np.column_stack([Y == "ash", X[:, 2] > 0]).astype(int),
    ),
    "regressor": lambda: (MLPRegressor(**SMALL), X[:, :2]),
    "autoencoder": lambda: (MLPAutoencoder(**SMALL), None),
    "their classifier": lambda: (sklearn.neural_network.MLPClassifier(**SMALL), Y),
    "their regressor": lambda: (sklearn.neural_network.MLPRegressor(**SMALL, solver="lbfgs"), X[:, 0]),
}


@pytest.fixture(params=MAKERS)
def model_and_targets(request):
    return MAKERS[request.param]()


def outputs_of(model, X):
    if isinstance(model, NeuralNetwork):
        return model.predict_prob(X)
    if hasattr(model, "reconstruct"):
        return model.reconstruct(X)
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


def test_the_weights_of_a_fitted_model_give_its_answers(model_and_targets):
    model, y = model_and_targets
    model.fit(X, y)
    view = view_of(model)
    assert view.name == type(model).__name__
    assert view.model is model
    assert view.is_trained
    samples = view.samples(X, y)
    outputs = predict(view.architecture, Parameters(view.architecture, view.theta), samples)
    expected = outputs_of(model, X)
    np.testing.assert_allclose(outputs.reshape(expected.shape), expected, rtol=1e-6)
    assert samples.targets(slice(None)).shape == outputs.shape


def test_a_model_is_left_as_it_was(model_and_targets):
    model, y = model_and_targets
    for fitted in (False, True):
        if fitted:
            model.fit(X, y)
        before = copy.deepcopy(vars(model))
        view = view_of(model, X, y)
        if view.theta is not None:
            view.theta[...] = np.nan
        view.initial_theta[...] = np.nan
        view.samples(X, y)
        assert vars(model).keys() == before.keys()
        if fitted:
            assert np.isfinite(outputs_of(model, X)).all()


def test_an_untrained_model_has_the_weights_that_training_will_draw(model_and_targets):
    model, y = model_and_targets
    view = view_of(model, X, y)
    assert view.theta is None
    assert not view.is_trained
    again = view_of(model, X, y).initial_theta
    np.testing.assert_array_equal(view.initial_theta, again)
    model.fit(X, y)
    np.testing.assert_array_equal(view_of(model).initial_theta, again)
    assert view.initial_theta.dtype == view.dtype == view_of(model).dtype


@pytest.mark.parametrize("make", ["classifier", "regressor", "autoencoder", "float32"])
def test_training_begins_where_the_view_says(make):
    model, y = MAKERS[make]()
    initial = view_of(model, X, y).initial_theta
    model.set_params(learning_rate_init=1e-30, solver="sgd").fit(X, y)
    np.testing.assert_allclose(view_of(model).theta, initial, rtol=1e-6, atol=1e-20)


def test_training_of_a_network_begins_where_the_view_says():
    network = NeuralNetwork(1, [5], lr=1e-30, epochs=1, batch_size=8, random_state=4)
    initial = view_of(network, X, Y).initial_theta
    network.fit(X, Y, early_stopping=False)
    np.testing.assert_allclose(view_of(network).theta, initial, atol=1e-20)


@pytest.mark.parametrize("make", ["NeuralNetwork", "classifier", "regressor", "autoencoder"])
def test_an_initialised_model_has_weights_and_is_not_trained(make):
    model, y = MAKERS[make]()
    view = view_of(model.initialize(X, y))
    assert not view.is_trained
    assert view.history is None
    np.testing.assert_array_equal(view.theta, view.initial_theta)
    assert np.isfinite(outputs_of(model, X)).all()
    model.fit(X, y)
    assert view_of(model).is_trained


def test_a_network_trained_by_hand_is_trained():
    network = NeuralNetwork(1, [5], random_state=4)
    network.backward_propagation(X, Y)
    assert view_of(network).is_trained


@pytest.mark.parametrize(
    ("model", "y"),
    [
        (NeuralNetwork(1, [5], lr=1e30, epochs=3, batch_size=8, random_state=4), Y),
        (MLPRegressor(**SMALL, solver="sgd", learning_rate_init=1e30), X[:, 0]),
    ],
    ids=["NeuralNetwork", "regressor"],
)
def test_a_training_that_failed_leaves_something_to_view(model, y):
    with pytest.raises(DivergedError):
        model.fit(X, y)
    view = view_of(model)
    assert view.is_trained
    assert view.history is not None


def test_what_a_network_is_trained_with():
    network = NeuralNetwork(1, [5], lr=0.5, epochs=7, batch_size=9, optimizer=SGD(momentum=0.5))
    view = view_of(network, X, Y)
    assert (view.optimizer, view.learning_rate, view.epochs, view.batch_size) == (
        SGD(momentum=0.5),
        0.5,
        7,
        9,
    )
    assert view.trains_by_steps
    assert (view.alpha, view.tol, view.restores_best, view.names["hidden"]) == (0.0, None, False, "A")
    assert view.classes.tolist() == ["ash", "elm", "oak"]
    assert view_of(network.fit(X, Y)).restores_best
    regular = view_of(NeuralNetwork(1, [3], alpha=0.3, dropout=0.2), X, Y)
    assert (regular.alpha, regular.dropout, regular.batch_size) == (0.3, 0.2, 128)
    assert {name: regular.names[name] for name in ("alpha", "dropout")} == {
        "alpha": "alpha",
        "dropout": "dropout",
    }


def test_what_an_estimator_is_trained_with():
    model = MLPClassifier(solver="adam", beta_1=0.5, learning_rate_init=0.01, alpha=0.3, early_stopping=True)
    view = view_of(model, X, Y)
    assert (view.optimizer, view.learning_rate, view.epochs) == (Adam(beta_1=0.5), 0.01, 200)
    assert (view.alpha, view.tol, view.restores_best, view.batch_size) == (0.3, 1e-4, True, 200)
    assert view.names["weight_init"] == "weight_init"
    assert view_of(MLPRegressor(), X, X[:, 0]).classes is None
    assert view_of(*MAKERS["several labels"]()[:1], X, MAKERS["several labels"]()[1]).classes is None
    theirs = view_of(sklearn.neural_network.MLPClassifier(solver="lbfgs"), X, Y)
    assert not theirs.trains_by_steps
    assert not {"weight_init", "dropout", "max_gradient_norm"} & theirs.names.keys()
    clipped = view_of(MLPClassifier(max_grad_norm=2), X, Y)
    assert (theirs.max_gradient_norm, clipped.max_gradient_norm) == (None, 2.0)
    assert clipped.names["max_gradient_norm"] == "max_grad_norm"
    assert (theirs.dropout, view_of(MLPClassifier(dropout=0.4), X, Y).dropout) == (0.0, 0.4)


def test_samples_are_of_the_dtype_that_is_asked_for():
    view = view_of(NeuralNetwork(1, [5], scale_uint8=True, random_state=0), X, Y)
    assert view.samples(X, Y).inputs(slice(None)).dtype == np.float32
    wide = view.samples(X, Y, dtype=np.float64)
    np.testing.assert_array_equal(wide.inputs(slice(None)), X)
    assert wide.targets(slice(None)).dtype == np.float64
    images = (np.abs(X) * 50).astype(np.uint8)
    np.testing.assert_allclose(view.samples(images, Y).inputs(slice(None)), images / 255, rtol=1e-6)


@pytest.mark.parametrize("make", ["NeuralNetwork", "classifier", "their classifier"])
def test_data_that_do_not_fit_are_refused(make):
    model, y = MAKERS[make]()
    view = view_of(model, X, y)
    with pytest.raises(InvalidDataError, match=r"y_test holds labels that .* not among"):
        view.samples(X, np.where(Y == "ash", "yew", Y), name="X_test")
    with pytest.raises(InvalidDataError, match="features"):
        view.samples(X[:, :2], Y)
    with pytest.raises(InvalidDataError):
        view.samples(X, Y[:3])
    with pytest.raises(InvalidDataError):
        view.samples(X)
    with pytest.raises(InvalidDataError):
        view_of(model, X)


def test_a_model_without_weights_needs_data(model_and_targets):
    with pytest.raises(NotFittedError, match="no weights yet"):
        view_of(model_and_targets[0])


def test_what_is_no_network_is_refused():
    with pytest.raises(InvalidParameterError, match="type str; expected a NeuralNetwork"):
        view_of("network")


def test_whoever_looks_into_a_model_is_told_to_take_rows_of_a_stream(model_and_targets):
    model, y = model_and_targets
    stream = Stream.of_arrays(X, y)
    looks: dict[str, Any] = {
        "untrained": lambda: view_of(model, stream),
        "diagnosis": lambda: diagnose(model.fit(X, y), stream),
        "trace": lambda: trace(model.fit(X, y), stream),
        "gradient": lambda: check_network_gradient(model.fit(X, y), stream),
    }
    for name, look in looks.items():
        with pytest.raises(StreamAsArrayError, match=r"got a Stream as .*batch = stream\.first\(\)"):
            pytest.fail(f"{name}: {look()}")


@pytest.mark.parametrize(
    "cls", [sklearn.neural_network.MLPClassifier, MLPClassifier], ids=["sklearn", "glassnet"]
)
@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": "invscaling", "power_t": 0.7},
        {"learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 2},
        {"learning_rate": "adaptive", "tol": 0.01, "n_iter_no_change": 1, "early_stopping": True},
        {"learning_rate": "constant"},
    ],
    ids=lambda settings: " ".join(map(str, settings.values())),
)
def test_the_last_learning_rate_is_that_of_scikit_learns_optimizer(cls, settings):
    usual = {"solver": "sgd", "max_iter": 25, "learning_rate_init": 0.1, "random_state": 0}
    theirs = sklearn.neural_network.MLPClassifier(**usual | settings).fit(X, Y)
    model = cls(**usual | settings).fit(X, Y)
    assert view_of(model).last_learning_rate == pytest.approx(vars(theirs)["_optimizer"].learning_rate)


def test_the_last_learning_rate_of_a_schedule_over_time_is_that_of_the_last_step():
    model = MLPClassifier(learning_rate="cosine", learning_rate_init=0.1, max_iter=4, random_state=0)
    assert view_of(model, X, Y).last_learning_rate == 0.1
    model.fit(X, Y)  # a step is an epoch
    view = view_of(model)
    assert view.last_learning_rate == pytest.approx(0.1 * (1 + np.cos(np.pi * 3 / 4)) / 2)
    assert view.mean_factor == pytest.approx(0.5)
    assert view_of(MLPClassifier(learning_rate="invscaling"), X, Y).mean_factor == 1
