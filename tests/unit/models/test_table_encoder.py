"""TableEncoder: tables of every library as numbers, beside scikit-learn's scalers and encoders."""

import copy
import datetime
import enum
import json
import pickle
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from glassnet import TableEncoder
from glassnet.errors import InvalidDataError
from glassnet.models.tabular import ColumnKind, TableLayout

RNG = np.random.default_rng(7)
N = 60
WORDS = [f"w{i:02}" for i in range(12)]

pytestmark = pytest.mark.filterwarnings("ignore:.*SCIPY_ARRAY_API:sklearn.exceptions.SkipTestWarning")

CHECKS = parametrize_with_checks([TableEncoder(), TableEncoder(numbers="standard", dtype="float64")])


@pytest.mark.parametrize(CHECKS.args[0], list(CHECKS.args[1]), **CHECKS.kwargs)
def test_scikit_learns_checks_pass(estimator, check):
    check(estimator)


def content(n=N):
    """Return columns of every kind as lists of Python values, with gaps as None."""

    def gaps(values, every):
        return [None if i % every == 3 else value for i, value in enumerate(values)]

    start = datetime.datetime(2019, 12, 30, 22, 15)
    times = [start + datetime.timedelta(hours=7.25 * i) for i in range(n)]
    return {
        "age": gaps(RNG.integers(18, 90, n).tolist(), 7),
        "income": (RNG.standard_cauchy(n) * 1e4).tolist(),
        "price": [Decimal(i * i) / 100 for i in range(n)],
        "big": [2**53 + 2 * i + 1 for i in range(n)],
        "member": gaps([i % 3 == 0 for i in range(n)], 11),
        "colour": gaps([("red", "green", "blue")[i % 3] for i in range(n)], 9),
        "size": [("S", "L")[i % 2] for i in range(n)],
        "word": gaps([WORDS[i % 12] for i in range(n)], 13),
        "born": gaps([time.date() for time in times], 10),
        "seen": gaps(times, 8),
        "lasted": gaps([datetime.timedelta(minutes=i * 17) for i in range(n)], 6),
        "nothing": [None] * n,
        "same": [3.5] * n,
    }


CONTENT = content()
SCHEMA = {
    "age": (pl.Int64, pa.int64(), "Int64"),
    "income": (pl.Float64, pa.float64(), "float64"),
    "price": (pl.Decimal(12, 2), pa.decimal128(12, 2), "object"),
    "big": (pl.Int64, pa.int64(), "int64"),
    "member": (pl.Boolean, pa.bool_(), "boolean"),
    "colour": (pl.String, pa.string(), "str"),
    "size": (pl.Categorical, pa.dictionary(pa.int32(), pa.string()), "category"),
    "word": (pl.Enum(WORDS), pa.large_string(), "string"),
    "born": (pl.Date, pa.date32(), "object"),
    "seen": (pl.Datetime("ms"), pa.timestamp("us"), "datetime64[ns]"),
    "lasted": (pl.Duration("us"), pa.duration("ms"), "timedelta64[ns]"),
    "nothing": (pl.Null, pa.null(), "object"),
    "same": (pl.Float32, pa.float32(), "float32"),
}


def polars_frame(values):
    return pl.DataFrame({name: pl.Series(values[name], dtype=SCHEMA[name][0]) for name in values})


def arrow_table(values):
    return pa.table({name: pa.array(values[name], SCHEMA[name][1]) for name in values})


def pandas_frame(values):
    return pd.DataFrame({name: pd.Series(values[name], dtype=SCHEMA[name][2]) for name in values})


FRAMES = {"pandas": pandas_frame, "polars": polars_frame, "arrow": arrow_table}


def encoded(X, **settings):
    return TableEncoder(dtype="float64", **settings).fit_transform(X)


def named(X, **settings):
    """Return the features by name, and the encoder."""
    encoder = TableEncoder(dtype="float64", **settings)
    values = encoder.fit_transform(X)
    return dict(zip(encoder.get_feature_names_out(), values.T, strict=True)), encoder


# -- numbers ----------------------------------------------------------------------------------------


def smooth(z):
    return z / np.sqrt(1 + (z / 3) ** 2)


def test_numbers_are_scaled_as_by_robust_scaler_and_clipped_smoothly():
    X = RNG.standard_cauchy((101, 6)) * 10.0 ** np.arange(-3, 3) + 5
    np.testing.assert_allclose(encoded(X), smooth(RobustScaler().fit_transform(X)), rtol=1e-13, atol=1e-13)
    assert np.abs(encoded(X)).max() < 3


