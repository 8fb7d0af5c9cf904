"""``glassnet exercise new``, ``list`` and ``check``: exercises from templates, for a class."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glassnet._common.environment import count_cores
from glassnet._common.progress import showing
from glassnet._common.quoting import listed
from glassnet._common.terminal import echo
from glassnet._common.words import counted
from glassnet.classroom.template import TEMPLATES

if TYPE_CHECKING:
    from glassnet.classroom.making import Made

NEEDED_SECRET = 8
"""Characters of a seed that nobody guesses in an evening."""


@click.command(name="list")
def list_templates() -> None:
    """List the templates that come with the package."""
    for template in TEMPLATES.values():
        echo(f"{template.name:24}{template.title_in('en')}")


@click.command()
@click.argument("templates", metavar="TEMPLATE...", nargs=-1, required=True)
@click.option(
    "--students",
    "class_list",
    metavar="TABLE",
    type=click.Path(path_type=Path),
    required=True,
    help="The class: a table with the columns id and name.",
)
@click.option("--out", metavar="FOLDER", type=click.Path(path_type=Path), required=True, help="Where to.")
@click.option(
    "--seed",
    metavar="SECRET",
    envvar="GLASSNET_EXERCISE_SEED",
    show_envvar=True,
    help="Same secret, same numbers. Keep it to yourself.  [default: one is made up and shown]",
)
@click.option("--lang", "language", default="en", show_default=True, help="Of the sheets: en or de.")
@click.option("--pdf", is_flag=True, help="Sheets as PDF too; needs a LaTeX on this machine.")
def new(
    templates: tuple[str, ...], class_list: Path, out: Path, seed: str | None, language: str, pdf: bool
) -> None:
    """Make an exercise with numbers of their own for each student of a class.

    TEMPLATE is the name of one that comes with the package (see glassnet exercise list) or a TOML file of
    yours. Of several, each has a folder of its own in FOLDER. The same command goes on where it was
    interrupted; with a longer class list, those who came later get theirs, and all others keep their own.

    \b
    Examples:
      glassnet exercise new backprop --students class.csv --out hw3
      glassnet exercise new backprop adam softmax --students class.csv --out week3 --lang de
      glassnet exercise new mine.toml --students class.csv --out hw4 --seed "our course, 2027"

    \b
    A class list, class.csv:
      id,name,group
      007,Ada Lovelace,a
      012,Alan Turing,b
    """
    from joblib import Parallel, delayed

    from glassnet.classroom.dice import Secret
    from glassnet.classroom.making import PDF, PLAIN, make_homework
    from glassnet.classroom.students import read_students
    from glassnet.classroom.template import read_template

    chosen = [read_template(template) for template in templates]
    names = [template.name for template in chosen]
    if len(set(names)) < len(names):
        raise click.UsageError(f"got {listed(names)}; expected each template once.")
    students = read_students(class_list)
    if seed is None:
        seed = secrets.token_hex(NEEDED_SECRET)
        echo(f"Seed: {seed}  Keep it: whoever has it can make the same exercises, with --seed {seed}")
    secret, endings = Secret(seed), (*PLAIN, PDF) if pdf else PLAIN
    folders = [out if len(chosen) == 1 else out / template.name for template in chosen]
    jobs = [
        delayed(make_homework)(folder, template, students, secret, language=language, endings=endings)
        for folder, template in zip(folders, chosen, strict=True)
    ]
    with showing(f"Making {counted(len(students), 'sheet')} of {listed(names)}"):
        results = Parallel(n_jobs=min(count_cores(), len(jobs)), return_as="generator")(jobs)
        for made in results:
            _describe(made)
    echo("\nStudents get sheets/ and answers/; keep solutions/ and the seed to yourself.")


def _describe(made: "Made") -> None:
    """Say what was made, and how equal the work is."""
    homework = made.homework
    n = len(homework.students)
    kept = f" ({made.new:,} new, {n - made.new:,} kept)" if made.new < n else ""
    echo(f"{homework.template.title_in('en')}: {counted(n, 'student')}{kept}, in {homework.path}")
    spread = [
        f"{low:,} to {high:,} {name} ({100 * share:.0f} %)"
        for name, (low, high, share) in made.spread.items()
    ]
    echo(f"  Work: {', '.join(spread)}")
    if made.gone:
        echo(f"  No longer in the class list, and kept: {listed(student.id for student in made.gone)}")


@click.command()
@click.argument("template", metavar="FILE")
@click.option("--lang", "language", default="en", show_default=True, help="Of the example: en or de.")
@click.option(
    "--out", metavar="HTML", type=click.Path(path_type=Path, dir_okay=False), help="Write an example's sheet."
)
def check(template: str, language: str, out: Path | None) -> None:
    """Check a template of your own: that it can be read, and gives numbers that are fit for people.

    \b
    Examples:
      glassnet exercise check mine.toml
      glassnet exercise check mine.toml --out example.html
    """
    from glassnet._common.files import write_atomically
    from glassnet._common.naming import lookup
    from glassnet.classroom.choosing import Chooser, describe_spread
    from glassnet.classroom.dice import Secret
    from glassnet.classroom.language import LANGUAGES
    from glassnet.classroom.sheets.content import Sheet
    from glassnet.classroom.sheets.html import render_sheet
    from glassnet.classroom.students import Student
    from glassnet.classroom.template import read_template

    spoken, read = lookup(LANGUAGES, language, "language"), read_template(template)
    students = [Student(f"example-{i}", f"Example {i}") for i in range(1, 11)]
    chosen = list(Chooser(read, Secret("check")).choose(students))
    task = chosen[0].task
    echo(f"{read.name}: {read.title_in(language)}")
    echo(f"  {counted(len(task.questions), 'answer')} to {counted(task.digits, 'digit')} after the point")
    for name, (low, high, share) in describe_spread(chosen).items():
        echo(f"  {low:,} to {high:,} {name} for ten students ({100 * share:.0f} %)")
    if out is not None:
        write_atomically(out, render_sheet(Sheet(read.name, read, students[0], task, spoken)))
        echo(f"  An example: {out}")
