"""The downloader, against a server on this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request

import numpy as np
import pytest
from processes import run_python

from glassnet.data import _fetching, cache_folder, download, idx_sha256, read_idx, write_idx
from glassnet.data.catalog import FASHION_URL
from glassnet.data.download import download_idx
from glassnet.errors import DataFileError, FileError


class Server:
    """Answer each request with the next of the prepared answers; the last one stays."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.n_requests = 0
        self.ranges = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answer = outer.answers[min(outer.n_requests, len(outer.answers) - 1)]
                outer.n_requests += 1
                outer.ranges.append(self.headers["Range"])
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


def part_of(content, *, sent=None, begins=None):
    """Answer as a server that can send the rest of a file: `sent` bytes of it, or from where it `begins`."""

    def answer(request):
        wanted = request.headers["Range"]
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if start >= len(content):
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(content)}")
            request.end_headers()
            return
        start = start if begins is None else begins
        request.send_response(206 if wanted else 200)
        if wanted:
            request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        request.wfile.write(content[start:][:sent])

    return answer


def never_ending(over, head=b""):
    """Send something every now and then, in steps that no timeout finds too long."""

    def answer(request):
        request.wfile.write(head)
        while not over.wait(0.05):
            try:
                request.wfile.write(b"x")
            except OSError:
                return

    return answer


def redirection(url):
    def answer(request):
        request.send_response(302)
        request.send_header("Location", url)
        request.end_headers()

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


def test_answers_always_cut_short_leave_no_file_under_the_name(published, tmp_path, waits):
    content, sha256 = published
    with (
        Server(cut(content)) as server,
        pytest.raises(
            FileError, match=r"cut short, .* \(attempt 4 of 4\)\. .* are kept, .*\. Ask a friend\."
        ),
    ):
        download_idx(server.url, tmp_path / "a.gz", sha256=sha256, hint="Ask a friend.")
    assert server.n_requests == 4
    assert [path.name for path in tmp_path.iterdir()] == ["published.gz", "a.gz.part"]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_attempt_goes_on_where_the_last_one_ended(published, tmp_path, waits):
    content, sha256 = published
    with Server(part_of(content, sent=50)) as server:
        download_idx(server.url, tmp_path / "new" / "a.gz", sha256=sha256, attempts=1000)
    assert (tmp_path / "new" / "a.gz").read_bytes() == content
    assert server.ranges[:3] == [None, "bytes=50-", "bytes=100-"]
    assert names(tmp_path / "new") == ["a.gz"]


def test_a_call_goes_on_where_the_last_one_ended(published, tmp_path, waits):
    content, sha256 = published
    with Server(part_of(content, sent=50), part_of(content)) as server:
        with pytest.raises(FileError, match=r"50 bytes are kept, and the next call goes on from there\."):
            download_idx(server.url, tmp_path / "a.gz", sha256=sha256, attempts=1)
        assert not (tmp_path / "a.gz").exists()
        download_idx(server.url, tmp_path / "a.gz", sha256=sha256, attempts=1)
    assert server.ranges == [None, "bytes=50-"]
    assert names(tmp_path) == ["a.gz", "published.gz"]
    assert (tmp_path / "a.gz").read_bytes() == content


BEGINNINGS = {
    "of another file": lambda content: b"<html>Please log in</html>",
    "damaged": lambda content: content[:20] + b"?" + content[21:-5],
    "whole": lambda content: content,
    "too long": lambda content: content + b"more",
    "of a server that sends all again": lambda content: content[:100],
}


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_whatever_an_earlier_call_has_left_the_right_file_comes(beginning, published, tmp_path, waits):
    content, sha256 = published
    (tmp_path / "a.gz.part").write_bytes(BEGINNINGS[beginning](content))
    answer = whole(content) if beginning == "of a server that sends all again" else part_of(content)
    with Server(answer) as server:
        download_idx(server.url, tmp_path / "a.gz", sha256=sha256, attempts=1)
    assert (tmp_path / "a.gz").read_bytes() == content
    assert server.n_requests == {"of another file": 2, "damaged": 2, "too long": 2}.get(beginning, 1)
    assert names(tmp_path) == ["a.gz", "published.gz"]


def test_a_server_that_sends_another_part_than_asked_for_is_asked_anew(published, tmp_path, waits):
    content, sha256 = published
    (tmp_path / "a.gz.part").write_bytes(content[:100])
    with Server(part_of(content, begins=90), part_of(content)) as server:
        download_idx(server.url, tmp_path / "a.gz", sha256=sha256, attempts=1)
    assert server.ranges == ["bytes=100-", None]


