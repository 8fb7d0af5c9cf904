"""What a kind of exercise is."""

from functools import partial
from typing import Any, Protocol

from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.classroom.dice import Dice
from glassnet.classroom.faults import Fault
from glassnet.classroom.task import Settings, Task
from glassnet.classroom.template import Template
from glassnet.errors import InvalidParameterError


class Kind(Protocol):
    """Describe a kind of exercise."""

    name: str

    def check(self, template: Template) -> None:
        """Check what a template states, before anything is drawn.

        Raises
        ------
        InvalidParameterError, InvalidDataError
        """

    def draw(self, template: Template, dice: Dice) -> Settings:
        """Return the content of a problem file."""

    def try_out(self, template: Template, settings: Settings) -> Task | Fault:
        """Return what is asked about drawn numbers, or why they are unfit, as far as only the kind knows it.

        It may leave out what a trial does not need: the rules, and the comparison with the engine.
        """

    def make_task(self, template: Template, settings: Settings) -> Task:
        """Return what is asked about a problem."""

    def explain(self, settings: Settings, language: str) -> str:
        """Return how the answers are found, in plain text in a language, where the lines do not say it."""


def check_names(template: Template, problem: tuple[str, ...], draws: tuple[str, ...]) -> None:
    """Check that a template states and draws what its kind knows, and draws all that it must.

    Raises
    ------
    UnknownNameError, InvalidParameterError
    """
    for name in template.problem:
        template.told_at(("problem", name), partial(lookup, dict.fromkeys(problem), name, "entry of problem"))
    for name in template.draws:
        template.told_at(("draw", name), partial(lookup, dict.fromkeys(draws), name, "entry of draw"))


def whole_number(template: Template, name: str, low: int, high: int, default: int | None = None) -> int:
    """Return a whole number that a template states.

    Raises
    ------
    InvalidParameterError
    """
    value: Any = template.problem.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidParameterError(
            f"{template.place('problem', name)}: got {quoted(value)}; expected a whole number from {low} to "
            f"{high}."
        )
    return value
