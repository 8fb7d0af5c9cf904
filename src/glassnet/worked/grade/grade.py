"""A person's own sheet, graded line by line with the error carried forward."""

import os
from dataclasses import replace

from glassnet.errors import InvalidParameterError
from glassnet.worked.grade._data import GradedSheet
from glassnet.worked.grade.html import render_section
from glassnet.worked.grade.judging import judge_lines
from glassnet.worked.grade.text import describe, grade_to_json, render_grade, summary
from glassnet.worked.problem import NAMES, Problem
from glassnet.worked.problem_file import BUILT_IN, read_problem
from glassnet.worked.sheet import Sheet, check_quantities, read_sheet
from glassnet.worked.trace._lines import derive
from glassnet.worked.trace._work import work_problem


class Grade(GradedSheet):
    """Hold a graded sheet; ``print`` it, or write it out.

    Attributes
    ----------
    problem : Problem
    sheet : Sheet
    lines : tuple of GradedLine
        Every line that was written, in the order in which one works them out.
    missing : int
        How many lines of the problem were not written.
    """

    def __repr__(self) -> str:
        first = self.first_error
        error = "" if first is None else f" First error: {describe(first)}"
        return f"<Grade of {self.sheet.name!r}: {summary(self)}{error}>"

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return render_section(self)

    def to_text(self) -> str:
        """Return the grade as text."""
        return render_grade(self)

    def to_json(self) -> dict[str, object]:
        """Return the grade as plain values."""
        return grade_to_json(self)


def grade(
    sheet: str | os.PathLike[str] | Sheet, problem: str | os.PathLike[str] | Problem | None = None
) -> Grade:
    """Grade a person's own numbers for a problem, line by line.

    Parameters
    ----------
    sheet : str, path-like or Sheet
        A problem that comes with the package and has a published answer, ``"assignment"`` or
        ``"textbook-sigmoid"``; or a CSV, YAML, TOML or JSON file with rows of step, quantity and value.
    problem : str, path-like or Problem, optional
        What it is an answer to: the name of a problem that comes with the package, or its file. Without it,
        the problem of the sheet's name, and that of the assignment for a file.

    Returns
    -------
    Grade

    Raises
    ------
    FileError, DataFileError
        When a file cannot be read.
    InvalidDataError
        When the sheet has a quantity that the problem has not, or a number that is none.

    Notes
    -----
    A line is right where it lies within the bounds that follow from the digits written in it and in the lines
    before it, see `glassnet.worked.grade._tolerance`. What follows rightly from a wrong line is consistent.
    Quantities may be called by their arrays, ``W1[1,2]``, or unit by unit, ``w3``, whichever the problem has.

    Examples
    --------
    >>> graded = grade("assignment")
    >>> graded.first_error.quantity, graded.first_error.cause.kind
    (Quantity(step=2, name='b1'), 'swap')
    """
    if problem is None:
        problem = (
            str(sheet) if not isinstance(sheet, Sheet) and str(sheet) in BUILT_IN else next(iter(BUILT_IN))
        )
    sheet = sheet if isinstance(sheet, Sheet) else read_sheet(sheet)
    if not isinstance(problem, Problem):
        problem = read_problem(problem)
    return grade_sheet(sheet, problem)


def grade_sheet(sheet: Sheet, problem: Problem) -> Grade:
    """Grade a sheet that was read already; see `grade`."""
    problem = _named_as(sheet, problem)
    lines = derive(problem)
    exact = work_problem(problem).values
    check_quantities(sheet, {line.quantity for line in lines})
    graded = judge_lines(
        sheet.entries,
        lines,
        exact,
        samples=lambda step: len(problem.X[problem.rows_of(step)]),
        rate=problem.learning_rate,
    )
    written = {line.quantity for line in graded}
    missing = sum(not line.optional and line.quantity not in written for line in lines)
    return Grade(problem, sheet, graded, missing)


def _named_as(sheet: Sheet, problem: Problem) -> Problem:
    """Return the problem with the names that the sheet has, where its own are others and these fit."""
    written = {entry.quantity for entry in sheet.entries}
    if written <= {line.quantity for line in derive(problem)}:
        return problem
    for names in NAMES:
        try:
            other = replace(problem, names=names)
        except InvalidParameterError:  # such as one name a unit in a network of thousands
            continue
        if written <= {line.quantity for line in derive(other)}:
            return other
    return problem
