"""A bar on stderr while rows stream by; nothing where nobody looks at a terminal."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE_SECONDS = 2.0
"""How long a pass may take without a bar."""
UPDATE_SECONDS = 0.1


class RowProgress:
    """Show rows, rows per second, epoch and loss; a context manager around one or several passes.

    Parameters
    ----------
    what : str
        Stands before the bar.
    n_rows : int or None
        Of a pass, where that is known.
    at_once : bool
        Show the bar from the beginning, not only when a pass takes long.
    """

    def __init__(self, what: str, n_rows: int | None, *, at_once: bool = False) -> None:
        self._what = what
        self._n_rows = n_rows
        self._patience = 0.0 if at_once else PATIENCE_SECONDS
        self._bar: Progress | None = None
        self._task: Any = None
        self._epoch = -1
        self._start = self._last = 0.0
        self._is_wanted = True

    def __enter__(self) -> Self:
        self._start = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, rows: int, epoch: int = 0, loss: float | None = None) -> None:
        """Show how many rows of a pass are done, which epoch it is, and its loss so far."""
        now = time.perf_counter()
        if epoch != self._epoch:
            self._epoch, self._start, self._last = epoch, now if self._epoch >= 0 else self._start, 0.0
        if not self._is_wanted or now - self._start < self._patience or now - self._last < UPDATE_SECONDS:
            return
        if self._bar is None:
            self._bar = _make_bar()
            self._is_wanted = self._bar is not None
            if self._bar is None:
                return
            self._task = self._bar.add_task(self._what, total=self._n_rows, speed="", loss="")
            self._bar.start()
        self._last = now
        rate = rows / max(now - self._start, 1e-9)
        self._bar.update(
            self._task,
            completed=rows,
            description=f"{self._what} {epoch}" if epoch else self._what,
            speed=f"{rows:,} rows, {rate:,.0f} rows/s",
            loss="" if loss is None else f"loss {loss:.4f}",
        )


def _make_bar() -> "Progress | None":
    """Return a bar for stderr, or None where that is no terminal."""
    if not sys.stderr.isatty():
        return None
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[speed]}"),
        TextColumn("{task.fields[loss]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # what goes elsewhere stays there
    )
