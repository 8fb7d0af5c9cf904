"""The one training loop, as generators.

`epochs` consumes `steps`; whoever consumes `epochs` decides when to stop. Fitting drains them, a trace
takes a few steps, a probe looks at some: all see the same code run.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet.arrays import Array
from glassnet.errors import DivergedError
from glassnet.history import EpochRecord, History
from glassnet.network import Architecture, Parameters, Workspace, backward, forward
from glassnet.optimizers import Optimizer

CHUNK_ROWS = 1024
"""Rows a forward pass takes at once outside of training: intermediates stay in the cache."""


class Samples:
    """Hold inputs and targets, and hand out batches in the dtype of the network.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        Of the network's dtype, or of any other numeric one, uint8 images for example: then each batch is
        converted when it is taken, and the whole never is.
    y : ndarray of shape (n, n_outputs), optional
        Targets in the network's dtype; not needed to predict.
    dtype : dtype
        The network's.
    divisor : float, optional
        Every input is divided by it; 255 brings uint8 images to 0 ... 1.
    """

    def __init__(
        self, X: NDArray[np.generic], y: Array | None, dtype: DTypeLike, divisor: float | None = None
    ) -> None:
        self.X = X
        self.y = y
        self.divisor = divisor
        self._dtype = np.dtype(dtype)
        self._as_is = X.dtype == self._dtype and divisor is None
        self._inputs: Array = np.empty((0, X.shape[1]), dtype)
        self._raw = np.empty((0, X.shape[1]), X.dtype)
        self._targets: Array = np.empty((0, 0 if y is None else y.shape[1]), dtype)

    def __len__(self) -> int:
        return len(self.X)

    def inputs(self, rows: NDArray[np.intp] | slice) -> Array:
        """Return the inputs of some rows, ready for the network; valid until the next call.

        Parameters
        ----------
        rows : slice or ndarray of int
            Neighbouring rows, or any rows by their indices.

        Returns
        -------
        ndarray of shape (len(rows), n_features)
        """
        raw: NDArray[Any]
        if isinstance(rows, slice):
            raw = self.X[rows]
        else:
            raw = self._gather(self.X, rows, "_inputs" if self._as_is else "_raw")
        if self._as_is:
            return cast(Array, raw)
        out = self._buffer("_inputs", len(raw))
        np.copyto(out, raw, casting="unsafe")
        if self.divisor is not None:
            out /= self.divisor
        return out

    def targets(self, rows: NDArray[np.intp] | slice) -> Array:
        """Return the targets of some rows, shape (len(rows), n_outputs); valid until the next call."""
        assert self.y is not None
        return self.y[rows] if isinstance(rows, slice) else self._gather(self.y, rows, "_targets")

    def chunks(self) -> Iterator[slice]:
        """Cut the rows into neighbouring chunks of `CHUNK_ROWS` at most."""
        return (slice(start, start + CHUNK_ROWS) for start in range(0, len(self), CHUNK_ROWS))

    def _gather(self, source: NDArray[np.generic], rows: NDArray[np.intp], buffer: str) -> Array:
        # "clip" spares numpy a hidden copy that it makes to leave `out` untouched when an index is bad
        return np.take(source, rows, axis=0, out=self._buffer(buffer, len(rows)), mode="clip")

    def _buffer(self, name: str, rows: int) -> Array:
        buffer = getattr(self, name)
        if len(buffer) < rows:
            buffer = np.empty((rows, buffer.shape[1]), buffer.dtype)
            setattr(self, name, buffer)
        return cast(Array, buffer[:rows])


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
        Read before every update, so that a consumer may change it.
    batch_size : int
    keep_z : bool
        Keep the pre-activations of every layer, for a reader of the steps.
    """

    architecture: Architecture
    parameters: Parameters
    optimizer: Optimizer
    learning_rate: float
    batch_size: int
    keep_z: bool = False

    def __post_init__(self) -> None:
        theta = self.parameters.theta
        self.gradient = Parameters(self.architecture, np.zeros_like(theta))
        self.optimizer_state = self.optimizer.init(theta)
        self.set_batch_size(self.batch_size)

    def set_batch_size(self, batch_size: int) -> None:
        """Change how many samples a step takes."""
        self.batch_size = batch_size
        dtype = self.parameters.theta.dtype
        self.workspace = Workspace(self.architecture, batch_size, dtype, keep_z=self.keep_z)


