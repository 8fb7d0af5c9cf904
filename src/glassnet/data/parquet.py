"""Parquet files read in small batches of numbers, by pyarrow: ``pip install 'glassnet[parquet]'``."""

import glob
import os
from collections.abc import Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError

READ_AHEAD_BYTES = 1 << 16
"""What is read from a column at once, which would be a whole row group otherwise. A page of each column, some
2 MB, is held nonetheless."""

PathLike = str | os.PathLike[str]


class ParquetTable:
    """Read features and targets from Parquet files of the same columns, batch by batch.

    Parameters
    ----------
    path : path-like or sequence of these
        Files, folders of ``*.parquet`` files, or patterns.
    target : str, sequence of str, or None
    features : sequence of str or None
        All columns but the target when None.

    Attributes
    ----------
    n_rows : int
        Of all files, from their footers.

    Raises
    ------
    DataFileError
        When a file is missing or is no Parquet file.
    InvalidDataError
        When a column is missing, or a feature is not numeric.
    """

    def __init__(
        self,
        path: PathLike | Sequence[PathLike],
        target: str | Sequence[str] | None,
        features: Sequence[str] | None,
    ) -> None:
        self._files = _find_files(path)
        self._has_one_target = isinstance(target, str)
        self._target_names = [target] if isinstance(target, str) else list(target or ())
        with _open(self._files[0]) as opened:
            names = opened.schema_arrow.names
        self._feature_names = (
            [name for name in names if name not in self._target_names] if features is None else list(features)
        )
        twice = sorted(set(self._feature_names) & set(self._target_names))
        if twice or not self._feature_names:
            raise InvalidParameterError(
                f"got the target among the features: {twice}; leave it out of features."
                if twice
                else f"got no features: {self._files[0]} has only the columns {names}."
            )
        self.n_rows = 0
        kinds: set[np.dtype[Any]] = set()
        for file in self._files:
            with _open(file) as opened:
                kinds |= self._check_columns(file, opened.schema_arrow)
                self.n_rows += opened.metadata.num_rows
        self._dtype = kinds.pop() if kinds in ({np.dtype(np.float32)}, {np.dtype(np.uint8)}) else np.float64

    def read(self, batch_rows: int) -> Iterator[Any]:
        """Yield pairs (X, y), or X alone where there is no target, of up to `batch_rows` rows.

        X is of dtype uint8 or float32 where all its columns are, and of float64 otherwise.
        """
        for file, first_row, table in self._read(self._feature_names + self._target_names, batch_rows):
            X = np.empty((table.num_rows, len(self._feature_names)), self._dtype)
            for i, name in enumerate(self._feature_names):
                X[:, i] = _column(table, name, file, first_row)
            yield (X, self._targets(table, file, first_row)) if self._target_names else X

    def read_targets(self, batch_rows: int) -> Iterator[NDArray[Any]]:
        """Yield y alone; the other columns are not read."""
        for file, first_row, table in self._read(self._target_names, batch_rows):
            yield self._targets(table, file, first_row)

    def _read(self, names: list[str], batch_rows: int) -> Iterator[tuple[Path, int, Any]]:
        for file in self._files:
            first_row = 0
            with _open(file) as opened:
                for table in opened.iter_batches(batch_rows, columns=names, use_threads=False):
                    yield file, first_row, table
                    first_row += table.num_rows

    def _targets(self, table: Any, file: Path, first_row: int) -> NDArray[Any]:
        columns = [_column(table, name, file, first_row) for name in self._target_names]
        return columns[0] if self._has_one_target else np.column_stack(columns)

    def _check_columns(self, file: Path, schema: Any) -> set[np.dtype[Any]]:
        """Return the dtypes of the features in a file."""
        from pyarrow import types

        for names, what in ((self._target_names, "target"), (self._feature_names, "features")):
            missing = [name for name in names if name not in schema.names]
            if missing:
                raise InvalidDataError(
                    f"{file} has no column {', '.join(map(repr, missing))}; it has {schema.names}. "
                    f"Name one of these as {what}."
                )
        kinds, unfit = set(), []
        for name in self._feature_names:
            kind = schema.field(name).type
            if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
                kinds.add(np.dtype(kind.to_pandas_dtype()))
            else:
                unfit.append(f"{name!r} ({kind})")
        if unfit:
            raise InvalidDataError(
                f"{file} has columns that are not numeric: {', '.join(unfit)}. Encode them as numbers first, "
                "or leave them out with features=[...]."
            )
        return kinds


def _column(table: Any, name: str, file: Path, first_row: int) -> NDArray[Any]:
    """Return a column as an array; what is no number is text."""
    column = table.column(name)
    if column.null_count:
        row = first_row + int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])
        raise InvalidDataError(
            f"{file} has no value in column {name!r} at row {row:,}, counted from 0. "
            "Fill in or drop what is missing when you write the file."
        )
    if hasattr(column, "dictionary_decode"):
        column = column.dictionary_decode()
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values.astype(str) if values.dtype == object else values


def _find_files(path: PathLike | Sequence[PathLike]) -> list[Path]:
    if not isinstance(path, str | os.PathLike):
        return reduce(lambda files, one: files + _find_files(one), path, list[Path]())
    found = Path(path)
    if found.is_dir():
        files = sorted(found.rglob("*.parquet"))
    elif found.is_file():
        files = [found]
    else:
        files = sorted(file for file in map(Path, glob.glob(str(path), recursive=True)) if file.is_file())
    if not files:
        raise DataFileError(
            f"{path} is no Parquet file, no folder that holds one, and no pattern that fits one. "
            "Is the path right, and do the files end in .parquet?"
        )
    return files


def _open(file: Path) -> Any:
    """Open a file; only its footer is read."""
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as error:
        raise ImportError(
            "pyarrow, which reads Parquet files, is not installed. "
            'Install it with: pip install "glassnet[parquet]"'
        ) from error
    try:
        return parquet.ParquetFile(file, buffer_size=READ_AHEAD_BYTES, pre_buffer=False)
    except (ArrowInvalid, OSError) as error:
        raise DataFileError(f"{file} cannot be read as a Parquet file: {error}") from error
