"""Estimators on streams: the models of arrays, with bounded memory, and faults named by batch and row."""

import io
import itertools
import re
import sys
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import r2_score

from glassnet import DivergedError, MLPAutoencoder, MLPClassifier, MLPRegressor, Stream
from glassnet._common import progress as progress_module
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models._streaming import part_rows

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL: dict[str, Any] = {"hidden_layer_sizes": (7, 4), "max_iter": 6, "random_state": 3, "batch_size": 16}


def cut(X, y=None, rows=13):
    starts = range(0, X.shape[0], rows)
    return [X[i : i + rows] if y is None else (X[i : i + rows], y[i : i + rows]) for i in starts]


def assert_same(model, other):
    for name in ("loss_curve_", "validation_loss_curve_", "validation_scores_", "n_iter_", "t_", "loss_"):
        assert getattr(model, name) == getattr(other, name), name
    for a, b in zip(model.coefs_ + model.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


# -- one part is the same as arrays ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"solver": "sgd", "learning_rate": "invscaling"},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 1, "max_iter": 30},
        {"learning_rate": "one_cycle"},
        {"solver": "adamw", "dropout": 0.2, "max_grad_norm": 0.1},
        {"shuffle": False},
        {"batch_size": "auto"},
        {"dtype": "float32"},
        {"class_weight": "balanced"},
        {"class_weight": {"ash": 3.0, "oak": 0.5}},
    ],
    ids=str,
)
def test_a_classifier_is_that_of_arrays(flowers, settings):
    X, y = flowers
    model = MLPClassifier(**SMALL | settings)
    streamed = MLPClassifier(**SMALL | settings).fit(Stream(cut(X, y)))
    assert_same(streamed, model.fit(X, y))
    np.testing.assert_array_equal(streamed.classes_, model.classes_)
    assert streamed.classes_.dtype == model.classes_.dtype


@pytest.mark.parametrize(
    "convert", [np.float32, sparse.csr_matrix, sparse.csc_matrix], ids=["f4", "csr", "csc"]
)
def test_inputs_of_every_kind_train_the_same(flowers, convert):
    X, y = convert(flowers[0]), flowers[1]
    model = MLPClassifier(**SMALL).fit(X, y)
    assert_same(MLPClassifier(**SMALL).fit(Stream.of_arrays(X, y)), model)


def test_bytes_stay_bytes(flowers):
    X, y = (np.abs(flowers[0]) * 60).astype(np.uint8), flowers[1]
    settings = SMALL | {"scale_uint8": True, "dtype": "float32"}
    streamed = MLPClassifier(**settings).fit(Stream(cut(X, y)))
    assert_same(streamed, MLPClassifier(**settings).fit(X, y))
    (part,) = streamed.make_samples(Stream(cut(X, y), rows=128)).parts()
    assert part.X.dtype == np.uint8
    with pytest.raises(InvalidDataError, match=r"batch 2 .*: X is of dtype float64; expected uint8 in all"):
        streamed.fit(Stream([(X, y), (X / 2, y)]))


def test_binary_and_several_labels_train_the_same(flowers):
    X, y = flowers
    for targets in (y == "elm", np.column_stack([y == "elm", y != "oak"]).astype(int)):
        model = MLPClassifier(**SMALL).fit(X, targets)
        streamed = MLPClassifier(**SMALL).fit(Stream(cut(X, targets)))
        assert_same(streamed, model)
        np.testing.assert_array_equal(streamed.predict(Stream(cut(X))), model.predict(X))
        assert streamed.score(Stream(cut(X, targets))) == pytest.approx(model.score(X, targets))


@pytest.mark.parametrize("loss", ["squared_error", "huber"])
def test_a_regressor_is_that_of_arrays(curve, loss):
    X, y = curve
    for targets in (y, np.column_stack([y, -y, X[:, 0]])):
        model = MLPRegressor(loss, **SMALL).fit(X, targets)
        assert_same(MLPRegressor(loss, **SMALL).fit(Stream(cut(X, targets))), model)


