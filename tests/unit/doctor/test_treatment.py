"""A cure is tried under the same budget, and proven or withdrawn."""

import contextlib
import json
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.datasets import load_digits

import glassnet
from glassnet.doctor import diagnose
from glassnet.doctor.findings import Cure, Finding, Severity
from glassnet.doctor.treatment import Course, Treatment, treat
from glassnet.doctor.write.html import render_page
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.nn.history import History

X_ALL, Y_ALL = load_digits(return_X_y=True)
X, Y = X_ALL[:1200] / 16, Y_ALL[:1200]
X_TEST, Y_TEST = X_ALL[1200:] / 16, Y_ALL[1200:]
SETTINGS: dict[str, Any] = {
    "N": 2,
    "A": [32, 16],
    "lr": 0.1,
    "epochs": 30,
    "batch_size": 32,
    "random_state": 0,
}


def visit(model, X=X, X_test=X_TEST):
    """Diagnose and treat a model."""
    diagnosis = diagnose(model, X, Y, X_test=X_test, y_test=Y_TEST)
    return treat(diagnosis, model, X, Y, X_test=X_test, y_test=Y_TEST)


def test_the_zero_initialised_network_is_cured():
    network = glassnet.NeuralNetwork(**SETTINGS, weight_init="zero").fit(X, Y)
    before = network.score(X_TEST, Y_TEST)
    treatment = visit(network)
    assert treatment.finding.code == "symmetric-units"
    assert treatment.is_proven
    assert treatment.outcome == "proven"
    assert treatment.before.score == before == network.score(X_TEST, Y_TEST)
    assert treatment.after.score > 0.85
    assert len(treatment.after.history) <= SETTINGS["epochs"]
    assert treatment.model.weight_init == "he_normal"
    assert network.weight_init == "zero"
    assert "proven" in str(treatment)
    page = render_page("t", [treatment.document])
    assert page.count("<svg") == 2
    json.dumps(treatment.to_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"lr": 1e-5}, "small-learning-rate"),
        ({"lr": 30.0}, "large-learning-rate"),
        ({"N": 5, "A": [32] * 5, "activation": "sigmoid"}, "vanishing-gradients"),
        ({"A": [32, 1]}, "too-few-units"),
        ({"epochs": 1}, "early-end"),
    ],
)
def test_other_cures_are_proven(settings, code):
    network = glassnet.NeuralNetwork(**SETTINGS | settings)
    with contextlib.suppress(glassnet.DivergedError):
        network.fit(X, Y)
    treatment = visit(network)
    assert treatment.finding.code == code
    assert treatment.is_proven


def test_inputs_are_scaled_where_that_is_the_cure():
    network = glassnet.NeuralNetwork(**SETTINGS | {"lr": 0.2}).fit(X * 2000, Y)
    treatment = visit(network, X * 2000, X_TEST * 2000)
    assert treatment.finding.code == "unscaled-inputs"
    assert treatment.after.score > 0.85


def test_scikit_learns_classifier_is_treated_and_left_as_it_is():
    model = sklearn.neural_network.MLPClassifier((32,), max_iter=2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, Y)
    weights = [weight.copy() for weight in model.coefs_]
    treatment = visit(model)
    assert treatment.finding.code == "early-end"
    assert treatment.is_proven
    np.testing.assert_equal(model.coefs_, weights)


def test_a_cure_that_does_not_help_is_withdrawn(monkeypatch):
    network = glassnet.NeuralNetwork(**SETTINGS, weight_init="zero").fit(X, Y)
    diagnosis = diagnose(network, X, Y, X_test=X_TEST, y_test=Y_TEST)
    object.__setattr__(diagnosis.findings[0], "cure", Cure("Hope.", {"epochs": 3}))
    treatment = treat(diagnosis, network, X, Y, X_test=X_TEST, y_test=Y_TEST)
    assert not treatment.is_proven
    assert treatment.outcome == "withdrawn"
    assert "withdrawn" in treatment.verdict


def judged(before, after, reference, n=500, is_classifier=True):
    """Return a treatment whose trainings came to these scores, from three seeds."""
    first, last = (Course(History(), scores[0]) for scores in (before, after))
    cure = Cure("Hope.", {"epochs": 3})
    finding = Finding("early-end", Severity.HIGH, "It ended.", "", "", "", "", cure)
    return Treatment(
        finding, cure, first, last, before, after, reference, "held-out", n, is_classifier, model=None
    )


