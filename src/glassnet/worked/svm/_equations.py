"""Equations as one writes them on paper, and their solution step by step."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from glassnet.worked._texts import ENGLISH, read_texts
from glassnet.worked.svm._numbers import format_fraction

PACKAGE = "glassnet.worked.svm"
"""Whose texts stand beside the equations."""


def format_sum(coefficients: Sequence[Fraction], symbols: Sequence[str]) -> str:
    """Write a sum of multiples of symbols, without those that are zero: ``w1 - 3/2·b``."""
    pairs = zip(coefficients, symbols, strict=True)
    return join_terms([f"{_factor(c)}{symbol}" for c, symbol in pairs if c] or ["0"])


def _factor(number: Fraction) -> str:
    """Write what stands before a symbol: nothing for 1, the sign alone for -1."""
    text = "" if abs(number) == 1 else f"{format_fraction(abs(number))}·"
    return f"-{text}" if number < 0 else text


def format_products(coefficients: Sequence[Fraction], values: Sequence[Fraction | None]) -> str:
    """Write a sum of products with every number in its place, and ? where none was given: ``-2·2 + 0·?``."""
    pairs = zip(coefficients, values, strict=True)
    return join_terms([f"{format_fraction(c)}·{'?' if v is None else bracket(v)}" for c, v in pairs])


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
    names: Sequence[str],
    rows: Iterable[Sequence[Fraction]],
    solution: Mapping[str, Fraction],
    language: str = ENGLISH,
) -> list[str]:
    """Write down named equations, how one is taken from another, and what follows for each unknown.

    A row ends with the right-hand side. The unknowns are eliminated from the last to the first; the solution
    settles those that are left free.
    """
    texts = read_texts(PACKAGE, language)
    table, symbols = dict(enumerate(rows, start=1)), list(solution)
    width = max(map(len, names), default=0)
    lines = [
        f"({number})  {name:{width}}  {_write(values, symbols, texts)}"
        for name, (number, values) in zip(names, table.items(), strict=True)
    ]
    count, used = len(table), {}
    for column in reversed(range(len(symbols))):
        usable = {number: values for number, values in table.items() if values[column]}
        if not usable:
            continue
        number, shortest = min(usable.items(), key=lambda entry: sum(map(bool, entry[1][:-1])))
        used[column] = number
        rest = {}
        for other, values in table.items():
            if other in usable and other != number:
                factor = values[column] / shortest[column]
                values = [a - factor * p for a, p in zip(values, shortest, strict=True)]
                how = join_terms([f"({other})", f"{_factor(-factor)}({number})"])
                count += 1
                other = count
                lines.append(f"({count})  {how}:  {_write(values, symbols, texts)}")
            if other != number:
                rest[other] = values
        table = rest
    found = [f"{symbol} = {format_fraction(value)}" for symbol, value in solution.items()]
    free = [column for column in range(len(symbols)) if column not in used]
    lines += [INDENT + texts["free"].format(symbol=symbols[k], found=found[k]) for k in free]
    return lines + [INDENT + texts["from"].format(number=used[k], found=found[k]) for k in reversed(used)]


INDENT = 6 * " "
"""Before a line that is no numbered equation."""


def _write(values: Sequence[Fraction], symbols: Sequence[str], texts: Mapping[str, str]) -> str:
    if not any(values):
        return texts["nothing"].format(equation="0 = 0")
    return f"{format_sum(values[:-1], symbols)} = {format_fraction(values[-1])}"
