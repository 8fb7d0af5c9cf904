"""Figures of merit beside scikit-learn's, their intervals, and how they are written."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn import metrics as sklearn_metrics

from glassnet.tables import Task
from glassnet.tables.base import Score
from glassnet.tables.looks import measure_importance
from glassnet.tables.metrics import METRICS, RESAMPLES, list_metrics, of_folds, sample_rows
from glassnet.tables.words import figure

WITNESSES = {
    "roc_auc": lambda y, p, w: sklearn_metrics.roc_auc_score(y, p[:, 1], sample_weight=w),
    "accuracy": lambda y, p, w: sklearn_metrics.accuracy_score(y, p.argmax(axis=1), sample_weight=w),
    "log_loss": lambda y, p, w: sklearn_metrics.log_loss(y, p, sample_weight=w, labels=range(p.shape[1])),
    "rmse": lambda y, p, w: sklearn_metrics.root_mean_squared_error(y, p, sample_weight=w),
    "mae": lambda y, p, w: sklearn_metrics.mean_absolute_error(y, p, sample_weight=w),
    "r2": lambda y, p, w: sklearn_metrics.r2_score(y, p, sample_weight=w),
}


def answers_for(metric, n, rng):
    """Return truth and answers, some of them equal, as a figure asks for them."""
    if metric.task is Task.REGRESSION:
        return rng.normal(size=n), rng.normal(size=n)
    n_classes = 2 if metric.two_classes else 4
    answers = rng.dirichlet(np.ones(n_classes), n).round(1 if metric.two_classes else 6)
    answers[:, 0] = 1 - answers[:, 1:].sum(axis=1)
    return rng.integers(0, n_classes, n), np.clip(answers, 0, 1)


@pytest.mark.parametrize("name", METRICS)
def test_each_figure_is_that_of_scikit_learn_with_and_without_weights(name):
    rng, metric = np.random.default_rng(0), METRICS[name]
    y, answers = answers_for(metric, 300, rng)
    weights = rng.integers(0, 4, 300).astype(float)
    assert_allclose(metric.measure(y, answers), WITNESSES[name](y, answers, None), rtol=1e-12)
    assert_allclose(metric.prepare(y, answers)(weights), WITNESSES[name](y, answers, weights), rtol=1e-12)


@pytest.mark.parametrize(
    ("task", "n_classes", "names"),
    [
        (Task.CLASSIFICATION, 2, ["roc_auc", "accuracy", "log_loss"]),
        (Task.CLASSIFICATION, 3, ["accuracy", "log_loss"]),
        (Task.REGRESSION, 0, ["rmse", "mae", "r2"]),
    ],
)
def test_a_task_has_the_figures_that_suit_it_the_main_one_first(task, n_classes, names):
    assert [metric.name for metric in list_metrics(task, n_classes)] == names


# -- intervals --------------------------------------------------------------------------------------


def test_the_interval_of_a_share_is_that_of_the_binomial_distribution():
    rng = np.random.default_rng(1)
    right = rng.random(2000) < 0.8
    answers = np.where(right[:, None], [1.0, 0.0], [0.0, 1.0])
    score = sample_rows(
        METRICS["accuracy"], np.zeros(2000, int) + np.r_[1, np.zeros(1999, int)], answers, 0
    ).score
    half = 1.96 * np.sqrt(score.value * (1 - score.value) / 2000)
    assert_allclose([score.low, score.high], [score.value - half, score.value + half], atol=0.003)


def test_samples_of_rows_are_the_same_for_every_model_so_their_difference_is_that_on_the_same_rows():
    rng = np.random.default_rng(2)
    y = rng.normal(size=500)
    worse, better = y + rng.normal(size=500), y + 0.5 * rng.normal(size=500)
    metric = METRICS["rmse"]
    one, other = sample_rows(metric, y, worse, 0), sample_rows(metric, y, better, 0)
    assert len(one.samples) == RESAMPLES
    lead = one.minus(other).score
    assert lead.low < lead.value < lead.high
    assert_allclose(lead.value, metric.measure(y, worse) - metric.measure(y, better))
    same = one.minus(sample_rows(metric, y, worse, 0)).score
    assert same == Score(0.0, 0.0, 0.0)


def test_rare_classes_are_in_every_sample():
    y = np.array([1] * 2 + [0] * 38)
    answers = np.column_stack([np.linspace(1, 0, 40), np.linspace(0, 1, 40)])
    assert np.isfinite(sample_rows(METRICS["roc_auc"], y, answers, 0).samples).all()


def test_the_interval_of_folds_is_wider_than_their_standard_error_because_their_training_parts_overlap():
    folds = [(np.zeros(4), np.full(4, error)) for error in (1.0, 2.0, 3.0, 4.0, 5.0)]
    sampled = of_folds(METRICS["mae"], folds)
    assert sampled.value == 3.0
    reach = 2.7764 * np.sqrt(2.5) * np.sqrt(1 / 5 + 1 / 4)  # t with 4 degrees of freedom, s^2 = 2.5
    assert_allclose([sampled.score.low, sampled.score.high], [3 - reach, 3 + reach], rtol=2e-3)
    assert sampled.minus(sampled).score == Score(0.0, 0.0, 0.0)


# -- importance -------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_rows", [50, 3000])
def test_the_importance_of_a_column_is_what_its_exchange_costs(n_rows, monkeypatch):
    monkeypatch.setattr(
        "glassnet.tables.looks.MOST_VALUES", 9 * 3 * 700
    )  # of 3 features, 3 columns, 3 repeats
    Z = np.random.default_rng(0).normal(size=(n_rows, 3))
    Z[:, 1] = -Z[:, 2]
    truth = 2 * Z[:, 2]
    rows_seen = set()

    def score(Z, rows):
        rows_seen.add(len(rows))
        return -float(np.mean((Z[:, 2] - Z[:, 1] - truth[rows]) ** 2))

    found = measure_importance(score, Z, {"b": [0], "a": [1, 2]}, seed=0)
    assert list(found) == ["b", "a"]
    assert found["b"] == (0.0, 0.0)
    assert found["a"][0] == pytest.approx(8, rel=0.5)  # the mean square of 2 (a - a'), both of variance 1
    assert rows_seen == {min(n_rows, 9 * 3 * 700 // (2 * 3 * 3))}


# -- words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5000"),
        (1.0, "1.0000"),
        (-2.34567, "-2.346"),
        (1234567.0, "1,234,567"),
        (1e-5, "1.0e-05"),
        (0, "0"),
    ],
)
def test_figures_have_about_four_digits(value, text):
    assert figure(value) == text
