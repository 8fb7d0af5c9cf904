"""A diagnosis changes nothing, repeats itself, and can be read by people and programs."""

import contextlib
import copy
import json
import warnings
from typing import Any

import numpy as np
import pytest
import sklearn.neural_network
from scipy.sparse import csr_matrix
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

import glassnet
from glassnet.doctor import Diagnosis, Severity, diagnose
from glassnet.errors import InvalidDataError, InvalidParameterError

X, Y = scale(load_wine().data), load_wine().target
SETTINGS: dict[str, Any] = {"N": 1, "A": [16], "lr": 0.2, "epochs": 30, "batch_size": 16, "random_state": 0}


@pytest.fixture
def network():
    return glassnet.NeuralNetwork(**SETTINGS, weight_init="zero").fit(X, Y)


def state_of(model):
    """Return everything a model holds, as bytes and plain values."""
    return {
        name: value.tobytes() if isinstance(value, np.ndarray) else copy.deepcopy(value)
        for name, value in vars(model).items()
        if isinstance(value, np.ndarray | int | float | str | list | tuple | None)
    }


@pytest.mark.parametrize(
    "model",
    [
        glassnet.NeuralNetwork(**SETTINGS),
        glassnet.MLPClassifier((16,), max_iter=60, tol=0.01, random_state=0),
        sklearn.neural_network.MLPClassifier((16,), max_iter=60, tol=0.01, random_state=0),
    ],
    ids=["network", "estimator", "sklearn"],
)
def test_the_model_is_only_read(model):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, Y)
    before, answers = copy.deepcopy(state_of(model)), model.predict(X)
    weights = [w.copy() for w in getattr(model, "coefs_", None) or model.weights_]
    data = X.copy()
    diagnose(model, X, Y, X_test=X[:50], y_test=Y[:50])
    after = state_of(model)
    assert before.keys() == after.keys()
    np.testing.assert_equal(after, before)
    np.testing.assert_equal(list(getattr(model, "coefs_", None) or model.weights_), weights)
    np.testing.assert_equal(model.predict(X), answers)
    np.testing.assert_equal(X, data)


def test_an_untrained_model_stays_untrained():
    network = glassnet.NeuralNetwork(**SETTINGS)
    diagnose(network, X, Y)
    assert not hasattr(network, "parameters_")
    rng = np.random.default_rng(3)
    network = glassnet.NeuralNetwork(**SETTINGS | {"random_state": rng})
    state = rng.bit_generator.state
    diagnose(network, X, Y)
    assert rng.bit_generator.state == state


def test_the_same_model_gets_the_same_diagnosis(network):
    assert diagnose(network, X, Y).to_json() == diagnose(network, X, Y).to_json()


def test_it_can_be_read(network):
    diagnosis = diagnose(network, X, Y, name="<mine>")
    text, html = str(diagnosis), diagnosis._repr_html_()
    assert text.startswith("<mine>: ")
    assert "1. [high] The units of a hidden layer are all the same unit" in text
    assert "weight_init='he_normal'" in text
    assert "&lt;mine&gt;" in html
    assert "<mine>" not in html
    value = json.loads(json.dumps(diagnosis.to_json(), allow_nan=False))
    assert value["findings"][0]["code"] == diagnosis.first.code == "symmetric-units"
    assert value["healthy"] is diagnosis.is_healthy is False


def test_severities_come_in_their_order(network):
    order = [f.severity.rank for f in diagnose(network, X, Y).findings]
    assert order == sorted(order)
    assert sorted(Severity, key=lambda severity: severity.rank) == ["high", "medium", "low"]


def test_a_diagnosis_is_the_same_after_json(network):
    diagnosis = diagnose(network, X, Y)
    again = Diagnosis.from_json(json.loads(json.dumps(diagnosis.to_json())))
    assert again == diagnosis
    assert [f.severity.rank for f in again.findings] == [f.severity.rank for f in diagnosis.findings]


def test_labels_may_be_text():
    names = load_wine().target_names[Y]
    network = glassnet.NeuralNetwork(**SETTINGS).fit(X, names)
    assert diagnose(network, X, names, X_test=X * 0, y_test=names).codes[0] == "scale-shift"


@pytest.mark.parametrize("model", [object(), sklearn.neural_network.BernoulliRBM()])
def test_other_models_are_refused(model):
    with pytest.raises(InvalidParameterError, match="expected a NeuralNetwork"):
        diagnose(model, X, Y)


def test_data_that_do_not_fit_are_refused(network):
    with pytest.raises(InvalidDataError, match="made for 13"):
        diagnose(network, X[:, :5], Y)
    with pytest.raises(InvalidDataError, match="both, or neither"):
        diagnose(network, X, Y, X_test=X)
    with pytest.raises(InvalidDataError, match="not among the training labels"):
        diagnose(network, X, Y, X_test=X, y_test=Y + 7)
    model = sklearn.neural_network.MLPClassifier((4,), solver="lbfgs", random_state=0).fit(X, Y)
    with pytest.raises(InvalidDataError, match=r"not those of this model.*features"):
        diagnose(model, X[:, :5], Y)
    with pytest.raises(InvalidDataError, match="no labels"):
        diagnose(glassnet.MLPClassifier(), X, X[:, 0])
    with pytest.raises(InvalidDataError, match="not those of this model"):
        diagnose(glassnet.MLPClassifier(), X, None)


