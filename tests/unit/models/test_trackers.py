"""What is given as `on_epoch`: the real packages read back what was logged."""

import csv
import sys

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import (
    CsvLog,
    MlflowLog,
    MLPClassifier,
    NeuralNetwork,
    OptunaPruning,
    TensorBoardLog,
    skops_types,
)
from glassnet.errors import FileError, InvalidParameterError, MissingPackageError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = (X[:, 0] > 0).astype(int)
SETTINGS = {"max_iter": 4, "random_state": 0, "early_stopping": True}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def fit(log, **settings):
    return MLPClassifier((3,), **{**SETTINGS, **settings}, on_epoch=log).fit(X, Y)


def test_rows_of_csv_are_the_history_and_go_on_in_the_same_file(tmp_path):
    path = tmp_path / "epochs.csv"
    first = fit(CsvLog(path))
    second = fit(CsvLog(path), early_stopping=False)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    records = [*first.history_.records, *second.history_.records]
    assert len(rows) == len(records) == 8
    for row, record in zip(rows, records, strict=True):
        found = {name: float(text) for name, text in row.items() if text and name != "epoch"}
        assert (int(row["epoch"]), found) == (record.epoch, record.metrics)
    assert rows[-1]["validation_loss"] == ""


def test_a_csv_of_something_else_is_left_as_it_is(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InvalidParameterError, match="has the columns a, b; expected epoch, loss"):
        CsvLog(path)
    assert path.read_text() == "a,b\n1,2\n"
    with pytest.raises(FileError, match="cannot open"):
        fit(CsvLog(tmp_path / "none" / "epochs.csv"))


def test_tensorboard_reads_the_history(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    model = fit(TensorBoardLog(tmp_path))
    (path,) = tmp_path.iterdir()
    found: dict[int, dict[str, float]] = {}
    for event in EventFileLoader(str(path)).Load():
        for value in event.summary.value:
            number = value.tensor.float_val[0] if value.HasField("tensor") else value.simple_value
            found.setdefault(event.step, {})[value.tag] = number
    assert found.keys() == {1, 2, 3, 4}
    for record in model.history_.records:
        assert found[record.epoch] == pytest.approx(record.metrics)


@pytest.fixture
def mlflow(tmp_path, monkeypatch):
    """Return the real package, with a store of its own, and nothing sent anywhere."""
    for name, value in (("MLFLOW_DISABLE_TELEMETRY", "true"), ("MLFLOW_ALLOW_FILE_STORE", "true")):
        monkeypatch.setenv(name, value)
    package = pytest.importorskip("mlflow")
    package.set_tracking_uri((tmp_path / "store").as_uri())
    return package


@pytest.mark.filterwarnings("ignore")  # of MLflow, about itself
@pytest.mark.parametrize(
    "settings", [{"serialization_format": "skops"}, {"serialization_format": "cloudpickle"}]
)
def test_mlflow_logs_a_pipeline_and_loads_it(mlflow, settings):
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((3,), max_iter=4, random_state=0)).fit(X, Y)
    if settings["serialization_format"] == "skops":
        settings = {**settings, "skops_trusted_types": skops_types()}
    with mlflow.start_run():
        info = mlflow.sklearn.log_model(pipeline, name="model", pip_requirements=["glassnet"], **settings)
    again = mlflow.sklearn.load_model(info.model_uri)
    np.testing.assert_array_equal(again.predict_proba(X), pipeline.predict_proba(X))


@pytest.mark.filterwarnings("ignore")
def test_mlflow_has_the_history(mlflow):
    with mlflow.start_run() as run:
        model = fit(MlflowLog())
    client = mlflow.MlflowClient()
    found = client.get_metric_history(run.info.run_id, "validation_loss")
    assert [(each.step, each.value) for each in found] == [
        (record.epoch, record.validation_loss) for record in model.history_.records
    ]


def test_optuna_gives_up_a_training_that_it_prunes():
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    epochs = []

    def objective(trial):
        rate = trial.suggest_float("rate", 1e-6, 0.1, log=True)
        log = OptunaPruning(trial)
        network = NeuralNetwork(N=1, A=[3], epochs=6, lr=rate, random_state=0)
        try:
            network.fit(X, Y, X, Y, early_stopping=False, on_epoch=log)
        finally:
            epochs.append(len(network.history_))
        return network.history_.records[-1].validation_loss

    study = optuna.create_study(
        sampler=optuna.samplers.GridSampler({"rate": [0.1, 1e-6]}, seed=0),
        pruner=optuna.pruners.ThresholdPruner(upper=-1, n_warmup_steps=3),
    )
    study.optimize(objective, n_trials=2)
    assert [trial.state.name for trial in study.trials] == ["PRUNED"] * 2
    assert epochs == [3, 3] or epochs == [4, 4]  # by what the version calls a warm-up
    reported = study.trials[0].intermediate_values
    assert list(reported) == list(range(1, epochs[0] + 1))


def test_what_is_not_measured_cannot_be_pruned_by():
    pytest.importorskip("optuna")
    with pytest.raises(InvalidParameterError, match="got metric='f1'; expected one of loss"):
        OptunaPruning(None, "f1")
    with pytest.raises(InvalidParameterError, match="got no validation_loss in epoch 1"):
        fit(OptunaPruning(None), early_stopping=False)


@pytest.mark.parametrize(
    ("package", "make"),
    [
        ("mlflow", MlflowLog),
        ("tensorboard", lambda: TensorBoardLog("runs")),
        ("optuna", lambda: OptunaPruning(None)),
    ],
)
def test_a_package_that_is_missing_is_named(monkeypatch, package, make):
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackageError, match=f"pip install {package}"):
        make()
