"""How much of the processors others took meanwhile: a figure is only as good as the machine was quiet."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STAT = Path("/proc/stat")
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
MOST = 0.05
"""A part that others disturbed more is measured once more."""


@contextmanager
def watch_others() -> Iterator[list[float | None]]:
    """Note the share of all processors' time that others took: programs, and the host of a virtual machine.

    Yields
    ------
    list of float or None
        Empty until the block ends; then it holds the share, or None where the system does not tell it.
    """
    share: list[float | None] = []
    before = _read()
    try:
        yield share
    finally:
        after = _read()
        if before is None or after is None or after[0] == before[0]:
            share.append(None)
        else:
            everything, busy, own = (now - then for now, then in zip(after, before, strict=True))
            share.append(max(0.0, busy - own) / everything)


def _read() -> tuple[float, float, float] | None:
    """Return seconds of all processors, those that were busy or stolen, and our own with our children's."""
    try:
        line = STAT.read_text(encoding="ascii").splitlines()[0]
    except OSError:
        return None
    user, nice, system, idle, iowait, irq, softirq, steal = (
        int(ticks) / TICKS for ticks in line.split()[1:9]
    )
    busy = user + nice + system + irq + softirq + steal
    own = sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    return busy + idle + iowait, busy, own
