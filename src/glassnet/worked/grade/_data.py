"""A graded sheet as plain values: the verdict on each line, and why it is wrong."""

from dataclasses import dataclass

from glassnet._common.arrays import Array
from glassnet.worked._formula import Quantity
from glassnet.worked.problem import Problem
from glassnet.worked.sheet import Entry, Sheet

POINTS = {"right": 1.0, "consistent": 1.0, "slip": 0.5, "wrong": 0.0}
"""What a line is worth; one that is wrong by its rounding alone is worth half."""


@dataclass(frozen=True)
class Cause:
    """Say why a line is wrong.

    Attributes
    ----------
    kind : str
        ``"swap"``, ``"sign"``, ``"factor"``, ``"gate"`` (an activation or its derivative left out),
        ``"mean"`` (mean for sum, or sum for mean), ``"term"``, ``"old weight"``, ``"digits"``,
        ``"rounding"`` or ``"unknown"``.
    text : str
        In words.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class GradedLine:
    """Hold the verdict on one line.

    Attributes
    ----------
    quantity : Quantity
    entries : tuple of Entry
        What was written.
    status : str
        ``"right"``; ``"consistent"``: not the right value, but rightly worked from an earlier wrong one;
        ``"wrong"``; or ``"slip"``: half a line that is wrong, and that nothing was worked from.
    expected : ndarray
        What it should be, worked from the person's own earlier values.
    exact : ndarray
        The engine's value.
    cause : Cause or None
        Of a line that is wrong.
    """

    quantity: Quantity
    entries: tuple[Entry, ...]
    status: str
    expected: Array
    exact: Array
    cause: Cause | None = None

    @property
    def points(self) -> float:
        """What the line is worth, from 0 to 1."""
        rounding = self.status == "wrong" and self.cause is not None and self.cause.kind == "rounding"
        return 0.5 if rounding else POINTS[self.status]


@dataclass(frozen=True)
class GradedSheet:
    """Hold a graded sheet.

    Attributes
    ----------
    problem : Problem
    sheet : Sheet
    lines : tuple of GradedLine
        Every line that was written, in the order in which one works them out.
    missing : int
        How many lines of the problem were not written.
    """

    problem: Problem
    sheet: Sheet
    lines: tuple[GradedLine, ...]
    missing: int

    @property
    def first_error(self) -> GradedLine | None:
        """The first line that is wrong; slips of the pen do not count."""
        return next((line for line in self.lines if line.status == "wrong"), None)

    @property
    def slips(self) -> tuple[GradedLine, ...]:
        """What is written wrong, and was not worked from."""
        return tuple(line for line in self.lines if line.status == "slip")

    @property
    def points(self) -> float:
        """The points of all lines; a right or a consistent line has one."""
        return sum(line.points for line in self.lines)

    @property
    def score(self) -> float:
        """The points as a share of the lines that were written, from 0 to 1."""
        return self.points / len(self.lines)
