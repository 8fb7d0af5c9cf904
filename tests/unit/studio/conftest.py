"""Sessions and clients for the tests of the studio's server."""

import threading

import httpx
import pytest

from glassnet.studio.opened import open_data
from glassnet.studio.serving import Serving
from glassnet.studio.session import Session


@pytest.fixture
def open_session():
    """Return a function that opens a session; all are closed in the end, and no thread stays."""
    before, opened = set(threading.enumerate()), []

    def open_one(source="moons", **settings):
        session = Session(open_data(source) if isinstance(source, str) else source)
        opened.append(session)
        if settings:
            session.command({"do": "restart", "settings": settings})
        return session

    yield open_one
    for session in opened:
        if not session.is_closed:
            session.close()
    left = [each for each in set(threading.enumerate()) - before if each.name == "glassnet-studio"]
    assert not left


@pytest.fixture
def session(open_session):
    return open_session()


class Studio:
    """Ask the server of a session, as its page does."""

    def __init__(self, session):
        self.session = session
        self.serving = Serving(session)
        self.serving.start()
        self.host, self.token = f"127.0.0.1:{self.serving.port}", self.serving.token
        self.client = httpx.Client(base_url=f"http://{self.host}", timeout=60)

    def close(self):
        self.client.close()
        self.serving.stop()

    def get(self, path, **query):
        response = self.client.get(path, params={"token": self.token, **query})
        assert response.status_code == 200, response.text
        return response.json()

    def view(self, name, **query):
        return self.get(f"/api/view/{name}", **query)

    def do(self, name, /, **fields):
        response = self._post(name, fields)
        assert response.status_code == 200, response.text
        return response.json()["session"]

    def refused(self, name, /, **fields):
        response = self._post(name, fields)
        assert response.status_code == 400
        return response.json()["error"]

    def _post(self, name, fields):
        return self.client.post("/api/command", json={"do": name, **fields}, params={"token": self.token})


@pytest.fixture
def serve(open_session):
    """Return a function that serves a session on some data."""
    served = []

    def serve_one(source="moons", **settings):
        served.append(Studio(open_session(source, **settings)))
        return served[-1]

    yield serve_one
    for studio in served:
        studio.close()


@pytest.fixture
def ask(serve):
    """Return the studio of a session on the moons."""
    return serve()
