"""``glassnet fit``: a network for a person's table, judged beside other models."""

import shlex
import sys
from collections import Counter
from pathlib import Path

import click
from rich.table import Table as RichTable
from rich.text import Text

from glassnet._common.quoting import shown
from glassnet._common.terminal import Console, echo
from glassnet._common.words import counted, duration
from glassnet.cli.following import say_what_next, warn
from glassnet.cli.steps import LiveLine, PlainSteps, Steps
from glassnet.models.tabular.recipe import RECIPES
from glassnet.report import write_table_report
from glassnet.tables.base import FitConfig, TableResult, Task
from glassnet.tables.contenders import CONTENDERS, OWN
from glassnet.tables.fitting import fit_table
from glassnet.tables.folder import FitFolder, choose_folder
from glassnet.tables.given import Given, digest_of, read_given
from glassnet.tables.metrics import METRICS
from glassnet.tables.words import (
    SHOWN_COLUMNS,
    describe_parts,
    figure,
    interval,
    judge,
    most_important,
    ranked,
)

DEFAULT_RECIPE, QUICK_RECIPE = "realmlp", "realmlp-s"
QUICK_WARNING = "few epochs, a small network; the full run is better."
SHOWN_NOTES = 8


@click.command(name="fit")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--target", required=True, metavar="COLUMN", help="The column to predict.")
@click.option(
    "--test",
    "test_path",
    metavar="TABLE",
    type=click.Path(path_type=Path),
    help="Test on the rows of this file.  [default: a fifth of TABLE, held back]",
)
@click.option(
    "--cv",
    "folds",
    metavar="K",
    type=click.IntRange(2, 50),
    help="Test on each of K folds in turn; then train on all rows.",
)
@click.option(
    "--task",
    type=click.Choice([task.value for task in Task]),
    help="What to do, if not what it is taken for.",
)
@click.option(
    "--drop", multiple=True, metavar="COLUMN", help="Leave a column out; may be given several times."
)
@click.option("--drop-gaps", is_flag=True, help="Leave out the rows that have no target.")
@click.option("--quick", is_flag=True, help=f"A first look: few epochs, and the recipe {QUICK_RECIPE}.")
@click.option(
    "--recipe", type=click.Choice(list(RECIPES)), help=f"The network’s settings.  [default: {DEFAULT_RECIPE}]"
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Same seed, same numbers.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write.  [default: runs/TARGET, or the next number]",
)
@click.option("--quiet", is_flag=True, help="Show nothing but where the report is.")
@click.option("--json", "as_json", is_flag=True, help="Print results.json to standard output in the end.")
def group(
    table: Path,
    target: str,
    test_path: Path | None,
    folds: int | None,
    task: str | None,
    drop: tuple[str, ...],
    drop_gaps: bool,
    quick: bool,
    recipe: str | None,
    seed: int,
    out: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Fit a network to a table, and write a report that sets it beside other models.

    TABLE is a CSV, Parquet or Feather file with the names of its columns. Numbers, truth values, dates, text
    and gaps are taken as they are; NA, NaN, null, None and ? are gaps too. The folder that is written holds
    report.html, the model, and all figures.

    \b
    Examples:
      glassnet fit houses.csv --target price
      glassnet fit houses.csv --target price --quick
      glassnet fit churn.parquet --target left --drop customer_id --cv 5
      glassnet fit train.csv --target species --test test.csv --out runs/species
    """
    if folds and test_path:
        raise click.UsageError("--cv makes test rows, --test names them: give one of the two.")
    config = FitConfig(
        table=digest_of(table),
        target=target,
        test=digest_of(test_path) if test_path else "",
        task=task or "",
        recipe=recipe or (QUICK_RECIPE if quick else DEFAULT_RECIPE),
        quick=quick,
        folds=folds or 0,
        drop=sorted(set(drop)),
        drops_gaps=drop_gaps,
        seed=seed,
    )
    talks = not (quiet or as_json)
    folder = FitFolder(out) if out else choose_folder(Path("runs") / as_file_name(target), config)
    if folder.is_finished and folder.has(config):
        result = folder.read_results()
        if talks:
            echo(f"Fitted before, with these settings; delete {folder.path} to fit again.")
    else:
        result = _fit(config, table, test_path, folder, talks)
    page = write_table_report(folder)
    if talks:
        _summarise(result)
        say_what_next(f"predict {shlex.quote(str(folder.path))} {shlex.quote(str(table))} > answers.csv")
    if as_json:
        click.echo(folder.results_path.read_text(encoding="utf-8"), nl=False)
    else:
        echo(f"Report: {page}")


def _fit(
    config: FitConfig, table: Path, test_path: Path | None, folder: FitFolder, talks: bool
) -> TableResult:
    given = read_given(config, table, test_path)
    if talks:
        _announce(given, config, folder)
    steps: Steps = (LiveLine() if sys.stdout.isatty() else PlainSteps()) if talks else Steps()
    try:
        with steps:
            return fit_table(given, config, folder, steps.show)
    except KeyboardInterrupt:
        echo(f"\nStopped. Nothing in {folder.path} is finished; the same command begins anew.", err=True)
        raise SystemExit(130) from None


def _announce(given: Given, config: FitConfig, folder: FitFolder) -> None:
    """Say what was found in the table, and what is going to be done."""
    kinds = Counter(kind.plural for kind in given.kinds.values())
    described = ", ".join(f"{n} of {kind}" for kind, n in kinds.items())
    facts = {
        "Table": f"{shown(given.path)}: {counted(given.n_rows, 'row')}, "
        f"{counted(len(given.kinds), 'column')} ({described})",
        "Target": f"{shown(given.target.name)}: {given.target.why} -> {given.task}",
        "Test": describe_parts(given, config),
    }
    if given.target.other is not None:
        facts["Target"] += f"; --task {given.target.other} to change"
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in facts.items():
        grid.add_row(name, text)
    notes = [*given.target.notes, *(f"{facts.name}: {facts.note}" for facts in given.columns if facts.note)]
    for number, note in enumerate(notes[:SHOWN_NOTES]):
        grid.add_row("" if number else "Note", Text(note, style="yellow"))
    if len(notes) > SHOWN_NOTES:
        grid.add_row(
            "", Text(f"and {counted(len(notes) - SHOWN_NOTES, 'note')} more in the report", style="yellow")
        )
    grid.add_row("Folder", shown(folder.path))
    Console().print(grid)
    warn(QUICK_WARNING if config.quick else "")


def _summarise(result: TableResult) -> None:
    """Show the scores of all models, and what follows from them."""
    metrics = [METRICS[name] for name in result.standings[0].scores]
    table = RichTable(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("model", no_wrap=True)
    for number, metric in enumerate(metrics):
        table.add_column(metric.title, justify="right", no_wrap=True)
        if not number:
            table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    for standing in ranked(result):
        cells = []
        for number, metric in enumerate(metrics):
            score = standing.scores[metric.name]
            cells += [figure(score.value), *([] if number else [interval(score)])]
        style = "bold" if standing.name == OWN else ""
        table.add_row(CONTENDERS[standing.name].title, *cells, duration(standing.seconds), style=style)
    console = Console()
    console.print()
    console.print(table)
    console.print()
    sentences = judge(result)
    if important := most_important(result)[:SHOWN_COLUMNS]:
        sentences.append(f"Most important: {', '.join(shown(facts.name) for facts in important)}.")
    bullets = RichTable.grid(padding=(0, 1, 0, 0))
    for sentence in sentences:
        bullets.add_row("-", Text(sentence))
    console.print(bullets)
    console.print()


def as_file_name(text: str) -> str:
    """Return a text as the name of a folder: what is no letter, digit, point or dash becomes a dash."""
    return "".join(one if one.isalnum() or one in "._-" else "-" for one in text).strip(".") or "fit"
