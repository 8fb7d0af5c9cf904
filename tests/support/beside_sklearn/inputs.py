"""Inputs of every kind that people hand to an estimator: shapes, types and containers, good and bad."""

import datetime
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from scipy import sparse

FORMATS = ("csr", "csc", "coo", "lil", "dok", "bsr", "dia")


@dataclass(frozen=True)
class Given:
    """Hold what is handed over.

    Attributes
    ----------
    value : object
    recipe : str
        How it was made, in words.
    tags : frozenset of str
        What is special about it, for the predicates of the differences.
    """

    value: Any
    recipe: str
    tags: frozenset[str] = frozenset()


def wrapped(wrap: Callable[[Any], Any], array: Any) -> Any:
    """Return an array in a container, or as it is where no such container can hold it."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # of pandas, about frames that nobody should make
            return wrap(array)
    except (ValueError, TypeError, OverflowError, NotImplementedError, pl.exceptions.PolarsError):
        return array


# -- the numbers --------------------------------------------------------------------------------------


def draw_numbers(rng: np.random.Generator, n: int, d: int) -> tuple[np.ndarray, str]:
    """Return a matrix of float64: mostly well scaled, sometimes anything but."""
    X = rng.normal(size=(n, d))
    kind = rng.choice(["normal", "rounded", "zeros", "constant column", "repeated rows", "scaled"], p=KINDS)
    if kind == "rounded":
        X = np.round(3 * X)
    elif kind == "zeros":
        X = np.where(rng.random((n, d)) < 0.7, 0, X)
    elif kind == "constant column":
        X[:, rng.integers(d)] = rng.choice([0.0, 1.0, -7.5])
    elif kind == "repeated rows":
        X = X[rng.integers(max(1, n // 3), size=n)]
    elif kind == "scaled":
        power = rng.choice([-310, -200, -20, -5, 2, 3, 6, 20])
        X, kind = X * 10.0**power, f"times 1e{power}"
    return X, str(kind)


KINDS = (0.55, 0.1, 0.1, 0.1, 0.08, 0.07)


# -- arrays -------------------------------------------------------------------------------------------


def _strided(X: np.ndarray) -> np.ndarray:
    wide = np.zeros((2 * X.shape[0], X.shape[1] + 1), X.dtype)
    wide[::2, 1:] = X
    return wide[::2, 1:]


def _read_only(X: np.ndarray) -> np.ndarray:
    X = X.copy()
    X.flags.writeable = False
    return X


def _mapped(X: np.ndarray, folder: Path) -> np.ndarray:
    path = folder / f"map-{len(list(folder.iterdir()))}.npy"
    np.save(path, X)
    mapped: np.ndarray = np.load(path, mmap_mode="r")
    return mapped


LAYOUTS: dict[str, Callable[[np.ndarray], Any]] = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "read-only": _read_only,
    "strided": _strided,
    "rows reversed": lambda X: X[::-1].copy()[::-1],
    "list": lambda X: X.tolist(),
    "tuple of arrays": tuple,
    "masked array, nothing masked": lambda X: np.ma.masked_array(X, mask=np.zeros(X.shape, bool)),
}

DTYPES = (
    "float16",
    "float32",
    "longdouble",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
    ">f8",
    ">f4",
    ">f2",
    ">i4",
    "object",
)


def as_dtype(X: np.ndarray, dtype: str) -> np.ndarray:
    """Return X in a dtype; where it is one of whole numbers, as small ones."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return np.asarray(X > 0)
    if kind in "iu":
        small = np.nan_to_num(np.clip(np.round(3 * X), -20, 20))
        return np.asarray(np.abs(small) if kind == "u" else small).astype(dtype)
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(X.astype(dtype))


# -- sparse -------------------------------------------------------------------------------------------


