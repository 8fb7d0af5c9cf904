"""A short time of clicking at random; `scripts/studio_monkey.py` does it for longer."""

import pytest
from browsers import run_studio
from studio_monkey import Report, run_monkey


@pytest.mark.parametrize("words", [("--data", "moons"), ("--lesson", "by-hand")])
def test_clicking_at_random_breaks_nothing(browser, words):
    with run_studio(*words, doctor=False) as studio:
        report = run_monkey(studio, browser, seed=1, deeds=8)
        assert studio.ask("/api/session")["runs"]
    assert report.complaints == []


def test_memory_that_goes_on_growing_is_seen():
    report = Report(server=[2**28 * (4 + k) for k in range(40)], page=[2**22] * 40)
    report.check_memory()
    assert len(report.complaints) == 1
    assert "the server grew" in report.complaints[0]
