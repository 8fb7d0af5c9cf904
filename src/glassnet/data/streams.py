"""Labelled data that are larger than memory, handed out batch by batch, again and again."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import InvalidDataError, InvalidParameterError

BATCH_ROWS = 8192
MOST_BYTES = 1 << 26
"""Rows that are read at once from arrays and files; fewer where they would take more than these bytes."""


NO_ROWS = "the stream holds no rows. Does the function return a new iterator whenever it is called?"


def few_rows(bytes_of_a_row: int) -> int:
    """Return how many rows are read at once."""
    return min(BATCH_ROWS, max(MOST_BYTES // max(bytes_of_a_row, 1), 1))


class Batch(NamedTuple):
    """Hold some rows of a stream, and where they stand in it."""

    number: int
    first_row: int
    X: Any
    y: Any

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return int(self.X.shape[0]) if hasattr(self.X, "shape") else len(self.X)

    @property
    def place(self) -> str:
        """Where the batch stands, for a message; rows count from 0."""
        last = self.first_row + self.n_rows - 1
        return f"batch {self.number} of the stream (rows {self.first_row:,} to {last:,}, counted from 0)"


class Stream:
    """Hand out labelled data batch by batch, so that they never have to be in memory together.

    Every class of models takes a stream in the place of X, with y left out.

    Parameters
    ----------
    batches : iterable or callable
        Pairs (X, y) of any number of rows each, or X alone where no y is needed: an iterable that can be read
        again and again, such as a list, or a function without arguments that returns a new iterator of them
        whenever it is called. A generator can be read only once, which is enough for ``partial_fit`` and
        ``predict``, not for ``fit``.
    n_rows : int, optional
        How many rows there are in all, where that is known: the progress bar then knows the end.
    rows : int, optional
        How many rows are gathered and shuffled at once in training, rounded to whole training batches; the
        default is what fits into 4 MB, but at least 8,192 (of very wide rows, what fits into 64 MB) and at
        most 65,536.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet import MLPClassifier, Stream
    >>> def batches():
    ...     rng = np.random.default_rng(0)
    ...     for _ in range(20):
    ...         X = rng.normal(size=(100, 2))
    ...         yield X, X[:, 0] > X[:, 1]
    >>> stream = Stream(batches)
    >>> model = MLPClassifier((8,), learning_rate_init=0.01, tol=1e-3, random_state=0).fit(stream)
    >>> model.score(stream) > 0.95
    True
    """

    def __init__(
        self,
        batches: Iterable[Any] | Callable[[], Iterable[Any]],
        *,
        n_rows: int | None = None,
        rows: int | None = None,
    ) -> None:
        if not callable(batches) and not isinstance(batches, Iterable):
            raise InvalidParameterError(
                f"got batches of type {type(batches).__name__}; expected an iterable of pairs (X, y), or a "
                "function that returns one."
            )
        if isinstance(batches, np.ndarray) or hasattr(batches, "columns"):
            raise InvalidParameterError(
                f"got batches of type {type(batches).__name__}, which is one table; expected an iterable of "
                "pairs (X, y). For arrays there is Stream.of_arrays(X, y)."
            )
        for name, value in (("n_rows", n_rows), ("rows", rows)):
            if value is not None and value < 1:
                raise InvalidParameterError(f"got {name}={value}; expected at least 1, or None.")
        self.n_rows = n_rows
        self.rows = rows
        self._batches = batches
        self._targets: Callable[[], Iterator[Any]] | None = None
        self._begun: list[Any] | None = None
        self._is_used_up = False

    @classmethod
    def of_arrays(cls, X: Any, y: Any = None, *, rows: int | None = None) -> Self:
        """Return a stream of the rows of arrays, such as memory-mapped ones.

        Of a `numpy.memmap` each batch is mapped anew and let go, because its pages count as memory of the
        process for as long as it is mapped. That needs rows that lie one after another in the file.

        Parameters
        ----------
        X : {ndarray, memmap, sparse matrix} of shape (n_samples, n_features)
        y : ndarray or memmap of shape (n_samples,) or (n_samples, n_outputs), optional
        rows : int, optional
            As for `Stream`.
        """
        for name, array in (("X", X), ("y", y)):
            if array is not None and not hasattr(array, "shape"):
                raise InvalidDataError(f"got {name} of type {type(array).__name__}; expected an array.")
        if y is not None and y.shape[0] != X.shape[0]:
            raise InvalidDataError(
                f"got {X.shape[0]} rows of X and {y.shape[0]} of y; expected as many of both."
            )

        step = few_rows(X.shape[1] * X.dtype.itemsize if X.ndim == 2 else 1)

        def read(*arrays: Any) -> Iterator[Any]:
            for start in range(0, X.shape[0], step):
                parts = tuple(_read_rows(array, start, start + step) for array in arrays)
                yield parts if len(parts) > 1 else parts[0]

        stream = cls(
            (lambda: read(X)) if y is None else (lambda: read(X, y)), n_rows=X.shape[0] or None, rows=rows
        )
        stream._targets = None if y is None else lambda: read(y)
        return stream

    @classmethod
    def of_parquet(
        cls,
        path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        target: str | Sequence[str] | None = None,
        features: Sequence[str] | None = None,
        rows: int | None = None,
    ) -> Self:
        """Return a stream of the rows of Parquet files; needs pyarrow, the extra ``glassnet[parquet]``.

        Parameters
        ----------
        path : path-like or sequence of these
            A file, a folder of ``*.parquet`` files, a pattern such as ``"data/2024-*.parquet"``, or several;
            the files of a folder and of a pattern are read in the order of their names.
        target : str or sequence of str, optional
            The column that is y, or the columns; not needed to predict.
        features : sequence of str, optional
            The columns that are X; all others than the target unless given. All must be numeric.
        rows : int, optional
            As for `Stream`.
        """
        from glassnet.data.parquet import ParquetTable

        table = ParquetTable(path, target, features)
        stream = cls(lambda: table.read(BATCH_ROWS), n_rows=table.n_rows or None, rows=rows)
        stream._targets = None if target is None else lambda: table.read_targets(BATCH_ROWS)
        return stream

    def __iter__(self) -> Iterator[Any]:
        """Read all batches once, as they were given."""
        if self._begun is not None:
            begun, self._begun = self._begun, None
            return _go_on(begun)
        return self._open()

    @property
    def can_be_read_again(self) -> bool:
        """Whether there is more than one pass in it."""
        return callable(self._batches) or iter(self._batches) is not self._batches

    def batches(self) -> Iterator[Batch]:
        """Read all batches once, with their places; those without rows are left out."""
        number, first_row = 0, 0
        for batch in self:
            number += 1  # noqa: SIM113  # enumerate would keep a batch while the next one is made
            found = Batch(number, first_row, *_pair(batch, number))
            first_row += found.n_rows
            del batch
            if found.n_rows:
                yield found
            del found
        if not first_row:
            raise InvalidDataError(NO_ROWS)

    def first(self) -> Batch:
        """Return the first batch; the next pass begins with it nonetheless."""
        batches = iter(self)
        for number, batch in enumerate(batches, start=1):
            found = Batch(number, 0, *_pair(batch, number))
            if found.n_rows:
                self._begun = [batch, batches]
                return found
        raise InvalidDataError(NO_ROWS)

    def targets(self) -> Iterator[Any]:
        """Read the y of all batches once, without X where that is possible."""
        return self._without_inputs() if self._targets is None else self._targets()

    def _without_inputs(self) -> Iterator[Any]:
        for batch in self.batches():
            y = batch.y
            del batch
            yield y

    def _open(self) -> Iterator[Any]:
        if callable(self._batches):
            return iter(self._batches())
        if not self.can_be_read_again:
            if self._is_used_up:
                raise InvalidDataError(
                    "the stream was made of a generator, which can be read only once, and it has been read. "
                    "Give the function that makes it: Stream(make_batches), not Stream(make_batches())."
                )
            self._is_used_up = True
        return iter(self._batches)


def _go_on(begun: list[Any]) -> Iterator[Any]:
    """Yield a first batch, which is let go, and then those of an iterator."""
    rest = begun.pop()
    yield begun.pop()
    yield from rest


def _pair(batch: Any, number: int) -> tuple[Any, Any]:
    """Return X and y of a batch; y is None where there is X alone."""
    is_list_of_arrays = isinstance(batch, list) and len(batch) > 0 and hasattr(batch[0], "shape")
    if not (isinstance(batch, tuple) or is_list_of_arrays):
        return batch, None
    if len(batch) != 2:
        raise InvalidDataError(
            f"batch {number} of the stream is a {type(batch).__name__} of {len(batch)}; expected a pair "
            "(X, y), or X alone."
        )
    return batch[0], batch[1]


def _read_rows(array: Any, start: int, stop: int) -> Any:
    """Return some rows; of a memory-mapped array by a mapping of their own, which ends with them."""
    root = array
    while isinstance(getattr(root, "base", None), np.ndarray):
        root = root.base
    stop = min(stop, array.shape[0])
    can_be_mapped = isinstance(root, np.memmap) and root.filename is not None and root.mode != "c"
    if not (can_be_mapped and array.flags.c_contiguous and array.dtype.itemsize):
        return array[start:stop]
    offset = root.offset + _address(array) - _address(root) + start * array.strides[0]
    return np.memmap(root.filename, array.dtype, "r", offset, (stop - start, *array.shape[1:]))


def _address(array: NDArray[Any]) -> int:
    return int(array.__array_interface__["data"][0])
