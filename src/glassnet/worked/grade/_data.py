"""A graded sheet as plain values: the verdict on each line, and why it is wrong."""

from dataclasses import dataclass
from typing import Self

from glassnet._common.arrays import Array
from glassnet._common.words import Word
from glassnet.worked._formula import Quantity
from glassnet.worked._texts import ENGLISH
from glassnet.worked.grade._slips import Cause, CauseKind, either
from glassnet.worked.problem import Problem
from glassnet.worked.sheet import Entry, Sheet


class LineStatus(Word):
    """Say what a line is, with all that is said of it.

    Attributes
    ----------
    points : float
        What it is worth; a line that is wrong by its rounding alone is worth half.
    counted : str
        As it is said of how many there are.
    verdict : str
        As it is said of one line, with a place for its ``{cause}``.
    """

    points: float
    counted: str
    verdict: str

    RIGHT = "right", 1.0, "right", "right"
    CONSISTENT = (
        "consistent",
        1.0,
        "consistent with an earlier error",
        "consistent with the errors before it",
    )
    """Not the right value, but rightly worked from an earlier wrong one."""
    WRONG = "wrong", 0.0, "wrong", "wrong: {cause}"
    SLIP = "slip", 0.5, "slip of the pen", "slip of the pen, nothing was worked from it ({cause})"
    """Half a line that is wrong, and that nothing was worked from."""

    def __new__(cls, value: str, points: float, counted: str, verdict: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.points, member.counted, member.verdict = points, counted, verdict
        return member


@dataclass(frozen=True)
class GradedLine:
    """Hold the verdict on one line.

    Attributes
    ----------
    quantity : Quantity
    entries : tuple of Entry
        What was written.
    status : LineStatus
    expected : ndarray
        What it should be, worked from the person's own earlier values.
    exact : ndarray
        The engine's value.
    causes : tuple of Cause
        Of a line that is wrong, the likeliest first; several where they explain its numbers equally well.
    wrong : tuple of Entry
        Of a line that is wrong, the entries that are; those of a matrix beside them are right.
    """

    quantity: Quantity
    entries: tuple[Entry, ...]
    status: LineStatus
    expected: Array
    exact: Array
    causes: tuple[Cause, ...] = ()
    wrong: tuple[Entry, ...] = ()

    @property
    def cause(self) -> Cause | None:
        """The likeliest cause of a line that is wrong."""
        return self.causes[0] if self.causes else None

    def cause_in(self, language: str = ENGLISH) -> str:
        """Return why the line is wrong, in a language: causes that tie with "either ... or"."""
        return either(self.causes, language)

    @property
    def points(self) -> float:
        """What the line is worth, from 0 to 1."""
        is_wrong, cause = self.status == LineStatus.WRONG, self.cause
        is_rounding = is_wrong and cause is not None and cause.kind == CauseKind.ROUNDING
        return 0.5 if is_rounding else self.status.points


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
        return next((line for line in self.lines if line.status == LineStatus.WRONG), None)

    @property
    def slips(self) -> tuple[GradedLine, ...]:
        """What is written wrong, and was not worked from."""
        return tuple(line for line in self.lines if line.status == LineStatus.SLIP)

    @property
    def points(self) -> float:
        """The points of all lines; a right or a consistent line has one."""
        return sum(line.points for line in self.lines)

    @property
    def score(self) -> float:
        """The points as a share of the lines that were written, from 0 to 1."""
        return self.points / len(self.lines)
