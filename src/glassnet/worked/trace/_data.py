"""Worked steps as plain values: every line with its value, and what was published beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError
from glassnet.worked._formula import Line, Quantity
from glassnet.worked.problem import Problem
from glassnet.worked.sheet import Entry


@dataclass(frozen=True)
class TraceLine:
    """Hold one line of a trace.

    Attributes
    ----------
    line : Line
        The formula, in symbols.
    value : ndarray
        The engine's, or with course rounding what a person carries on.
    exact : ndarray
        The engine's.
    published : tuple of Entry
        Published values that differ from `value`, rounded as they are.
    """

    line: Line
    value: Array
    exact: Array
    published: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class WorkedSteps:
    """Hold a worked training: every line of every step, with its value.

    Attributes
    ----------
    problem : Problem
    lines : tuple of TraceLine
        In the order in which one works them out.
    values : dict of Quantity to ndarray
        Of every quantity in the formulas, given or computed.
    rounded : bool
        Whether each value was rounded to ``problem.digits`` and carried on so.
    """

    problem: Problem
    lines: tuple[TraceLine, ...]
    values: Mapping[Quantity, Array]
    rounded: bool

    def value(self, step: int, name: str) -> Array:
        """Return the value of a quantity.

        Parameters
        ----------
        step : int
            Counts from 1; a parameter of step 0 is the one before training.
        name : str
            As it is printed: ``"z1"``, ``"dL/dw2"``, ``"W1"``.

        Returns
        -------
        ndarray
            Of shape () where all quantities are numbers.

        Raises
        ------
        InvalidDataError
            When the trace has no such quantity.
        """
        try:
            return self.values[Quantity(step, name)]
        except KeyError:
            names = dict.fromkeys(quantity.name for quantity in self.values if quantity.step == step)
            raise InvalidDataError(
                f"step {step} has no quantity {quoted(name)}; it has: {', '.join(names) or 'nothing'}."
            ) from None
