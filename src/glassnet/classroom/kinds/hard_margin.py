"""A support vector machine with a hard margin: multipliers, hyperplane and margin of a few points."""

from collections import defaultdict
from fractions import Fraction

from glassnet.classroom.dice import Dice
from glassnet.classroom.faults import Fault
from glassnet.classroom.kinds.base import check_names, whole_number
from glassnet.classroom.kinds.points import (
    Place,
    coordinates_of,
    margin_lines,
    numbers_of,
    places_of,
    scalars,
    support_questions,
    table_of,
)
from glassnet.classroom.task import Settings, Task, group_of
from glassnet.classroom.template import Template
from glassnet.worked import LinearSVM, solve_svm
from glassnet.worked.lines import Formula, Line, Number, Product, Quantity, Ref, Sum, work_out
from glassnet.worked.svm.model import Inseparable
from glassnet.worked.svm.points import format_point, make_points

SUPPORT = 3
"""Points that carry the hyperplane: two on one side, one between them on the other."""

DIRECTIONS = [
    (1, 0),
    (0, 1),
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

TENTHS = 100
"""A multiplier and a weight have at most two digits after the point."""


class HardMargin:
    """Make exercises whose hyperplane has short numbers, and three support vectors."""

    name = "hard-margin"

    def check(self, template: Template) -> None:
        """Check the count and the range."""
        check_names(template, ("points",), ("x",))
        whole_number(template, "points", 4, 7, 5)
        numbers_of(template, "x")

    def draw(self, template: Template, dice: Dice) -> Settings:
        """Return points on both sides of a corridor, three of them at its edges."""
        n = whole_number(template, "points", 4, 7, 5)
        (p, q), places = dice.choice(DIRECTIONS), dice.shuffled(places_of(template))
        levels: dict[Fraction, list[Place]] = defaultdict(list)
        for place in places:
            levels[p * place[0] + q * place[1]].append(place)
        low, high = sorted(dice.shuffled(sorted(levels))[:2])
        pair, single = dice.shuffled([low, high])
        near = [*levels[pair][:2], *levels[single][:1]]
        rest = [place for place in places if not low <= p * place[0] + q * place[1] <= high][: n - SUPPORT]
        sign = dice.choice((1, -1))
        chosen = dice.shuffled([*near, *rest])
        signs = [sign if p * place[0] + q * place[1] >= high else -sign for place in chosen]
        return {"points": table_of(chosen, signs)}

    def find_fault(self, template: Template, settings: Settings) -> Fault | None:
        """Return whether another number of points carries the hyperplane, or its numbers are long."""
        rows = settings["points"]
        if len(rows) != whole_number(template, "points", 4, 7, 5) or len({row["class"] for row in rows}) < 2:
            return Fault.SHAPE
        svm = solve(settings)
        if isinstance(svm, Inseparable) or svm.multipliers is None or not svm.multipliers_are_unique:
            return Fault.SHAPE
        numbers = (*svm.hyperplane.w, svm.hyperplane.b, *svm.multipliers)
        is_short = all(TENTHS % number.denominator == 0 for number in numbers)
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
                group_of([(f"{p.name}{'+' if sign > 0 else '-'}", format_point(p.x)) for p in side])
                for sign, side in sides.items()
            ),
            lines=tuple(lines),
            values=work_out(lines, scalars(coordinates_of(svm))),
            choices=support_questions(svm),
            facts={"n": str(len(points))},
            rules=(
                "y*(w1*x1 + w2*x2 + b) >= 1",
                "w = sum(alpha*y*x),  sum(alpha*y) = 0",
                "margin = 1 / norm(w)",
            ),
        )


def solve(settings: Settings) -> LinearSVM | Inseparable:
    """Solve the points of a problem file in exact fractions."""
    rows = settings["points"]
    names = [row["name"] for row in rows]
    X, y = [[row["x1"], row["x2"]] for row in rows], [row["class"] for row in rows]
    return solve_svm(make_points(X, y, names=names, positive="+"))
