"""What a stream is made of: data frames, CSV files, and what is refused, with what to do instead."""

import gzip
import pathlib
import sys
from typing import Any

import numpy as np
import pandas
import polars
import pytest
from scipy import sparse

import glassnet.data.csv_files as csv_files
import glassnet.data.streams as module
from glassnet import MLPClassifier, MLPRegressor, NeuralNetwork, Stream
from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError

N = 50
X = np.arange(N * 3, dtype=np.float64).reshape(N, 3)
Y = np.where(np.arange(N) % 3, "no", "yes")
NAMES = ["a", "b", "c"]


def all_of(stream):
    batches = list(stream.batches())
    y = None if batches[0].y is None else np.concatenate([np.asarray(batch.y) for batch in batches])
    return np.concatenate([np.asarray(batch.X) for batch in batches]), y


@pytest.fixture(autouse=True)
def small_batches(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "BATCH_ROWS", 16)
    monkeypatch.chdir(tmp_path)


# -- data frames -------------------------------------------------------------------------------------------

LIBRARIES = {
    "pandas": lambda values: pandas.DataFrame(values, index=np.arange(N)[::-1] + 0.5),
    "polars": polars.DataFrame,
}


@pytest.fixture(params=LIBRARIES)
def frame(request):
    return LIBRARIES[request.param](dict(zip(NAMES, X.T, strict=True)))


@pytest.mark.parametrize("y", [Y, pandas.Series(Y, index=np.arange(N) + 7), polars.Series(Y)])
def test_batches_of_a_frame_are_frames_by_the_places_of_their_rows(frame, y):
    stream = Stream.of_arrays(frame, y)
    assert [batch.n_rows for batch in stream.batches()] == [16, 16, 16, 2]
    assert type(stream.first().X) is type(frame)
    assert stream.n_rows == N
    found_X, found_y = all_of(stream)
    np.testing.assert_array_equal(found_X, X)
    np.testing.assert_array_equal(found_y, Y)
    np.testing.assert_array_equal(np.concatenate(list(stream.targets())), Y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "make",
    [
        lambda: MLPClassifier((4,), max_iter=2, random_state=0),
        lambda: NeuralNetwork(1, [4], epochs=2, random_state=0),
    ],
    ids=["MLPClassifier", "NeuralNetwork"],
)
def test_the_names_of_a_frame_are_learnt_and_asked_for(frame, make):
    stream, settings = Stream.of_arrays(frame, Y), {}
    if isinstance(make(), NeuralNetwork):
        settings = {"early_stopping": False}
    model = make().fit(stream, **settings)
    assert model.feature_names_in_.tolist() == NAMES
    np.testing.assert_array_equal(model.predict(stream), make().fit(X, Y, **settings).predict(X))
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(Stream.of_arrays(frame[["b", "a", "c"]]))


@pytest.mark.parametrize("y", ["c", ["c", "a"]])
def test_a_column_of_a_frame_may_be_y(frame, y):
    found_X, found_y = all_of(Stream.of_arrays(frame, y))
    np.testing.assert_array_equal(found_X, X[:, :2] if y == "c" else X[:, [1]])
    np.testing.assert_array_equal(found_y, X[:, 2] if y == "c" else X[:, [2, 0]])


def test_a_list_is_told_how_to_become_an_array():
    with pytest.raises(InvalidDataError, match=r"got X of type list; expected an array.*np.asarray\(X\)"):
        Stream.of_arrays([[1.0]])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("big.csv", r"got as X the path 'big\.csv'.*Stream\.of_csv"),
        ({"a": X[:, 0]}, r"got as X a dict with 'a'.*expected"),
    ],
)
def test_what_is_no_array_is_refused_with_what_to_call(table, message):
    with pytest.raises(InvalidDataError, match=message):
        Stream.of_arrays(table)


@pytest.mark.parametrize("read", [Stream.of_csv, Stream.of_parquet])
@pytest.mark.parametrize(
    "path", [[], (), {"a": 1}, X, pandas.DataFrame(X), 7], ids=lambda path: type(path).__name__
)
def test_what_is_no_path_is_refused(read, path):
    with pytest.raises(InvalidParameterError, match=r"got a path of type .*; expected the path of a .* file"):
        read(path)


