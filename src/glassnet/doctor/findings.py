"""What is found in a model or in scores, and what is to be done about it."""

import math
from dataclasses import dataclass, field
from typing import Any

from glassnet._common.words import Word


class Severity(Word):
    """Say how bad a finding is; from the worst."""

    HIGH = "high"
    """It keeps the network from learning, or makes a score meaningless."""
    MEDIUM = "medium"
    """It costs much."""
    LOW = "low"
    """Beware."""


@dataclass(frozen=True)
class Cure:
    """Say what to change.

    Attributes
    ----------
    text : str
        A sentence for people.
    parameters : dict
        Constructor parameters of the model, by its own names, with their new values; may be empty.
    data, target : str
        What to do with the inputs, and with targets that are numbers: ``"standardise"``, or nothing.
    """

    text: str
    parameters: dict[str, Any] = field(default_factory=dict)
    data: str = ""
    target: str = ""

    @property
    def can_be_tried(self) -> bool:
        """Whether a training with it can be run at once."""
        return bool(self.parameters or self.data or self.target)

    def __str__(self) -> str:
        changes = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"{self.text} {changes}".strip() + ("." if changes else "")


@dataclass(frozen=True)
class Symptom:
    """Hold what a check saw.

    Attributes
    ----------
    title : str
        One sentence with the fact.
    measured : str
        The value that broke the rule.
    text : str
        A paragraph that a student understands.
    cure : Cure
    severity : Severity or None
        None takes the check's own.
    """

    title: str
    measured: str
    text: str
    cure: Cure
    severity: Severity | None = None


@dataclass(frozen=True)
class Finding:
    """Hold what the doctor found.

    Attributes
    ----------
    code : str
        Of the check, stable.
    severity : Severity
    title, measured, text : str
        As in `Symptom`.
    threshold : str
        The rule that it broke.
    source : str
        Where the rule is from.
    cure : Cure
    """

    code: str
    severity: Severity
    title: str
    measured: str
    threshold: str
    source: str
    text: str
    cure: Cure

    @property
    def details(self) -> dict[str, str]:
        """What stands below its text, by its names."""
        return {
            "measured": self.measured,
            "rule": self.threshold,
            "source": self.source,
            "cure": str(self.cure),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Finding":
        """Return the finding that `dataclasses.asdict` described."""
        severity, cure = Severity(value["severity"]), Cure(**value["cure"])
        return cls(**{**value, "severity": severity, "cure": cure})


def short(value: float) -> str:
    """Return a number in three digits."""
    return f"{value:.3g}"


def show_score(score: float) -> str:
    """Return a score in three decimals; of a network without finite weights there is none."""
    return f"{score:.3f}" if math.isfinite(score) else "none"
