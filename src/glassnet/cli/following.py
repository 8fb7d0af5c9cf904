"""Run a study with its progress on the screen and its report up to date."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from glassnet.cli.options import Means
from glassnet.cli.progress import Display, LiveTable, PlainLines, Silence
from glassnet.report import write_report
from glassnet.studies import RunConfig, RunFolder, Study, StudyResult
from glassnet.studies.runner import Snapshot, run_study

QUICK_WARNING = "QUICK RUN: part of the data, few epochs; these are not the study's numbers."
REPORT_SHARE = 0.1
"""The part of a run's time that may go into writing its report anew."""


@contextmanager
def saying_how_to_go_on(path: Path) -> Iterator[None]:
    """End on Ctrl-C with a word on how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(
            f"\nStopped. Finished models are kept in {path}; the same command goes on from there.", err=True
        )
        raise SystemExit(130) from None


def announce(
    study: Study, config: RunConfig, engines: Sequence[str], folder: RunFolder, means: Means
) -> None:
    """Say what is going to run, and where its report will be."""
    if not means.talks:
        return
    folder_note = " (open it any time; it grows as models finish)"
    click.echo(f"{study.title}: {describe_plan(study, config, engines)}")
    if config.quick:
        click.secho(QUICK_WARNING, fg="yellow")
    click.echo(f"Report: {folder.report_path}{folder_note}")


def describe_plan(study: Study, config: RunConfig, engines: Sequence[str]) -> str:
    """Return in a line what is going to run."""
    if not study.specs:
        return "nothing to train"
    count = sum(spec.engine in engines for spec in study.specs)
    names = f" of {' and '.join(engines)}" if len(study.engines) > 1 else ""
    return f"{count} models{names}, up to {config.epochs} epochs each, seed {config.seed}"


def follow(
    study: Study,
    config: RunConfig,
    engines: Sequence[str],
    folder: RunFolder,
    means: Means,
    write: Callable[[RunFolder], object] = write_report,
) -> StudyResult:
    """Run a study to its end; show every snapshot, and `write` the report as models finish."""
    display = make_display(means) if study.specs else Silence()
    reported, next_report = -1, 0.0
    snapshot: Snapshot | None = None
    with display:
        for snapshot in run_study(
            study, config, folder.path, engines=engines, jobs=means.jobs, scheduler=means.scheduler
        ):
            count, began = len(snapshot.results.models), time.monotonic()
            if count > reported and (began >= next_report or snapshot.results.complete):
                write(folder)
                reported = count
                next_report = began + (time.monotonic() - began) / REPORT_SHARE
            display.update(snapshot)
    assert snapshot is not None
    return snapshot.results


def make_display(means: Means) -> Display:
    """Return what shows a run: nothing, a live table in a terminal, plain lines elsewhere."""
    if not means.talks:
        return Silence()
    return LiveTable() if sys.stdout.isatty() else PlainLines()
