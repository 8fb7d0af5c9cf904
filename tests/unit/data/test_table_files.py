"""Tables as people keep them: what a file is, what its columns hold, and where it is wrong."""

import datetime
import sys

import pytest

from glassnet.data.column_kinds import Kind
from glassnet.data.table_files import read_chunks, read_table_file
from glassnet.errors import DataFileError, InvalidDataError, UnknownNameError

pyarrow = pytest.importorskip("pyarrow")

from pyarrow import compute, feather, parquet  # noqa: E402


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file, and returns where it is."""

    def to_file(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to_file


def column(write, *cells, delimiter=","):
    """Return how a column of these cells is read: its kind, its values, and the note on it."""
    rows = "".join(f"x{delimiter}{cell}\n" for cell in cells)
    table = read_table_file(write(f"other{delimiter}c\n{rows}"))
    return table.kinds["c"], table.frame.column("c").to_pylist(), table.notes.get("c", "")


# -- what columns hold ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", "+2.5", "-.5", "1e3", "7."], Kind.NUMBER, [1.0, 2.5, -0.5, 1000.0, 7.0]),
        (["true", "False", "TRUE"], Kind.TRUTH, [True, False, True]),
        (["red", " blue ", "red"], Kind.TEXT, ["red", "blue", "red"]),
        (
            ["2024-02-29", "2023-12-01"],
            Kind.DATE,
            [datetime.datetime(2024, 2, 29), datetime.datetime(2023, 12, 1)],
        ),
        (
            ["2024-02-29 12:30", "2024-02-29T12:30:15.25Z"],
            Kind.DATE,
            [datetime.datetime(2024, 2, 29, 12, 30), datetime.datetime(2024, 2, 29, 12, 30, 15)],
        ),
        (["29.02.2024", "01.12.2023"], Kind.TEXT, ["29.02.2024", "01.12.2023"]),
        (["2024-02-30", "2023-12-01"], Kind.TEXT, ["2024-02-30", "2023-12-01"]),
        (["01234", "98765"], Kind.TEXT, ["01234", "98765"]),
        (["0", "0.5"], Kind.NUMBER, [0.0, 0.5]),
        (["1_000", "2"], Kind.TEXT, ["1_000", "2"]),
    ],
    ids=lambda value: str(value)[:30],
)
def test_the_kind_of_a_column_shows_in_its_cells(write, cells, kind, values):
    assert column(write, *cells)[:2] == (kind, values)


def test_gaps_are_written_in_many_ways(write):
    gaps = ["", " ", "NA", "N/A", "NaN", "null", "None", "?", "<NA>", "#N/A"]
    assert column(write, "1", *gaps)[:2] == (Kind.NUMBER, [1.0] + [None] * len(gaps))
    assert column(write, "red", *gaps)[:2] == (Kind.TEXT, ["red"] + [None] * len(gaps))
    assert column(write, "true", *gaps)[:2] == (Kind.TRUTH, [True] + [None] * len(gaps))


def test_a_column_without_any_value_is_one_of_numbers_and_said(write):
    kind, values, note = column(write, "NA", "")
    assert (kind, values) == (Kind.NUMBER, [None, None])
    assert note == "no cell has a value"


def test_a_few_texts_among_many_numbers_are_taken_as_missing_and_said(write):
    kind, values, note = column(write, *map(str, range(97)), "n/k", "7 or 8", "n/k")
    assert kind is Kind.NUMBER
    assert values == [*map(float, range(97)), None, None, None]
    assert note == "3 cells are no numbers, such as 'n/k' at row 97, counted from 0: taken as missing"


def test_many_texts_among_numbers_make_a_column_of_text(write):
    kind, values, note = column(write, *map(str, range(90)), *["n/k"] * 10)
    assert (kind, values[-1], note) == (Kind.TEXT, "n/k", "")


def test_numbers_too_large_for_floating_point_are_none(write):
    assert column(write, *["1"] * 30, "1e999")[1][-1] is None


def test_numbers_with_a_comma_are_numbers_where_semicolons_stand_between_cells(write):
    assert column(write, "1,5", "2", delimiter=";")[:2] == (Kind.NUMBER, [1.5, 2.0])
    assert column(write, '"1,5"', "2")[0] is Kind.TEXT


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_stands_between_the_cells_shows_in_the_first_line(write, delimiter):
    text = delimiter.join(["a", "b", "c"]) + "\r\n" + delimiter.join(["1", "x", "2"]) + "\r\n"
    assert read_table_file(write("\ufeff" + text)).frame.to_pylist() == [{"a": 1.0, "b": "x", "c": 2.0}]


def test_cells_in_quotation_marks_may_hold_anything(write):
    assert read_table_file(write('a,b\n1,"x,\n""y"""\n')).frame.to_pylist() == [{"a": 1.0, "b": 'x,\n"y"'}]


