"""Why a line is wrong: hypotheses tried, the likely and simple ones first, until some explain the number."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from glassnet.worked._formula import Apply, Formula, Line, Quantity, Ref, evaluate, quantities_of
from glassnet.worked.grade._entries import Entries, label
from glassnet.worked.grade._exchanged import find_exchanged_entries, find_pairs, find_transposed
from glassnet.worked.grade._rounding import (
    find_digits,
    find_early_rounding,
    find_first_digits,
    round_ingredients,
)
from glassnet.worked.grade._slips import Cause, Slip
from glassnet.worked.grade._tolerance import TELLING, Approximate
from glassnet.worked.grade._values import Values, Written
from glassnet.worked.grade._variants import (
    Variant,
    exchanged,
    mistakes,
    multiplied,
    of_other_conventions,
    of_other_samples,
    one_slope_more,
    scaled,
    slopes_elsewhere,
    stale,
    turned,
    two_at_once,
)
from glassnet.worked.trace._passes import activation_of, slope_of

UNKNOWN = Cause(Slip.NONE)

MOST_TIED = 3
"""Causes that are said of one line: of more than these none is likely."""

FAMILIES = (
    r"dL/d([wWb]\d+|b_[ho]\d+)",
    r"dL/d([zZ]\d+|z_[ho]\d+|[ho]\d+)",
    r"([zaxyZAX]\d*|z_[ho]\d+|[ho]\d+)[+-]?",
    r"[wWb]\d+|b_[ho]\d+",
    r"L_[ho]\d+",
    r"[A-Z][12]",
    r"[fd]_[A-Z]",
)
"""Quantities that are mistaken for one another, by their names."""

TARGET = r"[yY]\d*"
"""What an output is compared with, by its name."""

GIVEN_TO_A_LAYER = r"[xa]\d*|h\d+|[XA]\d*"


@dataclass(frozen=True)
class Place:
    """Hold what is to be explained: a line, or one entry of its matrix.

    Attributes
    ----------
    formula : Formula
        What it should have been worked out by.
    look : callable
        What its quantities are.
    written, expected : Written, Approximate
    entry : str
        Of the matrix: ``"[1,2]"``; empty for the line.
    """

    formula: Formula
    look: Callable[[Quantity], Approximate]
    written: Written
    expected: Approximate
    entry: str = ""

    def distance(self, value: Approximate) -> float | None:
        """Return how far a value lies from what was written, in units; None where it is no explanation."""
        written, expected = self.written, self.expected
        if written.value.shape != value.value.shape and value.value.size > 1:
            return None
        wrong = written.misfits(expected) > 1
        with np.errstate(all="ignore"):
            distance = (abs(written.value - value.value) / written.unit)[wrong]
            before = (abs(written.value - expected.value) / written.unit)[wrong]
        if not wrong.any() or not (written.misfits(value)[written.given] <= 1).all():
            return None
        return float(distance.max()) if not (distance > before / 2).any() else None


class Search:
    """Look for the causes of errors.

    Parameters
    ----------
    lines : sequence of Line
        All lines of the problem.
    written : mapping of Quantity to Written
    values : Values
        After every line was judged.
    samples : callable
        ``samples(step)`` returns how many samples a step has.
    rate : float or None
        The learning rate, where there is one.
    """

    def __init__(
        self,
        lines: Sequence[Line],
        written: Mapping[Quantity, Written],
        values: Values,
        samples: Callable[[int], int],
        rate: float | None,
    ) -> None:
        self._written, self._values = written, values
        self._samples, self._rate = samples, rate
        self._lines = [line for line in lines if line.quantity in written]
        self._outputs = {
            line.quantity: line.formula
            for line in lines
            if isinstance(line.formula, Apply)
            and isinstance(line.formula.argument, Ref)
            and not line.formula.rowwise
        }
        self._squashed = {
            line.quantity: activation
            for line in lines
            if line.kind == "forward" and (activation := activation_of(line.formula)) is not None
        }
        self._entries = Entries(values.own)

    def find(self, line: Line) -> tuple[Cause, ...]:
        """Return the likeliest causes of a line that is wrong; several where they are equally likely."""
        written, expected = self._written[line.quantity], self._values.expected[line.quantity]
        places = list(self._places(line, written, expected))
        groups: list[Iterator[Cause | None]] = [
            iter([find_early_rounding(written, expected)]),
            find_pairs(line, self._lines, self._values, self._written, self._siblings),
            chain(
                self._fitting(places[:1], self._ordinary, line),
                iter([find_transposed(written, expected), find_exchanged_entries(written, expected)]),
            ),
            self._fitting(places[1:], self._ordinary, line),
            find_pairs(line, self._lines, self._values, self._written, self._siblings, slack=1.0),
            self._fitting(places, self._rarer, line),
            self._fitting(places, self._factors, line),
            self._rounded_ingredients(line, places),
            iter([find_digits(written, expected)]),
            self._fitting(places, self._doubled, line),
            iter([find_first_digits(written, expected)]),
        ]
        for group in groups:
            if causes := dict.fromkeys(cause for cause in group if cause is not None):
                return tuple(causes)[:MOST_TIED]
        return (UNKNOWN,)

    # -- hypotheses --------------------------------------------------------------------------------------

    def _ordinary(self, line: Line, place: Place) -> Iterator[Variant]:
        """Yield the slips that have a story of their own."""
        formula, step = place.formula, line.quantity.step
        others = self._values.own.keys() - {line.quantity}  # worked out from itself it explains nothing
        yield from mistakes(formula)
        yield from turned(formula)
        if line.kind == "loss":
            yield from of_other_conventions(formula, self._n_outputs(line))
        if line.kind == "gradient":
            between = "matrices" if place.expected.value.shape else "scalars"
            yield from one_slope_more(formula, self._slopes_of_error(formula, between), between)
        if place.entry:
            yield from slopes_elsewhere(formula, self._outputs_at(place))
            given = {quantity for quantity in self._given(line) for quantity in self._entries_of(quantity)}
        else:
            yield from stale(formula, step, lambda quantity: quantity in others)
            yield from slopes_elsewhere(formula, self._outputs)
            yield from of_other_samples(formula, step, sorted(others - self._values.expected.keys()))
            given = set(self._given(line))
        yield from multiplied(formula, sorted(given))

    def _slopes_of_error(self, formula: Formula, between: str) -> Iterator[Formula]:
        """Yield the derivatives of the outputs that are compared with their targets."""
        quantities = dict.fromkeys(quantities_of(formula))
        bases = {quantity: self._entries.base(quantity)[0] for quantity in quantities}
        if not any(re.fullmatch(TARGET, base.name) for base in bases.values()):
            return
        for quantity, base in bases.items():
            if base in self._squashed:
                own = Ref(quantity)
                slope = slope_of(self._squashed[base], own, own, between)
                if slope is not None:
                    yield slope

    def _rarer(self, line: Line, place: Place) -> Iterator[Variant]:
        """Yield one quantity taken for another: there are many, and one of them fits by chance more often."""
        if place.entry:
            own = line.quantity
            yield from exchanged(
                place.formula,
                lambda q: [s for s in self._entries_like(q) if self._entries.base(s)[0] != own],
                self._entries.is_other_sample,
            )
            return
        step, others = line.quantity.step, self._values.own.keys() - {line.quantity}
        yield from exchanged(place.formula, lambda q: [s for s in self._siblings(q) if s in others])
        yield from of_other_samples(place.formula, step, sorted(self._values.expected.keys() & others))

    def _factors(self, line: Line, place: Place) -> Iterator[Variant]:
        """Yield factors that no slip of the formula explains."""
        yield from scaled(place.formula, self._samples(line.quantity.step), self._rate)

    def _doubled(self, line: Line, place: Place) -> Iterator[Variant]:
        """Yield two slips at once, for numbers with so many digits that chance hardly hits them."""
        if all(entry.significant >= TELLING for entry in place.written.entries):
            yield from two_at_once(place.formula)

    # -- which of them explain the number ----------------------------------------------------------------

    def _fitting(
        self,
        places: Iterable[Place],
        hypotheses: Callable[[Line, Place], Iterator[Variant]],
        line: Line,
    ) -> Iterator[Cause]:
        """Yield the causes that explain a line as well as the best does: of all of it, else of one entry."""
        for place in places:
            found = [
                (distance, replace(cause, entry=place.entry))
                for cause, wrong in hypotheses(line, place)
                if (distance := self._distance(place, wrong)) is not None
            ]
            if found:
                best = min(distance for distance, _ in found)
                yield from sorted(
                    (cause for distance, cause in found if distance <= best + 1),
                    key=lambda cause: cause.kind.rank,
                )
                return

    def _distance(self, place: Place, formula: Formula) -> float | None:
        try:
            with np.errstate(all="ignore"):
                rough = np.asarray(evaluate(formula, lambda quantity: place.look(quantity).value))
        except ValueError:  # the shapes of a wrong formula need not fit
            return None
        if not self._is_near(place, rough):
            return None
        return place.distance(self._values.work_out(formula, place.look))

    def _is_near(self, place: Place, rough: np.ndarray) -> bool:
        """Say whether a value may explain what was written, before its bounds are worked out."""
        written = place.written.value
        if rough.shape != written.shape and rough.size > 1:
            return False
        with np.errstate(all="ignore"):
            off = abs(rough - written)
            scale = abs(written) + abs(rough) + abs(place.expected.value) + 100 * place.written.unit
        return bool(((off <= scale / 4) | np.isnan(written)).any())

    def _rounded_ingredients(self, line: Line, places: Sequence[Place]) -> Iterator[Cause]:
        """Yield to how many digits the numbers were rounded that the line was worked out with."""
        for cause, look in round_ingredients(self._values.own):
            if places[0].distance(self._values.work_out(line.formula, look)) is not None:
                yield cause
                return

    # -- what there is -----------------------------------------------------------------------------------

    def _places(self, line: Line, written: Written, expected: Approximate) -> Iterator[Place]:
        """Yield the line as it is, and the first wrong entry of its matrix."""
        yield Place(line.formula, self._values.own.__getitem__, written, expected)
        wrong = np.argwhere(written.misfits(expected) > 1)
        if written.value.shape and len(wrong):
            at = tuple(int(i) for i in wrong[0])
            try:
                formula = self._entries.expand(line.formula, at)
            except ValueError:
                return
            entries = tuple(e for e in written.entries if e.place(written.value.shape) == at)
            number = Written(
                entries,
                *(np.asarray(array[at]) for array in (written.value, written.unit, written.coarse_unit)),
            )
            value = Approximate(expected.value[at], expected.error[at])
            yield Place(formula, self._entries.look, number, value, label(at))

    def _given(self, line: Line) -> list[Quantity]:
        """Return what the layers were given in the step of a bias's gradient."""
        if not re.match(r"dL/db", line.quantity.name):
            return []
        step = line.quantity.step
        return [q for q in self._values.own if q.step == step and re.fullmatch(GIVEN_TO_A_LAYER, q.name)]

    def _entries_of(self, quantity: Quantity) -> list[Quantity]:
        shape = self._values.own[quantity].value.shape
        return [self._entries.quantity(quantity, place) for place in np.ndindex(shape)]

    def _outputs_at(self, place: Place) -> dict[Quantity, Formula]:
        """Return the outputs of activations, entry by entry, as far as the formula needs them."""
        found: dict[Quantity, Formula] = {}
        for quantity in quantities_of(place.formula):
            base, at = self._entries.base(quantity)
            for output, formula in self._outputs.items():
                if at and base in (output, *quantities_of(formula)):
                    found[self._entries.quantity(output, at)] = self._entries.expand(formula, at)
        return found

    def _entries_like(self, quantity: Quantity) -> list[Quantity]:
        """Return the other entries of a matrix, and those at the same place of others of its kind."""
        base, at = self._entries.base(quantity)
        if not at:
            return self._siblings(quantity)
        others = [self._entries.quantity(sibling, at) for sibling in self._siblings(base)]
        return [*self._entries.neighbours(quantity), *others]

    def _n_outputs(self, line: Line) -> int:
        """Return over how many outputs a loss goes."""
        shapes = [self._values.own[q].value.shape for q in quantities_of(line.formula)]
        columns = max((shape[1] for shape in shapes if len(shape) == 2), default=1)
        named = sum(q.name.startswith("L_") for q in quantities_of(line.formula))
        return max(columns, named)

    def _siblings(self, quantity: Quantity) -> list[Quantity]:
        """Return the quantities of the same step, kind and shape."""
        family = next((family for family in FAMILIES if re.fullmatch(family, quantity.name)), None)
        if family is None:
            return []
        own = self._values.own
        shape = own[quantity].value.shape
        return [
            other
            for other in own
            if other.step == quantity.step
            and other != quantity
            and re.fullmatch(family, other.name)
            and own[other].value.shape == shape
        ]
