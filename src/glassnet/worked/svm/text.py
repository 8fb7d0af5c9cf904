"""The solution of a support-vector problem as one would write it down, section by section."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from glassnet.worked.svm._equations import (
    bracket,
    format_substituted,
    format_sum,
    join_terms,
    solve_by_steps,
)
from glassnet.worked.svm._rational import dot, format_fraction, format_inverse_root, format_root, rank
from glassnet.worked.svm.model import Inseparable, LinearSVM
from glassnet.worked.svm.points import Point, format_point

LONGEST_SYSTEM = 12
"""Equations that are still solved step by step."""


@dataclass(frozen=True)
class Section:
    """Hold a part of the text: a title, and lines."""

    title: str
    lines: tuple[str, ...]


def write_solution(svm: LinearSVM, new: Sequence[Point] = ()) -> list[Section]:
    """Write how the hyperplane with the largest margin follows from its support vectors.

    Parameters
    ----------
    svm : LinearSVM
    new : sequence of Point
        What `LinearSVM.classify` returned.
    """
    sections = [_write_equations(svm)] if svm.is_exact else [_write_residuals(svm)]
    return [
        *sections,
        _write_margin(svm),
        *_write_values(svm),
        *_write_multipliers(svm),
        *_write_new(svm, new),
    ]


def write_measurement(svm: LinearSVM, new: Sequence[Point] = ()) -> list[Section]:
    """Write what a given hyperplane means for its points; parameters as for `write_solution`."""
    sections = [_write_margin(svm), *_write_values(svm), *_write_multipliers(svm)]
    if svm.multipliers is None:
        reason = (
            f"{_names(svm, svm.too_near)}: inside the margin or on the wrong side."
            if svm.too_near
            else "Another one separates these points with a larger margin; glassnet svm solve finds it."
        )
        sections.append(Section("Not the hyperplane with the largest margin", (reason,)))
    return [*sections, *_write_new(svm, new)]


def write_proof(found: Inseparable) -> list[Section]:
    """Write why no hyperplane separates the classes."""
    points = found.data.points
    negative, positive = found.data.classes
    sections = []
    if found.contradictions:
        lines = [
            f"{' and '.join(names)} are the same point, with both labels." for names in found.contradictions
        ]
        sections.append(Section("Contradictory labels", tuple(lines)))
    lines = []
    for label, part in ((positive, found.positive), (negative, found.negative)):
        terms = [f"{format_fraction(weight)}·{format_point(points[i].x)}" for i, weight in part.items()]
        names = ", ".join(points[i].name for i in part)
        lines.append(f"class {label}:  {join_terms(terms)} = {format_point(found.point)}  (of {names})")
    lines += [
        "Each is an average: weights of at least 0 that sum to 1.",
        "If w·x + b were positive on one class and negative on the other, it would be both at this point.",
    ]
    if not found.is_exact:
        lines.append(f"Found in floating point: the two averages differ by {found.gap:.1e} at most.")
    return [*sections, Section("A point that the convex hulls of both classes share", tuple(lines))]


def format_equation(x: Sequence[Fraction | None], value: Fraction) -> str:
    """Write the equation that a support vector at x gives for w and b."""
    known = [Fraction(0) if entry is None else entry for entry in x]
    return (
        f"{format_sum([*known, Fraction(1)], [*weight_symbols(len(known)), 'b'])} = {format_fraction(value)}"
    )


def weight_symbols(n_features: int) -> list[str]:
    """Return w1, w2 ..."""
    return [f"w{k}" for k in range(1, n_features + 1)]


def _names(svm: LinearSVM, indices: Sequence[int]) -> str:
    return ", ".join(svm.data.points[i].name for i in indices)


def _write_equations(svm: LinearSVM) -> Section:
    points, margin = svm.data.points, svm.on_margin
    rows = [[*points[i].known_x, Fraction(1)] for i in margin]
    n_unknowns = len(svm.data.features) + 1
    if len(margin) > LONGEST_SYSTEM or n_unknowns > LONGEST_SYSTEM:
        text = f"{len(margin)} equations for {n_unknowns} unknowns, too many to write out."
        return Section("Equations of the support vectors", (text, *_write_result(svm)))
    if rank(rows) == n_unknowns:
        lines = solve_by_steps(
            rows,
            [Fraction(svm.signs[i]) for i in margin],
            [*weight_symbols(n_unknowns - 1), "b"],
            [points[i].name for i in margin],
            [*svm.hyperplane.w, svm.hyperplane.b],
        )
        title = "Equations of the support vectors: w·x + b = +1 or -1"
        return Section(title, (*lines, *_write_result(svm)))
    return _write_dual_equations(svm)


def _write_dual_equations(svm: LinearSVM) -> Section:
    """Too few points for w and b: w is a combination of the support vectors, and that is solved for."""
    assert svm.multipliers is not None
    points, support = svm.data.points, svm.support
    signs = [Fraction(svm.signs[i]) for i in support]
    rows = [
        [sign * dot(points[j].known_x, points[i].known_x) for j, sign in zip(support, signs, strict=True)]
        + [Fraction(1)]
        for i in support
    ]
    lines = solve_by_steps(
        [*rows, [*signs, Fraction(0)]],
        [*signs, Fraction(0)],
        [*(f"α{points[i].name}" for i in support), "b"],
        [*(points[i].name for i in support), "sum"],
        [*(svm.multipliers[i] for i in support), svm.hyperplane.b],
    )
    first = "w·x + b = ±1 alone does not fix w and b; with w = Σ α y x put into it, and Σ α y = 0:"
    title = "Equations of the support vectors, in their multipliers α"
    return Section(title, (first, *lines, *_write_result(svm)))


def _write_result(svm: LinearSVM) -> tuple[str, ...]:
    plane = svm.hyperplane
    return (f"w = {format_point(plane.w)}, b = {format_fraction(plane.b)}",)


def _write_residuals(svm: LinearSVM) -> Section:
    found = svm.residuals
    assert found is not None
    lines = (
        *_write_result(svm),
        'Too large for exact fractions: found by scikit-learn\'s SVC(C=1e10, kernel="linear"), refined.',
        f"The KKT conditions hold to {found.largest:.1e}.",
    )
    return Section("Solved in floating point", lines)


def _write_margin(svm: LinearSVM) -> Section:
    plane = svm.hyperplane
    squares = " + ".join(f"{_bracket_base(value)}²" for value in plane.w)
    margin, width = (format_inverse_root(square) for square in (plane.norm_squared, plane.norm_squared / 4))
    lines = (
        f"||w|| = √({squares}) = {format_root(plane.norm_squared)}",
        f"the margin, from the hyperplane to w·x + b = 1:  1/||w|| = {margin}",
        f"the whole corridor, between both margins:        2/||w|| = {width}",
    )
    return Section("Margin", lines)


def _bracket_base(value: Fraction) -> str:
    return f"({format_fraction(value)})" if value.denominator > 1 else bracket(value)


def _write_values(svm: LinearSVM) -> list[Section]:
    """Write the value of every point; of many points, those on the margin and those too near."""
    chosen = range(len(svm.values))
    left_out = ""
    if len(chosen) > 4 * LONGEST_SYSTEM:
        chosen = sorted({*svm.on_margin, *svm.too_near})[: 4 * LONGEST_SYSTEM]  # type: ignore[assignment]
        left_out = f"{len(svm.values) - len(chosen)} more points are not written out."
    names = [f"{svm.data.points[i].name} {format_point(svm.data.points[i].x)}" for i in chosen]
    sums = [_format_value(svm, svm.data.points[i]) for i in chosen]
    values = [format_fraction(svm.values[i]) for i in chosen]
    widths = [max(map(len, column), default=0) for column in (names, sums, values)]
    lines = [
        f"{name:{widths[0]}}  {total:>{widths[1]}} = {value:<{widths[2]}}  {_describe_place(svm, i)}"
        for i, name, total, value in zip(chosen, names, sums, values, strict=True)
    ]
    return [Section("Every point: w·x + b", (*lines, left_out) if left_out else tuple(lines))]


def _format_value(svm: LinearSVM, point: Point) -> str:
    """Write w·x + b with the numbers substituted."""
    plane = svm.hyperplane
    return join_terms([format_substituted(plane.w, point.x), format_fraction(plane.b)])


def _describe_place(svm: LinearSVM, i: int) -> str:
    label = f"class {svm.class_name(svm.signs[i])}"
    if i in svm.on_margin:
        return f"{label}, on the margin"
    if i in svm.too_near:
        return f"{label}, {'on the wrong side' if svm.signs[i] * svm.values[i] < 0 else 'inside the margin'}"
    return label


def _write_multipliers(svm: LinearSVM) -> list[Section]:
    alpha = svm.multipliers
    if alpha is None or len(svm.support) > LONGEST_SYSTEM:
        return []
    points = svm.data.points
    terms = [f"{format_fraction(svm.signs[i] * alpha[i])}·{format_point(points[i].x)}" for i in svm.support]
    signed = [format_fraction(svm.signs[i] * alpha[i]) for i in svm.support]
    equal = "=" if svm.is_exact else "≈"
    lines = [
        ", ".join(f"α{points[i].name} = {format_fraction(alpha[i])}" for i in svm.on_margin)
        + ("; all others 0" if len(svm.on_margin) < len(points) else ""),
        f"w = Σ α y x = {join_terms(terms)} {equal} {format_point(svm.hyperplane.w)}",
        f"Σ α y = {join_terms(signed)} {equal} 0",
        "Every α is at least 0, and 0 off the margin: no hyperplane has a larger margin.",
    ]
    if not svm.multipliers_are_unique:
        lines.append("Others would do too; these have the least sum of squares.")
    return [Section("Multipliers, and the conditions of Karush, Kuhn and Tucker", tuple(lines))]


def _write_new(svm: LinearSVM, new: Sequence[Point]) -> list[Section]:
    lines = []
    for point in new:
        value = format_fraction(svm.hyperplane.value(point.x))
        label = f"class {svm.class_name(point.sign)}" if point.sign else "on the hyperplane, of neither class"
        lines.append(f"{format_point(point.x)}:  {_format_value(svm, point)} = {value}, {label}")
    return [Section("New points", tuple(lines))] if lines else []
