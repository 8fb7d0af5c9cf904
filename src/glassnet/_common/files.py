"""Write files so that a reader sees the old content or the new, never half of either."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from glassnet.errors import FileError


def write_atomically(path: str | os.PathLike[str], content: bytes | str, *, durable: bool = True) -> None:
    """Write `content` to `path` in one step that cannot be seen half done.

    The content goes to a temporary file in the same folder, which takes the place of `path` by a rename.
    A crash leaves the old file as it was.

    Parameters
    ----------
    path : path-like
        The folder is made when it is missing.
    content : bytes or str
        Text is written as UTF-8.
    durable : bool
        Wait until the content is on the disk, so that it survives a power cut too. What is soon written
        again can do without.

    Raises
    ------
    FileError
        When the folder cannot be written to or the disk is full.
    """
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, 0o644)  # mkstemp makes the file private; results are to be read by others too
        os.replace(temporary, path)
    except OSError as error:
        raise FileError(
            f"cannot write {path}: {error.strerror or error}. "
            "Choose a folder that you may write to, on a disk with free space."
        ) from error
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)


def user_cache_folder() -> Path | None:
    """Name the folder of glassnet in the user's cache; None for a user without a home."""
    from platformdirs import user_cache_dir

    try:
        folder = Path(user_cache_dir("glassnet"))
    except RuntimeError:
        return None
    return folder if folder.is_absolute() else None  # earlier platformdirs name a folder called "~"


def write_json(path: str | os.PathLike[str], value: Any, *, durable: bool = True) -> None:
    """Write `value` atomically as indented JSON; NaN and infinity are refused, since JSON has neither."""
    write_atomically(path, json.dumps(value, indent=2, allow_nan=False) + "\n", durable=durable)
