"""The files that people write are read in one way, and refused with the fix."""

import os
from pathlib import Path

import pytest

from glassnet._common.tables import parse_settings, parse_table, read_text
from glassnet.errors import DataFileError

ROWS = [{"name": "a", "value": "0.10"}, {"name": "b", "value": "2"}]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "name, value\na, 0.10\n\nb,2\n"),
        ("t.toml", "[[rows]]\nname = 'a'\nvalue = 0.10\n[[rows]]\nname = 'b'\nvalue = '2'\n"),
        ("t.yaml", "rows:\n- {name: a, value: 0.10}\n- {name: b, value: 2}\n"),
        ("t.json", '[{"name": "a", "value": 0.10}, {"name": "b", "value": 2}]'),
    ],
)
def test_a_table_is_the_same_in_every_format_and_keeps_its_digits(name, text):
    assert [record.cells for record in parse_table(text, Path(name), "rows").records] == ROWS


def test_what_a_file_states_beside_its_table_is_kept():
    records, settings = parse_table("rows: []\nsize: 3\n", Path("t.yaml"), "rows")
    assert (records, settings) == ([], {"size": "3"})


def test_rows_are_named_as_a_spreadsheet_counts_them():
    text = "# a comment\nname,value\n\na,1\n# another\nb,2\n"
    records = parse_table(text, Path("t.csv"), "rows", comments=True).records
    assert [record.where for record in records] == ["row 4", "row 6"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("t.csv", "a,b\n1,2,3\n", "row 2: got 3 cells; expected 2: a, b.*quote a cell"),
        ("t.csv", "a,a\n1,2\n", "begins with a,a; expected the names of its columns"),
        ("t.csv", "a,\n1,2\n", "begins with a,; expected"),
        ("t.csv", "a\n" + "x" * 200_000, "no table in CSV: field larger"),
        ("t.json", "{}", "no list of rows"),
        ("t.json", '{"rows": 3}', "no list of rows"),
        ("t.yaml", "- 3", "row 1: got '3'; expected names with values"),
        ("t.json", "[" * 100_000, "more than 40 deep"),
        ("t.toml", "x = ", "not in the format of its name"),
        ("t.xlsx", "", r"ends in \.toml"),
    ],
)
def test_what_is_no_table_is_refused(name, text, message):
    with pytest.raises(DataFileError, match=message):
        parse_table(text, Path(name), "rows")


def test_numbers_are_numbers_unless_their_digits_count():
    assert parse_settings("[1, 1e-3, 0.50]", Path("t.yaml")) == [1, 0.001, 0.5]
    assert parse_settings("[1, 1e-3, 0.50]", Path("t.yaml"), numbers_as_text=True) == ["1", "1e-3", "0.50"]


def test_a_text_may_begin_with_the_mark_of_utf_8(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfa,b\r\n1,2\r\n")
    assert read_text(tmp_path / "t.csv", "table") == "a,b\n1,2\n"


DEEP = "more than 40 deep"
MANY = "more than 200,000 values"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGE_BOMB = "a: &a {x: 1}\n" + "".join(
    f"{b}: &{b} {{<<: [{', '.join(['*' + a] * 9)}]}}\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("numbers_as_text", [False, True])
@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("t.json", "[" * 100_000, DEEP),
        ("t.json", '{"a":' * 50_000, DEEP),
        ("t.json", "[" * 50 + "]" * 50, DEEP),
        ("t.json", "[" + "1," * 300_000 + "1]", MANY),
        ("t.json", "[" + "[]" * 300_000 + "]", MANY),
        ("t.json", '["' + "x" * 200_000 + '"]', "a text of 200,000 characters"),
        ("t.yaml", "- " * 3000, DEEP),
        ("t.yaml", "[" * 100_000, "nest|deep"),
        ("t.yaml", "- x\n" * 300_000, MANY),
        ("t.yaml", BOMB, MANY),
        ("t.yaml", MERGE_BOMB, MANY),
        ("t.yaml", "a: &a [*a]", "holds itself"),
        ("t.yaml", "a: !!int ''", "the tag .*int"),
        ("t.yaml", "a: !!timestamp x", "the tag .*timestamp"),
        ("t.yaml", "!!python/object:os.system x", "the tag .*python"),
        ("t.toml", "a = " + "[" * 100_000, DEEP),
        ("t.toml", ".".join("a" * 50_000) + " = 1", DEEP),
        ("t.toml", "'='" + ".'='" * 50_000 + " = 1", DEEP),
        ("t.toml", "a = [" + "1," * 300_000 + "]", MANY),
        ("t.toml", "a = " + "9" * 4300, "more than 100 digits"),
    ],
)
def test_what_no_person_writes_is_refused_before_any_work(name, text, message, numbers_as_text):
    with pytest.raises(DataFileError, match=message) as refused:
        parse_settings(text, Path(name), numbers_as_text=numbers_as_text)
    assert len(str(refused.value)) < 400


def test_whole_numbers_of_thousands_of_digits_are_refused():
    for name, text in (("t.json", "[%s]"), ("t.yaml", "- %s"), ("t.toml", "a = %s")):
        for n_digits, message in (
            (101, "more than 100 digits"),
            (4300, "more than 100"),
            (5000, "4300 digits"),
        ):
            with pytest.raises(DataFileError, match=message):
                parse_settings(text % ("9" * n_digits), Path(name))


def test_an_alias_stands_for_what_it_names():
    text = "a: &a [1, 2]\nb: [*a, *a]\nc: {<<: &d {e: 1}, f: 2}\n"
    assert parse_settings(text, Path("t.yaml")) == {"a": [1, 2], "b": [[1, 2]] * 2, "c": {"e": 1, "f": 2}}


def test_yaml_reads_numbers_as_people_write_them_and_dates_as_text():
    text = "[1_000, -2, 0x1f, 010, .5, 1., 1e-3, 1E+3, .inf, 1:30, 2024-99-99, 2024-01-31, yes, ~, 0o7, 08]"
    assert parse_settings(text, Path("t.yaml")) == [
        *(1000, -2, 31, 8, 0.5, 1.0, 0.001, 1000.0, float("inf"), "1:30", "2024-99-99", "2024-01-31"),
        *(True, None, "0o7", "08"),
    ]


def test_a_table_in_csv_has_its_limits_too():
    with pytest.raises(DataFileError, match=MANY):
        parse_table("a,b\n" + "1,2\n" * 150_000, Path("t.csv"), "rows")


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(DataFileError, match=r"there is no sheet '.*none\.csv'; expected one with rows"):
        read_text(tmp_path / "none.csv", "sheet", expected="one with rows")
    with pytest.raises(DataFileError, match=r"cannot read .*no regular file"):
        read_text(tmp_path, "sheet")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataFileError, match="no regular file"):
        read_text(tmp_path / "pipe.csv", "sheet")
    for path in (tmp_path / ("x" * 5000), Path("a\0b"), Path("/dev/zero")):
        with pytest.raises(DataFileError, match=r"^cannot read .{1,250}; expected a file\.$"):
            read_text(path, "sheet")
    (tmp_path / "long.csv").write_text("1234567")
    with pytest.raises(DataFileError, match="has 7 bytes; expected a sheet of at most 6"):
        read_text(tmp_path / "long.csv", "sheet", most_bytes=6)
    assert read_text(tmp_path / "long.csv", "sheet", most_bytes=None) == "1234567"
    (tmp_path / "long.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(DataFileError, match="no text in UTF-8"):
        read_text(tmp_path / "long.csv", "sheet")
