"""Show what others wrote: shortened, and without characters that do something to a terminal or a page."""

import re
from collections.abc import Iterable

MOST_QUOTED = 100
"""How many characters of a value a message repeats: enough to find it in a file."""

MOST_LISTED = 200
"""How many characters of a path, or of several names, a message repeats: the most of any input."""

LAYOUT = "\n\t"
"""Control characters that lay a text out, for `printable` to keep where the text is no name."""

_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, as begin an escape sequence; what parts or turns lines; halves of pairs."""


def printable(text: str, *, keep: str = "") -> str:
    r"""Write characters that are not shown, but do something, as Python writes them.

    Parameters
    ----------
    text : str
    keep : str
        Characters that stay as they are: the ends of lines, in a text of several.

    Returns
    -------
    str
        Which every terminal shows, and every encoding of Unicode writes.

    Examples
    --------
    >>> print(printable("red \x1b[31m or \u202eder, in\ntwo lines"))
    red \x1b[31m or \u202eder, in\ntwo lines
    """

    def escape(match: re.Match[str]) -> str:
        character = match[0]
        return (
            character if character in keep else character.encode("unicode_escape", "surrogatepass").decode()
        )

    return _CONTROL.sub(escape, text)


def shorten(text: str, most: int = MOST_QUOTED) -> str:
    """Leave out the middle of a text that is too long.

    Examples
    --------
    >>> shorten("a short one"), shorten("abcdefghijklmnopqrstuvwxyz", 13)
    ('a short one', 'abcdefgh…wxyz')
    """
    if len(text) <= most:
        return text
    n_last = (most - 1) // 3
    return f"{text[: most - 1 - n_last]}…{text[len(text) - n_last :]}"


def quoted(value: object, most: int = MOST_QUOTED) -> str:
    """Write a value that somebody gave, as Python writes it, for a message: ``got {quoted(value)}``.

    Examples
    --------
    >>> quoted("rleu"), quoted([2, 2, 1]), quoted(10**5000)
    ("'rleu'", '[2, 2, 1]', 'a value of type int that is too long to show')
    """
    try:
        text = repr(value)
    except (
        Exception
    ):  # a number of thousands of digits, lists in lists without end, an object of somebody's own
        return f"a value of type {type(value).__name__} that is too long to show"
    return shorten(printable(text, keep="\n"), most)


def shown(text: object, most: int = MOST_LISTED) -> str:
    """Write a text or a path as it is, for a message, but shortened and printable."""
    return shorten(printable(str(text)), most)


def listed(names: Iterable[object], most: int = MOST_LISTED) -> str:
    """Write names with commas between them, as many as there is room for, and how many are left out.

    Examples
    --------
    >>> listed(["x1", "x2"]), listed(range(100), 20)
    ('x1, x2', '0, 1, 2, 3, 4, 5 and 94 more')
    """
    words = [shown(name, MOST_QUOTED) for name in names]
    n_shown = length = 0
    for word in words:
        length += len(word) + 2
        if length > most and n_shown:
            break
        n_shown += 1
    rest = len(words) - n_shown
    return ", ".join(words[:n_shown]) + (f" and {rest:,} more" if rest else "")
