"""A document as plain text."""

import textwrap

from glassnet._common.quoting import printable
from glassnet.doctor.findings import Finding
from glassnet.doctor.write.document import ClosingLine, Document, Facts

WIDTH = 100
DETAIL_WIDTH = 11
"""Room for ``measured``, ``rule``, ``source`` and ``cure``."""


def render_text(document: Document) -> str:
    """Return the document as lines of text, names in it escaped; tables and curves are left out."""
    lines = [f"{document.title}: {document.summary}" if document.summary else document.title]
    number = 0
    for block in document.blocks:
        match block:
            case Facts(values, width):
                lines += [f"  {name:{width}}{value}" for name, value in values.items()]
            case Finding():
                number += 1
                lines += _finding(number, block)
            case ClosingLine(text):
                lines.append(text)
    return printable("\n".join(lines), keep="\n")


def _finding(number: int, finding: Finding) -> list[str]:
    lines = ["", f"{number}. [{finding.severity}] {finding.title}  ({finding.code})"]
    lines += _indented(finding.text)
    for name, value in finding.details.items():
        lines += _indented(f"{name:{DETAIL_WIDTH}}{value}", hang=DETAIL_WIDTH)
    return lines


def _indented(text: str, hang: int = 0) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="   ", subsequent_indent=" " * (3 + hang))
