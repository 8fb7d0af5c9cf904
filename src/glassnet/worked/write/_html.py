"""A trace as one HTML page: formulas in MathML, which browsers set by themselves; nothing is fetched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice
from typing import ClassVar

from markupsafe import Markup

from glassnet._common.arrays import Array
from glassnet._common.pages import make_environment
from glassnet._common.palette import EMBEDDED, style_of
from glassnet.worked._formula import Line, Quantity
from glassnet.worked.trace._data import TraceLine, WorkedSteps
from glassnet.worked.write._formula import write_value
from glassnet.worked.write._names import SYMBOLS, Fraction, Part, Square, parse_name
from glassnet.worked.write.layout import (
    given_of,
    headline,
    is_renewed,
    published_text,
    rows_of,
    sections,
    shape_of,
)

WIDTH = 84
"""How many characters of plain text make a row."""

MOST_STEPS = 10
"""How many steps a notebook shows."""

FUNCTIONS = {"sum": "∑"} | SYMBOLS

MATRIX = ("<mrow><mo>(</mo><mtable>", "</mtable><mo>)</mo></mrow>")


@dataclass(frozen=True)
class MathML:
    """Write formulas in MathML.

    Attributes
    ----------
    point : str
        What parts the whole from the decimals.
    """

    point: str = "."

    bar: ClassVar[bool] = True

    def name(self, name: str) -> str:
        """Write a name with its index, or as a fraction."""
        match parse_name(name):
            case Fraction(above, below):
                return self.quotient(f"<mo>∂</mo>{_part(above)}", f"<mo>∂</mo>{_part(below)}")
            case Square(first, second):
                return self.power(self.enclose(f"{_part(first)}<mo>−</mo>{_part(second)}"), "2")
            case part:
                return _part(part)

    def number(self, text: str) -> str:
        """Write a number, with a power of ten for an exponent."""
        mantissa, _, exponent = text.partition("e")
        written = f"<mn>{mantissa.replace('-', '−').replace('.', self.point)}</mn>"
        if not exponent:
            return written
        return f"<mrow>{written}<mo>⋅</mo><msup><mn>10</mn>{self.number(str(int(exponent)))}</msup></mrow>"

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        """Write a matrix in parentheses."""
        body = "".join(f"<mtr>{self._row(row)}</mtr>" for row in rows)
        return MATRIX[0] + body + MATRIX[1]

    def _row(self, row: Sequence[str]) -> str:
        dots = "⋯" if any(row) else "⋮"
        return "".join(f"<mtd>{self.number(cell) if cell else f'<mo>{dots}</mo>'}</mtd>" for cell in row)

    def signed(self, sign: int, text: str, first: bool) -> str:
        """Write a term of a sum with its sign."""
        if first and sign > 0:
            return text
        form = " form='prefix'" if first else ""
        return f"<mo{form}>{'+' if sign > 0 else '−'}</mo>{text}"

    def product(self, factors: Sequence[str], between: str) -> str:
        """Write a product: a dot, a circled dot by elements, a thin space between matrices."""
        sign = {"scalars": "<mo>⋅</mo>", "matrices": "<mo>⊙</mo>", "matrix": "<mspace width='0.25em'/>"}[
            between
        ]
        return sign.join(f"<mrow>{factor}</mrow>" for factor in factors)

    def quotient(self, above: str, below: str) -> str:
        """Write a fraction."""
        return f"<mfrac><mrow>{above}</mrow><mrow>{below}</mrow></mfrac>"

    def power(self, base: str, exponent: str) -> str:
        """Write a power."""
        return f"<msup><mrow>{base}</mrow><mn>{exponent}</mn></msup>"

    def transpose(self, matrix: str) -> str:
        """Write a transposed matrix."""
        return f"<msup><mrow>{matrix}</mrow><mo>⊤</mo></msup>"

    def call(self, function: str, argument: str, *more: str) -> str:
        """Write a function of an argument."""
        if function == "sqrt":
            return f"<msqrt><mrow>{argument}</mrow></msqrt>"
        if function == "abs":
            return f"<mrow><mo>|</mo>{argument}<mo>|</mo></mrow>"
        plain, prime = function.removesuffix("'"), "′" if function.endswith("'") else ""
        name = FUNCTIONS.get(plain, plain) + prime
        argument = "<mo>,</mo>".join([argument, *more])
        is_matrix = argument.startswith(MATRIX[0]) and argument.find(MATRIX[1]) == len(argument) - len(
            MATRIX[1]
        )
        argument = argument if is_matrix else self.enclose(argument)  # a matrix has its parentheses
        return f"<mrow><mi mathvariant='normal'>{escape(name)}</mi>{argument}</mrow>"

    def ones(self, n: int, rows: int) -> str:
        """Write a row of ones, or the product of a column of them with a row."""
        row = "<msup><mn mathvariant='bold'>1</mn><mo>⊤</mo></msup>"
        return row if rows == 1 else f"<mrow><mn mathvariant='bold'>1</mn>{row}</mrow>"

    def enclose(self, text: str) -> str:
        """Write parentheses around a formula."""
        high = "<mtable" in text or "<mfrac" in text
        still = "" if high else " stretchy='false'"  # fonts have wide gaps in the ones that grow
        return f"<mrow><mo{still}>(</mo>{text}<mo{still}>)</mo></mrow>"


MATHML = MathML()


def render_html(trace: WorkedSteps) -> str:
    """Return the page."""
    return _fill("trace.html", trace, None)


def render_section(trace: WorkedSteps) -> str:
    """Return the first steps for a notebook, the first of them open."""
    return _fill("trace_section.html", trace, MOST_STEPS)


def _fill(template: str, trace: WorkedSteps, most_steps: int | None) -> str:
    title, *paragraphs = headline(trace, greek=True)
    steps = [
        {
            "number": section.step,
            "given": [math(_equation(trace, *given)) for given in given_of(trace, section.step)],
            "parts": [(kind, [_line(trace, line) for line in lines]) for kind, lines in section.parts],
        }
        for section in islice(sections(trace), most_steps)
    ]
    return (
        make_environment("glassnet.worked.write")
        .get_template(template)
        .render(
            title=title,
            paragraphs=paragraphs,
            steps=steps,
            left_out=trace.problem.n_steps - len(steps),
            colours=Markup(style_of(EMBEDDED)),
        )
    )


def _equation(trace: WorkedSteps, name: str, value: Array) -> str:
    return f"{MATHML.name(name)}<mo>=</mo>{write_value(value, MATHML, trace.problem.digits)}"


def _line(trace: WorkedSteps, line: TraceLine) -> dict[str, object]:
    """Return a line of a trace for the template: its name and rows of formulas, and what stands beside."""
    written = html_line(line.line, trace.values, trace.problem.digits, MATHML)
    return written | {"shape": shape_of(line), "published": published_text(line)}


def html_line(
    line: Line, values: Mapping[Quantity, Array], digits: int | None, notation: MathML
) -> dict[str, object]:
    """Return any line for the template ``trace_step.html``: its name and rows of formulas."""
    rows = rows_of(line, values, digits, notation, WIDTH)
    first = "←" if is_renewed(line) else "="
    return {
        "name": math(notation.name(line.quantity.name)),
        "rows": [_stages(row, first if number == 0 else "=") for number, row in enumerate(rows)],
        "shape": "",
        "published": "",
    }


def _stages(row: Sequence[str], first: str) -> Markup:
    """Return a formula for each stage, so that a narrow screen puts the next one, and the result, below."""
    signs = [first, *["="] * (len(row) - 1)]
    return Markup(" ").join(
        math(f'<mo form="infix">{sign}</mo><mrow>{stage}</mrow>')
        for sign, stage in zip(signs, row, strict=True)
    )


def math(formula: str) -> Markup:
    """Return a formula as an element of a page."""
    return Markup(f'<math displaystyle="true"><mrow>{formula}</mrow></math>')


def _part(part: Part) -> str:
    letter = f"<mi>{escape(part.letter)}</mi>"
    letter = f'<mover accent="true">{letter}<mo>^</mo></mover>' if part.hat else letter
    below = (
        _part(part.below)
        if isinstance(part.below, Part)
        else f"<mn>{part.below.replace('-', '−')}</mn>"
        if part.below
        else ""
    )
    return f"<msub>{letter}{below}</msub>" if below else letter
