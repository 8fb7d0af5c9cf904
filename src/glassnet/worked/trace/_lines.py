"""The lines of a worked example: every step of a training as formulas over named quantities.

There is one list of lines. A trace prints it, course rounding works it out with rounded numbers, and a
person's own sheet is graded by it. It is the derivation of what the engine does, not a second engine:
`trace` holds every line to the engine's arrays.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from glassnet._common.arrays import Array
from glassnet.worked._formula import Line, Quantity, evaluate
from glassnet.worked.problem import Problem
from glassnet.worked.trace._passes import Passes
from glassnet.worked.trace._updates import memory_letters, memory_name, write_updates


def derive(problem: Problem) -> list[Line]:
    """Return the lines of all steps of a problem, each after the lines that it needs."""
    lines: list[Line] = []
    for step, rows in enumerate(problem.batches(), start=1):
        passes = Passes(problem.architecture, step, rows.stop - rows.start, problem.is_scalar, problem.alpha)
        lines += [*passes.forward(), *passes.loss(), *passes.gradient()]
        lines += write_updates(problem, step, passes.parameter_names())
    return lines


def given_names(problem: Problem) -> list[Quantity]:
    """Return what a problem states, without what an optimiser remembers: parameters first, then samples."""
    names = Passes(problem.architecture, 0, 1, problem.is_scalar).parameter_names()
    samples = ("x", "y") if problem.is_scalar else ("X", "Y")
    return [Quantity(0, name) for name in names] + [
        Quantity(step, name) for step in range(1, problem.n_steps + 1) for name in samples
    ]


def givens(problem: Problem) -> dict[Quantity, Array]:
    """Return what a problem states: the parameters before the first step, and the samples of each."""
    parameters = problem.parameters
    samples = [array[rows] for rows in problem.batches() for array in (problem.X, problem.y)]
    arrays = [*parameters.weights, *parameters.biases, *samples]
    names = given_names(problem)
    values = {name: as_written(array, problem) for name, array in zip(names, arrays, strict=True)}
    for quantity in [name for name in names if not name.step]:
        for letter in memory_letters(problem.optimizer):
            values[Quantity(0, memory_name(letter, quantity.name))] = np.zeros_like(values[quantity])
    return values


def as_written(array: Array, problem: Problem) -> Array:
    """Return a copy in the shape in which it is written: a number where all are numbers, biases as a row."""
    if problem.is_scalar:
        return array.reshape(()).copy()
    return array[np.newaxis].copy() if array.ndim == 1 else array.copy()


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
