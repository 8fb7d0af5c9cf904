"""Read Moodle XML as Moodle's documentation describes it, and mark answers as its cloze questions do.

https://docs.moodle.org/en/Moodle_XML_format: a ``quiz`` of ``question`` elements with a type; a category is a
question of its own; every question has a name and a text.

https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type: answers are ``{weight:TYPE:alternatives}``,
alternatives are parted by ``~``, the right one begins with ``=``, what follows ``#`` is feedback; a numerical
one is ``value:tolerance``; a backslash guards ``} # ~ "``.
"""

import re
from dataclasses import dataclass
from html import unescape
from xml.etree import ElementTree as Xml

PLACE = re.compile(r"\{(?P<weight>\d*):(?P<type>[A-Z_]+):(?P<body>(?:\\.|[^}\\])*)\}")
NUMERICAL = ("NUMERICAL", "NM")
CHOICES = ("MULTICHOICE", "MC", "MULTICHOICE_V", "MCV", "MULTICHOICE_H", "MCH")


@dataclass(frozen=True)
class Blank:
    """Hold one place of a cloze question; of a choice, the texts and the right one."""

    weight: int
    value: float = float("nan")
    tolerance: float = 0.0
    choices: tuple[str, ...] = ()
    answer: str = ""

    def accepts(self, given: str) -> bool:
        """Say whether Moodle gives the full mark."""
        if self.choices:
            return given == self.answer
        return abs(float(given.replace(",", ".")) - self.value) <= self.tolerance


@dataclass(frozen=True)
class Cloze:
    """Hold a question."""

    name: str
    html: str
    blanks: tuple[Blank, ...]


def read_moodle(content: bytes) -> tuple[str, list[Cloze]]:
    """Return the category and the questions of a file."""
    assert content.startswith(b"<?xml"), "the first line is the declaration"
    quiz = Xml.fromstring(content)
    assert quiz.tag == "quiz"
    first, *rest = quiz
    assert first.get("type") == "category"
    category = first.findtext("category/text") or ""
    questions = []
    for question in rest:
        assert question.get("type") == "cloze"
        body = question.find("questiontext")
        assert body is not None
        assert body.get("format") == "html"
        html = body.findtext("text") or ""
        blanks = tuple(map(_read, PLACE.finditer(html)))
        questions.append(Cloze(question.findtext("name/text") or "", html, blanks))
    return category, questions


def _read(place: re.Match[str]) -> Blank:
    weight = int(place["weight"] or 1)
    parts = re.split(r"(?<!\\)~", place["body"])
    plain = [re.sub(r"\\(.)", r"\1", re.split(r"(?<!\\)#", part)[0]) for part in parts]
    right = [text.removeprefix("=") for text, part in zip(plain, parts, strict=True) if part.startswith("=")]
    assert len(right) == 1, place[0]
    if place["type"] in NUMERICAL:
        value, _, tolerance = right[0].partition(":")
        return Blank(weight, float(value), float(tolerance or 0))
    assert place["type"] in CHOICES, place[0]
    texts = tuple(unescape(text.removeprefix("=")) for text in plain)
    return Blank(weight, choices=texts, answer=unescape(right[0]))
