"""Why a line is wrong: hypotheses tried one after another until one explains the number."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np

from glassnet.worked._formula import Formula, Line, Quantity, quantities_of
from glassnet.worked.grade._data import Cause, CauseKind
from glassnet.worked.grade._rounding import find_early_rounding, find_late_digits, round_ingredients
from glassnet.worked.grade._tolerance import Approximate
from glassnet.worked.grade._values import Values, Written
from glassnet.worked.grade._variants import exchanged, mistakes, scaled, stale, with_quantity
from glassnet.worked.problem import Problem

UNKNOWN = Cause(CauseKind.UNKNOWN, "no mistake that was tried explains the number")

UNIT = r"[ho]\d+"
FAMILIES = (
    rf"dL/d([wWb]\d+|b_{UNIT})",
    rf"dL/d([zZ]\d+|z_{UNIT}|{UNIT})",
    rf"[zaxyZAX]\d*|z_{UNIT}|{UNIT}",
    rf"[wWb]\d+|b_{UNIT}",
    rf"L_{UNIT}",
)
"""Quantities that are mistaken for one another, by their names."""


class Search:
    """Look for the causes of errors.

    Parameters
    ----------
    problem : Problem
    lines : sequence of Line
        All lines of the problem.
    written : mapping of Quantity to Written
    values : Values
        After every line was judged.
    """

    def __init__(
        self,
        problem: Problem,
        lines: Sequence[Line],
        written: Mapping[Quantity, Written],
        values: Values,
    ) -> None:
        self._problem, self._written, self._values = problem, written, values
        self._lines = [line for line in lines if line.quantity in written]

    def find(self, line: Line) -> Cause:
        """Return the likeliest cause of a line that is wrong."""
        written, expected = self._written[line.quantity], self._values.expected[line.quantity]
        return (
            find_early_rounding(written, expected)
            or self._find_pair(line)
            or self._find_pair(line, slack=1.0, note="; the last digit is off besides")
            or self._find_mistake(line)
            or self._find_exchanged_entries(line)
            or self._find_rounded_ingredients(line)
            or find_late_digits(written, expected)
            or UNKNOWN
        )

    # -- one line ----------------------------------------------------------------------------------------

    def _find_mistake(self, line: Line) -> Cause | None:
        """Return a mistake in the line's own formula that gives its number."""
        formula, step = line.formula, line.quantity.step
        others = self._values.own.keys() - {line.quantity}  # worked out from itself it explains nothing
        rows = self._problem.rows_of(step)
        tried = chain(
            mistakes(formula),
            scaled(formula, rows.stop - rows.start, self._problem.learning_rate),
            stale(formula, step, lambda quantity: quantity in others),
            exchanged(formula, lambda quantity: [q for q in self._siblings(quantity) if q in others]),
        )
        causes = [cause for cause, wrong in tried if self._explains(line, wrong)]
        return min(causes, key=lambda cause: cause.kind.rank, default=None)

    def _explains(self, line: Line, formula: Formula, slack: float = 0.0) -> bool:
        """Say whether a formula gives what was written, but for `slack` units of the last place."""
        try:
            value = self._values.work_out(formula, self._values.own.__getitem__)
        except ValueError:  # the shapes of a wrong formula need not fit
            return False
        return self._fits(line.quantity, value, slack)

    def _fits(self, quantity: Quantity, value: Approximate, slack: float = 0.0) -> bool:
        written = self._written[quantity]
        if value.value.shape != written.value.shape and value.value.size > 1:
            return False
        is_worse = written.distance(value) > written.distance(self._values.expected[quantity]) / 2
        return written.misfit(value, slack) <= 1 and not is_worse  # nothing is worse than what is not finite

    def _find_rounded_ingredients(self, line: Line) -> Cause | None:
        """Return to how many digits the numbers were rounded that the line was worked out with."""
        for cause, look in round_ingredients(self._values.own):
            if self._fits(line.quantity, self._values.work_out(line.formula, look)):
                return cause
        return None

    # -- two lines ---------------------------------------------------------------------------------------

    def _find_pair(self, line: Line, slack: float = 0.0, note: str = "") -> Cause | None:
        """Return what two lines of a step have exchanged: what they were worked out with, or their values."""
        for other in self._lines:
            if other is line or line.quantity.step != other.quantity.step:
                continue
            first, second = line.quantity.name, other.quantity.name
            for mine, theirs in self._exchangeable(line.formula, other.formula):
                if theirs == line.quantity or mine == other.quantity:
                    continue  # worked out from itself it explains nothing
                if self._explains(line, with_quantity(line.formula, mine, theirs), slack) and self._explains(
                    other, with_quantity(other.formula, theirs, mine), slack
                ):
                    text = f"{first} was worked out with {theirs.name}, and {second} with {mine.name}"
                    return Cause(CauseKind.SWAP, f"{mine.name} and {theirs.name} are swapped: {text}{note}")
            if self._have_exchanged(line.quantity, other.quantity, slack):
                return Cause(CauseKind.SWAP, f"{first} and {second} are swapped{note}")
        return None

    def _have_exchanged(self, first: Quantity, second: Quantity, slack: float) -> bool:
        mended = self._values.mended
        return (
            mended[first].value.shape == mended[second].value.shape
            and self._fits(first, mended[second], slack)
            and self._fits(second, mended[first], slack)
        )

    def _exchangeable(self, formula: Formula, other: Formula) -> Iterator[tuple[Quantity, Quantity]]:
        there = set(quantities_of(other))
        for quantity in dict.fromkeys(quantities_of(formula)):
            for sibling in self._siblings(quantity):
                if sibling in there and quantity not in there:
                    yield quantity, sibling

    # -- within a matrix ---------------------------------------------------------------------------------

    def _find_exchanged_entries(self, line: Line) -> Cause | None:
        """Return which two entries of a matrix stand in one another's place."""
        written, expected = self._written[line.quantity], self._values.expected[line.quantity]
        off = np.argwhere(written.misfits(expected) > 1)
        if written.value.ndim == 2 and len(off) == 2:
            first, second = (tuple(place) for place in off)
            value, error = expected.value.copy(), expected.error.copy()
            for array in (value, error):
                array[first], array[second] = array[second], array[first]
            if written.misfit(Approximate(value, error)) <= 1:
                places = [f"[{','.join(str(int(i) + 1) for i in place)}]" for place in (first, second)]
                return Cause(CauseKind.SWAP, f"the entries {places[0]} and {places[1]} are swapped")
        return None

    # -- which quantities there are ----------------------------------------------------------------------

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
