"""Code that is exported gives the same weights, bit for bit; a step's page is the one that `trace` writes."""

from typing import Any

import numpy as np
import pytest

from glassnet import MLPRegressor, NeuralNetwork, trace
from glassnet.errors import InvalidParameterError
from glassnet.nn.optimizers import SGD
from glassnet.studio.export import Stage, data_code, points_code, python_code, step_page
from glassnet.studio.opening import Constant
from glassnet.studio.recorder import Recorder

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 2)).astype(np.float32)
y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
PARTS = X[:40], y[:40], X[40:], y[40:]
FIT: dict[str, Any] = {"early_stopping": False, "restore_best": False}


def run(code):
    names = {}
    exec(compile(code, "exported", "exec"), names)
    return names["theta"], names["network"]


def network(**settings: Any):
    usual: dict[str, Any] = {"N": 1, "A": [5], "lr": 0.1, "batch_size": 7, "random_state": 3}
    return NeuralNetwork(**usual | settings)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"N": 2, "A": [4, 3], "activation": ["tanh", "relu"], "optimizer": "adam", "dropout": 0.25},
        {"optimizer": SGD(momentum=0.5), "weight_init": Constant(0.5), "alpha": 0.1, "dtype": "float64"},
        {"schedule": "cosine", "epochs": 9},
    ],
)
def test_the_code_gives_exactly_this_run(settings):
    model = network(**settings)
    recorder = Recorder(model, *PARTS[:2], X_val=PARTS[2], y_val=PARTS[3], **FIT)
    recorder.step(31)
    theta, found = run(python_code(points_code(*PARTS), model, FIT, [Stage(20, {})]))
    np.testing.assert_array_equal(theta, recorder.at(20).theta)
    np.testing.assert_array_equal(found.predict(X), recorder.model_at(20).predict(X))


def test_the_code_of_a_branch_goes_the_same_way():
    model = network()
    recorder = Recorder(model, *PARTS[:2], X_val=PARTS[2], y_val=PARTS[3], **FIT)
    recorder.step(15)
    other = recorder.branch(11, lr=0.5)
    other.step(9)
    code = python_code(points_code(*PARTS), model, FIT, [Stage(11, {}), Stage(18, {"lr": 0.5})])
    np.testing.assert_array_equal(run(code)[0], other.at(18).theta)
    assert (run(code)[0] != run(python_code(points_code(*PARTS), model, FIT, [Stage(18, {})]))[0]).any()


def test_the_code_of_a_regression_and_of_step_0():
    model = MLPRegressor(hidden_layer_sizes=(3,), solver="sgd", batch_size=5, random_state=0, max_iter=4)
    target = X[:, 0] * 2.0
    recorder = Recorder(model, X, target)
    data = "import numpy as np\n\n" + f"X = np.array({X.tolist()}, np.float32)\ny = X[:, 0] * 2.0"
    np.testing.assert_array_equal(run(python_code(data, model, {}, [Stage(0, {})]))[0], recorder.at(0).theta)
    recorder.step(13)
    np.testing.assert_array_equal(
        run(python_code(data, model, {}, [Stage(13, {})]))[0], recorder.at(13).theta
    )


def test_the_code_is_short_and_says_no_more_than_it_must():
    code = python_code(data_code("mnist"), network(), FIT, [Stage(1, {})])
    assert "dropout" not in code
    assert max(map(len, code.splitlines())) <= 100
    assert "open_data('mnist')" in code


def test_what_code_cannot_write_is_refused():
    with pytest.raises(InvalidParameterError, match="activation="):
        python_code("", network(activation=(np.tanh, np.cos)), FIT, [Stage(0, {})])


@pytest.mark.parametrize(("format", "method"), [("latex", "to_latex"), ("html", "to_html")])
def test_a_steps_page_is_that_of_trace(format, method):
    model = network(dtype="float64").initialize(X, y)
    page = step_page(model, X[:2], y[:2], format, learning_rate=0.25)
    assert page == getattr(trace(model, X[:2], y[:2], batch_size=2, lr=0.25), method)()
    assert "0.25" in page


def test_a_step_that_goes_on_from_what_the_optimiser_remembers_is_refused():
    adam = network(optimizer="adam").initialize(X, y)
    step_page(adam, X[:2], y[:2], "html", learning_rate=0.1)
    with pytest.raises(InvalidParameterError, match="remembers"):
        step_page(adam, X[:2], y[:2], "html", learning_rate=0.1, updates=3)
    step_page(network().initialize(X, y), X[:2], y[:2], "html", learning_rate=0.1, updates=3)
