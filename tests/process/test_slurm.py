"""Studies by an array job of Slurm, with stand-ins for its commands that run the tasks on this machine."""

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from processes import wait_until
from runs import results_at, timeless
from tiny_study import tiny_study

from glassnet.errors import RunFolderError, StudyError
from glassnet.studies import slurm
from glassnet.studies.folder import RunFolder
from glassnet.studies.own.study import Study
from glassnet.studies.runner import run_study
from glassnet.studies.workers import Order

TOML = """\
epochs = 2
examines = false

[data]
source = "data.csv"
target = "y"

[model]
estimator = "MLPClassifier"

[model.settings]
hidden_layer_sizes = [4]

[vary]
alpha = [0.1, 0.2, 0.3, 0.4, 0.5]
"""

SBATCH = """#!/bin/sh
for script; do :; done
echo "$@" >> "$SLURM_HERE/submitted"
job=$(wc -l < "$SLURM_HERE/submitted")
last=$(sed -n 's/^#SBATCH --array=0-//p' "$script")
for task in $(seq 0 "$last"); do
    (
        while test -e "$SLURM_HERE/gate"; do sleep 0.05; done
        SLURM_ARRAY_TASK_ID=$task exec sh "$script"
    ) > "$SLURM_HERE/$job.$task" 2>&1 &
    echo $! >> "$SLURM_HERE/job$job"
done
echo "$job;cluster"
"""
SQUEUE = """#!/bin/sh
test -e "$SLURM_HERE/silent" && exit 1
cd "$SLURM_HERE"
for job in job*; do
    for task in $(cat "$job"); do test -d "/proc/$task" && echo "${job#job}"; done
done
exit 0
"""
SCANCEL = '#!/bin/sh\nkill $(cat "$SLURM_HERE/job$1")\n'

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """Return a folder in which the stand-ins say what they were asked."""
    here, commands = tmp_path / "slurm", tmp_path / "bin"
    here.mkdir()
    commands.mkdir()
    for name, text in {"sbatch": SBATCH, "squeue": SQUEUE, "scancel": SCANCEL}.items():
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setenv("SLURM_HERE", str(here))
    monkeypatch.setattr(slurm, "POLL_SECONDS", 0.1)
    monkeypatch.chdir(tmp_path)
    return here


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i % 7},{i % 5},{int(i % 7 > 3)}" for i in range(60)]
    (tmp_path / "data.csv").write_text("\n".join(["a,b,y", *rows]))
    (tmp_path / "tiny.toml").write_text(TOML)
    return Study.from_file("tiny.toml")


def submitted(cluster):
    return (cluster / "submitted").read_text().splitlines() if (cluster / "submitted").exists() else []


def test_an_array_job_gives_the_results_of_one_process(cluster, study, tmp_path):
    there = study.run(tmp_path / "there", jobs=2, slurm=["--partition=short"])
    study.run(tmp_path / "here", jobs=1)
    assert there.complete
    assert timeless(results_at(tmp_path / "there")) == timeless(results_at(tmp_path / "here"))
    assert submitted(cluster) == [f"--parsable --partition=short {tmp_path}/there/slurm/array.sh"]
    tasks = slurm.read_job(RunFolder(tmp_path / "there")).tasks
    assert [len(task) for task in tasks] == [3, 2]

    # what is finished is kept, the rest submitted
    (tmp_path / "there/models/alpha-0.4/manifest.json").unlink()
    assert study.run(tmp_path / "there", slurm=[]).complete
    assert slurm.read_job(RunFolder(tmp_path / "there")).tasks == [["alpha-0.4"]]
    assert timeless(results_at(tmp_path / "there")) == timeless(results_at(tmp_path / "here"))