def test_gaps_become_the_median_as_by_simple_imputer_and_are_told_as_by_missing_indicator():
    X = RNG.normal(size=(50, 4))
    X[RNG.random(X.shape) < 0.3] = np.nan
    X[:, 2] = RNG.normal(size=50)
    filled = SimpleImputer(strategy="median").fit_transform(X)
    flags = MissingIndicator().fit_transform(X)
    scaler = RobustScaler().fit(X)  # which leaves gaps out
    expected = np.hstack([smooth(scaler.transform(filled)), flags])
    np.testing.assert_allclose(encoded(X), expected, rtol=1e-13, atol=1e-13)
    raw = np.hstack([filled, flags])
    np.testing.assert_allclose(encoded(X, numbers="none"), raw, rtol=1e-15)


def test_standard_scaling_is_that_of_standard_scaler():
    X = RNG.normal(5, 3, size=(50, 3)) * [1e-9, 1, 1e9]
    X[::7, 1] = np.nan
    expected = np.nan_to_num(StandardScaler().fit_transform(X))
    result = encoded(X, numbers="standard")
    np.testing.assert_allclose(result[:, :3], expected, rtol=1e-12, atol=1e-12)


def test_a_gap_in_a_column_without_any_in_fit_becomes_the_median():
    encoder = TableEncoder().fit([[1.0], [2.0], [4.0]])
    assert encoder.transform([[np.nan], [None]]).tolist() == encoder.transform([[2.0], [2.0]]).tolist()
    assert encoder.layout_ == TableLayout(1, 0, ())


@pytest.mark.parametrize(
    ("values", "factor"),
    [
        ([0, 0, 0, 0, 0, 0, 0, 0, 4, -4], 2 / 8),  # no interquartile range: half the range
        ([5, 5, 5], 0),
        ([0.1] * 7, 0),
        ([1, 2, 3, 4, 5], 1 / 2),
        ([7], 0),
        ([0, 1e-310, 2e-310, 3e-310, 1], 2),  # 1 over such an interquartile range would be infinite
    ],
)
def test_the_factor_where_the_spread_is_none(values, factor):
    X = np.array(values, float)[:, np.newaxis]
    for how, most in (("robust", 3), ("standard", np.inf)):
        far = TableEncoder().set_params(numbers=how, dtype="float64").fit(X).transform([[1e300], [-1e300]])
        assert np.abs(far).max() <= (0 if np.ptp(X) == 0 else most)
    number = TableEncoder().fit(X).columns_[0].numbers[0]
    assert number.center == np.median(values)
    assert number.factor == pytest.approx(factor, rel=1e-15)
    assert (encoded(X)[0] == 0).all() or factor


def test_numbers_at_the_ends_of_the_range_stay_finite():
    X = np.array([[1.7e308, 5e-324], [-1.7e308, 0], [1e308, 0], [-1e308, 5e-324], [0, 0]])
    for how in ("robust", "standard"):
        result = encoded(X, numbers=how)
        assert np.isfinite(result).all()
        assert result[0, 0] > result[2, 0] > result[4, 0] > result[3, 0] > result[1, 0]
    far = TableEncoder().fit([[1.0], [2.0], [3.0]]).transform([[1.7e308], [-1.7e308]])
    assert far.tolist() == [[3.0], [-3.0]]


@pytest.mark.parametrize("how", ["standard", "none"])
def test_what_single_precision_cannot_hold_is_refused_by_name(how):
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.0, 1.5, 2.0]})
    encoder = TableEncoder(numbers=how).fit(X)
    with pytest.raises(InvalidDataError, match="column 'b' holds 1e\\+300 at row 1, which is too large"):
        encoder.transform(X.assign(b=[1, 1e300, 2]))


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_infinite_numbers_are_refused_with_column_and_row(make, bad):
    good = {"age": [1, 2, 3], "income": [1.0, 2.0, 3.0]}
    encoder = TableEncoder().fit(make(good))
    X = make(good | {"income": [1.0, 2.0, bad]})
    for call in (encoder.transform, TableEncoder().fit):
        with pytest.raises(InvalidDataError, match=f"column 'income' holds {bad} at row 2"):
            call(X)


def test_infinity_in_an_array_is_refused_with_column_and_row():
    with pytest.raises(InvalidDataError, match="column 1 holds inf at row 2"):
        TableEncoder().fit([[1, 2], [3, 4], [5, np.inf]])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint64", "float16", "float32", "float64"])
def test_numbers_of_any_dtype_are_the_same(dtype):
    X = np.arange(20).reshape(5, 4) % 7
    np.testing.assert_array_equal(encoded(X.astype(dtype)), encoded(X.astype(float)))
    np.testing.assert_array_equal(encoded(X.astype(dtype).astype(object)), encoded(X.astype(float)))
    np.testing.assert_array_equal(encoded(pd.DataFrame(X.astype(dtype))), encoded(X.astype(float)))


