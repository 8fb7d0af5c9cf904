"""What each reported score is: that of the answers, another figure, a mean, a constant answer, or open."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import binom

from glassnet._common.words import Word
from glassnet.doctor.findings import Severity
from glassnet.doctor.scores.chance import DOUBTFUL, OTHER_MODEL, SURE, chance_of_match
from glassnet.doctor.scores.claims import Claims, ReportedRow
from glassnet.doctor.scores.element_wise import SlipFound, explain_by_slip
from glassnet.doctor.scores.evidence import accuracies, answers_of, known_elsewhere, slips_of
from glassnet.doctor.scores.figures import BEST_EPOCH, LOSS
from glassnet.doctor.scores.reported import Reported
from glassnet.doctor.scores.scores import Slip, class_shares

ONE_ANSWER = 0.95
"""The share of equal answers from which on they are one."""

CHOSEN_EPOCHS = 0.2
"""In at most this share of the epochs is the best accuracy reached, where it was looked for."""

GENEROUS = 4
"""How many standard deviations the mean of several runs may be off the run whose answers are known."""


class Kind(Word):
    """Say what a reported score is."""

    OPEN = "open"
    """Nothing speaks against it."""
    RIGHT = "right"
    """It is the accuracy of the answers."""
    CUT_OFF = "cut off"
    """It is, but for its last digit, which was cut off instead of rounded."""
    MEAN = "mean"
    """It can be a mean of several runs or folds, as the file says."""
    UNSAID_MEAN = "unsaid mean"
    """It can be one, and the file does not say so."""
    FIGURE = "figure"
    """It is another figure of the answers, or of what else is known."""
    UNKNOWN = "unknown"
    """It is not the accuracy of the answers, and none of the figures that were searched."""
    CONSTANT_SLIP = "constant slip"
    """It is the element-wise accuracy of a constant answer."""
    ERROR_RATE = "error rate"
    """It is lower than any guess: what is right and what is wrong changed places."""
    IMPOSSIBLE = "impossible"
    """No whole number of right answers gives it, in one run or in several."""
    CONSTANT = "constant"
    """It is not above the accuracy of a constant answer."""


@dataclass(frozen=True)
class Explanation:
    """Say what one reported score is.

    Attributes
    ----------
    row : ReportedRow
    kind : Kind
    severity : Severity or None
        How much it matters; None where nothing is wrong.
    text : str
        What is said of it in a table: "the macro F1".
    names : tuple of str
        The figures that it is to its last digit; the likeliest first.
    chances : tuple of float
        How probably each of them fits by accident.
    is_sure : bool
        Whether that is hardly a coincidence.
    accuracy : float or None
        Of the answers, where they are known.
    runs : tuple of int
        Of how many runs it can be the mean.
    """

    row: ReportedRow
    kind: Kind
    severity: Severity | None = None
    text: str = "nothing speaks against it"
    names: tuple[str, ...] = ()
    chances: tuple[float, ...] = ()
    is_sure: bool = True
    accuracy: float | None = None
    runs: tuple[int, ...] = ()

    @property
    def score(self) -> Reported:
        """What was reported."""
        return self.row.score

    def phrase(self, subject: str = "it is") -> str:
        """Return what it is, or may be, for the end of a sentence."""
        return phrase_of(self.names, is_sure=self.is_sure, subject=subject)


def phrase_of(names: Sequence[str], *, is_sure: bool, subject: str = "it is") -> str:
    """Return what a score is, for the end of a sentence: "it is the macro F1 or the weighted F1"."""
    shown = " or ".join(f"the {name}" for name in names[:3])
    return f"{subject if is_sure else subject.rpartition(' ')[0] + ' may be'} {shown}"


def reason_of(names: Sequence[str], *, is_sure: bool) -> str:
    """Return what the search for a figure came to."""
    if not names:
        return (
            "None of them gives it. It is of another model or other samples, was written down wrongly, or "
            "is a figure that asks for more than is known: the training accuracy, the best of several "
            "epochs, or a top-k accuracy."
        )
    fits = f"To the last digit it is the {names[0]}."
    if is_sure:
        return fits
    return (
        f"{fits} With so few digits one of so many figures fits by accident with a chance of {DOUBTFUL:.0%} "
        "or more: what the score is not is certain, what it is is not."
    )


def name_slips(slips: Sequence[Slip], label_of: dict[int, str]) -> tuple[str, ...]:
    """Return what the figures are called in a sentence; those of constant answers name the class."""
    return tuple(
        slip.name
        if slip.answer is None
        else f"{slip.name} of the constant answer “{label_of.get(slip.answer, slip.answer)}”"
        for slip in slips
    )


def likeliest(slips: Sequence[Slip]) -> list[Slip]:
    """Return the figures of the given answers; those of constant answers only where there is no other."""
    given = [slip for slip in slips if slip.answer is None and not slip.is_accuracy]
    return given or [slip for slip in slips if slip.answer is not None]


@dataclass(frozen=True)
class Explained:
    """Hold what the reported scores are.

    Attributes
    ----------
    scores : list of Explanation
        In the order of the rows.
    slip : SlipFound or None
        The constant answer whose element-wise accuracy explains some of them.
    """

    scores: list[Explanation]
    slip: SlipFound | None

    def of_kind(self, *kinds: Kind) -> list[Explanation]:
        """Return the scores that are of these kinds, the worst first."""
        found = [one for one in self.scores if one.kind in kinds]
        return sorted(found, key=lambda one: one.severity.rank if one.severity else len(Severity))


def explain(claims: Claims) -> Explained:
    """Find out what each reported score is."""
    counted = accuracies(claims)
    found = {
        index: explanation
        for index, (row, right) in enumerate(zip(claims.rows, counted, strict=True))
        if (explanation := _by_answers(claims, row, right, counted)) is not None
    }
    rest = [index for index in range(len(claims.rows)) if index not in found]
    slip = explain_by_slip(replace(claims, rows=tuple(claims.rows[index] for index in rest)))
    for index in rest:
        row = claims.rows[index]
        if slip is not None and any(row is other for other in slip.rows):
            text = f"the element-wise accuracy of “always {claims.name_of(slip.answer)}”"
            severity = Severity.HIGH if slip.is_sure else Severity.MEDIUM
            found[index] = Explanation(row, Kind.CONSTANT_SLIP, severity, text, is_sure=slip.is_sure)
        else:
            found[index] = _by_number(claims, row) or Explanation(row, Kind.OPEN)
    scores = [_by_constant(claims, found[index]) for index in range(len(claims.rows))]
    return Explained(_agree(scores), slip)


def _by_answers(
    claims: Claims, row: ReportedRow, right: float | None, counted: Sequence[float | None]
) -> Explanation | None:
    """Compare a score with the answers, or else with the history and the loss, where these are known."""
    if right is None:
        return _by_history(row)
    n = _answered(row)
    if row.score.equals(right):
        return Explanation(row, Kind.RIGHT, text="the accuracy of the answers", accuracy=right)
    near = GENEROUS * (2 * right * (1 - right) / n + OTHER_MODEL**2) ** 0.5
    is_near = abs(row.score.value - right) <= near
    if row.runs is not None and row.runs > 1 and is_near and row.score.can_be_mean_of(row.runs, n):
        return Explanation(row, Kind.MEAN, text=f"a mean of {row.runs}", accuracy=right, runs=(row.runs,))
    if row.score.cuts_off(right):
        text = f"cut off; rounded, {right:.7g} has another last digit"
        return Explanation(row, Kind.CUT_OFF, Severity.LOW, text, accuracy=right)
    elsewhere = known_elsewhere(claims, row, counted)
    slips = likeliest(slips_of(claims, row, elsewhere))
    runs = tuple(row.score.runs_that_fit(n)) if is_near and not row.score.can_be_share_of(n) else ()
    if slips:
        names, is_sure = name_slips(slips, dict(enumerate(claims.class_names))), slips[0].is_sure
        chances = tuple(slip.chance for slip in slips)
        return _figure(Explanation(row, Kind.FIGURE, None, "", names, chances, is_sure, right, runs))
    if runs and row.runs is None:
        return _unsaid_mean(row, runs, right)
    is_other_run = is_near and row.runs is None and row.score.can_be_share_of(n)
    severity = Severity.MEDIUM if is_other_run else Severity.HIGH
    text = f"not the accuracy of the answers, {right:.4f}"
    return Explanation(row, Kind.UNKNOWN, severity, text, is_sure=not is_other_run, accuracy=right)


def _figure(found: Explanation) -> Explanation:
    """Return the explanation with severity and text; a mean of runs explains as much as a doubtful slip."""
    severity = Severity.HIGH if found.is_sure or not found.runs else Severity.MEDIUM
    return replace(found, severity=severity, text=found.phrase().removeprefix("it is "))


def _agree(explained: Sequence[Explanation]) -> list[Explanation]:
    """Return the explanations, with the figure in front that most scores are; together they are surer."""
    figures = [one for one in explained if one.kind == Kind.FIGURE and one.chances]
    often = Counter(name for one in figures for name in one.names)
    if not often:
        return list(explained)
    name, count = often.most_common(1)[0]
    wrong = [one for one in explained if one.kind in (Kind.FIGURE, Kind.UNKNOWN, Kind.UNSAID_MEAN)]
    fits = [one for one in figures if name in one.names]
    chance = float(np.mean([one.chances[one.names.index(name)] for one in fits]))
    is_sure = float(binom.sf(count - 1, len(wrong), min(1.0, chance))) < DOUBTFUL

    def put_first(one: Explanation) -> Explanation:
        if count < 2 or one.kind != Kind.FIGURE or name not in one.names:
            return one
        order = sorted(range(len(one.names)), key=lambda index: one.names[index] != name)
        names = tuple(one.names[index] for index in order)
        chances = tuple(one.chances[index] for index in order)
        return _figure(replace(one, names=names, chances=chances, is_sure=one.is_sure or is_sure))

    return [put_first(one) for one in explained]


def _answered(row: ReportedRow) -> int:
    """Return how many samples were answered."""
    if row.confusion is not None:
        return int(row.confusion.sum())
    answers = answers_of(row)
    assert answers is not None
    return len(answers)


def _by_history(row: ReportedRow) -> Explanation | None:
    """Find a score that is the best epoch of its history, or the loss; without answers nothing else tells."""
    if row.loss is not None and row.score.equals(row.loss):
        return Explanation(row, Kind.FIGURE, Severity.HIGH, f"the {LOSS}", (LOSS,))
    if not row.history or not row.score.equals(max(row.history)) or row.score.equals(row.history[-1]):
        return None
    n_best = sum(row.score.equals(accuracy) for accuracy in row.history)
    is_sure = n_best <= max(1, CHOSEN_EPOCHS * len(row.history))
    severity = Severity.HIGH if is_sure else Severity.MEDIUM
    return Explanation(row, Kind.FIGURE, severity, f"the {BEST_EPOCH}", (BEST_EPOCH,), is_sure=is_sure)


def _by_number(claims: Claims, row: ReportedRow) -> Explanation | None:
    """Ask whether a number of right answers gives the score, in one run or in several."""
    score, n = row.score, claims.size_of(row.score.split)
    if n is None or score.can_be_share_of(n):
        return None
    if row.runs is not None and row.runs > 1 and score.can_be_mean_of(row.runs, n):
        return Explanation(row, Kind.MEAN, text=f"a mean of {row.runs}", runs=(row.runs,))
    runs = tuple(score.runs_that_fit(n)) if row.runs is None else ()
    if runs:
        return _unsaid_mean(row, runs)
    text = f"no whole number of {n:,} samples" + ("" if row.runs in (None, 1) else f" in {row.runs} runs")
    elsewhere = known_elsewhere(claims, row, [None] * len(claims.rows))
    names = tuple(name for name, value in elsewhere.items() if score.equals(value))
    return Explanation(row, Kind.IMPOSSIBLE, Severity.HIGH, text, names)


def _unsaid_mean(row: ReportedRow, runs: tuple[int, ...], right: float | None = None) -> Explanation:
    text = f"no share, but it can be a mean of {runs[0]}"
    return Explanation(row, Kind.UNSAID_MEAN, Severity.LOW, text, accuracy=right, runs=runs)


def _by_constant(claims: Claims, explanation: Explanation) -> Explanation:
    """Ask of a score that nothing else explains whether it is above a constant answer's."""
    split = claims.splits.get(explanation.score.split)
    labels = None if split is None else split.labels
    row, score = explanation.row, explanation.score
    if labels is None or explanation.kind not in (Kind.OPEN, Kind.RIGHT):
        return explanation
    shares = np.array(class_shares(labels))
    if score.value > shares.max():
        return explanation
    text = f"not above a constant answer's {shares.max():.4f}"
    answers = answers_of(row)
    if answers is not None:
        most = float(np.bincount(answers).max() / len(answers))
        is_one = most == 1 or most >= ONE_ANSWER > shares.max()
        severity = Severity.HIGH if is_one else Severity.MEDIUM
        return replace(explanation, kind=Kind.CONSTANT, severity=severity, text=text, is_sure=is_one)
    n, guess = len(labels), float(shares @ shares)
    if binom.cdf(round(score.value * n), n, guess) < SURE and score.value < guess / 2:
        text = f"the error rate, or labels that changed places: any guess is right in {guess:.4f}"
        names = ("error rate",)
        return replace(explanation, kind=Kind.ERROR_RATE, severity=Severity.HIGH, text=text, names=names)
    others = [other.score for other in claims.of_split(score.split)]
    nobody_learnt = all(other.value <= shares.max() for other in others)
    is_guess = len(shares) > 2 and binom.sf(round(score.value * n) - 1, n, guess) > SURE
    is_sure = nobody_learnt and (is_guess or _are_shares(others, shares.tolist(), n))
    severity = Severity.HIGH if is_sure else Severity.MEDIUM
    return replace(explanation, kind=Kind.CONSTANT, severity=severity, text=text, is_sure=is_sure)


def _are_shares(scores: Sequence[Reported], shares: Sequence[float], n: int) -> bool:
    """Say whether so many scores are exactly the share of a class that it is hardly a coincidence."""
    different = {score.value: score for score in scores}.values()
    exact = sum(any(score.equals(share) for share in shares) for score in different)
    chance = max(chance_of_match(score, shares, None, n) for score in different)
    return exact > 0 and float(binom.sf(exact - 1, len(different), chance)) < DOUBTFUL
