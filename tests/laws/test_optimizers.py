"""Laws that every optimiser of the table obeys."""

import numpy as np
import pytest

from glassnet.nn.optimizers import OPTIMIZERS

pytestmark = pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def draw(size, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(size=size).astype(dtype)


@both_dtypes
def test_without_a_gradient_nothing_moves_but_by_weight_decay(optimizer, dtype):
    theta = draw(20, dtype)
    kept, state = theta.copy(), optimizer.init(theta)
    for _ in range(3):
        optimizer.update(theta, np.zeros_like(theta), state, 0.1)
        kept *= 1 - 0.1 * getattr(optimizer, "weight_decay", 0)
    np.testing.assert_array_equal(theta, kept)


def test_the_first_step_goes_downhill_in_every_coordinate(optimizer):
    theta, gradient = draw(50), draw(50, seed=1)
    before = theta.copy()
    optimizer.update(theta, gradient.copy(), optimizer.init(theta), 1e-3)
    np.testing.assert_array_equal(np.sign(before - theta), np.sign(gradient))


def test_a_quadratic_is_brought_down(optimizer):
    """To a thousandth: some take steps of one length, and at a constant rate end up around the minimum."""
    curvature = np.linspace(0.5, 2, 10)
    theta = draw(10)
    start, state = curvature @ theta**2, optimizer.init(theta)
    for _ in range(1500):
        optimizer.update(theta, curvature * theta, state, 0.02)
    assert curvature @ theta**2 < 1e-3 * start


def test_a_learning_rate_of_zero_moves_nothing(optimizer):
    theta = draw(10)
    kept, state = theta.copy(), optimizer.init(theta)
    for seed in range(3):
        optimizer.update(theta, draw(10, seed=seed), state, 0.0)
    np.testing.assert_array_equal(theta, kept)


@both_dtypes
def test_the_memory_is_like_theta_and_fresh_for_every_training(optimizer, dtype):
    theta = draw(10, dtype)
    states = [optimizer.init(theta) for _ in range(2)]
    optimizer.update(theta, draw(10, dtype), states[0], 0.1)
    assert theta.dtype == dtype
    assert [state.t for state in states] == [1, 0]
    for name, array in states[0].memory.items():
        untouched = states[1].memory[name]
        assert (array.shape, array.dtype) == (theta.shape, theta.dtype)
        assert not np.shares_memory(array, untouched)
        assert not untouched.any()


def test_the_coordinates_do_not_mix(optimizer):
    theta = draw(6)
    alone, together = theta.copy(), theta.copy()
    state, states = optimizer.init(together), [optimizer.init(alone[i : i + 1]) for i in range(6)]
    for seed in range(70):
        gradient = draw(6, seed=seed)
        for i in range(6):
            optimizer.update(alone[i : i + 1], gradient[i : i + 1].copy(), states[i], 0.01)
        optimizer.update(together, gradient, state, 0.01)
    np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_an_update_makes_no_array_of_the_size_of_theta(optimizer, peak_growth):
    theta, fresh = draw(100_000, np.float32), draw(100_000, np.float32, seed=1)
    state, gradient = optimizer.init(theta), fresh.copy()

    def update():
        gradient[...] = fresh
        optimizer.update(theta, gradient, state, 1e-3)

    update()  # whatever is made but once
    for _ in range(2, 64):
        assert peak_growth(update) < 4096
    assert peak_growth(update) < 16_384  # the 64th looks for vanished entries, through a casting buffer


def test_nothing_that_is_remembered_stays_denormal(optimizer):
    theta = draw(4, np.float32)
    state, smallest = optimizer.init(theta), np.finfo(np.float32).tiny
    for t in range(1, 3000):
        gradient = np.zeros_like(theta)
        if t < 5:
            gradient[:2] = draw(2, seed=t)
        gradient[2] = np.cos(t)  # one entry always moves, the last never
        optimizer.update(theta, gradient, state, 1e-3)
        for name, array in state.memory.items():
            denormal = (array != 0) & (np.abs(array) < smallest)
            assert not denormal.any(), f"{name} is denormal after update {t}: {array}"
