"""``glassnet study``: run a study and watch it."""

import shlex
from pathlib import Path

import click

from glassnet._common.environment import count_cores, name_command
from glassnet._common.files import write_atomically
from glassnet._common.naming import lookup
from glassnet._common.terminal import echo
from glassnet._common.words import counted, duration
from glassnet.cli.describing import describe_models
from glassnet.cli.following import announce, follow, say_what_next, saying_how_to_go_on, warn
from glassnet.cli.groups import SentenceGroup
from glassnet.cli.options import allow_option, choose_means, run_options
from glassnet.cli.searching import run_and_show
from glassnet.studies import STUDIES, RunFolder, StudyResult
from glassnet.studies.base import Run, Study
from glassnet.studies.engines import choose_engines
from glassnet.studies.needs import plan_needed
from glassnet.studies.own.example import write_example
from glassnet.studies.own.forecast import forecast
from glassnet.studies.search.search import Search, read_own
from glassnet.studies.slurm import read_job, train_part


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
            echo(f"  {key:20}{shown}")
    if study.specs:
        echo("\n".join(["", *describe_models(study.specs)]))
    echo(f"\nRun it:  {name_command()} study run {study.name}     (--quick for a first look)")


@group.command()
@click.argument("name")
@run_options
@click.option("--epochs", type=click.IntRange(1), help="Maximum number of epochs instead of the study's own.")
@allow_option
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
    sbatch: str | None,
    repair: bool,
    quiet: bool,
    as_json: bool,
    epochs: int | None,
    allow: tuple[str, ...],
    out: Path | None,
) -> None:
    """Run a study: train its models, keep each on disk, write the report.

    NAME is a study of the assignment, or the file of your own in TOML: see `glassnet study new`.

    The report is there from the first finished model on and is written anew as more finish. Stop with
    Ctrl-C whenever you like; the same command goes on with the models that are not finished.

    \b
    Examples:
      glassnet study run mnist-init --quick
      glassnet study run mnist-init --seed 1 --out runs/second-seed
      glassnet study run fashion-activations --engine both
      glassnet study run my-study.toml
    """
    study = _find(name, allow)
    if isinstance(study, Search):
        if engine or backend == "slurm":
            raise click.UsageError(
                "--engine and --backend slurm are not for a search: on another machine, run the same "
                "command in the same folder, and both search together; or use --backend dask."
            )
        means = choose_means(jobs, backend, scheduler, sbatch, repair, quiet, as_json)
        whole = study.study()
        config = whole.config(quick=quick, epochs=epochs, seed=seed)
        run_and_show(study, config, RunFolder(whole.folder_of(config, out)), means)
        return
    if study.definition and engine:
        raise click.UsageError(
            "--engine is for the assignment’s studies; a study of one’s own names its models."
        )
    means = choose_means(jobs, backend, scheduler, sbatch, repair, quiet, as_json)
    config = study.config(quick=quick, epochs=epochs, seed=seed)
    folder = RunFolder(study.folder_of(config, out))
    engines = study.engines if study.definition else choose_engines(study, engine)
    own = Run(study, config, folder.path, engines)
    with saying_how_to_go_on(folder.path):
        for needed in plan_needed(own):
            if means.talks:
                echo(f"{study.name} reads the models of {needed.study.name}; they come first.")
            announce(needed, means)
            follow([needed], means)
        announce(own, means)
        results = follow([own], means)[study.name]
    if as_json:
        click.echo(folder.results_path.read_text(encoding="utf-8"), nl=False)
    else:
        _summarise(study, results, folder, quiet)


@group.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="my-study.toml")
def new(file: Path) -> None:
    """Write a commented example of a study of your own, which runs as it is.

    FILE is my-study.toml unless given.
    """
    if file.suffix != ".toml":
        raise click.UsageError(f"got {file}; expected a name that ends in .toml.")
    if file.exists():
        raise click.UsageError(f"{file} is there already; choose another name.")
    write_atomically(file, write_example(name_command(), file.name), make_folder=False)
    echo(f"Wrote {file}")
    say_what_next(f"study check {shlex.quote(str(file))}")


