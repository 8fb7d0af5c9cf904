"""Formulas as values: what a line of a worked example says, to be evaluated and to be written.

A formula is a small tree. `evaluate` computes it from the values of the quantities that it names; the
renderers write it, once with the names and once with the numbers. What is printed and what is computed are
therefore the same thing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from glassnet._common.arrays import Array


class Quantity(NamedTuple):
    """Name a quantity of a worked example: ``z1`` of step 2.

    A parameter belongs to the step that computes it; those before training have the step 0.
    """

    step: int
    name: str


@dataclass(frozen=True)
class Ref:
    """Stand for the value of a quantity."""

    quantity: Quantity


@dataclass(frozen=True)
class Number:
    """Stand for a number; `symbol` is what it is called where it has a name, such as ``lr``."""

    value: float
    symbol: str = ""


@dataclass(frozen=True)
class Ones:
    """Stand for ones, shape (rows, n): a row of them times a matrix sums over the samples."""

    n: int
    rows: int = 1


@dataclass(frozen=True)
class Symbol:
    """Stand for a name that is written and never evaluated, such as the ``dz1/dw1`` of a chain rule."""

    name: str


@dataclass(frozen=True)
class Sum:
    """Add terms, each with its sign, +1 or -1."""

    terms: "tuple[tuple[int, Formula], ...]"


@dataclass(frozen=True)
class Product:
    """Multiply factors, element by element; `between` is "scalars", or "matrices" for the sign of that."""

    factors: "tuple[Formula, ...]"
    between: str = "scalars"


@dataclass(frozen=True)
class MatrixProduct:
    """Multiply two matrices."""

    left: "Formula"
    right: "Formula"


@dataclass(frozen=True)
class Quotient:
    """Divide."""

    above: "Formula"
    below: "Formula"


@dataclass(frozen=True)
class Power:
    """Raise to a whole power, element by element."""

    base: "Formula"
    exponent: int


@dataclass(frozen=True)
class Transpose:
    """Exchange rows and columns."""

    matrix: "Formula"


@dataclass(frozen=True)
class Total:
    """Add all entries of a matrix."""

    matrix: "Formula"


@dataclass(frozen=True)
class Apply:
    """Apply a function.

    Attributes
    ----------
    name : str
    function : callable
        Of an array, and of the numbers in `more`.
    argument : Formula
    rowwise : bool
        Whether an entry of the result may depend on the whole row, as in a softmax.
    more : tuple of Number
        What stands behind the argument, as in ``clip(z1, -1, 1)``.
    """

    name: str
    function: Callable[..., Array]
    argument: "Formula"
    rowwise: bool = False
    more: tuple[Number, ...] = ()


@dataclass(frozen=True)
class TimesLog:
    """Multiply by a logarithm, x log y, with 0 log y = 0 whatever y is; `between` as in `Product`."""

    factor: "Formula"
    argument: "Formula"
    between: str = "scalars"


@dataclass(frozen=True)
class Slope:
    """Mark the derivative of a layer's activation, f'(z), however it is written."""

    formula: "Formula"


Formula = (
    Ref
    | Number
    | Ones
    | Symbol
    | Sum
    | Product
    | MatrixProduct
    | Quotient
    | Power
    | Transpose
    | Total
    | Apply
    | TimesLog
    | Slope
)

KINDS = {
    "forward": "Forward pass",
    "loss": "Loss",
    "gradient": "Gradient, by the chain rule",
    "update": "Update",
}
"""The parts of a step, in their order, and what they are called."""


@dataclass(frozen=True)
class Line:
    """Hold one line of a worked example.

    Attributes
    ----------
    quantity : Quantity
        What the line computes.
    kind : str
        A key of `KINDS`.
    formula : Formula
        Over quantities of earlier lines.
    chain : Formula or None
        The chain rule in symbols, for a derivative.
    optional : bool
        Not printed, but known when a person writes it down: half a line, so to speak.
    alternatives : tuple of Formula
        Other ways to the same value, over optional quantities.
    """

    quantity: Quantity
    kind: str
    formula: Formula
    chain: Formula | None = None
    optional: bool = False
    alternatives: tuple[Formula, ...] = ()


Look = Callable[[Quantity], Any]
"""How the value of a quantity is found."""


def evaluate(formula: Formula, look: Look) -> Any:
    """Compute a formula.

    Parameters
    ----------
    formula : Formula
    look : callable
        ``look(quantity)`` returns its value: an array, or anything else that has the operators of one and a
        method ``apply(function, rowwise)``, such as `glassnet.worked.grade._tolerance.Approximate`.

    Returns
    -------
    ndarray, or what `look` returns
    """

    def value(part: Formula) -> Any:
        return evaluate(part, look)

    match formula:
        case Ref(quantity):
            return look(quantity)
        case Number(number, _):
            return np.float64(number)
        case Ones(n, rows):
            return np.ones((rows, n))
        case Sum(terms):
            return sum((sign * value(term) for sign, term in terms[1:]), terms[0][0] * value(terms[0][1]))
        case Product(factors, _):
            result = value(factors[0])
            for factor in factors[1:]:
                result = result * value(factor)
            return result
        case MatrixProduct(left, right):
            return value(left) @ value(right)
        case Quotient(above, below):
            return value(above) / value(below)
        case Power(base, exponent):
            return value(base) ** exponent
        case Transpose(matrix):
            return value(matrix).T
        case Total(matrix):
            return value(matrix).sum()
        case Slope(inner):
            return value(inner)
        case Apply(_, function, argument, rowwise, more):
            numbers = [constant.value for constant in more]
            return _apply(value(argument), lambda array: function(array, *numbers), rowwise)
        case TimesLog(factor, argument, _):
            x = value(factor)
            return _apply(value(argument), lambda y: _log(y, where=x != 0), False) * x
        case Symbol(name):
            raise TypeError(f"{name} is written, not evaluated")


def _apply(value: Any, function: Callable[[Array], Array], rowwise: bool) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return function(np.asarray(value))
    return value.apply(function, rowwise)


def _log(y: Array, where: Any) -> Array:
    return np.asarray(np.log(np.where(where, y, 1)))


def parts_of(formula: Formula) -> "tuple[Formula, ...]":
    """Return the formulas that a formula is made of, one level down."""
    match formula:
        case Sum(terms):
            return tuple(term for _, term in terms)
        case Product(factors, _):
            return factors
        case MatrixProduct(left, right) | Quotient(left, right) | TimesLog(left, right, _):
            return (left, right)
        case Power(part, _) | Transpose(part) | Total(part) | Slope(part):
            return (part,)
        case Apply(_, _, argument, _):
            return (argument,)
        case _:
            return ()


def quantities_of(formula: Formula) -> Iterator[Quantity]:
    """Yield the quantities that a formula names, in the order in which they are written."""
    if isinstance(formula, Ref):
        yield formula.quantity
    for part in parts_of(formula):
        yield from quantities_of(part)
