"""A reported score that is no accuracy: which figure of the confusion matrix was taken for it."""

from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray

from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.classroom.dice import Dice
from glassnet.classroom.faults import Fault
from glassnet.classroom.kinds.base import check_names, whole_number
from glassnet.classroom.kinds.points import scalars
from glassnet.classroom.task import Question, Settings, Task, group_of
from glassnet.classroom.template import Template
from glassnet.doctor.scores.figures import SLIPS, Evidence
from glassnet.doctor.scores.reported import Reported
from glassnet.errors import InvalidParameterError
from glassnet.worked.lines import Line, Quantity, Ref, parse_formula, round_half_up, work_out

SPLIT = "test"


class WhichSlip:
    """Make exercises of a confusion matrix and one of its figures, reported as the accuracy."""

    name = "slip"

    def check(self, template: Template) -> None:
        """Check the figures: they must follow from a confusion matrix alone."""
        check_names(template, ("classes", "score_digits", "figures"), ("right", "wrong"))
        for name in ("right", "wrong"):
            if name not in template.draws:
                raise InvalidParameterError(
                    f"{template.place('draw')}: there is no {name}; expected how it is drawn."
                )
        whole_number(template, "score_digits", 2, 6, 4)
        n = whole_number(template, "classes", 2, 4, 3)
        figures = template.problem.get("figures")
        if not isinstance(figures, list) or len(figures) < 2:
            raise InvalidParameterError(
                f"{template.place('problem', 'figures')}: got {quoted(figures)}; expected two or more of "
                f"those that are mistaken for an accuracy, such as {', '.join(list(SLIPS)[1:4])}."
            )
        evidence = evidence_of(np.ones((n, n), int) + np.eye(n, dtype=int))
        for name in figures:
            slip = template.told_at(("problem", "figures"), partial(lookup, SLIPS, name, "figure"))
            if len(slip.values(evidence)) != 1:
                raise InvalidParameterError(
                    f"{template.place('problem', 'figures')}: {quoted(name)} has not one value for a "
                    f"confusion matrix of {n} classes."
                )

    def draw(self, template: Template, dice: Dice) -> Settings:
        """Return a confusion matrix, and the digits of one figure of it."""
        n, places = (
            whole_number(template, "classes", 2, 4, 3),
            whole_number(template, "score_digits", 2, 6, 4),
        )
        counts = [
            [int(template.draws["right" if i == j else "wrong"].one(dice)) for j in range(n)]
            for i in range(n)
        ]
        figure = SLIPS[dice.choice(template.problem["figures"])]
        score = round_half_up(figure.values(evidence_of(np.array(counts)))[0], places)
        row = {"model": "model", "split": SPLIT, "score": f"{score:.{places}f}", "confusion": counts}
        return {"scores": [row]}

    def try_out(self, template: Template, settings: Settings) -> Task | Fault:
        """Return what is asked, or why the numbers are unfit."""
        fault = self._find_fault(template, settings)
        return self.make_task(template, settings) if fault is None else fault

    def _find_fault(self, template: Template, settings: Settings) -> Fault | None:
        """Return whether several figures have the score, the accuracy among them."""
        return None if len(matching(template, settings, "accuracy")) == 1 else Fault.AMBIGUOUS

    def make_task(self, template: Template, settings: Settings) -> Task:
        """Return the accuracy, the recall and precision of each class, and the choice of the figure."""
        row = settings["scores"][0]
        counts = np.array(row["confusion"])
        lines = list(lines_of(len(counts)))
        stated = {f"n{i + 1}{j + 1}": float(counts[i, j]) for i, j in np.ndindex(counts.shape)}
        (answer,) = matching(template, settings)
        figures = tuple(template.problem["figures"])
        return Task(
            settings=settings,
            digits=template.limits.digits,
            given=(group_of([("n", counts)]), group_of([("score", row["score"])])),
            lines=tuple(lines),
            values=work_out(lines, scalars(stated)),
            choices=(Question(Quantity(1, "slip"), "slip", choices=figures, answer=answer),),
            facts={"score": row["score"]},
        )

    def explain(self, settings: Settings, language: str) -> str:
        """Return nothing: the lines say it."""
        return ""


def lines_of(n: int) -> list[Line]:
    """Return the lines of the figures of n classes, over counts n11, n12 ... with the class in rows."""
    classes = range(1, n + 1)
    texts = {
        "right": " + ".join(f"n{i}{i}" for i in classes),
        "total": " + ".join(f"n{i}{j}" for i, j in product(classes, classes)),
        "accuracy": "right/total",
    }
    texts |= {f"recall_{i}": f"n{i}{i}/({' + '.join(f'n{i}{j}' for j in classes)})" for i in classes}
    texts |= {f"precision_{j}": f"n{j}{j}/({' + '.join(f'n{i}{j}' for i in classes)})" for j in classes}

    def names(name: str) -> Ref:
        return Ref(Quantity(int(name in texts), name))

    return [Line(Quantity(1, name), "figures", parse_formula(text, names)) for name, text in texts.items()]


def matching(template: Template, settings: Settings, *more: str) -> list[str]:
    """Return which figures of a template, and which others, have the reported score."""
    row = settings["scores"][0]
    reported, evidence = Reported(row["model"], SPLIT, row["score"]), evidence_of(np.array(row["confusion"]))
    return [
        name
        for name in (*template.problem["figures"], *more)
        if reported.equals(SLIPS[name].values(evidence)[0])
    ]


def evidence_of(counts: NDArray[np.integer]) -> Evidence:
    """Return samples that have these counts, a row for each class."""
    truth, answers = np.repeat(np.argwhere(np.ones_like(counts)), counts.ravel(), axis=0).T
    return Evidence(truth, answers, len(counts), is_ordered=False)
