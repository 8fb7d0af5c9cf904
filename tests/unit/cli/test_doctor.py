"""``glassnet doctor`` examines model files, runs and reported scores."""

import json
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

import glassnet
from glassnet.cli import main
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.files import load_data, load_model
from glassnet.errors import DataFileError, StudyError, UnknownNameError
from glassnet.report import write_report
from glassnet.studies import STUDIES, RunFolder, workers
from glassnet.studies.assignment import fashion
from glassnet.studies.diagnosis import diagnose_run
from glassnet.studies.examination import check_scores, examine
from glassnet.studies.folder import MODEL_FILE
from glassnet.studies.runner import run_study

SETTINGS: dict[str, Any] = {"N": 1, "A": [16], "lr": 0.2, "epochs": 20, "batch_size": 16, "random_state": 0}


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words):
        return CliRunner().invoke(main, ["doctor", *map(str, words)], prog_name="glassnet")

    return run


@pytest.fixture
def wine(tmp_path):
    """Write a table with text labels, and a network that cannot learn it."""
    X, y = scale(load_wine().data), load_wine().target_names[load_wine().target]
    table = tmp_path / "wine.csv"
    rows = [[*map(repr, map(float, row)), label] for row, label in zip(X, y, strict=True)]
    names = [f"f{i}" for i in range(X.shape[1])]
    table.write_text("\n".join(",".join(row) for row in [[*names, "kind"], *rows]) + "\n", encoding="utf-8")
    model = tmp_path / "wine.safetensors"
    glassnet.NeuralNetwork(**SETTINGS, weight_init="zero").fit(X, y).save(model)
    return model, table


def test_a_model_file_is_examined_and_treated(invoke, wine, tmp_path):
    model, table = wine
    page = tmp_path / "page.html"
    outcome = invoke(model, "--data", table, "--treat", "--html", page)
    assert outcome.exit_code == 0, outcome.output
    assert "symmetric-units" in outcome.output
    assert "weight_init='he_normal'" in outcome.output
    assert "The prescription is proven" in outcome.output
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") == 2
    assert "http" not in html.replace("http://www.w3.org", "")


def test_json_is_all_that_is_printed(invoke, wine):
    model, table = wine
    outcome = invoke(model, "--data", table, "--target", "kind", "--json")
    value = json.loads(outcome.output)
    assert value["diagnosis"]["findings"][0]["code"] == "symmetric-units"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "PATH"),
        (["--treat", "--claims", "x.yaml"], "need a PATH"),
        (["none.safetensors", "--data", "mnist"], "there is no model file"),
        (["none.safetensors"], "there is no model file"),
    ],
)
def test_wrong_words_are_explained(invoke, words, message):
    outcome = invoke(*words)
    assert outcome.exit_code
    assert message in outcome.output


def test_a_model_file_needs_its_data(invoke, wine):
    model, table = wine
    assert "--data" in invoke(model).output
    assert "did you mean 'mnist'" in invoke(model, "--data", "mnits").output
    assert "has no column 'x'" in invoke(model, "--data", table, "--target", "x").output


