"""The one training loop, as generators.

`walk` consumes `steps`, and `epochs` are the records of a walk; whoever consumes one of them decides when to
stop. Fitting drains them, a trace takes a few steps, a probe looks at some, a recorder stops a walk and goes
on with it later: all see the same code run.
"""

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array, owned
from glassnet._common.quoting import quoted
from glassnet._common.words import counted
from glassnet.errors import DivergedError, InvalidParameterError
from glassnet.nn import ops
from glassnet.nn._row_order import rows_sorted
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.choosing import Choice, Pace, choose_threads
from glassnet.nn.course import Course
from glassnet.nn.evaluation import count_hits, evaluate
from glassnet.nn.history import EpochRecord, History, Stop, StopKind
from glassnet.nn.layers import Kept
from glassnet.nn.network import Dropout, add_penalty, backward, forward
from glassnet.nn.optimizers import Optimizer
from glassnet.nn.rates import Group
from glassnet.nn.samples import Samples, Source
from glassnet.nn.schedules import SCHEDULES
from glassnet.nn.sparse import SPARED
from glassnet.nn.threads import limited_to
from glassnet.nn.workspace import Workspace

Order = NDArray[np.intp] | Callable[[int], NDArray[np.intp]]
"""The order of the rows in an epoch; where they come in parts, a function that gives each part its own, by
its number of rows."""


EPOCHS_AHEAD = 100
"""Of more epochs than these it is not sure that they will be run: most training stops early."""

CALLS_OF_A_STEP = 50_000
"""What NumPy's many calls in a step cost more than one call of each kernel, in numbers: about 25 us."""

AS_THEY_ARE = (1.0, 1.0, 1.0)
"""The factors of rate, decay and dropout without a course."""

_WRITTEN_ANEW = (
    *("gradient", "_workspace", "_workspace_fits", "_fixed", "course", "factors", "steps_done"),
    *("columns", "seen", "kept"),
)


