"""The runner with worker processes: the same numbers, errors that arrive, and runs that are killed."""

import os
import random
import time
from pathlib import Path

import pytest
from processes import is_running, start_python, wait_until
from runs import finished_at, numbers_at, run
from tiny_study import TINY, tiny_study

from glassnet.studies.folder import RunFolder
from glassnet.studies.runner import run_study

KILLS = int(os.environ.get("GLASSNET_TEST_KILLS", "2"))
"""How often the run of many models is killed."""

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


def pids_at(path):
    return {int(file.read_text()) for file in path.glob("models/*/pid") if file.read_text()}


def epochs_at(path, *names):
    return [len(RunFolder(path).read_history(name) or ()) for name in names]


def test_the_number_of_processes_changes_no_number(tmp_path):
    last = run(TINY, tmp_path / "two", jobs=2)
    assert last.results.complete
    run(TINY, tmp_path / "one", jobs=1)
    names = [spec.name for spec in TINY.specs]
    assert numbers_at(tmp_path / "two", names) == numbers_at(tmp_path / "one", names)
    pids = pids_at(tmp_path / "two")
    assert os.getpid() not in pids
    assert len(pids) <= 2


def test_workers_of_an_earlier_run_find_the_folder_of_this_one(tmp_path, monkeypatch):
    """Workers idle for minutes after a run, and the next one is given to them."""
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        assert run(TINY, Path("run"), jobs=2).kept == 0
    assert finished_at(tmp_path / "here/run").keys() == finished_at(tmp_path / "there/run").keys()


def test_an_error_in_a_worker_reaches_the_caller(tmp_path):
    with pytest.raises(LookupError, match="this model cannot be trained"):
        run(tiny_study("relu", "fails", "tanh"), tmp_path, jobs=2)
    assert RunFolder(tmp_path).read_model_result("fails") is None


def test_a_worker_that_dies_ends_the_run_with_an_error(tmp_path):
    with pytest.raises(Exception, match=r"(?i)worker|process"):
        run(tiny_study("dies", "relu"), tmp_path, jobs=2)


@needs_proc
def test_a_consumer_that_leaves_ends_the_workers(tmp_path):
    gate, path = tmp_path / "gate", tmp_path / "run"
    gate.write_text("1")
    study = tiny_study("held-relu", "held-tanh", "sigmoid", gate=gate)
    snapshots = run_study(study, study.config(), path, jobs=2)
    for snapshot in snapshots:
        if len(snapshot.models[0].history) == len(snapshot.models[1].history) == 1:
            break
    snapshots.close()
    wait_until(lambda: not any(map(is_running, pids_at(path))))
    assert epochs_at(path, "held-relu", "held-tanh", "sigmoid") == [1, 1, 0]


# -- kill -9 ----------------------------------------------------------------------------------------

RUN = """
from tiny_study import tiny_study
from glassnet.studies.runner import run_study

study = tiny_study(*{names!r}, gate={gate!r})
for snapshot in run_study(study, study.config(), {path!r}, jobs=2):
    pass
"""


def start(names, path, gate=None):
    return start_python(RUN.format(names=names, path=str(path), gate=None if gate is None else str(gate)))


@needs_proc
def test_a_killed_run_goes_on_and_ends_with_the_same_numbers(tmp_path):
    names = ["relu", "held-tanh", "held-sigmoid", "tanh"]
    gate, killed, whole = tmp_path / "gate", tmp_path / "killed", tmp_path / "whole"
    gate.write_text("2")
    process = start(names, killed, gate)
    try:
        wait_until(lambda: (killed / "models/relu/result.json").exists(), process)
        wait_until(lambda: epochs_at(killed, "held-tanh", "held-sigmoid") == [2, 2], process)
        workers = pids_at(killed)
    finally:
        process.kill()
        process.wait()
    assert workers
    assert process.pid not in workers
    wait_until(lambda: not any(map(is_running, workers)))  # nobody ended them, in training or idle
    assert not (killed / "models/held-tanh/result.json").exists()
    assert epochs_at(killed, *names[1:]) == [2, 2, 0]

    gate.unlink()
    study = tiny_study(*names, gate=gate)
    made = (killed / "models/relu/result.json").stat().st_mtime_ns
    assert run(study, killed, jobs=2).kept == 1
    assert (killed / "models/relu/result.json").stat().st_mtime_ns == made
    run(study, whole, jobs=2)
    assert numbers_at(killed, names) == numbers_at(whole, names)


@needs_proc
def test_many_small_models_are_each_finished_once_however_often_their_run_is_killed(tmp_path):
    names = [f"{kind}-{i}" for i in range(20) for kind in ("relu", "tanh")]
    path, moments, finished = tmp_path / "killed", random.Random(KILLS), {}
    for _ in range(KILLS):
        process = start(names, path)
        try:
            goal = min(len(finished) + moments.randint(1, 8), len(names))
            wait_until(lambda: len(finished_at(path)) >= goal, process)  # noqa: B023
            time.sleep(moments.random() / 20)
            workers = pids_at(path)
        finally:
            process.kill()
            process.wait()
        wait_until(lambda: not any(map(is_running, workers)))  # noqa: B023
        then, finished = finished, finished_at(path)
        assert finished | then == finished
    study = tiny_study(*names)
    assert run(study, path, jobs=1).kept == len(finished)
    assert finished_at(path) | finished == finished_at(path)
    run(study, tmp_path / "whole", jobs=1)
    assert numbers_at(path, names) == numbers_at(tmp_path / "whole", names)


@needs_proc
def test_an_orphan_begins_no_further_model(tmp_path):
    process = start(["lingers-relu", "lingers-tanh", "relu", "tanh"], tmp_path)
    try:
        wait_until(lambda: len(pids_at(tmp_path)) == 2, process)
        workers = pids_at(tmp_path)
    finally:
        process.kill()
        process.wait()
    try:
        wait_until(lambda: not any(map(is_running, workers)))
        assert not (tmp_path / "models/relu").exists()
        assert not (tmp_path / "models/tanh").exists()
    finally:
        for worker in filter(is_running, workers):
            os.kill(worker, 9)
