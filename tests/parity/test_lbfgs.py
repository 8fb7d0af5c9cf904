"""Why L-BFGS can end elsewhere than scikit-learn's: a loss that is cut off there, and rounding that grows."""

import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn import neural_network
from sklearn.datasets import load_breast_cancer, load_wine, make_moons
from sklearn.neural_network import _multilayer_perceptron as engine
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

import glassnet

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore:.*iprint:DeprecationWarning",  # an older scikit-learn says so to a newer SciPy
)
UNSCALED = {"wine": load_wine(return_X_y=True), "breast cancer": load_breast_cancer(return_X_y=True)}
unscaled = pytest.mark.parametrize(("X", "y"), UNSCALED.values(), ids=UNSCALED)
MOONS = make_moons(100, noise=0.3, random_state=0)


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture
def uncut_loss(monkeypatch):
    """Let scikit-learn compute its cross-entropy from the z of the last layer, where nothing is cut off."""
    z = np.empty(0)

    def remembering(activate):
        def remember(X):
            nonlocal z
            z = X.copy()
            activate(X)

        return remember

    def softmax_loss(y, probabilities, sample_weight=None):
        return np.average(logsumexp(z, axis=1) - (y * z).sum(axis=1), weights=sample_weight)

    def logistic_loss(y, probabilities, sample_weight=None):
        return np.average((np.logaddexp(0, z) - y * z).sum(axis=1), weights=sample_weight)

    for name in ("softmax", "logistic"):
        monkeypatch.setitem(engine.ACTIVATIONS, name, remembering(engine.ACTIVATIONS[name]))
    monkeypatch.setitem(engine.LOSS_FUNCTIONS, "log_loss", softmax_loss)
    monkeypatch.setitem(engine.LOSS_FUNCTIONS, "binary_log_loss", logistic_loss)


def fit(library, X, y, iterations):
    model = library.MLPClassifier(solver="lbfgs", random_state=0, max_iter=iterations)
    return model.fit(X, y)


def distance(one, other):
    """Return the largest difference between two weights, relative to the largest weight."""
    pairs = list(zip(one.coefs_, other.coefs_, strict=True))
    return max(np.abs(a - b).max() for a, b in pairs) / max(np.abs(b).max() for _, b in pairs)


@unscaled
@pytest.mark.parametrize("iterations", [1, 5, 20])
@pytest.mark.usefixtures("uncut_loss")
def test_with_an_exact_loss_scikit_learn_makes_the_same_steps(X, y, iterations):
    ours, theirs = (fit(library, X, y, iterations) for library in (glassnet, neural_network))
    assert ours.n_iter_ == theirs.n_iter_ == iterations
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-9)
    assert distance(ours, theirs) < 1e-9


@unscaled
def test_its_own_loss_leads_elsewhere_from_the_first_step_on(X, y):
    """Its gradient is that of the exact loss: the line search compares losses that do not belong to it."""
    ours, theirs = (fit(library, X, y, 1) for library in (glassnet, neural_network))
    assert abs(ours.loss_ - theirs.loss_) > 0.05


def test_a_cut_off_loss_may_stop_it_far_from_a_minimum():
    X, y = UNSCALED["wine"]
    ours, theirs = (fit(library, X, y, 200) for library in (glassnet, neural_network))
    assert theirs.n_iter_ < 10
    assert theirs.loss_ > 10
    assert ours.loss_ < 1


@unscaled
def test_on_scaled_data_nothing_is_cut_off_and_the_steps_are_the_same(X, y):
    ours, theirs = (fit(library, scale(X), y, 20) for library in (glassnet, neural_network))
    assert ours.n_iter_ == theirs.n_iter_
    assert distance(ours, theirs) < 1e-9


def test_rounding_grows_in_long_runs_as_it_does_between_two_orders_of_the_rows_there():
    """Printed by ``pytest -s``: the figures that docs/scikit-learn.md gives."""
    X, y = MOONS
    for iterations in (1, 20, 60, 100, 1000):
        ours, theirs = (fit(library, X, y, iterations) for library in (glassnet, neural_network))
        reversed_rows = fit(neural_network, X[::-1], y[::-1], iterations)
        apart, by_order = distance(ours, theirs), distance(reversed_rows, theirs)
        print(
            f"{iterations}: ours {ours.n_iter_}, scikit-learn's {theirs.n_iter_}, of reversed rows "
            f"{reversed_rows.n_iter_}; apart {apart:.0e}, by the order {by_order:.0e}; "
            f"losses {ours.loss_:.4f}, {theirs.loss_:.4f}, {reversed_rows.loss_:.4f}"
        )
        if iterations <= 20:
            assert max(apart, by_order) < 1e-10
    assert min(apart, by_order) > 1e-6
