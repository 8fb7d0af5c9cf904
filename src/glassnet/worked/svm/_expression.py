"""Numbers and expressions as people write them into an answer: 0.3536, 1/3, 1/(2*sqrt(2))."""

import ast
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from glassnet.errors import InvalidDataError

ZERO = Fraction(0)

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def evaluate(text: str) -> Fraction | float:
    """Return the value of a number, or of an expression such as ``1/(2*sqrt(2))``.

    Raises
    ------
    InvalidDataError
        When it is anything else than numbers, ``+ - * /``, brackets and ``sqrt``.

    Examples
    --------
    >>> evaluate("1/3"), round(evaluate("1/(2*sqrt(2))"), 6)
    (Fraction(1, 3), 0.353553)
    """
    prepared = text.replace("−", "-").replace("·", "*").strip()
    try:
        return _evaluate_node(ast.parse(prepared, mode="eval").body, prepared)
    except (SyntaxError, ValueError, TypeError, ArithmeticError, KeyError, RecursionError):
        raise InvalidDataError(
            f"got {text!r}; expected a number, or an expression with + - * / and sqrt, such as 1/(2*sqrt(2))."
        ) from None


def _evaluate_node(node: ast.expr, text: str) -> Fraction | float:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return Fraction(ast.get_source_segment(text, node) or "")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate_node(operand, text)
        case ast.BinOp(left=left, op=op, right=right):
            result: Fraction | float = _OPERATORS[type(op)](
                _evaluate_node(left, text), _evaluate_node(right, text)
            )
            return result
        case ast.Call(func=ast.Name(id="sqrt"), args=[argument], keywords=[]):
            return math.sqrt(_evaluate_node(argument, text))
    raise ValueError("not an expression of numbers")


def agrees(text: str, true: Fraction | float, tolerance: Fraction = ZERO) -> bool:
    """Return whether a number as it was written is the true one, rounded to as many digits.

    Parameters
    ----------
    text : str
        A number or an expression, see `evaluate`. What is not written as a decimal has to be exact.
    true : Fraction or float
    tolerance : Fraction
        How far from exact it may be, all the same.

    Examples
    --------
    >>> agrees("0.3333", Fraction(1, 3)), agrees("0.3334", Fraction(1, 3)), agrees("1/3", Fraction(1, 3))
    (True, False, True)
    """
    claimed = evaluate(text)
    decimal = re.fullmatch(r"\s*[-+−]?\d*\.(\d+)\s*", text)
    if decimal:
        return abs(float(claimed) - float(true)) <= 0.5 * 10.0 ** -len(decimal[1]) * (1 + 1e-9)
    if isinstance(claimed, Fraction) and isinstance(true, Fraction):
        return abs(claimed - true) <= tolerance
    return math.isclose(claimed, true, rel_tol=1e-12)