@pytest.mark.parametrize(
    ("scores", "outcome"),
    [
        (([-0.743] * 3, [-0.742] * 3, 0.8, 500, False), "withdrawn"),
        (([-0.743] * 3, [-0.742] * 3, None, 500, False), "withdrawn"),
        (([-0.743] * 3, [0.75, 0.7, 0.72], 0.8, 500, False), "proven"),
        (([0.092] * 3, [0.14] * 3, 0.98), "withdrawn"),  # not half of what was to be had
        (([0.092] * 3, [0.5, 0.52, 0.51], 0.98), "withdrawn"),
        (([0.092] * 3, [0.55, 0.6, 0.57], 0.98), "proven"),
        (([0.1, 0.1, 0.65], [0.9, 0.95, 0.6], 0.95), "undecided"),  # not from every seed
        (([0.6] * 3, [0.7] * 3, 0.7, 40), "undecided"),  # within the interval of 40 samples
        (([0.6] * 3, [0.7] * 3, 0.7, 4000), "proven"),
        (([0.45] * 3, [0.26] * 3, 0.6, 500, False), "withdrawn"),
    ],
)
def test_a_cure_is_proven_by_half_of_what_was_missing_beyond_chance_from_every_seed(scores, outcome):
    assert judged(*scores).outcome == outcome


def test_without_test_data_the_scores_are_of_samples_that_no_training_saw():
    network = glassnet.NeuralNetwork(**SETTINGS, weight_init="zero").fit(X, Y)
    treatment = treat(diagnose(network, X, Y), network, X, Y)
    assert (treatment.scored_on, treatment.n_scored) == ("held-out", len(X) // 4)
    assert len(treatment.scores_before) == len(treatment.scores_after) == 3
    assert treatment.is_proven


def overflowing():
    """Return a classifier of scikit-learn whose training comes to weights that are not finite."""
    return sklearn.neural_network.MLPClassifier(
        (8,), solver="sgd", activation="identity", learning_rate_init=1e100, max_iter=5, random_state=0
    )


def test_a_training_of_scikit_learns_that_overflows_is_a_result():
    model = overflowing()
    diagnosis = diagnose(model, X, Y, X_test=X_TEST, y_test=Y_TEST)
    object.__setattr__(diagnosis.findings[0], "cure", Cure("Hope.", {"max_iter": 4}))
    treatment = treat(diagnosis, model, X, Y, X_test=X_TEST, y_test=Y_TEST)
    assert not np.isfinite(treatment.model.coefs_[0]).all()
    assert treatment.outcome == "withdrawn"


def test_test_samples_of_classes_that_were_never_trained_are_left_out():
    few = Y < 8
    network = glassnet.NeuralNetwork(**SETTINGS, weight_init="zero").fit(X[few], Y[few])
    diagnosis = diagnose(network, X[few], Y[few], X_test=X_TEST, y_test=Y_TEST)
    treatment = treat(diagnosis, network, X[few], Y[few], X_test=X_TEST, y_test=Y_TEST, seeds=1)
    assert treatment.n_scored == (Y_TEST < 8).sum()
    assert treatment.is_proven


def test_a_cure_that_the_data_do_not_do_for_is_named():
    few = np.r_[np.zeros(20, int), 1]
    model = glassnet.MLPClassifier((4,), max_iter=3, random_state=0)
    diagnosis = diagnose(model, X[:21], few)
    cure = Cure("Stop early.", {"early_stopping": True})
    finding = Finding("overfitting", Severity.MEDIUM, "It overfits.", "", "", "", "", cure)
    with pytest.raises(InvalidDataError, match=r"of overfitting.*cannot be tried.*class 1 has a single"):
        treat(replace(diagnosis, findings=[finding]), model, X[:21], few, X_test=X_TEST[:9], y_test=few[:9])


def test_another_error_of_a_training_is_not_taken_for_one_that_overflowed():
    model = overflowing()
    diagnosis = diagnose(model, X, Y)
    object.__setattr__(diagnosis.findings[0], "cure", Cure("Hope.", {"max_iter": -4}))
    with pytest.raises(ValueError, match="'max_iter' parameter"):
        treat(diagnosis, model, X, Y)


def test_a_healthy_network_is_not_treated():
    network = glassnet.NeuralNetwork(**SETTINGS).fit(X, Y)
    with pytest.raises(InvalidParameterError, match="no finding has a cure"):
        visit(network)


def test_an_untrained_network_is_trained_for_the_comparison():
    network = glassnet.NeuralNetwork(**SETTINGS, weight_init="zero")
    assert visit(network).before.score < 0.2
    assert not hasattr(network, "parameters_")
