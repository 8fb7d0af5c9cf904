"""A graded sheet as text and as plain values."""

from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.words import counted
from glassnet.worked.grade._data import GradedLine, GradedSheet, LineStatus
from glassnet.worked.grade._slips import either as either
from glassnet.worked.write._formula import write_value
from glassnet.worked.write._plain import TEXT


def render_grade(grade: GradedSheet) -> str:
    """Return the verdict in sentences, and every line that is not simply right."""
    lines = [f"{grade.problem.name}", f"Sheet {grade.sheet.name}: {summary(grade)}", ""]
    first = grade.first_error
    if first is None:
        lines.append("No line is wrong.")
    else:
        lines += [f"First error: {describe(first)}", ""]
    for graded in grade.lines:
        if graded.status != LineStatus.RIGHT and graded is not first:
            lines.append(f"  {describe(graded)}")
    return "\n".join(lines).rstrip() + "\n"


def summary(grade: GradedSheet) -> str:
    """Return the score and the counts in one sentence."""
    counts = {status: sum(line.status == status for line in grade.lines) for status in LineStatus}
    shown = [f"{count} {status.counted}" for status, count in counts.items() if count]
    points = f"{grade.points:g} of {counted(len(grade.lines), 'point')} ({100 * grade.score:.0f} %)"
    missing = f"; {counted(grade.missing, 'line was', 'lines were')} not given" if grade.missing else ""
    return f"{points}: {', '.join(shown)}{missing}."


def describe(line: GradedLine) -> str:
    """Return the verdict on a line in one sentence."""
    step, name = line.quantity
    equals = f"{name} = {written_text(line)}" if not line.entries[0].index else written_text(line)
    begin = f"step {step}, {equals}: {verdict(line)}"
    if line.status == LineStatus.RIGHT:
        return f"{begin}."
    if line.status == LineStatus.CONSISTENT:
        return f"{begin}; without them {expected_text(line)}."
    return f"{begin}; it should be {expected_text(line)}."


def written_text(line: GradedLine) -> str:
    """Return what was written."""
    return ", ".join(f"{entry.label} = {entry.text}" if entry.index else entry.text for entry in line.entries)


def expected_text(line: GradedLine) -> str:
    """Return what should be there: worked from the lines before, or without the errors in those."""
    digits = max(entry.decimals for entry in line.entries)
    return write_value(line.exact if line.status == LineStatus.CONSISTENT else line.expected, TEXT, digits)


def verdict(line: GradedLine) -> str:
    """Return the status of a line, and the cause if it is wrong."""
    return line.status.verdict.format(cause=line.cause_in())


def grade_to_json(grade: GradedSheet) -> dict[str, object]:
    """Return the grade as dictionaries, lists, numbers and text."""
    first = grade.first_error
    return {
        "problem": grade.problem.name,
        "sheet": grade.sheet.name,
        "points": grade.points,
        "out_of": len(grade.lines),
        "score": grade.score,
        "missing": grade.missing,
        "first_error": None if first is None else _line(first),
        "lines": [_line(line) for line in grade.lines],
    }


def _finite(array: Array) -> Any:
    """Return numbers as lists; None stands for what a huge number on the sheet makes infinite, as in JSON."""
    return np.where(np.isfinite(array), array, np.array(None)).tolist()


def _line(line: GradedLine) -> dict[str, object]:
    return {
        "step": line.quantity.step,
        "quantity": line.quantity.name,
        "written": {entry.label: entry.text for entry in line.entries},
        "status": line.status,
        "points": line.points,
        "expected": _finite(line.expected),
        "exact": _finite(line.exact),
        "cause": None if line.cause is None else {"kind": line.cause.kind, "text": line.cause_in()},
    }
