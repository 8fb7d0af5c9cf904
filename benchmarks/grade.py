"""Measure how well `glassnet grade` finds mistakes, on sheets with one mistake each, and on right ones.

    python benchmarks/grade.py [--sheets 500] [--seed 0] [--json FILE]

Random problems are worked out as people do it: rounded to 3 to 6 digits, either significant ones or after
the point (but to two significant ones at least), with zeros at the end or without, carrying on what was
written or all digits, some lines left out. A mistake is put into one line; what follows is worked from it,
or not. It is found where the first error named is that line, and the cause is of its kind. Mistakes that
move a number by less than 5 units of its last place are drawn anew.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import numpy as np

from glassnet.activations import ACTIVATIONS
from glassnet.errors import DivergedError, InvalidDataError
from glassnet.losses import LOSSES
from glassnet.worked.grade import Grade, grade_sheet
from glassnet.worked.grade_sheet import Entry, Sheet
from glassnet.worked.problem import Problem
from glassnet.worked.problem_file import build_problem
from glassnet.worked.trace_formula import Line, Quantity, evaluate, quantities_of
from glassnet.worked.trace_lines import derive, givens, work_out

KINDS = ("swap", "sign", "factor", "rounding")
NAMED_AS = {
    "swap": {"swap"},
    "sign": {"sign"},
    "factor": {"factor", "gate", "mean"},
    "rounding": {"rounding"},
}
VISIBLE = 5
"""Units of the last place by which a mistake moves a number at least."""

Values = dict[Quantity, np.ndarray]


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
    """Return a small problem: numbers or matrices, any activation and loss, mostly SGD."""
    scalar, depth = rng.random() < 0.5, int(rng.integers(1, 3))
    sizes = [1] * (depth + 2) if scalar else rng.integers(1, 4, depth + 2).tolist()
    loss, n = str(rng.choice(list(LOSSES))), int(rng.integers(2, 4))
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
    match LOSSES[loss].output:
        case "softmax":
            return np.eye(k)[rng.integers(k, size=n)]
        case "sigmoid":
            return rng.integers(0, 2, (n, k)).astype(float)
        case "exp":
            return rng.poisson(2, (n, k)).astype(float)
        case _:
            return rng.normal(0, 2, (n, k)).round(1)


def write_sheet(
    rng: np.random.Generator, habits: Habits, values: Values, lines: list[Line], keep: set[Quantity]
) -> Sheet:
    """Write the values down; one line in ten is left out."""
    entries = []
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


def make_mistake(
    rng: np.random.Generator, problem: Problem, lines: list[Line], values: Values, kind: str, habits: Habits
) -> Values | None:
    """Return wrong values of one line, of two for a swap; None where this line has no such mistake."""
    lines = [line for line in lines if not line.optional]
    line = lines[int(rng.integers(len(lines)))]
    q, right = line.quantity, values[line.quantity]
    if kind == "swap":
        partners = [
            other.quantity
            for other in lines
            if other.kind == line.kind
            and other.quantity.step == q.step
            and other is not line
            and values[other.quantity].shape == right.shape
            and line.kind in ("gradient", "update")
        ]
        if not partners:
            return None
        other = partners[int(rng.integers(len(partners)))]
        if (
            line.kind == "update"
            and rng.random() < 0.5
            and type(problem.optimizer).__name__ == "SGD"
            and not problem.optimizer.momentum
        ):
            before = [values[Quantity(q.step - 1, name)] for name in (q.name, other.name)]
            moves = [right - before[0], values[other] - before[1]]
            return {q: before[0] + moves[1], other: before[1] + moves[0]}
        return {q: values[other], other: right}
    if kind == "sign":
        if q.name[0] in "wWb" and rng.random() < 0.5:
            return (
                {q: 2 * values[Quantity(q.step - 1, q.name)] - right}
                if Quantity(q.step - 1, q.name) in values
                else None
            )
        return {q: -right}
    if kind == "rounding":
        coarse = replace(habits, digits=max(habits.digits - 2, 2))
        if rng.random() < 0.5:
            return {q: coarse.round(right)}
        coarse = replace(coarse, significant=True)
        inputs = {quantity: coarse.round(values[quantity]) for quantity in quantities_of(line.formula)}
        return {q: np.asarray(evaluate(line.formula, inputs.__getitem__))}
    return forget_factor(rng, problem, line, values)


def forget_factor(rng: np.random.Generator, problem: Problem, line: Line, values: Values) -> Values | None:
    """Return the value of a line without one of its factors."""
    q, right = line.quantity, np.asarray(evaluate(line.formula, values.__getitem__))
    step, name = q
    n = problem.batch_size
    ways: list[np.ndarray] = []
    if line.kind == "loss":
        ways += [2 * right] if problem.architecture.head.name == "squared_error" else []
        ways += [n * right] if n > 1 else []
    if line.kind == "gradient":
        ways += [n * right] if n > 1 and name == f"dL/dZ{len(problem.architecture.sizes) - 1}" else []
        layer = int(name[-1])
        if name.startswith("dL/dw"):
            fed = values[Quantity(step, "x" if layer == 1 else f"a{layer - 1}")]
            ways += [right / fed] if fed else []
        if layer < len(problem.architecture.sizes) - 1 and (problem.is_scalar or name[:-1] == "dL/dZ"):
            z = values[Quantity(step, f"{'z' if problem.is_scalar else 'Z'}{layer}")]
            slope = problem.architecture.activations[layer - 1].gradient(z)
            ways += [right / slope] if np.all(abs(slope) > 1e-3) else []
    if (
        line.kind == "update"
        and Quantity(step - 1, name) in values
        and type(problem.optimizer).__name__ != "Adam"
    ):
        before = values[Quantity(step - 1, name)]
        if not problem.optimizer.momentum:  # type: ignore[attr-defined]
            ways.append(before - values[Quantity(step, f"dL/d{name}")])
    return {q: ways[int(rng.integers(len(ways)))]} if ways else None


def draw_wrong_sheet(rng: np.random.Generator, kind: str) -> tuple[Problem, Sheet, Quantity]:
    """Return a sheet with one mistake, and where it is."""
    while True:
        problem, habits = draw_problem(rng), Habits.draw(rng)
        if (
            kind == "rounding"
        ):  # without its zeros a number that is rounded early is a right one, only coarser
            habits = replace(habits, keeps_zeros=True)
        lines, given = derive(problem), givens(problem)
        right = work(lines, given, habits)
        for _ in range(20):
            wrong = make_mistake(rng, problem, lines, right, kind, habits)
            if wrong is not None and is_visible(wrong, right, habits):
                break
        else:
            continue
        values = work(lines, given, habits, wrong) if rng.random() < 0.7 else {**right, **wrong}
        sheet = write_sheet(rng, habits, values, lines, keep=set(wrong))
        first = next(line.quantity for line in lines if line.quantity in wrong)
        return problem, sheet, first


def is_visible(wrong: Values, right: Values, habits: Habits) -> bool:
    """Say whether each wrong value is finite, and moved by so much that it cannot be rounding."""
    return all(
        (abs(value) < 1e9).all()
        and max(
            abs(a - b) / habits.unit(b) for a, b in zip(habits.round(value).flat, right[q].flat, strict=True)
        )
        >= VISIBLE
        for q, value in wrong.items()
    )


def skipping(draw: Callable[[], Grade]) -> Grade:
    """Grade a drawn sheet; draw anew where the problem itself cannot be worked on paper."""
    while True:
        try:
            return draw()
        except (DivergedError, InvalidDataError):
            continue


def measure(n_sheets: int, seed: int) -> dict[str, object]:
    """Return how many mistakes were found in `n_sheets` sheets, and false alarms in as many right ones."""
    rng = np.random.default_rng(seed)
    found: Counter[str] = Counter()
    placed: Counter[str] = Counter()
    drawn: Counter[str] = Counter()
    for number in range(n_sheets):
        kind, place = KINDS[number % len(KINDS)], []

        def draw(kind: str = kind, place: list[Quantity] = place) -> Grade:
            problem, sheet, first = draw_wrong_sheet(rng, kind)
            graded = grade_sheet(sheet, problem)
            place.append(first)
            return graded

        error = skipping(draw).first_error
        drawn[kind] += 1
        if error is not None and error.quantity == place[-1]:
            placed[kind] += 1
            found[kind] += error.cause is not None and error.cause.kind in NAMED_AS[kind]
    alarms = sum(skipping(lambda: grade_right_sheet(rng)).first_error is not None for _ in range(n_sheets))
    return {
        "sheets": n_sheets,
        "line_found": {kind: placed[kind] / drawn[kind] for kind in KINDS},
        "line_and_cause_found": {kind: found[kind] / drawn[kind] for kind in KINDS},
        "line_found_share": placed.total() / n_sheets,
        "line_and_cause_found_share": found.total() / n_sheets,
        "false_alarms": alarms,
    }


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
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_args()
    result = measure(arguments.sheets, arguments.seed)
    print(f"{'mistake':12}{'line found':>12}{'and cause':>12}")
    for kind in KINDS:
        print(f"{kind:12}{result['line_found'][kind]:12.1%}{result['line_and_cause_found'][kind]:12.1%}")
    print(f"{'all':12}{result['line_found_share']:12.1%}{result['line_and_cause_found_share']:12.1%}")
    print(f"false alarms on {result['sheets']} right sheets: {result['false_alarms']}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2)


if __name__ == "__main__":
    main()
