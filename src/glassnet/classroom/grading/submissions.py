"""What was handed in: files of a folder, or of the archive that a course system makes of them.

Nothing is unpacked onto the disk: an archive's files are read into memory, and their names are shown, never
followed.
"""

import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from glassnet._common.files import open_regular
from glassnet._common.quoting import shown
from glassnet.classroom.grading.tables import MOST_BYTES
from glassnet.classroom.grading.troubles import Trouble, Why
from glassnet.classroom.students import Student
from glassnet.errors import DataFileError

MOST_FILES = 20_000
"""In a folder or an archive: what is beyond is not read, and said so."""

MOST_ARCHIVE = 2**30
"""Bytes of an archive."""

MOST_TOTAL = 2**28
"""Bytes of all files together, unpacked."""

MOST_FOLDERS = 6
"""In one another."""

IS_ENCRYPTED = 0x1
"""The flag of an archive's file that asks for a password."""

MOODLE = re.compile(r"(?P<name>.+?)_(?P<participant>\d+)_assignsubmission_(file|onlinetext)(_.*)?")
"""The folders of Moodle's archive, or how its files begin: ``Ada Lovelace_1234_assignsubmission_file_``."""

CANVAS = re.compile(r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>\d+)_(?P<submission>\d+)_.+", re.IGNORECASE)
"""The files of Canvas's archive: ``lovelaceada_LATE_101_20022_answers.csv``."""


@dataclass(frozen=True)
class Submission:
    """Hold one file that was handed in.

    Attributes
    ----------
    name : str
        Its path within the folder or archive.
    content : bytes
    time : datetime or None
        When it was last changed, on this machine's clock.
    trouble : Trouble or None
        Why it could not be read; None where it was.
    student : Student or None
        Whose it is, by its name; None where that does not tell.
    late : bool
        Whether the course system says that it came late.
    participant : str
        The number that Moodle's archive gives a student.
    order : int
        Of several of a student, the later has the larger one.
    """

    name: str
    content: bytes = b""
    time: datetime | None = None
    trouble: Trouble | None = None
    student: Student | None = None
    late: bool = False
    participant: str = ""
    order: int = 0


class Roster:
    """Find a student by what the name of a file says.

    Parameters
    ----------
    students : sequence of Student
    """

    def __init__(self, students: Sequence[Student]) -> None:
        self._ids = sorted(((s.id.casefold(), s) for s in students), key=lambda pair: -len(pair[0]))
        self._by_id = dict(self._ids)
        self._names: dict[str, list[Student]] = {}
        self._numbers: dict[str, list[Student]] = {}
        for student in students:
            words = re.findall(r"[^\W_]+", student.name.casefold())
            for i in range(max(len(words), 1)):
                self._names.setdefault("".join((*words[i:], *words[:i])), []).append(student)
            for number in {student.id, *student.others.values()}:
                self._numbers.setdefault(number.casefold(), []).append(student)

    def by_name(self, name: str) -> Student | None:
        """Return the only student of a name, first or last name first."""
        squeezed = "".join(re.findall(r"[^\W_]+", name.casefold()))
        return _only(self._names.get(squeezed, []))

    def by_number(self, number: str) -> Student | None:
        """Return the only student in whose row of the class list a number stands."""
        return _only(self._numbers.get(number.casefold(), []))

    def by_id(self, text: str) -> Student | None:
        """Return the student whose id a text is, or who alone has an id in it."""
        text = text.casefold()
        if text in self._by_id:
            return self._by_id[text]
        found: list[Student] = []
        for id, student in self._ids:
            rest = re.sub(rf"(?<![^\W_]){re.escape(id)}(?![^\W_])", " ", text)
            if rest != text:
                found.append(student)
                text = rest
        return _only(found)

    def assign(self, submission: Submission) -> Submission:
        """Return a submission with whose it is."""
        path = PurePosixPath(submission.name)
        parts = path.parts
        for part in parts:
            if found := MOODLE.fullmatch(part):
                student = self.by_name(found["name"]) or self.by_number(found["participant"])
                return replace(submission, student=student, participant=found["participant"])
        if found := CANVAS.fullmatch(path.name):
            student = self.by_number(found["user"]) or self.by_name(found["name"])
            if student is not None:
                late = bool(found["late"])
                return replace(submission, student=student, late=late, order=int(found["submission"]))
        for text in (path.stem, *reversed(parts[:-1])):
            student = self.by_id(text) or self.by_name(text)
            if student is not None:
                return replace(submission, student=student)
        return submission


def _only(students: Sequence[Student]) -> Student | None:
    distinct = {student.id: student for student in students}
    return next(iter(distinct.values())) if len(distinct) == 1 else None


