"""Known values of the heads; what all of them have in common is in ``tests/laws``."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import expit, log_softmax, softmax as reference_softmax

from glassnet.nn.losses import LOSSES, softmax

scores = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=3, max_side=6),
    elements=st.floats(-1e4, 1e4).map(lambda z: round(z * 8) / 8),  # so that z + shift is exact
)


def losses_of(name, z, y):
    z, y = np.array(z, dtype=float), np.array(y, dtype=float)
    a = np.empty_like(z)
    LOSSES[name].apply_with_bias(z, np.zeros(z.shape[-1], z.dtype), a, np.empty_like(z))
    return LOSSES[name].losses(z, a, y)


def test_the_classical_losses_have_the_output_that_fits_them():
    outputs = {
        "softmax_cross_entropy": "softmax",
        "sigmoid_cross_entropy": "sigmoid",
        "squared_error": "identity",
    }
    assert {name: LOSSES[name].output for name in outputs} == outputs


# softmax


def test_softmax_worked_by_hand():
    np.testing.assert_allclose(softmax(np.log([[1, 2, 3, 4]])), [[0.1, 0.2, 0.3, 0.4]])
    assert softmax(np.array([5.0])).tolist() == [1]
    assert softmax(np.array([7, 7])).tolist() == [0.5, 0.5]


@given(z=scores)
def test_softmax_rows_are_probabilities(z):
    a = softmax(z)
    assert a.shape == z.shape
    assert a.min() >= 0
    np.testing.assert_allclose(a.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(a, reference_softmax(z, axis=-1), rtol=1e-12, atol=1e-300)


@given(z=scores, shift=st.integers(-(10**4), 10**4))
def test_softmax_does_not_feel_a_shift(z, shift):
    np.testing.assert_array_equal(softmax(z + shift), softmax(z))


@given(z=scores)
def test_softmax_keeps_the_order(z):
    a = softmax(z)
    assert (a.argmax(axis=-1) == z.argmax(axis=-1)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_is_stable_and_keeps_the_dtype(dtype):
    a = softmax(np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4], [88, 89, 90]], dtype))
    assert a.dtype == dtype
    np.testing.assert_allclose(a.sum(axis=1), 1, rtol=1e-6)
    assert a[0].tolist() == [1, 0, 0]


# the losses


def test_softmax_cross_entropy_worked_by_hand():
    z = np.log([[1, 2, 3, 4]] * 3)
    y = [[0, 0, 0, 1], [1, 0, 0, 0], [0.5, 0.5, 0, 0]]
    expected = -np.log(np.array([0.4, 0.1, 0.02**0.5]))
    np.testing.assert_allclose(losses_of("softmax_cross_entropy", z, y), expected)


def test_sigmoid_cross_entropy_worked_by_hand():
    z = np.log(np.array([[3, 1 / 3], [1, 1]]))  # a = 3/4, 1/4, and 1/2, 1/2
    np.testing.assert_allclose(
        losses_of("sigmoid_cross_entropy", z, [[1, 1], [0, 0.3]]), [-np.log(3 / 16), 2 * np.log(2)]
    )


def test_squared_error_is_half_the_sum_over_the_outputs():
    assert losses_of("squared_error", [[1, 2], [0, 0]], [[4, 6], [0, 0]]).tolist() == [12.5, 0]


def test_absolute_error_and_hubers_loss_worked_by_hand():
    z, y = [[1, 2], [0.5, 0], [1, 3]], [[4, -2], [0, 0], [0, 3]]
    assert losses_of("absolute_error", z, y).tolist() == [7, 0.5, 1]
    assert losses_of("huber", z, y).tolist() == [2.5 + 3.5, 0.125, 0.5]


def test_poisson_is_half_the_deviance():
    z = np.log([[2, 3], [1, 5]])
    expected = [4 * np.log(2) - 2 + 3, 0 + 5 * np.log(1) + 0]  # y log(y / a) - y + a
    np.testing.assert_allclose(losses_of("poisson", z, [[4, 0], [1, 5]]), expected, atol=1e-14)


def test_cross_entropies_are_those_of_the_textbook():
    rng = np.random.default_rng(0)
    z = rng.normal(0, 3, (50, 4))
    y = rng.dirichlet(np.ones(4), 50)
    np.testing.assert_allclose(
        losses_of("softmax_cross_entropy", z, y), -(y * log_softmax(z, axis=1)).sum(axis=1), rtol=1e-12
    )
    textbook = -(y * np.log(expit(z)) + (1 - y) * np.log(expit(-z))).sum(axis=1)
    np.testing.assert_allclose(losses_of("sigmoid_cross_entropy", z, y), textbook, rtol=1e-12)


def test_the_cross_entropy_of_two_classes_is_the_same_by_softmax_and_by_sigmoid():
    z = np.linspace(-700, 700, 201)[:, np.newaxis]
    y = (np.arange(201) % 2)[:, np.newaxis]
    by_softmax = losses_of("softmax_cross_entropy", np.hstack([z, 0 * z]), np.hstack([y, 1 - y]))
    np.testing.assert_allclose(losses_of("sigmoid_cross_entropy", z, y), by_softmax, rtol=1e-12, atol=1e-12)


def test_a_hopeless_answer_costs_the_distance_of_the_scores():
    for dtype in (np.float32, np.float64):
        z = np.array([[1e4, -1e4]], dtype)
        assert losses_of("softmax_cross_entropy", z, [[0, 1]]).tolist() == [2e4]
        assert losses_of("sigmoid_cross_entropy", z, [[0, 1]]).tolist() == [2e4]


@given(z=hnp.arrays(np.float64, (3, 4), elements=st.floats(-1e4, 1e4)), right=st.integers(0, 3))
def test_cross_entropies_are_finite_and_not_negative(z, right):
    y = np.eye(4)[[right] * 3]
    for name in ("softmax_cross_entropy", "sigmoid_cross_entropy"):
        losses = losses_of(name, z, y)
        assert np.isfinite(losses).all()
        assert (losses >= 0).all()
