"""Show a running study: a live table or bar in a terminal, plain lines elsewhere."""

import math
import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from glassnet._common.terminal import Console, echo
from glassnet._common.words import counted
from glassnet.studies.runner import ModelStatus, Snapshot

BARS = "▁▂▃▄▅▆▇█"
SPARKLINE_WIDTH = 16
HEARTBEAT_SECONDS = 10.0
MANY_MODELS = 24
"""More models than these have no plain line each."""
LINES_BESIDE_ROWS = 5
"""What a table needs beside a row for each model: title, heads, the line below, the cursor's line."""
SHOWN_IN_TRAINING = 4


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
    """Print a line when a model finishes, and one every ten seconds in between; of many models only those."""

    def __init__(self) -> None:
        self._done: set[str] = set()
        self._last = time.monotonic()

    def update(self, snapshot: Snapshot) -> None:
        """Print what is new."""
        many = len(snapshot.models) > MANY_MODELS
        new = [model for model in snapshot.models if model.is_done and model.spec.name not in self._done]
        self._done |= {model.spec.name for model in new}
        for model in [] if many else new:
            echo(f"{model.state:9} {describe(model)} ({model.history.stopping_reason})")
        ended = bool(new) and snapshot.results.complete
        if time.monotonic() - self._last >= HEARTBEAT_SECONDS or (many and ended):
            self._last = time.monotonic()
            for model in [] if many else snapshot.models:
                if model.state == "training":
                    echo(f"{model.state:9} {describe(model)}")
            best = snapshot.results.conclusion.best.get("name")
            line = progress_line(snapshot) + (f"; best so far {best}" if many and best else "")
            echo(line if many else f"          {line}")


class LiveScreen:
    """Keep a part of the terminal that is drawn anew again and again."""

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._live = Live(console=Console(), auto_refresh=False)
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)


class LiveTable(LiveScreen):
    """Keep one table on the screen, a row per model; a bar when there are more models than lines."""

    def update(self, snapshot: Snapshot) -> None:
        """Draw everything anew."""
        width, height = self._live.console.size
        if len(snapshot.models) + LINES_BESIDE_ROWS <= height:
            screen = render(snapshot, width)
        else:
            screen = render_bar(snapshot, time.monotonic() - self._began)
        self._live.update(screen, refresh=True)


STYLES = {"waiting": "dim", "training": "bold cyan", "finished": "green", "diverged": "bold red"}
QUICK_TITLE = "QUICK RUN: part of the data, few epochs"
WIDTH_OF_NUMBERS = 51
"""What state, epoch and the losses need, with the space between columns."""


def render(snapshot: Snapshot, width: int = 100) -> Group:
    """Return the table of a snapshot, with a line on the whole below, for a terminal of some width.

    The columns of accuracies and sparklines are there when some model has them and the numbers leave room.
    """
    models = snapshot.models
    has_accuracy = any(_last_accuracy(model) is not None for model in models) or not any(
        len(model.history) for model in models
    )
    taken = (
        max((len(model.spec.name) for model in models), default=0)
        + 2
        + WIDTH_OF_NUMBERS
        - (0 if has_accuracy else 10)
    )
    bars = min(SPARKLINE_WIDTH, width - taken)
    title = QUICK_TITLE if snapshot.config.quick else None
    table = Table(title=title, title_style="bold yellow", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("model", no_wrap=True)
    table.add_column("state", no_wrap=True, min_width=8)
    table.add_column("epoch", justify="right", no_wrap=True, min_width=7)
    for column in ("training\nloss", "validation\nloss", *(["accuracy"] if has_accuracy else [])):
        table.add_column(column, justify="right", no_wrap=True, min_width=len(column.split("\n")[0]))
    if bars >= len("by epoch"):
        table.add_column("by epoch", no_wrap=True, min_width=bars)
    ceiling = max((max(losses) for losses in map(_validation_losses, models) if losses), default=1.0)
    for model in models:
        last = model.history.records[-1] if len(model.history) else None
        cells: list[str | Text] = [
            model.spec.name,
            Text(model.state, STYLES[model.state]),
            f"{len(model.history)}/{snapshot.config.epochs}" if last else "",
            _number(last.loss if last else None),
            _number(last.validation_loss if last else None),
            *([_number(_last_accuracy(model))] if has_accuracy else []),
            Text(sparkline(_validation_losses(model), ceiling, bars), "cyan"),
        ]
        table.add_row(*cells[: len(table.columns)])
    return Group(table, Text(progress_line(snapshot)))


def render_bar(snapshot: Snapshot, elapsed: float) -> Group:
    """Return a bar over the models, those in training, and the best so far; `elapsed` is in seconds."""
    done = sum(model.is_done for model in snapshot.models)
    training = [model for model in snapshot.models if model.state == "training"]
    bar = Table.grid(padding=(0, 2, 0, 0), expand=True)
    bar.add_column(ratio=1)
    bar.add_column(no_wrap=True)
    bar.add_row(
        ProgressBar(total=len(snapshot.models), completed=done),
        f"{done} of {len(snapshot.models)}, {format_seconds(elapsed)} so far",
    )
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    for number, model in enumerate(training[:SHOWN_IN_TRAINING]):
        line = Text(describe(model), STYLES["training"], no_wrap=True, overflow="ellipsis")
        facts.add_row("" if number else "in training", line)
    if len(training) > SHOWN_IN_TRAINING:
        facts.add_row("", f"and {len(training) - SHOWN_IN_TRAINING} more")
    best = snapshot.results.conclusion.best
    if best:
        facts.add_row("best so far", Text(best["reason"], STYLES["finished"]))
    title = [Text(QUICK_TITLE, "bold yellow")] if snapshot.config.quick else []
    return Group(*title, bar, facts, Text(progress_line(snapshot)))


def progress_line(snapshot: Snapshot) -> str:
    """Return how many models are finished, and about how long the rest takes."""
    done = sum(model.is_done for model in snapshot.models)
    line = f"{done} of {counted(len(snapshot.models), 'model')} finished"
    if snapshot.kept:
        line += f" ({snapshot.kept} of them by an earlier run)"
    if snapshot.seconds_left is not None and done < len(snapshot.models):
        most = "at most " if any(len(model.history) for model in snapshot.models) else ""
        line += f", {most}about {format_seconds(snapshot.seconds_left)} left"
    return line


def describe(model: ModelStatus) -> str:
    """Return one line on a model."""
    if not len(model.history):
        return model.spec.name
    last = model.history.records[-1]
    parts = [f"{model.spec.name:18} epoch {last.epoch:3}", f"loss {_number(last.loss)}"]
    if last.validation_loss is not None:
        parts.append(f"validation loss {_number(last.validation_loss)}")
    if last.validation_accuracy is not None:
        parts.append(f"accuracy {_number(last.validation_accuracy)}")
    return "  ".join(parts)


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


def _last_accuracy(model: ModelStatus) -> float | None:
    return model.history.records[-1].validation_accuracy if len(model.history) else None


def _validation_losses(model: ModelStatus) -> list[float]:
    return [record.validation_loss for record in model.history.records if record.validation_loss is not None]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.1e}"
