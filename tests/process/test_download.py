"""The downloader, against a server on this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from glassnet.data import cache_folder, download, idx_sha256, read_idx, write_idx
from glassnet.data.download import download_idx
from glassnet.errors import DataFileError, FileError


class Server:
    """Answer each request with the next of the prepared answers; the last one stays."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.n_requests = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answer = outer.answers[min(outer.n_requests, len(outer.answers) - 1)]
                outer.n_requests += 1
                answer(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/numbers.gz"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()


def whole(content, *, length=True):
    def answer(request):
        request.send_response(200)
        if length:
            request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def cut(content):
    def answer(request):
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content[:-10])

    return answer


def status(code):
    return lambda request: request.send_error(code)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def waits(monkeypatch):
    """Record how long the downloader would have slept."""
    seconds = []
    monkeypatch.setattr("time.sleep", seconds.append)
    return seconds


@pytest.fixture
def published(tmp_path):
    path = tmp_path / "published.gz"
    write_idx(path, np.arange(1000, dtype=np.int32))
    return path.read_bytes(), idx_sha256(path)


@pytest.mark.parametrize("length", [True, False])
def test_a_file_arrives(length, published, tmp_path, waits):
    content, sha256 = published
    path = tmp_path / "new" / "folder" / "numbers.gz"
    with Server(whole(content, length=length)) as server:
        download_idx(server.url, path, sha256=sha256)
    assert path.read_bytes() == content
    assert [file.name for file in path.parent.iterdir()] == ["numbers.gz"]
    assert waits == []


@pytest.mark.parametrize("code", [503, 500, 429, 408])
def test_a_busy_server_is_asked_again_after_growing_waits(code, published, tmp_path, waits):
    content, sha256 = published
    with Server(status(code), status(code), status(code), whole(content)) as server:
        download_idx(server.url, tmp_path / "a.gz", sha256=sha256)
    assert waits == [0.5, 1, 2]
    assert read_idx(tmp_path / "a.gz").shape == (1000,)


def test_an_answer_cut_short_is_asked_for_again(published, tmp_path, waits):
    content, sha256 = published
    with Server(cut(content), whole(content)) as server:
        download_idx(server.url, tmp_path / "a.gz", sha256=sha256)
    assert (tmp_path / "a.gz").read_bytes() == content
    assert waits == [0.5]


def test_answers_always_cut_short_leave_no_file(published, tmp_path, waits):
    content, sha256 = published
    folder = tmp_path / "cache"
    with (
        Server(cut(content)) as server,
        pytest.raises(FileError, match=r"cut short, .* \(attempt 4 of 4\)\. Ask a friend\."),
    ):
        download_idx(server.url, folder / "a.gz", sha256=sha256, hint="Ask a friend.")
    assert server.n_requests == 4
    assert not folder.exists()


def test_a_wrong_checksum_is_refused_at_once_and_not_kept(published, tmp_path, waits):
    content, _ = published
    with Server(whole(content)) as server, pytest.raises(DataFileError, match=r"not kept: .*SHA-256"):
        download_idx(server.url, tmp_path / "a.gz", sha256="0" * 64)
    assert server.n_requests == 1
    assert not (tmp_path / "a.gz").exists()


def test_a_web_page_instead_of_the_file_is_refused(tmp_path, waits):
    with (
        Server(whole(b"<html>Please log in</html>")) as server,
        pytest.raises(DataFileError, match="not an IDX file"),
    ):
        download_idx(server.url, tmp_path / "a.gz", sha256="0" * 64)


def test_a_file_that_is_not_there_is_asked_for_once(tmp_path, waits):
    with Server(status(404)) as server, pytest.raises(FileError, match=r"HTTP Error 404.*\(attempt 1 of 4\)"):
        download_idx(server.url, tmp_path / "a.gz", sha256="0" * 64)
    assert server.n_requests == 1


def test_an_endless_answer_is_not_taken(published, tmp_path, monkeypatch, waits):
    content, sha256 = published
    monkeypatch.setattr(download, "MAX_DOWNLOAD_BYTES", 100)
    with Server(whole(content)) as server, pytest.raises(FileError, match="more than 100 bytes"):
        download_idx(server.url, tmp_path / "a.gz", sha256=sha256)
    assert server.n_requests == 1


def test_a_server_that_does_not_answer_is_given_up(tmp_path, waits):
    over = threading.Event()
    with Server(lambda request: over.wait(10)) as server:
        with pytest.raises(FileError, match=r"timed out.*\(attempt 2 of 2\)"):
            download_idx(server.url, tmp_path / "a.gz", sha256="0" * 64, attempts=2, timeout=0.1)
        over.set()


def test_progress_shows_only_when_it_takes_long(capsys):
    with download.progress_on_stderr("Downloading numbers.gz") as progress:
        progress(10, 100)
    assert capsys.readouterr() == ("", "")
    with download.progress_on_stderr("Downloading numbers.gz", after=0) as progress:
        progress(10, 100)
        progress(100, None)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Downloading numbers.gz" in err


def test_the_cache_folder_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("GLASSNET_DATA", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("GLASSNET_DATA", "~/somewhere")
    assert cache_folder() == Path.home() / "somewhere"
    monkeypatch.delenv("GLASSNET_DATA")
    assert cache_folder().name == "glassnet"
