"""Where a classifier errs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

SHOWN = 15


def find_mistakes(probabilities: NDArray[Any], labels: NDArray[np.int64]) -> dict[str, Any]:
    """Return the confusion matrix and the wrong answers given with the highest probability.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
    labels : ndarray of int, shape (n,)

    Returns
    -------
    dict
        ``confusion`` (rows: labels, columns: answers) and ``confident_errors``, see `Conclusion`.
    """
    n_classes = probabilities.shape[1]
    answers = probabilities.argmax(axis=1)
    confusion = confusion_matrix(labels, answers, labels=range(n_classes))
    wrong = np.flatnonzero(answers != labels)
    surest = wrong[np.argsort(-probabilities[wrong, answers[wrong]], kind="stable")][:SHOWN]
    return {
        "confusion": confusion.tolist(),
        "confident_errors": [
            {
                "index": int(i),
                "label": int(labels[i]),
                "predicted": int(answers[i]),
                "probability": float(probabilities[i, answers[i]]),
            }
            for i in surest
        ],
    }
