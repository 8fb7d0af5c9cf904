"""Points in the plane, as the exercises of support vectors state and ask for them."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from string import ascii_uppercase
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.classroom.drawing import Steps
from glassnet.classroom.task import Question
from glassnet.classroom.template import Template
from glassnet.errors import InvalidParameterError
from glassnet.worked.lines import Line, Quantity, Ref, parse_formula
from glassnet.worked.svm.model import LinearSVM

Place = tuple[Fraction, Fraction]

YES_NO = ("yes", "no")
SIDES = ("+", "-")


def numbers_of(template: Template, name: str) -> tuple[Fraction, ...]:
    """Return the numbers that a template draws from, 0 too where the range has it.

    Raises
    ------
    InvalidParameterError
    """
    draw = template.draws.get(name)
    if not isinstance(draw, Steps):
        raise InvalidParameterError(
            f"{template.place('draw', name)}: got {quoted(draw)}; expected low, high and step."
        )
    values = [Fraction(str(value)) for value in draw.values]
    return tuple(sorted({*values, Fraction(0)})) if min(values) < 0 < max(values) else tuple(values)


def places_of(template: Template) -> list[Place]:
    """Return the points of the grid that a template draws from."""
    numbers = numbers_of(template, "x")
    return list(product(numbers, numbers))


def table_of(places: Sequence[Place], signs: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """Return points as the rows of a problem file."""
    rows: list[dict[str, Any]] = [
        {"name": name, "x1": plain(x1), "x2": plain(x2)}
        for name, (x1, x2) in zip(ascii_uppercase, places, strict=False)
    ]
    for row, sign in zip(rows, signs or (), strict=False):
        row["class"] = sign_text(sign)
    return rows


def plain(number: Fraction) -> int | float:
    """Return a number as a file holds it: whole where it is."""
    return int(number) if number.denominator == 1 else float(number)


def coordinates_of(svm: LinearSVM) -> dict[str, float]:
    """Return the coordinates by their names: A1 and A2 are those of the point A."""
    return {
        f"{point.name}{k}": float(value)
        for point in svm.data.points
        for k, value in enumerate(point.known_x, start=1)
    }


def scalars(values: dict[str, float], step: int = 0) -> dict[Quantity, Array]:
    """Return numbers as quantities that are stated."""
    return {Quantity(step, name): np.asarray(float(value)) for name, value in values.items()}


def formula_line(name: str, text: str, part: str, computed: set[str]) -> Line:
    """Return a line from the text of its formula; what is not in `computed` is stated."""

    def names(used: str) -> Ref:
        return Ref(Quantity(int(used in computed), used))

    return Line(Quantity(1, name), part, parse_formula(text, names))


def margin_lines(computed: set[str]) -> Iterator[Line]:
    """Yield ||w|| and the margin."""
    yield formula_line("norm", "sqrt(w1**2 + w2**2)", "margin", computed)
    yield formula_line("margin", "1/norm", "margin", {*computed, "norm"})


def support_questions(svm: LinearSVM) -> tuple[Question, ...]:
    """Ask of each point whether it is a support vector."""
    return tuple(
        Question(
            Quantity(1, f"support_{point.name}"),
            "support",
            choices=YES_NO,
            answer=YES_NO[i not in svm.support],
        )
        for i, point in enumerate(svm.data.points)
    )


def sign_text(sign: int) -> str:
    """Return a class as it is written in tables."""
    return SIDES[sign < 0]
