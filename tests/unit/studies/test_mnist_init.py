"""The study mnist-init: what the published figures are, how models are judged, and what each one leaves."""

import math
from dataclasses import replace

import numpy as np
import pytest

from glassnet.data import load_mnist
from glassnet.models.neural_network import NeuralNetwork
from glassnet.studies import STUDIES
from glassnet.studies.assignment.mnist_init import (
    BATCH_SIZE,
    HIDDEN,
    LEARNING_RATE,
    MNIST_INIT,
    PATIENCE,
    PUBLISHED_STOPS,
    SPECS,
    conclude,
    load_parts,
    train,
)
from glassnet.studies.base import ModelResult
from glassnet.studies.folder import MODEL_FILE, RunFolder

CONFIG = MNIST_INIT.config()
QUICK = MNIST_INIT.config(quick=True, epochs=1)


def fabricate(name, *, validation_loss=0.5, accuracy=0.9, epochs=100, stopped_early=False, **changes):
    """Return a result such as train() returns, with numbers of the test's own."""
    spec = next(spec for spec in SPECS if spec.name == name)
    scores = {"loss": validation_loss, "accuracy": accuracy}
    return replace(
        ModelResult(
            name=name,
            activation=spec.activation,
            weight_init=spec.weight_init,
            state="finished",
            stopped_epoch=epochs,
            best_epoch=epochs - PATIENCE if stopped_early else epochs,
            stopping_reason="words for people, by which nothing is decided",
            seconds=1.0,
            train=scores,
            validation=scores,
            test=scores,
            evidence={
                "gradient_norms": [0.001, 0.002, 0.004, 0.02, 0.1],
                "unit_spread": [0.0] * 4 if spec.weight_init == "zero" else [0.5] * 4,
                "answers": [0, 10_000, 0, 0, 0, 0, 0, 0, 0, 0],
            },
        ),
        **changes,
    )


@pytest.fixture
def folder(tmp_path):
    """Return a run folder with the files of every model, which answer at random."""
    network = NeuralNetwork(N=1, A=[4], random_state=0).initialize(np.zeros((10, 784)), np.arange(10))
    for spec in SPECS:
        network.save(RunFolder(tmp_path).model_path(spec.name) / MODEL_FILE)
    return tmp_path


def claims_on(conclusion, quantity):
    return [claim for claim in conclusion.claims if quantity in claim.quantity]


# -- the study itself -------------------------------------------------------------------------------


def test_it_is_the_assignments():
    assert STUDIES["mnist-init"] is MNIST_INIT
    assert HIDDEN == [256, 128, 64, 32]
    assert (LEARNING_RATE, BATCH_SIZE, MNIST_INIT.epochs) == (0.002, 128, 100)
    assert len(SPECS) == 12
    assert {(spec.activation, spec.weight_init) for spec in SPECS} == {
        (activation, weight_init)
        for activation in ("sigmoid", "tanh", "relu", "leaky_relu")
        for weight_init in ("zero", "random", "normal")
    }
    assert PUBLISHED_STOPS.keys() == {spec.name for spec in SPECS}


def test_the_images_are_split_as_in_the_assignment():
    parts = load_parts(False, 0)
    assert {name: len(labels) for name, (_, labels) in parts.items()} == {
        "train": 48_000,
        "validation": 12_000,
        "test": 10_000,
    }
    assert {images.shape[1] for images, _ in parts.values()} == {784}
    counts = [np.bincount(parts[name][1], minlength=10) for name in ("train", "validation")]
    np.testing.assert_array_equal(sum(counts), np.bincount(load_mnist().train.labels))
    np.testing.assert_allclose(counts[0], 4 * counts[1], atol=4)
    load_parts.cache_clear()


# -- what the published accuracies are --------------------------------------------------------------


