"""What the doctor says as a small tree of values: each medium has one function that shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from glassnet.doctor.findings import Finding, Severity
from glassnet.nn.history import History


@dataclass(frozen=True)
class Facts:
    """Names and their values; in plain text the names have a column of `width` characters."""

    values: Mapping[str, str]
    width: int = 34


@dataclass(frozen=True)
class Rows:
    """Rows of texts below their headings. Plain text, which may be narrow, leaves it out."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class LossCurves:
    """The losses of trainings on the same axes, by what is said of each. Text cannot show them."""

    histories: Mapping[str, History]


@dataclass(frozen=True)
class ClosingLine:
    """The sentence that all the rest is for, and whether it is good news."""

    text: str
    is_good: bool


Block = Facts | Finding | Rows | LossCurves | ClosingLine


@dataclass(frozen=True)
class Document:
    """A title, a summary in a sentence (which may be empty), and what follows from top to bottom."""

    title: str
    summary: str = ""
    blocks: tuple[Block, ...] = field(default=())

    @property
    def findings(self) -> list[Finding]:
        """The findings among the blocks."""
        return [block for block in self.blocks if isinstance(block, Finding)]


def summarise(findings: list[Finding]) -> str:
    """Return in a sentence how many findings there are of which severity."""
    if not findings:
        return "nothing found."
    counts = {severity: sum(f.severity == severity for f in findings) for severity in Severity}
    parts = [f"{count} of {severity} severity" for severity, count in counts.items() if count]
    return f"{len(findings)} finding{'s' if len(findings) > 1 else ''}, {', '.join(parts)}."
