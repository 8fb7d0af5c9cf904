"""The formulas of activations as operators of ONNX."""

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.nn.activations import Activation
from glassnet.nn.layers import Symbol

OPERATORS = {
    ast.Add: "Add",
    ast.Sub: "Sub",
    ast.Mult: "Mul",
    ast.Div: "Div",
    ast.Pow: "Pow",
    ast.Gt: "Greater",
    ast.Lt: "Less",
    ast.USub: "Neg",
    "abs": "Abs",
    "clip": "Clip",
    "erf": "Erf",
    "exp": "Exp",
    "log": "Log",
    "max": "Max",
    "min": "Min",
    "sign": "Sign",
    "sqrt": "Sqrt",
    "tanh": "Tanh",
}
"""What ONNX calls what a formula may hold."""


def write_formula(activation: Activation, z: Symbol, add: Callable[..., Any], dtype: DTypeLike) -> Any:
    """Return f(z), from what the entry of the activation says of it.

    Parameters
    ----------
    activation : Activation
    z : Symbol
    add : callable
        ``add(operator, *inputs)`` returns what one of ONNX's operators makes of its inputs.
    dtype : dtype
        Of z.

    Raises
    ------
    InvalidParameterError
        When it says nothing, as of a function of one's own, or something that is no formula.
    """
    formula = activation.elsewhere.get("onnx") or activation.formula
    if not formula:
        raise InvalidParameterError(
            f"the activation {quoted(activation.name)} is a function without a formula, which cannot be "
            "written for other programs; expected one of glassnet.nn.ACTIVATIONS, or an Activation with a "
            'formula, such as Activation("cube", f, f_gradient, formula="z**3").'
        )
    number_of: Callable[[float], Any] = np.dtype(dtype).type

    def call(operator: str, arguments: list[Any]) -> Any:
        if operator == "Sqrt" and isinstance(arguments[0], np.floating):
            return np.sqrt(arguments[0])
        if operator == "Erf" and np.dtype(dtype) == np.float64:
            # onnxruntime has it in single precision alone: good to 7 digits
            return add("Erf", arguments[0].cast(np.float32)).cast(np.float64)
        return add(operator, *arguments)

    def read(node: ast.expr) -> Any:
        match node:
            case ast.Name("z"):
                return z
            case ast.Constant(int() | float() as number):
                return number_of(number)
            case ast.UnaryOp(sign, ast.Constant(int() | float() as number)) if isinstance(sign, ast.USub):
                return number_of(-number)
            case ast.UnaryOp(operation, operand):
                return add(OPERATORS[type(operation)], read(operand))
            case ast.BinOp(left, operation, right) | ast.Compare(left, [operation], [right]):
                return add(OPERATORS[type(operation)], read(left), read(right))
            case ast.IfExp(test, body, orelse):
                return add("Where", read(test), read(body), read(orelse))
            case ast.Call(ast.Name(name), arguments, []):
                operator = name if name[0].isupper() else OPERATORS[name]
                return call(operator, [read(argument) for argument in arguments])
        raise KeyError(ast.unparse(node))

    try:
        return read(ast.parse(formula, mode="eval").body)
    except (KeyError, SyntaxError) as error:
        raise InvalidParameterError(
            f"cannot write the formula {quoted(formula)} of the activation {quoted(activation.name)} for "
            f"other programs: {error}; expected z, numbers, + - * / **, a if z > b else c, and "
            f"{', '.join(name for name in OPERATORS if isinstance(name, str))}."
        ) from None
