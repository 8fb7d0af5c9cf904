"""Streams of batches: what they hand out, from iterables, functions, arrays, maps and Parquet files."""

import sys

import numpy as np
import pytest

import glassnet.data.streams as module
from glassnet import Stream
from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError

N = 50
X = np.arange(N * 3, dtype=np.float64).reshape(N, 3)
Y = np.where(np.arange(N) % 3, "no", "yes")


def cut(rows=20, x=X, y=Y):
    return [(x[i : i + rows], y[i : i + rows]) for i in range(0, len(x), rows)]


def assert_holds(stream, x=X, y=Y):
    batches = list(stream.batches())
    np.testing.assert_array_equal(np.concatenate([batch.X for batch in batches]), x)
    np.testing.assert_array_equal(np.concatenate([batch.y for batch in batches]), y)
    assert [batch.first_row for batch in batches] == list(
        np.cumsum([0, *(batch.n_rows for batch in batches)])[:-1]
    )


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(module, "BATCH_ROWS", 16)


# -- iterables and functions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "batches", [cut(), tuple(cut()), lambda: iter(cut()), cut], ids=["list", "tuple", "lambda", "function"]
)
def test_a_stream_can_be_read_again_and_again(batches):
    stream = Stream(batches)
    assert stream.can_be_read_again
    for _ in range(2):
        assert_holds(stream)


def test_a_generator_can_be_read_once():
    stream = Stream(batch for batch in cut())
    assert not stream.can_be_read_again
    assert_holds(stream)
    with pytest.raises(InvalidDataError, match=r"Give the function.*not Stream\(make_batches\(\)\)"):
        list(stream)


@pytest.mark.parametrize(
    "batches", [cut(), lambda: iter(cut()), iter(cut())], ids=["list", "function", "once"]
)
def test_looking_at_the_first_batch_takes_nothing_away(batches):
    stream = Stream(batches)
    for _ in range(2):
        np.testing.assert_array_equal(stream.first().X, X[:20])
    assert_holds(stream)


def test_batches_without_rows_are_passed_over():
    stream = Stream([(X[:0], Y[:0]), *cut(), (X[:0], Y[:0])])
    assert stream.first().n_rows == 20
    assert_holds(stream)


@pytest.mark.parametrize(
    "batches", [[], [(X[:0], Y[:0])], lambda: iter(())], ids=["none", "no rows", "function"]
)
def test_a_stream_without_rows_is_an_error(batches):
    for read in (lambda: list(Stream(batches).batches()), lambda: Stream(batches).first()):
        with pytest.raises(
            InvalidDataError, match=r"holds no rows\. Does the function return a new iterator"
        ):
            read()


def test_a_batch_may_be_x_alone():
    (batch,) = Stream([X]).batches()
    assert batch.X is X
    assert batch.y is None


def test_a_pair_may_be_a_list_of_arrays():
    assert_holds(Stream([list(pair) for pair in cut()]))


def test_wide_rows_are_read_few_at_once(monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 3 * 8 * 7)
    stream = Stream.of_arrays(X, Y)
    assert_holds(stream)
    assert max(batch.n_rows for batch in stream.batches()) == 7


def test_targets_are_read_without_inputs():
    np.testing.assert_array_equal(np.concatenate(list(Stream(cut()).targets())), Y)


def test_a_batch_is_let_go_before_the_next_is_made():
    """What a stream takes is one batch: a generator that lets go of its own may count on it."""
    alive = 0

    class Tracked(np.ndarray):
        def __del__(self):
            nonlocal alive
            alive -= 1

    def batches():
        nonlocal alive
        for _ in range(4):
            assert alive == 0
            alive += 1
            yield np.ones((3, 2)).view(Tracked), None

    for batch in Stream(batches).batches():
        assert alive == 1
        del batch
    stream = Stream(batches)
    stream.first()
    for y in stream.targets():
        assert y is None


def test_the_place_of_a_batch_names_number_and_rows():
    places = [batch.place for batch in Stream(cut()).batches()]
    assert places[1] == "batch 2 of the stream (rows 20 to 39, counted from 0)"


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        (X, r"ndarray, which is one table.*Stream.of_arrays\(X, y\)"),
        (7, "got batches of type int; expected an iterable of pairs"),
    ],
)
def test_what_is_no_iterable_of_batches_is_an_error(batches, message):
    with pytest.raises(InvalidParameterError, match=message):
        Stream(batches)


