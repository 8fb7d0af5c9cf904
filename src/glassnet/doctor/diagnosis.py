"""What the doctor says of one model."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from glassnet.doctor.findings import Finding, Severity
from glassnet.doctor.write._shown import Shown
from glassnet.doctor.write.document import Document, Facts, summarise


@dataclass(frozen=True, repr=False)
class Diagnosis(Shown):
    """Hold what the doctor found in one model; ``print`` it.

    Attributes
    ----------
    name : str
        Of the model.
    findings : list of Finding
        The worst first; of one severity, causes before symptoms.
    facts : dict
        What was measured, for people: losses, accuracies, sizes.
    """

    name: str
    findings: list[Finding]
    facts: dict[str, str]

    def __repr__(self) -> str:
        codes = ", ".join(dict.fromkeys(self.codes))
        return f"<{type(self).__name__} {self.name!r}: {summarise(self.findings)} {codes}".rstrip() + ">"

    @property
    def first(self) -> Finding | None:
        """The finding to begin with; None for a healthy model."""
        return self.findings[0] if self.findings else None

    @property
    def codes(self) -> list[str]:
        """The codes of the findings, in their order."""
        return [finding.code for finding in self.findings]

    @property
    def is_healthy(self) -> bool:
        """Whether nothing of high severity was found."""
        return all(finding.severity != Severity.HIGH for finding in self.findings)

    @property
    def document(self) -> Document:
        """All of it, as it is shown."""
        return Document(self.name, summarise(self.findings), (Facts(self.facts), *self.findings))

    def to_json(self) -> dict[str, Any]:
        """Return the diagnosis as values that JSON can hold."""
        return {
            "name": self.name,
            "healthy": self.is_healthy,
            "facts": self.facts,
            "findings": [asdict(finding) for finding in self.findings],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Return what `to_json` described."""
        return cls(value["name"], [Finding.from_json(one) for one in value["findings"]], value["facts"])
