"""Labelled points as a support-vector problem states them: named, with exact coordinates and a side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from glassnet._common.limits import find_excess
from glassnet._common.naming import lookup
from glassnet._common.quoting import listed, printable, quoted, shown
from glassnet._common.tables import parse_table, read_text
from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError, UnknownNameError
from glassnet.worked.svm._numbers import format_fraction, read_number

NAME_COLUMNS = ("name", "point")
CLASS_COLUMNS = ("class", "label", "y")

UNKNOWN = "?"
"""A coordinate that was not given; allowed where the hyperplane's weight for it is zero."""


@dataclass(frozen=True)
class Point:
    """Name a point."""

    name: str
    x: tuple[Fraction | None, ...]
    """None is a coordinate that was not given."""
    sign: int = 0
    """+1 or -1, the class; 0 when it was not given."""

    @property
    def known_x(self) -> tuple[Fraction, ...]:
        """The coordinates that were given."""
        return tuple(value for value in self.x if value is not None)

    @property
    def is_known(self) -> bool:
        """Whether every coordinate was given."""
        return None not in self.x

    def __str__(self) -> str:
        return f"{self.name} {format_point(self.x)}"


@dataclass(frozen=True)
class PointSet:
    """Hold the points of a problem, with the names of the coordinates and of the two classes."""

    points: tuple[Point, ...]
    features: tuple[str, ...]
    classes: tuple[str, str] = ("-1", "+1")
    """The labels of the negative and of the positive class."""

    def __repr__(self) -> str:
        return f"<PointSet of {len(self.points)} points: {', '.join(self.features[:10])}>"


def format_point(x: Iterable[Fraction | None]) -> str:
    """Write coordinates as ``(1, 1/2)``."""
    return f"({', '.join(UNKNOWN if value is None else format_fraction(value) for value in x)})"


def make_points(
    X: Any,
    y: Any = None,
    *,
    names: Sequence[object] | None = None,
    features: Sequence[str] | None = None,
    positive: object = None,
) -> PointSet:
    """Check points and labels as `solve_svm` takes them, and read every number exactly.

    Points are called 1, 2 ... and features x1, x2 ... unless names are given; a `PointSet` is returned as it
    is. Raises `InvalidDataError` for shapes that do not fit, what is no finite number, and not two classes.
    """
    if isinstance(X, PointSet):
        return X
    rows = [list(row) if hasattr(row, "__iter__") and not isinstance(row, str) else [row] for row in X]
    if not rows or not rows[0]:
        raise InvalidDataError("got no points; expected at least one row with at least one number.")
    words = [printable(str(name)) for name in (range(1, len(rows) + 1) if names is None else names)]
    if len(words) != len(rows):
        raise InvalidDataError(f"got {len(words)} names for {len(rows)} points; expected one for each.")
    if len(set(words)) < len(words):
        twice = min(name for name in words if words.count(name) > 1)
        raise InvalidDataError(f"the name {quoted(twice)} stands for several points; give each its own.")
    features = (
        tuple(map(printable, features))
        if features is not None
        else tuple(f"x{k}" for k in range(1, len(rows[0]) + 1))
    )
    coordinates = [_read_row(name, row, features) for name, row in zip(words, rows, strict=True)]
    signs, classes = _read_signs(y, len(rows), positive)
    return PointSet(tuple(map(Point, words, coordinates, signs)), features, classes)


def _read_row(name: str, row: list[Any], features: tuple[str, ...]) -> tuple[Fraction | None, ...]:
    if len(row) != len(features):
        expected = f"{len(features)}: {listed(features)}"
        raise InvalidDataError(
            f"got {len(row)} coordinates for the point {shown(name)}; expected {expected}."
        )
    return tuple(
        None if value == UNKNOWN else read_number(value, f"the point {name}, column {feature}")
        for value, feature in zip(row, features, strict=True)
    )


