"""Examine a model with the doctor: a program, ``python -m glassnet.studio.examine FOLDER CLASSES``.

The folder has ``model.safetensors``, ``inputs.safetensors`` and ``targets.json``; what is found is printed as
JSON.
"""

import json
import os
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from glassnet.doctor import diagnose
from glassnet.doctor.files import load_model


def examine(folder: Path, classes: list[str]) -> list[dict[str, Any]]:
    """Return the findings of the doctor as plain values."""
    model = load_model(folder / "model.safetensors")
    inputs = load_file(folder / "inputs.safetensors")
    X, X_test = inputs["X"], inputs["X_test"]
    targets = json.loads((folder / "targets.json").read_text(encoding="utf-8"))
    y, y_test = (np.array(targets[name], targets["dtype"]) for name in ("y", "y_test"))
    named = classes if classes and y.dtype.kind in "iu" else None
    tests: dict[str, Any] = {"X_test": X_test, "y_test": y_test} if len(y_test) else {}
    diagnosis = diagnose(model, X, y, **tests, class_names=named)
    return [
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "title": finding.title,
            "text": finding.text,
            "evidence": {"measured": finding.measured, "rule": finding.threshold, "source": finding.source},
            "cure": str(finding.cure),
            "changes": finding.cure.parameters or None,
        }
        for finding in diagnosis.findings
    ]


def main() -> None:
    """Print the findings."""
    with suppress(AttributeError, OSError):
        os.nice(10)  # training comes first
    warnings.simplefilter("ignore")
    json.dump(examine(Path(sys.argv[1]), json.loads(sys.argv[2])), sys.stdout)


if __name__ == "__main__":
    main()
