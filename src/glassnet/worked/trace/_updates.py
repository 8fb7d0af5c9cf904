"""The update of one step, as formulas: the equations that an optimiser states, for each parameter."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.nn.optimizers import Optimizer
from glassnet.worked._formula import Formula, Line, Number, Quantity, Ref, evaluate, quantities_of
from glassnet.worked._parse import parse_formula
from glassnet.worked.problem import Problem, equations_of, settings_of


def write_updates(problem: Problem, step: int, parameters: Iterable[str]) -> Iterator[Line]:
    """Yield the lines that update each parameter, what the optimiser remembers of it first."""
    for parameter in parameters:
        yield from updates_of(problem.optimizer, problem.learning_rate, step, parameter)


def memory_letters(optimizer: Optimizer) -> list[str]:
    """Return what the optimiser remembers of a parameter, by the letters of its equations."""
    update = updates_of(optimizer, 0.0, 1, "theta")
    before = dict.fromkeys(
        quantity.name for line in update for quantity in quantities_of(line.formula) if not quantity.step
    )
    return [name.removesuffix("_theta") for name in before if name != "theta"]


def read_memory(optimizer: Optimizer, memory: Mapping[str, Array]) -> dict[str, Array]:
    """Return the arrays that an optimiser remembers, by the letters of its equations.

    Parameters
    ----------
    optimizer : Optimizer
    memory : mapping of str to ndarray
        The arrays of its state.

    Returns
    -------
    dict of str to ndarray
        New arrays.

    Raises
    ------
    InvalidParameterError
        When an equation names what is neither computed, nor a setting, nor in the state.
    """
    kept, settings = equations_of(optimizer).kept, _constants(optimizer)

    def names(name: str) -> Formula:
        return settings[name] if name in settings else Ref(Quantity(0, name))

    def look(quantity: Quantity) -> Array:
        if quantity.name not in memory:
            raise InvalidParameterError(
                f"an equation of {type(optimizer).__name__} names {quoted(quantity.name)}, which is no "
                "setting of "
                f"it, is not computed, and not remembered; its memory has: {', '.join(memory) or 'nothing'}."
            )
        return memory[quantity.name]

    return {
        letter: np.array(evaluate(parse_formula(kept.get(letter, letter), names), look))
        for letter in memory_letters(optimizer)
    }


def updates_of(optimizer: Optimizer, rate: float, step: int, parameter: str) -> Iterator[Line]:
    """Yield an optimiser's equations for a parameter; a name not met before is from the last step.

    Parameters
    ----------
    optimizer : Optimizer
    rate : float
    step : int
        The number of the update, from 1.
    parameter : str
        What the parameter is called.
    """
    known: dict[str, Formula] = {**_constants(optimizer)}
    known |= {"lr": Number(rate, "lr"), "t": Number(step), "g": Ref(Quantity(step, f"dL/d{parameter}"))}

    def quantity(at: int, letter: str) -> Ref:
        return Ref(Quantity(at, parameter if letter == "theta" else memory_name(letter, parameter)))

    def names(name: str) -> Formula:
        return known[name] if name in known else quantity(step - 1, name)

    for equation in equations_of(optimizer).lines:
        target, equals, text = (part.strip() for part in equation.partition("="))
        if not equals or not target.isidentifier():
            raise InvalidParameterError(
                f"cannot read the equation {quoted(equation)}; expected name = formula."
            )
        computed = quantity(step, target)
        yield Line(computed.quantity, "update", parse_formula(text, names))
        known[target] = computed


def memory_name(letter: str, parameter: str) -> str:
    """Return what stands for a letter of the equations, in the lines of a parameter."""
    return f"{letter}_{parameter}"


def _constants(optimizer: Optimizer) -> dict[str, Number]:
    return {setting.name: Number(setting.value, setting.symbol) for setting in settings_of(optimizer)}