def test_two_that_download_the_same_file_do_not_meet(published, tmp_path, waits):
    """The second one begins, and ends, while the first one waits for its server."""
    content, sha256 = published
    path = tmp_path / "a.gz"
    begun, over = threading.Event(), threading.Event()

    def slow(request):
        begun.set()
        assert over.wait(60)
        whole(content)(request)

    with Server(slow, whole(content)) as server:
        first = threading.Thread(target=download_idx, args=(server.url, path), kwargs={"sha256": sha256})
        first.start()
        assert begun.wait(60)
        download_idx(server.url, path, sha256=sha256)
        assert path.read_bytes() == content
        assert names(tmp_path) == ["a.gz", "a.gz.part", "published.gz"]
        over.set()
        first.join()
    assert path.read_bytes() == content
    assert names(tmp_path) == ["a.gz", "published.gz"]


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


def test_what_a_server_says_is_shown_in_part_and_without_what_steers_a_terminal(tmp_path, waits):
    said = b"HTTP/1.0 404 \x1b[31m" + 1000 * b"x" + b"\r\n\r\n"
    with Server(lambda request: request.wfile.write(said)) as server, pytest.raises(FileError) as caught:
        download_idx(server.url, tmp_path / "a.gz", sha256="0" * 64)
    assert r"HTTP Error 404: \x1b[31mxxx" in str(caught.value)
    assert len(str(caught.value)) < 350


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


HEADS = {
    "the status": b"",
    "the headers": b"HTTP/1.0 200 OK\r\nX-Long: ",
    "the file": b"HTTP/1.0 200 OK\r\nContent-Length: 100000\r\n\r\n",
}


@pytest.mark.parametrize("head", HEADS)
def test_a_server_that_never_comes_to_an_end_is_given_up(head, tmp_path, waits):
    over = threading.Event()
    with Server(never_ending(over, HEADS[head])) as server:
        with pytest.raises(FileError, match=r"the time for it is over \(attempt 1 of 4\)"):
            download_idx(server.url, tmp_path / "a.gz", sha256="0" * 64, most_seconds=0.3)
        over.set()
    assert not (tmp_path / "a.gz").exists()


def test_waits_count_too(tmp_path, waits):
    with Server(status(503)) as server, pytest.raises(FileError, match="503"):
        download_idx(server.url, tmp_path / "a.gz", sha256="0" * 64, first_wait=1000, most_seconds=20)
    assert all(seconds <= 20 for seconds in waits)


def test_what_comes_over_https_comes_over_https():
    assert FASHION_URL.startswith("https://")


def test_no_redirection_leads_out_of_tls(tmp_path):
    ask, (fp, headers) = _fetching.KeepTLS().redirect_request, (None, {})
    safe = Request("https://127.0.0.1/numbers.gz")
    assert ask(safe, fp, 302, "Found", headers, "https://127.0.0.1/other.gz") is not None
    with pytest.raises(HTTPError, match="to a place without it"):
        ask(safe, fp, 302, "Found", headers, "http://127.0.0.1/other.gz")


def test_a_redirection_is_followed(published, tmp_path, waits):
    content, sha256 = published
    with Server(whole(content)) as other, Server(redirection(other.url)) as server:
        download_idx(server.url, tmp_path / "a.gz", sha256=sha256)
    assert (tmp_path / "a.gz").read_bytes() == content


def test_a_folder_that_cannot_be_written_is_seen_before_anything_is_asked_for(tmp_path, waits):
    (tmp_path / "file").touch()
    with (
        Server(status(404)) as server,
        pytest.raises(FileError, match=r"cannot write .*file.* GLASSNET_DATA .* Ask a friend\."),
    ):
        download_idx(server.url, tmp_path / "file" / "a.gz", sha256="0" * 64, hint="Ask a friend.")
    assert server.n_requests == 0


def test_a_full_disk_is_no_fault_of_the_server(published, tmp_path):
    """A limit on the size of files stands in for the disk."""
    resource = pytest.importorskip("resource")
    content, sha256 = published
    code = f"""
from glassnet.data.download import download_idx
import sys
try:
    download_idx(sys.argv[1], sys.argv[2], sha256={sha256!r}, first_wait=0)
except OSError as error:
    print(type(error).__name__, error)"""

    def write_little():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    with Server(whole(content)) as server:
        done = run_python(code, server.url, str(tmp_path / "a.gz"), preexec_fn=write_little)
        assert server.n_requests == 1
    assert done.stdout.startswith("FileError")
    assert "cannot write" in done.stdout
    assert not (tmp_path / "a.gz").exists()


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


@pytest.mark.parametrize("chosen", [None, "~nobody-of-this-name/data"])
def test_a_user_without_a_home_is_told_what_to_set(chosen, monkeypatch):
    def user_cache_dir(name):
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_cache_dir", user_cache_dir)
    monkeypatch.delenv("GLASSNET_DATA", raising=False)
    if chosen:
        monkeypatch.setenv("GLASSNET_DATA", chosen)
    with pytest.raises(FileError, match="GLASSNET_DATA to a folder"):
        cache_folder()