def test_the_input_is_left_as_it_is():
    X = RNG.normal(size=(9, 3))
    X[2, 1] = np.nan
    before = X.copy()
    for numbers in ("robust", "standard", "none"):
        for values in (X, pd.DataFrame(X)):
            TableEncoder(numbers=numbers).fit_transform(values)
    np.testing.assert_array_equal(X, before)


def test_many_rows_are_encoded_as_few():
    """Tables are worked on in parts."""
    X = np.repeat(RNG.normal(size=(50, 3)), 6000, axis=0)
    encoder = TableEncoder().fit(X)
    np.testing.assert_array_equal(encoder.transform(X), np.repeat(encoder.transform(X[::6000]), 6000, axis=0))


# -- categories -------------------------------------------------------------------------------------


def test_up_to_nine_categories_are_one_hot_as_by_one_hot_encoder():
    X = pd.DataFrame({"a": RNG.choice(list("cabz"), 80), "b": RNG.choice(list("ihgfedcba"), 80)})
    expected = OneHotEncoder(sparse_output=False).fit(X)
    encoder = TableEncoder().fit(X)
    np.testing.assert_array_equal(encoder.transform(X), expected.transform(X))
    names = [name.replace("_", "=") for name in expected.get_feature_names_out()]
    assert encoder.get_feature_names_out().tolist() == names
    assert encoder.layout_ == TableLayout(0, 13, ())


def test_more_categories_are_codes_as_by_ordinal_encoder():
    X = pd.DataFrame({"w": RNG.choice(WORDS, 200), "v": RNG.choice(WORDS[:10], 200)})
    encoder = TableEncoder().fit(X)
    np.testing.assert_array_equal(encoder.transform(X), OrdinalEncoder().fit_transform(X) + 1)
    assert encoder.layout_ == TableLayout(0, 0, (13, 11))
    assert encoder.transform(pd.DataFrame({"w": [None, "new"], "v": [np.nan, ""]})).tolist() == [
        [0, 0],
        [0, 0],
    ]


def test_without_a_limit_all_is_one_hot():
    X = pd.DataFrame({"w": RNG.choice(WORDS, 200)})
    expected = OneHotEncoder(sparse_output=False).fit_transform(X)
    np.testing.assert_array_equal(encoded(X, max_one_hot=None), expected)
    assert TableEncoder(max_one_hot=0).fit(X).layout_.cardinalities == (13,)


def test_two_categories_share_a_flag():
    features, encoder = named(pd.DataFrame({"c": ["red", "blue", None, "red"]}))
    assert features["c=red"].tolist() == [1, -1, 0, 1]
    assert encoder.transform(pd.DataFrame({"c": ["green", "blue"]})).tolist() == [[0], [-1]]


def test_one_category_tells_nothing_but_where_it_is_missing():
    features, encoder = named(pd.DataFrame({"a": ["x", "x", "x"], "b": ["x", None, "x"]}))
    assert list(features) == ["b=x"]
    assert features["b=x"].tolist() == [1, 0, 1]
    assert encoder.transform(pd.DataFrame({"a": ["new"], "b": ["x"]})).tolist() == [[1]]


@pytest.mark.parametrize(
    "values",
    [
        np.array([[True], [False], [True]]),
        np.array([[True], [False], [True]], object),
        [[True], [False], [np.bool_(True)]],
        pd.DataFrame([[True], [False], [True]]),
    ],
)
def test_truth_values_are_plus_and_minus_one(values):
    encoder = TableEncoder().fit(values)
    assert encoder.columns_[0].kind == "boolean"
    assert encoder.transform(values).tolist() == [[1], [-1], [1]]
    assert encoder.transform([[0.0], [1.0], [None], [7]]).tolist() == [[-1], [1], [0], [0]]


def test_truth_values_are_taken_as_numbers_where_there_were_numbers():
    encoder = TableEncoder().fit([[0], [1], [4]])
    expected = encoder.transform([[1.0], [0.0], [np.nan]]).tolist()
    assert encoder.transform([[True], [False], [None]]).tolist() == expected
    assert encoder.transform(np.array([[True], [False]])).tolist() == expected[:2]


def test_numbers_held_as_text_are_categories():
    X = pd.DataFrame({"a": ["12.5", "3", "12.5", "7"]})
    assert TableEncoder().fit(X).columns_[0].categories == ("12.5", "3", "7")


