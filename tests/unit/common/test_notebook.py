"""What notebooks show of values: the pieces, and the bar while rows stream by."""

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from glassnet import MLPRegressor, Stream
from glassnet._common import progress
from glassnet._common.notebook import MOST_ROWS, Table, ends_of, render


def test_texts_are_escaped_and_empty_ones_left_out():
    html = render("a < b", ["", "c & d"], figures={"<w>": "1"}, tables=[Table(("x",), [("<y>",)], "a <t>")])
    for text in ("a &lt; b", "c &amp; d", "&lt;w&gt;", "&lt;y&gt;", "a &lt;t&gt;"):
        assert text in html
    assert html.count("<p") == 2


def test_the_colours_are_those_around_it():
    assert "--ink: currentColor" in render("")


@pytest.mark.parametrize("n", [0, 1, MOST_ROWS])
def test_few_rows_are_shown(n):
    assert list(ends_of(n)) == list(range(n))


def test_of_many_rows_the_ends_are_shown_and_those_to_be_kept():
    shown = list(ends_of(100, 50, 0))
    assert shown[:2] == [0, 1]
    assert shown[-2:] == [98, 99]
    assert shown[shown.index(50) - 1] is shown[shown.index(50) + 1] is None
    assert len(shown) <= MOST_ROWS + 2


class Shell:
    kernel = object()


@pytest.fixture
def notebook(monkeypatch):
    """Stand in for IPython in a notebook's kernel; return what is displayed, in order."""
    displayed = []

    class Handle:
        def update(self, data, raw):
            displayed.append(data)

    def display(data, raw, display_id):
        displayed.append(data)
        return Handle()

    ipython, shown = ModuleType("IPython"), ModuleType("IPython.display")
    vars(ipython)["get_ipython"], vars(shown)["display"] = Shell, display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(progress, "UPDATE_SECONDS", 0.0)
    return displayed


X = np.arange(40.0).reshape(20, 2) / 40
FIT: dict[str, Any] = {"hidden_layer_sizes": (3,), "max_iter": 2, "batch_size": 5}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_stream_shows_a_bar_in_a_notebook_and_takes_it_away(notebook, capsys):
    MLPRegressor(**FIT).fit(Stream([(X, X[:, 0])] * 2, n_rows=40, rows=20))
    assert '<div>epoch 1 <progress value="20" max="40"></progress> 20 rows, ' in notebook[0]["text/html"]
    assert "epoch 2: 40 rows" in notebook[-2]["text/plain"]
    assert notebook[-1] == {"text/html": "", "text/plain": ""}
    assert capsys.readouterr() == ("", "")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_ipython_in_a_terminal_is_no_notebook(notebook, monkeypatch):
    monkeypatch.delattr(Shell, "kernel")
    MLPRegressor(**FIT).fit(Stream([(X, X[:, 0])] * 2, n_rows=40, rows=20))
    assert notebook == []


def test_a_bar_without_a_known_end_has_no_value():
    told = []
    bar = progress.NotebookBar(lambda data, raw, display_id: told.append(data["text/html"]))
    bar.show("a < b", 3, None, "3 rows")
    assert told == ["<div>a &lt; b <progress></progress> 3 rows</div>"]
