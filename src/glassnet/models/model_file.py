"""Model files: arrays and plain values in one safetensors file, never code.

A model file is a safetensors file whose header carries one JSON text under the key ``glassnet``. Reading
it runs no code, whoever wrote it: everything is checked against the header before it is used.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.fields import without_twins
from glassnet._common.files import open_regular, write_atomically
from glassnet._common.quoting import shown
from glassnet.errors import DataFileError

FORMAT_VERSION = 2
"""Raised when a reader of the old version could not read the new file."""

READABLE_VERSIONS = (1, FORMAT_VERSION)

MOST_HEADER_BYTES = 100_000_000
"""What a header may take, which is what safetensors allows."""

MOST_VALUES = 5_000_000
"""How many values a header may hold: those of some 500,000 epochs."""

MOST_ARRAYS = 32

DTYPES = ("BOOL", "U8", "U16", "U32", "U64", "I8", "I16", "I32", "I64", "F16", "F32", "F64")
"""What arrays may hold, as safetensors calls it: NumPy has all of these."""

LONGEST_KIND = 100


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

    # copies: another thread may be training the network, and the digest is to be of what is written
    contiguous = {name: np.array(array, order="C") for name, array in arrays.items()}
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
    path = Path(path)
    with _telling_damage(path), _open(path) as (file, text, header):
        whole = hashlib.sha256(text.encode()).hexdigest() == file.metadata().get("glassnet_sha256")
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        version, digests, found_kind = header["format_version"], dict(header["sha256"]), header["kind"]
    if type(version) is not int or version not in READABLE_VERSIONS:
        raise DataFileError(
            f"{shown(path)} has the format version {shown(version)}; this glassnet reads the versions up to "
            f"{FORMAT_VERSION}. Load it with the glassnet that wrote it, or update glassnet."
        )
    if kind is not None and found_kind != kind:
        raise DataFileError(
            f"{shown(path)} holds a {found_kind}; expected a {kind}. glassnet.load(path) reads any class."
        )
    damaged = [name for name, array in arrays.items() if digests.get(name) != _digest(array)]
    if damaged or not whole or digests.keys() != arrays.keys():
        raise DataFileError(
            f"{shown(path)} is damaged: the content of {shown(', '.join(damaged) or 'the file')} does not "
            "have the SHA-256 that was written with it. Copy or train it again."
        )
    return arrays, header


def read_kind(path: str | os.PathLike[str]) -> str:
    """Return what a file is a model of, without reading its arrays.

    Raises
    ------
    DataFileError
        When the file is missing or damaged.
    """
    path = Path(path)
    with _telling_damage(path), _open(path) as (_, _, header):
        return str(header["kind"])


@contextmanager
def _open(path: Path) -> Iterator[tuple[Any, str, dict[str, Any]]]:
    """Open a file whose header is one of ours; yield it with the text of its metadata, and their values.

    What safetensors takes and a model file never holds is refused before it is read: too much of anything,
    a name twice, and types that NumPy has not.
    """
    from safetensors import safe_open

    with open_regular(path) as opened:
        size, n_bytes = os.fstat(opened.fileno()).st_size, int.from_bytes(opened.read(8), "little")
        if n_bytes > min(size - 8, MOST_HEADER_BYTES):
            raise ValueError(f"its header would take {n_bytes:,} bytes, and the file has {size:,}")
        described = _parse(opened.read(n_bytes).decode())
    described.pop("__metadata__", None)
    if len(described) > MOST_ARRAYS:
        raise ValueError(f"it holds {len(described):,} arrays; expected {MOST_ARRAYS} at most")
    strange = [array["dtype"] for array in described.values() if array["dtype"] not in DTYPES]
    if strange:
        raise ValueError(f"it holds numbers of the type {strange[0]!r}; expected one of {', '.join(DTYPES)}")
    with safe_open(path, framework="numpy") as file:
        text = (file.metadata() or {})["glassnet"]
        header = _parse(text)
        kind = header["kind"]
        if not (isinstance(kind, str) and kind.isidentifier() and len(kind) <= LONGEST_KIND):
            raise ValueError(f"it holds a model of the kind {kind!r}")
        yield file, text, header


def _parse(text: str) -> dict[str, Any]:
    """Return the names and values of a JSON text that has not too many of them, and no name twice."""
    if text.count("[") + text.count("{") + text.count(",") > MOST_VALUES:
        raise ValueError(f"its header has more than {MOST_VALUES:,} values")
    named = json.loads(text, object_pairs_hook=without_twins)
    if not isinstance(named, dict):
        raise ValueError(f"its header is a {type(named).__name__}, and no names with values")
    return named


@contextmanager
def _telling_damage(path: Path) -> Iterator[None]:
    """Say of a file that cannot be read that it is none of ours, or damaged."""
    from safetensors import SafetensorError

    try:
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
    if (
        stored.ndim != 2
        or stored.dtype != np.uint32
        or not stored.shape[1]
        or (stored > sys.maxunicode).any()
    ):
        raise ValueError(f"text in an array of {stored.dtype} of shape {stored.shape}")
    return np.ascontiguousarray(stored).view(f"<U{stored.shape[1]}")[:, 0]
