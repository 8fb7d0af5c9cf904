"""Parquet files, damaged byte by byte, or of columns that cannot be used: one message with file and place."""

import re
import resource
from typing import Any

import numpy as np
import polars
import pyarrow
import pytest
from damage import changed_bytes, flipped
from pyarrow import parquet

from glassnet import MLPClassifier, Stream
from glassnet.errors import DataFileError, InvalidDataError

N = 60
RNG = np.random.default_rng(0)
COLUMNS: dict[str, Any] = {
    "a": RNG.normal(size=N),
    "b": np.arange(N),
    "f": RNG.normal(size=N).astype(np.float32),
    "label": np.where(np.arange(N) % 3, "no", "yes"),
}
BYTES_STEP = 23
LONGEST_MESSAGE = 500


def write(path, columns, **settings):
    table = columns if isinstance(columns, pyarrow.Table) else pyarrow.table(columns)
    parquet.write_table(table, path, row_group_size=25, **settings)
    return path


def read(path, y="label"):
    stream = Stream.of_parquet(path, y=y)
    batches = list(stream.batches())
    targets = [] if y is None else [np.concatenate([batch.y for batch in batches]), *stream.targets()]
    return [np.concatenate([batch.X for batch in batches]), *targets]


def refuse(path, *parts, y="label", error=(DataFileError, InvalidDataError)):
    with pytest.raises(error) as caught:
        read(path, y)
    text = str(caught.value)
    assert str(path) in text
    assert len(text) < LONGEST_MESSAGE + len(str(path))
    for part in parts:
        assert part in text


# -- damage ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"write_page_checksum": True},
        {"write_page_checksum": True, "compression": "gzip", "write_page_index": True},
        {"compression": "none", "use_dictionary": False, "data_page_version": "2.0"},
        {"compression": "zstd", "use_dictionary": False, "column_encoding": {"b": "DELTA_BINARY_PACKED"}},
    ],
    ids=["checksums", "gzip", "plain", "zstd"],
)
def test_every_damaged_byte_is_refused_or_gives_the_same_rows(settings, tmp_path):
    good = write(tmp_path / "good.parquet", COLUMNS, **settings)
    expected, damaged, n_refused = read(good), tmp_path / "damaged.parquet", 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for what, content in changed_bytes(good.read_bytes(), BYTES_STEP):
        damaged.write_bytes(content)
        try:
            found, text = read(damaged), ""
        except (DataFileError, InvalidDataError) as error:
            found, text = None, str(error)
        if found is None:
            n_refused += 1
            assert str(damaged) in text
            assert len(text) < LONGEST_MESSAGE + len(str(damaged))
        elif "write_page_checksum" in settings:  # without them nothing tells of a number that has changed
            for one, other in zip(found, expected, strict=True):
                np.testing.assert_array_equal(one, other, err_msg=what)
    assert n_refused > 500
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 2**19  # in KiB


