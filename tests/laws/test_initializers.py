"""Laws that every initialiser of the table obeys; the scale of each is in ``tests/unit``."""

from typing import Any

import numpy as np
import pytest

from glassnet.nn.initializers import INITIALIZERS

pytestmark = pytest.mark.parametrize("name", INITIALIZERS)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (784, 10)])
def test_the_shape_is_fan_in_by_fan_out(name, shape):
    weights = INITIALIZERS[name](np.random.default_rng(0), *shape)
    assert weights.shape == shape
    assert weights.dtype == np.float64
    assert np.isfinite(weights).all()


def test_the_seed_decides(name):
    first, again, other = (INITIALIZERS[name](np.random.default_rng(seed), 20, 30) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other) or not first.any()


def test_a_second_draw_is_a_new_one(name):
    rng = np.random.default_rng(3)
    first, second = (INITIALIZERS[name](rng, 20, 30) for _ in range(2))
    assert not np.shares_memory(first, second)
    assert not np.array_equal(first, second) or not first.any()


def test_the_global_randomness_is_left_alone(name):
    before: Any = np.random.get_state()  # noqa: NPY002 - it is what must not be used
    INITIALIZERS[name](np.random.default_rng(4), 20, 30)
    after: Any = np.random.get_state()  # noqa: NPY002
    np.testing.assert_array_equal(after[1], before[1])


def test_weights_have_mean_zero_in_every_row_and_column(name):
    weights = INITIALIZERS[name](np.random.default_rng(5), 400, 400)
    spread = weights.std() / np.sqrt(400)  # of the mean of a row
    for axis in (0, 1):
        assert np.abs(weights.mean(axis=axis)).max() <= 5 * spread


def test_weights_are_drawn_independently(name):
    weights = INITIALIZERS[name](np.random.default_rng(6), 400, 400)
    spread = weights.std()
    if spread:
        standard = weights / spread
        for product in (standard[:, 1:] * standard[:, :-1], standard[1:] * standard[:-1]):
            assert abs(product.mean()) < 5 / np.sqrt(product.size)