@group.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="Of the quick form.")
@click.option("--jobs", type=click.IntRange(1), help="Models trained at once.  [default: one a core]")
@allow_option
def check(file: Path, quick: bool, jobs: int | None, allow: tuple[str, ...]) -> None:
    """Say what a study of your own would train, how long it takes, and how much disk.

    A few of its models are trained for two epochs, so that the time is measured and the data are looked at.

    \b
    Example:
      glassnet study check my-study.toml
    """
    study = read_own(file, allow=allow)
    if isinstance(study, Search):
        _check_search(study, file, quick, jobs)
        return
    config = study.config(quick=quick)
    echo(f"{study.title}\n\n{study.question}\n")
    for key, value in study.settings.items():
        echo(f"  {key:20}{', '.join(map(str, value)) if isinstance(value, list) else value}")
    echo("\n".join(["", *describe_models(study.specs)]))
    plan = study.candidates
    if plan.twin:
        n_equal = len(plan.equal) + 1
        echo(
            f"{counted(len(plan.candidates), 'candidate')}, of which {counted(n_equal, 'is', 'are')} another "
            f"one under another name; one of these is trained all the same, as the proof."
        )
    cost, n = forecast(study, config), min(jobs or count_cores(), len(study.specs))
    scaled = " on a part of the samples" if cost.is_scaled else ""
    echo(
        f"\nTime    about {duration(cost.seconds / n)} with {counted(n, 'process', 'processes')} (measured: "
        f"{counted(cost.measured, 'model')}{scaled}; fewer epochs where training stops early)"
    )
    echo(f"Disk    about {cost.bytes / 1e6:.1f} MB")
    say_what_next(f"study run {shlex.quote(str(file))}{' --quick' if quick else ''}")


@group.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("task", type=int)
def part(folder: Path, task: int) -> None:
    """Train what a task of an array job of Slurm is to train; its script runs this."""
    run_folder = RunFolder(folder)
    job = read_job(run_folder)
    study = None if job is None else _find(job.study[0], tuple(job.study[2::2]))
    if study is None or isinstance(study, Search):
        raise click.UsageError(f"{folder} has no array job.")
    train_part(study, run_folder, task)


def _check_search(search: Search, file: Path, quick: bool, jobs: int | None) -> None:
    """Say what a search would try, and how long that takes at most."""
    study = search.study()
    config = study.config(quick=quick)
    rules = search.rules(config)
    echo(f"{study.title}\n\n{study.question}\n")
    for key, value in study.settings.items():
        echo(f"  {key:20}{', '.join(map(str, value)) if isinstance(value, list) else value}")
    echo(f"\n{counted(rules.trials, 'trial')} over:")
    for name, one in search.space.items():
        ends = f"{one.low:g} to {one.high:g}{', by factors' if one.log else ''}" if not one.choices else ""
        echo(f"  {name:20}{ends or ', '.join(str(choice) for choice in one.choices)}")
    cost, n = forecast(search.one_trial(), config), min(jobs or count_cores(), rules.trials)
    seconds = cost.seconds * rules.trials / n
    is_short = rules.minutes is not None and rules.minutes * 60 < seconds
    echo(
        f"\nTime    at most about {duration(seconds)} with {counted(n, 'process', 'processes')} (measured: "
        f"one training with the defaults{'; pruning saves much of it' if rules.prune else ''})"
        + (f"; it ends after {rules.minutes:g} min" if is_short else "")
    )
    say_what_next(f"study run {shlex.quote(str(file))}{' --quick' if quick else ''}")


def _find(name: str, allow: tuple[str, ...]) -> Study | Search:
    """Return a study of the table, or that of a file, which may be a search."""
    if name.endswith(".toml") or "/" in name:
        return read_own(name, allow=allow)
    return lookup(STUDIES, name, "study")


def _summarise(study: Study, results: StudyResult, folder: RunFolder, quiet: bool) -> None:
    if not quiet:
        diverged = [model.name for model in results.models if model.state == "diverged"]
        if diverged:
            click.secho(f"Diverged: {', '.join(diverged)}; the report says where.", fg="red")
        caveat = study.caveat(results.config)
        warn(caveat)
        if results.conclusion.best:
            best = "Best in this quick run" if caveat else "Best"
            echo(f"{best}: {results.conclusion.best['reason']}")
        for title in results.conclusion.headlines:
            echo(f"  - {title}")
    if not quiet and results.models:
        say_what_next(f"doctor {shlex.quote(str(folder.path))}")
    echo(f"Report: {folder.report_path}")
