"""Model files: arrays and plain values in one safetensors file, never code.

A model file is a safetensors file whose header carries one JSON text under the key ``glassnet``. Reading
it runs no code, whoever wrote it: everything is checked against the header before it is used.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.files import check_regular, write_atomically
from glassnet._common.quoting import shown
from glassnet.errors import DataFileError

FORMAT_VERSION = 2
"""Raised when a reader of the old version could not read the new file."""

READABLE_VERSIONS = (1, FORMAT_VERSION)


def write_model(
    path: str | os.PathLike[str], arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, Any]
) -> None:
    """Write arrays and metadata to one file, atomically.

    Parameters
    ----------
    path : path-like
    arrays : mapping of str to ndarray
    metadata : mapping
        Values that JSON can hold; its key ``"kind"`` says what the file is a model of.

    Raises
    ------
    FileError
        When the file cannot be written.
    """
    from safetensors.numpy import save

    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    header = json.dumps(
        {
            **metadata,
            "format_version": FORMAT_VERSION,
            "sha256": {name: _digest(array) for name, array in contiguous.items()},
        }
    )
    digest = hashlib.sha256(header.encode()).hexdigest()
    write_atomically(path, save(contiguous, {"glassnet": header, "glassnet_sha256": digest}))


def read_model(
    path: str | os.PathLike[str], kind: str | None
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read what `write_model` wrote.

    Parameters
    ----------
    path : path-like
    kind : str or None
        What the file must be a model of; None takes any.

    Returns
    -------
    arrays : dict of str to ndarray
    metadata : dict

    Raises
    ------
    DataFileError
        When the file is missing, damaged, of another kind, or of a newer version.
    """
    from safetensors import safe_open

    path = Path(path)
    with _telling_damage(path), safe_open(path, framework="numpy") as file:
        texts = file.metadata() or {}
        header = json.loads(texts["glassnet"])
        whole = hashlib.sha256(texts["glassnet"].encode()).hexdigest() == texts.get("glassnet_sha256")
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        version, digests, found_kind = header["format_version"], dict(header["sha256"]), header["kind"]
    if version not in READABLE_VERSIONS:
        raise DataFileError(
            f"{path} has the format version {version}; this glassnet reads the versions up to "
            f"{FORMAT_VERSION}. Load it with the glassnet that wrote it, or update glassnet."
        )
    if kind is not None and found_kind != kind:
        raise DataFileError(
            f"{path} holds a {found_kind}; expected a {kind}. glassnet.load(path) reads any class."
        )
    damaged = [name for name, array in arrays.items() if digests.get(name) != _digest(array)]
    if damaged or not whole or digests.keys() != arrays.keys():
        raise DataFileError(
            f"{path} is damaged: the content of {', '.join(damaged) or 'the file'} does not have the "
            "SHA-256 that was written with it. Copy or train it again."
        )
    return arrays, header


def read_kind(path: str | os.PathLike[str]) -> str:
    """Return what a file is a model of, without reading its arrays.

    Raises
    ------
    DataFileError
        When the file is missing or damaged.
    """
    from safetensors import safe_open

    path = Path(path)
    with _telling_damage(path), safe_open(path, framework="numpy") as file:
        return str(json.loads((file.metadata() or {})["glassnet"])["kind"])


@contextmanager
def _telling_damage(path: Path) -> Iterator[None]:
    """Say of a file that cannot be read that it is none of ours, or damaged."""
    from safetensors import SafetensorError

    try:
        check_regular(path)
        yield
    except FileNotFoundError as error:
        raise DataFileError(f"there is no model file {shown(path)}.") from error
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise DataFileError(
            f"{shown(path)} is not a glassnet model file, or it is damaged ({shown(error)}). "
            "Expected a file that save() wrote; if it was copied, copy it again."
        ) from error


def _digest(array: NDArray[Any]) -> str:
    description = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(description + array.tobytes()).hexdigest()


def text_to_numbers(labels: NDArray[Any]) -> NDArray[Any]:
    """Return labels as safetensors can hold them: text as the code points of each label."""
    if labels.dtype.kind == "O" and all(isinstance(label, str) for label in labels):
        labels = labels.astype(str)
    if labels.dtype.kind != "U":
        return labels
    return np.ascontiguousarray(labels).view(np.uint32).reshape(len(labels), -1)


def text_from_numbers(stored: NDArray[Any]) -> NDArray[Any]:
    """Return the labels that `text_to_numbers` was given."""
    if stored.ndim == 1:
        return stored
    return np.ascontiguousarray(stored).view(f"<U{stored.shape[1]}")[:, 0]
