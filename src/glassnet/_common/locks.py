"""Keep a second process out of a folder."""

import errno
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glassnet._common.files import cannot_write
from glassnet._common.quoting import shown
from glassnet.errors import RunFolderError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK_FILE = ".lock"
_WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What a file system answers that has no locks."""
_BEYOND = 2**30
"""The byte that is locked where only bytes can be: beyond what the file holds, which others are to read."""
_PAUSE_SECONDS = 0.003
"""Between two looks whether a lock is free."""


_HELD: set[int] = set()
"""The open files of the locks that this process holds."""


def _let_go() -> None:
    """Close in a forked process what its parent has locked, or it would hold the locks after the parent."""
    for descriptor in _HELD:
        with suppress(OSError):
            os.close(descriptor)
    _HELD.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


class HeldLock:
    """A lock on a folder that this process holds.

    Parameters
    ----------
    path : Path
        Of the lock's file.
    descriptor : int
        Of the same file, open.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor

    def is_lost(self) -> bool:
        """Whether the file is no longer there: the folder was deleted, moved, or made anew."""
        try:
            there = os.stat(self._path)
        except OSError:
            return True
        return not os.path.samestat(there, os.fstat(self._descriptor))


class FileLock:
    """A lock that processes take in turn, or hold as long as they live.

    The system gives it back when its process ends, however that ends. Its file stays. Two locks of the same
    process on one file keep each other out too.

    Parameters
    ----------
    path : Path
        Its folder is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def try_acquire(self) -> bool:
        """Take it unless another one has it; return whether it is taken now.

        Raises
        ------
        FileError
            When its file cannot be written.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        except OSError as error:
            raise cannot_write(self._path, error) from error
        _HELD.add(descriptor)
        try:
            _lock(descriptor)
        except OSError:
            _HELD.discard(descriptor)
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def acquire(self) -> bool:
        """Wait until it is free, and take it."""
        while not self.try_acquire():
            time.sleep(_PAUSE_SECONDS)
        return True

    def release(self) -> None:
        """Give it back; nothing happens without it."""
        if self._descriptor in _HELD:  # not in a forked process, which has let go of it
            _HELD.remove(self._descriptor)
            os.close(self._descriptor)
        self._descriptor = None

    def __enter__(self) -> "FileLock":
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


@contextmanager
def lock_folder(folder: Path) -> Iterator[HeldLock]:
    """Hold the lock of a folder, which no other process can hold meanwhile.

    The system gives a lock back when its process ends, however that ends: the file of one that was killed is
    in nobody's way. On a file system without locks nobody is kept out.

    Parameters
    ----------
    folder : Path
        It is there.

    Yields
    ------
    HeldLock

    Raises
    ------
    RunFolderError
        When another process holds it; the message says which.
    FileError
        When the folder cannot be written.
    """
    path = folder / LOCK_FILE
    descriptor = _take(path)
    lock = HeldLock(path, descriptor)
    _HELD.add(descriptor)
    try:
        with suppress(OSError):  # who it is helps others, but a full disk is no reason to stop here
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield lock
    finally:
        if descriptor in _HELD:  # not in a forked process, which has let go of it
            _HELD.remove(descriptor)
            with suppress(OSError):
                if not lock.is_lost():
                    path.unlink()
            os.close(descriptor)


def _take(path: Path) -> int:
    """Return the open file of a lock once it is locked."""
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        except OSError as error:
            raise cannot_write(path, error) from error
        try:
            _lock(descriptor)
        except OSError as error:
            holder = os.read(descriptor, 200).decode(errors="replace")
            os.close(descriptor)
            raise RunFolderError(
                f"{shown(path.parent)} is in use by another run ({shown(holder) or 'of another process'}). "
                "Wait until that has ended, or choose another folder with --out."
            ) from error
        if not HeldLock(path, descriptor).is_lost():
            return descriptor
        os.close(descriptor)  # its last holder removed it just now


def _lock(descriptor: int) -> None:
    """Lock an open file; raise OSError when another one holds it."""
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            os.lseek(descriptor, _BEYOND, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
