"""What the studies on Fashion-MNIST share: the data, the assignment's settings, a linear compression."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from glassnet._common.claims import Claim, judge
from glassnet.data import flatten, load_fashion_mnist
from glassnet.doctor.scores.claims import Claims, ReportedRow, Split
from glassnet.doctor.scores.reported import Reported
from glassnet.doctor.scores.scores import class_shares
from glassnet.studies.base import ModelResult, ModelSpec, RunConfig, SplitData

SEED = 42
HIDDEN = (128, 64, 32)
LEARNING_RATE = 0.00002
BATCH_SIZE = 128
ADAM = {
    "solver": "adam",
    "learning rate": f"{LEARNING_RATE:.5f}, constant",
    "batch size": BATCH_SIZE,
    "stopping": "scikit-learn's: no improvement of the training loss by 1e-4 in 10 epochs",
}
"""What networks share that are trained with Adam, for people to read."""
EPOCHS = 100
QUICK_EPOCHS = 10
QUICK_IMAGES = 1_600
SHOWN = 10
"""How many test images are shown."""
NEARLY = 0.005
"""How far a score may be from the published one and confirm it."""


@lru_cache(maxsize=2)
def load_parts(quick: bool) -> dict[str, tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    """Return the images, as rows of 784 bytes, and labels of each split: 8,000, 2,000 and 2,000."""
    n = QUICK_IMAGES if quick else None
    return {
        name: (flatten(images[:n]), labels[:n])
        for name, (images, labels) in load_fashion_mnist().parts.items()
    }


def scaled(X: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Divide by 255 in float64, as the users of scikit-learn do."""
    return X / 255.0


def scaled_parts(config: RunConfig, spec: ModelSpec, folder: Path) -> dict[str, SplitData]:
    """Return what a classifier of pixels is given."""
    return {name: (scaled(X), y) for name, (X, y) in load_parts(config.quick).items()}


def adam_settings(config: RunConfig, hidden: tuple[int, ...], activation: str) -> dict[str, Any]:
    """Return the assignment's settings of an estimator with these hidden layers."""
    return {
        "hidden_layer_sizes": hidden,
        "activation": activation,
        "solver": "adam",
        "learning_rate_init": LEARNING_RATE,
        "batch_size": BATCH_SIZE,
        "max_iter": config.epochs,
        "random_state": config.seed,
    }


@lru_cache(maxsize=4)
def fit_pca(quick: bool, n_components: int) -> PCA:
    """Return the principal components of the training images: the best linear compression."""
    X = scaled(load_parts(quick)["train"][0])
    return PCA(n_components, svd_solver="covariance_eigh").fit(X)


def accuracy_of(result: ModelResult, split: str = "test") -> float:
    """Return the accuracy of a finished model on a split."""
    accuracy = getattr(result, split)["accuracy"]
    assert accuracy is not None
    return float(accuracy)


def claims_of_section(section: str, scores: Mapping[str, float]) -> Claims:
    """Return the published test accuracies of a section, for the doctor."""
    data = load_fashion_mnist()
    rows = tuple(ReportedRow(Reported(name, "test", repr(score))) for name, score in scores.items())
    splits = {"test": Split("test", data.parts["test"][1])}
    return Claims(f"published scores of section {section}", rows, splits, 10, data.class_names)


def claim_accuracy(
    quantity: str, published: float, accuracy: float, one_answer: str, also: str = ""
) -> Claim:
    """Set a published test accuracy beside that of a model.

    Parameters
    ----------
    quantity : str
    published, accuracy : float
    one_answer : str
        What is said of a figure that is no more than one answer to every image scores.
    also : str
        What is said in any case.
    """
    agrees, what = abs(published - accuracy) < NEARLY, name_one_answer(published)
    why = f"Within {NEARLY} of each other." if agrees else "Nothing shows what the published figure is."
    return Claim(
        quantity,
        f"{published}",
        f"{accuracy:.4f}",
        judge(agrees=agrees, is_refuted=bool(what)),
        (one_answer if what and not agrees else why) + also,
        what,
    )


def name_one_answer(published: float) -> str:
    """Return what a published test accuracy is, if one answer to every image scores as much; else nothing.

    Examples
    --------
    >>> name_one_answer(0.0955), name_one_answer(0.8475)
    ('no more than one answer to every image scores, 0.0940 to 0.1095', '')
    """
    shares = class_shares(load_fashion_mnist().parts["test"][1])
    if published > max(shares):
        return ""
    return f"no more than one answer to every image scores, {min(shares):.4f} to {max(shares):.4f}"
