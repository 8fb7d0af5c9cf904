"""A graded class as values: what became of every student, and of every file."""

from dataclasses import dataclass, field

from glassnet._common.words import Word
from glassnet.classroom.folder import Homework
from glassnet.classroom.grading.marking import Marked
from glassnet.classroom.grading.overrides import Override
from glassnet.classroom.grading.settings import Rules
from glassnet.classroom.grading.submissions import Submission
from glassnet.classroom.grading.troubles import Trouble
from glassnet.classroom.students import Student


class FileStatus(Word):
    """Say what became of a file."""

    GRADED = "graded"
    DOUBLE = "double"
    """Another sheet of the same student counts."""
    BESIDE = "beside"
    """No sheet, handed in beside one that was graded."""
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"
    """Its name does not tell whose it is."""


class StudentStatus(Word):
    """Say what became of a student."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    MISSING = "missing"


@dataclass(frozen=True)
class File:
    """Hold what became of a file.

    Attributes
    ----------
    submission : Submission
    status : FileStatus
    trouble : Trouble or None
        Why it was not graded; None where it was.
    """

    submission: Submission
    status: FileStatus
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Outcome:
    """Hold what became of a student.

    Attributes
    ----------
    student : Student
    status : StudentStatus
    file : Submission or None
        What was graded.
    marked : Marked or None
    points : float or None
        With all changes by hand; None where there is nothing to be worth points.
    late : bool
    fits : Student or None
        The student whose exercise the sheet fits instead.
    changes : tuple of Override
    participant : str
        The number by which Moodle's archive calls the student.
    """

    student: Student
    status: StudentStatus
    file: Submission | None = None
    marked: Marked | None = None
    points: float | None = None
    late: bool = False
    fits: Student | None = None
    changes: tuple[Override, ...] = ()
    participant: str = ""


@dataclass(frozen=True)
class ClassGrades:
    """Hold the grades of a class.

    Attributes
    ----------
    homework : Homework
    rules : Rules
    outcomes : tuple of Outcome
        One for each student, in the order of the class list.
    files : tuple of File
        One for each file that was found.
    """

    homework: Homework = field(repr=False)
    rules: Rules
    outcomes: tuple[Outcome, ...] = field(repr=False)
    files: tuple[File, ...] = field(repr=False)

    def with_status(self, status: StudentStatus) -> list[Outcome]:
        """Return the students of a status."""
        return [outcome for outcome in self.outcomes if outcome.status == status]

    def files_with(self, status: FileStatus) -> list[File]:
        """Return the files of a status."""
        return [file for file in self.files if file.status == status]
