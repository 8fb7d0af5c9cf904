"""The exercises of a class for Moodle's question bank: Moodle XML, with answers embedded in the text (cloze).

The formats are those of https://docs.moodle.org/en/Moodle_XML_format and
https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from xml.etree import ElementTree as Xml

from glassnet._common.arrays import Array
from glassnet._common.quoting import LAYOUT, printable
from glassnet.classroom.sheets.content import Part, Sheet
from glassnet.classroom.task import Question
from glassnet.worked.allowances import allowances
from glassnet.worked.lines import Quantity, format_number
from glassnet.worked.notations import Latex

DIGITS = 9
"""After the point, of the right number in the file."""


def render_moodle(sheets: Sequence[Sheet]) -> bytes:
    """Return a file to import: a category, and a question for each sheet, named by the student's id.

    Every number has the tolerance with which glassnet grades those who round each line. Moodle carries no
    error forward: each number is judged by itself.
    """
    quiz = Xml.Element("quiz")
    if sheets:
        category = Xml.SubElement(quiz, "question", type="category")
        title = sheets[0].title.replace("/", "//")  # one slash would begin a category in it
        _text(
            Xml.SubElement(category, "category"), f"$course$/{sheets[0].homework.replace('/', '//')}: {title}"
        )
    for sheet in sheets:
        question = Xml.SubElement(quiz, "question", type="cloze")
        _text(Xml.SubElement(question, "name"), f"{sheet.homework} {sheet.student.id}")
        _text(Xml.SubElement(question, "questiontext", format="html"), _write(sheet))
        _text(Xml.SubElement(question, "generalfeedback", format="html"), "")
        Xml.SubElement(question, "penalty").text = "0.3333333"
        Xml.SubElement(question, "hidden").text = "0"
    Xml.indent(quiz)
    content: bytes = Xml.tostring(quiz, encoding="utf-8", xml_declaration=True)
    return content


def _text(parent: Xml.Element, text: str) -> None:
    Xml.SubElement(parent, "text").text = printable(text, keep=LAYOUT)


def _write(sheet: Sheet) -> str:
    """Return the text of a question in HTML, its formulas as Moodle's MathJax reads them."""
    notation, say = Latex("{,}" if sheet.language.point == "," else sheet.language.point), sheet.language.say
    facts = [f"{escape(name)}: <strong>{escape(value)}</strong>" for name, value in sheet.facts]
    blocks = [*map(escape, sheet.paragraphs), ", ".join(facts), f"<strong>{escape(say('given'))}</strong>"]
    for row in sheet.given:
        equations = [
            _formula(
                f"{notation.name(one.name)} = {sheet.write_given(one, notation, sheet.language.between)}"
            )
            for one in row.given
        ]
        blocks.append(" &nbsp; ".join(filter(None, [escape(row.title), *equations])))
    rules = sheet.write_rules(notation, (" = ", r" \leftarrow "), _formula, _typed)
    blocks += [f"<strong>{escape(say('formulas'))}</strong>", "<br>".join(rules)] if rules else []
    blocks.append(escape(say("precision", digits=sheet.task.digits)))
    allowed = _allowed(sheet)
    for step in sheet.steps:
        blocks += [f"<strong>{escape(step.title)}</strong>"] if step.title else []
        for part in step.parts:
            blocks += [f"<em>{escape(part.title)}</em>", _write_part(sheet, part, notation, allowed)]
    return "\n".join(f"<p>{block}</p>" for block in blocks if block)


def _formula(text: str) -> str:
    return rf"\({escape(text)}\)"


def _typed(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _allowed(sheet: Sheet) -> Mapping[Quantity, Array]:
    task = sheet.task
    return allowances(task.lines, task.values, [line.quantity for line in task.asked_lines], task.digits)


def _write_part(sheet: Sheet, part: Part, notation: Latex, allowed: Mapping[Quantity, Array]) -> str:
    places = []
    for question in (question for group in part.groups for question in group):
        if question.choices:
            places.append(f"{escape(sheet.ask(question))} {_choose(sheet, question)}")
        else:
            index = f"[{','.join(map(str, question.index))}]" if question.index else ""
            name = _formula(notation.name(question.quantity.name)) + index
            bound = float(allowed[question.quantity][tuple(i - 1 for i in question.index)])
            right = format_number(question.value, DIGITS)
            places.append(f"{name} = {{1:NUMERICAL:={right}:{bound * 1.005:.3g}}}")
    return "<br>".join(places)


def _choose(sheet: Sheet, question: Question) -> str:
    choices = [
        ("=" if choice == question.answer else "") + _guard(escape(sheet.language.choice(choice)))
        for choice in question.choices
    ]
    return f"{{1:MULTICHOICE_V:{'~'.join(choices)}}}"


def _guard(text: str) -> str:
    """Write a text so that nothing in it ends an answer or begins another."""
    return re.sub(r'([\\}#~"/=%])', r"\\\1", text)
