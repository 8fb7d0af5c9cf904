"""What stands in one another's place: two lines, what two lines were worked out with, entries of a matrix."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from glassnet.worked._formula import Formula, Line, Product, Quantity, quantities_of
from glassnet.worked.grade._entries import label
from glassnet.worked.grade._slips import Cause, Slip
from glassnet.worked.grade._tolerance import Approximate
from glassnet.worked.grade._values import Values, Written
from glassnet.worked.grade._variants import with_quantity

Siblings = Callable[[Quantity], list[Quantity]]


def find_pairs(
    line: Line,
    lines: Sequence[Line],
    values: Values,
    written: Mapping[Quantity, Written],
    siblings: Siblings,
    slack: float = 0.0,
) -> Iterator[Cause]:
    """Yield what two lines of a step have exchanged: what they were worked out with, or their values.

    Parameters
    ----------
    line : Line
        One of the two, which is wrong.
    lines : sequence of Line
        All that are written.
    values : Values
    written : mapping of Quantity to Written
    siblings : callable
        What may be taken for a quantity.
    slack : float
        Units of the last place that are allowed beyond the rounding.
    """

    def explains(one: Line, formula: Formula) -> bool:
        try:
            value = values.work_out(formula, values.own.__getitem__)
        except ValueError:  # the shapes of a wrong formula need not fit
            return False
        return fits(written[one.quantity], value, values.expected[one.quantity], slack)

    first = line.quantity
    for other in lines:
        second = other.quantity
        if other is line or first.step != second.step or line.kind != other.kind:
            continue
        if written[second].misfit(values.expected[second]) <= 1:
            continue  # nothing has come into its place
        inputs = [
            Cause(Slip.INPUTS_SWAPPED, (mine.name, theirs.name, first.name, second.name), besides=slack > 0)
            for mine, theirs in _exchangeable(line.formula, other.formula, siblings)
            if theirs != first
            and mine != second  # worked out from itself it explains nothing
            and explains(line, with_quantity(line.formula, mine, theirs))
            and explains(other, with_quantity(other.formula, theirs, mine))
        ]
        yield from inputs
        own, its = values.mended[first], values.mended[second]
        if own.value.shape == its.value.shape and (
            fits(written[first], its, values.expected[first], slack)
            and fits(written[second], own, values.expected[second], slack)
        ):
            if not inputs:  # which comes to the same
                yield Cause(Slip.VALUES_SWAPPED, (first.name, second.name), besides=slack > 0)
            if _is_transposed(line, other):
                yield Cause(Slip.OUTER_TRANSPOSED, besides=slack > 0)


def fits(written: Written, value: Approximate, expected: Approximate, slack: float = 0.0) -> bool:
    """Say whether a value gives what was written, and better than what should be there."""
    if written.value.shape != value.value.shape and value.value.size > 1:
        return False
    is_worse = written.distance(value) > written.distance(expected) / 2
    return written.misfit(value, slack) <= 1 and not is_worse  # nothing is worse than what is not finite


def _exchangeable(
    formula: Formula, other: Formula, siblings: Siblings
) -> Iterator[tuple[Quantity, Quantity]]:
    there = set(quantities_of(other))
    for quantity in dict.fromkeys(quantities_of(formula)):
        for sibling in siblings(quantity):
            if sibling in there and quantity not in there:
                yield quantity, sibling


def _is_transposed(line: Line, other: Line) -> bool:
    """Say whether two lines are entries of an outer product that its transposition exchanges."""
    pair = line.formula, other.formula
    if not all(isinstance(one, Product) and len(one.factors) == 2 for one in pair):
        return False
    is_weight = all(one.quantity.name.startswith("dL/dw") for one in (line, other))
    return is_weight and not set(quantities_of(pair[0])) & set(quantities_of(pair[1]))


def find_exchanged_entries(written: Written, expected: Approximate) -> Cause | None:
    """Return which two entries of a matrix stand in one another's place."""
    off = np.argwhere(written.misfits(expected) > 1)
    if written.value.ndim == 2 and len(off) == 2:
        first, second = (tuple(int(i) for i in place) for place in off)
        value, error = expected.value.copy(), expected.error.copy()
        for array in (value, error):
            array[first], array[second] = array[second], array[first]
        if written.misfit(Approximate(value, error)) <= 1:
            return Cause(Slip.ENTRIES_SWAPPED, (label(first), label(second)))
    return None


def find_transposed(written: Written, expected: Approximate) -> Cause | None:
    """Return whether a square matrix stands there with rows and columns exchanged."""
    shape = expected.value.shape
    is_square = len(shape) == 2 and shape[0] == shape[1] > 1
    off = written.misfits(expected) > 1
    if is_square and off.sum() > 2 and written.misfit(expected.T) <= 1:
        return Cause(Slip.OUTER_TRANSPOSED)
    return None
