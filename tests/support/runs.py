"""Run studies, and read what they leave."""

import json

from glassnet.models.model_file import read_model
from glassnet.studies.folder import MODEL_FILE
from glassnet.studies.runner import run_study


def run(study, path, *, jobs=1, **settings):
    """Run to the end; return the last snapshot."""
    *_, last = run_study(study, study.config(**settings), path, jobs=jobs)
    return last


def timeless(value):
    """Return a JSON value without what differs from run to run."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key not in ("seconds", "environment")}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def results_at(path):
    return json.loads((path / "results.json").read_text())


def numbers_at(path, names):
    """Return everything that must be equal in two runs: results, histories and weights."""
    histories = {name: json.loads((path / "models" / name / "history.json").read_text()) for name in names}
    weights = {
        name: read_model(path / "models" / name / MODEL_FILE, "NeuralNetwork")[0]["theta"].tolist()
        for name in names
    }
    return timeless(results_at(path)), timeless(histories), weights
