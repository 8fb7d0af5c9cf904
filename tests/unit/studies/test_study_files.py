"""A study's file: what it says, and what is said of a mistake in it."""

import sys

import pytest

from glassnet._common.places import find_line
from glassnet.errors import DataFileError, InvalidParameterError, UnknownNameError
from glassnet.studies.own.example import write_example
from glassnet.studies.own.study import Study

GOOD = '[data]\nsource = "t.csv"\ntarget = "y"\n[model]\nestimator = "MLPClassifier"\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("a,b,y\n1,2,0\n")
    return tmp_path


def read(text, folder, **options):
    (folder / "my.toml").write_text(text)
    return Study.from_file("my.toml", **options)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (GOOD + "[splt]\n", 6, "splt: unknown key 'splt'; did you mean 'split'?"),
        (GOOD + "[split]\ntets = 0.2\n", 7, "split.tets: unknown key 'tets'; did you mean 'test'?"),
        (GOOD + '[split]\ntest = "a"\n', 7, "split.test: got 'a'; expected a part"),
        ("epochs = true\n" + GOOD, 1, "epochs: got True; expected a whole number"),
        (GOOD.replace("t.csv", "u.csv"), 2, "data.source: there is no file 'u.csv'"),
        (GOOD.replace("t.csv", "mnits"), 2, "did you mean 'mnist'?"),
        (GOOD.replace("MLPC", "mlpc"), 5, "did you mean 'MLPClassifier'?"),
        (GOOD.replace("sifier", "sifer"), 5, "did you mean 'MLPClassifier'?"),
        (GOOD.replace('"y"', '"bb"'), 3, "data.target: unknown column of t.csv 'bb'; did you mean 'b'?"),
        (GOOD.replace('"y"', '"y"\ndrop = ["a", "bb"]'), 4, "data.drop[2]: unknown column of t.csv 'bb'"),
        (GOOD.replace('"y"', '"y"\ndrop = ["y"]'), 3, "data.target: unknown column of t.csv 'y'"),
        (
            GOOD + "[vary]\nalpa = [1.0]\n",
            7,
            "vary.alpa: unknown parameter of MLPClassifier 'alpa'; did you mean",
        ),
        (GOOD + "[vary]\nalpha = 1.0\n", 7, "vary.alpha: got 1.0; expected a list"),
        (GOOD + "[vary]\nseed = [1]\n", 7, "say seeds ="),
        (GOOD + "[model.settings]\nalpha = 2030-01-01\n", 7, "expected a text, a finite number"),
        (GOOD + '[[candidates]]\n[[candidates]]\nestimator = "Ridge"\n', 8, "cannot be compared"),
        ('metrics = ["acuracy"]\n' + GOOD, 1, "did you mean 'accuracy'?"),
        ('metrics = ["rmse"]\n' + GOOD, 1, "rmse is not for a classifier"),
        ("seeds = [1, 1]\n" + GOOD, 1, "a list of different ones"),
        ("seeds = 20000\n" + GOOD + "[vary]\nalpha = [1.0, 2.0]\n", 1, "seeds: 40,000 models with all seeds"),
        ("seeds = 1000000000\n" + GOOD, 1, "seeds: got 1000000000; expected a whole number from 1 to 20,000"),
        (GOOD.replace("t.csv", "."), 2, "data.source: unknown data set or table '.'"),
        (GOOD.replace('"MLPClassifier"', '["a"]'), 5, "model.estimator: got ['a']; expected a text"),
        (GOOD + "[vary]\nalpha = []\n", 7, "vary.alpha: got []; expected a list of the values to try"),
        (GOOD + '[[published]]\nmetric = "accuracy"\nvalue = "much"\n', 8, "published[1].value: got 'much'"),
        (
            GOOD
            + '[[published]]\nmetric = "accuracy"\nvalue = 1\n[[published]]\nmetric = "rmse"\nvalue = 1\n',
            10,
            "published[2].metric: unknown metric",
        ),
        (
            GOOD
            + "[vary]\nalpha = [1.0]\n"
            + '[[published]]\nmetric = "accuracy"\nvalue = 1\nwhere = { alpha = 2.0 }\n',
            11,
            "is of no candidate; expected one",
        ),
    ],
)
def test_a_mistake_gets_one_message_with_its_line_and_key(text, line, words, folder):
    with pytest.raises(InvalidParameterError) as raised:
        read(text, folder)
    message = str(raised.value)
    assert message.startswith(f"my.toml, line {line}: ")
    assert words in message
    assert "\n" not in message


def test_a_grid_of_a_billion_is_refused_before_it_is_made(folder):
    values = list(range(1, 1001))
    grid = "".join(f"{name} = {values}\n" for name in ("batch_size", "max_iter", "n_iter_no_change"))
    with pytest.raises(
        InvalidParameterError, match=r"line 7: vary.batch_size: .* 1,000,000,000 combinations"
    ):
        read(GOOD + "[vary]\n" + grid, folder)


def test_what_is_no_toml_or_not_there_is_said(folder):
    with pytest.raises(DataFileError, match="not in the format"):
        read("x = [", folder)
    with pytest.raises(DataFileError, match="there is no study"):
        Study.from_file("none.toml")


@pytest.mark.parametrize("key", ["metrics", "model", "data"])
def test_code_is_imported_only_from_modules_that_the_user_allows(key, folder, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    (folder / f"own_{key}.py").write_text("from pathlib import Path\nPath('was-imported').touch()\n")
    text = {
        "metrics": 'metrics = ["own_metrics:f"]\n' + GOOD,
        "model": GOOD.replace("MLPClassifier", "own_model:f"),
        "data": GOOD.replace("t.csv", "own_data:f"),
    }[key]
    with pytest.raises(InvalidParameterError, match=f"Add --allow own_{key}"):
        read(text, folder)
    assert not (folder / "was-imported").exists()
    with pytest.raises(UnknownNameError, match=f"name in own_{key}"):
        read(text, folder, allow=[f"own_{key}"])
    assert (folder / "was-imported").exists()


def test_the_example_is_a_study(folder):
    study = read(write_example("glassnet", "my.toml"), folder)
    assert study.name == "my"
    assert len(study.specs) == 8


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 1),
        (("a", "b"), 3),
        (("a", "c", "d"), 4),
        (("list", 1, "x"), 8),
        (("list", 1, "sub", "y"), 10),
        (("quoted key",), 11),
        (("a", "nowhere"), 2),
        (("nowhere",), None),
    ],
)
def test_the_line_of_a_key_is_found(path, line):
    text = """name = 1
[a]  # a table
b = 1
c.d = 2

[[list]]
[[list]]
x = 1
[list.sub]
y = 2
"""
    text = text.replace("y = 2\n", "y = 2\n")
    if path == ("quoted key",):
        text = "\n" * 10 + '"quoted key" = 1\n'
    assert find_line(text, path) == line
