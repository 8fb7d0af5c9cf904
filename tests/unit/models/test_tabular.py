"""TabularMLPClassifier and TabularMLPRegressor: tables as they come, and answers that hold."""

import inspect
import subprocess
import sys
import textwrap
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import glassnet
from glassnet import TabularMLPClassifier, TabularMLPRegressor
from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError
from glassnet.models.model_file import read_model, write_model
from glassnet.models.tabular import RECIPES

pytestmark = pytest.mark.filterwarnings("ignore:.*SCIPY_ARRAY_API:sklearn.exceptions.SkipTestWarning")

BOTH: tuple[type[Any], ...] = (TabularMLPClassifier, TabularMLPRegressor)
QUICK: dict[str, Any] = {"max_iter": 8, "hidden_layer_sizes": (16,), "random_state": 0}

CHECKS = parametrize_with_checks(
    [cls(max_iter=30, hidden_layer_sizes=(16,)) for cls in BOTH],
    expected_failed_checks=lambda estimator: {
        "check_sample_weight_equivalence_on_dense_data": "rows are held back and batches drawn at random"
    },
)


@pytest.mark.parametrize(CHECKS.args[0], list(CHECKS.args[1]), **CHECKS.kwargs)
def test_scikit_learns_checks_pass(estimator, check):
    check(estimator)


def everything(n=240, seed=0):
    """Return a table with every nuisance there is, and two targets."""
    rng = np.random.default_rng(seed)
    size = rng.normal(50, 12, n)
    colour = rng.choice(["red", "green", "blue"], n)
    city = rng.choice([f"city {i:02}" for i in range(25)], n)
    price = size / 10 + (colour == "red") * 2 + rng.normal(0, 0.3, n)
    table = pd.DataFrame(
        {
            "size": np.where(rng.random(n) < 0.1, np.nan, size),
            "rooms": pd.array(np.where(rng.random(n) < 0.1, None, rng.integers(1, 9, n)), dtype="Int64"),
            "new": rng.random(n) < 0.5,
            "colour": pd.Categorical(np.where(rng.random(n) < 0.1, None, colour)),
            "city": city,
            "kind": pd.array(np.where(rng.random(n) < 0.5, "house", "flat"), dtype="string"),
            "sold": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
            "always": 1.0,
            "never": np.full(n, np.nan),
        }
    )
    return table, price, np.where(price > np.median(price), "dear", "cheap")


def targets_of(cls, n=240):
    table, price, label = everything(n)
    return table, (price if cls is TabularMLPRegressor else label)


