"""Answers beside what is true, as pictures for a page."""

import re

import pytest

from glassnet.nn.history import EpochRecord, History
from glassnet.plots import answers_svg, loss_svg, reliability_svg


def ticks(svg):
    """Return what is written in a picture."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_predicted_against_true_values_share_their_axes():
    svg = answers_svg([[0, 1000], [12_500, 12_000], [20_000, 18_000]], "a")
    assert svg.count("<use") == 3
    written = ticks(svg)
    assert written.count("10k") == written.count("20k") == 2
    assert {"true", "predicted"} <= set(written)
    assert "var(--series-1)" in svg
    assert "#0000" not in svg
    assert svg == answers_svg([[0, 1000], [12_500, 12_000], [20_000, 18_000]], "a")


@pytest.mark.parametrize("points", [[[3.0, 3.0]], [[-1e-9, 2e-9], [1e9, 5e8]]])
def test_any_range_of_values_can_be_drawn(points):
    assert answers_svg(points, "a").count("<use") == len(points)


def test_how_often_answers_are_right_is_drawn_with_intervals():
    svg = reliability_svg([0.6, 0.8, 1.0], [0.5, 0.9, 1.0], ([0.4, 0.8, 0.9], [0.6, 0.95, 1.0]), "r")
    assert svg.count("<use") == 3
    assert {"0.4", "1", "probability of the answer", "part that is right"} <= set(ticks(svg))


def test_small_figures_on_an_axis_keep_their_digits():
    history = History([EpochRecord(n, 0.1**n, None, None, None, 1.0) for n in (1, 2, 3)])
    assert "0.001" in ticks(loss_svg(history, "l", epochs=3, limits=(0.001, 0.1)))
