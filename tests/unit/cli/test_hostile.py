"""Whatever a command is given, it ends with one message and exit code 2; a bug shows itself as one."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from outcomes import refused

from glassnet.cli import main

PROBLEM = "sizes: [2, 2, 1]\nx: [[1, 2]]\ny: [[1]]\n"
SCORES = "scores: [{model: a, split: test, score: 0.5%s}]\n"
POINTS = "name,x1,x2,class\nA,1,2,+\nB,3,%s,-\n"


@pytest.mark.parametrize(
    ("command", "name", "text", "part"),
    [
        ("trace", "t.json", "[" * 100_000, "deep"),
        ("trace", "t.yaml", "- " * 3000, "deep"),
        ("trace", "t.yaml", PROBLEM + "name: !!timestamp x\n", "tag"),
        ("trace", "t.yaml", PROBLEM.replace("2, 2, 1", "20000, 20000"), "400,020,000 parameters"),
        ("trace", "t.yaml", PROBLEM.replace("2, 2, 1", "2" + ", 1" * 100), "100 layers"),
        ("trace", "t.yaml", PROBLEM + "steps: 1000000000\n", "1,000,000,000 steps"),
        ("trace", "t.yaml", PROBLEM + "lr: 1" + "0" * 400 + "\n", "more than 100 digits"),
        ("trace", "t.yaml", PROBLEM + "seed: 2024-99-99\n", "seed"),
        ("trace", "t.yaml", PROBLEM + "weights: [[1e100000000]]\n", "weights"),
        ("svm solve", "t.csv", POINTS % "1e100000000", "its exponent is beyond 400"),
        ("svm solve", "t.csv", POINTS % ("9" * 200_000), "field larger"),
        ("svm solve", "t.csv", POINTS % "1e101", r"beyond 10\^100"),
        ("svm solve", "t.csv", POINTS % ("9" * 101), "more than 100 characters"),
        ("grade", "t.csv", "step,quantity,value\n1,z1,1e100000000\n", "its exponent is beyond"),
        ("doctor --claims", "t.yaml", SCORES % ", samples: 0", "whole number from 1"),
        ("doctor --claims", "t.yaml", SCORES % "" + "n_classes: 100000000000\n", "from 1 to 1,000"),
        ("doctor --claims", "t.yaml", SCORES % "" + "splits: {test: {labels: [99999999999]}}\n", "classes"),
        ("doctor --claims", "t.yaml", SCORES % "" + "splits: {test: {labels: []}}\n", "list of one for each"),
        ("doctor --claims", "t.yaml", SCORES % "" + "splits: {test: {labels: [[0], [1]]}}\n", "list of one"),
        ("doctor --claims", "t.yaml", SCORES % "" + "splits: {test: {labels: /dev/zero}}\n", "regular file"),
        ("doctor --claims", "t.yaml", SCORES % "" + 'splits: {test: {labels: "a\\0b"}}\n', "cannot read"),
        ("doctor --claims", "t.yaml", SCORES % ", runs: 1e300", "from 1 to 1,000,000"),
        ("doctor --claims", "t.yaml", SCORES % ", probabilities: [[], []]", "probabilities of shape"),
        ("doctor --claims", "t.yaml", SCORES % ", confusion: [[1e15, 1], [1, 1]]", "confusion matrix"),
    ],
)
def test_one_message_for_bad_input(invoke, tmp_path, command, name, text, part):
    Path(name).write_text(text)
    result = invoke(*command.split(), name)
    refused(result, code=2)
    assert len(result.stderr) < 900
    assert re.search(part, " ".join(result.stderr.split())), result.stderr


@pytest.mark.parametrize(
    "words", [("doctor", "x" * 5000), ("grade", "x" * 5000), ("svm", "solve", "x" * 5000)]
)
def test_a_path_of_thousands_of_characters_is_one_message(invoke, words):
    result = invoke(*words)
    refused(result, code=2)
    assert len(result.stderr) < 600


def test_an_answer_of_nested_aliases_is_refused(invoke):
    rows = "".join(
        f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    Path("answer.yaml").write_text("a: &a [x, x, x, x, x, x, x, x, x]\n" + rows)
    refused(invoke("svm", "solve", "assignment", "--claims", "answer.yaml"), "200,000 values", code=2)
    refused(invoke("doctor", "--claims", "answer.yaml"), "200,000 values", code=2)


def test_brackets_in_a_name_are_brackets(invoke):
    Path("c.yaml").write_text('scores: [{model: "[/red]\\e[31m", split: "[/red]", score: 0.5, samples: 7}]\n')
    result = invoke("doctor", "--claims", "c.yaml")
    assert result.exit_code == 0, result.output
    assert "[/red]" in result.output
    assert "\x1b" not in result.output


@pytest.mark.parametrize("form", ["terminal", "text", "markdown", "latex", "html"])
def test_a_name_does_nothing_in_any_form(invoke, form):
    Path("p.yaml").write_text(PROBLEM + 'name: "\\e[31m <b> \\\\input{x} \\u202e"\n')
    result = invoke("trace", "p.yaml", "--format", form)
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    assert "\\input{x}" not in result.output or form in ("terminal", "text", "markdown", "html")
    assert "x1b" in result.output


def test_names_of_points_are_no_formulas_in_a_picture(invoke):
    Path("p.csv").write_text("name,x1,$x\\frac{,class\n\x1b[31mA,1,2,$\\frac\nB,3,3,c\n")
    result = invoke("svm", "solve", "p.csv", "--plot", "p.svg")
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output + Path("p.svg").read_text()


def test_a_bug_shows_itself_as_a_bug(invoke, monkeypatch):
    @click.command()
    def broken():
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(type(main), "get_command", lambda self, context, name: broken)
    assert isinstance(invoke("trace").exception, ZeroDivisionError)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_full_disk_is_one_message():
    command = [sys.executable, "-m", "glassnet", "trace", "assignment"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: cannot write the output: No space left")
    assert len(done.stderr.splitlines()) == 1
