"""``glassnet study``: run a study and watch it."""

import shlex
from collections.abc import Sequence
from math import prod
from pathlib import Path
from textwrap import wrap

import click

from glassnet._common.environment import name_command
from glassnet._common.naming import lookup
from glassnet._common.terminal import echo
from glassnet._common.words import counted
from glassnet.cli.following import announce, follow, say_what_next, saying_how_to_go_on, warn
from glassnet.cli.groups import SentenceGroup
from glassnet.cli.options import choose_means, run_options
from glassnet.cli.progress import MANY_MODELS
from glassnet.studies import STUDIES, RunFolder, StudyResult
from glassnet.studies.base import ModelSpec
from glassnet.studies.engines import choose_engines
from glassnet.studies.needs import plan_needed


@click.group(name="study", cls=SentenceGroup)
def group() -> None:
    """Train the models of a published study side by side, and compare the numbers."""


@group.command(name="list")
def print_studies() -> None:
    """List the studies."""
    for study in STUDIES.values():
        models = f"{counted(len(study.specs), 'model')}, up to {counted(study.epochs, 'epoch')} each"
        echo(f"{study.name:24}{study.title}: {models if study.specs else 'nothing to train'}")


@group.command()
@click.argument("name")
def show(name: str) -> None:
    """Show what a study asks, its settings and its models.

    \b
    Example:
      glassnet study show mnist-init
    """
    study = lookup(STUDIES, name, "study")
    echo(f"{study.title}\n\n{study.question}\n")
    trained = {"epochs": study.epochs} if study.specs else {}
    for key, value in {"data": study.dataset, **study.settings, **trained}.items():
        if value:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            echo(f"  {key:16}{shown}")
    if study.specs:
        echo("\n".join(["", *describe_models(study.specs)]))
    echo(f"\nRun it:  {name_command()} study run {study.name}     (--quick for a first look)")


def describe_models(specs: Sequence[ModelSpec]) -> list[str]:
    """Return in a few lines what models there are: in what they differ, and how one is called.

    A few are named; many are every combination of some settings, or are counted.
    """
    models = counted(len(specs), "model")
    if len(specs) <= MANY_MODELS:
        names = ", ".join(spec.name for spec in specs)
        return [
            f"{models}:",
            *wrap(names, 78, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False),
        ]
    traits = [
        {"activation": spec.activation, "weight_init": spec.weight_init}
        | spec.settings
        | {"engine": spec.engine}
        for spec in specs
    ]
    values = {name: list(dict.fromkeys(str(one[name]) for one in traits)) for name in traits[0]}
    differing = {name: found for name, found in values.items() if len(found) > 1}
    is_whole = prod(map(len, differing.values())) == len(specs)
    return [
        f"{models}, {'one for each combination' if is_whole else 'some of the combinations'} of these:",
        *(f"  {name:20}{', '.join(found)}" for name, found in differing.items()),
        f"The first is called {specs[0].name}.",
    ]


@group.command()
@click.argument("name")
@run_options
@click.option("--epochs", type=click.IntRange(1), help="Maximum number of epochs instead of the study's own.")
@click.option("--dedupe", is_flag=True, help="Train models that are the same under two names once.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The run folder. A run that was stopped goes on where it stood.  [default: runs/NAME]",
)
def run(
    name: str,
    quick: bool,
    engine: str | None,
    jobs: int | None,
    seed: int | None,
    backend: str,
    scheduler: str | None,
    repair: bool,
    quiet: bool,
    as_json: bool,
    epochs: int | None,
    dedupe: bool,
    out: Path | None,
) -> None:
    """Run a study: train its models, keep each on disk, write the report.

    The report is there from the first finished model on and is written anew as more finish. Stop with
    Ctrl-C whenever you like; the same command goes on with the models that are not finished.

    \b
    Examples:
      glassnet study run mnist-init --quick
      glassnet study run mnist-init --seed 1 --out runs/second-seed
      glassnet study run fashion-activations --engine both
    """
    study = lookup(STUDIES, name, "study")
    config = study.config(quick=quick, epochs=epochs, seed=seed, dedupe=dedupe)
    folder = RunFolder(out or Path("runs") / study.run_name(config))
    engines = choose_engines(study, engine)
    means = choose_means(jobs, backend, scheduler, repair, quiet, as_json)
    with saying_how_to_go_on(folder.path):
        for needed in plan_needed(study, config, folder):
            if means.talks:
                echo(f"{study.name} reads the models of {needed.study.name}; they come first.")
            announce(needed.study, needed.config, engines, needed.folder, means)
            follow(needed.study, needed.config, engines, needed.folder, means)
        announce(study, config, engines, folder, means)
        results = follow(study, config, engines, folder, means)
    if as_json:
        click.echo(folder.results_path.read_text(encoding="utf-8"), nl=False)
    else:
        _summarise(results, folder, quiet)


def _summarise(results: StudyResult, folder: RunFolder, quiet: bool) -> None:
    if not quiet:
        diverged = [model.name for model in results.models if model.state == "diverged"]
        if diverged:
            click.secho(f"Diverged: {', '.join(diverged)}; the report says where.", fg="red")
        caveat = lookup(STUDIES, results.study, "study").caveat(results.config)
        warn(caveat)
        if results.conclusion.best:
            best = "Best in this quick run" if caveat else "Best"
            echo(f"{best}: {results.conclusion.best['reason']}")
        for title in results.conclusion.headlines:
            echo(f"  - {title}")
    if not quiet and results.models:
        say_what_next(f"doctor {shlex.quote(str(folder.path))}")
    echo(f"Report: {folder.report_path}")
