"""A few kills of a tiny study; ``make kill-test`` kills the whole assignment three hundred times."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from random import Random
from typing import Any

import interrupted
import pytest
import search_kills
from interrupted import DELETED, DISTURBANCES, KILLS, TWO, Process, Round, Tally, Trial, clock_set_back, plan
from kills import run_reference
from runs import differences

SUPPORT = Path(__file__).parent.parent / "support"
STUDY = f"""
import sys

sys.path.insert(0, {str(SUPPORT)!r})
from glassnet.cli import main
from glassnet.studies import STUDIES
from tiny_study import TINY

STUDIES["tiny"] = TINY
main(["study", "run", "tiny", "--quick", "--jobs", "2", "--quiet", "--out", *sys.argv[1:]])
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


def play(
    code: str,
    path: Path,
    kills: list[tuple[str, str]],
    disturbances: dict[int, str] | None = None,
    seconds: float | None = None,
) -> Tally:
    """Play a round with a program, which is given its folder; it counts as one that takes so many seconds."""
    command = [sys.executable, "-c", code]
    taken = run_reference(command, path / "reference")
    (path / "work").mkdir()
    trial = Trial(command, path / "reference", seconds or taken)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:  # what the tests start ignores it where they do, as in the background
        return Round(trial, path / "work", Random(1), kills, disturbances or {}, threading.Event()).play()
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_study_that_is_killed_and_disturbed_ends_as_an_uninterrupted_one(tmp_path: Path) -> None:
    kills = [("SIGKILL", "runner"), ("SIGINT", "group")]
    tally = play(STUDY, tmp_path, kills, {0: DELETED, 1: TWO})
    assert not tally.problems, "\n\n".join(problem for problem, _ in tally.problems)
    assert len(tally.kills) == len(kills)
    assert tally.completions


def test_a_round_has_all_kinds_of_kills_and_disturbances() -> None:
    kills, disturbances = plan(Random(1), 10)
    assert set(kills) == set(KILLS)
    assert len(kills) == 10
    assert sorted(disturbances.values()) == sorted(DISTURBANCES)


def test_times_do_not_count_as_differences(tmp_path: Path) -> None:
    table = {"columns": ["model", "seconds, glassnet", "ratio"], "rows": [["relu", "1.5", "2.00 ×"]]}
    text = "Both give the same; scikit-learn takes 2.00 times as long. It took 1.5 s with glassnet."
    for name, change in (
        ("one", str),
        ("other", lambda text: text.replace("1.5", "9.9").replace("2.00", "8")),
    ):
        (tmp_path / name).mkdir()
        value: dict[str, Any] = {"text": change(text), "table": table, "seconds": 1.5}
        (tmp_path / name / "results.json").write_text(change(json.dumps(value | {"complete": True})))
    assert list(differences(tmp_path / "one", tmp_path / "other", whole=True)) == []
    value["table"]["rows"][0][0] = "tanh"
    (tmp_path / "one" / "results.json").write_text(json.dumps(value))
    (found,) = differences(tmp_path / "one", tmp_path / "other", whole=True)
    assert "tanh" in found


# -- what is wrong is found ---------------------------------------------------------------------------------

PROGRAM = """
import json, os, sys, time
from pathlib import Path

folder = Path(sys.argv[1])
os.makedirs(folder, exist_ok=True)
starts = Path({starts!r})
n = len(starts.read_text()) if starts.exists() else 0
starts.write_text("." * (n + 1))
models = [1]
{first}
time.sleep(0.5)
{last}
(folder / "results.json").write_text(json.dumps({{"complete": True, "models": models}}))
"""
FAULTS = {
    "other numbers": ("", "models = [1 if n == 0 else 2]", "models[0] is 2, not 1"),
    "another file": (
        "if n: (folder / '.left').touch()",
        "",
        ".left is there, and not in an uninterrupted run",
    ),
    "a traceback": ("", "if n: models = models[1]", "ends with a traceback"),
    "no message": ("", "if n: sys.exit(1)", "ends without a message"),
    "a signal without effect": ("if n == 1: time.sleep(20)", "", "is still there"),
    "a process that stays": ("if n and os.fork() == 0: time.sleep(20)", "", "leaves processes"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, last, expected = FAULTS[fault]
    monkeypatch.setattr(interrupted, "HANG_SECONDS", 0.3)
    monkeypatch.setattr(interrupted, "MOMENTS", ((1, 0.05, 0.1),))
    code = PROGRAM.format(first=first, last=last, starts=str(tmp_path / "starts"))
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN if "signal" in fault else signal.SIG_DFL)
    try:  # a program inherits what is ignored
        tally = play(code, tmp_path, [("SIGTERM", "runner")], seconds=2.0)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert any(expected in problem for problem, _ in tally.problems), tally


UNTIL_NOTICED = """
import sys, time
began = time.time()
with open(sys.argv[1], "wb", buffering=0) as file:
    for n in range(6000):
        if time.time() < began - 1000:
            sys.exit("the clock")
        try:
            file.write(b".")
        except OSError as error:
            sys.exit(f"the disk, after {n} bytes")
        time.sleep(0.01)
"""


def test_a_process_sees_the_clock_go_back(tmp_path: Path) -> None:
    command = [sys.executable, "-c", UNTIL_NOTICED]
    process = Process(command, tmp_path / "data", tmp_path / "log", clock_set_back(0.3, 2000))
    process.runner.wait()
    assert process.text() == "the clock\n"


def test_a_process_cannot_write_on_a_full_disk(tmp_path: Path) -> None:
    process = Process([sys.executable, "-c", UNTIL_NOTICED], tmp_path / "data", tmp_path / "log")
    process.fill_disk(40)
    process.runner.wait()
    assert process.text() == "the disk, after 40 bytes\n"


# -- a search -----------------------------------------------------------------------------------------------


def test_a_search_of_two_processes_that_are_killed_keeps_every_trial(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    words = ["--how", "joined", "--kills", "4", "--trials", "10", "--work", str(tmp_path / "kills")]
    program = subprocess.run(
        [sys.executable, search_kills.__file__, *words], capture_output=True, text=True, check=False
    )
    assert program.returncode == 0, program.stdout + program.stderr
    assert "4 kills" in program.stdout.splitlines()[-1]


def test_what_is_wrong_with_a_search_is_found(tmp_path: Path) -> None:
    optuna = pytest.importorskip("optuna")
    (tmp_path / "search").mkdir()
    backend = optuna.storages.journal.JournalFileBackend(str(tmp_path / "search" / "trials.log"))
    study = optuna.create_study(study_name="search", storage=optuna.storages.JournalStorage(backend))
    for _ in range(2):
        trial = study.ask()
        trial.set_user_attr("key", "the same")
        study.tell(trial, 0.5)
    study.ask()
    before = {0: ("COMPLETE", 0.4, "[]")}
    found = " ".join(search_kills.check(tmp_path, before, 3))
    for part in (
        "trial 0 was",
        "the trials [2] never ended",
        "2 trials, not 3",
        "1 candidates were trained twice",
    ):
        assert part in found