def test_declared_categories_keep_their_type_and_only_those_seen_count():
    frame = pd.DataFrame({"zip": pd.Categorical([30, 4, None, 30, 200], categories=[4, 30, 200, 5])})
    column = TableEncoder().fit(frame).columns_[0]
    assert column.categories == (4, 30, 200)
    assert [type(category) for category in column.categories] == [int] * 3
    cut = pd.DataFrame({"a": pd.cut([1, 5, 9], 3)})
    assert all(isinstance(category, str) for category in TableEncoder().fit(cut).columns_[0].categories)
    encoder = TableEncoder().fit(frame)
    plain = pd.DataFrame({"zip": [30, 4, 5, 200.0, np.nan]})
    assert encoder.transform(plain).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0]]


class Size(enum.StrEnum):
    SMALL = "s"
    LARGE = "l"


def test_members_of_an_enumeration_are_their_values():
    encoder = TableEncoder().fit([[Size.SMALL], [Size.LARGE]])
    assert encoder.columns_[0].categories == ("l", "s")
    assert {type(category) for category in encoder.columns_[0].categories} == {str}
    assert encoder.transform([[Size.SMALL], [Size.LARGE], ["s"], [np.str_("l")]]).tolist() == [
        [1],
        [-1],
        [1],
        [-1],
    ]


def test_rare_categories_are_unknown():
    X = pd.DataFrame({"a": ["x", "y", "x", "z", "y", "q"]})
    assert TableEncoder(min_frequency=2).fit(X).columns_[0].categories == ("x", "y")
    assert encoded(X, min_frequency=2)[:, 0].tolist() == [-1, 1, -1, 0, 1, 0]


def test_text_that_names_the_rows_is_refused_with_what_to_do():
    X = pd.DataFrame({"n": range(200), "id": [f"r{i}" for i in range(200)]})
    with pytest.raises(InvalidDataError, match=r"column 'id' holds 200 distinct values in 200 rows.*Leave"):
        TableEncoder().fit(X)
    assert TableEncoder(min_frequency=2).fit_transform(X).shape == (200, 1)
    assert TableEncoder().fit(X[:50]).layout_.cardinalities == (51,)


def test_a_hundred_thousand_codes_are_taken():
    codes = [f"c{i:06}" for i in range(100_000)]
    X = pl.DataFrame({"code": codes * 2})
    encoder = TableEncoder().fit(X)
    assert encoder.layout_ == TableLayout(0, 0, (100_001,))
    np.testing.assert_array_equal(encoder.transform(X[:100_000])[:, 0], np.arange(1, 100_001))


# -- dates ------------------------------------------------------------------------------------------


def test_the_parts_of_dates_are_those_of_the_calendar():
    dates = pd.date_range("1959-12-28 23:30", "2031-01-02", periods=500)
    features, encoder = named(pd.DataFrame({"t": dates}), numbers="none")
    assert list(features) == ["t days", "t month", "t day", "t weekday", "t hour"]
    np.testing.assert_array_equal(features["t month"], dates.month)
    np.testing.assert_array_equal(features["t day"], dates.day)
    np.testing.assert_array_equal(features["t weekday"], dates.day_of_week)
    hours = (dates - dates.normalize()) / pd.Timedelta(hours=1)
    np.testing.assert_allclose(features["t hour"], hours, rtol=1e-6)
    np.testing.assert_allclose(
        features["t days"], (dates - pd.Timestamp(0)) / pd.Timedelta(days=1), rtol=1e-12
    )
    assert encoder.columns_[0].kind == "datetime"


def test_parts_that_never_change_are_left_out():
    dates = [[datetime.date(2020, month, 1)] for month in range(1, 8)]
    features, _ = named(dates)
    assert list(features) == ["x0 days", "x0 month", "x0 weekday"]
    assert named([[datetime.date(2020, 1, 1)]] * 3)[0] == {}
    features, _ = named([[datetime.date(2020, 1, 1)], [None]])
    assert list(features) == ["x0 days", "x0 missing"]


@pytest.mark.filterwarnings("ignore:Series.values returning")  # what polars and pyarrow ask pandas 3.1 for
def test_times_are_those_of_the_clocks_in_their_zone():
    local = pd.DataFrame({"t": pd.date_range("2024-03-30", periods=9, freq="7h", tz="Europe/Berlin")})
    features, encoder = named(local, numbers="none")
    np.testing.assert_array_equal(features["t hour"], local["t"].dt.hour)
    for same in (pl.from_pandas(local), pa.table({"t": pa.Array.from_pandas(local["t"])})):
        np.testing.assert_array_equal(encoded(same, numbers="none"), encoded(local, numbers="none"))
    objects = local["t"].astype(object).to_numpy()[:, np.newaxis]
    np.testing.assert_array_equal(encoded(objects, numbers="none"), encoded(local, numbers="none"))
    with pytest.raises(InvalidDataError, match="column 't' holds times of the zone UTC"):
        encoder.transform(local.assign(t=local["t"].dt.tz_convert("UTC")))
    with pytest.raises(InvalidDataError, match="column 't' holds times of the zone None"):
        encoder.transform(local.assign(t=local["t"].dt.tz_localize(None)))


