"""Show a running study: a live table in a terminal, plain lines elsewhere."""

import math
import time
from types import TracebackType
from typing import Protocol, Self

import click
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from glassnet.studies.runner import ModelStatus, Snapshot

BARS = "▁▂▃▄▅▆▇█"
SPARKLINE_WIDTH = 16
WIDTH_OF_NUMBERS = 72
"""What all columns but the sparkline need."""
HEARTBEAT_SECONDS = 10.0


class Display(Protocol):
    """Describe what shows a run: a context manager that is given snapshots."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""

    def update(self, snapshot: Snapshot) -> None:
        """Show how far the run is."""


class Silence:
    """Show nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def update(self, snapshot: Snapshot) -> None:
        """Do nothing."""


class PlainLines(Silence):
    """Print a line when a model finishes, and one every ten seconds in between."""

    def __init__(self) -> None:
        self._done: set[str] = set()
        self._last = time.monotonic()

    def update(self, snapshot: Snapshot) -> None:
        """Print what is new."""
        for model in snapshot.models:
            if model.state in ("finished", "diverged") and model.spec.name not in self._done:
                self._done.add(model.spec.name)
                click.echo(f"{model.state:9} {describe(model)} ({model.history.stopping_reason})")
        if time.monotonic() - self._last >= HEARTBEAT_SECONDS:
            self._last = time.monotonic()
            for model in snapshot.models:
                if model.state == "training":
                    click.echo(f"{model.state:9} {describe(model)}")
            click.echo(f"          {progress_line(snapshot)}")


class LiveTable:
    """Keep one table on the screen, a row per model."""

    def __enter__(self) -> Self:
        self._live = Live(auto_refresh=False)
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def update(self, snapshot: Snapshot) -> None:
        """Draw the table anew."""
        self._live.update(render(snapshot, self._live.console.width), refresh=True)


STYLES = {"waiting": "dim", "training": "bold cyan", "finished": "green", "diverged": "bold red"}


def render(snapshot: Snapshot, width: int = 100) -> Group:
    """Return the table of a snapshot, with a line on the whole below, for a terminal of some width.

    The sparkline takes what the numbers leave.
    """
    title = "QUICK RUN: part of the data, few epochs" if snapshot.config.quick else None
    bars = min(SPARKLINE_WIDTH, max(width - WIDTH_OF_NUMBERS, 4))
    table = Table(title=title, title_style="bold yellow", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("model", no_wrap=True)
    table.add_column("state", no_wrap=True)
    for column in ("epoch", "training\nloss", "validation\nloss", "accuracy"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("by epoch", no_wrap=True, min_width=bars)
    ceiling = max((max(losses) for losses in map(_validation_losses, snapshot.models) if losses), default=1.0)
    for model in snapshot.models:
        last = model.history.records[-1] if len(model.history) else None
        table.add_row(
            model.spec.name,
            Text(model.state, STYLES[model.state]),
            f"{len(model.history)}/{snapshot.config.epochs}" if last else "",
            _number(last.loss if last else None),
            _number(last.validation_loss if last else None),
            _number(last.validation_accuracy if last else None),
            Text(sparkline(_validation_losses(model), ceiling, bars), "cyan"),
        )
    return Group(table, Text(progress_line(snapshot)))


def progress_line(snapshot: Snapshot) -> str:
    """Return how many models are finished, and about how long the rest takes."""
    done = sum(model.state in ("finished", "diverged") for model in snapshot.models)
    line = f"{done} of {len(snapshot.models)} models finished"
    if snapshot.kept:
        line += f" ({snapshot.kept} of them by an earlier run)"
    if snapshot.seconds_left is not None and done < len(snapshot.models):
        line += f", at most about {format_seconds(snapshot.seconds_left)} left"
    return line


def describe(model: ModelStatus) -> str:
    """Return one line on a model."""
    if not len(model.history):
        return model.spec.name
    last = model.history.records[-1]
    return (
        f"{model.spec.name:18} epoch {last.epoch:3}  loss {_number(last.loss)}  "
        f"validation loss {_number(last.validation_loss)}  accuracy {_number(last.validation_accuracy)}"
    )


def sparkline(values: list[float], ceiling: float, width: int = SPARKLINE_WIDTH) -> str:
    """Draw values between 0 and `ceiling` as bars, squeezed to `width` of them."""
    if not values or ceiling <= 0:
        return ""
    if len(values) > width:
        places = [round(i * (len(values) - 1) / (width - 1)) for i in range(width)]
        values = [values[place] for place in places]
    return "".join(BARS[min(int(value / ceiling * len(BARS)), len(BARS) - 1)] for value in values)


def format_seconds(seconds: float) -> str:
    """Return a duration as people say it: ``40 s``, ``3 min``."""
    return f"{math.ceil(seconds)} s" if seconds < 90 else f"{math.ceil(seconds / 60)} min"


def _validation_losses(model: ModelStatus) -> list[float]:
    return [record.validation_loss for record in model.history.records if record.validation_loss is not None]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
