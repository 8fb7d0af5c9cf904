"""A sheet as Markdown, with formulas in LaTeX between dollar signs, and a table to fill."""

from glassnet._common.quoting import printable
from glassnet.classroom.sheets.content import Part, Sheet
from glassnet.worked.notations import Latex

SPECIAL = str.maketrans({char: "\\" + char for char in "\\*<$`[|_#"})
"""What Markdown would take for its own: emphasis, HTML, formulas, code, links, tables."""


def render_markdown(sheet: Sheet) -> str:
    """Return the sheet as Markdown."""
    notation, say = Latex("{,}" if sheet.language.point == "," else sheet.language.point), sheet.language.say
    blocks = [f"# {_escape(sheet.title)}", _escape(sheet.byline), *map(_escape, sheet.paragraphs)]
    blocks += ["\n".join(f"- {_escape(name)}: {_escape(value)}" for name, value in sheet.facts)]
    blocks += [f"## {_escape(say('given'))}"]
    for row in sheet.given:
        title = f"{_escape(row.title)}: " if row.title else ""
        equations = [
            f"${notation.name(one.name)} = {sheet.write_given(one, notation, sheet.language.between)}$"
            for one in row.given
        ]
        blocks.append(title + ", ".join(equations))
    rules = sheet.write_rules(notation, (" = ", r" \leftarrow "), "- ${}$".format, "- `{}`".format)
    blocks += [f"## {_escape(say('formulas'))}", "\n".join(rules)] if rules else []
    blocks += [f"## {_escape(say('answers'))}", *map(_escape, sheet.notes)]
    for step in sheet.steps:
        blocks += [f"### {_escape(step.title)}"] if step.title else []
        for part in step.parts:
            blocks += [f"**{_escape(part.title)}**", _table(sheet, part)]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _table(sheet: Sheet, part: Part) -> str:
    rows = [f"| {sheet.language.say('quantity')} | {sheet.language.say('value')} |", "|---|---|"]
    for group in part.groups:
        for question in group:
            choices = " / ".join(_escape(sheet.language.choice(choice)) for choice in question.choices)
            name = _escape(sheet.ask(question)) if choices else f"`{question.label}`"
            rows.append(f"| {name} | {choices} |")
    return "\n".join(rows)


def _escape(text: str) -> str:
    return printable(text).translate(SPECIAL)
