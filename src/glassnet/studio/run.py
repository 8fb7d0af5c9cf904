"""One run of a studio: a recorder, where it is looked at, and how fast it plays."""

import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from glassnet._common.arrays import Array
from glassnet.errors import GlassnetError, InvalidParameterError
from glassnet.models.beginning import copy_with
from glassnet.models.neural_network import NeuralNetwork
from glassnet.nn.architecture import Architecture
from glassnet.nn.history import History
from glassnet.studio.parts import Opened
from glassnet.studio.recorder import Moment, Recorder
from glassnet.studio.settings import FIT_SETTINGS, settings_of

SLICE = 0.03
"""Seconds of training between two looks at what is asked meanwhile."""
KEPT_MOMENTS = 4
REPLAYED_IN = 10.0
"""Seconds in which a recorded training is shown again at full speed."""

_KEYS = count(1)


@dataclass(frozen=True)
class Branching:
    """Say what a run is a branch of."""

    run: str
    step: int
    changes: dict[str, Any]


class Run:
    """Hold a recorder, the step that is shown, and how fast it plays. One thread changes it.

    Parameters
    ----------
    id : str
    data : Opened
    model : object
        With its parameters, not trained.
    fit_settings : mapping of str to object
        Arguments of its `fit`.
    recorder : Recorder, optional
        One that goes on from another; a new one unless given.
    branching : Branching, optional
    theta : ndarray, optional
        Weights and biases to begin with, in place of drawn ones.

    Attributes
    ----------
    key : int
        No other run has it, however often a name is used again.
    """

    def __init__(
        self,
        id: str,
        data: Opened,
        model: Any,
        fit_settings: Mapping[str, Any],
        recorder: Recorder | None = None,
        branching: Branching | None = None,
        theta: Array | None = None,
    ) -> None:
        self.id, self.data, self.model, self.fit_settings = id, data, model, dict(fit_settings)
        self.recorder = recorder or make_recorder(data, model, fit_settings, theta)
        self.branching = branching
        self.key = next(_KEYS)
        self.shown = self.recorder.newest
        self.playing = False
        self.speed: float | None = None
        self._due = 0.0
        self._steps_a_slice = 1
        self._moments: OrderedDict[int, Moment] = OrderedDict()
        self.frame: dict[str, Any] = {}
        self.publish()

    @property
    def architecture(self) -> Architecture:
        """The network's."""
        architecture: Architecture = self.recorder.model.architecture_
        return architecture

    # -- playing ----------------------------------------------------------------------------------------

    def play(self, speed: float | None) -> None:
        """Go on, so many steps a second; None is as fast as can be."""
        self.playing, self.speed = not self._is_at_end, speed
        self._due = time.monotonic()

    def pause(self) -> None:
        """Stop after the step that is being made."""
        self.playing = False

    def seek(self, step: int) -> None:
        """Show the nearest step that there is."""
        self.shown = min(max(step, 0), self.recorder.newest)

    def advance(self, n: int) -> None:
        """Show so many steps later; steps that were not made yet are made."""
        goal, recorder = self.shown + n, self.recorder
        while recorder.newest < goal and recorder.stop is None:  # who asks meanwhile lets it pause
            recorder.step(goal - recorder.newest)
        self.seek(goal)
        self.playing = self.playing and not self._is_at_end

    def advance_epoch(self) -> None:
        """Show the end of the epoch that is shown, or of the next where one has just ended."""
        if self.shown < self.recorder.newest:
            per_epoch = self.recorder.steps_per_epoch
            self.seek((self.shown // per_epoch + 1) * per_epoch)
        else:
            self.recorder.epoch()
            self.shown = self.recorder.newest

    def wait(self) -> float | None:
        """Return in how many seconds there is something to do; None where nothing is."""
        if not self.playing:
            return None
        return 0.0 if self.speed is None else max(0.0, self._due - time.monotonic())

    def work(self) -> None:
        """Play for a moment."""
        behind = self.recorder.newest - self.shown
        if self.speed is not None:
            self._due = max(self._due + 1 / self.speed, time.monotonic() - 0.1)
            self.advance(1)
        elif behind:
            self.advance(min(behind, max(1, round(self.recorder.newest * SLICE / REPLAYED_IN))))
            time.sleep(SLICE)
        else:
            began, before = time.perf_counter(), self.recorder.newest
            self.recorder.step(self._steps_a_slice)
            self.shown = self.recorder.newest
            self.playing = self.recorder.stop is None
            made, seconds = self.recorder.newest - before, time.perf_counter() - began
            if made:
                self._steps_a_slice = max(1, min(round(made * SLICE / seconds), 2 * self._steps_a_slice))

    @property
    def _is_at_end(self) -> bool:
        return self.recorder.stop is not None and self.shown == self.recorder.newest

    # -- looking ----------------------------------------------------------------------------------------

    def moment(self, step: int | None = None) -> Moment:
        """Return a step of it, the shown one unless given; the last few are kept."""
        step = self.shown if step is None else step
        if step not in self._moments:
            self._moments[step] = self.recorder.at(step)
            if len(self._moments) > KEPT_MOMENTS:
                self._moments.popitem(last=False)
        self._moments.move_to_end(step)
        return self._moments[step]

    def kept_moment(self, step: int) -> Moment | None:
        """Return a step that is kept; any thread may ask."""
        return self._moments.get(step)

    def model_of(self, moment: Moment) -> Any:
        """Return a copy of the model as it was at a moment."""
        recorder = self.recorder
        history = History(list(recorder.history.records[: moment.n_records]))
        if recorder.stop is not None and moment.step == recorder.newest:
            history.end(recorder.stop)
        return copy_with(recorder.model, moment.theta, history)

    def change_data(self, data: Opened) -> None:
        """Go on with other data, from the weights there are."""
        self.recorder = self.recorder.with_data(data.train.X, data.train.y, **validation_of(data))
        self.data, self.shown = data, self.recorder.newest
        self._moments.clear()

    def publish(self) -> None:
        """Make what pages are told; other threads read `frame`."""
        recorder, branching = self.recorder, self.branching
        architecture, stop = self.architecture, recorder.stop
        self.frame = {
            "id": self.id,
            "sizes": list(architecture.sizes),
            "activations": [activation.name for activation in architecture.activations],
            "output": architecture.head.output,
            "loss": architecture.head.name,
            "n_parameters": int(recorder.training.parameters.theta.size),
            "batch_size": recorder.training.batch_size,
            "steps_per_epoch": recorder.steps_per_epoch,
            "max_epochs": recorder.max_epochs,
            "branched_from": None if branching is None else vars(branching),
            "step": self.shown,
            "newest": recorder.newest,
            "epoch": self.shown / recorder.steps_per_epoch,
            "playing": self.playing,
            "speed": self.speed,
            "stop": None if stop is None else {"kind": stop.kind.value, "text": stop.reason},
            "records": len(recorder.history),
            "batch_loss": recorder.losses.last,
            "memory": recorder.nbytes,
        }

    def describe(self) -> dict[str, Any]:
        """Return what pages are told, with the settings."""
        return self.frame | {"settings": settings_of(self.model, self.fit_settings)}


def make_recorder(
    data: Opened, model: Any, fit_settings: Mapping[str, Any], theta: Array | None = None
) -> Recorder:
    """Return the recorder of a model's training on some data, judged by their validation part.

    Raises
    ------
    InvalidParameterError
        When the model refuses its settings.
    """
    own = fit_parameters_of(model, fit_settings)
    with settings_refused():
        return Recorder(model, data.train.X, data.train.y, theta=theta, **validation_of(data), **own)


@contextmanager
def settings_refused() -> Iterator[None]:
    """Say as an error of ours what an estimator says as scikit-learn's do: a ValueError of a parameter."""
    try:
        yield
    except GlassnetError:
        raise
    except ValueError as error:
        raise InvalidParameterError(str(error)) from error


def validation_of(data: Opened) -> dict[str, Any]:
    """Return the validation part as arguments of `fit`."""
    part = data.validation
    return {"X_val": part.X, "y_val": part.y} if len(part) else {}


def fit_parameters_of(model: Any, fit_settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a model's `fit` beside the data."""
    if not isinstance(model, NeuralNetwork):
        return {}
    return {**FIT_SETTINGS, **fit_settings, "restore_best": False}
