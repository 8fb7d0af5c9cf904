"""BLAS threads are chosen by a trial, which is remembered and changes nothing that is trained."""

import json

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from glassnet import MLPClassifier, NeuralNetwork, Recorder
from glassnet.errors import InvalidParameterError
from glassnet.nn import choosing
from glassnet.nn.threads import limited_to

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(300, 300)).astype(np.float32), RNG.integers(0, 2, 300)
ONE_IS_FASTER, ALL_ARE_FASTER, ALL_ARE_A_LITTLE_FASTER = (1.0, 1.5), (1.0, 0.7), (1.0, 0.9)
"""Seconds of a step with one thread, and with all."""


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """Have two threads, an empty memory, and no trial that measures."""
    monkeypatch.setattr(choosing, "user_cache_folder", lambda: tmp_path)
    monkeypatch.delenv(choosing.VARIABLE)
    monkeypatch.setattr(choosing, "EPOCHS_AHEAD", 10_000)  # few rows stand for many
    choosing.MEMORY.forget()
    with threadpool_limits(2, user_api="blas"):
        if max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas") < 2:
            pytest.skip("this BLAS has one thread only")
        yield tmp_path
    choosing.MEMORY.forget()


@pytest.fixture
def finds(monkeypatch):
    """Return a function that says what a trial finds; and count trials."""
    trials = []

    def says(seconds):
        monkeypatch.setattr(choosing, "try_threads", lambda *given: trials.append(given) or seconds)
        return trials

    return says


def begin(units=256, batch_size=100, **settings):
    """Return a training of a step between small and large."""
    return MLPClassifier((units,), batch_size=batch_size, random_state=0, **settings).begin(X, Y)


def choose(begun, epochs=500):
    return choosing.choose_threads(begun.training, begun.samples, epochs).threads


@pytest.mark.parametrize(("seconds", "threads"), [(ONE_IS_FASTER, 1), (ALL_ARE_FASTER, 2)])
def test_the_faster_one_is_taken_and_remembered_by_the_next_process(finds, seconds, threads):
    trials = finds(seconds)
    assert choose(begin()) == threads
    assert len(trials) == 1
    choosing.MEMORY.forget()  # as a new process has not read it yet
    assert choose(begin(), epochs=1) == threads  # too short for a trial
    assert len(trials) == 1


def test_a_small_step_and_a_short_training_are_not_tried(finds):
    trials = finds(ALL_ARE_FASTER)
    assert choose(begin(units=4)) == 1
    assert choose(begin(units=2000), epochs=2) == 2  # by its work alone
    assert not trials


def test_a_training_too_short_for_a_trial_is_watched_where_it_gets_several_threads(finds):
    trials = finds((1.0,))
    begun = begin(units=2000)
    choice = choosing.choose_threads(begun.training, begun.samples, 150)
    assert (choice.threads, choice.one_seconds) == (2, 1.0)
    assert [(given[2], given[3]) for given in trials] == [((1,), choosing.ROUNDS_OF_ONE)]
    assert choosing.choose_threads(begun.training, begun.samples, 90).one_seconds is None  # 270 steps


def test_what_is_remembered_holds_for_any_number_of_threads(finds):
    finds(ALL_ARE_FASTER)
    assert choose(begin()) == 2
    with threadpool_limits(3, user_api="blas"):
        assert choose(begin()) == 3
        finds(ONE_IS_FASTER)
        assert choose(begin()) == 1


def test_what_is_remembered_stays_but_where_it_is_far_slower_now(finds):
    finds(ONE_IS_FASTER)
    assert choose(begin()) == 1
    finds(ALL_ARE_A_LITTLE_FASTER)
    assert choose(begin()) == 1
    finds(ALL_ARE_FASTER)
    assert choose(begin()) == 2
    finds(ALL_ARE_A_LITTLE_FASTER)
    assert choose(begin()) == 1  # that hour is not remembered


