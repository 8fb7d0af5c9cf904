"""Traces: the assignment's numbers, formulas that give the values beside them, and the engine behind both."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from glassnet.worked.trace._formula import Quantity

import glassnet
from glassnet.errors import (
    DivergedError,
    FileError,
    InvalidDataError,
    InvalidParameterError,
    NotFittedError,
    UnknownNameError,
)
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import OPTIMIZERS, Adam
from glassnet.worked.problem_file import build_problem
from glassnet.worked.trace._engine import hold_to_engine, run_engine
from glassnet.worked.trace._lines import derive, givens
from glassnet.worked.tracing import trace, trace_problem
from glassnet.worked.write._plain import TEXT
from glassnet.worked.write.layout import stages


def test_the_assignment_has_its_right_values_and_the_published_ones_beside_those_that_differ():
    worked = glassnet.trace("assignment")
    rounded = {
        (line.line.quantity.step, line.line.quantity.name): round(float(line.value), 4)
        for line in worked.lines
    }
    assert (rounded[2, "b1"], rounded[2, "b2"]) == (0.0392, 0.0388)
    after = [rounded[3, name] for name in ("w1", "w2", "b1", "b2")]
    assert after == [1.1078, 1.1088, 0.0557, 0.0544]  # w2 is 1.10879
    differing = {
        (line.line.quantity.name, entry.text)
        for line in worked.lines
        for entry in line.published
        if line.line.quantity.step == 2
    }
    assert differing == {("b1", "0.0389"), ("b2", "0.0391"), ("(a2-y)^2", "3.5249")}


def test_course_rounding_carries_the_rounded_numbers_on():
    worked = trace("assignment", course_rounding=True)
    assert worked.rounded
    assert float(worked.value(2, "dL/dw2")) == -3.8703
    assert float(worked.value(2, "w2")) == 1.0587
    z1, w2, b2 = (float(worked.value(*key)) for key in ((3, "z1"), (2, "w2"), (2, "b2")))
    assert z1 == 3.2141
    assert float(worked.value(3, "z2")) == round(w2 * z1 + b2, 4)
    exact = next(line for line in worked.lines if line.line.quantity == (3, "w2"))
    assert float(exact.value) == 1.1088
    assert float(exact.exact) == pytest.approx(1.108792046)


def test_a_published_number_does_not_differ_by_the_digits_that_course_rounding_leaves_out():
    differing = {
        (line.line.quantity.step, line.line.quantity.name)
        for line in trace("assignment", digits=2, course_rounding=True).lines
        if line.published
    }
    assert (2, "a2") not in differing  # 2.12 and 2.1212
    assert (3, "z1") in differing  # 3.22 and 3.2138


def test_course_rounding_differs_from_rounding_in_the_end():
    rough, exact = (trace("assignment", digits=2, course_rounding=flag, steps=9) for flag in (True, False))
    assert float(rough.value(9, "w1")) != round(float(exact.value(9, "w1")), 2)


FUNCTIONS = {
    "ReLU": lambda z: max(z, 0),
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "sign": lambda d: (d > 0) - (d < 0),
    "huber": lambda d: d * d / 2 if abs(d) <= 1 else abs(d) - 0.5,
    "clip": lambda d, low, high: min(max(d, low), high),
    "softplus": lambda z: math.log1p(math.exp(z)),
    "LeakyReLU": lambda z: z if z > 0 else 0.01 * z,
    "ELU": lambda z: z if z > 0 else math.expm1(z),
    "SiLU": lambda z: z / (1 + math.exp(-z)),
    "GELU": lambda z: z * (1 + math.erf(z / math.sqrt(2))) / 2,
    "softmax": lambda z: 1.0,
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["sigmoid", "relu", "gelu"])
def test_the_printed_formula_gives_the_printed_value(activation, loss, optimizer):
    """Every line of numbers is read by Python, which knows nothing of the engine."""
    target = {"softmax": 1.0, "sigmoid": 1.0, "exp": 2.0}.get(LOSSES[loss].output, 0.7)
    settings = {"sizes": [1, 1, 1, 1], "activation": activation, "loss": loss, "optimizer": optimizer}
    worked = trace(
        build_problem({**settings, "x": [0.9, -0.4], "y": [target] * 2, "lr": 0.1, "steps": 3, "digits": 12})
    )
    for line in worked.lines:
        printed = [
            text for text in stages(worked, line, TEXT) if not re.search(r"[zwbx]\d|\by\b|d[zaL]", text)
        ]
        for text in printed:
            value = eval(text.replace("^", "**"), {"__builtins__": {}}, FUNCTIONS)
            assert value == pytest.approx(float(line.exact), rel=1e-5, abs=1e-9), (line.line.quantity, text)


def test_the_lines_are_held_to_the_engine():
    problem = build_problem(
        {"sizes": [1, 1], "x": [1.0], "y": [2.0], "weights": [[[1.0]]], "biases": [[0.0]]}
    )
    engine = run_engine(problem)
    engine[Quantity(1, "z1")] += 1e-6
    with pytest.raises(
        InvalidDataError, match=r"z1 of step 1 is 1 by its formula on paper, and 1\.000001 by the engine"
    ):
        hold_to_engine(derive(problem), givens(problem), engine)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_all_activations_and_losses_in_matrices_too(activation, loss, draw_targets):
    rng = np.random.default_rng(3)
    y = draw_targets(loss, rng, 4, 3, hard=True)
    problem = build_problem(
        {
            "sizes": [2, 3, 3],
            "activation": activation,
            "loss": loss,
            "x": rng.normal(size=(4, 2)).tolist(),
            "y": y.tolist(),
            "batch_size": 3,  # the second batch has one sample
            "steps": 3,
        }
    )
    worked = trace(problem)  # raises where a line is not the engine's
    assert worked.value(1, "dL/dZ2").shape == (3, 3)
    assert worked.value(2, "dL/dZ2").shape == (1, 3)
    np.testing.assert_array_equal(worked.value(3, "X"), problem.X[:3])  # the samples come again


def test_an_activation_of_ones_own_is_traced():
    square = Activation("custom:square", lambda z: z**2, lambda z: 2 * z)
    stated = build_problem({"sizes": [1, 1, 1], "x": [2.0], "y": [1.0]})
    architecture = type(stated.architecture)((1, 1, 1), (square,), LOSSES["squared_error"])
    worked = trace(replace(stated, architecture=architecture))
    assert "square'(z1)" in worked.to_text()


def test_a_networks_own_training_is_traced_and_the_network_stays_as_it_is():
    X, y = np.array([[0.5, -1.0], [1.5, 0.25], [0.1, 0.2]]), [0, 1, 1]
    network = glassnet.NeuralNetwork(
        N=1, A=[3], lr=0.2, activation="tanh", batch_size=1, random_state=0, dtype="float64", optimizer="adam"
    ).initialize(X, y)
    before = network.parameters_.theta.copy()
    worked = trace(network, X, y)
    np.testing.assert_array_equal(network.parameters_.theta, before)
    for row in range(3):
        assert network.backward_propagation(X[row : row + 1], y[row : row + 1]) == worked.value(row + 1, "L")
    np.testing.assert_array_equal(network.weights_[0], worked.value(3, "W1"))


def test_images_as_bytes_are_scaled_as_the_network_does():
    X = np.array([[0, 255], [51, 0]], np.uint8)
    network = glassnet.NeuralNetwork(N=1, A=[2], random_state=0).initialize(X, [0, 1])
    assert trace(network, X, [0, 1]).value(2, "X").tolist() == [[0.2, 0.0]]


def test_settings_can_be_changed():
    worked = trace("assignment", lr=0.5, optimizer=Adam(beta_1=0.5), batch_size=3, steps=2)
    assert worked.problem.n_steps == 2
    assert worked.value(1, "Z1").shape == (3, 1)
    assert "m_W1" in worked.to_text()
    assert not any(line.published for line in worked.lines)  # another problem than the published one
    assert trace("assignment", batch_size=3).problem.n_steps == 1


def test_a_quantity_that_is_not_there_is_named():
    with pytest.raises(InvalidDataError, match=r"step 1 has no quantity 'z9'; it has: .*z1"):
        trace("assignment").value(1, "z9")
    with pytest.raises(InvalidDataError, match="it has: nothing"):
        trace("assignment").value(7, "z1")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"network": "nothing.toml"}, FileError, "there is no problem 'nothing.toml'"),
        ({"network": "assignment", "X": [[1.0]]}, InvalidDataError, "a problem, and X or y too"),
        ({"network": "assignment", "lr": -1}, InvalidParameterError, "lr"),
        ({"network": "assignment", "steps": 0}, InvalidParameterError, "steps=0"),
        ({"network": "assignment", "batch_size": 0}, InvalidParameterError, "batch_size=0"),
        ({"network": "assignment", "batch_size": 4}, InvalidParameterError, "at most 3"),
        ({"network": "assignment", "digits": 0}, InvalidParameterError, "digits=0"),
        ({"network": "assignment", "optimizer": "adm"}, UnknownNameError, "did you mean 'adam'"),
        ({"network": "assignment", "lr": 1e200}, DivergedError, "loss became"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        trace(**arguments)


def test_a_network_needs_weights_and_samples_that_fit():
    network = glassnet.NeuralNetwork(N=1, A=[2], random_state=0)
    with pytest.raises(NotFittedError, match="no weights yet; call initialize"):
        trace(network, [[1.0, 2.0]], [0])
    network.initialize([[1.0, 2.0], [0.0, 1.0]], [0, 1])
    with pytest.raises(InvalidDataError, match="without X and y"):
        trace(network)
    with pytest.raises(InvalidDataError, match="3 features"):
        trace(network, [[1.0, 2.0, 3.0]], [0])
    with pytest.raises(InvalidDataError, match="nan at row 0, column 1"):
        trace(network, [[1.0, np.nan]], [0])


def test_what_is_no_network_is_refused():
    with pytest.raises(InvalidParameterError, match="got MLPClassifier; expected a NeuralNetwork"):
        trace(glassnet.MLPClassifier(), [[1.0]], [0])


def test_course_rounding_needs_digits():
    problem = build_problem({"sizes": [1, 1], "x": [1.0], "y": [2.0]})
    with pytest.raises(InvalidParameterError, match="needs a number of digits"):
        trace_problem(problem, course_rounding=True)


def test_a_number_out_of_a_calculators_range_is_said_so():
    settings = {"sizes": [1, 1], "loss": "sigmoid_cross_entropy", "weights": [[[60.0]]], "biases": [[0.0]]}
    with pytest.raises(
        InvalidDataError, match="L of step 1 is inf by its formula on paper, and 60 by the engine"
    ):
        trace(build_problem({**settings, "x": [1.0], "y": [0.0]}))


def test_the_json_holds_all_digits():
    content = json.loads(json.dumps(trace("assignment").to_json(), allow_nan=False))
    line = next(row for row in content["lines"] if (row["step"], row["quantity"]) == (2, "b1"))
    assert line["value"] == pytest.approx(0.03916376, abs=1e-15)
    assert line["published"] == {"b1": "0.0389"}
    assert line["formula"] == ["b1 - lr * dL/db1", "0.02 - 0.01*(-1.9164)"]
