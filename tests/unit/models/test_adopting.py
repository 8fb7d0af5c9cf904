"""Networks that scikit-learn trained, taken over."""

from typing import Any

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.datasets import load_iris

import glassnet
from glassnet.errors import InvalidParameterError

X, y = load_iris(return_X_y=True)
SETTINGS: dict[str, Any] = {"hidden_layer_sizes": (7, 5), "max_iter": 300, "tol": 0.01, "random_state": 0}


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("labels", [y, np.array(["a", "b", "c"])[y], y == 1], ids=["int", "str", "binary"])
def test_a_classifier_answers_as_the_one_it_took_over(solver, labels, tmp_path):
    theirs = sklearn.neural_network.MLPClassifier(solver=solver, **SETTINGS).fit(X, labels)
    ours = glassnet.MLPClassifier.from_sklearn(theirs)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-12)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.score(X, labels) == theirs.score(X, labels)
    assert ours.get_params()["solver"] == solver
    assert ours.transform(X, layer=0).shape == (150, 7)
    ours.save(tmp_path / "model")
    np.testing.assert_array_equal(
        glassnet.MLPClassifier.load(tmp_path / "model").predict(X), theirs.predict(X)
    )


@pytest.mark.parametrize("targets", [X[:, 0], X[:, :2]], ids=["one", "two"])
def test_a_regressor_answers_as_the_one_it_took_over(targets):
    theirs = sklearn.neural_network.MLPRegressor(**SETTINGS).fit(X, targets)
    ours = glassnet.MLPRegressor.from_sklearn(theirs)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-12)
    assert ours.loss_curve_ == theirs.loss_curve_
    assert ours.history_.column("loss") == theirs.loss_curve_
    assert ours.history_.stopped_by == "elsewhere"


def test_the_one_taken_over_is_not_changed_by_training_on():
    theirs = sklearn.neural_network.MLPClassifier(**SETTINGS).fit(X, y)
    before = [weight.copy() for weight in theirs.coefs_]
    glassnet.MLPClassifier.from_sklearn(theirs).partial_fit(X, y)
    for weight, kept in zip(theirs.coefs_, before, strict=True):
        np.testing.assert_array_equal(weight, kept)


@pytest.mark.parametrize(
    "model",
    [
        sklearn.neural_network.MLPClassifier(),
        sklearn.neural_network.MLPRegressor(max_iter=300, tol=0.01).fit(X, X[:, 0]),
        "no model",
    ],
    ids=["not fitted", "another class", "no estimator"],
)
def test_what_cannot_be_taken_over_is_refused(model):
    with pytest.raises(InvalidParameterError, match="fitted MLPClassifier of scikit-learn"):
        glassnet.MLPClassifier.from_sklearn(model)
