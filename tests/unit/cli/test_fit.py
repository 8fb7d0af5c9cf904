"""`glassnet fit` and `glassnet predict`: what they print, write and refuse."""

import csv
import io
import json
import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from outcomes import refused
from processes import HANG_SECONDS, start_python
from small_tables import prices, species

from glassnet.cli.fit import as_file_name
from glassnet.cli.steps import PlainSteps
from glassnet.nn.history import EpochRecord
from glassnet.tables import FitFolder, Step

pyarrow = pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """Return a folder with a table of classes that was fitted there, and what was printed."""
    from click.testing import CliRunner

    from glassnet.cli import main

    place = tmp_path_factory.mktemp("fitted")
    (place / "animals.csv").write_text(species(200))
    before = Path.cwd()
    os.chdir(place)
    try:
        words = ["fit", "animals.csv", "--target", "species", "--quick"]
        return place, CliRunner().invoke(main, words, prog_name="glassnet")
    finally:
        os.chdir(before)


def test_a_fit_says_what_it_found_what_it_does_and_how_it_ended(fitted):
    place, result = fitted
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    printed = " ".join(result.stdout.split())
    assert "animals.csv: 200 rows, 4 columns (2 of numbers, 1 of text, 1 of truth values)" in printed
    assert "species: text, 3 different ones -> classification" in printed
    assert "--task" not in printed
    assert "40 rows held back; 160 to train on" in printed
    assert "QUICK RUN" in printed
    for line in ("this network", "gradient boosting", "linear model", "constant answer"):
        assert f"\n{line}" in result.stdout
    assert "accuracy 95 % interval log loss time" in printed
    assert "in accuracy" in printed
    assert "Most important: " in printed
    assert "predict runs/species animals.csv > answers.csv" in printed
    assert result.stdout.rstrip().endswith("Report: runs/species/report.html")
    page = (place / "runs/species/report.html").read_text()
    assert page.lstrip().lower().startswith("<!doctype html>")


def test_the_same_command_shows_the_fit_again_and_another_one_goes_beside_it(fitted, monkeypatch, invoke):
    place, first = fitted
    monkeypatch.chdir(place)
    model = place / "runs/species/model.safetensors"
    made = model.stat().st_mtime_ns
    again = invoke("fit", "animals.csv", "--target", "species", "--quick")
    assert again.exit_code == 0
    assert "Fitted before, with these settings; delete runs/species to fit again." in again.stdout
    assert again.stdout.splitlines()[-3:] == first.stdout.splitlines()[-3:]
    assert model.stat().st_mtime_ns == made
    other = invoke("fit", "animals.csv", "--target", "species", "--quick", "--quiet", "--drop", "noise")
    assert other.output == "Report: runs/species-2/report.html\n"
    config = FitFolder(place / "runs/species-2").read_results().config
    assert config == replace(FitFolder(place / "runs/species").read_results().config, drop=["noise"])
    taken = invoke("fit", "animals.csv", "--target", "species", "--out", "runs/species")
    refused(taken, "runs/species holds a run with other settings", "--out")


def test_the_doctor_shows_what_was_found_in_a_fit(fitted, monkeypatch, invoke):
    monkeypatch.chdir(fitted[0])
    result = invoke("doctor", "runs/species")
    assert result.exit_code == 0, result.output
    assert "species" in result.stdout
    assert "256 - 256 - 256 - 3" in result.stdout
    refused(invoke("doctor", "runs/species", "--treat"), "--model and --treat are not for it")


def test_json_is_results_json(fitted, monkeypatch, invoke):
    monkeypatch.chdir(fitted[0])
    result = invoke("fit", "animals.csv", "--target", "species", "--quick", "--json")
    assert json.loads(result.stdout) == json.loads(Path("runs/species/results.json").read_text())