@pytest.mark.parametrize("cls", BOTH)
def test_a_table_with_every_nuisance_is_fitted_saved_and_loaded_by_another_process(cls, tmp_path):
    table, y = targets_of(cls)
    model = cls(**QUICK).fit(table, y)
    assert list(model.feature_names_in_) == list(table.columns)
    new = table[:9].copy()
    new["city"] = new["city"].where(new.index > 2, "nowhere")  # unseen
    new["rooms"] = pd.array([pd.NA] * 9, dtype="Int64")
    path = tmp_path / "model.safetensors"
    model.save(path)
    new.to_pickle(tmp_path / "new.pickle")
    code = f"""
        import glassnet, numpy, pandas
        model = glassnet.load({str(path)!r})
        new = pandas.read_pickle({str(tmp_path / "new.pickle")!r})
        numpy.save({str(tmp_path / "answers.npy")!r}, model.predict(new))
        print(type(model).__name__)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == cls.__name__
    np.testing.assert_array_equal(np.load(tmp_path / "answers.npy"), model.predict(new))
    again = cls.load(path, n_jobs=2)
    assert again.get_params() == model.get_params() | {"n_jobs": 2}
    assert again.history_.column("loss") == model.history_.column("loss")
    assert again.best_epoch_ == model.best_epoch_


@pytest.mark.parametrize("cls", BOTH)
def test_pandas_polars_and_arrow_give_the_same_model(cls):
    table, y = targets_of(cls)
    given = table.drop(columns="never")
    frames = [given, pl.from_pandas(given), pa.Table.from_pandas(given, preserve_index=False)]
    answers = [cls(**QUICK).fit(frame, y).predict(frame) for frame in frames]
    for other in answers[1:]:
        np.testing.assert_array_equal(other, answers[0])


def test_columns_that_are_missing_swapped_or_twice_are_named():
    table, _, y = everything()
    model = TabularMLPClassifier(**QUICK).fit(table, y)
    with pytest.raises(InvalidDataError, match="same order"):
        model.predict(table[table.columns[::-1]])
    with pytest.raises(InvalidDataError, match="colour"):
        model.predict(table.drop(columns="colour"))
    with pytest.raises(InvalidDataError, match="have the name size"):
        TabularMLPClassifier(**QUICK).fit(pd.concat([table, table[["size"]]], axis=1), y)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_learns_both_kinds_of_targets(recipe):
    X, y = load_wine(return_X_y=True)
    A, B, a, b = train_test_split(X, y, random_state=0, stratify=y)
    assert TabularMLPClassifier(recipe, max_iter=60, random_state=0).fit(A, a).score(B, b) > 0.9
    X, y = load_diabetes(return_X_y=True)
    A, B, a, b = train_test_split(X, y, random_state=0)
    found = TabularMLPRegressor(recipe, max_iter=40, random_state=0, hidden_layer_sizes=(64, 64)).fit(A, a)
    assert found.score(B, b) > 0.15
    assert found.score(A, a) > Ridge().fit(A, a).score(A, a) - 0.3


PIECES: dict[str, Any] = {
    "numbers": "standard",
    "max_one_hot": None,
    "embedding_size": 3,
    "numeric_embedding": None,
    "scaling_layer": False,
    "activation": "relu",
    "learned_activation": False,
    "weight_init": "he_uniform",
    "rate_factors": False,
    "learning_rate_init": 0.01,
    "learning_rate": "cosine",
    "beta_2": 0.9,
    "weight_decay": 0.0,
    "dropout": 0.0,
    "decay_schedule": "constant",
    "batch_size": 64,
    "n_iter_no_change": 3,
    "dtype": "float64",
}


@pytest.mark.parametrize("name", PIECES)
def test_every_piece_of_the_recipe_can_be_set_or_switched_off(name):
    table, _, y = everything()
    usual = TabularMLPClassifier(**QUICK).fit(table, y)
    changed = TabularMLPClassifier(**QUICK, **{name: PIECES[name]}).fit(table, y)
    assert not np.array_equal(usual.history_.column("loss"), changed.history_.column("loss"))


@pytest.mark.parametrize("cls", BOTH)
def test_parameters_are_keyword_only_documented_and_checked(cls):
    parameters = inspect.signature(cls).parameters
    for name, parameter in parameters.items():
        assert name == "recipe" or parameter.kind is parameter.KEYWORD_ONLY
        assert name in cls.__doc__, name
    assert set(cls._parameter_constraints) == set(parameters)
    sentinels = {name: object() for name in parameters}
    assert cls(**sentinels).get_params() == sentinels


# -- training -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", BOTH)
def test_the_last_best_epoch_is_kept(cls):
    table, y = targets_of(cls)
    scores = []
    model = cls(**QUICK | {"max_iter": 20}, on_epoch=scores.append).fit(table, y)
    column = [
        record.validation_accuracy if cls is TabularMLPClassifier else -record.validation_loss
        for record in scores
    ]
    best = max(range(20), key=lambda i: (column[i], i))
    assert model.best_epoch_ == best + 1
    assert model.n_iter_ == 20


def test_without_early_stopping_all_rows_are_trained_on_and_own_validation_rows_choose():
    table, _, y = everything()
    alone = TabularMLPClassifier(**QUICK, early_stopping=False).fit(table, y)
    assert alone.best_epoch_ is None
    assert alone.history_.records[-1].validation_loss is None
    given = TabularMLPClassifier(**QUICK).fit(table, y, X_val=table[:60], y_val=y[:60])
    assert given.history_.records[-1].validation_loss is not None
    with pytest.raises(InvalidParameterError, match="X_val and y_val"):
        TabularMLPClassifier(**QUICK).fit(table, y, X_val=table[:60])
    with pytest.raises(InvalidDataError, match="not in y"):
        TabularMLPClassifier(**QUICK).fit(table, y, X_val=table[:2], y_val=["dear", "priceless"])


def test_an_epoch_can_end_the_training_and_a_seed_gives_the_same_model():
    table, _, y = everything()
    model = TabularMLPClassifier(**QUICK, on_epoch=lambda record: record.epoch == 3).fit(table, y)
    assert model.n_iter_ == 3
    first, second = (TabularMLPClassifier(**QUICK).fit(table, y).predict_proba(table) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    other = TabularMLPClassifier(**QUICK | {"random_state": 1}).fit(table, y)
    assert not np.array_equal(other.predict_proba(table), first)


def test_weights_of_rows_and_classes_move_the_answers():
    table, price, y = everything()
    plain = TabularMLPClassifier(**QUICK).fit(table, y)
    heavy = TabularMLPClassifier(**QUICK).fit(table, y, sample_weight=np.where(y == "dear", 20.0, 1.0))
    assert heavy.predict_proba(table)[:, 1].mean() > plain.predict_proba(table)[:, 1].mean() + 0.1
    by_class = TabularMLPClassifier(**QUICK, class_weight={"dear": 20.0}).fit(table, y)
    np.testing.assert_allclose(
        by_class.predict_proba(table), heavy.predict_proba(table), rtol=1e-4, atol=1e-5
    )
    assert TabularMLPRegressor(**QUICK).fit(table, price, np.ones(240)).score(table, price) > -1


@pytest.mark.parametrize("cls", BOTH)
def test_networks_of_an_ensemble_are_averaged_the_same_over_processes(cls):
    table, y = targets_of(cls)
    models = [cls(**QUICK, n_ensemble=3, ensemble="folds", n_jobs=jobs).fit(table, y) for jobs in (1, 2)]
    ask = "predict_proba" if cls is TabularMLPClassifier else "predict"
    answers = [getattr(model, ask)(table) for model in models]
    np.testing.assert_allclose(answers[1], answers[0], rtol=1e-4, atol=1e-5)
    assert len(models[0].members_) == 3
    singles = []
    for member in models[0].members_:
        one = clone(models[0])
        vars(one).update({**vars(models[0]), "members_": [member], "n_ensemble": 1})
        singles.append(getattr(one, ask)(table))
    if cls is TabularMLPClassifier:  # numbers are clamped after they are averaged
        np.testing.assert_allclose(np.mean(singles, axis=0), answers[0], rtol=1e-6)


def test_folds_need_rows_of_their_own_to_hold_back():
    table, _, y = everything()
    for early_stopping in (False, True):
        model = TabularMLPClassifier(**QUICK, n_ensemble=2, ensemble="folds", early_stopping=early_stopping)
        validation = {"X_val": table, "y_val": y} if early_stopping else {}
        with pytest.raises(InvalidParameterError, match="folds"):
            model.fit(table, y, **validation)


def test_a_whole_estimator_is_cross_validated_so_that_nothing_leaks():
    table, _, y = everything()
    assert cross_val_score(TabularMLPClassifier(**QUICK | {"max_iter": 40}), table, y, cv=3).mean() > 0.8


def test_partial_fit_is_refused_with_the_reason():
    with pytest.raises(AttributeError, match="has no partial_fit: its columns are encoded"):
        TabularMLPClassifier().partial_fit([[1.0]], [0])
    assert not hasattr(TabularMLPRegressor(), "partial_fit")


# -- numbers to trust -----------------------------------------------------------------------------------


def test_a_temperature_makes_the_log_loss_of_the_rows_held_back_less_and_keeps_the_answers():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 4))
    y = (X[:, 0] + rng.normal(0, 2, 600) > 0).astype(int)  # hard to know: a network becomes too sure
    options = QUICK | {"max_iter": 60, "metric": "log_loss", "n_iter_no_change": None}
    new, truth = rng.normal(size=(2000, 4)), None
    truth = (new[:, 0] + rng.normal(0, 2, 2000) > 0).astype(int)
    plain = TabularMLPClassifier(**options, early_stopping=False).fit(X[:400], y[:400])
    kept = TabularMLPClassifier(**options, calibration="temperature").fit(
        X[:400], y[:400], X_val=X[400:], y_val=y[400:]
    )
    uncalibrated = TabularMLPClassifier(**options).fit(X[:400], y[:400], X_val=X[400:], y_val=y[400:])
    np.testing.assert_array_equal(kept.predict(new), uncalibrated.predict(new))
    assert kept.temperatures_[0] != 1
    held = X[400:]
    assert log_loss(y[400:], kept.predict_proba(held)) <= log_loss(y[400:], uncalibrated.predict_proba(held))
    assert log_loss(truth, kept.predict_proba(new)) < log_loss(truth, plain.predict_proba(new))
    with pytest.raises(InvalidParameterError, match="no rows to fit it on"):
        TabularMLPClassifier(**QUICK, calibration="temperature", early_stopping=False).fit(X, y)


def test_quantiles_do_not_cross_and_intervals_hold_what_they_promise(tmp_path):
    rng = np.random.default_rng(1)
    X = rng.uniform(-2, 2, (3000, 1))
    y = X[:, 0] ** 2 + rng.normal(0, 0.2 + 0.4 * np.abs(X[:, 0]))
    model = TabularMLPRegressor(
        quantiles=(0.1, 0.5, 0.9), max_iter=20, hidden_layer_sizes=(32,), random_state=0
    )
    model.fit(X[:1500], y[:1500])
    found = model.predict(X[1500:])
    assert found.shape == (1500, 3)
    assert (np.diff(found, axis=1) >= 0).all()
    ends = model.predict_interval(X[1500:])
    covered = ((ends[:, 0] <= y[1500:]) & (y[1500:] <= ends[:, 1])).mean()
    assert abs(covered - 0.8) < 0.06  # 300 rows held back, 1,500 new ones
    assert model.score(X[1500:], y[1500:]) > 0.3
    widths = (ends[:, 1] - ends[:, 0])[np.argsort(np.abs(X[1500:, 0]))]
    assert widths[-300:].mean() > 1.5 * widths[:300].mean()  # wider where there is more noise
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(
        glassnet.load(tmp_path / "model").predict_interval(X[:5]), model.predict_interval(X[:5])
    )
    few = TabularMLPRegressor(**QUICK, quantiles=(0.1, 0.9)).fit(X[:12], y[:12])  # 2 rows held back
    few.save(tmp_path / "few")
    assert np.isinf(glassnet.load(tmp_path / "few").predict_interval(X[:5])).all()
    with pytest.raises(InvalidParameterError, match="two quantiles"):
        TabularMLPRegressor(**QUICK).fit(X[:100], y[:100]).predict_interval(X[:2])


def test_predictions_stay_within_the_targets_of_the_training():
    X = np.linspace(-1, 1, 200)[:, np.newaxis]
    model = TabularMLPRegressor(**QUICK | {"max_iter": 30}).fit(X, np.sign(X[:, 0]))
    clamped, free = model.predict(X), model.set_params(clamp=False).predict(X)
    assert np.abs(clamped).max() <= 1 < np.abs(free).max()
    np.testing.assert_array_equal(clamped, np.clip(free, -1, 1))


def test_several_targets_are_predicted_together():
    X, y = load_diabetes(return_X_y=True)
    both = np.column_stack([y, -y])
    model = TabularMLPRegressor(**QUICK | {"max_iter": 30}).fit(X, both)
    assert model.predict(X).shape == (442, 2)
    assert model.score(X, both) > 0.2
    with pytest.raises(InvalidDataError, match="2 columns and quantiles"):
        TabularMLPRegressor(**QUICK, quantiles=(0.1, 0.9)).fit(X, both)


# -- what cannot be right -------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", BOTH)
def test_gaps_in_the_target_are_named_with_their_rows(cls):
    table, y = targets_of(cls)
    y = y.astype(object)
    y[[4, 17]] = None
    with pytest.raises(InvalidDataError, match=r"2 of 240 rows, as in row 4, 17"):
        cls(**QUICK).fit(table, y)
    with pytest.raises(InvalidDataError, match="row 4"):
        cls(**QUICK).fit(table, pd.Series(y, dtype=object).mask(pd.isna(y), pd.NA))


def test_one_class_a_lonely_class_and_a_table_of_nothing():
    table, _, y = everything()
    with pytest.raises(InvalidDataError, match="one class only"):
        TabularMLPClassifier(**QUICK).fit(table, np.full(240, "dear"))
    lonely = np.where(np.arange(240) == 5, "priceless", y)
    model = TabularMLPClassifier(**QUICK).fit(table, lonely)
    assert model.classes_.tolist() == ["cheap", "dear", "priceless"]
    with pytest.raises(InvalidDataError, match="no column of X tells anything"):
        TabularMLPClassifier(**QUICK).fit(table[["never"]], y)
    with pytest.raises(InvalidDataError, match="239"):
        TabularMLPClassifier(**QUICK).fit(table, y[:-1])


def test_a_damaged_file_is_refused(tmp_path):
    table, _, y = everything()
    model = TabularMLPClassifier(**QUICK).fit(table, y)
    path = tmp_path / "model.safetensors"
    model.save(path)
    with pytest.raises(DataFileError, match="TabularMLPClassifier"):
        TabularMLPRegressor.load(path)
    with pytest.raises(DataFileError, match="describes no network"):  # of another size than its weights
        TabularMLPClassifier.load(path, hidden_layer_sizes=(5,))
    arrays, header = read_model(path, None)
    twice = tmp_path / "twice"
    write_model(twice, arrays, header | {"fitted": header["fitted"] | {"classes_": ["cheap", "dear"]}})
    with pytest.raises(DataFileError, match="twice"):
        TabularMLPClassifier.load(twice)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataFileError, match="damaged"):
        TabularMLPClassifier.load(path)


def test_it_holds_up_beside_a_linear_model_on_a_bent_table():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(1200, 6))
    y = (np.sin(3 * X[:, 0]) + X[:, 1] * X[:, 2] > 0).astype(int)
    model = TabularMLPClassifier(max_iter=60, hidden_layer_sizes=(64, 64), random_state=0).fit(
        X[:800], y[:800]
    )
    linear = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[:800], y[:800])
    assert model.score(X[800:], y[800:]) > linear.score(X[800:], y[800:]) + 0.2
