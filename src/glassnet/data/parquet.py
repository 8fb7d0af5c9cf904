"""Parquet files read in small batches of numbers, by pyarrow: ``pip install 'glassnet[parquet]'``."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet._common.files import open_regular
from glassnet._common.quoting import shown
from glassnet.data._file_table import FileTable, PathLike, explain_missing, find_files
from glassnet.errors import DataFileError, InvalidDataError

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
        with open_parquet(files[0]) as opened:
            names = opened.schema_arrow.names
        super().__init__(files, names, target, features)
        self.n_rows = 0
        self._checked: set[tuple[Path, tuple[str, ...]]] = set()
        kinds: set[np.dtype[Any]] = set()
        for file in files:
            with open_parquet(file) as opened:
                kinds |= self._check_schema(file, opened.schema_arrow)
                self.n_rows += opened.metadata.num_rows
        if kinds in ({np.dtype(np.float32)}, {np.dtype(np.uint8)}):
            self.dtype = kinds.pop()

    def read_tables(self, names: list[str], batch_rows: int) -> Iterator[tuple[Path, int, Any]]:
        """Yield up to `batch_rows` rows of these columns, with their file and the first one's place in it."""
        for file in self.files:
            key = (file, tuple(names))
            for first_row, table in read_batches(file, names, batch_rows, are_checked=key in self._checked):
                yield file, first_row, table
            self._checked.add(key)

    def _check_schema(self, file: Path, schema: Any) -> set[np.dtype[Any]]:
        """Return the dtypes of the features in a file."""
        from pyarrow import types

        self.check_columns(file, schema.names)
        for name in self.target_names:
            kind = schema.field(name).type
            if not _can_be_target(kind):
                raise InvalidDataError(
                    f"{shown(file)} holds {kind} in the target {name!r}, from row 0 on; expected whole "
                    "numbers, numbers of floating type, truth values or text. Convert it when you write the "
                    "file."
                )
        kinds, unfit = set(), []
        for name in self.feature_names:
            kind = schema.field(name).type
            if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
                kinds.add(np.dtype(kind.to_pandas_dtype()))
            else:
                unfit.append(f"{name!r} ({kind})")
        self.refuse_columns(file, unfit)
        return kinds


def _can_be_target(kind: Any) -> bool:
    """Return whether NumPy has numbers, truth values or text of this type; nulls are found in their row."""
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    is_text = types.is_string(kind) or types.is_large_string(kind)
    is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
    return bool(is_text or is_number or types.is_null(kind))


def read_batches(
    file: Path, names: list[str], batch_rows: int, *, are_checked: bool = False
) -> Iterator[tuple[int, Any]]:
    """Yield up to `batch_rows` rows of some columns of a file, with the place of the first one.

    Parameters
    ----------
    file : Path
    names : list of str
    batch_rows : int
    are_checked : bool
        Whether the pages of these columns were checked before.

    Yields
    ------
    first_row : int
    batch : pyarrow.RecordBatch

    Raises
    ------
    DataFileError
        When the file is damaged, with the place.
    """
    first_row = n_checked = 0
    with open_parquet(file) as opened:
        batches = opened.iter_batches(batch_rows, columns=names, use_threads=False)
        pages = iter(()) if are_checked else _check_pages(file, names)
        while True:
            while n_checked < min(first_row + batch_rows, opened.metadata.num_rows):
                n_checked += next(pages, batch_rows)
            if (table := _next_of(batches, file, names)) is None:
                break
            yield first_row, table
            first_row += table.num_rows
        if first_row != opened.metadata.num_rows:
            raise DataFileError(
                f"{shown(file)} is damaged: it has {first_row:,} rows, and its footer says "
                f"{opened.metadata.num_rows:,}. Copy or write it again."
            )


def open_parquet(file: Path) -> Any:
    """Open a file; only its footer is read.

    Raises
    ------
    DataFileError
        When it is damaged, or no Parquet file.
    MissingPackageError
        When pyarrow or thrift is not installed.
    """
    try:
        import thrift  # noqa: F401  # which checks the pages
        from pyarrow import parquet
    except ImportError as error:
        raise explain_missing(error, "Parquet") from error
    try:
        opened = parquet.ParquetFile(
            file, buffer_size=READ_AHEAD_BYTES, pre_buffer=False, page_checksum_verification=True
        )
        metadata = opened.metadata
        assert isinstance(opened.schema_arrow.names, list)  # decoded only here
        groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    except _damages() as error:
        raise DataFileError(f"{shown(file)} cannot be read as a Parquet file: {shown(error)}") from error
    rows = sum(group.num_rows for group in groups)
    if rows != metadata.num_rows or any(group.num_rows < 0 for group in groups):
        opened.close()
        raise DataFileError(
            f"{shown(file)} is damaged: its footer says {metadata.num_rows:,} rows, and its "
            f"row groups have {rows:,}. Copy or write it again."
        )
    return opened


def _check_pages(file: Path, names: list[str]) -> Iterator[int]:
    """Check the pages of some columns, one row group after the other, and yield how many rows it has."""
    from glassnet.data._parquet_pages import DAMAGES, check_pages, read_groups

    place = " in its footer"
    try:
        with open_regular(file) as opened:
            first_row = 0
            for number, group in enumerate(read_groups(opened)):
                for name in names:
                    place = _place(name, number, first_row, group.n_rows)
                    check_pages(opened, group.columns[name])
                yield group.n_rows
                first_row += group.n_rows
    except DAMAGES as error:
        raise _damage(file, place, error) from error


def _next_of(batches: Iterator[Any], file: Path, names: list[str]) -> Any:
    """Return the next rows of some columns, or None after the last."""
    try:
        return next(batches, None)
    except _damages() as error:
        raise _damage(file, _place_of_damage(file, names), error) from error


def _place_of_damage(file: Path, names: list[str]) -> str:
    """Say in which column and row group the first page is that cannot be read; nothing where none is."""
    with open_parquet(file) as opened:
        first_row = 0
        for group in range(opened.num_row_groups):
            n_rows = opened.metadata.row_group(group).num_rows
            for name in names:
                try:
                    for _ in opened.iter_batches(row_groups=[group], columns=[name], use_threads=False):
                        pass
                except _damages():
                    return _place(name, group, first_row, n_rows)
            first_row += n_rows
    return ""


def _place(name: str, group: int, first_row: int, n_rows: int) -> str:
    last = first_row + n_rows - 1
    return f" in column {shown(name)!r}, row group {group} (rows {first_row:,} to {last:,}, from 0)"


def _damage(file: Path, place: str, error: Exception) -> DataFileError:
    return DataFileError(f"{shown(file)} is damaged{place}: {shown(error)}. Copy or write it again.")


def _damages() -> tuple[type[Exception], ...]:
    """Return what pyarrow raises where a file is not what it should be."""
    from pyarrow import ArrowException

    return (ArrowException, OSError, UnicodeDecodeError, MemoryError, OverflowError)
