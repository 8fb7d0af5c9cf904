"""Traces: the assignment's numbers, formulas that give the values beside them, and the engine behind both."""

import json
import math
import re
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from sklearn import neural_network

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
from glassnet.nn.optimizers import OPTIMIZERS, SGD, Adam, Equations, OptimizerState, setting
from glassnet.worked._formula import Quantity
from glassnet.worked.problem_file import build_problem
from glassnet.worked.trace._engine import hold_to_engine, run_engine
from glassnet.worked.trace._lines import derive, givens
from glassnet.worked.trace._updates import read_memory
from glassnet.worked.tracing import trace, trace_problem
from glassnet.worked.write._plain import TEXT
from glassnet.worked.write.layout import define, stages


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


SCALAR = {"x": [1.0], "y": [2.0]}

ON_A_CALCULATOR = {
    **{name: getattr(math, name) for name in ("exp", "log", "sqrt", "erf", "tanh")},
    "abs": abs,
    "max": max,
    "min": min,
    "sum": lambda number: number,
    "sign": lambda d: (d > 0) - (d < 0),
    "clip": lambda d, low, high: min(max(d, low), high),
}


def functions_of(problem):
    """Return what a person has for a problem's formulas: a calculator, and the definitions above them."""
    definitions = re.findall(r"(\w+)\(z\) = ([^;]+)", define(problem).rstrip("."))
    return ON_A_CALCULATOR | {
        name: lambda z, formula=formula: work_out_text(formula, ON_A_CALCULATOR | {"z": z})
        for name, formula in definitions
    }


def work_out_text(formula, names):
    return eval(formula.replace("^", "**"), {"__builtins__": {}}, names)


def problem_for(activation, loss, optimizer):
    target = {"softmax": 1.0, "sigmoid": 1.0, "exp": 2.0}.get(LOSSES[loss].output, 0.7)
    target = 1.0 if loss in ("hinge", "perceptron") else target
    settings = {"sizes": [1, 1, 1, 1], "activation": activation, "loss": loss, "optimizer": optimizer}
    return build_problem(
        {**settings, "x": [0.9, -0.4], "y": [target] * 2, "lr": 0.1, "steps": 3, "digits": 12}
    )


EACH_ONCE = [
    *((activation, "squared_error", "sgd") for activation in ACTIVATIONS),
    *(("sigmoid", loss, "sgd") for loss in LOSSES),
    *(("relu", "squared_error", optimizer) for optimizer in OPTIMIZERS),
    ("gelu", "huber", "adamw"),
]


@pytest.mark.parametrize(("activation", "loss", "optimizer"), EACH_ONCE)
def test_the_printed_formula_gives_the_printed_value(activation, loss, optimizer):
    """Every line of numbers is read by Python, which knows nothing of the engine."""
    problem = problem_for(activation, loss, optimizer)
    worked, functions = trace(problem), functions_of(problem)
    for line in worked.lines:
        written = stages(worked, line, TEXT)
        numbers = [text for text in written if not re.search(r"[zwbx]\d|\by\b|d[zaL]", text)]
        assert numbers, written
        for text in numbers:
            value = work_out_text(text, functions)
            assert value == pytest.approx(float(line.exact), rel=1e-5, abs=1e-9), (line.line.quantity, text)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_array_that_an_optimiser_keeps_is_held_to_the_engine(optimizer):
    entry = OPTIMIZERS[optimizer]
    letters = read_memory(entry, entry.init(np.zeros(2)).memory)
    assert len(letters) == len(entry.init(np.zeros(2)).memory)
    engine = run_engine(problem_for("tanh", "squared_error", optimizer))
    for letter in letters:
        assert (3, f"{letter}_w1") in engine


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_updates_in_matrices_are_the_engines_too(optimizer):
    settings = {"sizes": [2, 3, 1], "x": [[0.5, -1], [2, 0.3]], "y": [[1.0], [0]], "batch_size": 2}
    worked = trace(build_problem({**settings, "steps": 5, "optimizer": optimizer}))
    assert worked.value(5, "W1").shape == (2, 3)


def slow_descent(*lines, **kept):
    """Return a problem with an optimiser of one's own, which says of itself what the lines say."""

    @dataclass(frozen=True)
    class Slow:
        share: float = setting(0.25, "sigma", words="share")
        doubled: bool = setting(False, words="twice as far")
        equations = Equations(lines, kept)

        def init(self, theta):
            return OptimizerState(memory={"last": np.zeros_like(theta)})

        def update(self, theta, grad, state, learning_rate):
            last = state.memory["last"]
            last *= self.share
            last += grad
            theta -= learning_rate * last

    optimizer: Any = Slow()
    return replace(build_problem({**SCALAR, "sizes": [1, 1], "steps": 2}), optimizer=optimizer)


def test_an_optimiser_of_ones_own_is_traced_by_the_equations_that_it_states():
    worked = trace(slow_descent("s = share*s + g", "theta = theta - lr*s", s="last"))
    text = worked.to_text()
    assert "Slow with learning rate lr = 0.01, share sigma = 0.25, 1 sample a step" in text
    assert "s_w1 <- sigma*s_w1 + dL/dw1 = 0.25*" in text
    assert "w1 <- w1 - lr*s_w1 =" in text
    assert (
        r"s_{w_{1}} &\leftarrow \sigma \cdot s_{w_{1}} + \frac{\partial L}{\partial w_{1}}"
        in worked.to_latex()
    )
    assert "share σ = 0.25" in worked.to_html()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("last = share*last + g", "theta = theta - last"), "w1 of step 1 is .* by the engine"),
        (("last = 2*share*last + g", "theta = theta - lr*last"), "last_w1 of step 2 is"),
        (
            ("last = shar*last + g", "theta = theta - lr*last"),
            "an equation of Slow names 'shar', which is no",
        ),
        (("theta = theta - lr*g[0]",), r"cannot read the formula 'theta - lr\*g\[0\]'"),
        (("theta = theta - lr*arctan(g)",), "arctan"),
        (("theta = theta - lr*g**0.5",), "whole exponents"),
        (("theta = theta -",), "cannot read the formula"),
        (("theta",), "cannot read the equation 'theta'; expected name = formula"),
    ],
)
def test_equations_that_are_not_what_the_optimiser_does_are_refused(lines, message):
    with pytest.raises((InvalidDataError, InvalidParameterError), match=message):
        trace(slow_descent(*lines))


