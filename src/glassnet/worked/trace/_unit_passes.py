"""The forward pass, the loss and the gradient of one step, unit by unit and weight by weight.

Every quantity is a number with a name of its own, as in textbooks: ``w5`` leads from ``h1`` to ``o1``. See
`UnitNames` for the order. A step has one sample.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from glassnet.worked._formula import (
    Apply,
    Formula,
    Line,
    Number,
    Power,
    Product,
    Quantity,
    Quotient,
    Ref,
    Sum,
    Symbol,
)
from glassnet.worked._parse import parse_formula
from glassnet.worked.trace._names import Subject, UnitNames, is_frozen, unit_names_of
from glassnet.worked.trace._passes import functions_of, is_identity, label_of, slope_of, softmax_of


class UnitPasses:
    """Write the two passes of one step.

    Parameters
    ----------
    problem : Problem or other Subject
    step : int
        Counts from 1.
    names : UnitNames, optional
        Those of `unit_names_of` unless given.
    """

    def __init__(self, problem: Subject, step: int, names: UnitNames | None = None) -> None:
        self._problem, self._step = problem, step
        self._names = unit_names_of(problem) if names is None else names
        self._sizes, self._head = problem.architecture.sizes, problem.architecture.head
        self._last = len(self._sizes) - 1

    # -- forward -----------------------------------------------------------------------------------------

    def forward(self) -> Iterator[Line]:
        """Yield z and a of each unit."""
        for layer in range(1, self._last + 1):
            lines = [(self.sum_line(layer, k), self.output_line(layer, k)) for k in self._units(layer)]
            together = layer == self._last and self._head.activation.sums_to_one  # which need all z first
            yield from (
                (line for pair in zip(*lines, strict=True) for line in pair)
                if together
                else (line for pair in lines for line in pair)
            )

    def sum_line(self, layer: int, k: int) -> Line:
        """Return z of a unit, counted from 0 within its layer; layers count from 1."""
        products = [
            (1, Product((self._weight(layer, i, k), self._now(self._names.unit(layer - 1, i)))))
            for i in self._units(layer - 1)
        ]
        bias = self._parameter("b", layer, self._names.bias(layer, k))
        return self._line("forward", self._z(layer, k), Sum((*products, (1, bias))))

    def output_line(self, layer: int, k: int) -> Line:
        """Return a of a unit."""
        z = self._now(self._z(layer, k))
        activation = [*self._problem.architecture.activations, self._head.activation][layer - 1]
        formula: Formula = Apply(label_of(activation), activation.function, z)
        if is_identity(activation):
            formula = z
        elif activation.sums_to_one:
            formula = softmax_of([self._now(self._z(layer, j)) for j in self._units(layer)], k)
        return self._line("forward", self._names.unit(layer, k), formula)

    # -- loss --------------------------------------------------------------------------------------------

    def loss(self) -> Iterator[Line]:
        """Yield the loss of each output, and their sum with the penalty."""
        *outputs, last = self.loss_of_outputs()
        yield from outputs
        penalty = self._penalty()
        terms = last.formula.terms if isinstance(last.formula, Sum) and outputs else ((1, last.formula),)
        yield replace(last, formula=Sum((*terms, *((1, each) for each in penalty)))) if penalty else last

    def loss_of_outputs(self) -> Iterator[Line]:
        """Yield the loss of each output, and their sum, without a penalty."""
        entries = [self._of_output(self._head.loss_formula, k) for k in self._units(self._last)]
        if len(entries) > 1:
            names = [f"L_{self._names.unit(self._last, k)}" for k in self._units(self._last)]
            yield from map(partial(self._line, "loss"), names, entries)
            entries = [self._now(name) for name in names]
        yield self._line("loss", "L", _sum(entries))

    def _penalty(self) -> list[Formula]:
        if not self._problem.alpha:
            return []
        squares = [
            Power(self._weight(layer, i, k), 2)
            for layer in range(1, self._last + 1)
            for k in self._units(layer)
            for i in self._units(layer - 1)
        ]
        return [Quotient(Product((self._alpha, _sum(squares))), Number(2))]

    def _of_output(self, formula: str, k: int) -> Formula:
        """Read a formula of the head for one output."""
        names = {
            "z": self._now(self._z(self._last, k)),
            "a": self._now(self._names.unit(self._last, k)),
            "y": self._now(f"y{k + 1}"),
        }
        return parse_formula(formula, names.__getitem__, functions_of(self._head))

    # -- gradient ----------------------------------------------------------------------------------------

    def gradient(self) -> Iterator[Line]:
        """Yield the partial derivatives, last layer first."""
        for layer in range(self._last, 0, -1):
            yield from self._by_outputs(layer)
            for k in self._units(layer):
                yield from self.by_z(layer, k)
                for i in self._units(layer - 1):
                    yield self.by_weight(layer, i, k)
                if layer not in self._names.shared:
                    yield self.by_bias(layer, [k])
            if layer in self._names.shared:
                yield self.by_bias(layer, list(self._units(layer)))

    def _by_outputs(self, layer: int) -> Iterator[Line]:
        """Yield dL/da of each unit; none for outputs whose derivative cancels against the loss's."""
        for k in self._units(layer):
            yield from self.by_output(layer, k)

    def by_output(self, layer: int, k: int) -> Iterator[Line]:
        """Yield dL/da of a unit; nothing where it cancels against the loss's derivative."""
        unit = self._names.unit(layer, k)
        if layer == self._last:
            if self._head.chained:
                formula = self._head.slope_formula or self._head.delta_formula
                yield self._line("gradient", f"dL/d{unit}", self._of_output(formula, k))
            return
        behind = [self._z(layer + 1, j) for j in self._units(layer + 1)]
        chain = [_chain(f"dL/d{z}", f"d{z}/d{unit}") for z in behind]
        products: list[Formula] = [
            Product((self._now(f"dL/d{z}"), self._weight(layer + 1, k, j))) for j, z in enumerate(behind)
        ]
        yield self._line("gradient", f"dL/d{unit}", _sum(products), _sum(chain))

    def by_z(self, layer: int, k: int) -> Iterator[Line]:
        """Yield dL/dz of a unit, where its dL/da is known."""
        z, unit = self._z(layer, k), self._names.unit(layer, k)
        is_output = layer == self._last
        if is_output and not self._head.chained:
            yield self._line("gradient", f"dL/d{z}", self._of_output(self._head.delta_formula, k))
            return
        activation = self._head.activation if is_output else self._problem.architecture.activations[layer - 1]
        by_output = self._now(f"dL/d{unit}")
        if activation.sums_to_one:
            yield self._through_softmax(k)
            return
        slope = slope_of(activation, self._now(z), self._now(unit), "scalars")
        formula = by_output if slope is None else Product((by_output, slope))
        yield self._line("gradient", f"dL/d{z}", formula, _chain(f"dL/d{unit}", f"d{unit}/d{z}"))

    def _through_softmax(self, k: int) -> Line:
        """Return dL/dz of an output whose z moves all of them."""
        z, units = self._z(self._last, k), [self._names.unit(self._last, j) for j in self._units(self._last)]
        mean = _sum([Product((self._now(f"dL/d{unit}"), self._now(unit))) for unit in units])
        above_mean = Sum(((1, self._now(f"dL/d{units[k]}")), (-1, mean)))
        chain = _sum([_chain(f"dL/d{unit}", f"d{unit}/d{z}") for unit in units])
        return self._line("gradient", f"dL/d{z}", Product((self._now(units[k]), above_mean)), chain)

    def by_weight(self, layer: int, i: int, k: int) -> Line:
        """Return dL/dw of the weight from unit i of the layer before to unit k."""
        z, weight = self._z(layer, k), self._names.weight(layer, i, k)
        product: Formula = Product((self._now(f"dL/d{z}"), self._now(self._names.unit(layer - 1, i))))
        chain: Formula = _chain(f"dL/d{z}", f"d{z}/d{weight}")
        if self._problem.alpha:
            penalty = Product((self._alpha, self._weight(layer, i, k)))
            product, chain = _sum([product, penalty]), _sum([chain, penalty])
        optional = is_frozen(self._problem, "w", layer)
        return self._line("gradient", f"dL/d{weight}", product, chain, optional=optional)

    def by_bias(self, layer: int, units: list[int]) -> Line:
        """Return dL/db of the bias that some units share, or of one."""
        bias, behind = self._names.bias(layer, units[0]), [self._z(layer, k) for k in units]
        formula = _sum([self._now(f"dL/d{z}") for z in behind])
        chain = _sum([_chain(f"dL/d{z}", f"d{z}/d{bias}") for z in behind])
        optional = is_frozen(self._problem, "b", layer)
        return self._line("gradient", f"dL/d{bias}", formula, chain, optional=optional)

    # -- names -------------------------------------------------------------------------------------------

    @property
    def _alpha(self) -> Number:
        return Number(self._problem.alpha, "alpha")

    def _units(self, layer: int) -> range:
        return range(self._sizes[layer])

    def _z(self, layer: int, k: int) -> str:
        return f"z_{self._names.unit(layer, k)}"

    def _now(self, name: str) -> Ref:
        return Ref(Quantity(self._step, name))

    def _weight(self, layer: int, i: int, k: int) -> Ref:
        return self._parameter("w", layer, self._names.weight(layer, i, k))

    def _parameter(self, letter: str, layer: int, name: str) -> Ref:
        """Return a parameter before the step's update."""
        return Ref(Quantity(0 if is_frozen(self._problem, letter, layer) else self._step - 1, name))

    def _line(
        self, kind: str, name: str, formula: Formula, chain: Formula | None = None, *, optional: bool = False
    ) -> Line:
        return Line(Quantity(self._step, name), kind, formula, chain, optional)


def _sum(terms: Sequence[Formula]) -> Formula:
    return terms[0] if len(terms) == 1 else Sum(tuple((1, term) for term in terms))


def _chain(*names: str) -> Product:
    return Product(tuple(map(Symbol, names)))