# -- what are no batches -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        ("big.csv", r"the path 'big.csv'.*Stream\.of_csv\(path, y="),
        (b"big.csv", r"the path 'big.csv'.*Stream\.of_csv\(path, y="),
        (pathlib.Path("big.CSV"), r"the path 'big.CSV'.*Stream\.of_csv\(path, y="),
        ("x/big.parquet", r"Read it by Stream\.of_parquet\(path, target="),
        ("big.npy", r"Stream\.of_arrays\(np\.load\(path, mmap_mode="),
        ("mnist", r"Files are read by Stream\.of_csv.*Stream\.of_parquet"),
        (["1.csv", "2.csv"], r"a list of paths or words.*Stream\.of_csv"),
        ([1.0, 2.0], r"a list of numbers.*Stream\.of_arrays"),
        ({"X": X, "y": Y}, r"a dict with 'X', 'y'; expected an iterable of pairs.*Stream\.of_arrays"),
        (sparse.csr_array(X), r"csr_array, which is one table.*Stream\.of_arrays"),
        (sparse.csr_matrix(X), r"csr_matrix, which is one table.*Stream\.of_arrays"),
        (pandas.DataFrame(X), r"DataFrame, which is one table.*Stream\.of_arrays"),
        (polars.DataFrame(X), r"DataFrame, which is one table.*Stream\.of_arrays"),
        (pandas.Series(Y), r"Series, which is one table.*Stream\.of_arrays"),
        ((X, Y), r"tuple, which is one pair of arrays.*Stream\.of_arrays"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value[:12],
)
def test_what_are_no_batches_is_refused_with_what_to_call(batches, message):
    with pytest.raises(InvalidParameterError, match=message):
        Stream(batches)
    with pytest.raises(InvalidDataError, match=f"the function of the stream returned.*{message}"):
        list(Stream(lambda: batches))


def test_an_open_file_is_refused():
    pathlib.Path("big.csv").write_text("a,b\n1,2\n")
    with (
        open("big.csv") as file,
        pytest.raises(InvalidParameterError, match=r"an open file.*Stream\.of_csv"),
    ):
        Stream(file)


@pytest.mark.parametrize("batch", ["1,2", b"1", pathlib.Path("x"), {"X": X}, 3, None])
def test_a_batch_that_is_none_is_named(batch):
    kind = type(batch).__name__
    with pytest.raises(InvalidDataError, match=f"batch 2 of the stream is a {kind}; expected a pair"):
        list(Stream(lambda: iter([(X, Y), batch])).batches())


def test_two_batches_of_x_alone_are_a_tuple_too():
    assert [batch.n_rows for batch in Stream((X, X[:3])).batches()] == [N, 3]


# -- CSV files ---------------------------------------------------------------------------------------------


def write_csv(name="big.csv", names=("a", "b", "c", "label"), columns=(*X.T, Y), delimiter=",", last=()):
    rows = [*zip(*columns, strict=True), *last]
    lines = [delimiter.join(names), *(delimiter.join(map(str, row)) for row in rows)]
    pathlib.Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name


@pytest.fixture(params=[1 << 20, 400], ids=["one block", "small blocks"])
def block_bytes(monkeypatch, request):
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", request.param)


@pytest.mark.usefixtures("block_bytes")
@pytest.mark.parametrize("name", ["y", "target"])
def test_a_csv_file_holds_the_rows(name):
    settings: dict[str, Any] = {name: "label"}
    stream = Stream.of_csv(write_csv(), **settings)
    assert stream.n_rows == N
    for _ in range(2):
        found_X, found_y = all_of(stream)
        np.testing.assert_array_equal(found_X, X)
        np.testing.assert_array_equal(found_y, Y)
    assert max(batch.n_rows for batch in stream.batches()) <= 16
    np.testing.assert_array_equal(np.concatenate(list(stream.targets())), Y)


@pytest.mark.usefixtures("block_bytes")
def test_a_csv_file_of_pandas_is_read_as_pandas_reads_it():
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame(rng.normal(size=(200, 5)) * 1e6, columns=list("vwxyz"))
    frame["flag"], frame["n"] = rng.random(200) < 0.5, rng.integers(9, size=200)
    frame["text"] = [f'a "{i}", or\nb' for i in range(200)]
    frame.to_csv("big.csv", index=False)
    found_X, found_y = all_of(Stream.of_csv("big.csv", y="text"))
    np.testing.assert_array_equal(found_X, frame.drop(columns="text").to_numpy(np.float64))
    assert found_y.tolist() == pandas.read_csv("big.csv")["text"].tolist()


