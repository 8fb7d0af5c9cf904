"""What is open in a studio: data, up to two runs, and the one thread that trains them. It knows no HTTP."""

import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError, UnknownNameError
from glassnet.studio.examining import Doctor
from glassnet.studio.opened import SOURCES, open_data
from glassnet.studio.parts import Opened
from glassnet.studio.points import change_points
from glassnet.studio.recorder import Moment
from glassnet.studio.run import Branching, Run, settings_refused
from glassnet.studio.settings import FIT_SETTINGS, changed, choices, first_model, split
from glassnet.studio.teaching import Teaching

Result = TypeVar("Result")

MOST_KEPT = 128
FASTEST = 1_000.0
"""Steps a second from which a speed is as fast as can be."""


class Session:
    """Hold what is open, and train it in a thread of its own.

    Parameters
    ----------
    data : Opened
    model : object, optional
        With the parameters to begin with; usual ones unless given.
    fit_settings : mapping of str to object, optional
        Arguments of its `fit`.
    theta : ndarray, optional
        Weights and biases to begin with, in place of drawn ones.
    teaching : Teaching, optional
        The lesson that is open.

    Attributes
    ----------
    data : Opened
    runs : dict of str to Run
        "a", and "b" where there is a branch; none where there is nothing to learn from.
    sample : int or None
        The training sample that views look at; None for the first of the batch.
    within : int
        Which sample of the batch that is.
    version : int
        Grows whenever anything changes.
    looking : Lock
        Held by whoever computes a view: views share arrays to work in.
    """

    def __init__(
        self,
        data: Opened,
        model: Any = None,
        fit_settings: Mapping[str, Any] | None = None,
        theta: Array | None = None,
        teaching: Teaching | None = None,
    ) -> None:
        self.data = data
        self.runs = _first_runs(data, model, fit_settings, theta)
        self.sample: int | None = None
        self.within = 0
        self.version = 1
        self.teaching = teaching
        self.is_closed = False
        self._closing = threading.Lock()
        self.looking = threading.Lock()
        self.opened = 1
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self.doctor = Doctor()
        self._asked: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._drive, name="glassnet-studio", daemon=True)
        self._thread.start()

    # -- the thread -------------------------------------------------------------------------------------

    def call(self, function: Callable[[], Result]) -> Result:
        """Let the thread that trains do something between two steps, and return what it returns."""
        future: Future[Result] = Future()
        with self._closing:
            if self.is_closed:
                raise InvalidParameterError("the studio is closed.")
            self._asked.put((function, future))
        for run in list(self.runs.values()):
            run.recorder.pause()
        return future.result()

    def close(self) -> None:
        """End the thread, and whatever examines."""
        with self._closing:  # whatever was asked before is still answered
            self.is_closed = True
            self._asked.put(None)
        self.doctor.close()
        for run in list(self.runs.values()):
            run.recorder.pause()
        self._thread.join()

    def _drive(self) -> None:
        while True:
            waits = [wait for run in self.runs.values() if (wait := run.wait()) is not None]
            try:
                asked = self._asked.get(block=not waits or min(waits) > 0, timeout=min(waits, default=None))
            except queue.Empty:
                self._work()
                continue
            if asked is None:
                return
            function, future = asked
            try:
                future.set_result(function())
            except BaseException as error:  # whoever asked gets it
                future.set_exception(error)

    def _work(self) -> None:
        """Play the runs for a moment; one that fails pauses."""
        for run in list(self.runs.values()):
            if run.wait() == 0.0:
                run.work()
                self.within = 0
                run.publish()
        self.version += 1

    # -- what pages ask ---------------------------------------------------------------------------------

    def describe(self) -> dict[str, Any]:
        """Return all that a page needs to begin."""
        given = [choices(run.model) for run in self.runs.values()][:1]
        return {
            "data": self.data.describe(),
            "runs": [run.describe() for run in self.runs.values()],
            "lesson": None if self.teaching is None else self.teaching.describe(),
            "opened": self.opened,
            "choices": {**(given[0] if given else {}), "data": list(SOURCES)},
            "sample": self.sample,
            "within": self.within,
            "version": self.version,
        }

    def frame(self) -> dict[str, Any]:
        """Return what pages are told ten times a second."""
        return {
            "version": self.version,
            "runs": [run.frame for run in list(self.runs.values())],
            "sample": self.sample,
            "within": self.within,
            "opened": self.opened,
            "findings": self.doctor.n_findings,
        }

    @property
    def is_at_full_speed(self) -> bool:
        """Whether any run makes new steps as fast as it can."""
        return any(run.playing and run.speed is None for run in list(self.runs.values()))

    def run(self, name: str | None) -> Run:
        """Return a run by its name, "a" unless given."""
        return lookup(self.runs, "a" if name is None else name, "run")

    def keep(self, key: str, make: Callable[[], Result]) -> Result:
        """Return what was made of a key before, or make it; the oldest is forgotten."""
        if key not in self._kept:
            self._kept[key] = make()
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return cast(Result, self._kept[key])

    def moment(self, run: Run, step: int | None = None) -> Moment:
        """Return a step of a run, made again where it was not kept."""
        step = run.shown if step is None else step
        kept = run.kept_moment(step)
        return self.call(lambda: run.moment(step)) if kept is None else kept

    # -- commands ---------------------------------------------------------------------------------------

    def command(self, message: Mapping[str, Any]) -> None:
        """Do what a page says: ``{"do": NAME, ...}``.

        Raises
        ------
        UnknownNameError, InvalidParameterError, InvalidDataError
            When it cannot be done; then nothing has changed.
        """
        name = message.get("do")
        if not isinstance(name, str):
            raise InvalidParameterError(
                f"got the command {quoted(name)}; expected one of {', '.join(COMMANDS)}."
            )
        action = lookup(COMMANDS, name, "command")
        if self.teaching is not None:
            self.teaching.check(message, self)

        def act() -> None:
            try:
                action(self, message)
            finally:
                for run in self.runs.values():
                    run.publish()
                self.version += 1

        self.call(act)

    def _chosen(self, message: Mapping[str, Any]) -> list[Run]:
        """Return the run that a command names, or all."""
        name = message.get("run")
        return list(self.runs.values()) if name is None else [self.run(name)]

    def _play(self, message: Mapping[str, Any]) -> None:
        speed = message.get("speed")
        if speed is not None and (not isinstance(speed, int | float) or not speed > 0):
            raise InvalidParameterError(f"got speed={quoted(speed)}; expected steps a second, or null.")
        for run in self._chosen(message):
            run.play(None if speed is None or speed >= FASTEST else float(speed))

    def _pause(self, message: Mapping[str, Any]) -> None:
        for run in self._chosen(message):
            run.pause()

    def _step(self, message: Mapping[str, Any]) -> None:
        unit = message.get("unit", "batch")
        if unit not in ("sample", "batch", "epoch"):
            raise InvalidParameterError(f"got unit={quoted(unit)}; expected 'sample', 'batch' or 'epoch'.")
        runs = self._chosen(message)
        for run in runs:
            run.pause()
        if unit == "sample":
            rows = runs[0].moment().rows
            self.within += 1
            if self.within < len(rows):
                self.sample = int(rows[self.within])
                return
        self.within, self.sample = 0, None
        for run in runs:
            if unit == "epoch":
                run.advance_epoch()
            else:
                run.advance(1)

    def _seek(self, message: Mapping[str, Any]) -> None:
        step = _whole(message, "step")
        self.within, self.sample = 0, None
        for run in self._chosen(message):
            run.pause()
            run.seek(step)

    def _branch(self, message: Mapping[str, Any]) -> None:
        parent = self.run(message.get("run"))
        step, changes = _whole(message, "step", parent.shown), dict(message.get("changes") or {})
        if not 0 <= step <= parent.recorder.newest:
            raise InvalidParameterError(f"got step={step}; expected 0 to {parent.recorder.newest}.")
        model, fit_settings = changed(parent.model, parent.fit_settings, changes)
        parameters, fit_changes = split(changes)
        if step == 0:
            made = Run("b", self.data, model, fit_settings, None, Branching(parent.id, step, changes))
        elif fit_changes:
            raise InvalidParameterError(
                f"got a change of {next(iter(fit_changes))!r} at step {step}; expected it at step 0."
            )
        else:
            with settings_refused():
                recorder = parent.recorder.branch(step, **parameters)
            made = Run("b", self.data, model, fit_settings, recorder, Branching(parent.id, step, changes))
        self.runs = {"a": self.runs["a"], "b": made}
        self.opened += 1

    def _drop(self, message: Mapping[str, Any]) -> None:
        self.runs = {"a": self.runs["a"]}
        self.opened += 1

    def _restart(self, message: Mapping[str, Any]) -> None:
        run = self.runs["a"]
        self._begin(self.data, *changed(run.model, run.fit_settings, message.get("settings") or {}))

    def _data(self, message: Mapping[str, Any]) -> None:
        name = message.get("name")
        if name not in SOURCES:  # a page opens no file
            raise UnknownNameError(f"unknown data set {quoted(name)}. Known: {', '.join(SOURCES)}.")
        data = open_data(name)
        self._begin(data, None, None)

    def open(
        self,
        data: Opened,
        model: Any = None,
        fit_settings: Mapping[str, Any] | None = None,
        theta: Array | None = None,
    ) -> None:
        """Open other data, with a new run; `theta` are its first weights, where they are not drawn."""
        self.call(lambda: self._opened(data, model, fit_settings, theta))

    def _opened(
        self, data: Opened, model: Any, fit_settings: Mapping[str, Any] | None, theta: Array | None
    ) -> None:
        self._begin(data, model, fit_settings, theta)
        for run in self.runs.values():
            run.publish()
        self.version += 1

    def _begin(
        self, data: Opened, model: Any, fit_settings: Mapping[str, Any] | None, theta: Array | None = None
    ) -> None:
        """Open data with a new run; what was open stays where that fails."""
        self.runs = _first_runs(data, model, fit_settings, theta)
        self.data = data
        self.sample, self.within = None, 0
        self.opened += 1
        self._kept.clear()

    def _sample(self, message: Mapping[str, Any]) -> None:
        index = message.get("index")
        n = len(self.data.train) + len(self.data.validation)
        if index is not None and not (isinstance(index, int) and 0 <= index < n):
            raise InvalidParameterError(f"got index={quoted(index)}; expected 0 to {n - 1}, or null.")
        self.sample, self.within = index, 0

    def _points(self, message: Mapping[str, Any]) -> None:
        data = change_points(self.data, message)
        for run in self.runs.values():
            run.change_data(data)
        self.data = data
        self._kept.clear()
        if self.sample is not None and self.sample >= len(data.train) + len(data.validation):
            self.sample = None


def _first_runs(
    data: Opened, model: Any, fit_settings: Mapping[str, Any] | None, theta: Array | None
) -> dict[str, Run]:
    """Return the run that data are opened with."""
    if data.kind == "nothing":
        return {}
    model = first_model(data) if model is None else model
    return {"a": Run("a", data, model, {**FIT_SETTINGS, **(fit_settings or {})}, theta=theta)}


def _whole(message: Mapping[str, Any], name: str, otherwise: int | None = None) -> int:
    value = message.get(name, otherwise)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidParameterError(f"got {name}={quoted(value)}; expected a whole number.")
    return value


COMMANDS: dict[str, Callable[[Session, Mapping[str, Any]], None]] = {
    name: getattr(Session, f"_{name}")
    for name in ("play", "pause", "step", "seek", "branch", "drop", "restart", "data", "points", "sample")
}
"""What a page can say."""
