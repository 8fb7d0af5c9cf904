"""The study fashion-reconstruction: two networks that regenerate clothes through 64 numbers.

It repeats part C4 of the assignment, and sets the mean image and the best linear compression beside it.
"""

import base64
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glassnet._common.claims import Claim, judge
from glassnet.data import load_fashion_mnist
from glassnet.models import MLPRegressor
from glassnet.nn.history import EpochRecord
from glassnet.plots import image_png
from glassnet.studies.assignment.fashion import (
    ADAM,
    EPOCHS,
    QUICK_EPOCHS,
    SEED,
    SHOWN,
    adam_settings,
    fit_pca,
    load_parts,
    scaled,
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
from glassnet.studies.engines import ENGINES, PEER, train_regressor
from glassnet.studies.folder import MODEL_FILE, RunFolder

HIDDEN = (256, 128, 64, 128, 256)
BOTTLENECK = 2
"""The hidden layer of 64 units, counted from 0."""
COMPARED = ("relu", "identity")
SPECS = tuple(
    ModelSpec(f"{activation}-{engine}", activation, "glorot", engine)
    for activation in COMPARED
    for engine in ENGINES
)
WELL = 0.8
"""Share of the variance that the best linear compression keeps, from which on a network does well."""

Images = NDArray[np.float64]


def train(
    config: RunConfig, spec: ModelSpec, folder: Path, on_epoch: Callable[[EpochRecord], object]
) -> ModelResult:
    """Train one regressor on the images as its own targets, save it, and score it."""
    pairs = image_pairs(config, spec, folder)
    return train_regressor(spec, adam_settings(config, HIDDEN, spec.activation), pairs, folder, on_epoch)


def image_pairs(config: RunConfig, spec: ModelSpec, folder: Path) -> dict[str, SplitData]:
    """Return the images as inputs and targets."""
    pairs = {}
    for name, (images, _) in load_parts(config.quick).items():
        X = scaled(images)
        pairs[name] = (X, X)
    return pairs


@lru_cache(maxsize=2)
def _baselines(quick: bool) -> dict[str, Images]:
    """Return what needs no network: the mean training image, and the best linear compression."""
    parts = load_parts(quick)
    X_train, X_test = scaled(parts["train"][0]), scaled(parts["test"][0])
    pca = fit_pca(quick, HIDDEN[BOTTLENECK])
    return {
        "mean image": np.broadcast_to(X_train.mean(axis=0), X_test.shape),
        "PCA, 64 components": pca.inverse_transform(pca.transform(X_test)),
    }


def conclude(config: RunConfig, results: Sequence[ModelResult], folder: Path) -> Conclusion:
    """Judge the reconstructions against the mean image and the best linear compression."""
    run = RunFolder(folder)
    finished = [result for result in results if result.state == "finished"]
    judged = [next(r for r in finished if r.activation == a) for a in COMPARED if _has(finished, a)]
    if not judged:
        return Conclusion()
    images, labels = load_parts(config.quick)["test"]
    X = scaled(images)
    made = {
        result.activation: MLPRegressor.load(run.model_path(result.name) / MODEL_FILE).predict(X)
        for result in judged
    }
    shown = made | _baselines(config.quick)
    errors = {name: ((images - X) ** 2).mean(axis=1) for name, images in shown.items()}
    best = min(judged, key=lambda result: result.validation["mse"] or np.inf)
    findings = [
        _judge(errors, list(made)),
        _show(X, labels, shown, errors, list(made)),
        *compare_engines(finished, "mse", run),
    ]
    reason = f"{best.name} has the lowest validation error, {best.validation['mse']:.4f} (mean squared)."
    return Conclusion({"name": best.name, "reason": reason}, _claims(errors, list(made)), findings)


def _has(results: Sequence[ModelResult], activation: str) -> bool:
    return any(result.activation == activation for result in results)


def _kept(errors: dict[str, Images], name: str) -> float:
    """Return the share of the variance around the mean image that a reconstruction keeps."""
    return 1 - float(errors[name].mean() / errors["mean image"].mean())


def _judge(errors: dict[str, Images], networks: list[str]) -> Insight:
    rows = [
        [
            name,
            f"{error.mean():.4f}",
            f"{_kept(errors, name):.1%}",
            f"{np.median(error):.4f}",
            f"{np.quantile(error, 0.9):.4f}",
            f"{error.max():.4f}",
            f"{(error < errors['mean image']).mean():.1%}",
        ]
        for name, error in errors.items()
    ]
    linear = _kept(errors, "PCA, 64 components")
    told = " and ".join(f"{_kept(errors, name):.0%} ({name})" for name in networks)
    return Insight(
        f"The networks keep {told} of the variance; 64 principal components keep {linear:.0%}.",
        "A reconstruction is judged by what could be had without a network: the mean of the training images, "
        "the same for every image, and the principal components, the best that any linear map to 64 numbers "
        "and back can do. A network of identity activations is such a linear map, so it cannot pass them on "
        "the training images, however long it trains.",
        {
            "columns": [
                "reconstruction",
                "mean squared error",
                "variance kept",
                "median image",
                "90 % of images below",
                "worst image",
                "images better than the mean image",
            ],
            "rows": rows,
        },
        topic="What the networks, the mean image and the principal components keep of the variance",
    )


def _show(
    X: Images,
    labels: NDArray[np.int64],
    shown: dict[str, Images],
    errors: dict[str, Images],
    networks: list[str],
) -> Insight:
    """Show originals above reconstructions, with the error of each image and where it is."""
    shape = load_fashion_mnist().image_shape

    def draw(some: Images) -> list[str]:
        return [_picture(image.reshape(shape)) for image in some[:SHOWN]]

    rows = [{"label": "original", "pictures": draw(X), "notes": []}]
    for name, images in shown.items():
        notes = [f"{error:.4f}" for error in errors[name][:SHOWN]]
        label = f"reconstructed by {name}" if name in networks else name
        rows.append({"label": label, "pictures": draw(images), "notes": notes})
        if name in networks:
            rows.append({"label": f"error of {name}", "pictures": draw(np.abs(images - X)), "notes": []})
    by_class = _errors_by_class(errors[networks[0]], labels)
    ranked = sorted(by_class, key=lambda name: by_class[name])
    return Insight(
        f"{ranked[0]} is regenerated best, {ranked[-1]} worst.",
        f"The first {SHOWN} test images, their reconstructions with the mean squared error of each image, "
        "and the absolute error of each pixel, dark where it is large. Over all test images, the mean error "
        f"of a class goes from {by_class[ranked[0]]:.4f} ({ranked[0]}) to {by_class[ranked[-1]]:.4f} "
        f"({ranked[-1]}) with {networks[0]}.",
        {
            "columns": ["class", *(f"mean error, {name}" for name in networks)],
            "rows": [
                [name, *(f"{_errors_by_class(errors[model], labels)[name]:.4f}" for model in networks)]
                for name in ranked
            ],
        },
        [Exhibit("images", f"The first {SHOWN} test images and their reconstructions", {"rows": rows})],
        topic="The reconstructions, image by image and class by class",
    )


def _errors_by_class(errors: Images, labels: NDArray[np.int64]) -> dict[str, float]:
    names = load_fashion_mnist().class_names
    return {name: float(errors[labels == label].mean()) for label, name in enumerate(names)}


def _picture(image: Images) -> str:
    pixels = np.clip(np.rint(image * 255), 0, 255).astype(np.uint8)
    return base64.b64encode(image_png(pixels)).decode("ascii")


def _claims(errors: dict[str, Images], networks: list[str]) -> list[Claim]:
    linear = _kept(errors, "PCA, 64 components")
    claims = []
    for name in networks:
        share = _kept(errors, name) / linear
        claims.append(
            Claim(
                f"{name}: “captures the features really well”",
                "really well",
                f"{_kept(errors, name):.1%} of the variance kept",
                judge(agrees=share >= WELL, is_refuted=share < WELL),
                f"That is {share:.0%} of what 64 principal components keep ({linear:.1%}); from {WELL:.0%} "
                "on a network is said to do well. No figure was published.",
            )
        )
    return claims


FASHION_RECONSTRUCTION = Study(
    name="fashion-reconstruction",
    title="Regenerating clothes from 64 numbers",
    question="How well do networks with a layer of 64 units regenerate the images they are given?",
    dataset="fashion-mnist",
    settings={
        "hidden layers": list(HIDDEN),
        "loss": "half the mean squared error of a pixel",
        **ADAM,
        "computed in": "float64, images divided by 255",
    },
    epochs=EPOCHS,
    quick_epochs=QUICK_EPOCHS,
    specs=SPECS,
    train=train,
    conclude=conclude,
    parts=image_pairs,
    chapter="fashion",
    section="C4",
    beside=(f"relu-{PEER}",),
    efforts={spec.name: 60.0 if spec.engine == PEER else 25.0 for spec in SPECS},
    seed=SEED,
)
