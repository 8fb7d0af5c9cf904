"""A trace as plain values."""

from glassnet.worked.trace._data import TraceLine, WorkedSteps
from glassnet.worked.write._plain import TEXT
from glassnet.worked.write.layout import describe_settings, stages


def render_json(trace: WorkedSteps) -> dict[str, object]:
    """Return the trace as dictionaries, lists, numbers and text; numbers with all their digits."""
    return {
        "problem": trace.problem.name,
        "settings": describe_settings(trace.problem),
        "digits": trace.problem.digits,
        "course_rounding": trace.rounded,
        "lines": [_line(trace, line) for line in trace.lines],
    }


def _line(trace: WorkedSteps, line: TraceLine) -> dict[str, object]:
    return {
        "step": line.line.quantity.step,
        "part": line.line.kind,
        "quantity": line.line.quantity.name,
        "shape": list(line.value.shape),
        "formula": stages(trace, line, TEXT)[:-1],
        "value": line.value.tolist(),
        "exact": line.exact.tolist(),
        "published": {entry.label: entry.text for entry in line.published},
    }
