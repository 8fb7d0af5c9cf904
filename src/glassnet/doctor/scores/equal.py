"""Checks of scores that are equal: those of different models, and those of different splits."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.doctor._judging import check
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.scores.chance import DOUBTFUL, SURE, chance_of_copies, chance_of_equal, smallest_size
from glassnet.doctor.scores.claims import Claims, ReportedRow
from glassnet.doctor.scores.evidence import OTHER_SPLITS, answers_of, name_accuracy
from glassnet.doctor.scores.scores import class_shares
from glassnet.doctor.scores.search import idle_parameters, name_distinct

EQUAL_MODELS = 3


@dataclass(frozen=True)
class Group:
    """Hold the models that have one score of one split."""

    split: str
    text: str
    names: frozenset[str]
    chance: float
    is_constant: bool


@check(
    code="equal-scores",
    severity=Severity.HIGH,
    question="Are the scores of different models different?",
    rule=(
        f"at least {EQUAL_MODELS} models have one score of one split, not a perfect one, and as many of "
        f"equally good models would have it with a chance of at most {SURE:.1%}, medium up to "
        f"{DOUBTFUL:.0%}; or the score is exactly the share of a class, and no model lies above the largest"
    ),
)
def find_equal_scores(claims: Claims) -> Symptom | None:
    """Find different models with the same score, where that is no coincidence."""
    groups = _groups(claims)
    joint: dict[frozenset[str], float] = defaultdict(lambda: 1.0)
    for group in groups:
        joint[group.names] *= group.chance
    n_splits = len(claims.split_names)
    suspect = [g for g in groups if g.is_constant or n_splits * joint[g.names] <= DOUBTFUL]
    if not suspect:
        return None
    most = max(len(group.names) for group in suspect)
    chance = min(1.0, n_splits * min(joint[group.names] for group in suspect))
    is_constant = any(group.is_constant for group in suspect)
    shown = "; ".join(f"{group.split} {group.text}: {len(group.names)} models" for group in suspect)
    return Symptom(
        f"{most} different models are reported with the same score, to the last digit.",
        shown + f"; chance {short(chance)}" * (not is_constant),
        "Networks that were trained differently are wrong on different samples. That several get the same "
        "number right happens, on few samples or when nearly all are right; "
        + (
            "that it is just the number of one class's samples does not. "
            if is_constant
            else f"so often, it happens to equally good models with a chance of {short(chance)} at most. "
        )
        + "Equal scores mean that the models gave the same answers, mostly one answer to everything, or "
        "that one score was computed once and copied.",
        Cure("Count the answers of each model: np.bincount(model.predict(X_test))."),
        Severity.HIGH if is_constant or chance <= SURE else Severity.MEDIUM,
    )


def _groups(claims: Claims) -> list[Group]:
    """Return the models of each score that at least three have; perfect scores are left out."""
    idle = idle_parameters(claims.rows)
    found = []
    for split in claims.split_names:
        rows = claims.of_split(split)
        n_models = len({name_distinct(row, idle) for row in rows})
        n = claims.size_of(split) or smallest_size([row.score for row in rows])
        by_text: dict[str, list[ReportedRow]] = defaultdict(list)
        for row in rows:
            by_text[row.score.text].append(row)
        for text, equal in by_text.items():
            score = equal[0].score
            names = frozenset(name_distinct(row, idle) for row in _same_answers(equal))
            if len(names) < EQUAL_MODELS or score.value == 1:
                continue
            runs = max(row.runs or 1 for row in equal)
            chance = chance_of_equal(score, n_models, len(names), None if n is None else n * runs)
            found.append(Group(split, text, names, chance, _is_share_of_class(claims, split, equal[0])))
    return found


def _same_answers(rows: Sequence[ReportedRow]) -> list[ReportedRow]:
    """Return the models whose answers are not known to differ: the most with the same, and the unknown."""
    by_answers: dict[bytes, list[ReportedRow]] = defaultdict(list)
    unknown = []
    for row in rows:
        answers = answers_of(row)
        if answers is None:
            unknown.append(row)
        else:
            by_answers[answers.tobytes()].append(row)
    return unknown + max(by_answers.values(), key=len, default=[])


def _is_share_of_class(claims: Claims, split: str, row: ReportedRow) -> bool:
    """Say whether a score is the share of a class, where no model of the split lies above the largest."""
    labels = claims.splits[split].labels if split in claims.splits else None
    if labels is None:
        return False
    shares = class_shares(labels)
    nobody_learnt = all(other.score.value <= max(shares) for other in claims.of_split(split))
    return nobody_learnt and any(row.score.equals(share) for share in shares)


@check(
    code="copied-scores",
    severity=Severity.HIGH,
    question="Is each score of its own split?",
    rule=(
        "models have one score of two splits, one of them training or validation data, and as many would "
        f"have it by accident with a chance of at most {SURE:.1%}; medium up to {DOUBTFUL:.0%}"
    ),
)
def find_copied_scores(claims: Claims) -> Symptom | None:
    """Find scores of one split that were written down for another."""
    names = claims.split_names
    others = [i for i, name in enumerate(names) if name.lower() in OTHER_SPLITS]
    found = sorted({(min(i, k), max(i, k)) for i in others for k in range(len(names)) if i != k})
    pairs = ((names[i], names[k]) for i, k in found)
    copies = [copied for first, second in pairs if (copied := _copies(claims, first, second)) is not None]
    if not copies:
        return None
    chance, first, second, models = min(copies)
    return Symptom(
        f"{len(models)} model{'s have' if len(models) > 1 else ' has'} one score of {first} and {second}, "
        f"to the last digit: is what is reported of {second} the {name_accuracy(first)}?",
        f"{', '.join(models[:6])}; chance {short(chance)}",
        "Two splits hold different samples. That a model is right in the same share of both happens "
        f"by accident with a chance of {short(chance)} here. More likely, one of the scores was written down "
        "twice, or one split was scored under two names.",
        Cure(f"Compute the score of {second} again, from the samples of {second}."),
        Severity.HIGH if chance <= SURE else Severity.MEDIUM,
    )


def _copies(claims: Claims, first: str, second: str) -> tuple[float, str, str, list[str]] | None:
    """Return how probably the models' scores of two splits agree so often, and which do."""
    rows = [{row.score.model: row for row in claims.of_split(split)} for split in (first, second)]
    pairs = [(row, rows[1][model]) for model, row in rows[0].items() if model in rows[1]]
    pairs = [(a, b) for a, b in pairs if max(a.score.value, b.score.value) < 1]
    equal = [(a, b) for a, b in pairs if a.score.text == b.score.text]
    sizes = [
        claims.size_of(split) or smallest_size([row.score for row in found.values()])
        for split, found in zip((first, second), rows, strict=True)
    ]
    if not equal or None in sizes or any(answers_of(row) is not None for pair in equal for row in pair):
        return None
    different = {(a.score.text, b.score.text): (a.score, b.score) for a, b in pairs}
    n_equal = sum(a == b for a, b in different)
    chance = chance_of_copies(list(different.values()), n_equal, (sizes[0] or 1, sizes[1] or 1))
    return (chance, first, second, [a.score.model for a, _ in equal]) if chance <= DOUBTFUL else None
