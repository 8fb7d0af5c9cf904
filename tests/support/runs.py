"""Run studies, and read what they leave."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from glassnet.models.model_file import read_model
from glassnet.studies.base import Study
from glassnet.studies.folder import MANIFEST_FILE, MODEL_FILE
from glassnet.studies.runner import Snapshot, run_study

_TIMES = re.compile(r"[\d.]+(?= (?:times as long|s with)\b)")
"""What texts say of speeds."""


def run(study: Study, path: Path, *, jobs: int = 1, repair: bool = False, **settings: Any) -> Snapshot:
    """Run to the end; return the last snapshot."""
    *_, last = run_study(study, study.config(**settings), path, jobs=jobs, repair=repair)
    return last


def timeless(value: Any) -> Any:
    """Return a JSON value without what differs from run to run: what was timed, and its digests."""
    if isinstance(value, dict):
        if {"columns", "rows"} <= value.keys():  # times are the last columns of a table
            names = value["columns"]
            kept = next((n for n, name in enumerate(names) if "seconds" in name), len(names))
            value = value | {"columns": names[:kept]}
            if kept < len(names):
                value["rows"] = [row[:kept] for row in value["rows"]]
        timed = ("seconds", "score_seconds", "environment", "sha256")
        return {key: timeless(item) for key, item in value.items() if key not in timed}
    if isinstance(value, str):
        return _TIMES.sub("...", value)
    return [timeless(item) for item in value] if isinstance(value, list) else value


def finished_at(path: Path) -> dict[str, int]:
    """Return when each finished model was, in nanoseconds; a model that is trained again gets a new time."""
    return {file.parent.name: file.stat().st_mtime_ns for file in path.glob(f"models/*/{MANIFEST_FILE}")}


def results_at(path: Path) -> Any:
    return json.loads((path / "results.json").read_text())


def numbers_at(path: Path, names: Iterable[str]) -> tuple[Any, Any, dict[str, list[float]]]:
    """Return everything that must be equal in two runs: results, histories and weights."""
    names = list(names)
    histories = {name: json.loads((path / "models" / name / "history.json").read_text()) for name in names}
    weights = {
        name: read_model(path / "models" / name / MODEL_FILE, "NeuralNetwork")[0]["theta"].tolist()
        for name in names
    }
    return timeless(results_at(path)), timeless(histories), weights


def differences(folder: Path, reference: Path, *, whole: bool) -> Iterator[str]:
    """Yield in which files a run differs from an uninterrupted one, times aside.

    Parameters
    ----------
    folder, reference : Path
        With the runs of any number of studies below.
    whole : bool
        Whether the run is finished; of another one, what it calls finished is compared.
    """
    has, wanted = _files(folder), _files(reference)
    if whole:
        yield from (f"{name} is missing" for name in sorted(wanted - has))
        yield from (f"{name} is there, and not in an uninterrupted run" for name in sorted(has - wanted))
    for name in sorted(has & wanted):
        if whole or _is_finished(folder / name):
            place = _first_difference(_value(folder / name), _value(reference / name))
            if place is not None:
                yield f"{name} differs: {place}"


def _files(folder: Path) -> set[str]:
    # the process numbers are the tiny study's
    return {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name != "pid"
    }


def _is_finished(path: Path) -> bool:
    if path.name == "results.json":
        return bool(json.loads(path.read_text())["complete"])
    return path.parent.parent.name == "models" and (path.parent / MANIFEST_FILE).exists()


def _value(path: Path) -> Any:
    """Return what must be equal in two runs."""
    if path.name == MODEL_FILE:
        return {name: array.tolist() for name, array in read_model(path, None)[0].items()}
    # pages show times in their pictures too; digests are those of files with times
    return timeless(json.loads(path.read_text())) if path.name in NUMBERS else None


NUMBERS = (
    "config.json",
    "assignment.json",
    "results.json",
    "result.json",
    "history.json",
    "diagnosis.json",
    MANIFEST_FILE,
)
"""The files that hold the same in every run."""


def _first_difference(one: Any, other: Any, place: str = "") -> str | None:
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        pairs = ((f"{place}.{key}", one[key], other[key]) for key in one)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = ((f"{place}[{n}]", a, b) for n, (a, b) in enumerate(zip(one, other, strict=True)))
    else:
        return None if one == other else f"{place} is {one!r:.200}, not {other!r:.200}"
    found = (_first_difference(a, b, where) for where, a, b in pairs)
    return next((difference for difference in found if difference is not None), None)
