"""The scale of each initialiser, and its shape of distribution."""

import numpy as np
import pytest

from glassnet.nn.initializers import INITIALIZERS

FAN_IN, FAN_OUT = 300, 900  # unlike, so that neither can stand for the other

VARIANCES = {
    "zero": 0,
    "random": 1 / (3 * FAN_IN),
    "normal": 2 / FAN_IN,
    "he_normal": 2 / FAN_IN,
    "he_uniform": 2 / FAN_IN,
    "glorot_uniform": 2 / (FAN_IN + FAN_OUT),
    "glorot_normal": 2 / (FAN_IN + FAN_OUT),
    "lecun_uniform": 1 / FAN_IN,
    "lecun_normal": 1 / FAN_IN,
}
UNIFORM = ["random", "glorot_uniform", "he_uniform", "lecun_uniform"]
NORMAL = ["normal", "he_normal", "glorot_normal", "lecun_normal"]


@pytest.fixture(scope="module")
def draws():
    return {name: f(np.random.default_rng(0), FAN_IN, FAN_OUT) for name, f in INITIALIZERS.items()}


@pytest.mark.parametrize("name", VARIANCES)
def test_the_variance_is_the_one_of_the_docstring(name, draws):
    # the variance of 270,000 draws is known to 0.3 %
    np.testing.assert_allclose(np.mean(draws[name] ** 2), VARIANCES[name], rtol=0.015)


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_draws_fill_their_interval_evenly(name, draws):
    limit = np.sqrt(3 * VARIANCES[name])
    assert 0.9999 * limit < np.abs(draws[name]).max() <= limit
    counts = np.histogram(draws[name], bins=10, range=(-limit, limit))[0]
    np.testing.assert_allclose(counts, draws[name].size / 10, rtol=0.04)


@pytest.mark.parametrize("name", NORMAL)
def test_normal_draws_have_normal_tails(name, draws):
    standard = np.abs(draws[name]) / np.sqrt(VARIANCES[name])
    np.testing.assert_allclose((standard < 1).mean(), 0.6827, atol=0.005)
    np.testing.assert_allclose((standard < 2).mean(), 0.9545, atol=0.002)


def test_zero_is_zero(draws):
    assert not draws["zero"].any()


def test_he_normal_is_another_name_of_normal():
    assert INITIALIZERS["he_normal"] is INITIALIZERS["normal"]


def test_a_single_input_is_no_exception():
    rng = np.random.default_rng(0)
    weights = INITIALIZERS["random"](rng, 1, 1000)
    assert np.abs(weights).max() <= 1


@pytest.mark.parametrize(("name", "activation"), [("normal", "relu"), ("lecun_normal", "identity")])
def test_signals_keep_their_size_through_ten_layers(name, activation):
    """The purpose of the scales: mean square of the inputs of a layer, ten layers on, is still about 1."""
    rng = np.random.default_rng(1)
    a = rng.normal(size=(100, 256))
    for _ in range(10):
        z = a @ INITIALIZERS[name](rng, 256, 256)
        a = np.maximum(z, 0) if activation == "relu" else z
    size = np.mean(z**2) / (2 if activation == "relu" else 1)
    assert 0.5 < size < 2