@dataclass
class Training:
    """Hold what training works on and changes.

    Attributes
    ----------
    architecture : Architecture
    parameters : Parameters
        Changed in place by every step.
    optimizer : Optimizer
    learning_rate : float
        Read before every update, so that a consumer may change it; a course multiplies it.
    batch_size : int
    keep_z : bool
        Keep the pre-activations of every layer, for a reader of the steps.
    alpha : float
        Strength of the L2 penalty; a batch of n samples adds alpha / 2n * sum(W^2) to its loss.
    dropout : Dropout or None
    max_gradient_norm : float
        A gradient whose Euclidean norm is larger is scaled down to it.
    frozen : tuple of str
        Weights and biases that stay as they are: ``("W1", "b2")``, see `Architecture.places_of`. Their
        gradient counts as 0, in the norm too, and no optimiser moves them.
    course : Course or None
        How rate, decay and dropout change from step to step; see `follow`.
    groups : tuple of Group
        Factors on the learning rate for parts of theta; () where all have the same. SGD and Adam have them.
    factors : tuple of float
        What the course multiplies rate, decay and dropout with in the step that is being made.
    steps_done : int
        How many steps of the course were begun.
    columns : ndarray of int, or None
        How the rows of W1 are sorted while `steps` takes split inputs, see `glassnet.nn._row_order`.
    seen : dict
        The parameters and the optimiser's state that others see meanwhile.
    kept : Kept
        The arrays that hold what is sorted, from epoch to epoch.
    """

    architecture: Architecture
    parameters: Parameters
    optimizer: Optimizer
    learning_rate: float
    batch_size: int
    keep_z: bool = False
    alpha: float = 0.0
    dropout: Dropout | None = None
    max_gradient_norm: float = math.inf
    frozen: tuple[str, ...] = ()
    course: Course | None = None
    groups: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        theta = self.parameters.theta
        self.freeze(self.frozen)
        self.follow(self.course)
        self.gradient = Parameters(self.architecture, np.zeros_like(theta))
        self.optimizer_state = self.optimizer.init(theta)
        self.columns: NDArray[np.intp] | None = None
        self.seen: dict[str, Any] = {}
        self.kept = Kept()
        self._workspace: Workspace | None = None
        self._workspace_fits: tuple[int, bool] | None = None

    def freeze(self, names: Iterable[str]) -> None:
        """Leave the weights and biases of these names as they are from now on, and no others.

        Raises
        ------
        UnknownNameError
            When the network has none of such a name.
        """
        frozen = tuple(names)
        self._fixed = self.architecture.places_of(frozen)
        self.frozen = frozen

    def follow(self, course: Course | None) -> None:
        """Let rate, decay and dropout follow a course from its beginning on; None leaves them as they are.

        Raises
        ------
        InvalidParameterError
            When it changes a weight decay that the optimiser has not.
        """
        if (
            course is not None
            and course.decay != SCHEDULES["constant"]
            and not hasattr(self.optimizer, "weight_decay")
        ):
            raise InvalidParameterError(
                f"got a course for the weight decay of {quoted(self.optimizer)}, which has none; expected an "
                "optimiser that has, such as Adam(weight_decay=0.01)."
            )
        self.course, self.factors, self.steps_done = course, AS_THEY_ARE, 0

    @property
    def rate(self) -> float:
        """The learning rate of the step that is being made."""
        return self.learning_rate * self.factors[0]

    def begin_step(self) -> None:
        """Set what the course says of the next step; `steps` calls it."""
        if self.course is not None:
            self.factors = self.course.at(self.steps_done)
            self.steps_done += 1

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what every step writes anew, and the course, which every training has anew."""
        state = dict(vars(self)) | self.seen
        return {name: value for name, value in state.items() if name not in _WRITTEN_ANEW}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.freeze(self.frozen)
        self.follow(None)
        self.gradient = Parameters(self.architecture, np.zeros_like(self.parameters.theta))
        self.columns, self.seen, self.kept = None, {}, Kept()
        self._workspace = self._workspace_fits = None

    @property
    def workspace(self) -> Workspace:
        """The buffers of a step, made anew when `batch_size` or the presence of `dropout` has changed."""
        needed = self.batch_size, self.dropout is not None
        if self._workspace is None or self._workspace_fits != needed:
            self._workspace_fits = needed
            self._workspace = Workspace(
                self.architecture,
                self.batch_size,
                self.parameters.theta.dtype,
                keep_z=self.keep_z,
                dropout=self.dropout is not None,
            )
        return self._workspace

    def count_steps(self, n_rows: int) -> int:
        """Return how many steps a pass over some rows takes."""
        return math.ceil(n_rows / self.batch_size)

    def work(self, n_rows: int) -> float:
        """Return about how many numbers the kernels compute in a pass over some rows, see `ops.ready`."""
        n_steps = self.count_steps(n_rows)
        units = sum(self.architecture.sizes[1:]) * self.architecture.head.members
        return 2.0 * n_rows * units + n_steps * (2.0 * len(self.parameters.theta) + CALLS_OF_A_STEP)

    def compute_gradient(self, samples: Samples, rows: NDArray[np.intp] | slice) -> "Step":
        """Run both passes on some rows, add the penalty and clip; nothing is updated."""
        assert samples.columns is self.columns
        X, y, weight = samples.inputs(rows), samples.targets(rows), samples.weights(rows)
        workspace = self.workspace.first(len(X))
        dropout, factor = self.dropout, self.factors[2]
        if dropout is not None and factor != 1:
            dropout = replace(dropout, rate=dropout.rate * factor)
        forward(self.architecture, self.parameters, X, workspace, dropout)
        total = len(X) if weight is None else float(weight.sum())
        if not total:  # there is no mean over such samples
            self.gradient.theta[...] = 0
            return Step(0.0, 0.0, X, y, workspace, self.gradient, counts=False)
        loss = backward(self.architecture, self.parameters, X, y, workspace, self.gradient, weight)
        penalty = 0.0
        if self.alpha:
            penalty = add_penalty(self.parameters, self.gradient, self.alpha / total)
        if self.frozen:
            self.gradient.theta[self._fixed] = 0
        if self.max_gradient_norm < math.inf:
            norm = float(np.linalg.norm(self.gradient.theta))
            if norm > self.max_gradient_norm:
                self.gradient.theta *= self.max_gradient_norm / norm
        return Step(loss, penalty, X, y, workspace, self.gradient)

    def own(self) -> None:
        """Copy what steps change and is read-only: of a file that joblib has mapped into memory."""
        self.parameters.own()
        state = self.optimizer_state
        state.memory = {name: owned(array) for name, array in state.memory.items()}
        state.scratch = owned(state.scratch)

    def update(self) -> None:
        """Let the optimiser use the gradient, which is used up."""
        theta, factor = self.parameters.theta, self.factors[1]
        optimizer: Any = self.optimizer
        if factor != 1:  # `follow` has seen that it has a weight decay
            optimizer = replace(optimizer, weight_decay=optimizer.weight_decay * factor)
        kept = theta[self._fixed] if self.frozen else None  # a decay moves weights without a gradient too
        with np.errstate(over="ignore", invalid="ignore"):  # seen by the next loss, or at the epoch's end
            step = theta, self.gradient.theta, self.optimizer_state, self.rate
            optimizer.update(*step, *([self.groups] if self.groups else []))  # not every optimiser has groups
        if kept is not None:
            theta[self._fixed] = kept


@dataclass(frozen=True)
class Step:
    """Show one training step, after the backward pass and before the update.

    The arrays are the engine's own, valid until the next step; copy what must outlive it.

    Attributes
    ----------
    loss : float
        Mean loss of the batch, without the penalty.
    penalty : float
    X : ndarray of shape (n, n_features)
    y : ndarray of shape (n, n_outputs)
    workspace : Workspace
        ``a`` and ``deltas`` of every layer; ``z`` too where it was kept.
    gradient : Parameters
        Of loss and penalty, with respect to theta.
    counts : bool
        False where the weights of the samples sum to 0: loss and gradient are 0, and no update follows.
    """

    loss: float
    penalty: float
    X: Array
    y: Array
    workspace: Workspace
    gradient: Parameters
    counts: bool = True


def steps(
    training: Training, samples: Samples, order: NDArray[np.intp], epoch: int = 1, first_step: int = 1
) -> Generator[Step, None, None]:
    """Train on one pass over the samples, one batch a step.

    Parameters
    ----------
    training : Training
    samples : Samples
    order : ndarray of int, shape (n,)
        The rows in the order in which they are taken.
    epoch, first_step : int
        For the message of an error.

    Yields
    ------
    Step
        The update follows when the next step is asked for; a consumer that stops takes it back. Meanwhile the
        rows of W1 and of its gradient are sorted as split inputs are: to look at them, close the generator.

    Raises
    ------
    DivergedError
        When the loss of a batch is not finite. No update was made from it.
    """
    training.own()
    dtype, rows_done = training.parameters.theta.dtype, 0
    ops.ready(dtype)
    try:
        with rows_sorted(training, samples.columns):
            for number, start in enumerate(range(0, len(order), training.batch_size), first_step):
                training.begin_step()
                step = training.compute_gradient(samples, order[start : start + training.batch_size])
                if not math.isfinite(step.loss + step.penalty):
                    what = f"the loss became {step.loss + step.penalty}"
                    raise _diverged(what, training.parameters, step.workspace, epoch, number)
                yield step
                rows_done += len(step.X)
                if step.counts:
                    training.update()
    finally:
        ops.count(dtype, training.work(rows_done))


@dataclass
class Position:
    """Say where a walk is: in which epoch, and what that has added up so far.

    A new one is the beginning of an epoch. Copies of it, with what else changes in a training, are what a
    walk goes on from.

    Attributes
    ----------
    epoch : int
    order : ndarray of int or None
        The rows of the epoch in their order, of the part at hand where they come in parts; None before the
        epoch has begun, in which its order is drawn.
    steps, rows : int
        How many were done in the epoch.
    counted : int
        Rows whose loss counts.
    loss, penalty : float
        Summed over them.
    hits : int
    seconds : float
        Spent in the epoch before a walk went on in it.
    """

    epoch: int = 1
    order: NDArray[np.intp] | None = None
    steps: int = 0
    rows: int = 0
    counted: int = 0
    loss: float = 0.0
    penalty: float = 0.0
    hits: int = 0
    seconds: float = 0.0

    @property
    def mean_loss(self) -> float:
        """The mean loss of the epoch so far."""
        return self.loss / max(self.counted, 1)

    def next_epoch(self) -> None:
        """Stand at the beginning of the next epoch."""
        vars(self).update(vars(Position(self.epoch + 1)))


def walk(
    training: Training,
    samples: Source,
    validation: Source | None,
    orders: Iterator[Order],
    *,
    accuracy: bool = True,
    position: Position | None = None,
    on_part: Callable[[int, int, float], object] = lambda epoch, rows, loss: None,
) -> "Generator[Step | EpochRecord, None, None]":
    """Train step after step, pass after pass, for as long as the consumer asks.

    Parameters
    ----------
    training, samples, validation, orders, accuracy, on_part
        As for `epochs`.
    position : Position, optional
        Where to begin, the first epoch unless given; moved along, so that it tells where the walk is. In the
        middle of an epoch it needs samples that come in one part.

    Yields
    ------
    Step or EpochRecord
        Every step, as `steps` does; at the end of an epoch its record. `position` counts the step that was
        yielded last, whose update follows when the next one is asked for: whoever stops there and wants to
        go on later makes it with ``training.update()`` where ``step.counts``, and closes the walk.

    Raises
    ------
    DivergedError
        When a loss, or a parameter at the end of an epoch, is not finite; the validation loss too.
    """
    head, position = training.architecture.head, Position() if position is None else position
    first = () if position.order is None else (position.order,)
    for order in chain(first, orders):
        began, done = time.perf_counter() - position.seconds, position.rows
        for part in samples.parts():
            rows = position.order = order(len(part)) if callable(order) else order
            with closing(steps(training, part, rows[done:], position.epoch, position.steps + 1)) as made:
                for step in made:
                    n_rows = len(step.y)
                    position.steps += 1
                    position.rows += n_rows
                    position.loss += step.loss * n_rows
                    position.penalty += step.penalty * n_rows
                    position.counted += n_rows if step.counts else 0
                    if accuracy:
                        position.hits += count_hits(head.answers(step.workspace.a[-1]), step.y)
                    position.seconds = time.perf_counter() - began
                    yield step
            done = 0
            on_part(position.epoch, position.rows, position.mean_loss)
        if not np.isfinite(training.parameters.theta).all():
            raise _diverged(
                "a parameter is not finite", training.parameters, None, position.epoch, position.steps
            )
        validation_loss, validation_accuracy = None, None
        if validation is not None:
            validation_loss, share = evaluate(training.architecture, training.parameters, validation)
            validation_accuracy = share if accuracy else None
            if not math.isfinite(validation_loss):
                what = f"the validation loss became {validation_loss}"
                raise _diverged(what, training.parameters, None, position.epoch, position.steps)
        record = EpochRecord(
            epoch=position.epoch,
            loss=position.mean_loss,
            accuracy=position.hits / position.rows if accuracy else None,
            validation_loss=validation_loss,
            validation_accuracy=validation_accuracy,
            seconds=time.perf_counter() - began,
            penalty=position.penalty / max(position.counted, 1),
            learning_rate=training.rate,
        )
        position.next_epoch()
        yield record


def epochs(
    training: Training,
    samples: Source,
    validation: Source | None,
    orders: Iterator[Order],
    *,
    accuracy: bool = True,
    first_epoch: int = 1,
    on_part: Callable[[int, int, float], object] = lambda epoch, rows, loss: None,
) -> Iterator[EpochRecord]:
    """Train pass after pass, for as long as the consumer asks: a `walk`, of which the records are seen.

    Parameters
    ----------
    training : Training
    samples : Samples or other Source
    validation : Samples, other Source, or None
        Evaluated after every epoch.
    orders : iterator of Order
        The order of the rows in each epoch, see `shuffles`.
    accuracy : bool
        Whether the targets are one-hot rows, of which an accuracy is recorded.
    first_epoch : int
        The number of the first epoch.
    on_part : callable
        Called after each part with the epoch, and the rows and the mean loss of it so far.

    Yields
    ------
    EpochRecord

    Raises
    ------
    DivergedError
        When a loss, or a parameter at the end of an epoch, is not finite; the validation loss too.
    """
    all_of_it = walk(
        training,
        samples,
        validation,
        orders,
        accuracy=accuracy,
        position=Position(first_epoch),
        on_part=on_part,
    )
    return (each for each in all_of_it if isinstance(each, EpochRecord))


def shuffles(n: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Yield a new random order of n rows for every epoch."""
    while True:
        yield rng.permutation(n)


