"""Show what the fit of a table is doing: one line that lives in a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from glassnet._common.terminal import Console, echo
from glassnet.cli.progress import HEARTBEAT_SECONDS, format_seconds
from glassnet.nn.history import EpochRecord
from glassnet.tables.fitting import Step
from glassnet.tables.words import figure


class Steps:
    """Show nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def show(self, step: Step) -> None:
        """Do nothing."""


class _Told(Steps):
    """Put each step into words, with the best epoch of a training and the time that it takes at most."""

    def __init__(self) -> None:
        self._doing = ""
        self._best: float | None = None
        self._seconds = 0.0

    def _tell(self, step: Step) -> tuple[str, bool]:
        """Return a line on a step, and whether it is the first one on what is done now."""
        doing = step.what + (f", {step.part}" if step.part else "")
        is_new = doing != self._doing
        if is_new:
            self._doing, self._best, self._seconds = doing, None, 0.0
        record = step.record
        if record is None:
            return doing, is_new
        self._seconds += record.seconds
        words = [doing, f"epoch {record.epoch}" + (f"/{step.epochs}" if step.epochs else "")]
        name, value, is_gain = _watched(record)
        if self._best is None or (value > self._best if is_gain else value < self._best):
            self._best = value
        words.append(f"{name} {figure(value)}, best {figure(self._best)}")
        if step.epochs and record.epoch < step.epochs:
            left = self._seconds / record.epoch * (step.epochs - record.epoch)
            words.append(f"{format_seconds(left)} left")
        return "  ".join(words), is_new


class PlainSteps(_Told):
    """Print a line when something begins, and one every ten seconds of a training."""

    def __init__(self) -> None:
        super().__init__()
        self._last = time.monotonic()

    def show(self, step: Step) -> None:
        """Print what is new."""
        line, is_new = self._tell(step)
        if is_new or time.monotonic() - self._last >= HEARTBEAT_SECONDS:
            self._last = time.monotonic()
            echo(line)


class LiveLine(_Told):
    """Keep one line on the screen, which goes when the fit ends."""

    def __enter__(self) -> Self:
        self._spinner = Spinner("dots", Text("beginning", no_wrap=True, overflow="ellipsis"), style="cyan")
        self._live = Live(self._spinner, console=Console(), transient=True, refresh_per_second=8)
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, step: Step) -> None:
        """Write the line anew."""
        self._spinner.update(text=Text(self._tell(step)[0], no_wrap=True, overflow="ellipsis"))


def _watched(record: EpochRecord) -> tuple[str, float, bool]:
    """Return by which figure the best epoch is chosen, its value, and whether more is better."""
    if record.validation_accuracy is not None:
        return "validation accuracy", record.validation_accuracy, True
    if record.validation_loss is not None:
        return "validation loss", record.validation_loss, False
    return "loss", record.loss, False
