"""The loss plots and the grids of images, read back."""

import io
import math
import re
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.image import imread

from glassnet.errors import InvalidDataError
from glassnet.nn.history import EpochRecord, History
from glassnet.plots import image_grid, image_png, loss_limits, loss_svg, plot_losses, sequential_colour


def history_of(losses, validation_losses=None, best_epoch=None):
    validation_losses = validation_losses or [None] * len(losses)
    records = [
        EpochRecord(epoch, loss, 0.5, validation_loss, 0.5, 1.0)
        for epoch, (loss, validation_loss) in enumerate(zip(losses, validation_losses, strict=True), 1)
    ]
    return History(records, "", best_epoch)


HISTORY = history_of([2.3, 1.0, 0.5], [2.2, 0.9, 1.1], best_epoch=2)


@pytest.fixture(params=["given axes", "own figure"])
def ax(request):
    yield Figure().add_subplot() if request.param == "given axes" else None
    pyplot.close("all")


def test_plot_losses_draws_both_curves_and_marks_the_best_epoch(ax):
    drawn = plot_losses(HISTORY, ax)
    assert ax is None or drawn is ax
    training, validation, *_, best = drawn.lines
    assert np.asarray(training.get_xydata()).tolist() == [[1, 2.3], [2, 1.0], [3, 0.5]]
    assert np.asarray(validation.get_xydata()).tolist() == [[1, 2.2], [2, 0.9], [3, 1.1]]
    assert np.asarray(best.get_xydata()).tolist() == [[2, 0.9]]
    assert (drawn.get_xlabel(), drawn.get_ylabel()) == ("epoch", "loss")
    labels = [text.get_text() for text in drawn.get_legend().get_texts()]
    assert labels == ["training", "validation", "best epoch (2)"]
    assert training.get_linestyle() != validation.get_linestyle()  # not told apart by colour alone


def test_plot_losses_without_validation_draws_one_curve():
    drawn = plot_losses(history_of([2.0, 1.0]), Figure().add_subplot())
    assert [line.get_label() for line in drawn.lines] == ["training"]


def test_plot_losses_of_nothing_is_empty():
    drawn = plot_losses(History(), Figure().add_subplot())
    assert not drawn.lines
    assert drawn.get_legend() is None


def test_plot_losses_leaves_a_gap_where_a_loss_is_not_finite():
    history = history_of([2.0, math.inf, 1.0], [1.0, math.nan, None], best_epoch=1)
    drawn = plot_losses(history, Figure().add_subplot())
    assert np.isnan(drawn.lines[0].get_ydata()).tolist() == [False, True, False]
    assert np.isnan(drawn.lines[1].get_ydata()).tolist() == [False, True, True]


def test_loss_limits_hold_all_losses():
    bottom, top = loss_limits([HISTORY, history_of([2.3, 0.04])])
    assert bottom == pytest.approx(0.01)
    assert 2.3 < top < 2.6


@pytest.mark.parametrize(
    ("lowest", "bottom"), [(0.6, 0.5), (0.3, 0.2), (0.19, 0.1), (0.1, 0.1), (0.06, 0.01)]
)
def test_loss_limits_begin_at_a_line_of_a_narrow_axis(lowest, bottom):
    assert loss_limits([history_of([2.3, lowest])])[0] == pytest.approx(bottom)


def test_loss_limits_are_not_stretched_by_one_model_that_explodes():
    _, top = loss_limits([HISTORY, HISTORY, history_of([2.3, 1e9, math.inf])])
    assert top == pytest.approx(1.1 * 3 * 2.3)


@pytest.mark.parametrize("histories", [[], [History()], [history_of([0.0])], [history_of([math.nan])]])
def test_loss_limits_of_nothing_can_still_be_drawn(histories):
    bottom, top = loss_limits(histories)
    assert 0 < bottom < top


def test_loss_limits_reach_down_five_powers_of_ten_at_most():
    bottom, top = loss_limits([history_of([1.0, 1e-30])])
    assert bottom == pytest.approx(1e-5 * top)


