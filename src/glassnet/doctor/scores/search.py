"""Checks of a search: parameters that were varied and changed nothing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.doctor._judging import check
from glassnet.doctor.findings import Cure, Severity, Symptom
from glassnet.doctor.scores.claims import Claims, ReportedRow


@dataclass(frozen=True)
class Idle:
    """Name a parameter without effect, and where it has none.

    Attributes
    ----------
    name : str
    other, value : str
        Where another parameter has this value; empty where it has no effect at all.
    """

    name: str
    other: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.name} where {self.other}={self.value}" if self.other else self.name

    def holds_for(self, row: ReportedRow) -> bool:
        """Say whether the parameter has no effect on this model."""
        return not self.other or row.parameters.get(self.other) == self.value


@check(
    code="idle-parameters",
    severity=Severity.MEDIUM,
    question="Did everything that was varied have an effect?",
    rule="candidates that differ in one parameter alone always have one score, to the last digit",
)
def find_idle_parameters(claims: Claims) -> Symptom | None:
    """Find parameters that a search varied and that changed nothing."""
    idle = idle_parameters([row for row in claims.rows if row.score.value != 1])  # nobody errs on easy data
    if not idle:
        return None
    shown = "; ".join(map(str, idle))
    return Symptom(
        f"The search varied parameters that have no effect: {shown}.",
        shown,
        "Candidates that differ in nothing but these have the same score to the last digit: they are the "
        "same model under two names. A solver takes only some of the parameters; L-BFGS has neither batches "
        "nor a learning rate. The search looks larger than it is, and its time goes into repeating itself.",
        Cure("Give each solver a grid of its own: param_grid takes a list of grids."),
    )


def idle_parameters(rows: Sequence[ReportedRow]) -> list[Idle]:
    """Return the parameters without effect, on all models or where another parameter has some value."""
    names = list(dict.fromkeys(name for row in rows for name in row.parameters))
    found = []
    for name in names:
        if _has_no_effect(rows, name):
            found.append(Idle(name))
            continue
        for other in names:
            for value in dict.fromkeys(row.parameters.get(other, "") for row in rows):
                part = [row for row in rows if row.parameters.get(other) == value]
                if other != name and len(part) < len(rows) and _has_no_effect(part, name):
                    found.append(Idle(name, other, value))
    return found


def _has_no_effect(rows: Sequence[ReportedRow], name: str) -> bool:
    """Say whether rows that differ in one parameter alone always have one score, and there are such rows."""
    scores: dict[tuple[object, ...], set[str]] = defaultdict(set)
    values: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for row in rows:
        rest = sorted((key, value) for key, value in row.parameters.items() if key != name)
        key = (row.score.split, *rest)
        scores[key].add(row.score.text)
        values[key].add(row.parameters.get(name, ""))
    varied = [key for key in scores if len(values[key]) > 1]
    return len(varied) > 0 and all(len(scores[key]) == 1 for key in varied)


def name_distinct(row: ReportedRow, idle: Sequence[Idle]) -> str:
    """Return a name that models have in common which differ in nothing that has an effect."""
    dropped = {parameter.name for parameter in idle if parameter.holds_for(row)}
    if not dropped & row.parameters.keys():
        return row.score.model
    return ", ".join(f"{key}={value}" for key, value in row.parameters.items() if key not in dropped)
