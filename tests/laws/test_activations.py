"""Laws that every activation of the table obeys."""

import math
from dataclasses import replace

import numpy as np
import pytest

from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import backward, forward
from glassnet.nn.workspace import Workspace

pytestmark = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def moderate(dtype, shape=(40, 5)):
    return np.random.default_rng(0).normal(0, 3, shape).astype(dtype)


def extreme(dtype):
    """Return magnitudes from 1e-30 to 1e4 with both signs, and both zeros."""
    magnitudes = np.logspace(-30, 4, 400)
    return np.concatenate([-magnitudes[::-1], [-0.0, 0.0], magnitudes]).astype(dtype).reshape(-1, 2)


def poison(like):
    """Return an array that spoils every result it gets into."""
    return np.full_like(like, np.nan)


def test_the_key_is_the_name(activation):
    assert ACTIVATIONS[activation.name] is activation


def test_the_gradient_is_the_slope_of_the_function(activation):
    z, step = moderate(np.float64), 1e-6
    for kink in activation.kinks:
        z = z[np.abs(z - kink) > 1e-3]
    slope = (activation.function(z + step) - activation.function(z - step)) / (2 * step)
    np.testing.assert_allclose(activation.gradient(z), slope, rtol=1e-7, atol=1e-9)


def test_the_formula_is_the_function(activation):
    z = np.linspace(-3, 3, 13)
    names = {name: getattr(math, name) for name in ("exp", "log", "erf", "sqrt", "tanh")}
    stated = [eval(activation.formula, {"z": number, **names}) for number in z.tolist()]
    np.testing.assert_allclose(activation.function(z), stated, rtol=1e-12, atol=1e-15)


def test_the_slope_that_one_would_write_out_is_the_gradient(activation):
    z = moderate(np.float64)
    if activation.slope:
        stated = eval(activation.slope, {"a": activation.function(z)})
        np.testing.assert_allclose(activation.gradient(z), stated, rtol=1e-9, atol=1e-15)


def test_the_gradient_jumps_at_the_stated_kinks_and_nowhere_else(activation):
    z = np.linspace(-5, 5, 2001)
    jumps = np.abs(np.diff(activation.gradient(z))) > 0.05  # far more than a smooth slope changes in 0.005
    found = [(z[i] + z[i + 1]) / 2 for i in np.flatnonzero(jumps)]
    assert len(found) == len(activation.kinks), f"kinks at {found}, stated {activation.kinks}"
    np.testing.assert_allclose(found, sorted(activation.kinks), rtol=0, atol=0.01)


@both_dtypes
@pytest.mark.parametrize("values", [moderate, extreme])
def test_the_kernel_computes_the_function(activation, values, dtype):
    z = values(dtype)
    kept, out = z.copy(), poison(z)
    activation.apply_with_bias(z, np.zeros(z.shape[-1], z.dtype), out, poison(z))
    np.testing.assert_allclose(out, activation.function(z), rtol=4 * np.finfo(dtype).eps, atol=0)
    np.testing.assert_array_equal(z, kept, err_msg="the kernel changed its input")


@both_dtypes
@pytest.mark.parametrize("values", [moderate, extreme])
def test_the_kernel_may_write_over_its_input(activation, values, dtype):
    z = values(dtype)
    expected = poison(z)
    activation.apply_with_bias(z, np.zeros(z.shape[-1], z.dtype), expected, poison(z))
    activation.apply_with_bias(z, np.zeros(z.shape[-1], z.dtype), z, poison(z))
    np.testing.assert_array_equal(z, expected)


@both_dtypes
@pytest.mark.parametrize("values", [moderate, extreme])
def test_the_chain_multiplies_by_the_gradient(activation, values, dtype):
    z = values(dtype)
    a = activation.function(z)
    delta = np.random.default_rng(1).normal(size=z.shape).astype(dtype)
    expected = activation.gradient(z) * delta
    kept = a.copy()
    activation.multiply_gradient(z if activation.needs_z else poison(z), a, delta, poison(z))
    np.testing.assert_allclose(delta, expected, rtol=0, atol=20 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(a, kept, err_msg="the chain changed the activations")


def test_at_a_kink_the_chain_and_the_gradient_take_the_same_side(activation):
    z = np.array([activation.kinks]).reshape(1, -1)
    delta = np.ones_like(z)
    activation.multiply_gradient(z, activation.function(z), delta, poison(z))
    np.testing.assert_array_equal(delta, activation.gradient(z))


@both_dtypes
def test_the_dtype_is_kept(activation, dtype):
    z = moderate(dtype)
    assert activation.function(z).dtype == dtype
    assert activation.gradient(z).dtype == dtype


def test_the_function_leaves_its_input_alone_and_returns_a_new_array(activation):
    z = moderate(np.float64)
    kept = z.copy()
    for function in (activation.function, activation.gradient):
        assert not np.shares_memory(function(z), z)
    np.testing.assert_array_equal(z, kept)


@both_dtypes
def test_every_value_is_finite_without_a_warning(activation, dtype):
    z = extreme(dtype)
    out, delta = np.empty_like(z), np.ones_like(z)
    activation.apply_with_bias(z, np.zeros(z.shape[-1], z.dtype), out, np.empty_like(z))
    activation.multiply_gradient(z, out, delta, np.empty_like(z))
    for values in (activation.function(z), activation.gradient(z), out, delta):
        assert np.isfinite(values).all()


def test_single_precision_is_as_good_as_it_can_be(activation):
    z = extreme(np.float32)
    wide = z.astype(np.float64)
    # a sigmoid that ends at 2^-125 rather than 0, times a z of 1e4, is 2e-34
    np.testing.assert_allclose(activation.function(z), activation.function(wide), rtol=1e-6, atol=1e-33)
    np.testing.assert_allclose(activation.gradient(z), activation.gradient(wide), rtol=1e-6, atol=2e-7)


def test_the_kernels_only_spare_time(activation):
    plain = replace(activation, kernel=None, chain=None)
    assert plain.needs_z
    gradients = []
    for hidden, keep_z in ((activation, False), (activation, True), (plain, False), (plain, True)):
        gradients.append(gradient_of_a_network(hidden, keep_z))
    for other in gradients[1:]:
        np.testing.assert_allclose(other, gradients[0], rtol=1e-12, atol=1e-15)


def gradient_of_a_network(hidden, keep_z):
    architecture = Architecture((4, 6, 5, 3), (hidden, hidden), LOSSES["softmax_cross_entropy"])
    rng = np.random.default_rng(2)
    parameters, gradient = (Parameters.zeros(architecture, np.float64) for _ in range(2))
    parameters.theta[...] = rng.normal(size=parameters.theta.shape)
    X, y = rng.normal(size=(7, 4)), np.eye(3)[rng.integers(3, size=7)]
    workspace = Workspace(architecture, 7, np.float64, keep_z=keep_z)
    forward(architecture, parameters, X, workspace)
    backward(architecture, parameters, X, y, workspace, gradient)
    return gradient.theta
