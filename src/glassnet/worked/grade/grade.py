"""A person's own sheet, graded line by line with the error carried forward."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from glassnet._common.arrays import Array
from glassnet.errors import InvalidParameterError
from glassnet.worked._formula import Line, Quantity
from glassnet.worked.grade._causes import Search
from glassnet.worked.grade._data import GradedLine, GradedSheet, LineStatus
from glassnet.worked.grade._tolerance import Precision
from glassnet.worked.grade._values import Values, Written
from glassnet.worked.grade.html import render_section
from glassnet.worked.grade.text import describe, grade_to_json, render_grade, summary
from glassnet.worked.problem import NAMES, Problem
from glassnet.worked.problem_file import BUILT_IN, read_problem
from glassnet.worked.sheet import Entry, Sheet, check_quantities, read_sheet
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
    precision = Precision(sheet.entries)
    written = arrange(sheet, lines, exact, precision)
    values = Values(exact, (line.quantity for line in lines), precision)
    statuses = {line: values.judge(line, written.get(line.quantity), written) for line in lines}
    search = Search(problem, lines, written, values)
    graded = []
    for line, status in statuses.items():
        if status is None:
            continue
        cause = search.find(line) if status == LineStatus.WRONG else None
        if status == LineStatus.WRONG and line.optional and line.quantity not in values.leant_on:
            status = LineStatus.SLIP
        expected = values.expected[line.quantity].value
        entries = written[line.quantity].entries
        graded.append(GradedLine(line.quantity, entries, status, expected, exact[line.quantity], cause))
    missing = sum(not line.optional and line.quantity not in written for line in lines)
    return Grade(problem, sheet, tuple(graded), missing)


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


def arrange(
    sheet: Sheet, lines: Sequence[Line], exact: Mapping[Quantity, Array], precision: Precision
) -> dict[Quantity, Written]:
    """Return the numbers of a sheet as arrays, by quantity.

    Raises
    ------
    InvalidDataError
        When the problem has no such step, quantity or entry, or when a number stands there twice.
    """
    check_quantities(sheet, {line.quantity for line in lines})
    by_quantity: dict[Quantity, list[Entry]] = {}
    for entry in sheet.entries:
        by_quantity.setdefault(entry.quantity, []).append(entry)
    return {
        quantity: Written.of(entries, exact[quantity].shape, precision)
        for quantity, entries in by_quantity.items()
    }
