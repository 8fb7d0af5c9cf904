"""Model files and data that the doctor is shown on the command line."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet._common.limits import MOST_EXACT
from glassnet._common.naming import lookup
from glassnet._common.quoting import listed, quoted, shown
from glassnet._common.tables import parse_csv, read_text
from glassnet.data import DATASETS, flatten
from glassnet.data.column_kinds import Kind
from glassnet.data.table_files import read_table_file
from glassnet.errors import DataFileError
from glassnet.models.loading import load
from glassnet.models.neural_network import NeuralNetwork


class Data(NamedTuple):
    """Training data, and test data where there are any."""

    X: Any
    y: NDArray[Any]
    X_test: NDArray[Any] | None = None
    y_test: NDArray[Any] | None = None


def load_model(path: str | Path) -> Any:
    """Read a model file, whatever class of glassnet it holds.

    Raises
    ------
    DataFileError
        When it is missing, damaged, or of an unknown class.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # weights that are not finite are a finding
        return load(path)


def load_data(source: str, model: Any, target: str | None = None) -> Data:
    """Read the data of a model: a data set by its name, or a file with a table.

    Parameters
    ----------
    source : str
        A key of `DATASETS`, or the path of a CSV file with a header and one sample a row; of a model for
        tables, of a CSV, Parquet or Feather file.
    model : NeuralNetwork or estimator
        An estimator that does not scale bytes itself gets images divided by 255.
    target : str, optional
        The column of the labels; the last one unless given, or of a model for tables the last one that is
        none of its columns.

    Raises
    ------
    DataFileError
        When the file cannot be read, or lacks columns.
    """
    reads_tables = hasattr(model, "encoder_")
    if reads_tables and source not in DATASETS:
        return _read_table(Path(source), target, model)
    if source not in DATASETS and Path(source).suffix.lower() != ".csv":
        lookup(DATASETS, source, "data set")
    if source in DATASETS:
        data = DATASETS[source].load()
        if isinstance(model, NeuralNetwork):  # one that is told to take bytes as they are gets them so
            takes_bytes = model.scales_uint8_ or model.scale_uint8 is False
        else:
            takes_bytes = not reads_tables and model.scale_uint8
        X, X_test = (flatten(part.images) for part in (data.train, data.test))
        if not takes_bytes:
            X, X_test = X / 255.0, X_test / 255.0
        return Data(X, data.train.labels, X_test, data.test.labels)
    return _read_csv(Path(source), target, getattr(model, "feature_names_in_", None))


def _read_table(path: Path, target: str | None, model: Any) -> Data:
    """Read the columns of a model that takes a table as it is, and its target."""
    read = read_table_file(path)
    given, known = list(read.kinds), [column.name for column in model.encoder_.columns_]
    others = [name for name in given if name not in known]
    if missing := [name for name in known if name not in given]:
        raise DataFileError(
            f"{shown(path)} has no column {quoted(missing[0])}, which the model was fitted with; it has "
            f"{listed(given)}."
        )
    if target is None and not others:
        raise DataFileError(
            f"{shown(path)} has no column of labels beside those that the model was fitted with."
        )
    target = others[-1] if target is None else target
    if target not in given:
        raise DataFileError(f"{shown(path)} has no column {quoted(target)}; it has {listed(given)}.")
    labels = read.frame.column(target).to_numpy()
    classes = getattr(model, "classes_", None)
    if classes is not None and read.kinds[target] is not Kind.TEXT and classes.dtype.kind in "US":
        labels = np.array([f"{label:g}" if isinstance(label, float) else str(label) for label in labels])
    return Data(read.frame.select(known), labels)


def _read_csv(path: Path, target: str | None, names: Sequence[str] | None) -> Data:
    """Read the columns in the order that the model was fitted with, where it knows their names."""
    expected = "a CSV file with a header and one sample a row"
    table = parse_csv(read_text(path, "table of data", expected=expected, most_bytes=None), path)
    if len(table) < 2:
        raise DataFileError(f"{shown(path)} holds no samples; expected {expected}.")
    header, rows = table[0][1], [row for _, row in table[1:]]
    if target is not None and target not in header:
        raise DataFileError(f"{shown(path)} has no column {quoted(target)}; it has {listed(header)}.")
    place = len(header) - 1 if target is None else header.index(target)
    columns = [i for i in range(len(header)) if i != place]
    if names is not None:
        missing = [name for name in names if name not in header or header.index(name) == place]
        if missing:
            raise DataFileError(
                f"{shown(path)} has no column {quoted(missing[0])}, which the model was fitted with; it has "
                f"{listed(header)}, of which {shown(header[place])} are the labels."
            )
        columns = [header.index(name) for name in names]
    if cut := next((row for row in rows if row[place].endswith("\0")), None):  # NumPy would drop it
        raise DataFileError(
            f"{shown(path)} holds the label {quoted(cut[place])}, which ends with a NUL: it is damaged, or "
            "no text. Mend it."
        )
    try:
        X = np.array([[_number(row[i]) for i in columns] for row in rows])
    except ValueError as error:
        raise DataFileError(
            f"{shown(path)} holds what is no number: {shown(error)}. Encode text columns first."
        ) from error
    try:
        labels = np.array([_number(row[place]) for row in rows])
    except ValueError:
        return Data(X, np.array([row[place] for row in rows]))
    is_whole = (labels == np.floor(labels)).all() and (np.abs(labels) < MOST_EXACT).all()
    return Data(X, labels.astype(int) if is_whole else labels)


def _number(cell: str) -> float:
    if "_" in cell:  # 1_000 is a number in Python, not in tables
        raise ValueError(f"could not convert string to float: {cell!r}")
    return float(cell)
