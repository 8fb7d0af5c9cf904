"""The gradient check finds what is wrong, and only that."""

from dataclasses import replace

import numpy as np
import pytest

from glassnet.errors import InvalidParameterError
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.gradcheck import GradientCheck, central_difference, check_backward, judge
from glassnet.nn.network import Parameters


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    return rng.normal(size=(5, 3)), np.eye(2)[rng.integers(2, size=5)]


def test_a_right_gradient_passes_and_the_parameters_stay(draw_network, batch):
    architecture, parameters = draw_network((3, 4, 2))
    before = parameters.theta.copy()
    check = check_backward(architecture, parameters, *batch)
    assert check.relative_error < 1e-8
    assert (check.skipped, check.checked.tolist()) == (0, list(range(26)))
    np.testing.assert_array_equal(parameters.theta, before)


@pytest.mark.parametrize("factor", [0.999, 1.001, -1, 0])
def test_a_wrong_gradient_is_found(draw_network, batch, factor):
    tanh = ACTIVATIONS["tanh"]
    wrong = replace(tanh, chain=None, gradient=lambda z: factor * tanh.gradient(z))
    architecture, parameters = draw_network((3, 4, 4, 2), wrong)
    check = check_backward(architecture, parameters, *batch)
    assert check.relative_error > 1e-4
    assert not np.isnan(check.numeric).any()


def test_entries_that_would_cross_a_kink_are_left_out(draw_network, batch):
    architecture, parameters = draw_network((3, 4, 2), "relu")
    X, y = batch
    parameters.weights[0][:, 1] = 0
    parameters.biases[0][1] = 0  # unit 1 stands on the kink for every sample
    check = check_backward(architecture, parameters, X, y)
    left_out = np.setdiff1d(np.arange(26), check.checked)
    # the three weights into unit 1, and its bias: 8 + 12 weights come before the biases
    assert left_out.tolist() == [1, 5, 9, 21]
    assert check.skipped == 4
    assert check.relative_error < 1e-8


def test_entries_that_would_cross_a_kink_of_the_loss_are_left_out(draw_network):
    architecture, parameters = draw_network((1, 2), head="absolute_error")
    parameters.theta[...] = [1, 1, 0, 0]
    check = check_backward(architecture, parameters, np.ones((1, 1)), np.array([[1.0, 5.0]]))
    assert check.checked.tolist() == [1, 3]  # the first output is at its target
    assert check.skipped == 2
    np.testing.assert_allclose(check.numeric, [-1, -1], rtol=1e-8)


def test_a_unit_without_a_kink_may_stand_at_zero(draw_network, batch):
    architecture, parameters = draw_network((3, 4, 2), "sigmoid")
    parameters.theta[...] = 0
    assert check_backward(architecture, parameters, *batch).skipped == 0


def test_single_precision_is_refused(draw_network, batch):
    architecture, parameters = draw_network((3, 4, 2), dtype=np.float32)
    with pytest.raises(InvalidParameterError, match=r"float32.*needs float64"):
        check_backward(architecture, parameters, *batch)


def test_the_step_can_be_chosen(draw_network, batch):
    architecture, parameters = draw_network((3, 4, 2))
    coarse, fine = (check_backward(architecture, parameters, *batch, step=h) for h in (1e-2, 1e-4))
    # the error of central differences grows with the square of the step
    assert 3e3 < coarse.relative_error / fine.relative_error < 3e4


def test_the_relative_error_is_to_the_largest_entry():
    check = GradientCheck(np.array([2.0, 1e-9]), np.array([2.0, 3e-9]), np.arange(2), 0)
    assert check.relative_error == pytest.approx(1e-9)
    assert GradientCheck(np.zeros(2), np.zeros(2), np.arange(2), 0).relative_error == 0
    empty = np.empty(0)
    assert GradientCheck(empty, empty, np.empty(0, int), 7).relative_error == 0


def test_a_gradient_that_is_not_a_number_does_not_pass(draw_network, batch):
    tanh = ACTIVATIONS["tanh"]
    broken = replace(tanh, chain=None, gradient=lambda z: np.full_like(z, np.nan))
    check = check_backward(*draw_network((3, 4, 2), broken), *batch)
    assert not check.relative_error < 1e-6


def test_a_gradient_of_the_wrong_layer_order_would_be_found(draw_network, batch):
    """The layout of gradient and theta is one and the same."""
    architecture, parameters = draw_network((3, 4, 2))
    check = check_backward(architecture, parameters, *batch)
    shuffled = Parameters(architecture, np.roll(check.analytic, 1)).theta
    assert np.abs(shuffled - check.numeric).max() > 1e-3


def test_some_entries_can_be_chosen(draw_network, batch):
    architecture, parameters = draw_network((3, 4, 2))
    every = check_backward(architecture, parameters, *batch)
    some = check_backward(architecture, parameters, *batch, entries=np.array([25, 3]))
    assert some.checked.tolist() == [25, 3]
    np.testing.assert_array_equal(some.numeric, every.numeric[[25, 3]])
    np.testing.assert_array_equal(some.analytic, every.analytic[[25, 3]])


def test_central_differences_of_a_cube():
    """(x + h)^3 - (x - h)^3 = 6 x^2 h + 2 h^3."""
    slopes = central_difference(lambda x: x**3, np.array([0.0, 1.0, -2.0]), 0.5)
    assert slopes.tolist() == [0.25, 3.25, 12.25]


@pytest.mark.parametrize(
    ("error", "smooth", "with_kinks"),
    [
        (0.0, "good", "good"),
        (1e-7, "good", "good"),
        (1.1e-7, "suspicious", "acceptable"),
        (1e-4, "suspicious", "acceptable"),
        (1.1e-4, "suspicious", "suspicious"),
        (1e-2, "suspicious", "suspicious"),
        (1.1e-2, "wrong", "wrong"),
        (np.nan, "wrong", "wrong"),
    ],
)
def test_an_error_is_judged_by_the_published_thresholds(error, smooth, with_kinks):
    assert judge(error, has_kinks=False) == smooth
    assert judge(error, has_kinks=True) == with_kinks
