"""The lines of one number of a step: where a unit, a weight, a bias or the loss comes from.

A trace writes a whole step, of a small network. A close-up writes what leads to one number, of a network of
any size: the same lines, and the engine's numbers of a step that it has made.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.optimizers import Optimizer
from glassnet.worked._formula import (
    Formula,
    Line,
    Number,
    Product,
    Quantity,
    Quotient,
    Ref,
    Sum,
    Symbol,
    Total,
    evaluate,
)
from glassnet.worked.problem import MAX_NAMED
from glassnet.worked.trace._names import PlacedNames, UnitNames
from glassnet.worked.trace._unit_passes import UnitPasses
from glassnet.worked.trace._updates import memory_name, read_memory, updates_of
from glassnet.worked.write._formula import write_numbers, write_symbols
from glassnet.worked.write._html import MATHML
from glassnet.worked.write._plain import TEXT

What = Literal["z", "a", "delta", "w", "b", "loss"]
Group = Literal["forward", "delta", "gradient", "update"]

MOST_TERMS = 8
"""A longer sum shows its largest terms only."""
SHOWN_TERMS = 4


@dataclass(frozen=True)
class Taken:
    """Hold a step that the engine has made: what one sample gave, what the batch gave, and what was updated.

    Attributes
    ----------
    architecture : Architecture
        Of plain dense layers.
    theta, theta_after : ndarray of shape (n_parameters,)
        Before and after the update.
    optimizer : Optimizer
    learning_rate, alpha : float
        Of this step.
    frozen : tuple of str
    memory, memory_after : mapping of str to ndarray
        What the optimiser remembers.
    updates : int
        How many updates were made before.
    x, y : ndarray of shape (n_features,), (n_outputs,)
        The sample.
    z, a, deltas : list of ndarray
        Of the sample, of layers 1 to L.
    own : ndarray of shape (n_parameters,)
        The gradient of the sample alone.
    loss, penalty : float
        Of the sample.
    inputs : ndarray of shape (n, ...)
        Of each layer, what it is given by each sample of the batch.
    batch_deltas : list of ndarray
        dL/dz of each sample alone, of layers 1 to L.
    gradient : ndarray of shape (n_parameters,)
        Of the batch.
    """

    architecture: Architecture
    theta: Array
    theta_after: Array
    optimizer: Optimizer
    learning_rate: float
    alpha: float
    frozen: tuple[str, ...]
    memory: Mapping[str, Array]
    memory_after: Mapping[str, Array]
    updates: int
    x: Array
    y: Array
    z: list[Array]
    a: list[Array]
    deltas: list[Array]
    own: Array
    loss: float
    penalty: float
    inputs: list[Array]
    batch_deltas: list[Array]
    gradient: Array

    @property
    def parameters(self) -> Parameters:
        """The weights and biases before the update."""
        return Parameters(self.architecture, self.theta)


@dataclass(frozen=True)
class WrittenLine:
    """Hold a line of a close-up: written with names, with numbers, and its value.

    Attributes
    ----------
    group : {"forward", "delta", "gradient", "update"}
    name, name_html : str
        What it computes.
    formula, formula_html, numbers, numbers_html : str
        As plain text and in MathML, with names and with numbers.
    value : float
        The engine's.
    computed : float
        The formula's.
    """

    group: Group
    name: str
    name_html: str
    formula: str
    formula_html: str
    numbers: str
    numbers_html: str
    value: float
    computed: float


def close_up(step: Taken, what: What, layer: int = 1, unit: int = 0, source: int = 0) -> list[WrittenLine]:
    """Return the lines of one number.

    Parameters
    ----------
    step : Taken
    what : {"z", "a", "delta", "w", "b", "loss"}
    layer : int
        From 1; the last has the outputs.
    unit : int
        From 0, within the layer.
    source : int
        Of a weight: the unit of the layer before, from 0.

    Raises
    ------
    InvalidParameterError
        When there is no such number, or the network has more than dense layers.
    """
    return list(_CloseUp(step, layer, unit, source).lines(what))


def name_of(step: Taken, what: What, layer: int = 1, unit: int = 0, source: int = 0) -> str:
    """Return what a number is called in the lines of a close-up."""
    return _CloseUp(step, layer, unit, source).name(what)


class _CloseUp:
    """Write the lines of one number; quantities belong to the step of the optimiser's update."""

    def __init__(self, step: Taken, layer: int, unit: int, source: int) -> None:
        architecture = step.architecture
        if any(architecture.in_front) or architecture.head.members > 1:
            raise InvalidParameterError(
                "got a network of more than dense layers, whose lines are not written."
            )
        sizes = architecture.sizes
        if not 1 <= layer < len(sizes):
            raise InvalidParameterError(f"got layer={layer}; expected 1 to {len(sizes) - 1}.")
        if not 0 <= unit < sizes[layer]:
            raise InvalidParameterError(
                f"got unit {unit} of layer {layer}; expected 0 to {sizes[layer] - 1}."
            )
        if not 0 <= source < sizes[layer - 1]:
            raise InvalidParameterError(
                f"got unit {source} of layer {layer - 1}; expected 0 to {sizes[layer - 1] - 1}."
            )
        self._step, self._layer, self._unit, self._source = step, layer, unit, source
        is_small = architecture.n_parameters <= MAX_NAMED
        self._names: UnitNames = UnitNames(sizes, set()) if is_small else PlacedNames(sizes, set())
        self._number = step.updates + 1
        self._passes = UnitPasses(step, self._number, self._names)
        self._values: dict[Quantity, Array] = {}

    # -- what is written --------------------------------------------------------------------------------

    def name(self, what: What) -> str:
        """Return the name of the number."""
        names, layer, unit = self._names, self._layer, self._unit
        match what:
            case "loss":
                return "L"
            case "w":
                return names.weight(layer, self._source, unit)
            case "b":
                return names.bias(layer, unit)
            case "delta":
                return f"dL/dz_{names.unit(layer, unit)}"
            case "a":
                return names.unit(layer, unit)
            case _:
                return f"z_{names.unit(layer, unit)}"

    def lines(self, what: What) -> Iterator[WrittenLine]:
        """Yield the lines, forward ones first."""
        passes, layer, unit = self._passes, self._layer, self._unit
        self._know()
        if what == "loss":
            yield from self._loss()
            return
        if what != "delta":
            yield self._write("forward", passes.sum_line(layer, unit))
        if what in ("z", "a"):
            yield self._write("forward", passes.output_line(layer, unit))
        for line in (*passes.by_output(layer, unit), *passes.by_z(layer, unit)):
            yield self._write("delta", line)
        if what == "w":
            yield self._write("gradient", passes.by_weight(layer, self._source, unit))
        elif what != "delta":
            yield self._write("gradient", passes.by_bias(layer, [unit]))
        if what in ("w", "b"):
            yield from self._update(what)

    def _loss(self) -> Iterator[WrittenLine]:
        *outputs, last = self._passes.loss_of_outputs()
        for line in outputs:
            yield self._write("forward", line)
        if self._step.penalty:
            penalty = (1, Number(self._step.penalty, "penalty"))
            last = Line(last.quantity, last.kind, Sum(((1, last.formula), penalty)))
        yield self._write("forward", last)

    def _update(self, what: Literal["w", "b"]) -> Iterator[WrittenLine]:
        """Yield the mean over the batch, and what the optimiser makes of it."""
        step, name = self._step, self.name(what)
        if self._is_frozen(what):
            return
        place, n = self._place(what), len(step.batch_deltas[0])
        gradient = Quantity(self._number, f"dL/d{name}")
        if n > 1:
            yield self._write_mean(what, gradient, n)
        self._values[gradient] = np.asarray(step.gradient[place], np.float64)
        before, after = (
            read_memory(
                step.optimizer, {key: array[place] for key, array in memory.items() if np.ndim(array)}
            )
            for memory in (step.memory, step.memory_after)
        )
        for letter, value in before.items():
            self._values[Quantity(self._number - 1, memory_name(letter, name))] = np.asarray(
                value, np.float64
            )
        for letter, value in after.items():
            self._values[Quantity(self._number, memory_name(letter, name))] = np.asarray(value, np.float64)
        self._values[Quantity(self._number - 1, name)] = np.asarray(step.theta[place], np.float64)
        self._values[Quantity(self._number, name)] = np.asarray(step.theta_after[place], np.float64)
        for line in updates_of(step.optimizer, step.learning_rate, self._number, name):
            yield self._write("update", line)

    def _write_mean(self, what: Literal["w", "b"], gradient: Quantity, n: int) -> WrittenLine:
        """Return the mean of the samples' gradients; of a weight with its penalty."""
        step, names = self._step, self._names
        i, k, layer = self._source, self._unit, self._layer
        deltas = step.batch_deltas[layer - 1][:, k]
        factors = step.inputs[layer - 1][:, i] if what == "w" else np.ones(n)
        z, fed = f"dL/dz_{names.unit(layer, k)}", names.unit(layer - 1, i)
        terms: list[tuple[int, Formula]] = []
        for sample, (delta, factor) in enumerate(zip(deltas, factors, strict=True)):
            # the samples have their own numbers of the same names
            own, given = Quantity(-sample - 1, z), Quantity(-sample - 1, fed)
            self._values |= {own: np.asarray(delta, np.float64), given: np.asarray(factor, np.float64)}
            terms.append((1, Product((Ref(own), Ref(given))) if what == "w" else Ref(own)))
        one: Formula = Ref(Quantity(self._number, z))
        one = Product((one, Ref(Quantity(self._number, fed)))) if what == "w" else one
        symbols: Formula = Quotient(Total(one), Number(n, "n"))
        numbers: Formula = Quotient(Sum(tuple(terms)), Number(n, "n"))
        if step.alpha and what == "w":
            weight = Product((Number(step.alpha, "alpha"), Ref(Quantity(self._number - 1, self.name("w")))))
            penalty = (1, Quotient(weight, Number(n, "n")))
            symbols, numbers = Sum(((1, symbols), penalty)), Sum(((1, numbers), penalty))
        self._values[gradient] = np.asarray(step.gradient[self._place(what)], np.float64)
        return self._write("gradient", Line(gradient, "gradient", numbers), symbols)

    def _write(self, group: Group, line: Line, symbols: Formula | None = None) -> WrittenLine:
        with np.errstate(all="ignore"):
            computed = float(evaluate(line.formula, self._values.__getitem__))
        value = float(self._values.setdefault(line.quantity, np.asarray(computed)))
        short = _shorten(line.formula, self._values.__getitem__)
        named = short if symbols is None else symbols
        name = line.quantity.name
        return WrittenLine(
            group,
            name,
            _math(MATHML.name(name)),
            write_symbols(named, TEXT),
            _math(f"{MATHML.name(name)}<mo>=</mo>{write_symbols(named, MATHML)}"),
            write_numbers(short, TEXT, self._values, None),
            _math(write_numbers(short, MATHML, self._values, None)),
            value,
            computed,
        )

    # -- what is known ----------------------------------------------------------------------------------

    def _know(self) -> None:
        """Take note of the engine's numbers that the lines may name."""
        step, names, now, old = self._step, self._names, self._number, self._number - 1
        sizes, layer, k = step.architecture.sizes, self._layer, self._unit
        known: dict[Quantity, float] = {}
        for i, value in enumerate(step.x):
            known[Quantity(now, names.unit(0, i))] = value
        for i, value in enumerate(step.y):
            known[Quantity(now, f"y{i + 1}")] = value
        for at in range(1, len(sizes)):
            for j in range(sizes[at]):
                unit = names.unit(at, j)
                known[Quantity(now, f"z_{unit}")] = step.z[at - 1][j]
                known[Quantity(now, unit)] = step.a[at - 1][j]
                known[Quantity(now, f"dL/dz_{unit}")] = step.deltas[at - 1][j]
        parameters, own = step.parameters, Parameters(step.architecture, step.own)
        for i in range(sizes[layer - 1]):
            known[Quantity(old, names.weight(layer, i, k))] = parameters.weights[layer - 1][i, k]
        known[Quantity(old, names.bias(layer, k))] = parameters.biases[layer - 1][k]
        if layer < len(sizes) - 1:
            for j in range(sizes[layer + 1]):
                known[Quantity(old, names.weight(layer + 1, k, j))] = parameters.weights[layer][k, j]
        if not self._is_frozen("w"):  # the engine counts what is frozen as 0
            known[Quantity(now, f"dL/d{self.name('w')}")] = own.weights[layer - 1][self._source, k]
        if not self._is_frozen("b"):
            known[Quantity(now, f"dL/d{self.name('b')}")] = own.biases[layer - 1][k]
        known[Quantity(now, "L")] = step.loss + step.penalty
        for letter in ("W", "b"):  # what is frozen is named as of step 0
            for at in {layer, layer + 1}:
                if f"{letter}{at}" in step.frozen:
                    known |= {
                        Quantity(0, quantity.name): value
                        for quantity, value in list(known.items())
                        if quantity.step == old and quantity.name.startswith(letter.lower())
                    }
        self._values = {quantity: np.asarray(value, np.float64) for quantity, value in known.items()}

    def _is_frozen(self, what: Literal["w", "b"]) -> bool:
        return f"{'W' if what == 'w' else 'b'}{self._layer}" in self._step.frozen

    def _place(self, what: Literal["w", "b"]) -> int:
        """Return where the weight or the bias stands in theta."""
        letter = "W" if what == "w" else "b"
        for place in self._step.architecture.places:
            if place.number == self._layer - 1 and place.name == letter and not place.is_before:
                return place.start + (
                    self._source * place.shape[-1] + self._unit if what == "w" else self._unit
                )
        raise InvalidParameterError(f"got {quoted(what)}; layer {self._layer} has none.")


def _shorten(formula: Formula, look: Callable[[Quantity], Array]) -> Formula:
    """Return a formula whose long sums have their largest terms only, and say how many are left out."""
    match formula:
        case Sum(terms) if len(terms) > MOST_TERMS:
            with np.errstate(all="ignore"):
                sizes = [abs(float(evaluate(term, look))) for _, term in terms]
            kept = sorted(sorted(range(len(terms)), key=lambda i: -sizes[i])[:SHOWN_TERMS])
            left = Symbol(f"… {len(terms) - len(kept):,} more")
            return Sum((*((terms[i][0], terms[i][1]) for i in kept), (1, left)))
        case Sum(terms):
            return Sum(tuple((sign, _shorten(term, look)) for sign, term in terms))
        case Quotient(above, below):
            return Quotient(_shorten(above, look), _shorten(below, look))
        case Product(factors, between):
            return Product(tuple(_shorten(factor, look) for factor in factors), between)
        case _:
            return formula


def _math(formula: str) -> str:
    return f"<math><mrow>{formula}</mrow></math>"
