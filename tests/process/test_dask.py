"""Studies on a Dask cluster: a real one, of two worker processes on this machine."""

import logging
import os
import random
import signal
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
from click.testing import CliRunner
from processes import HANG_SECONDS, is_running, run_python, start_python, wait_until
from runs import finished_at, numbers_at, results_at, timeless
from sklearn.model_selection import GridSearchCV
from tiny_study import TINY, tiny_study

from glassnet.errors import StudyError
from glassnet.models import MLPClassifier
from glassnet.studies import STUDIES, _dask_cluster
from glassnet.studies._dask_cluster import DaskCluster
from glassnet.studies.folder import RunFolder
from glassnet.studies.own.study import Study
from glassnet.studies.runner import run_study
from glassnet.studies.search import finals
from glassnet.studies.search.journal import Begun, Journal
from glassnet.studies.search.trials import End, list_counted
from glassnet.studies.search.working import Trainer, Work

distributed = pytest.importorskip("distributed")

KILLS = int(os.environ.get("GLASSNET_TEST_KILLS", "2"))
"""How often a worker is killed during the run of many models."""


@contextmanager
def two_workers():
    """Yield a cluster of two worker processes, which a nanny starts again when they die."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it tells of each worker that dies
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        death_timeout=HANG_SECONDS,  # on a machine that others use, a worker takes long to start again
    ) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def local_cluster():
    """Return the cluster that these tests share."""
    with two_workers() as cluster:
        yield cluster


@pytest.fixture
def own_cluster():
    """Return a cluster for one test: a worker that is killed again as it starts may not come back."""
    with two_workers() as cluster:
        yield cluster


@pytest.fixture
def cluster(local_cluster):
    """Return that cluster, with both of its workers: a test before may have killed one."""
    with distributed.Client(local_cluster.scheduler_address) as client:
        client.wait_for_workers(2, timeout=HANG_SECONDS)
    return local_cluster


def comparable_at(path):
    return timeless(results_at(path))


def workers_at(path):
    """Return the ids of the processes that have begun models."""
    return {int(file.read_text()) for file in path.glob("models/*/pid")}


def test_a_cluster_gives_the_results_of_one_process(cluster, tmp_path):
    snapshots = list(
        run_study(TINY, TINY.config(), tmp_path / "cluster", scheduler=cluster.scheduler_address)
    )
    for _ in run_study(TINY, TINY.config(), tmp_path / "here", jobs=1):
        pass
    assert comparable_at(tmp_path / "cluster") == comparable_at(tmp_path / "here")
    assert snapshots[-1].results.complete
    assert all(len(model.history) == 6 for model in snapshots[-1].models)
    assert os.getpid() not in workers_at(tmp_path / "cluster")


def test_a_cluster_of_one_core_trains_all_the_same(tmp_path):
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as one:
        *_, last = run_study(TINY, TINY.config(), tmp_path / "one", scheduler=one.scheduler_address)
    assert last.results.complete
    assert os.getpid() not in workers_at(tmp_path / "one")


def test_a_worker_that_is_killed_costs_nothing_but_time(cluster, tmp_path):
    gate = tmp_path / "gate"
    gate.write_text("3")
    study = tiny_study("held-relu", "held-tanh", "sigmoid", gate=gate)
    killed, progress = None, set()
    for snapshot in run_study(
        study, study.config(), tmp_path / "killed", scheduler=cluster.scheduler_address
    ):
        progress |= {(model.spec.name, len(model.history)) for model in snapshot.models}
        if killed is None and len(snapshot.models[0].history) == 3:
            killed = int((tmp_path / "killed/models/held-relu/pid").read_text())
            os.kill(killed, signal.SIGKILL)
            gate.unlink()
    assert killed is not None
    assert int((tmp_path / "killed/models/held-relu/pid").read_text()) != killed  # trained again elsewhere
    assert ("held-relu", 3) in progress
    for _ in run_study(study, study.config(), tmp_path / "whole", jobs=1):
        pass
    assert comparable_at(tmp_path / "killed") == comparable_at(tmp_path / "whole")


def test_a_run_that_is_left_ends_its_models_and_goes_on_later(cluster, tmp_path):
    gate, path = tmp_path / "gate", tmp_path / "run"
    gate.write_text("2")
    study = tiny_study("held-relu", "held-tanh", "sigmoid", gate=gate)
    snapshots = run_study(study, study.config(), path, scheduler=cluster.scheduler_address)
    for snapshot in snapshots:
        if len(snapshot.models[0].history) == len(snapshot.models[1].history) == 2:
            break
    snapshots.close()
    began = RunFolder(path).list_begun()  # a worker may have had the third one first

    def states(dask_worker):
        return {task.state for task in dask_worker.state.tasks.values()}

    with distributed.Client(cluster.scheduler_address) as client:
        wait_until(lambda: "executing" not in set().union(*client.run(states).values()))
        gate.unlink()  # they are in training, and cancelled
        wait_until(lambda: not any(client.run(states).values()))
    assert [len(RunFolder(path).read_history(spec.name) or ()) for spec in study.specs[:2]] == [2, 2]
    assert RunFolder(path).list_begun() == began
    *_, last = run_study(study, study.config(), path, scheduler=cluster.scheduler_address)
    assert last.results.complete


def test_an_error_in_a_worker_arrives(cluster, tmp_path):
    study = tiny_study("fails", "relu")
    with pytest.raises(LookupError, match="this model cannot be trained"):
        list(run_study(study, study.config(), tmp_path, scheduler=cluster.scheduler_address))


def hide(monkeypatch, tmp_path):
    """Give the workers another path than that of the run, as on a file system that they do not see."""
    monkeypatch.setattr(type(tmp_path), "absolute", lambda path: tmp_path / "elsewhere" / path.name)


def test_workers_that_do_not_see_the_run_folder_send_what_they_made(cluster, tmp_path, monkeypatch):
    for _ in run_study(TINY, TINY.config(), tmp_path / "here", jobs=1):
        pass
    hide(monkeypatch, tmp_path)
    *_, last = run_study(TINY, TINY.config(), tmp_path / "run", scheduler=cluster.scheduler_address)
    assert not (tmp_path / "elsewhere").exists()
    names = [spec.name for spec in TINY.specs]
    assert numbers_at(tmp_path / "run", names) == numbers_at(tmp_path / "here", names)
    assert all(len(model.history) == 6 for model in last.models)


def test_workers_have_to_see_the_models_of_others(cluster, tmp_path, monkeypatch):
    needed = tiny_study("relu", name="needed")
    heir = replace(tiny_study("tanh", name="heir"), needs=(needed,))
    for _ in run_study(needed, needed.config(), tmp_path / "needed", jobs=1):
        pass
    hide(monkeypatch, tmp_path)
    with pytest.raises(StudyError, match=r"worker on .* does not see the run in .*elsewhere.* share"):
        list(run_study(heir, heir.config(), tmp_path / "heir", scheduler=cluster.scheduler_address))


def test_many_small_models_are_each_finished_once_however_often_workers_are_killed(own_cluster, tmp_path):
    study = tiny_study(*(f"{kind}-{i}" for i in range(20) for kind in ("relu", "tanh")))
    path, moments, kills = tmp_path / "killed", random.Random(KILLS), 0
    seen: dict[str, int] = {}
    for snapshot in run_study(study, study.config(), path, scheduler=own_cluster.scheduler_address):
        seen = finished_at(path) | seen  # of each, the time at which it was first there
        if kills < KILLS and len(snapshot.results.models) > kills * 40 / KILLS and moments.random() < 0.7:
            victim = moments.choice(sorted(filter(is_running, workers_at(path))))
            os.kill(victim, signal.SIGKILL)
            kills += 1
    assert kills == KILLS
    assert finished_at(path) == finished_at(path) | seen
    for _ in run_study(study, study.config(), tmp_path / "whole", jobs=1):
        pass
    assert comparable_at(path) == comparable_at(tmp_path / "whole")


def test_the_command_line_sends_models_to_the_cluster(cluster, tmp_path, monkeypatch):
    from glassnet.cli import main

    monkeypatch.setitem(STUDIES, "tiny", TINY)
    words = ["study", "run", "tiny", "--out", str(tmp_path / "run"), "--quick", "--backend", "dask"]
    result = CliRunner().invoke(main, [*words, "--scheduler", cluster.scheduler_address])
    assert result.exit_code == 0, result.output
    assert RunFolder(tmp_path / "run").read_results().complete
    assert os.getpid() not in workers_at(tmp_path / "run")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--backend", "dask"), "needs --scheduler ADDRESS"),
        (("--scheduler", "tcp://127.0.0.1:1"), "--scheduler is for --backend dask"),
        (("--backend", "dask", "--scheduler", "tcp://127.0.0.1:1", "--jobs", "2"), "--jobs is for processes"),
    ],
)
@pytest.mark.parametrize(
    "command", [("study", "run", "mnist-init"), ("reproduce",), ("search", "none.csv", "--target", "y")]
)
def test_options_that_do_not_go_together_are_refused(command, words, part, tmp_path, monkeypatch):
    from glassnet.cli import main

    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, [*command, *words])
    assert result.exit_code == 2
    assert part in result.stderr
    assert list(tmp_path.iterdir()) == []


# -- clusters that cannot be used -------------------------------------------------------------------


def errors_of(code):
    """Return what a Python of its own complains of."""
    return run_python(code, check=False).stderr


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1"])
def test_a_scheduler_that_cannot_be_reached_is_told(address, monkeypatch):
    monkeypatch.setattr(_dask_cluster, "CONNECT_SECONDS", 0.3)
    with pytest.raises(StudyError, match=f"no Dask scheduler answers at '{address}'"):
        DaskCluster(address)


def test_a_scheduler_that_cannot_be_reached_leaves_one_message(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["study", "run", "mnist-init", "--quick", "--backend", "dask", "--scheduler", "nonsense"]
    error = errors_of(
        "from glassnet.cli import main; from glassnet.studies import _dask_cluster\n"
        f"_dask_cluster.CONNECT_SECONDS = 0.3; main({words!r})"
    )
    assert error.startswith("Error: no Dask scheduler answers at 'nonsense'")
    assert len(error.splitlines()) == 1


def test_a_scheduler_that_goes_during_a_search_is_told(cluster, tmp_path, monkeypatch):
    pytest.importorskip("optuna")

    def break_off(*words, **settings):
        raise distributed.comm.CommClosedError("connection reset by peer")

    names = {}
    exec(SEARCH, names)
    monkeypatch.setattr(distributed.Client, "submit", break_off)
    with pytest.raises(StudyError, match=r"scheduler at .* is gone\. What is finished is kept"):
        names["search"].run(tmp_path / "run", scheduler=cluster.scheduler_address)


def test_a_cluster_without_workers_is_told(monkeypatch):
    monkeypatch.setattr(_dask_cluster, "CONNECT_SECONDS", 1.0)
    with (
        distributed.LocalCluster(
            n_workers=0, processes=False, protocol="tcp", dashboard_address=":0"
        ) as none,
        pytest.raises(StudyError, match="has no workers"),
    ):
        DaskCluster(none.scheduler_address)


def test_without_dask_the_installation_is_told():
    code = (
        "import sys; sys.modules['distributed'] = None\n"
        "from glassnet.studies._dask_cluster import DaskCluster\n"
        "DaskCluster('tcp://127.0.0.1:1')"
    )
    error = errors_of(code)
    assert "StudyError: Dask is not installed" in error
    assert 'pip install "glassnet[dask]"' in error


def test_a_cluster_trains_a_study_of_ones_own(cluster, tmp_path):
    X = np.random.default_rng(0).normal(size=(120, 3))
    study = Study(
        "own",
        (X, (X[:, 0] > 0).astype(int)),
        "MLPClassifier",
        settings={"hidden_layer_sizes": [4]},
        vary={"alpha": [0.1, 0.01]},
        epochs=3,
        examines=False,
    )
    there = study.run(tmp_path / "cluster", scheduler=cluster.scheduler_address)
    here = study.run(tmp_path / "here", jobs=1)
    assert [(one.name, one.test) for one in there.models] == [(one.name, one.test) for one in here.models]


SEARCH = """
import numpy as np
from glassnet import Search

