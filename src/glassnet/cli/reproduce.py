"""``glassnet reproduce``: run the whole assignment into one report."""

import json
import shlex
from pathlib import Path
from typing import Any

import click

from glassnet._common.claims import Verdict
from glassnet._common.environment import name_command
from glassnet._common.terminal import echo
from glassnet.cli.following import describe_plan, follow, say_what_next, saying_how_to_go_on, warn
from glassnet.cli.options import Means, choose_means, run_options
from glassnet.cli.progress import format_seconds
from glassnet.report import write_overview, write_report
from glassnet.studies import RunFolder, Study
from glassnet.studies.base import Run
from glassnet.studies.reproduction import (
    AssignmentConfig,
    AssignmentFolder,
    engines_of,
    list_chapters,
    list_studies,
    list_waves,
)

CAVEAT = "part of the data, few epochs; what rests on trained models is not judged."


@click.command(name="reproduce")
@click.argument("part", type=click.Choice(list_chapters()), default="all")
@run_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the report and of all runs. What was stopped goes on where it stood.  "
    "[default: runs/assignment]",
)
def group(
    part: str,
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
    out: Path | None,
) -> None:
    """Reproduce the assignment, or a part of it: every published figure beside the one found here.

    The report is there from the first result on and is written anew as models finish. Stop with Ctrl-C
    whenever you like; the same command goes on with what is not finished. Unless --engine says otherwise,
    glassnet's models are trained, and those of scikit-learn that a page shows beside them.

    \b
    Examples:
      glassnet reproduce --quick
      glassnet reproduce fashion --engine both
    """
    config = AssignmentConfig(quick, seed)
    folder = AssignmentFolder(out or Path("runs") / config.run_name)
    means = choose_means(jobs, backend, scheduler, sbatch, repair, quiet, as_json)
    asked = list_studies(part)
    if not as_json:
        echo(f"Report: {folder.page_path}")
    if means.talks and quick:
        warn(CAVEAT)
    folder.claim(config, repair=repair)
    command = describe_command(part, engine, seed)
    with folder.lock(), saying_how_to_go_on(folder.path):
        folder.sweep()
        for wave in list_waves(asked):
            folder.check()
            runs = [
                Run(
                    study,
                    study.config(quick=quick, seed=seed),
                    folder.run_of(study).path,
                    engines_of(study, engine),
                )
                for study in wave
            ]
            _run(runs, config, folder, means, asked, command)
    folder.check()  # a report that nobody can open is none
    if as_json:
        click.echo(folder.results_path.read_text(encoding="utf-8"), nl=False)
    elif not quiet:
        _summarise(json.loads(folder.results_path.read_text(encoding="utf-8")), asked, folder)


def describe_command(part: str, engine: str | None, seed: int | None) -> str:
    """Return the command that computes the report again, in the full form."""
    words = [name_command(), "reproduce", part]
    words += [f"--engine {engine}"] if engine else []
    words += [] if seed is None else [f"--seed {seed}"]
    return " ".join(words)


def _run(
    runs: list[Run],
    config: AssignmentConfig,
    folder: AssignmentFolder,
    means: Means,
    asked: list[Study],
    command: str,
) -> None:
    """Run studies to their end; keep all pages and the results of the whole up to date."""
    shown = folder.list_shown(asked)
    studies = [one for _, one in shown]

    def write(run: RunFolder) -> None:
        write_report(run, nav=shown)
        folder.write_results(config, studies)
        write_overview(folder.path, shown, quick=config.quick, command=command)

    def begin(run: Run) -> None:
        if means.talks:
            echo()
            click.secho(f"{run.study.section}  {run.study.title}", bold=True)
            echo(describe_plan(run))

    follow(runs, means, write, begin)


def _summarise(results: dict[str, Any], asked: list[Study], folder: AssignmentFolder) -> None:
    echo("\nSection  Study                   Training  Published figures")
    names = [study.name for study in asked]
    for section in results["sections"]:
        if section["study"] in names:
            verdicts = section["verdicts"] | {Verdict.NOT_JUDGED: section["not_judged"]}
            counts = [f"{number} {verdict}" for verdict, number in verdicts.items() if number]
            taken = format_seconds(section["seconds"])
            echo(f"{section['section']:9}{section['study']:24}{taken:10}{', '.join(counts) or 'none judged'}")
    if results["config"]["quick"]:
        warn(CAVEAT)
    trained = [section["study"] for section in results["sections"] if section["models"]]
    say_what_next(f"doctor {shlex.quote(str(folder.path / trained[0]))}" if trained else "trace assignment")
    echo(f"Report: {folder.page_path}")
