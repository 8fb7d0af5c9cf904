"""A person's table as numbers that a network learns from: standardised, categories as columns of 0 and 1."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data import train_validation_split
from glassnet.data.column_kinds import Kind
from glassnet.data.table_files import read_table_file
from glassnet.errors import InvalidDataError
from glassnet.studio.parts import VALIDATION, Opened, Part
from glassnet.tables.base import FitConfig, Task
from glassnet.tables.contenders import as_numbers
from glassnet.tables.given import read_given

MOST_CATEGORIES = 30
"""Of a column; with more it is left out."""


def open_table(path: Path, target: str | None = None, name: str | None = None) -> Opened:
    """Read a table, and make numbers of it.

    Parameters
    ----------
    path : Path
    target : str, optional
        The column to predict; the last one unless given.
    name : str, optional
        What to call it; the file's name unless given.

    Raises
    ------
    DataFileError, InvalidDataError, UnknownNameError
        When it cannot be read or used.
    """
    called, source = (path.name, str(path)) if name is None else (name, name)
    target = list(read_table_file(path).kinds)[-1] if target is None else target
    given = read_given(FitConfig(table="", target=target, drops_gaps=True), path)
    raw, is_category = as_numbers(given.frame, given.kinds)
    columns: list[tuple[str, NDArray[Any]]] = []
    notes = []
    for (column, kind), values, categorical in zip(given.kinds.items(), raw.T, is_category, strict=True):
        if not categorical:
            columns.append((column, _standardised(values)))
            continue
        codes = np.unique(values[np.isfinite(values)])
        if len(codes) > MOST_CATEGORIES:
            notes.append(f"{column}: {len(codes)} categories, left out")
            continue
        words = given.frame.column(column).to_pylist() if kind is Kind.TEXT else values.tolist()
        named = {str(words[int(np.flatnonzero(values == code)[0])]): code for code in codes}
        columns += [
            (f"{column}={word}", (values == code).astype(np.float64)) for word, code in sorted(named.items())
        ]
    if not columns:
        raise InvalidDataError(f"{called} has no column that a network could learn from.")
    X = np.column_stack([values for _, values in columns]).astype(np.float32)
    y = given.y
    is_classification = given.task is Task.CLASSIFICATION
    if is_classification:
        X_train, X_val, y_train, y_val = train_validation_split(X, y, validation_fraction=VALIDATION)
    else:
        y = _standardised(y)
        notes.append(f"{target} is standardised: mean 0, standard deviation 1")
        rows = np.random.default_rng(0).permutation(len(y))
        held = round(len(y) * VALIDATION)
        X_train, X_val, y_train, y_val = X[rows[held:]], X[rows[:held]], y[rows[held:]], y[rows[:held]]
    return Opened(
        called,
        "plane" if is_classification and X.shape[1] == 2 else "table",
        Part(X_train, y_train),
        Part(X_val, y_val),
        tuple(map(str, np.unique(y))) if is_classification else (),
        columns=tuple(name for name, _ in columns),
        notes=tuple(notes),
        source=source,
        target=target,
    )


def _standardised(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers of mean 0 and standard deviation 1; what is missing is at the mean."""
    known = np.isfinite(values)
    if not known.any():
        return np.zeros(len(values))
    spread = float(values[known].std())
    return np.asarray(np.where(known, (values - values[known].mean()) / (spread or 1.0), 0.0), np.float64)
