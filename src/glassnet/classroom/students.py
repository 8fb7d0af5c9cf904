"""The class list: who the students are, from a table as a course system exports it."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from glassnet._common.quoting import listed, printable, quoted, shown
from glassnet._common.words import counted
from glassnet.data.column_kinds import Kind
from glassnet.data.table_files import read_chunks, read_table_file
from glassnet.errors import DataFileError, InvalidDataError

COLUMNS = {
    "id": ("id", "student id", "id number", "sis user id", "sis login id", "username", "matrikelnummer"),
    "name": ("name", "student", "full name", "student name"),
    "first_name": ("first name", "firstname", "vorname"),
    "last_name": ("last name", "lastname", "surname", "nachname"),
    "group": ("group", "section", "gruppe"),
    "email": ("email", "email address", "e-mail", "e-mail-adresse"),
}
"""What the columns are called, the likelier name first; capitals, spaces and underscores do not matter."""

MOST_STUDENTS = 5_000
"""Above this it is no class."""

ID = re.compile(r"\w[\w.@-]{0,63}")
"""What a student may be called in the names of files."""

RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*\.", re.IGNORECASE)
"""Names that Windows keeps for devices, and those that it would cut."""


@dataclass(frozen=True)
class Student:
    """Name a student.

    Attributes
    ----------
    id : str
        By which files are named; no two differ in capitals alone.
    name : str
    group, email : str
        Empty where the class list says nothing.
    others : dict of str to str
        What other columns of the class list hold, which a gradebook may want back.
    """

    id: str
    name: str
    group: str = ""
    email: str = ""
    others: dict[str, str] = field(default_factory=dict, hash=False)


def read_students(path: str | os.PathLike[str]) -> tuple[Student, ...]:
    """Read a class list.

    Parameters
    ----------
    path : path-like
        A table with a column ``id``, and ``name`` or ``first name`` and ``last name``; ``group`` and
        ``email`` may be there, and any others. CSV in UTF-8 with any delimiter,
        Parquet or Feather.

    Returns
    -------
    tuple of Student
        In the order of the list.

    Raises
    ------
    DataFileError
        When the file cannot be read or lacks a column.
    InvalidDataError
        When an id is missing, stands there twice, or can be no name of a file.
    MissingPackageError
        When pyarrow is not installed, which reads tables.
    """
    rows = _read_rows(Path(path))
    if len(rows) > MOST_STUDENTS:
        raise DataFileError(
            f"{shown(path)} has {len(rows):,} rows; expected a class of at most "
            f"{counted(MOST_STUDENTS, 'student')}."
        )
    found = _find_columns(list(rows[0]), Path(path))
    students = [_read_student(row, found, number) for number, row in enumerate(rows, start=1)]
    _check_ids(students)
    return tuple(students)


def _read_rows(path: Path) -> list[dict[str, str]]:
    """Return every cell as text: a number that is an id keeps its zeros."""
    names = dict.fromkeys(read_table_file(path).kinds, Kind.TEXT)
    return [
        {name: printable(str(cell or "")).strip() for name, cell in row.items()}
        for chunk in read_chunks(path, names, {})
        for row in chunk.to_pylist()
    ]


def _find_columns(names: Sequence[str], path: Path) -> dict[str, str]:
    """Return what each column is called in the file, by its key in `COLUMNS`."""
    plain = {re.sub(r"[\s_]+", " ", name).strip().lower(): name for name in reversed(names)}
    found = {
        key: next(plain[known] for known in known_names if known in plain)
        for key, known_names in COLUMNS.items()
        if any(known in plain for known in known_names)
    }
    if "id" not in found or not found.keys() & {"name", "last_name"}:
        raise DataFileError(
            f"{shown(path)} has the columns {listed(names)}; expected id and name, such as: "
            "id,name,group,email."
        )
    return found


def _read_student(row: Mapping[str, str], found: Mapping[str, str], number: int) -> Student:
    cells = {key: row[column] for key, column in found.items()}
    if not ID.fullmatch(cells["id"]) or RESERVED.fullmatch(cells["id"]):
        raise InvalidDataError(
            f"row {number} of the class list has the {found['id']} {quoted(cells['id'])}; expected letters, "
            "digits and . _ - @, which can be the name of a file. Call the column with such numbers id."
        )
    name = cells.get("name") or f"{cells.get('first_name', '')} {cells.get('last_name', '')}".strip()
    others = {column: cell for column, cell in row.items() if column not in found.values()}
    return Student(cells["id"], name or cells["id"], cells.get("group", ""), cells.get("email", ""), others)


def _check_ids(students: Sequence[Student]) -> None:
    seen: dict[str, Student] = {}
    for student in students:
        first = seen.setdefault(student.id.casefold(), student)
        if first is not student:
            raise InvalidDataError(
                f"the class list has {quoted(first.id)} ({first.name}) and {quoted(student.id)} "
                f"({student.name}); expected an id for each student that no other has. Capitals do not tell "
                "the names of files apart."
            )
