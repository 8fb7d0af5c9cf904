"""The IDX format: what is written comes back, and nothing else is believed."""

import gzip
import hashlib
import io
import struct
import sys
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from glassnet.data import idx_sha256, read_idx, write_idx
from glassnet.errors import DataFileError, InvalidDataError

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: "i2", 0x0C: "i4", 0x0D: "f4", 0x0E: "f8"}
MIB = 2**20

arrays = hnp.arrays(
    dtype=st.sampled_from([np.dtype(name) for name in TYPES.values()]),
    shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5),
)


def header(code, *shape):
    return struct.pack(f">HBB{len(shape)}I", 0, code, len(shape), *shape)


def saved(folder, content, *, packed=False):
    path = folder / "numbers.idx"
    path.write_bytes(gzip.compress(content) if packed else content)
    return path


@settings(max_examples=100, deadline=None)
@given(array=arrays, suffix=st.sampled_from(["", ".gz"]))
def test_what_is_written_is_read_again(array, suffix, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / f"round-trip{suffix}"
    write_idx(path, array)
    again = read_idx(path, sha256=idx_sha256(path))
    assert again.shape == array.shape
    assert again.dtype == array.dtype
    assert again.dtype.isnative
    assert again.tobytes() == array.tobytes()  # bit for bit, NaN payloads included
    assert again.flags.writeable
    assert again.flags.c_contiguous


@pytest.mark.parametrize(("code", "name"), TYPES.items())
def test_numbers_are_big_endian_after_the_header(code, name, tmp_path):
    array = np.array([[1, 2, 3], [4, 5, 6]], dtype=name)
    write_idx(tmp_path / "a", array)
    content = (tmp_path / "a").read_bytes()
    assert content == header(code, 2, 3) + array.astype(array.dtype.newbyteorder(">")).tobytes()


def test_a_file_made_by_hand_is_read(tmp_path):
    path = saved(tmp_path, header(0x0B, 3) + bytes([0, 1, 1, 0, 255, 254]))
    np.testing.assert_array_equal(read_idx(path), np.array([1, 256, -2], dtype=np.int16))


def test_other_layouts_and_byte_orders_are_written_the_same(tmp_path):
    array = np.arange(12, dtype=np.int32).reshape(3, 4)
    write_idx(tmp_path / "a", array)
    write_idx(tmp_path / "b", np.asfortranarray(array).astype(">i4"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_compressed_output_holds_no_time_and_no_name(tmp_path):
    array = np.arange(100, dtype=np.uint8)
    write_idx(tmp_path / "one.GZ", array)
    write_idx(tmp_path / "two.gz", array)
    content = (tmp_path / "one.GZ").read_bytes()
    assert content == (tmp_path / "two.gz").read_bytes()
    assert content[:8] == b"\x1f\x8b\x08" + bytes(5)  # no flags, no time


def test_gzip_is_known_by_its_bytes_and_not_by_the_name(tmp_path):
    content = header(0x08, 2) + b"\x05\x06"
    for name, stored in (("packed", gzip.compress(content)), ("plain.gz", content)):
        (tmp_path / name).write_bytes(stored)
        assert read_idx(tmp_path / name).tolist() == [5, 6]


def test_several_gzip_members_are_one_stream(tmp_path):
    path = tmp_path / "members.gz"
    path.write_bytes(gzip.compress(header(0x08, 2)) + gzip.compress(b"\x05") + gzip.compress(b"\x06"))
    assert read_idx(str(path)).tolist() == [5, 6]


@pytest.mark.parametrize("packed", [False, True])
def test_an_open_file_is_read_and_left_open(packed):
    content = header(0x08, 2) + b"\x05\x06"
    file = io.BytesIO(gzip.compress(content) if packed else content)
    assert read_idx(file).tolist() == [5, 6]
    assert not file.closed


def test_the_digest_is_of_the_decompressed_bytes(tmp_path):
    array = np.arange(1000, dtype=np.int16)
    write_idx(tmp_path / "a", array)
    write_idx(tmp_path / "a.gz", array)
    expected = hashlib.sha256((tmp_path / "a").read_bytes()).hexdigest()
    assert idx_sha256(tmp_path / "a") == idx_sha256(tmp_path / "a.gz") == expected
    np.testing.assert_array_equal(read_idx(tmp_path / "a.gz", sha256=expected.upper()), array)


def test_another_digest_is_refused(tmp_path):
    write_idx(tmp_path / "a.gz", np.arange(9, dtype=np.uint8))
    with pytest.raises(DataFileError, match="not the file expected: its SHA-256"):
        read_idx(tmp_path / "a.gz", sha256="0" * 64)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "holds 0 bytes", id="empty"),
        pytest.param(b"\0\0\x08", "holds 3 bytes", id="cut within the magic"),
        pytest.param(b"\0\0\x08\x03\0\0\0\x01", "ends within its header", id="cut within the sizes"),
        pytest.param(header(0x08, 2, 3) + bytes(5), "promises 6 bytes .* and 5 follow", id="cut"),
        pytest.param(header(0x0E, 1) + bytes(7), r"\(1, float64\) and 7 follow", id="cut number"),
        pytest.param(header(0x08, 2, 3) + bytes(7), "promises 6 bytes .* and more follow", id="too long"),
        pytest.param(header(0x08, 0) + bytes(1), "too long", id="empty array and more"),
        pytest.param(b"<!doctype html>", "begins with the bytes 3c 21, expected 00 00", id="a web page"),
        pytest.param(header(0x0A, 1) + b"\0", "unknown type code 0x0A; expected .*0x08 uint8", id="type"),
        pytest.param(header(0x08), "claims 0 dimensions", id="no dimension"),
        pytest.param(header(0x08, 1, 1, 1, 1, 1) + b"\0", "claims 5 dimensions", id="five dimensions"),
        pytest.param(header(0x08, 2**32 - 1) + b"\0", "more than max_bytes=1,073,741,824", id="absurd size"),
        pytest.param(header(0x0E, *[2**32 - 1] * 4), "more than max_bytes", id="product beyond 64 bits"),
        pytest.param(header(0x08, 0, *[2**32 - 1] * 3), "more than max_bytes", id="empty but absurd"),
    ],
)
def test_a_bad_file_is_refused(content, message, packed, tmp_path):
    path = saved(tmp_path, content, packed=packed)
    with pytest.raises(DataFileError, match=message) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)
    assert isinstance(caught.value, OSError)


