"""Equations as one writes them on paper, and their solution step by step."""

from collections.abc import Sequence
from fractions import Fraction

from glassnet.worked.svm._numbers import format_fraction


def format_sum(coefficients: Sequence[Fraction], symbols: Sequence[str]) -> str:
    """Write a sum of multiples of symbols, leaving out those with the coefficient zero.

    Examples
    --------
    >>> format_sum([Fraction(1), Fraction(0), Fraction(-3, 2)], ["w1", "w2", "b"])
    'w1 - 3/2·b'
    """
    text = ""
    for coefficient, symbol in zip(coefficients, symbols, strict=True):
        if coefficient:
            size = abs(coefficient)
            term = symbol if size == 1 else f"{format_fraction(size)}·{symbol}"
            text += (" - " if text else "-") + term if coefficient < 0 else (" + " if text else "") + term
    return text or "0"


def format_substituted(coefficients: Sequence[Fraction], values: Sequence[Fraction | None]) -> str:
    """Write a sum of products with every number substituted; "?" is a number that was not given.

    Examples
    --------
    >>> format_substituted([Fraction(-2), Fraction(0)], [Fraction(2), None])
    '-2·2 + 0·?'
    """
    parts = [
        f"{format_fraction(c)}·{'?' if v is None else bracket(v)}"
        for c, v in zip(coefficients, values, strict=True)
    ]
    return join_terms(parts)


def bracket(value: Fraction) -> str:
    """Write a number so that it may follow a sign: a negative one in brackets."""
    text = format_fraction(value)
    return f"({text})" if value < 0 else text


def join_terms(parts: Sequence[str]) -> str:
    """Join terms with their signs: ``3 - 1``."""
    text = parts[0]
    for part in parts[1:]:
        text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
    return text


def solve_by_steps(
    rows: Sequence[Sequence[Fraction]],
    right: Sequence[Fraction],
    symbols: Sequence[str],
    names: Sequence[str],
    solution: Sequence[Fraction],
) -> list[str]:
    """Write down equations, how one is taken from another, and what follows for each unknown.

    Parameters
    ----------
    rows, right : sequence of Fraction
        The equations: coefficients and right-hand sides.
    symbols : sequence of str
        Of the unknowns; they are eliminated from the last to the first.
    names : sequence of str
        One for each equation.
    solution : sequence of Fraction
        The value of each unknown, which settles those that the equations leave free.

    Returns
    -------
    list of str
    """
    width = max(map(len, names), default=0)
    lines: list[str] = []
    table: list[tuple[int, list[Fraction]]] = []
    for number, (name, row, value) in enumerate(zip(names, rows, right, strict=True), start=1):
        lines.append(f"({number})  {name:{width}}  {format_sum(row, symbols)} = {format_fraction(value)}")
        table.append((number, [*row, value]))
    used: list[tuple[int, int, list[Fraction]]] = []
    count = len(table)
    for column in reversed(range(len(symbols))):
        usable = [entry for entry in table if entry[1][column]]
        if not usable:
            continue
        number, equation = min(usable, key=lambda entry: sum(map(bool, entry[1][:-1])))  # the shortest
        used.append((column, number, equation))
        rest: list[tuple[int, list[Fraction]]] = []
        for other, values in table:
            if other == number:
                continue
            if not values[column]:
                rest.append((other, values))
                continue
            factor = values[column] / equation[column]
            count += 1
            values = [a - factor * p for a, p in zip(values, equation, strict=True)]
            how = f"({other}) {_minus(factor)}({number})"
            lines.append(f"({count})  {how}:  {_describe(values, symbols)}")
            if any(values):
                rest.append((count, values))
        table = rest
    return lines + _substitute_back(used, symbols, solution)


def _describe(values: list[Fraction], symbols: Sequence[str]) -> str:
    if not any(values):
        return "0 = 0, which adds nothing"
    return f"{format_sum(values[:-1], symbols)} = {format_fraction(values[-1])}"


def _substitute_back(
    used: list[tuple[int, int, list[Fraction]]], symbols: Sequence[str], solution: Sequence[Fraction]
) -> list[str]:
    lines: list[str] = []
    settled = {column for column, _, _ in used}
    for column, symbol in enumerate(symbols):
        if column not in settled:
            value = format_fraction(solution[column])
            lines.append(f"      {symbol} is left free by them; chosen: {symbol} = {value}")
    for column, number, _ in reversed(used):
        lines.append(f"      from ({number}):  {symbols[column]} = {format_fraction(solution[column])}")
    return lines


def _minus(factor: Fraction) -> str:
    sign, size = ("-", factor) if factor > 0 else ("+", -factor)
    return f"{sign} " if size == 1 else f"{sign} {format_fraction(size)}·"
