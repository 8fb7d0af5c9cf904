"""A fit from the table to its folder, and predictions from that."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from small_tables import species

import glassnet
from glassnet.data.table_files import read_table_file
from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError, RunFolderError
from glassnet.nn.history import StopKind
from glassnet.tables import FitConfig, FitFolder, Predictor, TableResult, fit_table
from glassnet.tables.contenders import CONTENDERS, OWN, as_numbers
from glassnet.tables.folder import choose_folder
from glassnet.tables.network import features_of, taking_encoded
from glassnet.tables.words import judge, most_important, ranked

pytest.importorskip("pyarrow")


def test_a_fit_of_classes_leaves_everything_in_its_folder(of_classes):
    folder, result = of_classes.folder, of_classes.result
    files = {path.name for path in folder.path.iterdir()}
    written = {"fit.json", "model.safetensors", "history.json", "diagnosis.json", "results.json"}
    assert files - {".lock"} == written
    assert folder.read_diagnosis().facts["training samples"] == "240"
    assert folder.is_finished
    assert folder.read_results() == result
    assert json.loads(folder.results_path.read_text())["format_version"] == 1
    assert result.classes == ["cat", "fox", "wolf"]
    assert [one.name for one in result.standings] == list(CONTENDERS)
    assert result.n_train == 240
    assert result.n_test == np.sum(result.confusion) == 60
    assert len(folder.read_history()) == result.model["epochs"]
    own, constant = result.standings[0], result.standings[-1]
    assert own.lead is None
    assert constant.lead.low > 0
    assert own.scores["accuracy"].value == np.trace(result.confusion) / 60
    assert result.reliability is not None
    assert result.points == []
    assert {facts.name for facts in most_important(result)[:2]} == {"length", "colour"}


def test_every_step_of_a_fit_is_told(of_classes):
    steps = of_classes.steps
    assert {step.what for step in steps} >= {one.title for one in CONTENDERS.values()}
    epochs = [step.record.epoch for step in steps if step.record]
    assert epochs == list(range(1, len(epochs) + 1))
    assert {step.epochs for step in steps if step.record} == {32}


def test_a_fit_of_numbers(of_numbers):
    result = of_numbers.result
    assert (result.metric, result.classes, result.confusion, result.reliability) == ("rmse", [], [], None)
    true, predicted = np.array(result.points).T
    assert (result.n_train, len(true), result.n_test) == (200, 60, 60)
    assert result.test.endswith("test.csv")
    assert result.standings[0].scores["rmse"].value == pytest.approx(
        np.sqrt(np.mean((true - predicted) ** 2))
    )
    encoded = {facts.name: facts.encoded for facts in result.columns}
    assert encoded["size"] == "a scaled number"
    assert encoded["town"] == "-1 for Bonn, 1 for Ulm"
    assert encoded["built"].startswith("scaled numbers: days, month")
    assert encoded["price"] == ""


def test_folds_test_every_row_and_keep_a_model_of_all(of_folds):
    result = of_folds.result
    assert result.n_test == result.n_train == np.sum(result.confusion) == 90
    parts = {step.part for step in of_folds.steps if step.what == CONTENDERS[OWN].title}
    assert parts == {"fold 1 of 2", "fold 2 of 2", "all rows"}
    assert glassnet.load(of_folds.folder.model_path).classes_.tolist() == ["cat", "fox", "wolf"]


def test_the_importance_is_that_of_the_network_itself(of_classes):
    network = glassnet.load(of_classes.folder.model_path)
    frame = read_table_file(of_classes.table, without=["species"]).frame
    Z = network.encoder_.transform(frame)
    np.testing.assert_array_equal(taking_encoded(network).predict_proba(Z), network.predict_proba(frame))
    features = features_of(network)
    assert list(features) == ["length", "colour", "noise", "seen"]
    assert sorted(place for places in features.values() for place in places) == list(range(Z.shape[1]))


def test_equal_fits_give_equal_numbers(of_folds, give, tmp_path):
    config, given = give(species(90), "species", folds=2)
    again = fit_table(given, config, FitFolder(tmp_path / "again"))
    assert [one.scores for one in again.standings] == [one.scores for one in of_folds.result.standings]
    assert again.columns == of_folds.result.columns
    assert (tmp_path / "again/history.json").exists()


def test_the_verdicts_follow_from_the_intervals_of_the_leads(of_classes):
    result = of_classes.result
    for one, sentence in zip(result.standings[1:], judge(result), strict=True):
        word = "Ahead of" if one.lead.low > 0 else "Behind" if one.lead.high < 0 else "Not to be told from"
        word = word if one.lead.low < one.lead.high else "As good as"
        assert sentence.startswith(f"{word} {CONTENDERS[one.name].phrase} in accuracy")
    values = [one.scores["accuracy"].value for one in ranked(result)]
    assert values == sorted(values, reverse=True)


def test_numbers_for_other_models_hold_categories_as_codes_and_dates_as_days(give):
    rows = "1970-01-03,Ulm,true,,a\n1970-01-01,,false,5,b\n"
    _, given = give("built,town,big,n,y\n" + rows * 20, "y")
    X, is_category = as_numbers(given.frame.slice(0, 2), given.kinds)
    assert is_category.tolist() == [False, True, False, False]
    np.testing.assert_array_equal(X, [[2, 0, 1, np.nan], [0, np.nan, 0, 5]])


# -- what is interrupted ----------------------------------------------------------------------------


def test_what_is_interrupted_does_not_look_finished(of_classes, give, tmp_path):
    config, given = give(species(60), "species")
    folder = FitFolder(tmp_path / "run")
    folder.claim(config)
    for name in ("results.json", "report.html", "model.safetensors"):
        (folder.path / name).write_bytes((of_classes.folder.path / "results.json").read_bytes())

    def interrupt(step):
        if step.record is not None and step.record.epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_table(given, config, folder, interrupt)
    assert {path.name for path in folder.path.iterdir()} <= {"fit.json", ".lock"}
    with pytest.raises(RunFolderError, match=r"there is no .*results.json"):
        folder.read_results()


def test_a_training_that_ctrl_c_ended_ends_the_fit(give, tmp_path, monkeypatch):
    from glassnet.tables import fitting

    class Interrupted:
        def fit(self, X, y):
            self.history_ = glassnet.History(stopped_by=StopKind.INTERRUPTED)

    monkeypatch.setattr(fitting, "make_network", lambda *settings: Interrupted())
    config, given = give(species(60), "species")
    with pytest.raises(KeyboardInterrupt):
        fit_table(given, config, FitFolder(tmp_path / "run"))
    assert not FitFolder(tmp_path / "run").is_finished


# -- folders ----------------------------------------------------------------------------------------


def test_a_folder_belongs_to_one_config(tmp_path):
    config = FitConfig("0" * 64, "species")
    folder = FitFolder(tmp_path / "run")
    folder.claim(config)
    folder.claim(config)
    with pytest.raises(RunFolderError, match="seed is 0 there, now 1"):
        folder.claim(replace(config, seed=1))
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "mine.txt").write_text("mine")
    with pytest.raises(RunFolderError, match="is not empty and not a run folder"):
        FitFolder(tmp_path / "else").claim(config)


def test_a_folder_is_chosen_beside_those_of_other_fits(tmp_path):
    config, other = FitConfig("0" * 64, "species"), FitConfig("1" * 64, "species")
    FitFolder(tmp_path / "run").claim(config)
    assert choose_folder(tmp_path / "run", config).path == tmp_path / "run"
    assert choose_folder(tmp_path / "run", other).path == tmp_path / "run-2"
    (tmp_path / "run-2").write_text("a file")
    assert choose_folder(tmp_path / "run", other).path == tmp_path / "run-3"
    (tmp_path / "run-3").mkdir()
    assert choose_folder(tmp_path / "run", other).path == tmp_path / "run-3"


def test_damaged_results_are_refused(of_classes, tmp_path):
    result, folder = of_classes.result, FitFolder(tmp_path)
    wrong = json.dumps({**result.to_json(), "metric": 3})
    for content in ("{", "[]", '{"format_version": 1}', wrong):
        folder.results_path.write_text(content)
        with pytest.raises(RunFolderError, match=r"results\.json is damaged"):
            folder.read_results()
    assert TableResult.from_json(json.loads(json.dumps(result.to_json()))) == result


# -- predictions ------------------------------------------------------------------------------------


def predicted(path, table, **settings):
    """Return the rows of the answers, as a reader of CSV gives them."""
    out = io.StringIO(newline="")
    predictor = Predictor(path, **settings)
    n_rows = predictor.write(table, out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert len(rows) == n_rows
    return rows


def test_predictions_are_those_of_the_model_on_the_same_rows(of_classes):
    rows = predicted(of_classes.folder.path, of_classes.table, probabilities=True)
    network = glassnet.load(of_classes.folder.model_path)
    frame = read_table_file(of_classes.table, without=["species"]).frame
    assert [row["species"] for row in rows] == network.predict(frame).tolist()
    shares = [[float(row[f"species={name}"]) for name in ("cat", "fox", "wolf")] for row in rows]
    np.testing.assert_allclose(shares, network.predict_proba(frame), rtol=1e-5, atol=1e-6)


def test_predictions_take_columns_in_any_order_with_gaps_and_what_was_never_seen(of_classes, tmp_path):
    table = tmp_path / "new.csv"
    table.write_text("more,noise,colour,length,seen\n1,0,violet,9,true\n1,,,9.5,\n")
    assert [row["species"] for row in predicted(of_classes.folder.model_path, table)] == ["wolf", "wolf"]
    table.write_text("noise,length,seen\n0,9,true\n")
    with pytest.raises(InvalidDataError, match="has no column 'colour'"):
        predicted(of_classes.folder.path, table)


def test_numbers_are_written_with_the_digits_that_the_network_has(of_numbers):
    rows = predicted(of_numbers.folder.path, of_numbers.table)
    values = np.array([row["price"] for row in rows], np.float32)
    assert [str(value) for value in values] == [row["price"] for row in rows]
    with pytest.raises(InvalidParameterError, match="--proba"):
        Predictor(of_numbers.folder.path, probabilities=True)


def test_a_model_without_its_folder_calls_its_answers_predictions(of_classes, tmp_path):
    (tmp_path / "alone.safetensors").write_bytes(of_classes.folder.model_path.read_bytes())
    assert Predictor(tmp_path / "alone.safetensors").header == ["prediction"]


def test_other_models_are_refused(tmp_path):
    network = glassnet.NeuralNetwork(N=1, A=[2]).initialize([[0.0], [1.0]], ["a", "b"])
    network.save(tmp_path / "plain.safetensors")
    with pytest.raises(DataFileError, match="holds a NeuralNetwork without names of columns"):
        Predictor(tmp_path / "plain.safetensors")
    with pytest.raises(DataFileError, match=r"holds no model\.safetensors"):
        Predictor(tmp_path)
    with pytest.raises(DataFileError, match="there is no model"):
        Predictor(tmp_path / "none")
