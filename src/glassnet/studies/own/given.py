"""The samples of a person's study, and what of them each model is given."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from glassnet._common.files import open_regular
from glassnet._common.naming import lookup
from glassnet._common.quoting import listed, quoted, shown
from glassnet.data import DATASETS, flatten, read_idx
from glassnet.data.column_kinds import Kind
from glassnet.data.table_files import read_table_file
from glassnet.errors import DataFileError, InvalidDataError
from glassnet.studies.base import SplitData
from glassnet.studies.own.description import DataPart
from glassnet.studies.own.importing import import_path, is_import_path

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".feather", ".arrow")
FEWEST_ROWS = 10
FILES = ("source", "images", "labels", "test_images", "test_labels")
"""The keys of the data that name files."""


@dataclass(frozen=True)
class Given:
    """Hold the samples: those to divide, and the parts that the data have themselves.

    Attributes
    ----------
    X, y
        An array of shape (n, n_features) or a table, and what is to be predicted.
    validation, test : (X, y) or None
    """

    X: Any
    y: NDArray[Any]
    validation: SplitData | None = None
    test: SplitData | None = None


def list_files(data: DataPart) -> dict[str, str]:
    """Return the keys of the data that name files, with the paths as they were written."""
    named = {key: getattr(data, key) for key in FILES if getattr(data, key)}
    if data.source in DATASETS or is_import_path(data.source):
        named.pop("source", None)
    return named


def digest_files(data: DataPart, folder: str) -> dict[str, str]:
    """Return the SHA-256 of every file."""
    return {key: _digest(Path(folder) / path) for key, path in list_files(data).items()}


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with open_regular(path) as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()


def digest_arrays(arrays: Any) -> str:
    """Return the SHA-256 of arrays that were given in Python."""
    digest = hashlib.sha256()
    for array in arrays:
        whole = np.ascontiguousarray(array)
        digest.update(f"{whole.dtype}{whole.shape}".encode())
        digest.update(whole.tobytes() if whole.dtype != object else repr(whole.tolist()).encode())
    return digest.hexdigest()


def load_given(data: DataPart, folder: str, allow: tuple[str, ...], *, classifies: bool) -> Given:
    """Read the samples.

    Raises
    ------
    DataFileError
        When a file cannot be read, or is no longer the one that the run began with.
    InvalidDataError
        When what was read does not do for the task.
    """
    for key, path in list_files(data).items():
        if data.sha256.get(key, digest := _digest(Path(folder) / path)) != digest:
            raise DataFileError(
                f"{shown(path)} is not the file that the run began with: it has another SHA-256. Choose "
                "another folder with --out to begin anew."
            )
    if data.source in DATASETS:
        images = lookup(DATASETS, data.source, "data set").load()
        parts = {name: (_scaled(part.images), part.labels) for name, part in images.parts.items()}
        X, y = parts["train"]
        given = Given(X, y, parts.get("validation"), parts["test"])
    elif is_import_path(data.source):
        given = _from_function(data.source, import_path(data.source, allow, folder)())
    elif data.images:
        given = _from_idx(data, Path(folder))
    else:
        given = _from_table(data, Path(folder) / data.source, classifies=classifies)
    _check(given, classifies=classifies)
    return given


def _scaled(images: NDArray[Any]) -> NDArray[Any]:
    return flatten(images).astype(np.float32) / 255 if images.dtype == np.uint8 else flatten(images)


def _from_idx(data: DataPart, folder: Path) -> Given:
    X, y = _scaled(read_idx(folder / data.images)), read_idx(folder / data.labels)
    test = None
    if data.test_images:
        test = _scaled(read_idx(folder / data.test_images)), read_idx(folder / data.test_labels)
    return Given(X, y, None, test)


def _from_function(path: str, found: Any) -> Given:
    if isinstance(found, Mapping) and "train" in found:
        X, y = found["train"]
        return Given(X, y, found.get("validation"), found.get("test"))
    if isinstance(found, tuple) and len(found) == 2:
        return Given(np.asarray(found[0]), np.asarray(found[1]))
    raise InvalidDataError(
        f"{shown(path)} returned a value of type {type(found).__name__}; expected (X, y), or "
        '{"train": (X, y), "validation": ..., "test": ...}.'
    )


def _from_table(data: DataPart, path: Path, *, classifies: bool) -> Given:
    table = read_table_file(path, without=data.drop)
    lookup(table.kinds, data.target, f"column of {shown(path)}")
    column, kind = table.frame.column(data.target), table.kinds[data.target]
    if column.null_count:
        raise InvalidDataError(
            f"{column.null_count:,} rows of {shown(path)} have no value in the target {quoted(data.target)}; "
            "fill them, or leave these rows out of the file."
        )
    y = np.asarray(column.to_pylist())
    if kind is Kind.NUMBER and classifies and (y == np.rint(y)).all():
        y = y.astype(np.int64)
    elif kind is not Kind.NUMBER and not classifies:
        raise InvalidDataError(
            f"the target {quoted(data.target)} of {shown(path)} holds {kind.plural}; expected numbers, for "
            "a regressor."
        )
    names = [name for name in table.kinds if name != data.target]
    if not names:
        raise InvalidDataError(f"{shown(path)} has the target alone, and no column to learn from.")
    return Given(table.frame.select(names), y)


def _check(given: Given, *, classifies: bool) -> None:
    n, parts = len(given.y), [(given.X, given.y), given.validation, given.test]
    if n < FEWEST_ROWS:
        raise InvalidDataError(f"got {n} samples to learn from; expected at least {FEWEST_ROWS}.")
    for X, y in (part for part in parts if part is not None):
        if len(X) != len(y):
            raise InvalidDataError(
                f"got {len(X):,} samples with {len(y):,} labels or targets; expected as many."
            )
    labels, counts = np.unique(given.y, return_counts=True)
    if classifies and (few := labels[counts < 5]).size:
        raise InvalidDataError(
            f"the target has fewer than 5 samples of {listed(few)}; expected classes to learn: is it a "
            "regression, or is the wrong column the target?"
        )


def take(X: Any, rows: NDArray[np.intp]) -> Any:
    """Return rows of an array or of a table."""
    return X[rows] if isinstance(X, np.ndarray) else X.take(rows)


def divide(
    given: Given,
    *,
    test: float,
    validation: float,
    folds: int,
    fold: int,
    seed: int,
    rows: int | None,
    train_rows: int | None,
    classifies: bool,
) -> dict[str, SplitData]:
    """Return the parts that a model is given: ``train``, ``validation``, and ``test`` if there is one.

    Parameters
    ----------
    given : Given
    test, validation, folds
        See `SplitPart`.
    fold : int
        Which of the folds is the validation part, from 1; 0 without folds.
    seed : int
        Of all that is drawn.
    rows : int or None
        How many samples to draw for training and validation; None takes all.
    train_rows : int or None
        How many of the training part to draw, so that the other parts are the same for any number.
    classifies : bool
        Whether classes have the same share in every part.
    """
    if folds and given.validation is not None:
        X, y = given.X, given.y
        X = np.concatenate([X, given.validation[0]])
        given = replace(given, X=X, y=np.concatenate([y, given.validation[1]]), validation=None)
    chosen, tested = np.arange(len(given.y)), given.test
    if tested is None and test:
        chosen, held = _part(chosen, given.y, test, seed, classifies)
        tested = take(given.X, held), given.y[held]
    if rows is not None and rows < len(chosen):
        chosen = _draw(chosen, rows, seed)
    y = given.y[chosen]
    if folds:
        splitter = (StratifiedKFold if classifies else KFold)(folds, shuffle=True, random_state=seed)
        train, validated = list(splitter.split(np.zeros((len(chosen), 1)), y))[fold - 1]
        train, validated = chosen[train], chosen[validated]
    elif given.validation is not None:
        train, validated = chosen, None
    else:
        train, validated = _part(chosen, y, validation, seed, classifies)
    if train_rows is not None:
        train = _draw(train, train_rows, seed)
    parts = {"train": (take(given.X, train), given.y[train])}
    if validated is None:
        assert given.validation is not None
        parts["validation"] = given.validation
    else:
        parts["validation"] = take(given.X, validated), given.y[validated]
    return parts if tested is None else parts | {"test": tested}


def _draw(rows: NDArray[np.intp], n: int, seed: int) -> NDArray[np.intp]:
    """Return some of the rows; a smaller draw is part of a larger one."""
    return rows[np.sort(np.random.default_rng(seed).permutation(len(rows))[:n])]


def _part(
    rows: NDArray[np.intp], y: NDArray[Any], size: float, seed: int, classifies: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    labels = y if classifies else None
    left, held = train_test_split(rows, test_size=size, stratify=labels, random_state=seed)
    return np.sort(left), np.sort(held)