def trained(model, X=X, y=Y):
    """Return a model after training, whatever came of it."""
    with warnings.catch_warnings(), contextlib.suppress(ValueError):
        warnings.simplefilter("ignore")
        model.fit(X, y)
    return model


@pytest.mark.parametrize("library", [sklearn.neural_network, glassnet], ids=["sklearn", "glassnet"])
class TestUnusualModels:
    def test_no_hidden_layer(self, library):
        model = trained(library.MLPClassifier((), max_iter=200, learning_rate_init=0.02, random_state=0))
        assert diagnose(model, X, Y).is_healthy

    def test_sparse_inputs(self, library):
        model = library.MLPClassifier((16,), max_iter=200, random_state=0)
        sparse = csr_matrix(X)
        assert diagnose(trained(model, sparse), sparse, Y).is_healthy

    def test_several_labels_a_sample(self, library):
        y = np.column_stack([Y == 0, Y == 1, X[:, 0] > 0]).astype(int)
        model = trained(library.MLPClassifier((16,), max_iter=300, random_state=0), y=y)
        diagnosis = diagnose(model, X, y)
        assert diagnosis.is_healthy
        assert "accuracy" not in diagnosis.facts["training data"]

    def test_several_targets(self, library):
        y = np.column_stack([X[:, 0] + X[:, 1], X[:, 2]])
        model = library.MLPRegressor(
            hidden_layer_sizes=(16,), max_iter=400, learning_rate_init=0.01, random_state=0
        )
        assert diagnose(trained(model, y=y), X, y).is_healthy

    def test_a_training_that_failed(self, library):
        model = library.MLPClassifier(
            (16,), solver="sgd", learning_rate_init=1e4, max_iter=20, random_state=0
        )
        diagnosis = diagnose(trained(model, X * 1e4), X * 1e4, Y)
        assert diagnosis.first.code == "unscaled-inputs"
        assert {"large-learning-rate", "not-finite"} <= set(diagnosis.codes)

    def test_a_handful_of_samples(self, library):
        rows = [0, 1, 70, 140]
        model = trained(library.MLPClassifier((4,), max_iter=20, random_state=0), X[rows], Y[rows])
        diagnose(model, X[rows], Y[rows])


def test_an_autoencoder_needs_no_labels():
    model = trained(glassnet.MLPAutoencoder((8,), max_iter=300, learning_rate_init=0.01, random_state=0))
    assert diagnose(model, X[:100], X_test=X[100:]).name == "MLPAutoencoder"


def test_a_network_trained_step_by_step_is_a_trained_one():
    network = glassnet.NeuralNetwork(**SETTINGS)
    assert "training data" not in diagnose(network.initialize(X, Y), X, Y).facts
    network.backward_propagation(X, Y)
    assert "training data" in diagnose(network, X, Y).facts


def test_where_infinity_began_is_named():
    network = trained(glassnet.NeuralNetwork(**SETTINGS | {"lr": 1e30, "activation": "identity"}))
    finding = next(f for f in diagnose(network, X, Y).findings if f.code == "not-finite")
    assert "epoch 1, step" in finding.measured
    assert "layer" in finding.measured


def test_a_training_that_diverged_at_once_is_known_by_its_history():
    network = trained(glassnet.NeuralNetwork(**SETTINGS | {"lr": 1e6, "A": [64]}))
    assert network.history_.stopped_by == "diverged"
    diagnosis = diagnose(network, X, Y)
    assert diagnosis.first.code == "large-learning-rate"
    assert "not-finite" in diagnosis.codes


def test_a_parameter_that_fit_would_refuse_is_refused_by_name():
    with pytest.raises(ValueError, match="unknown solver 'foo'"):
        diagnose(sklearn.neural_network.MLPClassifier(solver="foo"), X, Y)


def test_labels_that_are_missing_are_named():
    with pytest.raises(InvalidDataError, match="got no y"):
        diagnose(glassnet.NeuralNetwork(N=1, A=[3]), X)


@pytest.mark.parametrize("cls", [glassnet.MLPClassifier, sklearn.neural_network.MLPClassifier])
def test_arrays_for_a_model_that_was_fitted_on_a_data_frame_bring_no_warning(cls):
    """Warnings are errors here."""
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    X = pandas.DataFrame(rng.normal(size=(60, 3)), columns=list("abc"))
    y = (X["a"] > 0).astype(int).to_numpy()
    model = cls((4,), max_iter=3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
    for given in (X.to_numpy(), X):
        diagnosis = diagnose(model, given, y, X_test=given[:20], y_test=y[:20])
        assert "test data" in diagnosis.facts


def test_findings_name_classes_as_people_do():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90, 3)), np.repeat([0, 1, 2], 30)
    model = glassnet.NeuralNetwork(N=1, A=[4], lr=0.1, weight_init="zero", epochs=2, random_state=0)
    model.fit(X, y)
    names = ("Boot", "Coat", "Bag")
    by_number, by_name = diagnose(model, X, y), diagnose(model, X, y, class_names=names)
    assert by_name.codes == by_number.codes
    (one,) = [finding for finding in by_name.findings if finding.code == "constant-answer"]
    assert any(f"“{name}”" in one.title for name in names)
    for wrong in (names[:2], ()):
        with pytest.raises(InvalidDataError, match="expected a name for each label"):
            diagnose(model, X, y, class_names=wrong)