def test_a_column_without_a_name_is_left_out_and_said(write):
    table = read_table_file(write(",a\n0,1\n1,2\n"))
    assert list(table.kinds) == ["a"]
    assert table.notes == {"": "left out: an index?"}


def test_columns_are_left_out(write):
    assert list(read_table_file(write("a,b,c\n1,2,3\n"), without=["b"]).kinds) == ["a", "c"]
    with pytest.raises(UnknownNameError, match=r"unknown column of .*t.csv 'bb'; did you mean 'b'"):
        read_table_file(write("a,b,c\n1,2,3\n"), without=["bb"])


# -- files with types -------------------------------------------------------------------------------

TYPED = {
    "whole": pyarrow.array([1, 2, None], pyarrow.int16()),
    "decimal": pyarrow.array([1, 2, 3]).cast(pyarrow.decimal128(28, 2)),
    "truth": pyarrow.array([True, None, False]),
    "day": pyarrow.array([datetime.date(2024, 2, 29)] * 3),
    "moment": pyarrow.array([0, 1, 2], pyarrow.timestamp("ms", "UTC")),
    "duration": pyarrow.array([1, 2, 3], pyarrow.duration("s")),
    "time": pyarrow.array([1, 2, 3], pyarrow.time64("us")),
    "category": pyarrow.array(["a", "b", None]).dictionary_encode(),
    "text": pyarrow.array(["x", "NA", " y"], pyarrow.large_string()),
    "nothing": pyarrow.nulls(3),
}
KINDS = "number number truth date date number number text text number".replace("truth", "truth value")


@pytest.mark.parametrize(("name", "save"), [("t.parquet", parquet.write_table), ("t", feather.write_feather)])
def test_parquet_and_feather_say_what_their_columns_hold(tmp_path, name, save):
    save(pyarrow.table(TYPED), tmp_path / name)
    table = read_table_file(tmp_path / name)
    assert " ".join(table.kinds.values()) == KINDS
    first, second, _ = table.frame.to_pylist()
    assert first["whole"] == 1.0
    assert first["day"] == datetime.datetime(2024, 2, 29)
    assert (first["category"], first["truth"]) == ("a", True)
    assert (second["text"], second["nothing"], second["truth"]) == (None, None, None)
    oddities = {}
    chunks = list(read_chunks(tmp_path / name, table.kinds, oddities))
    assert pyarrow.concat_tables(chunks).equals(table.frame)


@pytest.mark.parametrize("kind", [pyarrow.date32(), pyarrow.timestamp("s"), pyarrow.timestamp("s", "UTC")])
def test_dates_of_no_calendar_are_taken_as_missing_and_said(tmp_path, kind):
    days = pyarrow.array([0, 2**31 - 1, None, 1], pyarrow.int32())
    values = days if kind == pyarrow.date32() else compute.multiply(days.cast(pyarrow.int64()), 86_400)
    feather.write_feather(pyarrow.table({"a": values.cast(kind)}), tmp_path / "t")
    table = read_table_file(tmp_path / "t")
    day = datetime.datetime(1970, 1, 1)
    assert table.frame.column("a").to_pylist() == [day, None, None, day + datetime.timedelta(1)]
    assert table.notes["a"].startswith("1 cell is no date, such as '185542587100800 seconds' at row 1")


def test_infinity_and_nan_are_no_numbers(tmp_path):
    feather.write_feather(pyarrow.table({"a": [1.0, float("nan"), float("-inf"), None]}), tmp_path / "t")
    table = read_table_file(tmp_path / "t")
    assert table.frame.column("a").to_pylist() == [1.0, None, None, None]
    assert table.notes["a"].startswith("1 cell is no number, such as '-inf' at row 2")


def test_categories_that_are_numbers_are_text(tmp_path):
    feather.write_feather(pyarrow.table({"a": pyarrow.array([3, 4, 3]).dictionary_encode()}), tmp_path / "t")
    assert read_table_file(tmp_path / "t").frame.column("a").to_pylist() == ["3", "4", "3"]


@pytest.mark.parametrize(("name", "save"), [("t.parquet", parquet.write_table), ("t", feather.write_feather)])
def test_lists_and_bytes_are_refused_with_the_column_unless_they_are_left_out(tmp_path, name, save):
    for values in ([[1], [2], None], [b"a", b"b", b"c"], [{"a": 1}] * 3):
        save(pyarrow.table({"a": [1, 2, 3], "tags": values}), tmp_path / name)
        with pytest.raises(InvalidDataError, match=r"in column 'tags', from row 0 on; .*--drop tags"):
            read_table_file(tmp_path / name)
        assert list(read_table_file(tmp_path / name, without=["tags"]).kinds) == ["a"]


