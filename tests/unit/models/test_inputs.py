"""What inputs mean to NeuralNetwork: bytes that are pixels and bytes that are not, and names of columns."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

import glassnet
from glassnet import NeuralNetwork, Stream
from glassnet.doctor.files import load_data
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models import view_of
from glassnet.models.model_file import read_model, write_model

RNG = np.random.default_rng(0)
LEVELS, DIGITS = load_digits(return_X_y=True)
PIXELS = np.minimum(LEVELS * 16, 255).astype(np.uint8)


def network(**settings):
    return NeuralNetwork(1, [16], lr=0.3, epochs=12, random_state=0, **settings)


def fitted(X, y=DIGITS, **settings):
    return network(**settings).fit(X, y, early_stopping=False)


def same_answers(one, X, other, Z):
    np.testing.assert_array_equal(one.predict_prob(X), other.predict_prob(Z))


# -- bytes ------------------------------------------------------------------------------------------------


def test_dummies_as_bytes_are_taken_as_they_are():
    y = RNG.integers(0, 4, 400)
    dummies = OneHotEncoder(sparse_output=False, dtype=np.uint8).fit_transform(y[:, np.newaxis])
    model = fitted(dummies, y)
    assert not model.scales_uint8_
    assert model.score(dummies, y) == 1.0
    same_answers(model, dummies, fitted(dummies.astype(np.float32), y), dummies.astype(np.float32))


def test_levels_as_bytes_are_taken_as_they_are():
    model = NeuralNetwork(1, [32], lr=0.05, epochs=30, random_state=0)
    model.fit(LEVELS.astype(np.uint8), DIGITS)
    assert model.score(LEVELS.astype(np.uint8), DIGITS) > 0.95


@pytest.mark.parametrize("as_user_has", [np.asarray, sparse.csr_array])
def test_bytes_above_half_of_their_range_are_pixels(as_user_has):
    model = fitted(as_user_has(PIXELS))
    assert model.scales_uint8_
    floats = PIXELS.astype(np.float32) / np.float32(255)
    same_answers(model, as_user_has(PIXELS), fitted(floats), floats)


@pytest.mark.parametrize(
    ("highest", "scales"), [(1, False), (16, False), (63, False), (128, True), (255, True)]
)
def test_the_maximum_decides(highest, scales):
    X = np.array([[0, 1], [highest, 0]], np.uint8)
    assert network().initialize(X, [0, 1]).scales_uint8_ is scales


@pytest.mark.parametrize("highest", [64, 127])
def test_what_dark_images_could_be_is_asked_about_once(highest):
    X, y = np.array([[0, 1], [highest, 0]] * 4, np.uint8), [0, 1] * 4
    with pytest.warns(UserWarning, match=f"maximum of {highest}.*scale_uint8=True") as told:
        model = network().fit(X, y)
    assert len(told) == 1
    assert told[0].filename == __file__
    assert not model.scales_uint8_
    for say in (True, False):
        assert network(scale_uint8=say).fit(X, y).scales_uint8_ is say


def test_the_parameter_says_it_instead():
    model = fitted(PIXELS, scale_uint8=False)
    same_answers(model, PIXELS, fitted(PIXELS.astype(np.float32)), PIXELS.astype(np.float32))
    dummies = (PIXELS > 100).astype(np.uint8)
    assert fitted(dummies, scale_uint8=True).scales_uint8_
    for wrong in ("yes", None, 255):
        with pytest.raises(InvalidParameterError, match=r"scale_uint8=.*expected 'auto', True or False"):
            network(scale_uint8=wrong).fit(PIXELS, DIGITS)


def test_the_choice_is_made_once():
    model = fitted(PIXELS)
    dark = PIXELS // 16
    same_answers(model, dark, model, dark.astype(np.float32) / np.float32(255))
    model.partial_fit(dark, DIGITS)
    assert model.scales_uint8_
    model.fit(dark, DIGITS)
    assert not model.scales_uint8_


@pytest.mark.parametrize(
    ("X", "scales"),
    [
        (PIXELS / 255, True),
        (sparse.csr_array(PIXELS / 255), True),
        ((PIXELS > 100) * 1.0, False),
        (PIXELS > 100, False),
        (PIXELS * 1.0, False),
        (PIXELS - 128.0, False),
    ],
    ids=["scaled", "sparse", "dummies", "booleans", "raw", "centred"],
)
def test_numbers_of_training_tell_what_bytes_mean_later(X, scales):
    assert network().initialize(X, DIGITS).scales_uint8_ is scales


def test_the_first_batch_of_a_stream_decides():
    for X, scales in ((PIXELS, True), (LEVELS.astype(np.uint8), False)):
        streamed = network().fit(Stream.of_arrays(X, DIGITS), early_stopping=False)
        assert streamed.scales_uint8_ is scales
        same_answers(streamed, X, streamed, Stream.of_arrays(X, DIGITS))
        floats = X.astype(np.float32) / np.float32(255 if scales else 1)
        assert streamed.evaluate(Stream.of_arrays(X, DIGITS))[1] == streamed.evaluate(floats, DIGITS)[1]
        assert network().partial_fit(Stream.of_arrays(X, DIGITS), classes=range(10)).scales_uint8_ is scales


def test_files_pickles_and_views_keep_the_choice(tmp_path):
    for X in (PIXELS, LEVELS.astype(np.uint8)):
        model = fitted(X)
        model.save(tmp_path / "model")
        for copy in (glassnet.load(tmp_path / "model"), pickle.loads(pickle.dumps(model))):
            assert copy.scales_uint8_ is model.scales_uint8_
            same_answers(copy, X, model, X)
        divisor = 255 if model.scales_uint8_ else 1
        for view in (view_of(model), view_of(network(), X, DIGITS)):
            inputs = view.samples(X, DIGITS, dtype="float64").inputs(slice(None))
            np.testing.assert_allclose(inputs, X / divisor, rtol=1e-12)


def test_files_without_the_choice_divide_as_they_did(tmp_path):
    dummies = (PIXELS > 100).astype(np.uint8)
    fitted(dummies, scale_uint8=True).save(tmp_path / "model")
    arrays, header = read_model(tmp_path / "model", "NeuralNetwork")
    del header["fitted"]["scales_uint8_"], header["parameters"]["scale_uint8"]
    write_model(tmp_path / "old", arrays, header)
    same_answers(NeuralNetwork.load(tmp_path / "old"), dummies, fitted(dummies, scale_uint8=True), dummies)


def test_verbose_says_it_once(capsys):
    network().fit(PIXELS, DIGITS, verbose=True)
    assert capsys.readouterr().out.count("X of dtype uint8 is divided by 255") == 1
    network().fit(LEVELS.astype(np.uint8), DIGITS, verbose=True)
    assert capsys.readouterr().out.count("X of dtype uint8 is used as it is") == 1
    network().fit(LEVELS, DIGITS, verbose=True)
    assert "uint8" not in capsys.readouterr().out


def test_the_doctor_gives_images_as_the_network_takes_them():
    images = np.array([[0, 255], [51, 0]], np.uint8)
    for X, settings, kind in (
        (images, {}, np.uint8),
        (images, {"scale_uint8": False}, np.uint8),
        (images / 25.5, {}, np.float64),
    ):
        model = network(**settings).initialize(X, [0, 1])
        assert load_data("mnist", model).X.dtype == kind


# -- names of columns ---------------------------------------------------------------------------------------

NAMES = ["a", "b", "c"]
TABLE = pd.DataFrame(RNG.normal(size=(60, 3)), columns=NAMES)
SIGNS = np.where(TABLE["a"] > 0, "up", "down")
OTHERS = {
    "order": TABLE[["c", "a", "b"]],
    "unseen": TABLE.assign(d=1.0),
    "missing": TABLE[["a", "b"]],
    "renamed": TABLE.rename(columns={"b": "B"}),
    "many": pd.DataFrame(np.zeros((60, 9)), columns=list("pqrstuvwx")),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_columns_are_refused_in_the_words_of_scikit_learn(kind):
    other = OTHERS[kind]
    with pytest.raises(ValueError, match="feature names should match") as theirs:
        LogisticRegression().fit(TABLE, SIGNS).predict(other)
    model = fitted(TABLE, SIGNS)
    assert model.feature_names_in_.tolist() == NAMES
    assert model.feature_names_in_.dtype == object
    for use in (
        lambda: model.predict(other),
        lambda: model.transform(other),
        lambda: model.score(other, SIGNS),
        lambda: model.score(other, SIGNS, sample_weight=np.ones(60)),
        lambda: model.partial_fit(other, SIGNS),
        lambda: model.backward_propagation(other, SIGNS),
        lambda: network().fit(TABLE, SIGNS, other, SIGNS),
        lambda: view_of(model).samples(other, SIGNS),
    ):
        with pytest.raises(InvalidDataError) as ours:
            use()
        assert str(ours.value) == str(theirs.value)


def test_batches_of_a_stream_are_held_to_the_names():
    def batches():
        yield TABLE, SIGNS
        yield OTHERS["order"], SIGNS

    with pytest.raises(InvalidDataError, match=r"batch 2 .*feature names should match"):
        network().fit(Stream(batches), early_stopping=False)
    model = fitted(TABLE, SIGNS)
    with pytest.raises(InvalidDataError, match=r"batch 2 .*feature names should match"):
        model.predict(Stream(batches))


def test_what_has_no_names_is_taken_as_before():
    model = fitted(TABLE, SIGNS)
    same_answers(model, TABLE, model, TABLE.to_numpy())
    same_answers(model, TABLE, model, pl.DataFrame({name: TABLE[name].to_numpy() for name in NAMES}))
    assert not hasattr(fitted(TABLE.to_numpy(), SIGNS), "feature_names_in_")
    assert not hasattr(fitted(TABLE.rename(columns={"a": 0}), SIGNS), "feature_names_in_")
    model.fit(TABLE.to_numpy(), SIGNS)
    assert not hasattr(model, "feature_names_in_")


def test_files_keep_the_names(tmp_path):
    fitted(TABLE, SIGNS).save(tmp_path / "model")
    model = glassnet.load(tmp_path / "model")
    assert model.feature_names_in_.tolist() == NAMES
    assert model.feature_names_in_.dtype == object
    with pytest.raises(InvalidDataError, match="same order"):
        model.predict(OTHERS["order"])