class Watch(Protocol):
    """Describe what decides when training stops, and which parameters stay."""

    best_epoch: int | None

    def observe(self, record: EpochRecord, training: Training) -> Stop | None:
        """Take note of an epoch; return why to stop now, or None to go on."""

    def finish(self, training: Training) -> None:
        """Leave in `training` the parameters that are to stay."""


class EarlyStopping:
    """Watch the validation loss: remember the best parameters, and say when to stop.

    Training stops when the validation loss has not been below its best for `patience` epochs in a row. Any
    decrease counts, however small.

    Parameters
    ----------
    patience : int or None
        At least 1; None never stops.
    restore_best : bool
        Go back to the best parameters in the end.

    Attributes
    ----------
    best_loss : float
    best_epoch : int or None
        None before the first epoch.
    best_theta : ndarray
        Copy of the parameters after the best epoch.
    """

    def __init__(self, patience: int | None, *, restore_best: bool = True) -> None:
        self.patience = patience
        self.restore_best = restore_best
        self.best_loss = math.inf
        self.best_epoch: int | None = None
        self.best_theta: Array = np.empty(0)

    def observe(self, record: EpochRecord, training: Training) -> Stop | None:
        """Take note of an epoch; return why to stop now, or None to go on."""
        assert record.validation_loss is not None
        if record.validation_loss < self.best_loss:
            self.best_loss = record.validation_loss
            self.best_epoch = record.epoch
            self.best_theta = training.parameters.theta.copy()
        if self.patience is None or record.epoch - (self.best_epoch or 0) < self.patience:
            return None
        reason = f"early stopping: the validation loss had not improved for {counted(self.patience, 'epoch')}"
        return Stop(StopKind.EARLY_STOPPING, reason)

    def finish(self, training: Training) -> None:
        """Leave the best parameters, if they are to be restored and there are any."""
        if self.restore_best and self.best_epoch:
            training.parameters.theta[...] = self.best_theta


