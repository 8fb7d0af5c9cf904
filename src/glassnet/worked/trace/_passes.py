"""The forward pass, the loss and the gradient of one step, as formulas.

Where every layer has one unit and a step one sample, all quantities are numbers, called z1, a1, w1, and a
partial derivative is one product along the chain. Otherwise they are matrices, called Z1, A1, W1, with the
samples in rows, and the derivatives by Z1, Z2 ... are lines of their own.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.losses import Head, softmax
from glassnet.nn.network import Architecture
from glassnet.worked._formula import (
    Apply,
    Constant,
    Formula,
    Line,
    MatrixProduct,
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
)

SHOWN = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "silu": "SiLU", "gelu": "GELU"}
"""How an activation is written, where that is not its name."""

ONE = Constant(1)


class Passes:
    """Write the two passes of one step.

    Parameters
    ----------
    architecture : Architecture
    step : int
        Counts from 1.
    n : int
        Samples of the step.
    scalar : bool
        Whether every quantity is one number.
    """

    def __init__(self, architecture: Architecture, step: int, n: int, scalar: bool) -> None:
        self._architecture, self._step, self._n, self._scalar = architecture, step, n, scalar
        self._n_layers = len(architecture.sizes) - 1
        self._between = "scalars" if scalar else "matrices"
        self._head = architecture.head

    def parameter_names(self) -> list[str]:
        """Return the names of all weights, then of all biases."""
        layers = range(1, self._n_layers + 1)
        return [self._name("w", i) for i in layers] + [f"b{i}" for i in layers]

    # -- forward -----------------------------------------------------------------------------------------

    def forward(self) -> Iterator[Line]:
        """Yield z and a of each layer."""
        for i in range(1, self._n_layers + 1):
            weight, given = self._old("w", i), self._fed(i)
            product: Formula = Product((weight, given)) if self._scalar else MatrixProduct(given, weight)
            yield self._line("forward", self._name("z", i), Sum(((1, product), (1, self._old("b", i)))))
            yield self._line("forward", self._name("a", i), self._activate(i))

    def _activate(self, i: int) -> Formula:
        z = self._now("z", i)
        if i < self._n_layers:
            activation = self._architecture.activations[i - 1]
            return z if _is_identity(activation) else Apply(_shown(activation), activation.function, z)
        output = self._head.output
        if output == "softmax":
            return Apply("softmax", _softmax, z, rowwise=True)
        if output == "exp":
            return Apply("exp", np.exp, z)
        return z if output == "identity" else Apply(output, ACTIVATIONS[output].function, z)

    # -- loss --------------------------------------------------------------------------------------------

    def loss(self) -> Iterator[Line]:
        """Yield the loss of the batch; with numbers, its squared error before halving too."""
        if self._head.name == "squared_error" and self._scalar:
            square = f"(a{self._n_layers}-y)^2"
            yield self._line("loss", square, Power(self._error(), 2), optional=True)
            halved = Quotient(Ref(Quantity(self._step, square)), Constant(2))
            formula = Quotient(Power(self._error(), 2), Constant(2))
            yield self._line("loss", "L", formula, alternatives=(halved,))
            return
        entries = self._loss_entries()
        total = entries if self._scalar else Total(entries)
        divisors: list[Formula] = [Constant(2)] if self._head.name == "squared_error" else []
        divisors += [Constant(self._n, "n")] if self._n > 1 else []
        yield self._line("loss", "L", _divide(total, divisors))

    def _loss_entries(self) -> Formula:
        """Return the loss of each sample and output, but for the half of the squared error."""
        a, y, error = self._now("a", self._n_layers), self._target(), self._error()
        match self._head.name:
            case "squared_error":
                return Power(error, 2)
            case "softmax_cross_entropy":
                return Sum(((-1, TimesLog(y, a, self._between)),))
            case "sigmoid_cross_entropy":
                rest = TimesLog(Sum(((1, ONE), (-1, y))), Sum(((1, ONE), (-1, a))), self._between)
                return Sum(((-1, TimesLog(y, a, self._between)), (-1, rest)))
            case "poisson":
                return Sum(((1, a), (-1, y), (1, TimesLog(y, Quotient(y, a), self._between))))
            case "absolute_error":
                return Apply("abs", np.abs, error)
            case name:
                return Apply(name, partial(_loss_of_error, self._head), error)

    # -- gradient ----------------------------------------------------------------------------------------

    def gradient(self) -> Iterator[Line]:
        """Yield the partial derivatives, last layer first."""
        factors, names = self._begin_chain()
        for i in range(self._n_layers, 0, -1):
            z = self._name("z", i)
            yield self._derivative_by_z(i, factors, names)
            delta = self._slope_of_loss(z)
            yield self._derivative_by_weight(i, delta, factors, names)
            yield self._derivative_by_bias(i, delta, factors, names)
            if i > 1:
                slope = self._slope(i - 1)
                factors = (*factors, self._old("w", i), *((slope,) if slope else ()))
                before = self._name("a", i - 1)
                names = (*names, f"d{z}/d{before}", f"d{before}/d{self._name('z', i - 1)}")

    def _begin_chain(self) -> tuple[tuple[Formula, ...], tuple[str, ...]]:
        """Return the factors of dL/dz of the last layer, and their names."""
        error: Formula = self._error()
        if self._head.cut is not None:
            name = {"absolute_error": "sign", "huber": "clip"}.get(self._head.name, "cut")
            error = Apply(name, partial(_cut, self._head), error)
        a, z = self._name("a", self._n_layers), self._name("z", self._n_layers)
        if self._scalar and self._head.output == "identity":
            return (error, ONE), (f"dL/d{a}", f"d{a}/d{z}")
        return (_divide(error, [Constant(self._n, "n")] if self._n > 1 else []),), (f"dL/d{z}",)

    def _derivative_by_z(self, i: int, factors: tuple[Formula, ...], names: tuple[str, ...]) -> Line:
        name = f"dL/d{self._name('z', i)}"
        if i == self._n_layers:
            return self._line("gradient", name, _multiply(factors), optional=self._scalar)
        weight, slope = self._old("w", i + 1), self._slope(i)
        behind = self._slope_of_loss(self._name("z", i + 1))
        if self._scalar:
            alternative = _multiply((behind, weight, slope or ONE))
            return self._line(
                "gradient",
                name,
                _multiply(factors),
                _chain(names),
                optional=True,
                alternatives=(alternative,),
            )
        through = MatrixProduct(behind, Transpose(weight))
        formula = Product((through, slope), self._between) if slope else through
        chain = _chain((f"dL/d{self._name('z', i + 1)}", *names[-2:]))
        return self._line("gradient", name, formula, chain)

    def _derivative_by_weight(
        self, i: int, delta: Formula, factors: tuple[Formula, ...], names: tuple[str, ...]
    ) -> Line:
        weight, z = self._name("w", i), self._name("z", i)
        given, last = self._fed(i), f"d{z}/d{weight}"
        if self._scalar:
            formula, chain = _multiply((*factors, given)), _chain((*names, last))
            alternative = _multiply((delta, given))
            return self._line("gradient", f"dL/d{weight}", formula, chain, alternatives=(alternative,))
        product = MatrixProduct(Transpose(given), delta)
        return self._line("gradient", f"dL/d{weight}", product, _chain((f"dL/d{z}", last)))

    def _derivative_by_bias(
        self, i: int, delta: Formula, factors: tuple[Formula, ...], names: tuple[str, ...]
    ) -> Line:
        z = self._name("z", i)
        last = f"d{z}/db{i}"
        if self._scalar:
            formula, chain = _multiply((*factors, ONE)), _chain((*names, last))
            return self._line("gradient", f"dL/db{i}", formula, chain, alternatives=(delta,))
        total: Formula = MatrixProduct(Ones(self._n), delta) if self._n > 1 else delta
        return self._line("gradient", f"dL/db{i}", total, _chain((f"dL/d{z}", last)))

    def _slope(self, i: int) -> Formula | None:
        """Return f'(z) of hidden layer i; None where it is 1 and nobody would write it, in a matrix."""
        activation, a = self._architecture.activations[i - 1], self._now("a", i)
        if _is_identity(activation):
            return Slope(ONE) if self._scalar else None
        if activation is ACTIVATIONS["sigmoid"]:
            return Slope(Product((a, Sum(((1, ONE), (-1, a)))), self._between))
        if activation is ACTIVATIONS["tanh"]:
            return Slope(Sum(((1, ONE), (-1, Power(a, 2)))))
        return Slope(Apply(_shown(activation) + "'", activation.gradient, self._now("z", i)))

    # -- names -------------------------------------------------------------------------------------------

    def _line(
        self,
        kind: str,
        name: str,
        formula: Formula,
        chain: Formula | None = None,
        *,
        optional: bool = False,
        alternatives: tuple[Formula, ...] = (),
    ) -> Line:
        return Line(Quantity(self._step, name), kind, formula, chain, optional, alternatives)

    def _name(self, letter: str, i: int) -> str:
        return f"{letter}{i}" if self._scalar else f"{letter.upper()}{i}"

    def _now(self, letter: str, i: int) -> Ref:
        return Ref(Quantity(self._step, self._name(letter, i)))

    def _old(self, letter: str, i: int) -> Ref:
        """Return a parameter before the step's update."""
        return Ref(Quantity(self._step - 1, f"b{i}" if letter == "b" else self._name(letter, i)))

    def _fed(self, i: int) -> Ref:
        """Return what layer i is given."""
        return self._now("a", i - 1) if i > 1 else Ref(Quantity(self._step, "x" if self._scalar else "X"))

    def _target(self) -> Ref:
        return Ref(Quantity(self._step, "y" if self._scalar else "Y"))

    def _error(self) -> Sum:
        return Sum(((1, self._now("a", self._n_layers)), (-1, self._target())))

    def _slope_of_loss(self, name: str) -> Ref:
        return Ref(Quantity(self._step, f"dL/d{name}"))


def _softmax(z: Array) -> Array:
    """Return the softmax of each row, or of a single number."""
    return softmax(np.atleast_1d(z)).reshape(z.shape)


def _loss_of_error(head: Head, error: Array) -> Array:
    """Return the head's loss of each entry a - y, of any shape."""
    rows = error.reshape(-1, 1)
    return head.sample_losses(rows, rows, np.zeros_like(rows)).reshape(error.shape)


def _cut(head: Head, error: Array) -> Array:
    """Return what the head leaves of a - y."""
    result = np.array(error)
    assert head.cut is not None
    head.cut(result)
    return result


def _is_identity(activation: Activation) -> bool:
    return activation is ACTIVATIONS["identity"]


def _shown(activation: Activation) -> str:
    return SHOWN.get(activation.name, activation.name.removeprefix("custom:"))


def _multiply(factors: tuple[Formula, ...]) -> Formula:
    return factors[0] if len(factors) == 1 else Product(factors)


def _chain(names: tuple[str, ...]) -> Formula:
    return _multiply(tuple(map(Symbol, names)))


def _divide(formula: Formula, divisors: list[Formula]) -> Formula:
    return Quotient(formula, _multiply(tuple(divisors))) if divisors else formula
