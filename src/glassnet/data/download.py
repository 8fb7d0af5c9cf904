"""Fetch a published IDX file once, check it, and keep it in the cache folder.

Only `glassnet.data.load_fashion_mnist` with ``subset="full"`` reaches for the network, and only when the
files are nowhere on this machine. A download grows in a file of its own, ``.part``, which takes the name that
is wanted once it is complete and has the right SHA-256; what came of one that failed is gone on from.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

from glassnet._common.files import user_cache_folder
from glassnet._common.quoting import shown
from glassnet.data.idx import read_idx
from glassnet.errors import DataFileError, FileError

if TYPE_CHECKING:
    from glassnet.data._fetching import Part, Progress

CACHE_VARIABLE = "GLASSNET_DATA"
"""The environment variable that moves the cache folder."""

MAX_DOWNLOAD_BYTES = 64 * 2**20
"""The most that one file may have, compressed or not: 64 MiB; the largest published one has 45 MiB."""

MOST_SECONDS = 900.0
"""What one file may take, with all attempts; the largest one, 26 MB, comes in less over 30 kB/s."""


def cache_folder() -> Path:
    """Name the folder that keeps downloaded data: ``$GLASSNET_DATA``, else the user's cache folder.

    Raises
    ------
    FileError
        When the user has no home, and `GLASSNET_DATA` names no folder either.
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    try:
        folder = Path(chosen).expanduser() if chosen else user_cache_folder()
    except RuntimeError:  # there is no such home
        folder = None
    if folder is None:
        raise FileError(
            "this user has no home folder that could keep downloaded data. "
            f"Set the environment variable {CACHE_VARIABLE} to a folder that you may write to."
        )
    return folder


def download_idx(
    url: str,
    path: str | os.PathLike[str],
    *,
    sha256: str,
    hint: str = "",
    attempts: int = 4,
    timeout: float = 30.0,
    first_wait: float = 0.5,
    most_seconds: float = MOST_SECONDS,
) -> None:
    """Download an IDX file to `path`, where it appears only when it is complete and has the right SHA-256.

    A network that fails, an answer cut short and a server that is busy are tried again after a wait that
    doubles each time, from where the last attempt ended. A wrong checksum and any other refusal are not: they
    would only come again.

    Parameters
    ----------
    url : str
        From ``https`` no redirection leads to anything else.
    path : path-like
        The folder is made when it is missing.
    sha256 : str
        Of the decompressed file, in hexadecimal.
    hint : str
        What else the user can do; the end of the message when the download fails.
    attempts : int
        How often to try, at least 1.
    timeout : float
        Seconds without an answer after which an attempt has failed.
    first_wait : float
        Seconds between the first attempt and the second.
    most_seconds : float
        What all attempts together may take.

    Raises
    ------
    FileError
        When the file cannot be had, or `path` cannot be written: this is seen before anything is asked for.
    DataFileError
        When the file that came is not the one expected.

    Notes
    -----
    A download of more than two seconds shows its progress on the standard error.
    """
    from glassnet.data._fetching import open_part  # it brings what speaks HTTP and TLS

    path, deadline = Path(path), time.monotonic() + most_seconds
    try:
        with open_part(path) as part:
            goes_on = part.size > 0
            _fetch_with_retries(url, part, hint, attempts, timeout, first_wait, deadline)
            if goes_on and not _is_whole(part, sha256):  # it began as another file
                part.clear()
                _fetch_with_retries(url, part, hint, attempts, timeout, first_wait, deadline)
            try:
                read_idx(part.path, sha256=sha256, max_bytes=MAX_DOWNLOAD_BYTES)
            except DataFileError as error:
                part.remove()
                raise DataFileError(
                    f"{url} gave a file that cannot be used, and it was not kept: {error} {hint}"
                ) from None
            part.finish(path)
    except OSError as error:
        if isinstance(error, FileError):
            raise
        raise FileError(
            f"cannot write {shown(path)}: {error.strerror or error}. Set the environment variable "
            f"{CACHE_VARIABLE} to a folder that you may write to, on a disk with free space. {hint}"
        ) from error


def _is_whole(part: "Part", sha256: str) -> bool:
    try:
        read_idx(part.path, sha256=sha256, max_bytes=MAX_DOWNLOAD_BYTES)
    except DataFileError:
        return False
    return True


def _fetch_with_retries(
    url: str, part: "Part", hint: str, attempts: int, timeout: float, first_wait: float, deadline: float
) -> None:
    from urllib.error import HTTPError

    from glassnet.data._fetching import fetch

    with progress_on_stderr(f"Downloading {url.rsplit('/', 1)[-1]}") as progress:
        for attempt in range(attempts):
            if attempt:
                time.sleep(min(first_wait * 2 ** (attempt - 1), max(deadline - time.monotonic(), 0)))
            try:
                return fetch(url, part, timeout, deadline, MAX_DOWNLOAD_BYTES, progress)
            except (OSError, HTTPException) as error:  # URLError, HTTPError and timeouts are OSErrors
                failure = error
                if isinstance(error, HTTPError):
                    error.close()  # it holds the connection
                if not _is_worth_another_try(error) or time.monotonic() >= deadline:
                    break
    kept = f" {part.size:,} bytes are kept, and the next call goes on from there." if part.size else ""
    raise FileError(  # a server may say anything
        f"cannot download {url}: {shown(failure)} (attempt {attempt + 1} of {attempts}).{kept} {hint}"
    ) from failure


def _is_worth_another_try(error: Exception) -> bool:
    from urllib.error import HTTPError

    if isinstance(error, HTTPError):
        return error.code >= 500 or error.code in (408, 429)  # 408 too slow, 429 too many requests
    return not isinstance(error, DataFileError | FileError)


@contextmanager
def progress_on_stderr(label: str, after: float = 2.0) -> Iterator["Progress"]:
    """Give a function to report bytes to; it draws a bar once `after` seconds have passed."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress as Bars, TextColumn, TransferSpeedColumn

    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=Console(stderr=True),
    )
    task = bars.add_task(label)
    started = time.monotonic()

    def report(done: int, total: int | None) -> None:
        bars.update(task, completed=done, total=total)
        if not bars.live.is_started and time.monotonic() - started >= after:
            bars.start()

    try:
        yield report
    finally:
        if bars.live.is_started:
            bars.stop()
