"""A trace as Markdown, with formulas in LaTeX between dollar signs, as GitHub and Jupyter show them."""

from glassnet.worked.trace._data import WorkedSteps
from glassnet.worked.write._latex import align, given_formulas
from glassnet.worked.write.layout import headline, sections


def render_markdown(trace: WorkedSteps) -> str:
    """Return the trace as Markdown."""
    title, *paragraphs = (text.replace("*", r"\*") for text in headline(trace, greek=True))
    blocks = [f"# {title}", *paragraphs]
    for section in sections(trace):
        given = r", \quad ".join(given_formulas(trace, section.step))
        blocks += [f"## Step {section.step}", f"$$\n{given}\n$$"]
        for kind, lines in section.parts:
            blocks += [f"**{kind}**", "\n".join(["$$", *align(trace, lines, "aligned"), "$$"])]
    return "\n\n".join(blocks) + "\n"
