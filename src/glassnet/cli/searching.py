"""Run a search with its progress on the screen and its report up to date."""

import shlex
import sys
import time
from collections import Counter
from contextlib import ExitStack, closing
from types import TracebackType
from typing import Any, Self

import click
from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from glassnet._common.terminal import echo
from glassnet._common.words import counted
from glassnet.cli.following import REPORT_SHARE, make_display, say_what_next, saying_how_to_go_on, warn
from glassnet.cli.options import Means
from glassnet.cli.progress import HEARTBEAT_SECONDS, Display, LiveScreen, Silence, format_seconds
from glassnet.report import write_report
from glassnet.studies import RunConfig, RunFolder, StudyResult
from glassnet.studies.search.learning import describe_settings, figure
from glassnet.studies.search.running import Progress, run_search
from glassnet.studies.search.search import Search
from glassnet.studies.search.trials import End, list_counted


def run_and_show(search: Search, config: RunConfig, folder: RunFolder, means: Means) -> None:
    """Run a search to its end, show it, and print what came out."""
    study, rules = search.study(), search.rules(config)
    if means.talks:
        within = f" within {rules.minutes:g} min" if rules.minutes is not None else ""
        epochs = counted(config.epochs, "epoch")
        echo(
            f"{study.title}: up to {counted(rules.trials, 'trial')}{within}, up to {epochs} each, seed "
            f"{config.seed}"
        )
        echo(f"Searched for: {', '.join(search.space)}")
        warn(study.caveat(config))
        echo(f"Report: {folder.report_path} (open it any time; it grows as trials end)")
    with saying_how_to_go_on(folder.path):
        results = _follow(search, config, folder, means)
    if means.as_json:
        click.echo(folder.results_path.read_text(encoding="utf-8"), nl=False)
        return
    if not means.quiet:
        best = results.conclusion.best
        echo(f"Best: {best['reason']}")
        for title in results.conclusion.headlines:
            echo(f"  - {title}")
        if search.study().keeps_models:
            say_what_next(f"doctor {shlex.quote(str(folder.path))}")
    echo(f"Report: {folder.report_path}")


def _follow(search: Search, config: RunConfig, folder: RunFolder, means: Means) -> StudyResult:
    shown: SearchLines = (
        (_LiveSearch() if sys.stdout.isatty() else SearchLines()) if means.talks else _Quiet()
    )
    models: Display = make_display(means) if means.talks and sys.stdout.isatty() else Silence()
    reported, next_report = (-1, -1), 0.0
    results: StudyResult | None = None
    snapshots = run_search(search, config, folder.path, jobs=means.jobs, scheduler=means.scheduler)
    screen: Any = None
    with closing(snapshots), ExitStack() as shows:
        for snapshot in snapshots:
            now = time.monotonic()
            if isinstance(snapshot, Progress):
                done, is_last = (_count_ended(snapshot), 0), False
                writes = snapshot.leads and folder.results_path.exists()
            else:
                results = snapshot.results
                done, is_last, writes = (0, len(results.models)), results.complete, True
            if writes and done != reported and (now >= next_report or is_last):
                write_report(folder)
                reported = done
                next_report = now + (time.monotonic() - now) / REPORT_SHARE
            wanted = shown if isinstance(snapshot, Progress) else models
            if wanted is not screen:
                shows.close()  # the one before
                screen = shows.enter_context(wanted)
            screen.update(snapshot)
    assert results is not None
    return results


def _count_ended(progress: Progress) -> int:
    return sum(one.end not in (End.WAITING, End.TRAINING) for one in list_counted(progress.trials))


def progress_line(progress: Progress) -> str:
    """Return how many trials ended and how, and about how long the rest takes."""
    ends = Counter(one.end for one in list_counted(progress.trials))
    parts = [f"{_count_ended(progress)} of {counted(progress.wanted, 'trial')}"]
    told = {End.PRUNED: "given up", End.EQUAL: "equal to earlier ones", End.DIVERGED: "diverged"}
    parts += [f"{ends[end]} {words}" for end, words in told.items() if ends[end]]
    if progress.best is not None:
        parts.append(
            f"best validation {progress.metric} {figure(progress.best.value)} (number {progress.best.number})"
        )
    if progress.seconds_left is not None and _count_ended(progress) < progress.wanted:
        parts.append(f"about {format_seconds(progress.seconds_left)} left")
    return ", ".join(parts)


class SearchLines:
    """Print a line for each new best trial, and one every ten seconds in between."""

    def __init__(self) -> None:
        self._best: int | None = None
        self._last = time.monotonic()
        self._deaths = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def update(self, progress: Progress) -> None:
        """Print what is new."""
        if progress.deaths > self._deaths:
            echo("A worker process was ended from outside; its trial begins anew.", err=True)
        self._deaths = progress.deaths
        best = progress.best
        if best is not None and best.number != self._best:
            self._best = best.number
            echo(f"number {best.number:<4} {figure(best.value):>9}  {describe_settings(best.settings)}")
        if time.monotonic() - self._last >= HEARTBEAT_SECONDS:
            self._last = time.monotonic()
            echo(f"            {progress_line(progress)}")


class _Quiet(SearchLines):
    """Show nothing."""

    def update(self, progress: Progress) -> None:
        """Do nothing."""


class _LiveSearch(LiveScreen, SearchLines):
    """Keep a bar on the screen, how far the search is, and its best settings."""

    def update(self, progress: Progress) -> None:
        """Draw everything anew."""
        bar = Table.grid(expand=True)
        bar.add_row(ProgressBar(total=progress.wanted, completed=_count_ended(progress)))
        lines: list[Table | Text] = [bar, Text(progress_line(progress))]
        if progress.best is not None:
            lines.append(Text(describe_settings(progress.best.settings), "green"))
        if progress.deaths:
            lines.append(Text("a worker process was ended from outside; its trial begins anew", "yellow"))
        self._live.update(Group(*lines), refresh=True)
