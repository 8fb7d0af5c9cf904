"""Files of tables, open: what their columns are called, and their rows batch by batch, for `table_files`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from glassnet._common.files import open_regular
from glassnet._common.quoting import quoted, shown
from glassnet.data.csv_files import MOST_COLUMNS, check_quotes, is_number
from glassnet.data.parquet import open_parquet, read_batches
from glassnet.errors import DataFileError, InvalidDataError

CHUNK_ROWS = 4096
"""The most rows of a chunk; of a CSV file it is what a block of text holds."""
BLOCK_BYTES = 1 << 20
DELIMITERS = ",;\t|"
SHOWN_CHARACTERS = 60

_MAGIC = {b"PAR1": "parquet", b"ARROW1": "feather"}
_FOREIGN = {
    b"PK\x03\x04": "a zip archive, as Excel workbooks are: save the sheet as CSV",
    b"\x1f\x8b": "compressed: unpack it with gunzip",
    b"FEA1": "a Feather file of version 1: write it anew as version 2",
    b"\xff\xfe": "text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "text in UTF-16: save it as UTF-8",
    b"SQLite": "a database: export the table as CSV",
}


def open_source(path: Path) -> "Source":
    """Look at the first bytes of a file, and return what reads it."""
    try:
        with open_regular(path) as file:
            start = file.read(BLOCK_BYTES)
    except FileNotFoundError:
        raise DataFileError(
            f"there is no file {shown(path)}; expected a CSV, Parquet or Feather file."
        ) from None
    except OSError as error:
        raise DataFileError(f"cannot read {shown(path)}: {error.strerror or error}.") from error
    if not start.strip():
        raise DataFileError(f"{shown(path)} is empty; expected a table with the names of its columns on top.")
    for magic, what in _FOREIGN.items():
        if start.startswith(magic):
            raise DataFileError(f"{shown(path)} is {what}.")
    kind = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), "csv")
    source: Source = {"csv": _CsvSource, "parquet": _ParquetSource, "feather": _FeatherSource}[kind](
        path, start
    )
    twice = [name for name, count in Counter(source.names).items() if count > 1]
    if twice:
        raise DataFileError(
            f"{shown(path)} has {Counter(source.names)[twice[0]]} columns {quoted(twice[0])}; name each one "
            "differently."
        )
    return source


class Source:
    """Describe an open table: its columns, and its rows batch by batch."""

    names: list[str]
    decimal_comma = False

    def check(self, names: Sequence[str]) -> None:
        """Refuse columns of a type that nothing can be learnt from."""

    def schema(self, names: Sequence[str]) -> Any:
        """Return the types that the batches have."""
        raise NotImplementedError

    def batches(self, names: list[str]) -> Iterator[tuple[int, Any]]:
        """Yield batches of rows, each with the place of its first one."""
        raise NotImplementedError


class _TypedSource(Source):
    """Hold what Parquet and Feather have in common: every column has a type."""

    path: Path
    arrow_schema: Any

    def check(self, names: Sequence[str]) -> None:
        from pyarrow import types

        for name in names:
            kind = self.arrow_schema.field(name).type
            kind = kind.value_type if types.is_dictionary(kind) else kind
            if types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind):
                raise InvalidDataError(
                    f"{shown(self.path)} holds {shown(kind, SHOWN_CHARACTERS)} in column {quoted(name)}, "
                    "from row 0 on; expected numbers, truth values, dates or text. Leave the column out with "
                    f"--drop {shown(name)}, or write its parts into columns of their own."
                )

    def schema(self, names: Sequence[str]) -> Any:
        import pyarrow

        return pyarrow.schema([self.arrow_schema.field(name) for name in names])


class _ParquetSource(_TypedSource):
    def __init__(self, path: Path, start: bytes) -> None:
        self.path = path
        with open_parquet(path) as opened:
            self.arrow_schema = opened.schema_arrow
        self.names = list(self.arrow_schema.names)

    def batches(self, names: list[str]) -> Iterator[tuple[int, Any]]:
        yield from read_batches(self.path, names, CHUNK_ROWS)


class _FeatherSource(_TypedSource):
    def __init__(self, path: Path, start: bytes) -> None:
        self.path = path
        with self._reading() as opened:
            self.arrow_schema = opened.schema
        self.names = list(self.arrow_schema.names)

    def batches(self, names: list[str]) -> Iterator[tuple[int, Any]]:
        first_row = 0
        with self._reading() as opened:
            for number in range(opened.num_record_batches):
                batch = self._checked(opened, number).select(names)
                for start in range(0, batch.num_rows, CHUNK_ROWS):
                    yield first_row + start, batch.slice(start, CHUNK_ROWS)
                first_row += batch.num_rows

    def _reading(self) -> Any:
        from pyarrow import ArrowException, ipc, memory_map

        try:
            opened = ipc.open_file(memory_map(str(self.path)))
            assert isinstance(opened.schema.names, list)  # decoded only here
            return opened
        except (ArrowException, OSError, UnicodeDecodeError) as error:
            raise DataFileError(
                f"{shown(self.path)} cannot be read as a Feather file: {shown(error)}"
            ) from error

    def _checked(self, opened: Any, number: int) -> Any:
        from pyarrow import ArrowException

        try:
            batch = opened.get_batch(number)
            batch.validate(full=True)
        except (ArrowException, OSError) as error:
            raise DataFileError(
                f"{shown(self.path)} is damaged in its batch {number} of rows: {shown(error)}. Copy or "
                "write it again."
            ) from error
        return batch


class _CsvSource(Source):
    """Read a CSV file as text; what stands between its cells is what its first line has most of."""

    def __init__(self, path: Path, start: bytes) -> None:
        from pyarrow import ArrowInvalid

        self._path = path
        first = start.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
        if b"\0" in start:
            raise DataFileError(f"{shown(path)} is no table: it has NUL bytes, which no text has.")
        self._check_utf8()
        head = first.decode()
        self._delimiter = max(DELIMITERS, key=head.count)
        self.decimal_comma = self._delimiter == ";"
        if head.count(self._delimiter) >= MOST_COLUMNS:
            raise DataFileError(
                f"{shown(path)} has {head.count(self._delimiter) + 1:,} columns; expected {MOST_COLUMNS:,} "
                "at most. Parquet files may have more of them."
            )
        self._ragged: Any = None
        try:
            self.names = self._reading({}).schema.names
        except ArrowInvalid as error:
            raise self._explain(error) from error
        if all(is_number(name) for name in self.names):
            raise DataFileError(
                f"{shown(path)} begins with {shown(head, SHOWN_CHARACTERS)}; expected the names of its "
                "columns in the first row."
            )
        check_quotes(path, self._delimiter)

    def schema(self, names: Sequence[str]) -> Any:
        import pyarrow

        return pyarrow.schema([(name, pyarrow.string()) for name in names])

    def batches(self, names: list[str]) -> Iterator[tuple[int, Any]]:
        import pyarrow

        first_row = 0
        try:
            for batch in self._reading(dict.fromkeys(names, pyarrow.string())):
                for start in range(0, batch.num_rows, CHUNK_ROWS):
                    yield first_row + start, batch.slice(start, CHUNK_ROWS)
                first_row += batch.num_rows
        except pyarrow.ArrowInvalid as error:
            raise self._explain(error) from error

    def _reading(self, types: dict[str, Any]) -> Any:
        from pyarrow import csv

        def keep(row: Any) -> str:
            self._ragged = self._ragged or row
            return "error"

        return csv.open_csv(
            str(self._path),
            csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
            csv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True, invalid_row_handler=keep),
            csv.ConvertOptions(column_types=types, include_columns=list(types), strings_can_be_null=False),
        )

    def _check_utf8(self) -> None:
        with open_regular(self._path) as file:
            for number, line in enumerate(file, 1):
                try:
                    line.decode()
                except UnicodeDecodeError as error:
                    cell = line[max(error.start - 10, 0) : error.end + 10]
                    raise DataFileError(
                        f"{shown(self._path)} is no text in UTF-8: line {number:,} holds "
                        f"{shown(repr(cell)[1:], SHOWN_CHARACTERS)}. Save it as UTF-8; in Excel, as “CSV "
                        "UTF-8”."
                    ) from None

    def _explain(self, error: Exception) -> DataFileError:
        if self._ragged is not None:
            row = self._ragged
            return DataFileError(
                f"{shown(self._path)} has {row.actual_columns} cells at row {row.number - 2:,}, counted "
                "from 0, "
                f"and {row.expected_columns} columns: {shown(row.text, SHOWN_CHARACTERS)}. Quote a cell "
                f"that has a {quoted(self._delimiter)}."
            )
        return DataFileError(
            f"{shown(self._path)} cannot be read as CSV: {shown(error)}. Expected the names of the columns "
            f"in the first row, as many cells in every other, and rows of at most {BLOCK_BYTES:,} bytes."
        )
