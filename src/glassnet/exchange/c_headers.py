"""Networks as a header of C, without dependencies: to read, and for devices that run nothing else."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.exchange.foreign import refuse_other_layers
from glassnet.exchange.formulas import write_formula
from glassnet.nn.activations import Activation
from glassnet.nn.architecture import Parameters

OPERATORS = {
    "Add": "({} + {})",
    "Sub": "({} - {})",
    "Mul": "({} * {})",
    "Div": "({} / {})",
    "Neg": "(-{})",
    "Greater": "({} > {})",
    "Less": "({} < {})",
    "Where": "({} ? {} : {})",
    "Pow": "pow@({}, {})",
    "Abs": "fabs@({})",
    "Clip": "fmin@(fmax@({}, {}), {})",
    "Erf": "erf@({})",
    "Exp": "exp@({})",
    "Log": "log@({})",
    "Max": "fmax@({}, {})",
    "Min": "fmin@({}, {})",
    "Relu": "fmax@({}, 0)",
    "Sigmoid": "(1 / (1 + exp@(-{})))",
    "Sign": "(({0} > 0) - ({0} < 0))",
    "Sqrt": "sqrt@({})",
    "Tanh": "tanh@({})",
}
"""What ONNX's operators are in C; for @ stands the suffix of the type's functions."""

SOFTMAX = "Softmax"
"""The operator that takes a whole row, which is written as loops."""

SUFFIXES = {"float32": "f", "float64": ""}
TYPES = {"float32": "float", "float64": "double"}
NUMBERS_IN_A_LINE = 6


class Expression(NamedTuple):
    """Hold a calculation in C; see `glassnet.exchange.formulas`."""

    text: str

    def cast(self, dtype: DTypeLike) -> "Expression":
        """Return it as it is: C computes in the network's type, whatever ONNX's programs can."""
        return self


def name_in_c(text: str) -> str:
    """Return a text as a name that C takes: ``my-net`` becomes ``my_net``, and ``3x`` ``network_3x``."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", text)
    return name if name[:1].isalpha() else f"network_{name}"


def write_c(parameters: Parameters, name: str, classes: Sequence[Any] = ()) -> str:
    """Return a network as the text of a header of C99.

    Parameters
    ----------
    parameters : Parameters
        Of dense layers.
    name : str
        What all names in the header begin with.
    classes : sequence, optional
        The labels of a classifier, in the order of its outputs.

    Returns
    -------
    str

    Raises
    ------
    InvalidParameterError
        When the name is none in C, a layer is not dense, an activation has no formula, or weights are not
        finite.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise InvalidParameterError(
            f"got the name {quoted(name)} for a header of C; expected letters, digits and _, a letter first."
        )
    refuse_other_layers(parameters.architecture, "C")
    if not np.isfinite(parameters.theta).all():
        raise InvalidParameterError(
            "got weights that are not finite, which a header of C cannot hold; expected those of a training "
            "that went well. Was the learning rate too large?"
        )
    return "\n".join(_lines(parameters, name, classes)) + "\n"


def _lines(parameters: Parameters, name: str, classes: Sequence[Any]) -> Iterator[str]:
    architecture, dtype = parameters.architecture, parameters.theta.dtype.name
    sizes, guard = architecture.sizes, f"{name.upper()}_H"
    activations = [*architecture.activations, architecture.head.activation]
    functions = _name_functions(activations, name)
    units = " - ".join(map(str, sizes))
    yield from (
        f"/* {name}: a neural network of {units} units, written by glassnet.",
        " *",
        f" * {name}_predict(x, out) computes its {sizes[-1]} outputs for {sizes[0]} inputs.",
    )
    if classes:
        yield f" * {name}_class(x) returns which class is the likeliest:"
        yield from (f" *   {i}: {_in_comment(label)}" for i, label in enumerate(classes))
    yield " */"
    yield from (f"#ifndef {guard}", f"#define {guard}", "", "#include <math.h>", "")
    yield from (
        f"typedef {TYPES[dtype]} {name}_real;",
        f"enum {{ {name}_n_inputs = {sizes[0]}, {name}_n_outputs = {sizes[-1]} }};",
        "",
    )
    for i, (weight, bias) in enumerate(zip(parameters.weights, parameters.biases, strict=True), start=1):
        fan_in, fan_out = weight.shape
        yield f"/* Layer {i}: {fan_in} inputs, {fan_out} units; a row of W{i} is for one input. */"
        yield f"static const {name}_real {name}_W{i}[{fan_in}][{fan_out}] = {{"
        yield from (f"  {{{_numbers(row)}}}," for row in weight)
        yield "};"
        yield f"static const {name}_real {name}_b{i}[{fan_out}] = {{{_numbers(bias)}}};"
        yield ""
    for activation, function in functions.items():
        yield from _function(activation, function, f"{name}_real", dtype)
    yield f"static inline void {name}_predict(const {name}_real x[{sizes[0]}], {name}_real out[{sizes[-1]}])"
    yield "{"
    yield from (f"  {name}_real a{i}[{size}];" for i, size in enumerate(sizes[1:-1], start=1))
    yield "  int i, j;"
    for i, activation in enumerate(activations, start=1):
        given, result = "x" if i == 1 else f"a{i - 1}", "out" if i == len(activations) else f"a{i}"
        yield ""
        yield f"  /* z = b + {given} W, and {result} = {activation.label or activation.name} of it */"
        yield f"  for (j = 0; j < {sizes[i]}; j++) {result}[j] = {name}_b{i}[j];"
        yield f"  for (i = 0; i < {sizes[i - 1]}; i++)"
        yield f"    for (j = 0; j < {sizes[i]}; j++) {result}[j] += {given}[i] * {name}_W{i}[i][j];"
        yield (
            f"  {functions[activation]}({result}, {sizes[i]});"
            if activation.sums_to_one
            else f"  for (j = 0; j < {sizes[i]}; j++) {result}[j] = {functions[activation]}({result}[j]);"
        )
    yield from ("}", "")
    if classes:
        yield from _answer(name, sizes[-1])
    yield "#endif"


def _name_functions(activations: Sequence[Activation], name: str) -> dict[Activation, str]:
    """Return the name of each activation's function in C, each its own."""
    names: dict[Activation, str] = {}
    for activation in activations:
        word = re.sub(r"\W", "_", activation.name, flags=re.ASCII)
        taken = {*names.values(), *(f"{name}_{own}" for own in ("predict", "class", "real"))}
        if activation not in names:
            names[activation] = f"{name}_{word}" + f"_{len(names) + 1}" * (f"{name}_{word}" in taken)
    return names


