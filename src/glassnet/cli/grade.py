"""``glassnet grade``: a person's own numbers, line by line."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from glassnet._common.files import write_atomically
from glassnet._common.terminal import Console, echo
from glassnet.worked import LineStatus

if TYPE_CHECKING:
    from glassnet.worked.grade.grade import Grade

COLOURS = {
    LineStatus.WRONG: "red",
    LineStatus.CONSISTENT: "yellow",
    LineStatus.SLIP: "yellow",
    LineStatus.RIGHT: "green",
}


@click.command(name="grade")
@click.argument("sheet")
@click.option(
    "--problem",
    help="What the sheet answers: a problem or a file as for glassnet trace.  "
    "[default: that of the sheet's name, or assignment]",
)
@click.option("--all", "show_all", is_flag=True, help="Show the right lines too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "text", "json"]),
    default="terminal",
    show_default=True,
    help="What to write.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
def group(sheet: str, problem: str | None, show_all: bool, form: str, out: Path | None) -> None:
    """Grade somebody's own numbers: the first error, its likely cause, and what follows rightly from it.

    SHEET is `assignment`, the published answer to A1, `textbook-sigmoid`, the published numbers of that
    example, or a CSV, YAML, TOML or JSON file with a row for each number: step, quantity, value. Quantities
    are named as `glassnet trace` names them, by layers or one by one.

    \b
    Examples:
      glassnet grade assignment
      glassnet grade mine.csv
      glassnet grade mine.csv --problem textbook-softmax
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
    from glassnet.worked.grade.grade import grade
    from glassnet.worked.grade.text import summary

    graded = grade(sheet, problem)
    if form == "terminal" and out is None:
        show(graded, show_all)
        return
    text = json.dumps(graded.to_json(), indent=2, allow_nan=False) if form == "json" else graded.to_text()
    if out is None:
        echo(text)
    else:
        write_atomically(out, text)
        echo(f"{summary(graded)} {out}")


def show(graded: "Grade", show_all: bool) -> None:
    """Show the first error, and a table of the lines that are not simply right, or of all."""
    from glassnet.worked.grade.text import describe, expected_text, summary, verdict, written_text

    console, first = Console(), graded.first_error
    console.print(Text(graded.problem.name, style="bold"))
    console.print(Text(f"Sheet {graded.sheet.name}: {summary(graded)}\n"))
    if first is None:
        console.print(Text("No line is wrong.", style="green"))
    else:
        console.print(Text(f"First error: {describe(first)}", style="bold"))
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("step", "quantity", "written", "should be", "verdict"):
        table.add_column(title, overflow="fold")
    for line in graded.lines:
        if show_all or line.status != LineStatus.RIGHT:
            texts = (str(line.quantity.step), line.quantity.name, written_text(line), expected_text(line))
            table.add_row(*map(Text, texts), Text(verdict(line), style=COLOURS[line.status]))
    if table.row_count:
        console.print()
        console.print(table)
