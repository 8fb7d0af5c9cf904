"""What makes numbers unfit for people, as values with a text."""

from typing import Self

from glassnet._common.words import Word


class Fault(Word):
    """Name a rule that drawn numbers break.

    Attributes
    ----------
    text : str
        What is wrong, and what would help.
    """

    text: str

    KINK = "kink", "a unit was on its kink: take coarser steps, or a smaller limits.kink"
    UNITS_ON = (
        "units_on",
        "another number of units was on than limits.units_on: take wider ranges for weights",
    )
    SATURATED = "saturated", "a unit was saturated: take smaller weights, or a larger limits.saturated"
    SMALL = "small", "a result was below limits.smallest: take more digits, or a smaller limits.smallest"
    LARGE = "large", "a result was above limits.largest: take smaller numbers, or a larger limits.largest"
    EFFORT = "effort", "it was more or less work than for others: take ranges of numbers with as many digits"
    SHAPE = "shape", "the points did not lie as the template asks for: take a finer grid, or fewer points"
    AMBIGUOUS = "ambiguous", "more than one figure had the score: take more samples"
    TAKEN = "taken", "another student had these numbers: take wider ranges, or smaller steps"

    def __new__(cls, value: str, text: str) -> Self:
        """Return a word that carries its text."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member