@dataclass(frozen=True)
class Step:
    """Show one training step, after the backward pass and before the update.

    The arrays are the engine's own, valid until the next step; copy what must outlive it.

    Attributes
    ----------
    loss : float
        Mean loss of the batch.
    X : ndarray of shape (n, n_features)
    y : ndarray of shape (n, n_outputs)
    workspace : Workspace
        ``a`` and ``deltas`` of every layer; ``z`` too where it was kept.
    gradient : Parameters
        dLoss/dtheta.
    """

    loss: float
    X: Array
    y: Array
    workspace: Workspace
    gradient: Parameters


def steps(training: Training, samples: Samples, order: NDArray[np.intp], epoch: int = 1) -> Iterator[Step]:
    """Train on one pass over the samples, one batch a step.

    Parameters
    ----------
    training : Training
    samples : Samples
    order : ndarray of int, shape (n,)
        The rows in the order in which they are taken.
    epoch : int
        For the message of an error.

    Yields
    ------
    Step
        The update follows when the next step is asked for; a consumer that stops takes it back.

    Raises
    ------
    DivergedError
        When the loss of a batch is not finite. No update was made from it.
    """
    architecture, parameters, gradient = training.architecture, training.parameters, training.gradient
    for number, start in enumerate(range(0, len(order), training.batch_size), start=1):
        rows = order[start : start + training.batch_size]
        X, y = samples.inputs(rows), samples.targets(rows)
        workspace = training.workspace.first(len(rows))
        forward(architecture, parameters, X, workspace)
        loss = backward(architecture, parameters, X, y, workspace, gradient)
        if not math.isfinite(loss):
            raise _diverged(f"the loss became {loss}", parameters, workspace, epoch, number)
        yield Step(loss, X, y, workspace, gradient)
        with np.errstate(over="ignore", invalid="ignore"):  # seen by the next loss, or at the epoch's end
            training.optimizer.update(
                parameters.theta, gradient.theta, training.optimizer_state, training.learning_rate
            )


def epochs(
    training: Training,
    samples: Samples,
    validation: Samples | None,
    orders: Iterator[NDArray[np.intp]],
    *,
    accuracy: bool = True,
) -> Iterator[EpochRecord]:
    """Train pass after pass, for as long as the consumer asks.

    Parameters
    ----------
    training : Training
    samples : Samples
    validation : Samples or None
        Evaluated after every epoch.
    orders : iterator of ndarray of int
        The order of the rows in each epoch, see `shuffles`.
    accuracy : bool
        Whether the targets are one-hot rows, of which an accuracy is recorded.

    Yields
    ------
    EpochRecord

    Raises
    ------
    DivergedError
        When a loss, or a parameter at the end of an epoch, is not finite.
    """
    for epoch, order in enumerate(orders, start=1):
        start = time.perf_counter()
        loss_sum, hits = 0.0, 0
        for step in steps(training, samples, order, epoch):
            loss_sum += step.loss * len(step.y)
            if accuracy:
                hits += count_hits(step.workspace.a[-1], step.y)
        if not np.isfinite(training.parameters.theta).all():
            last = math.ceil(len(order) / training.batch_size)
            raise _diverged("a parameter is not finite", training.parameters, None, epoch, last)
        validation_loss, validation_accuracy = None, None
        if validation is not None:
            validation_loss, share = evaluate(training.architecture, training.parameters, validation)
            validation_accuracy = share if accuracy else None
        yield EpochRecord(
            epoch=epoch,
            loss=loss_sum / len(samples),
            accuracy=hits / len(samples) if accuracy else None,
            validation_loss=validation_loss,
            validation_accuracy=validation_accuracy,
            seconds=time.perf_counter() - start,
        )


