"""A graded sheet as HTML, for a notebook."""

from glassnet._common.notebook import Table, ends_of, render
from glassnet.worked.grade._data import GradedSheet, LineStatus
from glassnet.worked.grade.text import describe, expected_text, summary, verdict, written_text

COLUMNS = ("step", "line", "written", "should be", "verdict")


def render_section(grade: GradedSheet) -> str:
    """Return the verdict, the first error, and a table of every line that is not simply right."""
    first = grade.first_error
    error = "No line is wrong." if first is None else f"First error: {describe(first)}"
    lines = [line for line in grade.lines if line.status != LineStatus.RIGHT]
    chosen = ends_of(len(lines), *([] if first is None else [lines.index(first)]))
    rows = [
        ["…"] * len(COLUMNS)
        if i is None
        else (
            str(lines[i].quantity.step),
            lines[i].quantity.name,
            written_text(lines[i]),
            expected_text(lines[i]),
            verdict(lines[i]),
        )
        for i in chosen
    ]
    return render(
        grade.problem.name,
        [f"Sheet {grade.sheet.name}: {summary(grade)}", error],
        tables=[Table(COLUMNS, rows)] if rows else [],
    )
