"""Checks of reported scores: which of them can be right, and what the others are."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from glassnet.doctor.checks.search import idle_parameters, name_distinct
from glassnet.doctor.findings import Cure, Symptom
from glassnet.doctor.scores.claims import Claims, Codes, ReportedRow, Split
from glassnet.doctor.scores.scores import (
    Reported,
    element_wise_accuracy,
    implied_count,
    mcnemar,
    search_slips,
    wilson_interval,
)
from glassnet.errors import InvalidDataError

EQUAL_MODELS = 3
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class SlipFound:
    """Hold a constant answer whose element-wise accuracy is what was reported.

    Attributes
    ----------
    answer : int
        The class of the constant answer.
    counts : dict of str to int
        How many samples of that class each split has, or must have.
    implied : list of str
        The splits whose count is implied by the score, not counted.
    pool_count : int or None
        How many samples of that class the whole has that these splits are drawn from.
    rows : list of ReportedRow
        The scores that it explains.
    """

    answer: int
    counts: dict[str, int] = field(default_factory=dict)
    implied: list[str] = field(default_factory=list)
    pool_count: int | None = None
    rows: list[ReportedRow] = field(default_factory=list)


def find_equal_scores(claims: Claims) -> Symptom | None:
    """Find different models with the same score to the last digit."""
    idle = idle_parameters(claims.rows)
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in claims.rows:
        groups[(row.score.split, row.score.text)].add(name_distinct(row, idle))
    equal = {key: names for key, names in groups.items() if len(names) >= EQUAL_MODELS}
    if not equal:
        return None
    most = max(map(len, equal.values()))
    models = {name_distinct(row, idle) for row in claims.rows}
    is_most = any(2 * len(names) >= len(models) for names in equal.values())
    shown = "; ".join(f"{split} {text}: {len(names)} models" for (split, text), names in equal.items())
    return Symptom(
        f"{most} different models are reported with the same score, to the last digit.",
        shown,
        "Networks that were trained differently are wrong on different samples. That several get the same "
        "number right happens; that they do in every split and to the last digit does not. Equal scores mean "
        "that the models gave the same answers, mostly one answer to everything, or that one score was "
        "computed once and copied.",
        Cure("Count the answers of each model: np.bincount(model.predict(X_test))."),
        "high" if is_most else "medium",
    )


def find_impossible_scores(claims: Claims) -> Symptom | None:
    """Find scores that no whole number of right answers gives."""
    slip = explain_by_slip(claims)
    explained = [] if slip is None else [row.score for row in slip.rows]
    wrong = [
        row.score
        for row in claims.rows
        if (n := _size(claims, row.score.split)) is not None
        and not row.score.can_be_share_of(n)
        and row.score not in explained
    ]
    if not wrong:
        return None
    first = wrong[0]
    n = _size(claims, first.split)
    assert n is not None
    below = int(np.floor(first.value * n))
    return Symptom(
        f"{len(wrong)} score{'s' if len(wrong) > 1 else ''} cannot be an accuracy: no whole number of right "
        "answers gives it.",
        f"{first.model}, {first.split}: {first.text} of {n:,} samples",
        f"An accuracy is a whole number divided by the number of samples. {below:,} of {n:,} give "
        f"{below / n:.7g}, {below + 1:,} give {(below + 1) / n:.7g}; {first.text} lies between. The split "
        "has another size, or the figure is another measure.",
        Cure("State the number of samples, and say which measure it is."),
    )


def find_score_slip(claims: Claims) -> Symptom | None:
    """Find scores that are the element-wise accuracy of one constant answer."""
    slip = explain_by_slip(claims)
    if slip is None or claims.classes is None:
        return None
    k = claims.classes
    true = []
    for split, count in slip.counts.items():
        n = _size(claims, split)
        assert n is not None
        value = 1 - 2 * (1 - count / n) / k
        kind = "implied" if split in slip.implied else "counted"
        true.append(f"{split}: {value:.7f} for {count:,} of {n:,} ({kind}), true accuracy {count / n:.4f}")
    sums = ""
    if slip.pool_count is not None:
        together = sum(slip.counts[split] for split in slip.implied)
        sums = (
            f" The scores imply {' and '.join(f'{slip.counts[s]:,}' for s in slip.implied)} samples of that "
            f"class, together {together:,}; the data hold {slip.pool_count:,}."
        )
    return Symptom(
        f"The scores are the element-wise accuracy of the constant answer “{slip.answer}”.",
        "; ".join(true),
        f"Compare one-hot rows entry by entry and a wrong answer still gets {k - 2} of {k} entries right: "
        f"the zeros that both rows have. Answering “{slip.answer}” to every sample gives exactly the "
        f"reported figures that way.{sums} So {len({row.score.model for row in slip.rows})} models are "
        "reported, and what is reported is one constant answer, scored wrongly: (y_true == y_pred).mean() "
        "on one-hot arrays.",
        Cure("Compare classes, not entries: (y_true.argmax(axis=1) == y_pred.argmax(axis=1)).mean()."),
    )


def explain_by_slip(claims: Claims) -> SlipFound | None:
    """Return the constant answer whose element-wise accuracy explains most scores; None if none does.

    A split whose labels are known has to give the score exactly. Of splits drawn from a known whole, the
    score implies how many samples of the class there are; together they must be those of the whole, or, where
    the splits are a part of it, be as many as chance allows (four standard deviations).
    One exact count at least is asked for.
    """
    k = claims.classes
    if k is None or k < 3:  # with two classes it is the accuracy itself
        return None
    found = [_try_answer(claims, answer, k) for answer in range(k)]
    best = max((slip for slip in found if slip is not None), key=lambda slip: len(slip.rows), default=None)
    return best if best is not None and best.rows else None


def _try_answer(claims: Claims, answer: int, k: int) -> SlipFound | None:
    slip = SlipFound(answer)
    pools: dict[str, list[str]] = defaultdict(list)
    for name in claims.split_names:
        split = claims.splits.get(name)
        for row in claims.of_split(name):
            count = None if split is None else _count_for(split, row.score, answer, k)
            if split is None or count is None:
                continue
            slip.rows.append(row)
            if name not in slip.counts and split.labels is None:
                slip.implied.append(name)
                pools[split.pool_name].append(name)
            slip.counts[name] = count
    pool_count = None
    for names in pools.values():
        pool = claims.splits[names[0]].pool
        assert pool is not None
        whole = int((pool == answer).sum())
        if sum(claims.splits[name].size or 0 for name in names) == len(pool):
            if sum(slip.counts[name] for name in names) != whole:
                return None
            pool_count = whole
    is_exact = pool_count is not None or len(slip.counts) > len(slip.implied)
    return SlipFound(answer, slip.counts, slip.implied, pool_count, slip.rows) if is_exact else None


def _count_for(split: Split, score: Reported, answer: int, k: int) -> int | None:
    """Return how many samples of the class give the score; None where it cannot be."""
    if split.labels is not None:
        constant = np.full_like(split.labels, answer)
        fits = score.equals(element_wise_accuracy(split.labels, constant, k))
        return int((split.labels == answer).sum()) if fits else None
    if split.size is None or split.pool is None:
        return None
    count = implied_count(score, split.size, k)
    if count is None:
        return None
    share = float((split.pool == answer).mean())
    deviation = (split.size * share * (1 - share)) ** 0.5
    return count if abs(count - split.size * share) <= 4 * deviation + 1 else None


def find_constant_scores(claims: Claims) -> Symptom | None:
    """Find scores no better than an answer that does not look at the samples."""
    rows = []
    for name in claims.split_names:
        split = claims.splits.get(name)
        labels = None if split is None else split.labels
        if labels is None:
            continue
        top = max(class_shares(labels))
        rows += [(row.score, top, labels) for row in claims.of_split(name) if row.score.value <= top]
    if not rows:
        return None
    exact = [
        f"{score.model}: always “{slip.answer}”"
        for score, _, labels in rows
        for slip in search_slips(score, labels)
        if slip.is_accuracy
    ]
    low = min(min(class_shares(labels)) for _, _, labels in rows)
    high = max(top for _, top, _ in rows)
    return Symptom(
        f"{len(rows)} score{'s are' if len(rows) > 1 else ' is'} no better than one constant answer.",
        ", ".join(f"{score.model} {score.text}" for score, _, _ in rows),
        f"Answering one class to every sample scores that class's share: {low:.4f} to {high:.4f} here. "
        + (f"Exactly that is reported: {'; '.join(exact)}. " if exact else "The reported scores lie there. ")
        + "A model that has learnt anything lies above. Differences between such scores say which class was "
        "answered, not which model is better.",
        Cure("Look at the answers: np.bincount(answers). Were training and test data prepared alike?"),
    )


def find_small_differences(claims: Claims) -> Symptom | None:
    """Find a best model whose lead is within what another test set would change."""
    for name in claims.split_names:
        n = _size(claims, name)
        rows = sorted(claims.of_split(name), key=lambda row: -row.score.value)
        if n is None or len(rows) < 2 or name == "train":
            continue
        first, second = rows[0].score, rows[1].score
        if not 0 < second.value < first.value <= 1:
            continue
        low, high = wilson_interval(first.value, n)
        chance = _chance(claims, rows[0], rows[1])
        if second.value < low if chance is None else chance < SIGNIFICANT:
            continue
        samples = round((first.value - second.value) * n)
        return Symptom(
            f"“{first.model}” and “{second.model}” cannot be told apart by {n:,} {name} samples.",
            f"{first.text} and {second.text}; 95 % interval of the first {low:.4f} to {high:.4f}"
            + ("" if chance is None else f"; McNemar's test p = {chance:.3g}"),
            f"The difference is {samples} of {n:,} samples. Another {name} set of that size would give "
            f"“{first.model}” between {low:.4f} and {high:.4f}. "
            + (
                "The second best lies within. With the answers of both models, McNemar's test says more."
                if chance is None
                else f"Two equally good models differ as much on the same samples with p = {chance:.3g}."
            ),
            Cure("Report the interval with the score, and test on more samples."),
        )
    return None


def _chance(claims: Claims, first: ReportedRow, second: ReportedRow) -> float | None:
    """Return the p-value of McNemar's test, where labels and both models' answers are known."""
    split = claims.splits.get(first.score.split)
    labels = None if split is None else split.labels
    if labels is None or first.answers is None or second.answers is None:
        return None
    for row in (first, second):
        if row.answers is not None and len(row.answers) != len(labels):
            raise InvalidDataError(
                f"got {len(row.answers):,} answers of {row.score.model}; expected one of each of the "
                f"{len(labels):,} samples of the split {row.score.split}."
            )
    return mcnemar(labels, first.answers, second.answers)


def _size(claims: Claims, split: str) -> int | None:
    return claims.splits[split].n if split in claims.splits else None


def class_shares(labels: Codes) -> list[float]:
    """Return the share of each class."""
    return [float(share) for share in np.bincount(labels) / len(labels)]
