"""What a support vector machine with a hard margin is: the hyperplane, its margin, its support vectors.

The convention throughout: points on the margin satisfy ``w . x + b = +1`` or ``-1``, and *the margin* is the
distance from the hyperplane to them, ``1 / ||w||``. The whole corridor is ``2 / ||w||`` wide.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from glassnet._common.notebook import MOST_ROWS, Table, ends_of, render
from glassnet.errors import InvalidDataError
from glassnet.worked._texts import ENGLISH, read_texts
from glassnet.worked.svm._equations import PACKAGE
from glassnet.worked.svm._exact import Weights, dot
from glassnet.worked.svm._numbers import format_fraction, format_root
from glassnet.worked.svm.points import Point, PointSet, format_point, make_points

LARGEST_SQUARE = Fraction(10**200)
"""Of ||w||: beyond it, and below its inverse, what is computed from it leaves float64."""


@dataclass(frozen=True)
class Hyperplane:
    """Hold the hyperplane w . x + b = 0, scaled so that points on the margin have the value +1 or -1."""

    w: tuple[Fraction, ...]
    b: Fraction

    def __post_init__(self) -> None:
        if any(self.w) and not 1 / LARGEST_SQUARE < self.norm_squared < LARGEST_SQUARE:
            raise InvalidDataError(
                "the hyperplane is too steep or too flat for float64, in which it is shown; expected "
                "coordinates "
                "that are not that close together, nor that far apart. Scale them."
            )

    def value(self, x: Sequence[Fraction | None]) -> Fraction:
        """Return w . x + b; a coordinate that was not given may only meet a weight of zero."""
        return self.b + dot(self.w, [value or Fraction(0) for value in x])

    @property
    def norm_squared(self) -> Fraction:
        """The square of ||w||."""
        return dot(self.w, self.w)

    @property
    def margin(self) -> float:
        """1 / ||w||, the distance from the hyperplane to where its value is +1."""
        return 1 / math.sqrt(self.norm_squared)

    @property
    def title(self) -> str:
        """What it is, in a line, with its margin."""
        return f"{self}, margin 1/||w|| = {format_root(self.norm_squared, inverse=True)}"

    def __str__(self) -> str:
        return f"w = {format_point(self.w)}, b = {format_fraction(self.b)}"


@dataclass(frozen=True)
class LinearSVM:
    """Hold a hyperplane with the points that it was made for, or is measured against.

    Attributes
    ----------
    hyperplane : Hyperplane
    data : PointSet
    multipliers : tuple of Fraction or None
        alpha of each point; None for a given hyperplane that is not the one with the largest margin.
    multipliers_are_unique : bool
        Otherwise those with the least sum of squares were chosen.
    """

    separable: ClassVar[bool] = True

    hyperplane: Hyperplane
    data: PointSet
    multipliers: tuple[Fraction, ...] | None = None
    multipliers_are_unique: bool = False

    @cached_property
    def values(self) -> tuple[Fraction, ...]:
        """The value w . x + b of each point."""
        return tuple(self.hyperplane.value(point.x) for point in self.data.points)

    @cached_property
    def signs(self) -> tuple[int, ...]:
        """The class of each point: the one given, else the side on which it lies."""
        return tuple(p.sign or sign_of(v) for p, v in zip(self.data.points, self.values, strict=True))

    @cached_property
    def slacks(self) -> tuple[Fraction, ...]:
        """By how much each point lies beyond the margin on the side of its class."""
        return tuple(sign * value - 1 for sign, value in zip(self.signs, self.values, strict=True))

    @cached_property
    def on_margin(self) -> tuple[int, ...]:
        """The indices of the points with w . x + b = +-1, on the side of their class."""
        return tuple(i for i, slack in enumerate(self.slacks) if slack == 0)

    @property
    def support(self) -> tuple[int, ...]:
        """The indices of the points on the margin whose multiplier is positive; without any, all of them."""
        alpha = self.multipliers
        return tuple(i for i in self.on_margin if alpha is None or alpha[i] > 0)

    @property
    def too_near(self) -> tuple[int, ...]:
        """The indices of the points inside the margin or on the wrong side."""
        return tuple(i for i, slack in enumerate(self.slacks) if slack < 0)

    def name(self, indices: Iterable[int]) -> list[str]:
        """Return the names of points."""
        return [self.data.points[i].name for i in indices]

    def classify(self, X: Iterable[Any]) -> tuple[Point, ...]:
        """Return new points, shape (n_points, n_features), with their sign; 0 is on the hyperplane itself."""
        rows = list(X)
        new = make_points(rows, features=self.data.features).points if rows else ()
        if any(not point.is_known for point in new):
            raise InvalidDataError("a new point lacks a coordinate; give all of them.")
        return tuple(replace(point, sign=sign_of(self.hyperplane.value(point.x))) for point in new)

    def class_name(self, sign: int) -> str:
        """Return the label of a class."""
        return self.data.classes[sign > 0] if sign else "neither"

    def __repr__(self) -> str:
        return f"<LinearSVM: {self}>"

    def _repr_html_(self) -> str:
        """Return the hyperplane and its points for a notebook."""
        texts = read_texts(PACKAGE, ENGLISH)
        points, alpha, square = self.data.points, self.multipliers, self.hyperplane.norm_squared
        columns = ["point", "class", "w·x + b", "place", *([] if alpha is None else ["multiplier α"])]
        rows = [
            ["…"] * len(columns)
            if i is None
            else [
                str(points[i]),
                self.class_name(self.signs[i]),
                format_fraction(self.values[i]),
                place_in(texts, self.slacks[i]),
                *([] if alpha is None else [format_fraction(alpha[i])]),
            ]
            for i in ends_of(len(points), *self.on_margin[:MOST_ROWS], *self.too_near[:MOST_ROWS])
        ]
        figures = {
            "w": format_point(self.hyperplane.w),
            "b": format_fraction(self.hyperplane.b),
            "margin, 1/||w||": format_root(square, inverse=True),
            "corridor, 2/||w||": format_root(square / 4, inverse=True),
        }
        return render("Hyperplane w·x + b = 0", figures=figures, tables=[Table(columns, rows)])

    def __str__(self) -> str:
        return f"{self.hyperplane.title}, on the margin: {', '.join(self.name(self.on_margin)) or 'none'}"


@dataclass(frozen=True)
class Inseparable:
    """Prove that no hyperplane separates the classes: a point that both convex hulls have.

    If w . x + b were positive on one class and negative on the other, it would be both at that point.

    Attributes
    ----------
    data : PointSet
    point : tuple of Fraction
        The common point.
    positive, negative : dict of int to Fraction
        The weights, by the index of the point, that make it an average of each class.
    contradictions : tuple of tuple of str
        The names of the points that are in the same place with both labels.
    """

    separable: ClassVar[bool] = False
    on_margin: ClassVar[tuple[int, ...]] = ()

    data: PointSet
    point: tuple[Fraction, ...]
    positive: Weights
    negative: Weights
    contradictions: tuple[tuple[str, ...], ...] = ()

    @property
    def signs(self) -> tuple[int, ...]:
        """The class of each point."""
        return tuple(point.sign for point in self.data.points)

    def __repr__(self) -> str:
        return f"<Inseparable: {self}>"

    def _repr_html_(self) -> str:
        """Return the proof for a notebook."""
        parts = ((self.data.classes[1], self.positive), (self.data.classes[0], self.negative))
        rows = [
            (label, str(self.data.points[i]), format_fraction(weight))
            for label, part in parts
            for i, weight in part.items()
        ]
        table = Table(("class", "point", "weight"), rows, "The common point is an average of each class")
        return render("No hyperplane separates these classes", [f"{self}."], tables=[table])

    def __str__(self) -> str:
        if self.contradictions:
            same = "; ".join(" and ".join(names) for names in self.contradictions)
            return f"not separable: the same point in both classes ({same})"
        return f"not separable: {format_point(self.point)} lies in the convex hull of both classes"


def place_in(texts: Mapping[str, str], slack: Fraction) -> str:
    """Say where a point lies that is so far beyond the margin; nothing of one in its place."""
    if slack >= 0:
        return "" if slack else texts["on_margin"]
    return texts["wrong_side" if slack < -1 else "inside"]


def sign_of(value: Fraction) -> int:
    """Return +1, -1, or 0."""
    return (value > 0) - (value < 0)
