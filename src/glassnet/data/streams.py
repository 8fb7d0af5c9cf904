"""Labelled data that are larger than memory, handed out batch by batch, again and again."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, Self

import numpy as np

from glassnet._common.progress import RowProgress
from glassnet._common.quoting import quoted
from glassnet.data._batches import Batch as Batch, pair_of, read_rows, rows_of, take_target
from glassnet.data._instead import instead_of
from glassnet.data._moments import Moments, Scaling, Vector, add_batch, width_of
from glassnet.data.frames import names_of
from glassnet.errors import InvalidDataError, InvalidParameterError, StreamAsArrayError

BATCH_ROWS = 8192
MOST_BYTES = 1 << 26
"""Rows that are read at once from arrays and files; fewer where they would take more than these bytes."""

NO_ROWS = "the stream holds no rows. Does the function return a new iterator whenever it is called?"
READ_ONCE = (
    "{use}, and a generator can be read only once. Give the function that makes it: "
    "Stream(make_batches), not Stream(make_batches())."
)


def few_rows(bytes_of_a_row: int) -> int:
    """Return how many rows are read at once."""
    return min(BATCH_ROWS, max(MOST_BYTES // max(bytes_of_a_row, 1), 1))


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
        if instead := instead_of(batches):
            raise InvalidParameterError(f"got {instead}")
        if not callable(batches) and not isinstance(batches, Iterable):
            raise InvalidParameterError(
                f"got batches of type {type(batches).__name__}; expected an iterable of pairs (X, y), or a "
                "function that returns one."
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
        """Return a stream of the rows of arrays, such as memory-mapped ones, or of a DataFrame.

        Of a `numpy.memmap` each batch is mapped anew and let go, because its pages count as memory of the
        process for as long as it is mapped. That needs rows that lie one after another in the file. Batches
        of a DataFrame are DataFrames, so the names of its columns are learnt.

        Parameters
        ----------
        X : {ndarray, memmap, sparse matrix, DataFrame} of shape (n_samples, n_features)
        y : {ndarray, memmap, Series, DataFrame} of shape (n_samples,) or (n_samples, n_outputs), optional
            Or the name of the column of X, or the names, as for `with_target`.
        rows : int, optional
            As for `Stream`.
        """
        if isinstance(y, str) or (isinstance(y, list | tuple) and all(isinstance(name, str) for name in y)):
            named = cls.of_arrays(X, rows=rows)
            return cls(named.with_target(y), n_rows=named.n_rows, rows=rows)
        for name, array in (("X", X), ("y", y)):
            if isinstance(array, str | bytes | os.PathLike | Mapping):
                raise InvalidDataError(f"got as {name} {instead_of(array)}")
            if array is not None and not hasattr(array, "shape"):
                raise InvalidDataError(
                    f"got {name} of type {type(array).__name__}; expected an array or a DataFrame. "
                    f"np.asarray({name}) makes one of a list."
                )
        if not isinstance(y, np.ndarray | None) and not hasattr(y, "tocsr"):
            y = np.asarray(y)
        if y is not None and y.shape[0] != X.shape[0]:
            raise InvalidDataError(
                f"got {X.shape[0]} rows of X and {y.shape[0]} of y; expected as many of both."
            )

        step = few_rows(
            X.shape[1] * getattr(getattr(X, "dtype", None), "itemsize", 8) if len(X.shape) == 2 else 1
        )

        def read(*arrays: Any) -> Iterator[Any]:
            for start in range(0, X.shape[0], step):
                parts = tuple(read_rows(array, start, start + step) for array in arrays)
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
        y: str | Sequence[str] | None = None,
    ) -> Self:
        """Return a stream of the rows of Parquet files; needs pyarrow, the extra ``glassnet[parquet]``.

        Parameters
        ----------
        path : path-like or sequence of these
            A file, a folder of ``*.parquet`` files, a pattern such as ``"data/2024-*.parquet"``, or several;
            the files of a folder and of a pattern are read in the order of their names.
        target, y : str or sequence of str, optional
            The column that is y, or the columns, by either name; not needed to predict.
        features : sequence of str, optional
            The columns that are X; all others than the target unless given. All must be numeric.
        rows : int, optional
            As for `Stream`.
        """
        from glassnet.data.parquet import ParquetTable

        return cls._of_table(ParquetTable(path, _one_of(target, y), features), rows)

    @classmethod
    def of_csv(
        cls,
        path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        y: str | Sequence[str] | None = None,
        features: Sequence[str] | None = None,
        delimiter: str = ",",
        rows: int | None = None,
        target: str | Sequence[str] | None = None,
    ) -> Self:
        """Return a stream of the rows of CSV files; needs pyarrow, the extra ``glassnet[parquet]``.

        The files are text in UTF-8, and their first row has the names of the columns. With y they are read
        once beforehand, to count the rows and to know what y holds: integers where all values are, else
        numbers, else text. Other faults are found when their row is read. Messages name file, row and column.

        Parameters
        ----------
        path : path-like or sequence of these
            A file, a folder of ``*.csv`` files, a pattern such as ``"data/2024-*.csv"``, or several; the
            files of a folder and of a pattern are read in the order of their names.
        y, target : str or sequence of str, optional
            The column that is y, or the columns, by either name; not needed to predict.
        features : sequence of str, optional
            The columns that are X; all others than y unless given. All must be numeric.
        delimiter : str
            What stands between two cells.
        rows : int, optional
            As for `Stream`.
        """
        from glassnet.data.csv_files import CsvTable

        return cls._of_table(CsvTable(path, _one_of(target, y), features, delimiter), rows)

    @classmethod
    def _of_table(cls, table: Any, rows: int | None) -> Self:
        stream = cls(lambda: table.read(BATCH_ROWS), n_rows=table.n_rows or None, rows=rows)
        stream._targets = (lambda: table.read_targets(BATCH_ROWS)) if table.target_names else None
        return stream

    # -- streams made of this one ----------------------------------------------------------------------------

    def map(self, function: Callable[[Any], Any]) -> "Stream":
        """Return a stream with ``function(X)`` in the place of the X of every batch; y stays.

        Parameters
        ----------
        function : callable
            Returns as many rows as it is given, such as ``scaler.transform``, or
            ``lambda X: np.log1p(X[:, :3])``. It is called anew in every pass.

        Examples
        --------
        >>> import numpy as np
        >>> from glassnet import Stream
        >>> stream = Stream.of_arrays(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0, 1]))
        >>> stream.map(np.sqrt).first().X
        array([[1.        , 1.41421356],
               [1.73205081, 2.        ]])
        """
        if not callable(function):
            raise InvalidParameterError(
                f"got {type(function).__name__}, which cannot be called; expected a function of X, such as "
                "scaler.transform."
            )

        def change(batch: Batch) -> Any:
            try:
                X = function(batch.X)
            except Exception as error:
                error.add_note(f"in {batch.place}")
                raise
            if (n := rows_of(X)) != batch.n_rows:
                raise InvalidDataError(
                    f"in {batch.place}: the function of map made {n} rows of {batch.n_rows}."
                )
            return X if batch.y is None else (X, batch.y)

        return self._derive(change, targets=self.targets if self.can_be_read_again else None)

    def with_target(self, target: Any) -> "Stream":
        """Return a stream with another y.

        Parameters
        ----------
        target : str, int, sequence of these, callable, or array
            The column of X, or the columns, that are y and leave X: by name in batches that are DataFrames,
            by place, from 0, in arrays. Or a function that returns the y of an X. Or the y of all rows, in
            an array, which may be memory-mapped, or a Series.

        Examples
        --------
        >>> import numpy as np
        >>> from glassnet import Stream
        >>> stream = Stream.of_arrays(np.array([[0, 1.5, 2.5], [1, 3.5, 4.5]])).with_target(0)
        >>> stream.first().X, stream.first().y
        (array([[1.5, 2.5],
               [3.5, 4.5]]), array([0., 1.]))
        """
        if callable(target):
            return self._derive(lambda batch: (batch.X, target(batch.X)))
        if isinstance(target, str | int | list | tuple):
            return self._derive(lambda batch: take_target(batch, target))
        if not hasattr(target, "shape"):
            raise InvalidParameterError(
                f"got a target of type {type(target).__name__}; expected the name or the place of a column, "
                "a function of X, or an array."
            )
        y = target if isinstance(target, np.ndarray) else np.asarray(target)
        if self.n_rows is not None and self.n_rows != len(y):
            raise InvalidDataError(
                f"got {len(y)} targets; expected {self.n_rows}, as many as there are rows."
            )

        def change(batch: Batch) -> Any:
            return batch.X, read_rows(y, batch.first_row, batch.first_row + batch.n_rows)

        return self._derive(change, n_rows=len(y))

    def standardized(self) -> "StandardizedStream":
        """Return a stream whose features have mean 0 and standard deviation 1.

        This reads the data once, for the mean and the variance of each feature, which are those of
        scikit-learn's `StandardScaler`. They are attributes of the stream that is returned, and its
        `transform` applies them to other rows.

        Examples
        --------
        >>> import numpy as np
        >>> from glassnet import Stream
        >>> scaled = Stream.of_arrays(np.array([[1.0, 5.0], [3.0, 5.0]])).standardized()
        >>> scaled.mean_, scaled.scale_
        (array([2., 5.]), array([1., 1.]))
        >>> scaled.transform([[4.0, 5.0]])
        array([[2., 0.]])
        """
        if not self.can_be_read_again:
            raise InvalidDataError(READ_ONCE.format(use="standardized() reads the data once for itself"))
        moments: Moments | None = None
        names = None
        with RowProgress("mean and variance", self.n_rows) as progress:
            for batch in self.batches():
                if moments is None:
                    moments, names = Moments(width_of(batch)), names_of(batch.X)
                    step = few_rows(8 * len(moments.mean))
                add_batch(moments, batch, step)
                progress.update(batch.first_row + batch.n_rows)
                del batch  # it may be gone before the next one is made
        assert moments is not None  # or batches() has raised an error
        return StandardizedStream(self, Scaling(moments, names))

    def _derive(
        self,
        change: Callable[[Batch], Any],
        *,
        targets: Callable[[], Iterator[Any]] | None = None,
        n_rows: int | None = None,
    ) -> "Stream":
        """Return a stream of changed batches, that can be read as often as this one.

        Parameters
        ----------
        change : callable
            Returns a pair (X, y), or X alone, of as many rows.
        targets : callable, optional
            Reads the y alone.
        n_rows : int, optional
            How many rows this stream has to have.
        """

        def read() -> Iterator[Any]:
            rows = 0
            for batch in self.batches():
                rows = batch.first_row + batch.n_rows
                if n_rows is not None and rows > n_rows:
                    raise InvalidDataError(f"in {batch.place}: there are only {n_rows:,} targets.")
                changed = change(batch)
                del batch
                yield changed
                del changed  # it may be gone before the next one is made
            if n_rows is not None and rows < n_rows:
                raise InvalidDataError(
                    f"got {n_rows:,} targets; expected {rows:,}, as many as there are rows."
                )

        stream = Stream(
            read if self.can_be_read_again else read(), n_rows=n_rows or self.n_rows, rows=self.rows
        )
        stream._targets = targets
        return stream

    # -- reading ---------------------------------------------------------------------------------------------

    def __array__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse to be made an array, which is what NumPy and scikit-learn's other classes do with X."""
        raise StreamAsArrayError(
            "a Stream is no array: it hands its rows out batch by batch, and NumPy or scikit-learn wants "
            "all at once. glassnet's models take it themselves. In the place of a StandardScaler: "
            "model.fit(stream.standardized()). With other transformers: for batch in stream.batches(): "
            "scaler.partial_fit(batch.X); then model.fit(stream.map(scaler.transform))."
        )

    def __iter__(self) -> Iterator[Any]:
        """Read all batches once, as they were given."""
        if self._begun is not None:
            begun, self._begun = self._begun, None
            return _go_on(begun)
        return self._open()

    @property
    def can_be_read_again(self) -> bool:
        """Whether there is more than one pass in it."""
        if isinstance(self._batches, Stream):
            return self._batches.can_be_read_again
        return callable(self._batches) or iter(self._batches) is not self._batches

    def batches(self) -> Iterator[Batch]:
        """Read all batches once, with their places; those without rows are left out."""
        number, first_row = 0, 0
        for batch in self:
            number += 1  # noqa: SIM113  # enumerate would keep a batch while the next one is made
            found = Batch(number, first_row, *pair_of(batch, number))
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
            found = Batch(number, 0, *pair_of(batch, number))
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
            batches = self._batches()
            if instead := instead_of(batches):
                raise InvalidDataError(f"the function of the stream returned {instead}")
            return iter(batches)
        if not self.can_be_read_again:
            if self._is_used_up:
                raise InvalidDataError(
                    "the stream was made of a generator, which can be read only once, and it has been read. "
                    "Give the function that makes it: Stream(make_batches), not Stream(make_batches())."
                )
            self._is_used_up = True
        return iter(self._batches)


