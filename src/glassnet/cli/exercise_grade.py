"""``glassnet exercise grade``: what a class handed in, graded into pages and gradebooks."""

from pathlib import Path

import click

from glassnet._common.terminal import echo
from glassnet._common.words import counted


@click.command(name="grade")
@click.argument("homework", type=click.Path(path_type=Path))
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write."
)
@click.option("--lang", help="Language of the pages: en or de.  [default: that of the sheets]")
def grade_class(homework: Path, submissions: Path, out: Path, lang: str | None) -> None:
    """Grade what a class handed in: a page for each student, gradebooks for Moodle and Canvas, a report.

    HOMEWORK is the folder that was handed out. SUBMISSIONS is a folder, or the ZIP archive that Moodle or
    Canvas makes of all files; sheets are CSV, TSV, XLSX or ODS, and belong to the student whose id is in
    their names.

    \b
    Example:
      glassnet exercise grade hw3 submissions/ --out grades

    \b
    What is written:
      report.html            for you: points, errors, causes, what needs a look, every file
      feedback/ID.html       for each student
      grades.csv             a table for people
      moodle.csv             for Moodle's import of grades
      moodle-worksheet.csv   Moodle's offline grading worksheet, of its archives
      canvas.csv             for Canvas's import of grades
      grades.json            all of it for programs
      overrides.csv          points that you set by hand: yours to edit, never written over
    """
    from glassnet.classroom.folder import read_homework
    from glassnet.classroom.grading.grading import grade_folder
    from glassnet.classroom.grading.outcome import FileStatus, StudentStatus

    grades = grade_folder(read_homework(homework), submissions, out, lang)
    graded = grades.with_status(StudentStatus.GRADED)
    students, files = counted(len(grades.outcomes), "student"), counted(len(grades.files), "file")
    echo(f"{len(graded)} of {students} graded; {files} found.")
    fits = [each for each in grades.outcomes if each.fits is not None]
    for count, what in (
        (len(fits), "fit another student's numbers"),
        (sum(each.late for each in grades.outcomes), "late"),
        (len(grades.with_status(StudentStatus.MISSING)), "missing"),
        (len(grades.files_with(FileStatus.UNREADABLE)), "unreadable"),
        (len(grades.files_with(FileStatus.DOUBLE)), "double"),
        (len(grades.files_with(FileStatus.UNKNOWN)), "of nobody known"),
    ):
        if count:
            echo(f"{count:6,}  {what}")
    echo(f"{out / 'report.html'}")
