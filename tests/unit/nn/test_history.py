"""The rows of a training run."""

import json
import logging
import sys
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from glassnet.nn.history import EpochRecord, History, Stop, StopKind, log_epoch

numbers = st.floats(allow_nan=False, allow_infinity=False)
records = st.builds(
    EpochRecord,
    epoch=st.integers(1, 10**6),
    loss=numbers,
    accuracy=st.none() | st.floats(0, 1),
    validation_loss=st.none() | numbers,
    validation_accuracy=st.none() | st.floats(0, 1),
    seconds=st.floats(0, 1e6),
)
histories = st.builds(
    History,
    st.lists(records, max_size=5),
    st.text(),
    st.none() | st.integers(1, 10**6),
    st.none() | st.sampled_from(StopKind),
)


@settings(max_examples=40)
@given(history=histories)
def test_json_and_back_is_the_same_history(history):
    assert History.from_json(json.loads(json.dumps(history.to_json(), allow_nan=False))) == history


def test_columns():
    history = History([EpochRecord(1, 0.5, 0.8, None, None, 0.1), EpochRecord(2, 0.25, 0.9, 0.3, None, 0.1)])
    assert len(history) == 2
    assert history.column("epoch") == [1, 2]
    assert history.column("loss") == [0.5, 0.25]
    assert history.column("validation_loss") == [None, 0.3]
    assert History().column("loss") == []


@pytest.mark.parametrize("name", ["los", "__class__", "records"])
def test_an_unknown_column_is_refused_also_while_there_is_no_row(name):
    with pytest.raises(KeyError, match=r"no column .*known: epoch, loss, accuracy"):
        History().column(name)


def test_a_new_history_is_empty_and_its_own():
    one, other = History(), History()
    one.records.append(EpochRecord(1, 0.5, None, None, None, 0.1))
    assert (len(other), other.stopping_reason, other.best_epoch, other.stopped_by) == (0, "", None, None)


@pytest.mark.parametrize("records", [{}, "", None])
def test_records_that_are_no_list_are_no_history(records):
    with pytest.raises(TypeError, match="expected a list"):
        History.from_json({"records": records, "stopping_reason": "", "best_epoch": None})


def test_a_file_from_before_the_kinds_is_read_without_one():
    value = {"records": [], "stopping_reason": "all 3 epochs were run", "best_epoch": None}
    assert History.from_json(value) == History([], "all 3 epochs were run", None, None)


def test_the_end_is_a_kind_for_programs_and_a_sentence_for_people():
    history = History()
    history.end(Stop(StopKind.EPOCHS, "all 0 epochs were run"))
    assert (history.stopped_by, history.stopping_reason) == (StopKind.EPOCHS, "all 0 epochs were run")
    assert History.from_json(history.to_json()).stopped_by is StopKind.EPOCHS


def test_a_record_cannot_be_changed():
    with pytest.raises(AttributeError):
        EpochRecord(1, 0.5, None, None, None, 0.1).loss = 0  # type: ignore[misc]


def test_a_record_prints_what_was_measured():
    assert str(EpochRecord(3, 0.51234, 0.8, 0.25, None, 1.234)) == (
        "epoch   3  loss 0.5123  accuracy 0.8000  validation loss 0.2500  1.23 s"
    )
    assert str(EpochRecord(12, 1.0, None, None, None, 0.0)) == "epoch  12  loss 1.0000  0.00 s"


# -- tables, notebooks, logs -------------------------------------------------------------------------------


@pytest.fixture
def two():
    return History(
        [EpochRecord(1, 0.5, 0.1, None, None, 0.1), EpochRecord(2, 0.25, 0.2, 0.3, 0.4, 0.1)],
        "all 2 epochs were run",
    )


def test_the_rows_are_a_data_frame(two):
    frame = two.to_frame()
    assert frame.to_dict("list")["epoch"] == [1, 2]
    assert frame["loss"].tolist() == [0.5, 0.25]
    assert np.isnan(frame["validation_loss"][0])
    assert list(frame.columns) == [field.name for field in fields(EpochRecord)]
    assert set(map(str, frame.dtypes[1:])) == {"float64"}
    assert list(History().to_frame().columns) == list(frame.columns)


def test_without_pandas_it_is_said_what_to_do(two, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install pandas.*history\.column"):
        two.to_frame()


def test_a_history_is_shown_in_a_line(two):
    assert repr(two).startswith("<History: 2 epochs, loss 0.5 to 0.25")
    assert repr(History()) == "<History: 0 epochs; not ended>"


def test_a_notebook_shows_the_rows_and_of_many_the_ends_and_the_best():
    records = [EpochRecord(i, 1 / i, None, 2 / i, None, 0.1) for i in range(1, 101)]
    html = History(records, "all 100 epochs were run", 50)._repr_html_()
    for text in ("100 epochs", "all 100 epochs were run", "validation loss", ">50<", "The best is epoch 50"):
        assert text in html
    assert "accuracy" not in html
    assert html.count("<tr") < 30
    assert "not ended" not in History()._repr_html_()


def test_a_history_that_goes_on_marks_the_best_epoch_by_its_number():
    records = [EpochRecord(i, 1 / i, None, 2 / i, None, 0.1) for i in range(31, 100)]
    assert ">60<" in History(records, "", 60)._repr_html_()


def test_the_figures_of_an_epoch_by_name():
    record = EpochRecord(3, 0.5, None, 0.4, None, 0.1, 0.01)
    assert record.metrics == {"loss": 0.5, "validation_loss": 0.4, "seconds": 0.1, "penalty": 0.01}


def test_an_epoch_is_logged_with_its_figures(caplog):
    record = EpochRecord(3, 0.5, 0.75, None, None, 0.1)
    assert log_epoch(record) is None
    assert not caplog.records  # nobody has asked for it
    with caplog.at_level(logging.INFO, logger="glassnet"):
        log_epoch(record)
    (logged,) = caplog.records
    assert (logged.name, logged.levelno, logged.getMessage()) == ("glassnet", logging.INFO, str(record))
    assert (logged.epoch, logged.metrics) == (3, record.metrics)
