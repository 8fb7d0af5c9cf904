"""The doctor examines the models for tables: healthy ones are left alone, sick ones get the right finding."""

import dataclasses
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.model_selection import train_test_split

import glassnet
from glassnet.cli import main
from glassnet.doctor import Severity, diagnose
from glassnet.doctor.files import load_data
from glassnet.doctor.measure.measured import Measured
from glassnet.doctor.treatment import treat
from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError, NotFittedError
from glassnet.models import TabularMLPClassifier, TabularMLPRegressor, view_of
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.optimizers import Adam

SMALL: dict[str, Any] = {"hidden_layer_sizes": (32, 32), "max_iter": 30, "random_state": 0}


def mixed_table(n: int = 500) -> tuple[pd.DataFrame, np.ndarray]:
    """Return numbers with gaps, a category of few values, one of many, and a label."""
    rng = np.random.default_rng(0)
    city, colour, age = rng.integers(0, 14, n), rng.integers(0, 4, n), rng.normal(50, 12, n)
    score = np.linspace(-2, 2, 14)[city] + 0.06 * (age - 50) + (colour == 1) + 0.3 * rng.normal(size=n)
    table = pd.DataFrame(
        {
            "city": [f"c{i:02}" for i in city],
            "colour": np.array(list("rgby"))[colour].astype(object),
            "age": np.where(rng.random(n) < 0.1, np.nan, age),
        }
    )
    table.loc[rng.random(n) < 0.05, "colour"] = None
    return table, np.where(score > 0, "yes", "no")


HEALTHY = {
    "wine": (TabularMLPClassifier, load_wine(return_X_y=True, as_frame=True)),
    "cancer": (TabularMLPClassifier, load_breast_cancer(return_X_y=True, as_frame=True)),
    "digits": (TabularMLPClassifier, tuple(part[:500] for part in load_digits(return_X_y=True))),
    "diabetes": (TabularMLPRegressor, load_diabetes(return_X_y=True, as_frame=True)),
    "mixed": (TabularMLPClassifier, mixed_table()),
}


@pytest.fixture(scope="module")
def wine():
    return load_wine(return_X_y=True, as_frame=True)


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_fits_are_left_alone(name):
    kind, (X, y) = HEALTHY[name]
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    model = kind("realmlp-s", **SMALL | {"max_iter": 80}).fit(X, y)
    diagnosis = diagnose(model, X, y, X_test=X_test, y_test=y_test)
    grave = [finding for finding in diagnosis.findings if finding.severity is not Severity.LOW]
    assert [f.code for f in grave] in ([], ["overfitting"])  # of 331 noisy rows, truly
    assert not grave or name == "diabetes"


def test_a_learned_activation_bends_and_embeddings_are_given_codes():
    X, y = mixed_table()
    model = TabularMLPClassifier(**SMALL).fit(X, y)
    assert diagnose(model, X, y).findings == []
    assert {a.name for a in view_of(model).activations} == {"selu"}
    assert {a.name for a in view_of(model).architecture.activations} == {"identity"}


@pytest.mark.parametrize("recipe", ["realmlp", "realmlp-s", "plain"])
def test_the_first_weights_are_those_of_training(recipe, wine):
    """A training with a rate of next to nothing ends where it begins."""
    still = TabularMLPClassifier(recipe, dtype="float64", learning_rate_init=1e-30, **SMALL | {"max_iter": 1})
    view = view_of(still.fit(*wine), *wine)
    np.testing.assert_allclose(view.initial_theta, view.theta, rtol=1e-12, atol=1e-25)
    with pytest.raises(NotFittedError, match="depend on its data"):
        _ = view_of(still).initial_theta


def test_a_view_shows_how_it_is_trained(wine):
    view = view_of(TabularMLPClassifier(**SMALL), *wine)
    assert (view.is_trained, view.theta, view.history) == (False, None, None)
    assert (view.learning_rate, view.dropout, view.optimizer) == (
        0.04,
        0.15,
        Adam(beta_2=0.95, weight_decay=0.02),
    )
    assert (view.epochs, view.batch_size, view.restores_best, view.n_networks) == (30, 256, True, 1)
    groups = view.groups_of(view.architecture)
    assert {group.rate for group in groups} >= {0.1, 6.0, 32**-0.5}
    assert view_of(TabularMLPClassifier("plain"), *wine).groups_of(view.architecture) == ()
    assert view.columns == tuple(wine[0].columns)
    assert list(view.classes) == [0, 1, 2]


def test_a_recipe_may_be_large_as_long_as_it_watches_validation_rows(wine):
    wide: dict[str, Any] = {
        "recipe": "plain",
        "hidden_layer_sizes": (200, 100),
        "max_iter": 60,
        "random_state": 0,
    }
    watched = TabularMLPClassifier(**wide).fit(*wine)
    blind = TabularMLPClassifier(**wide, early_stopping=False).fit(*wine)
    assert diagnose(watched, *wine).codes == []
    assert diagnose(blind, *wine).codes == ["many-parameters"]


def test_targets_are_those_that_are_learnt():
    X, y = HEALTHY["diabetes"][1]
    samples = view_of(TabularMLPRegressor(**SMALL), X, y).samples(X, y)
    np.testing.assert_allclose(samples.y[:, 0], (y - y.mean()) / y.std(ddof=0), atol=1e-6)
    X, y = mixed_table()
    samples = view_of(TabularMLPClassifier(**SMALL), X, y).samples(X, y)
    assert set(np.unique(samples.y)) == {0, 1}  # not smoothed
    with pytest.raises(InvalidDataError, match="y_test holds labels"):
        view_of(TabularMLPClassifier(**SMALL), X, y).samples(X, np.full(len(X), "maybe"), name="X_test")


