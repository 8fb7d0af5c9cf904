"""A person's own study: what it trains, and what its results say."""

import json
import pickle
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score

import glassnet
from glassnet.errors import DataFileError, InvalidParameterError, RunFolderError, StudyError
from glassnet.report import write_report
from glassnet.studies import RunFolder, diagnose_run
from glassnet.studies.own.estimators import canonical, find_estimator
from glassnet.studies.own.forecast import forecast
from glassnet.studies.own.study import Study

EXAMPLES = Path(__file__).parents[3] / "examples" / "studies"


@pytest.fixture
def signs():
    X = np.random.default_rng(0).normal(size=(120, 3))
    return X, (X[:, 0] > 0).astype(int)


def grid(data, **options):
    settings = {"hidden_layer_sizes": [4]}
    vary = {"solver": ["lbfgs", "sgd"], "batch_size": [16, 32], "alpha": [0.1, 1e-4]}
    given: dict[str, Any] = {"settings": settings, "vary": vary, "epochs": 2, "examines": False} | options
    return glassnet.Study("signs", data, "MLPClassifier", **given)


def finished_at(folder):
    """Return when each finished model was finished."""
    manifests = (folder / "models").glob("*/manifest.json")
    return {path.parent.name: path.stat().st_mtime_ns for path in manifests}


def test_equal_candidates_are_trained_once_and_one_of_them_twice(signs, tmp_path):
    study = grid(signs)
    assert len(study.candidates.candidates) == 8
    assert len(study.specs) == 7  # six differ: L-BFGS has no batches
    results = study.run(tmp_path, jobs=1)
    (finding,) = [one for one in results.conclusion.findings if "distinct" in one.title]
    assert finding.title == "8 candidates are 6 distinct ones."
    assert "to the last digit" in finding.text
    (ranking,) = [one for one in results.conclusion.findings if "ranks first" in one.title]
    assert len(ranking.table["rows"]) == 8
    by_name = {row[1]: row[2:-1] for row in ranking.table["rows"]}
    assert by_name["lbfgs-batch-size-16-alpha-0.1"] == by_name["lbfgs-batch-size-32-alpha-0.1"]


def test_a_pair_that_is_not_equal_is_said_to_be_none(signs, tmp_path):
    study = grid(signs)
    results = study.run(tmp_path, jobs=1)
    other = replace(results.models[0], test={"accuracy": 0.0})
    changed = study.conclude(results.config, [other, *results.models[1:]], tmp_path)
    assert any("NOT those of" in one.text for one in changed.findings)


@pytest.mark.parametrize(
    ("one", "other", "are_equal"),
    [
        ({"solver": "lbfgs", "batch_size": 16}, {"solver": "lbfgs", "learning_rate_init": 1}, True),
        ({"solver": "adam", "momentum": 0.1}, {}, True),
        ({"alpha": 1}, {"alpha": 1.0}, True),
        ({"hidden_layer_sizes": [100]}, {"hidden_layer_sizes": (100,)}, True),
        ({"solver": "sgd", "momentum": 0.1}, {"solver": "sgd"}, False),
        ({"solver": "lbfgs", "max_fun": 3}, {"solver": "lbfgs"}, False),
        ({"batch_size": 16}, {"batch_size": 32}, False),
        ({"shuffle": True}, {"shuffle": 1}, False),
    ],
)
def test_the_same_model_under_two_names_is_recognised(one, other, are_equal):
    for name in ("MLPClassifier", "sklearn.neural_network:MLPClassifier"):
        model = find_estimator(name)
        assert (canonical(model, one) == canonical(model, other)) is are_equal


def test_a_run_goes_on_where_it_stood_and_refuses_another_study(signs, tmp_path):
    study = grid(signs)
    study.run(tmp_path, jobs=1)
    before = finished_at(tmp_path)
    for name in list(before)[:2]:  # as if it had been killed just before
        before.pop(name)
        (tmp_path / "models" / name / "manifest.json").unlink()
    assert study.run(tmp_path, jobs=1).complete
    after = finished_at(tmp_path)
    assert len(after) == 7
    assert before.items() <= after.items()
    with pytest.raises(RunFolderError, match="something else is said of metrics"):
        grid(signs, metrics=["macro_f1"]).run(tmp_path, jobs=1)
    with pytest.raises(RunFolderError, match="something else is said of data"):
        grid((signs[0] + 1, signs[1])).run(tmp_path, jobs=1)


def test_the_same_study_gives_the_same_numbers(signs, tmp_path):
    one, other = (grid(signs, seeds=[3, 5]).run(tmp_path / name, jobs=1) for name in "ab")
    assert [(m.name, m.validation) for m in one.models] == [(m.name, m.validation) for m in other.models]
    assert len({str(m.validation) for m in one.models}) > 1


def test_the_report_and_the_doctor_know_a_run_from_its_folder_alone(signs, tmp_path):
    published = [{"metric": "accuracy", "value": "0.999"}]
    study = grid(signs, title="Signs of numbers", published=published)
    study.run(tmp_path, jobs=1)
    page = write_report(RunFolder(tmp_path)).read_text(encoding="utf-8")
    assert "Signs of numbers" in page
    assert "Published and reproduced" in page
    assert diagnose_run(tmp_path).claims is not None


