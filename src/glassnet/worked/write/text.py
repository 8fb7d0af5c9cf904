"""A trace as plain text."""

from glassnet.worked.trace._data import TraceLine, WorkedSteps
from glassnet.worked.write._formula import write_value
from glassnet.worked.write._plain import TEXT
from glassnet.worked.write.layout import (
    break_rows,
    given_groups,
    headline,
    is_renewed,
    published_text,
    sections,
    shape_of,
    stages_in_rows,
)

WIDTH = 100
"""Above this many characters a line is broken before an equals sign."""


def render_text(trace: WorkedSteps) -> str:
    """Return the whole trace as lines of text, with the published values that differ beside them."""
    lines = [*headline(trace), ""]
    for section in sections(trace):
        lines += [
            f"Step {section.step}",
            "",
            "  Given",
            *(f"    {text}" for text in given_lines(trace, section.step)),
        ]
        for kind, trace_lines in section.parts:
            lines += ["", f"  {kind}"]
            lines += [f"    {text}" for line in trace_lines for text in render_line(trace, line)]
        lines.append("")
    return "\n".join(lines)


def given_lines(trace: WorkedSteps, step: int) -> list[str]:
    """Return what a step is given: numbers on one line, or on one for each group, matrices on one each."""
    groups = [
        [f"{name} = {write_value(value, TEXT, trace.problem.digits)}" for name, value in group]
        for group in given_groups(trace, step)
    ]
    return [", ".join(group[i] for i in row) for group in groups for row in break_rows(group, WIDTH)]


def render_line(trace: WorkedSteps, line: TraceLine, width: int = WIDTH) -> list[str]:
    """Return a line as text, broken before an equals sign where it would be too wide."""
    name = line.line.quantity.name
    rows = [" = ".join(row) for row in stages_in_rows(trace, line, TEXT, width - len(name))]
    rows[0] = f"{name} {'<-' if is_renewed(line.line) else '='} {rows[0]}"
    rows[1:] = [f"{' ' * len(name)} = {row}" for row in rows[1:]]
    rows[-1] += f"   ({shape_of(line)})" if line.value.ndim else ""
    rows[-1] += f"   [published: {published_text(line)}]" if line.published else ""
    return rows
