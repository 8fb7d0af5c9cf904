"""Open what is a file, and write so that a reader sees the old content or the new, never half of either."""

import errno
import json
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from glassnet._common.quoting import shown
from glassnet.errors import FileError

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
"""How a file is opened to be read: without waiting, as opening a named pipe would until somebody writes."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file to read its bytes; what waits or never ends, a pipe or a device, is refused.

    Every reader of glassnet opens its files here, or asks `check_regular` where a library opens them.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    binary file
        Seekable. Used in a ``with``, it is closed at the end.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    OSError
        When it cannot be read, is no regular file, or the path is none that the system takes; `strerror` says
        which, for the caller's message.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError as error:  # a path with a NUL, or with what the system cannot write
        raise OSError(errno.EINVAL, f"no path that the system takes ({error})") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, NOT_REGULAR)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


NOT_REGULAR = "it is no regular file"
"""What is said of a folder, a pipe or a device where a file is expected."""


def check_regular(path: str | os.PathLike[str]) -> None:
    """Raise the errors of `open_regular`, for a file that a library opens by its path."""
    open_regular(path).close()


def read_regular(path: str | os.PathLike[str]) -> bytes:
    """Return all bytes of a regular file; see `open_regular` for the errors."""
    with open_regular(path) as file:
        return file.read()


def write_atomically(
    path: str | os.PathLike[str], content: bytes | str, *, durable: bool = True, make_folder: bool = True
) -> None:
    """Write `content` to `path` in one step that cannot be seen half done; see `writing_atomically`.

    Parameters
    ----------
    path : path-like
    content : bytes or str
        Text is written as UTF-8.
    durable, make_folder : bool

    Raises
    ------
    FileError
        When the folder cannot be written to or the disk is full.
    """
    with writing_atomically(path, durable=durable, make_folder=make_folder) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def writing_atomically(
    path: str | os.PathLike[str], *, durable: bool = True, make_folder: bool = True
) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` when the ``with`` ends, and only then.

    What is written goes to a temporary file in the same folder, which takes the place of `path` by a rename.
    A crash, or an error within the ``with``, leaves the old file as it was. A file that was there keeps its
    rights; a new one has those that the umask leaves, as any file that is made.

    Parameters
    ----------
    path : path-like
    durable : bool
        Wait until the content is on the disk, so that it survives a power cut too. What is soon written
        again can do without.
    make_folder : bool
        Make the folder when it is missing; else that is an error.

    Yields
    ------
    binary file

    Raises
    ------
    FileError
        When the folder cannot be written to or the disk is full.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        rights = _rights_of(path)
        place = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(place, _NEW, 0o666 if rights is None else 0o600)  # the umask is taken off
        temporary = place
        with os.fdopen(descriptor, "wb") as file:
            if rights is not None:
                os.chmod(temporary, rights)  # before there is anything to be read
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except FileError:
        raise
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def cannot_write(path: Path, error: OSError) -> FileError:
    """Return the error for a place that the system does not let be written."""
    return FileError(
        f"cannot write {shown(path)}: {error.strerror or error}. "
        "Choose a folder that you may write to, on a disk with free space."
    )


def remove_unfinished(folder: Path, name: str) -> None:
    """Remove what a process left of a file that was killed in `write_atomically`."""
    for path in folder.glob(f".{name}.*"):
        path.unlink(missing_ok=True)


def _rights_of(path: Path) -> int | None:
    """Return who may read and write a file, as `os.chmod` takes it; None when there is none yet."""
    try:
        return stat.S_IMODE(path.stat().st_mode) & 0o777
    except FileNotFoundError:
        return None


def user_cache_folder() -> Path | None:
    """Name the folder of glassnet in the user's cache; None for a user without a home."""
    from platformdirs import user_cache_dir

    return _folder_of_user(user_cache_dir)


def user_data_folder() -> Path | None:
    """Name the folder in which glassnet keeps what belongs to the user; None for a user without a home."""
    from platformdirs import user_data_dir

    return _folder_of_user(user_data_dir)


def _folder_of_user(find: Callable[[str], str]) -> Path | None:
    try:
        folder = Path(find("glassnet"))
    except RuntimeError:
        return None
    return folder if folder.is_absolute() else None  # earlier platformdirs name a folder called "~"


def write_json(
    path: str | os.PathLike[str],
    value: Any,
    *,
    durable: bool = True,
    make_folder: bool = True,
    indent: int | None = 2,
) -> None:
    """Write `value` atomically as JSON; NaN and infinity are refused, since JSON has neither."""
    content = json.dumps(value, indent=indent, allow_nan=False) + "\n"
    write_atomically(path, content, durable=durable, make_folder=make_folder)