def test_the_other_published_accuracies_imply_all_ones_of_the_training_file(folder):
    assert (load_mnist().train.labels == 1).sum() == 5420 + 1322 == 6742
    conclusion = conclude(CONFIG, [], folder)
    slip = conclusion.findings[0]
    for number in ("0.8227", "0.1135", "5,420", "1,322", "6,742"):
        assert number in slip.text
    assert [row[:3] for row in slip.table["rows"]] == [
        ["training", "0.8225833", "5,420"],
        ["validation", "0.8220333", "1,322"],
        ["test", "0.8227", "1,135"],
    ]
    claims = claims_on(conclusion, "each of the 12 models")
    assert [(claim.published, claim.reproduced, claim.verdict) for claim in claims] == [
        ("0.8225833", "no model yet", "wrong"),
        ("0.8220333", "no model yet", "wrong"),
        ("0.8227", "no model yet", "wrong"),
    ]
    for claim in claims:
        assert claim.published_is == "the share of one-hot entries that “always 1” gets right"
        assert f"“Always 1” scores {claim.published} entry by entry" in claim.explanation


# -- judging models ---------------------------------------------------------------------------------


def test_without_models_there_is_no_best(folder):
    conclusion = conclude(CONFIG, [], folder)
    assert conclusion.best == {}
    assert len(conclusion.findings) == 1
    assert len(conclusion.claims) == 3


def test_the_best_model_has_the_lowest_validation_loss(folder):
    results = [
        fabricate("tanh-normal", validation_loss=0.31, accuracy=0.99),
        fabricate("relu-random", validation_loss=0.27, accuracy=0.91),
        fabricate("relu-zero", validation_loss=2.3, accuracy=0.1135),
    ]
    conclusion = conclude(CONFIG, results, folder)
    assert claims_on(conclusion, "best combination") == []  # as long as others are missing
    assert conclusion.best["name"] == "relu-random"
    assert "0.2700" in conclusion.best["reason"]
    assert "tanh-normal with 0.3100" in conclusion.best["reason"]
    for loss, best, verdict in ((0.5, "relu-random", "not reproducible"), (0.2, "relu-normal", "confirmed")):
        known = {result.name: result for result in [*results, fabricate("relu-normal", validation_loss=loss)]}
        every = [known.get(spec.name) or fabricate(spec.name, validation_loss=1.0) for spec in SPECS]
        (claim,) = claims_on(conclude(CONFIG, every, folder), "best combination")
        assert (claim.published, claim.reproduced, claim.verdict) == ("relu-normal", best, verdict)


def test_the_errors_of_the_best_model_are_shown_surest_first(folder):
    best = conclude(CONFIG, [fabricate("relu-random")], folder).best
    test = load_mnist().test
    confusion = np.array(best["confusion"])
    np.testing.assert_array_equal(confusion.sum(axis=1), np.bincount(test.labels))
    probabilities = NeuralNetwork.load(RunFolder(folder).model_path("relu-random") / MODEL_FILE).predict_prob(
        test.images.reshape(10_000, 784)
    )
    np.testing.assert_array_equal(confusion.sum(axis=0), np.bincount(probabilities.argmax(1), minlength=10))
    errors = best["confident_errors"]
    assert len(errors) == 15
    assert [error["probability"] for error in errors] == sorted(
        (error["probability"] for error in errors), reverse=True
    )
    for error in errors:
        assert error["label"] == test.labels[error["index"]] != error["predicted"]
        assert error["probability"] == pytest.approx(probabilities[error["index"], error["predicted"]])
    wrong = probabilities.argmax(axis=1) != test.labels
    assert errors[0]["probability"] == pytest.approx(probabilities[wrong].max())


def test_each_models_accuracy_stands_beside_the_published_one(folder):
    diverged = fabricate(
        "tanh-random",
        state="diverged",
        best_epoch=None,
        **{split: {"loss": None, "accuracy": None} for split in ("train", "validation", "test")},
    )
    conclusion = conclude(CONFIG, [fabricate("relu-normal", accuracy=0.91234), diverged], folder)
    (claim,) = claims_on(conclusion, "relu-normal: accuracy")
    assert claim.published == "0.8226 / 0.8220 / 0.8227"
    assert claim.reproduced == "0.9123 / 0.9123 / 0.9123"
    assert claim.verdict == "wrong"
    (claim,) = claims_on(conclusion, "tanh-random: accuracy")
    assert claim.reproduced == "none / none / none"
    assert conclusion.best["name"] == "relu-normal"


