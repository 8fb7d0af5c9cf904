import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from onnx_peers import answers_of, farthest, random_model, run_onnx
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import (
    MLPAutoencoder,
    MLPClassifier,
    MLPRegressor,
    NeuralNetwork,
    register_onnx_converters,
)
from glassnet.errors import InvalidParameterError, MissingPackageError, NotFittedError
from glassnet.nn import Activation

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

X = np.random.default_rng(0).normal(size=(30, 3)).astype("float32")
Y = np.where(X[:, 0] > 0, "up", "down")


@pytest.fixture(scope="module")
def network():
    return NeuralNetwork(N=1, A=[4], lr=0.1, epochs=5, random_state=0).fit(X, Y, early_stopping=False)


@pytest.mark.parametrize("seed", range(27))
def test_random_models_answer_the_same_in_onnxruntime(seed):
    model, rows, encoded = random_model(seed)
    close = 1e-5 if model.parameters_.theta.dtype == np.float32 else 1e-6
    assert farthest(answers_of(model, rows, encoded)) < close


def test_the_random_models_are_of_every_class():
    names = {type(random_model(seed)[0]).__name__ for seed in range(27)}
    assert names == {
        "NeuralNetwork",
        "MLPClassifier",
        "MLPRegressor",
        "MLPAutoencoder",
        "TabularMLPClassifier",
        "TabularMLPRegressor",
    }


def test_a_file_holds_the_model_and_names_inputs_and_outputs_as_skl2onnx_does(network, tmp_path):
    network.to_onnx(tmp_path / "network.onnx")
    model = onnx.load(tmp_path / "network.onnx")
    assert [value.name for value in model.graph.input] == ["X"]
    assert [value.name for value in model.graph.output] == ["label", "probabilities"]
    assert model.producer_name == "glassnet"
    assert_array_equal(run_onnx(model, X)["label"], network.predict(X))


def test_a_classifier_of_a_single_class_always_answers_it():
    model = MLPClassifier((3,), max_iter=9, tol=1e9, n_iter_no_change=1).fit(X, np.full(len(X), "only"))
    found = run_onnx(model.to_onnx(), X.astype(model.parameters_.theta.dtype))
    assert set(found["label"]) == {"only"}
    assert_allclose(found["probabilities"], model.predict_proba(X), rtol=1e-5)


def test_an_activation_of_ones_own_needs_a_formula():
    own = NeuralNetwork(N=1, A=[4], activation=(np.sin, np.cos)).initialize(X, Y)
    with pytest.raises(InvalidParameterError, match="without a formula"):
        own.to_onnx()
    odd = Activation("odd", np.sin, np.cos, formula="sin(z)")
    with pytest.raises(InvalidParameterError, match="cannot write the formula 'sin"):
        NeuralNetwork(N=1, A=[4], activation=odd).initialize(X, Y).to_onnx()
    cube = Activation("cube", lambda z: z**3, lambda z: 3 * z**2, formula="z**3")
    network = NeuralNetwork(N=1, A=[4], activation=cube, random_state=0).initialize(X, Y)
    assert farthest(answers_of(network, X)) < 1e-5


def test_a_model_without_weights_is_refused():
    with pytest.raises(NotFittedError):
        NeuralNetwork(N=1, A=[4]).to_onnx()


def test_a_missing_package_is_named(network, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingPackageError, match=r"glassnet\[onnx\]"):
        network.to_onnx()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["labels", "numbers", "several", "truths", "coder"])
def test_a_pipeline_is_converted_by_skl2onnx(kind, dtype):
    skl2onnx = pytest.importorskip("skl2onnx")
    register_onnx_converters()
    rows = (X * 3 + 5).astype(dtype)
    y = {"labels": Y, "numbers": X[:, 0], "several": X[:, :2] > 0, "truths": X[:, 0] > 0, "coder": None}[kind]
    cls = {"numbers": MLPRegressor, "coder": MLPAutoencoder}.get(kind, MLPClassifier)
    last = cls(hidden_layer_sizes=(6,), max_iter=40, tol=1e9, n_iter_no_change=30, random_state=0)
    model = make_pipeline(StandardScaler(), last).fit(rows, y.astype(int) if kind == "several" else y)
    options = {id(last): {"zipmap": False}} if cls is MLPClassifier else None
    found = list(run_onnx(skl2onnx.to_onnx(model, rows[:1], options=options), rows).values())
    if kind == "coder":
        assert_allclose(found[0], model.transform(rows), rtol=1e-4, atol=1e-5)
    elif kind == "numbers":
        assert_allclose(found[0][:, 0], model.predict(rows), rtol=1e-4, atol=1e-5)
    else:
        assert_array_equal(found[0], model.predict(rows))
        assert_allclose(found[1], model.predict_proba(rows), rtol=1e-4, atol=1e-5)
