"""Errors of rounding: a number that is right in its first digits."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

import numpy as np

from glassnet.worked._formula import Look, Quantity
from glassnet.worked._numbers import round_half_up
from glassnet.worked.grade._slips import Cause, Slip
from glassnet.worked.grade._tolerance import Approximate
from glassnet.worked.grade._values import Written

NEARLY = 0.02
"""A number that is wrong by no more than this share of itself may be a matter of rounding."""


def find_early_rounding(written: Written, expected: Approximate) -> Cause | None:
    """Return the cause where the wrong numbers are the right ones to fewer digits, to two at least."""
    pairs = _wrong_entries(written, expected)
    digits = max(len(Decimal(str(number)).normalize().as_tuple().digits) for number, _ in pairs)
    if digits < 2:
        return None
    for places in range(12):
        if all(round_half_up(right, places) == number for number, right in pairs):
            return Cause(Slip.EARLY_1 if places == 1 else Slip.EARLY, (str(places),))
    return None


def round_ingredients(values: Mapping[Quantity, Approximate]) -> Iterator[tuple[Cause, Look]]:
    """Yield how a person sees values who rounds them before working with them, to fewer and fewer digits."""

    def rounded(digits: int, after_the_point: bool) -> Look:
        def look(quantity: Quantity) -> Approximate:
            value = values[quantity].value
            seen = [
                round_half_up(number, digits if after_the_point else digits - 1 - _order(number))
                for number in value.ravel().tolist()
            ]
            return Approximate(np.reshape(seen, value.shape))

        return look

    for digits in range(5, 0, -1):
        after, significant = (
            (Slip.INPUTS_ROUNDED_1, Slip.INPUTS_SIGNIFICANT_1)
            if digits == 1
            else (Slip.INPUTS_ROUNDED, Slip.INPUTS_SIGNIFICANT)
        )
        yield Cause(after, (str(digits),)), rounded(digits, True)
        yield Cause(significant, (str(digits),)), rounded(digits, False)


def _order(number: float) -> int:
    return int(np.floor(np.log10(abs(number)))) if number else 0


def find_digits(written: Written, expected: Approximate) -> Cause | None:
    """Return which slip of the pen makes the right numbers into the wrong ones."""
    pairs = _wrong_entries(written, expected)
    decimals = max(entry.decimals for entry in written.entries)
    last = max(round(-np.log10(np.nanmin(written.unit))), decimals)
    for places in sorted({decimals, last}):  # a zero at the end may have been left out
        texts = [tuple(f"{round_half_up(n, places):.{places}f}" for n in pair) for pair in pairs]
        for slip, is_slip in SLIPS.items():
            if all(len(wrong) == len(right) and is_slip(wrong, right) for wrong, right in texts):
                return Cause(slip)
    return None


def find_first_digits(written: Written, expected: Approximate) -> Cause | None:
    """Return the cause where the wrong numbers are nearly right."""
    pairs = _wrong_entries(written, expected)
    is_near = all(abs(number - right) <= NEARLY * abs(right) for number, right in pairs)
    return Cause(Slip.FIRST_DIGITS) if is_near else None


def _wrong_entries(written: Written, expected: Approximate) -> list[tuple[float, float]]:
    """Return the numbers that are wrong, each with the right one."""
    wrong = written.misfits(expected) > 1
    value = np.broadcast_to(expected.value, wrong.shape)
    return list(zip(written.value[wrong].tolist(), value[wrong].tolist(), strict=True))


def _has_wrong_digit(wrong: str, right: str) -> bool:
    """Say whether one digit differs; not the last, which is a matter of rounding."""
    off = _differing(wrong, right)
    return len(off) == 1 and off[0] < len(right) - 1


def _has_exchanged(wrong: str, right: str) -> bool:
    """Say whether two neighbouring digits have changed places."""
    off = _differing(wrong, right)
    exchanged = len(off) == 2 and wrong[off[0]] == right[off[1]] and wrong[off[1]] == right[off[0]]
    return exchanged and right[off[0] + 1 : off[1]] in ("", ".")


def _differing(wrong: str, right: str) -> list[int]:
    return [i for i, (a, b) in enumerate(zip(wrong, right, strict=True)) if a != b]


SLIPS = {Slip.DIGIT_WRONG: _has_wrong_digit, Slip.DIGITS_EXCHANGED: _has_exchanged}
