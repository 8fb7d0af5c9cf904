"""``glassnet study``: run a study and watch it."""

import json
from pathlib import Path

import click

from glassnet._common.naming import lookup
from glassnet.cli.following import QUICK_WARNING, announce, follow, saying_how_to_go_on
from glassnet.cli.options import choose_means, run_options
from glassnet.studies import STUDIES, RunFolder, StudyResult
from glassnet.studies.engines import choose_engines
from glassnet.studies.needs import plan_needed


@click.group(name="study")
def group() -> None:
    """Train the models of a published study side by side, and compare the numbers."""


@group.command(name="list")
def print_studies() -> None:
    """List the studies."""
    for study in STUDIES.values():
        models = f"{len(study.specs)} models, up to {study.epochs} epochs each"
        click.echo(f"{study.name:24}{study.title}: {models if study.specs else 'nothing to train'}")


@group.command()
@click.argument("name")
def show(name: str) -> None:
    """Show what a study asks, its settings and its models.

    \b
    Example:
      glassnet study show mnist-init
    """
    study = lookup(STUDIES, name, "study")
    click.echo(f"{study.title}\n\n{study.question}\n")
    trained = {"epochs": study.epochs} if study.specs else {}
    for key, value in {"data": study.dataset, **study.settings, **trained}.items():
        if value:
            click.echo(f"  {key:16}{value}")
    if study.specs:
        click.echo("\nModels: " + ", ".join(spec.name for spec in study.specs))
    click.echo(f"\nRun it:  glassnet study run {study.name}     (--quick for a first look)")


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
    means = choose_means(jobs, backend, scheduler, quiet, as_json)
    with saying_how_to_go_on(folder.path):
        for needed in plan_needed(study, config, folder):
            if means.talks:
                click.echo(f"{study.name} reads the models of {needed.study.name}; they come first.")
            announce(needed.study, needed.config, engines, needed.folder, means)
            follow(needed.study, needed.config, engines, needed.folder, means)
        announce(study, config, engines, folder, means)
        results = follow(study, config, engines, folder, means)
    if as_json:
        click.echo(json.dumps(results.to_json(), indent=2))
    else:
        _summarise(results, folder, quiet)


def _summarise(results: StudyResult, folder: RunFolder, quiet: bool) -> None:
    if not quiet:
        diverged = [model.name for model in results.models if model.state == "diverged"]
        if diverged:
            click.secho(f"Diverged: {', '.join(diverged)}; the report says where.", fg="red")
        if results.config.quick:
            click.secho(QUICK_WARNING, fg="yellow")
        if results.conclusion.best:
            click.echo(f"Best: {results.conclusion.best['reason']}")
        for finding in results.conclusion.findings:
            click.echo(f"  - {finding.title}")
    click.echo(f"Report: {folder.report_path}")
