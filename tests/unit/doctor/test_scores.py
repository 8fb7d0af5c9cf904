"""Reported scores are explained by figures worked out by hand, and by scikit-learn's."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from glassnet.data import load_mnist, one_hot
from glassnet.doctor.scores.scores import (
    SLIPS,
    Reported,
    balanced_accuracy,
    count_answers,
    element_wise_accuracy,
    implied_count,
    mcnemar,
    search_slips,
    subset_accuracy,
    swapped_balanced_accuracy,
    wilson_interval,
)
from glassnet.errors import InvalidDataError

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 5, 400)
ANSWERS = np.where(RNG.random(400) < 0.7, TRUTH, RNG.integers(0, 5, 400))


def report(text):
    return Reported("model", "test", text)


def test_element_wise_accuracy_is_that_of_the_one_hot_arrays():
    expected = (one_hot(TRUTH, 5) == one_hot(ANSWERS, 5)).mean()
    assert element_wise_accuracy(TRUTH, ANSWERS, 5) == pytest.approx(expected, abs=1e-12)


def test_the_other_figures_are_those_of_scikit_learn():
    assert balanced_accuracy(TRUTH, ANSWERS, 5) == pytest.approx(balanced_accuracy_score(TRUTH, ANSWERS))
    assert swapped_balanced_accuracy(TRUTH, ANSWERS, 5) == pytest.approx(
        balanced_accuracy_score(ANSWERS, TRUTH)
    )
    probabilities = RNG.dirichlet(np.full(5, 0.3), 400)
    expected = accuracy_score(one_hot(TRUTH, 5), (probabilities > 0.5).astype(float))
    assert subset_accuracy(TRUTH, probabilities) == pytest.approx(expected)


@pytest.mark.parametrize("name", list(SLIPS))
def test_every_slip_is_found_from_its_own_figure(name):
    text = f"{SLIPS[name](TRUTH, ANSWERS, 5):.6f}"
    found = search_slips(report(text), TRUTH, ANSWERS, n_classes=5)
    assert name in [slip.name for slip in found if slip.answer is None]
    assert found[0].accuracy == pytest.approx((TRUTH == ANSWERS).mean())


def test_scoring_the_training_data_and_subsets_are_found():
    probabilities = RNG.dirichlet(np.full(5, 0.3), 400)
    given: dict[str, Any] = {"answers": ANSWERS, "n_classes": 5}
    found = search_slips(report("0.9871"), TRUTH, training_accuracy=0.98712, **given)
    assert [slip.name for slip in found] == ["training accuracy"]
    text = f"{subset_accuracy(TRUTH, probabilities):.5f}"
    found = search_slips(report(text), TRUTH, probabilities=probabilities, **given)
    assert "subset accuracy" in [slip.name for slip in found]


def test_the_published_test_score_is_always_one_scored_entry_by_entry():
    labels = load_mnist().test.labels
    (slip,) = search_slips(report("0.8227"), labels, n_classes=10)
    assert (slip.name, slip.answer) == ("element-wise accuracy of one-hot rows", 1)
    assert slip.value == pytest.approx(1 - 2 * (1 - 1135 / 10_000) / 10)
    assert slip.accuracy == 0.1135


@pytest.mark.parametrize(("text", "n", "count"), [("0.8225833", 48_000, 5420), ("0.8220333", 12_000, 1322)])
def test_the_other_published_scores_imply_a_number_of_ones(text, n, count):
    assert implied_count(report(text), n, 10) == count


def test_a_score_that_no_count_gives_implies_none():
    assert implied_count(report("0.82258"), 10, 10) is None
    assert implied_count(report("0.7"), 100, 10) is None


@pytest.mark.parametrize(
    ("text", "half"), [("0.8227", 5e-5), ("0.82", 5e-3), ("1", 0.5), ("8.2e-1", 5e-3), ("0.8220", 5e-5)]
)
def test_the_digits_say_how_exact_a_score_is(text, half):
    assert report(text).half_unit == pytest.approx(half)


def test_a_score_needs_a_whole_number_of_hits():
    assert report("0.333").can_be_share_of(3)
    assert not report("0.35").can_be_share_of(3)


def test_intervals_and_tests_are_those_of_scipy():
    for hits, n in ((7, 10), (0, 20), (980, 1000)):
        expected = binomtest(hits, n).proportion_ci(method="wilson")
        assert wilson_interval(hits / n, n) == pytest.approx((expected.low, expected.high))
    first, second = TRUTH.copy(), TRUTH.copy()
    first[:3], second[:12] = first[:3] + 1, second[:12] + 1
    assert mcnemar(TRUTH, first, second) == pytest.approx(binomtest(0, 9).pvalue)
    assert mcnemar(TRUTH, first, first) == 1.0


def test_answers_are_counted_after_a_division():
    counts = count_answers(lambda X: (X[:, 0] > 0.5).astype(int), [[1.0], [0.9], [0.1]], 1.5, 3)
    assert counts.tolist() == [1, 2, 0]


@pytest.mark.parametrize("labels", [["a", "b"], [[1], [0]], [-1, 2], [], [0.5]])
def test_other_labels_are_refused(labels):
    with pytest.raises(InvalidDataError, match="whole numbers from 0"):
        search_slips(report("0.5"), labels, n_classes=2)
