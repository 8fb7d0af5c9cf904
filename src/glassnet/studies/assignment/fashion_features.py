"""The study fashion-features: classifiers on 64 features that networks learnt without labels.

It repeats part C5 of the assignment on the networks of fashion-reconstruction, and sets principal components
and the pixels themselves beside their features.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_samples

from glassnet._common.claims import Claim, judge
from glassnet._common.words import counted
from glassnet.data import load_fashion_mnist
from glassnet.doctor.scores.claims import Claims
from glassnet.models import MLPClassifier, MLPRegressor
from glassnet.nn.history import EpochRecord
from glassnet.studies._mistakes import find_mistakes
from glassnet.studies.assignment.fashion import (
    ADAM,
    QUICK_EPOCHS,
    SEED,
    accuracy_of,
    adam_settings,
    claim_accuracy,
    claims_of_section,
    fit_pca,
    load_parts,
    scaled,
    scaled_parts,
)
from glassnet.studies.assignment.fashion_activations import FASHION_ACTIVATIONS
from glassnet.studies.assignment.fashion_reconstruction import (
    BOTTLENECK,
    FASHION_RECONSTRUCTION,
    HIDDEN as REGRESSOR_HIDDEN,
)
from glassnet.studies.base import (
    Conclusion,
    Exhibit,
    Insight,
    ModelResult,
    ModelSpec,
    RunConfig,
    SplitData,
    Study,
)
from glassnet.studies.comparison import compare_engines
from glassnet.studies.engines import ENGINES, PEER, train_classifier
from glassnet.studies.folder import MODEL_FILE, RunFolder

HIDDEN = (64, 64)
EPOCHS = 200
LEARNT = ("relu", "identity")
FEATURES = (*LEARNT, "pca", "pixels")
DESCRIPTIONS = {
    "relu": "64 features of the ReLU network",
    "identity": "64 features of the identity network",
    "pca": "64 principal components",
    "pixels": "784 pixels",
}
SPECS = tuple(
    ModelSpec(f"{features}-{engine}", "relu", "glorot", engine, {"features": features})
    for features in FEATURES
    for engine in ENGINES
)
PUBLISHED_ACCURACY = {"relu": 0.0945, "identity": 0.096}
NEARLY_AS_WELL = 0.05
"""By how much less accuracy a classifier works nearly as well."""


def train(
    config: RunConfig, spec: ModelSpec, folder: Path, on_epoch: Callable[[EpochRecord], object]
) -> ModelResult:
    """Compute the features, and train a classifier on them."""
    settings = adam_settings(config, HIDDEN, spec.activation)
    features = compute_features(config, spec, folder.parents[1])
    return train_classifier(spec, settings, features, folder, on_epoch)


def compute_features(config: RunConfig, spec: ModelSpec, folder: Path) -> dict[str, SplitData]:
    """Return the features and labels of every split."""
    features, parts, run = spec.settings["features"], load_parts(config.quick), RunFolder(folder)
    if features == "pixels":
        return scaled_parts(config, spec, folder)
    if features == "pca":
        pca = fit_pca(config.quick, REGRESSOR_HIDDEN[BOTTLENECK])
        return {name: (pca.transform(scaled(X)), y) for name, (X, y) in parts.items()}
    regressor = _load_regressor(run, features, spec.engine)
    return {name: (regressor.transform(scaled(X), BOTTLENECK), y) for name, (X, y) in parts.items()}


def _load_regressor(run: RunFolder, activation: str, engine: str) -> MLPRegressor:
    path = run.beside(FASHION_RECONSTRUCTION.name).model_path(f"{activation}-{engine}")
    return MLPRegressor.load(path / MODEL_FILE)


def conclude(config: RunConfig, results: Sequence[ModelResult], folder: Path) -> Conclusion:
    """Compare the features with each other, with the pixels, and with the classifiers on 784 pixels."""
    run = RunFolder(folder)
    finished = [result for result in results if result.state == "finished"]
    first = {r.settings["features"]: r for r in reversed(finished)}
    judged = [first[features] for features in FEATURES if features in first]
    if not judged:
        return Conclusion()
    earlier = _earlier_accuracies(run)
    findings = [
        _compare_features(judged, earlier, config),
        _project(judged, run, config),
        *compare_engines(finished, "accuracy", run),
    ]
    return Conclusion(_best(judged, run, config), _claims(judged, earlier), findings)


def published_claims(results: Sequence[ModelResult] = ()) -> Claims:
    """Return the published test accuracies."""
    return claims_of_section("C5", PUBLISHED_ACCURACY)


def _earlier_accuracies(run: RunFolder) -> dict[str, float]:
    """Return the test accuracies of fashion-activations' classifiers, by activation."""
    accuracies: dict[str, float] = {}
    for result in run.beside(FASHION_ACTIVATIONS.name).read_results().models:
        if result.state == "finished":
            accuracies.setdefault(result.activation, accuracy_of(result))
    return accuracies


