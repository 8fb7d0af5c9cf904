"""scikit-learn's own tests of its MLPs, as installed, run on our classes; what differs, by name and reason.

Nothing of them is copied: the file is loaded a second time with our classes under the names that it imports.
"""

import importlib.util
from dataclasses import dataclass
from functools import wraps
from operator import attrgetter

import numpy as np
import pytest
from sklearn import neural_network

import glassnet
from glassnet.errors import DivergedError, NotFittedError
from glassnet.models._base import BaseMLP

ORIGINAL = pytest.importorskip(
    "sklearn.neural_network.tests.test_mlp", reason="this scikit-learn was installed without its tests"
)
CLASSES = ("MLPClassifier", "MLPRegressor")

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*iprint:DeprecationWarning"  # an older scikit-learn says so to a newer SciPy
)


@dataclass(frozen=True)
class Difference:
    """Say how a test of scikit-learn's fails with our classes, and why it may."""

    reason: str
    raises: type[BaseException]
    match: str


DIFFERENCES = {
    "test_fit": Difference(
        "stated: weights of an estimator that has no layers yet cannot be set; see the test below",
        NotFittedError,
        "no layers yet whose coefs_ could be set; call initialize",
    ),
    "test_gradient": Difference(
        "private name: the engine's gradients are compared with differences in tests/laws",
        AttributeError,
        "^_loss_grad_lbfgs is private to scikit-learn's networks",
    ),
    "test_nonfinite_params": Difference(
        "wording: the ValueError says at which step and layer",
        AssertionError,
        r"(?s)Regex pattern.*the loss became inf at epoch 1, step 1",
    ),
    "test_early_stopping_stratified": Difference(
        "wording: the ValueError names the label",
        AssertionError,
        r"(?s)Regex pattern.*class 1 has a single sample",
    ),
    "test_mlp_diverging_loss": Difference(
        "stated: training that reaches NaN ends there, where scikit-learn goes on",
        DivergedError,
        "the validation loss became nan",
    ),
}
"""What docs/scikit-learn.md states, or what is private or worded otherwise; all else must pass."""


def load_with_our_classes():
    """Return the module of tests, in which scikit-learn's names are our classes, in its parameters too."""
    spec = importlib.util.spec_from_file_location("sklearn_tests_of_our_classes", ORIGINAL.__file__)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        for name in CLASSES:
            patch.setattr(neural_network, name, getattr(glassnet, name))
        spec.loader.exec_module(module)
    return module


def differs(test, difference):
    """Return a test that passes where another fails as expected, and fails where that passes."""

    @wraps(test)
    def run(*args, **kwargs):
        with pytest.raises(difference.raises, match=difference.match):
            test(*args, **kwargs)

    return run


TESTS = {name: test for name, test in vars(load_with_our_classes()).items() if name.startswith("test_")}
globals().update(
    {name: differs(test, DIFFERENCES[name]) if name in DIFFERENCES else test for name, test in TESTS.items()}
)


@pytest.fixture
def global_random_seed():
    """Return what scikit-learn's own configuration of pytest gives unless it is told otherwise."""
    return 42


@pytest.fixture(autouse=True)
def private_names(monkeypatch):
    """Answer to two private attributes that the tests read, so that what they check is checked."""
    translated = {
        "_optimizer": attrgetter("_training"),  # it has a learning_rate, too
        "_no_improvement_count": attrgetter("_watch.without_improvement"),
    }
    for name, read in translated.items():
        monkeypatch.setattr(BaseMLP, name, property(read), raising=False)


def test_the_classes_tested_are_ours():
    module = load_with_our_classes()
    assert all(getattr(module, name) is getattr(glassnet, name) for name in CLASSES)
    assert len(TESTS) > 35
    used = [mark.args[1] for mark in TESTS["test_early_stopping"].pytestmark]
    assert used == [[glassnet.MLPClassifier, glassnet.MLPRegressor]]


def test_each_difference_is_one_of_a_test_that_there_is():
    assert set(DIFFERENCES) <= set(TESTS)


def test_weights_set_before_training_give_scikit_learns_worked_example():
    """What its `test_fit` works out, with the layers made by `initialize`: one step of gradient descent."""
    X, y = np.array([[0.6, 0.8, 0.7]]), np.array([0])
    models = [
        package.MLPClassifier(
            (2,), solver="sgd", learning_rate_init=0.1, alpha=0.1, activation="logistic", momentum=0
        )
        for package in (glassnet, neural_network)
    ]
    ours, theirs = models
    ours.initialize(np.repeat(X, 2, axis=0), [0, 1])
    theirs.partial_fit(X, y, classes=[0, 1])  # scikit-learn has no `initialize`
    weights = [np.array([[0.1, 0.2], [0.3, 0.1], [0.5, 0.0]]), np.array([[0.1], [0.2]])]
    biases = [np.array([0.1, 0.1]), np.array([1.0])]
    ours.coefs_, ours.intercepts_ = weights, biases
    for array, value in zip(theirs.coefs_ + theirs.intercepts_, weights + biases, strict=True):
        array[...] = value  # scikit-learn's solver moves these arrays
    for model in models:
        model.partial_fit(X, y, classes=[0, 1])
    for name in ("coefs_", "intercepts_"):
        for one, other in zip(getattr(ours, name), getattr(theirs, name), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(ours.coefs_[1].ravel(), [0.04706, 0.154089], atol=5e-4)  # worked by hand
    assert ours.predict_proba(X)[0, 1] == pytest.approx(0.739, abs=5e-4)
