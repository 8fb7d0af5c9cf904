"""What the answers on test rows look like: who is taken for whom, how sure, and because of which columns."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.inspection import permutation_importance
from sklearn.metrics import confusion_matrix

from glassnet.models.reliability import reliability_bins
from glassnet.tables.base import Reliability

MOST_POINTS = 1_000
REPEATS = 3
MOST_ANSWERS = 1_000_000
"""For how many rows an answer is computed to measure the importance of all columns."""
FEWEST_ROWS = 200

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
    score: Callable[[Any, NDArray[np.intp]], float], frame: Any, seed: int
) -> dict[str, tuple[float, float]]:
    """Measure how much worse the answers get when the values of a column are exchanged between rows.

    Parameters
    ----------
    score : callable
        ``score(frame, rows) -> float``, more is better, for those rows of the test part that `frame` has.
    frame : pyarrow.Table
        The test part. Of many columns a part of its rows is taken, so that there are about `MOST_ANSWERS`
        answers in all.
    seed : int

    Returns
    -------
    dict of str to (float, float)
        By column, the mean over the repeats and the standard deviation.

    References
    ----------
    L. Breiman (2001), Random forests, Machine Learning 45.
    """
    n_columns = frame.num_columns
    repeats = REPEATS if n_columns * REPEATS * FEWEST_ROWS <= MOST_ANSWERS else 1
    n_rows = min(max(MOST_ANSWERS // (n_columns * repeats), FEWEST_ROWS), frame.num_rows)
    rows = np.sort(np.random.default_rng(seed).permutation(frame.num_rows)[:n_rows])
    places = np.broadcast_to(np.arange(n_rows)[:, None], (n_rows, n_columns))
    found = permutation_importance(
        _Rows(score, frame.take(rows), rows),
        places,  # which row each cell is taken from: scikit-learn permutes arrays, and tables of pandas alone
        rows,
        scoring=_score,
        n_repeats=repeats,
        random_state=seed,
    )
    figures = zip(found.importances_mean.tolist(), found.importances_std.tolist(), strict=True)
    return dict(zip(frame.column_names, figures, strict=True))


class _Rows:
    """Put a table together from the rows that its cells are to be taken from, and score the answers to it."""

    def __init__(
        self, score: Callable[[Any, NDArray[np.intp]], float], frame: Any, rows: NDArray[np.intp]
    ) -> None:
        self._score, self._frame, self._rows = score, frame, rows
        self._unmoved = np.arange(len(rows))

    def fit(self, X: Any, y: Any) -> "_Rows":  # pragma: no cover - scikit-learn asks that there is one
        return self

    def score_places(self, places: NDArray[Any]) -> float:
        frame = self._frame
        for number, name in enumerate(frame.column_names):
            column = places[:, number]
            if not np.array_equal(column, self._unmoved):
                frame = frame.set_column(number, name, frame.column(number).take(column))
        return self._score(frame, self._rows)


def _score(model: _Rows, places: NDArray[Any], rows: NDArray[np.intp]) -> float:
    return model.score_places(places)