def test_the_environment_chooses_for_good(finds, monkeypatch):
    trials = finds(ONE_IS_FASTER)
    monkeypatch.setenv(choosing.VARIABLE, "all")
    assert choose(begin()) == 2
    monkeypatch.setenv(choosing.VARIABLE, "1")
    assert choose(begin(units=2000)) == 1
    assert not trials
    monkeypatch.setenv(choosing.VARIABLE, "two")
    with pytest.raises(InvalidParameterError, match="GLASSNET_THREADS='two'; expected 1 or all"):
        choose(begin())


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"blas": "another", "several": {}}', '{"blas": 1, "several": 2}']
)
def test_a_memory_that_cannot_be_used_is_made_anew(finds, folder, content):
    path = folder / choosing.FILE
    path.write_text(content)
    finds(ALL_ARE_FASTER)
    assert choose(begin()) == 2
    assert list(json.loads(path.read_text())["several"].values()) == [True]


def test_a_trial_changes_nothing_that_is_trained():
    tried, other = (begin(dropout=0.2) for _ in range(2))
    choosing.try_threads(tried.training, tried.samples, (1, 2), 2)
    for begun in (tried, other):
        begun.training.compute_gradient(begun.samples, np.arange(100))
        begun.training.update()
    assert np.array_equal(tried.training.parameters.theta, other.training.parameters.theta)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_choice_is_in_the_history_and_a_recorder_makes_the_same(finds):
    finds(ALL_ARE_FASTER)
    model = MLPClassifier((256,), batch_size=10, max_iter=60, random_state=0)
    recorder = Recorder(model, X, Y)
    recorder.step()
    assert recorder.history.threads == 1  # batches of 10 are small
    recorder = Recorder(model.set_params(batch_size=100, max_iter=500), X, Y)
    recorder.step()
    assert recorder.history.threads == 2
    finds(ONE_IS_FASTER)
    assert recorder.branch(1).history.threads == 2


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_verbose_says_it_once(finds, capsys):
    finds(ALL_ARE_FASTER)
    MLPClassifier((2000,), batch_size=100, max_iter=2, verbose=True).fit(X, Y)
    NeuralNetwork(N=1, A=[2000], batch_size=100, epochs=2).fit(X, Y, verbose=True)
    assert [line for line in capsys.readouterr().out.splitlines() if "thread" in line] == [
        "2 BLAS threads"
    ] * 2


def test_the_number_of_threads_changes_no_number_but_by_rounding():
    begun = begin()
    rows, gradients = np.arange(100), []
    for threads in (1, 2):
        with limited_to(threads):
            gradients.append(begun.training.compute_gradient(begun.samples, rows).gradient.theta.copy())
    np.testing.assert_allclose(gradients[0], gradients[1], rtol=1e-4, atol=1e-6)


class Clock:
    """Tell the times that a test says, one after the other."""

    def __init__(self, *steps):
        self.now, self.steps = 0.0, iter(steps)

    def perf_counter(self):
        return self.now

    def step(self):
        self.now += next(self.steps)


@pytest.mark.parametrize(
    ("steps", "halts_after"),
    [
        ([0.01] * 40, None),
        ([0.02] * 40, 16),  # two looks of eight steps
        ([0.01] * 7 + [0.5] + [0.01] * 32, None),  # a hiccup
        ([0.01] * 16 + [0.03] * 24, 32),
    ],
)
def test_steps_that_stay_far_slower_than_with_one_thread_are_noticed(monkeypatch, steps, halts_after):
    clock = Clock(*steps)
    monkeypatch.setattr("glassnet.nn.choosing.time.perf_counter", clock.perf_counter)
    pace = choosing.Pace(choosing.Choice(2, one_seconds=0.01))
    found = None
    for number in range(1, len(steps) + 1):
        clock.step()
        if pace.is_halting():
            found = number
            break
    assert found == halts_after


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_training_that_halts_goes_on_with_one_thread(finds, monkeypatch):
    finds((1e-9, 1e-10))  # no step is as fast as that
    seen = []

    def note(record):
        pools = threadpool_info()
        seen.append(max(pool["num_threads"] for pool in pools if pool["user_api"] == "blas"))

    monkeypatch.setattr(choosing, "LOOK_SECONDS", 0.0)
    model = MLPClassifier((256,), batch_size=100, max_iter=500, random_state=0, on_epoch=note, tol=1e9)
    model.fit(X, Y)
    assert seen[0] == 2  # three steps an epoch, and twice eight to notice
    assert seen[6:] == [1] * len(seen[6:])
    assert model.history_.threads == 1
    assert len(model.history_) == len(seen) > 8
