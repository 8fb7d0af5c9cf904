"""Formulas gone wrong in the ways in which people get them wrong."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from math import log

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
from glassnet.worked.grade._slips import Cause, Slip
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
                yield Cause(Slip.SIGN_OF_TERM, (_text(term),)), Sum(flipped)
                if len(terms) > 1:
                    yield Cause(Slip.TERM_MISSING, (_text(term),)), Sum(terms[:i] + terms[i + 1 :])
        case Product(factors, between):
            for i, factor in enumerate(factors):
                if factor not in (Number(1), Slope(Number(1))):
                    rest = factors[:i] + factors[i + 1 :]
                    yield _missing(factor), rest[0] if len(rest) == 1 else Product(rest, between)
        case Quotient(above, below):
            yield _missing(below, divisor=True), above
        case Power(base, _):
            yield Cause(Slip.SQUARE_MISSING, (_text(base),)), base
        case Apply(name, _, argument):
            yield Cause(Slip.FUNCTION_LEFT_OUT, (name,)), argument
        case Transpose(matrix):
            yield Cause(Slip.NOT_TRANSPOSED, (_text(matrix),)), matrix
        case _:
            pass


def _missing(factor: Formula, divisor: bool = False) -> Cause:
    if isinstance(factor, Slope):
        return Cause(Slip.SLOPE_MISSING, (_text(factor),))
    if divisor and "n" in _symbols(factor):
        return Cause(Slip.SUM_FOR_MEAN)
    return Cause(Slip.DIVISOR_MISSING if divisor else Slip.FACTOR_MISSING, (_text(factor),))


def with_part(formula: Formula, old: Formula, new: Formula) -> Formula:
    """Return a formula with one part in the place of another, wherever that stands."""
    if formula == old:
        return new
    for place, part in enumerate(parts_of(formula)):
        formula = put(formula, place, with_part(part, old, new))
    return formula


def with_quantity(formula: Formula, old: Quantity, new: Quantity) -> Formula:
    """Return a formula with one quantity in the place of another."""
    return with_part(formula, Ref(old), Ref(new))


def slopes_elsewhere(formula: Formula, outputs: Mapping[Quantity, Formula]) -> Iterator[Variant]:
    """Yield a formula with an activation's derivative at another place: at the output a in place of z.

    Parameters
    ----------
    formula : Formula
    outputs : mapping of Quantity to Formula
        What computes the quantities that are outputs of activations: ``ReLU(z1)`` for ``a1``.
    """
    for slope in _slopes(formula):
        for quantity in dict.fromkeys(quantities_of(slope)):
            for output, applied in outputs.items():
                (given,) = parts_of(applied)
                own, result = Ref(quantity), Ref(output)
                if own == given:  # f'(z) is written over z
                    cause = Cause(Slip.SLOPE_AT, (_text(result), _text(given)))
                    yield cause, with_part(formula, slope, with_part(slope, own, result))
                elif own == result:  # a (1 - a) is written over a
                    cause = Cause(Slip.SLOPE_AT, (_text(result), _text(given)))
                    again = put(applied, 0, result)
                    yield cause, with_part(formula, slope, with_part(slope, result, again))
                    cause = Cause(Slip.SLOPE_OVER, (_text(given), _text(result)))
                    yield cause, with_part(formula, slope, with_part(slope, result, given))


def one_slope_more(formula: Formula, slopes: Iterable[Formula], between: str) -> Iterator[Variant]:
    """Yield an output's error times the derivative of the output, which the loss's has cancelled already."""
    for slope in slopes:
        yield Cause(Slip.SLOPE_TOO_MANY, (_text(slope),)), Product((formula, slope), between)


def _slopes(formula: Formula) -> Iterator[Slope]:
    if isinstance(formula, Slope):
        yield formula
        return
    for part in parts_of(formula):
        yield from _slopes(part)


def stale(formula: Formula, step: int, exists: Callable[[Quantity], bool]) -> Iterator[Variant]:
    """Yield a formula with a parameter of another time: already updated, or not updated yet."""
    for quantity in dict.fromkeys(quantities_of(formula)):
        if quantity.step != step - 1:
            continue
        for at, slip in ((step, Slip.UPDATED_USED), (step - 2, Slip.NOT_UPDATED)):
            other = Quantity(at, quantity.name)
            if exists(other):
                yield Cause(slip, (quantity.name,)), with_quantity(formula, quantity, other)


def of_other_samples(formula: Formula, step: int, known: Iterable[Quantity]) -> Iterator[Variant]:
    """Yield a formula with a number of another step, which has another sample, in the place of its own."""
    for quantity in dict.fromkeys(quantities_of(formula)):
        for other in known:
            if quantity.step == step and other.name == quantity.name and other.step not in (0, step):
                cause = Cause(Slip.OTHER_SAMPLE, (quantity.name, str(other.step)))
                yield cause, with_quantity(formula, quantity, other)


def exchanged(
    formula: Formula,
    siblings: Callable[[Quantity], list[Quantity]],
    is_other_sample: Callable[[Quantity, Quantity], bool] = lambda one, other: False,
) -> Iterator[Variant]:
    """Yield a formula with a quantity's sibling in its place."""
    for quantity in dict.fromkeys(quantities_of(formula)):
        for other in siblings(quantity):
            cause = Cause(Slip.TAKEN_FOR, (other.name, quantity.name))
            if is_other_sample(quantity, other):
                cause = Cause(Slip.OTHER_SAMPLE, (quantity.name, other.name))
            yield cause, with_quantity(formula, quantity, other)


