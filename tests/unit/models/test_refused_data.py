"""Data that no class trains on, refused before training; and data of unusual dtypes that are taken."""

import datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier as TheirClassifier

from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork, Stream
from glassnet.data import train_validation_split
from glassnet.errors import InvalidDataError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
Y = (X[:, 0] > 0).astype(int)
MODELS: dict[str, Any] = {
    "NeuralNetwork": lambda: NeuralNetwork(1, [4], epochs=1, random_state=0),
    "MLPClassifier": lambda: MLPClassifier((4,), solver="sgd", tol=1e9, n_iter_no_change=1, random_state=0),
    "MLPRegressor": lambda: MLPRegressor(
        hidden_layer_sizes=(4,), solver="sgd", tol=1e9, n_iter_no_change=1, random_state=0
    ),
    "MLPAutoencoder": lambda: MLPAutoencoder((4,), solver="sgd", tol=1e9, n_iter_no_change=1, random_state=0),
}

DAYS = np.datetime64("2020-01-01", "ns") + np.arange(120).reshape(60, 2)
NO_NUMBERS = {
    "dates": DAYS,
    "durations": DAYS - DAYS[0, 0],
    "text": X.astype(str),
    "bytes": np.full((60, 2), b"1"),
    "lists of text": [["1", "2"]] * 60,
    "objects of text": X.astype(str).astype(object),
    "objects of bytes": np.full((60, 2), b"1", object),
    "objects of dates": np.full((60, 2), datetime.date(2020, 1, 1), object),
    "objects of durations": np.full((60, 2), datetime.timedelta(1), object),
    "frame of text": pd.DataFrame(X.astype(str)),
    "frame of dates": pd.DataFrame(DAYS),
    "frame of categories": pd.DataFrame(X.astype(str)).astype("category"),
    "frame of numbers and dates": pd.DataFrame({"a": X[:, 0], "b": DAYS[:, 0]}),
    "polars": pl.DataFrame({"a": X[:, 0], "b": ["1"] * 60}),
}
MASKED = np.ma.masked_greater(X, 1.0)


def uses(model, data):
    """Yield all that may be done with data."""
    targets = () if isinstance(model, MLPAutoencoder) else (Y,)
    fitted = type(model)(**model.get_params()).fit(X, *targets)
    yield lambda: model.fit(data, *targets)
    yield lambda: model.initialize(data, *targets)
    yield lambda: fitted.transform(data)
    yield lambda: fitted.score(data, *targets)
    yield lambda: fitted.make_samples(data, *targets)
    if targets:
        yield lambda: fitted.predict(data)
        yield lambda: fitted.partial_fit(data, Y)
        yield lambda: model.fit(X, Y, X_val=data, y_val=Y)
    else:
        yield lambda: fitted.reconstruct(data)
        yield lambda: fitted.inverse_transform(np.tile(data, 2))
        yield lambda: model.fit(X, X_val=data)


@pytest.mark.parametrize("kind", NO_NUMBERS)
@pytest.mark.parametrize("name", MODELS)
def test_what_is_no_number_is_refused(name, kind):
    for use in uses(MODELS[name](), NO_NUMBERS[kind]):
        with pytest.raises(InvalidDataError, match=r"[XZ](_val)? holds .* of dtype .*; expected numbers"):
            use()


@pytest.mark.parametrize("name", MODELS)
def test_masked_entries_are_refused(name):
    model = MODELS[name]()
    n_masked = np.count_nonzero(MASKED.mask)
    for use in uses(model, MASKED):
        with pytest.raises(InvalidDataError, match="masked entries"):
            use()
    with pytest.raises(InvalidDataError, match=f"got X with {n_masked} masked entries"):
        model.fit(MASKED, *(() if name == "MLPAutoencoder" else (Y,)))
    model.fit(np.ma.masked_array(X), *(() if name == "MLPAutoencoder" else (Y,)))


@pytest.mark.parametrize("name", ["NeuralNetwork", "MLPClassifier", "MLPRegressor"])
def test_masked_targets_and_weights_are_refused(name):
    with pytest.raises(InvalidDataError, match="got y with 30 masked entries"):
        MODELS[name]().fit(X, np.ma.masked_array(Y, np.arange(60) < 30))
    weight = np.ma.masked_array(np.ones(60), np.arange(60) < 7)
    with pytest.raises(InvalidDataError, match="got sample_weight with 7 masked entries"):
        MODELS[name]().fit(X, Y, sample_weight=weight)


def test_a_batch_of_a_stream_is_refused_by_its_place():
    def batches():
        yield X, Y
        yield X.astype(str), Y

    for name in ("NeuralNetwork", "MLPClassifier", "MLPRegressor"):
        known = {} if name == "MLPRegressor" else {"classes": [0, 1]}
        with pytest.raises(InvalidDataError, match=r"batch 2 .*X holds text"):
            MODELS[name]().partial_fit(Stream(batches), **known)


@pytest.mark.parametrize("kind", [kind for kind in NO_NUMBERS if "frame" not in kind and kind != "polars"])
def test_targets_of_a_regression_are_numbers(kind):
    several = np.asarray(NO_NUMBERS[kind])
    for y in (several[:, 0], several, pd.Series(several[:, 0])):
        for use in (MODELS["MLPRegressor"]().fit, MODELS["MLPRegressor"]().partial_fit):
            with pytest.raises(InvalidDataError, match=r"y holds .* of dtype .*; expected numbers"):
                use(X, y)


