"""What three pages of scikit-learn's gallery compute, with the import switched: the same scores.

They are plot_mlp_alpha, plot_mlp_training_curves and plot_mnist_filters, with their data, parameters and
filters of warnings; the pictures are left out, and MNIST is the one that the package holds.
"""

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.datasets import load_digits, load_iris, make_circles, make_classification, make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import glassnet

pytestmark = pytest.mark.filterwarnings("ignore:.*iprint:DeprecationWarning")

CLASSES = (glassnet.MLPClassifier, neural_network.MLPClassifier)


@pytest.fixture
def gallery_filter():
    """Ignore what the pages ignore; any other warning is an error."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=ConvergenceWarning, module="sklearn")
        yield


def scattered_line():
    X, y = make_classification(
        n_features=2, n_redundant=0, n_informative=2, random_state=0, n_clusters_per_class=1
    )
    return X + 2 * np.random.RandomState(2).uniform(size=X.shape), y


PLANES = {
    "moons": lambda: make_moons(noise=0.3, random_state=0),
    "circles": lambda: make_circles(noise=0.2, factor=0.5, random_state=1),
    "line": scattered_line,
}


@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES)
def test_varying_regularization(plane, gallery_filter):
    """Long runs of L-BFGS amplify rounding; where a score differs, rounding changes scikit-learn's own so."""
    X, y = plane()
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, random_state=42)
    equal = 0
    for alpha in np.logspace(-1, 1, 5):

        def score(cls, factor=1.0, alpha=alpha):
            settings: dict[str, Any] = {
                "max_iter": 2000,
                "early_stopping": True,
                "hidden_layer_sizes": [10, 10],
            }
            network = cls(solver="lbfgs", alpha=alpha, random_state=1, **settings)
            return (
                make_pipeline(StandardScaler(), network).fit(X_train * factor, y_train).score(X_test, y_test)
            )

        ours, theirs = (score(cls) for cls in CLASSES)
        if ours == theirs:
            equal += 1
        else:
            assert ours in {score(CLASSES[1], 1 + k * np.finfo(float).eps) for k in range(-8, 9)}
    assert equal >= 4


MOMENTA: dict[str, dict[str, Any]] = {
    "plain": {"momentum": 0},
    "momentum": {"momentum": 0.9, "nesterovs_momentum": False},
    "nesterov": {"momentum": 0.9, "nesterovs_momentum": True},
}
STRATEGIES: dict[str, dict[str, Any]] = {
    f"{rate}-{name}": {"solver": "sgd", "learning_rate": rate, "learning_rate_init": 0.2} | more
    for rate in ("constant", "invscaling")
    for name, more in MOMENTA.items()
} | {"adam": {"solver": "adam", "learning_rate_init": 0.01}}
SETS = {
    "iris": (lambda: load_iris(return_X_y=True), 400),
    "digits": (lambda: load_digits(return_X_y=True), 15),
    "circles": (PLANES["circles"], 400),
    "moons": (PLANES["moons"], 400),
}


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
@pytest.mark.parametrize("data", SETS.values(), ids=SETS)
def test_stochastic_learning_strategies(data, strategy, gallery_filter):
    load, max_iter = data
    X, y = load()
    X = MinMaxScaler().fit_transform(X)
    ours, theirs = (cls(random_state=0, max_iter=max_iter, **strategy).fit(X, y) for cls in CLASSES)
    assert ours.score(X, y) == theirs.score(X, y)
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-9)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)


def test_mnist_filters(gallery_filter, capsys):
    data = glassnet.load_mnist()
    X = np.concatenate([data.train.images, data.test.images]).reshape(-1, 784) / 255.0
    y = np.concatenate([data.train.labels, data.test.labels]).astype(str).astype(object)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0, test_size=0.7)
    settings: dict[str, Any] = {
        "alpha": 1e-4,
        "solver": "sgd",
        "verbose": 10,
        "random_state": 1,
        "learning_rate_init": 0.2,
    }
    ours, theirs = (cls(hidden_layer_sizes=(40,), max_iter=8, **settings).fit(X, y) for cls in CLASSES)
    lines = capsys.readouterr().out.splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]  # what is printed of the epochs
    assert ours.score(X, y) == theirs.score(X, y)
    assert ours.score(X_test, y_test) == theirs.score(X_test, y_test)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-6, atol=1e-8)  # the filters
