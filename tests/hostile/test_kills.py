"""A few kills of a tiny assignment; ``make kill-test`` kills the whole one three hundred times."""

import sys
import threading
from pathlib import Path
from random import Random

import pytest
from interrupted import DISTURBANCES, Round, Trial
from kills import run_reference

SUPPORT = Path(__file__).parent.parent / "support"
COMMAND = f"""
import sys

sys.path.insert(0, {str(SUPPORT)!r})
import pytest
from glassnet.cli import main
from tiny_assignment import PAIR, install

install(pytest.MonkeyPatch(), PAIR)
main(["reproduce", "--quick", "--jobs", "2", "--quiet", "--out", *sys.argv[1:]])
"""
KILLS = [("SIGKILL", "runner"), ("SIGTERM", "group"), ("SIGINT", "runner"), ("SIGKILL", "worker")]

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    command = [sys.executable, "-c", COMMAND]
    reference = tmp_path_factory.mktemp("kills") / "reference"
    return Trial(command, reference, run_reference(command, reference))


def test_a_run_that_is_killed_and_disturbed_ends_as_an_uninterrupted_one(
    trial: Trial, tmp_path: Path
) -> None:
    disturbances = dict(enumerate(DISTURBANCES))
    tally = Round(trial, tmp_path, Random(1), KILLS, disturbances, threading.Event()).play()
    assert not tally.problems, "\n\n".join(problem for problem, _ in tally.problems)
    assert len(tally.kills) == len(KILLS)
    assert tally.completions