def test_page_headers_that_are_not_in_their_place_take_no_memory(tmp_path):
    """They say the size of a page, and are under no checksum."""
    path = write(tmp_path / "data.parquet", COLUMNS, use_dictionary=False, write_page_checksum=True)
    content, columns = path.read_bytes(), parquet.ParquetFile(path).metadata.row_group(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for place in (columns.column(i).data_page_offset for i in range(4)):
        path.write_bytes(content[:place] + content[place + 2 :])  # the checksum is taken for the size
        refuse(path, error=DataFileError)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 2**16  # in KiB


@pytest.mark.parametrize("compression", ["uncompressed", "snappy", "gzip", "zstd", "lz4"])
@pytest.mark.parametrize("settings", [{}, {"row_group_size": 17, "data_page_size": 64, "statistics": "full"}])
def test_pages_of_another_writer_are_read(compression, settings, tmp_path):
    """Polars writes Parquet with code of its own."""
    path = tmp_path / "data.parquet"
    polars.DataFrame(COLUMNS).write_parquet(path, compression=compression, **settings)
    X, y = read(path)[:2]
    np.testing.assert_array_equal(X[:, 0], COLUMNS["a"])
    assert y.tolist() == COLUMNS["label"].tolist()


def test_a_page_that_would_be_huge_is_refused(tmp_path, monkeypatch):
    from glassnet.data import _parquet_pages

    path = write(tmp_path / "data.parquet", COLUMNS)
    monkeypatch.setattr(_parquet_pages, "MOST_PAGE_BYTES", 100)
    refuse(path, "column 'a', row group 0", "bytes unpacked; expected at most 100", error=DataFileError)


def place_in_page(path, column, group):
    """Return where a number near the end of a column stands, which is stored as it is."""
    chunk = parquet.ParquetFile(path).metadata.row_group(group).column(column)
    return chunk.data_page_offset + chunk.total_compressed_size - 8


def test_a_flipped_bit_in_a_page_with_a_checksum_is_found_and_its_place_named(tmp_path):
    settings = {"write_page_checksum": True, "compression": "none", "use_dictionary": False}
    path = write(tmp_path / "data.parquet", COLUMNS, **settings)
    place = place_in_page(path, 1, 1)
    path.write_bytes(flipped(path.read_bytes(), place, 3))
    refuse(path, "column 'b', row group 1 (rows 25 to 49, from 0)", "CRC")
    model = MLPClassifier((2,), max_iter=1)
    with pytest.raises(DataFileError, match="column 'b', row group 1"):
        model.fit(Stream.of_parquet(path, y="label"))


def test_a_damaged_page_is_named(tmp_path):
    path = write(tmp_path / "data.parquet", COLUMNS, compression="zstd", use_dictionary=False)
    place = parquet.ParquetFile(path).metadata.row_group(2).column(0).data_page_offset
    content = path.read_bytes()
    path.write_bytes(content[:place] + b"\xff" * 8 + content[place + 8 :])
    refuse(path, "is damaged in column 'a', row group 2 (rows 50 to 59, from 0)", error=DataFileError)


def test_a_footer_that_says_other_rows_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "data.parquet", COLUMNS)

    class Fewer(parquet.ParquetFile):  # type: ignore[misc]  # pyarrow says no types
        def iter_batches(self, *args, **settings):
            for batch in super().iter_batches(*args, **settings):
                yield batch.slice(0, 50)

    monkeypatch.setattr(parquet, "ParquetFile", Fewer)
    refuse(path, "it has 50 rows, and its footer says 60", error=DataFileError)


def test_text_that_is_not_utf_8_is_named(tmp_path):
    labels = [b"no", b"yes"] * 30
    labels[31] = b"\xff\xfe"
    offsets = np.cumsum([0, *map(len, labels)]).astype(np.int32)
    buffers = [None, pyarrow.py_buffer(offsets), pyarrow.py_buffer(b"".join(labels))]
    column = pyarrow.Array.from_buffers(pyarrow.string(), N, buffers)
    path = write(tmp_path / "data.parquet", COLUMNS | {"label": column}, use_dictionary=False)
    refuse(path, "not UTF-8 in column 'label' at row 31,", error=DataFileError)


# -- columns that cannot be used ------------------------------------------------------------------------


@pytest.mark.parametrize(("names", "y"), [(["a", "a", "label"], "label"), (["a", "label", "label"], "label")])
def test_a_name_of_two_columns_is_refused(names, y, tmp_path):
    arrays = [pyarrow.array(COLUMNS["label" if name == "label" else "a"]) for name in names]
    table = pyarrow.Table.from_arrays(arrays, names=names)
    path = write(tmp_path / "data.parquet", table)
    twice = next(name for name in names if names.count(name) > 1)
    refuse(path, f"more than one column '{twice}'", y=y, error=DataFileError)


def test_columns_of_one_name_that_are_not_used_do_no_harm(tmp_path):
    arrays = [pyarrow.array(COLUMNS["a"])] * 3
    path = write(tmp_path / "data.parquet", pyarrow.Table.from_arrays(arrays, names=["x", "x", "b"]))
    assert Stream.of_parquet(path, features=["b"]).first().X.shape == (N, 1)


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, 2**62 + 1])
@pytest.mark.parametrize("group", [0, 1])
def test_whole_numbers_that_float64_would_round_are_refused(value, group, tmp_path):
    numbers = np.arange(N)
    numbers[group * 30 + 7] = value
    path = write(tmp_path / "data.parquet", COLUMNS | {"b": numbers})
    refuse(path, f"{value} in column 'b' at row {group * 30 + 7},", "rounds to", error=InvalidDataError)


