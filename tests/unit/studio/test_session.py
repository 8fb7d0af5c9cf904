"""What a page can say, and what it does to the runs."""

import time

import numpy as np
import pytest

from glassnet.errors import InvalidParameterError
from glassnet.nn import StopKind
from glassnet.studio.parts import Opened, Part

PATIENCE = 60.0


def wait_for(condition):
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.005)


def test_a_step_by_batch_and_by_epoch(session):
    session.command({"do": "step"})
    assert session.runs["a"].frame["step"] == 1
    session.command({"do": "step", "unit": "epoch"})
    assert session.runs["a"].frame["step"] == session.runs["a"].frame["steps_per_epoch"] == 24
    assert session.runs["a"].frame["records"] == 1
    session.command({"do": "step", "unit": "epoch"})
    assert session.runs["a"].frame["epoch"] == 2.0


def test_steps_by_sample_go_through_the_batch_and_then_update(session):
    rows = session.runs["a"].recorder.at(0).rows.tolist()
    seen = []
    for _ in rows:
        session.command({"do": "step", "unit": "sample"})
        seen.append(session.sample)
    assert seen == [*rows[1:], None]
    assert session.runs["a"].frame["step"] == 1


def test_playing_goes_on_until_pause(session):
    run = session.runs["a"]
    session.command({"do": "play"})
    wait_for(lambda: run.frame["newest"] > 100)
    session.command({"do": "pause"})
    stopped = run.recorder.newest
    assert not run.frame["playing"]
    assert run.frame["step"] == stopped
    session.command({"do": "step"})
    assert run.recorder.newest == stopped + 1


def test_playing_slowly_makes_a_step_at_a_time(session):
    session.command({"do": "play", "speed": 200})
    wait_for(lambda: session.runs["a"].frame["newest"] >= 5)
    session.command({"do": "pause"})
    assert session.runs["a"].recorder.newest < 2_000


def test_playing_ends_with_the_training(open_session):
    session = open_session(epochs=3)
    session.command({"do": "play"})
    wait_for(lambda: not session.runs["a"].frame["playing"])
    assert session.runs["a"].frame["stop"] == {"kind": "epochs", "text": "all 3 epochs were run"}
    assert session.runs["a"].frame["newest"] == 72


def test_what_was_recorded_is_shown_again_before_training_goes_on(session):
    run = session.runs["a"]
    for _ in range(3):
        session.command({"do": "step", "unit": "epoch"})
    session.command({"do": "seek", "step": 10})
    session.command({"do": "step"})
    assert (run.frame["step"], run.frame["newest"]) == (11, 72)
    session.command({"do": "step", "unit": "epoch"})
    assert (run.frame["step"], run.frame["newest"]) == (24, 72)
    session.command({"do": "play"})
    wait_for(lambda: run.frame["newest"] > 72)
    session.command({"do": "pause"})


def test_the_numbers_are_those_of_fit_however_it_is_played(session):
    run = session.runs["a"]
    session.command({"do": "play", "speed": 500})
    wait_for(lambda: run.frame["newest"] > 20)
    session.command({"do": "pause"})
    session.command({"do": "seek", "step": 3})
    session.moment(run)
    session.command({"do": "play"})
    wait_for(lambda: run.frame["records"] >= 6)
    session.command({"do": "pause"})
    model = run.model.set_params(epochs=5)
    data = session.data
    model.fit(
        data.train.X,
        data.train.y,
        data.validation.X,
        data.validation.y,
        early_stopping=False,
        restore_best=False,
    )
    assert np.array_equal(session.moment(run, 5 * 24).theta, model.parameters_.theta)
    losses = [record.validation_loss for record in run.recorder.history.records[:5]]
    assert losses == [record.validation_loss for record in model.history_.records]


def test_a_branch_stands_beside_the_run_and_is_dropped(session):
    session.command({"do": "step", "unit": "epoch"})
    session.command({"do": "branch", "step": 10, "changes": {"lr": 0.01}})
    b = session.runs["b"]
    assert b.frame["branched_from"] == {"run": "a", "step": 10, "changes": {"lr": 0.01}}
    assert b.describe()["settings"]["lr"] == 0.01
    session.command({"do": "step", "run": "b"})
    assert (session.runs["a"].frame["step"], b.frame["step"]) == (24, 11)
    session.command({"do": "seek", "step": 5})
    assert (session.runs["a"].frame["step"], b.frame["step"]) == (5, 5)
    assert np.array_equal(session.moment(b).theta, session.moment(session.runs["a"]).theta)
    session.command({"do": "play"})
    wait_for(lambda: b.frame["newest"] > 30 and session.runs["a"].frame["newest"] > 30)
    session.command({"do": "pause"})
    session.command({"do": "drop"})
    assert set(session.runs) == {"a"}


def test_a_branch_at_step_0_may_change_anything(session):
    changes = {"A": [3], "weight_init": "zero", "early_stopping": True}
    session.command({"do": "branch", "step": 0, "changes": changes})
    assert session.runs["b"].frame["sizes"] == [2, 3, 2]
    assert session.runs["b"].describe()["settings"]["early_stopping"] is True