@pytest.mark.parametrize(
    "history", [HISTORY, History(), history_of([2.3]), history_of([2.3, 1e12], [2.2, math.inf], best_epoch=1)]
)
def test_loss_svg_is_well_formed_and_takes_colours_and_font_from_the_page(history):
    svg = loss_svg(history, "relu-normal", epochs=100, limits=(0.01, 2.5))
    root = ElementTree.fromstring(svg)
    assert root.tag == "svg"
    assert root.attrib == {"viewBox": "0 0 340 204"}
    assert "var(--muted)" in svg
    assert not re.search(r"stroke: #|fill: #|font-family|DejaVu|http|<style|<metadata", svg)
    assert {"epoch", "loss", "100", "0.01"} <= {element.text for element in root.iter("text")}


def test_loss_svg_is_the_same_every_time_and_has_its_own_ids():
    first, again, other = (
        loss_svg(HISTORY, name, epochs=3, limits=(0.1, 2.5)) for name in ("relu", "relu", "tanh")
    )
    assert first == again
    ids, other_ids = (set(re.findall(r' id="([^"]+)"', svg)) for svg in (first, other))
    assert ids
    assert not ids & other_ids
    assert set(re.findall(r'(?:url\(|href=")#([^")]+)', first)) == ids


def test_loss_svg_does_not_depend_on_the_users_style_and_leaves_it_alone():
    plain = loss_svg(HISTORY, "relu", epochs=3, limits=(0.1, 2.5))
    with matplotlib.rc_context({"lines.linewidth": 9, "svg.fonttype": "path", "font.size": 30}):
        assert loss_svg(HISTORY, "relu", epochs=3, limits=(0.1, 2.5)) == plain
        assert matplotlib.rcParams["lines.linewidth"] == 9


def test_image_png_keeps_every_pixel_dark_on_white():
    image = np.array([[0, 255, 0], [51, 0, 204]], np.uint8)
    pixels = imread(io.BytesIO(image_png(image)))
    assert pixels.shape[:2] == (2, 3)
    np.testing.assert_allclose(pixels[..., 0], 1 - image / 255, atol=0.004)


@pytest.mark.parametrize(("count", "columns", "rows"), [(1, 1, 1), (5, 5, 1), (6, 5, 2), (3, 5, 1)])
def test_image_grid_is_a_png_of_the_right_size(count, columns, rows):
    png = image_grid(np.zeros((count, 28, 28), np.uint8), ["7"] * count, columns)
    assert png.startswith(b"\x89PNG")
    height, width, _ = imread(io.BytesIO(png)).shape
    assert width == 120 * columns
    assert height == 144 * rows


def test_image_grid_has_more_height_for_titles_of_several_lines():
    images = np.zeros((2, 28, 28), np.uint8)
    low, high = (
        imread(io.BytesIO(image_grid(images, ["Bag", title], 2))).shape[0]
        for title in ("Coat", "Ankle boot, taken for a sandal")
    )
    assert low < high


@pytest.mark.parametrize(
    ("images", "titles", "columns"),
    [
        (np.zeros((0, 28, 28)), [], 5),
        (np.zeros((2, 28, 28)), ["1"], 5),
        (np.zeros((28, 28)), ["1"] * 28, 5),
        (np.zeros((1, 28, 28)), ["1"], 0),
    ],
)
def test_image_grid_refuses_what_it_cannot_draw(images, titles, columns):
    with pytest.raises(InvalidDataError, match=r"got images of shape .* expected"):
        image_grid(images, titles, columns)


@pytest.mark.parametrize("share", np.linspace(0, 1, 101))
def test_text_can_be_read_on_every_colour_of_the_sequential_map(share):
    def luminance(colour):
        channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return linear @ (0.2126, 0.7152, 0.0722)

    low, high = sorted(map(luminance, sequential_colour(share)))
    assert (high + 0.05) / (low + 0.05) >= 4.5  # what WCAG AA asks


def test_sequential_map_grows_brighter():
    grey = [sum(int(sequential_colour(share)[0][i : i + 2], 16) for i in (1, 3, 5)) for share in (0, 0.5, 1)]
    assert grey == sorted(set(grey))
