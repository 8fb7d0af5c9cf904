"""The rows of a training run."""

import json

import pytest
from hypothesis import given, settings, strategies as st

from glassnet.nn.history import EpochRecord, History, Stop, StopKind

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
