"""Set the clock of a process back while it runs, where its environment says so; Python imports this first."""

import os
import time

AFTER, BACK = "GLASSNET_KILLS_CLOCK_AFTER", "GLASSNET_KILLS_CLOCK_BACK"


def set_back(after: float, seconds: float) -> None:
    """Let `time.time` say what it said `seconds` earlier, once `after` seconds have passed."""
    began, now, now_ns = time.monotonic(), time.time, time.time_ns

    def shift() -> float:
        return seconds if time.monotonic() - began > after else 0.0

    time.time = lambda: now() - shift()
    time.time_ns = lambda: now_ns() - int(shift() * 1e9)


if AFTER in os.environ:
    set_back(float(os.environ[AFTER]), float(os.environ[BACK]))
