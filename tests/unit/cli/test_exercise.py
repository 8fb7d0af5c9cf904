"""``glassnet exercise``: what it makes, checks, asks and refuses."""

import re

import pytest
from click.testing import CliRunner

from glassnet.classroom.folder import read_homework
from glassnet.classroom.template import TEMPLATES

CLASS = "id,name\n007,Ada Lovelace\n012,Alan Turing\n"


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    from glassnet.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("glassnet.classroom.practice.user_data_folder", lambda: tmp_path / "data")
    monkeypatch.setattr("glassnet.cli.exercise_new.count_cores", lambda: 1)
    (tmp_path / "class.csv").write_text(CLASS)
    return lambda *words, input=None: CliRunner().invoke(main, ["exercise", *map(str, words)], input=input)


def refused(result, *parts):
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    for part in parts:
        assert part in result.stderr


def test_a_list_names_every_template(invoke):
    lines = invoke("list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(TEMPLATES)


def test_several_templates_have_a_folder_each_and_a_seed_that_is_shown(invoke, tmp_path):
    result = invoke("new", "softmax", "slip", "--students", "class.csv", "--out", "hw", "--lang", "de")
    assert result.exit_code == 0, result.output
    seed = re.search(r"--seed (\w+)", result.stdout)[1]
    assert all(f"{name}: 2 students" not in result.stdout for name in ("softmax", "slip"))
    assert result.stdout.count("2 students, in hw/") == 2
    found = {name: read_homework(tmp_path / "hw" / name) for name in ("softmax", "slip")}
    assert seed not in "".join(p.read_text() for p in tmp_path.rglob("*.*") if p.is_file())
    again = invoke("new", "softmax", "--students", "class.csv", "--out", "other", "--seed", seed)
    assert again.exit_code == 0, again.output
    other, first = read_homework(tmp_path / "other"), found["softmax"]
    assert all(other.read_settings(s) == first.read_settings(s) for s in first.students)
    refused(
        invoke("new", "softmax", "--students", "class.csv", "--out", "other", "--seed", "x"), "another seed"
    )


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("low = -0.9", "low = 3", ("mine.toml, line 18: draw.weights", "low below high")),
        ("sizes", "size", ("mine.toml, line 10: problem.size", "did you mean 'sizes'?")),
        ("sizes = [2, 2, 1]", "sizes = [9, 2, 1]", ("mine.toml, line 10: problem.sizes", "at most 4")),
        ("units_on", "units", ("mine.toml, line 24: limits.units", "did you mean")),
        ('kind = "network"', 'kind = "networks"', ("mine.toml, line 3: kind", "did you mean 'network'?")),
        ('loss = "squared_error"', 'loss = "cube"', ("mine.toml, line 9: problem", "loss")),
        ("x = {", "x {", ("not in the format of its name", "line 20")),
        ("units_on = 1", "units_on = 5", ("gave nothing fit", "limits.units_on")),
    ],
)
def test_a_mistake_in_a_template_is_told_with_its_line_and_key(
    invoke, tmp_path, old, new, parts, monkeypatch
):
    monkeypatch.setattr("glassnet.classroom.choosing.MOST_DRAWS", 100)
    text = TEMPLATES["backprop"].text
    assert old in text
    (tmp_path / "mine.toml").write_text(text.replace(old, new))
    refused(invoke("check", "mine.toml"), *parts)


def test_a_template_of_ones_own_is_checked_and_shown(invoke, tmp_path):
    (tmp_path / "mine.toml").write_text(TEMPLATES["softmax"].text.replace("Softmax and", "My"))
    result = invoke("check", "mine.toml", "--out", "example.html")
    assert result.exit_code == 0, result.output
    assert "22 answers to 4 digits after the point" in result.stdout
    assert "My cross-entropy" in (tmp_path / "example.html").read_text()


@pytest.mark.parametrize("option", [["--port", "0"], ["--no-browser"]])
def test_what_belongs_to_the_studio_needs_it(invoke, option):
    refused(invoke("practise", "backprop", *option), "--studio")


def test_practice_answers_hints_and_stops(invoke):
    words = ("practise", "softmax", "--seed", "a")
    result = invoke(*words, input="?\n?\nx\n7\ns\nq\n")
    assert result.exit_code == 0, result.output
    for part in ("The formula: z_o1", "With numbers: z_o1", "no number", "not right", "skipped"):
        assert part in result.stdout
    assert "0 of 1 at the first try, 2 hints, 1 skipped." in result.stdout
    answer = eval(re.search(r"With numbers: z_o1 = (.*)", result.stdout)[1])
    again = invoke(*words, "--lang", "de", input=f"{answer:.4f}\n".replace(".", ","))
    assert again.exit_code == 0, again.output
    assert "Bisher: 0 Aufgaben zu softmax beendet, 1 von 2 Zeilen" in again.stdout
