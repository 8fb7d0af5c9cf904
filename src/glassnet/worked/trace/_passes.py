"""The forward pass, the loss and the gradient of one step, as formulas over the arrays of each layer.

Where every layer has one unit and a step one sample, all quantities are numbers, called z1, a1, w1, and a
partial derivative is one product along the chain. Otherwise they are matrices, called Z1, A1, W1, with the
samples in rows, and the derivatives by Z1, Z2 ... are lines of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.losses import Head
from glassnet.nn.outputs import OUTPUTS
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
from glassnet.worked.problem import Problem
from glassnet.worked.trace._names import ArrayNames, is_frozen

ONE = Number(1)


class Passes:
    """Write the two passes of one step.

    Parameters
    ----------
    problem : Problem
    step : int
        Counts from 1.
    n : int
        Samples of the step.
    """

    def __init__(self, problem: Problem, step: int, n: int) -> None:
        self._problem, self._architecture, self._step, self._n = problem, problem.architecture, step, n
        self._scalar = problem.is_scalar
        self._names = ArrayNames(self._scalar)
        self._alpha = Number(problem.alpha, "alpha")
        self._n_layers = len(self._architecture.sizes) - 1
        self._between = "scalars" if self._scalar else "matrices"
        self._head = self._architecture.head

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
        return Apply(label_of(self._head.activation), partial(_output_of, self._head), z, rowwise=True)

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
        return self._parse(self._head.loss_formula, functions_of(self._head))

    def _samples(self) -> list[Formula]:
        """Return what a sum over the samples is divided by for their mean."""
        return [Number(self._n, "n")] if self._n > 1 else []

    def _parse(self, text: str, functions: Mapping[str, Function] = FUNCTIONS) -> Formula:
        """Read a formula of the head, over pre-activations z and outputs a, and the targets y."""
        names = {letter: self._now(letter, self._n_layers) for letter in ("z", "a")} | {"y": self._target()}
        return parse_formula(text, names.__getitem__, functions, self._between)

    # -- gradient ----------------------------------------------------------------------------------------

    def gradient(self) -> Iterator[Line]:
        """Yield the partial derivatives, last layer first."""
        factors, names = self._begin_chain()
        if self._sums_to_one:
            yield self._line("gradient", f"dL/d{self._name('a', self._n_layers)}", self._slope_by_output())
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

    @property
    def _sums_to_one(self) -> bool:
        """Whether each output's slope leans on the whole row, in a chain that is written out."""
        return self._head.chained and self._head.activation.sums_to_one and not self._scalar

    def _slope_by_output(self) -> Formula:
        """Return dL/da of the outputs."""
        formula = self._head.slope_formula or self._head.delta_formula
        return _divide(self._parse(formula, functions_of(self._head)), self._samples())

    def _begin_chain(self) -> tuple[tuple[Formula, ...], tuple[str, ...]]:
        """Return the factors of dL/dz of the last layer, and their names."""
        a, z = self._name("a", self._n_layers), self._name("z", self._n_layers)
        names = f"dL/d{a}", f"d{a}/d{z}"
        if self._head.chained and not self._sums_to_one:
            slope = self._slope(self._n_layers)
            return (self._slope_by_output(), *((slope,) if slope else ())), names
        if self._sums_to_one:
            return (self._through_softmax(a),), names
        error = self._parse(self._head.delta_formula)
        if self._scalar and is_identity(self._head.activation):
            return (error, ONE), names
        return (_divide(error, self._samples()),), (f"dL/d{z}",)

    def _through_softmax(self, a: str) -> Formula:
        """Return each output times what its slope is above their mean, weighted with the outputs."""
        output, slope = self._now("a", self._n_layers), self._slope_of_loss(a)
        k = self._architecture.sizes[-1]
        mean = MatrixProduct(Product((output, slope), "matrices"), Ones(k, k))
        return Product((output, Sum(((1, slope), (-1, mean)))), "matrices")

    def _derivative_by_z(self, i: int, factors: tuple[Formula, ...], names: tuple[str, ...]) -> Line:
        name = f"dL/d{self._name('z', i)}"
        if i == self._n_layers:
            chain = _chain(names) if self._head.chained and len(names) > 1 else None
            return self._line(
                "gradient", name, _multiply(factors, self._between), chain, optional=self._scalar
            )
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
            return self._line(
                "gradient",
                f"dL/d{weight}",
                formula,
                chain,
                optional=is_frozen(self._problem, "w", i),
                alternatives=(alternative,),
            )
        product = MatrixProduct(Transpose(given), delta)
        optional = is_frozen(self._problem, "w", i)
        return self._line("gradient", f"dL/d{weight}", _add(product, penalty), chain, optional=optional)

    def _derivative_by_bias(
        self, i: int, delta: Formula, factors: tuple[Formula, ...], names: tuple[str, ...]
    ) -> Line:
        z = self._name("z", i)
        last, optional = f"d{z}/db{i}", is_frozen(self._problem, "b", i)
        if self._scalar:
            formula, chain = _multiply((*factors, ONE)), _chain((*names, last))
            return self._line(
                "gradient", f"dL/db{i}", formula, chain, optional=optional, alternatives=(delta,)
            )
        total: Formula = MatrixProduct(Ones(self._n), delta) if self._n > 1 else delta
        return self._line("gradient", f"dL/db{i}", total, _chain((f"dL/d{z}", last)), optional=optional)

    def _slope(self, i: int) -> Formula | None:
        """Return f'(z) of layer i; None where it is 1 and nobody would write it, in a matrix."""
        activation = [*self._architecture.activations, self._head.activation][i - 1]
        slope = slope_of(activation, self._now("z", i), self._now("a", i), self._between)
        return Slope(ONE) if slope is None and self._scalar else slope

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
        return self._names.name(letter, i)

    def _now(self, letter: str, i: int) -> Ref:
        return Ref(Quantity(self._step, self._name(letter, i)))

    def _old(self, letter: str, i: int) -> Ref:
        """Return a parameter before the step's update."""
        step = 0 if is_frozen(self._problem, letter, i) else self._step - 1
        return Ref(Quantity(step, self._name(letter, i)))

    def _fed(self, i: int) -> Ref:
        """Return what layer i is given."""
        return self._now("a", i - 1) if i > 1 else self._now("x", 0)

    def _target(self) -> Ref:
        return self._now("y", 0)

    def _error(self) -> Sum:
        return Sum(((1, self._now("a", self._n_layers)), (-1, self._target())))

    def _slope_of_loss(self, name: str) -> Ref:
        return Ref(Quantity(self._step, f"dL/d{name}"))


