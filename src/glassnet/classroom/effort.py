"""How much work a task is: the operations that a person carries out, and the digits that they write."""

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet.classroom.task import Task
from glassnet.worked.lines import (
    Apply,
    Formula,
    MatrixProduct,
    Power,
    Product,
    Quotient,
    Sum,
    TimesLog,
    Total,
    evaluate,
    format_number,
    parts_of,
)


@dataclass(frozen=True)
class Effort:
    """Count the work of a task.

    Attributes
    ----------
    operations : int
        Additions, multiplications and function keys; what meets a 0, or is multiplied by 1, is none.
    digits : int
        Of all numbers that are given or written, without zeros in front.
    """

    operations: int
    digits: int

    def is_near(self, other: "Effort", share: float) -> bool:
        """Say whether both counts differ by no more than a share of the other's."""
        pairs = ((self.operations, other.operations), (self.digits, other.digits))
        return all(abs(own - theirs) <= share * theirs for own, theirs in pairs)


def effort_of(task: Task) -> Effort:
    """Count the work of all lines that are asked for."""
    operations = sum(_count(line.formula, task.values.__getitem__)[1] for line in task.asked_lines)
    given = [given.value for row in task.given for given in row]
    written = [task.values[line.quantity] for line in task.asked_lines]
    numbers = sum(_digits(value, task.digits) for value in (*given, *written))
    return Effort(operations, numbers)


def spread(counts: list[int]) -> float:
    """Return how far the largest count is above the smallest, as a share of the middle one."""
    return (max(counts) - min(counts)) / max(float(np.median(counts)), 1.0)


def _digits(value: Array | str, digits: int) -> int:
    if isinstance(value, str):
        return sum(map(str.isdigit, value))
    texts = (format_number(float(number), digits) for number in np.asarray(value, float).ravel())
    return sum(len(text.lstrip("-0.").replace(".", "")) for text in texts)


def _count(formula: Formula, look: Any) -> tuple[Array, int]:
    """Return the value of a formula, and how many operations lead to it."""
    parts = [_count(part, look) for part in parts_of(formula)]
    value = np.asarray(evaluate(formula, look))
    return value, sum(count for _, count in parts) + _own(formula, [part for part, _ in parts])


@singledispatch
def _own(formula: Formula, parts: list[Array]) -> int:
    """Return how many operations a formula is of itself, given the values of its parts."""
    return 0


@_own.register
def _(formula: Sum, parts: list[Array]) -> int:
    filled = sum(np.asarray(part != 0, int) for part in np.broadcast_arrays(*parts))
    return int(np.maximum(np.asarray(filled) - 1, 0).sum())


@_own.register
def _(formula: Product, parts: list[Array]) -> int:
    factors = np.broadcast_arrays(*parts)
    real = sum(np.asarray(abs(factor) != 1, int) for factor in factors)
    is_zero = np.any([factor == 0 for factor in factors], axis=0)
    return int(np.where(is_zero, 0, np.maximum(np.asarray(real) - 1, 0)).sum())


@_own.register
def _(formula: MatrixProduct, parts: list[Array]) -> int:
    left, right = parts
    filled = (left != 0).astype(int) @ (right != 0).astype(int)
    by_one = (abs(left) == 1).astype(int) @ (right != 0).astype(int) + (
        ((left != 0) & (abs(left) != 1)).astype(int) @ (abs(right) == 1).astype(int)
    )
    return int((filled - by_one + np.maximum(filled - 1, 0)).sum())


@_own.register
def _(formula: Quotient, parts: list[Array]) -> int:
    above, below = np.broadcast_arrays(*parts)
    return int(((above != 0) & (abs(below) != 1)).sum())


@_own.register
def _(formula: Power, parts: list[Array]) -> int:
    return int((parts[0] != 0).sum()) * (formula.exponent - 1)


@_own.register
def _(formula: Apply, parts: list[Array]) -> int:
    return int(parts[0].size)


@_own.register
def _(formula: TimesLog, parts: list[Array]) -> int:
    return 2 * int((parts[0] != 0).sum())


@_own.register
def _(formula: Total, parts: list[Array]) -> int:
    return max(int((parts[0] != 0).sum()) - 1, 0)
