"""A lesson in a session: what it keeps as it is, and the runs in which its answers are measured."""

from collections.abc import Mapping
from typing import Any, Protocol

from glassnet._common.quoting import listed
from glassnet.classroom.language import LANGUAGES, Language
from glassnet.classroom.template import ENGLISH
from glassnet.errors import InvalidParameterError
from glassnet.nn.history import EpochRecord
from glassnet.studio.answers import Progress, Verdict
from glassnet.studio.lessons import Lesson
from glassnet.studio.measures import Bench
from glassnet.studio.recorder import Moment
from glassnet.studio.run import Run

CHANGES = {"branch": "changes", "restart": "settings"}
"""The commands that change settings, and where these stand in them."""
OTHER_DATA = ("data", "points", "upload")
"""The commands that change data."""


class Open(Protocol):
    """Describe what a lesson asks of a session."""

    runs: dict[str, Run]

    def moment(self, run: Run, step: int | None = None) -> Moment:
        """Return a step of a run."""


class Teaching:
    """Hold a lesson that is open in a session.

    Parameters
    ----------
    lesson : Lesson
    language : Language
        Of what stands on its buttons.

    Attributes
    ----------
    progress : Progress
        How far the person has come.
    """

    def __init__(self, lesson: Lesson, language: Language = LANGUAGES[ENGLISH]) -> None:
        self.progress = Progress(lesson)
        self.language = language
        self._trained: dict[str, dict[Any, EpochRecord | None]] = {}

    def describe(self) -> dict[str, Any]:
        """Return what a session says of its lesson."""
        lesson = self.progress.lesson
        return {"name": lesson.name, "title": lesson.title}

    def to_json(self) -> dict[str, Any]:
        """Return the lesson and how far it has come, as plain values."""
        return {**self.progress.to_json(), "words": self.language.lesson}

    def check(self, message: Mapping[str, Any], session: Open) -> None:
        """Refuse a command that changes what the page of the lesson keeps as it is.

        Raises
        ------
        InvalidParameterError
        """
        name = message.get("do")
        if name in OTHER_DATA:
            raise InvalidParameterError(
                "the lesson keeps its data; start a studio without --lesson for others."
            )
        asked = message.get(CHANGES.get(str(name), ""))
        if not isinstance(asked, Mapping):
            return
        fixed = self.progress.lesson.fixed_on(self.progress.page)
        run = session.runs.get(str(message.get("run", "a")), session.runs["a"])
        settings = run.describe()["settings"]
        changed = [key for key in fixed if key in asked and asked[key] != settings.get(key)]
        if changed:
            raise InvalidParameterError(
                f"this page of the lesson keeps {listed(changed)} as it is; change what it asks you to."
            )

    def answer(self, question: str, value: Any, session: Open) -> Verdict:
        """Judge an answer in the runs that are open; see `Progress.answer`."""
        return self.progress.answer(question, value, self.benches(session))

    def benches(self, session: Open) -> list[Bench]:
        """Return the runs of a session, to be measured."""
        return [self._bench(run, session) for run in list(session.runs.values())]

    def _bench(self, run: Run, session: Open) -> Bench:
        train, validation = run.data.train, run.data.validation
        has_any = len(validation) > 0
        return Bench(
            run.model,
            train.X,
            train.y,
            validation.X if has_any else None,
            validation.y if has_any else None,
            theta_at=lambda step: session.moment(run, step).theta,
            newest=run.recorder.newest,
            records=list(run.recorder.history.records),
            trained=self._trained.setdefault(repr(sorted(run.model.get_params(deep=False).items())), {}),
        )