def test_dates_of_several_zones_in_a_column_are_refused():
    zones = [datetime.timezone(datetime.timedelta(hours=h)) for h in (1, 2)]
    X = [[datetime.datetime(2024, 1, 1, tzinfo=zone)] for zone in zones]
    with pytest.raises(InvalidDataError, match=r"column 0 holds dates of several time zones"):
        TableEncoder().fit(X)


def test_durations_are_days_and_times_of_day_hours():
    X: list[list[object]] = [
        [datetime.timedelta(hours=36), datetime.time(13, 30)],
        [None, datetime.time(1)],
        [pd.Timedelta(0), None],
    ]
    features, encoder = named(X, numbers="none")
    assert features["x0"].tolist() == [1.5, 0.75, 0]
    assert features["x1"].tolist() == [13.5, 1, 7.25]
    assert [column.kind.value for column in encoder.columns_] == ["duration", "time"]
    polars = pl.DataFrame({"x0": [row[0] for row in X], "x1": [row[1] for row in X]})
    np.testing.assert_array_equal(encoded(polars), encoded(X))


# -- the same in every library ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings", [{}, {"numbers": "standard"}, {"numbers": "none"}, {"max_one_hot": None}]
)
def test_pandas_polars_and_arrow_give_the_same_numbers(settings):
    encoders = {name: TableEncoder(**settings).fit(make(CONTENT)) for name, make in FRAMES.items()}
    first = encoders["pandas"]
    expected = first.transform(pandas_frame(CONTENT))
    assert np.isfinite(expected).all()
    for encoder in encoders.values():
        assert encoder.columns_ == first.columns_
        assert encoder.feature_names_in_.tolist() == list(CONTENT)
        for make in FRAMES.values():
            result = encoder.transform(make(CONTENT))
            assert result.tobytes() == expected.tobytes()


def test_arrays_of_objects_and_lists_give_the_same_numbers():
    rows = [list(row) for row in zip(*CONTENT.values(), strict=True)]
    expected = encoded(pandas_frame(CONTENT))
    batch = arrow_table(CONTENT).to_batches()[0]
    np.testing.assert_array_equal(encoded(batch), expected)
    for X in (rows, np.array(rows, object), tuple(map(tuple, rows)), pd.DataFrame(rows, dtype=object)):
        np.testing.assert_array_equal(encoded(X), expected)


def test_a_list_of_rows_is_read_column_by_column():
    encoder = TableEncoder().fit([[1, "a", True], [2.5, "b", False], [7, "c", True]])
    assert [column.kind.value for column in encoder.columns_] == ["number", "category", "boolean"]


@pytest.mark.parametrize("gap", [None, np.nan, float("nan"), pd.NA, pd.NaT], ids=repr)
@pytest.mark.parametrize(
    "values",
    [["a", "b", "c"], [1.5, 2, 7], [True, False, True], [datetime.date(2020, 1, d) for d in (3, 4, 5)]],
    ids=["text", "numbers", "truth", "dates"],
)
def test_gaps_of_every_kind_are_the_same(values, gap):
    X = np.array([[values[0]], [gap], [values[1]], [values[2]]], object)
    same = np.array([[values[0]], [None], [values[1]], [values[2]]], object)
    np.testing.assert_array_equal(encoded(X), encoded(same))
    np.testing.assert_array_equal(encoded(pd.DataFrame(X, columns=["a"])), encoded(same))


def test_the_layout_says_where_what_stands():
    encoder = TableEncoder().fit(pandas_frame(CONTENT))
    names = encoder.get_feature_names_out().tolist()
    layout = encoder.layout_
    assert layout == TableLayout(n_numbers=15, n_flags=9, cardinalities=(13,))
    assert names[:6] == ["age", "income", "price", "big", "born days", "born month"]
    assert names[15:24] == [
        *("age missing", "member=True", "colour=blue", "colour=green", "colour=red", "size=S"),
        *("born missing", "seen missing", "lasted missing"),
    ]
    assert names[24:] == ["word"]
    assert sorted(names) == sorted(name for column in encoder.columns_ for name in column.outputs)
    assert encoder.columns_[11].kind is ColumnKind.EMPTY
    result = encoder.transform(pandas_frame(CONTENT))
    assert result.dtype == np.float32
    assert result.shape == (N, layout.width)
    assert set(np.unique(result[:, 15:24])) == {-1, 0, 1}
    for column in ("age", "born", "seen", "lasted"):
        expected = [value is None for value in CONTENT[column]]
        np.testing.assert_array_equal(result[:, names.index(f"{column} missing")], expected)


# -- what is refused --------------------------------------------------------------------------------


