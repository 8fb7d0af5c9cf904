"""Estimators for tables whose members share their weights: ensemble="tabm"."""

import inspect
import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_wine
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

import glassnet
from glassnet import TabularMLPClassifier, TabularMLPRegressor, diagnose
from glassnet.errors import DataFileError
from glassnet.models.tabular import RECIPES
from glassnet.models.view import view_of
from glassnet.nn.evaluation import predict
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import forward
from glassnet.nn.workspace import Workspace

BOTH: tuple[type[Any], ...] = (TabularMLPClassifier, TabularMLPRegressor)
QUICK: dict[str, Any] = {"hidden_layer_sizes": (16, 8), "max_iter": 12, "random_state": 0}
TABM: dict[str, Any] = QUICK | {"ensemble": "tabm", "n_ensemble": 4}


def data(cls):
    return (load_wine if cls is TabularMLPClassifier else load_diabetes)(return_X_y=True)


def answers_of_members(model, X):
    """Return what each member gives by itself, shape (members, n, n_outputs)."""
    (network,) = model.members_
    parameters = network.parameters
    workspace = Workspace(parameters.architecture, len(X), np.float32)
    return forward(parameters.architecture, parameters, model.encoder_.transform(X), workspace)


def test_probabilities_are_the_mean_of_members_that_differ():
    X, y = data(TabularMLPClassifier)
    model = TabularMLPClassifier(**TABM).fit(X, y)
    each = answers_of_members(model, X)
    assert each.shape == (4, len(X), 3)
    for i in range(4):
        for j in range(i):
            assert np.abs(each[i] - each[j]).max() > 0.01
    np.testing.assert_allclose(model.predict_proba(X), each.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(X), each.mean(axis=0).argmax(axis=1))


def test_numbers_are_averaged_and_quantiles_averaged_then_sorted():
    X, y = data(TabularMLPRegressor)
    model = TabularMLPRegressor(**TABM, clamp=False).fit(X, y)
    mean = answers_of_members(model, X).mean(axis=0)[:, 0] * y.std() + y.mean()
    assert model.predict(X) == pytest.approx(mean, rel=1e-4, abs=0.05)
    levels = TabularMLPRegressor(**TABM, clamp=False, quantiles=(0.1, 0.4, 0.6, 0.9)).fit(X, y)
    mean = answers_of_members(levels, X).mean(axis=0) * y.std() + y.mean()
    np.testing.assert_allclose(levels.predict(X), np.sort(mean, axis=1), rtol=1e-4, atol=0.05)
    low, high = levels.predict_interval(X).T
    assert (low <= high).all()


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("cls", BOTH)
def test_it_learns_by_every_recipe(cls, recipe):
    X, y = data(cls)
    A, B, a, b = train_test_split(X, y, random_state=0)
    settings = TABM | {"max_iter": 80, "n_iter_no_change": None, "batch_size": 32}
    least = {"plain": -3.0}.get(recipe, 0.25) if cls is TabularMLPRegressor else 0.85
    assert cls(recipe, **settings).fit(A, a).score(B, b) > least


@pytest.mark.parametrize("cls", BOTH)
def test_files_copies_and_pickles_give_the_same_answers(cls, tmp_path):
    X, y = data(cls)
    model = cls(**TABM).fit(X, y)
    path = tmp_path / "model.safetensors"
    model.save(path)
    loaded = glassnet.load(path)
    assert type(loaded) is cls
    assert loaded.members_[0].parameters.weights[-1].shape[0] == 4
    for other in (loaded, pickle.loads(pickle.dumps(model)), clone(model).fit(X, y)):
        np.testing.assert_array_equal(other.predict(X), model.predict(X))
    with pytest.raises(DataFileError):
        cls.load(path, n_ensemble=3)  # the weights are those of four


def test_one_member_is_the_plain_network():
    X, y = data(TabularMLPClassifier)
    one = TabularMLPClassifier(**QUICK, ensemble="tabm").fit(X, y)
    plain = TabularMLPClassifier(**QUICK).fit(X, y)
    np.testing.assert_array_equal(one.predict_proba(X), plain.predict_proba(X))
    assert inspect.signature(TabularMLPClassifier).parameters["n_ensemble"].default == 1


def test_members_are_one_network_with_one_history_and_one_temperature():
    X, y = data(TabularMLPClassifier)
    model = TabularMLPClassifier(**TABM, calibration="temperature", n_jobs=2).fit(X, y)
    assert len(model.members_) == 1
    assert model.temperatures_.shape == (1,)
    assert model.n_iter_ == 12
    assert model.best_epoch_ <= 12


@pytest.mark.parametrize("metric", ["log_loss", "accuracy"])
def test_the_best_epoch_is_that_of_the_answers_together(metric):
    X, y = data(TabularMLPClassifier)
    A, B, a, b = train_test_split(X, y, random_state=0)
    model = TabularMLPClassifier(**TABM, metric=metric).fit(A, a, X_val=B, y_val=b)
    best = model.history_.records[model.best_epoch_ - 1]
    assert best.validation_loss == pytest.approx(log_loss(b, model.predict_proba(B)), rel=1e-4)
    if metric == "accuracy":
        assert best.validation_accuracy == model.score(B, b)


def test_tables_without_a_hidden_layer_with_dates_codes_and_gaps():
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    table = pandas.DataFrame(
        {
            "size": np.where(rng.random(90) < 0.2, np.nan, rng.normal(size=90)),
            "city": rng.choice([f"city {i:02}" for i in range(15)], 90),
        }
    )
    y = np.nan_to_num(table["size"].to_numpy()) > 0
    for sizes in ((), (9,)):
        model = TabularMLPClassifier(**TABM | {"hidden_layer_sizes": sizes, "max_iter": 40}).fit(table, y)
        assert model.score(table, y) > 0.7
        one_by_one = np.concatenate([model.predict_proba(table[i : i + 1]) for i in range(5)])
        np.testing.assert_allclose(one_by_one, model.predict_proba(table)[:5], rtol=1e-9)


def test_who_looks_into_it_sees_the_first_member_as_a_plain_network():
    X, y = data(TabularMLPClassifier)
    model = TabularMLPClassifier(**TABM).fit(X, y)
    view = view_of(model, X, y)
    assert view.n_networks == 4
    assert view.architecture.head == LOSSES["softmax_cross_entropy"]
    assert view.initial_theta.shape == view.theta.shape == (view.architecture.n_parameters,)
    first = predict(view.architecture, model.parameters_, view.samples(X, y))
    np.testing.assert_allclose(first, answers_of_members(model, X)[0], atol=1e-5)
    assert "13 - 16 - 8 - 3" in str(diagnose(model, X, y))
