"""What a result was computed with: versions, processor, BLAS; and the command that computes it again."""

import os
import platform
import shlex
import shutil
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = ("glassnet", "numpy", "scikit-learn", "scipy", "joblib", "matplotlib")


def describe_environment() -> dict[str, Any]:
    """Return versions, processor and BLAS libraries as values that JSON can hold."""
    from threadpoolctl import threadpool_info

    blas = [
        {key: pool[key] for key in ("internal_api", "version", "architecture", "num_threads") if key in pool}
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    ]
    return {
        "python": platform.python_version(),
        "packages": dict(_versions()),
        "system": platform.platform(terse=True),
        "processor": _processor(),
        "cores": count_cores(),
        "blas": blas,
    }


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    """Return the packages' versions, which are read from files, and do not change in a process."""
    return tuple((name, version(name)) for name in _PACKAGES)


def name_command() -> str:
    """Return what runs glassnet in the shell and folder that this process was started in.

    That is ``glassnet`` where the shell finds it, else the script of this Python's environment, or this
    Python with ``-m glassnet``; quoted for a shell, and relative to the current folder when it is below it.
    """
    script = Path(sys.executable).with_name("glassnet")
    found = shutil.which("glassnet")
    if found is not None and _is_same(Path(found), script):
        return "glassnet"
    if script.exists():
        return shlex.quote(_as_seen_from_here(script))
    return f"{shlex.quote(_as_seen_from_here(Path(sys.executable)))} -m glassnet"


def name_activation() -> str:
    """Return the command that puts this Python's environment on the path of a shell; empty without one."""
    script = Path(sys.executable).with_name("activate")
    return f". {shlex.quote(_as_seen_from_here(script))}" if script.exists() else ""


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _as_seen_from_here(path: Path) -> str:
    if not path.is_relative_to(os.getcwd()):
        return str(path)
    seen = str(path.relative_to(os.getcwd()))
    return seen if os.sep in seen else os.path.join(".", seen)  # a shell looks for a bare word elsewhere


def count_cores() -> int:
    """Return how many cores this process may use: what a container or taskset leaves of the machine's."""
    from joblib import cpu_count

    return int(cpu_count())


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
