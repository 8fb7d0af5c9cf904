"""The texts of the pages, in the languages that have a file in ``languages``."""

import tomllib
from importlib.resources import files
from typing import Any

from glassnet.classroom.grading.answers import Problem
from glassnet.classroom.grading.troubles import Trouble

FOLDER = files("glassnet.classroom.grading").joinpath("languages")


class Words:
    """Hold the texts of one language.

    Parameters
    ----------
    code : str
        ``"en"``.
    content : dict
        Texts by their names, in tables.
    """

    def __init__(self, code: str, content: dict[str, Any]) -> None:
        self.code, self.content = code, content

    def __call__(self, key: str, /, **parts: object) -> str:
        """Return a text with its places filled."""
        text: str = self.content["words"][key]
        return text.format(**parts)

    def of(self, table: str, name: str) -> str:
        """Return what a table has for a name; the name where it has nothing."""
        text: str = self.content[table].get(name, name)
        return text

    def problem(self, problem: Problem) -> str:
        """Return what is said of a row that counts for nothing."""
        text: str = self.content["problems"][problem.fault]
        return text.format(row=problem.row, step=problem.step, name=problem.name, got=problem.got)

    def trouble(self, trouble: Trouble | None) -> str:
        """Return why a file counts for nothing; empty where it counts."""
        if trouble is None:
            return ""
        text: str = self.content["troubles"][trouble.why]
        facts = {
            name: f"{fact:,}".replace(",", self.content["words"]["thousands"])
            if isinstance(fact, int)
            else fact
            for name, fact in trouble.facts.items()
        }
        return text.format(**facts)

    def counted(self, n: int, name: str) -> str:
        """Return a number with its noun, one of a thing or several."""
        one, several = self.content["nouns"][name]
        return f"{n} {one if n == 1 else several}"

    def number(self, value: object) -> str:
        """Return a number with the decimal mark of the language."""
        text = f"{value:g}" if isinstance(value, float) else str(value)
        return text.replace("-", "\u2212").replace(".", self.content["words"]["mark"])


def _read(code: str) -> Words:
    return Words(code, tomllib.loads(FOLDER.joinpath(f"{code}.toml").read_text(encoding="utf-8")))


LANGUAGES: dict[str, Words] = {code: _read(code) for code in ("en", "de")}
"""The languages of the pages, by their codes."""
