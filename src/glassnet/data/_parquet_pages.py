"""Check what a Parquet file says of its pages, before pyarrow believes it.

No checksum covers the header of a page, nor the footer of the file. They give sizes, and pyarrow makes room
for them before it has read what is there, so that one flipped bit would take 2 GB. The format is at
https://parquet.apache.org/docs/file-format/; its fields have numbers, as Thrift has them.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

from thrift.protocol.TCompactProtocol import TCompactProtocol
from thrift.protocol.TProtocol import TProtocolException
from thrift.Thrift import TException, TType
from thrift.transport.TTransport import TMemoryBuffer

MOST_HEADER_BYTES = 2**20

MOST_PAGE_BYTES = 2**28
"""Of a page that is unpacked. Writers end one at 1 MB, or at some thousand rows."""

UNPACKED_SIZE, SIZE, N_VALUES = 2, 3, 1
CONTENTS = (5, 7, 8)
"""Of a page of data, of a dictionary, or of data in the second version; each has `N_VALUES`."""
HEADER: Any = {UNPACKED_SIZE: None, SIZE: None} | {field: {N_VALUES: None} for field in CONTENTS}
"""The fields of a header that are read, and those of its structs in turn."""

GROUPS, N_ROWS, COLUMNS, METADATA = 4, 3, 1, 3
PATH, N_COLUMN_VALUES, COLUMN_SIZE, DATA_PAGE, DICTIONARY_PAGE = 3, 5, 7, 9, 11
FOOTER: Any = {
    GROUPS: {
        COLUMNS: {
            METADATA: dict.fromkeys((PATH, N_COLUMN_VALUES, COLUMN_SIZE, DATA_PAGE, DICTIONARY_PAGE)),
        },
        N_ROWS: None,
    }
}

DAMAGES = (EOFError, LookupError, TypeError, ValueError, AssertionError, OSError, struct.error, TException)
"""What is raised where bytes are not what the format says."""


class Group(NamedTuple):
    """Hold what the footer says of a row group."""

    n_rows: int
    columns: dict[str, Any]


class _Protocol(TCompactProtocol):  # type: ignore[misc]  # Thrift has no types
    """Read Thrift's compact protocol; texts stay bytes, as which statistics are stored."""

    readString = TCompactProtocol.readBinary


def read_groups(file: BinaryIO) -> list[Group]:
    """Return the row groups of a file, in their order; raise one of `DAMAGES` where they cannot be read."""
    end = file.seek(-8, 2)
    file.seek(end - int.from_bytes(file.read(4), "little"))
    content = file.read(end - file.tell())
    footer, _ = _parse(content, FOOTER, most_listed=len(content))
    groups = []
    for group in footer[GROUPS]:
        columns = [column[METADATA] for column in group[COLUMNS]]
        groups.append(Group(group[N_ROWS], {b".".join(one[PATH]).decode(): one for one in columns}))
    return groups


def check_pages(file: BinaryIO, column: Mapping[int, Any]) -> None:
    """Raise one of `DAMAGES` where a page of a column of a `Group` cannot be as its header says."""
    place = min(column[page] for page in (DATA_PAGE, DICTIONARY_PAGE) if column.get(page))
    end = place + column[COLUMN_SIZE]
    while place < end:
        header, n_bytes = _read_header(file, place, end - place)
        size, unpacked = header[SIZE], header[UNPACKED_SIZE]
        place += n_bytes + size
        if size < 0 or place > end:
            raise ValueError(f"a page has {size:,} bytes, which is not what the column has left")
        if not 0 <= unpacked <= MOST_PAGE_BYTES:
            raise ValueError(f"a page has {unpacked:,} bytes unpacked; expected at most {MOST_PAGE_BYTES:,}")
        n_values = (header[field][N_VALUES] for field in CONTENTS if field in header)
        if not all(0 <= number <= column[N_COLUMN_VALUES] for number in n_values):
            raise ValueError("a page has more values than its column")


def _read_header(file: BinaryIO, place: int, most: int) -> tuple[dict[int, Any], int]:
    """Return a header by its fields, and how many bytes it has."""
    n_bytes = min(2**12, most)
    while True:
        file.seek(place)
        try:
            return _parse(file.read(n_bytes), HEADER, most_listed=0)  # it has no lists
        except (EOFError, TProtocolException):
            if n_bytes >= min(most, MOST_HEADER_BYTES):
                raise
            n_bytes = min(16 * n_bytes, most, MOST_HEADER_BYTES)


def _parse(content: bytes, fields: Any, *, most_listed: int) -> tuple[dict[int, Any], int]:
    """Return some fields of a struct, and how many bytes it has."""
    buffer = TMemoryBuffer(content)
    protocol = _Protocol(buffer, string_length_limit=len(content), container_length_limit=most_listed)
    return _read(protocol, TType.STRUCT, fields), buffer.cstringio_buf.tell()


def _read(protocol: _Protocol, kind: int, fields: Any) -> Any:
    """Return a value; of a struct, those of its fields that are named."""
    match kind:
        case TType.STRUCT:
            return dict(_read_fields(protocol, fields))
        case TType.LIST:
            kind, size = protocol.readListBegin()
            values = [_read(protocol, kind, fields) for _ in range(size)]
            protocol.readListEnd()
            return values
        case TType.STRING:
            return protocol.readBinary()
        case TType.I32:
            return protocol.readI32()
        case TType.I64:
            return protocol.readI64()
    raise ValueError(f"a field of type {kind}")


def _read_fields(protocol: _Protocol, fields: Mapping[int, Any]) -> Iterator[tuple[int, Any]]:
    protocol.readStructBegin()
    while (head := protocol.readFieldBegin())[1] != TType.STOP:
        _, kind, number = head
        if number in fields:
            yield number, _read(protocol, kind, fields[number])
        else:
            protocol.skip(kind)
        protocol.readFieldEnd()
    protocol.readStructEnd()
