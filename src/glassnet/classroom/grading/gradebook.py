"""Tables that course systems import; docs/classroom.md says what each asks for, and where that is written."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from glassnet._common.quoting import printable
from glassnet.classroom.grading.outcome import ClassGrades, Outcome
from glassnet.classroom.grading.words import Words
from glassnet.classroom.students import Student
from glassnet.worked.grade.text import either

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet program would work out."""


def guarded(cell: str) -> str:
    r"""Return a text that no spreadsheet program takes for a formula, with an apostrophe in front.

    Examples
    --------
    >>> guarded("=1+1"), guarded("Ada"), guarded(" @x")
    ("'=1+1", 'Ada', "' @x")
    """
    cell = printable(cell)
    return f"'{cell}" if cell.lstrip().startswith(FORMULA) or cell.startswith(FORMULA) else cell


def write_moodle(grades: ClassGrades, words: Words) -> str:
    """Return a table for Moodle's "Import grades from CSV"; its columns are mapped there."""
    name = grades.homework.name
    header = ["Full name", "ID number", "Email address", name, f"{name} feedback"]
    rows = [
        [each.student.name, each.student.id, each.student.email, _points(each), remark(grades, each, words)]
        for each in grades.outcomes
    ]
    return _table(header, rows)


def write_worksheet(grades: ClassGrades, words: Words) -> str:
    """Return Moodle's offline grading worksheet, for students whose number its archive gave."""
    header = [
        "Identifier",
        "Full name",
        "Email address",
        "Grade",
        "Maximum Grade",
        "Last modified (grade)",
        "Feedback comments",
    ]
    rows = [
        [
            f"Participant {each.participant}",
            each.student.name,
            each.student.email,
            _points(each),
            f"{grades.rules.points:g}",
            "",
            remark(grades, each, words),
        ]
        for each in grades.outcomes
        if each.participant
    ]
    return _table(header, rows)


def write_canvas(grades: ClassGrades, words: Words) -> str:
    """Return a table for the import into Canvas's gradebook."""
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", grades.homework.name]
    rows = [["    Points Possible", "", "", "", "", f"{grades.rules.points:g}"]]
    rows += [
        [each.student.name, *canvas_ids(each.student), each.student.group, _points(each)]
        for each in grades.outcomes
    ]
    return _table(header, rows)


def canvas_ids(student: Student) -> tuple[str, str, str]:
    """Return Canvas's own number, the SIS user id and the SIS login id; only what is known to be one.

    Of a class list that Canvas exported, the column ID is its number. Of another, a number that only looks
    like one could be somebody else's.
    """
    others = {name.strip().lower(): value for name, value in student.others.items()}
    user, login = others.get("sis user id", ""), others.get("sis login id", "")
    if user or login:
        return student.id, user, login
    return others.get("canvas id", ""), student.id, student.email


def write_plain(grades: ClassGrades, words: Words) -> str:
    """Return a table for people."""
    header = list(words.content["columns"].values())
    rows = []
    for each in grades.outcomes:
        error = each.marked.first_error if each.marked else None
        rows.append(
            [
                each.student.id,
                each.student.name,
                each.student.group,
                words.of("students", each.status),
                _points(each),
                f"{grades.rules.points:g}",
                words("late") if each.late else "",
                each.fits.id if each.fits else "",
                words("at", step=error.step, name=error.question.label) if error else "",
                either(error.causes, words.code) if error else "",
            ]
        )
    return _table(header, rows)


def remark(grades: ClassGrades, outcome: Outcome, words: Words) -> str:
    """Return what is said of a sheet in one sentence."""
    if outcome.marked is None:
        return words.of("students", outcome.status)
    error = outcome.marked.first_error
    if error is None:
        return words("no_error")
    cause = either(error.causes, words.code)
    place = words("place", step=error.step, name=error.question.label)
    return (
        words("first_error_is", place=place, cause=cause) if cause else words("first_error_at", place=place)
    )


def _points(outcome: Outcome) -> str:
    return "" if outcome.points is None else f"{outcome.points:g}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([guarded(cell) for cell in row])
    return text.getvalue()


GRADEBOOKS: dict[str, Callable[[ClassGrades, Words], str]] = {
    "grades.csv": write_plain,
    "moodle.csv": write_moodle,
    "moodle-worksheet.csv": write_worksheet,
    "canvas.csv": write_canvas,
}
"""What is written for other programs, by the names of the files."""
