"""Exact numbers: read as they are written, solved for without rounding, written as one would on paper."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from glassnet.errors import InvalidDataError

_LONGEST = 16
"""Characters of a fraction that is still written out."""


def read_number(value: object, where: str) -> Fraction:
    """Return a number exactly as it is written: 0.1 is 1/10.

    Parameters
    ----------
    value : int, float, Fraction, Decimal, NumPy number or str
        Text may be a whole number, a decimal or a fraction: ``"-2"``, ``"0.25"``, ``"1e-3"``, ``"1/3"``.
        A float is what it prints.
    where : str
        For the message: ``"row 2, column x1"``.

    Raises
    ------
    InvalidDataError
        When it is no finite number.

    Examples
    --------
    >>> read_number("0.1", "x1") + read_number(0.2, "x2")
    Fraction(3, 10)
    """
    if isinstance(value, Fraction):
        return value
    item = value.item() if hasattr(value, "item") else value
    text = str(item).strip().replace("−", "-") if not isinstance(item, bool) else "no number"
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise InvalidDataError(f"got {value!r} for {where}, a division by zero.") from None
    except ValueError:
        pass
    is_number = not isinstance(item, bool) and isinstance(item, int | float | Decimal)
    is_number = is_number or text.lower().lstrip("+-") in ("nan", "inf", "infinity")
    what = "which is not finite" if is_number else "which is no number"
    raise InvalidDataError(
        f"got {value!r} for {where}, {what}; expected a number such as -2, 0.25 or 1/3. "
        "Correct it, or leave the row out."
    )


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
    solution = [Fraction(0)] * n_unknowns
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


def dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    """Return the sum of the products, entry by entry."""
    return sum((a * b for a, b in zip(left, right, strict=True) if a and b), Fraction(0))


def format_fraction(number: Fraction) -> str:
    """Write a number exactly where that is short, as a whole number or a fraction, else to six digits.

    Examples
    --------
    >>> format_fraction(Fraction(-6, 4)), format_fraction(Fraction(10**20 + 1, 3**40))
    ('-3/2', '8.22526')
    """
    text = str(number)
    return text if len(text) <= _LONGEST else f"{float(number):.6g}"


def format_inverse_root(square: Fraction) -> str:
    """Write 1 / sqrt(square) as one would on paper, with the decimal value where there is a root.

    Examples
    --------
    >>> [format_inverse_root(square) for square in (Fraction(4), Fraction(8), Fraction(1, 2))]
    ['1/2', '1/(2√2) = 0.353553', '√2 = 1.41421']
    """
    value = f"{1 / math.sqrt(square):.6g}"
    product = square.numerator * square.denominator
    if product > 10**12:
        return value
    outside, inside = _split_root(product)  # sqrt(p/q) = outside * sqrt(inside) / q
    fraction = Fraction(square.denominator, outside)
    if inside == 1:
        return format_fraction(fraction)
    if fraction.numerator % inside == 0:  # q / sqrt(q) = sqrt(q)
        fraction /= inside
        return f"{_times_root(fraction.numerator, inside)}{_over(fraction.denominator)} = {value}"
    return f"{fraction.numerator}/{_bracket(_times_root(fraction.denominator, inside))} = {value}"


def format_root(square: Fraction) -> str:
    """Write sqrt(square) as one would on paper.

    Examples
    --------
    >>> format_root(Fraction(4)), format_root(Fraction(8)), format_root(Fraction(1, 2))
    ('2', '2√2 = 2.82843', '√2/2 = 0.707107')
    """
    value = f"{math.sqrt(square):.6g}"
    product = square.numerator * square.denominator
    if product > 10**12:
        return value
    outside, inside = _split_root(product)
    fraction = Fraction(outside, square.denominator)
    if inside == 1:
        return format_fraction(fraction)
    return f"{_times_root(fraction.numerator, inside)}{_over(fraction.denominator)} = {value}"


def _split_root(number: int) -> tuple[int, int]:
    """Return (s, r) with sqrt(number) = s sqrt(r) and r free of squares."""
    outside, inside, factor = 1, number, 2
    while factor * factor <= inside:
        while inside % (factor * factor) == 0:
            inside //= factor * factor
            outside *= factor
        factor += 1
    return outside, inside


def _times_root(factor: int, inside: int) -> str:
    return f"√{inside}" if factor == 1 else f"{factor}√{inside}"


def _over(denominator: int) -> str:
    return "" if denominator == 1 else f"/{denominator}"


def _bracket(text: str) -> str:
    return text if text.startswith("√") else f"({text})"
