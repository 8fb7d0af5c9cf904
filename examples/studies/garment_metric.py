"""A figure of merit of one's own: how well the worst class is recognised."""

import numpy as np
from numpy.typing import ArrayLike


def worst_class(y: ArrayLike, answers: ArrayLike) -> float:
    """Return the lowest recall of any class: one that is never recognised gives 0."""
    labels, answered = np.asarray(y), np.asarray(answers)
    return min(float((answered[labels == label] == label).mean()) for label in np.unique(labels))
