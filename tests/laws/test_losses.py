"""Laws that every head obeys: those of the table, and each loss with each other output it goes with."""

import math
import pickle
from typing import Any

import numpy as np
import pytest
from heads import HEADS, PAIRS

from glassnet.errors import InvalidParameterError, UnknownNameError
from glassnet.nn.losses import LOSSES, head_of
from glassnet.nn.outputs import OUTPUTS

of_all = pytest.mark.parametrize("name", HEADS)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def output(head, z):
    a = np.full_like(z, np.nan)
    head.apply_with_bias(z, np.zeros(z.shape[-1], z.dtype), a, np.full_like(z, np.nan))
    return a


def losses_at(head, z, y):
    return head.losses(z, output(head, z), y)


def largest(head):
    """Return how large z may become: 1e4, or what an exponential makes of it leaves single precision."""
    if head.output == "exp":
        return 40 if head.chained else 80  # whose square is to be taken
    return 1e4


def extreme(head, dtype):
    """Return rows that mix magnitudes up to the largest with both signs."""
    rng = np.random.default_rng(0)
    magnitudes = 10 ** rng.uniform(-6, 4, (300, 4))
    z = np.concatenate([magnitudes * rng.choice([-1, 1], magnitudes.shape), [[1e4] * 4, [-1e4] * 4]])
    return z.clip(-largest(head), largest(head)).astype(dtype)


@pytest.mark.parametrize("name", LOSSES)
def test_the_key_is_the_name(name):
    assert LOSSES[name].name == name
    assert head_of(name) is head_of(name, LOSSES[name].output) is LOSSES[name]


@of_all
@pytest.mark.parametrize("n_outputs", [1, 2, 5])
def test_delta_is_the_slope_of_the_loss(name, n_outputs, draw_targets):
    head, rng, step = HEADS[name], np.random.default_rng(1), 1e-6
    z = rng.normal(0, 2, (6, n_outputs))
    y = draw_targets(name, rng, 6, n_outputs)
    slope = np.empty_like(z)
    for k in range(n_outputs):
        shift = step * (np.arange(n_outputs) == k)
        slope[:, k] = (losses_at(head, z + shift, y) - losses_at(head, z - shift, y)) / (2 * step)
    out = np.full_like(z, np.nan)
    delta = head.delta(z, output(head, z), y, out=out)
    assert delta is out
    np.testing.assert_allclose(delta, slope, rtol=1e-7, atol=1e-8)


def stated(head, formula, z, a, y):
    """Return what a formula of the head gives for one output and target."""
    names: dict[str, Any] = {"abs": abs, "exp": math.exp, "sign": np.sign, "clip": np.clip, "max": max}
    names |= {"log": lambda x: math.log(x) if x else 0.0, "sum": lambda x: x}  # of one output
    for name, definition in head.definitions.items():
        names[name] = lambda z, definition=definition: eval(definition, {**names, "z": z})
    return eval(formula, {**names, "z": z, "a": a, "y": y})


@of_all
def test_the_formulas_are_the_loss_and_its_slope(name, draw_targets):
    head, rng = HEADS[name], np.random.default_rng(7)
    z = rng.normal(0, 1, (30, 1))
    y = draw_targets(name, rng, 30, 1)
    a = output(head, z)
    if head.activation.sums_to_one:  # a single one is always 1
        a, z = (0.05 + 0.9 * rng.random((30, 1)) for _ in range(2))
        z = z if head.chained else np.log(a / (1 - a))
    rows = list(zip(z.ravel().tolist(), a.ravel().tolist(), y.ravel().tolist(), strict=True))
    if head.chained or not head.activation.sums_to_one:
        losses = [stated(head, head.loss_formula, *row) for row in rows]
        np.testing.assert_allclose(head.losses(z, a, y), losses, rtol=1e-11, atol=1e-13)
    if not head.chained:
        deltas = [stated(head, head.delta_formula, *row) for row in rows]
        np.testing.assert_allclose(head.delta(z, a, y, out=np.empty_like(a)).ravel(), deltas, rtol=1e-12)
    if head.slope_formula:
        slopes = [stated(head, head.slope_formula, *row) for row in rows]
        found: Any = a - y if head.slopes is None else head.slopes(a, y)
        if head.cut is not None:
            head.cut(found)
        np.testing.assert_allclose(found.ravel(), slopes, rtol=1e-12)