def test_an_autoencoder_is_that_of_arrays(curve):
    X, _ = curve
    model = MLPAutoencoder(**SMALL).fit(X, X_val=X[:20])
    streamed = MLPAutoencoder(**SMALL).fit(Stream(cut(X)), X_val=Stream(cut(X[:20], rows=20)))
    assert_same(streamed, model)
    for method in ("transform", "reconstruct", "reconstruction_error"):
        np.testing.assert_allclose(getattr(streamed, method)(Stream(cut(X))), getattr(model, method)(X))
    assert streamed.score(Stream(cut(X))) == pytest.approx(model.score(X))


def test_validation_data_are_those_of_arrays(flowers):
    X, y = flowers
    for scoring in (None, "loss"):
        settings = SMALL | {"early_stopping": True, "scoring": scoring, "n_iter_no_change": 2, "max_iter": 40}
        model = MLPClassifier(**settings).fit(X[:60], y[:60], X_val=X[60:], y_val=y[60:])
        stream = Stream(cut(X[:60], y[:60]))
        assert_same(MLPClassifier(**settings).fit(stream, X_val=X[60:], y_val=y[60:]), model)
        streamed = MLPClassifier(**settings).fit(stream, X_val=Stream(cut(X[60:], y[60:], rows=30)))
        assert_same(streamed, model)
        streamed = MLPClassifier(**settings).fit(X[:60], y[:60], X_val=Stream(cut(X[60:], y[60:], rows=30)))
        assert_same(streamed, model)


def test_a_regressors_validation_score_needs_no_rows_kept(curve):
    X, y = curve
    settings = SMALL | {"early_stopping": True}
    model = MLPRegressor(**settings).fit(X[:60], y[:60], X_val=X[60:], y_val=y[60:])
    streamed = MLPRegressor(**settings).fit(
        Stream(cut(X[:60], y[:60])), X_val=Stream(cut(X[60:], y[60:], rows=7))
    )
    np.testing.assert_allclose(streamed.validation_scores_, model.validation_scores_)


def test_partial_fit_is_that_of_arrays(flowers, curve):
    X, y = flowers
    model, streamed = MLPClassifier(**SMALL), MLPClassifier(**SMALL)
    for _ in range(3):
        model.partial_fit(X, y, classes=["ash", "elm", "oak"])
        streamed.partial_fit(Stream(pair for pair in cut(X, y)), classes=["ash", "elm", "oak"])
    assert_same(streamed, model)
    X, y = curve
    model, streamed = MLPRegressor(**SMALL), MLPRegressor(**SMALL)
    for _ in range(3):
        model.partial_fit(X, y)
        streamed.partial_fit(Stream(iter(cut(X, y))))
    assert_same(streamed, model)


def test_a_warm_start_goes_on(flowers):
    X, y = flowers
    settings = SMALL | {"warm_start": True, "keep_optimizer_state": True}
    model, streamed = MLPClassifier(**settings), MLPClassifier(**settings)
    for _ in range(2):
        assert_same(streamed.fit(Stream(cut(X, y))), model.fit(X, y))
    with pytest.raises(ValueError, match="same classes as in the previous call"):
        streamed.fit(Stream(cut(X, np.where(y == "elm", "oak", y))))


def test_data_frames_keep_their_names(flowers):
    pandas = pytest.importorskip("pandas")
    X, y = pandas.DataFrame(flowers[0], columns=list("abcd")), pandas.Series(flowers[1])
    model = MLPClassifier(**SMALL).fit(Stream([(X[:50], y[:50]), (X[50:], y[50:])]))
    assert model.feature_names_in_.tolist() == list("abcd")
    assert_same(model, MLPClassifier(**SMALL).fit(X, y))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(Stream([X.rename(columns={"a": "z"})]))


# -- many parts ------------------------------------------------------------------------------------------


def test_parts_are_whole_batches_of_training(flowers):
    X, y = flowers
    sizes, orders = [], []
    model = MLPClassifier(**SMALL).fit(X, y)
    for part in model.make_samples(Stream(cut(X, y), rows=32)).parts():
        sizes.append(len(part))
        orders.append(part.X.copy())
    assert sizes == [32, 32, 26]
    np.testing.assert_array_equal(np.concatenate(orders), X)


@pytest.mark.parametrize(
    ("rows", "batch_size", "row_bytes", "expected"),
    [
        (None, 200, 124, 33_800),
        (None, 200, 8, 65_400),
        (None, 200, 3136, 8000),
        (None, 128, 1 << 20, 128),
        (1000, 300, 124, 900),
        (100, 300, 124, 300),
    ],
)
def test_the_rows_of_a_part_are_bounded(rows, batch_size, row_bytes, expected):
    assert part_rows(Stream([], rows=rows), batch_size, row_bytes) == expected


