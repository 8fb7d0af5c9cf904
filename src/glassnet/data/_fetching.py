"""One attempt of a download: what the server sends goes behind what is there, within a time."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPResponse
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeAlias
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from glassnet._common.quoting import shown
from glassnet.errors import DataFileError, FileError

try:
    import fcntl
except ImportError:  # a system without such locks: downloads are not gone on from there
    fcntl = None  # type: ignore[assignment]

Progress: TypeAlias = Callable[[int, int | None], None]

_CHUNK = 2**18


class Part:
    """Hold what has come of a download, in a file beside the one that is wanted.

    Attributes
    ----------
    path : Path
    size : int
        Bytes that there are.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self._file = path, file
        self.size = file.seek(0, os.SEEK_END)
        self._writer = threading.Lock()
        self._is_open = True

    def add(self, chunk: bytes) -> None:
        """Write bytes behind those that there are."""
        with self._writer:
            if not self._is_open:
                raise TimeoutError("the download was given up")
            try:
                self._file.write(chunk)
                self._file.flush()
            except OSError as error:
                raise FileError(f"cannot write {shown(self.path)}: {error.strerror or error}") from error
            self.size += len(chunk)

    def clear(self) -> None:
        """Begin anew."""
        with self._writer:
            if not self._is_open:
                raise TimeoutError("the download was given up")
            self._file.truncate(0)
            self._file.seek(0)
            self.size = 0

    def give_up(self) -> None:
        """Take nothing more from a thread that still waits for the server."""
        with self._writer:
            self._is_open = False

    def remove(self) -> None:
        """Delete the file."""
        self.path.unlink(missing_ok=True)

    def finish(self, path: Path) -> None:
        """Give the file the name that is wanted, once it is on the disk."""
        os.fsync(self._file.fileno())
        os.replace(self.path, path)


@contextmanager
def open_part(path: Path) -> Iterator[Part]:
    """Open the file that a download of `path` grows in: what an earlier one has left, or a new one.

    While another process is at it, this one has a file of its own, which it takes away.

    Raises
    ------
    OSError
        When the folder cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    shared = path.with_name(f"{path.name}.part")
    with open(shared, "ab") as file:
        if _is_ours_alone(file, shared):
            part = Part(shared, file)
            try:
                yield part
            finally:
                if not part.size:
                    part.remove()
            return
    own = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    with open(own, "xb") as file:
        part = Part(own, file)
        try:
            yield part
        finally:
            part.remove()


def _is_ours_alone(file: IO[bytes], path: Path) -> bool:
    """Lock a file, and return whether it still has that name: another process may have renamed it."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:  # it is locked, or gone, or its disk knows no locks
        return False


def fetch(url: str, part: Part, timeout: float, deadline: float, max_bytes: int, progress: Progress) -> None:
    """Ask a server for what is missing of a file, once.

    Parameters
    ----------
    url : str
    part : Part
        What there is; the rest is added to it.
    timeout : float
        Seconds without an answer after which the attempt has failed.
    deadline : float
        When it has failed whatever comes, on the clock of `time.monotonic`.
    max_bytes : int
        The most that the file may have.
    progress : callable
        Called with the bytes that there are, and how many there will be, if the server says so.

    Raises
    ------
    OSError, http.client.HTTPException
        When the answer fails, is a refusal, or is cut short.
    DataFileError
        When the answer is too large.
    """
    seconds = max(deadline - time.monotonic(), 0)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            _fetch(url, part, timeout, max_bytes, progress)
        except BaseException as error:
            failures.append(error)

    # a thread, since a timeout holds for each step of an answer, and a server may make any number of them
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        thread.join(seconds)
    finally:
        if thread.is_alive():
            part.give_up()
    if failures:
        raise failures[0]
    if thread.is_alive():
        raise TimeoutError("the time for it is over")


def _fetch(url: str, part: Part, timeout: float, max_bytes: int, progress: Progress) -> None:
    answer = _ask(url, part, timeout)
    if answer is None:
        return
    with answer:
        length = answer.headers.get("Content-Length", "")
        total = part.size + int(length) if length.isdecimal() else None
        while chunk := answer.read1(_CHUNK):
            if part.size + len(chunk) > max_bytes:
                part.clear()
                raise DataFileError(f"the answer has more than {max_bytes:,} bytes")
            part.add(chunk)
            progress(part.size, total)
    if total is not None and part.size < total:
        raise ConnectionError(f"the answer was cut short, {part.size:,} of {total:,} bytes")


def _ask(url: str, part: Part, timeout: float) -> HTTPResponse | None:
    """Return the answer that begins where the part ends; None where nothing is missing."""
    headers = {"Range": f"bytes={part.size}-"} if part.size else {}
    try:
        answer: HTTPResponse = build_opener(KeepTLS).open(Request(url, headers=headers), timeout=timeout)
    except HTTPError as error:
        if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not part.size:
            raise
        error.close()
        if error.headers.get("Content-Range") == f"bytes */{part.size}":
            return None
        part.clear()
        return _ask(url, part, timeout)
    begins = answer.headers.get("Content-Range", "").startswith(f"bytes {part.size}-")
    if part.size and not (answer.status == HTTPStatus.PARTIAL_CONTENT and begins):
        part.clear()
        if answer.status == HTTPStatus.PARTIAL_CONTENT:
            answer.close()
            return _ask(url, part, timeout)
    return answer


class KeepTLS(HTTPRedirectHandler):
    """Follow redirections, but none that leads from https to what others can read and change."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """Return the request to go on with."""
        if req.type == "https" and not newurl.startswith("https:"):
            raise HTTPError(newurl, code, "redirected from https to a place without it", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
