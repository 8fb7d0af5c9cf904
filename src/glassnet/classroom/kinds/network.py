"""Training steps of a small network: forward, loss, gradient, update."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet.classroom.dice import Dice
from glassnet.classroom.drawing import draw_array
from glassnet.classroom.faults import Fault
from glassnet.classroom.kinds.base import check_names, whole_number
from glassnet.classroom.task import Given, Settings, Task
from glassnet.classroom.template import ENGLISH, Template
from glassnet.errors import InvalidParameterError
from glassnet.worked import Problem, build_problem
from glassnet.worked.lines import (
    KINDS,
    Quantity,
    derive,
    givens,
    is_identity,
    names_of,
    stated_in,
    work_out,
    work_problem,
)
from glassnet.worked.notations import TEXT, definitions_of, write_symbols
from glassnet.worked.problem import equations_of, settings_of
from glassnet.worked.problem_file import SETTINGS

DRAWN = ("weights", "biases", "x", "y", "lr")
"""What may differ from student to student."""

STATED = (*(name for name in SETTINGS if name not in ("name", "digits", "published", "seed")), "samples")

MOST_UNITS = 4
"""In a layer: more rows or columns of a matrix are not written out."""


class Network:
    """Make exercises of `glassnet.worked.Problem`."""

    name = "network"

    def check(self, template: Template) -> None:
        """Check that weights, x and y are there, in a network that fits on a sheet."""
        check_names(template, STATED, DRAWN)
        for part in template.asked:
            lookup(KINDS, part, f"kind of line in ask of the template {template.name}")
        for name in ("weights", "x", "y"):
            if name not in template.problem and name not in template.draws:
                raise InvalidParameterError(f"the template {template.name} has no {name}; draw or state it.")
        problem = build_problem(self.draw(template, Dice(0)))
        if max(problem.architecture.sizes) > MOST_UNITS or problem.batch_size > MOST_UNITS:
            raise InvalidParameterError(
                f"the template {template.name} has layers of {problem.architecture.sizes} units and "
                f"{problem.batch_size} samples a step; expected at most {MOST_UNITS} of each on a sheet."
            )

    def draw(self, template: Template, dice: Dice) -> Settings:
        """Return a problem with weights, biases, samples, targets and rate as the template draws them."""
        settings = {name: value for name, value in template.problem.items() if name != "samples"}
        sizes = template.problem.get("sizes", [])
        n = whole_number(template, "samples", 1, 8, 1)
        shapes: Mapping[str, list[tuple[int, ...]]] = {
            "weights": [*pairwise(sizes)],
            "biases": [(size,) for size in sizes[1:]],
        }
        for name, layers in shapes.items():
            if name in template.draws:
                settings[name] = [draw_array(template.draws[name], shape, dice) for shape in layers]
        for name, width in (("x", sizes[:1]), ("y", sizes[-1:])):
            if name in template.draws:
                settings[name] = draw_array(template.draws[name], (n, *width), dice)
        if "lr" in template.draws:
            settings["lr"] = template.draws["lr"].one(dice)
        return {"name": template.title[ENGLISH], **settings, "digits": template.limits.digits}

    def find_fault(self, template: Template, settings: Settings) -> Fault | None:
        """Return whether a unit is on its kink or saturated, or too many are on or off."""
        problem, limits = build_problem(settings), template.limits
        values = work_out(derive(problem), givens(problem))
        functions = [*problem.architecture.activations, problem.architecture.head.activation]
        for step in range(1, problem.n_steps + 1):
            on = 0
            for layer, (function, z) in enumerate(
                zip(functions, pre_activations(problem, step, values), strict=True), start=1
            ):
                if layer < len(functions):
                    on = on + (z > 0).sum(axis=1)
                    if (abs(z) < limits.kink).any():
                        return Fault.KINK
                if not is_identity(function) and not (abs(z) <= limits.saturated).all():
                    return Fault.SATURATED
            if limits.units_on is not None and np.any(on != limits.units_on):
                return Fault.UNITS_ON
        return None

    def make_task(self, template: Template, settings: Settings) -> Task:
        """Return the lines of a problem, held to the engine."""
        problem = build_problem(settings)
        return Task(
            settings=settings,
            digits=template.limits.digits,
            given=tuple(given_of(problem)),
            lines=tuple(derive(problem)),
            values=work_problem(problem).values,
            asked=template.asked,
            problem=problem,
            facts=facts_of(problem),
            rules=tuple(rules_of(problem, template.asked)),
        )

    def explain(self, settings: Settings) -> str:
        """Return nothing: the lines say it."""
        return ""


def pre_activations(problem: Problem, step: int, values: Mapping[Quantity, Array]) -> Iterator[Array]:
    """Yield z of each layer in a step, shape (samples, units)."""
    rows, names = problem.rows_of(step), names_of(problem)
    n = rows.stop - rows.start
    for layer, width in enumerate(problem.architecture.sizes[1:], start=1):
        named = names.of("z", layer, np.zeros((n, width)))
        yield np.stack([values[Quantity(step, name)] for name, _ in named]).reshape(n, width)


def given_of(problem: Problem) -> Iterator[tuple[Given, ...]]:
    """Yield what a problem states, in rows: weights, biases, and the samples of each step."""
    for step in range(1, problem.n_steps + 1):
        rows: dict[str, list[Given]] = {}
        for quantity, value in stated_in(problem, step).items():
            letter = quantity.name[0].lower().replace("y", "x")
            row = rows.setdefault(letter if problem.has_numbers else quantity.name, [])
            row.append(Given(quantity.name, value, quantity.step))
        yield from map(tuple, rows.values())


def facts_of(problem: Problem) -> dict[str, str]:
    """Return what the words of a sheet have places for."""
    architecture = problem.architecture
    return {
        "sizes": "-".join(map(str, architecture.sizes)),
        "steps": str(problem.n_steps),
        "rate": f"{problem.learning_rate:g}",
        "optimizer": type(problem.optimizer).__name__,
        "batch": str(problem.batch_size),
    }


def rules_of(problem: Problem, asked: tuple[str, ...]) -> Iterator[str]:
    """Yield the formulas of the layers, the loss and the update, in plain text."""
    for line in derive(problem):
        if line.quantity.step == 1 and line.kind in ("forward", "loss") and not line.optional:
            yield f"{line.quantity.name} = {write_symbols(line.formula, TEXT)}"
    yield from definitions_of(problem).values()
    if not asked or "update" in asked:
        optimizer = problem.optimizer
        settings = [setting for setting in settings_of(optimizer) if setting.value and not setting.is_flag]
        for equation in equations_of(optimizer).lines:
            yield _plain(equation).replace(" = ", " <- ", 1)
        yield ",  ".join([f"lr = {problem.learning_rate:g}", *(f"{s.name} = {s.value:g}" for s in settings)])


def _plain(formula: str) -> str:
    return formula.replace("**", "^")