def multiplied(formula: Formula, by: Iterable[Quantity]) -> Iterator[Variant]:
    """Yield a bias's gradient times what a layer was given."""
    for quantity in by:
        yield Cause(Slip.BIAS_MULTIPLIED, (quantity.name,)), Product((formula, Ref(quantity)))


def of_other_conventions(formula: Formula, n_outputs: int) -> Iterator[Variant]:
    """Yield a loss as others define it: the mean of the outputs, or another logarithm."""
    if n_outputs > 1:
        yield Cause(Slip.MEAN_OF_OUTPUTS), Quotient(formula, Number(n_outputs))
    if _has_logarithm(formula):
        for base in (10, 2):
            yield Cause(Slip.OTHER_LOGARITHM, (str(base),)), Quotient(formula, Number(log(base)))


def _has_logarithm(formula: Formula) -> bool:
    is_one = isinstance(formula, TimesLog) or (isinstance(formula, Apply) and formula.name == "log")
    return is_one or any(map(_has_logarithm, parts_of(formula)))


def turned(formula: Formula) -> Iterator[Variant]:
    """Yield a formula with the other sign."""
    yield Cause(Slip.SIGN_OF_ALL), Product((Number(-1.0), formula))


def scaled(formula: Formula, n: int, rate: float | None) -> Iterator[Variant]:
    """Yield a formula with a factor too many, in all or in one term.

    Parameters
    ----------
    formula : Formula
    n : int
        Samples of the step.
    rate : float or None
        Learning rate, where there is one.
    """
    factors = [(2.0, Slip.TWICE, Slip.PART_TWICE), (0.5, Slip.HALF, Slip.PART_HALF)]
    if rate:
        factors += [
            (rate, Slip.RATE_TOO_OFTEN, Slip.PART_RATE_TOO_OFTEN),
            (1 / rate, Slip.RATE_MISSING, Slip.PART_RATE_MISSING),
        ]
    if n > 1:
        factors += [(float(n), Slip.TIMES_N, Slip.PART_TIMES_N), (1 / n, Slip.BY_N, Slip.PART_BY_N)]
    for number, slip, _ in factors:
        yield Cause(slip), Product((Number(number), formula))
    if isinstance(formula, Sum) and len(formula.terms) > 1:
        for i, (sign, term) in enumerate(formula.terms):
            for number, _, slip in factors:
                other = (sign, Product((Number(number), term)))
                yield Cause(slip, (_text(term),)), Sum((*formula.terms[:i], other, *formula.terms[i + 1 :]))


def two_at_once(formula: Formula) -> Iterator[Variant]:
    """Yield a formula with two mistakes in it."""
    seen: set[frozenset[Cause]] = set()
    for first, wrong in mistakes(formula):
        for second, worse in (*mistakes(wrong), *turned(wrong)):
            if {first, second} not in seen:  # in the other order
                seen.add(frozenset({first, second}))
                yield Cause(Slip.BOTH, (first, second)), worse


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
