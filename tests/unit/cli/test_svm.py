"""``glassnet svm``: what it prints, draws and refuses."""

import json

import pytest
from click.testing import CliRunner


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    from glassnet.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words], prog_name="glassnet")


def refused(result, *parts):
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    for part in parts:
        assert part in result.stderr


def test_the_assignments_a3(invoke, tmp_path):
    result = invoke("svm", "solve", "assignment", "--plot", "a3.svg")
    assert result.exit_code == 0, result.output
    first, *_, last = result.stdout.splitlines()
    assert first.startswith("w = (-2, -2), b = 3, margin 1/||w|| = 1/(2√2)")
    assert "The answer: 11 claims, 2 of them wrong" in result.stdout
    assert "The coordinates are those of B, not of A." in result.stdout
    assert last == "Picture: a3.svg"
    assert (tmp_path / "a3.svg").read_text().startswith("<svg")


def test_the_assignments_a2(invoke):
    result = invoke("svm", "margin", "assignment")
    assert result.exit_code == 0, result.output
    assert "w = (-2, 0), b = 5, margin 1/||w|| = 1/2, on the margin: 2, 3" in result.stdout
    assert "(1, 3):  -2·1 + 0·3 + 5 = 3, class +1" in result.stdout
    assert "The answer: 5 claims, 0 of them wrong" in result.stdout


def test_a_hyperplane_of_ones_own(invoke, tmp_path):
    words = ("svm", "margin", "--w", "-2,0", "--b", "5", "--new", "1,3")
    result = invoke(*words, "--points", "1,?;2,3;3,3;4,?", "--plot", "a2.png")
    assert result.exit_code == 0, result.output
    assert "on the margin: 2, 3" in result.stdout
    assert (tmp_path / "a2.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "points.csv").write_text("point,x1,x2,class\np,2,3,+\nq,3,3,-\n")
    described = json.loads(invoke(*words, "--points", "points.csv", "--json").stdout)
    assert described["on_margin"] == ["p", "q"]
    assert described["new_points"][0]["class"] == "+"


def test_a_table_with_claims_as_json(invoke, tmp_path):
    (tmp_path / "data.csv").write_text("name,x1,x2,x3,class\na,0,0,5,u\nb,1,0,6,v\n")
    (tmp_path / "answer.yaml").write_text("w: [2, 0]\nb: -1\n")
    words = ("svm", "solve", "data.csv", "--features", "x1,x2", "--claims", "answer.yaml", "--json")
    described = json.loads(invoke(*words).stdout)
    assert described["w"] == [2, 0]
    assert described["claims"][0]["verdict"] == "confirmed"
    swapped = json.loads(invoke(*words, "--positive", "u").stdout)
    assert swapped["w"] == [-2, 0]


def test_where_no_hyperplane_is_no_point_is_classified(invoke, tmp_path):
    (tmp_path / "data.csv").write_text("x1,class\n0,+\n2,+\n1,-\n")
    refused(invoke("svm", "solve", "data.csv", "--new", "1"), "new points cannot be classified")


def test_no_others_are_named_where_all_points_are_on_the_margin(invoke):
    text = invoke("svm", "margin", "--w", "-2,0", "--b", "5", "--points", "2,3;3,3").stdout
    assert "α1 = 2, α2 = 2\n" in text


def test_what_cannot_be_separated_is_said_plainly(invoke, tmp_path):
    (tmp_path / "data.csv").write_text("name,x1,class\na,0,+\nb,0,-\nc,1,-\n")
    (tmp_path / "answer.toml").write_text("b = 1")
    result = invoke("svm", "solve", "data.csv", "--claims", "answer.toml")
    assert result.exit_code == 0
    assert result.stdout.startswith("not separable: the same point in both classes (a and b)")
    assert "The claims cannot be right" in result.stdout
    described = json.loads(invoke("svm", "solve", "data.csv", "--json").stdout)
    assert described["contradictions"] == [["a", "b"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("solve", "none.csv"), "there is no table of points 'none.csv'"),
        (("solve", "assignment", "--plot", "a3.gif"), "ends in .png or .svg"),
        (("solve", "assignment", "--positive", "+1"), "leave these options out"),
        (("solve", "assignment", "--claims", "none.toml"), "no file of claims"),
        (("solve", "assignment", "--new", "1"), "got 1 coordinates"),
        (("margin",), "expected the word assignment"),
        (("margin", "other"), "expected the word assignment"),
        (("margin", "assignment", "--b", "1"), "leave these options out"),
        (("margin", "--w", "1,x", "--b", "1", "--points", "1,2"), "'x' for w2, which is no number"),
        (("margin", "--w", "1,2", "--b", "nan", "--points", "1,2"), "for b, which is not finite"),
        (("margin", "--w", "1", "--b", "1", "--points", "1,2"), "1 weights in w for points of 2"),
        (("margin", "--w", "1,1", "--b", "1", "--points", "1,2;1"), "the point 2"),
    ],
)
def test_bad_input_is_refused_with_the_fix(invoke, words, message):
    refused(invoke("svm", *words), message)
