"""Numbers drawn for one student: the same for the same secret, whatever the rest of the class."""

import hashlib
import hmac
import random
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

Value = TypeVar("Value")

_ROUNDS = 200_000
"""How often the secret is hashed: nobody who has a sheet tries many secrets."""


class Secret:
    """Hold the secret of a course, from which all numbers of its exercises follow.

    Parameters
    ----------
    text : str
        Known to the instructor alone. It is never written anywhere.
    """

    def __init__(self, text: str) -> None:
        self._key = _stretch(text)

    @property
    def fingerprint(self) -> str:
        """What tells two secrets apart and does not tell the secret."""
        return self._digest("fingerprint")[:4].hex()

    def dice(self, *names: str) -> "Dice":
        """Return what is drawn with for a template and a student, from the beginning."""
        return Dice(int.from_bytes(self._digest("\0".join(names))))

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(), "sha256")


@lru_cache(maxsize=4)
def _stretch(text: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", text.encode(), b"glassnet exercise", _ROUNDS)


class Dice:
    """Draw whole numbers, choices and orders, alike in every version of Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random  # the seed is secret, the numbers are not

    def number(self, n: int) -> int:
        """Return a whole number from 0 to below n."""
        return int(self._random() * n)

    def choice(self, values: Sequence[Value]) -> Value:
        """Return one of some values."""
        return values[self.number(len(values))]

    def shuffled(self, values: Sequence[Value]) -> list[Value]:
        """Return the values in another order."""
        rest = list(values)
        return [rest.pop(self.number(len(rest))) for _ in values]
