"""Temperatures against brute force, PyTorch and scikit-learn; bins, errors and intervals of reliability."""

import math

import numpy as np
import pytest
import sklearn
from scipy.special import expit, log_expit, log_softmax
from scipy.stats import binomtest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models import apply_temperature, expected_calibration_error, fit_temperature
from glassnet.models.calibration import COLDEST, HOTTEST
from glassnet.models.reliability import reliability_bins, wilson_interval

sklearn_version = tuple(map(int, sklearn.__version__.split(".")[:2]))


def draw(n=400, n_classes=4, heat=3.0, seed=0):
    """Return scores that are `heat` times too large, and classes drawn from the probabilities without it."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1.5, (n, n_classes))
    chances = np.exp(log_softmax(z, axis=1))
    return heat * z, (rng.random((n, 1)) > chances.cumsum(axis=1)).sum(axis=1).clip(max=n_classes - 1)


def loss_at(z, y, temperature, weight=None):
    return np.average(-log_softmax(z / temperature, axis=1)[np.arange(len(y)), y], weights=weight)


@pytest.mark.parametrize("n_classes", [2, 3, 10])
@pytest.mark.parametrize("heat", [0.05, 0.5, 1, 3, 100])
def test_no_temperature_of_a_fine_grid_has_a_lower_loss(n_classes, heat):
    z, y = draw(n_classes=n_classes, heat=heat)
    found = fit_temperature(z, y)
    grid = np.exp(np.linspace(math.log(found) - 1, math.log(found) + 1, 501))
    losses = [loss_at(z, y, temperature) for temperature in grid]
    assert loss_at(z, y, found) <= min(losses) + 1e-12
    assert found == pytest.approx(grid[np.argmin(losses)], rel=5e-3)
    assert found == pytest.approx(heat, rel=0.25)


@pytest.mark.parametrize("n_classes", [2, 5])
def test_the_temperature_is_the_one_of_torch(n_classes):
    torch = pytest.importorskip("torch")
    z, y = draw(n_classes=n_classes)
    log_temperature = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [log_temperature], max_iter=200, tolerance_grad=1e-12, line_search_fn="strong_wolfe"
    )

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(torch.tensor(z) / log_temperature.exp(), torch.tensor(y))
        loss.backward()
        return loss

    optimizer.step(closure)
    assert fit_temperature(z, y) == pytest.approx(log_temperature.exp().item(), rel=1e-4)


@pytest.mark.skipif(sklearn_version < (1, 8), reason="scikit-learn before 1.8 has no temperature")
@pytest.mark.parametrize("n_classes", [2, 4])
def test_the_temperature_is_the_one_of_scikit_learn(n_classes):
    z, y = draw(n_classes=n_classes)
    model = LogisticRegression(C=100).fit(z[:40], y[:40])  # too few rows, and too sure
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="temperature", ensemble=False)
    expected = theirs.fit(z[40:], y[40:]).predict_proba(z)
    log_proba = model.predict_log_proba(z)
    found = fit_temperature(log_proba[40:], y[40:])
    assert found > 1.2
    np.testing.assert_allclose(np.exp(apply_temperature(log_proba, found)), expected, atol=1e-4)


def test_a_score_of_two_classes_is_as_good_as_two_columns():
    z, y = draw(n_classes=2)
    score = z[:, 1] - z[:, 0]
    expected = fit_temperature(z, y)
    assert fit_temperature(score, y) == pytest.approx(expected, rel=1e-6)
    both = np.column_stack([log_expit(-score), log_expit(score)])
    assert fit_temperature(both, y == 1) == pytest.approx(expected, rel=1e-6)
    assert fit_temperature(both.astype(np.float32), y.astype(np.uint8)) == pytest.approx(expected, rel=1e-3)
    mended = apply_temperature(both, expected)
    np.testing.assert_allclose(mended[:, 1], log_expit(apply_temperature(score, expected)), rtol=1e-10)


def test_weights_count_as_copies_do():
    z, y = draw(n=60)
    weight = np.random.default_rng(0).integers(0, 4, 60)
    rows = np.repeat(np.arange(60), weight)
    assert fit_temperature(z, y, weight) == pytest.approx(fit_temperature(z[rows], y[rows]), rel=1e-6)
    assert fit_temperature(z, y, weight) != pytest.approx(fit_temperature(z, y), rel=1e-3)


def test_a_temperature_lowers_the_loss_of_other_rows_and_changes_no_answer():
    (z, y), (z_new, y_new) = draw(seed=1), draw(seed=2)
    before, after = log_softmax(z_new, axis=1), apply_temperature(z_new, fit_temperature(z, y))
    np.testing.assert_allclose(np.exp(after).sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(after.argmax(axis=1), before.argmax(axis=1))
    assert log_loss(y_new, np.exp(after)) < 0.75 * log_loss(y_new, np.exp(before))
    error_before, error_after = (
        expected_calibration_error(p.argmax(axis=1) == y_new, np.exp(p.max(axis=1))) for p in (before, after)
    )
    assert error_after < 0.5 * error_before
    np.testing.assert_allclose(apply_temperature(before, 2), apply_temperature(z_new, 2), rtol=1e-10)
    np.testing.assert_allclose(apply_temperature(z_new, 1), before, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_rows_that_are_all_right_say_nothing(n_classes):
    z = np.eye(n_classes)[np.arange(30) % n_classes] * 0.3
    assert fit_temperature(z, np.arange(30) % n_classes) == 1
    assert fit_temperature(np.zeros((5, 3)), [0, 1, 2, 0, 1]) == 1  # nor do rows without an answer
    assert fit_temperature(np.full(8, 2.0), np.ones(8, int)) == 1  # nor a single class that is told


def test_rows_that_are_all_wrong_ask_for_the_hottest():
    assert fit_temperature(np.full(8, 20.0), np.zeros(8, int)) == pytest.approx(HOTTEST)


def test_a_single_class_among_the_rows_is_fitted_to():
    z = np.array([2.0, 1.0, -1.0, 3.0])
    found = fit_temperature(z, [1, 1, 1, 1])
    losses = [-log_expit(z / t).sum() for t in np.geomspace(0.01, 100, 1001)]
    assert -log_expit(z / found).sum() <= min(losses) + 1e-12


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_of_0_count_as_scikit_learns_log_loss_counts_them(dtype):
    with np.errstate(divide="ignore"):
        log_proba = np.log(np.array([[1, 0], [0, 1], [0.9, 0.1], [1, 0]], dtype))
    floored = np.maximum(log_proba, math.log(np.finfo(np.float64).eps))
    for y in ([0, 1, 0, 1], [0, 1, 1, 0]):
        found = fit_temperature(log_proba, y)
        assert found == pytest.approx(fit_temperature(floored, y), rel=1e-6)
        assert 1 < found < HOTTEST
    assert fit_temperature(np.array([np.inf, -np.inf, 1.0], dtype), [1, 0, 0]) > 1
    mended = apply_temperature(log_proba, 3.0)
    assert mended.dtype == dtype
    np.testing.assert_allclose(np.exp(mended).sum(axis=1), 1, rtol=1e-6)
    assert np.isneginf(mended[0, 1])


@pytest.mark.parametrize(("heat", "bound"), [(1e-8, COLDEST), (1e8, HOTTEST)])
def test_temperatures_stay_within_their_bounds(heat, bound):
    z, y = draw(heat=heat)
    assert fit_temperature(z, y) == pytest.approx(bound)


@pytest.mark.parametrize(
    ("scores", "y", "message"),
    [
        (np.zeros((3, 2)), [0, 1, 2], "whole numbers from 0 to 1"),
        (np.zeros((3, 2)), [0, 1], "expected 3 whole numbers"),
        (np.zeros((3, 2)), ["a", "b", "a"], r"np\.searchsorted\(model\.classes_, labels\)"),
        (np.zeros((3, 2)), [0, -1, 1], "whole numbers from 0 to 1"),
        (np.full((3, 2), np.nan), [0, 1, 1], r"shape \(3, 2\), in which a row is NaN"),
        (np.full((3, 2), -np.inf), [0, 1, 1], "-inf throughout"),
        (np.zeros((3, 1)), [0, 0, 0], r"shape \(3, 1\); expected \(n, n_classes\)"),
        (np.zeros((0, 2)), [], r"shape \(0, 2\)"),
    ],
)
def test_what_cannot_be_fitted_to_is_refused(scores, y, message):
    with pytest.raises(InvalidDataError, match=message):
        fit_temperature(scores, y)


@pytest.mark.parametrize("weight", [[1, 1], [1, 1, -1], [0, 0, 0], [1, 1, np.nan]])
def test_weights_that_are_none_are_refused(weight):
    with pytest.raises(InvalidDataError, match="sample_weight"):
        fit_temperature(np.zeros((3, 2)), [0, 1, 1], weight)


@pytest.mark.parametrize("temperature", [0, -1, np.inf, np.nan])
def test_a_temperature_is_positive_and_finite(temperature):
    with pytest.raises(InvalidParameterError, match="temperature="):
        apply_temperature(np.zeros((1, 2)), temperature)


# -- reliability -----------------------------------------------------------------------------------------


def test_bins_have_equal_counts_and_the_means_of_their_rows():
    rng = np.random.default_rng(0)
    p = rng.random(1003)
    truth = rng.random(1003) < p**2
    bins = reliability_bins(truth, p, n_bins=10)
    assert set(bins.count) == {100, 101}
    parts = np.split(np.argsort(p), bins.count.cumsum()[:-1])
    np.testing.assert_allclose(bins.confidence, [p[rows].mean() for rows in parts])
    np.testing.assert_allclose(bins.frequency, [truth[rows].mean() for rows in parts])
    np.testing.assert_allclose(bins.weight, bins.count / 1003)
    by_hand = sum(len(rows) / 1003 * abs(truth[rows].mean() - p[rows].mean()) for rows in parts)
    assert expected_calibration_error(truth, p) == pytest.approx(by_hand)
    assert by_hand == pytest.approx(1 / 6, abs=0.03)  # the integral of p - p^2


def test_rows_of_one_confidence_stay_together():
    p = np.array([0.2] * 50 + [0.7] * 3 + [0.9] * 47)
    bins = reliability_bins(np.arange(100) % 2, p, n_bins=10)
    assert bins.confidence.round(12).tolist() == [0.2, 0.7, 0.9]
    assert bins.count.tolist() == [50, 3, 47]
    assert reliability_bins([1], [0.4]).count.tolist() == [1]


def test_right_probabilities_have_no_error_but_for_chance():
    rng = np.random.default_rng(1)
    p = rng.random(100_000)
    assert expected_calibration_error(rng.random(100_000) < p, p) < 0.006


def test_weighted_rows_count_as_copies_do():
    rng = np.random.default_rng(2)
    p, truth, weight = rng.random(40).round(1), rng.integers(0, 2, 40), rng.integers(0, 3, 40)
    rows = np.repeat(np.arange(40), weight)
    weighted = reliability_bins(truth, p, n_bins=1, sample_weight=weight)
    copied = reliability_bins(truth[rows], p[rows], n_bins=1)
    np.testing.assert_allclose(weighted.confidence, copied.confidence)
    np.testing.assert_allclose(weighted.frequency, copied.frequency)


def test_an_interval_is_that_of_the_rows_whatever_unit_they_are_weighed_in():
    rng = np.random.default_rng(4)
    p, truth = rng.random(100), rng.integers(0, 2, 100)
    plain = reliability_bins(truth, p)
    halved = reliability_bins(truth, p, sample_weight=np.full(100, 0.5))
    np.testing.assert_allclose([halved.lower, halved.upper], [plain.lower, plain.upper])
    uneven = reliability_bins(truth, p, sample_weight=rng.choice([0.01, 1], 100))
    assert (uneven.upper - uneven.lower).mean() > (plain.upper - plain.lower).mean()


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (3, 10), (10, 10), (499, 500)])
def test_wilsons_interval_is_scipys(hits, n):
    expected = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    np.testing.assert_allclose(np.ravel(wilson_interval([hits / n], [n])), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("truth", "confidence"), [([1], [1.2]), ([1], [np.nan]), ([1, 0], [0.5]), ([], []), ([[1]], [[0.5]])]
)
def test_what_is_no_probability_is_refused(truth, confidence):
    with pytest.raises(InvalidDataError, match="one probability from 0 to 1"):
        expected_calibration_error(truth, confidence)


def test_the_sigmoid_of_a_calibrated_network_is_calibrated_again():
    rng = np.random.default_rng(3)
    z = rng.normal(0, 2, 4000)
    y = (rng.random(4000) < expit(z)).astype(int)
    found = fit_temperature(5 * z, y)
    assert found == pytest.approx(5, rel=0.1)
    assert (
        expected_calibration_error(y, expit(5 * z / found))
        < 0.02
        < expected_calibration_error(y, expit(5 * z))
    )
