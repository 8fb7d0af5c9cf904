"""Conformalised intervals: their promise, kept on simulated rows."""

import math

import numpy as np
import pytest
from scipy.stats import betabinom

from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models import conformal_correction, score_quantiles


def test_the_correction_worked_by_hand():
    """Ten rows, each k beyond its interval, k = 1 ... 10: 0.8 asks for the 9th of them, ceil(11 * 0.8)."""
    y = np.arange(1, 11.0)
    assert conformal_correction(np.full(10, -5.0), np.zeros(10), y, 0.8) == 9
    assert conformal_correction(np.zeros(10), np.full(10, 5.0), -y, 0.8) == 9
    assert conformal_correction(np.full(10, -50.0), np.full(10, 50.0), y, 0.8) == -50 + 9
    assert conformal_correction(np.full(10, -5.0), np.zeros(10), y, 0.91) == math.inf  # 11 * 0.91 > 10
    assert conformal_correction(np.zeros(9), np.zeros(9), y[:9], 0.9) == 9  # 10 * 0.9, whatever is rounded


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("half", [0.1, 1.0, 4.0])
def test_new_rows_lie_inside_as_often_as_promised(coverage, half):
    """Whatever the intervals were, over many draws of held-out and new rows, the share is the exact one."""
    rng, n, draws = np.random.default_rng(0), 60, 4000
    y = rng.standard_t(3, size=(draws, n + 1))
    inside = 0
    for held_out, new in zip(y[:, :n], y[:, n], strict=True):
        correction = conformal_correction(np.full(n, -half), np.full(n, 1.5 * half), held_out, coverage)
        inside += -half - correction <= new <= 1.5 * half + correction
    exact = math.ceil((n + 1) * coverage) / (n + 1)
    assert coverage <= exact <= coverage + 1 / (n + 1)
    assert inside / draws == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / draws))


def test_the_share_among_many_new_rows_is_that_of_the_theory():
    """Given held-out rows, the number of new ones inside is beta-binomial (Vovk 2012)."""
    rng, n, n_new = np.random.default_rng(1), 200, 5000
    shares = []
    for _ in range(200):
        y = rng.normal(size=n + n_new)
        correction = conformal_correction(np.full(n, -1.0), np.ones(n), y[:n], 0.8)
        shares.append(np.mean(np.abs(y[n:]) <= 1 + correction))
    rank = math.ceil((n + 1) * 0.8)
    theory = betabinom(n_new, rank, n + 1 - rank)
    assert np.mean(shares) == pytest.approx(theory.mean() / n_new, abs=4 * theory.std() / n_new / 200**0.5)
    assert np.std(shares) == pytest.approx(theory.std() / n_new, rel=0.2)


@pytest.mark.parametrize("coverage", [0, 1, -0.1, 80, np.nan])
def test_other_shares_are_refused(coverage):
    with pytest.raises(InvalidParameterError, match="coverage="):
        conformal_correction([0], [1], [0.5], coverage)


@pytest.mark.parametrize(
    ("lower", "upper", "y", "message"),
    [
        ([], [], [], r"got lower of shape \(0,\)"),
        ([0], [np.inf], [1], r"got upper of shape \(1,\), some of it not finite"),
        ([0], [1], [[1]], r"got y of shape \(1, 1\)"),
        ([0, 0], [1, 1], [1], "got 2 numbers of lower and 1 of y"),
    ],
)
def test_rows_that_are_none_are_refused(lower, upper, y, message):
    with pytest.raises(InvalidDataError, match=message):
        conformal_correction(lower, upper, y, 0.8)


def test_a_score_of_quantiles_is_at_most_1_and_0_for_the_same_answer_everywhere():
    y = np.random.default_rng(2).gamma(2, 1, 501)
    levels = (0.1, 0.5, 0.9)
    constant = np.quantile(y, levels, method="inverted_cdf")
    assert score_quantiles(y, np.tile(constant, (501, 1)), levels) == pytest.approx(0, abs=1e-6)
    assert score_quantiles(y, np.column_stack([y] * 3), levels) == 1
    assert score_quantiles(y, np.tile(constant[::-1], (501, 1)), levels) < -0.5
