"""Fetch a published IDX file once, check it, and keep it in the cache folder.

Only `glassnet.data.load_fashion_mnist` with ``subset="full"`` reaches for the network, and only when the
files are nowhere on this machine.
"""

import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import TypeAlias

from glassnet._common.files import write_atomically
from glassnet.data.idx import read_idx
from glassnet.errors import DataFileError, FileError

CACHE_VARIABLE = "GLASSNET_DATA"
"""The environment variable that moves the cache folder."""

MAX_DOWNLOAD_BYTES = 64 * 2**20
"""The most that one file may have, compressed or not: 64 MiB; the largest published one has 45 MiB."""

Progress: TypeAlias = Callable[[int, int | None], None]

_CHUNK = 2**18


def cache_folder() -> Path:
    """Name the folder that keeps downloaded data: ``$GLASSNET_DATA``, else the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("glassnet"))


def download_idx(
    url: str,
    path: str | os.PathLike[str],
    *,
    sha256: str,
    hint: str = "",
    attempts: int = 4,
    timeout: float = 30.0,
    first_wait: float = 0.5,
) -> None:
    """Download an IDX file to `path`, where it appears only when it is complete and has the right SHA-256.

    A network that fails, an answer cut short and a server that is busy are tried again after a wait that
    doubles each time. A wrong checksum and any other refusal are not: they would only come again.

    Parameters
    ----------
    url : str
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

    Raises
    ------
    FileError
        When the file cannot be had, or `path` cannot be written.
    DataFileError
        When the file that came is not the one expected.

    Notes
    -----
    A download of more than two seconds shows its progress on the standard error.
    """
    content = _fetch_with_retries(url, hint, attempts, timeout, first_wait)
    try:
        read_idx(io.BytesIO(content), sha256=sha256, max_bytes=MAX_DOWNLOAD_BYTES)
    except DataFileError as error:
        raise DataFileError(
            f"{url} gave a file that cannot be used, and it was not kept: {error} {hint}"
        ) from None
    write_atomically(path, content)


def _fetch_with_retries(url: str, hint: str, attempts: int, timeout: float, first_wait: float) -> bytes:
    from urllib.error import HTTPError

    with progress_on_stderr(f"Downloading {url.rsplit('/', 1)[-1]}") as progress:
        for attempt in range(attempts):
            if attempt:
                time.sleep(first_wait * 2 ** (attempt - 1))
            try:
                return _fetch(url, timeout, progress)
            except (OSError, HTTPException) as error:  # URLError, HTTPError and timeouts are OSErrors
                failure = error
                if isinstance(error, HTTPError):
                    error.close()  # it holds the connection
                if not _is_worth_another_try(error):
                    break
    raise FileError(
        f"cannot download {url}: {failure} (attempt {attempt + 1} of {attempts}). {hint}"
    ) from failure


def _fetch(url: str, timeout: float, progress: Progress) -> bytes:
    from urllib.request import urlopen

    content = bytearray()
    with urlopen(url, timeout=timeout) as answer:
        length = answer.headers.get("Content-Length")
        total = int(length) if length and length.isdecimal() else None
        while chunk := answer.read(_CHUNK):
            content += chunk
            if len(content) > MAX_DOWNLOAD_BYTES:
                raise DataFileError(f"the answer has more than {MAX_DOWNLOAD_BYTES:,} bytes")
            progress(len(content), total)
    if total is not None and len(content) < total:
        raise ConnectionError(f"the answer was cut short, {len(content):,} of {total:,} bytes")
    return bytes(content)


def _is_worth_another_try(error: Exception) -> bool:
    from urllib.error import HTTPError

    if isinstance(error, HTTPError):
        return error.code >= 500 or error.code in (408, 429)  # 408 too slow, 429 too many requests
    return not isinstance(error, DataFileError)


@contextmanager
def progress_on_stderr(label: str, after: float = 2.0) -> Iterator[Progress]:
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
