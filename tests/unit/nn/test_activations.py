"""Known values of the activations; what all of them have in common is in ``tests/laws``."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.special import expit

from glassnet.nn.activations import (
    ACTIVATIONS,
    LEAK,
    Activation,
    elu,
    gelu,
    identity,
    leaky_relu,
    leaky_relu_gradient,
    relu,
    relu_gradient,
    sigmoid,
    sigmoid_gradient,
    silu,
    softplus,
    tanh,
    tanh_gradient,
)
from glassnet.nn.gradcheck import check_backward


def test_the_table_holds_the_classical_activations():
    assert {"sigmoid", "tanh", "relu", "leaky_relu", "identity"} <= ACTIVATIONS.keys()


def test_values_worked_by_hand():
    z = np.array([-2.0, 0.0, 2.0])
    np.testing.assert_allclose(sigmoid(z), [0.1192029220, 0.5, 0.8807970780], rtol=1e-9)
    np.testing.assert_allclose(sigmoid_gradient(z), [0.1049935854, 0.25, 0.1049935854], rtol=1e-9)
    np.testing.assert_allclose(tanh(z), [-0.9640275801, 0, 0.9640275801], rtol=1e-9)
    np.testing.assert_allclose(tanh_gradient(z), [0.0706508249, 1, 0.0706508249], rtol=1e-9)
    assert relu(z).tolist() == [0, 0, 2]
    assert relu_gradient(z).tolist() == [0, 0, 1]
    assert leaky_relu(z).tolist() == [-2 * LEAK, 0, 2]
    assert leaky_relu_gradient(z).tolist() == [LEAK, LEAK, 1]
    assert identity(z).tolist() == [-2, 0, 2]
    np.testing.assert_allclose(elu(z), [-0.8646647168, 0, 2], rtol=1e-9)
    np.testing.assert_allclose(softplus(z), [0.1269280110, 0.6931471806, 2.1269280110], rtol=1e-9)
    np.testing.assert_allclose(silu(z), [-0.2384058440, 0, 1.7615941560], rtol=1e-9)
    np.testing.assert_allclose(gelu(z), [-0.0455002639, 0, 1.9544997361], rtol=1e-8)


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 2e-15), (np.float32, 1e-6)])
def test_sigmoid_is_accurate_over_the_whole_range(dtype, rtol):
    z = np.concatenate([np.linspace(-1e4, 1e4, 20_001), np.linspace(-90, 90, 20_001)]).astype(dtype)
    smallest = float(np.finfo(dtype).tiny)
    np.testing.assert_allclose(sigmoid(z), expit(z.astype(np.float64)), rtol=rtol, atol=4 * smallest)


@pytest.mark.parametrize(("dtype", "exponent"), [(np.float32, -125), (np.float64, -1021)])
def test_sigmoid_never_leaves_the_normal_numbers(dtype, exponent):
    lowest = sigmoid(np.array([-1e4, -np.finfo(dtype).max], dtype))
    np.testing.assert_allclose(lowest, 2.0**exponent, rtol=1e-4)
    assert sigmoid(np.array([np.finfo(dtype).max], dtype)).tolist() == [1]


def test_sigmoid_is_symmetric_and_rises():
    z = np.linspace(-30, 30, 1001)
    np.testing.assert_allclose(sigmoid(z) + sigmoid(-z), 1, rtol=1e-15)
    assert (np.diff(sigmoid(z)) >= 0).all()


@pytest.mark.parametrize(
    "function", [sigmoid, tanh, relu, leaky_relu, elu, softplus, silu, gelu, identity, relu_gradient]
)
def test_functions_take_numbers_lists_and_any_shape(function):
    expected = function(np.array([0.5, -3.0]))
    assert np.shape(function(0.5)) == ()
    assert function(0.5) == expected[0]
    np.testing.assert_array_equal(function([0.5, -3.0]), expected)
    assert function(np.ones((2, 3, 4))).shape == (2, 3, 4)
    np.testing.assert_allclose(function(np.array([1, -3])), function(np.array([1.0, -3.0])))


@given(z=st.floats(-1e4, 1e4))
def test_relu_and_leaky_relu_split_z(z):
    assert relu(np.array(z)) == max(z, 0)
    assert leaky_relu(np.array(z)) == (z if z > 0 else z * LEAK)


@pytest.mark.parametrize("z", [np.nan, np.inf])
def test_what_is_not_finite_is_not_hidden(z):
    """So that training can tell that it has diverged; sigmoid and tanh make infinity finite by nature."""
    for activation in ACTIVATIONS.values():
        out = np.full((1, 1), z)
        with np.errstate(invalid="ignore"):  # as in the forward pass
            activation.apply_with_bias(out, np.zeros(1), out, np.empty_like(out))
        if np.isnan(z):
            assert np.isnan(out).all(), activation.name
        elif activation.name in ("relu", "leaky_relu", "identity"):
            assert np.isinf(out).all(), activation.name


def test_a_function_and_its_gradient_are_enough(draw_network):
    """As the recipe for contributors promises, with its own example."""
    plain = Activation("softplus", lambda z: np.logaddexp(0, z), sigmoid)
    assert plain.needs_z
    rng = np.random.default_rng(0)
    architecture, parameters = draw_network((3, 4, 4, 2), plain)
    check = check_backward(architecture, parameters, rng.normal(size=(5, 3)), np.eye(2)[[0, 1, 1, 0, 1]])
    assert check.relative_error < 1e-6
    assert check.skipped == 0


def test_an_activation_cannot_be_changed():
    with pytest.raises(AttributeError):
        ACTIVATIONS["relu"].name = "other"  # type: ignore[misc]
    assert replace(ACTIVATIONS["relu"], name="other").name == "other"
