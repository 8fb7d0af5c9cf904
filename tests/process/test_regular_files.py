"""No reader waits for a pipe, or reads a device without end: each is refused with its name."""

import os
import subprocess
import sys

import pytest

READERS = """
import sys
import warnings
from pathlib import Path

import glassnet
from glassnet.data import Stream, idx, read_idx
from glassnet.data.table_files import read_table_file
from glassnet.doctor.files import load_data, load_model
from glassnet.doctor.scores.claims import read_claims
from glassnet.models.model_file import read_kind
from glassnet.studies.folder import RunFolder
from glassnet.tables import Predictor
from glassnet.worked.problem_file import read_problem
from glassnet.worked.sheet import read_sheet
from glassnet.worked.svm.check import read_answer
from glassnet.worked.svm.points import read_points

folder = Path(sys.argv[1])
(folder / "claims.yaml").write_text(
    "splits: {test: {labels: " + str(folder / "pipe.csv") + "}}\\n"
    "scores: [{model: a, split: test, score: 0.5}]"
)
readers = {
    "read_idx": lambda: read_idx(folder / "pipe.gz"),
    "idx_sha256": lambda: idx.idx_sha256(folder / "pipe.gz"),
    "load": lambda: glassnet.load(folder / "pipe.safetensors"),
    "read_kind": lambda: read_kind(folder / "pipe.safetensors"),
    "load_model": lambda: load_model(folder / "pipe.safetensors"),
    "load_data": lambda: load_data(str(folder / "pipe.csv"), None),
    "read_problem": lambda: read_problem(folder / "pipe.toml"),
    "read_sheet": lambda: read_sheet(folder / "pipe.csv"),
    "read_answer": lambda: read_answer(folder / "pipe.yaml"),
    "read_points": lambda: read_points(folder / "pipe.csv"),
    "read_claims": lambda: read_claims(folder / "pipe.csv"),
    "labels": lambda: read_claims(folder / "claims.yaml"),
    "of_csv": lambda: Stream.of_csv(folder / "pipe.csv", target="y"),
    "of_csv_folder": lambda: Stream.of_csv(folder, target="y"),
    "of_parquet": lambda: Stream.of_parquet(folder / "pipe.parquet", target="y"),
    "read_table_file": lambda: read_table_file(folder / "pipe.csv"),
    "Predictor": lambda: Predictor(folder / "pipe.safetensors"),
    "read_config": lambda: RunFolder(folder).read_config(),
}
for name, read in readers.items():
    try:
        read()
    except glassnet.errors.FileError as error:
        print(name, type(error).__name__)
    else:
        print(name, "accepted")
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_every_reader_refuses_a_pipe(tmp_path):
    for name in ("gz", "safetensors", "csv", "toml", "yaml", "parquet"):
        os.mkfifo(tmp_path / f"pipe.{name}")
    os.mkfifo(tmp_path / "config.json")
    done = subprocess.run(
        [sys.executable, "-c", READERS, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    outcomes = dict(line.split() for line in done.stdout.splitlines())
    assert done.returncode == 0, done.stderr
    assert len(outcomes) == 18
    assert "accepted" not in outcomes.values(), outcomes
