"""Tensors of PyTorch and arrays of JAX as data: read where they lie, with the numbers of the same arrays."""

from typing import Any

import numpy as np
import pytest

from glassnet import MLPClassifier, MLPRegressor, NeuralNetwork, TabularMLPClassifier
from glassnet.errors import InvalidDataError
from glassnet.nn import Samples

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int32)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

MODELS: dict[str, Any] = {
    "NeuralNetwork": lambda: NeuralNetwork(N=1, A=[3], epochs=2, random_state=0),
    "MLPClassifier": lambda: MLPClassifier((3,), max_iter=2, random_state=0),
    "MLPRegressor": lambda: MLPRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=0),
    "TabularMLPClassifier": lambda: TabularMLPClassifier("plain", max_iter=2, random_state=0),
}


def make(library):
    """Return what makes an array one of a library."""
    if library == "torch":
        return pytest.importorskip("torch").from_numpy
    return pytest.importorskip("jax.numpy").asarray


@pytest.mark.parametrize("library", ["torch", "jax"])
@pytest.mark.parametrize("model", MODELS)
def test_tensors_are_data_as_arrays_are(library, model):
    to_tensor = make(library)
    own, other = MODELS[model]().fit(X, Y), MODELS[model]().fit(to_tensor(X), to_tensor(Y))
    np.testing.assert_array_equal(own.parameters_.theta, other.parameters_.theta)
    np.testing.assert_array_equal(own.predict(X), other.predict(to_tensor(X)))
    assert own.score(X, Y) == other.score(to_tensor(X), to_tensor(Y))


@pytest.mark.parametrize("model", ["NeuralNetwork", "MLPClassifier"])
def test_a_tensor_is_not_copied(model, monkeypatch):
    seen, original = [], Samples.__init__
    tensor = make("torch")(X)

    def note(self, given, *others, **more):
        seen.append(given)
        original(self, given, *others, **more)

    monkeypatch.setattr(Samples, "__init__", note)
    settings = {"early_stopping": False} if model == "NeuralNetwork" else {}  # else it holds rows back
    MODELS[model]().set_params(dtype="float32").fit(tensor, Y, **settings)
    assert any(np.shares_memory(given, X) for given in seen)


@pytest.mark.parametrize("model", MODELS)
def test_what_cannot_be_read_says_what_to_do(model):
    torch = pytest.importorskip("torch")
    refused = r"cannot read X, which is a torch.Tensor: "
    with pytest.raises(InvalidDataError, match=refused + r".*requires grad. Use tensor.detach\(\)"):
        MODELS[model]().fit(torch.tensor(X, requires_grad=True), Y)
    with pytest.raises(InvalidDataError, match=refused + r".*Use Tensor.cpu\(\)"):
        MODELS[model]().fit(torch.tensor(X).to("meta"), Y)
