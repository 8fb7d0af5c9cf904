"""Whether labels belong to the samples, and whether a column gives them away; asked of the references."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from glassnet.doctor.measure.reference import Reference, Table, Task

OFFSETS = tuple(offset for offset in range(-5, 6) if offset)

SUSPECTS = 3
"""How many columns are asked whether they alone tell the answer."""


SURE, UNLIKELY, MANY_CLASSES = 0.5, 0.08, 5
"""A label is contradicted when another class has so much more, and itself has next to nothing: samples that
are hard by nature leave their own class a share. Of few classes that cannot be told from other noise."""


@dataclass(frozen=True)
class ShiftFacts:
    """Say how well references do with the labels moved by some rows.

    Attributes
    ----------
    score : float
        With the labels as they are, cross-validated.
    best_offset : int
        The shift, ``np.roll(y, offset)``, with the highest score.
    best_score : float
        With that shift.
    """

    score: float
    best_offset: int
    best_score: float


def measure_shifts(reference: Reference, y: NDArray[np.float64], rows: NDArray[np.intp]) -> ShiftFacts:
    """Score the ridges on the labels as they are, and moved by 1 to 5 rows to either side.

    Parameters
    ----------
    reference : Reference
        Of the rows.
    y : ndarray of shape (n, n_outputs)
        Of all samples, in their order.
    rows : ndarray of int
        Those of the reference among them.
    """
    scores = {offset: reference.left_out_score(np.roll(y, offset, axis=0)[rows]) for offset in OFFSETS}
    best = max(scores, key=lambda offset: scores[offset])
    return ShiftFacts(reference.left_out_score(y[rows]), best, scores[best])


def score_alone(table: Table, columns: NDArray[np.intp], task: Task) -> float:
    """Return the score of a small tree of some columns, on the half of the rows that it did not see."""
    half = np.arange(len(table)) % 2 == 0
    X, y = table.X[:, columns], table.y
    tree = (DecisionTreeClassifier if task.n_classes else DecisionTreeRegressor)(
        min_samples_leaf=3, max_leaf_nodes=64, random_state=0
    )
    if task.n_classes:
        tree.fit(X[half], y[half].argmax(axis=1))
        return float((tree.predict(X[~half]) == y[~half].argmax(axis=1)).mean())
    tree.fit(X[half], y[half])
    return task.score(np.asarray(tree.predict(X[~half])).reshape(y[~half].shape), y[~half])


def find_tell_tales(reference: Reference, sources: NDArray[np.intp]) -> list[tuple[int, float]]:
    """Return the columns that follow the answers most closely, each with its score alone; the best first.

    Columns that were made of one, and have the same number in `sources`, are asked together.
    """
    X, y = reference.train.X, reference.train.y
    centred = y - y.mean(axis=0)
    if reference.task.n_classes:  # share of the column's variance that lies between the classes
        sums = y.T @ X
        counts = y.sum(axis=0)[:, None]
        between = (sums**2 / np.maximum(counts, 1)).sum(axis=0)
        strength = between / np.maximum((X**2).sum(axis=0), 1e-12)
    else:
        products = (centred.T @ X) ** 2
        norms = np.outer((centred**2).sum(axis=0), (X**2).sum(axis=0))
        strength = (products / np.maximum(norms, 1e-12)).max(axis=0)
    order = np.argsort(-strength)
    suspects = order[np.sort(np.unique(sources[order], return_index=True)[1])][:SUSPECTS]
    scored = [
        (int(j), score_alone(reference.train, np.flatnonzero(sources == sources[j]), reference.task))
        for j in suspects
    ]
    return sorted(scored, key=lambda pair: -pair[1])


def share_contradicted(reference: Reference) -> float:
    """Return the share of training labels that references which were not given them contradict."""
    if reference.task.n_classes < MANY_CLASSES:
        return 0.0
    y = reference.train.y
    ridge, name = (
        (reference.bumps, "bumps")
        if reference.scores["bumps"] >= reference.scores["linear"]
        else (reference.linear, "linear")
    )
    outputs = ridge.left_out(y, reference.strengths[name])
    given = outputs[y.astype(bool)]
    return float(((outputs.max(axis=1) - given > SURE) & (given < UNLIKELY)).mean())
