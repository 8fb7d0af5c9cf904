"""An exercise as a lesson: each line is a question, `Practice` judges and hints, its network is open beside.

Where no model of the studio trains such a network just so, or there is none, the lesson stands alone.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import groupby
from typing import Any

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet.classroom.practice import Practice, Tally, Verdict as Judged, add_progress
from glassnet.classroom.sheets.content import Sheet
from glassnet.classroom.sheets.plain import state
from glassnet.classroom.task import Question as Asked
from glassnet.errors import InvalidParameterError
from glassnet.models.regressor import MLPRegressor
from glassnet.models.view import view_of
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.studio.answers import Progress, Verdict
from glassnet.studio.lessons import Choice, Lesson, Page, Question, Setup
from glassnet.studio.opening import open_lesson
from glassnet.studio.parts import Opened, no_data
from glassnet.studio.session import Session
from glassnet.studio.settings import ESTIMATOR_SETTINGS
from glassnet.studio.teaching import CHANGES, OTHER_DATA, Open, Teaching


class Practising(Teaching):
    """Hold the exercise that somebody works out, beside its network where that is open.

    Parameters
    ----------
    practice : Practice
    draw : callable
        ``draw()`` returns another one, for who asks for another problem.
    """

    def __init__(self, practice: Practice, draw: Callable[[], Practice]) -> None:
        super().__init__(lesson_of(practice), practice.sheet.language)
        self._draw = draw
        self._counting = threading.Lock()
        self._begin(practice)

    def _begin(self, practice: Practice) -> None:
        self.practice = practice
        self._asked = dict(zip(self.progress.lesson.questions, practice.questions, strict=True))
        self._hinted: dict[str, list[str]] = {}
        self._missed: set[str] = set()

    def check(self, message: Mapping[str, Any], session: Open) -> None:
        """Refuse a command that changes the network or its data, and any where there is none.

        Raises
        ------
        InvalidParameterError
        """
        if not session.runs:
            raise InvalidParameterError("this exercise has no network that could be trained or looked into.")
        if message.get("do") in (*CHANGES, *OTHER_DATA):
            raise InvalidParameterError(
                "the exercise keeps its network and data; go back by the steps, or take another problem."
            )

    def answer(self, question: str, value: Any, session: Open) -> Verdict:
        """Judge a line, and keep what came of it; see `Practice.answer`."""
        asked, words = lookup(self._asked, question, "question"), self.practice.sheet.language.practice
        with self._counting:
            reply = self.practice.answer(asked, str(value))
            if reply.verdict == Judged.UNREADABLE:
                return Verdict(False, self._unreadable(asked), counts=False)
            if reply.verdict == Judged.WRONG:
                self._missed.add(question)
                return Verdict(
                    False, words["cause"].format(cause=reply.cause) if reply.cause else words["wrong"]
                )
            if question not in self.progress.done:
                self.progress.done[question] = str(value)
                at_once = question not in self._missed and question not in self._hinted
                problems = int(self.progress.is_passed)
                self._keep(Tally(problems, lines=1, first_try=int(at_once)))
        return Verdict(True, words["right"])

    def _unreadable(self, asked: Asked) -> str:
        language = self.practice.sheet.language
        shown = ", ".join(map(language.choice, asked.choices))
        return language.practice["no_choice" if shown else "no_number"].format(choices=shown)

    def hint(self, question: str) -> list[str]:
        """Return the hints to a question so far, and one more; it counts until the answer is right."""
        hints = self.practice.hints(lookup(self._asked, question, "question"))
        with self._counting:
            shown = self._hinted.setdefault(question, [])
            if len(shown) < len(hints):
                shown.append(hints[len(shown)])
                if question not in self.progress.done:
                    self._keep(Tally(hints=1))
            return list(shown)

    def another(self, session: Session) -> None:
        """Open another problem of the same kind."""
        practice = self._draw()
        with self._counting:
            data, model, theta = open_practice(practice)
            session.open(data, model, theta=theta)
            self.progress = Progress(lesson_of(practice))
            self._begin(practice)

    def _keep(self, tally: Tally) -> None:
        add_progress(self.practice.sheet.template.name, tally)

    def to_json(self) -> dict[str, Any]:
        """Return the exercise as a lesson, with the hints that were shown."""
        return {**super().to_json(), "hints": {name: list(hints) for name, hints in self._hinted.items()}}


def lesson_of(practice: Practice) -> Lesson:
    """Return an exercise as a lesson, a page for each part of a step."""
    sheet, pages = practice.sheet, []
    given = _statement(practice)
    several = len({question.quantity.step for question in practice.questions}) > 1
    for (step, part), questions in groupby(practice.questions, key=lambda q: (q.quantity.step, q.part)):
        title = f"{sheet.language.say('step', step=step)}, " if several else ""
        asked = tuple(_question(sheet, one) for one in questions)
        pages.append(Page(f"{title}{sheet.language.parts[part]}", given, questions=asked))
    return Lesson(
        name=sheet.template.name,
        title=sheet.title,
        about=sheet.title,
        setup=_setup(practice),
        pages=tuple(pages),
        fixed=ESTIMATOR_SETTINGS,
    )


def _question(sheet: Sheet, asked: Asked) -> Question:
    id = f"{asked.quantity.step}:{asked.label}"
    if not asked.choices:
        return Question(id, f"`{asked.label}`")
    choices = tuple(Choice(sheet.language.choice(choice)) for choice in asked.choices)
    return Question(id, sheet.ask(asked), choices=choices)


def _statement(practice: Practice) -> str:
    """Return what is given as a lesson's text: what the terminal indents is a number or a formula."""
    _, _, *lines = state(practice.sheet)  # the title stands above
    return "\n\n".join(f"`{line.strip()}`" if line.startswith(" ") else line.strip() for line in lines)


