"""How far a right answer may lie from the exact number: what the grader allows who rounds every line."""

from collections.abc import Mapping, Sequence

import numpy as np

from glassnet._common.arrays import Array
from glassnet.worked._formula import Line, Quantity
from glassnet.worked._numbers import format_number
from glassnet.worked.grade._tolerance import Precision
from glassnet.worked.grade._values import NOISE, Values, Written
from glassnet.worked.sheet import Entry


def allowances(
    lines: Sequence[Line], exact: Mapping[Quantity, Array], asked: Sequence[Quantity], digits: int
) -> dict[Quantity, Array]:
    """Return the largest distance from the exact value at which each number of a sheet still counts as right.

    Parameters
    ----------
    lines : sequence of Line
        Each after the lines that it needs.
    exact : mapping of Quantity to ndarray
        Of every quantity that the lines compute or name.
    asked : sequence of Quantity
        What stands on the sheet.
    digits : int
        To how many digits after the point each number is rounded, and carried on so.

    Returns
    -------
    dict of Quantity to ndarray
        Of the quantity's shape.

    Notes
    -----
    It is the bound that grading works with: half a unit of the number's own last place, and what the rounding
    of the numbers before it can do to it.
    """
    entries = {quantity: _write(quantity, exact[quantity], digits) for quantity in asked}
    precision = Precision([entry for each in entries.values() for entry in each])
    written = {
        quantity: Written.of(each, exact[quantity].shape, precision) for quantity, each in entries.items()
    }
    values = Values(exact, (line.quantity for line in lines), precision)
    allowed: dict[Quantity, Array] = {}
    for line in lines:
        own = written.get(line.quantity)
        values.judge(line, own, written)
        if own is not None:
            bound = values.expected[line.quantity]
            allowed[line.quantity] = np.asarray(
                own.unit / 2
                + bound.error
                + NOISE * abs(bound.value)
                + abs(bound.value - exact[line.quantity])
            )
    return allowed


def _write(quantity: Quantity, value: Array, digits: int) -> list[Entry]:
    return [
        Entry(
            quantity, tuple(i + 1 for i in place), format_number(float(value[place]), digits), quantity.name
        )
        for place in np.ndindex(value.shape)
    ]