def test_a_job_that_still_runs_is_waited_for_and_what_it_leaves_out_is_submitted(cluster, study, tmp_path):
    """A runner that was killed leaves its job; three of the five models are in it."""
    gate, path, config = cluster / "gate", tmp_path / "run", study.config()
    gate.touch()
    folder = RunFolder(path)
    folder.claim(config, study)
    orders = [Order(0, study.for_workers(), config, spec, folder) for spec in study.specs[:3]]
    slurm.SlurmArrays([], 2, {0: study}).submit(0, orders)
    numbers = []
    for snapshot in run_study(study, config, path, engines=study.engines, slurm=[]):
        numbers.append(len(snapshot.results.models))
        if len(numbers) == 3:
            assert numbers == [0, 0, 0]
            assert len(submitted(cluster)) == 1
            gate.unlink()
    assert snapshot.results.complete
    assert len(submitted(cluster)) == 2
    left = slurm.read_job(folder)
    assert left is not None
    assert left.names == {spec.name for spec in study.specs[3:]}


def test_a_controller_that_does_not_answer_ends_no_job(cluster):
    (cluster / "job7").write_text("1\n")
    assert slurm.is_queued("7")
    assert not slurm.is_queued("8")
    (cluster / "silent").touch()
    assert slurm.is_queued("8")


def test_tasks_that_end_before_their_time_are_told_and_a_run_that_is_left_cancels_its_job(cluster, tmp_path):
    study = tiny_study("relu")  # which no other process knows by its name
    with pytest.raises(
        StudyError, match=r"array job 1 has ended, and these were not trained: relu.*run/slurm"
    ):
        list(run_study(study, study.config(), tmp_path / "run", slurm=[]))
    assert "unknown study 'tiny'" in (cluster / "1.0").read_text()
    (tmp_path / "bin/sbatch").write_text(
        '#!/bin/sh\nsleep 60 > /dev/null 2>&1 & echo $! > "$SLURM_HERE/job5"; echo 5\n'
    )
    snapshots = run_study(study, study.config(), tmp_path / "left", slurm=[])
    next(snapshots)
    for _ in snapshots:
        if (cluster / "job5").exists() and slurm.is_queued("5"):
            break
    wait_until(lambda: slurm.read_job(RunFolder(tmp_path / "left")).job == "5")
    snapshots.close()
    wait_until(lambda: not slurm.is_queued("5"))


def test_without_slurm_the_script_is_written_and_told(study, tmp_path, monkeypatch):
    from glassnet.cli import main

    monkeypatch.setenv("PATH", "/nowhere")
    words = ["study", "run", "tiny.toml", "--backend", "slurm", "--sbatch", "--time=60", "--jobs", "2"]
    result = CliRunner().invoke(main, [*words, "--out", "run"])
    assert result.exit_code == 2
    assert f"sbatch --parsable --time=60 {tmp_path}/run/slurm/array.sh" in result.stderr
    script = (tmp_path / "run/slurm/array.sh").read_text()
    assert "#SBATCH --array=0-1\n" in script
    assert CliRunner().invoke(main, ["study", "part", "run", "0"]).exit_code == 0
    finished = [p.parent.name for p in (tmp_path / "run/models").glob("*/manifest.json")]
    assert sorted(finished) == ["alpha-0.1", "alpha-0.3", "alpha-0.5"]
    with pytest.raises(RunFolderError, match="no task 2"):
        slurm.train_part(study, RunFolder(tmp_path / "run"), 2)


@pytest.mark.parametrize(
    "words", [("--sbatch", "x"), ("--backend", "dask", "--scheduler", "x", "--sbatch", "x")]
)
def test_options_of_slurm_are_for_slurm(words):
    from glassnet.cli import main

    result = CliRunner().invoke(main, ["study", "run", "mnist-init", *words])
    assert result.exit_code == 2
    assert "--sbatch is for --backend slurm" in result.stderr


def test_a_study_that_no_other_machine_can_read_is_refused(cluster, tmp_path):
    X = [[float(i)] for i in range(40)]
    study = Study("own", (X, [i % 2 for i in range(40)]), "LogisticRegression")
    with pytest.raises(StudyError, match="described in Python has no file"):
        study.run(tmp_path / "run", slurm=[])