def test_max_bytes_is_a_limit_that_can_be_met(tmp_path):
    path = saved(tmp_path, header(0x0D, 4) + bytes(16))
    assert read_idx(path, max_bytes=16).shape == (4,)
    with pytest.raises(DataFileError, match=r"\(4, float32\), which is more than max_bytes=15"):
        read_idx(path, max_bytes=15)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DataFileError, match=r"there is no file .*nothing"):
        read_idx(tmp_path / "nothing")
    with pytest.raises(DataFileError, match=r"cannot read .*Check that it is a file"):
        read_idx(tmp_path)


def damaged_gzip_files():
    good = gzip.compress(header(0x08, 100) + bytes(range(100)))
    wrong_sum = bytearray(good)
    wrong_sum[-8] ^= 1
    wrong_length = bytearray(good)
    wrong_length[-1] ^= 1
    wrong_block = bytearray(good)
    wrong_block[10] = 0xFF
    return {
        "cut within its header": good[:2],
        "cut within its data": good[:40],
        "cut within its checksum": good[:-4],
        "wrong checksum": bytes(wrong_sum),
        "wrong length": bytes(wrong_length),
        "impossible block": bytes(wrong_block),
        "something after it": good + b"something",
    }


@pytest.mark.parametrize("damage", damaged_gzip_files())
def test_a_damaged_gzip_stream_is_refused(damage, tmp_path):
    path = tmp_path / "damaged"
    path.write_bytes(damaged_gzip_files()[damage])
    with pytest.raises(DataFileError, match=r"gzip stream of .* is damaged or cut short"):
        read_idx(path)


def bomb(claim, megabytes):
    """Compress a header that claims `claim` bytes and then `megabytes` MiB of zeros."""
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(header(0x08, claim))]
    parts += [packer.compress(bytes(MIB)) for _ in range(megabytes)]
    return b"".join([*parts, packer.flush()])


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        pytest.param(10, "too long", id="claims little, holds much"),
        pytest.param(2**30 + 1, "more than max_bytes", id="claims more than the limit"),
    ],
)
def test_a_gzip_bomb_allocates_next_to_nothing(claim, message, tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(bomb(claim, megabytes=64))
    assert path.stat().st_size < 0.1 * MIB
    assert peak_bytes_of_refusal(path, message) < 2 * MIB


@pytest.mark.parametrize("packed", [False, True])
def test_a_header_that_claims_a_gibibyte_allocates_only_what_follows(packed, tmp_path):
    path = saved(tmp_path, header(0x08, 2**30) + bytes(1000), packed=packed)
    assert peak_bytes_of_refusal(path, "and 1,000 follow") < 2 * MIB


def test_the_digest_of_a_gzip_bomb_stops_at_the_limit(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(bomb(10, megabytes=8))
    with pytest.raises(DataFileError, match="holds more than max_bytes=1,000,000"):
        idx_sha256(path, max_bytes=1_000_000)


def peak_bytes_of_refusal(path, message):
    tracemalloc.start()
    try:
        with pytest.raises(DataFileError, match=message):
            read_idx(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dtype", [np.int64, np.uint16, np.float16, bool, complex, "U3", object])
def test_a_type_without_a_code_is_not_written(dtype, tmp_path):
    with pytest.raises(InvalidDataError, match=r"cannot hold .*; it holds uint8, int8, int16, int32"):
        write_idx(tmp_path / "a", np.zeros(3, dtype=dtype))
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("shape", [(), (1, 1, 1, 1, 1), (0, 2**32)])
def test_a_shape_without_a_place_is_not_written(shape, tmp_path):
    with pytest.raises(InvalidDataError, match="1 to 4 dimensions"):
        write_idx(tmp_path / "a", np.zeros(shape, dtype=np.uint8))


PLAIN = struct.pack(">HBBI", 0, 8, 1, 3) + b"abc"


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(PLAIN) + bytes(3_000_000),
        b"".join(map(gzip.compress, [b"", PLAIN[:5], PLAIN[5:], *[b""] * 900])),
        gzip.compress(PLAIN)[:3] + b"\x08" + gzip.compress(PLAIN)[4:10] + b"x" * 3_000_000 + b"\0"
        + gzip.compress(PLAIN)[10:],
    ],
    ids=["zeros behind", "several streams", "a long name"],
)  # fmt: skip
def test_gzip_files_of_unusual_forms_are_read_by_few_calls(content, tmp_path):
    (tmp_path / "x.gz").write_bytes(content)

    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        found = read_idx(tmp_path / "x.gz")
    finally:
        sys.setprofile(None)
    assert found.tolist() == [97, 98, 99]
    assert calls < 20_000


def test_a_million_empty_gzip_streams_are_refused(tmp_path):
    (tmp_path / "x.gz").write_bytes(gzip.compress(PLAIN) + gzip.compress(b"") * 1_000_000)
    with pytest.raises(DataFileError, match=r"damaged .*more than 1000 streams"):
        read_idx(tmp_path / "x.gz")
