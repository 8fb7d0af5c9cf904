"""Warnings of training: the filters that reach them, and the line that they name."""

import re
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork, Stream
from glassnet.models._warning import warn

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.repeat([0, 1], 30)

FITS = {
    f"{cls.__name__} {solver}": lambda cls=cls, solver=solver: cls(
        hidden_layer_sizes=(3,), solver=solver, max_iter=2
    ).fit(X, Y)
    for cls in (MLPClassifier, MLPRegressor, MLPAutoencoder)
    for solver in ("adam", "sgd", "lbfgs")
} | {
    "scikit-learn itself": lambda: Theirs((3,), max_iter=2).fit(X, Y),
    "Stream": lambda: MLPClassifier((3,), max_iter=2, batch_size=20).fit(Stream.of_arrays(X, Y)),
    "Pipeline": lambda: make_pipeline(StandardScaler(), MLPClassifier((3,), max_iter=2)).fit(X, Y),
    "search": lambda: GridSearchCV(
        MLPClassifier((3,), max_iter=2), {"alpha": [0, 1]}, cv=2, error_score="raise"
    ).fit(X, Y),
}


@pytest.fixture(params=FITS, ids=str)
def fit(request):
    return FITS[request.param]


def test_scikit_learns_idiom_silences_what_has_not_converged(fit):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=ConvergenceWarning, module="sklearn")
        fit()


@pytest.mark.parametrize("module", ["glassnet", re.escape(__name__)])
def test_filters_for_glassnet_and_for_the_line_that_is_named_hold_too(module):
    for name in FITS.keys() - {"scikit-learn itself"}:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", category=ConvergenceWarning, module=module)
            FITS[name]()


def test_filters_for_others_leave_it(fit):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", category=ConvergenceWarning, module="sklearn")
        warnings.filterwarnings("ignore", module="pandas")
        warnings.filterwarnings("ignore", message="something else")
        with pytest.raises(ConvergenceWarning):
            fit()


def test_the_line_is_the_users_through_pipelines_and_searches():
    model = make_pipeline(StandardScaler(), MLPClassifier((3,), max_iter=2))
    with pytest.warns(ConvergenceWarning) as in_pipeline:
        model.fit(X, Y)
    with pytest.warns(ConvergenceWarning) as in_folds:
        cross_val_score(model, X, Y, cv=2)
    assert {warning.filename for warning in (*in_pipeline, *in_folds)} == {__file__}


def test_a_line_warns_once_where_filters_say_so():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for _ in range(2):
            warn("of this line")
    assert len(told) == 1


def test_the_other_warnings_of_scikit_learns_networks_go_with_it():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", module="sklearn")
        MLPRegressor(hidden_layer_sizes=(3,), batch_size=100, max_iter=2).fit(X, Y)


def test_warnings_that_are_glassnets_own_are_not_scikit_learns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", module="sklearn")
        with pytest.raises(UserWarning, match="exactly one 1"):
            MLPClassifier((3,), max_iter=2).fit(X, np.eye(2, dtype=int)[Y])
        warnings.filterwarnings("ignore", module="glassnet")
        MLPClassifier((3,), max_iter=2).fit(X, np.eye(2, dtype=int)[Y])
        NeuralNetwork(1, [3], epochs=1).fit(RNG.integers(0, 100, X.shape, dtype=np.uint8), Y)