def test_a_column_of_numbers_and_text_is_refused_with_its_first_rows():
    X = pd.DataFrame({"a": [1, 2, 3], "b": [None, 1.5, "x"]}, dtype=object)
    with pytest.raises(
        InvalidDataError, match=r"column 'b' holds numbers, 1\.5 at row 1, and text, 'x' at row 2"
    ):
        TableEncoder().fit(X)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ([None, [1, 2]], "list"),
        ([None, {"a": 1}], "dict"),
        ([None, b"x"], "bytes"),
        ([None, 1 + 2j], "complex"),
    ],
)
def test_other_objects_are_refused_with_column_and_row(values, what):
    X = pd.DataFrame({"ok": ["a", "b"], "bad": pd.Series(values, dtype=object)})
    with pytest.raises(
        InvalidDataError, match=rf"column 'bad' holds a value of type {what}, .* at row 1; expected"
    ):
        TableEncoder().fit(X)


@pytest.mark.parametrize(
    "column", [pl.Series([None, [1, 2]]), pl.Series([None, {"a": 1}]), pl.Series([b"x", b"y"])], ids=str
)
def test_nested_columns_and_bytes_are_refused_with_their_name(column):
    frame = pl.DataFrame({"ok": ["a", "b"], "bad": column})
    for X in (frame, frame.to_arrow(), frame.to_arrow().to_batches()[0]):
        with pytest.raises(InvalidDataError, match="column 'bad' holds"):
            TableEncoder().fit(X)


def test_a_name_that_is_there_twice_is_refused():
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    for X in (frame, pa.table([[1], [2], [3]], names=["a", "b", "a"])):
        with pytest.raises(InvalidDataError, match="several columns of the table have the name a;"):
            TableEncoder().fit(X)


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_other_columns_and_another_order_are_refused_in_scikit_learns_words(make):
    encoder = TableEncoder().fit(make(CONTENT))
    names = list(CONTENT)
    with pytest.raises(InvalidDataError, match="must be in the same order"):
        encoder.transform(make({name: CONTENT[name] for name in reversed(names)}))
    with pytest.raises(InvalidDataError, match=r"yet now missing:\n- age"):
        encoder.transform(make({name: CONTENT[name] for name in names[1:]}))
    fewer = TableEncoder().fit(make({name: CONTENT[name] for name in names[1:]}))
    with pytest.raises(InvalidDataError, match=r"unseen at fit time:\n- age"):
        fewer.transform(make(CONTENT))


def test_arrays_after_a_frame_bring_scikit_learns_warning_and_another_width_its_error():
    frame = pd.DataFrame({"a": [1.0, 2, 4], "b": [1.0, 2, 3]})
    encoder = TableEncoder().fit(frame)
    with pytest.warns(UserWarning, match="X does not have valid feature names, but TableEncoder was fitted"):
        result = encoder.transform(frame.to_numpy())
    np.testing.assert_array_equal(result, encoder.transform(frame))
    encoder.fit(frame.to_numpy())
    assert not hasattr(encoder, "feature_names_in_")
    with pytest.warns(UserWarning, match="X has feature names, but TableEncoder was fitted without"):
        encoder.transform(frame)
    with pytest.raises(ValueError, match="X has 1 features, but TableEncoder is expecting 2 features"):
        encoder.transform([[1.0]])


@pytest.mark.parametrize(
    ("fitted", "later", "message"),
    [
        ([1, 2, 3], ["x", None], r"column 'a' holds text, 'x' at row 0; it held numbers in fit"),
        (["x", "y"], [None, 7], r"column 'a' holds numbers, 7.0 at row 1; it held text in fit"),
        ([1, 2], [datetime.date(2020, 1, 1)], r"holds dates, .* it held numbers"),
        ([datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)], [3], r"holds numbers, 3.0 .* it held dates"),
        ([True, False], ["x"], r"holds text, 'x' at row 0; it held truth values"),
    ],
)
def test_a_column_of_another_kind_than_in_fit_is_refused(fitted, later, message):
    encoder = TableEncoder().fit(pd.DataFrame({"a": fitted}, dtype=object))
    with pytest.raises(InvalidDataError, match=message):
        encoder.transform(pd.DataFrame({"a": later}, dtype=object))
    gaps = encoder.transform(pd.DataFrame({"a": [None, None]}, dtype=object))
    assert not gaps.any()
    np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"a": [np.nan, np.nan]})), gaps)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([1, 2, 3], "expected 2-D"),
        ({"a": [1, 2]}, r"got \{'a': \[1, 2\]\}; expected a table.*pandas\.DataFrame"),
        (None, "got None; expected a table"),
        (pd.Series([1, 2]), r"to_frame\(\)"),
        ([[1, 2], [3]], r"X\b.*"),
        (np.zeros((2, 2), "S3"), "dtype .S3"),
        (np.zeros((2, 2), complex), "Complex data not supported"),
        (np.zeros((0, 2)), r"0 sample\(s\)"),
        (pd.DataFrame(index=[0, 1]), r"0 feature\(s\)"),
        (pl.DataFrame({"a": []}), r"0 sample\(s\)"),
        (pl.LazyFrame({"a": [1]}), r"X\.collect\(\)"),
        (np.ma.masked_invalid([[np.nan, 1.0]]), "masked"),
        ([[10**400], [1]], "column 0 holds numbers that float64 cannot hold"),
    ],
)
def test_what_is_no_table_is_refused(X, message):
    with pytest.raises(InvalidDataError, match=message):
        TableEncoder().fit(X)


