"""The file of results: one line of JSON for each fit, appended as it ends, so that what was stopped goes on."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class Key(NamedTuple):
    """Name a fit: a later result of the same name takes the place of an earlier one."""

    table: str
    peer: str
    split: int
    max_rows: int | None = None
    threads: int = 1


@dataclass(frozen=True)
class Result:
    """Hold what was measured of one fit.

    Attributes
    ----------
    key : Key
    scores : dict of str to float
        By metric; empty when there was an error.
    n_train, n_test : int
        Rows.
    fit_seconds, predict_seconds : float or None
        Wall-clock time of the fit, and of the answers to the test rows.
    peak_megabytes, before_megabytes : float or None
        Resident memory of the process: the most there was, and what there was before the fit.
    version, date : str
    error : str
        What the peer raised.
    """

    key: Key
    scores: dict[str, float] = field(default_factory=dict)
    n_train: int = 0
    n_test: int = 0
    fit_seconds: float | None = None
    predict_seconds: float | None = None
    peak_megabytes: float | None = None
    before_megabytes: float | None = None
    version: str = ""
    date: str = ""
    error: str = ""


def append(path: Path, result: Result) -> None:
    """Add a line that is on the disk when this returns."""
    values = asdict(result)
    line = json.dumps({**result.key._asdict(), **{name: values[name] for name in values if name != "key"}})
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a kill left half a line, which stays one of its own
                line = "\n" + line
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(paths: Iterable[Path]) -> dict[Key, Result]:
    """Return the latest result of every fit; files that are not there, and half lines, hold none."""
    found = (result for path in paths if path.exists() for result in _lines(path))
    return {result.key: result for result in found}


def _lines(path: Path) -> Iterator[Result]:
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            values: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError:
            continue
        key = Key(*(values.pop(name) for name in Key._fields))
        yield Result(key, **values)
