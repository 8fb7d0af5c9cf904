"""A score as it was reported, and which honest figures have its digits."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from glassnet._common.limits import MOST_COUNTED, find_excess
from glassnet._common.quoting import quoted

MOST_RUNS = 10
"""The mean of how many seeds or folds a score is taken for, where nothing says so."""


@dataclass(frozen=True)
class Reported:
    """Hold a score as it was reported.

    Attributes
    ----------
    model, split : str
    text : str
        As written: its digits say how exactly it is known.
    written : str
        What was written, where that was a percentage; empty otherwise.
    """

    model: str
    split: str
    text: str
    written: str = ""

    @classmethod
    def read(cls, model: str, split: str, text: str) -> "Reported":
        """Return a score from a text: a share such as 0.973, or a percentage such as 97.3 %.

        A number above 1 without the sign is a percentage too.

        Raises
        ------
        ValueError
            When it is neither.
        """
        text = text.strip()
        number = text.removesuffix("%").strip()
        try:
            value = Decimal(-1 if find_excess(number) else number)
        except InvalidOperation:
            value = Decimal(-1)
        is_percentage = value.is_finite() and (number != text or 1 < value <= 100)
        if not value.is_finite() or not 0 <= value <= (100 if is_percentage else 1):
            raise ValueError(
                f"the score {quoted(text)} is no share from 0 to 1; write 97.3 % as 0.973 or 97.3%"
            )
        return cls(model, split, f"{value.scaleb(-2):f}", text) if is_percentage else cls(model, split, text)

    @property
    def value(self) -> float:
        """The number."""
        return float(self.text)

    @property
    def half_unit(self) -> float:
        """By how much the number may be off because it was rounded."""
        digits = self.text.lower().split("e")[0].partition(".")[2]
        exponent = int(self.text.lower().partition("e")[2] or 0)
        rounded = 0.5 * 10.0 ** (exponent - len(digits)) + 1e-12
        single = np.float32(self.value)
        is_single = len(digits) > 7 and self.value in (float(single), float(str(single)))
        return max(rounded, 2.0**-24) if is_single else rounded  # as PyTorch and Keras print an accuracy

    def equals(self, value: float) -> bool:
        """Say whether a number rounds to the reported one."""
        return abs(value - self.value) <= self.half_unit

    def cuts_off(self, value: float) -> bool:
        """Say whether the reported number is this one, cut off where it should have been rounded."""
        return 0 <= value - self.value < 2 * self.half_unit

    def can_be_share_of(self, n: int) -> bool:
        """Say whether some whole number of hits among n samples gives the score."""
        return self.equals(round(self.value * n) / n)

    def can_be_mean_of(self, runs: int, n: int) -> bool:
        """Say whether it can be the mean of the shares of several runs, or of the folds of n samples.

        Parameters
        ----------
        runs : int
            How many seeds scored the same n samples, or into how many folds these were divided, whose sizes
            differ by at most one.
        n : int
        """
        if self.can_be_share_of(runs * n) or n > MOST_COUNTED:  # so many samples give any share
            return True
        small, n_large = divmod(n, runs)
        if small == 0 or n_large == 0:
            return False  # folds of one size: the mean is a share of n
        large_hits = np.arange(n_large * (small + 1) + 1)
        rest = self.value * runs - large_hits / (small + 1)
        small_hits = np.clip(np.rint(rest * small), 0, (runs - n_large) * small)
        return bool((abs(rest - small_hits / small) <= runs * self.half_unit).any())

    def runs_that_fit(self, n: int) -> list[int]:
        """Return of how many seeds or folds it can be a mean, up to 10."""
        return [runs for runs in range(2, MOST_RUNS + 1) if self.can_be_mean_of(runs, n)]