@pytest.mark.parametrize("name", ["NeuralNetwork", "MLPClassifier"])
def test_the_size_of_one_hot_targets_is_named_before_they_are_made(name):
    n_classes = 100_000
    labels = np.repeat(np.arange(n_classes), 2)
    model = MODELS[name]()
    model.set_params(dtype="float32")
    with pytest.raises(
        InvalidDataError, match=r"200,000 samples of 100,000 classes.*float32.* 74\.5 GiB.*Stream"
    ):
        model.fit(np.zeros((2 * n_classes, 1), np.float32), labels)


# -- few samples ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [20, 22, 24, 29])
def test_early_stopping_with_few_rows_of_three_classes_is_that_of_scikit_learn(n, seed):
    flowers, kinds = load_iris(return_X_y=True)
    rows = np.random.default_rng(seed).choice(150, n, replace=False)
    settings = {"early_stopping": True, "max_iter": 8, "n_iter_no_change": 100, "random_state": seed}
    with pytest.warns(UserWarning, match="Maximum iterations"):
        ours = MLPClassifier((4,), **settings).fit(flowers[rows], kinds[rows])
    with pytest.warns(UserWarning, match="Maximum iterations"):
        theirs = TheirClassifier((4,), **settings).fit(flowers[rows], kinds[rows])
    if n < 25:  # two or three rows held back: no place for a row of each class in both parts
        np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
        np.testing.assert_allclose(ours.predict_proba(flowers), theirs.predict_proba(flowers), rtol=1e-7)


def test_a_network_for_xor_is_told_to_hold_nothing_back():
    corners, xor = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    with pytest.raises(InvalidDataError, match="early_stopping=False"):
        NeuralNetwork(1, [4]).fit(corners, xor)
    NeuralNetwork(1, [4], epochs=1).fit(corners, xor, early_stopping=False)


# -- messages and dtypes of NeuralNetwork -------------------------------------------------------------------


def test_the_label_with_a_single_sample_is_named():
    labels = np.array(list("abcdefghij") * 10 + ["zebra"])
    with pytest.raises(InvalidDataError, match="class 'zebra' has a single sample"):
        NeuralNetwork(1, [4]).fit(np.zeros((101, 2)), labels)


@pytest.mark.parametrize(
    ("labels", "kind"),
    [([7, -3], "i"), ([np.int64(7), 3], "i"), ([True, False], "b"), ([1.0, 2.0], "f"), (["a", "b"], "U")],
)
def test_labels_of_dtype_object_are_taken_as_what_they_are(labels, kind):
    y = np.array(labels * 30, object)
    model = MODELS["NeuralNetwork"]().fit(X, y)
    assert model.classes_.dtype.kind == kind
    assert model.classes_.tolist() == sorted(labels)
    assert set(model.predict(X).tolist()) <= set(labels)
    assert model.evaluate(X, y) == model.evaluate(X, np.array(labels * 30))
    streamed = MODELS["NeuralNetwork"]().fit(Stream.of_arrays(X, y), early_stopping=False)
    np.testing.assert_array_equal(streamed.classes_, model.classes_)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([0, "a"], r"mixes types or holds missing values \(int, str\)"),
        (["a", None], r"\(NoneType, str\)"),
        ([True, 2], r"\(bool, int\)"),
        ([b"a", b"b"], "holds bytes"),
        ([10**100, 1], "objects of the type int"),
        ([0.5, 1.0], "not whole"),
        ([(1, 2), (3,)], "objects of the type tuple"),
    ],
)
def test_other_labels_of_dtype_object_are_told_what_they_are(labels, told):
    y = np.empty(60, object)
    y[:] = labels * 30
    with pytest.raises(InvalidDataError, match=told):
        MODELS["NeuralNetwork"]().fit(X, y)


def test_numbers_of_dtype_object_are_taken():
    model = MODELS["NeuralNetwork"]().fit(X.astype(object), Y)
    np.testing.assert_array_equal(model.predict_prob(X.astype(object)), model.predict_prob(X))
    for strange, told in ((None, "holds nan at row 1, column 0"), ({}, "something else than numbers.*dict")):
        broken = X.astype(object)
        broken[1, 0] = strange
        with pytest.raises(InvalidDataError, match=told):
            model.predict(broken)


def test_sparse_arrays_are_named_by_their_shape():
    with pytest.raises(InvalidDataError, match=r"y as a sparse matrix of shape \(60, 2\)"):
        MODELS["NeuralNetwork"]().fit(X, sparse.csr_array(np.eye(2)[Y]))
    parts: Any = train_validation_split(sparse.coo_array(X), Y, random_state=1)
    dense = train_validation_split(X, Y, random_state=1)
    np.testing.assert_array_equal(parts[0].toarray(), dense[0])
    np.testing.assert_array_equal(parts[1].toarray(), dense[1])
    with pytest.raises(InvalidDataError, match=r"got X of shape \(60, 2\) and y of shape \(59,\)"):
        train_validation_split(sparse.csr_array(X), Y[1:])


# -- weights ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["NeuralNetwork", "MLPClassifier", "MLPRegressor"])
def test_held_back_samples_have_to_weigh_something(name):
    """The one sample that weighs is trained on: there is no validation loss (scikit-learn refuses it too)."""
    model = MODELS[name]()
    if name != "NeuralNetwork":
        model.set_params(early_stopping=True)
    messages = []
    for row in range(len(X)):
        weight = np.zeros(len(X))
        weight[row] = 1
        try:
            model.fit(X, Y, sample_weight=weight)
        except InvalidDataError as error:
            messages.append(str(error))
    assert 0 < len(messages) < len(X)
    assert all("that early stopping holds back have the weight 0" in message for message in messages)
