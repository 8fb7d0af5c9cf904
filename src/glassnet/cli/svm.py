"""``glassnet svm``: support-vector problems, solved and written out."""

import json
from collections.abc import Callable, Sequence
from functools import reduce
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


def read_rows(text: str) -> Rows:
    """Read ``1,3;2,1/2`` as rows of numbers, each as it was written."""
    return [read_words(row) for row in text.split(";") if row.strip()]


def read_words(text: str) -> list[str]:
    """Read ``x1,x2`` as names."""
    return [word.strip() for word in text.split(",")]


def parse_with(read: Callable[[str], Any]) -> Callable[..., Any]:
    """Return what reads the text of an option, where it was given."""
    return lambda context, option, text: None if text is None else read(text)


A_FILE = click.Path(path_type=Path, dir_okay=False)
_SHARED = (
    click.option("--new", callback=parse_with(read_rows), help="Points to classify, such as 1,3;2,1/2."),
    click.option("--claims", type=click.Path(path_type=Path), help="An answer to check: TOML, YAML or JSON."),
    click.option(
        "--features",
        callback=parse_with(read_words),
        help="The columns with coordinates.  [default: all others]",
    ),
    click.option("--positive", help="Which class is +1.  [default: the greater, or the later word]"),
    click.option("--plot", type=A_FILE, help="Draw it to this .png or .svg file."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
)


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that both have."""
    return reduce(lambda decorated, option: option(decorated), reversed(_SHARED), command)


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
    from glassnet.worked.svm import assignment
    from glassnet.worked.svm.points import make_points, read_points
    from glassnet.worked.svm.solve import measure_margin
    from glassnet.worked.svm.text import write_measurement

    published = None
    if problem == ASSIGNMENT:
        _refuse_changes(weights, bias, points, features, positive)
        svm, published = assignment.solve_a2(), assignment.read_published("a2")
        new = new or [list(x) for x in assignment.A2_NEW]
    elif problem is not None or weights is None or bias is None or points is None:
        raise InvalidParameterError(
            "expected the word assignment, or a hyperplane and points: --w -2,0 --b 5 --points 2,3;3,3."
        )
    elif points.lower().endswith(".csv") or Path(points).is_file():
        data = read_points(points, features=features, positive=positive)
        svm = measure_margin(weights.split(","), bias, data)
    else:
        svm = measure_margin(weights.split(","), bias, make_points(read_rows(points)))
    classified = svm.classify(new or ())
    _show(svm, classified, write_measurement(svm, classified), published, **output)


@group.command()
@click.argument("data")
@shared
def solve(
    data: str, features: list[str] | None, positive: str | None, new: Rows | None, **output: Any
) -> None:
    """Find the hyperplane with the largest margin between two classes, or show that there is none.

    DATA is a CSV file with a header such as name,x1,x2,class, of up to 2,000 numbers in up to 10 features; or
    the word assignment, for section A3 with its published answer.

    \b
    Examples:
      glassnet svm solve assignment --plot a3.png
      glassnet svm solve points.csv --new 1,3 --claims answer.toml
    """
    from glassnet.worked.svm import assignment
    from glassnet.worked.svm.model import LinearSVM
    from glassnet.worked.svm.points import read_points
    from glassnet.worked.svm.solve import solve_svm
    from glassnet.worked.svm.text import write_proof, write_solution

    found: LinearSVM | Inseparable
    published = None
    if data == ASSIGNMENT:
        _refuse_changes(features, positive)
        found, published = assignment.solve_a3(), assignment.read_published("a3")
    else:
        found = solve_svm(read_points(data, features=features, positive=positive))
    if isinstance(found, LinearSVM):
        classified = found.classify(new or ())
        _show(found, classified, write_solution(found, classified), published, **output)
    elif new:
        raise InvalidDataError(f"{found}: new points cannot be classified; leave --new out to see the proof.")
    else:
        _show(found, (), write_proof(found), published, **output)


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
    from glassnet.worked.svm.check import check_answer, read_answer
    from glassnet.worked.svm.model import LinearSVM
    from glassnet.worked.svm.render import describe, draw_picture

    answer = published if claims is None else read_answer(claims)
    checked = check_answer(found, answer) if answer is not None and isinstance(found, LinearSVM) else []
    if plot is not None:
        form = plot.suffix.lower()
        if form not in (".png", ".svg"):
            raise InvalidParameterError(f"got --plot {plot}; expected a name that ends in .png or .svg.")
        write_atomically(plot, draw_picture(found, new, "png" if form == ".png" else "svg"))
    if as_json:
        click.echo(json.dumps(describe(found, new, checked), indent=2, allow_nan=False))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(str(found), style="bold"))
    for section in sections:
        title, *lines = str(section).splitlines()
        console.print(Text(f"\n{title}", style="bold"))
        console.print(Text("\n".join(lines)))
    if checked:
        _print_claims(checked)
    elif answer is not None:
        console.print(
            Text("\nThe claims cannot be right: no hyperplane separates these classes.", style="bold")
        )
    if plot is not None:
        click.echo(f"\nPicture: {plot}")


def _print_claims(claims: Sequence[Claim]) -> None:
    console = Console(highlight=False)
    wrong = sum(claim.verdict != Verdict.CONFIRMED for claim in claims)
    console.print(Text(f"\nThe answer: {len(claims)} claims, {wrong} of them wrong", style="bold"))
    table = Table(
        "claim", "published", "reproduced", "verdict", box=None, pad_edge=False, padding=(0, 3, 0, 0)
    )
    for claim in claims:
        verdict = Text(claim.verdict, style="" if claim.verdict == Verdict.CONFIRMED else "bold red")
        table.add_row(*(Text(cell) for cell in (claim.quantity, claim.published, claim.reproduced)), verdict)
    console.print(table)
    for claim in claims:
        if claim.explanation:
            console.print(Text(f"  {claim.quantity}: {claim.explanation}"))