def train(
    training: Training,
    samples: Source,
    validation: Source | None,
    orders: Iterator[Order],
    history: History,
    *,
    max_epochs: int,
    watch: Watch | None = None,
    accuracy: bool = True,
    on_epoch: Callable[[EpochRecord], object] = lambda record: None,
    on_part: Callable[[int, int, float], object] = lambda epoch, rows, loss: None,
) -> None:
    """Train until the epochs are used up, or `watch` or `on_epoch` says stop.

    Parameters
    ----------
    training, samples, validation, orders, accuracy, on_part
        As for `epochs`.
    history : History
        Filled as training goes on, so that it tells the whole story also after an error.
    max_epochs : int
    watch : Watch, optional
        Such as `EarlyStopping`.
    on_epoch : callable
        Called with every record; a return value of True stops training.
    """
    samples, validation = prepare(training, samples, validation, max_epochs)
    choice = choose_threads(training, samples, max_epochs)
    history.threads, pace = choice.threads, Pace(choice)
    walking = walk(
        training,
        samples,
        validation,
        orders,
        accuracy=accuracy,
        position=Position(len(history) + 1),
        on_part=on_part,
    )
    epochs_left = max_epochs
    try:
        with ExitStack() as limits:
            limits.enter_context(closing(walking))
            limits.enter_context(limited_to(choice.threads))
            for each in walking:
                if isinstance(each, Step):
                    if pace.is_halting():
                        limits.enter_context(limited_to(1))
                        history.threads, pace = 1, Pace(Choice(1))
                    continue
                record, epochs_left = each, epochs_left - 1
                history.records.append(record)
                stop = watch.observe(record, training) if watch else None
                if on_epoch(record) is True and stop is None:
                    stop = Stop(
                        StopKind.ON_EPOCH, f"stopped by on_epoch after {counted(len(history), 'epoch')}"
                    )
                if stop is None and not epochs_left:
                    stop = stop_after_all(max_epochs)
                if stop is not None:
                    history.end(stop)
                    break
                pace.go_on()
    except DivergedError as error:
        history.end(stop_diverged(error))
        raise
    except KeyboardInterrupt:
        history.end(Stop(StopKind.INTERRUPTED, f"interrupted after {counted(len(history), 'epoch')}"))
        raise
    finally:
        if watch is not None:
            history.best_epoch = watch.best_epoch
            watch.finish(training)


