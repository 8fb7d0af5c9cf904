"""A training that can be stopped, gone back in, and branched: its numbers are those of `fit`."""

import copy
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import repeat
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.data.streams import Stream
from glassnet.errors import DivergedError, InvalidParameterError, StreamAsArrayError
from glassnet.models.beginning import Begun, copy_with
from glassnet.models.validation import check_count
from glassnet.nn.choosing import choose_threads
from glassnet.nn.history import EpochRecord, History, Stop, StopKind
from glassnet.nn.threads import limited_to
from glassnet.nn.training import Position, Step, Training, Watch, prepare, stop_after_all, stop_diverged, walk
from glassnet.studio._checkpoint import Checkpoint
from glassnet.studio._series import Series

EVERY = 100
MAX_BYTES = 256 * 2**20
MAX_CHECKPOINTS = 8_192

FROM_THE_START = ("weight_init", "random_state", "N", "A", "hidden_layer_sizes", "dtype", "loss")
"""Parameters whose change means other weights: a branch with one of them begins at step 0."""


@dataclass(frozen=True)
class Moment:
    """Show a training between two steps.

    Attributes
    ----------
    step : int
        How many steps were made.
    epoch : float
        How many epochs, parts included.
    theta : ndarray of shape (n_parameters,)
        Weights and biases; a copy.
    rows : ndarray of int
        The samples of the next step, as indices into the training samples.
    learning_rate : float
        That of the next step, without the factor of a course.
    optimizer_memory : dict of str to ndarray
        What the optimiser remembers; copies.
    updates : int
        How many updates the optimiser has made.
    steps_done : int
        How many steps of a course were begun.
    n_records : int
        How many epochs were recorded.
    """

    step: int
    epoch: float
    theta: Array
    rows: NDArray[np.intp]
    learning_rate: float
    optimizer_memory: dict[str, Array]
    updates: int
    steps_done: int
    n_records: int


