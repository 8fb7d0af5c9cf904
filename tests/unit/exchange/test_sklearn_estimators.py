from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import neural_network
from sklearn.exceptions import NotFittedError

from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor
from glassnet.errors import InvalidParameterError

X = np.random.default_rng(0).normal(size=(60, 3))
SHORT: dict[str, Any] = {"max_iter": 40, "tol": 1e9, "n_iter_no_change": 30, "random_state": 0}


@pytest.mark.parametrize("kind", ["two", "three", "several"])
def test_a_classifier_becomes_scikit_learns_and_comes_back(kind):
    three = np.digitize(X[:, 0], [-0.5, 0.5])
    y = {"two": np.where(three > 1, "up", "down"), "three": three, "several": (X[:, :2] > 0).astype(int)}[
        kind
    ]
    model = MLPClassifier((4,), "tanh", dropout=0.1, **SHORT).fit(X, y)
    theirs = model.to_sklearn()
    assert type(theirs) is neural_network.MLPClassifier
    assert theirs.activation == "tanh"
    assert_array_equal(theirs.predict(X), model.predict(X))
    assert_allclose(theirs.predict_proba(X), model.predict_proba(X))
    assert_array_equal(MLPClassifier.from_sklearn(theirs).parameters_.theta, model.parameters_.theta)
    theirs.coefs_[0][:] = 0
    assert model.coefs_[0].any()


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_a_regressor_becomes_scikit_learns(loss):
    model = MLPRegressor(loss, (4,), **SHORT).fit(X, X[:, 0] ** 2)
    theirs = model.to_sklearn()
    assert type(theirs) is neural_network.MLPRegressor
    assert_allclose(theirs.predict(X), model.predict(X))


def test_what_scikit_learn_cannot_be_is_refused():
    with pytest.raises(NotFittedError):
        MLPRegressor().to_sklearn()
    with pytest.raises(InvalidParameterError, match="network of gelu units"):
        MLPRegressor("squared_error", (4,), "gelu", **SHORT).fit(X, X[:, 0]).to_sklearn()
    with pytest.raises(InvalidParameterError, match="the loss huber"):
        MLPRegressor("huber", (4,), **SHORT).fit(X, X[:, 0]).to_sklearn()
    with pytest.raises(InvalidParameterError, match="a MLPAutoencoder, which scikit-learn has not"):
        MLPAutoencoder((4,), **SHORT).fit(X).to_sklearn()
