"""Reliability diagrams, read back from the axes that they are drawn into."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from scipy.special import expit, softmax
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import glassnet
from glassnet import MLPClassifier, NeuralNetwork, ReliabilityDisplay
from glassnet.errors import InvalidDataError
from glassnet.models import expected_calibration_error

RNG = np.random.default_rng(0)
Z = RNG.normal(0, 3, 600)
P = expit(Z)
Y = np.where(RNG.random(600) < expit(Z / 3), "yes", "no")
SCORES = RNG.normal(0, 2, (600, 4))
PROBA = softmax(SCORES, axis=1)
CLASSES = np.array(["ash", "elm", "fir", "oak"])
TREES = CLASSES[(RNG.random((600, 1)) > softmax(SCORES / 2, axis=1).cumsum(axis=1)).sum(axis=1)]


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def points(display, k=0):
    """Return the points of a curve, and the ends of their intervals."""
    line, _, (bars,) = display.ax_.containers[k]
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    return np.asarray(line.get_xydata()), ends


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_two_classes_are_scikit_learns_calibration_curve_with_intervals():
    display = ReliabilityDisplay.from_predictions(Y, P, n_bins=8)
    drawn, ends = points(display)
    true, predicted = calibration_curve(Y, P, n_bins=8, strategy="quantile", pos_label="yes")
    np.testing.assert_allclose(drawn, np.column_stack([predicted, true]))
    assert ((ends[:, 0] < true) & (true < ends[:, 1])).all()
    assert display.ax_.get_ylabel() == "share of rows that are yes"
    assert display.histogram_ax_.get_xlabel() == "probability of yes"
    assert display.figure_ is display.ax_.figure


def test_the_legend_has_name_error_and_log_loss():
    display = ReliabilityDisplay.from_predictions(Y, P, name="mine")
    error = expected_calibration_error(Y == "yes", P)
    assert legend(display) == [
        "as often as predicted",
        f"mine\nECE {error:.3f}, log loss {log_loss(Y, P):.3f}",
    ]
    assert display.log_loss == pytest.approx(log_loss(Y, P))


def test_several_classes_show_the_confidence_of_the_answers():
    display = ReliabilityDisplay.from_predictions(TREES, PROBA)
    drawn, _ = points(display)
    right, confidence = CLASSES[PROBA.argmax(axis=1)] == TREES, PROBA.max(axis=1)
    assert drawn.shape == (10, 2)
    np.testing.assert_allclose(drawn[:, 0].mean(), confidence.mean())
    np.testing.assert_allclose(drawn[:, 1].mean(), right.mean())
    assert display.log_loss == pytest.approx(log_loss(TREES, PROBA))
    assert display.ax_.get_ylabel() == "share of right answers"


def test_the_histogram_holds_all_rows():
    display = ReliabilityDisplay.from_predictions(Y, P)
    filled: Any = display.histogram_ax_.patches[0]
    shares = filled.get_data().values
    assert shares.sum() == pytest.approx(1)
    assert shares[0] == pytest.approx((P < 0.05).mean())


@pytest.mark.parametrize(("style", "face"), [("default", "white"), ("dark_background", "black")])
def test_several_calls_on_one_pair_of_axes_are_compared(style, face):
    with pyplot.style.context(style):
        first = ReliabilityDisplay.from_predictions(Y, P, name="before")
        second = ReliabilityDisplay.from_predictions(Y, expit(Z / 3), name="after", ax=first.ax_)
    assert second.ax_ is first.ax_
    assert second.histogram_ax_ is first.histogram_ax_
    assert len(first.ax_.child_axes) == 1
    assert [text.split("\n")[0] for text in legend(first)] == ["as often as predicted", "before", "after"]
    curves: Any = first.ax_.containers
    lines = [curve.lines[0] for curve in curves]
    assert len({line.get_marker() for line in lines}) == 2  # not told apart by colour alone
    colours = [to_hex(line.get_color()) for line in lines]
    assert colours == (["#0072b2", "#d55e00"] if face == "white" else ["#4fa3e3", "#ff8438"])
    first.figure_.canvas.draw()


def test_given_axes_are_drawn_into_and_a_display_may_be_drawn_again():
    left, right = Figure(layout="constrained").subplots(1, 2)
    display = ReliabilityDisplay.from_predictions(Y, P, ax=left)
    assert display.ax_ is left
    assert display.plot(right, name="again").ax_ is right
    assert legend(display)[1].startswith("again\n")
    assert not pyplot.get_fignums()


@pytest.mark.parametrize(
    "make",
    [
        lambda: MLPClassifier((4,), max_iter=3, random_state=0),
        lambda: NeuralNetwork(1, [4], epochs=3, random_state=0),
        lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    ],
)
@pytest.mark.parametrize("labels", [Y, TREES])
@pytest.mark.filterwarnings("ignore:.*hasn't converged yet")
def test_any_classifier_is_shown(make, labels):
    X = pd.DataFrame(SCORES, columns=list("abcd"))
    model = make().fit(X, labels)
    display = ReliabilityDisplay.from_estimator(model, X, labels)
    assert legend(display)[1].startswith(type(model).__name__)
    assert display.log_loss == pytest.approx(log_loss(labels, model.predict_proba(X)), rel=1e-5)


def test_weights_count():
    weight = RNG.random(600)
    display = ReliabilityDisplay.from_predictions(Y, P, sample_weight=weight)
    assert display.log_loss == pytest.approx(log_loss(Y, P, sample_weight=weight))
    assert display.bins.error == pytest.approx(
        expected_calibration_error(Y == "yes", P, sample_weight=weight)
    )


def test_columns_of_both_classes_and_rows_of_one_class_are_taken():
    both = ReliabilityDisplay.from_predictions(Y, np.column_stack([1 - P, P]))
    assert both.bins.error == pytest.approx(ReliabilityDisplay.from_predictions(Y, P).bins.error)
    one = ReliabilityDisplay.from_predictions(np.ones(600, bool), P.astype(np.float32))
    assert one.bins.frequency.tolist() == [1] * 10
    assert one.axis_labels[0] == "probability of True"
    few = ReliabilityDisplay.from_predictions(["elm", "elm"], PROBA[:2], labels=CLASSES)
    assert few.bins.count.sum() == 2


def test_a_probability_of_0_is_a_large_loss_and_no_infinite_one():
    display = ReliabilityDisplay.from_predictions([1, 0], [0.0, 0.0])
    assert display.log_loss == pytest.approx(log_loss([1, 0], [0.0, 0.0]))


@pytest.mark.parametrize(
    ("y", "proba", "labels", "message"),
    [
        (TREES[:9], PROBA, None, r"got y of shape \(9,\) and probabilities of shape \(600, 4\)"),
        (np.zeros((600, 4)), PROBA, None, "Of several labels for a row, give one column"),
        (TREES, PROBA[:, :3], None, "probabilities of 3 classes and the labels ash, elm, fir, oak"),
        (["elm"], PROBA[:1], None, r"labels=model\.classes_"),
        (["yew"], PROBA[:1], CLASSES, "got the label 'yew' in y; expected one of ash, elm, fir, oak"),
        ([1], [[1.0]], None, "probabilities of 1 classes"),
        ([1, 0], [0.5, 1.5], None, "one probability from 0 to 1"),
        ([1, 0], ["0.5", "1"], None, "got y"),
    ],
)
def test_what_cannot_be_drawn_is_refused(y, proba, labels, message):
    with pytest.raises(InvalidDataError, match=message):
        ReliabilityDisplay.from_predictions(y, proba, labels=labels)


def test_what_is_no_classifier_is_refused_with_what_to_call():
    with pytest.raises(InvalidDataError, match="type MLPRegressor; expected a fitted classifier"):
        ReliabilityDisplay.from_estimator(glassnet.MLPRegressor(), SCORES, Y)
