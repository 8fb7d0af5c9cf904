"""A studio in a notebook."""

import httpx
import numpy as np
import pytest

from glassnet import NeuralNetwork, open_studio

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