# -- chunks -----------------------------------------------------------------------------------------


def test_chunks_have_the_columns_that_are_asked_for_as_what_they_were(write):
    path = write("b,extra,a\n" + "".join(f"{i % 7},z,{i}\n" for i in range(10_000)))
    oddities = {}
    chunks = list(read_chunks(path, {"a": Kind.NUMBER, "b": Kind.TEXT}, oddities))
    assert max(chunk.num_rows for chunk in chunks) <= 4096
    whole = pyarrow.concat_tables(chunks)
    assert whole.column_names == ["a", "b"]
    assert whole.column("a").to_pylist() == [float(i) for i in range(10_000)]
    assert whole.column("b")[8].as_py() == "1"
    assert all(odd.count == 0 for odd in oddities.values())


def test_what_is_missing_of_the_columns_is_named(write):
    kinds = {"a": Kind.NUMBER, "b": Kind.TEXT, "c": Kind.TEXT}
    with pytest.raises(InvalidDataError, match=r"has no column 'b', 'c', which .* it has a, d\."):
        list(read_chunks(write("a,d\n1,2\n"), kinds, {}))


def test_cells_of_another_kind_are_counted_over_the_chunks(write):
    cells = [str(i) for i in range(6000)]
    cells[5000] = cells[5500] = "broken"
    oddities = {}
    whole = pyarrow.concat_tables(read_chunks(write("a\n" + "\n".join(cells)), {"a": Kind.NUMBER}, oddities))
    assert whole.column("a").null_count == 2
    assert (oddities["a"].count, oddities["a"].row, oddities["a"].first) == (2, 5000, "broken")


def test_a_column_of_another_kind_is_refused_with_its_place(write):
    path = write("a\n" + "1\n" * 5000 + "red\n" * 5000)
    with pytest.raises(
        InvalidDataError, match=r"holds 'red' in column 'a' at row 5,000, .* expected numbers"
    ):
        list(read_chunks(path, {"a": Kind.NUMBER}, {}))


# -- what is wrong with files -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("a,b\n", "and no rows"),
        ("a,b,a\n1,2,3\n", "has 2 columns 'a'"),
        ("a,b\n1,2\n1,2,3\n", "has 3 cells at row 1, counted from 0, and 2 columns: 1,2,3"),
        ("a,b\n1,2\n1\n", "has 1 cells at row 1"),
        ('a,b\n1,"2\n3,4\n', "ends within a cell: at row 0"),
        ("1.5,2\n3,4\n", "expected the names of its columns"),
        (b"a,b\n1,\xff\xfe\n", r"no text in UTF-8: line 2 holds '1,\\xff"),
        (b"\xff\xfea\0,\0", "UTF-16"),
        (b"a\0b", "NUL"),
        (b"PK\x03\x04...", "Excel"),
        (b"\x1f\x8b...", "compressed"),
        (b"PAR1 and then nothing", "cannot be read as a Parquet file"),
        (b"ARROW1 and then nothing", "cannot be read as a Feather file"),
        ("a," * 20_000 + "\n1", "20,001 columns"),
        ("a,b\n1,x" + "y" * 3_000_000 + "\n", "rows of at most 1,048,576 bytes"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_file_that_is_no_table_is_refused_with_its_name(write, content, message):
    with pytest.raises(DataFileError, match=message) as refusal:
        read_table_file(write(content))
    assert "t.csv" in str(refusal.value)
    assert len(str(refusal.value)) < 600


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(DataFileError, match=r"there is no file .*none.csv"):
        read_table_file(tmp_path / "none.csv")
    with pytest.raises(DataFileError, match="cannot read"):
        read_table_file(tmp_path)


@pytest.mark.parametrize("save", [parquet.write_table, feather.write_feather])
def test_a_damaged_file_is_refused_and_never_half_read(tmp_path, save):
    path = tmp_path / "t"
    save(pyarrow.table({"a": list(range(3000)), "b": ["x"] * 3000}), path)
    content = path.read_bytes()
    for size in (len(content) - 1, len(content) // 2, 40):
        path.write_bytes(content[:size])
        with pytest.raises(DataFileError, match="t "):
            read_table_file(path)


def test_without_pyarrow_the_command_that_installs_it_is_named(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "glassnet\[parquet\]"'):
        read_table_file(write("a\n1\n"))
