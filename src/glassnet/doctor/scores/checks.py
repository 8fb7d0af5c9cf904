"""Checks of reported scores: which of them can be right, and what the others are."""

import math
from collections import Counter
from collections.abc import Sequence

from glassnet._common.words import counted
from glassnet.doctor._judging import check
from glassnet.doctor.findings import Cure, Severity, Symptom
from glassnet.doctor.scores.chance import DOUBTFUL
from glassnet.doctor.scores.claims import Claims, ReportedRow
from glassnet.doctor.scores.element_wise import SlipFound
from glassnet.doctor.scores.evidence import scored
from glassnet.doctor.scores.explanations import Explanation, Kind, explain, reason_of
from glassnet.doctor.scores.figures import cure_of
from glassnet.doctor.scores.reported import MOST_RUNS
from glassnet.doctor.scores.scores import class_shares, mcnemar, search_slips, wilson_interval

SIGNIFICANT = 0.05
SHOWN = 6
"""How many scores are written out."""


@check(
    code="score-slip",
    severity=Severity.HIGH,
    question="Is the score an accuracy at all?",
    rule=(
        "it is not the accuracy of the answers; or the element-wise accuracy of one constant answer, 1 - 2 "
        "(1 - share) / K, the best epoch or the loss give it to its last digit; or it is below any guess. "
        f"Medium where as much fits by accident with a chance of {DOUBTFUL:.0%} or more; low where it was "
        "cut off instead of rounded"
    ),
)
def find_score_slip(claims: Claims) -> Symptom | None:
    """Find scores that are another figure than the accuracy of the answers, and say which."""
    explained = explain(claims)
    figures = explained.of_kind(Kind.FIGURE, Kind.UNKNOWN, Kind.ERROR_RATE)
    constant = explained.of_kind(Kind.CONSTANT_SLIP)
    if explained.slip is not None and len(constant) > len(figures):
        return _explain_constant_answer(claims, explained.slip)
    if figures:
        return _explain_figures(figures, len(claims.rows))
    cut = explained.of_kind(Kind.CUT_OFF)
    return _explain_cut(cut) if cut else None


def _explain_figures(figures: Sequence[Explanation], n_scores: int) -> Symptom:
    """Say what the scores are; the figure that most of the worst are comes first."""
    worst = [one for one in figures if one.severity == figures[0].severity]
    often = Counter((one.names, one.is_sure) for one in worst if one.names)
    first = max(worst, key=lambda one: often[one.names, one.is_sure])
    counted = any(one.accuracy is not None for one in figures)
    what = "not the accuracy of the answers" if counted else "no accuracy"
    if len(figures) == 1:
        truth = "" if first.accuracy is None else f", {first.accuracy:.4f}"
        fact, subject = f"The score {first.score.text} is {what}{truth}", "it is"
    else:
        agree = all(one.names[:1] == first.names[:1] for one in figures)
        fact = f"{len(figures)} of {n_scores} scores are {what}"
        subject = "they are" if agree else f"{first.score.text} is"
    named = f": {first.phrase(subject)}" if first.names else ""
    return Symptom(
        f"{fact}{named}.",
        "; ".join(
            f"{one.score.model}, {one.score.split}: {one.score.text}, {one.text}"
            + ("" if one.accuracy is None or not one.names else f", accuracy {one.accuracy:.4f}")
            for one in figures[:SHOWN]
        )
        + (f"; and {len(figures) - SHOWN} more" if len(figures) > SHOWN else ""),
        "An accuracy is the share of samples whose class is answered rightly. Other figures are taken for "
        "it by a slip; all that can be computed from what the file holds were compared with the score. "
        + reason_of(first.names, is_sure=first.is_sure),
        Cure(cure_of(first.names[0] if first.names else "accuracy")),
        first.severity,
    )


def _explain_cut(cut: Sequence[Explanation]) -> Symptom:
    many = len(cut) > 1
    return Symptom(
        f"{len(cut)} score{'s were' if many else ' was'} cut off instead of rounded.",
        "; ".join(
            f"{one.score.model}, {one.score.split}: {one.score.text}, {one.text}" for one in cut[:SHOWN]
        ),
        "The last digit is one too small. Nothing else is wrong with it; but whoever computes the score "
        "again gets another number.",
        Cure('Round: f"{score:.4f}".'),
        Severity.LOW,
    )


def _explain_constant_answer(claims: Claims, slip: SlipFound) -> Symptom:
    k, answer = claims.classes, claims.name_of(slip.answer)
    assert k is not None
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
    verb = "are" if slip.is_sure else "may be"
    return Symptom(
        f"The scores {verb} the element-wise accuracy of the constant answer “{answer}”.",
        "; ".join(true),
        f"Compare one-hot rows entry by entry and a wrong answer still gets {k - 2} of {k} entries right: "
        f"the zeros that both rows have. Answering “{answer}” to every sample gives exactly the "
        f"reported figures that way.{sums} "
        + (
            f"So what is reported of {counted(len({row.score.model for row in slip.rows}), 'model')} is one "
            "constant answer, scored wrongly: (y_true == y_pred).mean() on one-hot arrays."
            if slip.is_sure
            else "So few digits agree by accident too: the answers of the models would tell."
        ),
        Cure("Compare classes, not entries: (y_true.argmax(axis=1) == y_pred.argmax(axis=1)).mean()."),
        Severity.HIGH if slip.is_sure else Severity.MEDIUM,
    )


