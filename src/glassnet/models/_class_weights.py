"""Weights of classes, the same for every classifier."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError


def class_weights(
    class_weight: Any, classes: NDArray[Any], counts: NDArray[np.integer[Any]] | None
) -> NDArray[np.float64]:
    """Return the weight of each class, shape (n_classes,).

    Parameters
    ----------
    class_weight : "balanced" or mapping of label to float
        Balanced weights are ``n / (k * count)`` for n samples of k classes, so that every class weighs the
        same in all. A class that a mapping leaves out weighs 1.
    classes : ndarray of shape (n_classes,)
    counts : ndarray of int, shape (n_classes,), or None
        How often each class occurs; None where that is not known.

    Raises
    ------
    InvalidParameterError
        When `class_weight` is something else, names labels that there are not, or needs the counts.
    """
    if isinstance(class_weight, Mapping):
        labels = classes.tolist()
        known = [label for label in labels if label in class_weight]
        if len(known) < min(len(labels), len(class_weight)):
            unknown = [label for label in class_weight if label not in labels]
            if isinstance(unknown[0], str) and isinstance(labels[0], str):
                lookup(dict.fromkeys(labels), unknown[0], "class_weight label")
            raise InvalidParameterError(
                f"got class_weight with {unknown[:5]}, which are not among the classes; expected some of "
                f"{labels[:20]}."
            )
        weights = np.array([class_weight.get(label, 1.0) for label in labels], np.float64)
        if not (np.isfinite(weights) & (weights >= 0)).all():
            raise InvalidParameterError(
                f"got class_weight={dict(class_weight)}; expected finite weights of at least 0."
            )
        return weights
    if not (isinstance(class_weight, str) and class_weight == "balanced"):
        raise InvalidParameterError(
            f"got class_weight={quoted(class_weight)}; expected 'balanced', a dict of weights, or None."
        )
    if counts is None:
        raise InvalidParameterError(
            "class_weight='balanced' needs the counts of single labels, which are not known for a stream "
            "that is read only once or has several labels a sample; give a dict of weights."
        )
    weights = np.ones(len(classes))
    present = counts > 0
    weights[present] = counts.sum() / (np.count_nonzero(present) * counts[present].astype(np.float64))
    return weights
