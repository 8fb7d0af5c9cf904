"""Model files of any class, and those of earlier versions."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from glassnet.errors import DataFileError, InvalidParameterError, UnknownNameError
from glassnet.models.model_file import write_model
from glassnet.nn import SGD
from glassnet.nn.activations import ACTIVATIONS, tanh, tanh_gradient

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

DATA = Path(__file__).parents[2] / "data"
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.array(["ash", "elm", "oak"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]
SMALL: dict[str, Any] = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}
MODELS: dict[str, Callable[[], Any]] = {
    "NeuralNetwork": lambda: NeuralNetwork(1, [4], epochs=2, batch_size=10, random_state=0).fit(X, Y),
    "MLPClassifier": lambda: MLPClassifier(**SMALL).fit(X, Y),
    "MLPRegressor": lambda: MLPRegressor("huber", **SMALL).fit(X, X[:, :2]),
    "MLPAutoencoder": lambda: MLPAutoencoder(**SMALL).fit(X),
}


def tanh_of_ones_own(z):
    return np.tanh(z)


def its_gradient(z):
    return 1 - np.tanh(z) ** 2


@pytest.mark.parametrize("kind", MODELS)
def test_a_file_says_what_it_holds(kind, tmp_path):
    model = MODELS[kind]()
    model.save(tmp_path / "model")
    back = glassnet.load(tmp_path / "model")
    assert type(back) is type(model)
    np.testing.assert_array_equal(back.parameters_.theta, model.parameters_.theta)
    np.testing.assert_array_equal(back.transform(X), model.transform(X))
    assert back.architecture_ == model.architecture_
    assert back.get_params() == model.get_params()
    assert back.history_ == model.history_


@pytest.mark.parametrize("kind", MODELS)
def test_a_class_refuses_the_file_of_another(kind, tmp_path):
    MODELS[kind]().save(tmp_path / "model")
    other = MLPRegressor if kind != "MLPRegressor" else NeuralNetwork
    with pytest.raises(DataFileError, match=rf"holds a {kind}; expected a {other.__name__}.*glassnet\.load"):
        other.load(tmp_path / "model")


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_that_was_only_initialised_comes_back_as_such(kind, tmp_path):
    model = MODELS[kind]()
    model.initialize(X, None if kind == "MLPAutoencoder" else X[:, 0] if kind == "MLPRegressor" else Y)
    model.save(tmp_path / "model")
    back = glassnet.load(tmp_path / "model")
    assert hasattr(back, "parameters_")
    assert not glassnet.models.view_of(back).is_trained
    np.testing.assert_array_equal(back.parameters_.theta, model.parameters_.theta)


@pytest.mark.parametrize("kind", ["NeuralNetwork", "MLPClassifier"])
def test_an_activation_of_ones_own_is_asked_for(kind, tmp_path):
    pair: Any = (tanh_of_ones_own, its_gradient)
    if kind == "NeuralNetwork":
        model = NeuralNetwork(1, [4], activation=pair, epochs=2, batch_size=10).fit(X, Y)
    else:
        model = MLPClassifier(**SMALL, activation=pair).fit(X, Y)
    model.save(tmp_path / "model")
    with pytest.raises(InvalidParameterError, match=rf"'custom:tanh_of_ones_own'.*{kind}\.load\(path, activ"):
        glassnet.load(tmp_path / "model")
    back = glassnet.load(tmp_path / "model", activation=pair)
    np.testing.assert_array_equal(back.predict(X), model.predict(X))


@pytest.mark.parametrize(
    "activation", [(tanh, tanh_gradient), ACTIVATIONS["tanh"], [tanh]], ids=["pair", "entry", "list"]
)
def test_functions_of_the_library_come_back_as_their_names(activation, tmp_path):
    model = MLPClassifier(**SMALL, activation=activation).fit(X, Y)
    model.save(tmp_path / "model")
    back = glassnet.load(tmp_path / "model")
    assert back.activation == "tanh"
    np.testing.assert_array_equal(back.predict_proba(X), model.predict_proba(X))


def test_the_weights_keep_their_activation_whatever_the_parameter_says_by_now(tmp_path):
    model = MLPClassifier(**SMALL, activation="tanh").fit(X, Y).set_params(activation="relu")
    model.save(tmp_path / "model")
    back = MLPClassifier.load(tmp_path / "model")
    np.testing.assert_array_equal(back.predict_proba(X), model.predict_proba(X))
    assert back.activation == "relu"


@pytest.mark.parametrize("sizes", [(4, 3), [4, 3], 4, np.array([4, 3])], ids=str)
def test_sizes_come_back_as_they_were_given(sizes, tmp_path):
    MLPClassifier(sizes, max_iter=2).fit(X, Y).save(tmp_path / "model")
    back = glassnet.load(tmp_path / "model").hidden_layer_sizes
    assert back == (sizes.tolist() if isinstance(sizes, np.ndarray) else sizes)


def test_a_parameter_may_be_given_in_place_of_that_in_the_file(tmp_path):
    MODELS["MLPClassifier"]().save(tmp_path / "model")
    assert glassnet.load(tmp_path / "model", alpha=0.5, warm_start=True).get_params()["alpha"] == 0.5
    with pytest.raises(UnknownNameError, match="did you mean 'alpha'"):
        glassnet.load(tmp_path / "model", alfa=0.5)


def test_dropout_goes_on_after_loading(tmp_path):
    model = MLPRegressor(**SMALL, dropout=0.5).fit(X, X[:, 0])
    model.save(tmp_path / "model")
    with_it, without = (glassnet.load(tmp_path / "model", dropout=rate) for rate in (0.5, 0.0))
    theta = [back.partial_fit(X, X[:, 0]).parameters_.theta for back in (with_it, without)]
    assert not np.array_equal(*theta)


def test_a_class_of_ones_own_reads_its_files_itself(tmp_path):
    class Mine(MLPClassifier):
        pass

    Mine(**SMALL).fit(X, Y).save(tmp_path / "model")
    with pytest.raises(DataFileError, match=r"holds a Mine; expected one of .*: Mine\.load\(path\)"):
        glassnet.load(tmp_path / "model")
    assert type(Mine.load(tmp_path / "model")) is Mine


@pytest.mark.parametrize("content", [b"", b"no model", bytes(64)], ids=["empty", "text", "zeros"])
def test_what_is_no_model_file_is_told(content, tmp_path):
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(DataFileError, match="not a glassnet model file"):
        glassnet.load(tmp_path / "model")
    with pytest.raises(DataFileError, match="there is no model file"):
        glassnet.load(tmp_path / "nowhere")


# -- files of earlier versions ------------------------------------------------------------------------------


def test_a_network_of_format_1_still_loads():
    network = glassnet.load(DATA / "network_format_1.safetensors")
    assert isinstance(network, NeuralNetwork)
    expected = [[0.34401435, 0.36456767, 0.29141799], [0.34380886, 0.37756199, 0.27862918]]
    np.testing.assert_allclose(network.predict_prob(X[:2]), expected, rtol=1e-5)
    assert network.classes_.tolist() == ["ash", "elm", "oak"]
    assert (network.N, network.A, network.lr, network.optimizer) == (2, [4, 3], 0.1, SGD(momentum=0.5))
    assert len(network.history_) == 2
    assert network.history_.stopped_by is None


def test_an_estimator_of_format_1_still_loads(tmp_path):
    model = glassnet.load(DATA / "classifier_format_1.safetensors")
    assert isinstance(model, MLPClassifier)
    expected = [[0.10528738, 0.33658031, 0.55813231], [0.11665724, 0.3254959, 0.55784685]]
    np.testing.assert_allclose(model.predict_proba(X[:2]), expected, rtol=1e-5)
    assert (model.hidden_layer_sizes, model.activation) == ((4, 3), ["tanh", "gelu"])
    assert model.class_weight == {"ash": 2.0}
    assert len(model.validation_scores_) == len(model.history_) == model.n_iter_ == 2
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(glassnet.load(tmp_path / "model").predict(X), model.predict(X))


def old_header(**changes):
    settings = {
        "N": 1,
        "A": [4],
        "lr": 0.1,
        "activation": "relu",
        "weight_init": None,
        "epochs": 1,
        "batch_size": 2,
        "random_state": None,
        "dtype": "float32",
        "loss": "softmax_cross_entropy",
        "optimizer": "sgd",
    }
    return {
        "kind": "NeuralNetwork",
        "settings": settings | changes,
        "n_features_in": 3,
        "history": None,
    }


def write_old(path, monkeypatch, header):
    monkeypatch.setattr("glassnet.models.model_file.FORMAT_VERSION", 1)
    arrays = {"theta": np.zeros(4 * 4 + 5 * 2, np.float32), "classes": np.array([0, 1])}
    write_model(path, arrays, header)


def test_an_activation_of_ones_own_in_format_1_is_asked_for(tmp_path, monkeypatch):
    write_old(tmp_path / "model", monkeypatch, old_header(activation="custom:mine"))
    with pytest.raises(InvalidParameterError, match="'custom:mine'"):
        glassnet.load(tmp_path / "model")
    network = glassnet.load(tmp_path / "model", activation=(tanh_of_ones_own, its_gradient))
    assert network.predict(X).shape == (60,)
    assert network.weight_init == "normal"


@pytest.mark.parametrize(
    "changes",
    [{"N": 10**9}, {"A": [4] * 3}, {"activation": 3}, {"optimizer": {"type": "os.system"}}],
    ids=str,
)
def test_nonsense_in_format_1_is_told(changes, tmp_path, monkeypatch):
    write_old(tmp_path / "model", monkeypatch, old_header(**changes))
    with pytest.raises(DataFileError, match="no network that can be built"):
        glassnet.load(tmp_path / "model")
