"""MLPAutoencoder: what it regenerates, and its bottleneck as a transformer."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPRegressor as SklearnMLPRegressor
from sklearn.pipeline import make_pipeline

from glassnet import MLPAutoencoder, MLPClassifier
from glassnet.errors import InvalidDataError, InvalidParameterError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:600] / 16, y[:600]


@pytest.fixture(scope="module")
def coder(digits):
    return MLPAutoencoder(
        (32, 8), symmetric=True, max_iter=40, tol=0, learning_rate_init=0.005, batch_size=50, random_state=0
    ).fit(digits[0])


def test_it_is_the_regression_of_the_input_on_itself(digits):
    X = digits[0][:100]
    params: dict[str, Any] = {
        "hidden_layer_sizes": (9, 4, 9),
        "max_iter": 5,
        "random_state": 0,
        "activation": "tanh",
    }
    ours, theirs = MLPAutoencoder(**params).fit(X), SklearnMLPRegressor(**params).fit(X, X)
    for got, expected in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_)
    np.testing.assert_allclose(ours.reconstruct(X), theirs.predict(X))


def test_it_beats_the_mean_image(coder, digits):
    X = digits[0]
    baseline = ((X - X.mean(axis=0)) ** 2).mean()
    assert coder.reconstruction_error(X).mean() < 0.5 * baseline
    assert coder.score(X) == pytest.approx(-coder.reconstruction_error(X).mean())


def test_encoding_and_decoding_is_reconstructing(coder, digits):
    X = digits[0]
    Z = coder.transform(X)
    assert Z.shape == (600, 8)
    np.testing.assert_allclose(coder.inverse_transform(Z), coder.reconstruct(X), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(
        coder.reconstruction_error(X), ((coder.reconstruct(X) - X) ** 2).mean(axis=1), rtol=1e-12
    )


def test_the_code_is_the_bottlenecks_activation(coder, digits):
    a = digits[0]
    for i in range(2):
        a = np.maximum(a @ coder.coefs_[i] + coder.intercepts_[i], 0)
    np.testing.assert_allclose(coder.transform(digits[0]), a)
    np.testing.assert_allclose(coder.transform(digits[0], layer=1), a)
    assert coder.transform(digits[0], layer=0).shape == (600, 32)


@pytest.mark.parametrize(
    ("sizes", "symmetric", "bottleneck", "expected", "found"),
    [
        ((128, 32), True, "smallest", (128, 32, 128), 1),
        ((5,), True, "smallest", (5,), 0),
        (6, False, "smallest", (6,), 0),
        ((9, 3, 3, 9), False, "smallest", (9, 3, 3, 9), 1),
        ((9, 3, 7), False, 2, (9, 3, 7), 2),
        ((8, 4, 2), True, 0, (8, 4, 2, 4, 8), 0),
        ([8, 4, 2], True, "smallest", (8, 4, 2, 4, 8), 2),
    ],
)
def test_the_layers_and_the_bottleneck(sizes, symmetric, bottleneck, expected, found):
    X = np.random.default_rng(0).random((20, 6))
    coder = MLPAutoencoder(sizes, symmetric=symmetric, bottleneck=bottleneck, max_iter=1).fit(X)
    assert tuple(coef.shape[1] for coef in coder.coefs_[:-1]) == expected
    assert coder.bottleneck_ == found
    assert coder.transform(X).shape == (20, expected[found])
    assert coder.get_feature_names_out().tolist() == [f"mlpautoencoder{i}" for i in range(expected[found])]


@pytest.mark.parametrize("bottleneck", [3, -1, "widest"])
def test_a_bottleneck_that_is_not_there_is_refused(bottleneck):
    with pytest.raises(ValueError, match="bottleneck"):
        MLPAutoencoder((5, 3, 5), bottleneck=bottleneck).fit(np.eye(6))


def test_a_bottleneck_beyond_the_layers_says_which_there_are():
    with pytest.raises(InvalidParameterError, match="expected 0 to 2"):
        MLPAutoencoder((5, 3, 5), bottleneck=3).fit(np.eye(6))


def test_codes_of_another_width_are_refused(coder):
    with pytest.raises(InvalidDataError, match="the bottleneck has 8 units"):
        coder.inverse_transform(np.zeros((2, 7)))


def test_the_codes_of_a_pipeline_serve_a_classifier(digits):
    X, y = digits
    pipeline = make_pipeline(
        MLPAutoencoder((16,), max_iter=40, learning_rate_init=0.005, random_state=0),
        MLPClassifier((32,), max_iter=80, learning_rate_init=0.01, random_state=0),
    )
    assert pipeline.fit(X[:450], y[:450]).score(X[450:], y[450:]) > 0.75
    assert pipeline[:-1].get_feature_names_out()[0] == "mlpautoencoder0"


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_codes_as_a_frame(library):
    frames = pytest.importorskip(library)
    X = frames.DataFrame({name: np.random.default_rng(0).random(20) for name in "abc"})
    coder = MLPAutoencoder((2,), max_iter=2, random_state=0).set_output(transform=library)
    codes = coder.fit_transform(X)
    assert isinstance(codes, frames.DataFrame)
    assert list(codes.columns) == ["mlpautoencoder0", "mlpautoencoder1"]
    assert coder.feature_names_in_.tolist() == ["a", "b", "c"]
    assert coder.reconstruct(X).shape == (20, 3)


@pytest.mark.parametrize("form", ["csr_matrix", "csc_matrix", "csr_array"])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_inputs_are_the_dense_ones(digits, form, solver):
    X = digits[0][:60]
    dense, coded = (
        MLPAutoencoder((5,), solver=solver, max_iter=4, random_state=0).fit(inputs)
        for inputs in (X, getattr(sparse, form)(X))
    )
    np.testing.assert_allclose(coded.coefs_[0], dense.coefs_[0], rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(
        coded.reconstruction_error(getattr(sparse, form)(X)), coded.reconstruction_error(X)
    )


def test_images_of_bytes_are_regenerated_scaled(digits):
    images = (digits[0] * 255).astype(np.uint8)
    params: dict[str, Any] = {
        "hidden_layer_sizes": (8,),
        "max_iter": 3,
        "random_state": 0,
        "dtype": "float32",
    }
    coder = MLPAutoencoder(scale_uint8=True, **params).fit(images)
    floats = MLPAutoencoder(**params).fit((images / np.float32(255)).astype(np.float32))
    np.testing.assert_array_equal(coder.coefs_[0], floats.coefs_[0])
    np.testing.assert_allclose(
        coder.reconstruction_error(images), floats.reconstruction_error(images / np.float32(255)), rtol=1e-5
    )


@pytest.mark.parametrize("own", [False, True], ids=["a part held out", "given"])
@pytest.mark.parametrize("scoring", [None, "loss"])
def test_it_stops_early(digits, own, scoring):
    X = digits[0][:120]
    validation = {"X_val": digits[0][120:180]} if own else {}
    coder = MLPAutoencoder(
        (20,),
        early_stopping=True,
        scoring=scoring,
        learning_rate_init=0.05,
        n_iter_no_change=2,
        random_state=0,
    ).fit(X, **validation)
    assert coder.n_iter_ < 200
    assert coder.best_validation_score_ == max(coder.validation_scores_)
    assert len(coder.validation_loss_curve_) == coder.n_iter_
    if own and scoring == "loss":
        assert coder.best_validation_score_ == pytest.approx(0.5 * coder.score(validation["X_val"]))


def test_validation_data_of_another_width_are_refused(digits):
    with pytest.raises(ValueError, match="features"):
        MLPAutoencoder((5,)).fit(digits[0], X_val=digits[0][:, :10])


def test_it_trains_no_part_at_a_time():
    assert not hasattr(MLPAutoencoder(), "partial_fit")