def test_a_restart_begins_with_other_settings(session):
    session.command({"do": "step", "unit": "epoch"})
    session.command({"do": "restart", "settings": {"A": [5, 4, 3], "lr": 1e30, "loss": "squared_error"}})
    run = session.runs["a"]
    assert run.frame["sizes"] == [2, 5, 4, 3, 2]
    assert run.frame["newest"] == 0
    for _ in range(3):
        session.command({"do": "step", "unit": "epoch"})
    assert run.frame["stop"]["kind"] == StopKind.DIVERGED.value


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({"do": "fly"}, "unknown command"),
        ({}, "expected one of"),
        ({"do": "play", "speed": -1}, "steps a second"),
        ({"do": "play", "run": "c"}, "unknown run"),
        ({"do": "step", "unit": "year"}, "'sample', 'batch' or 'epoch'"),
        ({"do": "seek"}, "whole number"),
        ({"do": "seek", "step": True}, "whole number"),
        ({"do": "branch", "step": 99}, "expected 0 to 0"),
        ({"do": "branch", "step": 0, "changes": {"rate": 1}}, "unknown setting"),
        ({"do": "restart", "settings": {"lr": 0}}, "got lr=0"),
        ({"do": "restart", "settings": {"A": ["x"]}}, ""),
        ({"do": "restart", "settings": {"batch_size": 1000}}, "batch_size"),
        ({"do": "restart", "settings": {"activation": 3}}, ""),
        ({"do": "data", "name": "/etc/passwd"}, "unknown data set"),
        ({"do": "data"}, "unknown data set"),
        ({"do": "sample", "index": 300}, "expected 0 to 299"),
        ({"do": "points"}, "no change of points"),
        ({"do": "points", "add": {"x": 0, "y": 0, "label": 2}}, "number of a class"),
        ({"do": "points", "add": {"x": 1e9, "y": 0, "label": 1}}, "expected a number"),
        ({"do": "points", "move": {"index": 300, "x": 0, "y": 0}}, "expected 0 to 299"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(ask, message, says):
    before = ask.get("/api/session")
    name = message.pop("do", None)
    error = ask.refused(name, **message)
    assert says in error["message"]
    after = ask.get("/api/session")
    assert {**before, "version": 0} == {**after, "version": 0}


def test_points_are_added_moved_relabelled_and_removed(session):
    session.command({"do": "step", "unit": "epoch"})
    session.command({"do": "points", "add": {"x": 0.5, "y": -0.25, "label": 1}})
    data = session.runs["a"].data
    assert (data.train.X[-1].tolist(), data.train.y[-1]) == ([0.5, -0.25], 1)
    session.command({"do": "points", "move": {"index": 240, "x": 1.0, "y": 2.0}})
    session.command({"do": "points", "label": {"index": 240, "label": 0}})
    assert (session.data.train.X[-1].tolist(), session.data.train.y[-1]) == ([1.0, 2.0], 0)
    session.command({"do": "points", "move": {"index": 241, "x": 0.0, "y": 0.0}})
    assert session.data.validation.X[0].tolist() == [0.0, 0.0]
    session.command({"do": "points", "remove": {"index": 240}})
    assert len(session.data.train) == 240
    assert session.runs["a"].frame["newest"] == 24
    session.command({"do": "step", "unit": "epoch"})
    assert session.runs["a"].frame["newest"] == 48
    session.command({"do": "seek", "step": 3})
    assert np.isfinite(session.moment(session.runs["a"]).theta).all()


def test_points_are_dragged_while_it_trains(session):
    session.command({"do": "play"})
    for i in range(30):
        session.command({"do": "points", "move": {"index": 7, "x": i / 30, "y": 0.0}})
    wait_for(lambda: session.runs["a"].frame["newest"] > 100)
    session.command({"do": "pause"})
    assert session.runs["a"].frame["stop"] is None


@pytest.fixture
def numbers():
    X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    return Opened(
        "numbers", "table", Part(X[:50], X[:50, 0]), Part(X[50:], X[50:, 0]), columns=("a", "b", "c")
    )


def test_a_regression_is_trained_too(open_session, numbers):
    session = open_session(numbers)
    session.command({"do": "step", "unit": "epoch"})
    session.command({"do": "branch", "step": 1, "changes": {"learning_rate_init": 0.1}})
    session.command({"do": "step", "unit": "epoch"})
    assert session.runs["a"].frame["output"] == "identity"
    assert session.runs["a"].frame["records"] == 2


@pytest.mark.parametrize("command", ["restart", "branch"])
def test_layers_that_are_no_list_are_refused(session, command):
    changes = {"A": None}
    with pytest.raises(InvalidParameterError, match="got A=None"):
        session.command({"do": command, "settings": changes, "changes": changes})


@pytest.mark.parametrize("step", [0, 1])
def test_what_an_estimator_refuses_is_refused_and_changes_nothing(open_session, numbers, step):
    session = open_session(numbers)
    session.command({"do": "step"})
    for name in ("n_iter_no_change", "hidden_layer_sizes", "learning_rate_init", "activation", "tol"):
        changes = {name: "no such thing"}
        with pytest.raises(InvalidParameterError, match=name):
            session.command({"do": "branch", "step": step, "changes": changes})
        with pytest.raises(InvalidParameterError, match=name):
            session.command({"do": "restart", "settings": changes})
    assert list(session.runs) == ["a"]
    assert session.runs["a"].frame["step"] == 1
