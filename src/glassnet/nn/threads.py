"""How many BLAS threads a step gets: one when it is small, all when it is large."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController

from glassnet.nn.architecture import Architecture

WORK_FOR_THREADS = 4e7
"""Floating-point operations of a float32 step from which a second BLAS thread pays for its waking up.

Measured on 2 cores over steps of 1e6 to 3e8 operations: in float32 one thread is faster up to 3e7 and two
from 5e7 on, in float64, where an operation takes twice as long, two from 2e7 on.
"""


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


class _OneThread:
    """Count those who want BLAS to have one thread: it has one number for all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._limiter: Any = None

    def enter(self) -> None:
        """Limit BLAS, if nobody has yet."""
        with self._lock:
            if not self._users:
                self._limiter = _controller().limit(limits=1, user_api="blas")
            self._users += 1

    def leave(self) -> None:
        """Bring back what was set before the first came, if this is the last to leave."""
        with self._lock:
            self._users -= 1
            if not self._users:
                self._limiter.restore_original_limits()


_one_thread = _OneThread()


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS to one thread; what was set before is back when the last of all threads has left."""
    _one_thread.enter()
    try:
        yield
    finally:
        _one_thread.leave()


@contextmanager
def threads_for(architecture: Architecture, batch_size: int, itemsize: int) -> Iterator[None]:
    """Limit BLAS to one thread where a step is small; what was set before is back afterwards.

    Parameters
    ----------
    architecture : Architecture
    batch_size : int
    itemsize : int
        Bytes of a number: 4 or 8.

    Notes
    -----
    A step multiplies and adds about 6 x batch_size x n_weights times: forward, and twice as much backward.
    While small steps are trained in one thread, large ones in another have one BLAS thread too.
    """
    work = 6.0 * batch_size * sum(fan_in * fan_out for fan_in, fan_out in architecture.layer_shapes)
    if work * itemsize / 4 >= WORK_FOR_THREADS:
        yield
    else:
        with one_thread():
            yield