def read_submissions(path: Path, students: Sequence[Student]) -> list[Submission]:
    """Read what was handed in.

    Parameters
    ----------
    path : Path
        A folder, or an archive in the ZIP format.
    students : sequence of Student

    Returns
    -------
    list of Submission
        Every file, in the order of their names, also those that cannot be used.

    Raises
    ------
    DataFileError
        When there is no such folder or archive, or it cannot be opened.
    """
    if path.is_dir():
        files = _in_folder(path)
    elif path.exists():
        files = _in_archive_file(path)
    else:
        raise DataFileError(f"there are no submissions at {shown(path)}; expected a folder or a ZIP archive.")
    roster = Roster(students)
    return [roster.assign(one) for one in sorted(_within_limit(files), key=lambda one: one.name)]


def _within_limit(files: Iterator[Submission]) -> Iterator[Submission]:
    """Yield files until they are too much; what is beyond is named and not kept."""
    left = MOST_TOTAL
    for one in files:
        left -= len(one.content)
        trouble = one.trouble or (None if left >= 0 else Trouble.of(Why.TOO_MUCH, most=MOST_TOTAL))
        yield replace(one, content=b"" if trouble else one.content, trouble=trouble)


def _in_folder(path: Path) -> Iterator[Submission]:
    """Yield the files of a folder and the folders in it; what a link leads to is not read."""
    n_files = 0
    for folder, folders, names in os.walk(path, followlinks=False):
        depth = len(Path(folder).relative_to(path).parts)
        folders.sort()
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = [name for name in folders if name not in links]
        if depth >= MOST_FOLDERS:
            for name in folders:
                yield Submission(
                    _name(path, folder, name), trouble=Trouble.of(Why.TOO_DEEP, most=MOST_FOLDERS)
                )
            folders[:] = []
        for name in (*links, *sorted(names)):
            n_files += 1
            if n_files > MOST_FILES:
                yield Submission(_name(path, folder, name), trouble=TOO_MANY)
                return
            yield from _read_file(Path(folder) / name, _name(path, folder, name))


TOO_MANY = Trouble.of(Why.TOO_MANY_FILES, most=MOST_FILES)


def _name(path: Path, folder: str, name: str) -> str:
    return (Path(folder) / name).relative_to(path).as_posix()


def _read_file(path: Path, name: str) -> Iterator[Submission]:
    if path.is_symlink():
        yield Submission(name, trouble=Trouble.of(Why.LINK))
        return
    if path.suffix.lower() == ".zip":
        yield from (_under(name, one) for one in _in_archive_file(path, name))
        return
    try:
        with open_regular(path) as file:
            content = file.read(MOST_BYTES + 1)
            changed = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime)
    except PermissionError:
        yield Submission(name, trouble=Trouble.of(Why.NO_PERMISSION))
        return
    except (OSError, OverflowError, ValueError):
        yield Submission(name, trouble=Trouble.of(Why.DISK))
        return
    yield Submission(name, content, changed, trouble=_too_long(len(content)))


def _under(name: str, submission: Submission) -> Submission:
    return submission if submission.name == name else replace(submission, name=f"{name}/{submission.name}")


def _too_long(size: int) -> Trouble | None:
    return Trouble.of(Why.TOO_LONG, most=MOST_BYTES) if size > MOST_BYTES else None


def _in_archive_file(path: Path, name: str = "") -> Iterator[Submission]:
    """Yield the files of an archive; of one in the folder that cannot be opened, the archive itself."""
    try:
        with open_regular(path) as file:
            if os.fstat(file.fileno()).st_size > MOST_ARCHIVE:
                raise DataFileError(f"{shown(path)} has more than {MOST_ARCHIVE:,} bytes.")
            with zipfile.ZipFile(file) as archive:
                yield from _in_archive(archive)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        if not name:
            raise DataFileError(
                f"{shown(path)} is no folder and no ZIP archive; expected one of them."
            ) from error
        yield Submission(name, trouble=Trouble.of(Why.NO_ARCHIVE))


def _in_archive(archive: zipfile.ZipFile) -> Iterator[Submission]:
    for number, member in enumerate(archive.infolist(), start=1):
        if member.is_dir():
            continue
        name = _safe(member.filename)
        if number > MOST_FILES:
            yield Submission(name, trouble=TOO_MANY)
            return
        if name != member.filename:
            yield Submission(name, trouble=Trouble.of(Why.LEADS_OUT))
        else:
            yield _read_member(archive, member, name)


def _safe(name: str) -> str:
    """Return a name of an archive without what leads out of it."""
    parts = [part for part in re.split(r"[/\\]+", name) if part not in ("", ".", "..")]
    return "/".join(re.sub(r"^[A-Za-z]:", "", part) for part in parts) or "?"


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Submission:
    try:
        changed = datetime(*member.date_time)
    except (ValueError, TypeError):
        changed = None
    try:
        with archive.open(member) as file:
            content = file.read(MOST_BYTES + 1)  # of a bomb, no more than this is unpacked
    except Exception:  # of a damaged archive the library raises many kinds
        why = Why.ENCRYPTED if member.flag_bits & IS_ENCRYPTED else Why.DAMAGED
        return Submission(name, time=changed, trouble=Trouble.of(why))
    return Submission(name, content, changed, trouble=_too_long(len(content)))
