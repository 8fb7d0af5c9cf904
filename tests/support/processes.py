"""Start Python processes, and wait for what they do: for as long as a machine takes that is busy."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HANG_SECONDS = 600.0
"""Nothing takes as long that has not come to a stop."""
SUPPORT = Path(__file__).parent


def run_python(code: str, *arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, to its end; return what it printed."""
    command = [sys.executable, "-c", code, *arguments]
    settings = {"capture_output": True, "text": True, "check": True, "timeout": HANG_SECONDS} | settings
    return subprocess.run(command, **settings)


def start_python(code: str, **settings: Any) -> subprocess.Popen[str]:
    """Start code in a process of its own; what is in this folder is importable there."""
    code = f"import sys; sys.path.insert(0, {str(SUPPORT)!r})\n{code}"
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-c", code], text=True, **silent | settings)


def wait_until(condition: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
    """Wait for a condition, unless the process that is to bring it about ends before."""
    deadline = time.monotonic() + HANG_SECONDS
    while not condition():
        assert process is None or process.poll() is None, "the process ended before"
        assert time.monotonic() < deadline, "it has not happened"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Say whether a process of this number is there, and not ended and waiting for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def members_of(group: int) -> list[int]:
    """Return the processes of a group that have not ended."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, _, its_group = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:3]
                if int(its_group) == group and state not in "ZX":
                    members.append(int(entry.name))
    return members


def command_of(pid: int) -> str:
    """Return the command line of a process; nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