def _compare_features(judged: Sequence[ModelResult], earlier: dict[str, float], config: RunConfig) -> Insight:
    rows: list[dict[str, Any]] = [
        {
            "label": DESCRIPTIONS[result.settings["features"]],
            "value": accuracy_of(result),
            "text": f"{accuracy_of(result):.4f}",
            "group": f"classifier {HIDDEN}, {counted(config.epochs, 'epoch')}",
        }
        for result in judged
    ]
    rows += [
        {
            "label": f"784 pixels, {activation}",
            "value": accuracy,
            "text": f"{accuracy:.4f}",
            "group": "classifier of fashion-activations",
        }
        for activation, accuracy in earlier.items()
    ]
    by_features = {result.settings["features"]: accuracy_of(result) for result in judged}
    learnt = {name: value for name, value in by_features.items() if name in LEARNT}
    title = "No classifier on learnt features is finished yet."
    if learnt:
        best = max(learnt, key=lambda name: learnt[name])
        title = f"A classifier on the {DESCRIPTIONS[best]} reaches {learnt[best]:.4f} on the test images"
        title += (
            f"; on pixels the same one reaches {by_features['pixels']:.4f}."
            if "pixels" in by_features
            else "."
        )
    return Insight(
        title,
        "The same classifier, trained with the same settings on different descriptions of the same images: "
        "the 64 values of the middle layer of the networks that learnt to regenerate images, without labels; "
        "64 principal components; and the pixels. The features need no labels, so they say how much of what "
        "tells the classes apart is in what tells images apart.",
        {
            "columns": ["features", "training", "validation", "test", "epochs"],
            "rows": [
                [
                    DESCRIPTIONS[result.settings["features"]],
                    *(f"{accuracy_of(result, split):.4f}" for split in ("train", "validation", "test")),
                    str(result.stopped_epoch),
                ]
                for result in judged
            ],
        },
        [Exhibit("bars", "Test accuracy by features", {"rows": rows, "low": 0.0, "high": 1.0})],
        topic="One classifier on learnt features, on principal components and on pixels",
    )


def _project(judged: Sequence[ModelResult], run: RunFolder, config: RunConfig) -> Insight:
    """Project the features of the test images onto the plane in which they vary most."""
    X, y = load_parts(config.quick)["test"]
    panels, shares, scores = [], [], []
    for result in judged:
        if result.settings["features"] in LEARNT:
            regressor = _load_regressor(run, result.settings["features"], result.engine)
            features = regressor.transform(scaled(X), BOTTLENECK)
            scores.append(_separate_classes(features, y))
            pca = PCA(2, svd_solver="covariance_eigh")
            points = pca.fit_transform(features)
            shares.append(float(pca.explained_variance_ratio_.sum()))
            panels.append(
                {
                    "title": DESCRIPTIONS[result.settings["features"]],
                    "points": np.round(points, 3).tolist(),
                    "labels": y.tolist(),
                }
            )
    if not panels:
        return Insight("No learnt features can be shown yet.", "They come with the first such classifier.")
    ranked = sorted(scores[0], key=lambda name: -scores[0][name])
    return Insight(
        f"{ranked[0]} and {ranked[1]} lie apart in the features, {ranked[-2]} and {ranked[-1]} among others.",
        "No network was told a class. The silhouette of a class, from -1 to 1, says how much nearer its "
        "images lie to each other than to the nearest other class, in all 64 features. The picture shows the "
        "test images in the two directions in which their features vary most, which hold "
        + " and ".join(f"{share:.0%}" for share in shares)
        + " of their variance.",
        {
            "columns": ["class", *(f"silhouette, {panel['title']}" for panel in panels)],
            "rows": [[name, *(f"{score[name]:+.2f}" for score in scores)] for name in ranked],
        },
        [
            Exhibit(
                "scatter",
                "The features of the test images, in two dimensions",
                {
                    "panels": panels,
                    "classes": list(load_fashion_mnist().class_names),
                    "axes": ["first component", "second component"],
                },
            )
        ],
        topic="The classes in the learnt features",
    )


