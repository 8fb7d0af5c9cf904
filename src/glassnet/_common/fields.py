"""Make values of JSON into dataclasses, which say what each field may hold."""

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from glassnet._common.quoting import quoted

Value = TypeVar("Value")

MOST = 2**63
"""What whole numbers are below: an array holds them."""


def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a mapping of JSON's names and values, as ``object_pairs_hook`` of `json.loads`.

    Raises
    ------
    ValueError
        When a name is there twice: nobody knows which value is meant.

    Examples
    --------
    >>> without_twins([("a", 1), ("b", 2)])
    {'a': 1, 'b': 2}
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{quoted(next(name for name in names if names.count(name) > 1))} is there twice")
    return found


def build(kind: type[Value], value: Any) -> Value:
    """Return the dataclass that `dataclasses.asdict` made into plain values.

    Parameters
    ----------
    kind : type
        A dataclass whose fields are text, numbers, truth values, None, enumerations of text, lists, tuples
        of any length and dicts of them, other dataclasses, or `Any`.
    value : object
        As JSON holds it. A field with a default may be missing.

    Returns
    -------
    object of `kind`

    Raises
    ------
    ValueError
        When a field is missing, has an unknown name, or holds something else than the class says; numbers
        have to be finite.
    """
    result: Value = _of_kind(kind, value, kind.__name__)
    return result


def _of_kind(kind: Any, value: Any, where: str) -> Any:
    if kind is Any:
        return value
    if isinstance(kind, UnionType):
        return None if value is None and type(None) in get_args(kind) else _of_kind(_some(kind), value, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list and isinstance(value, list):
        return [_of_kind(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(value)]
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_of_kind(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is dict and isinstance(value, dict):
        return {name: _of_kind(arguments[1], item, f"{where}.{name}") for name, item in value.items()}
    if origin is None and is_dataclass(kind) and isinstance(value, dict):
        return _dataclass(kind, value, where)
    if origin is None and _is_plain(kind, value):
        return kind(value) if issubclass(kind, Enum) else value
    raise ValueError(f"{where} is {quoted(value)}; expected {_describe(kind)}")


def _some(kind: UnionType) -> Any:
    """Return what else than None a field may hold."""
    return next(one for one in get_args(kind) if one is not type(None))


@lru_cache(maxsize=64)  # of thousands of values of one class, finding its types takes longest
def _fields_of(kind: Any) -> tuple[dict[str, Any], list[str]]:
    """Return the types of a dataclass's fields, and which of them have to be there."""
    needed = [one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING]
    return get_type_hints(kind), needed


def _dataclass(kind: Any, value: Mapping[str, Any], where: str) -> Any:
    hints, needed = _fields_of(kind)
    unknown = [name for name in value if name not in hints]
    missing = [name for name in needed if name not in value]
    if unknown or missing:
        what = f"has the unknown name {quoted(unknown[0])}" if unknown else f"has no {missing[0]}"
        raise ValueError(f"{where} {what}")
    return kind(**{name: _of_kind(hints[name], item, f"{where}.{name}") for name, item in value.items()})


def _is_plain(kind: Any, value: Any) -> bool:
    if kind is float:
        return (type(value) is float and math.isfinite(value)) or (type(value) is int and abs(value) < MOST)
    if kind is int:
        return type(value) is int and abs(value) < MOST
    if issubclass(kind, Enum):
        return value in [member.value for member in kind]
    return type(value) is kind


def _describe(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(str(member.value) for member in kind)
    names = {float: "a finite number", int: "a whole number", str: "text", bool: "true or false"}
    return names.get(kind, "a list" if get_origin(kind) in (list, tuple) else "names with their values")
