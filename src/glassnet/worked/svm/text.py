"""The solution of a support-vector problem as one would write it down, section by section."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from glassnet.worked.svm._equations import bracket, format_products, format_sum, join_terms, solve_by_steps
from glassnet.worked.svm._exact import ONE, ZERO, dot, rank
from glassnet.worked.svm._numbers import format_fraction, format_root
from glassnet.worked.svm.model import Inseparable, LinearSVM, place_of
from glassnet.worked.svm.points import Point, format_point

LONGEST_SYSTEM = 12
"""Equations that are still solved step by step."""

MOST_LINES = 4 * LONGEST_SYSTEM
"""Points whose value is written out; of more, those on the margin and those too near."""


class Section(NamedTuple):
    """Hold a part of the text: a title, and lines."""

    title: str
    lines: list[str]

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {line}" for line in self.lines)])


def write_solution(svm: LinearSVM, new: Sequence[Point] = ()) -> list[Section]:
    """Write how the best hyperplane follows, and the classes of points from `LinearSVM.classify`."""
    return [_write_equations(svm), *_write_places(svm), *_write_new(svm, new)]


def write_measurement(svm: LinearSVM, new: Sequence[Point] = ()) -> list[Section]:
    """Write what a given hyperplane means for its points, and for new ones."""
    sections = _write_places(svm)
    if svm.multipliers is None:
        reason = "Another one separates these points with a larger margin; glassnet svm solve finds it."
        if svm.too_near:
            reason = f"{', '.join(svm.name(svm.too_near))}: inside the margin or on the wrong side."
        sections.append(Section("Not the hyperplane with the largest margin", [reason]))
    return [*sections, *_write_new(svm, new)]


def write_proof(found: Inseparable) -> list[Section]:
    """Write why no hyperplane separates the classes."""
    points, (negative, positive) = found.data.points, found.data.classes
    same = [f"{' and '.join(names)} are the same point, with both labels." for names in found.contradictions]
    sections = [Section("Contradictory labels", same)] if same else []
    lines = []
    for label, part in ((positive, found.positive), (negative, found.negative)):
        names = ", ".join(points[i].name for i in part)
        total = _format_combination(part, points)
        lines.append(f"class {label}:  {total} = {format_point(found.point)}  (of {names})")
    lines += [
        "Each is an average: weights of at least 0 that sum to 1.",
        "If w·x + b were positive on one class and negative on the other, it would be both at this point.",
    ]
    return [*sections, Section("A point that the convex hulls of both classes share", lines)]


def format_equation(x: Sequence[Fraction], value: Fraction) -> str:
    """Write the equation that a support vector at x gives for w and b."""
    return f"{format_sum([*x, ONE], _symbols(len(x)))} = {format_fraction(value)}"


def _symbols(n_features: int) -> list[str]:
    """Return w1, w2 ... b."""
    return [*(f"w{k}" for k in range(1, n_features + 1)), "b"]


def _format_combination(factors: dict[int, Fraction], points: Sequence[Point]) -> str:
    """Write a sum of multiples of points: ``3·(1, 0) - 1·(2, 0)``."""
    return join_terms([f"{format_fraction(f)}·{format_point(points[i].x)}" for i, f in factors.items()])


def _write_equations(svm: LinearSVM) -> Section:
    points, margin, plane = svm.data.points, svm.on_margin, svm.hyperplane
    rows = [[*points[i].known_x, ONE, Fraction(svm.signs[i])] for i in margin]
    solution = dict(zip(_symbols(len(plane.w)), (*plane.w, plane.b), strict=True))
    title = "Equations of the support vectors"
    if len(margin) > LONGEST_SYSTEM or len(solution) > LONGEST_SYSTEM:
        lines = [f"{len(margin)} equations for {len(solution)} unknowns, too many to write out."]
    elif rank(rows) == len(solution):
        title += ": w·x + b = +1 or -1"
        lines = solve_by_steps(svm.name(margin), rows, solution)
    else:
        title += ", in their multipliers α"
        lines = _solve_for_multipliers(svm)
    return Section(title, [*lines, str(plane)])


def _solve_for_multipliers(svm: LinearSVM) -> list[str]:
    """Too few points for w and b: w is a combination of the support vectors, and that is solved for."""
    assert svm.multipliers is not None
    signed = [(Fraction(svm.signs[i]), svm.data.points[i]) for i in svm.support]
    rows = [[*(s * dot(p.known_x, point.known_x) for s, p in signed), ONE, sign] for sign, point in signed]
    rows.append([*(sign for sign, _ in signed), ZERO, ZERO])
    solution = {f"α{svm.data.points[i].name}": svm.multipliers[i] for i in svm.support}
    solution["b"] = svm.hyperplane.b
    title = "w·x + b = ±1 alone does not fix w and b; with w = Σ α y x put into it, and Σ α y = 0:"
    return [title, *solve_by_steps([*svm.name(svm.support), "sum"], rows, solution)]


def _write_places(svm: LinearSVM) -> list[Section]:
    """Write the margin, the value of each point, and the multipliers."""
    square = svm.hyperplane.norm_squared
    texts = [f"({format_fraction(v)})" if v.denominator > 1 else bracket(v) for v in svm.hyperplane.w]
    lines = [
        f"||w|| = √({' + '.join(f'{text}²' for text in texts)}) = {format_root(square)}",
        "the margin, from the hyperplane to w·x + b = 1:  1/||w|| = " + format_root(square, inverse=True),
        "the whole corridor, between both margins:        2/||w|| = " + format_root(square / 4, inverse=True),
    ]
    return [Section("Margin", lines), _write_values(svm), *_write_multipliers(svm)]


def _write_values(svm: LinearSVM) -> Section:
    points = svm.data.points
    chosen: Sequence[int] = range(len(points))
    if len(points) > MOST_LINES:
        chosen = sorted({*svm.on_margin, *svm.too_near})[:MOST_LINES]
    cells = [(str(points[i]), _format_value(svm, points[i]), format_fraction(svm.values[i])) for i in chosen]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        f"{name:{widths[0]}}  {total:>{widths[1]}} = {value:<{widths[2]}}  {_describe_place(svm, i)}"
        for i, (name, total, value) in zip(chosen, cells, strict=True)
    ]
    if len(chosen) < len(points):
        lines.append(f"{len(points) - len(chosen)} more points are not written out.")
    return Section("Every point: w·x + b", lines)


def _format_value(svm: LinearSVM, point: Point) -> str:
    """Write w·x + b with the numbers substituted."""
    plane = svm.hyperplane
    return join_terms([format_products(plane.w, point.x), format_fraction(plane.b)])


def _describe_place(svm: LinearSVM, i: int) -> str:
    return ", ".join(filter(None, (f"class {svm.class_name(svm.signs[i])}", place_of(svm.slacks[i]))))


def _write_multipliers(svm: LinearSVM) -> list[Section]:
    alpha = svm.multipliers
    if alpha is None or len(svm.support) > LONGEST_SYSTEM:
        return []
    points, margin = svm.data.points, svm.on_margin
    signed = {i: svm.signs[i] * alpha[i] for i in svm.support}
    multipliers = ", ".join(f"α{points[i].name} = {format_fraction(alpha[i])}" for i in margin)
    lines = [
        multipliers + ("; all others 0" if len(margin) < len(points) else ""),
        f"w = Σ α y x = {_format_combination(signed, points)} = {format_point(svm.hyperplane.w)}",
        f"Σ α y = {join_terms([format_fraction(value) for value in signed.values()])} = 0",
        "Every α is at least 0, and 0 off the margin: no hyperplane has a larger margin.",
    ]
    if not svm.multipliers_are_unique:
        lines.append("Others would do too; these have the least sum of squares.")
    return [Section("Multipliers, and the conditions of Karush, Kuhn and Tucker", lines)]


def _write_new(svm: LinearSVM, new: Sequence[Point]) -> list[Section]:
    lines = []
    for point in new:
        value = format_fraction(svm.hyperplane.value(point.x))
        label = f"class {svm.class_name(point.sign)}" if point.sign else "on the hyperplane, of neither class"
        lines.append(f"{format_point(point.x)}:  {_format_value(svm, point)} = {value}, {label}")
    return [Section("New points", lines)] if lines else []
