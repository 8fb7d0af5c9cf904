"""``glassnet study``: run a study and watch it."""

import json
import sys
from pathlib import Path

import click

from glassnet.cli.progress import Display, LiveTable, PlainLines, Silence
from glassnet.naming import lookup
from glassnet.report import write_report
from glassnet.studies import STUDIES, RunConfig, RunFolder, Study, StudyResult
from glassnet.studies.runner import Snapshot, run_study

QUICK_WARNING = "QUICK RUN: part of the data, few epochs; these are not the study's numbers."


@click.group(name="study")
def group() -> None:
    """Train the models of a published study side by side, and compare the numbers."""


@group.command(name="list")
def list_studies() -> None:
    """List the studies."""
    for study in STUDIES.values():
        click.echo(
            f"{study.name:16}{study.title}: {len(study.specs)} models, up to {study.epochs} epochs each"
        )


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
    for key, value in {"data": study.dataset, **study.settings, "epochs": study.epochs}.items():
        click.echo(f"  {key:16}{value}")
    click.echo("\nModels: " + ", ".join(spec.name for spec in study.specs))
    click.echo(f"\nRun it:  glassnet study run {study.name}     (--quick for a first look)")


@group.command()
@click.argument("name")
@click.option("--quick", is_flag=True, help="Part of the data and few epochs: a first look in half a minute.")
@click.option("--epochs", type=click.IntRange(1), help="Maximum number of epochs instead of the study's own.")
@click.option(
    "--jobs", type=click.IntRange(1), help="Models trained at once, one process each.  [default: one a core]"
)
@click.option("--seed", type=click.IntRange(0), help="Same seed, same numbers.  [default: the study's own]")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The run folder. A run that was stopped goes on where it stood.  [default: runs/NAME]",
)
@click.option("--quiet", is_flag=True, help="Show nothing but where the report is.")
@click.option("--json", "as_json", is_flag=True, help="Print results.json to standard output in the end.")
def run(
    name: str,
    quick: bool,
    epochs: int | None,
    jobs: int | None,
    seed: int | None,
    out: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Run a study: train its models, keep each on disk, write the report.

    The report is there from the first finished model on and is written anew with each. Stop with Ctrl-C
    whenever you like; the same command goes on with the models that are not finished.

    \b
    Examples:
      glassnet study run mnist-init --quick
      glassnet study run mnist-init --seed 1 --out runs/second-seed
    """
    study = lookup(STUDIES, name, "study")
    config = study.config(quick=quick, epochs=epochs, seed=seed)
    folder = RunFolder(out or default_folder(study, config))
    display: Display = Silence() if quiet or as_json else LiveTable() if sys.stdout.isatty() else PlainLines()
    if not (quiet or as_json):
        _announce(study, config, folder)
    try:
        with display:
            results = _follow(study, config, folder, jobs, display)
    except KeyboardInterrupt:
        click.echo(
            f"\nStopped. Finished models are kept in {folder.path}; the same command goes on from there.",
            err=True,
        )
        raise SystemExit(130) from None
    if as_json:
        click.echo(json.dumps(results.to_json(), indent=2))
    else:
        _summarise(results, folder, quiet)


def default_folder(study: Study, config: RunConfig) -> Path:
    """Return a folder that differs for every config: ``runs/mnist-init-quick-seed1``."""
    own_epochs = study.config(quick=config.quick).epochs
    parts = [study.name]
    parts += ["quick"] if config.quick else []
    parts += [f"epochs{config.epochs}"] if config.epochs != own_epochs else []
    parts += [f"seed{config.seed}"] if config.seed != study.seed else []
    return Path("runs") / "-".join(parts)


def _follow(
    study: Study, config: RunConfig, folder: RunFolder, jobs: int | None, display: Display
) -> StudyResult:
    """Run the study to its end; show every snapshot, and write the report when a model finishes."""
    reported = -1
    snapshot: Snapshot | None = None
    for snapshot in run_study(study, config, folder.path, jobs=jobs):
        if len(snapshot.results.models) > reported:
            write_report(folder)
            reported = len(snapshot.results.models)
        display.update(snapshot)
    assert snapshot is not None
    return snapshot.results


def _announce(study: Study, config: RunConfig, folder: RunFolder) -> None:
    click.echo(
        f"{study.title}: {len(study.specs)} models, up to {config.epochs} epochs each, seed {config.seed}"
    )
    if config.quick:
        click.secho(
            "QUICK RUN: part of the data, few epochs; these are not the study's numbers.", fg="yellow"
        )
    click.echo(f"Report: {folder.report_path} (open it any time; it grows as models finish)")


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
