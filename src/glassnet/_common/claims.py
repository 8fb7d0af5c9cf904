"""What was published beside what was reproduced, and which of the three verdicts that gives."""

from dataclasses import dataclass
from typing import Any

from glassnet._common.words import Word


class Verdict(Word):
    """Name what comes of checking a published statement."""

    CONFIRMED = "confirmed"
    NOT_REPRODUCIBLE = "not reproducible"
    """It may be right: it is not what came out here, and nothing shows that it is wrong."""
    WRONG = "wrong"


@dataclass(frozen=True)
class Claim:
    """Set one published statement beside the reproduced one.

    Attributes
    ----------
    quantity : str
        What it is of.
    published, reproduced : str
        As people read them.
    verdict : Verdict
    explanation : str
        Why, from what was computed; may be empty where both are the same.
    """

    quantity: str
    published: str
    reproduced: str
    verdict: Verdict
    explanation: str

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Claim":
        """Return the claim that `dataclasses.asdict` described."""
        return cls(**{**value, "verdict": Verdict(value["verdict"])})