@pytest.mark.parametrize(
    ("name", "epochs", "early", "published", "reproduced", "verdict"),
    [
        ("sigmoid-zero", 8, True, "epoch 8", "epoch 8", "confirmed"),
        ("sigmoid-zero", 12, True, "epoch 8", "epoch 12", "not reproducible"),
        ("sigmoid-zero", 100, False, "epoch 8", "none", "not reproducible"),
        ("relu-normal", 100, False, "none", "none", "confirmed"),
        ("relu-normal", 60, True, "none", "epoch 60", "not reproducible"),
        ("sigmoid-zero", 8, False, "epoch 8", "none", "not reproducible"),
    ],
)
def test_stopping_epochs_are_compared(name, epochs, early, published, reproduced, verdict, folder):
    result = fabricate(name, epochs=epochs, stopped_early=early)
    (claim,) = claims_on(conclude(CONFIG, [result], folder), f"{name}: early stop")
    assert (claim.published, claim.reproduced, claim.verdict) == (published, reproduced, verdict)


def test_zero_initialisation_is_found_symmetric_not_overfitting(folder):
    zero = fabricate(
        "relu-zero",
        train={"loss": 2.3, "accuracy": 0.1124},
        test={"loss": 2.3, "accuracy": 0.1135},
    )
    conclusion = conclude(CONFIG, [zero, fabricate("relu-normal")], folder)
    (claim,) = claims_on(conclusion, "overfit")
    assert claim.verdict == "wrong"
    assert "0.0011" in claim.reproduced
    (finding,) = [finding for finding in conclusion.findings if "starts at zero" in finding.title]
    assert "“1”" in finding.text
    assert "0.1135" in finding.text
    rows = finding.table["rows"]
    assert [row[0] for row in rows] == ["relu-zero", "relu-normal"]
    assert all(float(spread) == 0 for spread in rows[0][1:5])
    assert all(float(spread) == 0.5 for spread in rows[1][1:5])
    assert len(finding.table["columns"]) == len(rows[0])


def test_without_a_zero_initialised_model_nothing_is_said_of_it(folder):
    conclusion = conclude(CONFIG, [fabricate("relu-normal")], folder)
    assert claims_on(conclusion, "overfit") == []
    assert not [finding for finding in conclusion.findings if "zero" in finding.title]


def test_vanishing_gradients_are_shown_by_their_norms(folder):
    results = [fabricate("sigmoid-normal", validation_loss=2.3), fabricate("relu-normal")]
    conclusion = conclude(CONFIG, results, folder)
    (finding,) = [finding for finding in conclusion.findings if "sigmoid layers" in finding.title]
    assert "100 times smaller" in finding.text
    assert f"{math.log(10):.3f}" in finding.text
    assert [row[0] for row in finding.table["rows"]] == ["sigmoid-normal", "relu-normal"]
    assert [row[-1] for row in finding.table["rows"]] == ["100.0", "100.0"]


def test_conclusions_fit_on_any_part_of_the_models(folder):
    results = [fabricate(spec.name) for spec in SPECS]
    for count in (1, 4, 12):
        conclusion = conclude(CONFIG, results[:count], folder)
        assert len(claims_on(conclusion, "early stop")) == count
        assert {claim.verdict for claim in conclusion.claims} <= {"confirmed", "not reproducible", "wrong"}


# -- training ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return what training two models for one short epoch gives, with the epochs and the folders."""
    found = {}
    for name in ("relu-normal", "relu-zero", "sigmoid-zero"):
        path, epochs = tmp_path_factory.mktemp(name), []
        spec = next(spec for spec in SPECS if spec.name == name)
        found[name] = train(QUICK, spec, path, epochs.append), epochs, path
    return found


