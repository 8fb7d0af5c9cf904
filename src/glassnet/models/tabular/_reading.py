"""Tables of every library, and arrays, as columns of known kinds."""

from collections import Counter
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from glassnet._common.quoting import listed, quoted
from glassnet.errors import InvalidDataError
from glassnet.models.tabular._values import Column, Label, of_array, of_categories, of_objects
from glassnet.models.tabular.columns import ColumnKind
from glassnet.models.validation import read_tensor, refuse_masked

OBJECT_DTYPES = ("object", "str", "string")
"""The dtypes of pandas whose values are objects of Python: of any kind, or text."""


class Table(NamedTuple):
    """Hold what was read of a table.

    Attributes
    ----------
    n_rows : int
    names : list of str, or None
        None where the columns have no names, or not all of them are text.
    content : list of Column, or ndarray of numbers, shape (n_columns, n_rows)
        An array where the table is one of numbers: itself, transposed, not a copy.
    """

    n_rows: int
    names: list[str] | None
    content: list[Column] | NDArray[Any]

    def columns(self) -> list[Column]:
        """Return the columns one by one."""
        if isinstance(self.content, list):
            return self.content
        return [Column(ColumnKind.NUMBER, values) for values in self.content]

    def label(self, i: int) -> Label:
        """Return what messages call a column."""
        return Label(i if self.names is None else self.names[i])


def read_table(X: Any) -> Table:
    """Read a table.

    Parameters
    ----------
    X : DataFrame of pandas or polars, Arrow table, or array-like of shape (n_rows, n_columns)
        Arrays may be of numbers, truth values, text, dates, durations, or objects of such.

    Raises
    ------
    InvalidDataError
        When it is none, holds nothing, has a name twice, or a column of values that cannot be encoded.
    """
    if type(X) is np.ndarray:
        return _read_array(X)
    if hasattr(X, "tocsr"):
        raise InvalidDataError(
            f"got a sparse matrix of shape {X.shape}; expected a dense table: X.toarray(), or "
            "scikit-learn's MaxAbsScaler for a sparse one."
        )
    if hasattr(X, "collect_schema") and hasattr(X, "collect"):
        raise InvalidDataError(
            f"got a {type(X).__name__}, which is not computed yet; expected a table: X.collect()."
        )
    arrow = nw.dependencies.get_pyarrow()
    if arrow is not None and isinstance(X, arrow.RecordBatch):
        X = arrow.Table.from_batches([X])
    names = _names(X)
    if names is not None:
        _refuse_twins(names)
        if nw.dependencies.is_pandas_dataframe(X):
            return _read_pandas(X, names)
        frame = nw.from_native(X, eager_only=True, pass_through=True)
        if isinstance(frame, nw.DataFrame):
            return _read_frame(frame, names)
    return _read_array(X)


# -- arrays -----------------------------------------------------------------------------------------


def _read_array(X: Any) -> Table:
    X = read_tensor(X, "X")
    refuse_masked(X, "X")
    try:  # NumPy would make text of all that a list holds where it holds some
        array = np.array(X, dtype=object) if isinstance(X, list | tuple) else np.asarray(X)
    except ValueError as error:
        raise InvalidDataError(f"X is no table: its rows have different lengths ({error}).") from None
    if array.ndim == 0:
        raise InvalidDataError(
            f"got {quoted(X)}; expected a table: a data frame, or an array or list of rows. Of a dict of "
            "columns, pandas.DataFrame(X) makes one."
        )
    if array.ndim != 2:
        raise InvalidDataError(
            f"got X of shape {array.shape}; expected 2-D, (n_rows, n_columns). Reshape your data: "
            "X.reshape(-1, 1) is a table of one column, X.reshape(1, -1) of one row, X.to_frame() one of a "
            "Series, pandas.DataFrame(X) one of a list of dicts."
        )
    n_rows = _check_shape(array.shape)
    if array.dtype.kind in "iuf":
        return Table(n_rows, None, array.T)
    if array.dtype.kind == "c":
        raise InvalidDataError(f"Complex data not supported: got X of dtype {array.dtype}.")
    return Table(n_rows, None, [of_array(array[:, j], Label(j)) for j in range(array.shape[1])])