def _read_signs(y: Any, n_points: int, positive: object) -> tuple[list[int], tuple[str, str]]:
    if y is None:
        return [0] * n_points, ("-1", "+1")
    labels = [_plain(label) for label in y]
    if len(labels) != n_points:
        raise InvalidDataError(f"got {n_points} points and {len(labels)} labels; expected one for each.")
    known = list(dict.fromkeys(labels))
    if len(known) != 2:
        is_one = len(known) < 2
        hint = "Is the data sorted by class and cut?" if is_one else "Leave out the rows of the others."
        raise InvalidDataError(f"got the classes {listed(known)}; expected exactly two. {hint}")
    numbers = {label: number for label in known if (number := _label_number(label)) is not None}
    known.sort(key=numbers.__getitem__ if len(numbers) == 2 else None)
    if positive is not None:
        if _plain(positive) not in known:
            raise InvalidParameterError(
                f"got positive={quoted(_plain(positive))}; expected one of the classes, "
                f"{shown(' or '.join(known))}."
            )
        known.sort(key=_plain(positive).__eq__)
    return [1 if label == known[1] else -1 for label in labels], (known[0], known[1])


def _plain(label: object) -> str:
    item = label.item() if hasattr(label, "item") else label
    if isinstance(item, float) and item.is_integer():
        item = int(item)
    return printable(str(item)).strip().replace("−", "-")


def _label_number(label: object) -> Fraction | None:
    """Return the number that a label is, if it is one; + is 1."""
    text = str(label)
    if find_excess(text):
        return None
    try:
        return Fraction(f"{text}1" if text in ("+", "-") else text)
    except (ValueError, ZeroDivisionError):
        return None


def read_points(
    path: str | Path, *, features: Sequence[str] | None = None, positive: object = None
) -> PointSet:
    """Read points from a table, such as a CSV file with the header ``name,x1,x2,class``.

    Lines of a CSV file that begin with # are left out; TOML, YAML and JSON hold a list ``points``. Unless
    `features` are given, all columns hold coordinates but the name's (``name`` or ``point``) and the class's
    (``class``, ``label`` or ``y``); both of these may be missing.

    Raises `DataFileError` for what is no such table, `UnknownNameError` for what is none of its columns.
    """
    path = Path(path)
    text = read_text(path, "table of points", expected="a CSV file, or the word assignment")
    records = parse_table(text, path, "points", comments=True).records
    if not records:
        raise DataFileError(
            f"{shown(path)} holds no points; expected the columns name,x1,x2,class, and rows."
        )
    columns = dict.fromkeys(records[0].cells)
    if any(_label_number(column) is not None for column in columns):
        raise DataFileError(
            f"{shown(path)} begins with {shown(','.join(columns))}; expected the names of its columns "
            "there, such as "
            "name,x1,x2,class."
        )
    for where, cells in records:
        if cells.keys() != columns.keys():
            raise DataFileError(f"{shown(path)}, {where}: got {listed(cells)}; expected {listed(columns)}.")
    name_column = next((c for c in columns if c.lower() in NAME_COLUMNS), None)
    class_column = next((c for c in columns if c.lower() in CLASS_COLUMNS), None)
    chosen = features or [c for c in columns if c not in (name_column, class_column)]
    if not chosen:
        raise DataFileError(
            f"{shown(path)} has no columns with coordinates; expected some such as x1 and x2."
        )
    for feature in chosen:
        lookup(columns, feature, f"column of {shown(path)}")
        first = records[0].cells[feature]
        is_text = all(_label_number(cells[feature]) is None for _, cells in records)
        if is_text and first != UNKNOWN and not features:
            raise UnknownNameError(
                f"{shown(path)} has the column {quoted(feature)}, which holds {quoted(first)} in "
                f"{records[0].where}, no number; "
                f"expected coordinates, a name ({', '.join(NAME_COLUMNS)}) or a class "
                f"({', '.join(CLASS_COLUMNS)}). Rename the column, or choose those with --features."
            )

    def read(cell: Any, place: str) -> Any:
        return cell if cell == UNKNOWN else read_number(cell, f"{place} of {path}")

    return make_points(
        [[read(cells[name], f"{where}, column {name}") for name in chosen] for where, cells in records],
        [cells[class_column] for _, cells in records] if class_column else None,
        names=[cells[name_column] for _, cells in records] if name_column else None,
        features=chosen,
        positive=positive,
    )
