"""What is shown while something takes long, on a terminal or in a notebook; nothing where nobody looks."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE_SECONDS = 2.0
"""How long anything may take without being shown."""
UPDATE_SECONDS = 0.1

_here = threading.local()
"""What this thread shows now: ``steps``, a `_Steps`; or a silence."""


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
        self._bar: Bar | None = None
        self._is_wanted = True
        self._epoch, self._rows = 0, 0
        self._start = self._before = self._shown = 0.0

    def __enter__(self) -> Self:
        self._start = self._before = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, rows: int, epoch: int = 0, loss: float | None = None) -> None:
        """Show how many rows of a pass are done, which epoch it is, and its loss so far."""
        now = time.perf_counter()
        if (
            self._rows and epoch != self._epoch
        ):  # this pass began when the last one ended, which had all the rows
            self._start, self._n_rows = self._before, self._rows
        self._epoch, self._rows, self._before = epoch, rows, now
        is_due = self._bar is not None or now - self._start >= self._patience
        if self._is_wanted and is_due and now - self._shown >= UPDATE_SECONDS:
            self._shown = now
            self._show(rows / max(now - self._start, 1e-9), loss)

    def _show(self, rate: float, loss: float | None) -> None:
        if self._bar is None:
            self._bar = _make_bar()
            self._is_wanted = self._bar is not None
        if self._bar is not None:
            self._bar.show(
                f"{self._what} {self._epoch}" if self._epoch else self._what,
                self._rows,
                self._n_rows,
                f"{self._rows:,} rows, {rate:,.0f} rows/s" + ("" if loss is None else f", loss {loss:.4f}"),
            )


class Bar(Protocol):
    """Describe what shows progress to a person."""

    def show(self, what: str, done: int, total: int | None, figures: str) -> None:
        """Show that `done` of `total` are done, and some figures beside it."""

    def stop(self) -> None:
        """Take the bar away."""


def _make_bar() -> Bar | None:
    """Return a bar for where people look, a notebook or stderr as a terminal; or None."""
    if (display := _notebook_display()) is not None:
        return NotebookBar(display)
    return TerminalBar() if sys.stderr.isatty() else None


def _notebook_display() -> Callable[..., Any] | None:
    """Return IPython's `display` in a notebook's kernel; None elsewhere. IPython is there if it is wanted."""
    ipython = sys.modules.get("IPython")
    if ipython is None or not hasattr(ipython.get_ipython(), "kernel"):
        return None
    display: Callable[..., Any] = import_module("IPython.display").display
    return display


class TerminalBar:
    """Show a bar of rich on stderr, and take it away in the end."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        from glassnet._common.terminal import Console

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[figures]}", markup=False),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=sys.stdout.isatty(),  # what goes elsewhere stays there
        )
        self._task: Any = None
        self._done = 0

    def show(self, what: str, done: int, total: int | None, figures: str) -> None:
        """Show the bar."""
        if self._task is None:
            self._task = self._progress.add_task(what, total=total, figures=figures)
            self._progress.start()
        elif done < self._done:  # another pass, whose speed is its own
            self._progress.reset(self._task)
        self._done = done
        self._progress.update(self._task, description=what, completed=done, total=total, figures=figures)

    def stop(self) -> None:
        """Take the bar away."""
        self._progress.stop()


class NotebookBar:
    """Show a bar below a notebook's cell, by HTML alone: no widgets need to be installed.

    Parameters
    ----------
    display : callable
        IPython's.
    """

    def __init__(self, display: Callable[..., Any]) -> None:
        self._display = display
        self._handle: Any = None

    def show(self, what: str, done: int, total: int | None, figures: str) -> None:
        """Show the bar."""
        size = "" if total is None else f' value="{done}" max="{total}"'
        html = f"<div>{escape(what)} <progress{size}></progress> {escape(figures)}</div>"
        self._update({"text/html": html, "text/plain": f"{what}: {figures}"})

    def stop(self) -> None:
        """Take the bar away; a notebook that is stored does not keep it."""
        self._update({"text/html": "", "text/plain": ""})

    def _update(self, data: dict[str, str]) -> None:
        if self._handle is None:
            self._handle = self._display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)


@contextmanager
def showing(what: str) -> Iterator[None]:
    """Show what is done as soon as it takes longer than `PATIENCE_SECONDS`; a decorator too.

    Inside of another one, and where `silent`, it shows nothing of its own.

    Parameters
    ----------
    what : str
        In a few words: ``"examining relu-zero"``. `say` adds what is done of it.
    """
    if getattr(_here, "steps", None) is not None or not sys.stderr.isatty():
        yield
        return
    _here.steps = _Steps(what)
    try:
        yield
    finally:
        _here.steps.stop()
        _here.steps = None


@contextmanager
def silent() -> Iterator[None]:
    """Show nothing from this thread: somebody else has the screen."""
    before = getattr(_here, "steps", None)
    _here.steps = _Silence()
    try:
        yield
    finally:
        _here.steps = before


def say(step: str) -> None:
    """Say what is done now, of what is being shown."""
    steps = getattr(_here, "steps", None)
    if steps is not None:
        steps.say(step)


class _Silence:
    def say(self, step: str) -> None:
        """Do nothing."""


class _Steps:
    """Wait in a thread of its own for the patience to end; then show what is done, and for how long."""

    def __init__(self, what: str) -> None:
        self._what, self._step = what, ""
        self._began = time.monotonic()  # rich's clock
        self._lock = threading.Lock()
        self._bar: Progress | None = None
        self._task: Any = None
        self._timer = threading.Timer(PATIENCE_SECONDS, self._start)
        self._timer.daemon = True
        self._timer.start()

    def say(self, step: str) -> None:
        """Say what is done now."""
        with self._lock:
            self._step = step
            if self._bar is not None:
                self._bar.update(self._task, description=self._describe())

    def stop(self) -> None:
        """Take it from the screen."""
        self._timer.cancel()
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
            self._bar, self._what = None, ""

    def _describe(self) -> str:
        return f"{self._what}: {self._step}" if self._step else self._what

    def _start(self) -> None:
        with self._lock:
            if self._what:  # else it ended meanwhile
                self._bar = _make_spinner()
                self._task = self._bar.add_task(self._describe())
                self._bar.tasks[0].start_time = self._began
                self._bar.start()


def _make_spinner() -> "Progress":
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from glassnet._common.terminal import Console

    return Progress(
        SpinnerColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # what goes elsewhere stays there
    )
