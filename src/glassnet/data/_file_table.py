"""Tables in files, read in small batches of numbers by pyarrow: ``pip install 'glassnet[parquet]'``."""

import glob
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet._common.limits import MOST_EXACT
from glassnet._common.quoting import quoted, shown
from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError, MissingPackageError

PathLike = str | os.PathLike[str]


MOST_CHARACTERS = 1000
"""Of a text that is a target: an array takes as much for each row as for the longest."""


class FileTable:
    """Read features and targets from files of the same columns, batch by batch; a format says how.

    Parameters
    ----------
    files : list of Path
    names : list of str
        Of the columns of the first file.
    target : str, sequence of str, or None
    features : sequence of str or None
        All columns but the target when None.

    Raises
    ------
    InvalidParameterError
        When there is no feature, or one is the target.
    InvalidDataError
        When a column is missing.
    """

    n_rows: int | None = None

    def __init__(
        self,
        files: list[Path],
        names: list[str],
        target: str | Sequence[str] | None,
        features: Sequence[str] | None,
    ) -> None:
        self.files = files
        self.has_one_target = isinstance(target, str)
        self.target_names = [target] if isinstance(target, str) else list(target or ())
        self.feature_names = (
            [name for name in names if name not in self.target_names] if features is None else list(features)
        )
        self.dtype: DTypeLike = np.float64
        twice = sorted(set(self.feature_names) & set(self.target_names))
        if twice or not self.feature_names:
            raise InvalidParameterError(
                f"got the target among the features: {twice}; leave it out of features."
                if twice
                else f"got no features: {files[0]} has only the columns {shown(names)}."
            )

    def read_tables(self, names: list[str], batch_rows: int) -> Iterator[tuple[Path, int, Any]]:
        """Yield rows of these columns, a RecordBatch, with their file and the first one's place in it."""
        raise NotImplementedError

    def read(self, batch_rows: int) -> Iterator[Any]:
        """Yield pairs (X, y), or X alone where there is no target."""
        for file, first_row, table in self.read_tables(self.feature_names + self.target_names, batch_rows):
            X = np.empty((table.num_rows, len(self.feature_names)), self.dtype)
            for i, name in enumerate(self.feature_names):
                values = column_of(table, name, file, first_row)
                with np.errstate(invalid="ignore"):  # a NaN that signals
                    X[:, i] = values
                self._refuse_rounded(values, X[:, i], name, file, first_row)
            yield (X, self._targets(table, file, first_row)) if self.target_names else X

    def read_targets(self, batch_rows: int) -> Iterator[NDArray[Any]]:
        """Yield y alone; the other columns are not converted."""
        for file, first_row, table in self.read_tables(self.target_names, batch_rows):
            yield self._targets(table, file, first_row)

    def check_columns(self, file: Path, names: list[str], hint: str = "") -> None:
        """Check that a file has all columns that are used, each of them once."""
        counts = Counter(names)
        for wanted, what in ((self.target_names, "target"), (self.feature_names, "features")):
            missing = [name for name in wanted if name not in counts]
            if missing:
                raise InvalidDataError(
                    f"{shown(file)} has no column {shown(', '.join(map(repr, missing)))}; it has "
                    f"{shown(names)}. Name one of these as {what}.{hint}"
                )
            twice = [name for name in wanted if counts[name] > 1]
            if twice:
                raise DataFileError(
                    f"{shown(file)} has more than one column {quoted(twice[0])}; name each one differently, "
                    "or leave it out with features=[...]."
                )

    def refuse_columns(self, file: Path, unfit: list[str]) -> None:
        """Refuse features that are no numbers, if there are any."""
        if unfit:
            raise InvalidDataError(
                f"{shown(file)} has columns that are not numeric: {shown(', '.join(unfit))}. Encode them as "
                "numbers first, or leave them out with features=[...]."
            )

    def _targets(self, table: Any, file: Path, first_row: int) -> NDArray[Any]:
        columns = [column_of(table, name, file, first_row) for name in self.target_names]
        for name, column in zip(self.target_names, columns, strict=True):
            if column.dtype.kind == "f" and not np.isfinite(column).all():
                row = int(np.isfinite(column).argmin())
                raise InvalidDataError(
                    f"{shown(file)} holds {column[row]} in column {quoted(name)} at row {first_row + row:,}, "
                    "counted from 0; expected a target there. Leave such rows out when you write the file."
                )
        if self.has_one_target:
            return columns[0]
        y = np.column_stack(columns)
        for i, name in enumerate(self.target_names):
            self._refuse_rounded(columns[i], y[:, i], name, file, first_row)
        return y

    def _refuse_rounded(
        self, values: NDArray[Any], taken: NDArray[Any], name: str, file: Path, first_row: int
    ) -> None:
        """Refuse whole numbers that the type of X cannot hold: none is rounded in silence."""
        if values.dtype.kind not in "iu" or taken.dtype.kind != "f" or values.dtype.itemsize < 8:
            return
        large = np.flatnonzero(
            (values > MOST_EXACT) | (values < -MOST_EXACT if values.dtype.kind == "i" else False)
        )
        for row in large:
            if int(taken[row]) != int(values[row]):
                raise InvalidDataError(
                    f"{shown(file)} holds {values[row]} in column {quoted(name)} at row {first_row + row:,}, "
                    f"counted from 0, which {taken.dtype} rounds to {int(taken[row])}. An identifier? Leave "
                    "the column out with features=[...], or subtract what all rows share when you write it."
                )


