"""A support vector machine with a hard margin: multipliers, hyperplane and margin of a few points."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, product

from glassnet.classroom.dice import Dice
from glassnet.classroom.faults import Fault
from glassnet.classroom.kinds.base import check_names, whole_number
from glassnet.classroom.kinds.points import (
    Place,
    coordinates_of,
    margin_lines,
    numbers_of,
    scalars,
    support_questions,
    table_of,
)
from glassnet.classroom.task import Settings, Task, group_of
from glassnet.classroom.template import Template
from glassnet.errors import InvalidParameterError
from glassnet.worked import LinearSVM, solve_svm
from glassnet.worked.lines import Formula, Line, Number, Product, Quantity, Ref, Sum, work_out
from glassnet.worked.svm.model import Inseparable
from glassnet.worked.svm.points import make_points
from glassnet.worked.svm.text import write_solution

SUPPORT = 3
"""Points that carry the hyperplane: two on one side, one between them on the other."""

DIRECTIONS = [
    (1, 1),
    (1, -1),
    (2, 1),
    (1, 2),
    (2, -1),
    (1, -2),
    (3, 1),
    (1, 3),
    (3, -1),
    (1, -3),
]

HUNDREDTHS = 100
"""A multiplier and a weight have at most two digits after the point."""


@dataclass(frozen=True)
class Corridor:
    """Hold two parallel lines through points of a grid, between which none of the drawn points lies.

    Attributes
    ----------
    direction : tuple of int
        At right angles to the lines.
    levels : mapping of Fraction to list of place
        The points of the grid on each line of this direction, by its product with the direction.
    low, high : Fraction
        Of the two lines.
    """

    direction: tuple[int, int]
    levels: Mapping[Fraction, Sequence[Place]]
    low: Fraction
    high: Fraction

    def level_of(self, place: Place) -> Fraction:
        """Return which line a point is on."""
        return self.direction[0] * place[0] + self.direction[1] * place[1]

    def is_between(self, place: Place, first: Place, second: Place) -> bool:
        """Say whether a point of one line lies across from the inside of two points of the other."""
        p, q = self.direction
        start, at, end = (q * x1 - p * x2 for x1, x2 in (first, place, second))
        return min(start, end) < at < max(start, end)


@lru_cache(maxsize=8)
def _corridors(numbers: tuple[Fraction, ...]) -> tuple[Corridor, ...]:
    """Return the corridors of a grid whose weights are short, with two points or more on each edge."""
    found = []
    for p, q in DIRECTIONS:
        levels: dict[Fraction, list[Place]] = defaultdict(list)
        for place in product(numbers, numbers):
            levels[p * place[0] + q * place[1]].append(place)
        ends = sorted(level for level, places in levels.items() if len(places) > 1)
        for low, high in combinations(ends, 2):
            if all(_is_short(2 * Fraction(part) / (high - low)) for part in (p, q)):
                found.append(Corridor((p, q), levels, low, high))
    return tuple(found)


def _is_short(number: Fraction) -> bool:
    return HUNDREDTHS % number.denominator == 0


class HardMargin:
    """Make exercises whose hyperplane has short numbers, and three support vectors."""

    name = "hard-margin"

    def check(self, template: Template) -> None:
        """Check the count and the range."""
        check_names(template, ("points",), ("x",))
        whole_number(template, "points", 4, 7, 5)
        if not _corridors(numbers_of(template, "x")):
            raise InvalidParameterError(
                f"{template.place('draw', 'x')}: too few numbers for a corridor, or too long ones; expected "
                "such as { low = -3, high = 6, step = 1 }."
            )

    def draw(self, template: Template, dice: Dice) -> Settings:
        """Return points on both sides of a corridor, three of them at its edges."""
        n = whole_number(template, "points", 4, 7, 5)
        corridor = dice.choice(_corridors(numbers_of(template, "x")))
        pair, single = dice.shuffled([corridor.low, corridor.high])
        first, second = sorted(dice.shuffled(corridor.levels[pair])[:2])
        between = [place for place in corridor.levels[single] if corridor.is_between(place, first, second)]
        chosen = [first, second, *dice.shuffled(between)[:1]]
        beyond = [level for level in corridor.levels if not corridor.low <= level <= corridor.high]
        while beyond and len(chosen) < n:
            place = dice.choice(corridor.levels[dice.choice(beyond)])
            chosen += [] if place in chosen else [place]
        sign, chosen = dice.choice((1, -1)), dice.shuffled(chosen)
        signs = [sign if corridor.level_of(place) >= corridor.high else -sign for place in chosen]
        return {"points": table_of(chosen, signs)}

    def try_out(self, template: Template, settings: Settings) -> Task | Fault:
        """Return what is asked, or why the numbers are unfit."""
        fault = self._find_fault(template, settings)
        return self.make_task(template, settings) if fault is None else fault

    def _find_fault(self, template: Template, settings: Settings) -> Fault | None:
        """Return whether another number of points carries the hyperplane, or its numbers are long."""
        rows = settings["points"]
        if len(rows) != whole_number(template, "points", 4, 7, 5) or len({row["class"] for row in rows}) < 2:
            return Fault.SHAPE
        svm = solve(settings)
        if isinstance(svm, Inseparable) or svm.multipliers is None or not svm.multipliers_are_unique:
            return Fault.SHAPE
        numbers = (*svm.hyperplane.w, svm.hyperplane.b, *svm.multipliers)
        is_short = all(map(_is_short, numbers))
        fits = len(svm.support) == len(svm.on_margin) == SUPPORT and all(svm.hyperplane.w)
        return None if fits and is_short else Fault.SHAPE

    def make_task(self, template: Template, settings: Settings) -> Task:
        """Return the multipliers, the weights and the bias that follow, and the margin."""
        svm = solve(settings)
        assert isinstance(svm, LinearSVM)
        assert svm.multipliers is not None
        points = svm.data.points
        alpha = [Quantity(1, f"alpha_{point.name}") for point in points]
        lines = [
            Line(quantity, "multipliers", Number(float(value)))
            for quantity, value in zip(alpha, svm.multipliers, strict=True)
        ]
        for k in (1, 2):
            terms: list[tuple[int, Formula]] = [
                (point.sign, Product((Ref(quantity), Ref(Quantity(0, f"{point.name}{k}")))))
                for point, quantity in zip(points, alpha, strict=True)
            ]
            lines.append(Line(Quantity(1, f"w{k}"), "hyperplane", Sum(tuple(terms))))
        first = points[svm.support[0]]
        products: list[tuple[int, Formula]] = [
            (-1, Product((Ref(Quantity(1, f"w{k}")), Ref(Quantity(0, f"{first.name}{k}"))))) for k in (1, 2)
        ]
        lines.append(Line(Quantity(1, "b"), "hyperplane", Sum(((1, Number(float(first.sign))), *products))))
        lines += margin_lines({"w1", "w2"})
        sides = {sign: [p for p in points if p.sign == sign] for sign in (1, -1)}
        return Task(
            settings=settings,
            digits=template.limits.digits,
            given=tuple(
                group_of([("y", f"{sign:+d}"), *((point.name, point.known_x) for point in side)])
                for sign, side in sides.items()
            ),
            lines=tuple(lines),
            values=work_out(lines, scalars(coordinates_of(svm))),
            choices=support_questions(svm),
            facts={"n": str(len(points))},
            rules=(
                "y*(w1*x1 + w2*x2 + b) >= 1",
                "w = sum(alpha*y*x),  sum(alpha*y) = 0",
                "norm = ||w||,  margin = 1/norm",
            ),
        )

    def explain(self, settings: Settings, language: str) -> str:
        """Return how one finds it, in plain text."""
        svm = solve(settings)
        assert isinstance(svm, LinearSVM)
        return "\n\n".join(map(str, write_solution(svm, language=language)))


def solve(settings: Settings) -> LinearSVM | Inseparable:
    """Solve the points of a problem file in exact fractions."""
    rows = settings["points"]
    names = [row["name"] for row in rows]
    X, y = [[row["x1"], row["x2"]] for row in rows], [row["class"] for row in rows]
    return solve_svm(make_points(X, y, names=names, positive="+"))
