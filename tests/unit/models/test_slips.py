"""What people mistype or take over from elsewhere: private hooks, one-hot rows, names, whole numbers."""

import types
import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris

from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from glassnet.data import Stream
from glassnet.errors import InvalidParameterError, UnknownNameError
from glassnet.models._hooks import HOOKS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
ESTIMATORS = (MLPClassifier, MLPRegressor, MLPAutoencoder)
ONE_HOT = "each row holds exactly one 1: give labels, y.argmax"

# -- scikit-learn's private methods -------------------------------------------------------------------


def hook(self, *args, **kwargs):
    raise AssertionError("it was called")


@pytest.mark.parametrize("cls", ESTIMATORS)
@pytest.mark.parametrize("name", HOOKS)
def test_a_subclass_with_a_private_method_of_scikit_learns_is_told_what_to_use(cls, name):
    base = type("Base", (cls,), {name: hook})
    model = type("Mine", (base,), {})()
    for call in (model.fit, model.initialize, *([model.partial_fit] if hasattr(cls, "partial_fit") else [])):
        with pytest.raises(InvalidParameterError, match=f"Mine brings a {name} of its own.*; use ") as caught:
            call(X, Y)
        assert HOOKS[name] in str(caught.value)


def test_a_private_method_that_is_set_on_a_model_or_patched_in_is_refused(monkeypatch):
    model = MLPClassifier((3,))
    model.__dict__["_init_coef"] = types.MethodType(hook, model)
    with pytest.raises(InvalidParameterError, match="weight_init="):
        model.fit(X, Y)
    monkeypatch.setattr(MLPClassifier, "_backprop", staticmethod(hook), raising=False)
    with pytest.raises(InvalidParameterError, match="make_samples"):
        MLPClassifier((3,)).fit(X, Y)


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_a_private_method_that_is_called_says_what_to_use(cls):
    model = cls(max_iter=1).fit(X, Y)
    for name in HOOKS.keys() - {"_fit", "_fit_lbfgs", "_initialize"}:
        with pytest.raises(AttributeError, match=f"{name} is private to scikit-learn's") as caught:
            getattr(model, name)
        assert HOOKS[name] in str(caught.value)
        assert not hasattr(model, name)


def test_a_subclass_may_bring_methods_of_its_own():
    class Mine(MLPClassifier):
        def _prepare(self, X):
            return X * 2

        def predict(self, X):
            return super().predict(self._prepare(X))

    assert Mine((3,), max_iter=1).fit(X, Y).predict(X).shape == Y.shape


# -- one-hot rows -------------------------------------------------------------------------------------

ROWS = np.eye(3, dtype=int)[Y]


@pytest.mark.parametrize(
    "y",
    [ROWS, ROWS.astype(float), ROWS.astype(bool), ROWS.tolist(), sparse.csr_array(ROWS), ROWS[:, :2][:100]],
)
def test_one_hot_rows_given_to_the_classifier_are_said_to_be_several_labels(y):
    rows = X[:100] if np.shape(y) == (100, 2) else X
    with pytest.warns(UserWarning, match=ONE_HOT) as caught:
        MLPClassifier((3,), max_iter=2).fit(rows, y)
    ours = [warning for warning in caught if ONE_HOT in str(warning.message)]
    assert [warning.filename for warning in ours] == [__file__]


def test_one_hot_rows_in_parts_and_streams_are_said_to_be_several_labels():
    with pytest.warns(UserWarning, match=ONE_HOT) as caught:
        model = MLPClassifier((3,)).partial_fit(X, ROWS, classes=[0, 1, 2])
    assert [warning.filename for warning in caught] == [__file__]
    model.partial_fit(X, ROWS)
    with pytest.warns(UserWarning, match=ONE_HOT):
        MLPClassifier((3,), max_iter=2).fit(Stream.of_arrays(X, ROWS))


SEVERAL = ROWS.copy()
SEVERAL[7] = 1, 1, 0
NONE = ROWS.copy()
NONE[7] = 0


@pytest.mark.parametrize("y", [SEVERAL, NONE, Y, Y > 0, ROWS[:2], np.array([[1], [0]] * 75)])
def test_several_labels_and_single_ones_bring_no_such_warning(y):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=ONE_HOT)
        warnings.filterwarnings("ignore", message="A column-vector y")
        model = MLPClassifier((3,), max_iter=2).fit(X[: len(y)], y)
    assert model.predict(X[: len(y)]).shape == np.squeeze(y).shape


