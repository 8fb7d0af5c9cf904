"""What the page's template is filled with, computed from the results."""

import base64
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.datasets import ImageData
from glassnet.history import History
from glassnet.plots import image_png, loss_limits, loss_svg
from glassnet.studies.base import Claim, ModelResult, ModelSpec, StudyResult


@dataclass(frozen=True)
class ModelPart:
    """Hold one model as the page shows it.

    Attributes
    ----------
    spec : ModelSpec
    state : {"waiting", "training", "finished", "diverged"}
    is_best : bool
    result : ModelResult or None
        None until the model is finished.
    epochs : int
        How many it has run.
    plot : str
        Its losses as an ``svg`` element, all of whose text is ours; empty before its first epoch.
    description : str
        The plot in words.
    """

    spec: ModelSpec
    state: str
    is_best: bool
    result: ModelResult | None
    epochs: int
    plot: str
    description: str


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


def list_models(
    result: StudyResult, specs: Sequence[ModelSpec], histories: dict[str, History]
) -> list[ModelPart]:
    """Return the models in the study's order; without `specs`, the finished ones."""
    results = {model.name: model for model in result.models}
    specs = specs or [ModelSpec(model.name, model.activation, model.weight_init) for model in result.models]
    shown = {  # without the history of an earlier run, whose model this one has not begun yet
        name: history for name, history in histories.items() if name in results or not history.stopping_reason
    }
    limits = loss_limits(shown.values())
    models = []
    for number, spec in enumerate(specs):
        model = results.get(spec.name)
        history = shown.get(spec.name, History())
        plot = ""
        if len(history):
            plot = loss_svg(history, f"{number} {spec.name}", epochs=result.config.epochs, limits=limits)
        models.append(
            ModelPart(
                spec=spec,
                state=model.state if model else "training" if len(history) else "waiting",
                is_best=result.conclusion.best.get("name") == spec.name,
                result=model,
                epochs=model.stopped_epoch if model else len(history),
                plot=plot,
                description=_describe(spec, history),
            )
        )
    return models


def _describe(spec: ModelSpec, history: History) -> str:
    if not len(history):
        return f"{spec.name}: no epoch yet."
    words = f"Losses of {spec.name} over {len(history)} epochs"
    for column, name in (("loss", "training"), ("validation_loss", "validation")):
        known = [value for value in history.column(column) if value is not None and math.isfinite(value)]
        if known:
            words += f"; {name} from {known[0]:.3g} to {known[-1]:.3g}, lowest {min(known):.3g}"
    return f"{words}." if history.best_epoch is None else f"{words}; best epoch {history.best_epoch}."


def count_columns(models: Sequence[ModelPart]) -> int:
    """Return how many plots stand side by side: those of one activation make a row, or whole rows."""
    initialisations = len({model.spec.weight_init for model in models})
    count = initialisations if initialisations > 1 else len(models)
    return 2 if count % 3 and count % 2 == 0 else 3


def count_verdicts(claims: Sequence[Claim]) -> dict[str, int]:
    """Return how many claims have each verdict, the commonest first."""
    return dict(Counter(claim.verdict for claim in claims).most_common())


def group_claims(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Put neighbours that have the same explanation together, so that it is read once."""
    return [list(group) for _, group in groupby(claims, key=lambda claim: claim.explanation)]


def sample_images(images: ImageData) -> list[Picture]:
    """Return the first test image of each class."""
    labels = images.test.labels
    firsts = [np.flatnonzero(labels == label)[:1] for label in range(len(images.class_names))]
    return [_picture(images, int(index)) for first in firsts for index in first]


def error_images(errors: Sequence[dict[str, Any]], images: ImageData) -> list[Picture]:
    """Return the images of a study's ``confident_errors``; what the data set does not have is left out."""
    return [
        _picture(images, error["index"], _class_name(images, error["predicted"]), error["probability"])
        for error in errors
        if 0 <= error["index"] < len(images.test.labels)
    ]


def _picture(images: ImageData, index: int, predicted: str = "", probability: float | None = None) -> Picture:
    label = _class_name(images, int(images.test.labels[index]))
    return Picture(_data_uri(images.test.images[index]), index, label, predicted, probability)


def _class_name(images: ImageData, label: int) -> str:
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