@pytest.mark.usefixtures("block_bytes")
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([3] * N, "i"),
        ([3] * (N - 1) + [2.5], "f"),  # only the last row tells
        ([3] * (N - 1) + ["three"], "U"),
        ([2.5] * (N - 1) + ["three"], "U"),
        (["true", "false"] * (N // 2), "b"),
        (["2024-01-01"] * N, "U"),
    ],
    ids=["integers", "a fraction", "a word", "a word after fractions", "truths", "dates"],
)
def test_targets_have_the_type_that_all_rows_have(values, kind):
    found = all_of(Stream.of_csv(write_csv(columns=(*X.T, values)), y="label"))[1]
    assert found.dtype.kind == kind
    expected = np.array(values) == "true" if kind == "b" else np.array(list(map(str, values)), found.dtype)
    np.testing.assert_array_equal(found, expected)


def test_columns_of_a_csv_file_are_chosen_and_ordered_by_name():
    stream = Stream.of_csv(write_csv(), y=["c", "a"], features=["b"])
    found_X, found_y = all_of(stream)
    np.testing.assert_array_equal(found_X, X[:, [1]])
    np.testing.assert_array_equal(found_y, X[:, [2, 0]])
    found_X, found_y = all_of(Stream.of_csv("big.csv", features=NAMES))
    np.testing.assert_array_equal(found_X, X)
    assert found_y is None


def test_several_csv_files_are_read_in_order():
    pathlib.Path("parts").mkdir()
    for i in (0, 1, 2):
        rows = slice(i * 20, i * 20 + 20)
        write_csv(f"parts/{i}.csv", columns=(*X[rows].T, Y[rows]))
    paths = [f"parts/{i}.csv" for i in (0, 1, 2)]
    several: list[Any] = ["parts", "parts/*.csv", paths, list(map(pathlib.Path, paths)), iter(paths)]
    for path in several:
        found_X, found_y = all_of(Stream.of_csv(path, y="label"))
        np.testing.assert_array_equal(found_X, X)
        np.testing.assert_array_equal(found_y, Y)


def test_other_delimiters_a_mark_of_the_encoding_and_compression():
    text = pathlib.Path(write_csv(delimiter=";")).read_bytes()
    pathlib.Path("marked.csv").write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    pathlib.Path("big.csv.gz").write_bytes(gzip.compress(text))
    for name in ("big.csv", "marked.csv", "big.csv.gz"):
        np.testing.assert_array_equal(all_of(Stream.of_csv(name, y="label", delimiter=";"))[0], X)


@pytest.mark.usefixtures("block_bytes")
@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            ("1", "x?", "3", "no"),
            r"big\.csv h.* 'x\?' in column 'b' at row 50, counted from 0\. (Mend|Encode)",
        ),
        (("1", "", "3", "no"), r"big\.csv has no value in column 'b' at row 50, counted from 0\. Fill"),
        (("1", "NA", "3", "no"), r"big\.csv has no value in column 'b' at row 50"),
        (("1", "2", "3", ""), r"big\.csv has no value in column 'label' at row 50"),
        (("1", "2", "3"), r"big\.csv has 3 cells at row 50, counted from 0, and 4 in the row with"),
        (("1", "2", "3", "no", "5"), r"big\.csv has 5 cells at row 50.*'1,2,3,no,5'"),
    ],
    ids=["text", "empty", "NA", "no label", "short", "long"],
)
def test_a_fault_names_file_row_and_column(row, message, monkeypatch):
    with pytest.raises((InvalidDataError, DataFileError), match=message):
        list(Stream.of_csv(write_csv(last=[row]), y="label"))
    assert_names_the_row_of_a_larger_file(row, message, monkeypatch)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n1,2,\xff\x1b[31m\n", r"has 3 cells at row 1.*\[31m"),  # nothing is printed beside it
        (b"a,\x1b[31m\n1,2,\xff\n3,4\n", r"has 3 cells at row 0"),
        (b"a," + b"x" * 5_000 + b"\n1,2\n", r"has no column 'b'; it has .*….*\. Name"),
        (b"\x07" * 5_000 + b",c\n1,2\n", r"has no column 'b'; it has \['\\x07.*….*\. Name"),
        (b"a,\x1bb\n1,2\n", r"has no column 'b'; it has \['a', '.*x1bb'\]"),
        (b"a,b\n1,elm\n2,elm\0\n", r"a text that ends with a NUL in column 'b' at row 1, counted from 0"),
    ],
    ids=["short row", "first row", "long name", "long name of controls", "name", "label"],
)
def test_what_is_no_text_is_shown_as_what_it_is(content, message):
    pathlib.Path("big.csv").write_bytes(content)
    with pytest.raises((InvalidDataError, DataFileError), match=message) as caught:
        list(Stream.of_csv("big.csv", y="b"))
    assert str(caught.value).isprintable()


