"""The hard-margin support vector machine in exact arithmetic.

The hyperplane with the largest margin halves the shortest line between the convex hulls of the two classes.
Wolfe's algorithm finds that line in finitely many steps, each a small system of linear equations, so with
rational coordinates everything is exact. Where the hulls meet, the same algorithm ends with a point that
both have: the proof that no hyperplane separates the classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from glassnet.worked.svm._rational import dot, solve_linear

Vector = tuple[Fraction, ...]
"""The coordinates of a point."""

ZERO = Fraction(0)
ONE = Fraction(1)


@dataclass(frozen=True)
class NearestPoints:
    """Hold the nearest points of two convex hulls, as averages of given points.

    Attributes
    ----------
    positive, negative : dict of int to Fraction
        The weight of each point that takes part, by its index; each sums to 1.
    difference : tuple of Fraction
        The point of the positive hull minus that of the negative one; zero where the hulls meet.
    """

    positive: dict[int, Fraction]
    negative: dict[int, Fraction]
    difference: Vector


def find_nearest_points(positives: Sequence[Vector], negatives: Sequence[Vector]) -> NearestPoints:
    """Find the nearest points of the convex hulls of two sets of points.

    Parameters
    ----------
    positives, negatives : sequence of tuple of Fraction
        At least one point each.

    Returns
    -------
    NearestPoints

    References
    ----------
    P. Wolfe, "Finding the nearest point in a polytope", Mathematical Programming 11 (1976), applied to
    the differences of a positive and a negative point, which are never listed all.
    """
    pairs: list[tuple[int, int]] = []
    weights: list[Fraction] = []
    nearest = _subtract(positives[0], negatives[0])
    pair = (0, 0)
    while True:
        pairs.append(pair)
        weights.append(ONE if len(pairs) == 1 else ZERO)
        corners = [_subtract(positives[i], negatives[j]) for i, j in pairs]
        pairs, weights = _approach(pairs, weights, corners)
        nearest = _average([_subtract(positives[i], negatives[j]) for i, j in pairs], weights)
        pair = (
            min(range(len(positives)), key=lambda i: dot(nearest, positives[i])),
            max(range(len(negatives)), key=lambda j: dot(nearest, negatives[j])),
        )
        corner = _subtract(positives[pair[0]], negatives[pair[1]])
        if dot(nearest, corner) >= dot(nearest, nearest):
            break
    positive: dict[int, Fraction] = {}
    negative: dict[int, Fraction] = {}
    for (i, j), weight in zip(pairs, weights, strict=True):
        positive[i] = positive.get(i, ZERO) + weight
        negative[j] = negative.get(j, ZERO) + weight
    return NearestPoints(positive, negative, nearest)


def _approach(
    pairs: list[tuple[int, int]], weights: list[Fraction], corners: list[Vector]
) -> tuple[list[tuple[int, int]], list[Fraction]]:
    """Return the pairs and positive weights whose average is nearest to zero among these corners."""
    while True:
        target = _weigh_affine(corners)
        if all(weight > 0 for weight in target):
            return pairs, target
        # go towards the target until the first weight is zero, and drop that corner
        step = min(w / (w - t) for w, t in zip(weights, target, strict=True) if t <= 0)
        weights = [w + step * (t - w) for w, t in zip(weights, target, strict=True)]
        kept = [k for k, weight in enumerate(weights) if weight > 0]
        pairs, corners = [pairs[k] for k in kept], [corners[k] for k in kept]
        weights = [weights[k] for k in kept]


def _weigh_affine(corners: list[Vector]) -> list[Fraction]:
    """Return the weights, of any sign and sum 1, of the point nearest to zero in the corners' plane."""
    n = len(corners)
    rows = [[ZERO] + [ONE] * n]
    rows += [[ONE] + [dot(a, b) for b in corners] for a in corners]
    solution = solve_linear(rows, [ONE] + [ZERO] * n)
    assert solution is not None  # the corners are independent, as Wolfe shows
    return solution[1:]


def find_smallest_multipliers(
    columns: Sequence[Vector], target: Vector, start: Sequence[Fraction]
) -> list[Fraction]:
    """Return the multipliers alpha >= 0 with sum_i alpha_i column_i = target and the least sum of squares.

    Parameters
    ----------
    columns : sequence of tuple of Fraction
    target : tuple of Fraction
    start : sequence of Fraction
        Multipliers that satisfy the equations.

    Notes
    -----
    An active-set method: those at zero are held there, the others moved to their least sum of squares,
    alpha_i = column_i . lambda, as far as none becomes negative; one at zero is released when its
    column_i . lambda is positive.
    """
    alpha = list(start)
    free = list(range(len(columns)))
    while True:
        rows = [
            [sum((columns[i][r] * columns[i][s] for i in free), ZERO) for s in range(len(target))]
            for r in range(len(target))
        ]
        prices = solve_linear(rows, target)
        assert prices is not None  # the start satisfies the equations
        wanted = {i: dot(columns[i], prices) for i in free}
        falling = {i: alpha[i] / (alpha[i] - wanted[i]) for i in free if wanted[i] < 0}
        step = min(falling.values(), default=ONE)
        for i in free:
            alpha[i] += step * (wanted[i] - alpha[i])
        if falling:
            free.remove(next(i for i, reach in falling.items() if reach == step))
            continue
        held = [i for i in range(len(columns)) if i not in free]
        released = next((i for i in held if dot(columns[i], prices) > 0), None)
        if released is None:
            return alpha
        free.append(released)


def _subtract(left: Vector, right: Vector) -> Vector:
    return tuple(a - b for a, b in zip(left, right, strict=True))


def _average(corners: list[Vector], weights: list[Fraction]) -> Vector:
    return tuple(dot(weights, entries) for entries in zip(*corners, strict=True))
