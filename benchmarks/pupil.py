"""A student who works a network's exercise out by hand, rightly or with a slip: NumPy alone, no glassnet.

Every number of a sheet is a function of numbers before it. A slip puts another function in its place, and
what follows is worked from what came out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

Key = tuple[int, str, int, int, int]
"""Step, letter, layer, unit before, unit: ("w", 2, 0, 1) leads from unit 0 to unit 1 of layer 2."""

Rule = Callable[["Notes"], float]


@dataclass(frozen=True)
class Habits:
    """Hold how a person writes numbers."""

    digits: int
    carries_all_digits: bool
    keeps_zeros: bool
    mark: str = "."
    minus: str = "-"
    fractions: bool = False

    def text(self, number: float) -> str:
        """Return a number as it is written: to `digits` after the point, to two significant ones at least."""
        if self.fractions:
            for below in (2, 4, 5, 8, 10, 20, 25):
                above = number * below
                if abs(above - round(above)) < 1e-12 and abs(number * 10 - round(number * 10)) > 1e-9:
                    return f"{round(above)}/{below}".replace("-", self.minus)
        places = (
            max(self.digits, 1 - Decimal(f"{number:.12g}").adjusted()) if abs(number) > 1e-15 else self.digits
        )
        text = f"{Decimal(f'{number:.12g}').quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
        text = text if self.keeps_zeros or "." not in text else text.rstrip("0").rstrip(".")
        text = "0" if text in ("-0", "") else text
        return text.replace(".", self.mark).replace("-", self.minus)

    def unit(self, number: float) -> float:
        """Return the last place of a number."""
        return 10.0 ** -max(self.digits, 1 - Decimal(f"{number:.12g}").adjusted() if number else self.digits)

    def round(self, number: float) -> float:
        """Return a number as it is read back from what is written."""
        plain = Habits(self.digits, self.carries_all_digits, True)
        return float(plain.text(number))


ACTIVATIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "identity": (lambda z: z, lambda z: 1.0),
}


@dataclass
class Exercise:
    """Hold the numbers of one student, as the problem file states them."""

    settings: dict[str, Any]
    names: dict[Key, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        s = self.settings
        self.sizes: list[int] = s["sizes"]
        self.last = len(self.sizes) - 1
        self.x, self.y = np.array(s["x"], float), np.array(s["y"], float)
        self.x, self.y = self.x.reshape(len(self.x), -1), self.y.reshape(len(self.y), -1)
        self.rate = float(s["lr"])
        self.activation = s.get("activation", "relu")
        self.loss = s["loss"]
        ends = {
            "squared_error": "identity",
            "sigmoid_cross_entropy": "sigmoid",
            "softmax_cross_entropy": "softmax",
        }
        self.output = s.get("output_activation") or ends[self.loss]
        self.steps = range(1, len(self.x) + 1)
        self.names = {key: name for step in self.steps for key, name in self._named(step)}

    def units(self, layer: int) -> range:
        """Return the units of a layer."""
        return range(self.sizes[layer])

    def keys(self, letter: str, *layers: int) -> list[Key]:
        """Return the numbers of a letter that have a name, in all steps."""
        return [key for key in self.names if key[1] == letter and (not layers or key[2] in layers)]

    def _named(self, s: int) -> Iterator[tuple[Key, str]]:
        """Yield what the sheet calls each number of a step: in matrices, unit by unit, or plain numbers."""
        by_unit, single = self.settings.get("names") == "units", max(self.sizes) == 1
        for layer in range(1, self.last + 1):
            for k in self.units(layer):
                unit = f"o{k + 1}" if layer == self.last else f"h{sum(self.sizes[1:layer]) + k + 1}"
                place = f"{layer}" if single else f"{layer}[1,{k + 1}]"
                if by_unit:
                    z, a, da = f"z_{unit}", unit, f"dL/d{unit}"
                    b = f"b_{unit}" if self.sizes[layer] > 1 else f"b{layer}"
                    yield (s, "da", layer, 0, k), da
                else:
                    z, a, b = (
                        (f"z{place}", f"a{place}", f"b{place}")
                        if single
                        else (f"Z{place}", f"A{place}", f"b{place}")
                    )
                yield (s, "z", layer, 0, k), z
                yield (s, "a", layer, 0, k), a
                if not single:
                    yield (s, "dz", layer, 0, k), f"dL/d{z}"
                yield (s, "b", layer, 0, k), b
                yield (s, "db", layer, 0, k), f"dL/d{b}"
                if by_unit and layer == self.last:
                    yield (s, "Lk", layer, 0, k), f"L_{unit}"
                for i in self.units(layer - 1):
                    before = sum(m * n for m, n in zip(self.sizes, self.sizes[1:layer], strict=False))
                    w = (
                        f"w{before + k * self.sizes[layer - 1] + i + 1}"
                        if by_unit
                        else f"w{layer}"
                        if single
                        else f"W{layer}[{i + 1},{k + 1}]"
                    )
                    yield (s, "w", layer, i, k), w
                    yield (s, "dw", layer, i, k), f"dL/d{w}"
        yield (s, "L", 0, 0, 0), "L"


class Notes:
    """Hold what a student has worked out so far; what is not there is worked out when it is asked for."""

    def __init__(
        self, exercise: Exercise, habits: Habits, asked: set[tuple[int, str]], slips: dict[Key, Rule]
    ) -> None:
        self.of, self.habits, self._asked, self._slips = exercise, habits, asked, slips
        self._known: dict[Key, float] = {}

    def __call__(self, *key: Any) -> float:
        """Return a number as it is carried on: rounded where it was written down by one who does so."""
        if key not in self._known:
            slip = self._slips.get(key)
            value = float(slip(self) if slip else self.right(*key))
            written = (key[0], self.of.names.get(key, "")) in self._asked
            self._known[key] = (
                self.habits.round(value) if written and not self.habits.carries_all_digits else value
            )
        return self._known[key]

    def right(self, s: int, letter: str, layer: int, i: int, k: int) -> float:
        """Work a number out from those before it, by the rules."""
        ex = self.of
        value: float
        match letter:
            case "x":
                value = ex.x[s - 1, k]
            case "w" if s == 0:
                value = ex.settings["weights"][layer - 1][i][k]
            case "b" if s == 0:
                value = ex.settings["biases"][layer - 1][k]
            case "w" | "b":
                value = self(s - 1, letter, layer, i, k) - ex.rate * self(s, f"d{letter}", layer, i, k)
            case "z":
                value = sum(
                    self(s - 1, "w", layer, j, k) * self.fed(s, layer, j) for j in ex.units(layer - 1)
                )
                value += self(s - 1, "b", layer, 0, k)
            case "a":
                z = [self(s, "z", layer, 0, j) for j in ex.units(layer)]
                if self.kind(layer) == "softmax":
                    value = np.exp(z[k]) / np.exp(z).sum()
                else:
                    value = ACTIVATIONS[self.kind(layer)][0](z[k])
            case "Lk":
                value = self.loss(self(s, "a", layer, 0, k), ex.y[s - 1, k])
            case "L":
                value = sum(self.output_loss(s, j) for j in ex.units(ex.last))
            case "da" if layer == ex.last:
                value = self(s, "a", layer, 0, k) - ex.y[s - 1, k]
            case "da":
                value = sum(
                    self(s - 1, "w", layer + 1, k, j) * self(s, "dz", layer + 1, 0, j)
                    for j in ex.units(layer + 1)
                )
            case "dz" if layer == ex.last and "cross" in ex.loss:
                value = self(s, "a", layer, 0, k) - ex.y[s - 1, k]
            case "dz":
                value = self(s, "da", layer, 0, k) * ACTIVATIONS[self.kind(layer)][1](
                    self(s, "z", layer, 0, k)
                )
            case "dw":
                value = self(s, "dz", layer, 0, k) * self.fed(s, layer, i)
            case "db":
                value = self(s, "dz", layer, 0, k)
            case _:
                raise KeyError(letter)
        return float(value)

    def kind(self, layer: int) -> str:
        """Return the activation of a layer."""
        return str(self.of.output if layer == self.of.last else self.of.activation)

    def fed(self, s: int, layer: int, j: int) -> float:
        """Return what a layer is given by unit j before it."""
        return self(s, "a", layer - 1, 0, j) if layer > 1 else self(s, "x", 0, 0, j)

    def output_loss(self, s: int, j: int) -> float:
        """Return the loss of one output, as it was written where it is."""
        key = (s, "Lk", self.of.last, 0, j)
        if (s, self.of.names.get(key, "")) in self._asked:
            return self(*key)
        return self.loss(self(s, "a", self.of.last, 0, j), self.of.y[s - 1, j])

    def loss(self, a: float, y: float) -> float:
        """Return the loss of an output a for the target y."""
        match self.of.loss:
            case "squared_error":
                return (a - y) ** 2 / 2
            case "softmax_cross_entropy":
                return float(-np.log(a) * y) if y else 0.0
            case _:
                return float(-np.log(a) if y else -np.log(1 - a))


def work_sheet(
    exercise: Exercise, habits: Habits, asked: list[tuple[int, str]], slips: dict[Key, Rule]
) -> list[float]:
    """Return the numbers of a sheet in its order, with all their digits."""
    notes = Notes(exercise, habits, set(asked), slips)
    by_name = {(key[0], name): key for key, name in exercise.names.items()}
    return [notes(*by_name[place]) for place in asked]
