"""Where in a file in TOML a key stands, so that a message can say its line."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from glassnet._common.quoting import quoted, shown
from glassnet.errors import GlassnetError, InvalidParameterError, UnknownNameError

Value = TypeVar("Value")

Path = Sequence[str | int]
Place = Callable[[Path], str]
"""Gives the words that a message about a key begins with."""

_HEADER = re.compile(r"^\s*\[(\[)?\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
_WORD = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")


def name_key(path: Path) -> str:
    """Write a key as TOML does, entries of a list by their number.

    Examples
    --------
    >>> name_key(("split", "test")), name_key(("published", 1, "value"))
    ('split.test', 'published[2].value')
    """
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def find_line(text: str, path: Path) -> int | None:
    r"""Return the line of a key in a text in TOML, from 1, or of what it stands in.

    Examples
    --------
    >>> find_line("name = 'a'\n[split]\ntest = 2\n", ("split", "test"))
    3
    """
    lines = _list_lines(text)
    for length in range(len(path), 0, -1):
        if (line := lines.get(tuple(path[:length]))) is not None:
            return line
    return None


def _list_lines(text: str) -> dict[tuple[str | int, ...], int]:
    found: dict[tuple[str | int, ...], int] = {}
    counts: dict[str, int] = {}
    table: tuple[str | int, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            words = tuple(_words(header[2]))
            table = words
            if header[1]:
                counts[name_key(words)] = counts.get(name_key(words), -1) + 1
                table = (*words, counts[name_key(words)])
                found.setdefault(words, number)
            elif words and words[0] in counts:
                table = (words[0], counts[str(words[0])], *words[1:])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            words = tuple(_words(key[1]))
            for length in range(1, len(words) + 1):
                found.setdefault((*table, *words[:length]), number)
    return found


def _words(text: str) -> list[str]:
    return [next(part for part in match if part) for match in _WORD.findall(text)]


def of_file(text: str, name: object) -> Place:
    """Return what says of each key where it stands in a file."""

    def place(path: Path) -> str:
        line = find_line(text, path)
        where = f", line {line}" if line is not None else ""
        return f"{shown(name)}{where}: {name_key(path)}" if path else shown(name)

    return place


def in_python(path: Path) -> str:
    """Say of a key that it is a parameter."""
    return name_key(path)


def refuse(value: object, path: Path, place: Place, expected: str) -> InvalidParameterError:
    """Return the error that says what was got for a key, and what is expected."""
    return InvalidParameterError(f"{place(path)}: got {quoted(value)}; expected {expected}.")


def told_at(place: Place, path: Path, call: Callable[[], Value]) -> Value:
    """Return what a call returns; what it finds wrong is told with the place."""
    try:
        return call()
    except UnknownNameError as error:
        raise UnknownNameError(f"{place(path)}: {error}") from error.__cause__
    except GlassnetError as error:
        raise InvalidParameterError(f"{place(path)}: {error}") from error
