"""Make the folder of a homework: numbers, sheets, answer tables and solutions for a class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from glassnet._common.files import write_atomically
from glassnet._common.locks import lock_folder
from glassnet._common.naming import lookup
from glassnet._common.progress import say, showing
from glassnet._common.quoting import shown
from glassnet.classroom.choosing import Chooser, Chosen, describe_spread
from glassnet.classroom.dice import Secret
from glassnet.classroom.folder import SOLUTIONS, Homework, read_started
from glassnet.classroom.kinds.table import KINDS
from glassnet.classroom.language import LANGUAGES
from glassnet.classroom.sheets.content import Sheet, write_answer_table
from glassnet.classroom.sheets.html import render_sheet, render_solution
from glassnet.classroom.sheets.latex import find_tex, render_latex, render_pdf
from glassnet.classroom.sheets.markdown import render_markdown
from glassnet.classroom.sheets.moodle import render_moodle
from glassnet.classroom.students import Student
from glassnet.classroom.template import Template
from glassnet.errors import FileError

PDF = "pdf"

WRITERS: dict[str, Callable[[Sheet], str | bytes]] = {
    "html": render_sheet,
    "md": render_markdown,
    "tex": render_latex,
    PDF: lambda sheet: render_pdf(render_latex(sheet)),
}
"""How a student's sheet is written, by the ending of its file."""

PLAIN = ("html", "md", "tex")
"""What needs no other program."""

MOODLE = "moodle.xml"


@dataclass(frozen=True)
class Made:
    """Hold what was done.

    Attributes
    ----------
    homework : Homework
    new : int
        How many students got theirs now; the others had it.
    gone : tuple of Student
        Those who have an exercise and are no longer in the class list.
    spread : dict of str to tuple
        See `glassnet.classroom.choosing.describe_spread`.
    """

    homework: Homework
    new: int
    gone: tuple[Student, ...]
    spread: dict[str, tuple[int, int, float]]


def make_homework(
    path: Path,
    template: Template,
    students: Sequence[Student],
    secret: Secret,
    *,
    language: str = "en",
    endings: Sequence[str] = PLAIN,
) -> Made:
    """Make a homework, or go on with one that was interrupted, or whose class has grown.

    Parameters
    ----------
    path : Path
        The folder; it is made.
    template : Template
    students : sequence of Student
    secret : Secret
        From which all numbers follow: the same again for the same.
    language : str
        A key of `glassnet.classroom.language.LANGUAGES`.
    endings : sequence of str
        Of the sheets: keys of `WRITERS`.

    Returns
    -------
    Made

    Raises
    ------
    FileError
        When the folder holds something else, or a homework of other settings.
    InvalidParameterError
        When the template cannot give as many exercises that are fit for people.
    MissingPackageError
        When a PDF is asked for and no TeX is there.
    """
    lookup(LANGUAGES, language, "language")
    if PDF in endings:
        find_tex()  # before anything is written
    wanted = Homework(path, template, language, tuple(endings), secret.fingerprint, tuple(students))
    before = read_started(path)
    if before is not None:
        _check_same(before, wanted)
    had = before.students if before is not None else ()
    gone = tuple(student for student in had if student.id not in {s.id for s in students})
    now = {student.id: student for student in students}
    in_order = (*(now.get(student.id, student) for student in had), *students)
    wanted = replace(wanted, students=tuple(dict.fromkeys(in_order)))
    chooser = Chooser(template, secret)
    path.mkdir(parents=True, exist_ok=True)
    with lock_folder(path):
        if before is None:
            wanted.write_unfinished()
        chosen, new = _hand_out(wanted, chooser, set(had))
        sheets = [_sheet_of(wanted, one) for one in chosen]
        write_atomically(path / SOLUTIONS / MOODLE, render_moodle(sheets))
        wanted.write_record()
    return Made(wanted, new, gone, describe_spread(chosen))


def _check_same(before: Homework, wanted: Homework) -> None:
    """Refuse a folder of other settings: half of a class would have other exercises."""
    pairs = {
        "template": (before.template.text, wanted.template.text),
        "seed": (before.seed, wanted.seed),
        "language": (before.language, wanted.language),
        "kinds of sheets": (before.sheets, wanted.sheets),
    }
    if others := [name for name, (theirs, own) in pairs.items() if theirs != own]:
        raise FileError(
            f"{shown(before.path)} holds a homework with another {' and another '.join(others)}. Nothing was "
            "written. Give the same as before, or choose another folder with --out."
        )


def _hand_out(homework: Homework, chooser: Chooser, had: set[Student]) -> tuple[list[Chosen], int]:
    """Write what each student gets who has not got it; return all tasks, and how many were written."""
    known = {
        student.id: homework.read_settings(student)
        for student in homework.students
        if homework.problem_path(student).is_file()
    }
    chosen, new = [], 0
    with showing(f"Making {homework.name}"):
        for number, one in enumerate(chooser.choose(homework.students, known), start=1):
            say(f"student {number:,} of {len(homework.students):,}")
            chosen.append(one)
            if one.student not in had or not homework.solution_path(one.student).is_file():
                _write(homework, one)
                new += 1
    return chosen, new


def _sheet_of(homework: Homework, one: Chosen) -> Sheet:
    return Sheet(homework.name, homework.template, one.student, one.task, LANGUAGES[homework.language])


def _write(homework: Homework, one: Chosen) -> None:
    """Write the files of a student, the solution last: where it is, all are."""
    sheet, student = _sheet_of(homework, one), one.student
    kind = lookup(KINDS, homework.template.kind, "kind of template")
    homework.write_settings(student, one.task.settings)
    contents = {homework.sheet_path(student, ending): WRITERS[ending](sheet) for ending in homework.sheets}
    contents[homework.answers_path(student)] = write_answer_table(sheet)
    more = kind.explain(one.task.settings, homework.language)
    contents[homework.solution_path(student)] = render_solution(sheet, sheet.language.localise(more))
    for path, content in contents.items():
        write_atomically(path, content, durable=False)
