"""Texts of a fixed choice, which stand in an order: verdicts, severities, kinds; and counted nouns."""

from enum import StrEnum


class Word(StrEnum):
    """Be one of a few words that have an order, the one in which they are listed."""

    __repr__ = str.__repr__  # reads as the text that it is

    @property
    def rank(self) -> int:
        """Its place in the order, from 0."""
        return list(type(self)).index(self)


SHOWN_CHARACTERS = 200
"""How much of an input a message repeats at most."""


def shown(text: object, most: int = SHOWN_CHARACTERS) -> str:
    r"""Write what came from outside as a message may repeat it: on one line, and not much of it.

    Parameters
    ----------
    text : object
    most : int
        How many characters there may be.

    Returns
    -------
    str
        Control characters and line breaks are escaped; what is left out at the end is marked.

    Examples
    --------
    >>> shown("one\ntwo"), shown("abcdefgh", 4)
    ('one\\ntwo', 'abc…')
    """
    start = str(text)[: most + 1]
    escaped = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in start)
    return escaped if len(escaped) <= most else escaped[: most - 1] + "…"


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
