"""Training with scikit-learn's estimators and with glassnet's, as the studies do."""

import warnings

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss

from glassnet.nn.history import EpochRecord, History
from glassnet.studies.base import ModelResult
from glassnet.studies.comparison import PROMISED, compare_engines, pair_engines
from glassnet.studies.engines import (
    ENGINES,
    as_glassnet,
    describe_end,
    fit_classifier,
    fit_regressor,
)
from glassnet.studies.folder import RunFolder

DIGITS = load_digits()
X, y = DIGITS.data / 16, DIGITS.target
TRAIN, VALIDATION = (X[:400], y[:400]), (X[400:600], y[400:600])
SETTINGS = {"hidden_layer_sizes": (12, 7), "max_iter": 6, "batch_size": 50, "random_state": 3}


def epochs_of(fit, engine, train, validation, **settings):
    records = []
    return fit(engine, SETTINGS | settings, train, validation, records.append), records


def test_watching_does_not_change_what_scikit_learn_trains():
    watched, records = epochs_of(fit_classifier, "sklearn", TRAIN, VALIDATION)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        plain = sklearn.neural_network.MLPClassifier(**SETTINGS).fit(*TRAIN)
    for mine, theirs in zip(watched.coefs_, plain.coefs_, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert [record.loss for record in records] == plain.loss_curve_
    assert records[-1].validation_loss == log_loss(VALIDATION[1], plain.predict_proba(VALIDATION[0]))
    assert records[-1].validation_accuracy == plain.score(*VALIDATION)
    assert [record.epoch for record in records] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu", "identity"])
def test_both_engines_tell_of_the_same_epochs(activation):
    curves = [
        [
            (r.epoch, r.loss, r.validation_loss, r.validation_accuracy)
            for r in epochs_of(fit_classifier, engine, TRAIN, VALIDATION, activation=activation)[1]
        ]
        for engine in ENGINES
    ]
    np.testing.assert_allclose(curves[0], curves[1], rtol=0, atol=PROMISED)


def test_both_engines_regress_alike():
    images = (X[:400], X[:400]), (X[400:600], X[400:600])
    models, curves = [], []
    for engine in ENGINES:
        model, records = epochs_of(fit_regressor, engine, *images)
        models.append(model)
        curves.append([(record.loss, record.validation_loss) for record in records])
        assert all(record.validation_accuracy is None for record in records)
    np.testing.assert_allclose(curves[0], curves[1], rtol=0, atol=PROMISED)
    np.testing.assert_allclose(
        curves[1][-1][1], ((models[1].predict(X[400:600]) - X[400:600]) ** 2).mean() / 2, rtol=1e-12
    )


def test_a_model_of_scikit_learn_becomes_one_that_has_files_and_features():
    model, _ = epochs_of(fit_classifier, "sklearn", TRAIN, VALIDATION)
    ours = as_glassnet(model)
    assert ours.transform(X[:5], 0).shape == (5, 12)
    np.testing.assert_allclose(ours.predict_proba(X), model.predict_proba(X), atol=1e-12)
    assert as_glassnet(ours) is ours


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value", "ignore:Training interrupted")
def test_divergence_is_told_from_other_errors(engine):
    with pytest.raises(FloatingPointError):
        epochs_of(fit_regressor, engine, (X, X), (X, X), solver="sgd", learning_rate_init=1e30)
    with pytest.raises(ValueError, match="inconsistent numbers of samples") as caught:
        epochs_of(fit_classifier, engine, (X, y[:5]), VALIDATION)
    assert not isinstance(caught.value, FloatingPointError)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_end_is_described_alike(engine):
    model, records = epochs_of(fit_classifier, engine, TRAIN, VALIDATION)
    assert describe_end(model, 6) == "all 6 epochs done"
    model, records = epochs_of(fit_classifier, engine, TRAIN, VALIDATION, tol=1.0, max_iter=50)
    assert len(records) < 50
    assert describe_end(model, 50) == "the training loss improved by less than tol=1 for 10 epochs"


def result_of(name, engine, seconds, state="finished"):
    score = {"accuracy": 0.75}
    return ModelResult(
        f"{name}-{engine}", name, "glorot", state, 2, None, "", seconds, score, score, score, engine=engine
    )


def write_losses(folder, name, losses):
    records = [EpochRecord(i, loss, None, loss, None, 0.1) for i, loss in enumerate(losses, 1)]
    folder.write_history(name, History(records), durable=False)


def test_engines_are_compared_on_the_models_that_both_have_finished(tmp_path):
    folder = RunFolder(tmp_path)
    results = [
        result_of("relu", "glassnet", 2.0),
        result_of("relu", "sklearn", 5.0),
        result_of("tanh", "glassnet", 2.0),
        result_of("identity", "glassnet", 2.0),
        result_of("identity", "sklearn", 1.0, "diverged"),
    ]
    assert pair_engines(results) == [tuple(results[:2]), tuple(results[3:])]
    write_losses(folder, "relu-glassnet", [0.5, 0.25])
    write_losses(folder, "relu-sklearn", [0.5, 0.25 + 1e-9])
    (finding,) = compare_engines(results, "accuracy", folder)
    assert finding.title == "Both engines give the same numbers; scikit-learn takes 2.50 times as long."
    assert finding.table["rows"] == [["relu", "0.7500", "0.7500", "1.0e-09", "2.0", "5.0", "2.50 ×"]]
    write_losses(folder, "relu-sklearn", [0.5, 0.2501])
    assert "different numbers" in compare_engines(results, "accuracy", folder)[0].title
    write_losses(folder, "relu-sklearn", [0.5])
    assert compare_engines(results, "accuracy", folder)[0].table["rows"][0][3] == "inf"
    assert compare_engines(results[2:], "accuracy", folder) == []