def test_sparse_matrices_are_refused_with_what_to_do():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(InvalidDataError, match=r"sparse matrix.*toarray"):
        TableEncoder().fit(sparse.eye(3).tocsr())


def test_before_fit_the_answer_is_scikit_learns_error():
    for call in (lambda e: e.transform([[1]]), lambda e: e.get_feature_names_out(), lambda e: e.to_dict()):
        with pytest.raises(NotFittedError):
            call(TableEncoder())


@pytest.mark.parametrize(
    "settings", [{"numbers": "log"}, {"max_one_hot": -1}, {"min_frequency": 0}, {"dtype": "float16"}]
)
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        TableEncoder(**settings).fit([[1]])


# -- tables of odd shapes ---------------------------------------------------------------------------


def test_a_wide_table_is_encoded_at_once():
    X = RNG.normal(size=(100, 2000))
    result = encoded(X)
    assert result.shape == (100, 2000)
    np.testing.assert_array_equal(encoded(pd.DataFrame(X)), result)
    np.testing.assert_array_equal(encoded(pl.from_numpy(X)), result)


def test_a_table_with_nothing_to_tell_has_no_features():
    X = pd.DataFrame({"a": [None, None], "b": ["x", "x"], "c": [np.nan, np.nan], "d": [pd.NaT, pd.NaT]})
    encoder = TableEncoder().fit(X)
    assert [column.kind.value for column in encoder.columns_] == ["empty", "category", "empty", "empty"]
    assert encoder.transform(X).shape == (2, 0)
    assert encoder.transform(X.assign(a=["new", "text"])).shape == (2, 0)


@pytest.mark.parametrize("names", [[0, 1], [("a", 1), ("b", 1)], ["a", 1]], ids=str)
def test_names_that_are_no_text_are_no_names(names):
    frame = pd.DataFrame({"a": [1, 2, 3], "b": pd.Categorical(["x", "y", "z"])})
    frame.columns = pd.MultiIndex.from_tuples(names) if isinstance(names[0], tuple) else names
    encoder = TableEncoder().fit(frame)
    assert not hasattr(encoder, "feature_names_in_")
    assert encoder.get_feature_names_out().tolist() == ["x0", "x1=x", "x1=y", "x1=z"]
    assert encoder.transform(frame).shape == (3, 4)


def test_features_of_one_name_are_told_apart():
    X = pd.DataFrame({"a": [1, None, 2], "a missing": [1, 2, 3], "c=x": [1, 2, 3], "c": ["x", "y", "z"]})
    names = TableEncoder().fit(X).get_feature_names_out().tolist()
    assert names == ["a", "a missing (2)", "c=x", "a missing", "c=x (2)", "c=y", "c=z"]


# -- as scikit-learn's ------------------------------------------------------------------------------


@pytest.mark.parametrize(("library", "kind"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame)])
def test_frames_come_out_where_they_are_asked_for(library, kind):
    X = pandas_frame(CONTENT).set_axis(range(100, 100 + N))
    encoder = TableEncoder().set_output(transform=library)
    result = encoder.fit_transform(X)
    assert isinstance(result, kind)
    assert list(result.columns) == encoder.get_feature_names_out().tolist()
    np.testing.assert_array_equal(np.asarray(result), TableEncoder().fit_transform(X))
    if library == "pandas":
        assert result.index.tolist() == X.index.tolist()


def test_names_are_made_of_those_given_where_there_were_none():
    encoder = TableEncoder().fit([[1, "x"], [None, "y"]])
    assert encoder.get_feature_names_out().tolist() == ["x0", "x0 missing", "x1=y"]
    assert encoder.get_feature_names_out(["age", "c"]).tolist() == ["age", "age missing", "c=y"]