class Recorder:
    """A training of a model that can be stopped, gone back in, and branched.

    The numbers are those of ``model.fit(X, y, ...)``, bit for bit, however the training is stopped, looked at
    and gone on with. The model itself is left as it is; a copy is trained.

    Parameters
    ----------
    model : NeuralNetwork, MLPClassifier, MLPRegressor or MLPAutoencoder
        With the parameters to train with. Where `random_state` is None, a seed is drawn.
    X, y : array-like
        As for its `fit`, all in memory.
    every : int
        A checkpoint is kept after so many steps. When memory is full, every second one is dropped, and
        `every` doubled.
    max_bytes : int
        Memory for checkpoints.
    theta : ndarray of shape (n_parameters,), optional
        Weights and biases to begin with, in place of those that are drawn.
    **fit_parameters : object
        More arguments of `fit`, such as ``X_val``, ``y_val`` and ``early_stopping``.

    Attributes
    ----------
    model : object
        The copy that is trained, with the newest weights.
    newest : int
        How many steps were made.
    history : History
    stop : Stop or None
        Why training has ended, once it has.
    error : DivergedError or None
        What `fit` would raise, where training has diverged.
    losses : Series
        The loss of batches, by the number of the step.

    Raises
    ------
    InvalidParameterError, InvalidDataError
        As by its `fit`; when the model is trained with L-BFGS, which has no steps.

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> X, y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]], ["odd", "odd", "even", "even"]
    >>> network = NeuralNetwork(N=1, A=[4], lr=0.5, epochs=50, batch_size=2, random_state=0)
    >>> recorder = Recorder(network, X, y, early_stopping=False)
    >>> recorder.step(30)
    >>> recorder.newest, len(recorder.history)
    (30, 15)
    >>> slower = recorder.branch(10, lr=0.1)
    >>> slower.step(20)
    >>> bool((slower.at(10).theta == recorder.at(10).theta).all())
    True
    """

    def __init__(
        self,
        model: Any,
        X: Any,
        y: Any = None,
        *,
        every: int = EVERY,
        max_bytes: int = MAX_BYTES,
        theta: Array | None = None,
        **fit_parameters: Any,
    ) -> None:
        if any(isinstance(given, Stream) for given in (X, *fit_parameters.values())):
            raise StreamAsArrayError(
                "got a Stream; expected arrays: to go back, a training needs them in memory."
            )
        self.every, self.max_bytes = check_count("every", every), check_count("max_bytes", max_bytes)
        self._data = (X, y)
        self._fit_parameters = fit_parameters
        self._pristine = _with_seed(model)
        self._begun: Begun = copy.deepcopy(self._pristine).begin(X, y, **fit_parameters)
        begun = self._begun
        begun.samples, begun.validation = prepare(
            begun.training, begun.samples, begun.validation, begun.max_epochs
        )
        self._theta = theta
        if theta is not None:
            _begin_with(begun.training, theta)
        self.model = begun.model
        self.n_samples = begun.n_samples
        self.newest = 0
        self.stop: Stop | None = None
        self.error: DivergedError | None = None
        self.losses = Series()
        self._first_rate = begun.training.learning_rate
        self._position = Position()
        self._goal, self._paused = 0, False
        self._parent: Recorder | None = None
        self._changes: dict[str, Any] = {}
        self._begin_here()

    # -- going on ---------------------------------------------------------------------------------------

    def step(self, n: int = 1) -> None:
        """Make so many steps more, or those that are left; at the end of an epoch it is evaluated."""
        self._go(self.newest + check_count("n", n))

    def epoch(self, n: int = 1) -> None:
        """Go on to the end of the epoch, and of so many in all."""
        wanted = len(self.history) + check_count("n", n)
        while self.stop is None and len(self.history) < wanted:
            self._go(self.newest + self.steps_left)

    def run(self, go_on: Callable[[], bool] = lambda: True) -> None:
        """Go on to the end of the training.

        Parameters
        ----------
        go_on : callable
            Asked at every checkpoint, and at the end of an epoch; training pauses when it returns False.
        """
        while self.stop is None and go_on():
            self._go(self.newest + self.steps_left)

    def pause(self) -> None:
        """Let a `step` or `run` in another thread return after the step that it is making."""
        self._paused = True

    @property
    def history(self) -> History:
        """The records of all epochs so far."""
        return self._begun.history

    @property
    def training(self) -> Training:
        """The training, in the engine's terms; do not change it."""
        return self._begun.training

    @property
    def samples(self) -> Any:
        """The training samples, as the engine has them; a batch is valid until the next one is taken."""
        return self._begun.samples

    @property
    def validation(self) -> Any:
        """The validation samples, or None."""
        return self._begun.validation

    @property
    def max_epochs(self) -> int:
        """The most epochs there will be."""
        return self._begun.max_epochs

    @property
    def steps_per_epoch(self) -> int:
        """How many steps a whole epoch has."""
        return self.training.count_steps(self.n_samples)

    @property
    def steps_left(self) -> int:
        """How many steps there are to the end of the epoch; at its end, of the next one."""
        return self.training.count_steps(self.n_samples - self._position.rows)

    @property
    def nbytes(self) -> int:
        """How much memory the checkpoints take, at most."""
        return self._nbytes

    def _go(self, wanted: int) -> None:
        """Make steps until there are so many; keep checkpoints on the way."""
        self._paused = False
        with self._threads():
            while self.newest < wanted and self.stop is None and not self._paused:
                self._goal = min(wanted, (self.newest // self.every + 1) * self.every)
                self._position = self._walk(self._position, self._note_step, self._note_epoch)
                if self.newest % self.every == 0:
                    self._keep()

    def _threads(self) -> AbstractContextManager[None]:
        """Limit BLAS as `fit` does, all the time alike."""
        begun, history = self._begun, self.history
        if history.threads is None:
            history.threads = choose_threads(begun.training, begun.samples, begun.max_epochs).threads
        return limited_to(history.threads)

    def _note_step(self, step: Step) -> bool:
        self.newest += 1
        self.losses.add(self.newest, step.loss)
        return self.newest >= self._goal or self._paused

    def _note_epoch(self, record: EpochRecord) -> bool:
        begun = self._begun
        begun.history.records.append(record)
        self.stop = begun.judge(record)
        if self.stop is not None:
            begun.history.end(self.stop)
        if begun.watch is not None:
            begun.history.best_epoch = begun.watch.best_epoch
        begun.note(record)
        return self.newest >= self._goal or self._paused or self.stop is not None

    def _walk(
        self, position: Position, on_step: Callable[[Step], bool], on_epoch: Callable[[EpochRecord], bool]
    ) -> Position:
        """Train until one of them says stop; then all that belongs to the steps so far is done."""
        begun = self._begun
        walking = walk(
            begun.training,
            begun.samples,
            begun.validation,
            repeat(begun.order),
            accuracy=begun.accuracy,
            position=position,
            on_part=begun.on_part,
        )
        try:
            for each in walking:
                if isinstance(each, Step):
                    if (
                        on_step(each) and position.rows < self.n_samples
                    ):  # an epoch's last is followed by its record
                        if each.counts:
                            begun.training.update()
                        break
                elif on_epoch(each):
                    break
        except DivergedError as error:
            if self.stop is None:
                self.stop, self.error = stop_diverged(error), error
                begun.history.end(self.stop)
        finally:
            walking.close()
        return position

    # -- going back -------------------------------------------------------------------------------------

    def at(self, step: int) -> Moment:
        """Return the training as it was after so many steps; what is between two checkpoints is made again.

        Parameters
        ----------
        step : int
            From 0 to `newest`.
        """
        self._check_step(step)
        if self._parent is not None and step < self._checkpoints[0].step:
            return self._parent.at(step)
        with self._visit(step) as (position, n_records, _):
            training, state = self.training, self.training.optimizer_state
            done = position.rows / self.n_samples
            return Moment(
                step=step,
                epoch=position.epoch - 1 + done,
                theta=training.parameters.theta.copy(),
                rows=self._next_rows(position),
                learning_rate=training.learning_rate,
                optimizer_memory={name: array.copy() for name, array in state.memory.items()},
                updates=state.t,
                steps_done=training.steps_done,
                n_records=n_records,
            )

    @property
    def kept_steps(self) -> list[int]:
        """The steps of the checkpoints, at which `at` makes nothing again."""
        return [checkpoint.step for checkpoint in self._checkpoints]

    def model_at(self, step: int) -> Any:
        """Return a copy of the model with the weights that it had after so many steps."""
        moment = self.at(step)
        history = History(list(self.history.records[: moment.n_records]))
        return copy_with(self.model, moment.theta, history)

    def fitted(self) -> Any:
        """Return a copy of the model as `fit` leaves it: with the best weights, where it brings them back."""
        begun, theta = self._begun, self.training.parameters.theta
        newest = theta.copy()
        if begun.watch is not None:
            begun.watch.finish(begun.training)
        model = copy_with(self.model, theta, copy.deepcopy(self.history))
        theta[...] = newest
        return model

    def branch(self, step: int, **changes: Any) -> "Recorder":
        """Return a recorder that goes on from a step with other parameters; this one stays as it is.

        Parameters
        ----------
        step : int
        **changes : object
            Parameters of the model: ``lr=0.1``. What means other weights is for a branch from step 0.

        Raises
        ------
        UnknownNameError, InvalidParameterError
            When there is no such parameter, its value is refused, or the weights would be others.
        """
        self._check_step(step)
        if self._parent is not None and step < self._checkpoints[0].step:
            return self._parent.branch(step, **{**self._changes, **changes})
        anew = [name for name in changes if name in FROM_THE_START]
        if step and anew:
            raise InvalidParameterError(
                f"got a change of {quoted(anew[0])} at step {step}; expected it at step 0: it changes the "
                "weights that training begins with."
            )
        model = copy.deepcopy(self._pristine).set_params(**changes)
        other = Recorder(
            model,
            *self._data,
            every=self.every,
            max_bytes=self.max_bytes,
            theta=None if anew else self._theta,
            **self._fit_parameters,
        )
        other._changes = {**self._changes, **changes}
        if step:
            other._go_on_from(self, step)
        return other

    def with_data(self, X: Any, y: Any, **validation: Any) -> "Recorder":
        """Return a recorder that goes on from the newest step with other data; this one stays as it is.

        An epoch that is not done is begun again.

        Parameters
        ----------
        X, y : array-like
            Of as many features, and with the same classes.
        **validation : object
            Arguments of `fit` in place of those given: ``X_val``, ``y_val``.
        """
        other = Recorder(
            copy.deepcopy(self._pristine),
            X,
            y,
            every=self.every,
            max_bytes=self.max_bytes,
            **{**self._fit_parameters, **validation},
        )
        other._changes = dict(self._changes)
        # one that has made no step of its own is not gone back to
        parent = self if self.newest > self._checkpoints[0].step or self._parent is None else self._parent
        other._go_on_from(self, self.newest)
        other._parent = parent
        other._position = Position(epoch=len(other.history) + 1)
        other._begin_here()
        return other

    def _begin_here(self) -> None:
        self._checkpoints = [self._take(self._position)]
        self._nbytes = self._checkpoints[0].nbytes

    def _go_on_from(self, parent: "Recorder", step: int) -> None:
        if self.model.architecture_.sizes != parent.model.architecture_.sizes:
            raise InvalidParameterError(
                f"got a change of the layers from {parent.model.architecture_.sizes} to "
                f"{self.model.architecture_.sizes} at step {step}; expected it at step 0."
            )
        begun = self._begun
        with parent._visit(step) as (position, n_records, watch):  # noqa: SLF001  # of this class
            own = parent._begun  # noqa: SLF001
            taken = Checkpoint.take(step, position, own, watch, n_records)
        rate = begun.training.learning_rate
        self._position = taken.restore(begun)
        if rate != parent._first_rate:  # noqa: SLF001
            begun.training.learning_rate = rate
        taken.remind(begun.watch, watch)
        begun.history.records[:] = parent.history.records[:n_records]
        begun.history.best_epoch = None if begun.watch is None else begun.watch.best_epoch
        begun.history.threads = own.history.threads
        for record in begun.history.records:
            begun.note(record)
        if n_records >= begun.max_epochs:
            self.stop = stop_after_all(begun.max_epochs)
            begun.history.end(self.stop)
        self.newest, self.losses, self._parent = step, parent.losses.upto(step), parent
        self._begin_here()

    @contextmanager
    def _visit(self, step: int) -> "Iterator[tuple[Position, int, Watch | None]]":
        """Be at a step meanwhile; give where that is, how many epochs were recorded, and the watch then."""
        begun = self._begun
        if step == self.newest and not self._has_diverged:
            yield self._position, len(self.history), begun.watch
            return
        newest = self._take(self._position)
        nearest = self._checkpoints[bisect_right(self._checkpoints, step, key=lambda each: each.step) - 1]
        watch, n_records, made = nearest.watch_of(begun.watch), nearest.n_records, nearest.step

        def note_step(each: Step) -> bool:
            nonlocal made
            made += 1
            return made >= step

        def note_epoch(record: EpochRecord) -> bool:
            nonlocal n_records
            n_records += 1
            if watch is not None:
                watch.observe(record, begun.training)
            return made >= step

        try:
            position = nearest.restore(begun)
            if made < step:
                with self._threads():
                    position = self._walk(position, note_step, note_epoch)
            yield position, n_records, watch
        finally:
            newest.restore(begun)

    @property
    def _has_diverged(self) -> bool:
        return self.stop is not None and self.stop.kind is StopKind.DIVERGED

    def _next_rows(self, position: Position) -> NDArray[np.intp]:
        """Return the samples of the next step, without drawing anything."""
        order, begun = position.order, self._begun
        if order is None:
            before = self._take(position)
            order = begun.order(self.n_samples)
            before.restore(begun)
        return order[position.rows : position.rows + self.training.batch_size].copy()

    def _check_step(self, step: int) -> None:
        if not isinstance(step, Integral) or not 0 <= step <= self.newest:
            raise InvalidParameterError(f"got step {quoted(step)}; expected 0 to {self.newest}, the newest.")

    def _take(self, position: Position) -> Checkpoint:
        return Checkpoint.take(self.newest, position, self._begun, self._begun.watch, len(self.history))

    def _keep(self) -> None:
        """Keep a checkpoint, and drop every second one when memory is full."""
        if self._has_diverged or self.newest <= self._checkpoints[-1].step:
            return
        self._checkpoints.append(self._take(self._position))
        self._nbytes += self._checkpoints[-1].nbytes
        while len(self._checkpoints) > 2 and (
            self._nbytes > self.max_bytes or len(self._checkpoints) > MAX_CHECKPOINTS
        ):
            self.every *= 2
            first, *rest = self._checkpoints
            self._checkpoints = [first, *(each for each in rest if each.step % self.every == 0)]
            self._nbytes = sum(each.nbytes for each in self._checkpoints)


def _begin_with(training: Training, theta: Array) -> None:
    own = training.parameters.theta
    if theta.shape != own.shape:
        raise InvalidParameterError(
            f"got {theta.size:,} weights and biases to begin with; expected {own.size:,} for these data. "
            "Were they trained on others?"
        )
    own[...] = theta


def _with_seed(model: Any) -> Any:
    """Return a copy of a model that draws the same numbers every time."""
    if not hasattr(model, "begin"):
        raise InvalidParameterError(
            f"got a model of type {type(model).__name__}; expected a NeuralNetwork, MLPClassifier, "
            "MLPRegressor or MLPAutoencoder of glassnet."
        )
    seeded = type(model)(**copy.deepcopy(model.get_params(deep=False)))
    if seeded.random_state is None:
        seeded.random_state = int(np.random.default_rng().integers(2**31))
    return seeded
