"""A folder of submissions graded: read, marked with errors carried forward, and written down."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from glassnet._common.files import write_atomically, write_json
from glassnet._common.naming import lookup
from glassnet._common.progress import say, showing
from glassnet._common.quoting import shown
from glassnet.classroom.folder import Homework
from glassnet.classroom.grading.answers import Answers, read_answers
from glassnet.classroom.grading.gradebook import GRADEBOOKS
from glassnet.classroom.grading.marking import mark
from glassnet.classroom.grading.matching import Matching
from glassnet.classroom.grading.outcome import ClassGrades, File, FileStatus, Outcome, StudentStatus
from glassnet.classroom.grading.overrides import Override, read_overrides
from glassnet.classroom.grading.pages import render_feedback, render_report
from glassnet.classroom.grading.plain import grades_to_json
from glassnet.classroom.grading.settings import Rules, read_rules
from glassnet.classroom.grading.submissions import Submission, read_submissions
from glassnet.classroom.grading.tables import read_rows
from glassnet.classroom.grading.troubles import NoSheetError, Trouble, Why
from glassnet.classroom.grading.words import LANGUAGES
from glassnet.classroom.students import Student
from glassnet.classroom.task import Task

OVERRIDES, REPORT, GRADES, FEEDBACK = "overrides.csv", "report.html", "grades.json", "feedback"


def grade_folder(
    homework: Homework, submissions: Path, out: Path, language: str | None = None
) -> ClassGrades:
    """Grade what a class handed in, and write pages and gradebooks.

    Parameters
    ----------
    homework : Homework
        What was handed out.
    submissions : Path
        A folder, or the archive of a course system.
    out : Path
        The folder that is written; nothing is written elsewhere. Its ``overrides.csv`` is read and stays.
    language : str, optional
        Of the pages; unless given, that of the homework.

    Returns
    -------
    ClassGrades

    Raises
    ------
    FileError, DataFileError
        When the folders cannot be read or written.
    InvalidParameterError, InvalidDataError
        When the rules or the changes by hand cannot be meant.
    """
    words = lookup(LANGUAGES, language or homework.language, "language")
    rules = read_rules(homework)
    with showing(f"Grading {homework.name}"):
        tasks = {student.id: homework.read_task(student) for student in homework.students}
        questions = {(q.quantity.step, q.label) for task in tasks.values() for q in task.questions}
        overrides = read_overrides(out / OVERRIDES, homework.students, questions)
        files = read_submissions(submissions, homework.students)
        grades = Grader(homework, rules, tasks, overrides).grade(files)
        for outcome in grades.outcomes:
            page = render_feedback(grades, outcome, words)
            write_atomically(out / FEEDBACK / f"{outcome.student.id}.html", page, durable=False)
    write_atomically(out / REPORT, render_report(grades, words))
    for name, write in GRADEBOOKS.items():
        write_atomically(out / name, write(grades, words))
    write_json(out / GRADES, grades_to_json(grades, words))
    return grades


class Grader:
    """Grade the sheets of a class.

    Parameters
    ----------
    homework : Homework
    rules : Rules
    tasks : mapping of str to Task
        By the student's id.
    overrides : sequence of Override
    """

    def __init__(
        self,
        homework: Homework,
        rules: Rules,
        tasks: Mapping[str, Task],
        overrides: Sequence[Override],
    ) -> None:
        self._homework, self._rules, self._tasks, self._overrides = homework, rules, tasks, overrides
        self._matching = Matching(tasks)

    def grade(self, submissions: Sequence[Submission]) -> ClassGrades:
        """Return what became of every student and of every file."""
        by_student: dict[str, list[int]] = {}
        files: dict[int, File] = {}
        for i, one in enumerate(submissions):
            if one.student is None:
                files[i] = File(one, FileStatus.UNKNOWN, one.trouble or Trouble.of(Why.NOBODY))
            else:
                by_student.setdefault(one.student.id, []).append(i)
        outcomes = []
        for number, student in enumerate(self._homework.students, start=1):
            say(f"student {number:,} of {len(self._homework.students):,}")
            own = by_student.get(student.id, [])
            outcome, found = self._grade_student(student, [submissions[i] for i in own])
            outcomes.append(outcome)
            files |= dict(zip(own, found, strict=True))
        in_order = tuple(files[i] for i in range(len(submissions)))
        return ClassGrades(self._homework, self._rules, tuple(outcomes), in_order)

    def _grade_student(self, student: Student, own: Sequence[Submission]) -> tuple[Outcome, list[File]]:
        task = self._tasks[student.id]
        read = [_read(one, task) for one in own]
        readable = {i: answers for i, answers in enumerate(read) if isinstance(answers, Answers)}
        troubles = {i: trouble for i, trouble in enumerate(read) if isinstance(trouble, Trouble)}
        changes = tuple(change for change in self._overrides if change.id == student.id)
        participant = next((one.participant for one in own if one.participant), "")
        outcome = Outcome(
            student,
            StudentStatus.UNREADABLE if own else StudentStatus.MISSING,
            points=_of_sheet(changes),
            changes=changes,
            participant=participant,
        )
        if not readable:
            return outcome, [File(one, FileStatus.UNREADABLE, troubles[i]) for i, one in enumerate(own)]
        chosen = max(readable, key=lambda i: (own[i].order, own[i].time or datetime.min, own[i].name))
        files = [
            File(one, FileStatus.GRADED)
            if i == chosen
            else File(one, FileStatus.DOUBLE, Trouble.of(Why.ANOTHER_COUNTS, file=shown(own[chosen].name)))
            if i in readable
            else File(one, FileStatus.BESIDE, troubles[i])
            for i, one in enumerate(own)
        ]
        graded = replace(outcome, status=StudentStatus.GRADED, file=own[chosen])
        return self._mark(graded, readable[chosen]), files

    def _mark(self, outcome: Outcome, answers: Answers) -> Outcome:
        student, file, rules = outcome.student, outcome.file, self._rules
        assert file is not None
        marked = mark(self._tasks[student.id], answers)
        late = file.late or rules.is_late(file.time)
        by_hand = {(each.step, each.quantity): each.points for each in outcome.changes if each.quantity}
        points = _of_sheet(outcome.changes)
        if points is None:
            points = rules.points_of(marked, by_hand, late)
        other = self._matching.find(student.id, answers, marked.lines)
        fits = self._homework.student(other) if other else None
        return replace(outcome, marked=marked, points=points, late=late, fits=fits)


def _of_sheet(changes: Sequence[Override]) -> float | None:
    """Return the points of a whole sheet that were set by hand, the last of several."""
    return next((change.points for change in reversed(changes) if not change.quantity), None)


def _read(submission: Submission, task: Task) -> Answers | Trouble:
    """Return the answers of a file, or why it has none."""
    if submission.trouble:
        return submission.trouble
    try:
        return read_answers(read_rows(submission.content, submission.name), task)
    except NoSheetError as error:
        return error.trouble