@of_all
def test_the_targets_that_a_head_is_made_for_are_told_from_others(name, draw_targets):
    head = HEADS[name]
    y = draw_targets(name, np.random.default_rng(8), 6, 3)
    assert all(targets.fit(y) for targets in head.all_targets)
    assert all(targets.fit(-2 - y) is False for targets in head.all_targets)
    bounded = head.chained and head.activation.range.low > -np.inf
    assert len(head.all_targets) >= (head.targets is not None) + bounded


@of_all
@both_dtypes
def test_the_kernel_may_write_over_its_input_and_else_leaves_it(name, dtype):
    head = HEADS[name]
    z = extreme(head, dtype)
    kept = z.copy()
    expected = output(head, z)
    np.testing.assert_array_equal(z, kept)
    head.apply_with_bias(z, np.zeros(z.shape[-1], z.dtype), z, np.full_like(z, np.nan))
    np.testing.assert_array_equal(z, expected)


@of_all
@both_dtypes
@pytest.mark.parametrize("hard", [True, False])
def test_losses_are_finite_without_a_warning_one_a_sample_and_of_the_same_dtype(
    name, dtype, hard, draw_targets
):
    head = HEADS[name]
    z = extreme(head, dtype)
    y = draw_targets(name, np.random.default_rng(2), len(z), 4, hard=hard).astype(dtype)
    a = output(head, z)
    losses = head.losses(z, a, y)
    assert np.isfinite(a).all()
    assert np.isfinite(losses).all()
    assert losses.shape == (len(z),)
    assert losses.dtype == a.dtype == dtype


@of_all
@both_dtypes
def test_no_loss_is_negative(name, dtype, draw_targets):
    head = HEADS[name]
    z = extreme(head, dtype)
    y = draw_targets(name, np.random.default_rng(3), len(z), 4, hard=True).astype(dtype)
    assert losses_at(head, z, y).min() >= 0
    assert losses_at(head, np.zeros_like(z), y).min() >= 0


@of_all
@pytest.mark.parametrize("scale", [1, 10, 100])
def test_single_precision_follows_double(name, scale, draw_targets):
    head, rng = HEADS[name], np.random.default_rng(4)
    if head.chained and head.link is not None and scale > 1:
        return  # outputs near 0 and 1 are cut where the precision ends
    z = rng.normal(0, scale, (500, 4)).clip(-largest(head), largest(head)).astype(np.float32)
    y = draw_targets(name, rng, len(z), 4, hard=True).astype(np.float32)
    wide_z, wide_y = z.astype(np.float64), y.astype(np.float64)
    np.testing.assert_allclose(output(head, z), output(head, wide_z), rtol=1e-5, atol=1e-34)
    size = np.abs(wide_z).max()  # of the terms whose difference the loss is
    np.testing.assert_allclose(
        losses_at(head, z, y),
        losses_at(head, wide_z, wide_y),
        rtol=2e-5 if head.output == "exp" else 2e-6,
        atol=4e-7 * size,
    )


@of_all
def test_the_loss_is_least_where_the_output_is_the_target(name, draw_targets):
    head, rng = HEADS[name], np.random.default_rng(5)
    if head.name == "hinge":
        return  # which has enough of an output that is beyond the target
    z = rng.normal(size=(20, 4))
    y = output(head, z)
    least = losses_at(head, z, y)
    for _ in range(20):
        assert (losses_at(head, z + rng.normal(0, 0.3, z.shape), y) > least - 1e-12).all()


@of_all
def test_the_loss_of_a_sample_does_not_depend_on_the_others(name, draw_targets):
    head, rng = HEADS[name], np.random.default_rng(6)
    z = rng.normal(0, 3, (8, 3))
    y = draw_targets(name, rng, 8, 3)
    alone = [losses_at(head, z[i : i + 1], y[i : i + 1])[0] for i in range(8)]
    np.testing.assert_allclose(losses_at(head, z, y), alone, rtol=1e-13)


