"""The studies on Fashion-MNIST with networks: what they train, keep and conclude."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from glassnet.data import load_fashion_mnist
from glassnet.models import MLPClassifier, MLPRegressor
from glassnet.studies import STUDIES, RunFolder
from glassnet.studies.assignment import (
    fashion_activations as activations,
    fashion_features as features,
    fashion_reconstruction as reconstruction,
)
from glassnet.studies.assignment.fashion import load_parts, scaled
from glassnet.studies.engines import ENGINES
from glassnet.studies.folder import MODEL_FILE
from glassnet.studies.runner import run_study

COMPARING = [name for name, study in STUDIES.items() if study.beside]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Return the results of these studies, each run for two epochs, by name; the folder as ``root``."""
    root = tmp_path_factory.mktemp("runs")
    results = {"root": root}
    for name in COMPARING:
        study = STUDIES[name]
        config = study.config(quick=True, epochs=None if study.needs else 2)
        *_, last = run_study(study, config, root / name, engines=study.engines, jobs=1)
        conclusion = study.conclude(config, last.results.models, root / name)  # a quick run gives up verdicts
        results[name] = replace(last.results, conclusion=conclusion)
    return results


def model_of(runs, study, name, cls):
    return cls.load(RunFolder(runs["root"] / study).model_path(name) / MODEL_FILE)


def finding(results, words):
    (found,) = [finding for finding in results.conclusion.findings if words in finding.title + finding.text]
    return found


@pytest.mark.parametrize("name", COMPARING)
def test_both_engines_come_to_the_same_numbers(runs, name):
    results = runs[name]
    assert results.complete
    assert results.engines == list(ENGINES)
    assert "the same numbers" in finding(results, "Both engines").title
    for own, other in zip(results.models[::2], results.models[1::2], strict=True):
        assert (own.engine, other.engine) == tuple(ENGINES)
        for split in ("train", "validation", "test"):
            for metric, value in getattr(own, split).items():
                assert value == pytest.approx(getattr(other, split)[metric], abs=1e-9)


def test_activations_are_scored_on_every_split(runs):
    parts = load_parts(True)
    for result in runs["fashion-activations"].models:
        model = model_of(runs, "fashion-activations", result.name, MLPClassifier)
        assert model.activation == result.activation
        for name, (X, y) in parts.items():
            assert getattr(result, name)["accuracy"] == model.score(scaled(X), y)


def test_predicted_classes_are_counted_for_every_division(runs):
    found = finding(runs["fashion-activations"], "divided by 255")
    X, _ = load_parts(True)["test"]
    (exhibit,) = found.exhibits
    assert exhibit.data["columns"] == ["divided by 255 once", "divided by 255 twice", "not divided"]
    for row in exhibit.data["rows"]:
        model = model_of(runs, "fashion-activations", f"{row['name']}-glassnet", MLPClassifier)
        for divisor, counts in zip((255, 255 * 255, 1), row["counts"], strict=True):
            assert counts == np.bincount(model.predict(X / divisor), minlength=10).tolist()


class Answers:
    """Answer one class to dark images, and rightly to others."""

    def __init__(self, constant_below):
        self.constant_below = constant_below

    def predict(self, X):
        labels = load_parts(True)["test"][1]
        return np.full(len(X), 5) if X.max() < self.constant_below else labels

    def predict_proba(self, X):
        return np.eye(10)[self.predict(X)]

    def score(self, X, y):
        return float((self.predict(X) == y).mean())


@pytest.mark.parametrize(
    ("constant_below", "title"),
    [
        (0.5, "every model gives one for test images divided by 255 twice."),
        (2, "every model gives one for test images divided by 255 once or divided by 255 twice."),
        (0, "no division of the test images makes every model give one."),
    ],
)
def test_the_division_that_makes_one_answer_is_named(runs, monkeypatch, constant_below, title):
    monkeypatch.setattr(MLPClassifier, "load", lambda path: Answers(constant_below))
    results = runs["fashion-activations"]
    found = activations.conclude(results.config, results.models, runs["root"] / "fashion-activations")
    assert found.findings[0].title.endswith(title)


def test_a_published_score_near_the_true_one_would_be_confirmed(runs, monkeypatch):
    results = runs["fashion-activations"]
    claims = {claim.quantity: claim for claim in results.conclusion.claims}
    assert claims["relu: test accuracy"].verdict == "wrong"
    relu = next(model for model in results.models if model.name == "relu-glassnet")
    monkeypatch.setitem(activations.PUBLISHED_ACCURACY, "relu", round(relu.test["accuracy"], 3))
    config = results.config
    conclusion = activations.conclude(config, results.models, runs["root"] / "fashion-activations")
    claims = {claim.quantity: claim for claim in conclusion.claims}
    assert claims["relu: test accuracy"].verdict == "confirmed"


def test_the_images_shown_carry_each_models_answers(runs):
    found = finding(runs["fashion-activations"], "The images with their labels")
    data = found.exhibits[0].data
    assert data["indices"] == list(range(10))
    assert len(data["models"]) == 8
    X = scaled(load_parts(True)["test"][0][:10])
    for shown in data["models"]:
        model = model_of(runs, "fashion-activations", shown["name"].replace(" · ", "-"), MLPClassifier)
        assert shown["answers"] == model.predict(X).tolist()


