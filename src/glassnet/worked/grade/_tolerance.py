"""How exact a person's numbers are, and what follows from that for the next line.

A number that is written as 2.06 may be anything from 2.055 to 2.065. Whether the person carries on 2.06 or
all the digits of the calculator, the next line lies within the bounds that follow from those.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet.worked.sheet import Entry

TELLING = 3
"""With fewer significant digits a number tells nothing of how it was rounded: 1.02 may be 1.0200."""


class Approximate:
    """Hold a value and a bound on its error, and compute with both.

    Parameters
    ----------
    value : ndarray
    error : ndarray or float
        Of the value's shape; the largest distance from the true one.

    Notes
    -----
    Errors are added up as if they never cancelled, so bounds are never too narrow.
    """

    __array_ufunc__ = None  # NumPy leaves the operators to this class

    def __init__(self, value: Any, error: Any = 0.0) -> None:
        self.value: Array = np.asarray(value, dtype=float)
        self.error: Array = np.broadcast_to(np.asarray(error, dtype=float), self.value.shape)

    def __add__(self, other: Any) -> "Approximate":
        other = _approximate(other)
        return Approximate(self.value + other.value, self.error + other.error)

    def __mul__(self, other: Any) -> "Approximate":
        other = _approximate(other)
        crossed = abs(self.value) * other.error + self.error * abs(other.value)
        return Approximate(self.value * other.value, crossed + self.error * other.error)

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, other: Any) -> "Approximate":
        other = _approximate(other)
        crossed = abs(self.value) @ other.error + self.error @ abs(other.value)
        return Approximate(self.value @ other.value, crossed + self.error @ other.error)

    def __rmatmul__(self, other: Any) -> "Approximate":
        return _approximate(other) @ self

    def __truediv__(self, other: Any) -> "Approximate":
        return self * _approximate(other).apply(lambda value: 1 / value, False)

    def __rtruediv__(self, other: Any) -> "Approximate":
        return _approximate(other) / self

    def __pow__(self, exponent: int) -> "Approximate":
        return self.apply(lambda value: value**exponent, False)

    def __ne__(self, other: object) -> Any:
        return self.value != other

    __hash__ = None  # type: ignore[assignment]

    @property
    def T(self) -> "Approximate":
        """Rows and columns exchanged."""
        return Approximate(self.value.T, self.error.T)

    def sum(self) -> "Approximate":
        """Return the sum of all entries."""
        return Approximate(self.value.sum(), self.error.sum())

    def apply(self, function: Callable[[Array], Array], rowwise: bool) -> "Approximate":
        """Return a function of the value, and how far it moves within the bounds.

        A function of whole rows is moved one column at a time, and the moves are added.
        """
        result = function(self.value)
        moves = [self.error]
        if rowwise and self.value.ndim == 2:
            moves = [self.error * (np.arange(self.value.shape[1]) == j) for j in range(self.value.shape[1])]
        moved = [
            np.fmax(abs(function(self.value + move) - result), abs(function(self.value - move) - result))
            for move in moves
        ]
        return Approximate(result, sum(moved))


def _approximate(value: Any) -> Approximate:
    return value if isinstance(value, Approximate) else Approximate(value)


class Precision:
    """Tell how each number of a sheet was rounded, from how all of them are written.

    Parameters
    ----------
    entries : sequence of Entry

    Notes
    -----
    People round to so many digits after the point, or to so many significant ones, and many leave zeros at
    the end out. So 1.02 in a sheet with four digits after the point elsewhere is 1.0200. Where that cannot
    be, a number may be as coarse as it is written: 3.21 for 3.2138, but not 3.2, which tells nothing.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        telling = [entry for entry in entries if entry.significant >= TELLING] or list(entries)
        self._decimals = _usual([entry.decimals for entry in telling])
        self._significant = _usual([entry.significant for entry in telling])

    def unit(self, entry: Entry) -> float:
        """Return the last place to which a number was rounded: 0.0001, say."""
        own = 10.0**-entry.decimals
        if entry.decimals > self._decimals or not entry.number:
            return min(own, 10.0**-self._decimals)
        return self.unit_of(float(entry.number))

    def unit_of(self, number: float) -> float:
        """Return the last place to which a number would be rounded that is not in the sheet."""
        unit = 10.0**-self._decimals
        if number == 0 or not np.isfinite(number):
            return unit
        return float(max(unit, 10.0 ** (np.floor(np.log10(abs(number))) + 1 - self._significant)))

    def blur(self, value: Approximate) -> Approximate:
        """Return a value that a person may have rounded on the way, without writing it into the sheet."""
        units = np.array([self.unit_of(number) for number in value.value.ravel().tolist()]).reshape(
            value.value.shape
        )
        return Approximate(value.value, value.error + units / 2)

    def coarse_unit(self, entry: Entry) -> float:
        """Return the last place that was written, where that is larger and the number tells enough."""
        own = 10.0**-entry.decimals
        return max(own, self.unit(entry)) if entry.significant >= TELLING else self.unit(entry)


def _usual(counts: Sequence[int]) -> int:
    """Return the largest count, but for one in twenty: 0.00099996 may stand there as 0.00100."""
    return sorted(counts)[len(counts) - 1 - len(counts) // 20] if counts else 0
