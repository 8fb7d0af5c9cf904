"""``glassnet search``: settings of a model for a person's table, searched for."""

from pathlib import Path

import click

from glassnet._common.naming import lookup
from glassnet._common.quoting import shown
from glassnet.cli.options import choose_means, scheduler_option
from glassnet.cli.searching import run_and_show
from glassnet.data.table_files import read_table_file
from glassnet.studies import RunFolder
from glassnet.studies.own.estimators import OWN_MODELS
from glassnet.studies.own.figures import FIGURES
from glassnet.studies.search.search import Search
from glassnet.tables.base import Task
from glassnet.tables.target import find_target

MODELS = {Task.CLASSIFICATION: "TabularMLPClassifier", Task.REGRESSION: "TabularMLPRegressor"}


@click.command(name="search")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--target", required=True, metavar="COLUMN", help="The column to predict.")
@click.option(
    "--model",
    type=click.Choice(list(OWN_MODELS)),
    help="The network.  [default: one of the last two, by the target]",
)
@click.option(
    "--metric", type=click.Choice(list(FIGURES)), help="What chooses.  [default: accuracy, or rmse]"
)
@click.option(
    "--trials", type=click.IntRange(1), default=100, show_default=True, help="Candidates to try at most."
)
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="How long to search at most.")
@click.option("--epochs", type=click.IntRange(1), default=50, show_default=True, help="Of each training.")
@click.option("--no-prune", is_flag=True, help="Train every candidate to its end, even if it falls behind.")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Candidates trained at once, one process each; with 1, the same seed gives the same search.  "
    "[default: one a core]",
)
@click.option(
    "--backend",
    type=click.Choice(("processes", "dask")),
    default="processes",
    show_default=True,
    help="Where candidates are trained: in processes of this machine, or on a Dask cluster.",
)
@scheduler_option
@click.option(
    "--drop", multiple=True, metavar="COLUMN", help="Leave a column out; may be given several times."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all that is drawn.")
@click.option("--quick", is_flag=True, help="A first look: few rows, epochs and trials.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The run folder. A search that was stopped goes on where it stood.  [default: runs/search-TARGET]",
)
@click.option("--quiet", is_flag=True, help="Show nothing but where the report is.")
@click.option("--json", "as_json", is_flag=True, help="Print results.json to standard output in the end.")
def group(
    table: Path,
    target: str,
    model: str | None,
    metric: str | None,
    trials: int,
    minutes: float | None,
    epochs: int,
    no_prune: bool,
    jobs: int | None,
    backend: str,
    scheduler: str | None,
    drop: tuple[str, ...],
    seed: int,
    quick: bool,
    out: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Search for settings of a network for a table, and say what they are worth.

    A fifth of TABLE is held back and looked at once, in the end: there the best candidate stands beside the
    defaults, and the report says so when it is no better. Candidates are drawn by what the earlier ones came
    to, and given up when they fall behind. Stop with Ctrl-C, or lose the machine: the same command goes on.
    Run it in a second terminal, or on a second machine with the same folder, and both search together.

    Other spaces and models, folds, settings: in a file, see docs/searches.md. Needs glassnet[search].

    \b
    Examples:
      glassnet search houses.csv --target price
      glassnet search houses.csv --target price --minutes 10 --jobs 2
      glassnet search churn.csv --target left --model MLPClassifier --metric roc_auc --trials 300
    """
    means = choose_means(jobs, backend, scheduler, None, False, quiet, as_json)
    if model is None:
        read = read_table_file(table, without=drop)
        lookup(read.kinds, target, f"column of {shown(table)}")
        model = MODELS[find_target(read, target, None, drops_gaps=False).task]
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in target)
    data = {"source": str(table), "target": target}
    search = Search(
        f"search-{name}",
        data | ({"drop": sorted(set(drop))} if drop else {}),
        model,
        metrics=[metric] if metric else None,
        trials=trials,
        minutes=minutes,
        prune=not no_prune,
        epochs=epochs,
        seed=seed,
        title=f"Search for {target}",
    )
    words = ["search", str(table), "--target", target, "--model", model]
    words += ["--metric", metric] if metric else []
    words += [word for one in sorted(set(drop)) for word in ("--drop", one)]
    words += ["--no-prune"] if no_prune else []
    words += ["--quick"] if quick else []
    search.command = (*words, "--epochs", str(epochs), "--seed", str(seed))
    study = search.study()
    config = study.config(quick=quick)
    folder = RunFolder(study.folder_of(config, out))
    run_and_show(search, config, folder, means)