@of_all
def test_no_constant_answer_is_better_than_the_best(name, draw_targets):
    head, rng = HEADS[name], np.random.default_rng(9)
    y = draw_targets(name, rng, 41, 3)
    y = y / max(1, np.ptp(y)) if head.targets is None else y  # within 1 of each other, as Huber's loss needs
    least = head.constant_losses(y)
    assert least.shape == (41,)
    z: Any = np.zeros(3)
    if not head.chained:
        z = head.best_constant(y)
        assert (z.shape, z.dtype) == ((3,), np.float64)
        np.testing.assert_allclose(losses_at(head, np.tile(z, (41, 1)), y), least, rtol=1e-12)
    for scale in (0.05, 0.5, 2):
        for step in rng.normal(0, scale, (50, 3)):
            assert losses_at(head, np.tile(z + step, (41, 1)), y).mean() >= least.mean() - 1e-12


# which output goes with which loss


def test_each_output_that_makes_sense_goes_with_each_loss():
    together = {
        loss: [name.split("/")[1] for name in PAIRS if name.startswith(loss + "/")] for loss in LOSSES
    }
    smooth = [name for name in OUTPUTS if name != "step"]
    assert together == {
        "softmax_cross_entropy": [],
        "sigmoid_cross_entropy": ["softmax"],
        "squared_error": [name for name in smooth if name != "identity"],
        "poisson": ["sigmoid", "softplus", "softmax"],
        "absolute_error": [name for name in smooth if name != "identity"],
        "huber": [name for name in smooth if name != "identity"],
        "hinge": [
            name
            for name in smooth
            if name != "identity" and OUTPUTS[name].range.low < -1 and OUTPUTS[name].range.high > 1
        ],
        "pinball": [name for name in smooth if name != "identity"],
        "perceptron": [],
    }


@pytest.mark.parametrize(
    ("loss", "output_name", "message"),
    [
        ("sigmoid_cross_entropy", "tanh", "must lie from 0 to 1, never on the limit"),
        ("sigmoid_cross_entropy", "identity", "logarithm of an output"),
        ("poisson", "relu", "must lie above 0, never on the limit"),
        ("softmax_cross_entropy", "sigmoid", "must sum to 1. Outputs for softmax_cross_entropy: softmax."),
        ("squared_error", "step", "slope of the output is 0 everywhere"),
        ("hinge", "sigmoid", "beyond -1 and 1. Outputs for hinge: leaky_relu, selu, identity"),
        ("hinge", "tanh", "beyond -1 and 1"),
        ("perceptron", "sigmoid", "outputs of 0 and 1. Outputs for perceptron: step."),
    ],
)
def test_what_makes_no_sense_together_is_refused_with_what_does(loss, output_name, message):
    with pytest.raises(InvalidParameterError, match=message):
        head_of(loss, output_name)


def test_unknown_names_bring_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'softmax'"):
        head_of("squared_error", "sofmax")
    with pytest.raises(UnknownNameError, match="did you mean 'squared_error'"):
        head_of("squared_eror", "sigmoid")


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_stated_range_of_an_output_is_its_range(name):
    activation = OUTPUTS[name]
    z = np.linspace(-30, 30, 60_001)
    z = np.stack([z, np.zeros_like(z)], axis=1) if activation.sums_to_one else z
    a, (low, high, attained) = activation.function(z), activation.range
    for limit, found in ((low, a.min()), (high, a.max())):
        if np.isfinite(limit):
            assert low <= found <= high
            assert found == pytest.approx(limit, abs=1e-6 if attained else 0.05)
        else:
            assert abs(found) > 0.25
    if np.isfinite(low) and not attained:
        assert activation.function(z / 3).min() > low


def test_heads_survive_pickle_and_compare_equal():
    for head in HEADS.values():
        assert pickle.loads(pickle.dumps(head)) == head
