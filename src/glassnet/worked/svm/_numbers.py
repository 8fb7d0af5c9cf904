"""Exact numbers: read as people write them, compared digit by digit, and written as on paper."""

import ast
import math
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from glassnet.errors import InvalidDataError

_LONGEST = 16
"""Characters of a fraction that is still written out."""

_LARGEST_ROOT = 10**12
"""Above this a root is no longer taken apart into factors."""

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def read_number(value: object, where: str) -> Fraction:
    """Return a number exactly as it is written: 0.1 is 1/10.

    Parameters
    ----------
    value : int, float, Fraction, Decimal, NumPy number or str
        Text may be a whole number, a decimal or a fraction: ``"-2"``, ``"0.25"``, ``"1e-3"``, ``"1/3"``.
        A float is what it prints.
    where : str
        For the message: ``"row 2, column x1"``.

    Raises
    ------
    InvalidDataError
        When it is no finite number.

    Examples
    --------
    >>> read_number("0.1", "x1") + read_number(0.2, "x2")
    Fraction(3, 10)
    """
    if isinstance(value, Fraction):
        return value
    item = value.item() if hasattr(value, "item") else value
    text = str(item).strip().replace("−", "-") if not isinstance(item, bool) else "no number"
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise InvalidDataError(f"got {value!r} for {where}, a division by zero.") from None
    except ValueError:
        is_number = not isinstance(item, bool) and isinstance(item, int | float | Decimal)
        is_number = is_number or text.lower().lstrip("+-") in ("nan", "inf", "infinity")
    what = "which is not finite" if is_number else "which is no number"
    raise InvalidDataError(
        f"got {value!r} for {where}, {what}; expected a number such as -2, 0.25 or 1/3. "
        "Correct it, or leave the row out."
    )


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


def agrees(text: str, true: Fraction | float) -> bool:
    """Return whether a number as it was written is the true one, rounded to as many digits.

    Parameters
    ----------
    text : str
        A number or an expression, see `evaluate`. What is not written as a decimal has to be exact.
    true : Fraction or float

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
        return claimed == true
    return math.isclose(claimed, true, rel_tol=1e-12)


def format_fraction(number: Fraction) -> str:
    """Write a number exactly where that is short, as a whole number or a fraction, else to six digits.

    Examples
    --------
    >>> format_fraction(Fraction(-6, 4)), format_fraction(Fraction(10**20 + 1, 3**40))
    ('-3/2', '8.22526')
    """
    text = str(number)
    return text if len(text) <= _LONGEST else f"{float(number):.6g}"


def format_root(square: Fraction, *, inverse: bool = False) -> str:
    """Write sqrt(square), or its inverse, as on paper, with the decimal value where there is a root.

    Examples
    --------
    >>> [format_root(square) for square in (Fraction(4), Fraction(8), Fraction(1, 2))]
    ['2', '2√2 = 2.82843', '√2/2 = 0.707107']
    >>> [format_root(square, inverse=True) for square in (Fraction(4), Fraction(8), Fraction(1, 2))]
    ['1/2', '1/(2√2) = 0.353553', '√2 = 1.41421']
    """
    root = math.sqrt(square)
    value = f"{1 / root if inverse else root:.6g}"
    over, under = square.as_integer_ratio()
    if over * under > _LARGEST_ROOT:
        return value
    outside, inside = _split_root(over * under)  # sqrt(over/under) = outside sqrt(inside) / under
    factor = Fraction(under, outside) if inverse else Fraction(outside, under)
    if inside == 1:
        return format_fraction(factor)
    if inverse and factor.numerator % inside:
        below = f"√{inside}" if factor.denominator == 1 else f"({factor.denominator}√{inside})"
        return f"{factor.numerator}/{below} = {value}"
    factor = factor / inside if inverse else factor  # q / sqrt(q) = sqrt(q)
    above = f"√{inside}" if factor.numerator == 1 else f"{factor.numerator}√{inside}"
    return f"{above}{'' if factor.denominator == 1 else f'/{factor.denominator}'} = {value}"


def _split_root(number: int) -> tuple[int, int]:
    """Return (s, r) with sqrt(number) = s sqrt(r) and r free of squares."""
    outside, inside, factor = 1, number, 2
    while factor * factor <= inside:
        while inside % (factor * factor) == 0:
            inside //= factor * factor
            outside *= factor
        factor += 1
    return outside, inside
