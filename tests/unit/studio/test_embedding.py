"""A studio in a notebook."""

import httpx
import numpy as np
import pytest
from sklearn.base import clone

from glassnet import MLPClassifier, NeuralNetwork, open_studio
from glassnet.errors import DivergedError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2))
Y = np.where(X[:, 0] > 0, "right", "left")


def test_it_shows_itself_in_a_cell_and_is_closed():
    with open_studio(NeuralNetwork(N=1, A=[3], batch_size=10, random_state=0), X, Y) as studio:
        assert studio.url in studio._repr_html_()
        assert studio._repr_html_().startswith("<iframe ")
        url, _, token = studio.url.partition("?token=")
        session = httpx.get(f"{url}api/session", params={"token": token}).json()
        assert session["data"]["classes"] == ["left", "right"]
        assert session["data"]["kind"] == "plane"
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_its_model_is_the_network_at_the_shown_step():
    network = NeuralNetwork(N=1, A=[3], batch_size=10, random_state=0, epochs=2).fit(
        X, Y, early_stopping=False
    )
    before = network.parameters_.theta.copy()
    with open_studio(network, X, Y, X[:10], Y[:10]) as studio:
        assert np.array_equal(studio.model.parameters_.theta, before)
        studio.session.command({"do": "step"})
        assert not np.array_equal(studio.model.parameters_.theta, before)
        assert set(studio.model.predict(X)) <= {"left", "right"}
    assert np.array_equal(network.parameters_.theta, before)


def test_fit_gives_the_network_the_weights_of_its_own_fit():
    network = MLPClassifier(hidden_layer_sizes=(3,), batch_size=10, max_iter=8, random_state=0)
    expected = clone(network)
    with pytest.warns(match="converge"):
        expected.fit(X, Y)
    with open_studio(network, X, Y) as studio:
        assert studio.fit() is network
        assert studio.session.run("a").shown == 32
    assert np.array_equal(network.parameters_.theta, expected.parameters_.theta)
    assert network.get_params() == expected.get_params()
    assert np.array_equal(network.predict(X), expected.predict(X))
    for said in ("n_iter_", "t_", "loss_", "best_loss_", "loss_curve_"):
        assert getattr(network, said) == getattr(expected, said)


def test_fit_draws_a_seed_where_the_network_has_none_and_leaves_its_parameters():
    network = NeuralNetwork(N=1, A=[3], batch_size=10, epochs=2)
    before = network.get_params()
    with open_studio(network, X, Y) as studio:
        studio.fit()
    assert network.get_params() == before
    assert len(network.history_.records) == 2


def test_fit_says_that_a_training_diverged():
    network = NeuralNetwork(N=1, A=[3], batch_size=10, epochs=50, lr=1e300, random_state=0)
    with open_studio(network, X, Y) as studio, pytest.raises(DivergedError):
        studio.fit()