def test_an_optimiser_without_equations_is_refused():
    class Silent:
        init, update = SGD.init, SGD.update

    with pytest.raises(
        InvalidParameterError, match=r"does not state its equations; expected one .* SGD, Adam"
    ):
        trace("assignment", optimizer=Silent())


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
    with pytest.raises(NotFittedError, match="no weights yet"):
        trace(network, [[1.0, 2.0]], [0])
    network.initialize([[1.0, 2.0], [0.0, 1.0]], [0, 1])
    with pytest.raises(InvalidDataError, match="without X; expected the samples to train on"):
        trace(network)
    with pytest.raises(InvalidDataError, match="got no y; expected the labels"):
        trace(network, [[1.0, 2.0], [0.0, 1.0]])
    with pytest.raises(InvalidDataError, match="3 features"):
        trace(network, [[1.0, 2.0, 3.0]], [0])
    with pytest.raises(InvalidDataError, match="nan at row 0, column 1"):
        trace(network, [[1.0, np.nan]], [0])


def test_what_is_no_network_is_refused():
    with pytest.raises(InvalidParameterError, match="got a model of type int; expected a NeuralNetwork"):
        trace(3, [[1.0]], [0])


POINTS = np.array([[0.1, 0.2], [1.0, 0.4], [0.3, 0.9], [0.2, 0.5]])


def make_model(kind):
    """Return a fitted model of a class, and the y that it was fitted to."""
    settings = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0}
    module = neural_network if kind.startswith("scikit-learn") else glassnet
    model = getattr(module, kind.split()[-1])(**settings, alpha=0.1)
    y = {"MLPClassifier": ["a", "b", "c", "b"], "MLPRegressor": [1.0, 2.5, 0.0, 1.0]}.get(kind.split()[-1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two epochs are no convergence
        return (model.fit(POINTS) if y is None else model.fit(POINTS, y)), y


@pytest.mark.parametrize(
    "kind",
    [
        "MLPClassifier",
        "MLPRegressor",
        "MLPAutoencoder",
        "scikit-learn's MLPClassifier",
        "scikit-learn's MLPRegressor",
    ],
)
def test_every_class_of_models_is_traced(kind):
    model, y = make_model(kind)
    first = np.copy(model.coefs_[0])
    worked = trace(model, POINTS, y)  # raises where a line is not the engine's
    np.testing.assert_array_equal(model.coefs_[0], first)
    np.testing.assert_array_equal(worked.value(0, "W1"), first)
    np.testing.assert_allclose(worked.value(1, "A2").ravel(), predict_first(model).ravel(), rtol=1e-12)
    assert f"{kind.split()[-1]}\n" in worked.to_text()
    assert "penalty alpha = 0.1" in worked.to_text()


def predict_first(model):
    """Return the outputs for the first sample, as the model's own class has them."""
    predict = next(
        getattr(model, name) for name in ("predict_proba", "predict", "reconstruct") if hasattr(model, name)
    )
    return np.asarray(predict(POINTS[:1]))


@pytest.mark.parametrize("settings", [{"dropout": 0.5}, {"max_grad_norm": 1.0}])
def test_a_model_whose_steps_are_not_worked_on_paper_is_refused(settings):
    model = make_model("MLPClassifier")[0].set_params(**settings)
    ((name, value),) = settings.items()
    with pytest.raises(InvalidParameterError, match=f"MLPClassifier with {name}={value}, which is not"):
        trace(model, POINTS, ["a", "b", "c", "b"])


def test_the_penalty_is_part_of_the_loss_and_of_its_slopes():
    problem = build_problem({**SCALAR, "sizes": [1, 1, 1], "alpha": 0.1, "weights": [[[0.5]], [[-2.0]]]})
    text = trace(problem).to_text()
    assert "L = (a2 - y)^2/2 + alpha*(w1^2 + w2^2)/2 = (-1 - 2)^2/2 + 0.1*(0.5^2 + (-2)^2)/2 = 4.7125" in text
    assert "dL/dw2 = dL/da2 * da2/dz2 * dz2/dw2 + alpha*w2 = (a2 - y)*1*a1 + alpha*w2" in text
    assert "dL/db2 = dL/da2 * da2/dz2 * dz2/db2 = (a2 - y)*1*1 =" in text
    settings = {"sizes": [1, 2, 1], "x": [1, 2], "y": [0, 1], "alpha": 0.1, "batch_size": 2}
    text = trace(build_problem(settings)).to_text()
    assert "L = sum((A2 - Y)^2)/(2*n) + alpha*(sum(W1^2) + sum(W2^2))/(2*n)" in text
    assert "dL/dW2 = dL/dZ2 * dZ2/dW2 + alpha*W2/n = A1.T @ dL/dZ2 + alpha*W2/n" in text
    with pytest.raises(InvalidParameterError, match="alpha=-1"):
        build_problem({**settings, "alpha": -1})


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
