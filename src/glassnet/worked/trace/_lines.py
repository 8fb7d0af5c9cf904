"""The lines of a worked example: every step of a training as formulas over named quantities.

There is one list of lines. A trace prints it, course rounding works it out with rounded numbers, and a
person's own sheet is graded by it. It is the derivation of what the engine does, not a second engine:
`trace` holds every line to the engine's arrays.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from glassnet._common.arrays import Array
from glassnet.errors import InvalidParameterError
from glassnet.worked._formula import Line, Quantity, evaluate
from glassnet.worked.problem import MAX_LINES, Problem
from glassnet.worked.trace._names import named_parameters, names_of
from glassnet.worked.trace._passes import Passes
from glassnet.worked.trace._unit_passes import UnitPasses
from glassnet.worked.trace._updates import memory_letters, memory_name, write_updates


def derive(problem: Problem) -> list[Line]:
    """Return the lines of all steps of a problem, each after the lines that it needs.

    Raises
    ------
    InvalidParameterError
        When they are more than anybody reads.
    """
    updated = [name for name, _ in named_parameters(problem, problem.parameters, updated_only=True)]
    lines: list[Line] = []
    for step in range(1, problem.n_steps + 1):
        rows = problem.rows_of(step)
        passes = (
            UnitPasses(problem, step) if problem.by_unit else Passes(problem, step, rows.stop - rows.start)
        )
        lines += [*passes.forward(), *passes.loss(), *passes.gradient()]
        lines += write_updates(problem, step, updated)
        if len(lines) * problem.n_steps > MAX_LINES * step:  # a step has as many lines as the first
            raise InvalidParameterError(
                f"got {problem.n_steps:,} steps of {len(lines) // step:,} lines; expected at most "
                f"{MAX_LINES:,} lines for work by hand. Take fewer steps, or smaller layers."
            )
    return lines


def stated(problem: Problem) -> dict[Quantity, Array]:
    """Return what a problem states: the parameters before the first step, then the samples of each."""
    values: dict[Quantity, Array] = {}
    for step in range(1, problem.n_steps + 1):
        values |= stated_in(problem, step)
    return values


def stated_in(problem: Problem, step: int) -> dict[Quantity, Array]:
    """Return what a problem states in one step: its samples; in the first one the parameters too."""
    first = named_parameters(problem, problem.parameters) if step == 1 else ()
    values = {Quantity(0, name): array for name, array in first}
    names, rows = names_of(problem), problem.rows_of(step)
    for letter, samples in (("x", problem.X[rows]), ("y", problem.y[rows])):
        values |= {Quantity(step, name): array for name, array in names.of(letter, 0, samples)}
    return values


def givens(problem: Problem) -> dict[Quantity, Array]:
    """Return what a problem states, and the zeros that an optimiser remembers before the first step."""
    values, letters = stated(problem), memory_letters(problem.optimizer)
    for name, array in named_parameters(problem, problem.parameters, updated_only=True):
        for letter in letters:
            values[Quantity(0, memory_name(letter, name))] = np.zeros_like(array)
    return values


def work_out(
    lines: Iterable[Line],
    given: Mapping[Quantity, Array],
    finish: Callable[[Quantity, Array], Array] = lambda quantity, value: value,
) -> dict[Quantity, Array]:
    """Compute line after line from what is given.

    Parameters
    ----------
    lines : iterable of Line
    given : mapping of Quantity to ndarray
    finish : callable
        ``finish(quantity, value)`` returns what is written down and carried on: the value rounded, say.

    Returns
    -------
    dict of Quantity to ndarray
        With what was given.
    """
    values = dict(given)
    for line in lines:
        with np.errstate(all="ignore"):  # a value that is not finite is seen by whoever compares it
            values[line.quantity] = finish(
                line.quantity, np.asarray(evaluate(line.formula, values.__getitem__))
            )
    return values