def test_scikit_learns_models_functions_and_folds_are_taken(signs, tmp_path):
    study = glassnet.Study(
        "folds",
        signs,
        LogisticRegression,
        vary={"C": [0.1, 1.0]},
        metrics=[accuracy_score, {"function": "log_loss"}],
        folds=3,
    )
    results = study.run(tmp_path, jobs=1)
    assert [model.name for model in results.models][:2] == ["c-0.1-fold1", "c-0.1-fold2"]
    assert all(model.engine == "sklearn" and "log_loss" in model.validation for model in results.models)
    assert "of 2 candidates" in results.conclusion.best["reason"]
    assert "mean validation accuracy score" in results.conclusion.best["reason"]


def test_folds_hold_every_sample_once(signs):
    study = grid(signs, folds=4)
    config, seen = study.config(), []
    for spec in study.specs[:4]:
        parts = study.task.divide(config, spec)
        seen += parts["validation"][0][:, 0].tolist()
        assert not set(parts["train"][0][:, 0]) & set(parts["validation"][0][:, 0])
        assert not set(parts["test"][0][:, 0]) & set(parts["validation"][0][:, 0])
    assert len(seen) == len(set(seen)) == 96


def test_models_of_different_sizes_are_judged_by_the_same_samples(signs):
    study = grid(signs, vary={"train_rows": [20, 40, 1000]})
    small, large, whole = (study.task.divide(study.config(), spec) for spec in study.specs)
    assert [len(parts["train"][1]) for parts in (small, large, whole)] == [20, 40, 76]
    assert set(small["train"][0][:, 0]) < set(large["train"][0][:, 0]) < set(whole["train"][0][:, 0])
    for name in ("validation", "test"):
        assert (small[name][0] == whole[name][0]).all()


def test_a_lambda_is_refused(signs):
    with pytest.raises(InvalidParameterError, match="with a name at the top of a module"):
        grid(signs, metrics=[lambda y, answers: 0.0])


def test_a_study_travels_to_other_processes(signs):
    study = grid(signs)
    again = pickle.loads(pickle.dumps(study))
    assert (again.name, again.specs, again.definition) == (study.name, study.specs, study.definition)


def test_what_travels_with_a_model_does_not_grow_with_the_number_of_models(signs):
    few, many = (len(pickle.dumps(grid(signs, seeds=n).for_workers())) for n in (1, 500))
    assert many < few + 500 * 10  # the list of the seeds


def test_a_model_that_refuses_its_parameters_is_named(signs, tmp_path):
    study = glassnet.Study("bad", signs, LogisticRegression, vary={"C": [-1.0]})
    with pytest.raises(StudyError, match="the model c-1 cannot be trained"):
        study.run(tmp_path, jobs=1)


@pytest.fixture
def examples(tmp_path, monkeypatch):
    folder = tmp_path / "examples" / "studies"
    shutil.copytree(EXAMPLES, folder)
    monkeypatch.chdir(folder)
    return folder


def test_the_penguins_example_finds_which_published_figure_is_a_slip(examples):
    results = Study.from_file("penguins.toml").run(jobs=1)
    assert [claim.verdict for claim in results.conclusion.claims] == ["confirmed", "wrong", "confirmed"]
    assert results.conclusion.claims[1].published_is == "the training accuracy"


@pytest.mark.parametrize(("name", "allow"), [("penguins", ()), ("methods", ())])
def test_an_example_runs_in_its_quick_form(name, allow, examples):
    study = Study.from_file(f"{name}.toml", allow=allow)
    study = replace_specs(study, 4)
    results = study.run(quick=True, jobs=1)
    assert results.complete
    assert write_report(RunFolder(examples / "runs" / f"{name}-quick")).exists()


def test_the_garments_example_has_a_figure_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [*sys.path])
    study = replace_specs(Study.from_file(EXAMPLES / "garments.toml", allow=["garment_metric"]), 3)
    results = study.run(tmp_path, quick=True, jobs=1)
    assert all(0 <= model.test["worst_class"] <= 1 for model in results.models)
    assert study.task.divide(study.config(), study.specs[0])["train"][0].shape == (500, 784)


def replace_specs(study, n):
    """Train the first models alone: the quick form of all takes a while."""
    object.__setattr__(study, "specs", study.specs[:n])
    return study


def test_data_that_changed_since_the_run_began_are_refused(examples):
    study = Study.from_file("penguins.toml")
    rows = Path("penguins.csv").read_text().splitlines()
    Path("penguins.csv").write_text("\n".join(rows[:-1]))
    with pytest.raises(DataFileError, match="another SHA-256"):
        study.run(jobs=1)


def test_a_forecast_is_measured_and_near_what_the_run_takes(examples):
    study = Study.from_file("penguins.toml")
    cost = forecast(study, study.config())
    assert cost.measured == 3
    assert not cost.is_scaled
    study.run("run", jobs=1)
    there = sum(path.stat().st_size for path in Path("run/models").rglob("*") if path.is_file())
    assert 0.3 < cost.bytes / there < 3


def test_the_run_folder_holds_no_code_and_what_it_is_of(signs, tmp_path):
    grid(signs).run(tmp_path, jobs=1)
    kept = json.loads((tmp_path / "study.json").read_text())
    assert kept["definition"]["description"]["estimator"] == "MLPClassifier"
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} <= {
        ".json",
        ".html",
        ".safetensors",
        ".lock",
        "",
    }
