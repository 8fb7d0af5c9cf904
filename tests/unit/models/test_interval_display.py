"""Pictures of predicted intervals, read back from the axes that they are drawn into."""

from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from glassnet import MLPRegressor, PredictionIntervalDisplay
from glassnet.errors import InvalidDataError
from glassnet.models.tabular import TabularMLPRegressor
from glassnet.plots.intervals import MOST_SHOWN

RNG = np.random.default_rng(0)
MIDDLE = RNG.normal(0, 2, 1000)
Y = MIDDLE + RNG.normal(size=1000)


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def test_the_title_says_how_many_rows_lie_inside():
    display = PredictionIntervalDisplay.from_predictions(
        Y, MIDDLE - 1, MIDDLE + 1, promised=0.8, name="mine", ax=Figure().add_subplot()
    )
    share = np.mean(np.abs(Y - MIDDLE) <= 1)
    assert display.coverage == pytest.approx(share)
    title = display.ax_.get_title()
    assert title.startswith(f"mine\n{share:.1%} of 1,000 rows inside, promised 80%\n95% interval ")
    assert title.endswith(", mean width 2")


def test_rows_are_sorted_by_their_prediction_and_marked_inside_or_outside():
    y, lower, upper = [5.0, 0.0, 3.0], [4.0, 0.5, 2.0], [6.0, 1.5, 4.0]
    display = PredictionIntervalDisplay.from_predictions(y, lower, upper)
    drawn: Any = display.ax_.collections[0]
    assert [segment[:, 1].tolist() for segment in drawn.get_segments()] == [[0.5, 1.5], [2, 4], [4, 6]]
    middle, inside, outside = (np.asarray(line.get_xydata()).tolist() for line in display.ax_.lines)
    assert middle == [[0, 1], [1, 3], [2, 5]]
    assert (inside, outside) == ([[1, 3], [2, 5]], [[0, 0]])
    assert display.coverage == pytest.approx(2 / 3)
    assert display.figure_.axes == [display.ax_]


def test_of_many_rows_some_are_drawn_and_all_are_counted():
    display = PredictionIntervalDisplay.from_predictions(Y, MIDDLE - 1, MIDDLE + 1, middle=MIDDLE)
    drawn = np.asarray(display.ax_.lines[0].get_xydata())
    assert len(drawn) == MOST_SHOWN
    assert (np.diff(drawn[:, 1]) >= 0).all()
    assert drawn[[0, -1], 1].tolist() == [MIDDLE.min(), MIDDLE.max()]


@pytest.mark.filterwarnings("ignore:.*hasn't converged yet")
@pytest.mark.parametrize("levels", [(0.1, 0.5, 0.9), (0.1, 0.9)])
def test_a_model_of_quantiles_is_shown_with_its_promise(levels):
    X = MIDDLE[:, np.newaxis]
    model = MLPRegressor("pinball", (8,), quantiles=levels, max_iter=3, random_state=0).fit(X, Y)
    display = PredictionIntervalDisplay.from_estimator(model, X, Y)
    assert ", promised 80%\n" in display.ax_.get_title()
    assert display.ax_.get_title().startswith("MLPRegressor\n")
    predicted = model.predict(X)
    np.testing.assert_array_equal(display.lower, predicted[:, 0])
    np.testing.assert_allclose(
        display.middle, predicted[:, 1] if len(levels) == 3 else predicted.mean(axis=1)
    )


def test_conformalised_intervals_are_shown_where_a_model_has_them():
    X = MIDDLE[:200, np.newaxis]
    model = TabularMLPRegressor("realmlp-s", quantiles=(0.1, 0.5, 0.9), max_iter=2, random_state=0)
    display = PredictionIntervalDisplay.from_estimator(model.fit(X, Y[:200]), X, Y[:200])
    assert model.correction_ != 0
    np.testing.assert_array_equal(np.column_stack([display.lower, display.upper]), model.predict_interval(X))
    np.testing.assert_array_equal(display.middle, model.predict(X)[:, 1])


@pytest.mark.filterwarnings("ignore:.*hasn't converged yet")
def test_a_model_without_intervals_is_refused_with_one_that_has_them():
    X = MIDDLE[:, np.newaxis]
    model = MLPRegressor(max_iter=1, random_state=0).fit(X, Y)
    with pytest.raises(InvalidDataError, match=r"shape \(1000,\); expected a column for each .*quantiles="):
        PredictionIntervalDisplay.from_estimator(model, X, Y)


@pytest.mark.parametrize(
    ("y", "lower", "upper", "middle"),
    [
        ([], [], [], None),
        ([1.0], [0.0, 1.0], [2.0], None),
        ([1.0], [np.nan], [2.0], None),
        ([[1.0]], [[0.0]], [[2.0]], None),
        ([1.0], [0.0], [2.0], [1.0, 1.0]),
    ],
)
def test_what_is_no_interval_is_refused(y, lower, upper, middle):
    with pytest.raises(InvalidDataError, match="expected one finite number of each"):
        PredictionIntervalDisplay.from_predictions(y, lower, upper, middle=middle)
