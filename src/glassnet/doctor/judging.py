"""Run checks, and put what they find in order."""

from collections.abc import Iterable
from typing import Any, Protocol

from glassnet.doctor.findings import SEVERITIES, Finding, Symptom


class AnyCheck(Protocol):
    """Describe a check, of a model or of scores."""

    @property
    def code(self) -> str:
        """Its name."""

    @property
    def severity(self) -> str:
        """Of what it finds."""

    @property
    def rule(self) -> str:
        """When it finds something."""

    @property
    def source(self) -> str:
        """Where the rule is from."""

    @property
    def function(self) -> Any:
        """What finds it."""


def run_checks(checks: Iterable[AnyCheck], subject: Any) -> list[Finding]:
    """Return what the checks find in a `Probe` or in `Claims`: the worst first, else in the checks' order."""
    found = [
        _make_finding(check, symptom) for check in checks if (symptom := check.function(subject)) is not None
    ]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def _make_finding(check: AnyCheck, symptom: Symptom) -> Finding:
    return Finding(
        check.code,
        symptom.severity or check.severity,
        symptom.title,
        symptom.measured,
        check.rule,
        check.source,
        symptom.text,
        symptom.cure,
    )
