"""What the answers on test rows look like: who is taken for whom, how sure, and because of which columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.inspection import permutation_importance
from sklearn.metrics import confusion_matrix

from glassnet.models.reliability import reliability_bins
from glassnet.tables.base import Reliability

MOST_POINTS = 1_000
REPEATS = 3
MOST_VALUES = 200_000_000
"""How many values of encoded rows go through a model to measure the importance of all columns."""
FEWEST_ROWS = 100

Floats = NDArray[np.float64]


def confusion_of(y: NDArray[np.intp], answers: Floats) -> list[list[int]]:
    """Return how often each class (rows) got each answer (columns)."""
    matrix = confusion_matrix(y, answers.argmax(axis=1), labels=range(answers.shape[1]))
    return matrix.tolist()  # type: ignore[no-any-return]


def some_points(y: Floats, answers: Floats, seed: int) -> list[list[float]]:
    """Return true and predicted value of some rows, `MOST_POINTS` at most."""
    rows = np.random.default_rng(seed).permutation(len(y))[:MOST_POINTS]
    return np.column_stack([y[rows], answers[rows]]).tolist()  # type: ignore[no-any-return]


def reliability_of(y: NDArray[np.intp], answers: Floats) -> Reliability:
    """Compare the probability of each answer with how often such answers are right."""
    bins = reliability_bins(answers.argmax(axis=1) == y, answers.max(axis=1))
    return Reliability(
        confidence=bins.confidence.tolist(),
        share=bins.frequency.tolist(),
        lower=bins.lower.tolist(),
        upper=bins.upper.tolist(),
        error=bins.error,
    )


def measure_importance(
    score: Callable[[Floats, NDArray[np.intp]], float],
    Z: Floats,
    features: Mapping[str, Sequence[int]],
    seed: int,
) -> dict[str, tuple[float, float]]:
    """Measure how much worse the answers get when the values of a column are exchanged between rows.

    Parameters
    ----------
    score : callable
        ``score(Z, rows) -> float``, more is better, for encoded rows; `rows` says where they are among all.
    Z : ndarray of shape (n, n_features)
        Encoded rows that the model was not trained on. Of wide tables a part of them is taken, so that about
        `MOST_VALUES` values go through the model in all.
    features : mapping of str to sequence of int
        Which features each column became; they are exchanged together.
    seed : int

    Returns
    -------
    dict of str to (float, float)
        By column, the mean over the repeats and the standard deviation.

    References
    ----------
    L. Breiman (2001), Random forests, Machine Learning 45.
    """
    n_columns, cost = len(features), max(Z.size // len(Z), 1) * len(features)
    repeats = REPEATS if cost * REPEATS * FEWEST_ROWS <= MOST_VALUES else 1
    n_rows = min(max(MOST_VALUES // (cost * repeats), FEWEST_ROWS), len(Z))
    rows = np.sort(np.random.default_rng(seed).permutation(len(Z))[:n_rows])
    found = permutation_importance(
        _Exchanged(score, Z[rows], list(features.values())),
        np.broadcast_to(np.arange(n_rows)[:, None], (n_rows, n_columns)),  # which row each cell is from
        rows,
        scoring=_Exchanged.score_places,
        n_repeats=repeats,
        random_state=seed,
    )
    figures = zip(found.importances_mean.tolist(), found.importances_std.tolist(), strict=True)
    return dict(zip(features, figures, strict=True))


class _Exchanged:
    """Score the answers to rows whose cells are taken from other rows; scikit-learn exchanges the places."""

    def __init__(
        self,
        score: Callable[[Floats, NDArray[np.intp]], float],
        Z: Floats,
        features: Sequence[Sequence[int]],
    ) -> None:
        self._score, self._Z, self._features = score, Z, features

    def fit(self, X: Any, y: Any) -> "_Exchanged":  # pragma: no cover - scikit-learn asks that there is one
        return self

    def score_places(self, places: NDArray[np.intp], rows: NDArray[np.intp]) -> float:
        Z = self._Z.copy()
        moved = (places != np.arange(len(places))[:, None]).any(axis=0)
        for column in np.flatnonzero(moved).tolist():
            features = self._features[column]
            Z[:, features] = self._Z[places[:, column]][:, features]
        return self._score(Z, rows)
