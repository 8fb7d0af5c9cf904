"""The hard-margin support vector machine in exact arithmetic.

The hyperplane with the largest margin halves the shortest line between the convex hulls of the two classes.
Wolfe's algorithm finds that line in finitely many steps, each a small system of linear equations, so with
rational coordinates everything is exact. Where the hulls meet, the same algorithm ends with a point that
both have: the proof that no hyperplane separates the classes.
"""

from collections.abc import Sequence
from fractions import Fraction

Vector = tuple[Fraction, ...]
"""The coordinates of a point."""

Weights = dict[int, Fraction]
"""What each point counts for in an average, by its index."""

ZERO = Fraction(0)
ONE = Fraction(1)


def dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    """Return the sum of the products, entry by entry."""
    return sum((a * b for a, b in zip(left, right, strict=True) if a and b), ZERO)


def solve_linear(rows: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> list[Fraction] | None:
    """Return an exact solution of a system of linear equations, or None when it has none.

    Parameters
    ----------
    rows : sequence of sequence of Fraction
        One row for each equation.
    right : sequence of Fraction
        The right-hand sides.

    Returns
    -------
    list of Fraction or None
        Unknowns that the equations leave free are zero.

    Examples
    --------
    >>> one, two = Fraction(1), Fraction(2)
    >>> solve_linear([[one, one], [one, -one]], [two, one])
    [Fraction(3, 2), Fraction(1, 2)]
    """
    table = [[*row, value] for row, value in zip(rows, right, strict=True)]
    n_unknowns = len(rows[0]) if rows else 0
    pivots = _eliminate(table, n_unknowns)
    if any(row[-1] for row in table[len(pivots) :]):
        return None
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
    positives: Sequence[Vector], negatives: Sequence[Vector]
) -> tuple[Weights, Weights, Vector]:
    """Find the nearest points of the convex hulls of two sets of points.

    Parameters
    ----------
    positives, negatives : sequence of tuple of Fraction
        At least one point each.

    Returns
    -------
    positive, negative : dict of int to Fraction
        The weight of each point that takes part in the average; each sums to 1.
    difference : tuple of Fraction
        The point of the positive hull minus that of the negative one; zero where the hulls meet.

    References
    ----------
    P. Wolfe, "Finding the nearest point in a polytope", Mathematical Programming 11 (1976), applied to
    the differences of a positive and a negative point, which are never listed all.
    """
    pairs: list[tuple[int, int]] = []
    weights: list[Fraction] = []
    pair = (0, 0)
    while True:
        pairs.append(pair)
        weights.append(ZERO if weights else ONE)
        corners = [_subtract(positives[i], negatives[j]) for i, j in pairs]
        pairs, weights, corners = _approach(pairs, weights, corners)
        nearest = tuple(dot(weights, entries) for entries in zip(*corners, strict=True))
        pair = (
            min(range(len(positives)), key=lambda i: dot(nearest, positives[i])),
            max(range(len(negatives)), key=lambda j: dot(nearest, negatives[j])),
        )
        corner = _subtract(positives[pair[0]], negatives[pair[1]])
        if dot(nearest, corner) >= dot(nearest, nearest):
            break
    positive: Weights = {}
    negative: Weights = {}
    for (i, j), weight in zip(pairs, weights, strict=True):
        positive[i] = positive.get(i, ZERO) + weight
        negative[j] = negative.get(j, ZERO) + weight
    return positive, negative, nearest


def _approach(
    pairs: list[tuple[int, int]], weights: list[Fraction], corners: list[Vector]
) -> tuple[list[tuple[int, int]], list[Fraction], list[Vector]]:
    """Return the pairs and positive weights whose average is nearest to zero among these corners."""
    while True:
        target = _weigh_affine(corners)
        if all(weight > 0 for weight in target):
            return pairs, target, corners
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


def are_unique(columns: Sequence[Vector], alpha: Sequence[Fraction]) -> bool:
    """Return whether no other multipliers of at least 0 give the same sum of columns.

    Notes
    -----
    Others exist where the columns with positive multipliers depend on each other; or where some of the
    others, which can only grow, add up to a combination of these: what is left of them without their share in
    the plane of these then has zero in its convex hull.
    """
    used = [column for column, value in zip(columns, alpha, strict=True) if value]
    if rank(used) < len(used):
        return False
    others = [column for column, value in zip(columns, alpha, strict=True) if not value]
    if not others:
        return True
    rests = [_subtract(column, _project(column, used)) for column in others]
    return any(find_nearest_points(rests, [(ZERO,) * len(rests[0])])[2])


def _project(vector: Vector, basis: Sequence[Vector]) -> Vector:
    """Return the nearest combination of independent vectors."""
    shares = solve_linear([[dot(a, b) for b in basis] for a in basis], [dot(a, vector) for a in basis])
    assert shares is not None
    return tuple(dot(shares, entries) for entries in zip(*basis, strict=True))


def _subtract(left: Vector, right: Vector) -> Vector:
    return tuple(a - b for a, b in zip(left, right, strict=True))
