"""Checks of reported scores: which of them can be right, and what the others are."""

from collections import defaultdict

import numpy as np

from glassnet.doctor._judging import check
from glassnet.doctor.findings import Cure, Severity, Symptom
from glassnet.doctor.scores.claims import Claims, ReportedRow
from glassnet.doctor.scores.element_wise import explain_by_slip
from glassnet.doctor.scores.scores import class_shares, mcnemar, search_slips, wilson_interval
from glassnet.doctor.scores.search import idle_parameters, name_distinct
from glassnet.errors import InvalidDataError

EQUAL_MODELS = 3
SIGNIFICANT = 0.05


@check(
    code="equal-scores",
    severity=Severity.HIGH,
    question="Are the scores of different models different?",
    rule=(
        f"at least {EQUAL_MODELS} models have one score of one split, to the last digit; medium "
        "where these are less than half of the models"
    ),
)
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
        Severity.HIGH if is_most else Severity.MEDIUM,
    )


@check(
    code="impossible-score",
    severity=Severity.HIGH,
    question="Does a whole number of right answers give the score?",
    rule="no whole number of the split's samples, divided by their number, rounds to the score",
)
def find_impossible_scores(claims: Claims) -> Symptom | None:
    """Find scores that no whole number of right answers gives."""
    slip = explain_by_slip(claims)
    explained = [] if slip is None else [row.score for row in slip.rows]
    wrong = [
        row.score
        for row in claims.rows
        if (n := claims.size_of(row.score.split)) is not None
        and not row.score.can_be_share_of(n)
        and row.score not in explained
    ]
    if not wrong:
        return None
    first = wrong[0]
    n = claims.size_of(first.split)
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


@check(
    code="score-slip",
    severity=Severity.HIGH,
    question="Is the score an accuracy at all?",
    rule=(
        "the element-wise accuracy of one constant answer, 1 - 2 (1 - share) / K, gives the score to its "
        "last digit"
    ),
)
def find_score_slip(claims: Claims) -> Symptom | None:
    """Find scores that are the element-wise accuracy of one constant answer."""
    slip = explain_by_slip(claims)
    if slip is None or claims.classes is None:
        return None
    k = claims.classes
    true = []
    for split, count in slip.counts.items():
        n = claims.size_of(split)
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


@check(
    code="constant-score",
    severity=Severity.HIGH,
    question="Is the score better than a constant answer's?",
    rule="it is not above the share of the most common class",
)
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


@check(
    code="small-difference",
    severity=Severity.MEDIUM,
    question="Is the best model better than the second?",
    rule=(
        "the second best score lies in the 95 % interval of the best; with the answers of both, McNemar's"
        f" test gives p of {SIGNIFICANT:g} or more"
    ),
    source="Wilson (1927); McNemar (1947)",
)
def find_small_differences(claims: Claims) -> Symptom | None:
    """Find a best model whose lead is within what another test set would change."""
    for name in claims.split_names:
        n = claims.size_of(name)
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
