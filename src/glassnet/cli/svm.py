"""``glassnet svm``: support-vector problems, solved and written out."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from glassnet._common.claims import Claim, Verdict
from glassnet._common.files import write_atomically
from glassnet._common.progress import showing
from glassnet._common.terminal import Console, echo
from glassnet._common.words import counted
from glassnet.cli.groups import SentenceGroup
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.worked.svm import assignment
from glassnet.worked.svm.check import check_answer, read_answer
from glassnet.worked.svm.model import Inseparable, LinearSVM
from glassnet.worked.svm.points import Point, make_points, read_points
from glassnet.worked.svm.render import describe, draw_picture
from glassnet.worked.svm.solve import measure_margin, solve_svm
from glassnet.worked.svm.text import Section, write_measurement, write_proof, write_solution

ASSIGNMENT = "assignment"


def read_words(text: str) -> list[str]:
    """Read ``x1,x2`` as names, or as numbers that stay as they were written."""
    return [word.strip() for word in text.split(",")]


def read_rows(text: str) -> list[list[str]]:
    """Read ``1,3;2,1/2`` as rows of numbers."""
    return [read_words(row) for row in text.split(";") if row.strip()]


_PICTURE = click.Path(path_type=Path, dir_okay=False)
_SHARED = (
    click.option("--new", type=read_rows, metavar="TEXT", help="Points to classify, such as 1,3;2,1/2."),
    click.option("--claims", type=click.Path(path_type=Path), help="An answer to check: TOML, YAML or JSON."),
    click.option(
        "--features",
        type=read_words,
        metavar="TEXT",
        help="The columns with coordinates.  [default: all others]",
    ),
    click.option("--positive", help="Which class is +1.  [default: the greater, or the later word]"),
    click.option("--plot", type=_PICTURE, help="Draw it to this .png or .svg file."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
)


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that both have."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


@click.group(name="svm", cls=SentenceGroup)
def group() -> None:
    """Solve support-vector problems with a hard margin, and check answers to them."""


@group.command()
@click.argument("problem", required=False)
@click.option("--w", "weights", help="The weights of the hyperplane: -2,0.")
@click.option("--b", "bias", help="Its bias.")
@click.option("--points", help="Points such as 2,3;3,3 (? where a number is not given), or a CSV file.")
@shared
def margin(
    problem: str | None,
    weights: str | None,
    bias: str | None,
    points: str | None,
    features: list[str] | None,
    positive: str | None,
    **rest: Any,
) -> None:
    """Measure a given hyperplane: its margin, its support vectors, the classes of points.

    PROBLEM may be the word assignment, for section A2 with its published answer.

    \b
    Examples:
      glassnet svm margin assignment
      glassnet svm margin --w -2,0 --b 5 --points "2,3;3,3" --new 1,3
    """
    published = None
    if problem == ASSIGNMENT:
        _refuse_changes(weights, bias, points, features, positive)
        svm, published = assignment.solve_a2(), assignment.read_published("a2")
        rest["new"] = rest["new"] or assignment.A2_NEW
    elif problem is not None or weights is None or bias is None or points is None:
        raise InvalidParameterError(
            "expected the word assignment, or a hyperplane and points: --w -2,0 --b 5 --points 2,3;3,3."
        )
    elif points.lower().endswith(".csv") or Path(points).is_file():
        data = read_points(points, features=features, positive=positive)
        svm = measure_margin(weights.split(","), bias, data)
    else:
        svm = measure_margin(weights.split(","), bias, make_points(read_rows(points)))
    _show(svm, write_measurement, published, **rest)


@group.command()
@click.argument("data")
@shared
def solve(data: str, features: list[str] | None, positive: str | None, **rest: Any) -> None:
    """Find the hyperplane with the largest margin between two classes, or show that there is none.

    DATA is a CSV file with a header such as name,x1,x2,class, of up to 2,000 numbers in up to 10 features; or
    the word assignment, for section A3 with its published answer.

    \b
    Examples:
      glassnet svm solve assignment --plot a3.png
      glassnet svm solve points.csv --new 1,3 --claims answer.toml
    """
    published = None
    found: LinearSVM | Inseparable
    if data == ASSIGNMENT:
        _refuse_changes(features, positive)
        found, published = assignment.solve_a3(), assignment.read_published("a3")
    else:
        with showing("Solving in exact fractions"):
            found = solve_svm(read_points(data, features=features, positive=positive))
    _show(found, write_solution, published, **rest)


def _refuse_changes(*settings: object) -> None:
    if any(setting is not None for setting in settings):
        raise InvalidParameterError(
            "the assignment's points and hyperplane are given; leave these options out, or the word "
            "assignment for a problem of your own."
        )


def _show(
    found: LinearSVM | Inseparable,
    write: Callable[[LinearSVM, Sequence[Point]], list[Section]],
    published: dict[str, Any] | None,
    *,
    new: Sequence[Sequence[str]] | None,
    claims: Path | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    if isinstance(found, Inseparable) and new:
        raise InvalidDataError(f"{found}: new points cannot be classified; leave --new out to see the proof.")
    points = found.classify(new or ()) if isinstance(found, LinearSVM) else ()
    sections = write(found, points) if isinstance(found, LinearSVM) else write_proof(found)
    answer = published if claims is None else read_answer(claims)
    checked = check_answer(found, answer) if answer is not None and isinstance(found, LinearSVM) else []
    if plot is not None:
        form = plot.suffix.lower()
        if form not in (".png", ".svg"):
            raise InvalidParameterError(f"got --plot {plot}; expected a name that ends in .png or .svg.")
        write_atomically(plot, draw_picture(found, points, "png" if form == ".png" else "svg"))
    if as_json:
        click.echo(json.dumps(describe(found, points, checked), indent=2, allow_nan=False))
        return
    console = Console(soft_wrap=True)
    console.print(Text(str(found), style="bold"))
    for section in sections:
        title, _, lines = str(section).partition("\n")
        console.print(Text(f"\n{title}", style="bold"), Text(lines), sep="\n")
    if checked:
        _print_claims(checked)
    elif answer is not None:
        impossible = "\nThe claims cannot be right: no hyperplane separates these classes."
        console.print(Text(impossible, style="bold"))
    if plot is not None:
        echo(f"\nPicture: {plot}")


def _print_claims(claims: Sequence[Claim]) -> None:
    console = Console()
    wrong = sum(claim.verdict != Verdict.CONFIRMED for claim in claims)
    console.print(Text(f"\nThe answer: {counted(len(claims), 'claim')}, {wrong} of them wrong", style="bold"))
    table = Table(
        "claim", "published", "reproduced", "verdict", box=None, pad_edge=False, padding=(0, 3, 0, 0)
    )
    for claim in claims:
        style = "" if claim.verdict == Verdict.CONFIRMED else "bold red"
        cells = map(Text, (claim.quantity, claim.published, claim.reproduced))
        table.add_row(*cells, Text(claim.verdict, style=style))
    console.print(table)
    for claim in claims:
        if claim.explanation:
            console.print(Text(f"  {claim.quantity}: {claim.explanation}"))
