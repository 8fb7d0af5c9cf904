"""Models for tables as ONNX: onnxruntime answers the columns of a data frame as the model does."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from onnx_peers import columns_of, farthest, run_onnx
from sklearn.pipeline import make_pipeline

from glassnet import (
    MLPClassifier,
    TableEncoder,
    TabularMLPClassifier,
    TabularMLPRegressor,
    register_onnx_converters,
)
from glassnet.errors import InvalidDataError, InvalidParameterError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

N = 120
RNG = np.random.default_rng(0)


def make_table(n=N):
    """Return a table with each kind of column that ONNX can be given, and gaps in most."""
    gap = RNG.random((n, 4)) < 0.15
    return pd.DataFrame(
        {
            "year": 2000 + RNG.random(n) * 20,  # far from 0: single precision would not do
            "size": np.where(gap[:, 0], np.nan, RNG.lognormal(3, 2, n)),
            "new": RNG.random(n) < 0.4,
            "kind": np.where(gap[:, 1], None, RNG.choice(["flat", "house"], n)),
            "colour": np.where(gap[:, 2], None, RNG.choice(["red", "green", "blue"], n)),
            "city": RNG.choice([f"city {i}" for i in range(14)], n),
            "rooms": pd.Categorical(RNG.integers(1, 6, n)),
            "age": pd.to_timedelta(RNG.integers(0, 900, n), unit="h"),
            "same": ["one"] * n,
        }
    )


TABLE = make_table()
PRICE = TABLE["size"].fillna(20).clip(upper=50) * np.where(TABLE["kind"] == "house", 2, 1)
DEAR = np.where(PRICE.median() < PRICE, "dear", "cheap")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"recipe": "realmlp-s", "calibration": "temperature", "n_ensemble": 2, "ensemble": "tabm"},
        {"recipe": "plain", "dtype": "float64", "n_ensemble": 2},
    ],
    ids=str,
)
def test_a_classifier_answers_the_same(settings):
    model = TabularMLPClassifier(hidden_layer_sizes=(8,), max_iter=6, random_state=0, **settings)
    model.fit(TABLE, DEAR)
    written = model.to_onnx()
    assert {value.name for value in written.graph.input} == set(TABLE) - {"same"}
    unseen = make_table(40)
    unseen.loc[:5, "city"] = "a city that was never seen"
    unseen.loc[3:9, "rooms"] = None
    found = run_onnx(written, columns_of(unseen, written))
    assert farthest([(found["probabilities"], model.predict_proba(unseen))]) < 1e-5
    np.testing.assert_array_equal(found["label"], model.predict(unseen))


def test_a_regressor_answers_the_same_and_the_file_is_written(tmp_path):
    model = TabularMLPRegressor(
        quantiles=(0.1, 0.5, 0.9), hidden_layer_sizes=(8,), max_iter=6, random_state=0
    ).fit(TABLE, PRICE)
    written = model.to_onnx(tmp_path / "price.onnx")
    assert onnx.load(tmp_path / "price.onnx") == written
    found = run_onnx(written, columns_of(TABLE, written))
    unit = PRICE.std()  # what the network computes in
    assert farthest([(found["variable"] / unit, model.predict(TABLE) / unit)]) < 1e-5


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("sold", pd.date_range("2024", periods=N), "'sold' .*holds dates"),
        ("label", RNG.normal(size=N), "'label' .*has the name of an output"),
        ("mixed", pd.Categorical([1, "one"] * (N // 2)), "'mixed' .*holds numbers and text"),
        ("code", pd.Categorical([2**24, 2**24 + 1] * (N // 2)), "'code' .*single precision"),
    ],
)
def test_a_column_that_cannot_be_given_is_named(name, values, why):
    table = TABLE.assign(**{name: values})
    model = TabularMLPClassifier(hidden_layer_sizes=(4,), max_iter=1, random_state=0).fit(table, DEAR)
    with pytest.raises(InvalidParameterError, match=why):
        model.to_onnx()
    found = run_onnx(model.to_onnx(encoded=True), model.encoder_.transform(table))
    assert farthest([(found["probabilities"], model.predict_proba(table))]) < 1e-5


def test_text_in_an_array_without_names_is_refused():
    model = TabularMLPClassifier(hidden_layer_sizes=(4,), max_iter=1, random_state=0)
    model.fit(TABLE[["size", "kind"]].to_numpy(object), DEAR)
    with pytest.raises(InvalidParameterError, match=r"'x1' .*holds text in an array of no names"):
        model.to_onnx()


@pytest.fixture(scope="module")
def types():
    """Return skl2onnx's types; it knows our classes."""
    module = pytest.importorskip("skl2onnx.common.data_types")
    register_onnx_converters()
    return module


def initial_types(types, table, text):
    kinds = {True: types.StringTensorType, False: types.DoubleTensorType}
    return [(name, kinds[name in text]([None, 1])) for name in table]


def test_pipelines_of_an_encoder_and_models_for_tables_are_converted_by_skl2onnx(types):
    from skl2onnx import to_onnx

    table = TABLE[["year", "size", "kind", "city"]].rename(columns={"size": "square metres"})
    initial = initial_types(types, table, ("kind", "city"))
    settings: dict[str, Any] = {"hidden_layer_sizes": (8,), "max_iter": 6, "random_state": 0}
    with pytest.warns(match="converge"):
        pipeline = make_pipeline(TableEncoder(max_one_hot=None), MLPClassifier(**settings)).fit(table, DEAR)
    model = TabularMLPClassifier(**settings).fit(table, DEAR)
    for one in (pipeline, model):
        written = to_onnx(one, initial_types=initial, options={"zipmap": False})
        given = table.rename(columns={"square metres": "square_metres"})  # as skl2onnx writes it
        found = run_onnx(written, columns_of(given, written))
        assert farthest([(found["probabilities"], one.predict_proba(table))]) < 1e-5
        np.testing.assert_array_equal(found["label"], one.predict(table))


def test_a_matrix_of_numbers_is_converted_too(types):
    from skl2onnx import to_onnx

    X = RNG.normal(5, 2, (N, 3)).astype(np.float32)
    model = TabularMLPRegressor(hidden_layer_sizes=(8,), max_iter=6, random_state=0).fit(X, X[:, 0])
    found = run_onnx(to_onnx(model, X[:1]), X)
    assert farthest([(found["variable"][:, 0], model.predict(X))]) < 1e-5


def test_types_that_are_not_those_of_fit_are_named(types):
    from skl2onnx import to_onnx

    table = TABLE[["year", "kind"]]
    model = TabularMLPClassifier(hidden_layer_sizes=(4,), max_iter=1, random_state=0).fit(table, DEAR)
    with pytest.raises(InvalidDataError, match="got text in initial_types for the column 'year'"):
        to_onnx(model, initial_types=initial_types(types, table, ("year", "kind")))
    with pytest.raises(InvalidDataError, match="got 1 columns in initial_types; expected 2"):
        to_onnx(model, initial_types=initial_types(types, table[["year"]], ()))


def test_dates_are_refused_in_pipelines_too(types):
    from skl2onnx import to_onnx

    table = TABLE[["year"]].assign(sold=pd.date_range("2024", periods=N))
    encoder = TableEncoder().fit(table)
    with pytest.raises(InvalidParameterError, match=r"'sold' .*holds dates"):
        to_onnx(encoder, initial_types=initial_types(types, table, ()))
