"""A run folder takes what the run wrote, and nothing else; one run at a time has it."""

import errno
import json
import os
import shutil
import subprocess
from dataclasses import replace

import pytest
from processes import is_running, start_python, wait_until
from runs import numbers_at, results_at, run, timeless
from tiny_study import TINY, tiny_study

from glassnet._common import locks
from glassnet.errors import DamagedRunError, FileError, RunFolderError
from glassnet.studies.base import ModelResult, RunConfig, StudyResult
from glassnet.studies.folder import MODEL_FILE, RunFolder
from glassnet.studies.needs import check_needed
from glassnet.studies.runner import run_study

NAMES = ["relu", "tanh", "sigmoid"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return the folder of a finished run, which nobody changes."""
    path = tmp_path_factory.mktemp("runs") / "tiny"
    run(TINY, path, quick=True)
    return path


@pytest.fixture
def path(finished, tmp_path):
    """Return a copy of a finished run."""
    return shutil.copytree(finished, tmp_path / "tiny")


def edit(file, **values):
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def cut_history(file):
    edit(file, records=json.loads(file.read_text())["records"][:1])


TAMPERED = {
    "an edited score": lambda tanh, relu: edit(tanh / "result.json", test={"loss": 0.1, "accuracy": 0.1234}),
    "text for a score": lambda tanh, relu: edit(tanh / "result.json", test={"loss": 0.1, "accuracy": "0.9"}),
    "NaN for a score": lambda tanh, relu: edit(
        tanh / "result.json", test={"loss": 0.1, "accuracy": float("nan")}
    ),
    "an unknown name": lambda tanh, relu: edit(tanh / "result.json", colour="blue"),
    "the result of another model": lambda tanh, relu: shutil.copy(relu / "result.json", tanh),
    "the weights of another model": lambda tanh, relu: shutil.copy(relu / MODEL_FILE, tanh),
    "all of another model": lambda tanh, relu: shutil.copytree(relu, tanh, dirs_exist_ok=True),
    "an emptied history": lambda tanh, relu: edit(tanh / "history.json", records=[]),
    "a cut history": lambda tanh, relu: cut_history(tanh / "history.json"),
    "no history": lambda tanh, relu: (tanh / "history.json").unlink(),
    "no result": lambda tanh, relu: (tanh / "result.json").unlink(),
    "no weights": lambda tanh, relu: (tanh / MODEL_FILE).unlink(),
    "a diagnosis from elsewhere": lambda tanh, relu: (tanh / "diagnosis.json").write_text("{}"),
    "a cut manifest": lambda tanh, relu: (tanh / "manifest.json").write_text("{"),
    "a newer manifest": lambda tanh, relu: edit(tanh / "manifest.json", format_version=2),
    "a manifest of other settings": lambda tanh, relu: edit(
        tanh / "manifest.json", config={"study": "tiny", "quick": True, "epochs": 2, "seed": 7}
    ),
    "a manifest of no files": lambda tanh, relu: edit(tanh / "manifest.json", sha256={}),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_the_run_did_not_write_is_refused_and_named(how, path):
    TAMPERED[how](path / "models/tanh", path / "models/relu")
    (path / "results.json").unlink()
    with pytest.raises(DamagedRunError, match=r"models/tanh.* is damaged, or not what.*--repair") as caught:
        run(TINY, path, quick=True)
    assert "relu" not in caught.value.what.replace("of the model 'relu'", "")
    assert not (path / "results.json").exists()
    with pytest.raises(DamagedRunError, match="models/tanh"):
        RunFolder(path).check_model("tanh")


@pytest.mark.parametrize("how", ["an edited score", "the weights of another model", "a cut manifest"])
def test_repair_trains_anew_what_does_not_fit_and_keeps_the_rest(how, path, finished):
    TAMPERED[how](path / "models/tanh", path / "models/relu")
    kept = (path / "models/relu/result.json").stat().st_mtime_ns
    last = run(TINY, path, quick=True, repair=True)
    assert list(last.dropped) == ["tanh"]
    assert "models/tanh" in last.dropped["tanh"]
    assert (last.kept, last.results.complete) == (2, True)
    assert (path / "models/relu/result.json").stat().st_mtime_ns == kept
    assert numbers_at(path, NAMES) == numbers_at(finished, NAMES)


def test_a_model_of_another_plan_is_not_taken_over(path, finished):
    """Under the same name and settings of the run, a newer study may mean another network."""
    changed = [replace(spec, weight_init="he_normal") if spec.name == "tanh" else spec for spec in TINY.specs]
    study = replace(TINY, specs=tuple(changed))
    with pytest.raises(DamagedRunError, match=r"models/tanh is of another plan, ModelSpec.*--repair"):
        run(study, path, quick=True)
    last = run(study, path, quick=True, repair=True)
    assert list(last.dropped) == ["tanh"]
    assert (last.kept, last.results.complete) == (2, True)
    assert numbers_at(path, ["relu"])[1:] == numbers_at(finished, ["relu"])[1:]


def test_names_that_stand_twice_in_a_file_are_damage(path):
    file = path / "results.json"
    file.write_text(file.read_text().replace("{", '{"title": "another",', 1))
    with pytest.raises(DamagedRunError, match="'title' is there twice"):
        RunFolder(path).read_results()


def test_all_models_that_do_not_fit_are_named(path):
    for name in ("tanh", "sigmoid"):
        (path / "models" / name / "history.json").unlink()
    with pytest.raises(DamagedRunError, match=r"tanh is damaged.*do not fit either: sigmoid"):
        run(TINY, path, quick=True)


def test_what_has_no_manifest_is_trained_anew_and_named(path, finished):
    """As the runs of glassnet 0.1 are, and models whose run was ended just before."""
    (path / "models/tanh/manifest.json").unlink()
    shutil.copy(path / "models/relu/result.json", path / "models/tanh")
    last = run(TINY, path, quick=True)
    assert list(last.dropped) == ["tanh"]
    assert "manifest.json" in last.dropped["tanh"]
    assert numbers_at(path, NAMES) == numbers_at(finished, NAMES)
    assert run(TINY, path, quick=True).dropped == {}


def test_what_was_left_of_a_model_does_not_get_into_its_manifest(path):
    (path / "models/tanh/manifest.json").unlink()
    (path / "models/tanh/diagnosis.json").write_text("left")
    run(TINY, path, quick=True)
    files = json.loads((path / "models/tanh/manifest.json").read_text())["sha256"]
    assert sorted(files) == ["history.json", MODEL_FILE, "result.json"]


def test_a_damaged_config_is_repaired_in_a_folder_of_a_run_only(path, tmp_path, finished):
    (path / "config.json").write_text("damaged")
    with pytest.raises(DamagedRunError, match=r"config\.json"):
        run(TINY, path, quick=True)
    last = run(TINY, path, quick=True, repair=True)
    assert (last.kept, last.dropped) == (3, {})
    assert timeless(results_at(path)) == timeless(results_at(finished))
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text("of another program")
    with pytest.raises(DamagedRunError, match=r"config\.json"):
        run(TINY, other, repair=True)
    assert (other / "config.json").read_text() == "of another program"


def test_a_repaired_config_takes_no_models_of_other_settings(path):
    (path / "config.json").write_text("damaged")
    last = run(TINY, path, quick=True, seed=1, repair=True)
    assert sorted(last.dropped) == sorted(NAMES)
    assert all(result.seconds > 0 for result in last.results.models)


# -- results.json -----------------------------------------------------------------------------------


def change_results(path, how):
    results = results_at(path)
    how(results)
    (path / "results.json").write_text(json.dumps(results))


@pytest.mark.parametrize(
    "change",
    [
        lambda results: results["models"][0]["test"].update(accuracy=0.1234),
        lambda results: results["conclusion"]["claims"][0].update(verdict="confirmed"),
        lambda results: results.pop("sha256"),
        lambda results: results.update(complete=False),
        lambda results: results.update(format_version=99),
    ],
    ids=["score", "verdict", "digest", "complete", "newer"],
)
def test_edited_results_are_refused_by_all_who_read_them(change, path):
    change_results(path, change)
    with pytest.raises(DamagedRunError, match=r"results\.json"):
        RunFolder(path).read_results()
    with pytest.raises(DamagedRunError, match=r"results\.json"):
        check_needed(TINY, replace(TINY.config(quick=True), study="heir"), ["glassnet"], RunFolder(path))


def test_results_of_another_run_are_refused(path, tmp_path):
    run(TINY, tmp_path / "other", quick=True, seed=1)
    shutil.copy(tmp_path / "other/results.json", path)
    with pytest.raises(DamagedRunError, match="of another run"):
        RunFolder(path).read_results()


def test_a_study_takes_no_exchanged_model_of_another(path):
    shutil.copy(path / "models/relu" / MODEL_FILE, path / "models/tanh")
    with pytest.raises(DamagedRunError, match=r"models/tanh/model\.safetensors"):
        check_needed(TINY, replace(TINY.config(quick=True), study="heir"), ["glassnet"], RunFolder(path))


RESULT = {
    "name": "relu",
    "activation": "relu",
    "weight_init": "normal",
    "state": "finished",
    "stopped_epoch": 2,
    "best_epoch": 1,
    "stopping_reason": "all",
    "seconds": 0.1,
    "train": {},
    "validation": {"loss": None},
    "test": {"accuracy": 1},
}


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("test", {"accuracy": "0.9"}, r"test\.accuracy is '0\.9'; expected a finite number"),
        ("test", {"accuracy": float("nan")}, "finite number"),
        ("test", {"accuracy": True}, "finite number"),
        ("test", [], "names with their values"),
        ("colour", 1, "unknown name 'colour'"),
        ("name", 3, "expected text"),
        ("stopped_epoch", 2.0, "whole number"),
        ("stopped_epoch", 10**400, "whole number"),
        ("best_epoch", 3, "cannot be the best"),
        ("state", "waiting", "expected one of finished, diverged"),
        ("seconds", -1.0, "below 0"),
    ],
)
def test_types_and_names_of_a_result_are_checked(name, value, part):
    assert ModelResult.from_json(RESULT).test == {"accuracy": 1}
    with pytest.raises(ValueError, match=part):
        ModelResult.from_json(RESULT | {name: value})


@pytest.mark.parametrize(
    "value", [{"study": "tiny"}, {"study": "tiny", "quick": 1, "epochs": 2, "seed": 0}, []]
)
def test_types_of_a_config_are_checked(value, path):
    (path / "config.json").write_text(json.dumps({"config": value}))
    with pytest.raises(DamagedRunError, match="RunConfig"):
        RunFolder(path).read_config()


def test_a_value_of_another_type_in_results_is_named(finished):
    results = results_at(finished)
    results["conclusion"]["findings"][0]["table"] = 3
    with pytest.raises(ValueError, match=r"conclusion\.findings\[0\]\.table is 3"):
        StudyResult.from_json(results)


# -- one run at a time ------------------------------------------------------------------------------

HOLD = """
import time
from pathlib import Path
from glassnet._common.locks import lock_folder

with lock_folder(Path({path!r})):
    Path({sign!r}).touch()
    while True:
        time.sleep(1)
"""


@pytest.fixture
def holder(path, tmp_path):
    """Return another process, which has locked the folder."""
    sign = tmp_path / "sign"
    process = start_python(HOLD.format(path=str(path), sign=str(sign)))
    try:
        wait_until(sign.exists, process)
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_second_run_of_one_folder_is_refused_until_the_first_is_gone(path, holder):
    before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}
    with pytest.raises(RunFolderError, match=f"in use by another run .process {holder.pid} on .*--out"):
        run(TINY, path, quick=True)
    assert {file: file.read_bytes() for file in path.rglob("*") if file.is_file()} == before
    holder.kill()  # which leaves the lock's file
    holder.wait()
    assert (path / locks.LOCK_FILE).exists()
    assert run(TINY, path, quick=True).kept == 3
    assert not (path / locks.LOCK_FILE).exists()


FORK = """
import os, time
from pathlib import Path
from glassnet._common.locks import lock_folder

with lock_folder(Path({path!r})):
    if child := os.fork():
        {parent}
        while True:
            time.sleep(1)
    {child}
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_does_not_hold_the_folder_after_its_parent(path, tmp_path):
    sign = tmp_path / "sign"
    parent = f"Path({str(sign)!r}).write_text(f'{{child}}.')"
    process = start_python(FORK.format(path=str(path), parent=parent, child="time.sleep(600)"))
    child = None
    try:
        wait_until(lambda: sign.exists() and sign.read_text().endswith("."), process)
        child = int(sign.read_text()[:-1])
        with pytest.raises(RunFolderError, match="in use"), locks.lock_folder(path):
            pass
        process.kill()
        process.wait()
        assert is_running(child)
        with locks.lock_folder(path):
            pass
    finally:
        process.kill()
        process.wait()
        if child is not None:
            os.kill(child, 9)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_that_ends_does_not_free_the_folder_of_its_parent(path, tmp_path):
    sign = tmp_path / "sign"
    parent = f"os.waitpid(child, 0); Path({str(sign)!r}).touch()"
    process = start_python(FORK.format(path=str(path), parent=parent, child="raise SystemExit"))
    try:
        wait_until(sign.exists, process)
        with pytest.raises(RunFolderError, match="in use"), locks.lock_folder(path):
            pass
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("left", [".config.json.1670a133", locks.LOCK_FILE])
def test_a_run_that_was_killed_as_it_began_blocks_nobody(left, tmp_path):
    path = tmp_path / "begun"
    path.mkdir()
    (path / left).write_text('{"form')
    assert run(tiny_study("relu"), path, quick=True).results.complete
    assert not (path / left).exists()


@pytest.mark.parametrize(
    "name", [".config.json", ".assignment.json.1670a133", "config.json.1670a133", ".env"]
)
def test_a_folder_of_something_else_stays_as_it_is(name, tmp_path):
    (tmp_path / name).write_text("mine")
    with pytest.raises(RunFolderError, match="not a run folder"):
        run(TINY, tmp_path, quick=True)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_two_runs_in_one_process_are_two(path):
    first = run_study(TINY, TINY.config(quick=True), path, jobs=1)
    next(first)
    with pytest.raises(RunFolderError, match=f"process {os.getpid()}"):
        run(TINY, path, quick=True)
    first.close()
    run(TINY, path, quick=True)


def test_a_file_system_without_locks_keeps_nobody_out(path, monkeypatch):
    def refuse(*arguments):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with locks.lock_folder(path), locks.lock_folder(path):
        pass


def test_without_fcntl_a_byte_is_locked(path, monkeypatch):
    taken = []

    class Windows:
        LK_NBLCK = 2

        @staticmethod
        def locking(descriptor, mode, n_bytes):
            if taken:
                raise PermissionError(13, "Permission denied")
            taken.append((mode, n_bytes))

    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setitem(__import__("sys").modules, "msvcrt", Windows)
    with locks.lock_folder(path):
        assert taken == [(2, 1)]
        with pytest.raises(RunFolderError, match="in use"), locks.lock_folder(path):
            pass


# -- deleted and full ---------------------------------------------------------------------------------


def test_a_folder_that_is_deleted_and_made_anew_is_not_written_to(path):
    snapshots = run_study(
        tiny_study("relu", "tanh", "sigmoid", "tanh-b"), TINY.config(quick=True), path, jobs=1
    )
    next(snapshots)
    shutil.rmtree(path)
    RunFolder(path).claim(TINY.config(quick=True))
    with pytest.raises(RunFolderError, match="made anew by another run"):
        list(snapshots)


def test_that_the_folder_was_deleted_is_told_before_what_it_led_to(path, monkeypatch):
    def conclude(config, results, folder):
        shutil.rmtree(folder)
        raise FileError("there is no model file")

    with pytest.raises(RunFolderError, match="was deleted or moved while it was written to"):
        run(replace(TINY, conclude=conclude), path, quick=True)
    assert not path.exists()


FULL = """
import resource, signal, sys
from tiny_study import TINY, tiny_study
from glassnet.errors import FileError
from glassnet.studies.runner import run_study

sys.dont_write_bytecode = True  # else the cache would keep half of a module that is imported later
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))  # as a disk that has no more room
try:
    for snapshot in run_study(TINY, TINY.config(quick=True), {path!r}, jobs={jobs}):
        pass
except FileError as error:
    print(error)
"""


@pytest.mark.parametrize(("limit", "jobs"), [(250, 1), (900, 1), (1500, 1), (2500, 1), (900, 2)])
def test_a_full_disk_gives_one_message_and_the_run_goes_on_later(limit, jobs, tmp_path, finished):
    path = tmp_path / "tiny"
    process = start_python(
        FULL.format(limit=limit, path=str(path), jobs=jobs), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert out.startswith(f"cannot write {path}")
    assert out.count("\n") == 1
    for file in path.rglob("*.json"):
        json.loads(file.read_text())
    (path / ".results.json.1a2b3c4d").write_text("half")
    (path / "models/tanh").mkdir(parents=True, exist_ok=True)
    (path / "models/tanh/.history.json.1a2b3c4d").write_text("half")
    run(TINY, path, quick=True)
    assert not list(path.rglob(".*"))
    assert numbers_at(path, NAMES) == numbers_at(finished, NAMES)


def test_a_config_travels_through_a_manifest(finished):
    manifest = json.loads((finished / "models/relu/manifest.json").read_text())
    assert manifest["model"] == "relu"
    assert RunConfig(**manifest["config"]) == TINY.config(quick=True)
    assert set(manifest["sha256"]) == {"history.json", "result.json", MODEL_FILE}
