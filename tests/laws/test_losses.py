"""Laws that every head of the table obeys."""

import math
from typing import Any

import numpy as np
import pytest

from glassnet.nn.losses import LOSSES

pytestmark = pytest.mark.parametrize("name", LOSSES)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def output(head, z):
    a = np.full_like(z, np.nan)
    head.apply_with_bias(z, np.zeros(z.shape[-1], z.dtype), a, np.full_like(z, np.nan))
    return a


def losses_at(head, z, y):
    return head.sample_losses(z, output(head, z), y)


def largest(head):
    """Return how large z may become: 1e4, or what an exponential makes of it leaves single precision."""
    return 80 if head.output == "exp" else 1e4


def extreme(head, dtype):
    """Return rows that mix magnitudes up to the largest with both signs."""
    rng = np.random.default_rng(0)
    magnitudes = 10 ** rng.uniform(-6, 4, (300, 4))
    z = np.concatenate([magnitudes * rng.choice([-1, 1], magnitudes.shape), [[1e4] * 4, [-1e4] * 4]])
    return z.clip(-largest(head), largest(head)).astype(dtype)


def test_the_key_is_the_name(name):
    assert LOSSES[name].name == name


@pytest.mark.parametrize("n_outputs", [1, 2, 5])
def test_delta_is_the_slope_of_the_loss(name, n_outputs, draw_targets):
    head, rng, step = LOSSES[name], np.random.default_rng(1), 1e-6
    z = rng.normal(0, 2, (6, n_outputs))
    y = draw_targets(name, rng, 6, n_outputs)
    slope = np.empty_like(z)
    for k in range(n_outputs):
        shift = step * (np.arange(n_outputs) == k)
        slope[:, k] = (losses_at(head, z + shift, y) - losses_at(head, z - shift, y)) / (2 * step)
    out = np.full_like(z, np.nan)
    delta = head.delta(output(head, z), y, out=out)
    assert delta is out
    np.testing.assert_allclose(delta, slope, rtol=1e-7, atol=1e-8)


def stated(head, formula, a, y):
    """Return what a formula of the head gives for one output and target."""
    names: dict[str, Any] = {"abs": abs, "exp": math.exp, "sign": np.sign, "clip": np.clip}
    names |= {"log": lambda x: math.log(x) if x else 0.0, "sum": lambda x: x}  # of one output
    for name, definition in head.definitions.items():
        names[name] = lambda z, definition=definition: eval(definition, {**names, "z": z})
    return eval(formula, {**names, "a": a, "y": y})


def test_the_formulas_are_the_loss_and_delta(name, draw_targets):
    head, rng = LOSSES[name], np.random.default_rng(7)
    z = rng.normal(0, 1, (30, 1))
    y = draw_targets(name, rng, 30, 1)
    a = output(head, z)
    pairs = list(zip(a.ravel().tolist(), y.ravel().tolist(), strict=True))
    losses = [stated(head, head.loss_formula, *pair) for pair in pairs]
    np.testing.assert_allclose(head.sample_losses(z, a, y), losses, rtol=1e-12, atol=1e-14)
    deltas = [stated(head, head.delta_formula, *pair) for pair in pairs]
    np.testing.assert_allclose(head.delta(a, y, out=np.empty_like(a)).ravel(), deltas, rtol=1e-12)


def test_the_targets_that_a_loss_is_made_for_are_told_from_others(name, draw_targets):
    head = LOSSES[name]
    if head.targets is None:
        return
    y = draw_targets(name, np.random.default_rng(8), 6, 3)
    assert head.targets.fit(y)
    assert not head.targets.fit(-1 - y)


@both_dtypes
def test_the_kernel_may_write_over_its_input_and_else_leaves_it(name, dtype):
    head = LOSSES[name]
    z = extreme(head, dtype)
    kept = z.copy()
    expected = output(head, z)
    np.testing.assert_array_equal(z, kept)
    head.apply_with_bias(z, np.zeros(z.shape[-1], z.dtype), z, np.full_like(z, np.nan))
    np.testing.assert_array_equal(z, expected)


@both_dtypes
@pytest.mark.parametrize("hard", [True, False])
def test_losses_are_finite_without_a_warning_one_a_sample_and_of_the_same_dtype(
    name, dtype, hard, draw_targets
):
    head = LOSSES[name]
    z = extreme(head, dtype)
    y = draw_targets(name, np.random.default_rng(2), len(z), 4, hard=hard).astype(dtype)
    a = output(head, z)
    losses = head.sample_losses(z, a, y)
    assert np.isfinite(a).all()
    assert np.isfinite(losses).all()
    assert losses.shape == (len(z),)
    assert losses.dtype == a.dtype == dtype


@both_dtypes
def test_no_loss_is_negative(name, dtype, draw_targets):
    head = LOSSES[name]
    z = extreme(head, dtype)
    y = draw_targets(name, np.random.default_rng(3), len(z), 4, hard=True).astype(dtype)
    assert losses_at(head, z, y).min() >= 0
    assert losses_at(head, np.zeros_like(z), y).min() >= 0


@pytest.mark.parametrize("scale", [1, 10, 100])
def test_single_precision_follows_double(name, scale, draw_targets):
    head, rng = LOSSES[name], np.random.default_rng(4)
    z = rng.normal(0, scale, (500, 4)).clip(-largest(head), largest(head)).astype(np.float32)
    y = draw_targets(name, rng, len(z), 4, hard=True).astype(np.float32)
    wide_z, wide_y = z.astype(np.float64), y.astype(np.float64)
    np.testing.assert_allclose(output(head, z), output(head, wide_z), rtol=1e-5, atol=1e-37)
    size = np.abs(wide_z).max()  # of the terms whose difference the loss is
    np.testing.assert_allclose(
        losses_at(head, z, y), losses_at(head, wide_z, wide_y), rtol=2e-6, atol=4e-7 * size
    )


def test_the_loss_is_least_where_the_output_is_the_target(name, draw_targets):
    head, rng = LOSSES[name], np.random.default_rng(5)
    z = rng.normal(size=(20, 4))
    y = output(head, z)
    least = losses_at(head, z, y)
    for _ in range(20):
        assert (losses_at(head, z + rng.normal(0, 0.3, z.shape), y) > least - 1e-12).all()


def test_the_loss_of_a_sample_does_not_depend_on_the_others(name, draw_targets):
    head, rng = LOSSES[name], np.random.default_rng(6)
    z = rng.normal(0, 3, (8, 3))
    y = draw_targets(name, rng, 8, 3)
    alone = [losses_at(head, z[i : i + 1], y[i : i + 1])[0] for i in range(8)]
    np.testing.assert_allclose(losses_at(head, z, y), alone, rtol=1e-13)


def test_no_constant_answer_is_better_than_the_best(name, draw_targets):
    head, rng = LOSSES[name], np.random.default_rng(9)
    y = draw_targets(name, rng, 41, 3)
    y = y / max(1, np.ptp(y)) if head.targets is None else y  # within 1 of each other, as Huber's loss needs
    z = head.best_constant(y)
    assert (z.shape, z.dtype) == ((3,), np.float64)
    least = losses_at(head, np.tile(z, (41, 1)), y).mean()
    for step in rng.normal(0, 0.05, (50, 3)):
        assert losses_at(head, np.tile(z + step, (41, 1)), y).mean() >= least - 1e-12
