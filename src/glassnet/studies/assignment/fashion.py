"""What the studies on Fashion-MNIST share: the data, the assignment's settings, how a model is scored."""

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import log_loss

from glassnet.data import flatten, load_fashion_mnist
from glassnet.studies.base import ModelResult, ModelSpec, RunConfig, SplitData
from glassnet.studies.engines import OnEpoch, as_glassnet, describe_end, fit_classifier, has_diverged
from glassnet.studies.folder import MODEL_FILE

SEED = 42
HIDDEN = (128, 64, 32)
LEARNING_RATE = 0.00002
BATCH_SIZE = 128
EPOCHS = 100
QUICK_EPOCHS = 10
QUICK_IMAGES = 1_600
SHOWN = 10
"""How many test images are shown."""


@lru_cache(maxsize=2)
def load_parts(quick: bool) -> dict[str, tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    """Return the images, as rows of 784 bytes, and labels of each split: 8,000, 2,000 and 2,000."""
    data = load_fashion_mnist()
    assert data.validation is not None
    splits = {"train": data.train, "validation": data.validation, "test": data.test}
    return {
        name: (flatten(images[: QUICK_IMAGES if quick else None]), labels[: QUICK_IMAGES if quick else None])
        for name, (images, labels) in splits.items()
    }


def scaled(X: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Divide by 255 in float64, as the users of scikit-learn do."""
    return X / 255.0


def scaled_parts(config: RunConfig, spec: ModelSpec, folder: Path) -> dict[str, SplitData]:
    """Return what a classifier of pixels is given."""
    return {name: (scaled(X), y) for name, (X, y) in load_parts(config.quick).items()}


def train_classifier(
    spec: ModelSpec,
    settings: dict[str, Any],
    parts: dict[str, SplitData],
    folder: Path,
    on_epoch: OnEpoch,
    evidence: Callable[[Any], dict[str, Any]] = lambda model: {},
) -> ModelResult:
    """Train the classifier of a spec with its engine, save it, and score it with its engine's own answers."""
    start = time.perf_counter()
    try:
        model = fit_classifier(spec.engine, settings, parts["train"], parts["validation"], on_epoch)
    except ValueError as error:
        if not has_diverged(error):
            raise
        none = {"loss": None, "accuracy": None}
        seconds = time.perf_counter() - start
        return make_result(spec, "diverged", 0, str(error), seconds, dict.fromkeys(parts, none), {})
    seconds = time.perf_counter() - start
    as_glassnet(spec.engine, model).save(folder / MODEL_FILE)
    scores = {}
    for name, (X, y) in parts.items():
        probabilities = model.predict_proba(X)
        answers = model.classes_[probabilities.argmax(axis=1)]
        loss = log_loss(y, probabilities, labels=model.classes_)
        scores[name] = {"loss": float(loss), "accuracy": float((answers == y).mean())}
    reason = describe_end(model, settings["max_iter"])
    return make_result(spec, "finished", model.n_iter_, reason, seconds, scores, evidence(model))


def make_result(
    spec: ModelSpec,
    state: str,
    epochs: int,
    reason: str,
    seconds: float,
    scores: dict[str, Any],
    evidence: dict[str, Any],
) -> ModelResult:
    """Return the result of a model whose last weights were kept."""
    return ModelResult(
        **vars(spec),
        state=state,
        stopped_epoch=epochs,
        best_epoch=None,
        stopping_reason=reason,
        seconds=seconds,
        train=scores.get("train", {}),
        validation=scores.get("validation", {}),
        test=scores.get("test", {}),
        evidence=evidence,
    )
