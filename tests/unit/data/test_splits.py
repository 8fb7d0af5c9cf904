"""Flatten, scale, one-hot and the stratified split."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from glassnet.data import flatten, load_mnist, one_hot, scale, train_validation_split
from glassnet.errors import InvalidDataError, InvalidParameterError

# flatten and scale


def test_flatten_is_a_view_with_the_pixels_in_reading_order():
    images = np.arange(24).reshape(2, 3, 4)
    rows = flatten(images)
    assert rows.tolist() == [list(range(12)), list(range(12, 24))]
    assert np.shares_memory(rows, images)


@pytest.mark.parametrize("shape", [(0, 28, 28), (5, 3), (2, 3, 4, 5), (3, 0)])
def test_flatten_keeps_the_samples_and_joins_the_rest(shape):
    assert flatten(np.zeros(shape)).shape == (shape[0], int(np.prod(shape[1:])))


@pytest.mark.parametrize("shape", [(), (784,)])
def test_flatten_refuses_what_has_no_samples(shape):
    with pytest.raises(InvalidDataError, match=r"image\[np.newaxis\]"):
        flatten(np.zeros(shape))


def test_scale_divides_every_pixel_by_255_in_single_precision():
    pixels = np.arange(256, dtype=np.uint8)
    scaled = scale(pixels)
    assert scaled.dtype == np.float32
    np.testing.assert_array_equal(scaled, pixels.astype(np.float32) / np.float32(255))
    assert (scaled[0], scaled[-1]) == (0, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.int8, bool])
def test_scale_refuses_what_may_be_scaled_already(dtype):
    with pytest.raises(InvalidDataError, match=r"expected uint8 pixels.*Scaling twice is a common mistake"):
        scale(np.zeros((2, 2), dtype=dtype))


# one_hot


@given(labels=st.lists(st.integers(0, 20), min_size=1), spare=st.integers(0, 3))
def test_one_hot_is_undone_by_argmax(labels, spare):
    rows = one_hot(labels, n_classes=max(labels) + 1 + spare)
    assert rows.shape == (len(labels), max(labels) + 1 + spare)
    assert rows.dtype == np.float32
    assert rows.argmax(axis=1).tolist() == labels
    assert rows.sum(axis=1).tolist() == [1] * len(labels)


def test_one_hot_takes_any_integers_and_gives_any_type():
    rows = one_hot(np.array([2, 0], dtype=np.uint8), dtype=np.int8)
    assert rows.dtype == np.int8
    assert rows.tolist() == [[0, 0, 1], [1, 0, 0]]


def test_one_hot_of_no_labels_needs_the_number_of_classes():
    assert one_hot([], n_classes=3).shape == (0, 3)
    with pytest.raises(InvalidDataError, match="Pass n_classes"):
        one_hot([])


@pytest.mark.parametrize(
    ("labels", "n_classes", "message"),
    [
        ([0, 10], 10, r"from 0 to 10; expected 0 to 9"),
        ([-1, 1], None, r"from -1 to 1; expected 0 or more"),
        ([0.0, 1.0], None, "type float64; expected integers"),
        ([True, False], None, "type bool; expected integers"),
        (["a", "b"], None, "expected integers"),
        ([[0], [1]], None, r"shape \(2, 1\); .*labels.ravel\(\)"),
        (3, None, r"shape \(\)"),
    ],
)
def test_one_hot_refuses_what_is_no_label(labels, n_classes, message):
    with pytest.raises(InvalidDataError, match=message):
        one_hot(labels, n_classes)


@pytest.mark.parametrize("n_classes", [0, -1, 2.0, True, "3"])
def test_one_hot_refuses_what_is_no_number_of_classes(n_classes):
    with pytest.raises(InvalidParameterError, match="whole number of at least 1"):
        one_hot([0], n_classes)


# train_validation_split


def numbered(counts, seed=0):
    """Give samples whose only feature is their number, with classes of the given sizes in random order."""
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    return np.arange(len(y)).reshape(-1, 1), y


@settings(deadline=None)
@given(
    counts=st.lists(st.integers(2, 60), min_size=1, max_size=12),
    fraction=st.floats(0.05, 0.95),
    seed=st.integers(0, 2**32),
)
def test_a_split_is_exact_and_fair(counts, fraction, seed):
    X, y = numbered(counts)
    n, n_classes, n_val = len(y), len(counts), int(len(y) * fraction + 0.5)
    if not n_classes <= n_val <= n - n_classes:
        with pytest.raises(InvalidDataError, match="each part to hold at least one"):
            train_validation_split(X, y, validation_fraction=fraction, random_state=seed)
        return
    X_train, X_val, y_train, y_val = train_validation_split(
        X, y, validation_fraction=fraction, random_state=seed
    )
    assert (len(X_train), len(X_val)) == (len(y_train), len(y_val)) == (n - n_val, n_val)
    assert sorted(np.concatenate([X_train, X_val]).ravel()) == list(range(n))
    np.testing.assert_array_equal(y[X_train.ravel()], y_train)
    np.testing.assert_array_equal(y[X_val.ravel()], y_val)
    assert len(set(y_train)) == len(set(y_val)) == n_classes
    shares = np.bincount(y_val)
    exact = np.array(counts) * n_val / n
    if np.all((np.floor(exact) >= 1) & (np.ceil(exact) <= np.array(counts) - 1)):
        assert np.all(np.abs(shares - exact) < 1)


def test_the_places_left_go_to_the_largest_remainders():
    X, y = numbered([41, 33, 26])  # exact shares of 10 places: 4.1, 3.3, 2.6
    *_, y_val = train_validation_split(X, y, validation_fraction=0.1)
    assert np.bincount(y_val).tolist() == [4, 3, 3]


def test_equal_remainders_favour_the_first_classes():
    X, y = numbered([10, 10, 10, 10])  # exact shares of 6 places: 1.5 each
    *_, y_val = train_validation_split(X, y, validation_fraction=0.15)
    assert np.bincount(y_val).tolist() == [2, 2, 1, 1]


def test_a_class_of_two_is_in_both_parts():
    X, y = numbered([98, 2])
    for fraction in (0.02, 0.2, 0.98):
        _, _, y_train, y_val = train_validation_split(X, y, validation_fraction=fraction)
        assert (np.sum(y_train == 1), np.sum(y_val == 1)) == (1, 1)
        assert len(y_val) == round(100 * fraction)


def test_mnist_splits_into_48000_and_12000_with_its_mix_of_digits():
    images, labels = load_mnist().train
    X_train, X_val, y_train, y_val = train_validation_split(images, labels)
    assert X_train.shape == (48_000, 28, 28)
    assert X_val.shape == (12_000, 28, 28)
    assert (len(y_train), len(y_val)) == (48_000, 12_000)
    assert np.all(np.abs(np.bincount(y_val) - np.bincount(labels) / 5) < 1)


def test_the_seed_decides_and_the_data_stay_as_they_are():
    X, y = numbered([30, 30])
    before = X.copy(), y.copy()
    first = train_validation_split(X, y, random_state=7)
    seeds: list[Any] = [7, np.int64(7), np.random.default_rng(7)]
    for again in seeds:
        for one, other in zip(first, train_validation_split(X, y, random_state=again), strict=True):
            np.testing.assert_array_equal(one, other)
    assert not np.array_equal(first[0], train_validation_split(X, y, random_state=8)[0])
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])
    assert not any(np.shares_memory(part, X) for part in first)


def test_sorted_samples_come_out_mixed():
    y = np.repeat([0, 1], 50)
    _, _, y_train, y_val = train_validation_split(np.zeros((100, 1)), y)
    assert not np.array_equal(y_train, np.sort(y_train))
    assert not np.array_equal(y_val, np.sort(y_val))


def test_classes_may_have_names():
    *_, y_val = train_validation_split(np.zeros((10, 1)), ["cat", "dog"] * 5)
    assert sorted(y_val) == ["cat", "dog"]


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros((5, 2)), np.zeros(4), r"X of shape \(5, 2\) and y of shape \(4,\)"),
        (np.zeros((4, 2)), np.eye(4), "already one-hot"),
        (np.float64(1), np.zeros(1), r"X of shape \(\)"),
        (np.zeros((3, 1)), [0, 0, 1], "class 1 has a single sample"),
        (np.zeros((3, 1)), ["a", "b", "b"], "class 'a' has a single sample"),
        (np.zeros((0, 1)), [], "got 0 samples"),
        (np.zeros((4, 1)), [0, 0, 1, 1], r"4 samples to split into 3 and 1; .*each of the 2 classes"),
    ],
)
def test_what_cannot_be_split_is_refused(X, y, message):
    with pytest.raises(InvalidDataError, match=message):
        train_validation_split(X, y)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 20, float("nan")])
def test_a_fraction_outside_0_to_1_is_refused(fraction):
    X, y = numbered([5, 5])
    with pytest.raises(InvalidParameterError, match=r"0\.2 for 20 percent"):
        train_validation_split(X, y, validation_fraction=fraction)


@pytest.mark.parametrize("seed", [None, -1, 1.0, True, "0"])
def test_a_seed_that_cannot_be_repeated_is_refused(seed):
    X, y = numbered([5, 5])
    with pytest.raises(InvalidParameterError, match="random_state"):
        train_validation_split(X, y, random_state=seed)
