"""The rows that a model is fitted to and tested on."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from glassnet._common.files import open_regular
from glassnet._common.naming import lookup
from glassnet._common.quoting import listed, quoted, shown
from glassnet.data.column_kinds import Kind
from glassnet.data.table_files import TableFile, read_chunks, read_table_file
from glassnet.errors import DataFileError, InvalidDataError
from glassnet.tables.base import ColumnFacts, FitConfig, Task
from glassnet.tables.columns import describe_column, names_rows
from glassnet.tables.target import FEWEST_OF_A_CLASS, Target, find_target, values_of

TEST_PART = 0.2


@dataclass(frozen=True)
class Given:
    """Hold a table that was read, and its target found.

    Attributes
    ----------
    path, test_path : Path
        `test_path` is None where the test rows are a part of the table.
    frame : pyarrow.Table
        The features of the rows that can be used, those of `test_path` last.
    kinds : dict of str to Kind
        Of the features.
    target : Target
        Of the rows of the table.
    y : ndarray
        Of all rows.
    n_rows : int
        How many are of the table; the others are of `test_path`.
    columns : list of ColumnFacts
        The target, then the features.
    """

    path: Path
    test_path: Path | None
    frame: Any
    kinds: dict[str, Kind]
    target: Target
    y: NDArray[Any]
    n_rows: int
    columns: list[ColumnFacts]

    @property
    def task(self) -> Task:
        """What a model is to do."""
        return self.target.task

    @property
    def classes(self) -> NDArray[Any]:
        """The labels in their order; empty for a regression."""
        return np.unique(self.target.y) if self.task is Task.CLASSIFICATION else np.zeros(0)

    def parts(self, config: FitConfig) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Return the rows to train on and those to test on, once or for each fold.

        Classes have the same part in both.
        """
        rows = np.arange(self.n_rows)
        if self.test_path is not None:
            return [(rows, np.arange(self.n_rows, len(self.y)))]
        labels = self.target.y if self.task is Task.CLASSIFICATION else None
        if not config.folds:
            train, test = train_test_split(
                rows, test_size=TEST_PART, stratify=labels, random_state=config.seed
            )
            return [(np.sort(train), np.sort(test))]
        kind = KFold if labels is None else StratifiedKFold
        splitter = kind(config.folds, shuffle=True, random_state=config.seed)
        return list(splitter.split(np.zeros((self.n_rows, 1)), labels))


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    DataFileError
        When it cannot be read.
    """
    try:
        with open_regular(path) as file:
            digest = hashlib.sha256()
            for part in iter(lambda: file.read(1 << 20), b""):
                digest.update(part)
            return digest.hexdigest()
    except FileNotFoundError:
        raise DataFileError(
            f"there is no file {shown(path)}; expected a CSV, Parquet or Feather file."
        ) from None
    except OSError as error:
        raise DataFileError(f"cannot read {shown(path)}: {error.strerror or error}.") from error


def read_given(config: FitConfig, path: Path, test_path: Path | None = None) -> Given:
    """Read the table of a fit, and its test rows where they are in a file of their own.

    Raises
    ------
    DataFileError
        When a file cannot be read as a table.
    InvalidDataError
        When columns or the target cannot be used; UnknownNameError when the target is not there.
    """
    if config.target in config.drop:
        raise InvalidDataError(f"the target {quoted(config.target)} cannot be left out.")
    table = read_table_file(path, without=config.drop)
    lookup(table.kinds, config.target, f"column of {shown(path)}")
    task = Task(config.task) if config.task else None
    fewest = max(FEWEST_OF_A_CLASS, config.folds)
    target = find_target(table, config.target, task, drops_gaps=config.drops_gaps, fewest_of_a_class=fewest)
    whole = table.frame if len(target.rows) == table.frame.num_rows else table.frame.take(target.rows)
    kinds = {name: kind for name, kind in table.kinds.items() if name != config.target}
    names = [name for name, kind in kinds.items() if names_rows(whole.column(name), kind)]
    kinds = {name: kind for name, kind in kinds.items() if name not in names}
    if not kinds:
        raise InvalidDataError(
            f"{shown(path)} has no column to learn from: "
            + (f"{listed(map(quoted, names))} names the rows." if names else "it has the target alone.")
        )
    notes = dict(table.notes) | dict.fromkeys(
        names, "a text of its own in most rows, which it names: left out"
    )
    columns = [
        describe_column(whole.column(name), name, table.kinds[name], notes.pop(name, ""))
        for name in (config.target, *kinds)
    ]
    left_out = [f"{name or 'a column without a name'}: {note}" for name, note in notes.items()]
    target = replace(target, notes=[*left_out, *target.notes])
    frame, y = whole.select(list(kinds)), target.y
    if test_path is not None:
        tested, y_test = _read_test(test_path, table, target)
        frame, y = _joined(frame, tested.select(list(kinds))), np.concatenate([y, y_test])
    return Given(path, test_path, frame, kinds, target, y, len(target.y), columns)


def _read_test(path: Path, table: TableFile, target: Target) -> tuple[Any, NDArray[Any]]:
    import pyarrow

    oddities: dict[str, Any] = {}
    frame = pyarrow.concat_tables(read_chunks(path, table.kinds, oddities))
    if frame.num_rows < 2:
        raise InvalidDataError(f"{shown(path)} has {frame.num_rows} rows; expected test rows, two at least.")
    return frame, values_of(frame.column(target.name), target, file=shown(path))


def _joined(*frames: Any) -> Any:
    import pyarrow

    return pyarrow.concat_tables(frames)