def test_codes_are_compared_as_flags():
    X, y = mixed_table()
    view = view_of(TabularMLPClassifier(**SMALL), X, y)
    measured = Measured(view, view.samples(X, y))
    assert [len(values) for values in view.categories] == [14]
    table, names = measured.table(measured.samples).X, measured.column_names
    for j, name in enumerate(names):
        if name.startswith("city="):
            assert (table[:, j] == (X["city"] == name.removeprefix("city="))).all()
    assert sum(name.startswith("city=") for name in names) == 14
    assert len(measured.inputs.sizes) == view.n_numbers == len(names) - 14


@pytest.mark.parametrize("recipe", ["realmlp", "plain"])
def test_of_members_that_share_weights_the_first_is_examined(recipe):
    X, y = mixed_table()
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    own = SMALL | {"max_iter": 60, "learning_rate_init": 0.04}
    model = TabularMLPClassifier(recipe, ensemble="tabm", n_ensemble=4, **own).fit(X, y)
    view = view_of(model, X, y)
    assert view.n_networks == 4
    assert {a.name for a in view.activations} == {"selu" if recipe == "realmlp" else "relu"}
    diagnosis = diagnose(model, X, y, X_test=X_test, y_test=y_test)
    assert not [f for f in diagnosis.findings if f.severity is Severity.HIGH]
    bent = view.architecture_with(ACTIVATIONS["tanh"])
    assert bent.n_parameters == view.architecture.n_parameters
    assert {a.name for a in dataclasses.replace(view, architecture=bent).activations} == {"tanh"}


SICK: dict[str, dict[str, Any]] = {
    "unrelated-labels": {},
    "large-learning-rate": {"learning_rate_init": 4.0},
    "symmetric-units": {"weight_init": "zero", "rate_factors": False},
    "constant-inputs": {},
    "target-leak": {},
}


@pytest.mark.parametrize("code", SICK)
def test_sick_fits_get_the_right_finding_first(code):
    X, y = mixed_table()
    if code == "unrelated-labels":
        y = np.random.default_rng(1).permutation(y)
    elif code == "constant-inputs":
        X = pd.DataFrame({"a": np.ones(len(y)), "b": np.full(len(y), 3.0)})
    elif code == "target-leak":
        X = X.assign(outcome=[f"is {label}" for label in y])
    model = TabularMLPClassifier("realmlp-s", **SMALL | SICK[code]).fit(X, y)
    first = diagnose(model, X, y).first
    assert (first.code, first.severity) == (code, Severity.HIGH)
    assert first.cure.parameters.keys() <= model.get_params().keys()
    assert "np.delete" not in first.cure.text


def test_a_leak_of_many_classes_is_found_in_all_flags_together():
    X, y = HEALTHY["digits"][1]
    X = pd.DataFrame(X).rename(columns=str).assign(label=[f"digit {label}" for label in y])
    first = diagnose(TabularMLPClassifier("realmlp-s", **SMALL).fit(X, y), X, y).first
    assert first.code == "target-leak"
    assert "column “label”" in first.title


def test_a_cure_is_tried():
    X, y = mixed_table(300)
    model = TabularMLPClassifier("realmlp-s", **SMALL | SICK["symmetric-units"]).fit(X, y)
    treatment = treat(diagnose(model, X, y), model, X, y, seeds=1)
    assert treatment.is_proven
    assert treatment.finding.code == "symmetric-units"


def test_a_training_that_diverged_is_examined():
    X, y = HEALTHY["diabetes"][1]
    model = TabularMLPRegressor("plain", **SMALL | {"learning_rate_init": 1e30})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ArithmeticError):
            model.fit(X, y)
    assert diagnose(model, X, y).first.code in ("large-learning-rate", "not-finite")


def test_what_cannot_be_examined_is_refused_in_a_sentence(wine):
    two = TabularMLPClassifier("plain", n_ensemble=2, **SMALL).fit(*wine)
    assert diagnose(two, *wine).findings is not None
    with pytest.raises(InvalidParameterError, match="2 networks"):
        diagnose(two, *wine, X_test=wine[0], y_test=wine[1], reported="0.98")
    with pytest.raises(InvalidParameterError, match="quantiles"):
        diagnose(TabularMLPRegressor("plain", quantiles=(0.1, 0.9), **SMALL).fit(*wine), *wine)
    with pytest.raises(InvalidParameterError, match="not worked on paper"):
        glassnet.trace(two, *wine)


def test_the_command_reads_a_table_as_it_is(tmp_path):
    X, y = mixed_table()
    TabularMLPClassifier("plain", **SMALL).fit(X, y).save(tmp_path / "model.safetensors")
    X.assign(answer=y).to_csv(tmp_path / "table.csv", index=False)
    arguments = ["doctor", str(tmp_path / "model.safetensors"), "--data", str(tmp_path / "table.csv")]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "nothing found" in result.output
    X.drop(columns="age").assign(answer=y).to_csv(tmp_path / "table.csv", index=False)
    with pytest.raises(DataFileError, match="has no column 'age'"):
        load_data(str(tmp_path / "table.csv"), TabularMLPClassifier("plain", **SMALL).fit(X, y))
