"""Numbers as a person writes them: rounded half up, to so many digits after the point."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from glassnet._common.arrays import Array

SIGNIFICANT = 2
"""What is left of a small number at least: 0.00001234 with 4 digits is 0.000012."""


def round_half_up(number: float, places: int) -> float:
    """Round half up to so many digits after the point.

    A computed number carries noise after the fifteenth digit, so that 2.00005 may be a hair less; it is
    rounded as the 2.00005 that a person sees.

    Examples
    --------
    >>> round_half_up(2.5, 0), round_half_up(1 / 3, 2), round_half_up(0.5, 40)
    (3.0, 0.33, 0.5)
    """
    if not np.isfinite(number):
        return float(number)
    seen = Decimal(f"{number:.12g}")
    exponent = seen.as_tuple().exponent
    assert isinstance(exponent, int)
    places = min(places, -exponent)  # further zeros change nothing, and a Decimal has room for 28 digits
    return float(seen.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def round_number(number: float, digits: int) -> float:
    """Round half up to `digits` after the point, and to two significant digits where those are finer.

    Examples
    --------
    >>> round_number(3.21415, 4), round_number(-2.5, 1), round_number(0.00001234, 4)
    (3.2142, -2.5, 1.2e-05)
    """
    if number == 0 or not np.isfinite(number):
        return float(number)
    return round_half_up(number, max(digits, SIGNIFICANT - 1 - Decimal(f"{number:.12g}").adjusted()))


def round_array(array: Array, digits: int) -> Array:
    """Round every entry, see `round_number`."""
    rounded = [round_number(float(number), digits) for number in array.ravel()]
    return np.array(rounded).reshape(array.shape)


def format_number(number: float, digits: int | None) -> str:
    """Write a number with `digits` after the point; None writes six significant digits.

    Examples
    --------
    >>> format_number(2.0600000000000001, 4), format_number(0.03916376, 4), format_number(1 / 3, None)
    ('2.06', '0.0392', '0.333333')
    >>> format_number(-1.23e-7, 4), format_number(2e9, None), format_number(-0.0, 4)
    ('-1.2e-07', '2e+09', '0')
    """
    number = float(number)
    if digits is not None:
        number = round_number(number, digits)
    if number == 0:
        return "0"
    if not np.isfinite(number) or not 1e-5 <= abs(number) < 1e9:
        return f"{number:.6g}"
    if digits is None:
        number = float(f"{number:.6g}")
    return np.format_float_positional(number, trim="-")
