"""Large CSV files, read in small batches of numbers by pyarrow: ``pip install 'glassnet[parquet]'``.

Tables that people write by hand are read elsewhere, in ``_common/tables.py``.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from glassnet._common.quoting import quoted, shown
from glassnet.data._file_table import (
    FileTable,
    PathLike,
    column_of,
    explain_missing,
    find_files,
    missing_value,
)
from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError

BLOCK_BYTES = 1 << 20
"""What is read at once. A row may be as long."""

MISSING = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "None")
"""What a cell holds that has no value, where the others are numbers."""

TRUTHS = ("true", "false", "1", "0")
SHOWN_CHARACTERS = 40

MOST_COLUMNS = 10_000
MOST_FAULTS = 5
"""How many columns that are no numbers a message names."""


class CsvTable(FileTable):
    """Read features and targets from CSV files of the same columns, batch by batch.

    The files are text in UTF-8, with the names of the columns in the first row. X is of dtype float64. With a
    target the files are read once beforehand, to count the rows and to know the type of the targets: integers
    where all of them are, else numbers, else text; or truth values.

    Parameters
    ----------
    path : path-like or sequence of these
        Files, folders of ``*.csv`` files, or patterns.
    target : str, sequence of str, or None
    features : sequence of str or None
        All columns but the target when None.
    delimiter : str
        What stands between two cells.

    Attributes
    ----------
    n_rows : int or None
        Of all files; None without a target.

    Raises
    ------
    DataFileError
        When a file is missing, or is no table.
    InvalidDataError
        When a column or a value is missing, or a feature is not numeric.
    """

    def __init__(
        self,
        path: PathLike | Sequence[PathLike],
        target: str | Sequence[str] | None,
        features: Sequence[str] | None,
        delimiter: str,
    ) -> None:
        if not (isinstance(delimiter, str) and len(delimiter) == 1):
            raise InvalidParameterError(
                f"got delimiter={quoted(delimiter)}; expected one character, such as ';'."
            )
        self._delimiter = delimiter
        self._types: dict[str, Any] = {}
        self._closed: set[Path] = set()  # the files whose quotation marks were seen to be in pairs
        files = find_files(path, "CSV", ".csv")
        super().__init__(files, self._schema(files[0]).names, target, features)
        for file in files:
            self._check_schema(file)
        for name in self.target_names:
            self._survey_target(name)

    def read_tables(self, names: list[str], batch_rows: int) -> Iterator[tuple[Path, int, Any]]:
        """Yield up to `batch_rows` rows of these columns, with their file and the first one's place in it."""
        import pyarrow

        for file in self.files:
            try:
                for first_row, block in self._blocks(file, names):
                    for start in range(0, block.num_rows, batch_rows):
                        yield file, first_row + start, block.slice(start, batch_rows)
            except (pyarrow.ArrowInvalid, UnicodeDecodeError) as error:
                raise self._explain(file, names, error) from error

    def _blocks(self, file: Path, names: list[str]) -> Iterator[tuple[int, Any]]:
        """Yield the rows of a file as pyarrow reads them, with the place of each block's first one."""
        first_row = 0
        for block in self._open(file, {name: self._types[name] for name in names}):
            yield first_row, block
            first_row += block.num_rows
        if file not in self._closed:
            check_quotes(file, self._delimiter)
            self._closed.add(file)

    def _open(
        self,
        file: Path,
        types: dict[str, Any],
        encoding: str = "utf8",
        on_ragged: Callable[[Any], str] | None = None,
    ) -> Any:
        """Open a file to read the columns of these types, or all when there are none."""
        from pyarrow import csv

        return csv.open_csv(
            str(file),
            csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, encoding=encoding),
            csv.ParseOptions(
                delimiter=self._delimiter, newlines_in_values=True, invalid_row_handler=on_ragged
            ),
            csv.ConvertOptions(column_types=types, include_columns=list(types), null_values=MISSING),
        )

    # -- what the columns hold ----------------------------------------------------------------------------

    def _schema(self, file: Path) -> Any:
        """Return the names of the columns of a file, and the types that its first rows have."""
        try:
            import pyarrow
        except ImportError as error:
            raise explain_missing(error, "large CSV") from error
        try:
            self._check_width(file)
            schema = self._open(file, {}).schema
            names = schema.names  # decoded only here
        except DataFileError:
            raise
        except (pyarrow.ArrowInvalid, UnicodeDecodeError, OSError) as error:
            raise self._explain(file, [], error) from error
        if len(set(names)) < len(names) or (
            all(map(is_number, names)) and any("." in name for name in names)
        ):
            start = shown(self._delimiter.join(names), SHOWN_CHARACTERS)
            raise DataFileError(
                f"{shown(file)} begins with {start}; expected the names of its columns there, each one once."
            )
        return schema

    def _check_width(self, file: Path) -> None:
        """Refuse a file of very many columns, which pyarrow takes minutes to open."""
        from pyarrow import input_stream

        with input_stream(str(file)) as opened:
            n_columns = opened.read(BLOCK_BYTES).partition(b"\n")[0].count(self._delimiter.encode()) + 1
        if n_columns > MOST_COLUMNS:
            raise DataFileError(
                f"{shown(file)} has {n_columns:,} columns or more; expected {MOST_COLUMNS:,} at most. "
                "Parquet files may have more of them: Stream.of_parquet."
            )

    def _check_schema(self, file: Path) -> None:
        """Check the columns of a file, and set the types of the features."""
        from pyarrow import float64, types

        schema = self._schema(file)
        marks = [mark for mark in ";\t|," if len(schema.names) == 1 and mark in schema.names[0]]
        hint = (
            f" Are its cells set apart by {quoted(marks[0])}? Then say delimiter={quoted(marks[0])}."
            if marks
            else ""
        )
        self.check_columns(file, schema.names, hint)
        if "" in self.feature_names:
            raise InvalidDataError(
                f"{shown(file)} has a column without a name: an index? pandas leaves it out with "
                "to_csv(index=False). Name it, or choose the others with features=[...]."
            )
        unfit: list[str] = []
        for name in self.feature_names:
            kind = schema.field(name).type
            if types.is_integer(kind) or types.is_floating(kind) or types.is_null(kind):
                self._types.setdefault(name, float64())
            elif types.is_boolean(kind):
                self._types.setdefault(name, kind)
            elif len(unfit) < MOST_FAULTS:
                unfit.append(self._find_fault(file, [name]) or f"{quoted(name)} ({kind})")
        self.refuse_columns(file, unfit)

    def _survey_target(self, name: str) -> None:
        """Set the narrowest type that all values of a target have, count them, and find what is missing."""
        import pyarrow

        integer, number, truth, text = pyarrow.int64(), pyarrow.float64(), pyarrow.bool_(), pyarrow.string()
        begun = self._schema(self.files[0]).field(name).type
        for kind in (*{integer: (integer, number), number: (number,), truth: (truth,)}.get(begun, ()), text):
            self._types[name] = kind
            try:
                self.n_rows = sum(self._count(file, name) for file in self.files) or None
                return
            except pyarrow.ArrowInvalid as error:
                if kind == text:
                    raise self._explain(self.files[0], [name], error) from error

    def _count(self, file: Path, name: str) -> int:
        """Return how many rows a file has; each must have a value of this column."""
        rows = 0
        for first_row, block in self._blocks(file, [name]):
            values = column_of(block, name, file, first_row)
            if values.dtype.kind == "U" and len(empty := (values == "").nonzero()[0]):
                raise missing_value(file, name, first_row + int(empty[0]))
            rows += block.num_rows
        return rows

    # -- what is wrong ------------------------------------------------------------------------------------

    def _explain(self, file: Path, names: list[str], error: Exception) -> DataFileError | InvalidDataError:
        """Return the error for a file that cannot be read, with the place of the first fault."""
        if names and (fault := self._find_fault(file, names)):
            return InvalidDataError(
                f"{shown(file)} holds {fault}. Mend the file, or leave the column out with features=[...]."
            )
        if ragged := self._find_ragged(file):
            return DataFileError(
                f"{shown(file)} has {ragged}. Write decimals with a point, and quote a cell that has a "
                f"{quoted(self._delimiter)}."
            )
        if isinstance(error, UnicodeDecodeError):
            return DataFileError(f"{shown(file)} is no text in UTF-8; save it as UTF-8.")
        return DataFileError(
            f"{shown(file)} cannot be read as CSV: {shown(error)}. Expected text in UTF-8, with the names "
            "of the columns in the first row, as many cells in every other, and rows of at most "
            f"{BLOCK_BYTES:,} bytes."
        )

    def _find_fault(self, file: Path, names: list[str]) -> str:
        """Say what and where the first cell is that is not of its column's type; empty if none is.

        Raises a DataFileError where one is no text in UTF-8.
        """
        import pyarrow
        from pyarrow import compute

        first_row = 0
        try:
            for block in self._open(file, dict.fromkeys(names, pyarrow.binary())):
                for name in names:
                    kind, column = self._types.get(name, pyarrow.float64()), block.column(name)
                    if (row := _first_no_utf_8(column)) is not None:
                        cell = shown(repr(column[row].as_py()), SHOWN_CHARACTERS)
                        place = f"column {name!r} at row {first_row + row:,}, counted from 0"
                        raise DataFileError(
                            f"{shown(file)} is no text in UTF-8: {cell} in {place}; save it as UTF-8."
                        )
                    column = compute.cast(column, pyarrow.string())
                    try:
                        compute.cast(column, kind)
                    except pyarrow.ArrowInvalid:
                        for row, text in enumerate(column.to_pylist(), start=first_row):
                            if not _fits(text.strip(), pyarrow.types.is_boolean(kind)):
                                start = text[:SHOWN_CHARACTERS]
                                return (
                                    f"{quoted(start)} in column {quoted(name)} at row {row:,}, counted from 0"
                                )
                first_row += block.num_rows
        except (pyarrow.ArrowInvalid, UnicodeDecodeError):  # rows of another length, which the caller reports
            return ""
        return ""

    def _find_ragged(self, file: Path) -> str:
        """Say where the first row is that has not as many cells as the names, and how many; empty if none is.

        pyarrow tells of such rows only as text. Read as Latin-1, whatever they hold is text.
        """
        import pyarrow

        found: list[Any] = []

        def keep(row: Any) -> str:
            found.append(row)
            return "error"

        try:
            names = self._open(file, {}, "latin-1", keep).schema.names
            for _ in self._open(file, {names[0]: pyarrow.string()}, "latin-1", keep):
                pass
        except pyarrow.ArrowInvalid:
            pass
        if not found:
            return ""
        row = found[0]
        start = row.text.encode("latin-1").decode("utf-8", "replace")[:SHOWN_CHARACTERS]
        return (
            f"{row.actual_columns} cells at row {row.number - 2:,}, counted from 0, and "
            f"{row.expected_columns} in the row with the names: {quoted(start)}"
        )


