"""docs/scikit-learn.md: what it says of experiment trackers, with a stand-in for MLflow."""

import contextlib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from glassnet import MLPClassifier

PAGE = (Path(__file__).parents[2] / "docs" / "scikit-learn.md").read_text(encoding="utf-8")


@pytest.fixture
def mlflow(monkeypatch):
    """Stand in for MLflow's functions; what was logged is in `logged`."""
    stand_in = ModuleType("mlflow")
    logged: dict[str, Any] = {"params": {}, "metrics": []}

    def log_metrics(metrics, step):
        assert all(isinstance(value, float) for value in metrics.values())
        logged["metrics"].append((step, metrics))

    vars(stand_in).update(
        start_run=contextlib.nullcontext,
        log_params=logged["params"].update,
        log_metrics=log_metrics,
        logged=logged,
    )
    monkeypatch.setitem(sys.modules, "mlflow", stand_in)
    return logged


def test_the_lines_for_mlflow_log_settings_and_every_epoch(mlflow):
    X, y = load_iris(return_X_y=True)
    (example,) = [b for b in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL) if "mlflow" in b]
    names: dict[str, Any] = {"MLPClassifier": MLPClassifier, "X": scale(X), "y": y}
    exec(compile(example, "docs/scikit-learn.md", "exec"), names)
    model = names["model"]
    assert mlflow["params"] == model.get_params()
    assert [step for step, _ in mlflow["metrics"]] == list(range(1, model.n_iter_ + 1))
    assert mlflow["metrics"][-1][1] == model.history_.records[-1].metrics
