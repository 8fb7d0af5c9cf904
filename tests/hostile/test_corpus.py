"""Hostile inputs made by hand: one message and exit code 2, or an answer with nothing in it that acts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from corpus import CASES, FUNCTIONS, Case
from workers import REFUSED, Outcome, Task, try_inputs


@pytest.fixture(scope="module")
def outcomes() -> dict[int, Outcome]:
    """What came of each case, by its place."""
    tasks = [Task(n, function="corpus:run_case", arguments=(n,)) for n in range(len(CASES))]
    return {outcome.number: outcome for outcome in try_inputs(tasks)}


@pytest.fixture(scope="module")
def calls() -> dict[int, Outcome]:
    """What came of each call."""
    tasks = [Task(n, function="corpus:run_function", arguments=(name,)) for n, name in enumerate(FUNCTIONS)]
    return {outcome.number: outcome for outcome in try_inputs(tasks)}


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_a_command_answers_or_refuses(outcomes: dict[int, Outcome], number: int) -> None:
    case: Case = CASES[number]
    assert outcomes[number].kind == case.kind, outcomes[number].text
    assert case.shows in outcomes[number].text


@pytest.mark.parametrize("number", range(len(FUNCTIONS)), ids=list(FUNCTIONS))
def test_a_function_refuses(calls: dict[int, Outcome], number: int) -> None:
    assert calls[number].kind == REFUSED, calls[number].text


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "words",
    [("trace", "assignment"), ("svm", "solve", "assignment", "--json"), ("study", "list"), ("--help",)],
)
def test_a_full_disk_behind_standard_output_is_one_message(words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "glassnet", *words]
    with FULL.open("w") as full:
        done = subprocess.run(
            command,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": ""},
        )
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("Error: ") == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
