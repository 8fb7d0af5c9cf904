"""The compiled kernels compute what NumPy's do, and are used only where they may be."""

import numpy as np
import pytest

from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import _drop_vanished
from glassnet.nn.ops.twins import TWINS
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.nn.samples import Samples

pytest.importorskip("numba")
pytestmark = pytest.mark.usefixtures("compiled_kernels")
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
shapes = pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 1), (128, 33)])


def with_and_without(compute):
    """Return what `compute` returns with the compiled kernels and with NumPy's."""
    with_them, kernels = compute(), dict(TWINS)
    TWINS.clear()
    try:
        return with_them, compute()
    finally:
        TWINS.update(kernels)


def close(dtype):
    return {"rtol": 8 * np.finfo(dtype).eps, "atol": 8 * np.finfo(dtype).eps}


def draw(shape, dtype, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@shapes
@both_dtypes
@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("layer", [*ACTIVATIONS.values(), *LOSSES.values()], ids=lambda layer: layer.name)
def test_bias_and_activation(layer, in_place, dtype, shape):
    def compute():
        z, bias = draw(shape, dtype), draw(shape[1], dtype, seed=1)
        out = z if in_place else np.empty_like(z)
        layer.apply_with_bias(z, bias, out, np.empty_like(z))
        return z, out

    for ours, theirs in zip(*with_and_without(compute), strict=True):
        np.testing.assert_allclose(ours, theirs, **close(dtype))


@shapes
@both_dtypes
@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_gradients_of_activations(activation, dtype, shape):
    def compute():
        z, delta = draw(shape, dtype), draw(shape, dtype, seed=1)
        a = np.asarray(activation.function(z), dtype)
        activation.multiply_gradient(z, a, delta, np.empty_like(z))
        return delta

    np.testing.assert_allclose(*with_and_without(compute), **close(dtype))


@both_dtypes
@pytest.mark.parametrize("head", LOSSES.values(), ids=LOSSES)
def test_losses(head, dtype):
    y = np.eye(7, dtype=dtype)[np.random.default_rng(2).integers(0, 7, 50)]

    def compute():
        z, a = draw((50, 7), dtype), np.empty((50, 7), dtype)
        head.kernel(z, a, np.empty_like(z))
        return head.losses(z, a, y)

    np.testing.assert_allclose(*with_and_without(compute), **close(dtype))


@both_dtypes
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_updates(optimizer, dtype):
    def compute():
        theta = draw(1001, dtype)
        state = optimizer.init(theta)
        for step in range(70):
            optimizer.update(theta, draw(1001, dtype, seed=step) ** 3, state, 0.01)
        return theta

    with_them, without = with_and_without(compute)
    np.testing.assert_allclose(with_them, without, rtol=300 * np.finfo(dtype).eps, atol=1e-6)


@both_dtypes
def test_gathered_images(dtype):
    images = np.random.default_rng(0).integers(0, 256, (50, 9)).astype(np.uint8)
    rows = np.array([3, 3, 49, 0])
    ours, theirs = with_and_without(lambda: Samples(images, None, dtype, 255.0).inputs(rows).copy())
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(ours, (images[rows] / 255).astype(dtype))


def test_vanished_deltas():
    def compute():
        delta = np.array([[1e-38, -1e-33, 1e-20, 0.5]], np.float32)
        _drop_vanished(delta)
        return delta

    ours, theirs = with_and_without(compute)
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "identity"])
def test_what_is_not_a_number_stays_so(name):
    z = np.array([[np.nan, 1.0]])
    ACTIVATIONS[name].apply_with_bias(z, np.zeros(2), z, np.empty_like(z))
    assert np.isnan(z[0, 0])
    assert z[0, 1] == 1


def test_a_function_of_a_users_own_runs_as_it_is_given():
    own = Activation("relu", lambda z: np.where(z > 0, z, -7.0), ACTIVATIONS["relu"].gradient)
    z = np.array([[-1.0, 2.0]])
    own.apply_with_bias(z, np.zeros(2), z, np.empty_like(z))
    assert z.tolist() == [[-7, 2]]
