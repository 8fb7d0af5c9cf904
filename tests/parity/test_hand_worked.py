"""A training worked by hand: one input, one ReLU unit, one output, three samples, three steps.

Weights start at 1, biases at 0; squared error, SGD with a learning rate of 0.01, one sample a step. The
numbers were worked out on paper to four digits.
"""

from typing import Any

import numpy as np
import pytest

from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.optimizers import SGD
from glassnet.nn.samples import Samples
from glassnet.nn.training import Training, steps

four_digits: dict[str, Any] = {"rtol": 0, "atol": 0.5e-4 * 1.01}


@pytest.fixture(scope="module")
def course():
    """Return what each step saw (theta, loss, gradient), and theta in the end."""
    architecture = Architecture((1, 1, 1), (ACTIVATIONS["relu"],), LOSSES["squared_error"])
    parameters = Parameters(architecture, np.array([1.0, 1.0, 0.0, 0.0]))
    training = Training(architecture, parameters, SGD(), learning_rate=0.01, batch_size=1)
    samples = Samples(np.array([[1.0], [2.0], [3.0]]), np.array([[3.0], [4.0], [5.0]]), np.float64)
    seen = [
        (parameters.theta.copy(), step.loss, step.gradient.theta.copy())
        for step in steps(training, samples, np.arange(3))
    ]
    return [*seen, (parameters.theta.copy(), None, None)]


def test_the_first_sample_has_error_two_and_every_slope_is_minus_two(course):
    theta, loss, gradient = course[0]
    assert theta.tolist() == [1, 1, 0, 0]
    assert loss == 2  # (1 - 3)^2 / 2
    assert gradient.tolist() == [-2, -2, -2, -2]


def test_the_first_update(course):
    np.testing.assert_allclose(course[1][0], [1.02, 1.02, 0.02, 0.02], rtol=1e-15)


def test_the_gradient_of_the_second_sample(course):
    # in the order of theta: w1, w2, b1, b2
    np.testing.assert_allclose(course[1][2], [-3.8328, -3.8703, -1.9164, -1.8788], **four_digits)


def test_the_biases_after_the_second_sample(course):
    np.testing.assert_allclose(course[2][0][2:], [0.0392, 0.0388], **four_digits)


def test_all_parameters_after_the_third_sample(course):
    # whoever drops the digits after the fourth on the way ends at w2 = 1.1087; it is 1.10879
    np.testing.assert_allclose(course[3][0], [1.1078, 1.1088, 0.0557, 0.0544], **four_digits)
