"""Run a study with its progress on the screen and its report up to date."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

import click

from glassnet._common.environment import name_activation, name_command
from glassnet._common.quoting import listed
from glassnet._common.terminal import echo
from glassnet._common.words import counted
from glassnet.cli.options import Means
from glassnet.cli.progress import Display, LiveTable, PlainLines, Silence
from glassnet.errors import FileError
from glassnet.report import write_report
from glassnet.studies import RunFolder, StudyResult
from glassnet.studies.base import Run
from glassnet.studies.runner import Snapshot, run_studies

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


def announce(run: Run, means: Means) -> None:
    """Say what is going to run, and where its report will be."""
    if not means.talks:
        return
    note = " (open it any time; it grows as models finish)" if run.study.specs else ""
    echo(f"{run.study.title}: {describe_plan(run)}")
    warn(run.study.caveat(run.config))
    echo(f"Report: {RunFolder(run.path).report_path}{note}")


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


def describe_plan(run: Run) -> str:
    """Return in a line what is going to run."""
    specs = run.study.plan(run.engines)
    if not specs:
        return "nothing to train"
    engines = dict.fromkeys(spec.engine for spec in specs)
    names = f" of {' and '.join(engines)}" if len(run.study.engines) > 1 else ""
    epochs = counted(run.config.epochs, "epoch")
    return f"{counted(len(specs), 'model')}{names}, up to {epochs} each, seed {run.config.seed}"


def follow(
    runs: Sequence[Run],
    means: Means,
    write: Callable[[RunFolder], object] = write_report,
    begin: Callable[[Run], object] = lambda run: None,
) -> dict[str, StudyResult]:
    """Run studies to their end, side by side; return what each came to, by its name.

    Their progress is shown one after the other: `begin` is called before each. `write` writes the report of
    one, again and again as its models finish.
    """
    latest: dict[str, Snapshot] = {}
    pages = {run.study.name: _Pages(RunFolder(run.path), write) for run in runs}
    running = run_studies(
        runs, jobs=means.jobs, scheduler=means.scheduler, slurm=means.slurm, repair=means.repair
    )
    with closing(running), _Screen(runs, means, begin) as screen:
        for run, snapshot in running:
            if run.study.name not in latest:
                name_dropped(snapshot)
            latest[run.study.name] = snapshot
            pages[run.study.name].update(snapshot.results)
            if len(latest) == len(runs):
                screen.update(latest)
    for run in runs:
        RunFolder(run.path).check()  # a report that nobody can open is none
    return {name: snapshot.results for name, snapshot in latest.items()}


class _Pages:
    """Write a run's report, not so often that it takes much of the time."""

    def __init__(self, folder: RunFolder, write: Callable[[RunFolder], object]) -> None:
        self._folder, self._write = folder, write
        self._reported, self._next = -1, 0.0

    def update(self, results: StudyResult) -> None:
        """Write it, if models have finished since."""
        finished, began = len(results.models), time.monotonic()
        if finished > self._reported and (began >= self._next or results.complete):
            _write(self._write, self._folder)
            self._reported = finished
            self._next = time.monotonic() + (time.monotonic() - began) / REPORT_SHARE


class _Screen:
    """Show the progress of runs one after the other, in their order."""

    def __init__(self, runs: Sequence[Run], means: Means, begin: Callable[[Run], object]) -> None:
        self._left, self._means, self._begin = list(runs), means, begin
        self._display: Display | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        if self._display is not None:
            self._display.__exit__(*error)

    def update(self, latest: Mapping[str, Snapshot]) -> None:
        """Show how far the first run is that is not complete, and before it those that are by now."""
        while self._left:
            run, snapshot = self._left[0], latest[self._left[0].study.name]
            if self._display is None:
                self._begin(run)
                self._display = (make_display(self._means) if run.study.specs else Silence()).__enter__()
            self._display.update(snapshot)
            if not snapshot.results.complete:
                return
            self._display.__exit__(None, None, None)
            self._display = None
            self._left.pop(0)


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
