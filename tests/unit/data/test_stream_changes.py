"""Streams made of streams: mapped, with another target, standardised as StandardScaler does it."""

import warnings

import numpy as np
import pandas
import polars
import pytest
from scipy import sparse
from sklearn.cluster import MiniBatchKMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import MLPClassifier, Stream
from glassnet.errors import GlassnetError, InvalidDataError, InvalidParameterError

RNG = np.random.default_rng(0)
N = 203
X = RNG.normal(size=(N, 4)) * [1, 1e3, 1e-6, 0] + [5, 1e5, 1e8, 3]
Y = np.arange(N) % 3


def cut(x=X, y=Y, rows=17):
    return [(x[i : i + rows], y[i : i + rows]) for i in range(0, len(x), rows)]


def all_of(stream):
    batches = list(stream.batches())
    y = None if batches[0].y is None else np.concatenate([np.asarray(batch.y) for batch in batches])
    return np.concatenate([np.asarray(batch.X) for batch in batches]), y


SOURCES = {
    "list": lambda: Stream(cut(), n_rows=N),
    "function": lambda: Stream(lambda: iter(cut())),
    "generator": lambda: Stream(batch for batch in cut()),
    "arrays": lambda: Stream.of_arrays(X, Y),
    "a stream of a stream": lambda: Stream(Stream(cut())),
}


@pytest.fixture(params=SOURCES)
def stream(request):
    return SOURCES[request.param]()


CHANGES = {
    "map": (lambda stream: stream.map(np.sin), (np.sin(X), Y)),
    "function": (lambda stream: stream.with_target(lambda x: x[:, 0] > 5), (X, X[:, 0] > 5)),
    "place": (lambda stream: stream.with_target(1), (X[:, [0, 2, 3]], X[:, 1])),
    "last place": (lambda stream: stream.with_target(-1), (X[:, :3], X[:, 3])),
    "places": (lambda stream: stream.with_target([3, 0]), (X[:, [1, 2]], X[:, [3, 0]])),
    "array": (lambda stream: stream.with_target(Y[::-1]), (X, Y[::-1])),
    "Series": (lambda stream: stream.with_target(pandas.Series(Y, index=Y)), (X, Y)),
    "both": (lambda stream: stream.map(np.sin).with_target(0), (np.sin(X)[:, 1:], np.sin(X)[:, 0])),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_stream_is_read_as_often_as_its_source(stream, change):
    make, (expected_X, expected_y) = CHANGES[change]
    changed = make(stream)
    assert changed.can_be_read_again == stream.can_be_read_again
    for _ in range(2 if stream.can_be_read_again else 1):
        found_X, found_y = all_of(changed)
        np.testing.assert_array_equal(found_X, expected_X)
        np.testing.assert_array_equal(found_y, expected_y)
    if stream.can_be_read_again:
        np.testing.assert_array_equal(np.concatenate(list(changed.targets())), expected_y)
        assert len(changed.first().X) == len(stream.first().X)
    else:
        with pytest.raises(InvalidDataError, match="can be read only once"):
            list(changed)


def test_the_targets_of_a_mapped_stream_are_read_without_mapping():
    def never(X):
        raise AssertionError

    np.testing.assert_array_equal(np.concatenate(list(Stream(cut()).map(never).targets())), Y)


def test_an_error_of_the_function_names_the_batch():
    with pytest.raises(ZeroDivisionError) as caught:
        list(Stream(cut()).map(lambda x: 1 // 0))
    assert caught.value.__notes__ == ["in batch 1 of the stream (rows 0 to 16, counted from 0)"]


def test_a_batch_is_let_go_before_the_next_is_made():
    alive = 0

    class Tracked(np.ndarray):
        def __del__(self):
            nonlocal alive
            alive -= 1

    def make(*_):
        nonlocal alive
        assert alive == 0
        alive += 1
        return np.ones((3, 2)).view(Tracked)

    source = Stream([np.zeros((3, 2))] * 4)
    for changed in (
        source.map(make),
        Stream(lambda: (make() for _ in range(4))).with_target(lambda X: [1, 2, 3]),
    ):
        for batch in changed.batches():
            assert batch.n_rows == 3
            del batch


@pytest.mark.parametrize("frame", [pandas.DataFrame, polars.DataFrame])
def test_columns_of_frames_become_targets_by_name(frame):
    source = Stream(lambda: (frame(dict(zip("abcd", x.T, strict=True))) for x, _ in cut()))
    found_X, found_y = all_of(source.with_target("b"))
    np.testing.assert_array_equal(found_X, X[:, [0, 2, 3]])
    np.testing.assert_array_equal(found_y, X[:, 1])
    assert list(source.with_target(["d", "b"]).first().X.columns) == ["a", "c"]
    with pytest.raises(InvalidDataError, match=r"batch 1 .*the target 'e'; X has the columns \['a', 'b'"):
        source.with_target("e").first()


def test_columns_of_sparse_batches_become_targets_by_place():
    changed = Stream(lambda: (sparse.csr_array(x) for x, _ in cut())).with_target(3)
    batch = changed.first()
    np.testing.assert_array_equal(batch.X.toarray(), X[:17, :3])
    np.testing.assert_array_equal(batch.y, X[:17, 3])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.map(StandardScaler()), "got StandardScaler, which cannot be called.*scaler.transform"),
        (lambda s: s.map(lambda x: x[1:]).first(), r"batch 1 .*map made 16 rows of 17"),
        (lambda s: s.with_target("label").first(), r"4 columns without names.*when they are opened: y="),
        (lambda s: s.with_target(4).first(), r"got the target 4; X has 4 columns"),
        (lambda s: s.with_target([0, 1, 2, 3]).first(), r"Expected some of them"),
        (lambda s: s.with_target({"y": 1}), "got a target of type dict; expected the name or the place"),
        (lambda s: s.with_target(Y[1:]), "got 202 targets; expected 203"),
        (lambda s: list(Stream(cut()).with_target(Y[1:])), "batch 12 .*only 202 targets"),
        (lambda s: list(Stream(cut()).with_target(np.arange(204))), "got 204 targets; expected 203"),
    ],
)
def test_what_cannot_be_changed_so_is_an_error(change, message):
    with pytest.raises((InvalidDataError, InvalidParameterError), match=message):
        change(Stream(cut(), n_rows=N))