def label_of(activation: Activation) -> str:
    """Return what an activation is called in formulas."""
    return activation.label or activation.name.removeprefix("custom:")


def is_identity(activation: Activation) -> bool:
    """Say whether an activation is the one that nobody writes."""
    return activation == ACTIVATIONS["identity"]


def slope_of(activation: Activation, z: Formula, a: Formula, between: str) -> Formula | None:
    """Return f'(z), by the output a where the activation says how; None where it is 1."""
    if is_identity(activation):
        return None
    if activation.slope:
        return Slope(parse_formula(activation.slope, {"a": a}.__getitem__, between=between))
    return Slope(Apply(label_of(activation) + "'", activation.gradient, z))


def softmax_of(z: Sequence[Formula], k: int) -> Formula:
    """Return one output of a softmax over numbers: e^z of its own, divided by the sum of all."""
    raised: list[Formula] = [Apply("exp", np.exp, each) for each in z]
    return Quotient(raised[k], Sum(tuple((1, each) for each in raised)))


def activation_of(formula: Formula) -> Activation | None:
    """Return which activation a line computes; None where it is no activation of the tables."""
    match formula:
        case Apply(name):
            return next((one for one in OUTPUTS.values() if label_of(one) == name), None)
        case Quotient(Apply("exp"), Sum()):
            return OUTPUTS["softmax"]
        case _:
            return None


def functions_of(head: Head) -> dict[str, Function]:
    """Return what a head's formulas may call: the loss itself too, where it has no other formula."""
    return {**FUNCTIONS, head.name: partial(_loss_of_error, head)}


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


def _multiply(factors: tuple[Formula, ...], between: str = "scalars") -> Formula:
    return factors[0] if len(factors) == 1 else Product(factors, between)


def _add(formula: Formula, penalty: Formula | None) -> Formula:
    return formula if penalty is None else Sum(((1, formula), (1, penalty)))


def _chain(names: tuple[str, ...]) -> Formula:
    return _multiply(tuple(map(Symbol, names)))


def _divide(formula: Formula, divisors: list[Formula]) -> Formula:
    return Quotient(formula, _multiply(tuple(divisors))) if divisors else formula
