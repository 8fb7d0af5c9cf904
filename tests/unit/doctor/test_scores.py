"""Reported scores are explained by figures worked out by hand, and by scikit-learn's."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics

from glassnet.data import load_mnist, one_hot
from glassnet.doctor.scores.claim_check import check_claims
from glassnet.doctor.scores.claims import Claims, ReportedRow, Split, as_codes
from glassnet.doctor.scores.figures import SLIPS, Evidence, values_of
from glassnet.doctor.scores.reported import Reported
from glassnet.doctor.scores.scores import (
    count_answers,
    implied_count,
    mcnemar,
    search_slips,
    wilson_interval,
)
from glassnet.errors import InvalidDataError

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 5, 400)
ANSWERS = np.where(RNG.random(400) < 0.7, TRUTH, RNG.integers(0, 5, 400))


def report(text):
    return Reported("model", "test", text)


PROBABILITIES = RNG.dirichlet(np.full(5, 0.3), 400)
PROBABILITIES[:30] = one_hot(ANSWERS[:30], 5)  # some are sure
OTHERS = Evidence(TRUTH, PROBABILITIES.argmax(axis=1), 5, PROBABILITIES)
TWO = Evidence(TRUTH % 2, ANSWERS % 2, 2, np.column_stack([1 - PROBABILITIES[:, 0], PROBABILITIES[:, 0]]))
HOT, CUT = one_hot(TRUTH, 5), (PROBABILITIES > 0.5).astype(float)
WITNESSES: dict[str, Any] = {
    "accuracy": lambda: metrics.accuracy_score(TRUTH, ANSWERS),
    "element-wise accuracy of one-hot rows": lambda: (one_hot(ANSWERS, 5) == HOT).mean(),
    "error rate": lambda: metrics.zero_one_loss(TRUTH, ANSWERS),
    "macro F1": lambda: metrics.f1_score(TRUTH, ANSWERS, average="macro"),
    "weighted F1": lambda: metrics.f1_score(TRUTH, ANSWERS, average="weighted"),
    "balanced accuracy": lambda: metrics.balanced_accuracy_score(TRUTH, ANSWERS),
    "macro precision": lambda: metrics.precision_score(TRUTH, ANSWERS, average="macro"),
    "balanced accuracy with labels and answers swapped": lambda: metrics.balanced_accuracy_score(
        ANSWERS, TRUTH
    ),
    "weighted precision": lambda: metrics.precision_score(TRUTH, ANSWERS, average="weighted"),
    "F1 of one class": lambda: metrics.f1_score(TWO.truth, TWO.answers),
    "precision of one class": lambda: metrics.precision_score(TWO.truth, TWO.answers),
    "recall of one class": lambda: metrics.recall_score(TWO.truth, TWO.answers),
    "Cohen's kappa": lambda: metrics.cohen_kappa_score(TRUTH, ANSWERS),
    "Matthews correlation": lambda: metrics.matthews_corrcoef(TRUTH, ANSWERS),
    "area under the ROC curve": lambda: metrics.roc_auc_score(TWO.truth, PROBABILITIES[:, 0]),
    "top-2 accuracy": lambda: metrics.top_k_accuracy_score(TRUTH, PROBABILITIES, k=2),
    "top-3 accuracy": lambda: metrics.top_k_accuracy_score(TRUTH, PROBABILITIES, k=3),
    "subset accuracy": lambda: metrics.accuracy_score(HOT, CUT),
    "accuracy of the thresholded entries": lambda: metrics.accuracy_score(HOT.ravel(), CUT.ravel()),
    "share of whole rows of probabilities that equal the one-hot row": lambda: (
        (HOT == PROBABILITIES).all(axis=1).mean()
    ),
    "accuracy with the rows off by one": lambda: metrics.accuracy_score(TRUTH, np.roll(ANSWERS, -1)),
    "accuracy with the class numbers off by one": lambda: metrics.accuracy_score(TRUTH, ANSWERS + 1),
    "accuracy up to one class (off by one counts as right)": lambda: (abs(TRUTH - ANSWERS) <= 1).mean(),
    "accuracy divided by 100": lambda: metrics.accuracy_score(TRUTH, ANSWERS) / 100,
    "cross-entropy loss": lambda: metrics.log_loss(TRUTH, PROBABILITIES),
}
OF_PROBABILITIES = {"top-", "subset", "accuracy of the thr", "share of whole", "cross"}


def evidence_for(name):
    if ("one class" in name and "up to" not in name) or "ROC" in name:
        return TWO
    return OTHERS if name.startswith(tuple(OF_PROBABILITIES)) else Evidence(TRUTH, ANSWERS, 5)


@pytest.mark.parametrize("name", list(SLIPS))
def test_a_figure_is_that_of_scikit_learn_and_is_found_from_its_digits(name):
    evidence = evidence_for(name)
    if name == "top-5 accuracy":  # of five classes every answer is among them
        assert SLIPS[name].values(evidence) == ()
        return
    expected = WITNESSES[name]()
    assert min(abs(value - expected) for value in SLIPS[name].values(evidence)) < 1e-12
    given: dict[str, Any] = {"n_classes": evidence.n_classes, "probabilities": evidence.probabilities}
    found = search_slips(report(f"{expected:.6f}"), evidence.truth, evidence.answers, **given)
    assert name in [slip.name for slip in found if slip.answer is None]
    assert found[0].accuracy == pytest.approx(evidence.right)


def test_classes_that_are_never_answered_or_never_there_count_as_in_scikit_learn():
    never = np.where(ANSWERS == 4, 0, ANSWERS)
    for truth, answers in ((TRUTH, never), (never, TRUTH)):
        evidence = Evidence(truth, answers, 5)
        for name, figure, settings in (
            ("macro F1", metrics.f1_score, {"average": "macro"}),
            ("macro precision", metrics.precision_score, {"average": "macro", "zero_division": 0}),
            ("weighted F1", metrics.f1_score, {"average": "weighted"}),
            ("Matthews correlation", metrics.matthews_corrcoef, {}),
        ):
            assert SLIPS[name].values(evidence)[0] == pytest.approx(figure(truth, answers, **settings))
        recalls = metrics.recall_score(truth, answers, average=None, labels=np.unique(truth))
        assert SLIPS["balanced accuracy"].values(evidence)[0] == pytest.approx(recalls.mean())


def test_one_constant_class_has_every_figure_that_is_defined():
    values = values_of(Evidence(np.zeros(4, int), np.zeros(4, int), 1))
    assert values["accuracy"] == (1.0,)
    assert values["Matthews correlation"] == values["Cohen's kappa"] == ()


def test_scoring_the_training_data_and_subsets_are_found():
    given: dict[str, Any] = {"answers": ANSWERS, "n_classes": 5}
    found = search_slips(report("0.9871"), TRUTH, training_accuracy=0.98712, **given)
    assert [slip.name for slip in found] == ["training accuracy"]
    found = search_slips(report("0.4321"), TRUTH, elsewhere={"accuracy of “b”": 0.4321}, **given)
    assert [slip.name for slip in found] == ["accuracy of “b”"]


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


def test_models_and_scores_are_counted_in_words_that_fit():
    labels = as_codes([1] * 1135 + 985 * [0, 2, 3, 4, 5, 6, 7, 8, 9])
    for names, words in ((("a",), "1, those of 1 model"), (("a", "b"), "2, those of 2 models")):
        rows = tuple(ReportedRow(Reported(name, "test", "0.8227")) for name in names)
        checked = check_claims(Claims("table", rows, {"test": Split("test", labels)}, n_classes=10))
        assert checked.facts["scores"] == words
        assert "1 models" not in str(checked)
