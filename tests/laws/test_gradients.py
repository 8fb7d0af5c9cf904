"""The backward pass against central differences, for every activation under every head, to a depth of 5."""

from dataclasses import replace

import numpy as np
import pytest
from heads import HEADS, PAIRS

from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.gradcheck import check_backward
from glassnet.nn.losses import LOSSES


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("head", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_is_the_slope_of_the_loss(activation, head, depth, draw_network, draw_targets):
    sizes = (*(3, 5, 4, 3, 4)[:depth], 2)
    architecture, parameters = draw_network(sizes, activation, head, seed=depth)
    rng = np.random.default_rng(depth)
    X, y = rng.normal(size=(4, 3)), draw_targets(head, rng, 4, 2)
    check = check_backward(architecture, parameters, X, y)
    assert check.relative_error < 1e-6
    assert len(check.checked) + check.skipped == len(parameters.theta)
    assert check.skipped <= 0.05 * len(parameters.theta)
    assert np.abs(check.analytic).max() > 1e-3  # there was a gradient to check


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("head", HEADS)
def test_the_gradient_of_every_output_with_every_loss(head, depth, draw_network, draw_targets):
    """Without a hidden layer too; among the heads are all whose chain is written out."""
    architecture, parameters = draw_network((*(3, 5, 4)[: depth + 1], 3), "tanh", head, seed=depth)
    rng = np.random.default_rng(depth)
    X, y = rng.normal(size=(6, 3)), draw_targets(head, rng, 6, 3)
    check = check_backward(architecture, parameters, X, y)
    assert check.relative_error < 1e-6
    assert len(check.checked) + check.skipped == len(parameters.theta)
    assert check.skipped <= 0.05 * len(parameters.theta)
    assert np.abs(check.analytic).max() > 1e-3
    assert architecture.head.chained == (head in PAIRS or head == "hinge")


@pytest.mark.parametrize("head", LOSSES)
def test_layers_of_different_activations(head, draw_network, draw_targets):
    activations = tuple(ACTIVATIONS.values())
    architecture, parameters = draw_network((3,) + (4,) * len(activations) + (2,), "tanh", head)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(4, 3)), draw_targets(head, rng, 4, 2)
    for order in (activations, activations[::-1]):
        check = check_backward(replace(architecture, activations=order), parameters, X, y)
        assert check.relative_error < 1e-6
