"""What was published beside what was reproduced, and which verdict that gives."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from glassnet._common.words import Word


class Verdict(Word):
    """Name what comes of checking a published statement."""

    CONFIRMED = "confirmed"
    NOT_REPRODUCIBLE = "not reproducible"
    """It may be right: it is not what came out here, and nothing shows that it is wrong."""
    WRONG = "wrong"
    NOT_JUDGED = "not judged in a quick run"
    """It rests on models that a short run has hardly trained: no total counts it."""


def judge(*, agrees: bool, is_refuted: bool = False) -> Verdict:
    """Return the verdict on a published statement.

    Parameters
    ----------
    agrees : bool
        Whether what was reproduced is what was published.
    is_refuted : bool
        Whether, where they differ, something shows that the published statement is wrong: that its figure is
        another one's, say.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> judge(agrees=False), judge(agrees=False, is_refuted=True)
    ('not reproducible', 'wrong')
    """
    if agrees:
        return Verdict.CONFIRMED
    return Verdict.WRONG if is_refuted else Verdict.NOT_REPRODUCIBLE


@dataclass(frozen=True)
class Claim:
    """Set one published statement beside the reproduced one.

    Attributes
    ----------
    quantity : str
        What it is of.
    published, reproduced : str
        As people read them.
    verdict : Verdict
    explanation : str
        Why, from what was computed; may be empty where both are the same.
    published_is : str
        What the published figure is, where it was found to be another one than it is called: ``"the share of
        the class Coat"``. Empty where it is what it says, or nobody knows.
    needs_full_run : bool
        Whether the verdict rests on trained models, so that a quick run cannot give it.
    """

    quantity: str
    published: str
    reproduced: str
    verdict: Verdict
    explanation: str
    published_is: str = ""
    needs_full_run: bool = True


def count_verdicts(verdicts: Iterable[str]) -> tuple[dict[str, int], int]:
    """Return how often each verdict was given, the commonest first, and how many are not judged."""
    counts = Counter(verdicts)
    not_judged = counts.pop(Verdict.NOT_JUDGED, 0)
    return dict(counts.most_common()), not_judged
