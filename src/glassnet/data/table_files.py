"""Tables as people keep them, read into Arrow tables: CSV, Parquet and Feather files, whole or in chunks.

pyarrow reads them: ``pip install 'glassnet[parquet]'``. What a file is shows in its first bytes, not in its
name. In a CSV file every cell is text; what its columns hold is found out by `column_kinds`. Feather files
have no checksums, and compressed ones say themselves how much they unpack to: read those that you trust.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet._common.naming import lookup
from glassnet._common.quoting import listed, quoted, shown
from glassnet.data._file_table import explain_missing
from glassnet.data._table_sources import open_source
from glassnet.data.column_kinds import Kind, Oddities, convert, detect_kind
from glassnet.errors import DataFileError, InvalidDataError

SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class TableFile:
    """Hold a table that was read.

    Attributes
    ----------
    frame : pyarrow.Table
        Numbers as float64, truth values, dates as timestamps, text; null where there is no value.
    kinds : dict of str to Kind
        Of each column, in their order.
    notes : dict of str to str
        What was decided about columns that could be read in two ways.
    """

    frame: Any
    kinds: dict[str, Kind]
    notes: dict[str, str]


def read_table_file(path: str | os.PathLike[str], without: Sequence[str] = ()) -> TableFile:
    """Read a whole table, and find out what its columns hold.

    Parameters
    ----------
    path : path-like
    without : sequence of str
        Columns that are left out.

    Returns
    -------
    TableFile

    Raises
    ------
    DataFileError
        When the file is missing, empty, damaged, or no table.
    InvalidDataError
        When a column holds lists or bytes.
    UnknownNameError
        When a column of `without` is not there.
    """
    import_pyarrow()
    import pyarrow

    source = open_source(Path(path))
    for name in without:
        lookup(dict.fromkeys(source.names), name, f"column of {shown(path)}")
    names = [name for name in source.names if name and name not in without]
    source.check(names)
    whole = pyarrow.Table.from_batches([batch for _, batch in source.batches(names)], source.schema(names))
    if not whole.num_rows:
        raise DataFileError(f"{shown(path)} has the names of its columns, and no rows.")
    kinds: dict[str, Kind] = {}
    notes = {"": "left out: an index?"} if "" in source.names else {}
    columns = {}
    for name in names:
        kind, note = detect_kind(whole.column(name), decimal_comma=source.decimal_comma)
        columns[name], oddities = convert(whole.column(name), kind, decimal_comma=source.decimal_comma)
        kinds[name] = kind
        if note or oddities.count:
            notes[name] = note or oddities.describe()
    return TableFile(pyarrow.table(columns), kinds, notes)


def read_column_names(path: str | os.PathLike[str]) -> list[str]:
    """Return the names of a table's columns, from the beginning of its file.

    Raises
    ------
    DataFileError
        When the file is missing, empty, or no table.
    """
    import_pyarrow()
    return list(open_source(Path(path)).names)


def read_chunks(
    path: str | os.PathLike[str], kinds: Mapping[str, Kind], oddities: dict[str, Oddities]
) -> Iterator[Any]:
    """Yield a table chunk by chunk: the columns that are asked for, each as what it was elsewhere.

    Parameters
    ----------
    path : path-like
    kinds : mapping of str to Kind
        The columns, in the order that they are to have; others of the file are left out.
    oddities : dict of str to Oddities
        Is told how many cells of a column are not of its kind, which count as missing.

    Yields
    ------
    pyarrow.Table

    Raises
    ------
    DataFileError
        As `read_table_file`; where the damage is further down, after the first chunks.
    InvalidDataError
        When columns are missing, or most cells of one are not of its kind.
    """
    import_pyarrow()
    import pyarrow

    source, names = open_source(Path(path)), list(kinds)
    if missing := [name for name in names if name not in source.names]:
        raise InvalidDataError(
            f"{shown(path)} has no column {listed(map(quoted, missing))}, which the model was trained with; "
            f"it has {listed(source.names)}."
        )
    source.check(names)
    for first_row, batch in source.batches(names):
        columns = {}
        for name, kind in kinds.items():
            columns[name], odd = convert(batch.column(name), kind, decimal_comma=source.decimal_comma)
            n_filled = batch.num_rows - columns[name].null_count + odd.count
            if odd.count > n_filled / 2:
                raise InvalidDataError(
                    f"{shown(path)} holds {quoted(odd.first, SHOWN_CHARACTERS)} in column {quoted(name)} at "
                    f"row {first_row + odd.row:,}, counted from 0; expected {kind.plural}, as the model was "
                    "trained with."
                )
            oddities[name] = oddities.get(name, Oddities()).plus(odd, first_row)
        yield pyarrow.table(columns)


def import_pyarrow() -> None:
    """Raise the MissingPackageError that says how pyarrow is installed, where it is not."""
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise explain_missing(error, "table") from error