def as_sparse(rng: np.random.Generator, X: np.ndarray) -> tuple[Any, str]:
    """Return X in one of the sparse formats, as a matrix or an array, sometimes in an odd state."""
    form, kind = rng.choice(FORMATS), rng.choice(["matrix", "array"])
    X = X if X.dtype.isnative else X.astype(X.dtype.newbyteorder("="))
    if X.dtype == np.float16 or X.dtype.kind == "O":  # which they cannot hold
        X = X.astype(np.float64)
    made = getattr(sparse, f"{form}_{kind}")(np.ascontiguousarray(X))
    state = "plain"
    if form in ("csr", "csc"):
        state = rng.choice(
            ["plain", "unsorted", "int64 indices", "explicit zeros", "duplicates", "read-only"]
        )
        if state == "unsorted":
            for start, end in zip(made.indptr[:-1], made.indptr[1:], strict=True):
                made.indices[start:end], made.data[start:end] = (
                    made.indices[start:end][::-1].copy(),
                    made.data[start:end][::-1].copy(),
                )
            made.has_sorted_indices = False
        elif state == "int64 indices":
            made.indices, made.indptr = made.indices.astype(np.int64), made.indptr.astype(np.int64)
        elif state == "explicit zeros" and made.nnz:
            made.data[:: max(1, made.nnz // 3)] = 0
        elif state == "duplicates" and made.dtype.kind == "f":
            halves = np.repeat(made.data / 2, 2), np.repeat(made.indices, 2), made.indptr * 2
            made = type(made)(halves, shape=made.shape)
        elif state == "read-only":
            for array in (made.data, made.indices, made.indptr):
                array.flags.writeable = False
    return made, f"{form}_{kind}, {state}"


# -- frames -------------------------------------------------------------------------------------------


def as_frame(rng: np.random.Generator, X: np.ndarray) -> tuple[Any, str]:
    """Return X as a table of pandas, polars or pyarrow."""
    X = X if X.dtype.isnative else X.astype(X.dtype.newbyteorder("="))
    names = [f"x{i}" for i in range(X.shape[1])]
    frames = BAD_FRAMES if rng.random() < 0.12 else FRAMES
    kind = str(rng.choice(list(frames)))
    if X.dtype in (np.float16, np.longdouble) or X.dtype.kind == "O":
        X = X.astype(np.float64)
    return wrapped(lambda array: frames[kind](array, names), X), kind


def _mixed_types(X: np.ndarray, names: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(X, columns=names)
    frame[names[0]] = as_dtype(X[:, 0].astype(float), "int16")
    frame[names[-1]] = X[:, -1] > 0
    return frame


def _with_text(X: np.ndarray, names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(X, columns=names).assign(
        **{names[0]: ["a", "b"] * (len(X) // 2) + ["c"] * (len(X) % 2)}
    )


def _with_missing(X: np.ndarray, names: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(as_dtype(X.astype(float), "int64"), columns=names).astype("Int64")
    frame.iloc[0, 0] = pd.NA
    return frame


FRAMES: dict[str, Callable[[np.ndarray, list[str]], Any]] = {
    "pandas": lambda X, names: pd.DataFrame(X, columns=names),
    "pandas, another index": lambda X, names: pd.DataFrame(X, columns=names, index=range(100, 100 + len(X))),
    "pandas, numbered columns": lambda X, names: pd.DataFrame(X),
    "pandas, mixed types": _mixed_types,
    "pandas, Int64": lambda X, names: pd.DataFrame(as_dtype(X.astype(float), "int64"), columns=names).astype(
        "Int64"
    ),
    "pandas, Float64": lambda X, names: pd.DataFrame(X.astype(float), columns=names).astype("Float64"),
    "pandas, objects": lambda X, names: pd.DataFrame(X, columns=names).astype(object),
    "pandas, sparse": lambda X, names: pd.DataFrame(X.astype(float), columns=names).astype("Sparse[float64]"),
    "pandas, category": lambda X, names: pd.DataFrame(
        as_dtype(X.astype(float), "int64"), columns=names
    ).astype("category"),
    "pandas, arrow types": lambda X, names: pd.DataFrame(X.astype(float), columns=names).astype(
        "double[pyarrow]"
    ),
    "polars": lambda X, names: pl.DataFrame(X, schema=names),
    "pyarrow": lambda X, names: pa.table({name: X[:, i] for i, name in enumerate(names)}),
}

BAD_FRAMES: dict[str, Callable[[np.ndarray, list[str]], Any]] = {
    "pandas, names and numbers": lambda X, names: pd.DataFrame(X, columns=[0, *names[1:]]),
    "pandas, a name twice": lambda X, names: pd.DataFrame(X, columns=[names[0]] * len(names)),
    "pandas, columns in two levels": lambda X, names: pd.DataFrame(
        X, columns=pd.MultiIndex.from_tuples([("a", name) for name in names])
    ),
    "pandas, missing Int64": _with_missing,
    "pandas, text": _with_text,
    "pandas, a column of dates": lambda X, names: pd.DataFrame(X, columns=names).assign(
        **{names[0]: pd.Timestamp("2024-01-01")}
    ),
    "pandas Series": lambda X, names: pd.Series(X[:, 0]),
    "polars, lazy": lambda X, names: pl.DataFrame(X, schema=names).lazy(),
    "polars, a missing value": lambda X, names: pl.DataFrame(X.astype(float), schema=names).with_columns(
        pl.when(pl.int_range(len(X)) == 0).then(None).otherwise(pl.col(names[0])).alias(names[0])
    ),
    "polars, text": lambda X, names: pl.DataFrame(X, schema=names).with_columns(pl.lit("a").alias(names[0])),
    "polars Series": lambda X, names: pl.Series(X[:, 0]),
}

# -- what can only be refused -------------------------------------------------------------------------


def _with(X: np.ndarray, value: Any, dtype: Any = None) -> np.ndarray:
    X = X.astype(dtype or float)
    X[len(X) // 2, X.shape[1] // 2] = value
    return X


def _with_value_in_sparse(X: np.ndarray, value: float) -> Any:
    return sparse.csr_matrix(_with(X, value))


BAD: dict[str, Callable[[np.ndarray], Any]] = {
    "NaN": lambda X: _with(X, np.nan),
    "inf": lambda X: _with(X, np.inf),
    "-inf in float32": lambda X: _with(X, -np.inf, np.float32),
    "1e308": lambda X: _with(X, 1e308),
    "longdouble beyond float64": lambda X: _with(X, np.longdouble("1e400"), np.longdouble),
    "NaN in sparse": lambda X: _with_value_in_sparse(X, np.nan),
    "inf in sparse": lambda X: _with_value_in_sparse(X, np.inf),
    "complex": lambda X: X + 1j,
    "complex without imaginary part": lambda X: X.astype(complex),
    "sparse complex": lambda X: sparse.csr_matrix(X + 1j),
    "None in it": lambda X: _with(X, None, object),
    "objects": lambda X: _with(X, object(), object),
    "a list in it": lambda X: _with(X, [1, 2], object).tolist(),
    "text": lambda X: X.astype(str),
    "text in objects": lambda X: _with(X, "1.5", object),
    "words": lambda X: np.full(X.shape, "word"),
    "bytes": lambda X: X.astype("S8"),
    "dates": lambda X: np.full(X.shape, np.datetime64("2024-01-01")),
    "durations": lambda X: np.full(X.shape, np.timedelta64(1, "D")),
    "dates in objects": lambda X: _with(X, datetime.date(2024, 1, 1), object),
    "whole number of 400 digits": lambda X: _with(X, 10**400, object),
    "masked array": lambda X: np.ma.masked_array(X, mask=np.arange(X.size).reshape(X.shape) == 0),
    "matrix": np.asmatrix,
    "3-D": lambda X: X[:, :, np.newaxis],
    "1-D": lambda X: X[:, 0],
    "a number": lambda X: 3.0,
    "0-D": lambda X: np.array(3.0),
    "no rows": lambda X: X[:0],
    "no columns": lambda X: X[:, :0],
    "no rows, sparse": lambda X: sparse.csr_matrix((0, X.shape[1])),
    "no rows, frame": lambda X: pd.DataFrame(X).iloc[:0],
    "empty list": lambda X: [],
    "ragged": lambda X: [list(row[: 1 + i % 2]) for i, row in enumerate(np.hstack([X, X]))],
    "records": lambda X: np.array([tuple(row) for row in X], [(f"f{i}", float) for i in range(X.shape[1])]),
    "None": lambda X: None,
    "a word": lambda X: "X",
    "dict": lambda X: {"x": X},
    "generator": lambda X: (row for row in X),
    "set": lambda X: set(map(float, X.ravel())),
    "1-D sparse": lambda X: sparse.coo_array(X[:, 0]),
    "one row short": lambda X: X[:-1],
    "one row more": lambda X: np.vstack([X, X[:1]]),
}
"""Mostly refused; what both take has to give the same."""


def draw_inputs(rng: np.random.Generator, n: int, d: int, folder: Path, *, bad: float) -> Given:
    """Return inputs of about n rows and d columns; a share `bad` of them is of the kinds to be refused."""
    X, recipe = draw_numbers(rng, n, d)
    if rng.random() < bad:
        kind = rng.choice(list(BAD))
        return Given(wrapped(BAD[kind], X), f"{kind} ({n}, {d})", frozenset({"bad", kind}))
    return dress(rng, X, folder, recipe)


def dress(rng: np.random.Generator, X: np.ndarray, folder: Path, recipe: str) -> Given:
    """Return a matrix of numbers in some dtype and container."""
    tags = set()
    dtype = "float64"
    if rng.random() < 0.4:
        dtype = str(rng.choice(DTYPES))
        X = as_dtype(X, dtype)
    shape, container = (
        X.shape,
        str(rng.choice(["array", "sparse", "frame", "map"], p=[0.5, 0.22, 0.22, 0.06])),
    )
    value: Any = X
    if container == "array":
        container = str(rng.choice(list(LAYOUTS)))
        value = wrapped(LAYOUTS[container], X)
    elif container == "sparse":
        value, container = as_sparse(rng, X)
        tags.add("sparse")
    elif container == "frame":
        value, container = as_frame(rng, X)
        tags.add("frame")
    elif dtype != "object":
        value = _mapped(X, folder)
        tags.add("map")
    return Given(value, f"{recipe}, {dtype}, {container} {shape}", frozenset(tags | {dtype, container}))
