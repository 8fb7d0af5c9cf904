"""Lessons: pages that fix some controls, explain, and ask what the engine answers.

No answer stands in a lesson. Numbers are measured in the run that is open (`glassnet.studio.measures`), or
are lines of its worked steps, and then `glassnet.grade` judges them; of choices the lesson says what must
hold for each to be right. `glassnet.studio.lesson_file` reads lessons.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

HAS_TEXT: dict[str, Any] = {"kind": (str,)}
HAS_LIST: dict[str, Any] = {"kind": (list,)}
HAS_TABLE: dict[str, Any] = {"kind": (dict,)}
HAS_COUNT: dict[str, Any] = {"kind": (int,)}
HAS_NUMBER: dict[str, Any] = {"kind": (int, float)}


@dataclass(frozen=True)
class Setup:
    """Say what a lesson opens.

    Attributes
    ----------
    model : str
        The class, whose parameters `settings` names.
    settings : dict
    data : str or None
        The name of a data set of glassnet.
    samples, validation : int
        How many of its training images are trained on, the first ones, and how many behind them validate.
    x, y : list or None
        In place of `data`: samples and their targets.
    first_weights : float or None
        The value of all weights at first, where they are not drawn.
    """

    settings: dict[str, Any] = field(metadata=HAS_TABLE)
    model: str = field(default="NeuralNetwork", metadata=HAS_TEXT)
    data: str | None = field(default=None, metadata=HAS_TEXT)
    samples: int = field(default=2_000, metadata=HAS_COUNT)
    validation: int = field(default=1_000, metadata=HAS_COUNT)
    x: list[Any] | None = field(default=None, metadata=HAS_LIST)
    y: list[Any] | None = field(default=None, metadata=HAS_LIST)
    first_weights: float | None = field(default=None, metadata=HAS_NUMBER)


@dataclass(frozen=True)
class Task:
    """Say what is to be done before the questions of a page can be answered.

    Attributes
    ----------
    text : str
    settings : dict
        What the run must have been set to.
    epochs, steps : int
        How long it must have trained.
    """

    text: str = field(metadata=HAS_TEXT)
    settings: dict[str, Any] = field(default_factory=dict, metadata=HAS_TABLE)
    epochs: int = field(default=0, metadata=HAS_COUNT)
    steps: int = field(default=0, metadata=HAS_COUNT)


@dataclass(frozen=True)
class Choice:
    """Hold one of several answers, and when it is the right one.

    Attributes
    ----------
    text : str
    when : str
        An expression that is true when it is.
    value : str
        In place of it, where the question says which value is right: an expression.
    """

    text: str = field(metadata=HAS_TEXT)
    when: str = field(default="", metadata=HAS_TEXT)
    value: str = field(default="", metadata=HAS_TEXT)


@dataclass(frozen=True)
class Question:
    """Hold a question, and how its answer is computed.

    Attributes
    ----------
    id : str
    text : str
    answer : str
        An expression whose value is the number asked for.
    quantity : str
        In place of it: the name of a line of the worked steps, ``"dL/dw2"``, which `grade` judges.
    step : int
        Of the quantity; the first is 1.
    choices : tuple of Choice
        In place of both.
    right : {"", "largest", "smallest"}
        The choice of which value is right.
    unit : str
        Shown behind the number.
    digits : int
        How many digits that count a number must have, where it is no whole one.
    tolerance : float
        By which share a number may be off, beyond its rounding.
    why : str
        Said to whoever is right.
    hint : str
        Said to whoever is not.
    """

    id: str = field(metadata=HAS_TEXT)
    text: str = field(metadata=HAS_TEXT)
    answer: str = field(default="", metadata=HAS_TEXT)
    quantity: str = field(default="", metadata=HAS_TEXT)
    step: int = field(default=1, metadata=HAS_COUNT)
    choices: tuple[Choice, ...] = field(default=(), metadata=HAS_LIST)
    right: str = field(default="", metadata=HAS_TEXT)
    unit: str = field(default="", metadata=HAS_TEXT)
    digits: int = field(default=2, metadata=HAS_COUNT)
    tolerance: float = field(default=0.0, metadata=HAS_NUMBER)
    why: str = field(default="", metadata=HAS_TEXT)
    hint: str = field(default="", metadata=HAS_TEXT)

    @property
    def kind(self) -> Literal["number", "choice"]:
        """How it is answered."""
        return "choice" if self.choices else "number"


@dataclass(frozen=True)
class Page:
    """Hold a page of a lesson.

    Attributes
    ----------
    title, text : str
    fixed : tuple of str or None
        The settings that stay as they are on this page; None where they are the lesson's.
    task : Task or None
    questions : tuple of Question
    """

    title: str = field(metadata=HAS_TEXT)
    text: str = field(metadata=HAS_TEXT)
    fixed: tuple[str, ...] | None = field(default=None, metadata=HAS_LIST)
    task: Task | None = field(default=None, metadata=HAS_TABLE)
    questions: tuple[Question, ...] = field(default=(), metadata=HAS_LIST)


@dataclass(frozen=True)
class Lesson:
    """Hold a lesson.

    Attributes
    ----------
    name : str
        Of its file.
    title : str
    about : str
        One sentence for the list of lessons.
    setup : Setup
    pages : tuple of Page
    fixed : tuple of str
        The settings that stay as they are on all pages that do not say others.
    """

    name: str
    title: str = field(metadata=HAS_TEXT)
    about: str = field(metadata=HAS_TEXT)
    setup: Setup = field(metadata=HAS_TABLE)
    pages: tuple[Page, ...] = field(metadata=HAS_LIST)
    fixed: tuple[str, ...] = field(default=(), metadata=HAS_LIST)

    @property
    def questions(self) -> dict[str, Question]:
        """All questions by their ids, in their order."""
        return {question.id: question for page in self.pages for question in page.questions}

    def page_of(self, question: str) -> Page:
        """Return the page on which a question stands."""
        return next(page for page in self.pages if any(one.id == question for one in page.questions))

    def fixed_on(self, page: int) -> tuple[str, ...]:
        """Return the settings that stay as they are on a page."""
        own = self.pages[page].fixed
        return self.fixed if own is None else own

    def to_json(self) -> dict[str, Any]:
        """Return what a page of the browser shows, without how answers are computed."""
        return {
            "name": self.name,
            "title": self.title,
            "about": self.about,
            "pages": [
                {
                    "title": page.title,
                    "text_html": to_html(page.text),
                    "fixed": list(self.fixed_on(i)),
                    "task": None if page.task is None else _task_to_json(page.task),
                    "questions": [
                        {
                            "id": question.id,
                            "text": question.text,
                            "text_html": to_html(question.text),
                            "kind": question.kind,
                            "unit": question.unit,
                            "choices": [choice.text for choice in question.choices],
                        }
                        for question in page.questions
                    ],
                }
                for i, page in enumerate(self.pages)
            ],
        }


def _task_to_json(task: Task) -> Mapping[str, object]:
    return {"text_html": to_html(task.text), "settings": task.settings, "epochs": task.epochs}


def to_html(text: str) -> str:
    r"""Return a lesson's text as HTML: paragraphs, ``*words to stress*``, `` `code` `` and no other markup.

    Examples
    --------
    >>> to_html("Set `lr` to 1 < 2.\n\nThen *wait*.")
    '<p>Set <code>lr</code> to 1 &lt; 2.</p>\n<p>Then <em>wait</em>.</p>'
    """
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", html.escape(text.strip(), quote=False)):
        pieces = paragraph.split("`")
        for i, piece in enumerate(pieces):
            is_code = i % 2 == 1 and i < len(pieces) - 1
            pieces[i] = (
                f"<code>{piece}</code>" if is_code else re.sub(r"\*(\S[^*]*)\*", r"<em>\1</em>", piece)
            )
        paragraphs.append(f"<p>{''.join(pieces)}</p>")
    return "\n".join(paragraphs)
