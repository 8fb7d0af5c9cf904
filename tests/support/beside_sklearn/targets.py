"""Labels, target values and weights of samples of every kind, good and bad."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from scipy import sparse

from beside_sklearn.inputs import Given, wrapped

# -- labels -------------------------------------------------------------------------------------------

NAMES: dict[str, Callable[[np.ndarray], Any]] = {
    "int": lambda codes: codes,
    "int from 7": lambda codes: 7 * codes - 3,
    "int8": lambda codes: codes.astype(np.int8),
    "uint64": lambda codes: codes.astype(np.uint64),
    "big-endian": lambda codes: codes.astype(">i4"),
    "beyond float64": lambda codes: codes + 2**60,
    "text": lambda codes: np.array(["no", "yes", "perhaps", "never", "always"])[codes % 5],
    "text as objects": lambda codes: np.array(["b", "a", "d", "c", "e"], object)[codes % 5],
    "numbers as text": lambda codes: codes.astype(str),
    "bool": lambda codes: codes > 0,
    "bool as objects": lambda codes: (codes > 0).astype(object),
    "float": lambda codes: codes.astype(float),
    "float32": lambda codes: codes.astype(np.float32),
    "float16": lambda codes: codes.astype(np.float16),
    "longdouble": lambda codes: codes.astype(np.longdouble),
    "int as objects": lambda codes: codes.astype(object),
    "StringDType": lambda codes: np.array(["no", "yes", "perhaps"])[codes % 3].astype(
        np.dtypes.StringDType()
    ),
}

LABEL_CONTAINERS: dict[str, Callable[[np.ndarray], Any]] = {
    "array": lambda y: y,
    "list": lambda y: y.tolist(),
    "tuple": lambda y: tuple(y.tolist()),
    "column": lambda y: y.reshape(-1, 1),
    "Series": lambda y: pd.Series(y.astype(object) if y.dtype.kind == "T" else y),
    "categorical Series": lambda y: pd.Series(y.tolist()).astype("category"),
    "DataFrame": lambda y: pd.DataFrame({"y": y.tolist()}),
    "polars Series": lambda y: pl.Series(y.tolist()),
    "pyarrow array": lambda y: pa.array(y.tolist()),
    "nullable Series": lambda y: pd.Series(y.tolist()).convert_dtypes(),
    "Index": lambda y: pd.Index(y.tolist()),
    "read-only": lambda y: _read_only(y),
    "strided": lambda y: np.repeat(y, 2)[::2],
    "masked array, nothing masked": lambda y: np.ma.masked_array(y),
}


def _read_only(y: np.ndarray) -> np.ndarray:
    y = y.copy()
    y.flags.writeable = False
    return y


def _several(rng: np.random.Generator, codes: np.ndarray) -> np.ndarray:
    indicator = (rng.random((len(codes), int(rng.integers(2, 4)))) < 0.5).astype(int)
    if rng.random() < 0.1:
        indicator[:, 0] = rng.integers(2)
    return indicator


SEVERAL: dict[str, Callable[[np.ndarray], Any]] = {
    "array": lambda y: y,
    "float": lambda y: y.astype(float),
    "bool": lambda y: y.astype(bool),
    "Fortran": np.asfortranarray,
    "list": lambda y: y.tolist(),
    "DataFrame": pd.DataFrame,
    "csr": sparse.csr_matrix,
    "csc array": sparse.csc_array,
    "coo": sparse.coo_matrix,
    "lil": sparse.lil_matrix,
    "uint8": lambda y: y.astype(np.uint8),
}

BAD_LABELS: dict[str, Callable[[np.ndarray], Any]] = {
    "None": lambda codes: None,
    "one class": lambda codes: np.zeros_like(codes),
    "one word": lambda codes: np.full(len(codes), "same"),
    "every row its own": lambda codes: np.arange(len(codes)),
    "not whole": lambda codes: codes + 0.5 * np.arange(len(codes)),
    "NaN": lambda codes: np.where(np.arange(len(codes)) == 0, np.nan, codes),
    "inf": lambda codes: np.where(np.arange(len(codes)) == 0, np.inf, codes),
    "None in it": lambda codes: np.array([None, *codes[1:].tolist()], object),
    "NaN among text": lambda codes: np.array([np.nan, *["ab"[c % 2] for c in codes[1:]]], object),
    "mixed types": lambda codes: np.array(["a", *codes[1:].tolist()], object),
    "bool and int": lambda codes: np.array([True, *codes[1:].tolist()], object),
    "bytes": lambda codes: codes.astype("S2"),
    "bytes as objects": lambda codes: np.array([b"a" if c else b"b" for c in codes], object),
    "dates": lambda codes: np.datetime64("2024-01-01") + codes,
    "complex": lambda codes: codes + 1j,
    "several classes a row": lambda codes: np.column_stack([codes, codes + 1, codes % 2]),
    "numbers in columns": lambda codes: np.column_stack([codes + 0.5, codes - 0.25]),
    "3-D": lambda codes: codes.reshape(-1, 1, 1),
    "one short": lambda codes: codes[:-1],
    "one more": lambda codes: np.append(codes, 0),
    "empty": lambda codes: codes[:0],
    "a number": lambda codes: 1,
    "lists of labels": lambda codes: [[c] * (1 + i % 2) for i, c in enumerate(codes.tolist())],
    "objects": lambda codes: np.array([object() for _ in codes]),
    "tuples": lambda codes: [(int(c), 1) for c in codes],
    "one-hot rows": lambda codes: np.eye(int(codes.max()) + 1, dtype=int)[codes],
    "a row": lambda codes: codes.reshape(1, -1),
    "masked array": lambda codes: np.ma.masked_array(codes, mask=np.arange(len(codes)) == 0),
    "missing in Int64": lambda codes: pd.Series([None, *codes[1:].tolist()], dtype="Int64"),
    "missing text": lambda codes: pd.Series([None, *["ab"[c % 2] for c in codes[1:]]], dtype="string"),
    "sparse column": lambda codes: sparse.csr_matrix(codes.reshape(-1, 1)),
    "rows of no label": lambda codes: np.zeros((len(codes), 3), int),
    "generator": lambda codes: iter(codes.tolist()),
    "a word": lambda codes: "y",
    "rows of 0 and 2": lambda codes: np.column_stack([2 * (codes > 0), 2 * (codes == 0)]),
    "empty columns": lambda codes: np.empty((len(codes), 0)),
}


def draw_labels(rng: np.random.Generator, n: int, *, bad: float) -> Given:
    """Return n labels, or rows of several."""
    k = int(rng.choice([2, 2, 3, 3, 4, 5]))
    codes = rng.integers(k, size=n)
    codes[: min(n, k)] = np.arange(min(n, k))
    if rng.random() < bad:
        kind = str(rng.choice(list(BAD_LABELS)))
        return Given(wrapped(BAD_LABELS[kind], codes), f"labels: {kind}", frozenset({"bad", kind}))
    if rng.random() < 0.2:
        form = str(rng.choice(list(SEVERAL)))
        return Given(
            wrapped(SEVERAL[form], _several(rng, codes)),
            f"several labels: {form}",
            frozenset({"several", form}),
        )
    name, form = str(rng.choice(list(NAMES))), "array"
    if rng.random() < 0.5:
        form = str(rng.choice(list(LABEL_CONTAINERS)))
    return Given(
        wrapped(LABEL_CONTAINERS[form], NAMES[name](codes)),
        f"{k} labels: {name}, {form}",
        frozenset({name, form}),
    )


# -- target values ------------------------------------------------------------------------------------

VALUES: dict[str, Callable[[np.ndarray], Any]] = {
    "float64": lambda y: y,
    "float32": lambda y: y.astype(np.float32),
    "float16": lambda y: y.astype(np.float16),
    "longdouble": lambda y: y.astype(np.longdouble),
    "big-endian": lambda y: y.astype(">f8"),
    "int": lambda y: np.round(3 * y).astype(int),
    "uint8": lambda y: np.abs(np.round(3 * y)).astype(np.uint8),
    "bool": lambda y: y > 0,
    "objects": lambda y: y.astype(object),
    "constant": lambda y: np.full_like(y, 2.5),
    "times 1e6": lambda y: 1e6 * y,
    "times 1e-200": lambda y: 1e-200 * y,
    "times 1e200": lambda y: 1e200 * y,
}

VALUE_CONTAINERS: dict[str, Callable[[np.ndarray], Any]] = {
    "array": lambda y: y,
    "list": lambda y: y.tolist(),
    "column": lambda y: y.reshape(len(y), -1),
    "Series or frame": lambda y: pd.Series(y) if y.ndim == 1 else pd.DataFrame(y),
    "read-only": _read_only,
    "strided": lambda y: np.repeat(y, 2, axis=0)[::2],
    "Fortran": np.asfortranarray,
    "polars": lambda y: pl.Series(y.tolist()) if y.ndim == 1 else pl.DataFrame(y.tolist(), orient="row"),
}

BAD_VALUES: dict[str, Callable[[np.ndarray], Any]] = {
    "None": lambda y: None,
    "NaN": lambda y: np.where(np.arange(len(y)) == 0, np.nan, y),
    "inf": lambda y: np.where(np.arange(len(y)) == 0, np.inf, y),
    "1e308": lambda y: np.where(np.arange(len(y)) == 0, 1e308, y),
    "complex": lambda y: y + 1j,
    "text": lambda y: y.astype(str),
    "words": lambda y: np.full(len(y), "word"),
    "text as objects": lambda y: y.astype(str).astype(object),
    "dates": lambda y: np.datetime64("2024-01-01") + np.arange(len(y)),
    "durations": lambda y: np.arange(len(y)).astype("m8[s]"),
    "bytes": lambda y: y.astype("S8"),
    "None in it": lambda y: np.array([None, *y[1:].tolist()], object),
    "one short": lambda y: y[:-1],
    "empty": lambda y: y[:0],
    "3-D": lambda y: y.reshape(-1, 1, 1),
    "a number": lambda y: 1.0,
    "a row": lambda y: y.reshape(1, -1),
    "sparse": lambda y: sparse.csr_matrix(y.reshape(-1, 1)),
    "masked array": lambda y: np.ma.masked_array(y, mask=np.arange(len(y)) == 0),
    "missing in Float64": lambda y: pd.Series([None, *y[1:].tolist()], dtype="Float64"),
    "ragged": lambda y: [[v] * (1 + i % 2) for i, v in enumerate(y.tolist())],
    "categories": lambda y: pd.Series((y > 0).astype(int)).astype("category"),
    "empty columns": lambda y: np.empty((len(y), 0)),
}


def draw_values(rng: np.random.Generator, n: int, loss: Any, *, bad: float) -> Given:
    """Return n numbers, or rows of them."""
    y = rng.normal(size=n if rng.random() < 0.65 else (n, int(rng.integers(1, 4))))
    if loss == "poisson" and rng.random() < 0.9:
        y = np.abs(np.round(2 * y)) if rng.random() < 0.7 else np.abs(y)
    if rng.random() < bad:
        kind = str(rng.choice(list(BAD_VALUES)))
        return Given(
            wrapped(BAD_VALUES[kind], rng.normal(size=n)), f"values: {kind}", frozenset({"bad", kind})
        )
    kind, form = "float64", "array"
    if rng.random() < 0.4:
        kind = str(rng.choice(list(VALUES)))
    if rng.random() < 0.4:
        form = str(rng.choice(list(VALUE_CONTAINERS)))
    return Given(
        wrapped(VALUE_CONTAINERS[form], wrapped(VALUES[kind], y)),
        f"values {y.shape}: {kind}, {form}",
        frozenset({kind, form}),
    )


# -- weights ------------------------------------------------------------------------------------------

WEIGHTS: dict[str, Callable[[np.ndarray], Any]] = {
    "plain": lambda w: w,
    "list": lambda w: w.tolist(),
    "Series": pd.Series,
    "polars": pl.Series,
    "float32": lambda w: w.astype(np.float32),
    "float16": lambda w: w.astype(np.float16),
    "longdouble": lambda w: w.astype(np.longdouble),
    "big-endian": lambda w: w.astype(">f8"),
    "int": lambda w: np.ceil(w).astype(int),
    "bool": lambda w: w > 0.5,
    "objects": lambda w: w.astype(object),
    "ones": np.ones_like,
    "some 0": lambda w: np.where(w < 0.7, 0, w),
    "a number": lambda w: 2.0,
    "a whole number": lambda w: 2,
    "read-only": _read_only,
    "tiny": lambda w: 1e-200 * w,
    "huge": lambda w: 1e200 * w,
}

BAD_WEIGHTS: dict[str, Callable[[np.ndarray], Any]] = {
    "all 0": np.zeros_like,
    "negative": lambda w: w - 1,
    "sum 0": lambda w: w - w.mean(),
    "NaN": lambda w: np.where(np.arange(len(w)) == 0, np.nan, w),
    "inf": lambda w: np.where(np.arange(len(w)) == 0, np.inf, w),
    "column": lambda w: w.reshape(-1, 1),
    "one short": lambda w: w[:-1],
    "text": lambda w: w.astype(str),
    "words": lambda w: np.full(len(w), "w"),
    "complex": lambda w: w + 1j,
    "balanced": lambda w: "balanced",
    "number 0": lambda w: 0,
    "number NaN": lambda w: float("nan"),
    "None in it": lambda w: [None, *w[1:].tolist()],
    "True": lambda w: True,
    "empty": lambda w: [],
    "dict": lambda w: {0: 1.0},
    "masked array": lambda w: np.ma.masked_array(w, mask=np.arange(len(w)) == 0),
    "dates": lambda w: np.datetime64("2024-01-01") + np.arange(len(w)),
    "durations": lambda w: np.arange(len(w)).astype("m8[s]"),
    "sparse": lambda w: sparse.csr_matrix(w),
}


def draw_weights(rng: np.random.Generator, n: int, *, some: float, bad: float) -> Given:
    """Return the weights of n samples, or mostly none."""
    if rng.random() >= some:
        return Given(None, "no weights")
    kinds, tags = (BAD_WEIGHTS, {"bad"}) if rng.random() < bad else (WEIGHTS, set())
    kind = str(rng.choice(list(kinds)))
    return Given(
        wrapped(kinds[kind], rng.uniform(0.1, 3, size=n)), f"weights: {kind}", frozenset(tags | {kind})
    )
