"""The hard-margin support vector machine in exact arithmetic.

The hyperplane with the largest margin halves the shortest line between the convex hulls of the two classes.
Wolfe's algorithm finds that line in finitely many steps, each a small system of linear equations, so with
rational coordinates everything is exact. Where the hulls meet, the same algorithm ends with a point that
both have: the proof that no hyperplane separates the classes.

P. Wolfe, "Finding the nearest point in a polytope", Mathematical Programming 11 (1976).
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

Vector = tuple[Fraction, ...]

Weights = dict[int, Fraction]
"""What each point counts for in an average, by its index."""

_Pair = tuple[int, int]
"""The indices of a positive and a negative point."""

ZERO = Fraction(0)
ONE = Fraction(1)


def dot(left: Iterable[Fraction], right: Iterable[Fraction]) -> Fraction:
    """Return the sum of the products, entry by entry."""
    return sum((a * b for a, b in zip(left, right, strict=True) if a and b), ZERO)


def combine(factors: Sequence[Fraction], vectors: Iterable[Vector]) -> Vector:
    """Return the sum of multiples of vectors."""
    return tuple(dot(factors, entries) for entries in zip(*vectors, strict=True))


def _subtract(left: Vector, right: Vector) -> Vector:
    return tuple(a - b for a, b in zip(left, right, strict=True))


def _multiply_all(vectors: Sequence[Vector]) -> list[list[Fraction]]:
    """Return the product of each vector with each."""
    return [[dot(a, b) for b in vectors] for a in vectors]


def solve_linear(rows: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> list[Fraction]:
    """Return an exact solution of linear equations that have one; unknowns that they leave free are zero."""
    table = [[*row, value] for row, value in zip(rows, right, strict=True)]
    n_unknowns = len(rows[0]) if rows else 0
    pivots = _eliminate(table, n_unknowns)
    assert not any(row[-1] for row in table[len(pivots) :])
    solution = [ZERO] * n_unknowns
    for row, column in zip(table, pivots, strict=False):
        solution[column] = row[-1]
    return solution


def rank(rows: Sequence[Sequence[Fraction]]) -> int:
    """Return how many of the rows are linearly independent."""
    return len(_eliminate([list(row) for row in rows], len(rows[0]))) if rows else 0


def _eliminate(table: list[list[Fraction]], n_columns: int) -> list[int]:
    """Bring a table to reduced row echelon form, in place; return the columns of its pivots."""
    pivots: list[int] = []
    for column in range(n_columns):
        done = len(pivots)
        found = next((i for i in range(done, len(table)) if table[i][column]), None)
        if found is None:
            continue
        table[done], table[found] = table[found], table[done]
        scale = table[done][column]
        table[done] = [entry / scale for entry in table[done]]
        for i, row in enumerate(table):
            if i != done and row[column]:
                factor = row[column]
                table[i] = [a - factor * p if p else a for a, p in zip(row, table[done], strict=True)]
        pivots.append(column)
    return pivots


def find_nearest_points(
    positives: Mapping[int, Vector], negatives: Mapping[int, Vector]
) -> tuple[Weights, Weights, Vector]:
    """Return the weights of the nearest points of two convex hulls, and the difference of these points.

    Wolfe's algorithm for the differences of a positive and a negative point, which are never listed all. The
    weights of each hull sum to 1; the difference is zero where the hulls meet.
    """
    corners: dict[_Pair, Vector] = {}
    weights: dict[_Pair, Fraction] = {}
    nearest: Vector = (ZERO,) * len(next(iter(positives.values())))
    while True:
        i = min(positives, key=lambda i: dot(nearest, positives[i]))
        j = max(negatives, key=lambda j: dot(nearest, negatives[j]))
        corner = _subtract(positives[i], negatives[j])
        if weights and dot(nearest, corner) >= dot(nearest, nearest):
            break
        corners[i, j] = corner
        weights[i, j] = ZERO if weights else ONE
        weights = _approach(corners, weights)
        nearest = combine([*weights.values()], [corners[pair] for pair in weights])
    positive: Weights = {}
    negative: Weights = {}
    for (i, j), weight in weights.items():
        positive[i] = positive.get(i, ZERO) + weight
        negative[j] = negative.get(j, ZERO) + weight
    return positive, negative, nearest


def _approach(corners: dict[_Pair, Vector], weights: dict[_Pair, Fraction]) -> dict[_Pair, Fraction]:
    """Return the positive weights whose average is nearest to zero among the corners that have a weight."""
    while True:
        target = _weigh_affine([corners[pair] for pair in weights])
        if all(weight > 0 for weight in target):
            return dict(zip(weights, target, strict=True))
        # go towards the target until the first weight is zero, and drop that corner
        ways = dict(zip(weights, zip(weights.values(), target, strict=True), strict=True))
        step = min(w / (w - t) for w, t in ways.values() if t <= 0)
        weights = {pair: new for pair, (w, t) in ways.items() if (new := w + step * (t - w)) > 0}


def _weigh_affine(corners: list[Vector]) -> list[Fraction]:
    """Return the weights, of any sign and sum 1, of the point nearest to zero in the corners' plane.

    They are the only ones, since the corners are independent, as Wolfe shows.
    """
    n = len(corners)
    rows = [[ZERO] + [ONE] * n, *([ONE, *products] for products in _multiply_all(corners))]
    return solve_linear(rows, [ONE] + [ZERO] * n)[1:]


def find_multipliers(columns: Sequence[Vector], target: Vector, start: Sequence[Fraction]) -> list[Fraction]:
    """Return the multipliers alpha >= 0 with sum_i alpha_i column_i = target and the least sum of squares.

    An active-set method that begins with multipliers which satisfy the equations: those at zero are held
    there, the others moved to their least sum of squares, alpha_i = column_i . lambda, as far as none becomes
    negative; one at zero is released when its column_i . lambda is positive.
    """
    alpha = list(start)
    free = list(range(len(columns)))
    while True:
        entries = list(zip(*(columns[i] for i in free), strict=True))
        prices = solve_linear(_multiply_all(entries), target)
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


def are_unique(columns: Sequence[Vector], alpha: Sequence[Fraction]) -> bool:
    """Return whether no other multipliers of at least 0 give the same sum of columns.

    Others exist where the columns with positive multipliers depend on each other; or where some of the
    others, which can only grow, add up to a combination of these: what elimination leaves of them when these
    are the unknowns then has zero in its convex hull.
    """
    used = [column for column, value in zip(columns, alpha, strict=True) if value]
    others = [column for column, value in zip(columns, alpha, strict=True) if not value]
    table = [list(entries) for entries in zip(*used, *others, strict=True)]
    n_independent = len(_eliminate(table, len(used)))
    if n_independent < len(used):
        return False
    rests = {k: tuple(row[len(used) + k] for row in table[n_independent:]) for k in range(len(others))}
    return not rests or any(find_nearest_points(rests, {0: (ZERO,) * len(rests[0])})[2])
