"""scikit-learn's own checks of what an estimator has to be."""

import inspect
from copy import deepcopy

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import check_is_fitted

from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor

ESTIMATORS = (MLPClassifier, MLPRegressor, MLPAutoencoder)

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore:.*SCIPY_ARRAY_API:sklearn.exceptions.SkipTestWarning",
)


CHECKS = parametrize_with_checks(
    [MLPAutoencoder(max_iter=20), MLPClassifier(max_iter=100), MLPRegressor(max_iter=100)]
)


# scikit-learn hands out its checks one by one, and pytest wants them all
@pytest.mark.parametrize(CHECKS.args[0], list(CHECKS.args[1]), **CHECKS.kwargs)
def test_scikit_learns_checks_pass(estimator, check):
    check(estimator)


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_the_constructor_stores_and_does_nothing_else(cls):
    sentinels = {name: object() for name in inspect.signature(cls).parameters}
    model = cls(**sentinels)
    assert vars(model) == sentinels
    assert model.get_params() == sentinels


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_what_is_added_is_keyword_only_and_documented(cls):
    for name, parameter in inspect.signature(cls).parameters.items():
        if name not in ("loss", "hidden_layer_sizes", "activation"):
            assert parameter.kind is parameter.KEYWORD_ONLY, name
        assert name in cls.__doc__, name
    constraints = set(cls._parameter_constraints)
    assert constraints == set(inspect.signature(cls).parameters)


@pytest.mark.parametrize("cls", ESTIMATORS)
@pytest.mark.parametrize("method", ["predict", "transform", "reconstruct", "score", "predict_proba"])
def test_before_fit_the_answer_is_scikit_learns_error(cls, method):
    if not hasattr(cls, method):
        pytest.skip(f"{cls.__name__} has no {method}")
    args = (np.zeros((2, 2)), [0, 1]) if method == "score" else (np.zeros((2, 2)),)
    with pytest.raises(NotFittedError, match="not fitted"):
        getattr(cls(), method)(*args)
    for name in ("coefs_", "intercepts_"):
        assert not hasattr(cls(), name)


MODELS = {
    "adam": lambda: MLPClassifier((6,), max_iter=4, random_state=0),
    "sgd": lambda: MLPClassifier((6,), max_iter=4, random_state=0, solver="sgd"),
    "single precision": lambda: MLPClassifier((6,), max_iter=4, random_state=0, dtype="float32"),
    "dropout": lambda: MLPClassifier((6,), max_iter=4, random_state=0, dropout=0.4),
    "clipping, adamw": lambda: MLPClassifier(
        (6, 3), max_iter=4, random_state=0, max_grad_norm=0.1, solver="adamw", batch_size=16
    ),
}
COPIES = {
    "pickle": lambda model, folder: _through_joblib(model, folder, compress=0),
    "compressed": lambda model, folder: _through_joblib(model, folder, compress=3),
    "deepcopy": lambda model, folder: deepcopy(model),
}


def _through_joblib(model, folder, **options):
    joblib.dump(model, folder / "model.joblib", **options)
    return joblib.load(folder / "model.joblib")


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_a_copy_answers_and_goes_on_as_the_original(flowers, make, copy, tmp_path):
    X, y = flowers
    model = make().fit(X, y)
    twin = copy(model, tmp_path)
    np.testing.assert_array_equal(model.predict_proba(X), twin.predict_proba(X))
    assert twin.loss_curve_ == model.loss_curve_
    assert twin.history_.column("loss") == model.history_.column("loss")
    before = model.coefs_[0].copy()
    model.partial_fit(X, y)
    np.testing.assert_array_equal(twin.coefs_[0], before)
    for _ in range(2):
        twin.partial_fit(X, y)
    model.partial_fit(X, y)
    np.testing.assert_array_equal(model.coefs_[0], twin.coefs_[0])
    assert len(twin.loss_curve_) == len(model.loss_curve_) == 6


def test_a_memory_mapped_model_answers(flowers, tmp_path):
    X, y = flowers
    model = MLPClassifier((50,), max_iter=2, random_state=0).fit(X, y)
    joblib.dump(model, tmp_path / "model.joblib")
    mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    np.testing.assert_array_equal(mapped.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_a_clone_is_new_and_fits_to_the_same(cls, curve):
    X, y = curve
    y = (y > 0).astype(int)
    model = cls(hidden_layer_sizes=(5,), max_iter=3, random_state=4, dropout=0.2).fit(X, y)
    other = clone(model)
    with pytest.raises(ValueError, match="not fitted"):
        check_is_fitted(other)
    np.testing.assert_array_equal(other.fit(X, y).coefs_[0], model.coefs_[0])


def test_fitting_leaves_data_and_parameters_as_they_were(flowers):
    X, y = (array.copy() for array in flowers)
    sizes, activations = [5, 4], ["tanh", "relu"]
    model = MLPClassifier(sizes, activations, max_iter=2, early_stopping=True, validation_fraction=0.3)
    model.fit(X, y, np.ones(90), X_val=X, y_val=y)
    np.testing.assert_array_equal(X, flowers[0])
    assert (model.hidden_layer_sizes, sizes) == ([5, 4], [5, 4])
    assert model.activation is activations


def test_weights_are_views_that_may_be_changed(curve):
    X, y = curve
    model = MLPRegressor(hidden_layer_sizes=(5,), max_iter=2).fit(X, y)
    model.coefs_[-1][...] = 0
    model.intercepts_[-1][...] = 7
    np.testing.assert_array_equal(model.predict(X), np.full(80, 7.0))
