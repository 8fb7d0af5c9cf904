"""Where compiled kernels are kept between processes, and how: machine code, which is read only from you.

A kept kernel is code, like Python's own ``.pyc`` files: whoever can write one decides what the next process
runs. So it is kept in folders alone that this user owns and nobody else may open, and a file that is damaged
is as good as none. Nothing here imports Numba.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from glassnet._common.files import user_cache_folder, write_atomically
from glassnet.errors import FileError

SUFFIX = ".kernel"

_DIGEST_BYTES = 32


def folders() -> list[Path]:
    """Name the folders that may keep kernels, those that are preferred first; they need not be there.

    That is ``$NUMBA_CACHE_DIR`` where it is set; else beside the package, and in the user's cache folder.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return [Path(chosen) / "glassnet"]
    own = user_cache_folder()
    return [Path(__file__).parent / "__pycache__" / "kernels", *([own / "kernels"] if own else [])]


def is_private(folder: Path) -> bool:
    """Return whether a folder is there, this user's, and closed to all others (where a system has users)."""
    try:
        found = folder.lstat()  # a link may have been laid by others
    except OSError:
        return False
    if not hasattr(os, "geteuid"):
        return stat.S_ISDIR(found.st_mode)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def folder_to_write() -> Path | None:
    """Return the first folder that can keep kernels, and make it; None where there is none."""
    for folder in folders():
        with suppress(OSError):
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
        if is_private(folder) and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return None


def any_kept() -> bool:
    """Return whether some kernel is kept somewhere."""
    return any(True for folder in _readable() for _ in folder.glob(f"*{SUFFIX}"))


def read(name: str) -> bytes | None:
    """Return what was kept under a name; None where there is nothing, or what there is is damaged."""
    for folder in _readable():
        with suppress(OSError):
            content = (folder / f"{name}{SUFFIX}").read_bytes()
            digest, payload = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
            if hashlib.sha256(name.encode() + payload).digest() == digest:
                return payload
    return None


def write(name: str, payload: bytes) -> None:
    """Keep something under a name, in place of what was damaged; where it cannot be kept, it is not."""
    folder = folder_to_write()
    if folder is not None:
        digest = hashlib.sha256(name.encode() + payload).digest()
        with suppress(FileError):  # such as a full disk
            write_atomically(folder / f"{name}{SUFFIX}", digest + payload, durable=False)


def _readable() -> Iterator[Path]:
    return filter(is_private, folders())