def test_reconstructions_are_judged_against_the_mean_image_and_linear_compression(runs):
    results = runs["fashion-reconstruction"]
    rows = {row[0]: row for row in finding(results, "without a network").table["rows"]}
    parts = load_parts(True)
    train, test = scaled(parts["train"][0]), scaled(parts["test"][0])
    assert rows["mean image"][1] == f"{((train.mean(axis=0) - test) ** 2).mean():.4f}"
    assert rows["mean image"][2] == "0.0%"
    centred = train - train.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    basis = directions[:64]
    linear = (test - train.mean(axis=0)) @ basis.T @ basis + train.mean(axis=0)
    assert rows["PCA, 64 components"][1] == f"{((linear - test) ** 2).mean():.4f}"
    for result in results.models:
        model = model_of(runs, "fashion-reconstruction", result.name, MLPRegressor)
        assert result.test["mse"] == pytest.approx(((model.predict(test) - test) ** 2).mean())
        assert rows[result.activation][1] == f"{result.test['mse']:.4f}"


def test_originals_stand_above_reconstructions_and_errors(runs):
    data = next(f for f in runs["fashion-reconstruction"].conclusion.findings if f.exhibits).exhibits[0].data
    labels = [row["label"] for row in data["rows"]]
    assert labels[:3] == ["original", "reconstructed by relu", "error of relu"]
    assert labels[-2:] == ["mean image", "PCA, 64 components"]
    images = load_fashion_mnist().test.images
    for index, picture in enumerate(data["rows"][0]["pictures"]):
        shown = imread(io.BytesIO(base64.b64decode(picture)))
        assert np.abs((1 - shown[:, :, 0]) * 255 - images[index]).max() < 1.5  # dark on white


@pytest.mark.parametrize(
    ("kept", "verdict"), [(0.95, "confirmed"), (0.81, "confirmed"), (0.79, "wrong"), (-0.5, "wrong")]
)
def test_doing_well_is_measured_by_what_linear_compression_keeps(runs, monkeypatch, kept, verdict):
    """`kept` is the share of what linear compression keeps of the variance around the mean image."""
    results = runs["fashion-reconstruction"]
    rows = {row[0]: float(row[1]) for row in finding(results, "without a network").table["rows"]}
    missing = 1 - kept * (1 - rows["PCA, 64 components"] / rows["mean image"])
    mean = scaled(load_parts(True)["train"][0]).mean(axis=0)

    class Shrinks:
        def predict(self, X):
            return X + (mean - X) * np.sqrt(missing)

    monkeypatch.setattr(MLPRegressor, "load", lambda path: Shrinks())
    relu = [result for result in results.models if result.name == "relu-glassnet"]
    (claim,) = reconstruction.conclude(results.config, relu, runs["root"] / "fashion-reconstruction").claims
    assert claim.verdict == verdict


def test_features_are_the_middle_layer_of_the_engines_own_regressor(runs):
    run = RunFolder(runs["root"] / "fashion-features")
    spec = next(spec for spec in features.SPECS if spec.name == "identity-sklearn")
    parts = features.compute_features(runs["fashion-features"].config, spec, run.path)
    regressor = model_of(runs, "fashion-reconstruction", "identity-sklearn", MLPRegressor)
    X, y = load_parts(True)["test"]
    hidden = scaled(X)
    for weight, bias in zip(regressor.coefs_[:3], regressor.intercepts_[:3], strict=True):
        hidden = hidden @ weight + bias
    assert parts["test"][0].shape == (len(X), 64)
    np.testing.assert_allclose(parts["test"][0], hidden, atol=1e-10)
    np.testing.assert_array_equal(parts["test"][1], y)


def test_features_are_compared_with_components_pixels_and_earlier_classifiers(runs):
    results = runs["fashion-features"]
    (bars,) = finding(results, "The same classifier").exhibits
    labels = [row["label"] for row in bars.data["rows"]]
    assert labels == [
        "64 features of the ReLU network",
        "64 features of the identity network",
        "64 principal components",
        "784 pixels",
        *(f"784 pixels, {activation}" for activation in activations.COMPARED),
    ]
    by_label = {row["label"]: row["value"] for row in bars.data["rows"]}
    relu = next(m for m in runs["fashion-activations"].models if m.name == "relu-glassnet")
    assert by_label["784 pixels, relu"] == relu.test["accuracy"]


def test_the_projection_holds_every_test_image(runs):
    found = finding(runs["fashion-features"], "silhouette")
    for panel in found.exhibits[0].data["panels"]:
        assert len(panel["points"]) == len(panel["labels"]) == len(load_parts(True)["test"][1])
    assert len(found.table["rows"]) == 10


@pytest.mark.parametrize("name", COMPARING)
def test_a_study_with_nothing_finished_concludes_nothing_false(runs, name):
    study = STUDIES[name]
    conclusion = study.conclude(runs[name].config, [], runs["root"] / name)
    assert conclusion.best == {}
    assert conclusion.findings == []
    assert all(claim.verdict != "wrong" for claim in conclusion.claims)


def test_published_sizes_hold_for_the_full_run():
    claims = activations.conclude(STUDIES["fashion-activations"].config(), [], Path()).claims
    assert [(claim.reproduced, claim.verdict) for claim in claims] == [("8,000 / 2,000 / 2,000", "confirmed")]
