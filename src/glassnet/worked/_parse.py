"""Formulas from text: what the tables of activations, losses and optimisers say in Python's notation."""

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.nn.outputs import step
from glassnet.worked._formula import Apply, Formula, Number, Power, Product, Quotient, Sum, TimesLog

Function = Callable[..., Array]

FUNCTIONS: dict[str, Function] = {
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "abs": np.abs,
    "sign": np.sign,
    "tanh": np.tanh,
    "clip": np.clip,
    "max": np.maximum,
    "min": np.minimum,
    "step": step,
}
"""What a formula may call, element by element; of several arguments all but the first are numbers."""


def parse_formula(
    text: str,
    names: Callable[[str], Formula],
    functions: Mapping[str, Function] = FUNCTIONS,
    between: str = "scalars",
) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text : str
        Names, numbers, ``+ - * / **``, parentheses and functions: ``"beta_1*m + (1 - beta_1)*g"``. A factor
        times a logarithm, ``y*log(a)``, is 0 where the factor is.
    names : callable
        ``names(name)`` returns what a name stands for, or raises KeyError.
    functions : mapping of str to callable
        What may be called, on a formula and perhaps numbers behind it: ``clip(a - y, -1, 1)``.
    between : str
        See `Product`.

    Returns
    -------
    Formula

    Raises
    ------
    InvalidParameterError
        When the text is no such formula.
    """

    def read(node: ast.expr) -> Formula:
        match node:
            case ast.Name(name):
                return names(name)
            case ast.Constant(int() | float() as number):
                return Number(number)
            case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)):
                return Number(-number)
            case ast.UnaryOp(ast.USub(), operand):
                return Sum(((-1, read(operand)),))
            case ast.BinOp(left, ast.Add() | ast.Sub() as sign, right):
                first = read(left)
                terms = first.terms if isinstance(first, Sum) else ((1, first),)
                return Sum((*terms, (1 if isinstance(sign, ast.Add) else -1, read(right))))
            case ast.BinOp(left, ast.Mult(), ast.Call(ast.Name("log"), [argument])):
                return _signed(read(left), lambda first: TimesLog(first, read(argument), between))
            case ast.BinOp(left, ast.Mult(), right):
                return _signed(read(left), lambda first: _product(first, read(right), between))
            case ast.BinOp(left, ast.Div(), right):
                return _signed(read(left), lambda first: Quotient(first, read(right)))
            case ast.BinOp(base, ast.Pow(), exponent):
                power = read(exponent)
                if isinstance(power, Number) and isinstance(power.value, int):
                    return Power(read(base), power.value)
            case ast.Call(ast.Name(name), [argument, *rest], []):
                more = tuple(part for part in map(read, rest) if isinstance(part, Number))
                if len(more) == len(rest):
                    return Apply(name, functions[name], read(argument), more=more)
        raise KeyError(ast.unparse(node))

    try:
        return read(_parse(text))
    except (KeyError, SyntaxError) as error:
        raise InvalidParameterError(
            f"cannot read the formula {quoted(text)}: {error}; expected names, numbers, + - * / ** with "
            "whole "
            f"exponents, and {', '.join(functions)}."
        ) from None


@lru_cache(maxsize=256)
def _parse(text: str) -> ast.expr:
    """Return the tree of a text; the equations of an optimiser come again for every parameter and step."""
    return ast.parse(text, mode="eval").body


def _signed(first: Formula, make: Callable[[Formula], Formula]) -> Formula:
    """Put a product together whose first factor may have a minus sign, which belongs to the whole of it."""
    if isinstance(first, Sum) and len(first.terms) == 1:
        ((sign, term),) = first.terms
        return Sum(((sign, make(term)),))
    return make(first)


def _product(first: Formula, last: Formula, between: str) -> Product:
    factors = first.factors if isinstance(first, Product) else (first,)
    return Product((*factors, last), between)
