"""What the engine computes for a problem, under the names of its lines, and the lines held to it."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from glassnet._common.arrays import Array
from glassnet.errors import InvalidDataError
from glassnet.nn.network import Parameters
from glassnet.nn.samples import Samples
from glassnet.nn.training import Step, Training, steps
from glassnet.worked._formula import Line, Quantity, evaluate
from glassnet.worked.problem import Problem
from glassnet.worked.trace._names import named_parameters, names_of
from glassnet.worked.trace._updates import memory_name, read_memory

RELATIVE, ABSOLUTE = 1e-9, 1e-12
"""How near a line must come to the engine's array, in float64."""

RELATIVE_OF_LOSS = 1e-6
"""The same for the loss, which the engine computes from z so that nothing cancels."""


def run_engine(problem: Problem) -> dict[Quantity, Array]:
    """Train as the problem says, and copy every array of every step.

    Parameters
    ----------
    problem : Problem
        Unchanged.

    Returns
    -------
    dict of Quantity to ndarray
        In the shapes in which they are written.

    Raises
    ------
    DivergedError
        When a loss is not finite.
    """
    training = Training(
        problem.architecture,
        problem.parameters,
        problem.optimizer,
        problem.learning_rate,
        problem.batch_size,
        keep_z=True,
        alpha=problem.alpha,
        frozen=problem.frozen,
    )
    values: dict[Quantity, Array] = {}
    number = 0
    for epoch, order in enumerate(_orders(problem), start=1):
        for step in steps(training, Samples(problem.X, problem.y, np.float64), order, epoch):
            values.update(
                _after_update(problem, training, number)
            )  # the last step's came when asked for this one
            number += 1
            values.update(_before_update(problem, step, number))
    values.update(_after_update(problem, training, number))
    return values


def _orders(problem: Problem) -> Iterator[np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Yield the rows of each pass over the samples; the last one ends with the last step."""
    steps_a_pass = -(-len(problem.X) // problem.batch_size)
    for before in range(0, problem.n_steps, steps_a_pass):
        last = min(before + steps_a_pass, problem.n_steps)
        yield np.arange(problem.rows_of(last).stop, dtype=np.intp)


def _before_update(problem: Problem, step: Step, number: int) -> Iterator[tuple[Quantity, Array]]:
    """Yield copies of the forward pass, the loss and the gradient of what is updated."""
    names, work = names_of(problem), step.workspace
    for i, (z, a, delta) in enumerate(zip(work.z, work.a, work.deltas, strict=True), start=1):
        for letter, array in (("z", z), ("a", a)):
            yield from ((Quantity(number, name), value) for name, value in names.of(letter, i, array))
        yield from ((Quantity(number, f"dL/d{name}"), value) for name, value in names.of("z", i, delta))
    for name, value in named_parameters(problem, step.gradient, updated_only=True):
        yield Quantity(number, f"dL/d{name}"), value
    yield Quantity(number, "L"), np.array(step.loss + step.penalty)


def _after_update(problem: Problem, training: Training, number: int) -> Iterator[tuple[Quantity, Array]]:
    """Yield copies of the parameters, and of what the optimiser remembers, after an update."""
    if not number:
        return
    memory = read_memory(problem.optimizer, training.optimizer_state.memory)
    for letter, theta in {"": training.parameters.theta, **memory}.items():
        parameters = Parameters(problem.architecture, theta)
        for name, value in named_parameters(problem, parameters, updated_only=True):
            yield Quantity(number, memory_name(letter, name) if letter else name), value


def hold_to_engine(
    lines: Iterable[Line], given: Mapping[Quantity, Array], engine: Mapping[Quantity, Array]
) -> dict[Quantity, Array]:
    """Return every line's value: the engine's array, to which the line's formula is held.

    A line that the engine keeps no array for, such as Adam's corrected means, has its formula's value.

    Raises
    ------
    InvalidDataError
        When a formula as it is printed does not give the engine's array. That happens where a number is out
        of the range of a calculator, such as the logarithm of an output that is 0 in float64.
    """
    values = {**given, **engine}
    for line in lines:
        with np.errstate(all="ignore"):
            computed = np.asarray(evaluate(line.formula, values.__getitem__))
        value = values.setdefault(line.quantity, computed)
        relative = RELATIVE_OF_LOSS if line.kind == "loss" else RELATIVE
        if computed.shape != value.shape or not np.allclose(computed, value, relative, ABSOLUTE):
            step, name = line.quantity
            raise InvalidDataError(
                f"{name} of step {step} {_describe_difference(computed, value)}: the numbers are out of a "
                "calculator's range. Scale x to about -1 ... 1, or take smaller weights or a smaller "
                "learning rate."
            )
    return values


def _describe_difference(computed: Array, value: Array) -> str:
    if computed.shape != value.shape:
        return f"has the shape {computed.shape} by its formula on paper, and {value.shape} by the engine"
    at = np.unravel_index(int(np.argmax(~np.isclose(computed, value, RELATIVE, ABSOLUTE))), value.shape)
    return f"is {computed[at]:.9g} by its formula on paper, and {value[at]:.9g} by the engine"