def stop_after_all(max_epochs: int) -> Stop:
    """Say that all epochs were run."""
    reason = "the one epoch was run" if max_epochs == 1 else f"all {max_epochs} epochs were run"
    return Stop(StopKind.EPOCHS, reason)


def stop_diverged(error: DivergedError) -> Stop:
    """Say that the training diverged."""
    return Stop(StopKind.DIVERGED, f"diverged: {error}")


def prepare(
    training: Training, samples: Source, validation: Source | None, max_epochs: int
) -> tuple[Source, Source | None]:
    """Load the compiled kernels if this training repays them, and split its inputs if that spares work.

    Split inputs give sums of another order. So they are asked of this training alone, not of what the process
    has done before: the same training gives the same numbers, wherever it is run.
    """
    n_rows = len(samples) if isinstance(samples, Samples) else 0  # of a stream it will be seen
    epochs_ahead = min(max_epochs, EPOCHS_AHEAD)
    work = training.work(n_rows) * epochs_ahead
    n_features, units = training.architecture.sizes[:2]
    # a split for one epoch costs what it spares; a layer in front takes whole columns
    is_worth_splitting = (
        max_epochs > 1 and not training.architecture.in_front[0] and samples.is_worth_splitting(units)
    )
    if is_worth_splitting:
        work += SPARED * n_rows * n_features * units * epochs_ahead
    splits = is_worth_splitting and work >= ops.WORK_TO_LOAD
    ops.ready(training.parameters.theta.dtype, math.inf if splits else work)
    if splits:
        samples = samples.split(units)
        validation = validation.split(units) if validation is not None else None
    return samples, validation


def _diverged(
    what: str, parameters: Parameters, workspace: Workspace | None, epoch: int, step: int
) -> DivergedError:
    """Name the first layer that holds a value which is not finite; the last one if only the loss is not."""
    n_layers = len(parameters.weights)
    layer = n_layers
    for i in range(n_layers):
        arrays = [parameters.weights[i], parameters.biases[i]] + ([workspace.a[i]] if workspace else [])
        if not all(np.isfinite(array).all() for array in arrays):
            layer = i + 1
            break
    return DivergedError(
        f"{what} at epoch {epoch}, step {step}; layer {layer} of {n_layers} is the first with values that "
        "are not finite. Lower the learning rate, or check that the inputs are scaled to about -1 ... 1.",
        epoch=epoch,
        step=step,
        layer=layer,
    )