@check(
    code="impossible-score",
    severity=Severity.HIGH,
    question="Does a whole number of right answers give the score?",
    rule=(
        "no whole number of the split's samples, divided by their number, rounds to the score, nor does "
        f"the mean of as many runs or folds as the file says; where it says nothing, of 2 to {MOST_RUNS}, "
        "and low where one of these does"
    ),
)
def find_impossible_scores(claims: Claims) -> Symptom | None:
    """Find scores that no whole number of right answers gives, in one run or in several."""
    explained = explain(claims)
    wrong = explained.of_kind(Kind.IMPOSSIBLE)
    if not wrong:
        means = explained.of_kind(Kind.UNSAID_MEAN)
        return _explain_means(means) if means else None
    first = next((one for one in wrong if one.names), wrong[0])
    score, n = first.score, claims.size_of(first.score.split)
    assert n is not None
    below = math.floor(score.value * n)
    named = f" {first.phrase(f'{score.text} is')}." if first.names else ""
    runs = f"up to {MOST_RUNS}" if first.row.runs is None else f"{first.row.runs}"
    return Symptom(
        f"{len(wrong)} score{'s' if len(wrong) > 1 else ''} cannot be an accuracy: no whole number of right "
        f"answers gives it.{named}",
        f"{score.model}, {score.split}: {score.text} of {n:,} samples",
        f"An accuracy is a whole number divided by the number of samples. {below:,} of {n:,} give "
        f"{below / n:.7g}, {below + 1:,} give {(below + 1) / n:.7g}; {score.text} lies between, and is no "
        f"mean of {runs} runs or folds either. The split has another size, or the figure is another measure.",
        Cure("State the number of samples, and say which measure it is."),
    )


def _explain_means(means: Sequence[Explanation]) -> Symptom:
    """Say of which scores it should be said that they are means."""
    first, many = means[0], len(means) > 1
    shown = [f"{one.score.text}, {' or '.join(map(str, one.runs[:3]))} runs" for one in means[:SHOWN]]
    return Symptom(
        f"{len(means)} score{'s are no shares' if many else ' is no share'} of the samples, but can be "
        f"{'means' if many else 'a mean'} of several runs or folds: say so.",
        "; ".join(shown),
        f"No whole number of right answers gives {first.score.text} in one run; in {first.runs[0]} runs "
        "together one does. With few digits nearly every number is such a mean: nothing speaks against the "
        "score, and nothing for it.",
        Cure("Say of how many runs a score is the mean: by a column, or key, runs, seeds or folds."),
        Severity.LOW,
    )


@check(
    code="constant-score",
    severity=Severity.HIGH,
    question="Is the score better than a constant answer's?",
    rule=(
        "it is not above the share of the most common class; medium where it is of a model beside better "
        "ones, or is neither a guess nor exactly the share of a class"
    ),
)
def find_constant_scores(claims: Claims) -> Symptom | None:
    """Find scores no better than an answer that does not look at the samples."""
    rows = []
    for one in explain(claims).of_kind(Kind.CONSTANT):
        labels = claims.splits[one.score.split].labels
        assert labels is not None
        rows.append((one, class_shares(labels), labels))
    if not rows:
        return None
    exact = [
        f"{one.score.model}: always “{claims.name_of(slip.answer)}”"
        for one, _, labels in rows
        for slip in search_slips(one.score, labels)
        if slip.is_accuracy and slip.answer is not None
    ]
    low = min(min(shares) for _, shares, _ in rows)
    high = max(max(shares) for _, shares, _ in rows)
    is_sure = any(one.is_sure for one, _, _ in rows)
    return Symptom(
        f"{len(rows)} score{'s are' if len(rows) > 1 else ' is'} no better than one constant answer.",
        ", ".join(f"{one.score.model} {one.score.text}" for one, _, _ in rows),
        f"Answering one class to every sample scores that class's share: {low:.4f} to {high:.4f} here. "
        + (f"Exactly that is reported: {'; '.join(exact)}. " if exact else "The reported scores lie there. ")
        + (
            "A model that has learnt anything lies above. Differences between such scores say which class "
            "was answered, not which model is better."
            if is_sure
            else "A baseline lies there, and so does a model that gives rare classes more weight. Of another "
            "the score says that it has learnt nothing."
        ),
        Cure("Look at the answers: np.bincount(answers). Were training and test data prepared alike?"),
        rows[0][0].severity,
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
    if first.confusion is not None or second.confusion is not None:
        return None
    one, other = scored(claims, first), scored(claims, second)
    return None if one is None or other is None else mcnemar(one[0], one[1], other[1])
