"""What people give in the place of batches, and what to do with it."""

import os
from collections.abc import Mapping
from numbers import Number
from pathlib import PurePath
from typing import Any

from glassnet._common.quoting import quoted


def instead_of(batches: Any) -> str:
    """Say what was given in the place of batches, and what to do with it; empty for what can be batches."""
    kind = type(batches).__name__
    if isinstance(batches, str | bytes | os.PathLike):
        name = os.fsdecode(batches)
        return f"the path {quoted(name)}; expected an iterable of pairs (X, y). {_reader_of(name)}"
    if hasattr(batches, "read") and hasattr(batches, "close"):
        return (
            f"an open file; expected an iterable of pairs (X, y). {_reader_of(getattr(batches, 'name', ''))}"
        )
    if isinstance(batches, Mapping):
        return (
            f"a {kind} with {', '.join(map(repr, list(batches)[:4]))}; expected an iterable of pairs (X, y). "
            "For arrays there is Stream.of_arrays(X, y)."
        )
    is_pair = isinstance(batches, tuple) and [len(getattr(part, "shape", ())) for part in batches] == [2, 1]
    if is_pair or hasattr(batches, "columns") or hasattr(batches, "shape"):
        what = "one pair of arrays" if is_pair else "one table"
        return (
            f"batches of type {kind}, which is {what}; expected an iterable of pairs (X, y). "
            "For arrays and data frames there is Stream.of_arrays(X, y)."
        )
    if isinstance(batches, list | tuple) and batches:
        if isinstance(batches[0], str | bytes | os.PathLike):
            return f"a {kind} of paths or words; expected pairs (X, y). {_reader_of(os.fsdecode(batches[0]))}"
        if isinstance(batches[0], Number):
            return (
                f"a {kind} of numbers; expected pairs (X, y). For one table there is Stream.of_arrays(X, y)."
            )
    return ""


def _reader_of(name: Any) -> str:
    """Say how a file of this name is read."""
    ways = {
        ".csv": 'Stream.of_csv(path, y="...")',
        ".tsv": 'Stream.of_csv(path, y="...", delimiter="\\t")',
        ".parquet": 'Stream.of_parquet(path, target="...")',
        ".npy": 'Stream.of_arrays(np.load(path, mmap_mode="r"), y)',
    }
    known = ways.get(PurePath(str(name)).suffix.lower())
    return f"Read it by {known}." if known else f"Files are read by {ways['.csv']} or {ways['.parquet']}."