# -- standardised ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 17, 1000])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_statistics_are_those_of_standard_scaler(rows, dtype):
    x = X.astype(dtype)
    scaler = StandardScaler()
    for part, _ in cut(x, rows=rows):
        scaler.partial_fit(part)
    scaled = Stream(cut(x, rows=rows)).standardized()
    np.testing.assert_allclose(scaled.mean_, scaler.mean_, rtol=1e-13)
    exact = x.astype(np.longdouble).var(axis=0)
    error, theirs = np.abs(scaled.var_ - exact), np.abs(scaler.var_ - exact)
    assert (error <= np.maximum(10 * theirs, 1e-9 * exact)).all()
    np.testing.assert_allclose(scaled.scale_, scaler.scale_, rtol=1e-6)
    assert scaled.n_samples_seen_ == scaler.n_samples_seen_ == N
    found_X, found_y = all_of(scaled)
    assert found_X.dtype == dtype
    np.testing.assert_array_equal(found_y, Y)
    np.testing.assert_allclose(scaled.transform(x), scaler.transform(x), rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(found_X, scaled.transform(x))


def test_constant_features_are_only_centred_even_to_rounding():
    x = np.full((1000, 3), [0.1, 1e9, 0.0])
    x[:, 1] += RNG.choice([0, 1e-7], 1000)  # below what float64 tells apart
    scaled = Stream(cut(x, np.zeros(1000))).standardized()
    np.testing.assert_array_equal(scaled.scale_, StandardScaler().fit(x).scale_)
    np.testing.assert_array_equal(scaled.scale_, 1)
    np.testing.assert_allclose(scaled.transform(x), 0, atol=1e-6)


def test_a_large_mean_does_not_drown_the_variance():
    x = 1e9 + np.arange(1000.0)[:, None] % 7
    scaled = Stream(cut(x, np.zeros(1000), rows=10)).standardized()
    np.testing.assert_allclose(scaled.var_, x.astype(np.longdouble).var(axis=0).astype(float), rtol=1e-8)


@pytest.mark.parametrize("frame", [pandas.DataFrame, polars.DataFrame])
def test_frames_keep_their_names_and_are_asked_for_them(frame):
    table = frame(dict(zip("abcd", X.T, strict=True)))
    scaled = Stream.of_arrays(table, Y).standardized()
    assert list(scaled.first().X.columns) == list("abcd")
    assert list(scaled.transform(table).columns) == list("abcd")
    np.testing.assert_array_equal(np.asarray(scaled.transform(table)), scaled.transform(X))
    with pytest.raises(InvalidDataError, match="must be in the same order"):
        scaled.transform(table[["b", "a", "c", "d"]])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_new_rows_and_validation_data_are_scaled_alike():
    scaled = Stream(cut()).standardized()
    model = MLPClassifier((8,), max_iter=3, random_state=0)
    model.fit(scaled, X_val=scaled.transform(Stream(cut())))
    by_hand = MLPClassifier((8,), max_iter=3, random_state=0).fit(scaled.transform(X), Y)
    assert model.loss_curve_ == by_hand.loss_curve_
    new = (X[:5] - scaled.mean_) / scaled.scale_
    np.testing.assert_array_equal(model.predict(scaled.transform(X[:5].tolist())), model.predict(new))
    assert model.score(scaled.transform(Stream(cut()))) == model.score(scaled)


BAD = X.copy()
BAD[150, 2] = np.nan


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Stream(batch for batch in cut()),
            r"standardized\(\) reads the data once.*can be read only once",
        ),
        (lambda: Stream(cut(BAD)), r"batch 9 .*NaN or infinity, first in row 150"),
        (lambda: Stream([(sparse.csr_array(X), Y)]), r"X is sparse.*MaxAbsScaler"),
        (lambda: Stream([(X, Y), (X[:, :2], Y)]), r"batch 2 .*X has 2 features; the batches before have 4"),
        (lambda: Stream([(X, Y), (X.astype(str), Y)]), "batch 2 .*X holds text"),
        (lambda: Stream([(X, Y), (np.where(X > 5, X.astype(object), "a"), Y)]), "batch 2 .*X holds text"),
        (lambda: Stream([(X.astype("M8[D]"), Y)]), r"batch 1 .*X is of dtype datetime64\[D\]"),
        (lambda: Stream([(Y, Y)]), r"X is of shape \(203,\); expected \(n_rows, n_features\)"),
        (lambda: Stream([]), "holds no rows"),
    ],
)
def test_what_cannot_be_standardised_is_an_error_with_its_place(make, message):
    with pytest.raises(InvalidDataError, match=message):
        make().standardized()