def _check_shape(shape: tuple[int, ...]) -> int:
    """Return the number of rows, of which there have to be some, as of columns; in scikit-learn's words."""
    if 0 in shape:
        what, axis = ("sample", 0) if not shape[0] else ("feature", 1)
        raise InvalidDataError(
            f"Found array with 0 {what}(s) (shape={shape}) while a minimum of 1 is required: axis {axis} of "
            "X is empty."
        )
    return shape[0]


# -- data frames ------------------------------------------------------------------------------------


def _names(X: Any) -> list[Any] | None:
    """Return the names of the columns of a table as its library has them."""
    names = getattr(X, "column_names", None)  # of Arrow's
    if names is None and hasattr(X, "dtypes"):
        names = getattr(X, "columns", None)
    return None if names is None or callable(names) else list(names)


def _refuse_twins(names: list[Any]) -> None:
    if len(set(names)) < len(names):
        twice = [name for name, count in Counter(names).items() if count > 1]
        raise InvalidDataError(
            f"several columns of the table have the name {listed(twice)}; expected each name once. Rename "
            "them, or leave all but one out."
        )


def _as_text(names: list[Any]) -> list[str] | None:
    """Return the names where all of them are text, as scikit-learn does."""
    return names if all(isinstance(name, str) for name in names) else None


def _read_frame(frame: Any, names: list[Any]) -> Table:
    n_rows = _check_shape(frame.shape)
    columns = [
        _read_series(series, Label(name)) for series, name in zip(frame.iter_columns(), names, strict=True)
    ]
    return Table(n_rows, _as_text(names), columns)


def _read_pandas(X: Any, names: list[Any]) -> Table:
    """Read a data frame of pandas: numbers and objects at once, as it takes long to give out a column."""
    n_rows = _check_shape(X.shape)
    dtypes = list(X.dtypes)
    numbers = [i for i, dtype in enumerate(dtypes) if isinstance(dtype, np.dtype) and dtype.kind in "iuf"]
    if len(numbers) == len(names):
        return Table(n_rows, _as_text(names), X.to_numpy(np.float64).T)
    objects = [i for i, dtype in enumerate(dtypes) if dtype.name in OBJECT_DTYPES]
    others = sorted({*range(len(names))} - {*numbers, *objects})
    columns: dict[int, Column] = {}
    if numbers:
        block = X.take(numbers, axis=1).to_numpy(np.float64)
        columns |= {i: Column(ColumnKind.NUMBER, row) for i, row in zip(numbers, block.T, strict=True)}
    if objects:
        table = X.take(objects, axis=1).to_numpy(object)
        columns |= {
            i: of_objects(row.tolist(), Label(names[i])) for i, row in zip(objects, table.T, strict=True)
        }
    if others:
        frame = nw.from_native(X.take(others, axis=1))
        for i, series in zip(others, frame.iter_columns(), strict=True):
            columns[i] = _read_series(series, Label(names[i]))
    return Table(n_rows, _as_text(names), [columns[i] for i in range(len(names))])


def _read_series(series: Any, label: Label) -> Column:
    dtype = series.dtype
    if dtype.is_nested():
        values = series.to_list()
        row = next((i for i, value in enumerate(values) if value is not None), 0)
        raise InvalidDataError(
            f"{label} holds {dtype}, {quoted(values[row])} at row {row}; expected one value in each row. "
            "Make columns of what it contains, or leave the column out."
        )
    if isinstance(dtype, nw.Categorical | nw.Enum):
        return of_categories(series.to_list())
    if isinstance(dtype, nw.String | nw.Boolean | nw.Decimal | nw.Time | nw.Int128 | nw.UInt128):
        return of_objects(series.to_list(), label)
    zone = dtype.time_zone if isinstance(dtype, nw.Datetime) else None
    if zone is not None:
        series = series.dt.replace_time_zone(None)
    return of_array(series.to_numpy(), label, zone)