def test_numbers_are_a_regression_and_may_be_taken_for_classes(invoke, tmp_path):
    (tmp_path / "houses.csv").write_text(prices(60))
    result = invoke("fit", "houses.csv", "--target", "price", "--quick", "--cv", 2)
    assert result.exit_code == 0, result.output
    printed = " ".join(result.stdout.split())
    assert "price: numbers, 100 % of them distinct -> regression; --task classification to change" in printed
    assert "each row once, in one of 2 folds" in printed
    assert "this network, fold 2 of 2" in printed
    assert "RMSE" in printed


# -- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("none.csv", "--target", "y"), ("there is no file none.csv",)),
        ((".", "--target", "y"), ("cannot read .",)),
        (("empty.csv", "--target", "y"), ("empty.csv is empty",)),
        (("binary.csv", "--target", "y"), ("binary.csv is no table",)),
        (("ragged.csv", "--target", "y"), ("3 cells at row 1",)),
        (("twice.csv", "--target", "y"), ("2 columns 'x'",)),
        (("lists.parquet", "--target", "y"), ("column 'x'", "--drop x")),
        (("one.csv", "--target", "y"), ("'y' has the class 'a' alone",)),
        (("gaps.csv", "--target", "y"), ("at row 1, 2,", "--drop-gaps")),
        (("gaps.csv", "--target", "z"), ("unknown column of gaps.csv 'z'",)),
        (("gaps.csv", "--target", "y", "--drop", "xx"), ("did you mean 'x'",)),
        (("gaps.csv", "--target", "y", "--cv", "3", "--test", "one.csv"), ("--cv makes test rows",)),
        (("names.csv", "--target", "y"), ("'x' names the rows",)),
        (("gaps.csv", "--target", "y", "--drop-gaps"), ("20 rows",)),
    ],
    ids=lambda value: " ".join(value),
)
def test_what_cannot_be_fitted_is_one_message_and_leaves_no_folder(invoke, tmp_path, words, parts):
    from pyarrow import parquet

    files = {
        "empty.csv": "",
        "binary.csv": "\0\1\2",
        "ragged.csv": "x,y\n1,a\n1,2,3\n",
        "twice.csv": "x,x,y\n1,2,a\n",
        "one.csv": "x,y\n" + "1,a\n2,a\n" * 20,
        "gaps.csv": "x,y\n1,a\n2,\n3,NA\n4,b\n",
        "names.csv": "x,y\n" + "".join(f"name{i},{'ab'[i % 2]}\n" for i in range(200)),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    parquet.write_table(pyarrow.table({"x": [[1], [2]], "y": ["a", "b"]}), tmp_path / "lists.parquet")
    refused(invoke("fit", *words), *parts)
    assert not (tmp_path / "runs").exists()


def test_a_target_of_any_name_has_a_folder():
    assert as_file_name("price per m²/month") == "price-per-m²-month"
    assert as_file_name("../..") == "-"
    assert as_file_name("...") == "fit"


# -- progress ---------------------------------------------------------------------------------------


def test_plain_lines_tell_what_begins_and_how_a_training_goes(capsys, monkeypatch):
    now = iter([0.0, 0.0, 1.0, 20.0, 20.0, 21.0])
    monkeypatch.setattr("glassnet.cli.steps.time.monotonic", lambda: next(now, 30.0))
    steps = PlainSteps()
    for epoch, loss in ((1, 0.5), (2, 0.25), (3, 0.375)):
        record = EpochRecord(epoch, 0.4, None, loss, None, seconds=2.0)
        steps.show(Step("this network", "fold 1 of 2", record, 10))
    steps.show(Step("linear model"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("this network, fold 1 of 2  epoch 1/10  validation loss 0.5000")
    assert any(line.endswith("validation loss 0.3750, best 0.2500  14 s left") for line in lines)
    assert lines[-1] == "linear model"
    assert len(lines) == 3


STOPPED = """
import signal
from glassnet.cli import main
from glassnet.tables import fitting

signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may ignore it
make = fitting.make_network

def slow(*settings):
    task, config, on_epoch = settings
    def wait(record):
        on_epoch(record)
        print("epoch", flush=True)
        import time
        time.sleep(60)
    return make(task, config, wait)

fitting.make_network = slow
main(["fit", "animals.csv", "--target", "species", "--quick", "--quiet"])
"""


def test_ctrl_c_leaves_nothing_that_looks_finished_and_says_so(tmp_path):
    (tmp_path / "animals.csv").write_text(species(60))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = start_python(STOPPED, cwd=tmp_path, start_new_session=True, **pipes)
    assert process.stdout.readline() == "epoch\n"
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 130, err
    assert "Traceback" not in out + err
    assert "Stopped. Nothing in runs/species is finished; the same command begins anew." in err
    assert {path.name for path in (tmp_path / "runs/species").iterdir()} <= {"fit.json", ".lock"}


# -- predict ----------------------------------------------------------------------------------------


def test_predictions_go_to_standard_output_or_into_a_file(fitted, monkeypatch, invoke, tmp_path):
    monkeypatch.chdir(fitted[0])
    result = invoke("predict", "runs/species", "animals.csv")
    assert result.exit_code == 0
    assert result.stderr == ""
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) == 200
    assert {row["species"] for row in rows} <= {"cat", "fox", "wolf"}
    out = tmp_path / "answers.csv"
    written = invoke("predict", "runs/species/model.safetensors", "animals.csv", "--proba", "--out", out)
    assert written.stdout == ""
    assert written.stderr == f"200 answers in {out}\n"
    with open(out, encoding="utf-8", newline="") as file:
        more = list(csv.DictReader(file))
    assert [row["species"] for row in more] == [row["species"] for row in rows]
    shares = [[float(row[f"species={name}"]) for name in ("cat", "fox", "wolf")] for row in more]
    assert all(abs(sum(one) - 1) < 1e-5 for one in shares)


def test_predict_says_which_cells_it_took_as_missing(fitted, monkeypatch, invoke, tmp_path):
    monkeypatch.chdir(fitted[0])
    (tmp_path / "new.csv").write_text("length,colour,noise,seen\n9,red,0,true\nlong,red,0,true\n8,red,0,no\n")
    result = invoke("predict", "runs/species", tmp_path / "new.csv")
    assert result.exit_code == 0
    assert result.stdout.count("\n") == 4
    assert result.stderr == (
        "length: 1 cell is no number, such as 'long' at row 1, counted from 0: taken as missing\n"
        "seen: 1 cell is no truth value, such as 'no' at row 2, counted from 0: taken as missing\n"
    )


def test_predict_refuses_what_the_model_was_not_trained_with(fitted, monkeypatch, invoke, tmp_path):
    monkeypatch.chdir(fitted[0])
    table, out = tmp_path / "new.csv", tmp_path / "answers.csv"
    table.write_text("length,colour\n9,red\n")
    refused(invoke("predict", "runs/species", table), "has no column 'noise', 'seen'")
    refused(invoke("predict", "runs/species", tmp_path / "none.csv"), "there is no file")
    refused(invoke("predict", "runs", "animals.csv"), "holds no model.safetensors")
    refused(invoke("predict", "none", "animals.csv"), "there is no model none")
    text = species(20_000).replace("\n", ",x\n").replace("species,x", "species,y", 1)
    table.write_text(text + "1,2\n")
    out.write_text("what was there")
    refused(invoke("predict", "runs/species", table, "--out", out), "2 cells at row 20,000")
    assert out.read_text() == "what was there"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_predictions_that_nobody_reads_on_end_without_a_word(fitted, tmp_path):
    table = tmp_path / "many.csv"
    table.write_text(species(20_000))
    words = ["predict", str(fitted[0] / "runs/species"), str(table)]
    code = f"from glassnet.cli import main; main({words})"
    process = start_python(code, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline().startswith("species")
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(HANG_SECONDS) != 0
