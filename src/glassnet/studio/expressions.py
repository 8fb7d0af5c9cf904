"""What a lesson asks the engine for, as its author writes it: ``100 * accuracy("validation", epoch=3)``.

Numbers, texts, lists of them, names of measures that are called, ``+ - * /``, comparisons, ``and``, ``or``,
``not``, and ``abs``, ``min`` and ``max``. Nothing else is read: a lesson from elsewhere can only measure.
"""

import ast
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import Any

from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError

MOST_SIGNS = 500
"""Of an expression; its depth is thereby bounded too."""
MOST_NODES = 200

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
}
_PLAIN: dict[str, Callable[..., Any]] = {"abs": abs, "min": min, "max": max}


def check(text: Any, measures: Mapping[str, Callable[..., Any]]) -> None:
    """Check that an expression can be read and names measures with arguments that these have.

    Parameters
    ----------
    text : str
    measures : mapping of str to callable
        Each is given what is measured first, and then what the expression gives it.

    Raises
    ------
    InvalidParameterError
        It says what cannot be read.
    """
    _check_node(_parse(text).body, text, measures)


def evaluate(text: str, measures: Mapping[str, Callable[..., Any]], bench: Any) -> Any:
    """Return the value of an expression that `check` has let pass: a number, or True or False.

    Parameters
    ----------
    text : str
    measures : mapping of str to callable
    bench : object
        What is measured.

    Examples
    --------
    >>> evaluate("2 * width(layer=1) > 7", {"width": lambda bench, layer: bench[layer]}, [2, 4])
    True
    """

    def value(node: ast.expr) -> Any:
        match node:
            case ast.Constant(constant):
                return constant
            case ast.List(items):
                return [value(item) for item in items]
            case ast.UnaryOp(sign, operand):
                return _OPERATORS[type(sign)](value(operand))
            case ast.BinOp(left, sign, right):
                return _divided(_OPERATORS[type(sign)], value(left), value(right))
            case ast.BoolOp(ast.And(), parts):
                return all(value(part) for part in parts)
            case ast.BoolOp(_, parts):
                return any(value(part) for part in parts)
            case ast.Compare(left, [sign], [right]):
                return _OPERATORS[type(sign)](value(left), value(right))
            case ast.Call(ast.Name(name), arguments, keywords):
                given = [value(argument) for argument in arguments]
                named = {str(keyword.arg): value(keyword.value) for keyword in keywords}
                return _PLAIN[name](*given) if name in _PLAIN else measures[name](bench, *given, **named)
        raise AssertionError(ast.dump(node))  # `check` let nothing else pass

    return value(_parse(text).body)


def _divided(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    try:
        return operation(left, right)
    except ZeroDivisionError:
        return float("nan")


def _parse(text: Any) -> ast.Expression:
    if not isinstance(text, str) or len(text) > MOST_SIGNS:
        raise InvalidParameterError(
            f"got {quoted(text)}; expected an expression of at most {MOST_SIGNS} signs, such as "
            "'accuracy(\"validation\", epoch=3)'."
        )
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise InvalidParameterError(f"cannot read {quoted(text)}: {error}.") from None
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise InvalidParameterError(f"got {quoted(text)}; expected an expression with fewer parts.")
    return tree


def _check_node(node: ast.AST, text: str, measures: Mapping[str, Callable[..., Any]]) -> None:
    match node:
        case ast.Constant(constant) if isinstance(constant, int | float | str):
            return
        case ast.UnaryOp(ast.USub() | ast.Not(), operand):
            parts = [operand]
        case ast.List(items) if all(isinstance(item, ast.Constant) for item in items):
            parts = items
        case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right):
            parts = [left, right]
        case ast.BoolOp(_, values):
            parts = values
        case ast.Compare(left, [sign], [right]) if type(sign) in _OPERATORS:
            parts = [left, right]
        case ast.Call(ast.Name(name), arguments, keywords) if all(word.arg for word in keywords):
            parts = [*arguments, *(keyword.value for keyword in keywords)]
            _check_call(name, arguments, [str(keyword.arg) for keyword in keywords], measures)
        case ast.Name(name):
            raise InvalidParameterError(
                f"cannot read {quoted(text)}: {quoted(name)} is no number; measures are called, as in "
                f"{name}(), and texts stand in quotes."
            )
        case _:
            raise InvalidParameterError(
                f"cannot read {quoted(text)}: expected numbers, texts, measures that are called, + - * /, "
                "comparisons, and, or, not."
            )
    for part in parts:
        _check_node(part, text, measures)


def _check_call(
    name: str, arguments: list[ast.expr], words: list[str], measures: Mapping[str, Callable[..., Any]]
) -> None:
    if name in _PLAIN:
        if words or not arguments:
            raise InvalidParameterError(f"{name} takes numbers without names; got {words or 'none'}.")
        return
    measure = lookup(measures, name, "measure")
    try:
        inspect.signature(measure).bind(None, *arguments, **dict.fromkeys(words))
    except TypeError as error:
        expected = ", ".join(list(inspect.signature(measure).parameters)[1:])
        raise InvalidParameterError(f"{name}: {error}; expected {name}({expected}).") from None
