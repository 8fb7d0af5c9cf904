"""The lines of a sheet judged one by one, whatever they are lines of."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from glassnet._common.arrays import Array
from glassnet.worked._formula import Line, Quantity
from glassnet.worked.grade._causes import Search
from glassnet.worked.grade._data import GradedLine, LineStatus
from glassnet.worked.grade._tolerance import Precision
from glassnet.worked.grade._values import Values, Written
from glassnet.worked.sheet import Entry


@np.errstate(over="ignore", invalid="ignore")  # of a huge number what follows may be infinite
def judge_lines(
    entries: Sequence[Entry],
    lines: Sequence[Line],
    exact: Mapping[Quantity, Array],
    *,
    samples: Callable[[int], int] = lambda step: 1,
    rate: float | None = None,
    causes: bool = True,
) -> tuple[GradedLine, ...]:
    """Judge every line that was written, with errors carried forward, and look for the causes.

    Parameters
    ----------
    entries : sequence of Entry
        What was written; each of a quantity that a line computes, at a place that it has.
    lines : sequence of Line
        In the order in which one works them out.
    exact : mapping of Quantity to ndarray
        The right value of each line, and what is given.
    samples : callable
        ``samples(step)`` returns how many samples a step has.
    rate : float or None
        The learning rate, where there is one.
    causes : bool
        Whether to look for the causes too.

    Returns
    -------
    tuple of GradedLine

    Raises
    ------
    InvalidDataError
        When there is no such place, or two entries have the same.
    """
    precision = Precision(entries)
    written = _arrange(entries, exact, precision)
    values = Values(exact, (line.quantity for line in lines), precision)
    statuses = [(line, values.judge(line, written.get(line.quantity), written)) for line in lines]
    search = Search(lines, written, values, samples, rate)
    graded = []
    for line, status in statuses:
        if status is None:
            continue
        is_wrong = status == LineStatus.WRONG
        found = search.find(line) if is_wrong and causes else ()
        if is_wrong and line.optional and line.quantity not in values.leant_on:
            status = LineStatus.SLIP
        own, expected = written[line.quantity], values.expected[line.quantity]
        wrong = own.off(expected) if is_wrong else ()
        graded.append(
            GradedLine(line.quantity, own.entries, status, expected.value, exact[line.quantity], found, wrong)
        )
    return tuple(graded)


def _arrange(
    entries: Sequence[Entry], exact: Mapping[Quantity, Array], precision: Precision
) -> dict[Quantity, Written]:
    """Return the numbers of a sheet as arrays, by quantity."""
    by_quantity: dict[Quantity, list[Entry]] = {}
    for entry in entries:
        by_quantity.setdefault(entry.quantity, []).append(entry)
    return {
        quantity: Written.of(own, exact[quantity].shape, precision) for quantity, own in by_quantity.items()
    }
