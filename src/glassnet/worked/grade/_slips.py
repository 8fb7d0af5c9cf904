"""The slips that people make, as values: what a grade names, in any language that has a file of its own.

A file of ``languages`` holds one sentence for each slip, with places for its parts; nothing else says them.
"""

from dataclasses import dataclass
from typing import Self

from glassnet._common.words import Word
from glassnet.worked._texts import ENGLISH, read_texts


class CauseKind(Word):
    """Name the kinds of mistakes, the likelier of two first."""

    SIGN = "sign"
    GATE = "gate"
    """An activation or its derivative was left out."""
    SLOPE = "slope"
    """A derivative was taken at another place."""
    MEAN = "mean"
    """Mean for sum, or sum for mean."""
    FACTOR = "factor"
    OLD_WEIGHT = "old weight"
    SAMPLE = "sample"
    """A number of another sample, or of another step."""
    BIAS = "bias"
    """The gradient of a bias, multiplied as that of a weight."""
    SWAP = "swap"
    TRANSPOSED = "transposed"
    TERM = "term"
    CONVENTION = "convention"
    """A loss as others define it."""
    DIGITS = "digits"
    ROUNDING = "rounding"
    TWO = "two slips"
    UNKNOWN = "unknown"


class Slip(Word):
    """Name a slip; its sentence stands in the files of ``languages``, under its value.

    Attributes
    ----------
    kind : CauseKind
    """

    kind: CauseKind

    SIGN_OF_TERM = "sign_of_term", CauseKind.SIGN
    SIGN_OF_ALL = "sign_of_all", CauseKind.SIGN
    FUNCTION_LEFT_OUT = "function_left_out", CauseKind.GATE
    SLOPE_MISSING = "slope_missing", CauseKind.GATE
    SLOPE_AT = "slope_at", CauseKind.SLOPE
    SLOPE_OVER = "slope_over", CauseKind.SLOPE
    SLOPE_TOO_MANY = "slope_too_many", CauseKind.SLOPE
    SUM_FOR_MEAN = "sum_for_mean", CauseKind.MEAN
    TIMES_N = "times_n", CauseKind.MEAN
    BY_N = "by_n", CauseKind.MEAN
    PART_TIMES_N = "part_times_n", CauseKind.MEAN
    PART_BY_N = "part_by_n", CauseKind.MEAN
    FACTOR_MISSING = "factor_missing", CauseKind.FACTOR
    DIVISOR_MISSING = "divisor_missing", CauseKind.FACTOR
    SQUARE_MISSING = "square_missing", CauseKind.FACTOR
    TWICE = "twice", CauseKind.FACTOR
    HALF = "half", CauseKind.FACTOR
    RATE_TOO_OFTEN = "rate_too_often", CauseKind.FACTOR
    RATE_MISSING = "rate_missing", CauseKind.FACTOR
    PART_TWICE = "part_twice", CauseKind.FACTOR
    PART_HALF = "part_half", CauseKind.FACTOR
    PART_RATE_TOO_OFTEN = "part_rate_too_often", CauseKind.FACTOR
    PART_RATE_MISSING = "part_rate_missing", CauseKind.FACTOR
    UPDATED_USED = "updated_used", CauseKind.OLD_WEIGHT
    NOT_UPDATED = "not_updated", CauseKind.OLD_WEIGHT
    OTHER_SAMPLE = "other_sample", CauseKind.SAMPLE
    BIAS_MULTIPLIED = "bias_multiplied", CauseKind.BIAS
    INPUTS_SWAPPED = "inputs_swapped", CauseKind.SWAP
    VALUES_SWAPPED = "values_swapped", CauseKind.SWAP
    ENTRIES_SWAPPED = "entries_swapped", CauseKind.SWAP
    TAKEN_FOR = "taken_for", CauseKind.SWAP
    NOT_TRANSPOSED = "not_transposed", CauseKind.TRANSPOSED
    OUTER_TRANSPOSED = "outer_transposed", CauseKind.TRANSPOSED
    TERM_MISSING = "term_missing", CauseKind.TERM
    MEAN_OF_OUTPUTS = "mean_of_outputs", CauseKind.CONVENTION
    OTHER_LOGARITHM = "other_logarithm", CauseKind.CONVENTION
    DIGIT_WRONG = "digit_wrong", CauseKind.DIGITS
    DIGITS_EXCHANGED = "digits_exchanged", CauseKind.DIGITS
    EARLY_1 = "early_1", CauseKind.ROUNDING
    EARLY = "early", CauseKind.ROUNDING
    INPUTS_ROUNDED_1 = "inputs_rounded_1", CauseKind.ROUNDING
    INPUTS_ROUNDED = "inputs_rounded", CauseKind.ROUNDING
    INPUTS_SIGNIFICANT_1 = "inputs_significant_1", CauseKind.ROUNDING
    INPUTS_SIGNIFICANT = "inputs_significant", CauseKind.ROUNDING
    FIRST_DIGITS = "first_digits", CauseKind.ROUNDING
    BOTH = "both", CauseKind.TWO
    NONE = "none", CauseKind.UNKNOWN

    def __new__(cls, value: str, kind: CauseKind) -> Self:
        """Return a word that carries its kind."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.kind = kind
        return member


@dataclass(frozen=True)
class Cause:
    """Say why a line is wrong.

    Attributes
    ----------
    slip : Slip
    parts : tuple of str or Cause
        What its sentence names: quantities and formulas, which are the same in every language.
    entry : str
        Of a matrix, where it is about one: ``"[1,2]"``.
    besides : bool
        Whether the last digit is off besides.
    """

    slip: Slip
    parts: "tuple[str | Cause, ...]" = ()
    entry: str = ""
    besides: bool = False

    @property
    def kind(self) -> CauseKind:
        """The kind of the slip."""
        return self.slip.kind

    @property
    def text(self) -> str:
        """What is said of it in English."""
        return self.text_in(ENGLISH)

    def text_in(self, language: str) -> str:
        """Return what is said of it in a language.

        Raises
        ------
        UnknownNameError
            When there is no file of the language.
        """
        words = sentences(language)
        parts = [part if isinstance(part, str) else part.text_in(language) for part in self.parts]
        text = words[self.slip].format(*parts)
        text = words["entry"].format(self.entry, text) if self.entry else text
        return text + words["besides"] if self.besides else text


def either(causes: tuple[Cause, ...], language: str = ENGLISH) -> str:
    """Return what is said of causes that explain a number equally well: ``either ... or ...``."""
    texts = list(dict.fromkeys(cause.text_in(language) for cause in causes))
    if len(texts) < 2:
        return "".join(texts)
    words = sentences(language)
    return words["either"].format(words["or"].join(texts))


def sentences(language: str) -> dict[str, str]:
    """Return the sentences of a language, by slip.

    Raises
    ------
    UnknownNameError
    """
    return read_texts("glassnet.worked.grade", language)
