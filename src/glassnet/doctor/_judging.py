"""What a check is, how it is declared, and how checks are run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from glassnet._common.progress import say
from glassnet.doctor.findings import Finding, Severity, Symptom

Subject = TypeVar("Subject")
"""What a check looks at: a `Probe` of a model, or `Claims`."""

OWN = "this library"
"""The source of the rules that are nobody else's."""


@dataclass(frozen=True)
class Check(Generic[Subject]):
    """A function that looks for one fault, with all that is said of it; call it to look.

    Attributes
    ----------
    code : str
        The key, stable: ``"symmetric-units"``.
    severity : Severity
        Of what it finds, unless the symptom says otherwise.
    question : str
        What it asks.
    rule : str
        When it finds something, with the threshold.
    source : str
        Where the rule is from.
    function : callable
        ``function(subject)`` returns a `Symptom`, or None.
    """

    code: str
    severity: Severity
    question: str
    rule: str
    source: str
    function: Callable[[Subject], Symptom | None]

    def __call__(self, subject: Subject) -> Symptom | None:
        """Return what it finds in the subject, or None."""
        return self.function(subject)


def check(
    *, code: str, severity: Severity, question: str, rule: str, source: str = OWN
) -> Callable[[Callable[[Subject], Symptom | None]], Check[Subject]]:
    """Make the function below a `Check`, which has these attributes; decorate with it."""

    def declare(function: Callable[[Subject], Symptom | None]) -> Check[Subject]:
        return Check(code, severity, question, rule, source, function)

    return declare


def by_code(*checks: Check[Subject]) -> dict[str, Check[Subject]]:
    """Return a table of checks, in the order in which they are given."""
    return {check.code: check for check in checks}


def run_checks(checks: Iterable[Check[Subject]], subject: Subject) -> list[Finding]:
    """Return what the checks find: the worst first, else in the checks' order."""
    found = []
    for check in checks:
        say(check.question)
        symptom = check(subject)
        if symptom is not None:
            found.append(_make_finding(check, symptom))
    return sorted(found, key=lambda finding: finding.severity.rank)


def _make_finding(check: Check[Subject], symptom: Symptom) -> Finding:
    return Finding(
        code=check.code,
        severity=symptom.severity or check.severity,
        title=symptom.title,
        measured=symptom.measured,
        threshold=check.rule,
        source=check.source,
        text=symptom.text,
        cure=symptom.cure,
    )
