"""How many BLAS threads a step gets: one when it is small, all when it is large."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

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
    """
    work = 6.0 * batch_size * sum(fan_in * fan_out for fan_in, fan_out in architecture.layer_shapes)
    if work * itemsize / 4 >= WORK_FOR_THREADS:
        yield
    else:
        with _controller().limit(limits=1, user_api="blas"):
            yield
