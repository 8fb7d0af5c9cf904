"""A sheet as one HTML page with a form that works offline, and its solution."""

import re
from collections.abc import Callable
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup

from glassnet._common.pages import make_environment
from glassnet.classroom.sheets.content import Sheet
from glassnet.classroom.task import Question
from glassnet.worked.notations import MathML, html_line, math

if TYPE_CHECKING:
    from jinja2 import Environment


def render_sheet(sheet: Sheet) -> str:
    """Return a student's page: what is given and asked, with a form that saves the answers as CSV."""
    return _fill("sheet.html", sheet, write=_name_writer(sheet))


def render_solution(sheet: Sheet, more: str = "") -> str:
    """Return the instructor's page: every line with its formula and numbers, and the right choices.

    Parameters
    ----------
    sheet : Sheet
    more : str
        How the answer is found, in plain text, where the lines do not say it.
    """
    task, notation = sheet.task, MathML(sheet.language.point)
    steps = [
        {
            "title": step.title,
            "given": [],
            "parts": [
                (
                    sheet.language.parts[kind],
                    [html_line(line, task.values, task.digits, notation) for line in lines],
                )
                for kind, lines in groupby(
                    (line for line in task.asked_lines if line.quantity.step == number),
                    key=lambda line: line.kind,
                )
            ],
        }
        for number, step in enumerate(sheet.steps, start=1)
    ]
    return _fill("solution.html", sheet, steps=steps, more=more)


def _fill(template: str, sheet: Sheet, **places: object) -> str:
    notation, comma = MathML(sheet.language.point), f"<mo>{sheet.language.between.strip()}</mo>"
    given = [
        (
            row.title,
            [
                math(f"{notation.name(one.name)}<mo>=</mo>{sheet.write_given(one, notation, comma)}")
                for one in row.given
            ],
        )
        for row in sheet.given
    ]
    rules = sheet.write_rules(notation, ("<mo>=</mo>", "<mo>←</mo>"), math, _code)
    return (
        _environment()
        .get_template(template)
        .render(
            rules=rules,
            sheet=sheet,
            say=sheet.language.say,
            language=sheet.language.code,
            given=given,
            **places,
        )
    )


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


def _name_writer(sheet: Sheet) -> Callable[[Question], Markup]:
    notation = MathML(sheet.language.point)
    return lambda question: math(f"{notation.name(question.quantity.name)}<mo>=</mo>")


@cache
def _environment() -> "Environment":
    return make_environment(
        "glassnet.classroom.sheets", "glassnet.worked.write", filters={"unbroken": _keep_together}
    )


def _keep_together(text: str) -> str:
    """Return a text in which no line ends within sizes such as 2-2-1."""
    return re.sub(r"(?<=\d)-(?=\d)", "\N{NON-BREAKING HYPHEN}", text)
