"""Run studies, and read what they leave."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from glassnet.models.model_file import read_model
from glassnet.studies.base import Study
from glassnet.studies.folder import MODEL_FILE
from glassnet.studies.runner import Snapshot, run_study


def run(study: Study, path: Path, *, jobs: int = 1, repair: bool = False, **settings: Any) -> Snapshot:
    """Run to the end; return the last snapshot."""
    *_, last = run_study(study, study.config(**settings), path, jobs=jobs, repair=repair)
    return last


def timeless(value: Any) -> Any:
    """Return a JSON value without what differs from run to run, and without the digest of that."""
    other = ("seconds", "environment", "sha256")
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key not in other}
    return [timeless(item) for item in value] if isinstance(value, list) else value


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