def test_rows_are_shuffled_within_a_part_and_never_across(flowers):
    """Without shuffling, parts make no difference; with it, the batches of a part keep to its rows."""
    X, y = flowers
    in_order = SMALL | {"shuffle": False}
    whole = MLPClassifier(**in_order).fit(X, y)
    assert_same(MLPClassifier(**in_order).fit(Stream(cut(X, y), rows=32)), whole)
    shuffled = MLPClassifier(**SMALL).fit(Stream(cut(X, y), rows=32))
    assert shuffled.t_ == 6 * 90
    assert shuffled.loss_curve_ != MLPClassifier(**SMALL).fit(X, y).loss_curve_
    assert_same(shuffled, MLPClassifier(**SMALL).fit(Stream(cut(X, y, rows=40), rows=32)))
    # parts of one training batch each: the order within them changes only how sums are rounded
    nearly = MLPClassifier(**SMALL).fit(Stream(cut(X, y), rows=16))
    np.testing.assert_allclose(nearly.loss_curve_, whole.loss_curve_, rtol=1e-9)


def test_a_model_learns_from_many_parts(flowers):
    X, y = flowers
    settings = SMALL | {"max_iter": 200, "learning_rate_init": 0.01, "n_iter_no_change": 200}
    many = MLPClassifier(**settings).fit(Stream(cut(X, y), rows=32))
    assert many.score(X, y) > MLPClassifier(**settings).fit(X, y).score(X, y) - 0.1


def test_answers_do_not_depend_on_the_batches(flowers, curve):
    X, y = flowers
    model = MLPClassifier(**SMALL).fit(X, y)
    for rows in (90, 13, 1):
        stream = Stream(cut(X, y, rows))
        np.testing.assert_array_equal(model.predict(stream), model.predict(X))
        assert model.predict(stream).dtype == model.predict(X).dtype
        for method in ("predict_proba", "predict_log_proba", "transform"):
            np.testing.assert_allclose(getattr(model, method)(stream), getattr(model, method)(X), rtol=1e-12)
        np.testing.assert_allclose(model.transform(stream, layer=0), model.transform(X, layer=0), rtol=1e-12)
        assert model.score(stream) == pytest.approx(model.score(X, y), abs=1e-12)
    X, y = curve
    for targets in (y, np.column_stack([y, -y, 0 * y])):
        model = MLPRegressor(**SMALL).fit(X, targets)
        for rows in (80, 13, 1):
            expected = r2_score(targets, model.predict(X))
            assert model.score(Stream(cut(X, targets, rows))) == pytest.approx(expected, abs=1e-12)


def test_a_memory_map_and_a_parquet_file_train_the_same(tmp_path, flowers):
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    X, y = flowers
    np.save(tmp_path / "x.npy", X)
    parquet.write_table(
        pyarrow.table({**{f"x{i}": X[:, i] for i in range(4)}, "y": y}), tmp_path / "x.parquet"
    )
    model = MLPClassifier(**SMALL).fit(X, y)
    for stream in (
        Stream.of_arrays(np.load(tmp_path / "x.npy", mmap_mode="r"), y),
        Stream.of_parquet(tmp_path / "x.parquet", target="y"),
    ):
        assert_same(MLPClassifier(**SMALL).fit(stream), model)
        np.testing.assert_array_equal(model.predict(stream), model.predict(X))


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_memory_map_is_not_copied(tmp_path, peak_growth, early_stopping):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20_000, 100)), rng.integers(0, 2, 20_000)
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    settings = SMALL | {"early_stopping": early_stopping, "max_iter": 1}
    model = MLPClassifier(**settings)
    assert peak_growth(lambda: model.fit(mapped, y)) < X.nbytes / 2
    assert_same(model, MLPClassifier(**settings).fit(X, y))


# -- faults ----------------------------------------------------------------------------------------------


