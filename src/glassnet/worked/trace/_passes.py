"""The forward pass, the loss and the gradient of one step, as formulas.

Where every layer has one unit and a step one sample, all quantities are numbers, called z1, a1, w1, and a
partial derivative is one product along the chain. Otherwise they are matrices, called Z1, A1, W1, with the
samples in rows, and the derivatives by Z1, Z2 ... are lines of their own.
"""

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.losses import Head
from glassnet.nn.network import Architecture
from glassnet.worked._formula import (
    Apply,
    Formula,
    Line,
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
    Total,
    Transpose,
)
from glassnet.worked._parse import FUNCTIONS, Function, parse_formula

ONE = Number(1)


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
    alpha : float
        Strength of the penalty.
    """

    def __init__(
        self, architecture: Architecture, step: int, n: int, scalar: bool, alpha: float = 0.0
    ) -> None:
        self._architecture, self._step, self._n, self._scalar = architecture, step, n, scalar
        self._alpha = Number(alpha, "alpha")
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
            return z if is_identity(activation) else Apply(label_of(activation), activation.function, z)
        if is_identity(self._head.activation):
            return z
        return Apply(output_label(self._head), partial(_output_of, self._head), z, rowwise=True)

    # -- loss --------------------------------------------------------------------------------------------

    def loss(self) -> Iterator[Line]:
        """Yield the loss of the batch; with numbers, its squared error before halving too."""
        error, penalty = self._error(), self._penalty()
        match self._loss_entries():
            case Quotient(Power(base, 2) as square, Number() as divisor) if self._scalar and base == error:
                name = f"(a{self._n_layers}-y)^2"
                yield self._line("loss", name, square, optional=True)
                halved = Quotient(Ref(Quantity(self._step, name)), divisor)
                loss, *others = (_add(part, penalty) for part in (Quotient(square, divisor), halved))
                yield self._line("loss", "L", loss, alternatives=tuple(others))
                return
            case entries if self._scalar:
                loss = entries
            case Quotient(above, Number() as divisor):  # the same for all entries
                loss = _divide(Total(above), [divisor, *self._samples()])
            case entries:
                loss = _divide(Total(entries), self._samples())
        yield self._line("loss", "L", _add(loss, penalty))

    def _penalty(self) -> Formula | None:
        """Return the penalty on the weights."""
        if not self._alpha.value:
            return None
        squares = [Power(self._old("w", i), 2) for i in range(1, self._n_layers + 1)]
        total = Sum(tuple((1, square if self._scalar else Total(square)) for square in squares))
        return _divide(Product((self._alpha, total)), [Number(2), *self._samples()])

    def _penalty_slope(self, i: int) -> Formula | None:
        """Return the derivative of the penalty by the weights of layer i."""
        return (
            _divide(Product((self._alpha, self._old("w", i))), self._samples()) if self._alpha.value else None
        )

    def _loss_entries(self) -> Formula:
        """Return the loss of each sample and output."""
        own = {self._head.name: partial(_loss_of_error, self._head)}
        return self._parse(self._head.loss_formula, {**FUNCTIONS, **own})

    def _samples(self) -> list[Formula]:
        """Return what a sum over the samples is divided by for their mean."""
        return [Number(self._n, "n")] if self._n > 1 else []

    def _parse(self, text: str, functions: Mapping[str, Function] = FUNCTIONS) -> Formula:
        """Read a formula of the head, over the outputs a and the targets y."""
        names = {"a": self._now("a", self._n_layers), "y": self._target()}
        return parse_formula(text, names.__getitem__, functions, self._between)

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
        error = self._parse(self._head.delta_formula)
        a, z = self._name("a", self._n_layers), self._name("z", self._n_layers)
        if self._scalar and is_identity(self._head.activation):
            return (error, ONE), (f"dL/d{a}", f"d{a}/d{z}")
        return (_divide(error, self._samples()),), (f"dL/d{z}",)

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
        given, last, penalty = self._fed(i), f"d{z}/d{weight}", self._penalty_slope(i)
        names = (*names, last) if self._scalar else (f"dL/d{z}", last)
        chain = _add(_chain(names), penalty)
        if self._scalar:
            formula, alternative = (
                _add(_multiply((*first, given)), penalty) for first in (factors, (delta,))
            )
            return self._line("gradient", f"dL/d{weight}", formula, chain, alternatives=(alternative,))
        product = MatrixProduct(Transpose(given), delta)
        return self._line("gradient", f"dL/d{weight}", _add(product, penalty), chain)

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
        if is_identity(activation):
            return Slope(ONE) if self._scalar else None
        if activation.slope:
            return Slope(parse_formula(activation.slope, {"a": a}.__getitem__, between=self._between))
        return Slope(Apply(label_of(activation) + "'", activation.gradient, self._now("z", i)))

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


def label_of(activation: Activation) -> str:
    """Return what an activation is called in formulas."""
    return activation.label or activation.name.removeprefix("custom:")


def is_identity(activation: Activation | None) -> bool:
    """Say whether an activation is the one that nobody writes."""
    return activation == ACTIVATIONS["identity"]


def output_label(head: Head) -> str:
    """Return what the output's function is called in formulas."""
    return label_of(head.activation) if head.activation else head.output


def _output_of(head: Head, z: Array) -> Array:
    """Return the head's output for rows of z, or for a single number."""
    rows = np.array(np.atleast_2d(z))
    out, scratch = np.empty_like(rows), np.empty_like(rows)
    head.apply_with_bias(rows, np.zeros(rows.shape[1]), out, scratch)
    return out.reshape(z.shape)


def _loss_of_error(head: Head, error: Array) -> Array:
    """Return the head's loss of each entry a - y, of any shape."""
    rows = error.reshape(-1, 1)
    return head.sample_losses(rows, rows, np.zeros_like(rows)).reshape(error.shape)


def _multiply(factors: tuple[Formula, ...]) -> Formula:
    return factors[0] if len(factors) == 1 else Product(factors)


def _add(formula: Formula, penalty: Formula | None) -> Formula:
    return formula if penalty is None else Sum(((1, formula), (1, penalty)))


def _chain(names: tuple[str, ...]) -> Formula:
    return _multiply(tuple(map(Symbol, names)))


def _divide(formula: Formula, divisors: list[Formula]) -> Formula:
    return Quotient(formula, _multiply(tuple(divisors))) if divisors else formula
