"""Formulas gone wrong in the ways in which people get them wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from glassnet.worked._formula import (
    Apply,
    Formula,
    MatrixProduct,
    Number,
    Power,
    Product,
    Quantity,
    Quotient,
    Ref,
    Slope,
    Sum,
    TimesLog,
    Total,
    Transpose,
    parts_of,
    quantities_of,
)
from glassnet.worked.grade._data import Cause, CauseKind
from glassnet.worked.write._formula import write_symbols
from glassnet.worked.write._plain import TEXT

Variant = tuple[Cause, Formula]


def mistakes(formula: Formula) -> Iterator[Variant]:
    """Yield a formula with one mistake in it, each with what the mistake is."""
    yield from _own_mistakes(formula)
    for place, part in enumerate(parts_of(formula)):
        if isinstance(formula, Slope) and isinstance(part, Apply):
            continue  # ReLU'(z1) is left out as a factor, and never for its argument
        for cause, wrong in mistakes(part):
            yield cause, put(formula, place, wrong)


def _own_mistakes(formula: Formula) -> Iterator[Variant]:
    match formula:
        case Sum(terms):
            for i, (sign, term) in enumerate(terms):
                flipped = (*terms[:i], (-sign, term), *terms[i + 1 :])
                yield Cause(CauseKind.SIGN, f"the sign of {_text(term)} is wrong"), Sum(flipped)
                if len(terms) > 1:
                    yield Cause(CauseKind.TERM, f"{_text(term)} is missing"), Sum(terms[:i] + terms[i + 1 :])
        case Product(factors, between):
            for i, factor in enumerate(factors):
                if factor not in (Number(1), Slope(Number(1))):
                    rest = factors[:i] + factors[i + 1 :]
                    yield _missing(factor), rest[0] if len(rest) == 1 else Product(rest, between)
        case Quotient(above, below):
            yield _missing(below, divisor=True), above
        case Power(base, _):
            yield Cause(CauseKind.FACTOR, f"the square of {_text(base)} is missing"), base
        case Apply(name, _, argument):
            yield Cause(CauseKind.GATE, f"{name} was left out"), argument
        case Transpose(matrix):
            yield Cause(CauseKind.SWAP, f"{_text(matrix)} was not transposed"), matrix
        case _:
            pass


def _missing(factor: Formula, divisor: bool = False) -> Cause:
    if isinstance(factor, Slope):
        return Cause(CauseKind.GATE, f"the derivative of the activation, {_text(factor)}, is missing")
    if divisor and "n" in _symbols(factor):
        return Cause(CauseKind.MEAN, "the sum over the samples was taken, not the mean: 1/n is missing")
    return Cause(CauseKind.FACTOR, f"the factor {'1/' if divisor else ''}{_text(factor)} is missing")


def with_quantity(formula: Formula, old: Quantity, new: Quantity) -> Formula:
    """Return a formula with one quantity in the place of another."""
    if isinstance(formula, Ref):
        return Ref(new) if formula.quantity == old else formula
    for place, part in enumerate(parts_of(formula)):
        formula = put(formula, place, with_quantity(part, old, new))
    return formula


def stale(formula: Formula, step: int, exists: Callable[[Quantity], bool]) -> Iterator[Variant]:
    """Yield a formula with a parameter of another time: already updated, or not updated yet."""
    for quantity in dict.fromkeys(quantities_of(formula)):
        if quantity.step != step - 1:
            continue
        for at, text in (
            (step, "the updated {} was used, not the old one"),
            (step - 2, "the {} of the step before was used, not the updated one"),
        ):
            other = Quantity(at, quantity.name)
            if exists(other):
                cause = Cause(CauseKind.OLD_WEIGHT, text.format(quantity.name))
                yield cause, with_quantity(formula, quantity, other)


def exchanged(formula: Formula, siblings: Callable[[Quantity], list[Quantity]]) -> Iterator[Variant]:
    """Yield a formula with a quantity's sibling in its place."""
    for quantity in dict.fromkeys(quantities_of(formula)):
        for other in siblings(quantity):
            cause = Cause(CauseKind.SWAP, f"{other.name} was taken in place of {quantity.name}")
            yield cause, with_quantity(formula, quantity, other)


def scaled(formula: Formula, n: int, rate: float) -> Iterator[Variant]:
    """Yield a formula with the other sign or a factor too many, in all or in one term.

    Parameters
    ----------
    formula : Formula
    n : int
        Samples of the step.
    rate : float
        Learning rate.
    """
    factors = [
        (-1.0, CauseKind.SIGN, "has the wrong sign"),
        (2.0, CauseKind.FACTOR, "is twice as large as it should be"),
        (0.5, CauseKind.FACTOR, "is half of what it should be"),
        (rate, CauseKind.FACTOR, "was multiplied with lr once too often"),
        (1 / rate, CauseKind.FACTOR, "was divided by lr, or not multiplied with it"),
    ]
    if n > 1:
        factors += [
            (float(n), CauseKind.MEAN, "is n times too large: a sum was taken for a mean"),
            (1 / n, CauseKind.MEAN, "is n times too small: a mean was taken for a sum"),
        ]
    for number, kind, text in factors:
        yield Cause(kind, f"it {text}"), Product((Number(number), formula))
    if isinstance(formula, Sum) and len(formula.terms) > 1:
        for i, (sign, term) in enumerate(formula.terms):
            for number, kind, text in factors:
                other = (sign, Product((Number(number), term)))
                terms = (*formula.terms[:i], other, *formula.terms[i + 1 :])
                yield Cause(kind, f"{_text(term)} {text}"), Sum(terms)


def put(formula: Formula, place: int, part: Formula) -> Formula:
    """Return a formula with another part at a place of `parts_of`."""
    match formula:
        case Sum(terms):
            return Sum((*terms[:place], (terms[place][0], part), *terms[place + 1 :]))
        case Product(factors, between):
            return Product((*factors[:place], part, *factors[place + 1 :]), between)
        case MatrixProduct(left, right):
            return MatrixProduct(part, right) if place == 0 else MatrixProduct(left, part)
        case Quotient(above, below):
            return Quotient(part, below) if place == 0 else Quotient(above, part)
        case TimesLog():
            return replace(formula, factor=part) if place == 0 else replace(formula, argument=part)
        case Power(_, exponent):
            return Power(part, exponent)
        case Transpose():
            return Transpose(part)
        case Total():
            return Total(part)
        case Slope():
            return Slope(part)
        case Apply():
            return replace(formula, argument=part)
        case _:
            raise TypeError(f"{formula} has no parts")


def _symbols(formula: Formula) -> set[str]:
    own = {formula.symbol} if isinstance(formula, Number) else set()
    return own.union(*map(_symbols, parts_of(formula)))


def _text(formula: Formula) -> str:
    text = write_symbols(formula, TEXT)
    return f"({text})" if isinstance(formula, Sum) and len(formula.terms) > 1 else text
