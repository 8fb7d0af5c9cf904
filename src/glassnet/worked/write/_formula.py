"""How a formula is written: once for every notation, with names or with numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Protocol

import numpy as np

from glassnet._common.arrays import Array
from glassnet.worked._formula import (
    Apply,
    Formula,
    MatrixProduct,
    Number,
    Ones,
    Power,
    Product,
    Quantity,
    Quotient,
    Ref,
    Slope,
    Sum,
    Symbol,
    TimesLog,
    Total,
    Transpose,
    evaluate,
)
from glassnet.worked._numbers import format_number

MAX_SHOWN = 4
"""A matrix with more rows or columns shows the first three and the last."""

SUM, MATRIX_PRODUCT, PRODUCT, POWER, ATOM = range(5)
"""How tightly a piece of a formula holds together; a looser one inside a tighter one needs parentheses."""

Piece = tuple[str, int]
"""A written formula, and how tightly it holds together."""


class Notation(Protocol):
    """Describe a way of writing: plain text, LaTeX, MathML."""

    bar: ClassVar[bool]
    """Whether a fraction has a bar, which groups what is above and below it."""

    def name(self, name: str) -> str:
        """Write the name of a quantity or of a setting."""

    def number(self, text: str) -> str:
        """Write a number, given as plain text."""

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        """Write a matrix of numbers; an empty text stands for what is left out."""

    def signed(self, sign: int, text: str, first: bool) -> str:
        """Write a term of a sum with its sign."""

    def product(self, factors: Sequence[str], between: str) -> str:
        """Write a product between "scalars", "matrices" (by elements), or as the product of a "matrix"."""

    def quotient(self, above: str, below: str) -> str:
        """Write a quotient."""

    def power(self, base: str, exponent: str) -> str:
        """Write a power."""

    def transpose(self, matrix: str) -> str:
        """Write a transposed matrix."""

    def call(self, function: str, argument: str, *more: str) -> str:
        """Write a function of an argument, and numbers behind it."""

    def ones(self, n: int, rows: int) -> str:
        """Write rows of n ones."""

    def enclose(self, text: str) -> str:
        """Write parentheses around a formula."""


def write_symbols(formula: Formula, notation: Notation) -> str:
    """Write a formula with the names of its quantities."""

    def constant(value: Number) -> Piece:
        return (notation.name(value.symbol), ATOM) if value.symbol else _number(value.value, None, notation)

    def name(quantity: Quantity) -> Piece:
        return notation.name(quantity.name), POWER if "/" in quantity.name else ATOM

    return _write(formula, notation, name, constant, None)[0]


def write_numbers(
    formula: Formula, notation: Notation, values: Mapping[Quantity, Array], digits: int | None
) -> str:
    """Write a formula with the values of its quantities."""

    def look(quantity: Quantity) -> Piece:
        return _value(values[quantity], digits, notation)

    def constant(value: Number) -> Piece:
        return _number(value.value, None, notation)

    def slope(function: Apply) -> Piece:
        return _value(np.asarray(evaluate(function, values.__getitem__)), digits, notation)

    return _write(formula, notation, look, constant, slope)[0]


def write_value(value: Array, notation: Notation, digits: int | None) -> str:
    """Write a number or a matrix; of a large one the first rows and columns and the last."""
    return _value(value, digits, notation)[0]


def _value(value: Array, digits: int | None, notation: Notation) -> Piece:
    if value.ndim == 0:
        return _number(float(value), digits, notation)
    rows = [
        ["" if j is None or i is None else format_number(value[i, j], digits) for j in _shown(value.shape[1])]
        for i in _shown(value.shape[0])
    ]
    return notation.matrix(rows), ATOM


def _shown(size: int) -> list[int | None]:
    """Return the rows or columns that are shown; None is where some are left out."""
    return list(range(size)) if size <= MAX_SHOWN else [*range(MAX_SHOWN - 1), None, size - 1]


def _number(number: float, digits: int | None, notation: Notation) -> Piece:
    text = format_number(number, digits)
    return notation.number(text), SUM if text.startswith("-") else POWER if "e" in text else ATOM


def _write(
    formula: Formula,
    notation: Notation,
    look: Callable[[Quantity], Piece],
    constant: Callable[[Number], Piece],
    slope: Callable[[Apply], Piece] | None,
) -> Piece:
    """Write a formula; `slope` writes the value of an activation's derivative instead of the function."""

    def piece(part: Formula) -> Piece:
        return _write(part, notation, look, constant, slope)

    def inside(part: Formula, tightness: int) -> str:
        text, held = piece(part)
        return text if held >= tightness else notation.enclose(text)

    match formula:
        case Ref(quantity):
            return look(quantity)
        case Symbol(name):
            return notation.name(name), ATOM
        case Number():
            return constant(formula)
        case Ones(n, rows):
            return notation.ones(n, rows), ATOM
        case Slope(Apply() as function) if slope is not None:
            return slope(function)
        case Slope(inner):
            return piece(inner)
        case Sum(terms):
            return _write_sum(terms, notation, inside), SUM
        case Product(factors, between):
            return notation.product([inside(factor, PRODUCT) for factor in factors], between), PRODUCT
        case MatrixProduct(left, right):
            return notation.product([inside(left, POWER), inside(right, POWER)], "matrix"), MATRIX_PRODUCT
        case Quotient(above, below):
            if notation.bar:
                return notation.quotient(piece(above)[0], piece(below)[0]), ATOM
            return notation.quotient(inside(above, PRODUCT), inside(below, POWER)), PRODUCT
        case Power(base, exponent):
            return notation.power(inside(base, ATOM), str(exponent)), POWER
        case Transpose(matrix):
            return notation.transpose(inside(matrix, ATOM)), POWER
        case Total(matrix):
            return notation.call("sum", piece(matrix)[0]), ATOM
        case Apply(name, _, argument, _, more):
            return notation.call(name, *(piece(part)[0] for part in (argument, *more))), ATOM
        case TimesLog(factor, argument, between):
            logarithm = notation.call("log", piece(argument)[0])
            return notation.product([inside(factor, PRODUCT), logarithm], between), PRODUCT


def _write_sum(
    terms: Sequence[tuple[int, Formula]], notation: Notation, inside: Callable[[Formula, int], str]
) -> str:
    written = [
        notation.signed(sign, inside(term, SUM if not i and sign > 0 else MATRIX_PRODUCT), not i)
        for i, (sign, term) in enumerate(terms)
    ]
    return "".join(written)
