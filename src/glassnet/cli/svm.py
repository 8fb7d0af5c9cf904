"""``glassnet svm``: support-vector problems, solved and written out."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from glassnet._common.claims import Claim, Verdict
from glassnet._common.files import write_atomically
from glassnet.errors import InvalidDataError, InvalidParameterError

if TYPE_CHECKING:
    from glassnet.worked.svm.model import Inseparable, LinearSVM
    from glassnet.worked.svm.text import Section

ASSIGNMENT = "assignment"

Rows = list[list[str]]


def rows(context: click.Context, option: click.Parameter, value: str | None) -> Rows | None:
    """Read points from the command line, see `rows_of`."""
    return None if value is None else rows_of(value)


def rows_of(text: str) -> Rows:
    """Read ``1,3;2,1/2`` as rows of numbers, each as it was written."""
    return [[cell.strip() for cell in row.split(",")] for row in text.split(";") if row.strip()]


def words(context: click.Context, option: click.Parameter, value: str | None) -> list[str] | None:
    """Read ``x1,x2`` as names."""
    return None if value is None else [word.strip() for word in value.split(",")]


_SHARED = (
    click.option("--new", callback=rows, help="Points to classify, such as 1,3;2,1/2."),
    click.option(
        "--claims", type=click.Path(path_type=Path), help="An answer to check: a TOML, YAML or JSON file."
    ),
    click.option("--features", callback=words, help="The columns with coordinates.  [default: all others]"),
    click.option("--positive", help="Which class is +1.  [default: the greater, or the later word]"),
    click.option(
        "--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw it to this .png or .svg file."
    ),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
)


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that both have."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


@click.group(name="svm")
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
    new: Rows | None,
    **output: Any,
) -> None:
    """Measure a given hyperplane: its margin, its support vectors, the classes of points.

    PROBLEM may be the word assignment, for section A2 with its published answer.

    \b
    Examples:
      glassnet svm margin assignment
      glassnet svm margin --w -2,0 --b 5 --points "2,3;3,3" --new 1,3
    """
    from glassnet.worked.svm import claims as svm_claims
    from glassnet.worked.svm.points import PointSet, make_points, read_points
    from glassnet.worked.svm.svm import measure_margin
    from glassnet.worked.svm.text import write_measurement

    published = None
    if problem == ASSIGNMENT:
        _refuse_changes(weights, bias, points, features, positive)
        svm, published = svm_claims.solve_a2(), svm_claims.read_answer("a2")
        new = new or [list(x) for x in svm_claims.A2_NEW]
    elif problem is not None or weights is None or bias is None or points is None:
        raise InvalidParameterError(
            "expected the word assignment, or a hyperplane and points: --w -2,0 --b 5 --points 2,3;3,3."
        )
    else:
        data: PointSet
        if points.lower().endswith(".csv") or Path(points).is_file():
            data = read_points(points, features=features, positive=positive)
        else:
            data = make_points(rows_of(points))
        svm = measure_margin(weights.split(","), bias, data)
    classified = svm.classify(new or [])
    _show(svm, classified, write_measurement(svm, classified), published, **output)


@group.command()
@click.argument("data")
@click.option(
    "--method",
    type=click.Choice(["auto", "exact", "numeric"]),
    default="auto",
    show_default=True,
    help="In fractions, or in floating point; auto is exact up to 2,000 numbers.",
)
@shared
def solve(
    data: str,
    method: Any,
    features: list[str] | None,
    positive: str | None,
    new: Rows | None,
    **output: Any,
) -> None:
    """Find the hyperplane with the largest margin between two classes, or show that there is none.

    DATA is a CSV file with a header such as name,x1,x2,class; or the word assignment, for section A3 with its
    published answer.

    \b
    Examples:
      glassnet svm solve assignment --plot a3.png
      glassnet svm solve points.csv --new 1,3 --claims answer.toml
    """
    from glassnet.worked.svm import claims as svm_claims
    from glassnet.worked.svm.model import Inseparable
    from glassnet.worked.svm.points import read_points
    from glassnet.worked.svm.svm import solve_svm
    from glassnet.worked.svm.text import write_proof, write_solution

    found: LinearSVM | Inseparable
    published = None
    if data == ASSIGNMENT:
        _refuse_changes(features, positive)
        found, published = svm_claims.solve_a3(), svm_claims.read_answer("a3")
    else:
        found = solve_svm(read_points(data, features=features, positive=positive), method=method)
    if isinstance(found, Inseparable):
        if new:
            raise InvalidDataError(
                f"{found}: new points cannot be classified; leave --new out to see the proof."
            )
        _show(found, (), write_proof(found), published, **output)
    else:
        classified = found.classify(new or [])
        _show(found, classified, write_solution(found, classified), published, **output)


def _refuse_changes(*settings: object) -> None:
    if any(setting is not None for setting in settings):
        raise InvalidParameterError(
            "the assignment's points and hyperplane are given; leave these options out, or the word "
            "assignment for a problem of your own."
        )


def _show(
    found: "LinearSVM | Inseparable",
    new: Sequence[Any],
    sections: "Sequence[Section]",
    published: dict[str, Any] | None,
    *,
    claims: Path | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    from glassnet.worked.svm.check import check_answer, read_claims
    from glassnet.worked.svm.json import describe
    from glassnet.worked.svm.model import Inseparable

    checked: list[Claim] = []
    answer = published if claims is None else read_claims(claims)
    if answer is not None:
        checked = [] if isinstance(found, Inseparable) else check_answer(found, answer)
    if plot is not None:
        _draw(found, new, plot)
    if as_json:
        click.echo(json.dumps(describe(found, new, checked), indent=2, allow_nan=False))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(str(found), style="bold"))
    for section in sections:
        console.print(Text(f"\n{section.title}", style="bold"))
        for line in section.lines:
            console.print(Text(f"  {line}"))
    if checked:
        _print_claims(checked)
    elif answer is not None:
        console.print(
            Text("\nThe claims cannot be right: no hyperplane separates these classes.", style="bold")
        )
    if plot is not None:
        click.echo(f"\nPicture: {plot}")


def _print_claims(claims: "Sequence[Claim]") -> None:
    console = Console(highlight=False)
    wrong = sum(claim.verdict != Verdict.CONFIRMED for claim in claims)
    console.print(Text(f"\nThe answer: {len(claims)} claims, {wrong} of them wrong", style="bold"))
    table = Table(
        "claim", "published", "reproduced", "verdict", box=None, pad_edge=False, padding=(0, 3, 0, 0)
    )
    for claim in claims:
        is_right = claim.verdict == Verdict.CONFIRMED
        verdict = Text(claim.verdict, style="" if is_right else "bold red")
        table.add_row(*(Text(cell) for cell in (claim.quantity, claim.published, claim.reproduced)), verdict)
    console.print(table)
    for claim in claims:
        if claim.explanation:
            console.print(Text(f"  {claim.quantity}: {claim.explanation}"))


def _draw(found: "LinearSVM | Inseparable", new: Sequence[Any], path: Path) -> None:
    from glassnet.worked.svm.picture import draw_picture

    match path.suffix.lower():
        case ".png":
            write_atomically(path, draw_picture(found, new, "png"))
        case ".svg":
            write_atomically(path, draw_picture(found, new, "svg"))
        case _:
            raise InvalidParameterError(f"got --plot {path}; expected a name that ends in .png or .svg.")
