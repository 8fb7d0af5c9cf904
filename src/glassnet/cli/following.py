"""Run a study with its progress on the screen and its report up to date."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path

import click

from glassnet._common.environment import name_activation, name_command
from glassnet._common.quoting import listed
from glassnet._common.terminal import echo
from glassnet._common.words import counted
from glassnet.cli.options import Means
from glassnet.cli.progress import Display, LiveTable, PlainLines, Silence
from glassnet.errors import FileError
from glassnet.report import write_report
from glassnet.studies import RunConfig, RunFolder, Study, StudyResult
from glassnet.studies.runner import Snapshot, run_study

REPORT_SHARE = 0.1
"""The part of a run's time that may go into writing its report anew."""


@contextmanager
def saying_how_to_go_on(path: Path) -> Iterator[None]:
    """End on Ctrl-C with a word on how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        echo(f"\nStopped. Finished models are kept in {path}; the same command goes on from there.", err=True)
        raise SystemExit(130) from None


def announce(
    study: Study, config: RunConfig, engines: Sequence[str], folder: RunFolder, means: Means
) -> None:
    """Say what is going to run, and where its report will be."""
    if not means.talks:
        return
    note = " (open it any time; it grows as models finish)" if study.specs else ""
    echo(f"{study.title}: {describe_plan(study, config, engines)}")
    warn(study.caveat(config))
    echo(f"Report: {folder.report_path}{note}")


def warn(caveat: str) -> None:
    """Say why a run decides nothing, if it does not."""
    if caveat:
        click.secho(f"QUICK RUN: {caveat}", fg="yellow")


def say_what_next(arguments: str) -> None:
    """Name a command that works in this shell as it stands, and how it gets shorter."""
    command, activation = name_command(), name_activation()
    echo(f"Next:   {command} {arguments}")
    if command != "glassnet" and activation:
        echo(f"        With {activation} first, it is glassnet alone.")


def describe_plan(study: Study, config: RunConfig, engines: Sequence[str]) -> str:
    """Return in a line what is going to run."""
    if not study.specs:
        return "nothing to train"
    n_models = sum(spec.engine in engines for spec in study.specs)
    names = f" of {' and '.join(engines)}" if len(study.engines) > 1 else ""
    epochs = counted(config.epochs, "epoch")
    return f"{counted(n_models, 'model')}{names}, up to {epochs} each, seed {config.seed}"


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
    snapshots = run_study(
        study,
        config,
        folder.path,
        engines=engines,
        jobs=means.jobs,
        scheduler=means.scheduler,
        repair=means.repair,
    )
    first = next(snapshots)
    name_dropped(first)
    with closing(snapshots), display:
        for snapshot in chain([first], snapshots):
            finished, began = len(snapshot.results.models), time.monotonic()
            if finished > reported and (began >= next_report or snapshot.results.complete):
                _write(write, folder)
                reported = finished
                next_report = began + (time.monotonic() - began) / REPORT_SHARE
            display.update(snapshot)
    assert snapshot is not None
    folder.check()  # a report that nobody can open is none
    return snapshot.results


def _write(write: Callable[[RunFolder], object], folder: RunFolder) -> None:
    """Write the report; say that the folder was deleted, where that is why it cannot be written."""
    try:
        write(folder)
    except FileError:
        folder.check()
        raise


def name_dropped(snapshot: Snapshot) -> None:
    """Say which models an earlier run finished and this one does not take over, and why."""
    planned = {model.spec.name for model in snapshot.models}
    by_reason: dict[str, list[str]] = {}
    for name, why in snapshot.dropped.items():
        by_reason.setdefault(f"{'trained anew' if name in planned else 'left out'}: {why}", []).append(name)
    for reason, names in by_reason.items():
        click.secho(f"{listed(names)} {reason}", fg="yellow", err=True)


def make_display(means: Means) -> Display:
    """Return what shows a run: nothing, a live table in a terminal, plain lines elsewhere."""
    if not means.talks:
        return Silence()
    return LiveTable() if sys.stdout.isatty() else PlainLines()
