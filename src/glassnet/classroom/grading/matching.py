"""Whose numbers a sheet fits: one that does not fit its own exercise may be another student's."""

from collections.abc import Mapping, Sequence

import numpy as np

from glassnet._common.arrays import Array
from glassnet.classroom.grading.answers import Answers
from glassnet.classroom.grading.marking import judge
from glassnet.classroom.task import Task
from glassnet.errors import InvalidDataError
from glassnet.worked import GradedLine, LineStatus
from glassnet.worked.lines import Quantity, evaluate

SUSPECT = 0.2
"""From this share of wrong numbers on it is asked whose the sheet is."""

CANDIDATES = 3
"""Students whose exercise is graded with a sheet's numbers, those first whose lines it fits best."""

FAR_FEWER = 0.75
"""The share of the wrong numbers that may be left by the other's exercise. In simulated classes a sheet of
another student, with up to three slips of its own, left at most 0.56 of them; an own one, however wrong, had
1.56 times as many by any other exercise."""

NEAR = 1.5
"""Units of the last place within which a line fits roughly."""


class Matching:
    """Find whose exercise a sheet fits.

    Parameters
    ----------
    tasks : mapping of str to Task
        By the student's id.
    """

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        self._tasks = tasks

    def find(self, id: str, answers: Answers, lines: Sequence[GradedLine]) -> str:
        """Return the id of the student whose exercise a sheet fits far better; empty where it is its own.

        Parameters
        ----------
        id : str
            Of the student who handed it in.
        answers : Answers
        lines : sequence of GradedLine
            The sheet judged by the student's own exercise.
        """
        own = _wrong(lines)
        if own < max(SUSPECT * sum(len(line.entries) for line in lines), 2):
            return ""
        fitting = {other: _fitting(task, answers) for other, task in self._tasks.items() if other != id}
        best, fewest = "", own
        for other in sorted(fitting, key=lambda other: -fitting[other])[:CANDIDATES]:
            wrong = _wrong(judge(self._tasks[other], answers, causes=False))
            if wrong < fewest:
                best, fewest = other, wrong
        return best if fewest <= FAR_FEWER * own else ""


def _fitting(task: Task, answers: Answers) -> int:
    """Return how many lines of a task a sheet fits roughly, each worked from the sheet's own numbers."""
    values: dict[Quantity, Array] = dict(task.values)
    units: dict[Quantity, Array] = {}
    for entry in answers.entries:
        quantity = entry.quantity
        if quantity not in values:
            continue
        if quantity not in units:
            values[quantity] = np.array(values[quantity], float)
            units[quantity] = np.full(values[quantity].shape, np.nan)
        try:
            at = entry.place(values[quantity].shape)
        except InvalidDataError:  # a matrix of another size
            continue
        values[quantity][at], units[quantity][at] = float(entry.number), 10.0 ** -min(entry.decimals, 12)
    count = 0
    with np.errstate(all="ignore"):
        for line in task.lines:
            if line.quantity in units:
                off = abs(np.asarray(evaluate(line.formula, values.__getitem__)) - values[line.quantity])
                count += int((off <= NEAR * units[line.quantity]).sum())
    return count


def _wrong(lines: Sequence[GradedLine]) -> int:
    """Return how many numbers are wrong."""
    return sum(len(line.wrong) for line in lines if line.status == LineStatus.WRONG)
