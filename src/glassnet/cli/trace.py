"""``glassnet trace``: training steps with every number in them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from glassnet._common.files import write_atomically
from glassnet._common.quoting import quoted
from glassnet._common.terminal import Console, echo
from glassnet.errors import InvalidParameterError
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.nn.outputs import OUTPUTS
from glassnet.worked.problem import NAMES

if TYPE_CHECKING:
    from glassnet.worked.tracing import Trace

FORMATS = ("terminal", "text", "markdown", "latex", "html", "json")


def numbers(context: click.Context, option: click.Parameter, value: str | None) -> list[list[float]] | None:
    """Read ``0.05,0.1;0.2,0.3`` as rows of numbers."""
    if value is None:
        return None
    try:
        return [[float(cell) for cell in row.split(",")] for row in value.split(";")]
    except ValueError:
        raise click.BadParameter(
            f"got {quoted(value)}; expected numbers, with commas between them and semicolons between "
            "samples: "
            "0.05,0.1;0.2,0.3"
        ) from None


def names(context: click.Context, option: click.Parameter, value: str | None) -> str | list[str] | None:
    """Read one name, or several with commas between."""
    return value.split(",") if value and "," in value else value


def listed(context: click.Context, option: click.Parameter, value: str | None) -> list[str] | None:
    """Read names with commas between them."""
    return None if value is None else [name.strip() for name in value.split(",")]


def sizes(context: click.Context, option: click.Parameter, value: str | None) -> list[int] | None:
    """Read ``2,2,1`` as whole numbers."""
    if value is None:
        return None
    try:
        return [int(size) for size in value.split(",")]
    except ValueError:
        raise click.BadParameter(
            f"got {quoted(value)}; expected the units of each layer, inputs and outputs too: 2,2,1"
        ) from None


@click.command(name="trace")
@click.argument("problem", required=False)
@click.option("--sizes", callback=sizes, help="Units of each layer, from the inputs to the outputs: 2,2,1.")
@click.option("--activation", callback=names, help=f"Of the hidden layers: {', '.join(ACTIVATIONS)}.")
@click.option("--loss", help=f"One of {', '.join(LOSSES)}.")
@click.option(
    "--output-activation",
    help=f"Of the outputs, where not the one that belongs to the loss: {', '.join(OUTPUTS)}.",
)
@click.option("--x", callback=numbers, help="Samples: commas between numbers, semicolons between samples.")
@click.option("--y", callback=numbers, help="Targets, likewise.")
@click.option("--weight-init", help=f"How weights are drawn: {', '.join(INITIALIZERS)}.")
@click.option("--seed", type=click.IntRange(0), help="Of the drawn weights.")
@click.option("--optimizer", help=f"One of {', '.join(OPTIMIZERS)}.")
@click.option("--lr", type=float, help="Learning rate.")
@click.option("--alpha", type=float, help="Strength of the L2 penalty.  [default: 0]")
@click.option("--frozen", callback=listed, help="What is not updated: b1,W2 are biases and weights by layer.")
@click.option("--batch-size", type=click.IntRange(1), help="Samples a step.  [default: 1]")
@click.option("--steps", type=click.IntRange(1), help="How many.  [default: one pass over the samples]")
@click.option("--digits", type=click.IntRange(1, 12), help="Digits shown after the point.")
@click.option(
    "--names",
    type=click.Choice(NAMES),
    help="Call quantities W1, Z1 by layers, or w5, h1, o1 one by one.  [default: arrays]",
)
@click.option("--course-rounding", is_flag=True, help="Round at every line and carry the rounded value on.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="terminal",
    show_default=True,
    help="What to write.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
def group(problem: str | None, course_rounding: bool, form: str, out: Path | None, **settings: Any) -> None:
    """Work training steps out by hand: every formula with its numbers.

    PROBLEM is the name of one that comes with the package, or a TOML, YAML or JSON file; options take the
    place of what it says. Without it the options are the problem.

    \b
    Problems of the package:
      assignment        one ReLU unit, three samples, three updates
      textbook-sigmoid  2-2-2 sigmoids, squared error: the usual example
      textbook-softmax  three classes, softmax with cross-entropy
      perceptron-and    Rosenblatt's rule learns AND

    \b
    Examples:
      glassnet trace assignment
      glassnet trace assignment --digits 4 --course-rounding
      glassnet trace textbook-sigmoid
      glassnet trace textbook-sigmoid --names arrays --steps 2
      glassnet trace --sizes 2,2,1 --activation sigmoid --x 0.05,0.1 --y 0.01 --lr 0.5
      glassnet trace --sizes 1,1 --loss sigmoid_cross_entropy --x "1;2" --y "0;1" --optimizer adam
      glassnet trace problem.toml --format html --out problem.html

    \b
    A problem file:
      sizes = [2, 2, 1]
      activation = "sigmoid"
      weights = [[[0.15, 0.25], [0.2, 0.3]], [[0.4], [0.5]]]
      biases = [[0.35, 0.35], [0.6]]
      x = [[0.05, 0.1]]
      y = [[0.01]]
      lr = 0.5
      output_activation = "sigmoid"
      frozen = ["b1", "b2"]
      names = "units"
    """
    from glassnet.worked.problem_file import build_problem, read_problem
    from glassnet.worked.sheet import read_published_sheet
    from glassnet.worked.tracing import trace_problem

    changes = {name: value for name, value in settings.items() if value is not None}
    if problem is None and not changes:
        raise InvalidParameterError(
            "got no problem; expected a name, a file, or options. Begin with: glassnet trace assignment"
        )
    published = None
    if problem is None:
        stated = build_problem({"name": "glassnet trace", **changes})
    else:
        stated = read_problem(problem, changes)
        published = read_published_sheet(problem) if changes.keys() <= {"digits"} else None
    worked = trace_problem(stated, course_rounding=course_rounding, published=published)
    if form == "terminal" and out is None:
        show(worked)
        return
    writers: dict[str, Callable[[], str]] = {
        "terminal": worked.to_text,
        "text": worked.to_text,
        "markdown": worked.to_markdown,
        "latex": worked.to_latex,
        "html": worked.to_html,
        "json": lambda: json.dumps(worked.to_json(), indent=2, allow_nan=False),
    }
    written = writers[form]()
    if out is None:
        echo(written)
    else:
        write_atomically(out, written)
        echo(f"{worked.problem.name}: {out}")


def show(worked: "Trace") -> None:
    """Show a trace in the terminal, in the widths and colours that it has."""
    from glassnet.worked.write.layout import headline, sections
    from glassnet.worked.write.text import given_lines, render_line

    console = Console()
    title, *rest = headline(worked)
    console.print(Text(title, style="bold"))
    for text in rest:
        console.print(Text(text, style="dim"))
    for section in sections(worked):
        console.print(Text(f"\nStep {section.step}", style="bold"))
        for text in given_lines(worked, section.step):
            console.print(Text(f"  {text}"), soft_wrap=True)
        for kind, lines in section.parts:
            console.print(Text(f"\n  {kind}", style="dim"))
            for line in lines:
                for row in render_line(worked, line, min(max(console.width, 60), 120) - 4):
                    console.print(_coloured(row), soft_wrap=True)


def _coloured(row: str) -> Text:
    """Return a row with its quantity, its value and what was published in colours."""
    text = Text("    " + row)
    text.highlight_regex(r"^\s{4}\S+(?= (=|<-))", "cyan")
    text.highlight_regex(r"\[published: [^\]]*\]$", "yellow")
    return text
