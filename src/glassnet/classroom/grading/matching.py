"""Whose numbers a sheet fits: one that does not fit its own exercise may be another student's."""

from collections.abc import Mapping, Sequence

import numpy as np

from glassnet.classroom.grading.answers import Answers
from glassnet.classroom.grading.marking import judge
from glassnet.classroom.task import Task
from glassnet.worked import GradedLine, LineStatus

SUSPECT = 0.2
"""From this share of wrong lines on it is asked whose the sheet is."""

CANDIDATES = 3
"""Students whose exercise is worked through with a sheet's numbers, those first that it meets most often."""

LEAST = 2
"""Numbers that a sheet must have in common with another's exercise."""


class Matching:
    """Find whose exercise a sheet fits.

    Parameters
    ----------
    tasks : mapping of str to Task
        By the student's id.
    """

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        self._tasks, self._ids = tasks, list(tasks)
        labels = {
            (q.quantity.step, q.label): None
            for task in tasks.values()
            for q in task.questions
            if not q.choices
        }
        self._columns = {label: i for i, label in enumerate(labels)}
        self._values = np.full((len(tasks), len(labels)), np.nan)
        for row, task in enumerate(tasks.values()):
            for q in task.questions:
                if not q.choices:
                    self._values[row, self._columns[q.quantity.step, q.label]] = q.value

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
        if own < max(SUSPECT * len(lines), 2):
            return ""
        common = self._in_common(answers)
        at_home = common[self._ids.index(id)]
        best, fewest = "", own
        for row in np.argsort(-common, kind="stable")[: CANDIDATES + 1]:
            other = self._ids[int(row)]
            if other == id or common[row] < LEAST or common[row] <= at_home:
                continue
            wrong = _wrong(judge(self._tasks[other], answers, causes=False))
            if wrong < fewest:
                best, fewest = other, wrong
        return best if fewest <= own / 2 else ""

    def _in_common(self, answers: Answers) -> np.ndarray:
        """Return how many numbers of a sheet each exercise has; what many have in common tells less."""
        weight = np.zeros(len(self._ids))
        for entry in answers.entries:
            column = self._columns.get((entry.quantity.step, entry.label))
            if column is None or not entry.number or entry.significant < 2:
                continue
            values = self._values[:, column]
            fits = np.abs(values - float(entry.number)) <= 0.51 * 10.0 ** -min(entry.decimals, 12)
            weight += fits / max(1.0, np.sqrt(fits.sum()))
        return weight


def _wrong(lines: Sequence[GradedLine]) -> int:
    return sum(line.status == LineStatus.WRONG for line in lines)
