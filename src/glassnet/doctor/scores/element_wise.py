"""Scores that are the element-wise accuracy of one constant answer, and what they imply."""

from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.stats import binom

from glassnet.doctor.scores.chance import DOUBTFUL, chance_of_match
from glassnet.doctor.scores.claims import Claims, ReportedRow, Split
from glassnet.doctor.scores.reported import Reported
from glassnet.doctor.scores.scores import class_shares, implied_count


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
    chance : float
        How probably some constant answer explains as many scores by accident.
    """

    answer: int
    counts: dict[str, int] = field(default_factory=dict)
    implied: list[str] = field(default_factory=list)
    pool_count: int | None = None
    rows: list[ReportedRow] = field(default_factory=list)
    chance: float = 0.0

    @property
    def is_sure(self) -> bool:
        """Whether it is hardly a coincidence."""
        return self.chance < DOUBTFUL


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
    if best is None or not best.rows:
        return None
    return replace(best, chance=_chance(claims, best, k))


def _chance(claims: Claims, slip: SlipFound, k: int) -> float:
    """Return how probably as many different scores are explained by accident, whichever the answer."""
    scores = {(row.score.split, row.score.value): row.score for row in claims.rows}
    known = [(score, claims.splits[score.split]) for score in scores.values() if score.split in claims.splits]
    chances = [_chance_of_one(score, split, k) for score, split in known if _is_known(split)]
    n_explained = len({(row.score.split, row.score.value) for row in slip.rows})
    return float(binom.sf(n_explained - 1, len(chances), np.mean(chances)))


def _is_known(split: Split) -> bool:
    return split.labels is not None or (split.size is not None and split.pool is not None)


def _chance_of_one(score: Reported, split: Split, k: int) -> float:
    """Return how probably a score is that of some constant answer: any class, any number that it may have."""
    n, labels = split.n, split.pool if split.labels is None else split.labels
    assert n is not None
    assert labels is not None
    counts = set()
    for share in class_shares(labels):
        spread = 0 if split.labels is not None else int(4 * (n * share * (1 - share)) ** 0.5 + 1)
        middle = round(n * share)
        counts |= set(range(max(middle - spread, 0), min(middle + spread, n) + 1))
    return chance_of_match(score, (_element_wise(count, n, k) for count in counts), None, n)


def _element_wise(count: int, n: int, k: int) -> float:
    """Return the element-wise accuracy of a constant answer that is right for `count` of n samples."""
    return 1 - 2 * (1 - count / n) / k


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
        own = int((split.labels == answer).sum())
        return own if score.equals(_element_wise(own, len(split.labels), k)) else None
    if split.size is None or split.pool is None:
        return None
    count = implied_count(score, split.size, k)
    if count is None:
        return None
    share = float((split.pool == answer).mean())
    deviation = (split.size * share * (1 - share)) ** 0.5
    return count if abs(count - split.size * share) <= 4 * deviation + 1 else None
