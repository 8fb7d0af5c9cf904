"""The values that a sheet is graded with: as written, as they should be, and as the engine has them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.errors import InvalidDataError
from glassnet.worked._formula import Formula, Line, Look, Quantity, evaluate, quantities_of
from glassnet.worked.grade._data import LineStatus
from glassnet.worked.grade._tolerance import Approximate, Precision
from glassnet.worked.sheet import Entry

NOISE = 1e-9
"""What a float may be off, relative to its size, beside all rounding."""


@dataclass(frozen=True, eq=False)
class Written:
    """Hold what a person wrote for one quantity.

    Attributes
    ----------
    entries : tuple of Entry
    value : ndarray
        Of the quantity's shape; NaN where nothing was written.
    unit, coarse_unit : ndarray
        The last place to which each number was rounded, and the largest that its digits allow.
    """

    entries: tuple[Entry, ...]
    value: Array
    unit: Array
    coarse_unit: Array

    @classmethod
    def of(cls, entries: Sequence[Entry], shape: tuple[int, ...], precision: Precision) -> "Written":
        """Put entries into their places.

        Raises
        ------
        InvalidDataError
            When there is no such place, or two entries have the same.
        """
        value, unit, coarse_unit = (np.full(shape, np.nan) for _ in range(3))
        for entry in entries:
            at = entry.place(shape)
            if not np.isnan(value[at]):
                raise InvalidDataError(
                    f"{entry.where}: {entry.label} was already given; delete one of the two."
                )
            value[at] = float(entry.number)
            unit[at], coarse_unit[at] = precision.unit(entry), precision.coarse_unit(entry)
        return cls(tuple(entries), value, unit, coarse_unit)

    @property
    def given(self) -> NDArray[np.bool_]:
        """Where a number was written."""
        return np.asarray(~np.isnan(self.value))

    def misfits(self, expected: Approximate, slack: float = 0.0) -> Array:
        """Return how far each number lies from a value, in multiples of what its rounding allows.

        Up to 1 they agree. NaN where nothing was written, and where the value's bounds are not finite.

        Parameters
        ----------
        expected : Approximate
        slack : float
            Units of the last place that are allowed beyond the rounding.
        """
        allowed = self.unit * (0.5 + slack) + expected.error + NOISE * abs(expected.value)
        with np.errstate(all="ignore"):
            return np.asarray(abs(self.value - expected.value) / allowed)

    def off(self, expected: Approximate) -> tuple[Entry, ...]:
        """Return the entries that do not agree with a value."""
        wrong = self.misfits(expected) > 1
        return tuple(entry for entry in self.entries if wrong[entry.place(self.value.shape)])

    def misfit(self, expected: Approximate, slack: float = 0.0) -> float:
        """Return the largest of the misfits; NaN if any of them is."""
        return float(self.misfits(expected, slack)[self.given].max())

    def distance(self, expected: Approximate) -> float:
        """Return how far the numbers lie from a value, in units of their last place."""
        with np.errstate(over="ignore"):  # a number that is far too large is far away
            return float((abs(self.value - expected.value) / self.unit)[self.given].max())

    def over(self, expected: Approximate) -> Approximate:
        """Return the numbers written, within their rounding, and elsewhere the value expected."""
        given = self.given
        return Approximate(
            np.where(given, self.value, expected.value), np.where(given, self.unit / 2, expected.error)
        )


class Values:
    """Work a sheet out twice: from what was written, and from that with its errors mended.

    Parameters
    ----------
    exact : mapping of Quantity to ndarray
        The engine's values, and what the problem states.
    computed : iterable of Quantity
        What the lines compute; the rest is stated.
    precision : Precision
        Of the sheet.

    Attributes
    ----------
    own : dict of Quantity to Approximate
        What the person has: the numbers written, else what follows from them.
    mended : dict of Quantity to Approximate
        The same, with what should be there in the place of what is wrong.
    expected : dict of Quantity to Approximate
        What each line should be, worked from `own`.
    exact : mapping of Quantity to ndarray
    leant_on : set of Quantity
        The optional quantities that a written value can only have been worked from.
    """

    def __init__(
        self, exact: Mapping[Quantity, Array], computed: Iterable[Quantity], precision: Precision
    ) -> None:
        lines = set(computed)
        stated = {quantity: Approximate(array) for quantity, array in exact.items() if quantity not in lines}
        self.own: dict[Quantity, Approximate] = dict(stated)
        self.mended: dict[Quantity, Approximate] = dict(stated)
        self.expected: dict[Quantity, Approximate] = {}
        self.exact = exact
        self._precision = precision
        self.leant_on: set[Quantity] = set()

    def judge(
        self, line: Line, written: Written | None, known: Mapping[Quantity, Written]
    ) -> LineStatus | None:
        """Judge the next line: right, consistent or wrong; None where nothing is written.

        Parameters
        ----------
        line : Line
        written : Written or None
        known : mapping of Quantity to Written
            All that is written; an alternative counts where its optional quantities are.
        """
        quantity = line.quantity
        expected, mended = (self.work_out(line.formula, look.__getitem__) for look in (self.own, self.mended))
        self.expected[quantity] = expected
        if written is None:
            blur = self._precision.blur
            self.own[quantity], self.mended[quantity] = blur(expected), blur(mended)
            return None
        status = self._status(line, written, known, mended)
        if status == LineStatus.WRONG:
            coarse = replace(written, unit=written.coarse_unit)
            status = self._status(line, coarse, known, mended)
            written = written if status == LineStatus.WRONG else coarse
        self.own[quantity] = written.over(expected)
        self.mended[quantity] = self.own[quantity] if status == LineStatus.RIGHT else mended
        return status

    def _status(
        self,
        line: Line,
        written: Written,
        known: Mapping[Quantity, Written],
        mended: Approximate,
    ) -> LineStatus:
        for formula in (line.formula, *line.alternatives):
            optional = set(quantities_of(formula)) - set(quantities_of(line.formula))
            if optional <= known.keys() and written.misfit(self.work_out(formula, self.own.__getitem__)) <= 1:
                self.leant_on |= optional
                return LineStatus.CONSISTENT if self.differs(formula) else LineStatus.RIGHT
        if written.misfit(mended) <= 1 or written.misfit(Approximate(self.exact[line.quantity])) <= 1:
            return LineStatus.RIGHT
        beyond_judging = np.isnan(written.misfit(self.expected[line.quantity])) and self.differs(line.formula)
        return LineStatus.CONSISTENT if beyond_judging else LineStatus.WRONG

    def differs(self, formula: Formula) -> bool:
        """Say whether a formula leans on anything that is wrong."""
        return any(
            not np.array_equal(self.own[quantity].value, self.mended[quantity].value)
            for quantity in quantities_of(formula)
        )

    def work_out(self, formula: Formula, look: Look) -> Approximate:
        """Compute a formula, with the bounds of its value."""
        with np.errstate(all="ignore"):
            result = evaluate(formula, look)
        return result if isinstance(result, Approximate) else Approximate(result)
