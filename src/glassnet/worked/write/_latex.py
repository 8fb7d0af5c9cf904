"""A trace as a LaTeX document, and the formulas of it for Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from glassnet._common.quoting import printable
from glassnet.worked.trace._data import TraceLine, WorkedSteps
from glassnet.worked.write._formula import write_value
from glassnet.worked.write._names import GREEK, SUBSCRIPTS, SYMBOLS, Fraction, Part, Square, parse_name
from glassnet.worked.write.layout import (
    given_groups,
    headline,
    is_renewed,
    published_text,
    sections,
    stages_in_rows,
)

COMMANDS = {letter: rf"\{name}" for name, letter in GREEK.items()} | {"ε": r"\varepsilon"}
FUNCTIONS = {"tanh": r"\tanh", "exp": r"\exp", "log": r"\log", "sum": r"\textstyle\sum"}
FUNCTIONS |= {name: COMMANDS[letter] for name, letter in SYMBOLS.items()}
SPECIAL = str.maketrans(
    {char: "\\" + char for char in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}
    | {letter: f"${command}$" for letter, command in COMMANDS.items()}
    | {subscript: f"$_{chr(digit)}$" for digit, subscript in SUBSCRIPTS.items()}
    | {char: f"${char}$" for char in "<>|"}
)


def escape(text: str) -> str:
    """Write a text so that LaTeX sets it as it is; nothing in it is a command."""
    return printable(text).translate(SPECIAL)


WIDTH, WIDTH_OF_MATRICES = 78, 110
"""How many characters of plain text make a row; matrices are set on a wide page."""

MATRIX = (r"\begin{pmatrix} ", r" \end{pmatrix}")


@dataclass(frozen=True)
class Latex:
    """Write formulas for LaTeX's mathematics.

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
                return rf"\frac{{\partial {_part(above)}}}{{\partial {_part(below)}}}"
            case Square(first, second):
                return rf"\left({_part(first)} - {_part(second)}\right)^{{2}}"
            case part:
                return _part(part)

    def number(self, text: str) -> str:
        """Write a number, with a power of ten for an exponent."""
        mantissa, _, exponent = text.replace(".", self.point).partition("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        """Write a matrix in parentheses."""
        return MATRIX[0] + r" \\ ".join(map(self._row, rows)) + MATRIX[1]

    def _row(self, row: Sequence[str]) -> str:
        if not any(row):
            return " & ".join([r"\vdots"] * len(row))
        return " & ".join(self.number(cell) if cell else r"\cdots" for cell in row)

    def signed(self, sign: int, text: str, first: bool) -> str:
        """Write a term of a sum with its sign."""
        if first:
            return text if sign > 0 else f"-{text}"
        return f" + {text}" if sign > 0 else f" - {text}"

    def product(self, factors: Sequence[str], between: str) -> str:
        """Write a product: a dot, a circled dot by elements, nothing between matrices."""
        return {"scalars": r" \cdot ", "matrices": r" \odot ", "matrix": r" \, "}[between].join(factors)

    def quotient(self, above: str, below: str) -> str:
        """Write a fraction."""
        return rf"\frac{{{above}}}{{{below}}}"

    def power(self, base: str, exponent: str) -> str:
        """Write a power."""
        return rf"{{{base}}}^{{{exponent}}}"

    def transpose(self, matrix: str) -> str:
        """Write a transposed matrix."""
        return rf"{{{matrix}}}^{{\top}}"

    def call(self, function: str, argument: str, *more: str) -> str:
        """Write a function of an argument."""
        if function == "sqrt":
            return rf"\sqrt{{{argument}}}"
        if function == "abs":
            return rf"\left|{argument}\right|"
        name, prime = function.removesuffix("'"), "'" if function.endswith("'") else ""
        command = FUNCTIONS.get(name, rf"\operatorname{{{escape(name)}}}")
        argument = ", ".join([argument, *more])
        is_matrix = argument.startswith(MATRIX[0]) and argument.find(MATRIX[1]) == len(argument) - len(
            MATRIX[1]
        )
        argument = argument if is_matrix else self.enclose(argument)  # a matrix has its parentheses
        return command + prime + argument

    def ones(self, n: int, rows: int) -> str:
        """Write a row of ones, or the product of a column of them with a row."""
        row = r"\mathbf{1}^{\top}"
        return row if rows == 1 else r"\mathbf{1}" + row

    def enclose(self, text: str) -> str:
        """Write parentheses around a formula."""
        return rf"\left({text}\right)"


LATEX = Latex()


def render_latex(trace: WorkedSteps) -> str:
    """Return a document that pdflatex sets, with nothing but LaTeX's own packages and amsmath."""
    title, *paragraphs = (escape(text) for text in headline(trace, greek=True))
    matrices = not trace.problem.has_numbers
    lines = [
        r"\documentclass[10pt,a4paper,fleqn]{article}",
        rf"\usepackage[margin=18mm{',landscape' if matrices else ''}]{{geometry}}",
        r"\usepackage{amsmath}",
        r"\setcounter{MaxMatrixCols}{20}",
        r"\allowdisplaybreaks",
        r"\setlength{\parindent}{0pt}",
        r"\begin{document}",
        rf"\section*{{{title}}}",
        "\\par\n".join(paragraphs),
    ]
    lines += [r"\footnotesize"] if matrices else []
    for section in sections(trace):
        given = "$, \\quad\n$".join(given_formulas(trace, section.step))
        lines += [rf"\subsection*{{Step {section.step}}}", rf"{{\raggedright ${given}$\par}}\medskip"]
        for kind, trace_lines in section.parts:
            lines += [rf"\textbf{{{kind}}}", *align(trace, trace_lines, "align*")]
    return "\n".join([*lines, r"\end{document}", ""])


def given_formulas(trace: WorkedSteps, step: int) -> list[str]:
    """Return what a step is given, an equation each."""
    return [equation for group in given_by_group(trace, step) for equation in group]


def given_by_group(trace: WorkedSteps, step: int) -> list[list[str]]:
    """Return what a step is given in groups, an equation each."""
    digits = trace.problem.digits
    return [
        [f"{LATEX.name(name)} = {write_value(value, LATEX, digits)}" for name, value in group]
        for group in given_groups(trace, step)
    ]


def align(trace: WorkedSteps, lines: Sequence[TraceLine], environment: str) -> list[str]:
    """Return lines below one another, aligned at their equals signs."""
    rows = [row for line in lines for row in _rows(trace, line)]
    return [rf"\begin{{{environment}}}", " \\\\\n".join(rows), rf"\end{{{environment}}}"]


def _rows(trace: WorkedSteps, line: TraceLine) -> list[str]:
    width = WIDTH if trace.problem.has_numbers else WIDTH_OF_MATRICES
    rows = ["&= " + " = ".join(row) for row in stages_in_rows(trace, line, LATEX, width)]
    rows[0] = LATEX.name(line.line.quantity.name) + " " + rows[0]
    if is_renewed(line.line):
        rows[0] = rows[0].replace("&=", r"&\leftarrow", 1)
    if line.value.ndim:
        shape = r" \times ".join(map(str, line.value.shape))
        rows[-1] += rf" \qquad ({shape})"
    if line.published:
        rows[-1] += rf" \qquad \text{{(published: {escape(published_text(line))})}}"
    return rows


def _part(part: Part) -> str:
    letter = COMMANDS.get(part.letter, part.letter if len(part.letter) == 1 else rf"\mathrm{{{part.letter}}}")
    letter = rf"\hat{{{letter}}}" if part.hat else letter
    below = _part(part.below) if isinstance(part.below, Part) else part.below
    return f"{letter}_{{{below}}}" if below else letter