def check_quotes(file: Path, delimiter: str) -> None:
    """Refuse a file that ends within a quoted cell; pyarrow takes it, with all rows that are in it.

    Raises
    ------
    DataFileError
        With the row in which the cell begins.
    """
    from pyarrow import input_stream

    with input_stream(str(file)) as opened:
        marks = sum(chunk.count(b'"') for chunk in iter(lambda: opened.read(BLOCK_BYTES), b""))
    if marks % 2 == 0:
        return
    with io.TextIOWrapper(input_stream(str(file)), "utf-8", "replace") as text:
        begun = _row_of_unclosed(text, delimiter)
    if begun is not None:
        where = "in the row with the names" if begun < 0 else f"at row {begun:,}, counted from 0,"
        raise DataFileError(
            f"{shown(file)} ends within a cell: {where} a quotation mark begins one, and none ends it. A "
            "quotation mark at the beginning of a cell that is meant is written as four."
        )


def _row_of_unclosed(lines: Iterable[str], delimiter: str) -> int | None:
    """Return the row, from 0, in which a quoted cell begins that does not end; None where all do."""
    row, is_open = -2, False
    for line in lines:
        row += not is_open and line != "\n"
        place = 0
        while 0 <= place < len(line):
            if not is_open and line[place] == '"':
                is_open, place = True, place + 1
            elif not is_open:
                place = line.find(delimiter, place) + 1 or -1
            elif (end := line.find('"', place)) < 0:
                break
            elif line[end + 1 : end + 2] == '"':
                place = end + 2
            else:
                is_open, place = False, line.find(delimiter, end) + 1 or -1
    return row if is_open else None


def _first_no_utf_8(column: Any) -> int | None:
    """Return the first cell that is no text, in a column of bytes; None where all are."""
    from pyarrow import ArrowInvalid, compute, string

    try:
        compute.cast(column, string())
    except ArrowInvalid:
        for row, cell in enumerate(column.to_pylist()):
            try:
                (cell or b"").decode()
            except UnicodeDecodeError:
                return row
    return None


def _fits(text: str, is_truth: bool) -> bool:
    if text in MISSING:
        return True
    return text.lower() in TRUTHS if is_truth else is_number(text)


def is_number(text: str) -> bool:
    """Return whether a cell holds a number, as Python writes it."""
    try:
        float(text)
    except ValueError:
        return False
    return True