def assert_names_the_row_of_a_larger_file(row, message, monkeypatch):
    """Far behind the first block, from which the types are told."""
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 300)
    columns = (*np.tile(X, (20, 1)).T, np.tile(Y, 20))
    with pytest.raises((InvalidDataError, DataFileError), match=message.replace("50", "1,000")):
        list(Stream.of_csv(write_csv(columns=columns, last=[row]), y="label"))


@pytest.mark.parametrize(
    ("text", "settings", "error", "message"),
    [
        ("a,b\n1,2\n", {"y": "lable"}, InvalidDataError, r"has no column 'lable'; it has \['a', 'b'\]"),
        ("a;b\n1;2\n", {"y": "b"}, InvalidDataError, r"no column 'b'.*set apart by ';'\? Then say delimiter"),
        ("a,b\n1,oak\n", {"y": "a"}, InvalidDataError, r"not numeric: 'oak' in column 'b' at row 0"),
        ("a,b\n1,2\n?,3\n", {"y": "b"}, InvalidDataError, r"not numeric: '\?' in column 'a' at row 1"),
        (",a,b\n0,1,2\n", {"y": "b"}, InvalidDataError, r"without a name: an index\?.*index=False"),
        ("a,a\n1,2\n", {}, DataFileError, r"begins with a,a; expected the names"),
        ("5.1,3.5\n1,2\n", {}, DataFileError, r"begins with 5.1,3.5; expected the names"),
        ("", {}, DataFileError, r"cannot be read as CSV.*Expected text in UTF-8"),
        ("a,b\n1,2\n", {"y": "b", "target": "b"}, InvalidParameterError, "are one thing; leave one out"),
        ("a,b\n1,2\n", {"y": "b", "features": ["b"]}, InvalidParameterError, "the target among the features"),
        ("a,b\n1,2\n", {"delimiter": ", "}, InvalidParameterError, "expected one character"),
    ],
)
def test_a_csv_file_that_cannot_be_used_is_an_error_at_once(text, settings, error, message):
    pathlib.Path("big.csv").write_text(text)
    with pytest.raises(error, match=message) as caught:
        Stream.of_csv("big.csv", **settings)
    assert isinstance(caught.value, InvalidParameterError) or "big.csv" in str(caught.value)


def test_other_encodings_are_named():
    for content in (b"a,gr\xfcn\n1,2\n", b"a,b\n1,gr\xfcn\n"):
        pathlib.Path("big.csv").write_bytes(content)
        with pytest.raises(DataFileError, match=r"big\.csv .*UTF-8"):
            list(Stream.of_csv("big.csv", features=["a"], y="b" if b"b" in content else None))


def test_a_csv_file_without_rows_says_so():
    pathlib.Path("big.csv").write_text("a,b\n")
    with pytest.raises(InvalidDataError, match="holds no rows"):
        list(Stream.of_csv("big.csv", y="b").batches())


def test_paths_that_lead_nowhere_are_an_error():
    with pytest.raises(DataFileError, match=r"is no CSV file, no folder.*end in \.csv"):
        Stream.of_csv("nowhere.csv")


def test_without_pyarrow_the_extra_is_named(monkeypatch):
    write_csv()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "glassnet\[parquet\]"'):
        Stream.of_csv("big.csv")


