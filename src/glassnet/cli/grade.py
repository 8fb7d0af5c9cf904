"""``glassnet grade``: a person's own numbers, line by line."""

import json
from pathlib import Path

import click

from glassnet.files import write_atomically

COLOURS = {"wrong": "red", "consistent": "yellow", "slip": "yellow", "right": "green"}


@click.command(name="grade")
@click.argument("sheet")
@click.option(
    "--problem",
    default="assignment",
    show_default=True,
    help="What the sheet answers: assignment, or a TOML, YAML or JSON file as for glassnet trace.",
)
@click.option("--all", "show_all", is_flag=True, help="Show the right lines too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
def group(sheet: str, problem: str, show_all: bool, form: str, out: Path | None) -> None:
    """Grade somebody's own numbers: the first error, its likely cause, and what follows rightly from it.

    SHEET is `assignment`, the published answer to A1, or a CSV, YAML, TOML or JSON file with a row for each
    number: step, quantity, value. Quantities are named as `glassnet trace` names them.

    \b
    Examples:
      glassnet grade assignment
      glassnet grade mine.csv
      glassnet grade mine.csv --problem problem.toml --format json

    \b
    A sheet, mine.csv:
      step,quantity,value
      1,z1,1
      1,dL/dw2,-2
      1,w2,1.02

    \b
    Entries of a matrix have their row and column: "W1[1,2]" in quotes, or b1[2].
    """
    from glassnet.worked.grade import grade
    from glassnet.worked.render_grade import describe, summary

    graded = grade(sheet, problem)
    if form == "json" or out is not None:
        text = json.dumps(graded.to_json(), indent=2, allow_nan=False) if form == "json" else graded.to_text()
        if out is None:
            click.echo(text)
        else:
            write_atomically(out, text)
            click.echo(f"{summary(graded)} {out}")
        return
    first = graded.first_error
    click.secho(graded.problem.name, bold=True)
    click.echo(f"Sheet {graded.sheet.name}: {summary(graded)}\n")
    click.echo("No line is wrong." if first is None else f"First error: {describe(first)}\n")
    for line in graded.lines:
        if show_all or (line.status != "right" and line is not first):
            click.secho(f"  {describe(line)}", fg=COLOURS[line.status])
