"""A diagnosis as text and as a section of HTML."""

import textwrap
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from glassnet.doctor.findings import Cure, Finding

if TYPE_CHECKING:
    from glassnet.doctor.diagnosis import Diagnosis

WIDTH = 100


def render_text(diagnosis: "Diagnosis") -> str:
    """Return the diagnosis as plain text."""
    lines = [f"{diagnosis.name}: {summary(diagnosis.findings)}"]
    lines += [f"  {name:34}{value}" for name, value in diagnosis.facts.items()]
    for number, finding in enumerate(diagnosis.findings, start=1):
        lines += ["", f"{number}. [{finding.severity}] {finding.title}  ({finding.code})"]
        lines += _indented(finding.text)
        for label, value in (
            ("measured", finding.measured),
            ("rule", finding.threshold),
            ("source", finding.source),
            ("cure", cure_text(finding.cure)),
        ):
            lines += _indented(f"{label:11}{value}", hang=11)
    return "\n".join(lines)


def _indented(text: str, hang: int = 0) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="   ", subsequent_indent=" " * (3 + hang))


def summary(findings: Sequence[Finding]) -> str:
    """Return how many findings there are of which severity."""
    if not findings:
        return "nothing found."
    counts = {
        severity: sum(f.severity == severity for f in findings) for severity in ("high", "medium", "low")
    }
    parts = [f"{count} of {severity} severity" for severity, count in counts.items() if count]
    return f"{len(findings)} finding{'s' if len(findings) > 1 else ''}, {', '.join(parts)}."


def cure_text(cure: Cure) -> str:
    """Return a cure with its changed parameters."""
    changes = ", ".join(f"{name}={value!r}" for name, value in cure.parameters.items())
    return f"{cure.text} {changes}".strip() + ("." if changes else "")


def render_section(diagnosis: "Diagnosis") -> str:
    """Return the diagnosis as an HTML section that brings its own style and needs nothing else."""
    facts = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in diagnosis.facts.items()
    )
    findings = "".join(map(_finding, diagnosis.findings))
    return (
        f'<section class="glassnet-doctor"><style>{STYLE}</style><h3>{escape(diagnosis.name)}</h3>'
        f"<p>{escape(summary(diagnosis.findings))}</p><table>{facts}</table>{findings}</section>"
    )


def _finding(finding: Finding) -> str:
    return (
        f'<article class="{finding.severity}">'
        f"<h4><span>{finding.severity}</span> {escape(finding.title)}</h4>"
        f"<p>{escape(finding.text)}</p><dl>"
        f"<dt>measured</dt><dd>{escape(finding.measured)}</dd>"
        f"<dt>rule</dt><dd>{escape(finding.threshold)}</dd>"
        f"<dt>source</dt><dd>{escape(finding.source)}</dd>"
        f"<dt>cure</dt><dd><strong>{escape(cure_text(finding.cure))}</strong></dd>"
        f"<dt>code</dt><dd><code>{finding.code}</code></dd></dl></article>"
    )


STYLE = (
    ".glassnet-doctor{font:15px/1.5 system-ui,sans-serif;max-width:52rem}"
    ".glassnet-doctor table{border-collapse:collapse;margin:.5rem 0 1rem}"
    ".glassnet-doctor th{text-align:left;font-weight:normal;opacity:.75;padding:.1rem 1rem .1rem 0}"
    ".glassnet-doctor td{text-align:left;padding:.1rem 0}"
    ".glassnet-doctor article{border-left:4px solid #0072B2;padding:.1rem 0 .1rem 1rem;margin:1rem 0}"
    ".glassnet-doctor article.high{border-color:#D55E00}"
    ".glassnet-doctor article.medium{border-color:#E69F00}"
    ".glassnet-doctor h4{margin:.2rem 0;font-size:1rem}"
    ".glassnet-doctor h4 span{font-size:.75rem;text-transform:uppercase;border:1px solid;"
    "border-radius:3px;padding:0 .3rem}"
    ".glassnet-doctor p{margin:.3rem 0}"
    ".glassnet-doctor dl{display:grid;grid-template-columns:5.5rem 1fr;margin:.3rem 0;font-size:.9rem}"
    ".glassnet-doctor dt{opacity:.75}.glassnet-doctor dd{margin:0}"
)
