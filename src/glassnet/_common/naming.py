"""Look a name up in a table, and say what was meant when it is not there."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from glassnet._common.quoting import MOST_QUOTED, listed, quoted
from glassnet.errors import UnknownNameError

Value = TypeVar("Value")


def lookup(table: Mapping[str, Value], name: str, kind: str) -> Value:
    """Return ``table[name]``, or raise an error that lists the known names and the nearest.

    Parameters
    ----------
    table : mapping of str to value
    name : str
    kind : str
        What the table holds, for the message: ``"activation"``.

    Raises
    ------
    UnknownNameError
        When the table has no such name.

    Examples
    --------
    >>> lookup({"relu": 1, "tanh": 2}, "rleu", "activation")
    Traceback (most recent call last):
    ...
    glassnet.errors.UnknownNameError: unknown activation 'rleu'; did you mean 'relu'? Known: relu, tanh.
    """
    try:
        return table[name]
    except (KeyError, TypeError):
        known = {one.lower(): one for one in table}
        nearest = get_close_matches(str(name)[:MOST_QUOTED].lower(), known, n=1, cutoff=0.4)
        hint = f"; did you mean {quoted(known[nearest[0]])}?" if nearest else "."
        raise UnknownNameError(f"unknown {kind} {quoted(name)}{hint} Known: {listed(table)}.") from None
