"""``glassnet trace`` and ``glassnet grade`` on the command line."""

import json

import pytest
from click.testing import CliRunner

from glassnet.cli import main
from glassnet.worked.problem_file import BUILT_IN


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """Return a function that runs `glassnet` with some words, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, list(words), prog_name="glassnet")


def test_the_assignment_in_the_terminal(invoke):
    result = invoke("trace", "assignment")
    assert result.exit_code == 0
    assert "Step 3" in result.output
    assert "b1 <- b1 - lr * dL/db1 = 0.02 - 0.01*(-1.9164) = 0.0392   [published: 0.0389]" in result.output


def test_any_other_problem_by_options(invoke):
    result = invoke(
        *(
            "trace",
            "--sizes",
            "2,2,1",
            "--activation",
            "sigmoid",
            "--x",
            "0.05,0.1",
            "--y",
            "0.01",
            "--lr",
            "0.5",
        )
    )
    assert result.exit_code == 0
    assert "Z1 = X @ W1 + b1" in result.output
    several = invoke("trace", "--sizes", "1,1", "--x", "1;2", "--y", "0;1", "--loss", "sigmoid_cross_entropy")
    assert "Step 2" in several.output


def test_activations_of_each_layer(invoke):
    words = ("--activation", "tanh,relu", "--sizes", "1,1,1,1", "--x", "1", "--y", "1")
    output = invoke("trace", *words).output
    assert "tanh(z1)" in output
    assert "ReLU(z2)" in output


def test_a_file_whose_settings_are_changed(invoke, tmp_path):
    (tmp_path / "p.toml").write_text("sizes = [1, 1]\nx = [1.0]\ny = [2.0]\n")
    assert "Adam" in invoke("trace", "p.toml", "--optimizer", "adam").output


def test_a_problem_that_names_its_published_sheet(invoke, tmp_path):
    (tmp_path / "p.toml").write_text(
        'sizes = [1, 1]\nx = [1.0]\ny = [2.0]\nweights = [[[1.0]]]\npublished = "s.csv"\n'
    )
    (tmp_path / "s.csv").write_text("step,quantity,value\n1,z1,1.5\n")
    assert "[published: 1.5]" in invoke("trace", "p.toml").output
    assert "[published" not in invoke("trace", "p.toml", "--lr", "0.1").output


@pytest.mark.parametrize(
    ("form", "begin"),
    [
        ("text", "A1"),
        ("markdown", "# A1"),
        ("latex", r"\documentclass"),
        ("html", "<!DOCTYPE html>"),
        ("json", "{"),
    ],
)
def test_every_format_to_a_file_and_to_the_screen(form, begin, invoke, tmp_path):
    shown = invoke("trace", "assignment", "--format", form)
    assert shown.output.startswith(begin)
    told = invoke("trace", "assignment", "--format", form, "--out", "file")
    assert told.output == "A1: one hidden unit, three updates: file\n"
    assert (tmp_path / "file").read_text() + "\n" == shown.output


def test_the_plain_text_of_a_terminal_goes_to_a_file(invoke, tmp_path):
    invoke("trace", "assignment", "--out", "a.txt")
    assert (tmp_path / "a.txt").read_text().startswith("A1")


def test_course_rounding(invoke):
    assert "rounded at every line" in invoke("trace", "assignment", "--course-rounding").output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Begin with: glassnet trace assignment"),
        (("nothing.toml",), "there is no problem 'nothing.toml'"),
        (("assignmet",), "there is no problem"),
        (("--sizes", "2,a"), "expected the units of each layer"),
        (("--sizes", "2,1", "--x", "1,b", "--y", "1"), "semicolons between samples"),
        (("--sizes", "2,1", "--x", "1", "--y", "1"), "expected (n_samples, 2)"),
        (("--sizes", "2,1", "--x", "1,nan", "--y", "1"), "x holds NaN"),
        (("--sizes", "2,1", "--x", "1,2;3", "--y", "1"), "rows of one length"),
        (("--sizes", "2,1", "--x", "1,2"), "has no y"),
        (("assignment", "--optimizer", "adm"), "did you mean 'adam'"),
        (("--sizes", "1,1", "--x", "1", "--y", "1", "--course-rounding"), "course rounding needs"),
    ],
)
def test_bad_words_are_one_message(words, message, invoke):
    result = invoke("trace", *words)
    assert result.exit_code != 0
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_grading_the_published_sheet(invoke):
    output = " ".join(invoke("grade", "assignment").output.split())
    assert "First error: step 2, b1 = 0.0389: wrong: dL/db1 and dL/db2 are swapped" in output
    assert "it should be 0.0392." in output
    assert "2 (a2-y)^2 3.5249 3.5299 slip of the pen" in output
    assert "3 z1 3.2138 3.2141 consistent with the errors" in output
    assert "1 z1 1 1 right" not in output
    assert "1 z1 1 1 right" in " ".join(invoke("grade", "assignment", "--all").output.split())


def test_a_grade_as_text(invoke):
    output = invoke("grade", "assignment", "--format", "text").output
    assert "  step 3, b1 = 0.0554: consistent with the errors before it; without them 0.0557.\n" in output


def test_a_grade_as_json_and_to_a_file(invoke, tmp_path):
    content = json.loads(invoke("grade", "assignment", "--format", "json").output)
    assert content["first_error"]["quantity"] == "b1"
    invoke("grade", "assignment", "--format", "json", "--out", "g.json")
    assert json.loads((tmp_path / "g.json").read_text()) == content
    assert "31.5 of 34" in invoke("grade", "assignment", "--out", "g.txt").output
    assert "First error" in (tmp_path / "g.txt").read_text()


def test_a_sheet_for_a_problem_of_ones_own(invoke, tmp_path):
    (tmp_path / "p.toml").write_text("sizes = [1, 1]\nx = [1.0]\ny = [2.0]\nweights = [[[1.0]]]\n")
    (tmp_path / "s.csv").write_text("step,quantity,value\n1,z1,1\n1,L,0.5\n")
    assert "No line is wrong." in invoke("grade", "s.csv", "--problem", "p.toml").output


def test_a_sheet_that_cannot_be_read_is_one_message(invoke):
    result = invoke("grade", "nothing.csv")
    assert result.exit_code == 2
    assert "there is no sheet 'nothing.csv'" in result.output


@pytest.mark.parametrize("command", ["trace", "grade"])
def test_the_help_teaches_by_example(command, invoke):
    output = invoke(command, "--help").output
    assert "Examples:" in output
    assert f"glassnet {command} assignment" in output


def test_the_help_names_every_problem_of_the_package(invoke):
    text = invoke("trace", "--help").output
    for name in BUILT_IN:
        assert f"\n    {name} " in text
        assert invoke("trace", name).exit_code == 0


def test_the_textbook_example_and_its_sheet(invoke):
    shown = invoke("trace", "textbook-sigmoid").output
    assert "w5 <- w5 - lr * dL/dw5 = 0.4 - 0.5*0.082167041 = 0.35891648" in shown
    graded = invoke("grade", "textbook-sigmoid")
    assert graded.exit_code == 0
    assert "22 of 22 points" in graded.output


def test_a_textbook_network_by_options(invoke):
    words = ["--sizes", "2,2", "--x", "0.05,0.1", "--y", "0.01,0.99", "--seed", "3", "--names", "units"]
    words += ["--output-activation", "sigmoid", "--frozen", "b1,W1"]
    output = invoke("trace", *words).output
    assert "squared_error of sigmoid outputs" in output
    assert "b1 and W1 left as they are" in output
    assert "o1 = sigmoid(z_o1)" in output
    assert "<-" not in output
    refused = invoke("trace", *words, "--output-activation", "step")
    assert refused.exit_code != 0
    assert "make no sense together" in refused.output


def test_a_sheet_by_weights_for_a_problem_in_matrices(invoke, tmp_path):
    (tmp_path / "p.toml").write_text(
        "sizes = [1, 2]\nx = [[1.0]]\ny = [[2.0, 0.0]]\nweights = [[[1.0, 0.5]]]\nlr = 0.5\n"
    )
    (tmp_path / "s.csv").write_text("step,quantity,value\n1,o2,0.5\n1,w2,0.25\n1,w1,2.6\n")
    graded = invoke("grade", "s.csv", "--problem", "p.toml")
    assert "First error: step 1, w1 = 2.6" in graded.output
    assert "2 right" in graded.output
    without = invoke("grade", "s.csv")
    assert "unknown quantity" in without.output  # a file answers the assignment unless told otherwise