class StandardizedStream(Stream):
    """A stream whose features have mean 0 and standard deviation 1; `Stream.standardized` makes it.

    Attributes
    ----------
    mean_, var_, scale_ : ndarray of shape (n_features,)
        Of the rows before; a constant feature has the scale 1.
    n_samples_seen_ : int
    """

    mean_: Vector
    var_: Vector
    scale_: Vector
    n_samples_seen_: int

    def __init__(self, stream: Stream, scaling: Scaling) -> None:
        mapped = stream.map(scaling.apply)
        super().__init__(mapped, n_rows=stream.n_rows, rows=stream.rows)
        self._targets = mapped.targets
        self._scaling = scaling
        self.mean_, self.var_, self.scale_ = scaling.mean, scaling.var, scaling.scale
        self.n_samples_seen_ = scaling.n

    def transform(self, X: Any) -> Any:
        """Return (X - mean_) / scale_ of other rows: those to predict, or a stream of validation data.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features), or Stream
        """
        return X.map(self._scaling.apply) if isinstance(X, Stream) else self._scaling.apply(X)


def _go_on(begun: list[Any]) -> Iterator[Any]:
    """Yield a first batch, which is let go, and then those of an iterator."""
    rest = begun.pop()
    yield begun.pop()
    yield from rest


def _one_of(target: Any, y: Any) -> Any:
    if target is not None and y is not None:
        raise InvalidParameterError(
            f"got target={quoted(target)} and y={quoted(y)}, which are one thing; leave one out."
        )
    return y if target is None else target
