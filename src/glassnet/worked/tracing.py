"""Training steps with every number in them, as they would be worked by hand."""

import os
from dataclasses import replace
from typing import Any

from numpy.typing import ArrayLike

from glassnet.errors import InvalidDataError
from glassnet.models.resolving import resolve_optimizer
from glassnet.models.validation import check_count
from glassnet.nn.optimizers import Optimizer
from glassnet.worked._problem_network import problem_of
from glassnet.worked.problem import Problem
from glassnet.worked.problem_file import read_problem
from glassnet.worked.sheet import Sheet, read_published_sheet
from glassnet.worked.trace._data import WorkedSteps
from glassnet.worked.trace._work import work_problem
from glassnet.worked.write._html import render_html, render_section
from glassnet.worked.write._json import render_json
from glassnet.worked.write._latex import render_latex
from glassnet.worked.write._markdown import render_markdown
from glassnet.worked.write.text import render_text


class Trace(WorkedSteps):
    """Hold a worked training: every line of every step, with its value; ``print`` it, or write it out.

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

    def __repr__(self) -> str:
        return f"<Trace of {self.problem.name!r}: {self.problem.n_steps} steps, {len(self.lines)} lines>"

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return render_section(self)

    def to_text(self) -> str:
        """Return the trace as plain text."""
        return render_text(self)

    def to_markdown(self) -> str:
        """Return the trace as Markdown, with formulas between dollar signs."""
        return render_markdown(self)

    def to_latex(self) -> str:
        """Return the trace as a LaTeX document."""
        return render_latex(self)

    def to_html(self) -> str:
        """Return the trace as one HTML page that fetches nothing."""
        return render_html(self)

    def to_json(self) -> dict[str, object]:
        """Return the trace as plain values, with all digits."""
        return render_json(self)


def trace(
    network: Any,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    lr: float | None = None,
    optimizer: str | Optimizer | None = None,
    batch_size: int | None = None,
    steps: int | None = None,
    digits: int | None = None,
    course_rounding: bool = False,
    names: str | None = None,
) -> Trace:
    """Work out training steps with every number in them.

    Parameters
    ----------
    network : NeuralNetwork, MLPClassifier, MLPRegressor, MLPAutoencoder, Problem, str or path-like
        A model of glassnet or scikit-learn that was fitted or initialised, which stays as it is; or a
        problem: the name of one that comes with the package, such as ``"assignment"`` or
        ``"textbook-sigmoid"``, or a file that describes one.
    X : array-like of shape (n_samples, n_features), optional
        With a model: the samples, in the order in which they are taken. Bytes are divided by 255 where the
        model does so.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), optional
        With a model: their labels or targets, as for its `fit`.
    lr : float, optional
        Learning rate, instead of the network's or the problem's; the same in every step, whatever schedule
        the model has.
    optimizer : str or Optimizer, optional
        Likewise; one that states its equations. A model that is trained with L-BFGS has Adam here.
    batch_size : int, optional
        Samples a step, 1 unless the problem says otherwise.
    steps : int, optional
        How many; one pass over the samples unless the problem says otherwise.
    digits : int, optional
        Digits after the point that are shown.
    course_rounding : bool
        Round to `digits` at every line and carry the rounded value on, as one does with a calculator.
    names : {"arrays", "units"}, optional
        What quantities are called: ``W1``, ``Z1``, those of a layer together; or ``w5``, ``h1``, ``o1`` one
        by one, in networks of at most 100 parameters with one sample a step. Arrays, unless the problem
        says otherwise.

    Returns
    -------
    Trace

    Raises
    ------
    NotFittedError
        When the model has no weights yet.
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
        published = None if isinstance(network, Problem) else read_published_sheet(network)
    else:
        problem = problem_of(network, X, y)
    changes = {
        "learning_rate": lr,
        "optimizer": None if optimizer is None else resolve_optimizer(optimizer),
        "batch_size": batch_size,
        "n_steps": steps,
        "names": names,
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
    worked = work_problem(problem, course_rounding=course_rounding, published=published)
    return Trace(worked.problem, worked.lines, worked.values, worked.rounded)
