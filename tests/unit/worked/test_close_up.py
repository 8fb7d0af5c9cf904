"""The lines of one number: those of a trace, and the engine's numbers, in networks of any size."""

from dataclasses import replace

import numpy as np
import pytest

from glassnet.errors import InvalidParameterError
from glassnet.nn import ACTIVATIONS, INITIALIZERS, LOSSES, SGD, Adam, Architecture, Parameters, Samples
from glassnet.nn.training import Training
from glassnet.worked.close_up import Taken, close_up, name_of
from glassnet.worked.problem import Problem
from glassnet.worked.tracing import trace


def take(
    sizes, *, activation="tanh", loss="softmax_cross_entropy", optimizer=None, alpha=0.0, n=6, frozen=()
):
    """Return a step of a network, the third one, and its first sample."""
    rng = np.random.default_rng(0)
    architecture = Architecture(sizes, (ACTIVATIONS[activation],) * (len(sizes) - 2), LOSSES[loss])
    parameters = Parameters.draw(architecture, INITIALIZERS["glorot_uniform"], rng, np.float64)
    X, y = rng.normal(size=(n, sizes[0])), np.eye(sizes[-1])[rng.integers(sizes[-1], size=n)]
    samples, rows = Samples(X, y, np.float64), np.arange(n)

    def training():
        return Training(
            architecture, parameters, optimizer or SGD(), 0.1, n, keep_z=True, alpha=alpha, frozen=frozen
        )

    whole = training()
    for _ in range(2):
        whole.compute_gradient(samples, rows)
        whole.update()
    one = training()
    own = one.compute_gradient(samples, rows[:1])
    z, a, deltas = (
        [np.array(each[0]) for each in kind]
        for kind in (own.workspace.z, own.workspace.a, own.workspace.deltas)
    )
    step = whole.compute_gradient(samples, rows)
    gradient, theta = step.gradient.theta.copy(), parameters.theta.copy()
    memory = {name: array.copy() for name, array in whole.optimizer_state.memory.items()}
    inputs = [X, *(np.array(each) for each in step.workspace.a[:-1])]
    batch_deltas = [np.array(delta) * n for delta in step.workspace.deltas]
    whole.update()
    return Taken(
        architecture, theta, parameters.theta.copy(), whole.optimizer, 0.1, alpha, frozen, memory,
        whole.optimizer_state.memory, 2, X[0], y[0], z, a, deltas, own.gradient.theta.copy(), own.loss,
        own.penalty, inputs, batch_deltas, gradient,
    )  # fmt: skip


@pytest.mark.parametrize("what", ["z", "a", "delta", "w", "b", "loss"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optimizer": Adam(), "alpha": 0.3},
        {"optimizer": SGD(momentum=0.9, nesterov=True), "activation": "relu"},
        {"loss": "squared_error", "activation": "sigmoid"},
        {"frozen": ("W1", "b2")},
    ],
)
@pytest.mark.parametrize("sizes", [(3, 4, 2), (40, 30, 20, 5)])
def test_every_line_gives_the_engines_number(sizes, settings, what):
    step = take(sizes, **settings)
    for layer in range(1, len(sizes)):
        lines = close_up(step, what, layer, 1, 2)
        assert lines
        for line in lines:
            assert line.computed == pytest.approx(line.value, rel=1e-9, abs=1e-12), (line.name, line.formula)
            assert line.formula_html.startswith("<math>")


def test_the_lines_of_a_small_network_are_those_of_a_trace():
    step = take((2, 2, 2), loss="squared_error", activation="sigmoid", n=1)
    problem = Problem(
        "small", step.architecture, step.theta, step.x[None], step.y[None], SGD(), 0.1, 1, 1, names="units"
    )
    traced = {line.line.quantity.name: float(line.value) for line in trace(problem).lines}
    for layer in (1, 2):
        for unit in (0, 1):
            for what in ("z", "a", "delta", "w", "b"):
                for line in close_up(step, what, layer, unit, 1):
                    if line.group == "update":
                        continue
                    assert traced[line.name] == pytest.approx(line.value, rel=1e-9)
    (updated,) = (line for line in close_up(step, "w", 1, 0, 1) if line.group == "update")
    assert traced[updated.name] == pytest.approx(updated.value)
    assert name_of(step, "w", 1, 0, 1) == "w2"


def test_a_long_sum_shows_its_largest_terms():
    step = take((40, 30, 20, 5))
    line = close_up(step, "z", 1, 3)[0]
    terms = step.parameters.weights[0][:, 3] * step.x
    largest = int(np.abs(terms).argmax())
    assert line.name == "z_a1_4"
    assert f"w1_{largest + 1}_4*x{largest + 1}" in line.formula
    assert "… 37 more" in line.formula
    assert line.value == step.z[0][3]


def test_a_number_that_is_not_there_is_refused():
    step = take((3, 4, 2))
    for place in ((0, 0, 0), (3, 0, 0), (1, 4, 0), (1, 0, 3), (1, -1, 0)):
        with pytest.raises(InvalidParameterError, match="expected"):
            close_up(step, "w", *place)
    with pytest.raises(InvalidParameterError, match="dense"):
        close_up(replace(step, architecture=replace(step.architecture, before=(object(), None))), "z")