def open_practice(practice: Practice) -> tuple[Opened, Any, Array | None]:
    """Return the data of an exercise, the model that is trained on them, and its first weights.

    Where there is no network in it, or one that no model of the studio trains just so, there is nothing to
    learn from, and no model. Such are those with several outputs, or classes: of the few samples of an
    exercise a classifier does not learn how many classes there are.
    """
    problem = practice.task.problem
    if problem is None or problem.architecture.sizes[-1] != 1:
        return no_data(practice.sheet.template.name), None, None
    data, model = open_lesson(lesson_of(practice))
    made = view_of(type(model)(**model.get_params(deep=False)).initialize(data.train.X, data.train.y))
    if (made.architecture, made.optimizer, made.learning_rate, made.alpha, made.frozen) != (
        *(problem.architecture, problem.optimizer, problem.learning_rate, problem.alpha, problem.frozen),
    ):
        return no_data(practice.sheet.template.name), None, None
    X, y, theta = data.train.X.tolist(), data.train.y.tolist(), problem.theta.tolist()
    return replace(data, code=_CODE.format(X=X, y=y, theta=theta)), model, problem.theta.copy()


_CODE = """import numpy as np

X, y = np.array({X}), np.array({y})
theta = np.array({theta})  # the first weights and biases"""


def _setup(practice: Practice) -> Setup:
    """Return the problem as samples and the settings of an `MLPRegressor`; without a problem it is empty."""
    problem = practice.task.problem
    if problem is None:
        return Setup({})
    names = [activation.name for activation in problem.architecture.activations]
    optimizer, n_batches = problem.optimizer, -(-len(problem.X) // problem.batch_size)
    settings = {
        "hidden_layer_sizes": list(problem.architecture.sizes[1:-1]),
        "activation": names[0] if len(set(names)) == 1 else names or "relu",
        "solver": next((key for key, one in OPTIMIZERS.items() if type(one) is type(optimizer)), "sgd"),
        **_fields_of(optimizer),
        "learning_rate_init": problem.learning_rate,
        "batch_size": problem.batch_size,
        "alpha": problem.alpha,
        "max_iter": -(-problem.n_steps // n_batches),
        "shuffle": False,
        "random_state": 0,
        "dtype": "float64",
    }
    return Setup(settings, MLPRegressor.__name__, x=problem.X.tolist(), y=problem.y.ravel().tolist())


def _fields_of(optimizer: Any) -> dict[str, Any]:
    """Return the parameters of an `MLPRegressor` that set the fields of an optimiser."""
    known = MLPRegressor().get_params(deep=False)
    own = fields(optimizer) if is_dataclass(optimizer) else ()
    called = {field.name: {"nesterov": "nesterovs_momentum"}.get(field.name, field.name) for field in own}
    return {called[name]: getattr(optimizer, name) for name in called if called[name] in known}
