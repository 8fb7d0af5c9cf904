"""A training that can be stopped, gone back in, and branched: its numbers are those of `fit`."""

import copy
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet._common.words import counted
from glassnet.data.streams import Stream
from glassnet.errors import DivergedError, InvalidParameterError, StreamAsArrayError
from glassnet.models.beginning import Begun, copy_with
from glassnet.models.validation import check_count
from glassnet.nn.history import EpochRecord, History, Stop
from glassnet.nn.training import Place, Step, Training, prepare, stop_after_all, stop_diverged, walk
from glassnet.nn.threads import threads_for
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
    rows : ndarray of int or None
        The samples of the next step, as indices into the training samples; None at the end of an epoch,
        before the order of the next is drawn.
    learning_rate : float
        That of the next step, without the factor of a course.
    optimizer_memory : dict of str to ndarray
        What the optimiser remembers; copies.
    updates : int
        How many updates the optimiser has made.
    n_records : int
        How many epochs were recorded.
    """

    step: int
    epoch: float
    theta: Array
    rows: NDArray[np.intp] | None
    learning_rate: float
    optimizer_memory: dict[str, Array]
    updates: int
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
    losses : Series
        The loss of batches, by the number of the step.
    steps_per_epoch : int

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
        **fit_parameters: Any,
    ) -> None:
        if any(isinstance(given, Stream) for given in (X, *fit_parameters.values())):
            raise StreamAsArrayError("got a Stream; expected arrays: to go back, a training needs them in memory.")
        self.every, self.max_bytes = check_count("every", every), check_count("max_bytes", max_bytes)
        self._data = (X, y)
        self._fit_parameters = fit_parameters
        self._pristine = _with_seed(model)
        self._begun: Begun = copy.deepcopy(self._pristine).begin(X, y, **fit_parameters)
        begun = self._begun
        begun.samples, begun.validation = prepare(
            begun.training, begun.samples, begun.validation, begun.max_epochs
        )
        self.model = begun.model
        self.n_samples = begun.n_samples
        self.newest = 0
        self.stop: Stop | None = None
        self.losses = Series()
        self._place = Place()
        self._until = 0
        self._rows: NDArray[np.intp] | None = None
        self._checkpoints = [self._take()]

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
        self._until = 0

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
        return self.training.count_steps(self.n_samples - self._place.rows)

    @property
    def nbytes(self) -> int:
        """How much memory the checkpoints take, about."""
        return sum(checkpoint.nbytes for checkpoint in self._checkpoints)

    def _go(self, wanted: int) -> None:
        """Make steps until there are so many; keep checkpoints on the way."""
        self._until = wanted
        with self._threads():
            while self.newest < self._until and self.stop is None:
                next_checkpoint = (self.newest // self.every + 1) * self.every
                goal = self._until = min(wanted, next_checkpoint)
                self._walk(self._note_step, self._note_epoch)
                if self.newest % self.every == 0 or self.stop is not None:
                    self._keep()
                if self._until == goal:  # nobody has said pause
                    self._until = wanted

    def _note_step(self, step: Step) -> bool:
        self.newest += 1
        self.losses.add(self.newest, step.loss)
        return self.newest >= self._until

    def _note_epoch(self, record: EpochRecord) -> bool:
        begun = self._begun
        begun.history.records.append(record)
        self.stop = begun.judge(record)
        if self.stop is not None:
            begun.history.end(self.stop)
        if begun.watch is not None:
            begun.history.best_epoch = begun.watch.best_epoch
        return self.newest >= self._until or self.stop is not None

    def _walk(self, on_step: Callable[[Step], bool], on_epoch: Callable[[EpochRecord], bool]) -> None:
        """Train until one of them says stop; then all that belongs to the steps so far is done."""
        begun, place = self._begun, self._place
        walking = walk(
            begun.training,
            begun.samples,
            begun.validation,
            repeat(begun.order),
            accuracy=begun.accuracy,
            place=place,
            on_part=begun.on_part,
        )
        try:
            for each in walking:
                if isinstance(each, Step):
                    # the last step of an epoch is followed by its evaluation
                    if on_step(each) and place.rows < self.n_samples:
                        if each.counts:
                            begun.training.update()
                        return
                elif on_epoch(each):
                    return
        except DivergedError as error:
            self.stop = stop_diverged(error)
            begun.history.end(self.stop)
        finally:
            walking.close()  # type: ignore[attr-defined]  # a generator
