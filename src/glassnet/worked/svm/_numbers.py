"""Exact numbers: read as people write them, compared digit by digit, and written as on paper."""

import ast
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction

from glassnet._common.limits import MOST_DIGITS, check_number_text, find_excess
from glassnet._common.quoting import quoted, shown
from glassnet.errors import InvalidDataError

_LONGEST = 16
"""Characters of a fraction that is still written out."""

LARGEST = 10**100
"""Beyond it squares and products are beyond float64, in which they are shown."""

_LARGEST_ROOT = 10**12
"""Above this a root is no longer taken apart into factors."""

_OPERATORS: dict[type[ast.operator], Callable[..., Fraction | float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def read_number(value: object, where: str) -> Fraction:
    """Return a number exactly as it is written, also a float: 0.1 is 1/10, ``"1/3"`` and ``"1e-3"`` count.

    Raises `InvalidDataError`, with `where` in the message, when it is no finite number.
    """
    if isinstance(value, Fraction):
        return value
    item = value.item() if hasattr(value, "item") else value
    text = "no number" if isinstance(item, bool) else _text_of(item).strip().replace("−", "-")
    check_number_text(text, where)
    try:
        number = Fraction(text)
    except ZeroDivisionError:
        raise InvalidDataError(f"got {quoted(value)} for {shown(where)}, a division by zero.") from None
    except ValueError:
        is_number = text.lower().lstrip("+-") in ("nan", "inf", "infinity")
        what = "not finite" if is_number else "no number"
    else:
        if abs(number) <= LARGEST:
            return number
        what = f"beyond 10^{len(str(LARGEST)) - 1}"
    raise InvalidDataError(
        f"got {quoted(value)} for {shown(where)}, which is {what}; expected a number such as -2, 0.25 or "
        "1/3. "
        "Correct it, or leave the row out."
    )


def _text_of(item: object) -> str:
    try:
        return str(item)
    except ValueError:  # a whole number of thousands of digits
        return "9" * (MOST_DIGITS + 1)


def evaluate(text: str) -> Fraction | float:
    """Return the value of a number, or of an expression such as ``1/(2*sqrt(2))``.

    Raises `InvalidDataError` when it is anything else than numbers, ``+ - * /``, brackets and ``sqrt``.
    """
    prepared = text.replace("−", "-").replace("·", "*").strip()
    try:
        if find_excess(prepared):
            raise ValueError("a number that is too long")
        return _evaluate_node(ast.parse(prepared, mode="eval").body, prepared)
    except (SyntaxError, ValueError, TypeError, ArithmeticError, KeyError, RecursionError):
        raise InvalidDataError(
            f"got {quoted(text)}; expected a number, or an expression with + - * / and sqrt, such as "
            "1/(2*sqrt(2))."
        ) from None


def _evaluate_node(node: ast.expr, text: str) -> Fraction | float:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return Fraction(ast.get_source_segment(text, node) or "")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate_node(operand, text)
        case ast.BinOp(left=left, op=op, right=right):
            sides = (_evaluate_node(side, text) for side in (left, right))
            return _OPERATORS[type(op)](*sides)
        case ast.Call(func=ast.Name(id="sqrt"), args=[argument], keywords=[]):
            return math.sqrt(_evaluate_node(argument, text))
    raise ValueError("not an expression of numbers")


def agrees(text: str, true: Fraction | float) -> bool:
    """Return whether an expression has the true value; a decimal, rounded to the digits that it has."""
    claimed = evaluate(text)
    if not -LARGEST <= claimed <= LARGEST:
        return False
    decimal = re.fullmatch(r"\s*[-+−]?\d*\.(\d+)\s*", text)
    if decimal:
        return abs(float(claimed) - float(true)) <= 0.5 * 10.0 ** -len(decimal[1]) * (1 + 1e-9)
    if isinstance(claimed, Fraction) and isinstance(true, Fraction):
        return claimed == true
    return math.isclose(claimed, true, rel_tol=1e-12)


def format_fraction(number: Fraction) -> str:
    """Write a number exactly where that is short, as a whole number or a fraction, else to six digits."""
    text = str(number)
    return text if len(text) <= _LONGEST else f"{float(number):.6g}"


def format_root(square: Fraction, *, inverse: bool = False) -> str:
    """Write a square root, or its inverse, as on paper with the decimal value: ``1/(2√2) = 0.353553``."""
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
