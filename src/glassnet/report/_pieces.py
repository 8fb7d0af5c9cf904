"""What the page's template is filled with beside the models: claims, images and mistakes."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.claims import Claim
from glassnet.data import ImageData
from glassnet.plots import image_png


@dataclass(frozen=True)
class Picture:
    """Hold an image of the data set: its address (a data URI), label, and the model's answer if any."""

    source: str
    index: int
    label: str
    predicted: str = ""
    probability: float | None = None


@dataclass(frozen=True)
class Cell:
    """Hold a count of the confusion matrix; `shade`, from 0 to 1, is how strongly it is coloured."""

    count: int
    shade: float
    is_right: bool


def group_claims(claims: Sequence[Claim], *, by_verdict: bool = False) -> list[list[Claim]]:
    """Put neighbours that have the same explanation together, so that it is read once.

    Parameters
    ----------
    claims : sequence of Claim
    by_verdict : bool
        Whether those of a group have one verdict too.

    Returns
    -------
    list of list of Claim
    """

    def key(claim: Claim) -> tuple[str, str]:
        return claim.explanation, claim.verdict if by_verdict else ""

    return [list(group) for _, group in groupby(claims, key=key)]


def sample_images(images: ImageData) -> list[Picture]:
    """Return the first test image of each class."""
    labels = images.test.labels
    firsts = [np.flatnonzero(labels == label)[:1] for label in range(len(images.class_names))]
    return [picture_of(images, int(index)) for first in firsts for index in first]


def error_images(errors: Sequence[dict[str, Any]], images: ImageData) -> list[Picture]:
    """Return the images of a study's ``confident_errors``; what the data set does not have is left out."""
    return [
        picture_of(images, error["index"], class_name(images, error["predicted"]), error["probability"])
        for error in errors
        if 0 <= error["index"] < len(images.test.labels)
    ]


def picture_of(
    images: ImageData, index: int, predicted: str = "", probability: float | None = None
) -> Picture:
    """Return a test image with its label, and a model's answer to it."""
    label = class_name(images, int(images.test.labels[index]))
    return Picture(_data_uri(images.test.images[index]), index, label, predicted, probability)


def class_name(images: ImageData, label: int) -> str:
    """Return what a label means; of one that the data set does not have, its number."""
    return images.class_names[label] if 0 <= label < len(images.class_names) else str(label)


def _data_uri(image: NDArray[np.uint8]) -> str:
    return "data:image/png;base64," + base64.b64encode(image_png(image)).decode("ascii")


def shade_confusion(confusion: Sequence[Sequence[int]]) -> list[list[Cell]]:
    """Shade a right answer by its share of the label, a wrong one by comparison with the commonest error."""
    worst = max((n for i, row in enumerate(confusion) for j, n in enumerate(row) if i != j), default=0)
    return [
        [Cell(n, round(n / max(sum(row) if i == j else worst, 1), 3), i == j) for j, n in enumerate(row)]
        for i, row in enumerate(confusion)
    ]


def name_classes(count: int, images: ImageData | None) -> list[str]:
    """Return what the first `count` labels mean; without a data set, their numbers."""
    return [class_name(images, label) if images else str(label) for label in range(count)]
