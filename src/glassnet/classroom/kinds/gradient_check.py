"""A gradient check: backpropagation beside the central difference of one parameter."""

from collections.abc import Iterator
from dataclasses import replace

from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.classroom.dice import Dice
from glassnet.classroom.faults import Fault
from glassnet.classroom.kinds.network import Network
from glassnet.classroom.task import Settings, Task
from glassnet.classroom.template import Template
from glassnet.errors import InvalidParameterError
from glassnet.worked.lines import (
    Line,
    Number,
    Product,
    Quantity,
    Quotient,
    Ref,
    Sum,
    quantities_of,
    with_quantity,
    work_out,
)

OWN = ("parameter", "step")
"""What a template states beside a network: which parameter is moved, and how far to either side."""

SIDES = {"+": 1, "-": -1}
PARTS = {"+": "plus", "-": "minus"}


class GradientCheck:
    """Make a network's exercise into a check of one entry of its gradient."""

    name = "gradient-check"

    def __init__(self) -> None:
        self._network = Network()

    def check(self, template: Template) -> None:
        """Check the network, the parameter and the step."""
        self._network.check(self._of_network(template))
        step, parameter = template.problem.get("step"), template.problem.get("parameter")
        if isinstance(step, bool) or not isinstance(step, int | float) or not 1e-4 <= step <= 1:
            raise InvalidParameterError(
                f"{template.place('problem', 'step')}: got {quoted(step)}; expected how far the parameter is "
                "moved, from 0.0001 to 1."
            )
        task = self._network.make_task(self._of_network(template), self.draw(template, Dice(0)))
        gradients = [line.quantity.name for line in task.lines if line.kind == "gradient"]
        known = dict.fromkeys(name.removeprefix("dL/d") for name in gradients)
        known = {name: None for name in known if Quantity(0, name) in task.values}
        keys = ("problem", "parameter")
        template.told_at(keys, lambda: lookup(known, str(parameter), "parameter"))
        if task.problem is None or task.problem.n_steps > 1:
            raise InvalidParameterError(
                f"{template.place('problem', 'samples')}: got several steps; expected samples = 1."
            )

    def draw(self, template: Template, dice: Dice) -> Settings:
        """Return the network's problem."""
        return self._network.draw(self._of_network(template), dice)

    def try_out(self, template: Template, settings: Settings) -> Task | Fault:
        """Return the lines, or what is unfit for the network's."""
        tried = self._network.try_out(self._of_network(template), settings)
        return tried if isinstance(tried, Fault) else self._extend(template, tried)

    def make_task(self, template: Template, settings: Settings) -> Task:
        """Return the network's lines but its update, those with the parameter moved, and the difference."""
        return self._extend(template, self._network.make_task(self._of_network(template), settings))

    def _extend(self, template: Template, task: Task) -> Task:
        name, step = str(template.problem["parameter"]), float(template.problem["step"])
        gradient = Quantity(1, f"dL/d{name}")
        own = [line for line in task.lines if line.kind in ("forward", "loss", "gradient")]
        last = next(i for i, line in enumerate(own) if line.quantity == gradient)
        before = [replace(line, optional=line.optional or line.kind == "gradient") for line in own[:last]]
        moved = [line for side in SIDES for line in _moved(own, name, step, side)]
        rise = Sum(((1, Ref(Quantity(1, "L+"))), (-1, Ref(Quantity(1, "L-")))))
        numeric = Quantity(1, "numeric")
        check = [
            Line(numeric, "check", Quotient(rise, Product((Number(2), Number(step, "h"))))),
            Line(Quantity(1, "difference"), "check", Sum(((1, Ref(numeric)), (-1, Ref(gradient))))),
        ]
        lines = (*before, own[last], *moved, *check)
        facts = {**task.facts, "parameter": name, "h": f"{step:g}"}
        rules = (*task.rules, *check, Line(Quantity(0, "h"), "check", Number(step)))
        values = work_out([*moved, *check], task.values)
        return replace(task, lines=lines, values=values, asked=(), facts=facts, rules=rules)

    def explain(self, settings: Settings, language: str) -> str:
        """Return nothing: the lines say it."""
        return ""

    def _of_network(self, template: Template) -> Template:
        problem = {name: value for name, value in template.problem.items() if name not in OWN}
        return replace(template, problem=problem, asked=("forward", "loss", "gradient"))


def _moved(lines: list[Line], parameter: str, step: float, side: str) -> Iterator[Line]:
    """Yield the lines from a moved parameter to the loss: what depends on it, with the side in the name."""
    old, part = Quantity(0, parameter), PARTS[side]
    shifted = Quantity(1, parameter + side)
    yield Line(shifted, part, Sum(((1, Ref(old)), (SIDES[side], Number(step, "h")))), optional=True)
    renamed = {old: shifted}
    for line in lines:
        used = [quantity for quantity in quantities_of(line.formula) if quantity in renamed]
        if line.kind not in ("forward", "loss") or not used:
            continue
        formula = line.formula
        for quantity in used:
            formula = with_quantity(formula, quantity, renamed[quantity])
        renamed[line.quantity] = line.quantity._replace(name=line.quantity.name + side)
        yield Line(renamed[line.quantity], part, formula, optional=line.optional)
