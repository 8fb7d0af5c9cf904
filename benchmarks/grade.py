"""Measure how well `glassnet grade` finds mistakes, on sheets with one mistake each, and on right ones.

    python benchmarks/grade.py [--sheets 500] [--seed 0]

Random problems are worked out as people do it: rounded to 3 to 6 digits, either significant ones or after
the point (but to two significant ones at least), with zeros at the end or without, carrying on what was
written or all digits, some lines left out. A mistake is put into one line; what follows is worked from it,
or not. It is found where the first error named is that line, and the cause is of its kind. Mistakes that
move a number by less than 5 units of its last place are drawn anew.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from glassnet.errors import DivergedError, InvalidDataError
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import SGD
from glassnet.worked._formula import Line, Quantity, evaluate, quantities_of
from glassnet.worked.grade.grade import Grade, grade_sheet
from glassnet.worked.problem import Problem
from glassnet.worked.problem_file import build_problem
from glassnet.worked.sheet import Entry, Sheet
from glassnet.worked.trace._lines import derive, givens, work_out

NAMED_AS = {
    "swap": {"swap"},
    "sign": {"sign"},
    "factor": {"factor", "gate", "mean"},
    "rounding": {"rounding"},
}
DRAWN_LOSSES = [
    name for name, head in LOSSES.items() if head.estimates_numbers or head.gives_probabilities
]  # the others have slopes of 0 and 1, in which few mistakes show
VISIBLE = 5
"""Units of the last place by which a mistake moves a number at least."""

Values = dict[Quantity, np.ndarray]
T = TypeVar("T")


@dataclass(frozen=True)
class Habits:
    """Hold how a person writes numbers."""

    digits: int
    significant: bool
    keeps_zeros: bool
    carries_all_digits: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Habits":
        """Return habits of any kind."""
        significant, keeps_zeros, carries_all_digits = (bool(flag) for flag in rng.random(3) < 0.5)
        return cls(int(rng.integers(3, 7)), significant, keeps_zeros, carries_all_digits)

    def unit(self, number: float) -> float:
        """Return the last place of a number."""
        if abs(number) < 1e-20:
            return 10.0**-self.digits
        order = Decimal(repr(float(number))).adjusted()
        places = self.digits - 1 - order if self.significant else max(self.digits, 1 - order)
        return 10.0**-places

    def write(self, number: float) -> str:
        """Return a number as it is written."""
        if not abs(number) < 1e12:
            raise InvalidDataError(f"{number} is nothing that a person would write")
        unit = Decimal(1).scaleb(round(np.log10(self.unit(number))))
        text = f"{Decimal(f'{number:.12g}').quantize(unit, ROUND_HALF_UP):f}"
        return text if self.keeps_zeros or "." not in text else text.rstrip("0").rstrip(".")

    def round(self, value: np.ndarray) -> np.ndarray:
        """Return the numbers as they are carried on where they are written down."""
        return np.array([float(self.write(number)) for number in value.ravel()]).reshape(value.shape)


def draw_problem(rng: np.random.Generator) -> Problem:
    """Return a small problem: numbers or matrices, any activation, mostly SGD."""
    scalar, depth = rng.random() < 0.5, int(rng.integers(1, 3))
    sizes = [1] * (depth + 2) if scalar else rng.integers(1, 4, depth + 2).tolist()
    loss, n = str(rng.choice(DRAWN_LOSSES)), int(rng.integers(2, 4))
    return build_problem(
        {
            "sizes": sizes,
            "activation": str(rng.choice(list(ACTIVATIONS))),
            "loss": loss,
            "optimizer": str(rng.choice(["sgd", "sgd", "sgd", "momentum", "adam"])),
            "lr": float(rng.choice([0.01, 0.05, 0.1, 0.5])),
            "weights": [rng.normal(0, 1, pair).round(2).tolist() for pair in pairwise(sizes)],
            "biases": [rng.normal(0, 0.5, size).round(2).tolist() for size in sizes[1:]],
            "x": rng.normal(0, 1.5, (n, sizes[0])).round(2).tolist(),
            "y": draw_targets(rng, loss, n, sizes[-1]).tolist(),
            "batch_size": 1 if scalar else int(rng.choice([1, n])),
            "steps": 2,
        }
    )


def draw_targets(rng: np.random.Generator, loss: str, n: int, k: int) -> np.ndarray:
    return {
        "softmax": np.eye(k)[rng.integers(k, size=n)],
        "sigmoid": rng.integers(0, 2, (n, k)).astype(float),
        "exp": rng.poisson(2, (n, k)).astype(float),
        "identity": rng.normal(0, 2, (n, k)).round(1),
    }[LOSSES[loss].output]


def write_sheet(
    rng: np.random.Generator, habits: Habits, values: Values, lines: list[Line], keep: set[Quantity]
) -> Sheet:
    """Write the values down; one line in ten is left out."""
    entries: list[Entry] = []
    for line in lines:
        if line.quantity not in keep and (line.optional or rng.random() < 0.1):
            continue
        for place, number in np.ndenumerate(values[line.quantity]):
            index = tuple(i + 1 for i in place)
            entries.append(Entry(line.quantity, index, habits.write(number), f"row {len(entries) + 1}"))
    return Sheet("drawn", tuple(entries))


def work(lines: list[Line], given: Values, habits: Habits, wrong: Values | None = None) -> Values:
    """Work a problem out; some quantities may be wrong, and what follows is worked from those."""

    def finish(quantity: Quantity, value: np.ndarray) -> np.ndarray:
        value = (wrong or {}).get(quantity, value)
        return value if habits.carries_all_digits else habits.round(value)

    return work_out(lines, given, finish)


def swap(draw: "Draw", line: Line) -> Values | None:
    """Exchange two gradients or parameters of a step, or the gradients that two parameters are moved with."""
    q, values = line.quantity, draw.values
    partners = [
        other.quantity
        for other in draw.lines
        if (other.kind, other.quantity.step) == (line.kind, q.step)
        and values[other.quantity].shape == values[q].shape
        and other is not line
    ]
    if line.kind not in ("gradient", "update") or not partners:
        return None
    other = partners[int(draw.rng.integers(len(partners)))]
    if line.kind == "update" and draw.problem.optimizer == SGD() and draw.rng.random() < 0.5:
        before = [values[Quantity(q.step - 1, name)] for name in (q.name, other.name)]
        moves = [values[q] - before[0], values[other] - before[1]]
        return {q: before[0] + moves[1], other: before[1] + moves[0]}
    return {q: values[other], other: values[q]}


def turn_sign(draw: "Draw", line: Line) -> Values:
    """Turn the sign of a value, or of the step of a parameter."""
    q, values = line.quantity, draw.values
    if q.name[0] in "wWb" and draw.rng.random() < 0.5:
        return {q: 2 * values[Quantity(q.step - 1, q.name)] - values[q]}
    return {q: -values[q]}


def round_early(draw: "Draw", line: Line) -> Values:
    """Round a value to two digits fewer, or what it is worked out with to as few significant ones."""
    coarse = replace(draw.habits, digits=max(draw.habits.digits - 2, 2))
    if draw.rng.random() < 0.5:
        return {line.quantity: coarse.round(draw.values[line.quantity])}
    coarse = replace(coarse, significant=True)
    inputs = {quantity: coarse.round(draw.values[quantity]) for quantity in quantities_of(line.formula)}
    return {line.quantity: np.asarray(evaluate(line.formula, inputs.__getitem__))}


def forget_factor(draw: "Draw", line: Line) -> Values | None:
    """Leave out a half, a mean's 1/n, an input, the activation's derivative, or the learning rate."""
    (step, name), values, problem = line.quantity, draw.values, draw.problem
    right = np.asarray(evaluate(line.formula, values.__getitem__))
    n, layers = problem.batch_size, len(problem.architecture.sizes) - 1
    ways: list[np.ndarray] = []
    if line.kind == "loss":
        ways += [2 * right] if problem.architecture.head.name == "squared_error" else []
    if n > 1 and name in ("L", f"dL/dZ{layers}"):
        ways.append(n * right)
    if name.startswith("dL/dw"):
        fed = values[Quantity(step, "x" if name.endswith("1") else f"a{int(name[-1]) - 1}")]
        ways += [right / fed] if fed else []
    if line.kind == "gradient" and int(name[-1]) < layers and (problem.is_scalar or "Z" in name):
        z = values[Quantity(step, f"{'z' if problem.is_scalar else 'Z'}{name[-1]}")]
        slope = problem.architecture.activations[int(name[-1]) - 1].gradient(z)
        ways += [right / slope] if np.all(abs(slope) > 1e-3) else []
    if line.kind == "update" and problem.optimizer == SGD():
        ways.append(values[Quantity(step - 1, name)] - values[Quantity(step, f"dL/d{name}")])
    return {line.quantity: ways[int(draw.rng.integers(len(ways)))]} if ways else None


MISTAKES = {"swap": swap, "sign": turn_sign, "factor": forget_factor, "rounding": round_early}


@dataclass(frozen=True)
class Draw:
    """Hold what a mistake is drawn from."""

    rng: np.random.Generator
    problem: Problem
    habits: Habits
    lines: list[Line]
    values: Values


def draw_wrong_sheet(rng: np.random.Generator, kind: str) -> tuple[Problem, Sheet, Quantity]:
    """Return a sheet with one mistake, and where it is."""
    while True:
        problem, habits = draw_problem(rng), Habits.draw(rng)
        if kind == "rounding":  # without its zeros, a number that is rounded early is right, only coarser
            habits = replace(habits, keeps_zeros=True)
        lines, given = derive(problem), givens(problem)
        required = [line for line in lines if not line.optional]
        right = work(lines, given, habits)
        for _ in range(20):
            line = required[int(rng.integers(len(required)))]
            wrong = MISTAKES[kind](Draw(rng, problem, habits, required, right), line)
            if wrong is not None and is_visible(wrong, right, habits):
                values = work(lines, given, habits, wrong) if rng.random() < 0.7 else {**right, **wrong}
                sheet = write_sheet(rng, habits, values, lines, keep=set(wrong))
                return problem, sheet, next(line.quantity for line in lines if line.quantity in wrong)


def is_visible(wrong: Values, right: Values, habits: Habits) -> bool:
    """Say whether each wrong value is finite, and moved by so much that it cannot be rounding."""
    for quantity, value in wrong.items():
        if not (abs(value) < 1e9).all():
            return False
        numbers = zip(habits.round(value).flat, right[quantity].flat, strict=True)
        if max(abs(a - b) / habits.unit(b) for a, b in numbers) < VISIBLE:
            return False
    return True


def skipping(draw: Callable[[], T]) -> T:
    """Grade a drawn sheet; draw anew where the problem itself cannot be worked on paper."""
    while True:
        try:
            return draw()
        except (DivergedError, InvalidDataError):
            continue


def measure(n_sheets: int, seed: int) -> dict[str, Any]:
    """Return how many mistakes were found in `n_sheets` sheets, and false alarms in as many right ones."""
    rng = np.random.default_rng(seed)
    found, placed, drawn = (Counter(dict.fromkeys(MISTAKES, 0)) for _ in range(3))
    for number in range(n_sheets):
        kind = list(MISTAKES)[number % len(MISTAKES)]
        graded, place = skipping(partial(grade_wrong_sheet, rng, kind))
        error = graded.first_error
        drawn[kind] += 1
        if error is not None and error.quantity == place:
            placed[kind] += 1
            found[kind] += error.cause is not None and error.cause.kind in NAMED_AS[kind]
    alarms = sum(skipping(partial(grade_right_sheet, rng)).first_error is not None for _ in range(n_sheets))
    return {
        "sheets": n_sheets,
        "line_found": {kind: placed[kind] / drawn[kind] for kind in MISTAKES},
        "line_and_cause_found": {kind: found[kind] / drawn[kind] for kind in MISTAKES},
        "line_found_share": placed.total() / n_sheets,
        "line_and_cause_found_share": found.total() / n_sheets,
        "false_alarms": alarms,
    }


def grade_wrong_sheet(rng: np.random.Generator, kind: str) -> tuple[Grade, Quantity]:
    problem, sheet, place = draw_wrong_sheet(rng, kind)
    return grade_sheet(sheet, problem), place


def grade_right_sheet(rng: np.random.Generator) -> Grade:
    problem, habits = draw_problem(rng), Habits.draw(rng)
    lines = derive(problem)
    values = work(lines, givens(problem), habits)
    return grade_sheet(write_sheet(rng, habits, values, lines, keep=set()), problem)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sheets", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    result = measure(arguments.sheets, arguments.seed)
    print(f"{'mistake':12}{'line found':>12}{'and cause':>12}")
    for kind in MISTAKES:
        print(f"{kind:12}{result['line_found'][kind]:12.1%}{result['line_and_cause_found'][kind]:12.1%}")
    print(f"{'all':12}{result['line_found_share']:12.1%}{result['line_and_cause_found_share']:12.1%}")
    print(f"false alarms on {result['sheets']} right sheets: {result['false_alarms']}")


if __name__ == "__main__":
    main()
