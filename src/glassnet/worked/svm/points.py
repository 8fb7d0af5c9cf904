"""Labelled points as a support-vector problem states them: named, with exact coordinates and a side."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from glassnet._common.naming import lookup
from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError, UnknownNameError
from glassnet.worked.problem_file import read_text
from glassnet.worked.svm._rational import format_fraction, read_number

NAME_COLUMNS = ("name", "point")
CLASS_COLUMNS = ("class", "label", "y")

UNKNOWN = "?"
"""A coordinate that was not given; allowed where the hyperplane's weight for it is zero."""


@dataclass(frozen=True)
class Point:
    """Name a point.

    Attributes
    ----------
    name : str
    x : tuple of Fraction or None
        None is a coordinate that was not given.
    sign : int
        +1 or -1, the class; 0 when it was not given.
    """

    name: str
    x: tuple[Fraction | None, ...]
    sign: int = 0

    @property
    def known_x(self) -> tuple[Fraction, ...]:
        """The coordinates; only for points that have them all."""
        return tuple(value for value in self.x if value is not None)

    @property
    def is_known(self) -> bool:
        """Whether every coordinate was given."""
        return None not in self.x

    def __str__(self) -> str:
        return f"{self.name} {format_point(self.x)}"


@dataclass(frozen=True)
class PointSet:
    """Hold the points of a problem, with the names of the coordinates and of the two classes.

    Attributes
    ----------
    points : tuple of Point
    features : tuple of str
    classes : tuple of str
        The labels of the negative and of the positive class.
    """

    points: tuple[Point, ...]
    features: tuple[str, ...]
    classes: tuple[str, str] = ("-1", "+1")


def format_point(x: Iterable[Fraction | None]) -> str:
    """Write coordinates as ``(1, 1/2)``."""
    return f"({', '.join(UNKNOWN if value is None else format_fraction(value) for value in x)})"


