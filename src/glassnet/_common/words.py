"""Texts of a fixed choice, which stand in an order: verdicts, severities, kinds; and counted nouns."""

from enum import StrEnum


class Word(StrEnum):
    """Be one of a few words that have an order, the one in which they are listed."""

    def __repr__(self) -> str:
        return str.__repr__(self)  # reads as the text that it is

    @property
    def rank(self) -> int:
        """Its place in the order, from 0."""
        return list(type(self)).index(self)


def counted(n: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun: one of a thing, or several.

    Parameters
    ----------
    n : int
    noun : str
        Of one thing.
    plural : str
        Of several; unless given, the noun with an s.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "model"), counted(1200, "model"), counted(0, "class", "classes")
    ('1 model', '1,200 models', '0 classes')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """Write a time as people say it.

    Examples
    --------
    >>> duration(7.24), duration(312.4), duration(7325)
    ('7.2 s', '5 min 12 s', '2 h 2 min')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