def test_a_tuple_of_three_is_an_error():
    with pytest.raises(InvalidDataError, match=r"batch 1 of the stream is a tuple of 3; expected a pair"):
        list(Stream([(X, Y, Y)]).batches())


@pytest.mark.parametrize("name", ["n_rows", "rows"])
def test_a_number_of_rows_is_positive(name):
    with pytest.raises(InvalidParameterError, match=f"got {name}=0; expected at least 1"):
        Stream(cut(), **{name: 0})


# -- arrays and memory maps ------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_batches")
def test_arrays_are_cut_into_views():
    stream = Stream.of_arrays(X, Y)
    assert stream.n_rows == N
    assert_holds(stream)
    assert all(np.shares_memory(batch.X, X) for batch in stream.batches())
    assert [batch.n_rows for batch in stream.batches()] == [16, 16, 16, 2]


def write_map(path, array, offset=0, order="C"):
    whole = np.memmap(path, array.dtype, "w+", offset, array.shape, order)
    whole[:] = array
    whole.flush()
    return np.memmap(path, array.dtype, "r", offset, array.shape, order)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(
    ("take", "is_mapped_anew"),
    [
        (lambda x: x, True),
        (lambda x: x[7:41], True),
        (lambda x: x[7:41][3:], True),
        (lambda x: np.asarray(x)[5:], True),
        (lambda x: x[::2], False),
        (lambda x: x[:, 1:], False),
        (lambda x: x[::-1], False),
    ],
    ids=["whole", "slice", "slice of a slice", "as an array", "every other row", "columns", "backwards"],
)
@pytest.mark.parametrize("offset", [0, 12, 5000])
def test_memory_maps_hold_the_same_rows(tmp_path, take, is_mapped_anew, offset):
    part = take(write_map(tmp_path / "x", X, offset))
    stream = Stream.of_arrays(part, np.arange(len(part)))
    assert_holds(stream, np.array(part), np.arange(len(part)))
    assert [np.shares_memory(batch.X, part) for batch in stream.batches()] == [not is_mapped_anew] * -(
        -len(part) // 16
    )


@pytest.mark.usefixtures("small_batches")
def test_memory_maps_in_other_orders_and_modes_hold_the_same_rows(tmp_path):
    assert_holds(Stream.of_arrays(write_map(tmp_path / "x", X, order="F"), Y))
    np.save(tmp_path / "x.npy", X)
    assert_holds(Stream.of_arrays(np.load(tmp_path / "x.npy", mmap_mode="r"), Y))
    own = np.load(tmp_path / "x.npy", mmap_mode="c")
    own[20] = -1  # in memory only, not in the file
    assert_holds(Stream.of_arrays(own, Y), np.array(own))


def test_arrays_that_do_not_fit_are_an_error():
    with pytest.raises(InvalidDataError, match="got 50 rows of X and 49 of y"):
        Stream.of_arrays(X, Y[1:])
    with pytest.raises(InvalidDataError, match="got X of type list; expected an array"):
        Stream.of_arrays([[1.0]])


# -- Parquet files ---------------------------------------------------------------------------------------


@pytest.fixture
def parquet():
    return pytest.importorskip("pyarrow.parquet")


def columns(**more):
    return {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "label": Y} | more


def write_parquet(path, table, **settings):
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(table), path, **settings)
    return path


@pytest.mark.usefixtures("small_batches", "parquet")
def test_parquet_files_of_pyarrow_hold_the_rows(tmp_path):
    stream = Stream.of_parquet(
        write_parquet(tmp_path / "x.parquet", columns(), row_group_size=21), target="label"
    )
    assert stream.n_rows == N
    for _ in range(2):
        assert_holds(stream)
    np.testing.assert_array_equal(np.concatenate(list(stream.targets())), Y)


@pytest.mark.usefixtures("parquet")
def test_a_row_group_is_never_in_memory_as_a_whole(tmp_path):
    import pyarrow

    n = 2_000_000
    values = np.random.default_rng(0).random(n, np.float32)
    path = write_parquet(tmp_path / "x", {"a": values, "b": values[::-1]}, row_group_size=n)
    before = pyarrow.total_allocated_bytes()
    batches = Stream.of_parquet(path).batches()
    taken = [pyarrow.total_allocated_bytes() - before for _, batch in zip(range(40), batches, strict=False)]
    assert max(taken) < values.nbytes  # of two columns that are as large


@pytest.mark.usefixtures("parquet")
@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_parquet_files_of_pandas_hold_the_rows(tmp_path, kind):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(columns())
    frame["label"] = frame["label"].astype(kind)
    frame.to_parquet(tmp_path / "x.parquet")
    assert_holds(Stream.of_parquet(tmp_path / "x.parquet", target="label"))


