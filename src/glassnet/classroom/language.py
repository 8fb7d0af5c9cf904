"""The languages of the sheets: every text, and how numbers are written."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from glassnet._common.fields import build
from glassnet.classroom.template import ENGLISH
from glassnet.worked.lines import format_number

FOLDER = files("glassnet.classroom").joinpath("languages")


@dataclass(frozen=True)
class Language:
    """Hold the texts of a language; a file in the folder ``languages`` is one.

    Attributes
    ----------
    code : str
        ``"en"``.
    name : str
    point : str
        What parts the whole from the decimals.
    between : str
        What stands between the coordinates of a point.
    delimiter : str
        What stands between the cells of an answer table: where a comma is in the numbers, no comma.
    words, parts, steps_text, facts, asks, choices, hints, practice, lesson : dict of str to str
        Texts by their keys, with places for what differs; those of `lesson` stand on a page of the studio.
    tasks : dict of str to tuple of str
        What is to be done, in paragraphs, by the kind of template; and what there is to say of updates.
    """

    code: str
    name: str
    point: str
    between: str
    delimiter: str
    words: dict[str, str]
    parts: dict[str, str]
    tasks: dict[str, tuple[str, ...]]
    steps_text: dict[str, str]
    facts: dict[str, str]
    asks: dict[str, str]
    choices: dict[str, str]
    hints: dict[str, str]
    practice: dict[str, str]
    lesson: dict[str, str]

    def say(self, key: str, **places: object) -> str:
        """Return one of the `words` with its places filled."""
        return self.words[key].format(**places)

    def localise(self, text: str) -> str:
        """Return a text with the decimal points of its numbers as the language has them."""
        return re.sub(r"(?<=\d)\.(?=\d)", self.point, text)

    def number(self, number: float, digits: int | None = None) -> str:
        """Write a number; None writes six significant digits."""
        return format_number(number, digits).replace(".", self.point)

    def task(self, kind: str, facts: Mapping[str, str]) -> list[str]:
        """Return what is to be done, with the facts of a task."""
        steps = self.steps_text["one" if facts.get("steps") == "1" else "many"]
        places = {name: self.localise(fact) for name, fact in facts.items()}
        places["steps_text"] = steps.format(steps=facts.get("steps", ""))
        paragraphs = self.tasks[kind] + (self.tasks["update"] if "rate" in facts else ())
        return [paragraph.format(**places) for paragraph in paragraphs]

    def choice(self, value: str) -> str:
        """Return how one of a few answers is shown."""
        return self.choices.get(value, value)


def _read(code: str) -> Language:
    content = tomllib.loads(FOLDER.joinpath(f"{code}.toml").read_text(encoding="utf-8"))
    return build(Language, {"code": code, **content})


LANGUAGES: dict[str, Language] = {code: _read(code) for code in (ENGLISH, "de")}
"""The languages of the sheets, by their codes."""
