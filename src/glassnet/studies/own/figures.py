"""Figures of merit of a person's study: scikit-learn's by name, or a function of one's own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

from glassnet.errors import InvalidDataError
from glassnet.studies.own.description import MetricPart
from glassnet.studies.own.importing import import_path


@dataclass(frozen=True)
class Figure:
    """Describe a figure of merit: an entry of `FIGURES`.

    Attributes
    ----------
    name, title : str
    measure : callable
        ``measure(y, answers)``; of true labels and answers, or of labels and probabilities.
    classifies : bool
        Whether it is of a classification.
    less_is_better : bool
    of_probabilities : bool
    is_share : bool
        Whether it lies between 0 and 1.
    """

    name: str
    title: str
    measure: Callable[..., float]
    classifies: bool = True
    less_is_better: bool = False
    of_probabilities: bool = False
    is_share: bool = True


def _macro_f1(y: Any, answers: Any) -> float:
    return float(metrics.f1_score(y, answers, average="macro", zero_division=0.0))


FIGURES: dict[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure("accuracy", "accuracy", metrics.accuracy_score),
        Figure("balanced_accuracy", "balanced accuracy", metrics.balanced_accuracy_score),
        Figure("macro_f1", "macro F1", _macro_f1),
        Figure("roc_auc", "ROC AUC", metrics.roc_auc_score, of_probabilities=True),
        Figure("log_loss", "log loss", metrics.log_loss, True, True, True, False),
        Figure("rmse", "RMSE", metrics.root_mean_squared_error, False, True, is_share=False),
        Figure("mse", "MSE", metrics.mean_squared_error, False, True, is_share=False),
        Figure("mae", "MAE", metrics.mean_absolute_error, False, True, is_share=False),
        Figure("r2", "R²", metrics.r2_score, False, is_share=False),
    )
}
"""Every figure that a file may name; of those of a task, the first is taken unless it names any."""


def score(
    parts: list[MetricPart], model: Any, X: Any, y: NDArray[Any], allow: tuple[str, ...], folder: str
) -> dict[str, float | None]:
    """Return all figures of a fitted model on some samples; None where one is no finite number.

    Raises
    ------
    InvalidDataError
        When a function of one's own does not return a number.
    """
    answers = np.asarray(model.predict(X))
    return {part.name: _measure(part, model, X, y, answers, allow, folder) for part in parts}


def _measure(
    part: MetricPart, model: Any, X: Any, y: Any, answers: Any, allow: tuple[str, ...], folder: str
) -> float | None:
    if part.function:
        value = import_path(part.function, allow, folder)(y, answers)
    else:
        figure = FIGURES[part.name]
        if not figure.of_probabilities:
            value = figure.measure(y, answers)
        else:
            probabilities = np.asarray(model.predict_proba(X))
            probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)  # 1e-7 off in float32
            if part.name == "log_loss":
                value = figure.measure(y, probabilities, labels=model.classes_)
            elif len(model.classes_) == 2:
                value = figure.measure(y, probabilities[:, 1])
            else:
                value = figure.measure(y, probabilities, multi_class="ovr", labels=model.classes_)
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise InvalidDataError(
            f"the metric {part.name} returned a value of type {type(value).__name__}; expected a number."
        ) from error
    return number if np.isfinite(number) else None