@pytest.mark.usefixtures("parquet")
def test_several_parquet_files_are_read_in_order(tmp_path):
    for i in (0, 1, 2):
        rows = slice(i * 20, i * 20 + 20)
        write_parquet(tmp_path / f"part-{i}.parquet", {k: v[rows] for k, v in columns().items()})
    (tmp_path / "notes.txt").write_text("no data")
    paths = [tmp_path / f"part-{i}.parquet" for i in (0, 1, 2)]
    for path in (tmp_path, str(tmp_path / "part-*.parquet"), paths, [str(path) for path in paths]):
        assert_holds(Stream.of_parquet(path, target="label"))


@pytest.mark.usefixtures("parquet")
@pytest.mark.parametrize(
    ("dtypes", "expected"),
    [
        (("f4", "f4", "f4"), "f4"),
        (("u1", "u1", "u1"), "u1"),
        (("f4", "f8", "f4"), "f8"),
        (("f4", "i8", "?"), "f8"),
    ],
)
def test_parquet_columns_keep_their_precision(tmp_path, dtypes, expected):
    values = {
        name: (X[:, i] % 2).astype(dtype) for i, (name, dtype) in enumerate(zip("abc", dtypes, strict=True))
    }
    (batch,) = Stream.of_parquet(write_parquet(tmp_path / "x", values)).batches()
    assert batch.X.dtype == expected
    np.testing.assert_array_equal(batch.X, X % 2)
    assert batch.y is None


@pytest.mark.usefixtures("parquet")
def test_columns_are_chosen_and_ordered_by_name(tmp_path):
    path = write_parquet(tmp_path / "x", columns())
    (batch,) = Stream.of_parquet(path, target=["c", "a"], features=["b"]).batches()
    np.testing.assert_array_equal(batch.X, X[:, [1]])
    np.testing.assert_array_equal(batch.y, X[:, [2, 0]])


@pytest.mark.usefixtures("parquet")
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target": "lable"}, r"has no column 'lable'; it has \['a', 'b', 'c', 'label'\]. .* as target"),
        ({"target": "label", "features": ["a", "z"]}, r"has no column 'z'.* as features"),
        ({"target": "a"}, r"not numeric: 'label' \(string\).*leave them out with features=\[...\]"),
        ({"target": "a", "features": ["a", "b"]}, r"the target among the features: \['a'\]; leave it out"),
        ({"target": ["a", "b", "c", "label"]}, "got no features"),
    ],
)
def test_columns_that_cannot_be_used_are_an_error_at_once(tmp_path, settings, message):
    path = write_parquet(tmp_path / "x", columns())
    with pytest.raises((InvalidDataError, InvalidParameterError), match=message):
        Stream.of_parquet(path, **settings)


@pytest.mark.usefixtures("parquet")
def test_every_file_is_checked(tmp_path):
    write_parquet(tmp_path / "1.parquet", columns())
    write_parquet(tmp_path / "2.parquet", {"a": X[:, 0], "label": Y})
    with pytest.raises(InvalidDataError, match=r"2\.parquet has no column 'b', 'c'"):
        Stream.of_parquet(tmp_path, target="label")


@pytest.mark.usefixtures("small_batches", "parquet")
@pytest.mark.parametrize("name", ["b", "label"])
def test_a_missing_value_is_named(tmp_path, name):
    values = columns()[name].tolist()
    values[37] = None
    path = write_parquet(tmp_path / "x", columns(**{name: values}))
    with pytest.raises(InvalidDataError, match=f"no value in column '{name}' at row 37.*Fill in or drop"):
        list(Stream.of_parquet(path, target="label"))


@pytest.mark.usefixtures("parquet")
def test_files_that_are_no_parquet_files_are_an_error(tmp_path):
    (tmp_path / "x.parquet").write_text("a,b\n1,2\n")
    with pytest.raises(DataFileError, match=r"x\.parquet cannot be read as a Parquet file"):
        Stream.of_parquet(tmp_path)
    for path in (tmp_path / "y.parquet", str(tmp_path / "*.pq")):
        with pytest.raises(
            DataFileError, match="is no Parquet file, no folder that holds one, and no pattern"
        ):
            Stream.of_parquet(path)


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    (tmp_path / "x.parquet").touch()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "glassnet\[parquet\]"'):
        Stream.of_parquet(tmp_path)