def _separate_classes(features: NDArray[Any], y: NDArray[np.int64]) -> dict[str, float]:
    """Return the mean silhouette of each class."""
    silhouettes = silhouette_samples(features, y)
    names = load_fashion_mnist().class_names
    return {name: float(silhouettes[y == label].mean()) for label, name in enumerate(names)}


def _best(judged: Sequence[ModelResult], run: RunFolder, config: RunConfig) -> dict[str, Any]:
    best = max(judged, key=lambda result: accuracy_of(result, "validation"))
    X, y = compute_features(config, best.spec, run.path)["test"]
    model = MLPClassifier.load(run.model_path(best.name) / MODEL_FILE)
    reason = f"{best.name} has the highest validation accuracy, {accuracy_of(best, 'validation'):.4f}."
    return {"name": best.name, "reason": reason, **find_mistakes(model.predict_proba(X), y)}


def _claims(judged: Sequence[ModelResult], earlier: dict[str, float]) -> list[Claim]:
    by_features = {result.settings["features"]: accuracy_of(result) for result in judged}
    claims = []
    for name, published in PUBLISHED_ACCURACY.items():
        if name in by_features:
            one_answer = (
                "The published figure lies where the shares of the classes lie, the scores of a model that "
                "gives one answer, as in C2."
            )
            beside = f" On 784 pixels, the {name} classifier of C2 reaches {earlier.get(name, 0):.4f}."
            also = beside if name in earlier else ""
            quantity = f"{name} features: test accuracy"
            claims.append(claim_accuracy(quantity, published, by_features[name], one_answer, also))
    if by_features.keys() >= set(FEATURES):
        best = max(by_features[name] for name in LEARNT)
        gap = by_features["pixels"] - best
        claims.append(
            Claim(
                "the 64 features still work",
                "nearly as well as 784 pixels",
                f"{best:.4f}; the same classifier on pixels {by_features['pixels']:.4f}",
                judge(agrees=gap < NEARLY_AS_WELL, is_refuted=gap >= NEARLY_AS_WELL),
                f"The difference is {gap:+.4f}; less than {NEARLY_AS_WELL} counts as nearly. 64 principal "
                f"components give {by_features['pca']:.4f}. The published scores cannot show it: they "
                "are those of a guess.",
            )
        )
    return claims


FASHION_FEATURES = Study(
    name="fashion-features",
    title="Classifying clothes by learnt features",
    question="Do 64 numbers that a network learnt without labels tell clothes apart as well as 784 pixels?",
    dataset="fashion-mnist",
    settings={
        "hidden layers": list(HIDDEN),
        "activation": "relu",
        **ADAM,
        "computed in": "float64",
    },
    epochs=EPOCHS,
    quick_epochs=2 * QUICK_EPOCHS,
    specs=SPECS,
    train=train,
    conclude=conclude,
    parts=compute_features,
    claims=published_claims,
    needs=(FASHION_ACTIVATIONS, FASHION_RECONSTRUCTION),
    chapter="fashion",
    section="C5",
    beside=(f"relu-{PEER}",),
    efforts={spec.name: 10.0 if spec.engine == PEER else 4.0 for spec in SPECS},
    seed=SEED,
)