def _function(activation: Activation, function: str, real: str, dtype: str) -> Iterator[str]:
    """Yield the function of an activation, of one number or of a whole row."""
    suffix = SUFFIXES[dtype]

    def add(operator: str, *inputs: Any) -> Expression:
        if operator == SOFTMAX:
            return Expression(SOFTMAX)
        words = [one.text if isinstance(one, Expression) else f"({_number(one)})" for one in inputs]
        return Expression(OPERATORS[operator].replace("@", suffix).format(*words))

    written: Any = write_formula(activation, Expression("z"), add, dtype)  # type: ignore[arg-type]  # reads it alone
    if activation.sums_to_one:
        yield from (
            "/* softmax: exp(z) over their sum; the largest z is taken off before, so that none overflows */",
            f"static inline void {function}({real} *z, int n)",
            "{",
            f"  {real} largest = z[0], sum = 0;",
            "  int j;",
            f"  for (j = 1; j < n; j++) largest = fmax{suffix}(largest, z[j]);",
            f"  for (j = 0; j < n; j++) sum += z[j] = exp{suffix}(z[j] - largest);",
            "  for (j = 0; j < n; j++) z[j] /= sum;",
            "}",
            "",
        )
        return
    text = written.text if isinstance(written, Expression) else _number(written)
    yield f"static inline {real} {function}({real} z) {{ return {text}; }}"
    yield ""


def _answer(name: str, n_outputs: int) -> Iterator[str]:
    yield f"static inline int {name}_class(const {name}_real *x)"
    yield from ("{", f"  {name}_real out[{n_outputs}];", f"  {name}_predict(x, out);")
    if n_outputs == 1:
        yield "  return out[0] > 0.5f;"
    else:
        yield "  int j, best = 0;"
        yield f"  for (j = 1; j < {n_outputs}; j++) if (out[j] > out[best]) best = j;"
        yield "  return best;"
    yield from ("}", "")


def _numbers(values: NDArray[Any]) -> str:
    """Return numbers, some in a line."""
    words = [_number(value) for value in values]
    lines = [", ".join(words[i : i + NUMBERS_IN_A_LINE]) for i in range(0, len(words), NUMBERS_IN_A_LINE)]
    return ",\n   ".join(lines)


def _number(value: Any) -> str:
    """Return a number of NumPy's that C reads as the same one, to the last bit."""
    return str(value) + SUFFIXES[value.dtype.name]


def _in_comment(label: Any) -> str:
    """Return a label on one line that ends no comment."""
    text = str(label).encode("unicode_escape").decode("ascii").replace("\\", "/")
    return text.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
