"""Solve for the hyperplane with the largest margin, and measure a given one.

Small problems are solved in exact fractions, others by scikit-learn's SVC, refined.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.worked.svm._exact import find_nearest_points, find_smallest_multipliers
from glassnet.worked.svm._numeric import can_vary, find_common_point, fit_numerically
from glassnet.worked.svm._rational import dot, format_fraction, rank, read_number
from glassnet.worked.svm.model import (
    NUMERIC_TOLERANCE,
    Hyperplane,
    Inseparable,
    LinearSVM,
    average,
)
from glassnet.worked.svm.points import PointSet, make_points

EXACT_NUMBERS = 2000
"""How many coordinates are still solved for exactly, unless the method is chosen."""

EXACT_FEATURES = 10
"""How many features are still solved for exactly, unless the method is chosen."""

Method = Literal["auto", "exact", "numeric"]


def solve_svm(
    X: Any,
    y: Any = None,
    *,
    names: Sequence[str] | None = None,
    positive: object = None,
    method: Method = "auto",
) -> LinearSVM | Inseparable:
    """Find the hyperplane with the largest margin between two classes, or prove that there is none.

    Minimises ||w||^2 / 2 subject to ``y_i (w . x_i + b) >= 1``.

    Parameters
    ----------
    X : sequence of sequence of numbers or text, shape (n_points, n_features), or PointSet
        Numbers count as they are written: 0.1 is 1/10.
    y : sequence of labels, length n_points
        Two different ones.
    names : sequence of str, optional
    positive : label, optional
        Which class is +1. Unless given, the greater number, or the later word, as in scikit-learn.
    method : {"auto", "exact", "numeric"}
        In exact fractions; or by scikit-learn's ``SVC(C=1e10, kernel="linear")``, refined. "auto" is exact
        up to 2,000 coordinates in at most 10 features.

    Returns
    -------
    LinearSVM or Inseparable
        The attribute `separable` tells which.

    Raises
    ------
    InvalidDataError
        When shapes do not fit, a number is none or not finite, or there are not two classes.

    Notes
    -----
    When more points than needed are on the margin, many multipliers satisfy the conditions; those with the
    least sum of squares are returned, which are unique and share evenly.

    Examples
    --------
    >>> print(solve_svm([[0, 0], [1, 0], [0, 1], [1, 1], [2, 2], [2, 0]], "+++---", names="ABCDEF"))
    w = (-2, -2), b = 3, margin 1/||w|| = 1/(2√2) = 0.353553, on the margin: B, C, D, F
    """
    if method not in ("auto", "exact", "numeric"):
        raise InvalidParameterError(f"got method={method!r}; expected auto, exact or numeric.")
    data = X if isinstance(X, PointSet) else make_points(X, y, names=names, positive=positive)
    if any(point.sign == 0 for point in data.points):
        raise InvalidDataError("the points have no classes; expected a label for each, of two classes.")
    unknown = next((point for point in data.points if not point.is_known), None)
    if unknown is not None:
        raise InvalidDataError(
            f"the point {unknown} lacks a coordinate; give all of them to solve for w and b."
        )
    contradiction = _find_contradiction(data)
    if contradiction is not None:
        return contradiction
    small = len(data.points) * len(data.features) <= EXACT_NUMBERS and len(data.features) <= EXACT_FEATURES
    if method == "exact" or (method == "auto" and small):
        return _solve_exactly(data)
    return _solve_numerically(data)


def measure_margin(
    w: Sequence[Any],
    b: Any,
    X: Any,
    y: Any = None,
    *,
    names: Sequence[str] | None = None,
    positive: object = None,
) -> LinearSVM:
    """Measure a given hyperplane against points: the margin, the support vectors, the classes.

    Parameters
    ----------
    w : sequence of numbers or text, length n_features
    b : number or text
    X : sequence of sequence of numbers or text, shape (n_points, n_features), or PointSet
        ``"?"`` is a coordinate that was not given; allowed where w is zero.
    y : sequence of labels, optional
        Without them, a point is of the class on whose side it lies.
    names : sequence of str, optional
    positive : label, optional
        Which class is +1, see `solve_svm`.

    Returns
    -------
    LinearSVM
        With multipliers if it is the hyperplane with the largest margin for these points.

    Raises
    ------
    InvalidDataError
        When shapes do not fit, a number is none or not finite, or w is zero.

    Examples
    --------
    >>> svm = measure_margin([-2, 0], 5, [[1, "?"], [2, 3], [3, 3], [4, "?"]])
    >>> print(svm)
    w = (-2, 0), b = 5, margin 1/||w|| = 1/2, on the margin: 2, 3
    >>> [point.sign for point in svm.classify([[1, 3]])]
    [1]
    """
    data = X if isinstance(X, PointSet) else make_points(X, y, names=names, positive=positive)
    plane = Hyperplane(
        tuple(read_number(value, f"w{k}") for k, value in enumerate(w, start=1)), read_number(b, "b")
    )
    if len(plane.w) != len(data.features):
        raise InvalidDataError(
            f"got {len(plane.w)} weights in w for points of {len(data.features)} coordinates; "
            "expected as many."
        )
    if not any(plane.w):
        raise InvalidDataError(
            "got w = 0, which describes no hyperplane; expected a weight that is not zero."
        )
    for point in data.points:
        for feature, weight, value in zip(data.features, plane.w, point.x, strict=True):
            if value is None and weight:
                raise InvalidDataError(
                    f"the point {point} lacks {feature}, whose weight is {format_fraction(weight)}; "
                    "give the coordinate: it matters."
                )
    given = LinearSVM(plane, data, None, False, True)
    return _with_multipliers(given)


def _with_multipliers(given: LinearSVM) -> LinearSVM:
    """Return the machine with multipliers, if its hyperplane is the best for its points."""
    points, signs = given.data.points, given.signs
    known = [i for i, point in enumerate(points) if point.is_known]
    if given.too_near or {signs[i] for i in known} != {1, -1}:
        return given
    labelled = replace(given.data, points=tuple(replace(points[i], sign=signs[i]) for i in known))
    best = solve_svm(labelled, method="exact")
    if not isinstance(best, LinearSVM) or best.hyperplane != given.hyperplane or best.multipliers is None:
        return given
    alpha = dict(zip(known, best.multipliers, strict=True))
    return replace(
        given,
        multipliers=tuple(alpha.get(i, Fraction(0)) for i in range(len(points))),
        multipliers_are_unique=best.multipliers_are_unique,
    )


def _find_contradiction(data: PointSet) -> Inseparable | None:
    places: dict[tuple[Fraction, ...], dict[int, list[int]]] = {}
    for i, point in enumerate(data.points):
        places.setdefault(point.known_x, {}).setdefault(point.sign, []).append(i)
    both = {x: sides for x, sides in places.items() if len(sides) == 2}
    if not both:
        return None
    x, sides = next(iter(both.items()))
    names = tuple(tuple(data.points[i].name for i in sorted(s[1] + s[-1])) for s in both.values())
    one = Fraction(1)
    return Inseparable(data, x, {sides[1][0]: one}, {sides[-1][0]: one}, names, True)


def _solve_exactly(data: PointSet) -> LinearSVM | Inseparable:
    points = data.points
    rows = {sign: [i for i, point in enumerate(points) if point.sign == sign] for sign in (1, -1)}
    nearest = find_nearest_points(*([points[i].known_x for i in rows[sign]] for sign in (1, -1)))
    positive = {rows[1][i]: weight for i, weight in nearest.positive.items()}
    negative = {rows[-1][i]: weight for i, weight in nearest.negative.items()}
    if not any(nearest.difference):
        return Inseparable(data, average(points, positive), positive, negative, (), True)
    length = dot(nearest.difference, nearest.difference)
    w = tuple(2 * value / length for value in nearest.difference)
    b = 1 - min(dot(w, points[i].known_x) for i in rows[1])
    start = {i: 2 * weight / length for i, weight in (positive | negative).items()}
    svm = LinearSVM(Hyperplane(w, b), data, (), True, True)
    columns = [
        (*(points[i].sign * x for x in points[i].known_x), Fraction(points[i].sign)) for i in svm.on_margin
    ]
    chosen = find_smallest_multipliers(
        columns, (*w, Fraction(0)), [start.get(i, Fraction(0)) for i in svm.on_margin]
    )
    alpha = dict(zip(svm.on_margin, chosen, strict=True))
    return replace(
        svm,
        multipliers=tuple(alpha.get(i, Fraction(0)) for i in range(len(points))),
        multipliers_are_unique=_are_unique(columns, chosen),
    )


def _are_unique(columns: list[tuple[Fraction, ...]], alpha: list[Fraction]) -> bool:
    """Return whether no other multipliers satisfy the same equations."""
    if rank(columns) == len(columns):
        return True
    positive = [column for column, value in zip(columns, alpha, strict=True) if value]
    return rank(positive) == len(positive) and not can_vary(columns, alpha)


def _solve_numerically(data: PointSet) -> LinearSVM | Inseparable:
    points = data.points
    rows = {sign: [i for i, point in enumerate(points) if point.sign == sign] for sign in (1, -1)}
    weights = find_common_point(*([points[i].known_x for i in rows[sign]] for sign in (1, -1)))
    if weights is not None:
        parts = [
            {rows[sign][i]: w for i, w in part.items()} for sign, part in zip((1, -1), weights, strict=True)
        ]
        return _certify(data, *parts)
    signs = [point.sign for point in points]
    w, b, alpha = fit_numerically([point.known_x for point in points], signs)
    svm = LinearSVM(Hyperplane(w, b), data, alpha, True, False)
    residuals = svm.residuals
    if residuals is None or residuals.relative_to(float(svm.hyperplane.norm_squared)) > NUMERIC_TOLERANCE:
        raise InvalidDataError(
            "the classes are so close that floating-point numbers do not tell where the best hyperplane is; "
            'use method="exact", which takes longer.'
        )
    return svm


def _certify(data: PointSet, positive: dict[int, Fraction], negative: dict[int, Fraction]) -> Inseparable:
    """Return the proof that the hulls meet; exactly where the few points of the numeric one allow it."""
    if len(data.features) <= EXACT_FEATURES:
        few = replace(data, points=tuple(data.points[i] for i in (*positive, *negative)))
        exact = _solve_exactly(few)
        if isinstance(exact, Inseparable):
            places = [*positive, *negative]
            parts = [{places[i]: w for i, w in part.items()} for part in (exact.positive, exact.negative)]
            return Inseparable(data, exact.point, parts[0], parts[1], (), True)
    return Inseparable(data, average(data.points, positive), positive, negative, (), False)
