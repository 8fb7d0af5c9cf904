"""Drawings become digits such as MNIST has, and the pull of each pixel is the engine's own derivative."""

from dataclasses import replace

import numpy as np
import pytest

from glassnet import MLPClassifier, flatten, load_mnist
from glassnet.errors import InvalidDataError
from glassnet.models.view import view_of
from glassnet.nn.architecture import Parameters
from glassnet.nn.layers import Periodic
from glassnet.nn.network import forward
from glassnet.nn.workspace import Workspace
from glassnet.studio.drawing import BOX, MOST_PIXELS, SIDE, pull, to_digit


@pytest.fixture(scope="module")
def digits():
    return load_mnist().test.draw(200, seed=0)


@pytest.fixture(scope="module")
def classifier():
    images, labels = load_mnist().train.draw(8_000, seed=1)
    model = MLPClassifier(
        (32,), max_iter=8, learning_rate_init=0.003, random_state=0, dtype="float32", scale_uint8=True, tol=0
    )
    with pytest.warns(match="max_iter|iterations"):
        return model.fit(flatten(images), labels)


def enlarged(image, times, top, left, size):
    canvas = np.zeros((size, size))
    big = np.kron(image, np.ones((times, times)))
    canvas[top : top + len(big), left : left + len(big)] = big
    return canvas


def smooth(image, size):
    """Enlarge by straight lines between pixels, as a browser does."""
    at = np.linspace(0, SIDE - 1, size)
    rows = np.array([np.interp(at, np.arange(SIDE), column) for column in image.T])  # (28, size)
    return np.array([np.interp(at, np.arange(SIDE), row) for row in rows.T])


def test_digits_of_mnist_that_were_enlarged_and_moved_come_back(digits):
    rng = np.random.default_rng(0)
    exact = 0
    for image in digits.images:
        times = int(rng.integers(1, 12))
        top, left = rng.integers(0, 400 - SIDE * times + 1, 2) if SIDE * times < 400 else (0, 0)
        back = to_digit(enlarged(image, times, top, left, 400))
        difference = np.abs(back.astype(int) - image)
        assert difference.max() <= 1  # 254 is made 255
        exact += not difference.any()
    assert exact > 0.8 * len(digits.images)


def test_drawings_of_any_size_fill_the_box_with_their_centre_of_mass_in_the_middle():
    rng = np.random.default_rng(1)
    for height, width in [(1, 1), (5, 200), (640, 20), (333, 77), (19, 21), (1000, 1000)]:
        ink = rng.random((height, width)) ** 8
        image = to_digit(np.pad(ink, 37)).astype(float)
        rows, columns = np.nonzero(image.any(axis=1))[0], np.nonzero(image.any(axis=0))[0]
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == BOX
        for axis in (0, 1):
            place = image.sum(axis=1 - axis) @ np.arange(SIDE) / image.sum()
            assert 13.45 < place < 14.55
        assert image.max() == 255


def test_the_order_of_rows_and_columns_is_kept():
    drawing = np.zeros((100, 100))
    drawing[10:90, 40:50] = 1  # an L
    drawing[80:90, 40:80] = 1
    image = to_digit(drawing)
    assert image[:10].astype(bool).sum() < image[18:].astype(bool).sum()
    np.testing.assert_array_equal(to_digit(drawing[:, ::-1])[:, ::-1].sum(axis=1), image.sum(axis=1))


def test_a_digit_drawn_in_a_corner_of_mass_stays_inside():
    drawing = np.full((100, 100), 1e-3)
    drawing[:3, :3] = 1e3
    image = to_digit(drawing)
    assert image[8, 8] == 255  # moved no further than the box stays inside


def test_redrawn_digits_are_known_nearly_as_well(digits, classifier):
    redrawn = np.array([to_digit(np.pad(smooth(image, 233), ((3, 50), (60, 9)))) for image in digits.images])
    straight = classifier.score(flatten(digits.images), digits.labels)
    assert straight > 0.9
    assert classifier.score(flatten(redrawn), digits.labels) >= straight - 0.02


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        (np.zeros((20, 20)), "without ink"),
        (np.ones(20), "shape"),
        (np.ones((0, 4)), "shape"),
        ([[1, 2], [3]], "one length"),
        ([[1, np.nan]], "NaN"),
        ([[1, -1]], "255 - image"),
        (np.broadcast_to(1.0, (MOST_PIXELS + 1, 1)), "at most"),
    ],
)
def test_what_is_no_drawing_is_refused(drawing, message):
    with pytest.raises(InvalidDataError, match=message):
        to_digit(drawing)


def largest_logit(architecture, parameters, x, output):
    X = x.reshape(1, -1)
    workspace = Workspace(architecture, 1, parameters.theta.dtype)
    forward(architecture, parameters, X, workspace)
    return workspace.z[-1][0, output]


@pytest.mark.parametrize("head", ["softmax_cross_entropy", "sigmoid_cross_entropy", "squared_error"])
@pytest.mark.parametrize("has_layer", [False, True])
def test_the_pull_is_the_slope_of_the_largest_logit_times_the_input(draw_network, head, has_layer):
    architecture, parameters = draw_network((6, 5, 4, 3), "gelu", head)
    if has_layer:
        architecture = replace(architecture, before=(Periodic(), None, None))
        parameters = Parameters.zeros(architecture, np.float64)
        parameters.theta[...] = np.random.default_rng(3).normal(0, 0.3, parameters.theta.shape)
    theta = parameters.theta.copy()
    x = np.random.default_rng(2).normal(size=6)
    x[1] = 0
    found = pull(architecture, parameters, x)
    logits = [largest_logit(architecture, parameters, x, k) for k in range(3)]
    assert found.output == int(np.argmax(logits))
    step = 1e-6
    for i in range(6):
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        slope = (
            largest_logit(architecture, parameters, up, found.output)
            - largest_logit(architecture, parameters, down, found.output)
        ) / (2 * step)
        assert found.values[i] == pytest.approx(slope * x[i], rel=1e-5, abs=1e-9)
    assert found.values[1] == 0
    np.testing.assert_array_equal(parameters.theta, theta)


def test_without_hidden_layers_the_pulls_and_the_bias_add_up_to_the_logit(digits):
    images, labels = load_mnist().train.draw(500, seed=2)
    model = MLPClassifier((), max_iter=2, random_state=0, dtype="float32")
    with pytest.warns(match="max_iter|iterations"):
        model.fit(flatten(images) / np.float32(255), labels)
    view = view_of(model)
    parameters = Parameters(view.architecture, view.theta)
    x = flatten(digits.images)[0] / np.float32(255)
    found = pull(view.architecture, parameters, x)
    logit = largest_logit(view.architecture, parameters, x, found.output)
    assert found.values.sum() + parameters.biases[0][found.output] == pytest.approx(logit, rel=1e-4)
