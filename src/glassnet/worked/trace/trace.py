"""Training steps with every number in them, as they would be worked by hand."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from glassnet._common.arrays import Array
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models.validation import check_count, resolve_optimizer
from glassnet.nn.optimizers import Optimizer
from glassnet.worked._problem_network import problem_of
from glassnet.worked.grade.sheet import Entry, Sheet, check_quantities, read_published
from glassnet.worked.problem import Problem
from glassnet.worked.problem_file import read_problem
from glassnet.worked.trace._engine import hold_to_engine, run_engine
from glassnet.worked.trace._formula import Line, Quantity
from glassnet.worked.trace._lines import derive, givens, work_out
from glassnet.worked.trace._numbers import round_array, round_number

if TYPE_CHECKING:
    from glassnet.models.neural_network import NeuralNetwork


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
class Trace:
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
                f"step {step} has no quantity {name!r}; it has: {', '.join(names) or 'nothing'}."
            ) from None

    def to_text(self) -> str:
        """Return the trace as plain text."""
        from glassnet.worked.write.text import render_text

        return render_text(self)

    def to_markdown(self) -> str:
        """Return the trace as Markdown, with formulas between dollar signs."""
        from glassnet.worked.write.markdown import render_markdown

        return render_markdown(self)

    def to_latex(self) -> str:
        """Return the trace as a LaTeX document."""
        from glassnet.worked.write.latex import render_latex

        return render_latex(self)

    def to_html(self) -> str:
        """Return the trace as one HTML page that fetches nothing."""
        from glassnet.worked.write.html import render_html

        return render_html(self)

    def to_json(self) -> dict[str, object]:
        """Return the trace as plain values, with all digits."""
        from glassnet.worked.write.json import render_json

        return render_json(self)


def trace(
    network: "NeuralNetwork | Problem | str | os.PathLike[str]",
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    lr: float | None = None,
    optimizer: str | Optimizer | None = None,
    batch_size: int | None = None,
    steps: int | None = None,
    digits: int | None = None,
    course_rounding: bool = False,
) -> Trace:
    """Work out training steps with every number in them.

    Parameters
    ----------
    network : NeuralNetwork, Problem, str or path-like
        A network that was fitted or initialised, which stays as it is; or a problem: ``"assignment"``, or a
        file that describes one.
    X : array-like of shape (n_samples, n_features), optional
        With a network: the samples, in the order in which they are taken. Bytes are divided by 255.
    y : array-like of shape (n_samples,) or (n_samples, n_classes), optional
        With a network: their labels.
    lr : float, optional
        Learning rate, instead of the network's or the problem's.
    optimizer : str or Optimizer, optional
        Likewise: SGD, with momentum too, or Adam.
    batch_size : int, optional
        Samples a step, 1 unless the problem says otherwise.
    steps : int, optional
        How many; one pass over the samples unless the problem says otherwise.
    digits : int, optional
        Digits after the point that are shown.
    course_rounding : bool
        Round to `digits` at every line and carry the rounded value on, as one does with a calculator.

    Returns
    -------
    Trace

    Raises
    ------
    NotFittedError
        When the network has no weights yet.
    InvalidParameterError, InvalidDataError
        When a setting, X or y cannot be right, or a number is out of the range of a formula on paper.
    FileError
        When there is no such problem.
    DivergedError
        When the loss is not finite.

    Notes
    -----
    The steps are those of `glassnet.nn.steps`, in float64; every line that is printed was computed from
    its formula too, and agrees with the engine's array.

    Examples
    --------
    >>> worked = trace("assignment")
    >>> float(worked.value(2, "dL/dw2")), round(float(worked.value(3, "w1")), 4)
    (-3.870328, 1.1078)
    """
    published = None
    if isinstance(network, Problem | str | os.PathLike):
        if X is not None or y is not None:
            raise InvalidDataError(
                "got a problem, and X or y too; expected a problem alone: it has its samples."
            )
        problem = network if isinstance(network, Problem) else read_problem(network)
        published = None if isinstance(network, Problem) else read_published(network)
    else:
        problem = problem_of(network, X, y)
    changes = {
        "learning_rate": lr,
        "optimizer": None if optimizer is None else resolve_optimizer(optimizer),
        "batch_size": batch_size,
        "n_steps": steps,
    }
    changes = {name: value for name, value in changes.items() if value is not None}
    if batch_size is not None and steps is None:
        changes["n_steps"] = -(-len(problem.X) // check_count("batch_size", batch_size))
    changed = replace(problem, **changes)  # type: ignore[arg-type]
    if digits is not None:
        changed = replace(changed, digits=digits)
    return trace_problem(changed, course_rounding=course_rounding, published=None if changes else published)


def trace_problem(
    problem: Problem, *, course_rounding: bool = False, published: Sheet | None = None
) -> Trace:
    """Work a problem out; see `trace`.

    Parameters
    ----------
    problem : Problem
    course_rounding : bool
        Needs ``problem.digits``.
    published : Sheet, optional
        Values to set beside those that differ.

    Returns
    -------
    Trace
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
    return Trace(problem, shown, values, course_rounding)


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