def test_training_gives_scores_of_the_saved_network(trained):
    result, epochs, path = trained["relu-normal"]
    assert (result.name, result.activation, result.weight_init) == ("relu-normal", "relu", "normal")
    assert result.state == "finished"
    assert result.stopped_epoch == result.best_epoch == len(epochs) == 1
    assert result.stopping_reason == "the one epoch was run"
    network = NeuralNetwork.load(path / MODEL_FILE)
    assert [weight.shape for weight in network.weights_] == [
        (784, 256),
        (256, 128),
        (128, 64),
        (64, 32),
        (32, 10),
    ]
    parts = load_parts(True, 0)
    assert {name: len(labels) for name, (_, labels) in parts.items()} == {
        "train": 12_000,
        "validation": 3_000,
        "test": 10_000,
    }
    for name in ("train", "validation", "test"):
        loss, accuracy = network.evaluate(*parts[name])
        assert getattr(result, name) == {"loss": loss, "accuracy": accuracy}
    assert result.validation["loss"] == epochs[0].validation_loss
    assert 0.15 < result.test["accuracy"] < 0.9
    assert sum(result.evidence["answers"]) == 10_000


def test_the_evidence_tells_the_start_and_the_end(trained):
    drawn, zero = trained["relu-normal"][0].evidence, trained["relu-zero"][0].evidence
    assert len(drawn["gradient_norms"]) == 5
    assert len(drawn["unit_spread"]) == 4
    assert min(drawn["gradient_norms"]) > 1e-3
    assert min(drawn["unit_spread"]) > 0.1
    assert zero["gradient_norms"] == [0] * 5
    assert zero["unit_spread"] == [0] * 4
    assert sorted(zero["answers"]) == [0] * 9 + [10_000]
    assert zero["answers"][1] == 10_000
    assert trained["relu-zero"][0].test["accuracy"] == 0.1135


def test_a_network_that_starts_at_zero_moves_only_its_output_biases(trained):
    network = NeuralNetwork.load(trained["relu-zero"][2] / MODEL_FILE)
    assert all((weight == 0).all() for weight in network.weights_)
    assert all((bias == 0).all() for bias in network.biases_[:-1])
    assert (network.biases_[-1] != 0).all()
    # sigmoid's units are 1/2 at zero, so its output weights move too, but all in step
    sigmoid = NeuralNetwork.load(trained["sigmoid-zero"][2] / MODEL_FILE)
    assert np.ptp(sigmoid.weights_[-1], axis=0).max() < 1e-6
    assert np.abs(sigmoid.weights_[-1]).max() > 1e-4
    assert max(trained["sigmoid-zero"][0].evidence["unit_spread"]) < 1e-6


def test_training_again_gives_the_same(trained, tmp_path):
    first, _, path = trained["relu-normal"]
    spec = next(spec for spec in SPECS if spec.name == "relu-normal")
    again = train(QUICK, spec, tmp_path, lambda record: None)
    assert replace(again, seconds=0) == replace(first, seconds=0)
    one, two = (NeuralNetwork.load(folder / MODEL_FILE) for folder in (path, tmp_path))
    np.testing.assert_array_equal(one.parameters_.theta, two.parameters_.theta)


def test_a_model_that_diverges_at_once_has_no_scores(tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.studies.assignment.mnist_init.LEARNING_RATE", 1e30)
    spec = next(spec for spec in SPECS if spec.name == "relu-normal")
    result = train(QUICK, spec, tmp_path, lambda record: None)
    assert result.state == "diverged"
    assert result.stopped_epoch == 0
    assert result.best_epoch is None
    assert result.stopping_reason.startswith("diverged: ")
    for scores in (result.train, result.validation, result.test):
        assert scores == {"loss": None, "accuracy": None}
    assert (tmp_path / MODEL_FILE).exists()
    conclusion = conclude(QUICK, [result], tmp_path)
    assert conclusion.best == {}
