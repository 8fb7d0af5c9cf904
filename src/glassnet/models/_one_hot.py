"""One-hot rows, which scikit-learn's conventions take as several labels a sample."""

from typing import Any

import numpy as np

from glassnet.models._warning import warn


def warn_of_one_hot(y: Any) -> None:
    """Warn where each row holds exactly one 1: labels are meant, of which a network picks one.

    With fewer rows than columns nothing can be said.

    Parameters
    ----------
    y : array-like or sparse matrix
    """
    y = y if hasattr(y, "toarray") else np.asarray(y)
    if y.ndim != 2 or y.shape[0] < y.shape[1] or y.shape[1] < 2 or y.dtype.kind not in "biuf":
        return
    ones = y == 1
    if (y != 0).sum() == ones.sum() == y.shape[0] and (np.asarray(ones.sum(axis=1)) == 1).all():
        warn(
            "each row holds exactly one 1: give labels, y.argmax(axis=1). As an indicator matrix they are "
            "several labels a sample, of which an answer may hold none or many.",
        )
