from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from glassnet import MLPClassifier, MLPRegressor, NeuralNetwork, TabularMLPClassifier, from_torch
from glassnet.errors import InvalidParameterError, NotFittedError
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.outputs import OUTPUTS

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional
Module: Any = nn.Module

X = np.random.default_rng(0).normal(size=(40, 4))
LABELS = np.digitize(X[:, 0], [-0.5, 0.5])


def trained(kind, dtype, activation="tanh"):
    """Return a model of each kind of output, trained a little."""
    settings = {"activation": activation, "dtype": dtype, "random_state": 0, "dropout": 0.25}
    if kind == "softmax":
        network = NeuralNetwork(2, [5, 3], lr=0.1, epochs=3, **settings)
        return network.fit(X, LABELS, early_stopping=False)
    cls = MLPRegressor if kind == "numbers" else MLPClassifier
    model = cls(hidden_layer_sizes=(5, 3), max_iter=20, tol=1e9, **settings)
    return model.fit(X, {"two": LABELS > 1, "several": X[:, :3] > 0, "numbers": X[:, :2]}[kind])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["softmax", "two", "several", "numbers"])
def test_a_network_comes_back_from_torch_bit_for_bit(kind, dtype):
    model = trained(kind, dtype)
    module = model.to_torch()
    assert {parameter.dtype for parameter in module.parameters()} == {getattr(torch, dtype)}
    back = from_torch(module)
    assert back.architecture_ == model.architecture_
    assert_array_equal(back.parameters_.theta, model.parameters_.theta)
    assert back.dropout == 0.25
    rows = X.astype(dtype)
    again = back.to_torch()(torch.from_numpy(rows)).detach().numpy()
    assert_array_equal(again, module(torch.from_numpy(rows)).detach().numpy())
    own = model.predict(rows) if kind == "numbers" else model.predict_proba(rows)[:, -again.shape[1] :]
    assert_allclose(again, own, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if "torch" in ACTIVATIONS[name].elsewhere])
def test_each_activation_is_the_same_module(name):
    module = trained("numbers", "float64", name).to_torch()
    back = from_torch(module)
    assert {activation.name for activation in back.architecture_.activations} == {name}
    assert_allclose(module(torch.from_numpy(X)).detach(), back.predict(X), rtol=1e-7, atol=1e-8)


def test_every_activation_is_one_of_torch():
    assert [name for name, entry in OUTPUTS.items() if "torch" not in entry.elsewhere] == ["exp", "step"]


class Own(Module):  # type: ignore[misc]
    """A module as people write them."""

    def __init__(self, last):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(4, 6), nn.Linear(6, 3)
        self.rest = nn.Sequential(nn.Dropout(0.1))
        self.last = last

    def forward(self, x):
        x = x.view(x.size(0), -1)
        x = self.rest(F.relu(self.fc1(x)))
        return self.last(self.fc2(x))


@pytest.mark.parametrize(
    ("last", "loss"),
    [
        (lambda z: F.log_softmax(z, dim=1), nn.NLLLoss()),
        (lambda z: torch.softmax(z, 1), None),
        (lambda z: z, nn.CrossEntropyLoss()),
    ],
    ids=["logarithms", "softmax", "raw"],
)
def test_a_module_with_a_forward_of_its_own_is_read(last, loss):
    module = Own(last).eval()
    network = from_torch(module, loss=loss, classes=["a", "b", "c"])
    assert network.dropout == 0.1
    rows = X.astype("float32")
    answers = module(torch.from_numpy(rows)).argmax(1).numpy()
    assert_array_equal(network.predict(rows), np.array(["a", "b", "c"])[answers])


@pytest.mark.parametrize(
    ("layers", "named"),
    [
        ([nn.Linear(4, 3), nn.BatchNorm1d(3)], "'BatchNorm1d"),
        ([nn.Linear(4, 3), nn.GELU("tanh"), nn.Linear(3, 1)], "approximate='tanh'"),
        ([nn.Linear(4, 3), nn.LeakyReLU(0.2), nn.Linear(3, 1)], "negative_slope=0.2"),
        ([nn.Linear(4, 3), nn.Softmax(dim=0)], "'Softmax"),
        ([nn.Linear(4, 3), nn.ReLU(), nn.Tanh(), nn.Linear(3, 1)], "a second activation"),
        ([nn.Linear(4, 3), nn.Softmax(dim=1), nn.Linear(3, 1)], "an activation of outputs only"),
        ([nn.Dropout(0.5), nn.Linear(4, 3)], "dropout of the inputs"),
        ([nn.ReLU(), nn.Linear(4, 3)], "an activation of the inputs"),
        ([nn.ReLU()], "an activation of the inputs"),
        ([nn.Linear(4, 3).half()], "weights of float16"),
        ([nn.Linear(4, 1), nn.Tanh()], "tanh outputs"),
    ],
)
def test_what_cannot_be_taken_is_named(layers, named):
    with pytest.raises(InvalidParameterError, match=named):
        from_torch(nn.Sequential(*layers))


def test_a_forward_that_is_no_chain_is_refused():
    class Skips(Module):  # type: ignore[misc]
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 4)

        def forward(self, x):
            return x + self.fc(x)

    class Asks(Skips):
        def forward(self, x):
            return self.fc(x) if x.sum() > 0 else x

    with pytest.raises(InvalidParameterError, match="a chain of layers"):
        from_torch(Skips())
    with pytest.raises(InvalidParameterError, match="cannot follow the forward of Asks"):
        from_torch(Asks())


@pytest.mark.parametrize(
    ("last", "loss", "what"),
    [
        ([nn.Softmax(dim=1)], nn.CrossEntropyLoss(), "twice"),
        ([], nn.NLLLoss(), "missing"),
        ([nn.Softmax(dim=1)], nn.NLLLoss(), "no logarithm"),
        ([nn.Sigmoid()], nn.BCEWithLogitsLoss(), "twice"),
        ([], nn.BCELoss(), "missing"),
    ],
)
def test_a_loss_that_does_not_fit_the_outputs_is_refused(last, loss, what):
    with pytest.raises(InvalidParameterError, match=what):
        from_torch(nn.Sequential(nn.Linear(4, 3), *last), loss=loss)


def test_settings_of_ones_own_are_taken():
    module = nn.Sequential(
        nn.Linear(4, 3), nn.ReLU(), nn.Dropout(0.1), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3)
    )
    with pytest.raises(InvalidParameterError, match=r"dropout of 0\.1, 0\.0"):
        from_torch(module, loss=nn.CrossEntropyLoss())
    network = from_torch(module, loss="softmax_cross_entropy", dropout=0.0, lr=0.5)
    assert network.lr == 0.5
    before = network.parameters_.theta.copy()
    network.partial_fit(X, LABELS)
    assert (network.parameters_.theta != before).any()
    with pytest.raises(InvalidParameterError, match="expected as many different labels"):
        from_torch(nn.Sequential(nn.Linear(4, 2)), loss=nn.CrossEntropyLoss(), classes=["b", "a"])


def test_what_has_no_module_is_refused():
    with pytest.raises(NotFittedError):
        NeuralNetwork(1, [3]).to_torch()
    counts = MLPRegressor("poisson", (3,), max_iter=20, tol=1e9).fit(X, np.ones(len(X)))
    with pytest.raises(InvalidParameterError, match="'exp', which torch has no layer for"):
        counts.to_torch()
    table = TabularMLPClassifier(max_iter=2).fit(X, X[:, 0] > 0)
    with pytest.raises(InvalidParameterError, match="in front of its dense layers"):
        table.to_torch()
