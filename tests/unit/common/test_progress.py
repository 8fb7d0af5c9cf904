"""What is shown on stderr while something takes long."""

import io
import sys
import threading

import pytest

from glassnet._common import progress
from glassnet._common.progress import say, showing, silent
from glassnet.doctor._judging import Check, run_checks
from glassnet.doctor.findings import Severity


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Return what puts a terminal into the place of stderr; pytest puts its own there before a test."""

    def put():
        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        return stream

    return put


@pytest.fixture
def drawn(monkeypatch):
    """Let the patience end at once when it is told to, in place of after some time."""
    timers = []

    class Timer:
        daemon = True

        def __init__(self, seconds, function):
            self.seconds, self.end = seconds, function
            timers.append(self)

        def start(self):
            pass

        def cancel(self):
            pass

    monkeypatch.setattr(threading, "Timer", Timer)
    return timers


def test_nothing_is_shown_of_what_is_quick(terminal, drawn):
    stderr = terminal()
    with showing("Examining"):
        say("a step")
    assert [timer.seconds for timer in drawn] == [progress.PATIENCE_SECONDS] == [2.0]
    drawn[0].end()  # too late
    assert stderr.getvalue() == ""


def test_what_takes_long_is_shown_with_its_step(terminal, drawn):
    stderr = terminal()
    with showing("Examining"):
        say("first")
        drawn[0].end()
        say("second")
    assert "Examining: " in stderr.getvalue()
    assert "second" in stderr.getvalue() or "first" in stderr.getvalue()


def test_nothing_is_shown_where_nobody_looks(monkeypatch, drawn):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with showing("Examining"):
        say("a step")
    assert drawn == []


def test_only_the_outermost_is_shown_and_nothing_in_silence(terminal, drawn):
    terminal()
    with showing("outer"), showing("inner"):
        say("x")
    assert len(drawn) == 1
    with silent(), showing("never"):
        say("x")
    assert len(drawn) == 1
    with showing("again"):
        pass
    assert len(drawn) == 2


def test_every_check_says_what_it_asks(monkeypatch):
    said = []
    monkeypatch.setattr("glassnet.doctor._judging.say", said.append)
    checks = [Check(str(i), Severity.LOW, f"Question {i}?", "", "", lambda subject: None) for i in range(3)]
    run_checks(checks, None)
    assert said == ["Question 0?", "Question 1?", "Question 2?"]


def test_the_doctor_shows_how_far_he_is(terminal, drawn):
    terminal()
    import numpy as np

    from glassnet import MLPClassifier
    from glassnet.doctor import diagnose

    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    diagnose(MLPClassifier((4,), max_iter=2, random_state=0), X, (X[:, 0] > 0).astype(int))
    assert len(drawn) == 1
