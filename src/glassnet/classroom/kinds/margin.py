"""A given hyperplane: its values at points, its margin, its support vectors, the class of a new point."""

from glassnet.classroom.dice import Dice
from glassnet.classroom.faults import Fault
from glassnet.classroom.kinds.base import check_names, whole_number
from glassnet.classroom.kinds.points import (
    SIDES,
    coordinates_of,
    formula_line,
    margin_lines,
    numbers_of,
    places_of,
    plain,
    scalars,
    sign_text,
    support_questions,
    table_of,
)
from glassnet.classroom.task import Question, Settings, Task, group_of
from glassnet.classroom.template import Template
from glassnet.worked import measure_margin
from glassnet.worked.lines import Quantity, work_out
from glassnet.worked.svm.model import LinearSVM
from glassnet.worked.svm.points import make_points
from glassnet.worked.svm.text import write_measurement


class Margin:
    """Make exercises of a hyperplane that is scaled so that its support vectors have the values +1 and -1."""

    name = "margin"

    def check(self, template: Template) -> None:
        """Check the counts and the ranges."""
        check_names(template, ("points", "support"), ("w", "b", "x"))
        n = whole_number(template, "points", 3, 8, 5)
        whole_number(template, "support", 2, n, 3)
        for name in ("w", "b", "x"):
            numbers_of(template, name)

    def draw(self, template: Template, dice: Dice) -> Settings:
        """Return a hyperplane, points on its margin and beyond, and a new one."""
        n, support = (whole_number(template, name, 2, 8, 3) for name in ("points", "support"))
        w1, w2 = (dice.choice([v for v in numbers_of(template, "w") if v]) for _ in range(2))
        b = dice.choice([v for v in numbers_of(template, "b") if v])
        places = [place for place in dice.shuffled(places_of(template)) if all(place)]
        values = {place: w1 * place[0] + w2 * place[1] + b for place in places}
        positive, negative = ([p for p in places if values[p] == side] for side in (1, -1))
        beyond = [p for p in places if abs(values[p]) > 1]
        near = [*positive[: support - 1], *negative[: max(1, support - len(positive[: support - 1]))]]
        chosen = dice.shuffled([*near[:support], *beyond[: n - support]])
        new = next((p for p in reversed(places) if values[p] and p not in chosen), None)
        return {
            "w": [plain(w1), plain(w2)],
            "b": plain(b),
            "points": table_of(chosen),
            "new": [] if new is None else [plain(x) for x in new],
        }

    def try_out(self, template: Template, settings: Settings) -> Task | Fault:
        """Return what is asked, or why the numbers are unfit."""
        fault = self._find_fault(template, settings)
        return self.make_task(template, settings) if fault is None else fault

    def _find_fault(self, template: Template, settings: Settings) -> Fault | None:
        """Return whether there are too few points, or not so many of both sides on the margin."""
        svm = solve(settings)
        n, support = (whole_number(template, name, 2, 8, 3) for name in ("points", "support"))
        sides = {svm.signs[i] for i in svm.on_margin}
        fits = len(svm.data.points) == n and len(svm.on_margin) == support and sides == {1, -1}
        return None if fits and settings["new"] else Fault.SHAPE

    def make_task(self, template: Template, settings: Settings) -> Task:
        """Return the value at each point, the distances, the margin, and the choices."""
        svm = solve(settings)
        names, new = [point.name for point in svm.data.points], settings["new"]
        stated = {"w1": settings["w"][0], "w2": settings["w"][1], "b": settings["b"]}
        place = dict(zip(("N1", "N2"), new, strict=True))
        known: set[str] = set()
        lines = [formula_line(f"f_{p}", f"w1*{p}1 + w2*{p}2 + b", "values", known) for p in names]
        lines += margin_lines(known)
        computed = {line.quantity.name for line in lines}
        lines += [formula_line(f"d_{p}", f"abs(f_{p})/norm", "distances", computed) for p in names]
        lines.append(formula_line("f_N", "w1*N1 + w2*N2 + b", "new", known))
        (answer,) = svm.classify([new])
        side = Question(Quantity(1, "class_N"), "new", choices=SIDES, answer=sign_text(answer.sign))
        given = scalars({**stated, **coordinates_of(svm), **place})
        return Task(
            settings=settings,
            digits=template.limits.digits,
            given=(
                group_of(stated),
                group_of([(point.name, point.known_x) for point in svm.data.points]),
                group_of({"N": new}),
            ),
            lines=tuple(lines),
            values=work_out(lines, given),
            choices=(*support_questions(svm), side),
            facts={"n": str(len(names))},
            rules=("f(x) = w1*x1 + w2*x2 + b", "norm = ||w||,  margin = 1/norm,  d = |f|/norm"),
        )

    def explain(self, settings: Settings, language: str) -> str:
        """Return how one finds it, in plain text."""
        svm = solve(settings)
        sections = write_measurement(svm, svm.classify([settings["new"]]), language)
        return "\n\n".join(map(str, sections))


def solve(settings: Settings) -> LinearSVM:
    """Measure the hyperplane of a problem file against its points."""
    rows = settings["points"]
    data = make_points([[row["x1"], row["x2"]] for row in rows], names=[row["name"] for row in rows])
    return measure_margin(settings["w"], settings["b"], data)
