"""How networks take a `Stream`: checked batch by batch, gathered into parts of bounded size."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from glassnet._common.arrays import Array
from glassnet._common.progress import RowProgress
from glassnet.data.streams import BATCH_ROWS, READ_ONCE, Batch, Stream, few_rows
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models._tallies import Tally
from glassnet.nn.evaluation import predict
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.nn.samples import Samples

MOST_ROWS = 65_536
USUAL_BYTES = 1 << 22
"""Of a part: large enough to shuffle within, small beside the libraries that the process has loaded."""

Method = TypeVar("Method", bound=Callable[..., Any])


def over_streams(method: Method) -> Method:
    """Let a method that answers for X answer for a `Stream` too, batch by batch."""

    @wraps(method)
    def answer(self: Any, X: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(X, Stream):
            return method(self, X, *args, **kwargs)
        self._require_weights()
        answers = []
        with RowProgress(method.__name__, X.n_rows) as progress:
            for batch in X.batches():
                try:
                    answers.append(method(self, batch.X, *args, **kwargs))
                except ValueError as error:
                    raise _fault(batch, error) from error
                progress.update(batch.first_row + batch.n_rows)
                del batch  # it may be gone before the next one is made
        return np.concatenate(answers)

    return answer  # type: ignore[return-value]


@dataclass(frozen=True)
class Reader:
    """Say how a network reads the batches of a stream, in functions of its own.

    Parameters
    ----------
    validate : callable
        ``validate(X, y, reset=...)`` returns both as the network takes them; `reset` where it has learnt no
        features yet.
    check_targets : callable
        ``check_targets(y, first_row)`` raises a ValueError for targets that the network has not learnt.
    encode : callable
        ``encode(y, dtype)`` returns the targets, shape (n, n_outputs).
    needs_y : bool
    divisor : float or None
        What inputs of dtype uint8 are divided by.
    """

    validate: Callable[..., tuple[Any, Any]]
    check_targets: Callable[[Any, int], None]
    encode: Callable[[Any, np.dtype[Any]], Array]
    needs_y: bool
    divisor: float | None

    def read(self, batch: Batch, *, reset: bool = False) -> tuple[Any, Any]:
        """Check a batch as an array would be checked; name its place, and the row, where it is at fault."""
        if batch.y is None and self.needs_y:
            raise InvalidDataError(f"{batch.place} has no y; expected a pair (X, y).")
        try:
            X, y = self.validate(batch.X, batch.y, reset=reset)
            self.check_targets(y, batch.first_row)
        except ValueError as error:
            raise _fault(batch, error) from error
        return X.tocsr() if hasattr(X, "tocsr") else X, y


class StreamedSamples:
    """Hand out the samples of a stream in parts of the network's dtype, as a `Source`.

    The rows of the batches are gathered into one buffer, which every part uses again.

    Parameters
    ----------
    stream : Stream
    reader : Reader
    n_outputs : int
    dtype : dtype
    rows : int
        Of a part; the last one has what is left.
    weigh : callable, optional
        ``weigh(y)`` gives the weights of samples.

    Attributes
    ----------
    X, y : Stream, None
        What callbacks are told that training works on.
    """

    def __init__(
        self,
        stream: Stream,
        reader: Reader,
        n_outputs: int,
        dtype: DTypeLike,
        rows: int,
        weigh: Callable[[Any], Array] | None = None,
    ) -> None:
        self.X, self.y = stream, None
        self._reader = reader
        self._weigh = weigh
        self._dtype: np.dtype[Any] = np.dtype(dtype)
        self._rows = rows
        self._inputs: Array | None = None
        self._targets: Array = np.empty((rows, n_outputs), self._dtype)
        self._weights: Array | None = None if weigh is None else np.empty(rows, self._dtype)

    def parts(self) -> Iterator[Samples]:
        """Read the stream once; a part is valid until the next one is asked for."""
        filled = 0
        for batch in self.X.batches():
            X, y = self._reader.read(batch)
            start = 0
            while start < X.shape[0]:
                stop = min(start + BATCH_ROWS, X.shape[0], start + self._rows - filled)
                self._put(filled, X[start:stop], y[start:stop], batch)
                filled += stop - start
                start = stop
                if filled == self._rows:
                    yield self._part(filled)
                    filled = 0
            del batch, X, y  # it may be gone before the next one is made
        if filled:
            yield self._part(filled)

    def is_worth_splitting(self, units: int) -> bool:
        """Return False: setting columns of a part apart takes longer than it spares."""
        return False

    def split(self, units: int) -> "StreamedSamples":
        """Return the samples as they are."""
        return self

    def _put(self, at: int, X: Any, y: Any, batch: Batch) -> None:
        is_bytes = X.dtype == np.uint8
        if self._inputs is None:
            self._inputs = np.empty((self._rows, X.shape[1]), X.dtype if is_bytes else self._dtype)
        if is_bytes != (self._inputs.dtype == np.uint8):
            raise InvalidDataError(
                f"in {batch.place}: X is of dtype {X.dtype}; expected uint8 in all batches or in none, and "
                f"the first one had {'another dtype' if is_bytes else 'it'}."
            )
        targets = self._reader.encode(y, self._dtype)
        if targets.shape[1] != self._targets.shape[1]:
            raise InvalidDataError(
                f"in {batch.place}: y has {targets.shape[1]} outputs, and the first batch had "
                f"{self._targets.shape[1]}."
            )
        rows = slice(at, at + X.shape[0])
        self._inputs[rows] = X.toarray() if hasattr(X, "toarray") else X
        self._targets[rows] = targets
        if self._weights is not None and self._weigh is not None:
            self._weights[rows] = self._weigh(y)

    def _part(self, n: int) -> Samples:
        assert self._inputs is not None
        weights = None if self._weights is None else self._weights[:n]
        divisor = self._reader.divisor if self._inputs.dtype == np.uint8 else None
        return Samples(self._inputs[:n], self._targets[:n], self._dtype, divisor, weights)


def refuse(
    stream: Stream,
    solver: str | None,
    y: Any = None,
    sample_weight: Any = None,
    *,
    incremental: bool = False,
) -> None:
    """Raise an error for what fitting cannot have together with a stream."""
    if not (incremental or stream.can_be_read_again):
        raise InvalidDataError(READ_ONCE.format(use="fit reads the data anew in every epoch"))
    if solver == "lbfgs":
        raise InvalidParameterError(
            "solver='lbfgs' needs all samples at once, and a Stream hands them out batch by batch; "
            f"expected {', '.join(map(repr, OPTIMIZERS))}."
        )
    refuse_arrays(y, sample_weight)


def refuse_arrays(y: Any, sample_weight: Any) -> None:
    """Raise an error for arrays given beside a stream."""
    if y is not None:
        raise InvalidDataError("got y beside a Stream, which brings its own y; leave y out.")
    if sample_weight is not None:
        raise InvalidDataError(
            "got sample_weight beside a Stream, whose samples all weigh the same; leave it out. A classifier "
            "takes weights of classes: class_weight={label: weight}."
        )


def check_validation(X_val: Stream, y_val: Any) -> Stream:
    """Return a stream of validation data that can be read after every epoch."""
    if y_val is not None:
        raise InvalidDataError("got y_val beside a Stream as X_val, which brings its own y; leave it out.")
    if not X_val.can_be_read_again:
        raise InvalidDataError(READ_ONCE.format(use="X_val is read after every epoch"))
    return X_val


def count_rows(stream: Stream) -> int:
    """Return how many rows a stream has; where it does not say so, it is read once."""
    if stream.n_rows is not None:
        return stream.n_rows
    n_rows = 0
    with RowProgress("rows", None) as progress:
        for batch in stream.batches():
            n_rows = batch.first_row + batch.n_rows
            progress.update(n_rows)
            del batch  # it may be gone before the next one is made
    return n_rows


def part_rows(stream: Stream, batch_size: int, bytes_of_a_row: int) -> int:
    """Return the rows of a part: a multiple of the batch size, as many as `Stream` says."""
    few = few_rows(bytes_of_a_row)
    rows = stream.rows or min(MOST_ROWS, max(USUAL_BYTES // bytes_of_a_row, few))
    return max(rows // batch_size, 1) * batch_size


def score_parts(
    architecture: Architecture, parameters: Parameters, samples: StreamedSamples, tally: Tally
) -> float:
    """Return the score of all samples, added up part by part; NaN where an output is not finite."""
    for part in samples.parts():
        outputs = predict(architecture, parameters, part)
        if not np.isfinite(outputs).all():
            return np.nan
        tally.add(outputs, part.y)
    return tally.score()


def _fault(batch: Batch, error: ValueError) -> InvalidDataError:
    row = batch.first_row_not_finite()
    where = "" if row is None else f" The first value that is not finite is in row {row:,}."
    return InvalidDataError(f"in {batch.place}: {error}{where}")
