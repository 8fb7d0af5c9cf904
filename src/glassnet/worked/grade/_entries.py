"""One entry of a matrix as a formula over numbers: ``Z1[1,2] = X[1,1] W1[1,2] + X[1,2] W1[2,2] + b1[1,2]``.

A person works a matrix out number by number, and goes wrong in one of them.
"""

import re
from collections.abc import Iterator, Mapping

import numpy as np

from glassnet._common.arrays import Array
from glassnet.worked._formula import (
    Apply,
    Formula,
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
    TimesLog,
    Total,
    Transpose,
    evaluate,
)
from glassnet.worked.grade._tolerance import Approximate
from glassnet.worked.trace._passes import activation_of, softmax_of

Place = tuple[int, ...]


def label(place: Place) -> str:
    """Write a place of a matrix, counted from 0, as a sheet does."""
    return f"[{','.join(str(i + 1) for i in place)}]"


class Entries:
    """Hold matrices number by number, each with a name of its own.

    Parameters
    ----------
    own : mapping of Quantity to Approximate
    """

    def __init__(self, own: Mapping[Quantity, Approximate]) -> None:
        self._own = own
        self._known: dict[Quantity, tuple[Quantity, Place]] = {}

    def quantity(self, quantity: Quantity, place: Place) -> Quantity:
        """Return what an entry is called; a number is called as it is."""
        shape = self._own[quantity].value.shape
        if not shape:
            return quantity
        at = tuple(0 if n == 1 else i for i, n in zip(place, shape, strict=True))
        entry = quantity._replace(name=quantity.name + label(at))
        self._known[entry] = quantity, at
        return entry

    def look(self, quantity: Quantity) -> Approximate:
        """Return the value of an entry, or of a number."""
        if quantity not in self._known:
            return self._own[quantity]
        base, at = self._known[quantity]
        return Approximate(self._own[base].value[at], self._own[base].error[at])

    def base(self, quantity: Quantity) -> tuple[Quantity, Place]:
        """Return which matrix an entry is of, and where it stands; a number stands nowhere."""
        return self._known.get(quantity, (quantity, ()))

    def neighbours(self, quantity: Quantity) -> Iterator[Quantity]:
        """Yield the other entries of the matrix that an entry is of."""
        base, at = self.base(quantity)
        for place in np.ndindex(self._own[base].value.shape):
            if at and place != at:
                yield self.quantity(base, place)

    def is_other_sample(self, one: Quantity, other: Quantity) -> bool:
        """Say whether two entries are the same number of two samples, which stand in rows."""
        (base, at), (beside, there) = self.base(one), self.base(other)
        has_samples = base == beside and re.fullmatch(r"(dL/d)?[XYZAxyza]\d*", base.name)
        return bool(has_samples) and len(at) == len(there) == 2 and at[0] != there[0] and at[1] == there[1]

    def expand(self, formula: Formula, place: Place) -> Formula:
        """Return a formula for one entry.

        Raises
        ------
        ValueError
            When a part leans on a whole row, and is no softmax.
        """
        match formula:
            case Ref(quantity):
                return Ref(self.quantity(quantity, place))
            case Number():
                return formula
            case Ones():
                return Number(1.0)
            case Sum(terms):
                return Sum(tuple((sign, self.expand(term, place)) for sign, term in terms))
            case Product(factors, _):
                return Product(tuple(self.expand(factor, place) for factor in factors))
            case Quotient(above, below):
                return Quotient(self.expand(above, place), self.expand(below, place))
            case Power(base, exponent):
                return Power(self.expand(base, place), exponent)
            case Slope(inner):
                return Slope(self.expand(inner, place))
            case TimesLog(factor, argument, _):
                return TimesLog(self.expand(factor, place), self.expand(argument, place))
            case Apply(name, function, argument, False, more):
                return Apply(name, function, self.expand(argument, place), more=more)
            case Apply(_, _, argument, True) if (activation := activation_of(formula)) is not None:
                if not activation.sums_to_one:
                    return Apply(formula.name, activation.function, self.expand(argument, place))
                row, k = place
                n = self._value(argument).shape[1]
                return softmax_of([self.expand(argument, (row, j)) for j in range(n)], k)
            case Transpose(matrix):
                return self.expand(matrix, place[::-1])
            case Total(matrix):
                parts = [self.expand(matrix, at) for at in np.ndindex(self._value(matrix).shape)]
                return parts[0] if len(parts) == 1 else Sum(tuple((1, part) for part in parts))
            case MatrixProduct(left, right):
                n = self._value(left).shape[1]
                products = [
                    Product((self.expand(left, (place[0], j)), self.expand(right, (j, place[1]))))
                    for j in range(n)
                ]
                return products[0] if n == 1 else Sum(tuple((1, product) for product in products))
            case _:
                raise ValueError("it leans on a whole row")

    def _value(self, formula: Formula) -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(evaluate(formula, lambda quantity: self._own[quantity].value))
