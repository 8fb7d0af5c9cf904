"""How far a right answer may lie from the exact number, where every line before it was rounded too."""

from collections.abc import Mapping, Sequence

import numpy as np

from glassnet._common.arrays import Array
from glassnet.worked._formula import Line, Quantity
from glassnet.worked._numbers import format_number
from glassnet.worked.grade._tolerance import Precision
from glassnet.worked.grade._values import NOISE, Values
from glassnet.worked.sheet import Entry


def allowances(
    lines: Sequence[Line], exact: Mapping[Quantity, Array], asked: Sequence[Quantity], digits: int
) -> dict[Quantity, Array]:
    """Return the largest distance from the exact value at which a number of a sheet is still right.

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
    These are the bounds that grading works with for numbers that it does not see: each line may be rounded as
    the sheet asks for it, and what that does to the lines after it is added up as if it never cancelled.
    """
    entries = [entry for quantity in asked for entry in _write(quantity, exact[quantity], digits)]
    values = Values(exact, (line.quantity for line in lines), Precision(entries))
    for line in lines:
        values.judge(line, None, {})
    own = {quantity: values.own[quantity] for quantity in asked}
    return {quantity: np.asarray(one.error + NOISE * abs(one.value)) for quantity, one in own.items()}


def _write(quantity: Quantity, value: Array, digits: int) -> list[Entry]:
    return [
        Entry(
            quantity, tuple(i + 1 for i in place), format_number(float(value[place]), digits), quantity.name
        )
        for place in np.ndindex(value.shape)
    ]
