"""Solve for the hyperplane with the largest margin, and measure a given one, in exact fractions."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import Any

from glassnet.errors import InvalidDataError
from glassnet.worked.svm._exact import ZERO, are_unique, combine, dot, find_multipliers, find_nearest_points
from glassnet.worked.svm._numbers import format_fraction, read_number
from glassnet.worked.svm.model import Hyperplane, Inseparable, LinearSVM
from glassnet.worked.svm.points import PointSet, make_points

MOST_NUMBERS = 2000
"""How many coordinates are solved for: a second's work where each has 16 digits."""

MOST_FEATURES = 10
"""How many features are solved for; the fractions grow with them."""

MOST_BITS = 300_000
"""Of all coordinates, each with the denominator that its point's have in common: the work grows with them."""


def solve_svm(
    X: Any, y: Any = None, *, names: Sequence[str] | None = None, positive: object = None
) -> LinearSVM | Inseparable:
    """Find the hyperplane with the largest margin between two classes, or prove that there is none.

    Minimises ||w||^2 / 2 subject to ``y_i (w . x_i + b) >= 1``, in exact fractions.

    Parameters
    ----------
    X : sequence of sequence of numbers or text, shape (n_points, n_features), or PointSet
        Numbers count as they are written: 0.1 is 1/10. At most 2,000 of them, in at most 10 features.
    y : sequence of labels, length n_points
        Two different ones.
    names : sequence of str, optional
    positive : label, optional
        Which class is +1. Unless given, the greater number, or the later word, as in scikit-learn.

    Returns
    -------
    LinearSVM or Inseparable
        The attribute `separable` tells which.

    Raises
    ------
    InvalidDataError
        When shapes do not fit, a number is none or not finite, there are not two classes, or there are more
        numbers than can be solved for exactly.

    Notes
    -----
    When more points than needed are on the margin, many multipliers satisfy the conditions; those with the
    least sum of squares are returned, which are unique and share evenly.

    Examples
    --------
    >>> print(solve_svm([[0, 0], [1, 0], [0, 1], [1, 1], [2, 2], [2, 0]], "+++---", names="ABCDEF"))
    w = (-2, -2), b = 3, margin 1/||w|| = 1/(2√2) = 0.353553, on the margin: B, C, D, F
    """
    data = make_points(X, y, names=names, positive=positive)
    if any(point.sign == 0 for point in data.points):
        raise InvalidDataError("the points have no classes; expected a label for each, of two classes.")
    unknown = next((point for point in data.points if not point.is_known), None)
    if unknown is not None:
        raise InvalidDataError(
            f"the point {unknown} lacks a coordinate; give all of them to solve for w and b."
        )
    if (contradiction := _find_contradiction(data)) is not None:
        return contradiction
    if _is_too_much(data):
        raise InvalidDataError(
            f"got {len(data.points):,} points of {len(data.features)} features, too many to be solved in "
            "exact "
            f"fractions; expected at most {MOST_NUMBERS:,} numbers in at most {MOST_FEATURES} features, of "
            "16 "
            'digits, or fewer of more. Round them, or take scikit-learn\'s SVC(C=1e10, kernel="linear").'
        )
    return _solve(data)


def _is_too_much(data: PointSet) -> bool:
    """Say whether the fractions would be too many, or too long."""
    n_numbers, n_features = len(data.points) * len(data.features), len(data.features)
    return n_numbers > MOST_NUMBERS or n_features > MOST_FEATURES or _count_bits(data) > MOST_BITS


def _count_bits(data: PointSet) -> int:
    rows = [(point.known_x, lcm(*(x.denominator for x in point.known_x))) for point in data.points]
    return sum(
        len(x) * (shared.bit_length() + max(int(abs(value) * shared).bit_length() for value in x))
        for x, shared in rows
        if x
    )


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
    data = make_points(X, y, names=names, positive=positive)
    weights = tuple(read_number(value, f"w{k}") for k, value in enumerate(w, start=1))
    plane, n_weights, n_features = Hyperplane(weights, read_number(b, "b")), len(weights), len(data.features)
    if n_weights != n_features:
        raise InvalidDataError(
            f"got {n_weights} weights in w for points of {n_features} coordinates; expected as many."
        )
    if not any(weights):
        what = "which describes no hyperplane; expected a weight that is not zero."
        raise InvalidDataError(f"got w = 0, {what}")
    for point in data.points:
        for feature, weight, value in zip(data.features, weights, point.x, strict=True):
            if value is None and weight:
                raise InvalidDataError(
                    f"the point {point} lacks {feature}, whose weight is {format_fraction(weight)}; "
                    "give the coordinate: it matters."
                )
    return _add_multipliers(LinearSVM(plane, data))


def _add_multipliers(given: LinearSVM) -> LinearSVM:
    """Return the machine with multipliers, if its hyperplane is the best for its points."""
    known = {i: point for i, point in enumerate(given.data.points) if point.is_known}
    if given.too_near or _is_too_much(given.data) or {given.signs[i] for i in known} != {1, -1}:
        return given
    labelled = tuple(replace(point, sign=given.signs[i]) for i, point in known.items())
    best = _solve(replace(given.data, points=labelled))
    if not isinstance(best, LinearSVM) or best.hyperplane != given.hyperplane or best.multipliers is None:
        return given
    return _complete(given, dict(zip(known, best.multipliers, strict=True)), best.multipliers_are_unique)


def _complete(svm: LinearSVM, alpha: dict[int, Fraction], unique: bool) -> LinearSVM:
    """Return the machine with these multipliers; those of all other points are zero."""
    multipliers = tuple(alpha.get(i, ZERO) for i in range(len(svm.data.points)))
    return replace(svm, multipliers=multipliers, multipliers_are_unique=unique)


def _find_contradiction(data: PointSet) -> Inseparable | None:
    places: dict[tuple[Fraction, ...], dict[int, list[int]]] = {}
    for i, point in enumerate(data.points):
        places.setdefault(point.known_x, {}).setdefault(point.sign, []).append(i)
    both = {x: sides for x, sides in places.items() if len(sides) == 2}
    names = tuple(tuple(data.points[i].name for i in sorted(s[1] + s[-1])) for s in both.values())
    for x, sides in both.items():
        return Inseparable(data, x, {sides[1][0]: Fraction(1)}, {sides[-1][0]: Fraction(1)}, names)
    return None


def _solve(data: PointSet) -> LinearSVM | Inseparable:
    points = data.points
    positives = {i: point.known_x for i, point in enumerate(points) if point.sign > 0}
    negatives = {i: point.known_x for i, point in enumerate(points) if point.sign < 0}
    positive, negative, difference = find_nearest_points(positives, negatives)
    if not any(difference):
        common = combine([*positive.values()], [positives[i] for i in positive])
        return Inseparable(data, common, positive, negative)
    length = dot(difference, difference)
    w = tuple(2 * value / length for value in difference)
    svm = LinearSVM(Hyperplane(w, 1 - min(dot(w, x) for x in positives.values())), data)
    start = {i: 2 * weight / length for i, weight in (positive | negative).items()}
    columns = [tuple(points[i].sign * x for x in (*points[i].known_x, Fraction(1))) for i in svm.on_margin]
    chosen = find_multipliers(columns, (*w, ZERO), [start.get(i, ZERO) for i in svm.on_margin])
    return _complete(svm, dict(zip(svm.on_margin, chosen, strict=True)), are_unique(columns, chosen))
