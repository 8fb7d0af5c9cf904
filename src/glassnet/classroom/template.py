"""Templates of exercises: what all students have in common, and what is drawn for each.

Those of `TEMPLATES` are the TOML files in the folder ``exercises``; a file of one's own is read the same way.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from glassnet._common.naming import lookup
from glassnet._common.places import Place, of_file, refuse, told_at
from glassnet._common.quoting import shown
from glassnet._common.tables import parse_settings, read_text
from glassnet.classroom.drawing import Draw, read_draw
from glassnet.errors import DataFileError, InvalidParameterError

Value = TypeVar("Value")

EXERCISES = files("glassnet.classroom").joinpath("exercises")

ENGLISH = "en"
"""The language that every title has."""

A_NAME = "the name of a template (glassnet exercise list) or its TOML file"


@dataclass(frozen=True)
class Limits:
    """Say which numbers a person may be asked for.

    Attributes
    ----------
    digits : int
        How many after the point are asked for.
    smallest, largest : float
        Of the absolute values of all results that are not 0; a result of two digits at least can be judged.
    kink : float
        How far from 0 every pre-activation stays.
    saturated : float
        How far from 0 a pre-activation may be.
    units_on : int or None
        How many hidden units are positive for each sample of each step, the same for all students; None
        where it does not matter.
    """

    digits: int = 4
    smallest: float = 0.001
    largest: float = 100.0
    kink: float = 0.05
    saturated: float = 4.0
    units_on: int | None = None


@dataclass(frozen=True)
class Template:
    """Describe an exercise.

    Attributes
    ----------
    name : str
        Of the file, without its ending.
    title : mapping of str to str
        By language.
    kind : str
        A key of `glassnet.classroom.kinds.table.KINDS`.
    problem : dict
        What all students have: settings of a worked problem, or what the kind asks for.
    draws : mapping of str to Draw
        What differs, by the name of the setting.
    limits : Limits
    asked : tuple of str
        The kinds of lines that are asked for; all if empty.
    text : str
        The file.
    """

    name: str
    title: Mapping[str, str] = field(hash=False)
    kind: str
    problem: dict[str, Any] = field(hash=False)
    draws: Mapping[str, Draw] = field(hash=False)
    limits: Limits = Limits()
    asked: tuple[str, ...] = ()
    text: str = field(default="", repr=False)

    def place(self, *keys: str) -> str:
        """Return where a key stands in the file, for the beginning of a message."""
        return of_file(self.text, f"{self.name}.toml")(keys)

    def told_at(self, keys: tuple[str, ...], run: Callable[[], Value]) -> Value:
        """Return what a function returns; its message says where in the file the mistake is."""
        return told_at(of_file(self.text, f"{self.name}.toml"), keys, run)

    def title_in(self, language: str) -> str:
        """Return the title in a language, else in English."""
        return self.title.get(language, self.title[ENGLISH])


def read_template(template: str | os.PathLike[str]) -> Template:
    """Read a template.

    Parameters
    ----------
    template : str or path-like
        The name of one that comes with the package, or a TOML file.

    Returns
    -------
    Template

    Raises
    ------
    DataFileError
        When there is no such file, or it is no TOML.
    InvalidParameterError
        When it states what no template can.
    """
    if str(template) in TEMPLATES:
        return TEMPLATES[str(template)]
    path = Path(template)
    return parse_template(path.stem, read_text(path, "template", expected=A_NAME), path)


def parse_template(name: str, text: str, path: Path | None = None) -> Template:
    """Read a template from the text of its file; `path` names it in messages, with the line."""
    path = path or Path(f"{name}.toml")
    content, place = parse_settings(text, path), of_file(text, path)
    if not isinstance(content, dict):
        raise DataFileError(f'{shown(path)} holds no template; expected lines such as: kind = "network".')
    keys = ("title", "kind", "ask", "limits", "problem", "draw", "grading")
    for key in content:
        told_at(place, (key,), partial(lookup, dict.fromkeys(keys), key, "entry of a template"))
    for key, kinds in (("title", str | dict), ("kind", str), ("problem", dict), ("draw", dict)):
        if not isinstance(content.get(key), kinds):
            expected = "a text" if kinds in (str, str | dict) else f"a table, [{key}]"
            raise refuse(content.get(key), (key,), place, expected)
    title = content["title"]
    title = {ENGLISH: title} if isinstance(title, str) else title
    if not all(isinstance(words, str) for words in title.values()) or ENGLISH not in title:
        raise refuse(title, ("title",), place, f"a text for each language, {ENGLISH} among them")
    asked = content.get("ask", [])
    if not isinstance(asked, list) or not all(isinstance(part, str) for part in asked):
        raise refuse(asked, ("ask",), place, "a list of kinds of lines")
    draws = {
        key: told_at(place, ("draw", key), partial(read_draw, value, f"draw.{key}"))
        for key, value in content["draw"].items()
    }
    if not draws:
        raise InvalidParameterError(f"{place(('draw',))}: draws nothing; expected something that differs.")
    limits = _read_limits(content.get("limits", {}), place)
    return Template(name, title, content["kind"], content["problem"], draws, limits, tuple(asked), text)


def _read_limits(value: Any, place: Place) -> Limits:
    if not isinstance(value, dict):
        raise refuse(value, ("limits",), place, "a table, [limits]")
    known = {entry.name: entry for entry in fields(Limits)}
    for name, number in value.items():
        told_at(place, ("limits", name), partial(lookup, known, name, "limit"))
        is_whole = name in ("digits", "units_on")
        if isinstance(number, bool) or not isinstance(number, int if is_whole else int | float) or number < 0:
            raise refuse(
                number, ("limits", name), place, f"a {'whole ' if is_whole else ''}number of at least 0"
            )
    limits = Limits(**value)
    if not 1 <= limits.digits <= 9 or limits.smallest >= limits.largest or limits.kink >= limits.saturated:
        raise InvalidParameterError(
            f"{place(('limits',))}: these leave nothing; expected 1 to 9 digits, smallest below largest, and "
            "kink below saturated."
        )
    return limits


TEMPLATES: dict[str, Template] = {
    name: parse_template(name, EXERCISES.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    for name in (
        "backprop",
        "backprop-one-unit",
        "backprop-sigmoid",
        "backprop-cross-entropy",
        "backprop-matrices",
        "momentum",
        "adam",
        "softmax",
        "gradient-check",
        "margin",
        "hard-margin",
        "slip",
    )
}
"""The templates that come with the package, in the order in which a course comes to them."""
