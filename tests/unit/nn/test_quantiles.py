"""The pinball loss of several levels; that of one level is in ``tests/laws`` with all other heads."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import minimize_scalar
from sklearn.metrics import mean_pinball_loss

from glassnet.errors import InvalidParameterError
from glassnet.nn import (
    Architecture,
    Parameters,
    Workspace,
    backward,
    check_backward,
    forward,
    pinball,
    uncross,
)
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.losses import LOSSES

LEVELS = (0.1, 0.5, 0.75, 0.9)


def draw(seed=0, n=40):
    rng = np.random.default_rng(seed)
    a, y = rng.normal(size=(n, len(LEVELS))), rng.normal(size=(n, 1))
    return a, np.tile(y, len(LEVELS))


def network(rng, levels):
    architecture = Architecture((3, 5, len(levels)), (ACTIVATIONS["tanh"],), pinball(levels))
    parameters = Parameters.zeros(architecture, np.float64)
    parameters.theta[...] = rng.normal(size=parameters.theta.shape)
    return architecture, parameters


def test_the_loss_is_scikit_learns_summed_over_the_levels():
    a, y = draw()
    expected = sum(mean_pinball_loss(y[:, k], a[:, k], alpha=level) for k, level in enumerate(LEVELS))
    assert pinball(LEVELS).losses(a, a, y).mean() == pytest.approx(expected, rel=1e-12)


def test_the_median_is_half_of_the_absolute_error():
    a, y = draw()
    np.testing.assert_allclose(pinball().losses(a, a, y), LOSSES["absolute_error"].losses(a, a, y) / 2)


def test_too_low_costs_the_level_and_too_high_the_rest():
    head, y = pinball((0.1, 0.9)), np.array([[10.0, 10.0]])
    low, high, same = y - 1, y + 1, y.copy()
    assert head.losses(low, low, y).tolist() == pytest.approx([0.1 + 0.9])
    np.testing.assert_allclose(head.delta(low, low, y, np.empty((1, 2))), [[-0.1, -0.9]])
    np.testing.assert_allclose(head.delta(high, high, y, np.empty((1, 2))), [[0.9, 0.1]])
    np.testing.assert_allclose(head.delta(same, same, y, np.empty((1, 2))), [[0.4, -0.4]])  # the middle


@pytest.mark.parametrize("levels", [(0.3,), (0.1, 0.9), LEVELS])
def test_the_gradient_of_a_network_is_that_of_central_differences(levels):
    rng = np.random.default_rng(3)
    architecture, parameters = network(rng, levels)
    X, y = rng.normal(size=(9, 3)), np.tile(rng.normal(size=(9, 1)), len(levels))
    check = check_backward(architecture, parameters, X, y)
    assert check.relative_error < 1e-7
    assert np.abs(check.analytic).max() > 1e-2


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_the_gradient_of_a_network_is_that_of_autograd(dtype, tolerance):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(4)
    architecture, drawn = network(rng, LEVELS)
    parameters = Parameters(architecture, drawn.theta.astype(dtype))
    X, y = rng.normal(size=(9, 3)).astype(dtype), rng.normal(size=(9, 1)).astype(dtype)
    y = np.tile(y, len(LEVELS))
    workspace, gradient = Workspace(architecture, 9, dtype), Parameters.zeros(architecture, dtype)
    forward(architecture, parameters, X, workspace)
    loss = backward(architecture, parameters, X, y, workspace, gradient)

    weights = [torch.tensor(array, requires_grad=True) for array in (*parameters.weights, *parameters.biases)]
    W1, W2, b1, b2 = weights
    below = torch.tensor(y) - (torch.tanh(torch.tensor(X) @ W1 + b1) @ W2 + b2)
    levels = torch.tensor(np.array(LEVELS, dtype))
    expected = torch.maximum(levels * below, (levels - 1) * below).sum(1).mean()
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=tolerance)
    for ours, theirs in zip((*gradient.weights, *gradient.biases), weights, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=tolerance, atol=tolerance)


def test_the_best_constant_answers_are_the_quantiles():
    rng = np.random.default_rng(5)
    y = np.tile(rng.gamma(2, 3, (101, 1)), len(LEVELS))
    head = pinball(LEVELS)
    for k, (level, found) in enumerate(zip(LEVELS, head.best_constant(y), strict=True)):
        best = minimize_scalar(
            lambda q, level=level, k=k: mean_pinball_loss(y[:, k], np.full(101, q), alpha=level),
            bracket=(0, 20),
            tol=1e-10,
        )
        assert mean_pinball_loss(y[:, k], np.full(101, found), alpha=level) <= best.fun + 1e-9
    assert head.constant_losses(y).shape == (101,)


def test_the_levels_are_a_field_and_make_heads_equal_or_not():
    assert pinball((0.1, 0.9)).quantiles == (0.1, 0.9)
    assert pinball([0.1, 0.9]) == pinball(np.array([0.1, 0.9]))
    assert pinball(0.1) != pinball(0.9)
    assert pinball() == LOSSES["pinball"]


@pytest.mark.parametrize(
    ("quantiles", "message"),
    [
        (0, "between 0 and 1"),
        (1.0, "between 0 and 1"),
        (float("nan"), "between 0 and 1"),
        ((), "between 0 and 1"),
        (True, "between 0 and 1"),
        ("0.5", "between 0 and 1"),
        ([[0.1, 0.9]], "between 0 and 1"),
        ((0.1, 90), "between 0 and 1"),
        ((0.9, 0.1), r"ascending order: quantiles=\(0\.1, 0\.9\)"),
        ((0.5, 0.5), "each level once"),
    ],
)
def test_other_levels_are_refused(quantiles, message):
    with pytest.raises(InvalidParameterError, match=message):
        pinball(quantiles)


def test_a_network_has_one_output_for_each_level():
    Architecture((3, 4), (), pinball(0.5))  # the one level is that of all four outputs
    with pytest.raises(InvalidParameterError, match="got 4 outputs and a loss of 2 quantiles"):
        Architecture((3, 4), (), pinball((0.1, 0.9)))


@given(a=hnp.arrays(np.float64, (6, len(LEVELS)), elements=st.floats(-100, 100)), y=st.floats(-100, 100))
def test_sorted_quantiles_do_not_cross_and_cost_no_more(a, y):
    kept, targets, head = a.copy(), np.full_like(a, y), pinball(LEVELS)
    found = uncross(a)
    np.testing.assert_array_equal(a, kept)
    assert (np.diff(found, axis=1) >= 0).all()
    assert (head.losses(found, found, targets) <= head.losses(a, a, targets) + 1e-9).all()
    np.testing.assert_array_equal(np.sort(a, axis=1), found)
