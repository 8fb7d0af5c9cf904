"""Damage done on purpose, one place after the other, the same in every run."""

import copy
from collections.abc import Iterator
from typing import Any

WRONG_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    7,
    10**12,
    10**400,
    1.5,
    -0.5,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\x1b[31m" + "x" * 5000,
    [],
    [1],
    ["x"],
    [[[]]],
    {},
    {"x": 1},
    {"tuple": [1, 2]},
    {"pairs": [[[], 1]]},
    {"optimizer": "SGD", "momentum": "x"},
    {"schedule": "OneCycle", "warmup": 1.0},
    {"schedule": "Cosine"},
)
"""What a field of plain values may hold in the place of what belongs there."""


def places_in(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every field of nested dicts and lists; of a list to its first item and its last."""
    if here:
        yield here
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places_in(item, (*here, name))
    elif isinstance(value, list):
        for i in sorted({0, len(value) - 1}) if value else ():
            yield from places_in(value[i], (*here, i))


def changed(whole: Any, way: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of nested dicts and lists with another value in one field."""
    found = copy.deepcopy(whole)
    _holder(found, way)[way[-1]] = value
    return found


def without(whole: Any, way: tuple[Any, ...]) -> Any:
    """Return a copy of nested dicts and lists without one field."""
    found = copy.deepcopy(whole)
    del _holder(found, way)[way[-1]]
    return found


def value_at(whole: Any, way: tuple[Any, ...]) -> Any:
    """Return what a field holds."""
    return _holder(whole, way)[way[-1]]


def _holder(whole: Any, way: tuple[Any, ...]) -> Any:
    for step in way[:-1]:
        whole = whole[step]
    return whole


def changed_bytes(content: bytes, step: int) -> Iterator[tuple[str, bytes]]:
    """Yield a file with a bit turned, a byte cleared, filled, doubled or left out, or cut."""
    for place in range(0, len(content), step):
        yield f"bit at {place}", flipped(content, place, place // step % 8)
        for byte in (b"\x00", b"\xff"):
            if content[place : place + 1] != byte:
                yield f"{byte.hex()} at {place}", content[:place] + byte + content[place + 1 :]
        yield f"cut at {place}", content[:place]
        yield f"without {place}", content[:place] + content[place + 1 :]
        yield f"twice {place}", content[: place + 1] + content[place:]


def flipped(content: bytes, place: int, bit: int) -> bytes:
    """Return a file with one bit turned."""
    damaged = bytearray(content)
    damaged[place] ^= 1 << bit
    return bytes(damaged)