def broken(X, y, row, value, column=1):
    X = X.copy()
    X[row, column] = value
    return Stream(cut(X, y))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_named_by_batch_and_row(flowers, value):
    X, y = flowers
    stream, where = broken(X, y, 30, value), r"in batch 3 of the stream \(rows 26 to 38.*in row 30\."
    model = MLPClassifier(**SMALL).fit(X, y)
    for use in (MLPClassifier(**SMALL).fit, model.predict, model.score):
        with pytest.raises(InvalidDataError, match=f"(?s){where}"):
            use(stream)
    y = np.arange(90.0)
    y[41] = value
    with pytest.raises(InvalidDataError, match=r"(?s)in batch 4 of the stream .*in row 41\."):
        MLPRegressor(**SMALL).fit(Stream(cut(X, y)))


def test_rows_of_another_width_are_named_by_batch(flowers):
    X, y = flowers
    pairs = cut(X, y)
    pairs[4] = pairs[4][0][:, :3], pairs[4][1]
    with pytest.raises(InvalidDataError, match=r"in batch 5 of the stream .* 3 features"):
        MLPClassifier(**SMALL).fit(Stream(pairs))
    with pytest.raises(InvalidDataError, match=r"in batch 5 of the stream .* 3 features"):
        MLPClassifier(**SMALL).fit(X, y).predict(Stream(pairs))


def test_unknown_labels_are_named_by_batch_and_row(flowers):
    X, y = flowers
    strange = y.copy()
    strange[30] = "yew"
    model = MLPClassifier(**SMALL)
    message = r"in batch 3 of .*not among the classes: \['yew'\], the first in row 30; expected only \['ash'"
    with pytest.raises(InvalidDataError, match=message):
        model.partial_fit(Stream(cut(X, strange)), classes=["ash", "elm", "oak"])
    with pytest.raises(InvalidDataError, match=message):
        model.fit(Stream(cut(X, y)), X_val=Stream(cut(X, strange)))


def test_targets_that_change_or_are_missing_are_an_error(curve):
    X, y = curve
    two = np.column_stack([y, y])
    with pytest.raises(InvalidDataError, match=r"in batch 2 .*y has 2 outputs, and the first batch had 1"):
        MLPRegressor(**SMALL).fit(Stream([(X, y), (X, two)]))
    with pytest.raises(InvalidDataError, match=r"batch 1 .* has no y; expected a pair \(X, y\)"):
        MLPRegressor(**SMALL).fit(Stream([X]))
    with pytest.raises(InvalidDataError, match=r"the stream has no y; expected pairs \(X, y\)"):
        MLPClassifier(**SMALL).fit(Stream([X]))
    with pytest.raises(InvalidDataError, match="inconsistent numbers of samples"):
        MLPRegressor(**SMALL).fit(Stream([(X, y[1:])]))


def test_a_generator_is_enough_for_one_pass_only(flowers):
    X, y = flowers

    def once():
        return Stream(pair for pair in cut(X, y))

    message = r"can be read only once. Give the function that makes it: Stream\(make_batches\)"
    for fit in (MLPClassifier(**SMALL).fit, MLPAutoencoder(**SMALL).fit):
        with pytest.raises(InvalidDataError, match=f"fit reads the data anew in every epoch.*{message}"):
            fit(once())
    with pytest.raises(InvalidDataError, match=f"X_val is read after every epoch.*{message}"):
        MLPClassifier(**SMALL).fit(X, y, X_val=once())
    model = MLPClassifier(**SMALL).fit(X, y)
    assert model.score(once()) == model.score(X, y)
    np.testing.assert_array_equal(model.predict(once()), model.predict(X))


def test_a_function_that_returns_the_same_iterator_is_found_out(curve):
    pairs = iter(cut(*curve))
    with pytest.raises(InvalidDataError, match="Does the function return a new iterator whenever"):
        MLPRegressor(**SMALL).fit(Stream(lambda: pairs))


