"""What a file knows of one reported score, put together from all its rows."""

from collections.abc import Mapping, Sequence

import numpy as np

from glassnet._common.quoting import shown
from glassnet.doctor.scores.claims import Claims, ReportedRow
from glassnet.doctor.scores.figures import BEST_EPOCH, LOSS, TRAINING, VALIDATION, Codes
from glassnet.doctor.scores.scores import Slip, search_slips
from glassnet.errors import InvalidDataError

OTHER_SPLITS = {
    "train": TRAINING,
    "training": TRAINING,
    "validation": VALIDATION,
    "valid": VALIDATION,
    "val": VALIDATION,
    "dev": VALIDATION,
}
"""What the accuracy on other samples is called, by the names that their splits have."""


def name_accuracy(split: str) -> str:
    """Return what the accuracy on a split is called in a sentence."""
    return OTHER_SPLITS.get(split.lower(), f"accuracy on the split “{split}”")


def scored(claims: Claims, row: ReportedRow) -> tuple[Codes, Codes] | None:
    """Return the labels and the answers that a score is of; None where they are not both known.

    Raises
    ------
    InvalidDataError
        When there is not one answer for each label.
    """
    if row.confusion is not None:
        classes, counts = np.indices(row.confusion.shape).reshape(2, -1), row.confusion.ravel()
        return classes[0].repeat(counts), classes[1].repeat(counts)
    answers = answers_of(row)
    split = claims.splits.get(row.score.split)
    labels = None if split is None else split.labels
    if answers is None or labels is None:
        return None
    if len(answers) != len(labels):
        raise InvalidDataError(
            f"got {len(answers):,} answers of {shown(row.score.model)}; expected one of each of the "
            f"{len(labels):,} samples of the split {shown(row.score.split)}."
        )
    return labels, answers


def answers_of(row: ReportedRow) -> Codes | None:
    """Return the class that a model answers, from its answers or its probabilities."""
    if row.answers is not None or row.probabilities is None:
        return row.answers
    return np.asarray(row.probabilities.argmax(axis=1))


def accuracies(claims: Claims) -> list[float | None]:
    """Return the accuracy of each row's answers; None where they are not known."""
    pairs = [scored(claims, row) for row in claims.rows]
    return [None if both is None else float((both[0] == both[1]).mean()) for both in pairs]


def known_elsewhere(claims: Claims, row: ReportedRow, counted: Sequence[float | None]) -> dict[str, float]:
    """Return what else the score of a row may be, by what it is called.

    These are the same model's accuracies on other splits, counted or else reported; the best epoch of its
    history; its loss; and the accuracies that other models' answers have on the same samples.
    """
    found: dict[str, float] = {}
    for other, right in zip(claims.rows, counted, strict=True):
        is_model, is_split = other.score.model == row.score.model, other.score.split == row.score.split
        if is_model and not is_split:
            found[name_accuracy(other.score.split)] = other.score.value if right is None else right
        elif is_split and not is_model and right is not None:
            found[f"accuracy of “{other.score.model}”"] = right
    if row.history:
        found[BEST_EPOCH] = max(row.history)
    if row.loss is not None:
        found[LOSS] = row.loss
    return found


def slips_of(claims: Claims, row: ReportedRow, elsewhere: Mapping[str, float]) -> list[Slip]:
    """Return the figures of a row's answers that reproduce its score; none where there are no answers."""
    both = scored(claims, row)
    if both is None:
        return []
    return search_slips(
        row.score,
        *both,
        n_classes=claims.classes,
        probabilities=None if row.confusion is not None else row.probabilities,
        elsewhere=elsewhere,
        is_ordered=row.confusion is None,
    )
