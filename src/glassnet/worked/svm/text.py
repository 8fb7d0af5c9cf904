"""The solution of a support-vector problem as one would write it down, section by section."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from glassnet.worked._texts import ENGLISH, read_texts
from glassnet.worked.svm._equations import (
    PACKAGE,
    bracket,
    format_products,
    format_sum,
    join_terms,
    solve_by_steps,
)
from glassnet.worked.svm._exact import ONE, ZERO, dot, rank
from glassnet.worked.svm._numbers import format_fraction, format_root
from glassnet.worked.svm.model import Inseparable, LinearSVM, place_in
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


def write_solution(svm: LinearSVM, new: Sequence[Point] = (), language: str = ENGLISH) -> list[Section]:
    """Write how the best hyperplane follows, and the classes of points from `LinearSVM.classify`."""
    writer = _Writer(svm, language)
    return [writer.equations(), *writer.places(), *writer.new(new)]


def write_measurement(svm: LinearSVM, new: Sequence[Point] = (), language: str = ENGLISH) -> list[Section]:
    """Write what a given hyperplane means for its points, and for new ones."""
    writer = _Writer(svm, language)
    return [*writer.places(), *writer.reservations(), *writer.new(new)]


def write_proof(found: Inseparable, language: str = ENGLISH) -> list[Section]:
    """Write why no hyperplane separates the classes."""
    texts = read_texts(PACKAGE, language)
    points, (negative, positive) = found.data.points, found.data.classes
    same = [texts["same"].format(names=texts["and"].join(names)) for names in found.contradictions]
    sections = [Section(texts["contradictory"], same)] if same else []
    lines = []
    for label, part in ((positive, found.positive), (negative, found.negative)):
        names = ", ".join(points[i].name for i in part)
        total, point = _format_combination(part, points), format_point(found.point)
        lines.append(texts["of"].format(label=label, total=total, point=point, names=names))
    return [*sections, Section(texts["shared"], [*lines, texts["averages"], texts["both"]])]


def format_equation(x: Sequence[Fraction], value: Fraction) -> str:
    """Write the equation that a support vector at x gives for w and b."""
    return f"{format_sum([*x, ONE], _symbols(len(x)))} = {format_fraction(value)}"


def _symbols(n_features: int) -> list[str]:
    """Return w1, w2 ... b."""
    return [*(f"w{k}" for k in range(1, n_features + 1)), "b"]


def _format_combination(factors: dict[int, Fraction], points: Sequence[Point]) -> str:
    """Write a sum of multiples of points: ``3·(1, 0) - 1·(2, 0)``."""
    return join_terms([f"{format_fraction(f)}·{format_point(points[i].x)}" for i, f in factors.items()])


class _Writer:
    """Write the sections about a hyperplane in a language."""

    def __init__(self, svm: LinearSVM, language: str) -> None:
        self._svm, self._language = svm, language
        self._texts: Mapping[str, str] = read_texts(PACKAGE, language)

    def equations(self) -> Section:
        """Write the equations of the support vectors, solved step by step."""
        svm, texts = self._svm, self._texts
        points, margin, plane = svm.data.points, svm.on_margin, svm.hyperplane
        rows = [[*points[i].known_x, ONE, Fraction(svm.signs[i])] for i in margin]
        solution = dict(zip(_symbols(len(plane.w)), (*plane.w, plane.b), strict=True))
        if len(margin) > LONGEST_SYSTEM or len(solution) > LONGEST_SYSTEM:
            title = texts["equations"]
            lines = [texts["too_many"].format(equations=len(margin), unknowns=len(solution))]
        elif rank(rows) == len(solution):
            title = texts["equations_of"]
            lines = solve_by_steps(svm.name(margin), rows, solution, self._language)
        else:
            title = texts["equations_in"]
            lines = self._solve_for_multipliers()
        return Section(title, [*lines, str(plane)])

    def _solve_for_multipliers(self) -> list[str]:
        """Too few points for w and b: w is a combination of the support vectors, and that is solved for."""
        svm = self._svm
        assert svm.multipliers is not None
        signed = [(Fraction(svm.signs[i]), svm.data.points[i]) for i in svm.support]
        rows = [
            [*(s * dot(p.known_x, point.known_x) for s, p in signed), ONE, sign] for sign, point in signed
        ]
        rows.append([*(sign for sign, _ in signed), ZERO, ZERO])
        solution = {f"α{svm.data.points[i].name}": svm.multipliers[i] for i in svm.support}
        solution["b"] = svm.hyperplane.b
        names = [*svm.name(svm.support), self._texts["sum"]]
        return [self._texts["put_in"], *solve_by_steps(names, rows, solution, self._language)]

    def places(self) -> list[Section]:
        """Write the margin, the value of each point, and the multipliers."""
        texts, plane = self._texts, self._svm.hyperplane
        square = plane.norm_squared
        parts = [f"({format_fraction(v)})" if v.denominator > 1 else bracket(v) for v in plane.w]
        width = max(len(texts["half"]), len(texts["whole"]))
        lines = [
            f"||w|| = √({' + '.join(f'{part}²' for part in parts)}) = {format_root(square)}",
            f"{texts['half']:{width}}  1/||w|| = {format_root(square, inverse=True)}",
            f"{texts['whole']:{width}}  2/||w|| = {format_root(square / 4, inverse=True)}",
        ]
        return [Section(texts["margin"], lines), self._values(), *self._multipliers()]

    def _values(self) -> Section:
        svm, points = self._svm, self._svm.data.points
        chosen: Sequence[int] = range(len(points))
        if len(points) > MOST_LINES:
            chosen = sorted({*svm.on_margin, *svm.too_near})[:MOST_LINES]
        cells = [
            (str(points[i]), _format_value(svm, points[i]), format_fraction(svm.values[i])) for i in chosen
        ]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            f"{name:{widths[0]}}  {total:>{widths[1]}} = {value:<{widths[2]}}  {self._place(i)}"
            for i, (name, total, value) in zip(chosen, cells, strict=True)
        ]
        if len(chosen) < len(points):
            lines.append(self._texts["more_points"].format(count=len(points) - len(chosen)))
        return Section(self._texts["points"], lines)

    def _place(self, i: int) -> str:
        parts = (self._class(self._svm.signs[i]), place_in(self._texts, self._svm.slacks[i]))
        return ", ".join(filter(None, parts))

    def _class(self, sign: int) -> str:
        if not sign:
            return self._texts["neither"]
        return self._texts["class"].format(label=self._svm.class_name(sign))

    def _multipliers(self) -> list[Section]:
        svm, texts, alpha = self._svm, self._texts, self._svm.multipliers
        if alpha is None or len(svm.support) > LONGEST_SYSTEM:
            return []
        points, margin = svm.data.points, svm.on_margin
        signed = {i: svm.signs[i] * alpha[i] for i in svm.support}
        multipliers = ", ".join(f"α{points[i].name} = {format_fraction(alpha[i])}" for i in margin)
        if len(margin) < len(points):
            multipliers = texts["others"].format(multipliers=multipliers)
        lines = [
            multipliers,
            f"w = Σ α y x = {_format_combination(signed, points)} = {format_point(svm.hyperplane.w)}",
            f"Σ α y = {join_terms([format_fraction(value) for value in signed.values()])} = 0",
            texts["optimal"],
        ]
        if not svm.multipliers_are_unique:
            lines.append(texts["not_unique"])
        return [Section(texts["multipliers"], lines)]

    def reservations(self) -> list[Section]:
        """Write why a hyperplane is not the best, where it is not."""
        svm, texts = self._svm, self._texts
        if svm.multipliers is not None:
            return []
        near = ", ".join(svm.name(svm.too_near))
        reason = texts["too_near"].format(names=near) if near else texts["another"]
        return [Section(texts["not_best"], [reason])]

    def new(self, new: Sequence[Point]) -> list[Section]:
        """Write the classes of new points."""
        lines = []
        for point in new:
            value = format_fraction(self._svm.hyperplane.value(point.x))
            total = _format_value(self._svm, point)
            lines.append(f"{format_point(point.x)}:  {total} = {value}, {self._class(point.sign)}")
        return [Section(self._texts["new"], lines)] if lines else []


def _format_value(svm: LinearSVM, point: Point) -> str:
    """Write w·x + b with the numbers substituted."""
    plane = svm.hyperplane
    return join_terms([format_products(plane.w, point.x), format_fraction(plane.b)])