def column_of(table: Any, name: str, file: Path, first_row: int) -> NDArray[Any]:
    """Return a column as an array; what is no number is text."""
    column = table.column(name)
    if column.null_count:
        row = first_row + int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])
        raise missing_value(file, name, row)
    if hasattr(column, "dictionary_decode"):
        column = column.dictionary_decode()
    _refuse_no_text(column, name, file, first_row)
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    if values.dtype != object:
        return values
    text = values.astype(str)
    cut = text != values  # NumPy drops the NULs that a text ends with
    if cut.any():
        row = first_row + int(cut.argmax())
        raise InvalidDataError(
            f"{shown(file)} has a text that ends with a NUL in column {quoted(name)} at row {row:,}, counted "
            "from 0: the file is damaged, or is no text. Mend it, or leave the column out."
        )
    return text


def _refuse_no_text(column: Any, name: str, file: Path, first_row: int) -> None:
    """Refuse text that is not UTF-8, which pyarrow hands out as it is."""
    from pyarrow import ArrowInvalid, compute, types

    if not (types.is_string(column.type) or types.is_large_string(column.type)):
        return
    try:
        column.validate(full=True)
    except ArrowInvalid as error:
        for row in range(len(column)):
            try:
                column[row].as_py()
            except UnicodeDecodeError:
                break
        raise DataFileError(
            f"{shown(file)} holds text that is not UTF-8 in column {quoted(name)} at row "
            f"{first_row + row:,}, counted from 0. Copy or write it again."
        ) from error
    is_long = compute.greater(compute.utf8_length(column), MOST_CHARACTERS)
    if (row := compute.index(is_long, True).as_py()) >= 0:
        raise InvalidDataError(
            f"{shown(file)} holds more than {MOST_CHARACTERS:,} characters in column {quoted(name)} at row "
            f"{first_row + row:,}, counted from 0. Mend the file, or name another column as target."
        )


def missing_value(file: Path, name: str, row: int) -> InvalidDataError:
    """Return the error for a cell without a value."""
    return InvalidDataError(
        f"{shown(file)} has no value in column {quoted(name)} at row {row:,}, counted from 0. "
        "Fill in or drop what is missing when you write the file."
    )


def find_files(path: PathLike | Sequence[PathLike], kind: str, suffix: str) -> list[Path]:
    """Return the files of a path, of a folder, of a pattern, or of several of these.

    Parameters
    ----------
    path : path-like or sequence of these
    kind : str
        What they are, for the message: ``"Parquet"``.
    suffix : str
        Of the files of a folder: ``".parquet"``.
    """
    if not isinstance(path, str | os.PathLike):
        paths = list(path) if isinstance(path, Iterable) and not hasattr(path, "keys") else []
        if not paths or not all(isinstance(one, str | os.PathLike) for one in paths):
            raise InvalidParameterError(
                f"got a path of type {type(path).__name__}; expected the path of a {kind} file or of a "
                "folder of them, a pattern, or a list of these that is not empty."
            )
        return [file for one in paths for file in find_files(one, kind, suffix)]
    found = Path(path)
    try:
        names: Iterable[Path] = [found]
        if found.is_dir():
            names = found.rglob(f"*{suffix}")
        elif not found.is_file():
            names = map(Path, glob.glob(str(path), recursive=True))
        files = sorted(file for file in names if file.is_file())  # a pipe would be waited for
    except (OSError, ValueError):  # a path of thousands of characters, or with a NUL
        files = []
    if not files:
        raise DataFileError(
            f"{shown(path)} is no {kind} file, no folder that holds one, and no pattern that fits one. "
            f"Is the path right, and do the files end in {suffix}?"
        )
    return files


def explain_missing(error: ImportError, kind: str) -> MissingPackageError:
    """Return the error that says how the libraries for a kind of files are installed."""
    return MissingPackageError(
        f"{error.name}, which reads {kind} files, is not installed. "
        'Install it with: pip install "glassnet[parquet]"'
    )
