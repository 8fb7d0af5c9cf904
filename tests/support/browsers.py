"""A Chromium of this machine, a studio in a process of its own, and what a page complained of."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from processes import HANG_SECONDS, wait_until

COMMANDS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60_000
"""Milliseconds that a page has for what it does at once where the machine is not busy."""


def find_chromium(playwright: Any) -> str | None:
    """Return where a Chromium is: on the path, else the one that Playwright has downloaded; None without."""
    for command in COMMANDS:
        if found := shutil.which(command):
            return found
    own: str = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@contextmanager
def open_browser(playwright: Any, executable: str) -> Iterator[Any]:
    """Run a Chromium without a window; as root it has no sandbox, which there cannot be one."""
    browser = playwright.chromium.launch(
        executable_path=executable, args=["--no-sandbox", "--disable-dev-shm-usage"], timeout=PATIENCE
    )
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class Studio:
    """Hold a running studio.

    Attributes
    ----------
    url : str
        Of the page, with the token.
    process : Popen
    log : list of str
        What it has written so far, line by line.
    """

    url: str
    process: subprocess.Popen[str]
    log: list[str] = field(default_factory=list)

    def ask(self, path: str, **query: Any) -> Any:
        """Return what the server answers, as plain values."""
        return json.loads(self.read(path, **query))

    def read(self, path: str, **query: Any) -> bytes:
        """Return what the server answers."""
        with self._open(path, None, query) as answer:
            content: bytes = answer.read()
        return content

    def post(self, path: str, message: Any, **query: Any) -> Any:
        """Send a message, and return the answer."""
        with self._open(path, json.dumps(message).encode(), query) as answer:
            return json.load(answer)

    def command(self, name: str, **fields: Any) -> Any:
        """Do a command, and return the session."""
        return self.post("/api/command", {"do": name, **fields})["session"]

    def frames(self) -> Iterator[bytes]:
        """Yield the data of frames as they come."""
        with self._open("/api/events", None, {}) as events:
            for line in events:
                if line.startswith(b"data: "):
                    yield line[len(b"data: ") :].strip()

    def _open(self, path: str, body: bytes | None, query: dict[str, Any]) -> Any:
        parts = urlsplit(self.url)
        words = urlencode(query | dict(parse_qsl(parts.query)))
        address = urlunsplit((parts.scheme, parts.netloc, path, words, ""))
        headers = {} if body is None else {"Content-Type": "application/json"}
        return urlopen(Request(address, body, headers), timeout=HANG_SECONDS)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait(HANG_SECONDS)


@contextmanager
def run_studio(
    *words: str,
    cwd: Path | None = None,
    doctor: bool = True,
    command: Sequence[str] = ("studio",),
    data: Path | None = None,
) -> Iterator[Studio]:
    """Run ``glassnet studio`` with some words on a free port, until it is left, or without its doctor.

    Another `command` opens a studio too; `data` is the folder for what glassnet keeps of a user.

    Raises
    ------
    AssertionError
        When it ends before it says its address.
    """
    line = [sys.executable, "-u", "-m", "glassnet", *command, "--no-browser", *words]
    if not doctor:
        line += ["--no-doctor"]
    if "--port" not in words:
        line += ["--port", "0"]
    environment = _environment() | ({} if data is None else {"XDG_DATA_HOME": str(data)})
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, env=environment
    )
    studio = Studio("", process)
    reader = threading.Thread(target=_read, args=(process, studio), daemon=True)
    reader.start()
    try:
        wait_until(lambda: studio.url or process.poll() is not None)
        assert studio.url, f"the studio ended: {''.join(studio.log)}"
        yield studio
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                studio.kill()
        reader.join(HANG_SECONDS)
        assert process.stdout is not None
        process.stdout.close()


def _environment() -> dict[str, str]:
    """Return the environment with this very glassnet in front: a process in another folder finds it too."""
    import glassnet

    source = str(Path(glassnet.__file__).parents[1])
    return os.environ | {"PYTHONPATH": os.pathsep.join([source, os.environ.get("PYTHONPATH", "")])}


def _read(process: subprocess.Popen[str], studio: Studio) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        studio.log.append(line)
        words: Sequence[str] = line.split()
        studio.url = studio.url or next((word for word in words if word.startswith("http://")), "")