def shuffles(n: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Yield a new random order of n rows for every epoch."""
    while True:
        yield rng.permutation(n)


class EarlyStopping:
    """Watch the validation loss: remember the best parameters, and say when to stop.

    Training should stop when the validation loss has not been below its best for `patience` epochs in a
    row. Any decrease counts, however small.

    Parameters
    ----------
    patience : int
        At least 1.

    Attributes
    ----------
    best_loss : float
    best_epoch : int
        0 before the first epoch.
    best_theta : ndarray
        Copy of the parameters after the best epoch.
    """

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.best_loss = math.inf
        self.best_epoch = 0
        self.best_theta: Array = np.empty(0)

    def observe(self, record: EpochRecord, theta: Array) -> bool:
        """Take note of an epoch; return whether training should stop."""
        assert record.validation_loss is not None
        if record.validation_loss < self.best_loss:
            self.best_loss = record.validation_loss
            self.best_epoch = record.epoch
            self.best_theta = theta.copy()
        return record.epoch - self.best_epoch >= self.patience


def train(
    training: Training,
    samples: Samples,
    validation: Samples | None,
    orders: Iterator[NDArray[np.intp]],
    history: History,
    *,
    max_epochs: int,
    patience: int | None = None,
    restore_best: bool = True,
    accuracy: bool = True,
    on_epoch: Callable[[EpochRecord], object] = lambda record: None,
) -> None:
    """Train until the epochs are used up or the validation loss stops improving.

    Parameters
    ----------
    training, samples, validation, orders, accuracy
        As for `epochs`.
    history : History
        Filled as training goes on, so that it tells the whole story also after an error.
    max_epochs : int
    patience : int or None
        Stop early after so many epochs without a lower validation loss; None runs all epochs.
    restore_best : bool
        In the end, go back to the parameters with the lowest validation loss.
    on_epoch : callable
        Called with every record.
    """
    watch = EarlyStopping(patience or max_epochs)
    try:
        for record in islice(epochs(training, samples, validation, orders, accuracy=accuracy), max_epochs):
            history.records.append(record)
            stop = validation is not None and watch.observe(record, training.parameters.theta)
            on_epoch(record)
            if patience is not None and stop:
                history.stopping_reason = (
                    f"early stopping: the validation loss had not improved for {patience} epochs"
                )
                break
        else:
            history.stopping_reason = f"all {max_epochs} epochs were run"
    except DivergedError as error:
        history.stopping_reason = f"diverged: {error}"
        raise
    except KeyboardInterrupt:
        history.stopping_reason = f"interrupted after {len(history)} epochs"
        raise
    finally:
        history.best_epoch = watch.best_epoch or None
        if restore_best and watch.best_epoch:
            training.parameters.theta[...] = watch.best_theta


def predict(architecture: Architecture, parameters: Parameters, samples: Samples) -> Array:
    """Return the network's output for all samples, shape (n, n_outputs), computed in chunks."""
    outputs: Array = np.empty((len(samples), architecture.sizes[-1]), parameters.theta.dtype)
    for rows, a, _ in _forward_chunks(architecture, parameters, samples):
        outputs[rows] = a
    return outputs


def evaluate(architecture: Architecture, parameters: Parameters, samples: Samples) -> tuple[float, float]:
    """Return the mean loss of the samples, and the share whose largest output is at the target's largest."""
    loss_sum, hits = 0.0, 0
    for rows, a, z in _forward_chunks(architecture, parameters, samples):
        y = samples.targets(rows)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            loss_sum += float(architecture.head.sample_losses(z, a, y).sum(dtype=np.float64))
        hits += count_hits(a, y)
    return loss_sum / len(samples), hits / len(samples)


def count_hits(a: Array, y: Array) -> int:
    """Count the rows whose largest output is where the target is largest."""
    return int(np.count_nonzero(a.argmax(axis=1) == y.argmax(axis=1)))


def _forward_chunks(
    architecture: Architecture, parameters: Parameters, samples: Samples
) -> Iterator[tuple[slice, Array, Array]]:
    rows_at_once = min(CHUNK_ROWS, len(samples))
    whole = Workspace(architecture, rows_at_once, parameters.theta.dtype, backward=False)
    for rows in samples.chunks():
        X = samples.inputs(rows)
        workspace = whole.first(len(X))
        yield rows, forward(architecture, parameters, X, workspace), workspace.z[-1]


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