def test_whole_numbers_that_float64_holds_are_taken(tmp_path):
    numbers = np.arange(N)
    numbers[:4] = 2**53, -(2**53), 2**60, -(2**63)
    path = write(tmp_path / "data.parquet", COLUMNS | {"b": numbers})
    assert read(path)[0][:4, 1].tolist() == numbers[:4].tolist()


def test_large_uint64_is_refused_or_exact(tmp_path):
    numbers = np.arange(N).astype(np.uint64)
    numbers[3] = 2**64 - 1
    path = write(tmp_path / "data.parquet", COLUMNS | {"b": numbers})
    refuse(path, f"{2**64 - 1} in column 'b' at row 3,", error=InvalidDataError)
    labels = write(tmp_path / "labels.parquet", {"a": COLUMNS["a"], "label": numbers})
    assert read(labels)[1].tolist() == numbers.tolist()


def test_targets_side_by_side_are_not_rounded_either(tmp_path):
    numbers = np.arange(N)
    numbers[40] = 2**53 + 1
    path = write(tmp_path / "data.parquet", {"a": COLUMNS["a"], "x": COLUMNS["f"], "y": numbers})
    refuse(path, f"{2**53 + 1} in column 'y' at row 40,", y=["x", "y"], error=InvalidDataError)


TARGETS = {
    "list": pyarrow.array([[i] for i in range(N)]),
    "decimal": pyarrow.array(range(N)).cast(pyarrow.decimal128(30, 2)),
    "timestamp": pyarrow.array(range(N), pyarrow.timestamp("s")),
    "date": pyarrow.array(range(N), pyarrow.date32()),
    "duration": pyarrow.array(range(N), pyarrow.duration("s")),
    "binary": pyarrow.array([b"x"] * N),
    "struct": pyarrow.array([{"x": i} for i in range(N)]),
    "dictionary of dates": pyarrow.array(range(N), pyarrow.date32()).dictionary_encode(),
}


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("y", ["label", ["label", "a"]])
def test_targets_that_are_neither_numbers_nor_text_are_refused(kind, y, tmp_path):
    path = write(tmp_path / "data.parquet", {"a": COLUMNS["a"], "b": COLUMNS["b"], "label": TARGETS[kind]})
    refuse(path, f"holds {parquet.read_schema(path).field('label').type} in the target 'label'", "row 0", y=y)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_targets_that_are_not_finite_are_named(value, dtype, tmp_path):
    numbers = COLUMNS["a"].astype(dtype)
    numbers[33] = value
    path = write(tmp_path / "data.parquet", COLUMNS | {"label": numbers})
    refuse(path, f"{value} in column 'label' at row 33,", error=InvalidDataError)
    refuse(path, f"{value} in column 'label' at row 33,", y=["label", "b"], error=InvalidDataError)


@pytest.mark.parametrize("kind", [pyarrow.string(), pyarrow.int64(), pyarrow.bool_(), pyarrow.null()])
def test_targets_without_a_value_are_named(kind, tmp_path):
    values = pyarrow.array([None if i == 30 or pyarrow.types.is_null(kind) else i % 2 for i in range(N)])
    path = write(tmp_path / "data.parquet", COLUMNS | {"label": values.cast(kind)})
    row = 0 if pyarrow.types.is_null(kind) else 30
    refuse(path, f"no value in column 'label' at row {row},", error=InvalidDataError)


@pytest.mark.parametrize(
    "content",
    [b"", b"PAR1", b"PAR1PAR1", b"PAR1" + b"\xff\xff\xff\x7f" + b"PAR1", b"text\n" * 50, bytes(500)],
)
def test_what_is_no_parquet_file_is_told(content, tmp_path):
    (tmp_path / "data.parquet").write_bytes(content)
    refuse(tmp_path / "data.parquet", "cannot be read as a Parquet file", error=DataFileError)


def test_messages_hold_no_line_breaks(tmp_path):
    """What a library says of a file may have several lines, or control characters."""
    path = write(tmp_path / "data.parquet", COLUMNS)
    content = path.read_bytes()
    for place in range(len(content) // 2, len(content), 40):
        path.write_bytes(content[:place] + b"\xff\x1b\n" + content[place + 3 :])
        text = ""
        try:
            read(path)
        except (DataFileError, InvalidDataError) as error:
            text = str(error)
        assert re.fullmatch(r"[^\x00-\x1f]*", text)