def test_one_hot_rows_are_classes_and_numbers_elsewhere():
    network = NeuralNetwork(1, [3], epochs=2).fit(X, ROWS)
    assert network.predict(X).shape == (len(X),)
    regressor = MLPRegressor(hidden_layer_sizes=(3,), max_iter=2).fit(X, ROWS)
    assert regressor.predict(X).shape == ROWS.shape


# -- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "wrong", "nearest"),
    [
        *((cls, {"activation": "sliu"}, "silu") for cls in ESTIMATORS),
        *((cls, {"solver": "adm"}, "adam") for cls in ESTIMATORS),
        (MLPClassifier, {"learning_rate": "adaptiv"}, "adaptive"),
        (MLPClassifier, {"dtype": "flot32"}, "float32"),
        (MLPClassifier, {"class_weight": "balance"}, "balanced"),
        (MLPClassifier, {"batch_size": "aut"}, "auto"),
        (MLPRegressor, {"loss": "squared_eror"}, "squared_error"),
        (MLPAutoencoder, {"bottleneck": "smalest"}, "smallest"),
    ],
)
def test_a_mistyped_name_brings_the_nearest_and_all_in_order(cls, wrong, nearest):
    for call in ("fit", "initialize"):
        with pytest.raises(UnknownNameError, match=f"did you mean {nearest!r}") as caught:
            getattr(cls(**wrong), call)(X, Y)
        known = str(caught.value).split("Known: ")[1].rstrip(".").split(", ")
        assert known == sorted(known)
        assert nearest in known


@pytest.mark.parametrize(
    "make",
    [
        lambda weight: MLPClassifier(class_weight=weight),
        lambda weight: NeuralNetwork(1, [3], class_weight=weight),
    ],
)
def test_a_mistyped_label_of_class_weight_brings_the_nearest(make):
    labels = np.where(Y, "fraud", "ok")
    with pytest.raises(UnknownNameError, match="class_weight label 'frod'; did you mean 'fraud'"):
        make({"frod": 2}).fit(X, labels)
    with pytest.raises(UnknownNameError, match="'frod'; did you mean 'fraud'"):
        make({"ok": 1, "frod": 2}).fit(X, labels)
    with pytest.raises(InvalidParameterError, match=r"\['1'\], which are not among the classes.*\[0, 1, 2\]"):
        make({"1": 2}).fit(X, Y)


# -- whole numbers and functions ----------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(16.0,), [16.0], 16.0, np.array([16.0]), np.float32(16), [np.float64(16)]])
def test_whole_numbers_of_floating_type_are_sizes(sizes):
    given = repr(sizes)
    model = MLPClassifier(sizes, max_iter=2, random_state=0).fit(X, Y)
    assert model.architecture_.sizes == (4, 16, 3)
    assert repr(model.hidden_layer_sizes) == given
    right = MLPClassifier((16,), max_iter=2, random_state=0).fit(X, Y)
    np.testing.assert_array_equal(model.coefs_[0], right.coefs_[0])
    network = NeuralNetwork(1, list(np.atleast_1d(sizes))).initialize(X, Y)
    assert network.architecture_.sizes == (4, 16, 3)


@pytest.mark.parametrize(
    "sizes", [(16.5,), 16.5, (np.nan,), (np.inf,), ("16",), (True,), (None,), ((3, 4), (3, 3))]
)
def test_sizes_that_are_no_whole_numbers_are_said_to_be_none(sizes):
    for cls in ESTIMATORS:
        with pytest.raises(InvalidParameterError, match="hidden_layer_sizes must be integers, got"):
            cls(hidden_layer_sizes=sizes).fit(X, Y)
    if np.ndim(sizes) == 1:
        with pytest.raises(InvalidParameterError, match="whole number"):
            NeuralNetwork(1, sizes).fit(X, Y)


@pytest.mark.parametrize("wrong", [True, 1, "print"])
def test_on_epoch_has_to_be_a_function(wrong):
    network = NeuralNetwork(1, [3])
    with pytest.raises(InvalidParameterError, match=f"on_epoch={wrong!r}; expected a function"):
        network.fit(X, Y, on_epoch=wrong)
    assert not hasattr(network, "parameters_")
    for cls in ESTIMATORS:
        with pytest.raises(ValueError, match=r"'on_epoch' parameter .* must be a callable or None"):
            cls(on_epoch=wrong).fit(X, Y)
