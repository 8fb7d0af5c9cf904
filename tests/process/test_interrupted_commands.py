"""Commands that are ended from outside, and go on when they are given again."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from processes import HANG_SECONDS, command_of, is_running, members_of, start_python, wait_until
from runs import results_at, timeless
from tiny_assignment import held_pair, install
from tiny_study import tiny_study

from glassnet.studies import STUDIES, RunFolder


def epochs_of(folder, name):
    return len(folder.read_history(name) or ())


RUN = """
import signal
from tiny_study import tiny_study
from glassnet.cli import main
from glassnet.studies import STUDIES

signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may ignore it
STUDIES["tiny"] = tiny_study("relu", "held-tanh", "held-sigmoid", gate={gate!r})
main(["study", "run", "tiny", "--jobs", "2"])
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_ctrl_c_in_a_terminal_ends_the_workers_and_the_same_command_goes_on(invoke, tmp_path, monkeypatch):
    """Ctrl-C in a terminal reaches every process of the group, workers too."""
    gate = tmp_path / "gate"
    gate.write_text("2")
    settings = {"cwd": tmp_path, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = start_python(RUN.format(gate=str(gate)), start_new_session=True, **settings)
    folder = RunFolder(tmp_path / "runs" / "tiny")
    wait_until(lambda: folder.read_model_result("relu"), process)
    wait_until(lambda: epochs_of(folder, "held-tanh") == epochs_of(folder, "held-sigmoid") == 2, process)
    workers = {int(file.read_text()) for file in folder.path.glob("models/*/pid")}
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert "the same command goes on from there" in err
    wait_until(lambda: not any(map(is_running, workers)))
    assert folder.read_model_result("held-tanh") is None
    assert epochs_of(folder, "held-tanh") == 2

    gate.unlink()
    study = tiny_study("relu", "held-tanh", "held-sigmoid", gate=gate)
    monkeypatch.setitem(STUDIES, "tiny", study)
    result = invoke("study", "run", "tiny", "--jobs", "2")
    assert result.exit_code == 0, result.output + result.stderr
    assert folder.read_results().complete


REPRODUCE = """
import pytest
from glassnet.cli import main
from tiny_assignment import held_pair, install

install(pytest.MonkeyPatch(), held_pair({gate!r}))
main(["reproduce", "--jobs", "2", "--out", {out!r}])
"""


def test_a_killed_run_of_everything_ends_with_the_same_results(invoke, tmp_path, monkeypatch):
    gate, killed, whole = tmp_path / "gate", tmp_path / "killed", tmp_path / "whole"
    gate.write_text("2")
    install(monkeypatch, held_pair(gate))
    process = start_python(REPRODUCE.format(gate=str(gate), out=str(killed)))
    try:
        wait_until(lambda: epochs_of(RunFolder(killed / "pair"), "held-tanh") == 2, process)
        wait_until(lambda: RunFolder(killed / "tiny").is_finished("relu"), process)
    finally:
        process.kill()
        process.wait()
    gate.unlink()
    assert not RunFolder(killed / "pair").read_results().complete
    assert results_at(killed)["complete"] is False
    made = (killed / "tiny/models/relu/result.json").stat().st_mtime_ns
    for root in (killed, whole):
        assert invoke("reproduce", "--jobs", 1, "--quiet", "--out", root).exit_code == 0
    assert (killed / "tiny/models/relu/result.json").stat().st_mtime_ns == made
    assert timeless(results_at(killed)) == timeless(results_at(whole))
    assert results_at(whole)["complete"] is True
    for name in ("tiny", "pair", "heir"):
        assert timeless(results_at(killed / name)) == timeless(results_at(whole / name))


def ctrl_c_reaches(pid):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    masks = dict(line.split(":\t") for line in status.splitlines() if line.startswith(("SigBlk", "SigIgn")))
    return not any(int(mask, 16) >> (signal.SIGINT - 1) & 1 for mask in masks.values())


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_ctrl_c_while_the_workers_start_shows_one_message(tmp_path):
    gate = tmp_path / "gate"
    gate.write_text("2")
    settings = {"cwd": tmp_path, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = start_python(RUN.format(gate=str(gate)), start_new_session=True, **settings)
    wait_until(lambda: [pid for pid in members_of(process.pid) if "popen_loky" in command_of(pid)], process)
    others = set(members_of(process.pid)) - {process.pid}
    assert not [command_of(pid) for pid in others if ctrl_c_reaches(pid)]
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    (message,) = err.strip().splitlines()
    assert "the same command goes on from there" in message
    wait_until(lambda: not members_of(process.pid))


@pytest.mark.parametrize("arguments", [("study", "list"), ("reproduce", "--out", "here")])
def test_ctrl_c_before_a_command_has_begun_ends_as_it_does_later(arguments, invoke, monkeypatch, tmp_path):
    def interrupt(*args, **settings):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("click.Command.make_context", interrupt)
    result = invoke(*arguments)
    assert result.exit_code == 130
    assert "Stopped." in result.stderr
