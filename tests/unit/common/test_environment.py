"""The command that runs glassnet in the shell of the reader, and what a run was computed with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet._common.environment import name_activation, name_command


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """Make a folder look as an environment whose Python runs, with its script and without a path to it."""
    folder = tmp_path / "my checkout" / ".venv" / "bin"
    folder.mkdir(parents=True)
    script = folder / "glassnet"
    script.write_text("#!/bin/sh\necho it runs: $1\n")
    script.chmod(0o755)
    (folder / "activate").write_text(f'PATH="{folder}:$PATH"\n')
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.chdir(folder.parents[1])
    return folder


def run(command):
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout


def test_the_command_is_relative_to_the_folder_of_the_environment(environment):
    assert name_command() == ".venv/bin/glassnet"
    assert run(f"{name_command()} x") == "it runs: x\n"


def test_from_elsewhere_it_is_whole_and_quoted_for_a_shell(environment, monkeypatch, tmp_path):
    monkeypatch.chdir(environment)
    assert run(f"{name_command()} x") == "it runs: x\n"
    monkeypatch.chdir("/")
    assert run(f"{name_command()} y") == "it runs: y\n"


def test_where_the_shell_finds_it_it_is_the_word_alone(environment, monkeypatch):
    monkeypatch.setenv("PATH", f"{environment}{os.pathsep}{os.defpath}")
    assert name_command() == "glassnet"


def test_another_installation_on_the_path_is_not_taken_for_this_one(environment, monkeypatch, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(environment / "glassnet", other / "glassnet")
    monkeypatch.setenv("PATH", f"{other}{os.pathsep}{os.defpath}")
    assert name_command() == ".venv/bin/glassnet"


def test_without_a_script_python_runs_the_module(environment):
    (environment / "glassnet").unlink()
    assert name_command() == ".venv/bin/python -m glassnet"


def test_activation_puts_it_on_the_path(environment):
    assert run(f"{name_activation()}; glassnet z") == "it runs: z\n"
    (environment / "activate").unlink()
    assert name_activation() == ""


def test_the_command_of_this_very_python_works():
    shown = run(f"{name_command()} --version")
    assert shown.startswith("glassnet ")
    assert Path(sys.executable).exists()
