"""Training steps of a small network: forward, loss, gradient, update."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet.classroom.dice import Dice
from glassnet.classroom.drawing import draw_array
from glassnet.classroom.faults import Fault
from glassnet.classroom.kinds.base import check_names, whole_number
from glassnet.classroom.task import Definition, Given, Rule, Settings, Task
from glassnet.classroom.template import ENGLISH, Limits, Template
from glassnet.errors import InvalidParameterError
from glassnet.worked import Problem, build_problem
from glassnet.worked.lines import (
    KINDS,
    Line,
    Number,
    Quantity,
    derive,
    givens,
    is_identity,
    names_of,
    stated_in,
    updates_of,
    work_out,
    work_problem,
)
from glassnet.worked.notations import definitions_of
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
            template.told_at(("ask",), partial(lookup, KINDS, part, "kind of line"))
        for name in ("weights", "x", "y"):
            if name not in template.problem and name not in template.draws:
                raise InvalidParameterError(
                    f"{template.place('draw')}: there are no {name}; expected them here or in [problem]."
                )
        problem = template.told_at(("problem",), lambda: build_problem(self.draw(template, Dice(0))))
        if max(problem.architecture.sizes) > MOST_UNITS or problem.batch_size > MOST_UNITS:
            raise InvalidParameterError(
                f"{template.place('problem', 'sizes')}: got layers of {problem.architecture.sizes} units and "
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

    def try_out(self, template: Template, settings: Settings) -> Task | Fault:
        """Return the lines, or whether a unit is on its kink or saturated, or too many are on or off."""
        problem = build_problem(settings)
        lines = derive(problem)
        values = work_out(lines, givens(problem))
        fault = find_fault(problem, template.limits, values)
        return _state(template, settings, problem, lines, values) if fault is None else fault

    def make_task(self, template: Template, settings: Settings) -> Task:
        """Return the lines of a problem, held to the engine."""
        problem = build_problem(settings)
        lines = derive(problem)
        task = _state(template, settings, problem, lines, work_problem(problem).values)
        return replace(task, rules=tuple(rules_of(problem, lines, template.asked)))

    def explain(self, settings: Settings, language: str) -> str:
        """Return nothing: the lines say it."""
        return ""


def _state(
    template: Template,
    settings: Settings,
    problem: Problem,
    lines: Sequence[Line],
    values: Mapping[Quantity, Array],
) -> Task:
    return Task(
        settings=settings,
        digits=template.limits.digits,
        given=tuple(given_of(problem)),
        lines=tuple(lines),
        values=values,
        asked=template.asked,
        problem=problem,
        facts=facts_of(problem, template.asked),
    )


def find_fault(problem: Problem, limits: Limits, values: Mapping[Quantity, Array]) -> Fault | None:
    """Return whether a unit is on its kink or saturated, or too many are on or off."""
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


def facts_of(problem: Problem, asked: tuple[str, ...]) -> dict[str, str]:
    """Return what the words of a sheet have places for."""
    facts = {
        "sizes": "-".join(map(str, problem.architecture.sizes)),
        "steps": str(problem.n_steps),
        "batch": str(problem.batch_size),
    }
    if "update" not in (asked or ("update",)):
        return facts
    return facts | {
        "optimizer": type(problem.optimizer).__name__,
        "rate": f"{problem.learning_rate:g}",
    }


def rules_of(problem: Problem, lines: Sequence[Line], asked: tuple[str, ...]) -> Iterator[Rule]:
    """Yield the formulas of the layers, the loss and the update, and the settings of the optimiser."""
    for line in lines:
        if line.quantity.step == 1 and line.kind in ("forward", "loss") and not line.optional:
            yield line
    for name, formula in definitions_of(problem).items():
        yield Definition(name, formula)
    if not asked or "update" in asked:
        yield from update_rules_of(problem)


def update_rules_of(problem: Problem) -> Iterator[Rule]:
    """Yield the equations of the optimiser for any parameter, and its settings."""
    optimizer, rate = problem.optimizer, problem.learning_rate
    equations = [
        equation.replace(" = ", " <- ").replace("**", "^") for equation in equations_of(optimizer).lines
    ]
    settings = [setting for setting in settings_of(optimizer) if setting.value and not setting.is_flag]
    if any("^t" in equation for equation in equations):  # a line has the number of its own step there
        yield from equations
        values = {"lr": rate} | {setting.name: setting.value for setting in settings}
        yield ", ".join(f"{name} = {value:g}" for name, value in values.items())
        yield f"g = dL/dtheta, t = {', '.join(map(str, range(1, problem.n_steps + 1)))}"
        return
    yield from updates_of(optimizer, rate, 1, "theta")
    values = {"lr": rate} | {setting.symbol: setting.value for setting in settings}
    yield from (Line(Quantity(0, name), "update", Number(value)) for name, value in values.items())
