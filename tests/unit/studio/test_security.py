"""Who is let in: pages of this very server, with its token."""

import pytest

from glassnet.errors import InvalidParameterError
from glassnet.studio.security import check_token, make_token

PATHS = ("/api/session", "/api/view/losses", "/api/events")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", [None, "", "toke", "token2", "Token", "ü"])
def test_without_the_token_nothing_is_answered(ask, path, token):
    query = {} if token is None else {"token": token}
    response = ask.client.get(path, params=query)
    assert response.status_code == 401
    assert response.json()["error"]["kind"] == "WrongToken"


def test_the_token_may_come_in_a_header(ask):
    assert ask.client.get("/api/session", headers={"X-Glassnet-Token": ask.token}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost"])
@pytest.mark.parametrize("path", ["/", "/static/style.css", "/api/session"])
def test_another_name_for_the_server_is_refused(ask, host, path):
    response = ask.client.get(path, params={"token": ask.token}, headers={"Host": host})
    assert response.status_code == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:1", "http://127.0.0.1:1", "http://localhost"]
)
def test_another_site_changes_nothing(ask, origin):
    response = ask.client.post(
        "/api/command", params={"token": ask.token}, json={"do": "step"}, headers={"Origin": origin}
    )
    assert response.status_code == 403
    assert ask.session.runs["a"].recorder.newest == 0


def test_the_own_page_may(ask):
    headers = {"Origin": f"http://{ask.host}"}
    response = ask.client.post(
        "/api/command", params={"token": ask.token}, json={"do": "step"}, headers=headers
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/..%2f..%2fsession.py",
        "/static//etc/passwd",
    ],
)
def test_no_file_outside_the_page_is_read(ask, path):
    response = ask.client.get(path)
    assert response.status_code in (400, 404)
    assert "import" not in response.text


def test_a_page_opens_no_file_by_its_path(ask, tmp_path):
    table = tmp_path / "secret.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    assert "unknown data set" in ask.refused("data", name=str(table))["message"]


def test_a_long_body_is_refused(ask):
    body = b'{"do": "' + b"x" * (1 << 20) + b'"}'
    response = ask.client.post("/api/command", params={"token": ask.token}, content=body)
    assert response.status_code == 413

    def in_parts():
        for _ in range(20):
            yield b"x" * (1 << 16)

    response = ask.client.post("/api/command", params={"token": ask.token}, content=in_parts())
    assert response.status_code in (400, 413)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 100_000, b'{"do": 1}', b'{"do": ["x"]}']
)
def test_what_is_no_command_is_refused(ask, body):
    response = ask.client.post("/api/command", params={"token": ask.token}, content=body)
    assert response.status_code == 400
    assert response.json()["error"]["message"]


def test_answers_say_what_a_browser_may_do_with_them(ask):
    response = ask.client.get("/api/session", params={"token": ask.token})
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("token", ["", "short", "with/a/slash/and/long/enough", "é" * 24])
def test_a_token_that_can_be_guessed_or_breaks_an_address_is_refused(token):
    with pytest.raises(InvalidParameterError, match="token"):
        check_token(token)


def test_a_token_of_ones_own_is_taken():
    own = make_token()
    assert check_token(own) == own
