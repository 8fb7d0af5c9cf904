"""The runner in one process: every finished model on disk, and runs that go on."""

import json
import math
import threading
from dataclasses import asdict, replace

import numpy as np
import pytest
from runs import numbers_at, results_at, run, timeless
from threadpoolctl import threadpool_info, threadpool_limits
from tiny_study import TINY, tiny_study

from glassnet.errors import FileError, GlassnetError, RunFolderError, StudyError
from glassnet.models.neural_network import NeuralNetwork
from glassnet.studies import workers
from glassnet.studies.base import RESULTS_VERSION, Conclusion, Insight, StudyResult
from glassnet.studies.folder import MODEL_FILE, RunFolder
from glassnet.studies.runner import run_study
from glassnet.studies.workers import LocalProcesses


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return the folder of a finished run, for tests that only read it, and its snapshots."""
    path = tmp_path_factory.mktemp("runs") / "tiny"
    return path, list(run_study(TINY, TINY.config(), path, jobs=1))


# -- what a run tells -------------------------------------------------------------------------------


def test_snapshots_tell_how_far_the_run_is(finished):
    _, snapshots = finished
    assert [model.spec for model in snapshots[0].models] == list(TINY.specs)
    last = snapshots[-1]
    assert [model.state for model in last.models] == ["finished"] * 3
    assert last.kept == 0
    assert last.results.complete
    assert last.config == TINY.config()
    for model, result in zip(last.models, last.results.models, strict=True):
        assert model.spec.name == result.name
        assert len(model.history) == result.stopped_epoch
        assert model.history.stopping_reason == result.stopping_reason
        assert model.history.best_epoch == result.best_epoch


def test_the_first_snapshot_comes_before_any_training(tmp_path):
    snapshots = run_study(TINY, TINY.config(), tmp_path / "run", jobs=1)
    first = next(snapshots)
    assert [model.state for model in first.models] == ["waiting"] * 3
    assert first.results.models == []
    assert not first.results.complete
    assert first.seconds_left is None
    assert results_at(tmp_path / "run")["models"] == []
    snapshots.close()


def test_snapshots_follow_the_epochs_of_a_model_in_training(tmp_path):
    gate, allowed = tmp_path / "gate", 1
    gate.write_text(str(allowed))
    study = tiny_study("held-relu", gate=gate)
    seen = []
    for snapshot in run_study(study, study.config(), tmp_path / "run", jobs=1):
        model = snapshot.models[0]
        seen.append((model.state, len(model.history), snapshot.seconds_left, snapshot.results.complete))
        if len(model.history) == allowed:
            allowed += 1
            gate.write_text(str(allowed))
    training = [entry for entry in seen if entry[0] == "training"]
    assert len(training) >= 3
    assert [epochs for _, epochs, *_ in seen] == sorted(epochs for _, epochs, *_ in seen)
    assert all(left is not None and left >= 0 for _, _, left, _ in training)
    assert not any(complete for *_, complete in training)
    assert seen[-1][0] == "finished"
    assert seen[-1][2:] == (0, True)


def test_results_json_describes_the_run(finished):
    path, snapshots = finished
    results = results_at(path)
    assert results["format_version"] == RESULTS_VERSION
    assert results["study"] == "tiny"
    assert results["title"] == TINY.title
    assert results["question"] == TINY.question
    assert results["config"] == asdict(TINY.config())
    assert results["engines"] == ["glassnet"]
    assert results["complete"] is True
    assert [model["name"] for model in results["models"]] == ["relu", "tanh", "sigmoid"]
    for model, spec in zip(results["models"], TINY.specs, strict=True):
        assert model["activation"] == spec.activation
        assert model["weight_init"] == spec.weight_init
        assert model["state"] == "finished"
        assert 1 <= model["stopped_epoch"] <= 6
        assert 1 <= model["best_epoch"] <= model["stopped_epoch"]
        assert model["stopping_reason"]
        assert model["seconds"] > 0
        for split in ("train", "validation", "test"):
            assert model[split].keys() == {"loss", "accuracy"}
            assert model[split]["loss"] > 0
            assert 0 <= model[split]["accuracy"] <= 1
    assert results["conclusion"]["best"]["name"] in ("relu", "tanh", "sigmoid")
    assert results["conclusion"]["claims"][0].keys() == {
        "quantity",
        "published",
        "reproduced",
        "verdict",
        "explanation",
        "published_is",
        "needs_full_run",
    }
    assert results["environment"]["packages"]["numpy"] == np.__version__
    assert StudyResult.from_json(results) == snapshots[-1].results
    assert RunFolder(path).read_results() == snapshots[-1].results


def test_the_folder_holds_the_weights_that_were_scored(finished):
    from tiny_study import load_parts

    path, snapshots = finished
    for result in snapshots[-1].results.models:
        network = NeuralNetwork.load(path / "models" / result.name / MODEL_FILE)
        loss, accuracy = network.evaluate(*load_parts(0)["test"])
        assert result.test == {"loss": loss, "accuracy": accuracy}
    assert not [file for file in path.rglob("*") if file.name.startswith(".")]


def test_a_config_sets_epochs_and_seed(tmp_path):
    quick = run(TINY, tmp_path / "quick", quick=True)
    assert quick.config.epochs == 2
    assert [len(model.history) for model in quick.models] == [2, 2, 2]
    other = run(TINY, tmp_path / "other", epochs=1, seed=5)
    assert asdict(other.config) == {
        "study": "tiny",
        "quick": False,
        "epochs": 1,
        "seed": 5,
    }
    assert [len(model.history) for model in other.models] == [1, 1, 1]


# -- errors ----------------------------------------------------------------------------------------


def test_an_error_in_training_reaches_the_caller(tmp_path):
    with pytest.raises(LookupError, match="this model cannot be trained"):
        run(tiny_study("relu", "fails", "tanh"), tmp_path)
    assert RunFolder(tmp_path).read_model_result("fails") is None


def test_after_an_error_the_finished_models_are_kept(tmp_path):
    with pytest.raises(LookupError):
        run(tiny_study("relu", "fails"), tmp_path, jobs=1)
    made = (tmp_path / "models" / "relu" / "result.json").stat().st_mtime_ns
    last = run(tiny_study("relu", "tanh"), tmp_path, jobs=1)
    assert last.kept == 1
    assert (tmp_path / "models" / "relu" / "result.json").stat().st_mtime_ns == made


def test_a_model_that_diverges_leaves_the_others_running(tmp_path):
    last = run(tiny_study("diverges", "relu", "tanh"), tmp_path, jobs=1)
    assert [model.state for model in last.models] == ["diverged", "finished", "finished"]
    assert last.results.complete
    diverged = results_at(tmp_path)["models"][0]
    assert diverged["state"] == "diverged"
    assert diverged["stopping_reason"].startswith("diverged: ")
    assert diverged["test"] == {"loss": None, "accuracy": None}
    again = run(tiny_study("diverges", "relu", "tanh"), tmp_path, jobs=1)
    assert again.kept == 3
    assert again.models[0].state == "diverged"


def test_many_short_epochs_are_all_kept_and_not_each_written(tmp_path, monkeypatch):
    written, write = [], RunFolder.write_history

    def note(self, name, history, *, durable):
        written.append(len(history))
        write(self, name, history, durable=durable)

    monkeypatch.setattr(RunFolder, "write_history", note)
    monkeypatch.setattr(workers, "ALL_WRITTEN", 3)
    monkeypatch.setattr(workers, "WRITE_SECONDS", math.inf)
    study = tiny_study("relu")
    *_, last = run_study(study, study.config(), tmp_path / "run", jobs=1)
    assert written == [0, 1, 2, 3, 6]
    assert last.results.complete
    assert len(RunFolder(tmp_path / "run").read_history("relu")) == 6


def test_a_consumer_that_leaves_waits_until_the_training_has_ended(tmp_path, monkeypatch):
    gate, path, before = tmp_path / "gate", tmp_path / "run", threading.active_count()
    gate.write_text("1")
    study = tiny_study("held-relu", "tanh", gate=gate)
    snapshots = run_study(study, study.config(), path, jobs=1)
    for snapshot in snapshots:
        if len(snapshot.models[0].history) == 1:
            break
    monkeypatch.setattr(LocalProcesses, "abandon", lambda self: gate.unlink())
    snapshots.close()
    assert threading.active_count() == before
    assert len(RunFolder(path).read_history("held-relu")) == 1
    assert RunFolder(path).read_history("tanh") is None


# -- engines, and studies that need others ------------------------------------------------------------


def test_models_of_an_engine_that_was_not_asked_for_stay(tmp_path):
    study = tiny_study("relu", "tanh", "relu-sklearn")
    *_, first = run_study(study, study.config(), tmp_path, engines=["sklearn"], jobs=1)
    assert [model.spec.name for model in first.models] == ["relu-sklearn"]
    assert first.results.engines == ["sklearn"]
    assert first.results.complete
    *_, second = run_study(study, study.config(), tmp_path, jobs=1)
    assert [result.name for result in second.results.models] == ["relu", "tanh", "relu-sklearn"]
    assert second.results.engines == ["glassnet", "sklearn"]


@pytest.fixture
def heir():
    """Return a study that reads the models of another."""
    return replace(
        tiny_study("tanh", "tanh-sklearn", name="heir"), needs=(tiny_study("relu", "relu-sklearn"),)
    )


def test_a_study_runs_when_what_it_needs_is_there(heir, tmp_path):
    run(heir.needs[0], tmp_path / "tiny")
    assert run(heir, tmp_path / "heir").results.complete


def test_what_a_study_needs_has_to_be_there(heir, tmp_path):
    with pytest.raises(StudyError, match=r"which are not in .*tiny.*Run that first: glassnet study run tiny"):
        run(heir, tmp_path / "heir")


def test_what_a_study_needs_has_to_be_finished_for_its_engines(heir, tmp_path):
    run(heir.needs[0], tmp_path / "tiny")
    with pytest.raises(StudyError, match="these are not finished: relu-sklearn"):
        list(run_study(heir, heir.config(), tmp_path / "heir", engines=["sklearn"], jobs=1))


@pytest.mark.parametrize("change", [{"seed": 1}, {"quick": True}])
def test_what_a_study_needs_has_to_have_its_seed_and_form(change, heir, tmp_path):
    run(heir.needs[0], tmp_path / "tiny", **change)
    with pytest.raises(StudyError, match="expected quick False and seed 0"):
        run(heir, tmp_path / "heir")


def test_time_left_is_estimated_from_finished_models_where_none_tells_epochs(tmp_path):
    study = replace(tiny_study("silent-relu", "silent-tanh", "silent-sigmoid"), keeps_models=False)
    seen = [
        (sum(model.is_done for model in snapshot.models), snapshot.seconds_left)
        for snapshot in run_study(study, study.config(), tmp_path, jobs=1)
    ]
    assert all(left is None for done, left in seen if done == 0)
    assert all(left > 0 for done, left in seen if done in (1, 2))
    assert seen[-1] == (3, 0)


def test_conclusions_are_drawn_with_one_blas_thread_as_models_are_trained(tmp_path):
    def count_threads(config, results, folder):
        threads = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
        return Conclusion(findings=[Insight(str(set(threads)), "")])

    study = replace(TINY, conclude=count_threads)
    with threadpool_limits(2):
        for snapshot in run_study(study, study.config(), tmp_path, jobs=1):
            assert snapshot.results.conclusion.findings[0].title == "{1}"
        assert count_threads(None, [], None).findings[0].title == "{2}"


def test_a_study_without_models_concludes_at_once(tmp_path):
    last = run(tiny_study(), tmp_path)
    assert last.results.complete
    assert results_at(tmp_path)["models"] == []


# -- runs that go on --------------------------------------------------------------------------------


def times_at(path):
    return {file: file.stat().st_mtime_ns for file in (path / "models").rglob("*") if file.is_file()}


def test_a_finished_run_is_not_trained_again(tmp_path):
    run(TINY, tmp_path)
    before, results = times_at(tmp_path), results_at(tmp_path)
    snapshots = list(run_study(TINY, TINY.config(), tmp_path, jobs=1))
    assert len(snapshots) == 1
    assert snapshots[0].kept == 3
    assert snapshots[0].results.complete
    assert all(len(model.history) == 6 for model in snapshots[0].models)
    assert times_at(tmp_path) == before
    assert timeless(results_at(tmp_path)) == timeless(results)


def test_only_what_is_missing_is_trained(tmp_path):
    run(TINY, tmp_path)
    before, numbers = times_at(tmp_path), numbers_at(tmp_path, ["relu", "tanh", "sigmoid"])
    (tmp_path / "models" / "tanh" / "manifest.json").unlink()
    snapshots = run_study(TINY, TINY.config(), tmp_path, jobs=1)
    first = next(snapshots)
    assert [model.state for model in first.models] == ["finished", "waiting", "finished"]
    assert [result.name for result in first.results.models] == ["relu", "sigmoid"]
    assert not first.results.complete
    assert {first.kept} | {snapshot.kept for snapshot in snapshots} == {2}
    after = times_at(tmp_path)
    assert {file.parent.name for file in after if after[file] != before[file]} == {"tanh"}
    assert numbers_at(tmp_path, ["relu", "tanh", "sigmoid"]) == numbers


def test_what_a_run_left_unfinished_is_begun_anew(tmp_path):
    run(TINY, tmp_path)
    numbers = numbers_at(tmp_path, ["relu", "tanh", "sigmoid"])
    folder = tmp_path / "models" / "tanh"
    (folder / "manifest.json").unlink()
    (folder / MODEL_FILE).write_bytes(b"half a fi")
    history = json.loads((folder / "history.json").read_text())
    (folder / "history.json").write_text(
        json.dumps({"records": history["records"][:3], "stopping_reason": "", "best_epoch": None})
    )
    assert run(TINY, tmp_path).results.complete
    assert numbers_at(tmp_path, ["relu", "tanh", "sigmoid"]) == numbers


def test_a_model_that_waits_is_not_shown_in_training(tmp_path):
    gate = tmp_path / "gate"
    study, path = tiny_study("held-relu", "tanh", gate=gate), tmp_path / "run"
    run(study, path)
    gate.write_text("1")
    for name in ("held-relu", "tanh"):
        folder = path / "models" / name
        (folder / "manifest.json").unlink()
        history = {**json.loads((folder / "history.json").read_text()), "stopping_reason": ""}
        (folder / "history.json").write_text(json.dumps(history))
    seen = set()
    for snapshot in run_study(study, study.config(), path, jobs=1):
        seen.add(tuple(model.state for model in snapshot.models))
        if seen >= {("training", "waiting")}:
            gate.unlink(missing_ok=True)
    assert ("training", "waiting") in seen
    assert ("training", "training") not in seen


@pytest.mark.parametrize("change", [{"seed": 1}, {"epochs": 7}, {"quick": True}])
def test_a_folder_with_other_settings_is_refused(change, finished):
    path, _ = finished
    before = times_at(path)
    with pytest.raises(RunFolderError, match="other settings") as caught:
        run(TINY, path, **change)
    assert next(iter(change)) in str(caught.value)
    assert str(path) in str(caught.value)
    assert times_at(path) == before


def test_the_folder_of_another_study_is_refused(finished):
    path, _ = finished
    with pytest.raises(RunFolderError, match="study is 'tiny' there, now 'other'"):
        run(replace(TINY, name="other"), path)


def test_a_folder_with_anything_else_in_it_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("important")
    with pytest.raises(RunFolderError, match="not empty and not a run folder"):
        run(TINY, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"config": {}}', b'{"config": {"study": 1, "no": 2}}'],
    ids=["empty", "cut", "list", "null", "no text", "no settings", "other settings"],
)
@pytest.mark.parametrize("name", ["config.json", "models/relu/result.json", "models/relu/history.json"])
def test_a_damaged_file_is_named(name, damage, tmp_path):
    run(tiny_study("relu"), tmp_path, epochs=1)
    (tmp_path / name).write_bytes(damage)
    with pytest.raises(RunFolderError, match="is damaged") as caught:
        run(tiny_study("relu"), tmp_path, epochs=1)
    assert str(tmp_path / name) in str(caught.value)
    assert isinstance(caught.value, OSError)


@pytest.mark.parametrize("damage", ["missing", "cut", "flipped"])
def test_a_damaged_model_file_of_a_finished_model_is_named(damage, tmp_path):
    run(tiny_study("relu"), tmp_path, epochs=1)
    path = tmp_path / "models" / "relu" / MODEL_FILE
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(content[:-5] if damage == "cut" else content[:-5] + b"\x7f" + content[-4:])
    with pytest.raises(RunFolderError) as caught:
        run(tiny_study("relu"), tmp_path, epochs=1)
    assert str(path.parent) in str(caught.value)
    assert path.name in str(caught.value)
    assert "--repair" in str(caught.value)


def test_damaged_results_are_written_anew(tmp_path):
    run(TINY, tmp_path)
    results = results_at(tmp_path)
    (tmp_path / "results.json").write_bytes(b"damaged")
    with pytest.raises(RunFolderError, match=r"results\.json is damaged"):
        RunFolder(tmp_path).read_results()
    run(TINY, tmp_path)
    assert timeless(results_at(tmp_path)) == timeless(results)


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileError, match="cannot write"):
        run(TINY, tmp_path / "file" / "run")


def test_a_file_is_no_run_folder(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileError, match="file"):
        run(TINY, tmp_path / "file")


def test_errors_of_folders_are_the_librarys():
    assert issubclass(RunFolderError, GlassnetError)
    with pytest.raises(RunFolderError, match="there is no"):
        RunFolder("nowhere at all").read_results()


@pytest.mark.parametrize(
    ("files", "is_taken"),
    [
        (["models/relu/model.safetensors", "models/tanh/history.json"], True),
        (["tiny/models/relu/.history.json.x1"], True),
        (["models/relu/result.json"], False),
        (["models/relu/model.safetensors", "notes.txt"], False),
        (["history.json"], False),
    ],
)
def test_what_a_worker_left_in_a_deleted_folder_is_no_obstacle(files, is_taken, tmp_path):
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("left")
    if is_taken:
        RunFolder(tmp_path).claim(TINY.config())
    else:
        with pytest.raises(RunFolderError, match="is not empty and not a run folder"):
            RunFolder(tmp_path).claim(TINY.config())