def test_what_a_stream_cannot_have_is_an_error(flowers):
    X, y = flowers
    stream = Stream(cut(X, y))
    cases = [
        (lambda: MLPClassifier(solver="lbfgs").fit(stream), "solver='lbfgs' needs all samples at once"),
        (lambda: MLPClassifier(early_stopping=True).fit(stream), "cannot hold rows of a stream back; give"),
        (lambda: MLPClassifier().fit(stream, y), "got y beside a Stream.*leave y out"),
        (lambda: MLPClassifier().fit(stream, sample_weight=np.ones(90)), "sample_weight beside a Stream"),
        (lambda: MLPClassifier().fit(X, y, X_val=stream, y_val=y), "got y_val beside a Stream"),
        (
            lambda: MLPClassifier(class_weight="balanced").partial_fit(stream, classes=["ash", "elm", "oak"]),
            "class_weight='balanced' needs the counts",
        ),
        (
            lambda: MLPClassifier(early_stopping=True, scoring="f1_macro").fit(stream, X_val=stream),
            "got scoring='f1_macro', which takes arrays",
        ),
        (lambda: MLPClassifier().fit(X, y).score(stream, y), "got y beside a Stream"),
    ]
    for use, message in cases:
        with pytest.raises((InvalidDataError, InvalidParameterError), match=message):
            use()


@pytest.mark.parametrize("model", [MLPClassifier(), MLPRegressor()], ids=["classifier", "regressor"])
def test_y_is_still_needed_without_a_stream(curve, model):
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        model.fit(curve[0])
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        model.partial_fit(curve[0], **({"classes": [0, 1]} if isinstance(model, MLPClassifier) else {}))


def test_steps_count_on_over_the_parts(curve):
    X, y = curve
    X = X.copy()
    X[70, 0] = 1e300
    model = MLPRegressor(**SMALL | {"shuffle": False})
    with pytest.raises(DivergedError) as caught:
        model.fit(Stream(cut(X, y), rows=32))
    assert (caught.value.epoch, caught.value.step) == (1, 5)


# -- stopping --------------------------------------------------------------------------------------------


def test_ctrl_c_leaves_the_model_as_trained_so_far(curve):
    X, y = curve
    passes = itertools.count(1)

    def batches():
        for number, pair in zip(itertools.repeat(next(passes)), cut(X, y), strict=False):
            yield pair
            if number == 3:
                raise KeyboardInterrupt

    model = MLPRegressor(**SMALL | {"max_iter": 50})
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(Stream(batches, rows=16))
    assert model.n_iter_ == 2
    assert np.isfinite(model.predict(X)).all()
    assert model.history_.stopped_by == "interrupted"


def test_on_epoch_stops_and_history_tells(curve):
    records = []
    model = MLPRegressor(**SMALL, on_epoch=lambda record: records.append(record) or len(records) == 2)
    model.fit(Stream(cut(*curve)))
    assert [record.loss for record in model.history_.records] == [record.loss for record in records]
    assert len(records) == 2


# -- progress --------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("verbose", "patience", "shown"), [(True, 2.0, True), (False, 0.0, True), (False, 60, False)]
)
def test_a_bar_is_shown_in_a_terminal(monkeypatch, capsys, curve, verbose, patience, shown):
    monkeypatch.setattr(progress_module, "PATIENCE_SECONDS", patience)
    monkeypatch.setattr(progress_module, "UPDATE_SECONDS", 0.0)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setattr(sys, "stderr", Terminal())
    MLPRegressor(**SMALL, verbose=verbose).fit(Stream(cut(*curve), n_rows=80, rows=16))
    text = sys.stderr.getvalue()
    assert (text != "") == shown
    if shown:
        assert re.search(r"epoch 6.* 80 rows, .*rows/s.*loss 0\.\d", text, re.DOTALL)
    assert ("Iteration 6, loss = " in capsys.readouterr().out) == verbose


def test_a_pass_is_timed_by_itself_and_knows_the_rows_of_the_last(monkeypatch):
    shown = []
    monkeypatch.setattr(progress_module.RowProgress, "_show", lambda self, *_: shown.append(self._n_rows))
    monkeypatch.setattr(progress_module, "UPDATE_SECONDS", 0.0)
    clock = iter([0.0, 1.0, 3.0, 4.0, 6.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    with progress_module.RowProgress("epoch", None) as progress:
        for rows, epoch in ((10, 4), (20, 4), (10, 5), (20, 5)):
            progress.update(rows, epoch, 0.5)
    assert shown == [None, 20]  # at 3 s of the first pass and at 3 s of the second


def test_nothing_is_shown_in_a_pipe(monkeypatch, capsys, curve):
    monkeypatch.setattr(progress_module, "PATIENCE_SECONDS", 0.0)
    model = MLPRegressor(**SMALL).fit(Stream(cut(*curve), rows=16))
    model.predict(Stream(cut(curve[0])))
    assert capsys.readouterr() == ("", "")
