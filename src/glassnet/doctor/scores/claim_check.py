"""`check_claims`: which of the reported scores can be right."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glassnet.doctor.checks import claims as claim
from glassnet.doctor.checks.search import find_idle_parameters
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.findings import Symptom
from glassnet.doctor.judging import run_checks
from glassnet.doctor.scores.claims import Claims
from glassnet.doctor.scores.scores import Reported

OWN = "this library"


@dataclass(frozen=True)
class ClaimCheck:
    """Describe a check of reported scores: an entry of `CLAIM_CHECKS`; see `Check` for the attributes.

    Attributes
    ----------
    code, severity, question, rule, source : str
    function : callable
        ``function(claims)`` returns a `Symptom`, or None.
    """

    code: str
    severity: str
    question: str
    rule: str
    source: str
    function: Callable[[Claims], Symptom | None]


CLAIM_CHECKS: dict[str, ClaimCheck] = {
    check.code: check
    for check in (
        ClaimCheck(
            "equal-scores",
            "high",
            "Are the scores of different models different?",
            f"at least {claim.EQUAL_MODELS} models have one score of one split, to the last digit; medium "
            "where these are less than half of the models",
            OWN,
            claim.find_equal_scores,
        ),
        ClaimCheck(
            "score-slip",
            "high",
            "Is the score an accuracy at all?",
            "the element-wise accuracy of one constant answer, 1 - 2 (1 - share) / K, gives the score to its "
            "last digit",
            OWN,
            claim.find_score_slip,
        ),
        ClaimCheck(
            "impossible-score",
            "high",
            "Does a whole number of right answers give the score?",
            "no whole number of the split's samples, divided by their number, rounds to the score",
            OWN,
            claim.find_impossible_scores,
        ),
        ClaimCheck(
            "constant-score",
            "high",
            "Is the score better than a constant answer's?",
            "it is not above the share of the most common class",
            OWN,
            claim.find_constant_scores,
        ),
        ClaimCheck(
            "idle-parameters",
            "medium",
            "Did everything that was varied have an effect?",
            "candidates that differ in one parameter alone always have one score, to the last digit",
            OWN,
            find_idle_parameters,
        ),
        ClaimCheck(
            "small-difference",
            "medium",
            "Is the best model better than the second?",
            "the second best score lies in the 95 % interval of the best; with the answers of both, McNemar's"
            f" test gives p of {claim.SIGNIFICANT:g} or more",
            "Wilson (1927); McNemar (1947)",
            claim.find_small_differences,
        ),
    )
}
"""Every check of reported scores, by its code."""


@dataclass(frozen=True)
class Judgement:
    """Say of one reported score whether it can be right.

    Attributes
    ----------
    score : Reported
    possible : bool
        Whether it can be the accuracy of a model that has learnt something.
    explanation : str
    """

    score: Reported
    possible: bool
    explanation: str


@dataclass(frozen=True)
class CheckedClaims(Diagnosis):
    """Hold what the doctor found in reported scores; ``print`` it.

    Attributes
    ----------
    name, findings, facts
        As in `Diagnosis`.
    judgements : tuple of Judgement
        One of each score.
    """

    judgements: tuple[Judgement, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return findings and judgements as values that JSON can hold."""
        judgements = [
            {
                "model": judgement.score.model,
                "split": judgement.score.split,
                "score": judgement.score.text,
                "possible": judgement.possible,
                "explanation": judgement.explanation,
            }
            for judgement in self.judgements
        ]
        return super().to_json() | {"verdicts": judgements}


def check_claims(claims: Claims) -> CheckedClaims:
    """Find out which reported scores can be right, and what the others are.

    Parameters
    ----------
    claims : Claims
        As `read_claims` reads them.

    Returns
    -------
    CheckedClaims

    Examples
    --------
    >>> from glassnet.doctor.scores.claims import ReportedRow, Split, as_codes
    >>> labels = as_codes([1] * 1135 + 985 * [0, 2, 3, 4, 5, 6, 7, 8, 9])
    >>> rows = tuple(ReportedRow(Reported(name, "test", "0.8227")) for name in ("a", "b", "c"))
    >>> check_claims(Claims("table", rows, {"test": Split("test", labels)}, n_classes=10)).codes
    ['equal-scores', 'score-slip']
    """
    findings = run_checks(CLAIM_CHECKS.values(), claims)
    slip = claim.explain_by_slip(claims)
    judgements = tuple(_judge(row.score, claims, slip) for row in claims.rows)
    possible = sum(judgement.possible for judgement in judgements)
    facts = {
        "scores": f"{len(claims.rows)} of {len({row.score.model for row in claims.rows})} models",
        "can be right": f"{possible} of {len(judgements)}",
    }
    for name in claims.split_names:
        split = claims.splits.get(name)
        known = "size and labels unknown" if split is None or split.n is None else f"{split.n:,} samples"
        drawn = f", drawn from {split.pool_name}" if split is not None and split.pool is not None else ""
        facts[f"split {name}"] = known + drawn
    return CheckedClaims(claims.name, findings, facts, judgements)


def _judge(score: Reported, claims: Claims, slip: claim.SlipFound | None) -> Judgement:
    if slip is not None and any(row.score == score for row in slip.rows):
        why = f"the element-wise accuracy of “always {slip.answer}”"
        return Judgement(score, False, why)
    split = claims.splits.get(score.split)
    if split is not None and split.n is not None and not score.can_be_share_of(split.n):
        return Judgement(score, False, f"no whole number of {split.n:,} samples")
    if split is not None and split.labels is not None:
        shares = claim.class_shares(split.labels)
        if score.value <= max(shares):
            return Judgement(score, False, f"not above a constant answer's {max(shares):.4f}")
    return Judgement(score, True, "nothing speaks against it")
