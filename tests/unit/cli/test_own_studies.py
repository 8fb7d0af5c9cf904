"""`glassnet study new`, `check` and `run` for a file of one's own."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from glassnet.cli import main

TEXT = """epochs = 2
[data]
source = "t.csv"
target = "y"
[model]
estimator = "MLPClassifier"
[vary]
solver = ["lbfgs", "sgd"]
batch_size = [8, 16]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i % 7},{i % 5},{i % 2}" for i in range(100)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *rows]))
    (tmp_path / "my.toml").write_text(TEXT)
    return tmp_path


def ask(*words):
    return CliRunner().invoke(main, ["study", *words], prog_name="glassnet")


def test_new_writes_a_file_once_that_check_takes(folder):
    made = ask("new", "first.toml")
    assert made.exit_code == 0, made.output
    assert "study check first.toml" in made.output
    again = ask("new", "first.toml")
    assert again.exit_code == 2
    assert "there already" in again.stderr
    assert ask("new", "first.txt").exit_code == 2


def test_check_says_what_would_be_trained_how_long_and_how_much(folder):
    checked = ask("check", "my.toml")
    assert checked.exit_code == 0, checked.output
    for part in ("4 models:", "4 candidates, of which 1 is another one", "Time    about", "Disk    about"):
        assert part in checked.output
    assert not (folder / "runs").exists()


def test_run_trains_reports_and_goes_on(folder):
    first = ask("run", "my.toml", "--jobs", "1")
    assert first.exit_code == 0, first.output
    assert "4 candidates are 3 distinct ones." in first.output
    assert "study run my.toml" in Path("runs/my/report.html").read_text(encoding="utf-8")
    again = ask("run", "my.toml", "--jobs", "1", "--json")
    assert json.loads(again.stdout)["complete"]
    (folder / "my.toml").write_text(TEXT.replace("epochs = 2", "epochs = 3"))
    changed = ask("run", "my.toml", "--jobs", "1", "--out", "runs/my")
    assert changed.exit_code == 2
    assert changed.stderr.count("\n") == 1


def test_an_engine_is_for_the_assignments_studies(folder):
    assert "names its models" in ask("run", "my.toml", "--engine", "both").stderr


def test_a_mistake_in_the_file_is_one_line(folder):
    (folder / "my.toml").write_text(TEXT.replace("epochs", "epocs"))
    for command in ("run", "check"):
        refused = ask(command, "my.toml")
        assert refused.exit_code == 2
        assert refused.stderr == refused.stderr.splitlines()[0] + "\n"
        assert "my.toml, line 1: epocs: unknown key 'epocs'; did you mean 'epochs'?" in refused.stderr


SEARCH = TEXT.split("[vary]")[0] + "[search]\ntrials = 4\n[search.space]\nsolver = ['lbfgs', 'adam']\n"


@pytest.fixture
def few_resamples(monkeypatch):
    pytest.importorskip("optuna")
    monkeypatch.setattr("glassnet.studies.search.finals.RESAMPLES", 20)


def test_a_search_in_a_file_is_checked_and_run(folder, few_resamples):
    (folder / "my.toml").write_text(SEARCH)
    checked = ask("check", "my.toml")
    assert checked.exit_code == 0, checked.output
    for part in ("4 trials over:", "lbfgs, adam", "Time    at most about"):
        assert part in checked.output
    ran = ask("run", "my.toml", "--jobs", "1", "--quick")
    assert ran.exit_code == 0, ran.output
    for part in ("up to 4 trials", "Searched for: solver", "QUICK RUN", "Best: Number"):
        assert part in ran.output
    page = Path("runs/my-quick/report.html").read_text(encoding="utf-8")
    assert "study run my.toml --quick" in page
    assert "not for a search" in ask("run", "my.toml", "--backend", "slurm").stderr


def test_search_takes_a_table_and_tells_how_to_do_it_again(folder, few_resamples):

    def search(*words):
        table = [
            "search",
            "t.csv",
            "--target",
            "y",
            "--model",
            "MLPClassifier",
            "--epochs",
            "2",
            "--jobs",
            "1",
        ]
        return CliRunner().invoke(main, [*table, *words], prog_name="glassnet")

    ran = search("--trials", "3", "--metric", "roc_auc")
    assert ran.exit_code == 0, ran.output
    page = Path("runs/search-y/report.html").read_text(encoding="utf-8")
    for part in ("search t.csv --target y", "--metric roc_auc", "--seed 0 --trials 3", "Every trial"):
        assert part in page
    more = search("--trials", "4", "--metric", "roc_auc")
    assert more.exit_code == 2
    assert "is over after 3 trials" in more.stderr
    assert "did you mean 'y'" in search("--target", "yy", "--model", "MLPClassifier").stderr
    assert json.loads(search("--trials", "3", "--metric", "roc_auc", "--json").stdout)["complete"]