def test_numbers_in_objects_are_numbers():
    scaled = Stream(cut(X.astype(object))).standardized()
    np.testing.assert_array_equal(
        scaled.transform(X.astype(object)), Stream(cut()).standardized().transform(X)
    )
    with pytest.raises(InvalidDataError, match="X holds text"):
        scaled.transform(X.astype(str))


def test_other_rows_must_have_as_many_features():
    with pytest.raises(InvalidDataError, match=r"got X of shape \(203, 2\); expected \(n_rows, 4\)"):
        Stream(cut()).standardized().transform(X[:, :2])


# -- scikit-learn's own classes ----------------------------------------------------------------------------

NETWORK = MLPClassifier((4,), max_iter=2)
TAKERS = {
    "pipeline": lambda s: make_pipeline(StandardScaler(), NETWORK).fit(s),
    "scaler": lambda s: StandardScaler().fit_transform(s),
    "fitted scaler": lambda s: StandardScaler().fit(X).transform(s),
    "PCA": lambda s: PCA().fit(s),
    "columns": lambda s: ColumnTransformer([("all", StandardScaler(), [0])]).fit_transform(s),
    "classifier": lambda s: RandomForestClassifier().fit(s, Y),
    "clusters": lambda s: MiniBatchKMeans(3).partial_fit(s),
    "search": lambda s: GridSearchCV(NETWORK, {"alpha": [1.0]}).fit(s, Y),
    "split": lambda s: train_test_split(s),
    "NumPy": lambda s: np.asarray(s),
    "mean": lambda s: np.mean(s),
    "pandas": lambda s: pandas.Series(np.array(s, dtype=float)),
}


@pytest.mark.parametrize("take", TAKERS.values(), ids=TAKERS)
def test_who_wants_all_rows_at_once_is_told_the_way(take):
    with pytest.raises(
        TypeError, match=r"a Stream is no array.*stream\.standardized\(\).*stream\.map"
    ) as caught:
        take(Stream(cut()))
    assert isinstance(caught.value, GlassnetError)


def test_the_way_works():
    """What the message says, and what then predicts new rows."""
    stream, scaler = Stream(cut()), StandardScaler()
    for batch in stream.batches():
        scaler.partial_fit(batch.X)
    model = MLPClassifier((8,), max_iter=3, random_state=0)
    with warnings.catch_warnings(action="ignore"):
        model.fit(stream.map(scaler.transform))
    pipeline = make_pipeline(scaler, model)
    assert pipeline.score(X, Y) == model.score(stream.map(scaler.transform))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_pipeline_of_glassnet_alone_takes_a_stream():
    scaled = Stream(cut()).standardized()
    assert make_pipeline(MLPClassifier((4,), max_iter=2)).fit(scaled).predict(scaled).shape == (N,)
