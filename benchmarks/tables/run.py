"""All fits that are not in the results yet, each in a process of its own, some at a time."""

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from .fits import THREAD_VARIABLES, Fit, answer, told
from .results import Key, Result


def remaining(fits: Iterable[Fit], done: Mapping[Key, Result], *, again: bool, retry: bool) -> list[Fit]:
    """Return the fits that are still to be done.

    Parameters
    ----------
    fits : iterable of Fit
    done : mapping of Key to Result
    again : bool
        Do all of them once more.
    retry : bool
        Do those once more that ended with an error.
    """
    return [
        fit
        for fit in fits
        if again or fit.key not in done or (retry and done[fit.key].error)
    ]


@dataclass(frozen=True)
class _Running:
    fit: Fit
    process: BaseProcess
    began: float


def run(fits: Iterable[Fit], *, jobs: int, threads: int, limit: float) -> Iterator[Result]:
    """Yield the result of each fit as it ends.

    Parameters
    ----------
    fits : iterable of Fit
    jobs : int
        Processes at a time; more than one make all seconds longer.
    threads : int
        Of each process, for BLAS and OpenMP.
    limit : float
        Seconds after which a process is ended.

    Notes
    -----
    Whoever stops this early, by an interrupt or by closing the generator, ends the processes.
    """
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))  # before the server starts
    context = _context()
    todo, running = deque(fits), dict[Connection, _Running]()
    try:
        while todo or running:
            while todo and len(running) < jobs:
                fit = todo.popleft()
                end, other = context.Pipe(duplex=False)
                process = context.Process(target=answer, args=(fit, other), daemon=True)
                process.start()
                other.close()
                running[end] = _Running(fit, process, time.monotonic())
            for end in wait(list(running), timeout=1.0):
                assert isinstance(end, Connection)
                yield _take(end, running.pop(end))
            for end in [end for end, one in running.items() if time.monotonic() - one.began > limit]:
                one = running.pop(end)
                one.process.kill()
                one.process.join()
                yield _failed(one.fit, f"it took more than {limit:.0f} s")
    finally:
        for one in running.values():
            one.process.kill()


def _context() -> multiprocessing.context.BaseContext:
    """Return how processes are started: from one that has imported what all need, where there are such."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([f"{__package__}.fits", "pandas", "sklearn.pipeline", "sklearn.metrics"])
    return context


def _take(end: Connection, one: _Running) -> Result:
    try:
        result: Result = end.recv()
    except EOFError:
        one.process.join()
        return _failed(one.fit, f"the process ended with exit code {one.process.exitcode}")
    one.process.join()
    return result


def _failed(fit: Fit, why: str) -> Result:
    return Result(fit.key, error=why, **told(fit.peer))


class TimeLeft:
    """Guess how long the rest takes, from what other splits of a table took, or other tables of a peer.

    Parameters
    ----------
    done : mapping of Key to Result
    rows_of : callable
        Rows of a table by its name.
    """

    def __init__(self, done: Mapping[Key, Result], rows_of: Callable[[str], int]) -> None:
        self._rows_of = rows_of
        self._of_fit: dict[tuple[str, str], list[float]] = {}
        self._of_peer: dict[str, list[float]] = {}
        self._of_all: list[float] = []
        for result in done.values():
            self.add(result)

    def add(self, result: Result) -> None:
        """Learn from a result."""
        if result.fit_seconds is None or result.predict_seconds is None:
            return
        seconds = result.fit_seconds + result.predict_seconds + 0.5  # the process comes and goes
        rate = seconds / max(1, result.n_train)
        self._of_fit.setdefault((result.key.table, result.key.peer), []).append(seconds)
        self._of_peer.setdefault(result.key.peer, []).append(rate)
        self._of_all.append(rate)

    def guess(self, fits: Iterable[Fit], jobs: int) -> float:
        """Return seconds; 0 when nothing is known."""
        return sum(self._guess(fit) for fit in fits) / jobs

    def _guess(self, fit: Fit) -> float:
        table, peer = fit.key.table, fit.key.peer
        if seconds := self._of_fit.get((table, peer)):
            return sum(seconds) / len(seconds)
        rates = self._of_peer.get(peer) or self._of_all
        return 0.8 * self._rows_of(table) * sum(rates) / len(rates) if rates else 0.0
