"""Read and write the IDX format, in which MNIST and its relatives are published.

An IDX file is a small header and then the numbers, all big-endian::

    byte 0-1   0, 0
    byte 2     the type of the numbers: 08 uint8, 09 int8, 0B int16, 0C int32, 0D float32, 0E float64
    byte 3     the number of dimensions, 1 to 4 here
    4 bytes    the size of each dimension, as an unsigned integer
    ...        the numbers, the last dimension changing fastest

Often the whole file is compressed with gzip. A header is only a claim: it is compared with the data that
are really there, piece by piece, so that a damaged or hostile file of a few bytes cannot make the reader
allocate gigabytes.

References
----------
Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits",
http://yann.lecun.com/exdb/mnist/, section "The IDX file format".
"""

import gzip
import hashlib
import io
import math
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from glassnet._common.files import open_regular, write_atomically
from glassnet._common.quoting import shown
from glassnet.errors import DataFileError, GlassnetError, InvalidDataError

DEFAULT_MAX_BYTES = 2**30
"""The most bytes of numbers that `read_idx` accepts unless told otherwise: 1 GiB; MNIST needs 45 MiB."""

Source: TypeAlias = str | os.PathLike[str] | BinaryIO

_TYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype("u1"),
    0x09: np.dtype("i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
_CODES = {dtype.newbyteorder("="): code for code, dtype in _TYPES.items()}
_TYPE_NAMES = ", ".join(str(dtype) for dtype in _CODES)
_MAX_DIMENSIONS = 4
_MOST_STREAMS = 1000  # in one gzip file; tools that write several write some tens
_CHUNK = 2**18  # 256 KiB: what a read takes at a time, so that memory follows the data, not the header


class _Header(NamedTuple):
    raw: bytes
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def n_bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def read_idx(
    source: Source, *, sha256: str | None = None, max_bytes: int = DEFAULT_MAX_BYTES
) -> NDArray[Any]:
    """Read an IDX file, plain or compressed with gzip.

    Parameters
    ----------
    source : path-like or binary file
        Gzip is recognised by the first two bytes, whatever the file is called. An open file must be
        seekable, and is left open.
    sha256 : str, optional
        The SHA-256, in hexadecimal, that the decompressed file must have.
    max_bytes : int
        The largest array to accept, in bytes; 1 GiB unless given.

    Returns
    -------
    ndarray
        1-D to 4-D, of the file's type in native byte order; writable.

    Raises
    ------
    DataFileError
        When the file is missing or unreadable, is not IDX, holds less or more than its header says,
        claims more than `max_bytes`, has a damaged gzip stream, or does not have the SHA-256 asked for.
    """
    with _decompressed(source) as (file, name):
        header = _read_header(file, name, max_bytes)
        digest = hashlib.sha256(header.raw) if sha256 is not None else None
        data = bytearray()
        while chunk := file.read(min(_CHUNK, header.n_bytes - len(data))):
            data += chunk
            if digest is not None:
                digest.update(chunk)
        if len(data) < header.n_bytes:
            raise DataFileError(
                f"{name} is cut short: its header promises {header.n_bytes:,} bytes of numbers "
                f"{_shape_text(header)} and {len(data):,} follow. Copy or download it again."
            )
        if file.read(1):  # reading past the end also makes gzip compare its checksum
            raise DataFileError(
                f"{name} is too long: its header promises {header.n_bytes:,} bytes of numbers "
                f"{_shape_text(header)} and more follow. Copy or download it again."
            )
    if digest is not None and sha256 is not None:
        _compare_digests(name, got=digest.hexdigest(), expected=sha256.lower())
    stored: NDArray[Any] = np.ndarray(header.shape, header.dtype, buffer=data)
    return stored.astype(header.dtype.newbyteorder("="), copy=False)


def idx_sha256(source: Source, *, max_bytes: int = DEFAULT_MAX_BYTES) -> str:
    """Compute the SHA-256 of the decompressed bytes of an IDX file, for `read_idx` to check later.

    The same numbers have the same digest whether and however they are compressed. The numbers are not
    compared with the header; `read_idx` does that.

    Parameters
    ----------
    source : path-like or binary file
        As for `read_idx`.
    max_bytes : int
        The largest array to accept, in bytes; 1 GiB unless given.

    Returns
    -------
    str
        64 hexadecimal digits, in lower case.

    Raises
    ------
    DataFileError
        When the file cannot be read, is not IDX, or is larger than `max_bytes` allows.
    """
    with _decompressed(source) as (file, name):
        header = _read_header(file, name, max_bytes)
        digest = hashlib.sha256(header.raw)
        left = max_bytes
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise DataFileError(f"{name} holds more than max_bytes={max_bytes:,} bytes of numbers.")
            digest.update(chunk)
    return digest.hexdigest()


def write_idx(path: str | os.PathLike[str], array: NDArray[Any]) -> None:
    """Write an array as an IDX file, compressed with gzip when the name ends in ``.gz``.

    The file appears in one step, and the same array gives the same bytes: the gzip header carries neither
    a time nor a name.

    Parameters
    ----------
    path : path-like
        The folder is made when it is missing.
    array : ndarray
        1-D to 4-D, of type uint8, int8, int16, int32, float32 or float64, in any byte order and layout.

    Raises
    ------
    InvalidDataError
        When the format has no place for the array's type or shape.
    FileError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_idx(f"{folder}/digits.gz", np.arange(6, dtype=np.uint8).reshape(2, 3))
    ...     read_idx(f"{folder}/digits.gz")
    array([[0, 1, 2],
           [3, 4, 5]], dtype=uint8)
    """
    array = np.asarray(array)
    code = _CODES.get(array.dtype.newbyteorder("="))
    if code is None:
        raise InvalidDataError(
            f"the IDX format cannot hold {array.dtype}; it holds {_TYPE_NAMES}. "
            "Convert the array first, for instance labels.astype(np.uint8)."
        )
    if not 1 <= array.ndim <= _MAX_DIMENSIONS or max(array.shape) >= 2**32:
        raise InvalidDataError(
            f"got an array of shape {array.shape}; an IDX file here has 1 to {_MAX_DIMENSIONS} dimensions, "
            "each below 2**32. Reshape the array first."
        )
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    content = header + array.astype(_TYPES[code], copy=False).tobytes()
    compress = os.fspath(path).lower().endswith(".gz")
    write_atomically(path, _gzipped(content) if compress else content)


def _gzipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as file:
        file.write(content)
    return packed.getvalue()


@contextmanager
def _decompressed(source: Source) -> Iterator[tuple[BinaryIO | io.BufferedReader, str]]:
    """Open `source` for reading what it holds once decompressed, with its name for messages."""
    name = shown(os.fspath(source)) if isinstance(source, str | os.PathLike) else "the open file"
    try:
        with ExitStack() as opened:
            if isinstance(source, str | os.PathLike):
                file: BinaryIO = opened.enter_context(open_regular(source))
            else:
                file = source
            start = file.read(2)
            file.seek(-len(start), os.SEEK_CUR)
            if start == b"\x1f\x8b":
                yield opened.enter_context(io.BufferedReader(_Gunzip(file), _CHUNK)), name
            else:
                yield file, name
    except GlassnetError:
        raise
    except FileNotFoundError as error:
        raise DataFileError(f"there is no file {name}. Check the folder and the spelling.") from error
    except (EOFError, zlib.error) as error:
        raise DataFileError(
            f"the gzip stream of {name} is damaged or cut short ({error}). Copy or download it again."
        ) from error
    except OSError as error:
        raise DataFileError(
            f"cannot read {name}: {error.strerror or error}. Check that it is a file that you may read."
        ) from error


class _Gunzip(io.RawIOBase):
    """Decompress a gzip file piece by piece: one stream, or a few one after the other, and zeros behind.

    `gzip.GzipFile` looks for a next stream, skips zeros and reads a name byte by byte in Python, so that a
    file made for it takes minutes.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._packed = b""  # read, and not yet decompressed
        self._n_streams = 0
        self._stream: Any = None  # the one that is open

    def readable(self) -> bool:
        """Return whether it can be read, for `io.BufferedReader`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill some of the buffer; return how much, and 0 at the end."""
        while True:
            self._packed = self._packed or self._file.read(_CHUNK)
            if self._stream is None:
                if self._n_streams:
                    self._packed = self._packed.lstrip(b"\0") or self._skip_zeros()
                    if not self._packed:
                        return 0
                self._n_streams += 1
                if self._n_streams > _MOST_STREAMS:
                    raise zlib.error(f"more than {_MOST_STREAMS} streams one after the other")
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            elif not self._packed:
                raise EOFError("the stream ends before its end mark")
            data = self._stream.decompress(self._packed, len(buffer))
            self._packed = self._stream.unconsumed_tail
            if self._stream.eof:
                self._packed, self._stream = self._stream.unused_data, None
            if data:
                buffer[: len(data)] = data
                return len(data)

    def _skip_zeros(self) -> bytes:
        """Return the next bytes from the file that does not begin with zeros; none at the end."""
        while chunk := self._file.read(_CHUNK):
            if left := chunk.lstrip(b"\0"):
                return left
        return b""


def _read_header(file: BinaryIO | io.BufferedReader, name: str, max_bytes: int) -> _Header:
    magic = file.read(4)
    if len(magic) < 4:
        raise DataFileError(
            f"{name} is cut short: it holds {len(magic)} bytes, and an IDX header begins with 4. "
            "Copy or download it again."
        )
    zeros, code, n_dimensions = struct.unpack(">HBB", magic)
    if zeros != 0:
        raise DataFileError(
            f"{name} is not an IDX file: it begins with the bytes {magic[:2].hex(' ')}, expected 00 00. "
            "Is it another format, or a web page saved under this name?"
        )
    if code not in _TYPES:
        known = ", ".join(f"0x{known:02X} {dtype}" for dtype, known in _CODES.items())
        raise DataFileError(
            f"{name} has the unknown type code 0x{code:02X}; expected one of {known}. "
            "The file is damaged or is not IDX."
        )
    if not 1 <= n_dimensions <= _MAX_DIMENSIONS:
        raise DataFileError(
            f"{name} claims {n_dimensions} dimensions; expected 1 to {_MAX_DIMENSIONS}. "
            "The file is damaged or is not IDX."
        )
    sizes = file.read(4 * n_dimensions)
    if len(sizes) < 4 * n_dimensions:
        raise DataFileError(f"{name} is cut short: it ends within its header. Copy or download it again.")
    header = _Header(magic + sizes, _TYPES[code], struct.unpack(f">{n_dimensions}I", sizes))
    # An empty dimension makes the product 0 while the others can still be more than numpy can index.
    if math.prod(max(size, 1) for size in header.shape) * header.dtype.itemsize > max_bytes:
        raise DataFileError(
            f"{name} claims numbers {_shape_text(header)}, which is more than max_bytes={max_bytes:,}. "
            "If the file is really that large, pass a larger max_bytes; else it is damaged."
        )
    return header


def _shape_text(header: _Header) -> str:
    return f"({' x '.join(str(size) for size in header.shape)}, {header.dtype.newbyteorder('=')})"


def _compare_digests(name: str, *, got: str, expected: str) -> None:
    if got != expected:
        raise DataFileError(
            f"{name} is not the file expected: its SHA-256, decompressed, is {got}, expected {expected}. "
            "Delete it and get it again, or name the folder that holds the right one."
        )
