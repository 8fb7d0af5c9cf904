"""Numbers chosen for people: drawn for each student until fit, new, and as much work as all others."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from glassnet._common.naming import lookup
from glassnet._common.words import counted
from glassnet.classroom.dice import Dice, Secret
from glassnet.classroom.effort import Effort, effort_of, spread
from glassnet.classroom.faults import Fault
from glassnet.classroom.kinds.base import Kind
from glassnet.classroom.kinds.table import KINDS
from glassnet.classroom.students import Student
from glassnet.classroom.task import Settings, Task
from glassnet.classroom.template import Limits, Template
from glassnet.errors import InvalidParameterError

MOST_DRAWS = 3_000
"""Tries for one student; who finds nothing in so many finds nothing."""

TRIALS = 25
"""Fit draws whose middle effort is what everybody gets."""

EFFORT_SHARE = 0.045
"""How far a student's effort may be from the middle one; twice this is the largest spread."""


@dataclass(frozen=True)
class Chosen:
    """Hold the task of a student.

    Attributes
    ----------
    student : Student
    task : Task
    effort : Effort
    """

    student: Student
    task: Task
    effort: Effort


class Chooser:
    """Choose the numbers of one template for a course.

    Parameters
    ----------
    template : Template
    secret : Secret

    Raises
    ------
    InvalidParameterError
        When the template cannot give numbers that are fit, with the reason.
    """

    def __init__(self, template: Template, secret: Secret) -> None:
        self._template, self._secret = template, secret
        self._kind: Kind = template.told_at(("kind",), partial(lookup, KINDS, template.kind, "kind"))
        self._kind.check(template)
        self._middle: Effort | None = None
        dice = secret.dice(template.name, "middle")
        self._middle = _middle([self._next(dice, set())[1] for _ in range(TRIALS)])

    def choose(
        self, students: Sequence[Student], known: Mapping[str, Settings] | None = None
    ) -> Iterator[Chosen]:
        """Yield a task for each student, in their order; who comes later leaves earlier ones theirs.

        Parameters
        ----------
        students : sequence of Student
        known : mapping of str to dict, optional
            The problems of those who have theirs already, by their ids.

        Raises
        ------
        InvalidParameterError
            When the template has not as many different exercises.
        """
        known = known or {}
        taken = set(map(_key, known.values()))
        for student in students:
            if student.id in known:
                task = self._kind.make_task(self._template, known[student.id])
                yield Chosen(student, task, effort_of(task))
            else:
                yield Chosen(student, *self._next(self._dice(student), taken))

    def _dice(self, student: Student) -> Dice:
        return self._secret.dice(self._template.name, "student", student.id)

    def _next(self, dice: Dice, taken: set[str]) -> tuple[Task, Effort]:
        """Return the next task that is fit, and remember it."""
        faults: Counter[Fault] = Counter()
        for _ in range(MOST_DRAWS):
            settings = self._kind.draw(self._template, dice)
            key = _key(settings)
            tried = Fault.TAKEN if key in taken else self._kind.try_out(self._template, settings)
            if isinstance(tried, Fault):
                faults[tried] += 1
                continue
            effort, fault = effort_of(tried), find_size(tried, self._template.limits)
            if fault is None and self._middle and not effort.is_near(self._middle, EFFORT_SHARE):
                fault = Fault.EFFORT
            if fault is None:
                taken.add(key)
                return self._kind.make_task(self._template, settings), effort
            faults[fault] += 1
        reasons = "; ".join(f"{fault.text} ({n:,} times)" for fault, n in faults.most_common(3))
        others = f" after {counted(len(taken), 'other')}" if taken else ""
        raise InvalidParameterError(
            f"the template {self._template.name} gave nothing fit for people in "
            f"{MOST_DRAWS:,} draws{others}: {reasons}."
        )


def find_size(task: Task, limits: Limits) -> Fault | None:
    """Return whether a result is too small or too large for a person."""
    values = np.abs(np.concatenate([task.values[line.quantity].ravel() for line in task.asked_lines]))
    if (values > limits.largest).any() or not np.isfinite(values).all():
        return Fault.LARGE
    return Fault.SMALL if ((values > 1e-12) & (values < limits.smallest)).any() else None


def describe_spread(chosen: Sequence[Chosen]) -> dict[str, tuple[int, int, float]]:
    """Return the smallest and the largest of each count of effort, and their spread."""
    counts = {
        "operations": [one.effort.operations for one in chosen],
        "digits": [one.effort.digits for one in chosen],
    }
    return {name: (min(each), max(each), spread(each)) for name, each in counts.items()}


def _middle(efforts: Sequence[Effort]) -> Effort:
    """Return the effort in the middle, of each count."""
    operations, digits = sorted(e.operations for e in efforts), sorted(e.digits for e in efforts)
    return Effort(operations[len(operations) // 2], digits[len(digits) // 2])


def _key(settings: Settings) -> str:
    return json.dumps(settings, sort_keys=True)
