"""Parquet files read in small batches of numbers, by pyarrow: ``pip install 'glassnet[parquet]'``."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data._file_table import FileTable, PathLike, explain_missing_pyarrow, find_files
from glassnet.errors import DataFileError

READ_AHEAD_BYTES = 1 << 16
"""What is read from a column at once, which would be a whole row group otherwise. A page of each column, some
2 MB, is held nonetheless."""


class ParquetTable(FileTable):
    """Read features and targets from Parquet files of the same columns, batch by batch.

    X is of dtype uint8 or float32 where all its columns are, and of float64 otherwise.

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

    n_rows: int

    def __init__(
        self,
        path: PathLike | Sequence[PathLike],
        target: str | Sequence[str] | None,
        features: Sequence[str] | None,
    ) -> None:
        files = find_files(path, "Parquet", ".parquet")
        with _open(files[0]) as opened:
            names = opened.schema_arrow.names
        super().__init__(files, names, target, features)
        self.n_rows = 0
        kinds: set[np.dtype[Any]] = set()
        for file in files:
            with _open(file) as opened:
                kinds |= self._check_schema(file, opened.schema_arrow)
                self.n_rows += opened.metadata.num_rows
        if kinds in ({np.dtype(np.float32)}, {np.dtype(np.uint8)}):
            self.dtype = kinds.pop()

    def read_tables(self, names: list[str], batch_rows: int) -> Iterator[tuple[Path, int, Any]]:
        """Yield up to `batch_rows` rows of these columns, with their file and the first one's place in it."""
        for file in self.files:
            first_row = 0
            with _open(file) as opened:
                for table in opened.iter_batches(batch_rows, columns=names, use_threads=False):
                    yield file, first_row, table
                    first_row += table.num_rows

    def _check_schema(self, file: Path, schema: Any) -> set[np.dtype[Any]]:
        """Return the dtypes of the features in a file."""
        from pyarrow import types

        self.check_columns(file, schema.names)
        kinds, unfit = set(), []
        for name in self.feature_names:
            kind = schema.field(name).type
            if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
                kinds.add(np.dtype(kind.to_pandas_dtype()))
            else:
                unfit.append(f"{name!r} ({kind})")
        self.refuse_columns(file, unfit)
        return kinds


def _open(file: Path) -> Any:
    """Open a file; only its footer is read."""
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as error:
        raise explain_missing_pyarrow("Parquet") from error
    try:
        return parquet.ParquetFile(file, buffer_size=READ_AHEAD_BYTES, pre_buffer=False)
    except (ArrowInvalid, OSError) as error:
        raise DataFileError(f"{file} cannot be read as a Parquet file: {error}") from error
