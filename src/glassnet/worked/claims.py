"""The published numbers of a worked problem, each judged: confirmed, not reproducible, or wrong."""

from dataclasses import dataclass

from glassnet._common.claims import Claim, Verdict
from glassnet.errors import InvalidDataError
from glassnet.worked._numbers import format_number
from glassnet.worked.grade._data import GradedLine, LineStatus
from glassnet.worked.grade.grade import grade_sheet
from glassnet.worked.problem_file import read_problem
from glassnet.worked.sheet import Entry, read_published_sheet
from glassnet.worked.trace._work import work_problem

ONE_UNIT = 1.01
"""A published number that is off by no more units of its last place is not called wrong for that."""


@dataclass(frozen=True, kw_only=True)
class StepClaim(Claim):
    """Say also in which step of a training a published number stands, and by which slip it came about.

    Attributes
    ----------
    quantity, published, reproduced, verdict, explanation
        As in `Claim`; reproduced is the engine's value, rounded as the published one.
    step : int
    slip : str
        The kind of the known slip that gives a wrong number, see `Cause`; empty where there is none.
    """

    step: int
    slip: str = ""


def judge_published(problem: str = "assignment") -> list[StepClaim]:
    """Judge every published number of a problem.

    Parameters
    ----------
    problem : str
        The name of a problem that comes with the package, or a file that names its published sheet.

    Returns
    -------
    list of StepClaim
        In the order in which one works them out. Everything in it is computed.

    Raises
    ------
    InvalidDataError
        When the problem names no published numbers.
    """
    sheet, stated = read_published_sheet(problem), read_problem(problem)
    if sheet is None:
        raise InvalidDataError(f"the problem {problem} names no published numbers; set published = a sheet.")
    rounded = work_problem(stated, course_rounding=True) if stated.digits is not None else None
    claims = []
    for line in grade_sheet(sheet, stated).lines:
        for entry in line.entries:
            by_course = entry.pick(rounded.values[line.quantity]) if rounded is not None else None
            claims.append(_judge(line, entry, by_course))
    return claims


def _judge(line: GradedLine, entry: Entry, by_course: float | None) -> StepClaim:
    exact, own, published = entry.pick(line.exact), entry.pick(line.expected), float(entry.number)
    reproduced = format_number(entry.round(exact), None)
    explanation, slip = "", ""
    if entry.round(exact) == published:
        verdict = Verdict.CONFIRMED
    elif by_course is not None and entry.round(by_course) == published:
        verdict = Verdict.CONFIRMED
        explanation = "with every line rounded and the rounded value carried on"
    elif line.cause is not None:
        verdict, explanation, slip = Verdict.WRONG, line.cause.text, line.cause.kind
    else:
        off = abs(published - exact) * 10**entry.decimals
        verdict = Verdict.NOT_REPRODUCIBLE if off <= ONE_UNIT else Verdict.WRONG
        explanation = _explain(line, entry, own)
    return StepClaim(
        entry.label, entry.text, reproduced, verdict, explanation, step=line.quantity.step, slip=slip
    )


def _explain(line: GradedLine, entry: Entry, own: float) -> str:
    """Say how a number that follows from the published ones before it, but for its last digit, came about."""
    published, from_published = float(entry.number), entry.round(own)
    before = f"the published numbers before it give {format_number(from_published, None)}"
    carried = "with the error before it carried forward, " if line.status == LineStatus.CONSISTENT else ""
    if from_published == published:
        return carried + before
    scale = 10**entry.decimals
    if int(own * scale) / scale == published:
        return f"{carried}{before}; its digits were cut off, not rounded"
    return f"{carried}{before}; the last digit is within their rounding"