def test_a_reported_score_is_compared_with_the_models_answers(invoke, tmp_path):
    X, y = np.zeros((40, 784)), np.arange(40) % 10
    model = tmp_path / "m.safetensors"
    settings: dict[str, Any] = {"hidden_layer_sizes": (4,), "max_iter": 1, "random_state": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        glassnet.MLPClassifier(**settings).fit(X, y).save(model)
    outcome = invoke(model, "--data", "mnist", "--reported", "0.8227")
    assert "of the constant answer “1”" in " ".join(outcome.output.split())
    assert "--reported needs a model file" in invoke("--claims", "b.csv", "--reported", "0.5").output


def test_scores_are_checked(invoke, tmp_path):
    path = tmp_path / "published.csv"
    rows = [f"{name},test,0.8227" for name in "abc"]
    path.write_text("\n".join(["model,split,score", *rows]), encoding="utf-8")
    outcome = invoke("--claims", path, "--data", "mnist")
    assert outcome.exit_code == 0, outcome.output
    assert "“always 1”" in outcome.output
    assert "did you mean 'mnist'" in invoke("--claims", path, "--data", "mnits").output
    value = json.loads(invoke("--claims", path, "--data", "mnist", "--json").output)
    assert [finding["code"] for finding in value["claims"]["findings"]] == ["equal-scores", "score-slip"]


def test_tables_of_numbers_and_bad_tables(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("y,a,b\n1,0.5,2\n0,1,3\n", encoding="utf-8")
    data = load_data(str(path), None, "y")
    assert data.X.tolist() == [[0.5, 2], [1, 3]]
    assert data.y.tolist() == [1, 0]
    assert data.y.dtype.kind == "i"
    path.write_text("a,y\nred,1\n", encoding="utf-8")
    with pytest.raises(DataFileError, match="no number"):
        load_data(str(path), None)
    with pytest.raises(DataFileError, match="there is no table of data"):
        load_data("none.csv", None)


def test_every_kind_of_model_file_is_read(tmp_path):
    X = np.random.default_rng(0).normal(size=(40, 3))
    y = (X[:, 0] > 0).astype(int)
    for number, model in enumerate(
        (
            glassnet.NeuralNetwork(**SETTINGS | {"batch_size": 8}).fit(X, y),
            glassnet.MLPClassifier((4,), solver="lbfgs", max_iter=500, random_state=0).fit(X, y),
            glassnet.MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", max_iter=900).fit(X, X[:, 0]),
        )
    ):
        path = tmp_path / f"{number}.safetensors"
        model.save(path)
        assert type(load_model(path)) is type(model)


# -- runs of studies ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """Run two models of mnist-init for two epochs on part of the data."""
    folder = tmp_path_factory.mktemp("runs") / "mnist-init"
    study = STUDIES["mnist-init"]
    specs = tuple(spec for spec in study.specs if spec.name in ("relu-zero", "sigmoid-random"))
    study = replace(study, specs=specs)
    for _ in run_study(study, study.config(quick=True, epochs=2), folder, jobs=1):
        pass
    return folder


@pytest.fixture(scope="module")
def examined(run_folder):
    """Return what the doctor says of that run."""
    return diagnose_run(run_folder)


def test_a_run_is_examined(examined):
    run = examined
    assert run.models["relu-zero"].first.code == "symmetric-units"
    assert run.models["sigmoid-random"].first.code == "vanishing-gradients"
    assert run.claims.codes == ["equal-scores", "score-slip"]
    assert run.sickest == "relu-zero"
    assert "symmetric-units" in str(run)
    assert len(run.documents) == 3
    json.dumps(run.to_json(), allow_nan=False)


def test_one_model_of_a_run_is_shown_in_full(run_folder, invoke):
    outcome = invoke(run_folder, "--model", "relu-zero", "--json")
    assert list(json.loads(outcome.output)["run"]["models"]) == ["relu-zero"]
    assert "has no model 'nobody'" in invoke(run_folder, "--model", "nobody").output


def test_test_images_divided_twice_get_one_answer(tmp_path):
    """The models of fashion-activations answer one class once the test images are divided by 255 again."""
    study = STUDIES["fashion-activations"]
    config, spec, folder = study.config(quick=True), study.specs[0], RunFolder(tmp_path)
    model = glassnet.MLPClassifier(
        fashion.HIDDEN, learning_rate_init=0.0005, batch_size=128, max_iter=25, tol=0.05, random_state=0
    )
    model.fit(*study.parts(config, spec, tmp_path)["train"])
    folder.model_path(spec.name).mkdir(parents=True)
    model.save(folder.model_path(spec.name) / MODEL_FILE)
    assert examine(study, config, spec, folder).is_healthy
    twice = examine(study, config, spec, folder, test_divisor=255.0)
    assert twice.first.code == "scale-shift"
    assert "divided twice" in twice.first.text
    assert "constant-answer" in twice.codes


@pytest.mark.parametrize(
    ("study", "codes"),
    [
        ("mnist-init", ["equal-scores", "score-slip"]),
        ("fashion-activations", ["constant-score", "equal-scores", "small-difference"]),
        ("fashion-features", ["constant-score", "small-difference"]),
        ("fashion-reconstruction", None),
    ],
)
def test_the_published_scores_of_a_study_are_checked(study, codes):
    checked = check_scores(STUDIES[study], [])
    assert (None if checked is None else checked.codes) == codes


def test_a_grid_search_that_varied_nothing_is_found():
    from glassnet.studies.base import ModelResult

    results = [
        ModelResult(
            name=f"{solver}-{rate}-{batch}-{fold}",
            activation="relu",
            weight_init="glorot",
            state="finished",
            stopped_epoch=1,
            best_epoch=None,
            stopping_reason="",
            seconds=0.0,
            train={},
            validation={"accuracy": 0.8 + (0 if solver == "lbfgs" else batch / 1e4 + rate)},
            test={},
            settings={"solver": solver, "learning_rate_init": rate, "batch_size": batch, "fold": fold},
        )
        for solver in ("lbfgs", "adam")
        for rate in (0.02, 0.002)
        for batch in (64, 128)
        for fold in (1, 2)
    ]
    finding = next(
        f for f in check_scores(STUDIES["fashion-grid"], results).findings if f.code == "idle-parameters"
    )
    assert "learning_rate_init where solver=lbfgs" in finding.measured
    assert "batch_size where solver=lbfgs" in finding.measured
    assert "solver=adam" not in finding.measured


def test_a_run_without_networks_or_scores_is_refused(tmp_path):
    study = STUDIES["hand"]
    for _ in run_study(study, study.config(quick=True), tmp_path / "hand", jobs=1):
        pass
    with pytest.raises(StudyError, match="hand has no networks and no scores"):
        diagnose_run(tmp_path / "hand")


def test_the_report_of_a_run_says_what_the_doctor_found(run_folder, examined):
    folder = RunFolder(run_folder)
    for name, diagnosis in examined.models.items():
        folder.write_diagnosis(name, diagnosis)
        assert folder.read_diagnosis(name) == diagnosis
    page = write_report(folder).read_text(encoding="utf-8")
    section = page[page.index("What the doctor says") :]
    assert section.count("<details") == 2
    for words in ("symmetric-units", "vanishing-gradients", "score-slip", "weight_init=&#39;he_normal&#39;"):
        assert words in section


@pytest.mark.parametrize("quick", [True, False])
def test_a_full_run_keeps_what_the_doctor_finds(run_folder, tmp_path, monkeypatch, quick):
    result = RunFolder(run_folder).read_results().models[0]
    study = replace(STUDIES["mnist-init"], train=lambda *_: result)
    monkeypatch.setattr(workers, "examine", lambda *_: Diagnosis(result.name, [], {}))
    folder = RunFolder(tmp_path / "run")
    folder.claim(study.config(quick=quick))
    workers.train_one(study, study.config(quick=quick), result.spec, folder, lambda: lambda: None)
    assert (folder.read_diagnosis(result.name) is None) == quick


def test_an_unknown_data_set_is_named(tmp_path):
    with pytest.raises(UnknownNameError, match="did you mean 'mnist'"):
        load_data("mnst", None)


def test_columns_of_a_table_are_found_by_the_names_that_the_model_was_fitted_with(tmp_path, invoke):
    """In whatever order they stand; scikit-learn's remark on names does not stand above the diagnosis."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(scale(load_wine().data), columns=[f"f{i}" for i in range(13)])
    y = load_wine().target
    model = glassnet.MLPClassifier((8,), max_iter=5, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(frame, y)
    model.save(tmp_path / "wine.safetensors")
    frame.assign(kind=y)[["f5", "kind", *(f"f{i}" for i in range(13) if i != 5)]].to_csv(
        "wine.csv", index=False
    )
    X, labels, *_ = load_data("wine.csv", model, "kind")
    np.testing.assert_allclose(X, frame.to_numpy())
    np.testing.assert_array_equal(labels, y)
    outcome = invoke("wine.safetensors", "--data", "wine.csv", "--target", "kind")
    assert outcome.exit_code == 0, outcome.output
    assert "feature names" not in outcome.output
    frame.drop(columns="f7").assign(kind=y).to_csv("less.csv", index=False)
    with pytest.raises(DataFileError, match="no column 'f7', which the model was fitted with"):
        load_data("less.csv", model)


def test_a_label_that_ends_with_a_nul_is_refused(tmp_path):
    """NumPy would drop the NUL, and take the label for another one."""
    path = tmp_path / "table.csv"
    path.write_text("a,b,kind\n1,2,oak\n3,4,oak\0\n")
    with pytest.raises(DataFileError, match=r"holds the label 'oak\\x00'"):
        load_data(str(path), None)


@pytest.mark.parametrize("label", ["1e30", "1_000", "inf"])
def test_labels_that_are_no_whole_numbers_stay_as_they_are(tmp_path, label):
    path = tmp_path / "table.csv"
    path.write_text(f"a,kind\n1,{label}\n3,2\n")
    found = load_data(str(path), None).y
    assert found.tolist() == (["1_000", "2"] if "_" in label else [float(label), 2.0])


def test_a_number_with_underlines_is_none(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,kind\n1_000,0\n3,1\n")
    with pytest.raises(DataFileError, match="holds what is no number"):
        load_data(str(path), None)


@pytest.mark.parametrize("header", ["a,a,kind", ",a,kind"])
def test_columns_without_a_name_of_their_own_are_refused(tmp_path, header):
    path = tmp_path / "table.csv"
    path.write_text(f"{header}\n1,2,0\n3,4,1\n")
    with pytest.raises(DataFileError, match="the names of its columns there, each one once"):
        load_data(str(path), None)
