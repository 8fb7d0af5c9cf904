"""What a support vector machine with a hard margin is: the hyperplane, its margin, its support vectors.

The convention throughout: points on the margin satisfy ``w . x + b = +1`` or ``-1``, and *the margin* is the
distance from the hyperplane to them, ``1 / ||w||``. The whole corridor is ``2 / ||w||`` wide.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from glassnet.errors import InvalidDataError
from glassnet.worked.svm._rational import dot, format_fraction, format_inverse_root
from glassnet.worked.svm.points import Point, PointSet, make_points

NUMERIC_TOLERANCE = Fraction(1, 10**6)
"""How far from +-1 the value of a point on the margin may be, where it was not solved exactly."""


@dataclass(frozen=True)
class Hyperplane:
    """Hold the hyperplane w . x + b = 0, scaled so that points on the margin have the value +1 or -1."""

    w: tuple[Fraction, ...]
    b: Fraction

    def value(self, x: Sequence[Fraction | None]) -> Fraction:
        """Return w . x + b; a coordinate that was not given may only meet a weight of zero."""
        return self.b + sum(
            (w * value for w, value in zip(self.w, x, strict=True) if w and value), Fraction(0)
        )

    @property
    def norm_squared(self) -> Fraction:
        """The square of ||w||."""
        return dot(self.w, self.w)

    @property
    def margin(self) -> float:
        """1 / ||w||, the distance from the hyperplane to where its value is +1."""
        return 1 / math.sqrt(self.norm_squared)


@dataclass(frozen=True)
class Residuals:
    """Hold by how much the conditions of Karush, Kuhn and Tucker are violated; all zero when exact.

    Attributes
    ----------
    stationarity : float
        Largest entry of |w - sum_i alpha_i y_i x_i|.
    balance : float
        |sum_i alpha_i y_i|.
    primal : float
        By how much y_i (w . x_i + b) is below 1, at most.
    dual : float
        By how much an alpha_i is below 0, at most.
    complementarity : float
        Largest |alpha_i (y_i (w . x_i + b) - 1)|.
    """

    stationarity: float
    balance: float
    primal: float
    dual: float
    complementarity: float

    @property
    def largest(self) -> float:
        """The largest of them."""
        return max(self.stationarity, self.balance, self.primal, self.dual, self.complementarity)

    def relative_to(self, norm_squared: float) -> float:
        """Return the largest, whatever the unit of the points: w shrinks as they grow, and alpha as w^2."""
        of_alpha = max(self.balance, self.dual, self.complementarity)
        return max(self.primal, self.stationarity / math.sqrt(norm_squared), of_alpha / norm_squared)


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
    is_exact : bool
        Whether every number is exact; otherwise it is scikit-learn's, refined.
    """

    separable: ClassVar[bool] = True

    hyperplane: Hyperplane
    data: PointSet
    multipliers: tuple[Fraction, ...] | None
    multipliers_are_unique: bool
    is_exact: bool

    @cached_property
    def values(self) -> tuple[Fraction, ...]:
        """The value w . x + b of each point."""
        return tuple(self.hyperplane.value(point.x) for point in self.data.points)

    @property
    def signs(self) -> tuple[int, ...]:
        """The class of each point: the one given, else the side on which it lies."""
        return tuple(p.sign or sign_of(v) for p, v in zip(self.data.points, self.values, strict=True))

    @property
    def tolerance(self) -> Fraction:
        """How far from +-1 the value of a point on the margin may be."""
        return Fraction(0) if self.is_exact else NUMERIC_TOLERANCE

    @property
    def on_margin(self) -> tuple[int, ...]:
        """The indices of the points with w . x + b = +-1, on the side of their class."""
        return tuple(
            i
            for i, (sign, value) in enumerate(zip(self.signs, self.values, strict=True))
            if abs(sign * value - 1) <= self.tolerance
        )

    @property
    def support(self) -> tuple[int, ...]:
        """The indices of the points on the margin whose multiplier is positive; without any, all of them."""
        alpha = self.multipliers
        return tuple(i for i in self.on_margin if alpha is None or alpha[i] > 0)

    @property
    def too_near(self) -> tuple[int, ...]:
        """The indices of the points inside the margin or on the wrong side."""
        pairs = enumerate(zip(self.signs, self.values, strict=True))
        return tuple(i for i, (sign, value) in pairs if sign * value < 1 - self.tolerance)

    @property
    def residuals(self) -> Residuals | None:
        """By how much the conditions of Karush, Kuhn and Tucker are violated; None without multipliers."""
        alpha = self.multipliers
        if alpha is None:
            return None
        signed = [a * sign for a, sign in zip(alpha, self.signs, strict=True)]
        slack = [sign * value - 1 for sign, value in zip(self.signs, self.values, strict=True)]
        columns = zip(*(point.x for point in self.data.points), strict=True)
        sums = [
            sum((a * x for a, x in zip(signed, xs, strict=True) if a and x), Fraction(0)) for xs in columns
        ]
        return Residuals(
            stationarity=float(max(abs(w - s) for w, s in zip(self.hyperplane.w, sums, strict=True))),
            balance=float(abs(sum(signed))),
            primal=max(0.0, -float(min(slack))),
            dual=max(0.0, -float(min(alpha))),
            complementarity=float(max(abs(a * s) for a, s in zip(alpha, slack, strict=True))),
        )

    def classify(self, X: Iterable[Any]) -> tuple[Point, ...]:
        """Return new points with the sign of their class; 0 is on the hyperplane itself.

        Parameters
        ----------
        X : sequence of sequence of numbers or text, shape (n_points, n_features)
        """
        rows = list(X)
        new = make_points(rows, features=self.data.features).points if rows else ()
        if any(not point.is_known for point in new):
            raise InvalidDataError("a new point lacks a coordinate; give all of them.")
        return tuple(replace(point, sign=sign_of(self.hyperplane.value(point.x))) for point in new)

    def class_name(self, sign: int) -> str:
        """Return the label of a class."""
        return self.data.classes[1] if sign > 0 else self.data.classes[0] if sign < 0 else "neither"

    def __str__(self) -> str:
        w = ", ".join(format_fraction(value) for value in self.hyperplane.w)
        names = ", ".join(self.data.points[i].name for i in self.on_margin) or "none"
        return (
            f"w = ({w}), b = {format_fraction(self.hyperplane.b)}, "
            f"margin 1/||w|| = {format_inverse_root(self.hyperplane.norm_squared)}, on the margin: {names}"
        )


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
    is_exact : bool
        Whether both averages are exactly the same point.
    """

    separable: ClassVar[bool] = False

    data: PointSet
    point: tuple[Fraction, ...]
    positive: dict[int, Fraction]
    negative: dict[int, Fraction]
    contradictions: tuple[tuple[str, ...], ...]
    is_exact: bool

    @property
    def gap(self) -> float:
        """The largest difference between the coordinates of the two averages; 0 when exact."""
        left, right = (average(self.data.points, part) for part in (self.positive, self.negative))
        return float(max(abs(a - b) for a, b in zip(left, right, strict=True)))

    def __str__(self) -> str:
        if self.contradictions:
            same = "; ".join(" and ".join(names) for names in self.contradictions)
            return f"not separable: the same point in both classes ({same})"
        where = ", ".join(format_fraction(value) for value in self.point)
        return f"not separable: ({where}) lies in the convex hull of both classes"


def sign_of(value: Fraction) -> int:
    """Return +1, -1, or 0."""
    return (value > 0) - (value < 0)


def average(points: Sequence[Point], weights: dict[int, Fraction]) -> tuple[Fraction, ...]:
    """Return the weighted sum of points, by their index."""
    rows = [[weight * x for x in points[i].known_x] for i, weight in weights.items()]
    return tuple(sum(column, Fraction(0)) for column in zip(*rows, strict=True))
