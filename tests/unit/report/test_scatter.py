"""Where points and names stand in a scatter plot."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from glassnet.report._scatter import HEIGHT, LINE_HEIGHT, MARGIN, WIDTH, draw_panel, spread

FASHION = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
]
FRAME = np.array([WIDTH, HEIGHT])


def overlaps(middles, sizes):
    return [
        (i, j)
        for i in range(len(middles))
        for j in range(i)
        if (np.abs(middles[i] - middles[j]) < (sizes[i] + sizes[j]) / 2 - 1e-9).all()
    ]


@given(st.lists(st.tuples(st.floats(0, WIDTH), st.floats(0, HEIGHT)), min_size=10, max_size=10))
def test_names_never_overlap_and_stay_in_the_picture(medians):
    sizes = np.array([(6.4 * len(name), LINE_HEIGHT) for name in FASHION])
    middles = spread(np.array(medians), sizes, FRAME)
    assert overlaps(middles, sizes) == []
    assert (middles >= sizes / 2 - 1e-9).all()
    assert (middles <= FRAME - sizes / 2 + 1e-9).all()


def test_names_apart_from_each_other_stay_at_their_medians():
    medians = np.array([(100.0, 100.0), (200.0, 200.0)])
    np.testing.assert_array_equal(spread(medians, np.full((2, 2), 20.0), FRAME), medians)


def test_names_on_one_spot_move_the_shorter_way_and_no_further():
    sizes = np.array([(60.0, 15.0), (60.0, 15.0)])
    middles = spread(np.array([(100.0, 100.0), (100.0, 100.0)]), sizes, FRAME)
    assert middles[:, 0].tolist() == [100, 100]
    assert abs(middles[0, 1] - middles[1, 1]) == pytest.approx(15.2)


def test_points_fill_the_picture_and_y_grows_upwards():
    panel = draw_panel([(0, 0), (2, 1), (1, 4)], [0, 0, 1], ["a", "b"])
    low_left, right = (tuple(map(float, point.split(","))) for point in panel.points[0].split())
    assert low_left == (MARGIN, HEIGHT - MARGIN)
    assert right[0] == WIDTH - MARGIN
    assert panel.points[1] == f"{WIDTH / 2},{MARGIN}"


def test_name_stands_at_the_median_and_a_line_leads_to_one_that_had_to_move():
    points = [(x, y) for x in range(5) for y in range(5)]
    panel = draw_panel(points, [0] * 25, ["only"])
    assert [(name.x, name.y, name.is_far) for name in panel.names] == [(WIDTH / 2, HEIGHT / 2, False)]
    panel = draw_panel([(0, 0), (1, 1)] * 3, [0, 0, 1, 1, 2, 2], ["one", "two", "three"])
    assert {name.is_far for name in panel.names} == {True, False}


def test_class_without_points_has_no_name():
    panel = draw_panel([(0, 0)], [1], ["zero", "one"])
    assert [name.text for name in panel.names] == ["one"]
    assert panel.points[0] == ""


def test_panel_without_points_is_empty():
    assert draw_panel([], [], ["zero"]).names == []


@pytest.mark.parametrize(("points", "labels"), [([(0, 0)], []), ([(0, float("nan"))], [0])])
def test_points_that_cannot_be_placed_are_refused(points, labels):
    with pytest.raises(ValueError, match="expected finite points, one each"):
        draw_panel(points, labels, ["zero"])
