"""A trace as Markdown, with formulas in LaTeX between dollar signs, as GitHub and Jupyter show them."""

from glassnet._common.quoting import printable
from glassnet.worked.trace._data import WorkedSteps
from glassnet.worked.write._latex import align, given_by_group, given_formulas
from glassnet.worked.write.layout import headline, sections

SPECIAL = str.maketrans({char: "\\" + char for char in "\\*<$`["})
"""What Markdown would take for its own: emphasis, HTML, formulas, code, links."""


def render_markdown(trace: WorkedSteps) -> str:
    """Return the trace as Markdown."""
    title, *paragraphs = (printable(text).translate(SPECIAL) for text in headline(trace, greek=True))
    blocks = [f"# {title}", *paragraphs]
    for section in sections(trace):
        blocks += [f"## Step {section.step}", f"$$\n{_given(trace, section.step)}\n$$"]
        for kind, lines in section.parts:
            blocks += [f"**{kind}**", "\n".join(["$$", *align(trace, lines, "aligned"), "$$"])]
    return "\n\n".join(blocks) + "\n"


def _given(trace: WorkedSteps, step: int) -> str:
    """Return what a step is given, in lines where each weight has a name of its own: formulas do not wrap."""
    if not trace.problem.by_unit:
        return r", \quad ".join(given_formulas(trace, step))
    rows = [r", \quad ".join(group) for group in given_by_group(trace, step)]
    return "\\begin{gathered}\n" + " \\\\\n".join(rows) + "\n\\end{gathered}"
