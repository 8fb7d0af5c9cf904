"""Points in the plane that a person adds, moves, relabels and removes."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.studio.parts import Opened, Part

MOST_POINTS = 5_000
FARTHEST = 100.0
FEWEST_OF_A_CLASS = 2


def change_points(data: Opened, change: Mapping[str, Any]) -> Opened:
    """Return data with a point more, elsewhere, of another class, or less.

    Parameters
    ----------
    data : Opened
    change : mapping
        ``{"add": {"x", "y", "label"}}``, ``{"move": {"index", "x", "y"}}``,
        ``{"label": {"index", "label"}}`` or ``{"remove": {"index"}}``; labels are the numbers of classes.

    Raises
    ------
    InvalidParameterError, InvalidDataError
        When it cannot be done.
    """
    if data.kind != "plane":
        raise InvalidParameterError(f"got points for {data.name}; expected data in the plane.")
    kinds = [kind for kind in ("add", "move", "label", "remove") if isinstance(change.get(kind), Mapping)]
    if len(kinds) != 1:
        raise InvalidParameterError("got no change of points; expected one of add, move, label, remove.")
    fields = change[kinds[0]]
    if kinds[0] == "add":
        if len(data.train) >= MOST_POINTS:
            raise InvalidDataError(f"there are {MOST_POINTS:,} points already; remove some first.")
        place, label = [_number(fields, "x"), _number(fields, "y")], _label(data, fields)
        X = np.vstack([data.train.X, np.array([place], data.train.X.dtype)])
        return replace(data, train=Part(X, np.append(data.train.y, label)), is_changed=True)
    part, row = data.sample(_index(data, fields))
    X, y = part.X.copy(), part.y.copy()
    if kinds[0] == "move":
        X[row] = _number(fields, "x"), _number(fields, "y")
    elif kinds[0] == "label":
        y[row] = _label(data, fields)
    else:
        X, y = np.delete(X, row, axis=0), np.delete(y, row)
    if part is data.validation:
        return replace(data, validation=Part(X, y), is_changed=True)
    _check_classes(data, y)
    return replace(data, train=Part(X, y), is_changed=True)


def _check_classes(data: Opened, y: Any) -> None:
    for name, label in zip(data.classes, data.labels, strict=True):
        if np.count_nonzero(y == label) < FEWEST_OF_A_CLASS:
            raise InvalidDataError(f"these are the last points of class {name}; add others first.")


def _number(fields: Mapping[str, Any], name: str) -> float:
    value = fields.get(name)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or abs(value) > FARTHEST
    ):
        raise InvalidParameterError(
            f"got {name}={quoted(value)}; expected a number from {-FARTHEST:g} to {FARTHEST:g}."
        )
    return float(value)


def _label(data: Opened, fields: Mapping[str, Any]) -> Any:
    value, n = fields.get("label"), len(data.classes)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < n:
        raise InvalidParameterError(
            f"got label={quoted(value)}; expected the number of a class, 0 to {n - 1}."
        )
    return data.labels[value]


def _index(data: Opened, fields: Mapping[str, Any]) -> int:
    value, n = fields.get("index"), len(data.train) + len(data.validation)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < n:
        raise InvalidParameterError(f"got index={quoted(value)}; expected 0 to {n - 1}.")
    return value
