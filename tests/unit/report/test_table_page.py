"""The page of a table's fit."""

import re
import shlex
from dataclasses import replace
from pathlib import Path

import click
import pytest

from glassnet.cli import main
from glassnet.cli.fit import group
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.findings import Cure, Finding, Severity
from glassnet.nn.history import EpochRecord, History
from glassnet.report.table_page import MOST_COLUMNS, command_of_fit, render_table_report
from glassnet.tables import FitConfig, TableResult, Task
from glassnet.tables.base import ColumnFacts, Reliability, Score, Standing
from glassnet.tables.contenders import CONTENDERS

HEALTHY = Diagnosis("network", [], {"epochs": "5"})
HISTORY = History([EpochRecord(n, 1 / n, None, 1.1 / n, None, 0.1) for n in range(1, 6)], "all epochs", 5)


def standings(names, leads):
    """Return a standing for each model, the first without a lead."""
    score = Score(0.9, 0.85, 0.95)
    return [
        Standing(name, dict.fromkeys(names, score), 1.5, lead)
        for name, lead in zip(CONTENDERS, [None, *leads], strict=True)
    ]


LEADS = [Score(0.1, 0.05, 0.2), Score(-0.1, -0.2, -0.05), Score(0.0, -0.1, 0.1)]
CLASSES = TableResult(
    config=FitConfig("ab" * 32, "kind <b>", drop=["id"], drops_gaps=True, quick=True, recipe="realmlp-s"),
    table="my animals.csv",
    test="",
    task=Task.CLASSIFICATION,
    why_task="text, 2 different ones",
    n_train=80,
    n_test=20,
    notes=["id: left out"],
    columns=[
        ColumnFacts("kind <b>", "text", 0, 2, "cat 60 %, dog 40 %", "", ""),
        ColumnFacts("length", "number", 3, 90, "1 to 9, median 5", "a scaled number", "a note", 0.2, 0.01),
        ColumnFacts("colour", "text", 0, 3, "red 50 %", "one-hot, 3 inputs", "", -0.01, 0.01),
    ],
    classes=["cat", "dog"],
    model={"recipe": "realmlp-s", "inputs": 4, "epochs": 5, "best epoch": 5, "why it stopped": "all epochs"},
    metric="roc_auc",
    standings=standings(["roc_auc", "accuracy", "log_loss"], LEADS),
    confusion=[[11, 1], [2, 6]],
    points=[],
    reliability=Reliability([0.6, 0.9], [0.5, 1.0], [0.3, 0.8], [0.7, 1.0], 0.1),
    seconds=10.0,
    environment={"python": "3.12"},
)
NUMBERS = replace(
    CLASSES,
    config=replace(CLASSES.config, target="price", folds=5, quick=False, drop=[], drops_gaps=False),
    task=Task.REGRESSION,
    classes=[],
    metric="rmse",
    standings=standings(["rmse", "mae", "r2"], LEADS),
    confusion=[],
    points=[[1000.0, 1100.0], [2000.0, 1900.0]],
    reliability=None,
)


def page_of(result, diagnosis=HEALTHY):
    """Return the page, and its text without markup."""
    page = str(render_table_report(result, HISTORY, diagnosis, Path("runs/mine")))
    return page, " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.S).split())


def test_a_page_of_classes_shows_scores_answers_and_columns():
    page, text = page_of(CLASSES)
    assert page.count("<svg") >= 2
    assert "kind &lt;b&gt;" in page
    assert "kind <b>" not in page
    for part in (
        "Ahead of gradient boosting",
        "Behind the linear model",
        "Not to be told from the constant answer",
    ):
        assert part in text
    assert "0.9000 0.8500 to 0.9500" in text
    assert "QUICK RUN" in text
    assert "Who is taken for whom" in text
    assert "How sure, how right" in text
    assert "Predicted and true" not in text
    assert "length number 3 90 1 to 9, median 5 a note a scaled number" in text
    assert "id: left out" in text
    assert "0.2000 ± 0.0100" in text
    assert "What the doctor says nothing found" in text
    assert "https://" not in page.replace("http://www.w3.org", "")


def test_a_page_of_numbers_shows_predicted_against_true():
    _, text = page_of(NUMBERS)
    assert "Predicted and true" in text
    assert "How sure" not in text
    assert "Who is taken" not in text
    assert "in one of 5 folds" in text
    assert "QUICK" not in text


def test_the_doctors_findings_are_on_the_page():
    finding = Finding(
        "dead-units",
        Severity.HIGH,
        "Units are dead",
        "all",
        "none",
        "a book",
        "They are.",
        Cure("Another rate."),
    )
    _, text = page_of(CLASSES, Diagnosis("network", [finding], {"epochs": "5"}))
    assert "What the doctor says" in text
    assert "Units are dead" in text


@pytest.mark.parametrize("result", [CLASSES, NUMBERS])
def test_the_command_on_the_page_is_the_one_that_makes_it(result):
    words = shlex.split(command_of_fit(result).split("glassnet ", 1)[1])
    assert words[0] == "fit"
    with click.Context(main, help_option_names=["-h", "--help"]) as parent:  # the command remembers these
        given = group.make_context("fit", words[1:], parent).params
    config = result.config
    assert str(given["table"]) == result.table
    assert (given["target"], given["recipe"], given["seed"]) == (config.target, config.recipe, config.seed)
    assert (given["folds"] or 0, given["quick"], given["drop_gaps"]) == (
        config.folds,
        config.quick,
        config.drops_gaps,
    )
    assert list(given["drop"]) == config.drop


def test_of_very_many_columns_the_most_important_are_shown():
    columns = [
        ColumnFacts(f"c{i:04}", "number", 0, 9, "", "", "", 1 / (i + 1)) for i in range(MOST_COLUMNS + 50)
    ]
    _, text = page_of(replace(CLASSES, columns=[CLASSES.columns[0], *columns]))
    assert "50 less important columns left out here" in text
    assert "c0199 number" in text
    assert "c0200 number" not in text


def test_a_matrix_of_very_many_classes_is_left_out():
    many = [f"k{i}" for i in range(31)]
    matrix = [[1] * 31 for _ in many]
    assert "Who is taken" not in page_of(replace(CLASSES, classes=many, confusion=matrix))[1]
