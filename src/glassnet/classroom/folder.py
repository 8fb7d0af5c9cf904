"""The folder of a homework: what was handed out to whom, written and read as one value.

::

    hw3/exercise.json            the class, the template's name, a fingerprint of the seed
    hw3/template.toml            the template, as it was
    hw3/problems/<id>.yaml       a student's numbers, which glassnet trace, svm or doctor read
    hw3/sheets/<id>.html ...     what the student gets
    hw3/answers/<id>.csv         the empty answer table
    hw3/solutions/<id>.html      for the instructor alone
    hw3/solutions/moodle.xml     the same exercises for Moodle's question bank
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from glassnet._common.fields import build, without_twins
from glassnet._common.files import write_atomically, write_json
from glassnet._common.locks import LOCK_FILE
from glassnet._common.naming import lookup
from glassnet._common.quoting import listed, quoted, shown
from glassnet._common.tables import parse_settings, read_text
from glassnet.classroom.kinds.table import KINDS
from glassnet.classroom.students import ID, RESERVED, Student
from glassnet.classroom.task import Settings, Task
from glassnet.classroom.template import Template, parse_template
from glassnet.errors import DataFileError, FileError, UnknownNameError

RECORD = "exercise.json"
TEMPLATE = "template.toml"
UNFINISHED = "unfinished.json"
"""Stands in the place of `RECORD` until all is there."""
PROBLEMS, SHEETS, ANSWERS, SOLUTIONS = "problems", "sheets", "answers", "solutions"

FORMAT = 1


@dataclass(frozen=True)
class _Record:
    """Hold what `RECORD` says; never the seed itself."""

    format: int
    template: str
    language: str
    sheets: tuple[str, ...]
    seed: str
    students: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Homework:
    """Hold a homework that was handed out.

    Attributes
    ----------
    path : Path
        Its folder.
    template : Template
    language : str
        Of the sheets: ``"en"``.
    sheets : tuple of str
        The endings of each student's sheets: ``("html", "md", "tex")``.
    seed : str
        The fingerprint of the secret from which all numbers follow.
    students : tuple of Student
    """

    path: Path
    template: Template
    language: str
    sheets: tuple[str, ...]
    seed: str
    students: tuple[Student, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """What it is called: the name of its folder."""
        return self.path.resolve().name

    def student(self, id: str) -> Student:
        """Return the student with an id; capitals do not matter.

        Raises
        ------
        UnknownNameError
        """
        by_id = {student.id.casefold(): student for student in self.students}
        if id.casefold() in by_id:
            return by_id[id.casefold()]
        raise UnknownNameError(
            f"unknown student {quoted(id)}; the class has {listed(s.id for s in self.students)}."
        )

    def problem_path(self, student: Student) -> Path:
        """Return where a student's numbers are."""
        return self.path / PROBLEMS / f"{student.id}.yaml"

    def sheet_path(self, student: Student, ending: str) -> Path:
        """Return where a student's sheet is; `ending` is one of `sheets`."""
        return self.path / SHEETS / f"{student.id}.{ending}"

    def answers_path(self, student: Student) -> Path:
        """Return where a student's empty answer table is."""
        return self.path / ANSWERS / f"{student.id}.csv"

    def solution_path(self, student: Student) -> Path:
        """Return where a student's solution is."""
        return self.path / SOLUTIONS / f"{student.id}.html"

    def read_settings(self, student: Student) -> Settings:
        """Return the content of a student's problem file.

        Raises
        ------
        DataFileError
        """
        path = self.problem_path(student)
        settings = parse_settings(read_text(path, "problem", expected="the one that was handed out"), path)
        if not isinstance(settings, dict):
            raise DataFileError(f"{shown(path)} holds no problem; make the folder anew with the same seed.")
        return settings

    def read_task(self, student: Student) -> Task:
        """Return what a student was asked, with the right answers.

        Raises
        ------
        DataFileError, InvalidParameterError, InvalidDataError
        """
        return lookup(KINDS, self.template.kind, "kind of template").make_task(
            self.template, self.read_settings(student)
        )

    def write_settings(self, student: Student, settings: Settings) -> None:
        """Write a student's problem file."""
        import yaml

        text = yaml.safe_dump(
            settings, sort_keys=False, default_flow_style=None, allow_unicode=True, width=110
        )
        write_atomically(self.problem_path(student), text, durable=False)

    def write_record(self) -> None:
        """Write what was handed out to whom: last, when all else is there."""
        self._write(RECORD)
        (self.path / UNFINISHED).unlink(missing_ok=True)

    def write_unfinished(self) -> None:
        """Write what is to be handed out: first, so that who is interrupted can go on."""
        self._write(UNFINISHED)

    def _write(self, name: str) -> None:
        write_atomically(self.path / TEMPLATE, self.template.text)
        students = tuple(asdict(student) for student in self.students)
        record = _Record(FORMAT, self.template.name, self.language, self.sheets, self.seed, students)
        write_json(self.path / name, asdict(record))


def read_homework(path: str | os.PathLike[str]) -> Homework:
    """Read the folder of a homework.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Homework

    Raises
    ------
    FileError
        When it is no such folder, or one of a later glassnet.
    DataFileError
        When its record or its template is damaged.
    """
    path = Path(path)
    if (path / RECORD).is_file():
        return _read(path, RECORD)
    if (path / UNFINISHED).is_file():
        raise FileError(
            f"{shown(path)} was not finished; expected a homework that is whole. Give the command "
            "that made it once more: it goes on where it was interrupted."
        )
    raise FileError(
        f"{shown(path)} is no folder of a homework: it has no {RECORD}; expected one that glassnet has made."
    )


def read_started(path: Path) -> Homework | None:
    """Read the folder of a homework that may be unfinished; None where there is none.

    Raises
    ------
    FileError
        When the folder has something else in it.
    """
    for name in (RECORD, UNFINISHED):
        if (path / name).is_file():
            return _read(path, name)
    if path.is_dir() and any(entry.name != LOCK_FILE for entry in path.iterdir()):
        raise FileError(
            f"{shown(path)} is not empty and no folder of a homework: it has no {RECORD}. Nothing was "
            "written. Choose another folder with --out."
        )
    return None


def _read(path: Path, name: str) -> Homework:
    text = read_text(path / name, "record of a homework")
    try:
        content = json.loads(text, object_pairs_hook=without_twins)
        if isinstance(content, dict) and content.get("format") != FORMAT:
            raise FileError(
                f"{shown(path / name)} is of format {quoted(content.get('format'))}; expected "
                f"{FORMAT}. Is it of a later glassnet?"
            )
        record = build(_Record, content)
        students = tuple(build(Student, student) for student in record.students)
    except (ValueError, RecursionError) as error:
        raise DataFileError(f"{shown(path / name)} is damaged: {shown(str(error))}.") from error
    _check_ids(students, path)
    template = parse_template(record.template, read_text(path / TEMPLATE, "template"), path / TEMPLATE)
    return Homework(path, template, record.language, record.sheets, record.seed, students)


def _check_ids(students: Sequence[Student], path: Path) -> None:
    """Refuse a record whose ids would lead out of the folder."""
    for student in students:
        if not ID.fullmatch(student.id) or RESERVED.fullmatch(student.id):
            raise DataFileError(f"{shown(path / RECORD)} is damaged: {quoted(student.id)} can be no id.")
