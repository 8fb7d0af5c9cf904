"""What a template lets differ from student to student: multiples of a step, or one of some values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.classroom.dice import Dice
from glassnet.errors import InvalidParameterError

MOST_VALUES = 10_000
"""A draw of more values than this has steps that are no short decimals."""

A_DRAW = "{ low = -0.9, high = 0.9, step = 0.1 } or { choices = [1, 2] }"


class Draw(Protocol):
    """Describe how one number, or one row of a list, is drawn."""

    def one(self, dice: Dice) -> Any:
        """Return the next value."""

    @property
    def is_row(self) -> bool:
        """Whether a value is a list that fills the last axis of an array."""


@dataclass(frozen=True)
class Steps:
    """Draw a multiple of a step, never 0: a product with it would be no work.

    Attributes
    ----------
    values : tuple of float
    """

    values: tuple[float, ...]
    is_row = False

    def one(self, dice: Dice) -> float:
        """Return one of the values."""
        return dice.choice(self.values)


@dataclass(frozen=True)
class Choices:
    """Draw one of some values.

    Attributes
    ----------
    values : tuple
    """

    values: tuple[Any, ...]

    @property
    def is_row(self) -> bool:
        """Whether the values are lists."""
        return isinstance(self.values[0], list)

    def one(self, dice: Dice) -> Any:
        """Return one of the values."""
        return dice.choice(self.values)


def draw_array(draw: Draw, shape: Sequence[int], dice: Dice) -> Any:
    """Return an array of a shape as nested lists, drawn number by number, or row by row."""
    if not shape or (draw.is_row and len(shape) == 1):
        return draw.one(dice)
    return [draw_array(draw, shape[1:], dice) for _ in range(shape[0])]


def read_draw(value: Any, where: str) -> Draw:
    """Read a draw from a table of a template.

    Raises
    ------
    InvalidParameterError
    """
    if not isinstance(value, Mapping):
        raise InvalidParameterError(f"got {where} = {quoted(value)}; expected {A_DRAW}.")
    keys = ("choices",) if "choices" in value else ("low", "high", "step")
    for key in value:
        lookup(dict.fromkeys(keys), key, f"entry of {where}")
    if "choices" in value:
        choices = value["choices"]
        kinds = {isinstance(choice, list) for choice in choices} if isinstance(choices, list) else set()
        if len(kinds) != 1:
            raise InvalidParameterError(
                f"got {where} = {quoted(value)}; expected a list of numbers, of texts, or of rows."
            )
        return Choices(tuple(choices))
    if missing := [key for key in keys if key not in value]:
        raise InvalidParameterError(f"{where} has no {missing[0]}; expected {A_DRAW}.")
    low, high, step = (_decimal(value[key], f"{where}.{key}") for key in keys)
    if low > high or step <= 0 or (high - low) / step > MOST_VALUES:
        raise InvalidParameterError(
            f"got {where} from {low} to {high} in steps of {step}; expected low below high, and at most "
            f"{MOST_VALUES:,} positive steps between them."
        )
    count = int((high - low) / step) + 1
    values = tuple(float(low + i * step) for i in range(count) if low + i * step)
    if not values:
        raise InvalidParameterError(f"{where} leaves no number but 0, with which nobody can work.")
    return Steps(values)


def _decimal(value: Any, where: str) -> Decimal:
    try:
        number = Decimal("nan") if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise InvalidParameterError(f"got {where} = {quoted(value)}; expected a number.")
    return number
