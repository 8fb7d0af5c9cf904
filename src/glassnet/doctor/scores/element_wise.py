"""Scores that are the element-wise accuracy of one constant answer, and what they imply."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from glassnet.doctor.scores.claims import Claims, ReportedRow, Split
from glassnet.doctor.scores.scores import Reported, element_wise_accuracy, implied_count


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
