"""A problem worked out, line by line, and held to the engine."""

from collections.abc import Mapping

from glassnet._common.arrays import Array
from glassnet.errors import InvalidParameterError
from glassnet.worked._formula import Line, Quantity
from glassnet.worked._numbers import round_array, round_number
from glassnet.worked.problem import Problem
from glassnet.worked.sheet import Entry, Sheet, check_quantities
from glassnet.worked.trace._data import TraceLine, WorkedSteps
from glassnet.worked.trace._engine import hold_to_engine, run_engine
from glassnet.worked.trace._lines import derive, givens, work_out


def work_problem(
    problem: Problem, *, course_rounding: bool = False, published: Sheet | None = None
) -> WorkedSteps:
    """Work a problem out; see `glassnet.trace`.

    Parameters
    ----------
    problem : Problem
    course_rounding : bool
        Needs ``problem.digits``.
    published : Sheet, optional
        Values to set beside those that differ.

    Returns
    -------
    WorkedSteps
    """
    if course_rounding and problem.digits is None:
        raise InvalidParameterError(
            "course rounding needs a number of digits; give digits, such as digits=4."
        )
    lines, given = derive(problem), givens(problem)
    if published is not None:
        check_quantities(published, {line.quantity for line in lines})
    exact = hold_to_engine(lines, given, run_engine(problem))
    values, rounded_to = exact, None
    if course_rounding:
        rounded_to = digits = problem.digits or 0
        values = work_out(lines, given, lambda quantity, value: round_array(value, digits))
    differing = {line: _differing(line, values, published, rounded_to) for line in lines}
    shown = tuple(
        TraceLine(line, values[line.quantity], exact[line.quantity], entries)
        for line, entries in differing.items()
        if not line.optional or entries
    )
    return WorkedSteps(problem, shown, values, course_rounding)


def _differing(
    line: Line, values: Mapping[Quantity, Array], published: Sheet | None, rounded_to: int | None
) -> tuple[Entry, ...]:
    """Return the published values of a line that differ from its own, to the digits that both have."""

    def differs(entry: Entry) -> bool:
        own, theirs = entry.pick(values[line.quantity]), float(entry.number)
        same_if_rounded = rounded_to is not None and round_number(theirs, rounded_to) == own
        return entry.round(own) != theirs and not same_if_rounded

    entries = published.entries if published else ()
    return tuple(entry for entry in entries if entry.quantity == line.quantity and differs(entry))
