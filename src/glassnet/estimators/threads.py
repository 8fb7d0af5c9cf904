"""How many BLAS threads a step gets: one when it is small, all when it is large."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from threadpoolctl import ThreadpoolController

from glassnet.network import Architecture

WORK_FOR_THREADS = 4e7
"""Floating-point operations of a step from which a second BLAS thread pays for its waking up."""


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def threads_for(architecture: Architecture, batch_size: int) -> Iterator[None]:
    """Limit BLAS to one thread where a step is small; what was set before is back afterwards.

    Parameters
    ----------
    architecture : Architecture
    batch_size : int

    Notes
    -----
    A step multiplies and adds about 6 x batch_size x n_weights times: forward, and twice as much backward.
    """
    work = 6.0 * batch_size * sum(fan_in * fan_out for fan_in, fan_out in architecture.layer_shapes)
    if work >= WORK_FOR_THREADS:
        yield
    else:
        with _controller().limit(limits=1, user_api="blas"):
            yield