def test_it_stands_before_other_models_in_a_pipeline():
    X = pandas_frame(content(120))
    y = np.arange(120) % 3
    encoder = TableEncoder(numbers="none").fit(X)
    n = encoder.layout_.width
    codes = list(range(n - len(encoder.layout_.cardinalities), n))
    model = make_pipeline(encoder, HistGradientBoostingClassifier(max_iter=10, categorical_features=codes))
    assert cross_val_score(model, X, y, cv=3).mean() > 0.9
    part = make_column_transformer((TableEncoder(), ["age", "colour"]), ("passthrough", ["income"]))
    assert part.fit_transform(X).shape == (120, 6)


def test_copies_answer_alike():
    X = pandas_frame(CONTENT)
    encoder = TableEncoder(max_one_hot=2).fit(X)
    for other in (pickle.loads(pickle.dumps(encoder)), copy.deepcopy(encoder), clone(encoder).fit(X)):
        assert other.transform(X).tobytes() == encoder.transform(X).tobytes()
        assert other.columns_ == encoder.columns_


def test_fit_forgets_what_was_before():
    encoder = TableEncoder().fit(pandas_frame(CONTENT))
    encoder.fit([[1.0, 2.0], [3.0, 4.0]])
    assert encoder.n_features_in_ == 2
    assert encoder.transform([[1.0, 2.0]]).shape == (1, 2)


def test_no_warning_is_raised_on_the_way():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoded = [TableEncoder().fit_transform(make(CONTENT)) for make in FRAMES.values()]
    assert all(np.isfinite(matrix).all() for matrix in encoded)


# -- as plain values --------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"numbers": "standard", "dtype": "float64"}, {"max_one_hot": None}])
def test_an_encoder_comes_back_from_json_as_it_was(settings):
    frame = pandas_frame(CONTENT).assign(
        zip=pd.Categorical([i % 4 for i in range(N)]), odd=["\u202eé\n", ""] * (N // 2)
    )
    encoder = TableEncoder(**settings).fit(frame)
    back = TableEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    assert back.get_params() == encoder.get_params()
    assert back.columns_ == encoder.columns_
    assert back.layout_ == encoder.layout_
    assert back.feature_names_in_.tolist() == encoder.feature_names_in_.tolist()
    assert back.transform(frame).tobytes() == encoder.transform(frame).tobytes()
    for one, other in zip(back.columns_, encoder.columns_, strict=True):
        assert list(map(type, one.categories)) == list(map(type, other.categories))


def test_an_encoder_of_an_array_comes_back_without_names():
    encoder = (
        TableEncoder().set_params(max_one_hot=np.int64(3)).fit([[1.0, True], [0.1, False], [1 / 3, None]])
    )
    back = TableEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    assert not hasattr(back, "feature_names_in_")
    assert back.columns_ == encoder.columns_
    assert back.columns_[1].categories[1] is True


@pytest.mark.parametrize(
    "damage",
    [
        lambda stored: stored.pop("columns"),
        lambda stored: stored.update(columns=[]),
        lambda stored: stored.update(numbers="log"),
        lambda stored: stored.update(max_one_hot="9"),
        lambda stored: stored["columns"][0].update(kind="picture"),
        lambda stored: stored["columns"][0].update(kind="category"),
        lambda stored: stored["columns"][0]["numbers"][0].update(factor=float("nan")),
        lambda stored: stored["columns"][0]["numbers"][0].update(part="century"),
        lambda stored: stored["columns"][0].update(numbers=[]),
        lambda stored: stored["columns"][5].update(categories=["a", "a"]),
        lambda stored: stored["columns"][5].update(categories=[["a"], None]),
        lambda stored: stored["columns"][0].update(categories=["a"]),
        lambda stored: stored["columns"][0].update(n_missing=-1),
        lambda stored: stored.update(more=1),
    ],
)
def test_damaged_values_are_refused(damage):
    stored = json.loads(json.dumps(TableEncoder().fit(pandas_frame(CONTENT)).to_dict()))
    damage(stored)
    with pytest.raises(ValueError, match=r"TableEncoder|numbers"):
        TableEncoder.from_dict(stored)


def test_columns_are_written_in_a_line():
    encoder = TableEncoder().fit(pandas_frame(CONTENT))
    lines = {column.name: str(column) for column in encoder.columns_}
    assert lines["colour"] == "colour: category, 7 missing -> one-hot: blue, green, red"
    assert lines["size"] == "size: category -> -1 for 'L', 1 for 'S'"
    assert lines["word"].startswith("word: category, 5 missing -> codes 0 to 12: w00, w01")
    assert lines["nothing"] == "nothing: empty, 60 missing -> left out: it tells nothing"
    assert lines["same"] == "same: number -> (x - 3.5) * 0"
    assert "an indicator of gaps" in lines["age"]
    assert "month: (x - " in lines["born"]
    assert all(line in repr(column) for line, column in zip(lines.values(), encoder.columns_, strict=True))