def test_a_csv_file_is_never_in_memory_as_a_whole(monkeypatch):
    import pyarrow

    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 1 << 16)  # pyarrow reads some 32 of them ahead

    n = 200_000
    values = np.random.default_rng(0).random(n)
    write_csv(columns=(values, values, values, np.arange(n)))
    size = pathlib.Path("big.csv").stat().st_size
    before = pyarrow.total_allocated_bytes()
    taken = [pyarrow.total_allocated_bytes() - before for _ in Stream.of_csv("big.csv", y="label").batches()]
    assert size > 10_000_000
    assert max(taken) < size / 2


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_models_of_a_csv_file_are_those_of_its_arrays():
    write_csv(columns=(*X.T / 100, np.arange(N) % 2))
    stream, data = Stream.of_csv("big.csv", y="label"), (X / 100, np.arange(N) % 2)
    for make in (MLPClassifier, MLPRegressor):
        one, other = (make(hidden_layer_sizes=(4,), max_iter=3, random_state=0) for _ in range(2))
        one.fit(stream)
        other.fit(*data)
        assert one.loss_curve_ == other.loss_curve_


def test_parquet_files_take_either_name_of_the_target():
    pandas.DataFrame(X, columns=NAMES).to_parquet("x.parquet")
    for stream in (Stream.of_parquet("x.parquet", y="c"), Stream.of_parquet("x.parquet", target="c")):
        np.testing.assert_array_equal(all_of(stream)[1], X[:, 2])
    with pytest.raises(InvalidParameterError, match="are one thing"):
        Stream.of_parquet("x.parquet", y="c", target="c")


# -- CSV files that were damaged, or made to do harm --------------------------------------------------------

MANY_ROWS = "1,x\n" * 300_000


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"a,y\n1,x\n2,{'z' * 200_000}\n", ("more than 1,000 characters in column 'y' at row 1,",)),
        ("a,y\n1,x\n2,x\0\n", ("NUL in column 'y' at row 1,",)),
        ("a,y\n1,x\n2\0,x\n", ("'2\\x00' in column 'a' at row 1,",)),
        ('a,y\n1,x\n2,"x\n3,x\n', ("ends within a cell: at row 1,",)),
        ('a,y\n\n1,"x\ny"\n2,"x ""y"\n3,"x""\n4,x\n', ("ends within a cell: at row 2,",)),
        ('a,y\n1,x\n"2,x\n3,x\n4,x\n', ("1 cells at row 1,",)),
        ("a,b,y\n1,2,x\n1,x\n", ("2 cells at row 1,",)),
        ("a,b,y\n1,2,x\n1,2,3,x\n", ("4 cells at row 1,",)),
        ("a,y\n1,x\n2,é\n".encode("latin-1"), ("UTF-8", r"b'\xe9' in column 'y' at row 1,")),
        ("a,y\n1,x\né,x\n".encode("latin-1"), ("UTF-8", r"b'\xe9' in column 'a' at row 1,")),
        (f"a,y\n{MANY_ROWS}2,é\n".encode("latin-1"), ("UTF-8", "column 'y' at row 300,000,")),
        ("a,y\n1,x\n2,inf\n".replace("x", "1.5"), ("inf in column 'y' at row 1,",)),
        (",".join(f"c{i}" for i in range(1_000_000)) + "\n", ("columns or more; expected 10,000 at most",)),
    ],
    ids=[
        "a long cell",
        "NUL in a label",
        "NUL in a number",
        "a lone quote",
        "a lone quote after whole ones",
        "a lone quote in a number",
        "a short row",
        "a long row",
        "latin-1 label",
        "latin-1 number",
        "latin-1 late",
        "infinite target",
        "a million columns",
    ],
)
def test_a_damaged_csv_file_is_refused_in_one_message(text, parts):
    pathlib.Path("big.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises((DataFileError, InvalidDataError)) as caught:
        list(Stream.of_csv("big.csv", y="y").batches())
    message = str(caught.value)
    assert len(message) < 400
    for part in ("big.csv", *parts):
        assert part in message


def test_quotes_that_are_closed_are_taken():
    pathlib.Path("big.csv").write_text('a,y\n1,"x\ny"\n2,"say ""x"""\n"3",6" pipe\n4,"6"" pipe"\n')
    assert all_of(Stream.of_csv("big.csv", y="y"))[1].tolist() == ["x\ny", 'say "x"', '6" pipe', '6" pipe']
