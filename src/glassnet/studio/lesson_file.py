"""Read a lesson from TOML, with messages that name the line and the key."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted, shown
from glassnet._common.tables import parse_settings, read_text
from glassnet.data.catalog import DATASETS
from glassnet.errors import DataFileError, GlassnetError
from glassnet.studio.expressions import check
from glassnet.studio.lessons import Choice, Lesson, Page, Question, Setup, Task
from glassnet.studio.measures import MEASURES
from glassnet.studio.opening import MODELS

Value = TypeVar("Value")
Path_ = tuple[str | int, ...]
"""Where a value stands: ``("pages", 1, "questions", 0, "text")``."""

FOLDER = files("glassnet.studio").joinpath("lessons")
NAMES = ("by-hand", "zero-weights", "learning-rate", "vanishing-gradient", "forty-digits")
"""The lessons that come with the package, in the order in which one does them."""


def read_lesson(lesson: str | os.PathLike[str]) -> Lesson:
    """Read a lesson.

    Parameters
    ----------
    lesson : str or path-like
        The name of one that comes with the package, ``"zero-weights"``, or a TOML file.

    Raises
    ------
    DataFileError
        When there is no such lesson, or it is not written as one; the message names the line and the key.
    """
    if str(lesson) in NAMES:
        path = Path(f"{lesson}.toml")
        text = FOLDER.joinpath(path.name).read_text(encoding="utf-8")
    else:
        path = Path(lesson)
        expected = f"a TOML file, or a lesson that comes with the package: {', '.join(NAMES)}"
        text = read_text(path, "lesson", expected=expected)
    return parse_lesson(text, path)


def parse_lesson(text: str, path: Path) -> Lesson:
    """Read a lesson from its text; `path` names it. See `read_lesson`."""
    if path.suffix.lower() != ".toml":
        raise DataFileError(f"got the lesson {shown(path)}; expected a file whose name ends in .toml.")
    return _Reader(text, path).read()


class _Reader:
    """Read one file; every complaint says where it comes from."""

    def __init__(self, text: str, path: Path) -> None:
        self.path, self.content = path, parse_settings(text, path)
        self.lines = dict(_lines(text))

    def error(self, where: Path_, message: str) -> DataFileError:
        """Return the error about what stands somewhere."""
        known = next(self.lines[where[:n]] for n in range(len(where), -1, -1) if where[:n] in self.lines)
        name = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in where)
        return DataFileError(f"{shown(self.path)}, line {known}, {name.lstrip('.')}: {message}")

    def read(self) -> Lesson:
        """Return the lesson."""
        name = self.path.stem
        top = self.table((), self.content, Lesson, ("name", "title", "about", "setup", "pages", "fixed"))
        pages = self.each(("pages",), top["pages"])
        lesson = Lesson(
            **top
            | {"name": name, "setup": self.setup(top["setup"]), "fixed": tuple(top.get("fixed", ()))}
            | {"pages": tuple(self.page(where, page) for where, page in pages)}
        )
        self.names(("fixed",), lesson.fixed, lesson)
        for i, page in enumerate(lesson.pages):
            self.names(("pages", i, "fixed"), page.fixed or (), lesson)
            if page.task is not None:
                self.names(("pages", i, "task", "settings"), tuple(page.task.settings), lesson)
        seen: set[str] = set()
        for i, page in enumerate(lesson.pages):
            for k, question in enumerate(page.questions):
                if question.id in seen:
                    where: Path_ = ("pages", i, "questions", k, "id")
                    raise self.error(where, f"{quoted(question.id)} is the id of another question too.")
                seen.add(question.id)
        if not seen:
            raise self.error(("pages",), "got no question; expected some: [[pages.questions]].")
        return lesson

    def setup(self, content: Any) -> Setup:
        """Return what the lesson opens."""
        where: Path_ = ("setup",)
        setup = Setup(**self.table(where, content, Setup))
        if (setup.data is None) == (setup.x is None):
            raise self.error(where, 'expected either data = "mnist" or x = [...] and y = [...].')
        if (setup.x is None) != (setup.y is None):
            raise self.error(where, "expected as many targets in y = [...] as samples in x = [...].")
        if setup.data is not None:
            self.trying((*where, "data"), lambda: lookup(DATASETS, str(setup.data), "data set"))
        self.trying((*where, "model"), lambda: lookup(MODELS, setup.model, "model"))
        return setup

    def page(self, where: Path_, content: Any) -> Page:
        """Return a page with its questions."""
        given = self.table(where, content, Page)
        questions = self.each((*where, "questions"), given.pop("questions", []))
        task = given.pop("task", None)
        return Page(
            **given | ({"fixed": tuple(given["fixed"])} if "fixed" in given else {}),
            task=None if task is None else Task(**self.table((*where, "task"), task, Task)),
            questions=tuple(self.question(place, question) for place, question in questions),
        )

    def question(self, where: Path_, content: Any) -> Question:
        """Return a question whose answer can be computed."""
        given = self.table(where, content, Question)
        choices = self.each((*where, "choices"), given.pop("choices", []))
        question = Question(
            **given,
            choices=tuple(Choice(**self.table(place, choice, Choice)) for place, choice in choices),
        )
        ways = [bool(question.answer), bool(question.quantity), bool(question.choices)]
        if sum(ways) != 1:
            raise self.error(
                where, "expected one of answer = '...' (measured), quantity = '...' (graded) and choices."
            )
        if question.answer:
            self.trying((*where, "answer"), lambda: check(question.answer, MEASURES))
        self.choices((*where, "choices"), question)
        return question

    def choices(self, where: Path_, question: Question) -> None:
        """Check that each choice says when it is right."""
        if len(question.choices) == 1:
            raise self.error(where, "got one choice; expected at least two.")
        name = "value" if question.right else "when"
        if question.right:
            known = dict.fromkeys(("largest", "smallest"))
            self.trying((*where[:-1], "right"), lambda: lookup(known, question.right, "right choice"))
        for i, choice in enumerate(question.choices):
            text = getattr(choice, name)
            if not text or (choice.when and choice.value):
                raise self.error((*where, i), f"expected {name} = '...', and not both value and when.")
            self.trying((*where, i, name), lambda text=text: check(text, MEASURES))

    def names(self, where: Path_, names: tuple[str, ...], lesson: Lesson) -> None:
        """Check that these are settings of the lesson's model."""
        known = MODELS[lesson.setup.model](**_SIZES.get(lesson.setup.model, {})).get_params(deep=False)
        for name in names:
            self.trying(where, lambda name=name: lookup(known, name, "setting of the model"))

    def trying(self, where: Path_, action: Any) -> None:
        """Do something whose complaint is about a place in the file."""
        try:
            action()
        except GlassnetError as error:
            raise self.error(where, str(error)) from None

    def table(
        self, where: Path_, content: Any, kind: type, known: tuple[str, ...] | None = None
    ) -> dict[str, Any]:
        """Check that a table has the keys of a class, and values of the kinds that it says."""
        if not isinstance(content, Mapping):
            raise self.error(where, f"got {quoted(content)}; expected a table with names and values.")
        own = {item.name: item for item in fields(kind)}
        for key, value in content.items():
            self.trying((*where, key), lambda key=key: lookup(own, key, "key"))
            expected = own[key].metadata.get("kind", (str,))
            wrong = isinstance(value, bool) or not isinstance(value, expected)
            if wrong or (
                expected == (list,) and key == "fixed" and not all(isinstance(v, str) for v in value)
            ):
                words = " or ".join(_WORDS[one] for one in expected)
                raise self.error((*where, key), f"got {quoted(value)}; expected {words}.")
        for item in own.values():
            is_needed = item.default is MISSING and item.default_factory is MISSING
            if is_needed and item.name not in content and item.name != "name":
                raise self.error(where, f"there is no {item.name}; expected {item.name} = ...")
        return dict(content)

    def each(self, where: Path_, content: Any) -> list[tuple[Path_, Any]]:
        """Return the tables of a list, each with its place."""
        if not isinstance(content, list):
            raise self.error(where, f"got {quoted(content)}; expected a list of tables.")
        return [((*where, i), item) for i, item in enumerate(content)]


_WORDS = {str: "a text", int: "a whole number", float: "a number", list: "a list", dict: "a table"}
_SIZES: dict[str, dict[str, Any]] = {"NeuralNetwork": {"N": 0, "A": []}}
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\- ]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


def _lines(text: str) -> Iterator[tuple[Path_, int]]:
    """Yield where in a TOML file tables and keys begin; what stands inside of other values is left out."""
    yield (), 1
    table: Path_ = ()
    counts: dict[Path_, int] = {}
    inside: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if inside is None:
            if header := _HEADER.match(line):
                table = ()
                names = header[2].replace(" ", "").split(".")
                for i, name in enumerate(names):
                    table = (*table, name)
                    if header[1] == "[[" and i == len(names) - 1:
                        counts[table] = counts.get(table, -1) + 1
                    if table in counts:
                        table = (*table, counts[table])
                yield table, number
            elif key := _KEY.match(line):
                yield (*table, key[1]), number
        for quote in ('"""', "'''"):
            if inside in (None, quote) and line.count(quote) % 2:
                inside = None if inside else quote
