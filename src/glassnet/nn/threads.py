"""How many BLAS threads a step gets: one when it is small, all when it is large."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from threadpoolctl import OpenBLASController, ThreadpoolController

from glassnet.nn.architecture import Architecture

WORK_FOR_THREADS = 4e7
"""Floating-point operations of a float32 step from which a second BLAS thread pays for its waking up.

Measured on 2 cores over steps of 1e6 to 3e8 operations: in float32 one thread is faster up to 3e7 and two
from 5e7 on, in float64, where an operation takes twice as long, two from 2e7 on.
"""


@lru_cache(maxsize=1)
def _libraries() -> tuple[list[Any], list[Any]]:
    """Return the BLAS libraries with one number for the process, and those with one for each thread."""
    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    own = [library for library in libraries if library.threading_layer == "openmp"]
    return [library for library in libraries if library not in own], own


def _limit(libraries: Iterable[Any]) -> list[tuple[Any, int]]:
    """Give libraries one thread; return those that this has changed, with what they had."""
    had = [(library, library.num_threads) for library in libraries]
    for library, _ in had:
        library.set_num_threads(1)
    return [(library, before) for library, before in had if library.num_threads != before]


def _restore(changed: Iterable[tuple[Any, int]]) -> None:
    for library, before in changed:
        library.set_num_threads(before)


class _OneThread:
    """Count those who want libraries to have one thread that have one number for the whole process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._changed: list[tuple[Any, int]] = []
        self._changed_in: threading.Thread | None = None

    def enter(self) -> None:
        """Limit the libraries, if nobody has yet."""
        with self._lock:
            if not self._users:
                self._changed, self._changed_in = _limit(_libraries()[0]), threading.current_thread()
            self._users += 1

    def leave(self) -> None:
        """Bring back what was set before the first came, if this is the last to leave."""
        with self._lock:
            self._users -= 1
            if self._users or not self._changed:
                return
            # from threadpoolctl 3.8 on, OpenBLAS obeys the thread that has limited it, and no other one
            release = getattr(OpenBLASController, "clear_controlling_thread", lambda **settings: None)
            release(force=self._changed_in is not threading.current_thread())
            _restore(self._changed)
            release()


_one_thread = _OneThread()


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS to one thread; what was set before is back when the last of all threads has left."""
    own = _limit(_libraries()[1])
    _one_thread.enter()
    try:
        yield
    finally:
        _one_thread.leave()
        _restore(own)


def most_threads() -> int:
    """Return how many threads BLAS may use here, as it has been set; 1 where that is not known."""
    shared, own = _libraries()
    return max((library.num_threads for library in (*shared, *own)), default=1)


def name_of_blas() -> str:
    """Return which BLAS this is, for which processor, and with how many threads: its sums hang on them."""
    shared, own = _libraries()
    names = [
        f"{one.internal_api} {one.version} {getattr(one, 'architecture', '')}" for one in (*shared, *own)
    ]
    return f"{', '.join(sorted(names))}, {most_threads()} threads"


def threads_by_work(architecture: Architecture, batch_size: int, itemsize: int, factor: float = 1.0) -> int:
    """Return the threads of a step by its work alone: 1, or as many as there are.

    Parameters
    ----------
    architecture : Architecture
    batch_size : int
    itemsize : int
        Bytes of a number: 4 or 8.
    factor : float
        What `WORK_FOR_THREADS` is multiplied with.

    Notes
    -----
    A step multiplies and adds about 6 x batch_size x n_weights times: forward, and twice as much backward.
    """
    n_rows = batch_size * architecture.head.members
    work = 6.0 * n_rows * sum(fan_in * fan_out for fan_in, fan_out in architecture.layer_shapes)
    return most_threads() if work * itemsize / 4 >= factor * WORK_FOR_THREADS else 1


@contextmanager
def limited_to(threads: int) -> Iterator[None]:
    """Limit BLAS to one thread where that is asked for; what was set before is back afterwards.

    While small steps are trained in one thread, large ones in another have one BLAS thread too.
    """
    if threads == 1:
        with one_thread():
            yield
    else:
        yield
