"""One word means one thing in every class: activations, optimisers, random states."""

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils import check_random_state

from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from glassnet.errors import InvalidParameterError
from glassnet.nn import OPTIMIZERS, SGD
from glassnet.nn.activations import ACTIVATIONS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
SMALL: dict[str, Any] = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}


def theta(model):
    return model.parameters_.theta


@pytest.mark.parametrize("name", ["logistic", *ACTIVATIONS])
def test_every_class_knows_every_activation(name):
    entry = ACTIVATIONS["sigmoid" if name == "logistic" else name]
    network = NeuralNetwork(1, [4], activation=name).initialize(X, Y)
    assert network.architecture_.activations == (entry,)
    for model, y in ((MLPClassifier(), Y), (MLPRegressor(), X[:, 0]), (MLPAutoencoder(), None)):
        model.set_params(hidden_layer_sizes=(4,), activation=name).initialize(X, y)
        assert model.architecture_.activations == (entry,)


def test_a_network_takes_a_list_or_a_pair_as_the_estimators_do():
    def initialized(activation: Any) -> NeuralNetwork:
        return NeuralNetwork(2, [4, 3], activation=activation).initialize(X, Y)

    pair = (lambda z: z * 2, lambda z: np.full_like(z, 2))
    first, second = initialized(["tanh", pair]).architecture_.activations
    assert first is ACTIVATIONS["tanh"]
    assert second.name.startswith("custom:")
    assert initialized(pair).predict(X).shape == Y.shape
    with pytest.raises(InvalidParameterError, match="got 1 activations for 2 hidden layers"):
        initialized(["tanh"])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimiser_is_a_solver(name):
    models = (MLPClassifier(**SMALL), Y), (MLPRegressor(**SMALL), X[:, 0]), (MLPAutoencoder(**SMALL), None)
    for model, y in models:
        assert np.isfinite(theta(model.set_params(solver=name).fit(X, y))).all()


def test_a_solver_that_scikit_learn_lacks_is_as_the_table_has_it(monkeypatch):
    plain = MLPClassifier(**SMALL, solver="sgd", momentum=0.9, nesterovs_momentum=False).fit(X, Y)
    named = MLPClassifier(**SMALL, solver="momentum", momentum=0.1).fit(X, Y)
    np.testing.assert_array_equal(theta(named), theta(plain))
    monkeypatch.setitem(OPTIMIZERS, "momentum", SGD(momentum=0.5))
    assert not np.array_equal(theta(clone(named).fit(X, Y)), theta(plain))


def test_a_solver_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ValueError, match="solver") as caught:
        MLPClassifier().set_params(solver="sdg").fit(X, Y)
    assert all(name in str(caught.value) for name in ("lbfgs", *OPTIMIZERS))


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor, MLPAutoencoder])
def test_the_docstring_lists_what_the_tables_hold(cls):
    for name in (*OPTIMIZERS, *ACTIVATIONS, "logistic", "lbfgs"):
        assert name in cls.__doc__


def test_an_estimator_draws_from_a_generator_and_moves_it_on():
    settings = SMALL | {"early_stopping": True, "dropout": 0.2}
    model = MLPClassifier(**settings | {"random_state": np.random.default_rng(5)})
    first = theta(clone(model).fit(X, Y))
    np.testing.assert_array_equal(theta(clone(model).fit(X, Y)), first)
    np.testing.assert_array_equal(theta(model.fit(X, Y)), first)
    assert not np.array_equal(theta(model.fit(X, Y)), first)


def test_the_draws_from_a_generator_are_those_of_its_bits():
    bits = np.random.RandomState(np.random.default_rng(5).bit_generator)
    drawn = [MLPRegressor(**SMALL | {"random_state": state}) for state in (bits, np.random.default_rng(5))]
    np.testing.assert_array_equal(*(theta(model.fit(X, X[:, 0])) for model in drawn))
    assert check_random_state(bits) is bits


# -- weights without training -------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_partial_fit_goes_on_from_weights_that_were_drawn(cls):
    y = Y if cls is MLPClassifier else X[:, 0]
    model = cls(**SMALL).initialize(X, y)
    before = theta(model).copy()
    model.partial_fit(X, y)
    straight = cls(**SMALL).partial_fit(X, y, **({"classes": [0, 1, 2]} if cls is MLPClassifier else {}))
    assert not np.array_equal(theta(model), before)
    assert len(model.history_) == len(straight.history_) == 1


def test_what_cannot_be_learnt_is_refused_before_weights_are_drawn():
    with pytest.raises(InvalidParameterError, match="bottleneck=3"):
        MLPAutoencoder((4,), bottleneck=3).initialize(X)
    with pytest.raises(ValueError, match="no labels that a classifier could learn"):
        MLPClassifier().initialize(X, X[:, 0])
    with pytest.raises(ValueError, match="'alpha' parameter"):
        MLPClassifier(alpha=-1).initialize(X, Y)
