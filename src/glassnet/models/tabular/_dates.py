"""The parts of dates that are numbers of their own."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.models.tabular._values import MICROSECONDS_A_DAY, MICROSECONDS_AN_HOUR

PARTS = ("days", "month", "day", "weekday", "hour")
"""Days since 1970-01-01, with the time as a fraction; month, 1 to 12; day of the month; weekday, 0 is Monday;
hours since midnight, with minutes and seconds as a fraction. The days say the year too: on a scale of its
own it would be nearly the same number."""


def part_of(dates: NDArray[np.datetime64], part: str) -> NDArray[np.float64]:
    """Return a part of dates, one of `PARTS`, with NaN where a date is missing.

    Parameters
    ----------
    dates : ndarray of datetime64[us], shape (n_rows,)
    part : str
    """
    days = dates.astype("M8[D]")
    months = days.astype("M8[M]")
    values: NDArray[Any]
    match part:
        case "days":
            values = dates.astype(np.int64) / MICROSECONDS_A_DAY
        case "month":
            values = months.astype(np.int64) % 12 + 1.0
        case "day":
            values = (days - months.astype("M8[D]")).astype(np.int64) + 1.0
        case "weekday":
            values = (days.astype(np.int64) + 3) % 7 + 0.0  # 1970-01-01 was a Thursday
        case "hour":
            values = (dates - days).astype(np.int64) / MICROSECONDS_AN_HOUR
    return np.where(np.isnat(dates), np.nan, values)