def make_points(
    X: Any,
    y: Any = None,
    *,
    names: Sequence[str] | None = None,
    features: Sequence[str] | None = None,
    positive: object = None,
) -> PointSet:
    """Check points and labels, and read every number exactly.

    Parameters
    ----------
    X : sequence of sequence of numbers or text, shape (n_points, n_features)
    y : sequence of labels, length n_points, optional
        Two different ones.
    names : sequence of str, optional
        Unless given, ``"1"``, ``"2"`` ...
    features : sequence of str, optional
        Unless given, ``"x1"``, ``"x2"`` ...
    positive : label, optional
        Which class is +1. Unless given, the greater number, or the later word, as in scikit-learn.

    Raises
    ------
    InvalidDataError
        When shapes do not fit, a number is none or not finite, or there are not two classes.
    """
    rows = [list(row) if hasattr(row, "__iter__") and not isinstance(row, str) else [row] for row in X]
    if not rows or not rows[0]:
        raise InvalidDataError("got no points; expected at least one row with at least one number.")
    names = [str(name) for name in names] if names is not None else [str(i) for i in range(1, len(rows) + 1)]
    if len(names) != len(rows):
        raise InvalidDataError(f"got {len(names)} names for {len(rows)} points; expected one for each.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidDataError(f"the name {twice[0]!r} stands for several points; give each its own.")
    features = tuple(features) if features is not None else tuple(f"x{k}" for k in range(1, len(rows[0]) + 1))
    coordinates = [_read_row(name, row, features) for name, row in zip(names, rows, strict=True)]
    signs, classes = _read_signs(y, len(rows), positive)
    points = [Point(name, x, sign) for name, x, sign in zip(names, coordinates, signs, strict=True)]
    return PointSet(tuple(points), features, classes)


def _read_row(name: str, row: list[Any], features: tuple[str, ...]) -> tuple[Fraction | None, ...]:
    if len(row) != len(features):
        raise InvalidDataError(
            f"got {len(row)} coordinates for the point {name}; expected {len(features)}: "
            f"{', '.join(features)}."
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
    order: dict[str, Any] = {label: _rank(label) for label in dict.fromkeys(labels)}
    if len(order) != 2:
        raise InvalidDataError(
            f"got the classes {', '.join(list(order)[:10])}; expected exactly two. "
            + (
                "Is the data sorted by class and cut?"
                if len(order) < 2
                else "Leave out the rows of the others."
            )
        )
    if positive is not None and _plain(positive) not in order:
        raise InvalidParameterError(
            f"got positive={_plain(positive)!r}; expected one of the classes, {' or '.join(order)}."
        )
    numeric = all(isinstance(rank, Fraction) for rank in order.values())
    negative_label, positive_label = sorted(order, key=lambda label: order[label] if numeric else label)
    if positive is not None and _plain(positive) != positive_label:
        negative_label, positive_label = positive_label, negative_label
    return [1 if label == positive_label else -1 for label in labels], (negative_label, positive_label)


def _plain(label: object) -> str:
    item = label.item() if hasattr(label, "item") else label
    if isinstance(item, float) and item == int(item):
        item = int(item)
    return str(item).strip().replace("−", "-")


def _rank(label: str) -> Fraction | str:
    """Return what a label is sorted by: its number, if it is one."""
    if label in ("+", "-"):
        return Fraction(f"{label}1")
    try:
        return Fraction(label)
    except (ValueError, ZeroDivisionError):
        return label


def read_points(
    path: str | Path, *, features: Sequence[str] | None = None, positive: object = None
) -> PointSet:
    """Read points from a CSV file with a header, such as ``name,x1,x2,class``.

    Parameters
    ----------
    path : path-like
    features, positive
        See `parse_points`.

    Raises
    ------
    DataFileError, FileError
        When the file cannot be read or is no such table.
    UnknownNameError
        When there is no such column.
    InvalidDataError
        When its numbers are none, or there are not two classes.
    """
    path = Path(path)
    text = read_text(path, "table of points")
    return parse_points(text, path, features=features, positive=positive)


def parse_points(
    text: str, path: Path, *, features: Sequence[str] | None = None, positive: object = None
) -> PointSet:
    """Read points from the text of a CSV file.

    Parameters
    ----------
    text : str
        Lines that begin with # are left out.
    path : Path
        For the messages.
    features : sequence of str, optional
        The columns with coordinates. Unless given, all but the name's (``name`` or ``point``) and the
        class's (``class``, ``label`` or ``y``); both of these may be missing.
    positive : label, optional
        Which class is +1, see `make_points`.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    table = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO("\n".join(lines)))]
    if len(table) < 2:
        raise DataFileError(f"{path} holds no points; expected a header such as name,x1,x2,class, and rows.")
    header, rows = table[0], table[1:]
    _check_header(header, path)
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise DataFileError(
                f"{path}, row {number}: got {len(row)} cells; expected {len(header)}: {', '.join(header)}."
            )
    name_column = next((c for c in header if c.lower() in NAME_COLUMNS), None)
    class_column = next((c for c in header if c.lower() in CLASS_COLUMNS), None)
    columns = {column: [row[i] for row in rows] for i, column in enumerate(header)}
    chosen = list(features) if features else [c for c in header if c not in (name_column, class_column)]
    data = [lookup(columns, feature, f"column of {path}") for feature in chosen]
    if not chosen:
        raise DataFileError(f"{path} has no columns with coordinates; expected some such as x1 and x2.")
    _check_cells(data, chosen, path, is_choice=bool(features))
    return make_points(
        list(zip(*data, strict=True)),
        columns[class_column] if class_column else None,
        names=columns[name_column] if name_column else None,
        features=chosen,
        positive=positive,
    )


def _check_header(header: list[str], path: Path) -> None:
    numbers = [cell for cell in header if isinstance(_rank(cell), Fraction)]
    if numbers or len(set(header)) < len(header) or "" in header:
        raise DataFileError(
            f"{path} begins with {','.join(header)}; expected the names of its columns there, each one once, "
            "such as name,x1,x2,class."
        )


def _check_cells(data: list[list[str]], features: list[str], path: Path, *, is_choice: bool) -> None:
    """Name the row and the column of a cell that is no number, before any is used."""
    for feature, cells in zip(features, data, strict=True):
        for number, cell in enumerate(cells, start=1):
            if cell == UNKNOWN:
                continue
            try:
                read_number(cell, f"row {number}, column {feature} of {path}")
            except InvalidDataError as error:
                if is_choice or any(isinstance(_rank(other), Fraction) for other in cells):
                    raise
                raise UnknownNameError(
                    f"{path} has the column {feature!r}, which holds {cell!r} in row {number}, no number; "
                    f"expected coordinates, a name ({', '.join(NAME_COLUMNS)}) or a class "
                    f"({', '.join(CLASS_COLUMNS)}). Rename the column, or choose those with --features."
                ) from error