X = np.random.default_rng(0).normal(size=(120, 3))
space = {"learning_rate_init": {"low": 1e-5, "high": 0.1, "log": True}, "hidden_layer_sizes": [[4], [8]]}
y = (X[:, 0] * X[:, 1] > 0).astype(int)
search = Search("far", (X, y), "MLPClassifier", space=space, trials=18, epochs=12, settings={"solver": "sgd"})
"""


def test_a_cluster_searches_on_after_kills_of_the_runner_and_of_a_worker(cluster, tmp_path, monkeypatch):
    """What is finished stays as it is, with the figure that a training here gives; others are given up."""
    pytest.importorskip("optuna")
    monkeypatch.setattr(finals, "DEFAULT_SEEDS", 1)
    names = {}
    exec(SEARCH, names)
    search, folder, address = names["search"], tmp_path / "run", cluster.scheduler_address
    config = search.study().config()
    work = Work(search.task, config, search.rules(config), folder)
    RunFolder(folder).claim(config, search.study())

    def trained():
        return {one.number: one for one in Journal(folder, work.rules).read() if one.was_trained}

    with distributed.Client(address) as client:
        victim = next(iter(client.run(os.getpid).values()))
    runner = start_python(
        "from glassnet.studies.search import finals; finals.DEFAULT_SEEDS = 1\n"
        f"{SEARCH}\nsearch.run({str(folder)!r}, scheduler={address!r})"
    )
    wait_until(lambda: len(trained()) > 2, runner)
    runner.kill()
    runner.wait()
    before, alive = trained(), [victim]

    def kill_worker(progress):
        if alive and len(trained()) > len(before) + 2:
            os.kill(alive.pop(), signal.SIGKILL)

    assert search.run(folder, scheduler=address, on_progress=kill_worker).complete
    assert not alive
    now = trained()
    assert before.items() <= now.items()
    assert {End.FINISHED, End.PRUNED} == {one.end for one in now.values()}
    assert len(list_counted(Journal(folder, work.rules).read())) == search.part.trials
    assert len({str(one.settings) for one in now.values()}) == len(now)
    for one in now.values():
        if one.end is End.FINISHED:
            begun = Begun(SimpleNamespace(number=one.number), one.settings, proves=0, seconds=None)
            here = Trainer(work).train(begun, lambda: None)
            assert (one.value, one.epochs) == (here.value, here.epochs)


def test_the_command_line_searches_on_a_cluster(cluster, tmp_path, monkeypatch):
    """The workers are in another folder, so that the table has to be told by its whole path."""
    pytest.importorskip("optuna")
    from glassnet.cli import main

    monkeypatch.setattr(finals, "DEFAULT_SEEDS", 1)
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{i},{i % 7},{'no' if i % 2 else 'yes'}\n" for i in range(60))
    (tmp_path / "t.csv").write_text(f"a,b,y\n{rows}")
    words = ["search", "t.csv", "--target", "y", "--model", "MLPClassifier", "--quick", "--trials", "2"]
    where = ["--backend", "dask", "--scheduler", cluster.scheduler_address]
    result = CliRunner().invoke(main, [*words, *where])
    assert result.exit_code == 0, result.output
    assert RunFolder(tmp_path / "runs" / "search-y-quick").read_results().complete


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_search_of_scikit_learn_goes_to_the_cluster(cluster, monkeypatch):
    X, y = np.random.default_rng(0).normal(size=(90, 4)), np.repeat(["ash", "elm", "oak"], 30)
    model = MLPClassifier((6,), max_iter=4, random_state=0)
    here = GridSearchCV(model, {"alpha": [1e-4, 10.0]}, cv=3, refit=False).fit(X, y)
    there = GridSearchCV(model, {"alpha": [1e-4, 10.0]}, cv=3, refit=False)
    with distributed.Client(cluster.scheduler_address), joblib.parallel_config("dask"):
        there.fit(X, y)
    np.testing.assert_array_equal(there.cv_results_["mean_test_score"], here.cv_results_["mean_test_score"])
