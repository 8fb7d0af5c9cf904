"""`check_claims`: which of the reported scores can be right."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from glassnet._common.words import counted
from glassnet.doctor._judging import run_checks
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.findings import Severity
from glassnet.doctor.scores.claims import Claims
from glassnet.doctor.scores.explanations import explain
from glassnet.doctor.scores.reported import Reported
from glassnet.doctor.scores.table import CLAIM_CHECKS
from glassnet.doctor.write.document import Document, Rows


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


@dataclass(frozen=True, repr=False)
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

    @property
    def document(self) -> Document:
        """All of it, as it is shown: with the scores that cannot be right, equal ones together."""
        whole = super().document
        counts = Counter(
            (judgement.score.split, judgement.score.text, judgement.explanation)
            for judgement in self.judgements
            if not judgement.possible
        )
        if not counts:
            return whole
        rows = tuple((split, text, str(count), why) for (split, text, why), count in counts.items())
        columns = ("split", "score", "models", "cannot be right, because it is")
        table = Rows("Scores that cannot be right", columns, rows)
        return replace(whole, blocks=(*whole.blocks, table))

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
    judgements = tuple(
        Judgement(one.score, one.severity != Severity.HIGH, one.text) for one in explain(claims).scores
    )
    possible = sum(judgement.possible for judgement in judgements)
    n_models = len({row.score.model for row in claims.rows})
    facts = {
        "scores": f"{len(claims.rows)}, those of {counted(n_models, 'model')}",
        "can be right": f"{possible} of {len(judgements)}",
    }
    for name in claims.split_names:
        split = claims.splits.get(name)
        known = "size and labels unknown" if split is None or split.n is None else f"{split.n:,} samples"
        drawn = f", drawn from {split.pool_name}" if split is not None and split.pool is not None else ""
        facts[f"split {name}"] = known + drawn
    return CheckedClaims(claims.name, findings, facts, judgements)
