"""The gradient checks for users: every verdict, every likely error, every refusal."""

from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from glassnet.errors import InvalidDataError, InvalidParameterError, NotFittedError
from glassnet.gradients.activation import find_kinks
from glassnet.nn.activations import ACTIVATIONS, sigmoid, sigmoid_gradient
from glassnet.nn.losses import LOSSES

# -- an activation and its derivative ---------------------------------------------------------------


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_librarys_activations_are_good(name):
    check = glassnet.check_gradient(name)
    assert check.verdict == "good"
    assert check.likely_error is None
    assert check.kinks == ACTIVATIONS[name].kinks
    assert str(check).startswith(f"{name}: good")


def test_kinks_are_found_and_left_out():
    check = glassnet.check_gradient(lambda z: np.clip(z, -1, 3), lambda z: np.where((z > -1) & (z < 3), 1, 0))
    assert check.kinks == (-1, 3)
    assert check.verdict == "good"
    assert len(check.z) == 239
    assert "kinks at z = -1, 3 left out" in str(check)


@pytest.mark.parametrize(
    ("function", "kinks"),
    [
        (np.abs, (0,)),
        (lambda z: np.abs(z - 1 / 3), (0.33333,)),
        (lambda z: (z > 2) * 1.0, (2,)),
        (lambda z: np.maximum(z, 0.999 * z), ()),  # a thousandth of a slope is no kink that matters
        (lambda z: sigmoid(1000 * z), ()),
        (ACTIVATIONS["elu"].function, ()),
        (lambda z: z**3, ()),
    ],
)
def test_a_kink_is_told_from_a_curve(function, kinks):
    assert find_kinks(function) == pytest.approx(kinks)


def nearly(error):
    """Return a derivative of the hyperbolic tangent that is a little wrong."""
    return lambda z: (1 + error) * (1 - np.tanh(z) ** 2)


@pytest.mark.parametrize(
    ("error", "verdict"), [(0, "good"), (1e-6, "suspicious"), (1e-3, "suspicious"), (0.02, "wrong")]
)
def test_each_verdict_of_an_activation(error, verdict):
    check = glassnet.check_gradient(np.tanh, nearly(error))
    assert check.verdict == verdict
    assert check.relative_error == pytest.approx(error / (1 + error), rel=1e-2, abs=1e-9)
    assert f"tanh: {verdict}" in str(check)


def test_a_small_error_is_acceptable_where_there_are_kinks():
    check = glassnet.check_gradient(np.abs, lambda z: (1 + 1e-5) * np.sign(z))
    assert check.verdict == "acceptable"
    assert check.likely_error is None


ELU = ACTIVATIONS["elu"].function


@pytest.mark.parametrize(
    ("function", "gradient", "cause", "text"),
    [
        (np.tanh, lambda a: 1 - a**2, "derivative of the output", "right as a function of the output a"),
        (sigmoid, lambda a: a * (1 - a), "derivative of the output", "pre-activation z"),
        (sigmoid, lambda z: sigmoid_gradient(sigmoid(z)), "derivative at the output", "once less"),
        (sigmoid, lambda z: -sigmoid_gradient(z), "sign", "return the negative"),
        (ACTIVATIONS["softplus"].function, lambda z: sigmoid(-z), "sign", "right at -z"),
        (sigmoid, lambda z: 2 * sigmoid_gradient(z), "factor", "a factor of 0.5 is missing"),
        (np.square, lambda z: z, "factor", "a factor of 2 is missing"),
        (sigmoid, sigmoid, "the activation itself", "not its derivative"),
        (sigmoid, lambda z: 1 - sigmoid(z), "missing factor", "the factor a is missing"),
        (np.tanh, lambda z: 1 - np.tanh(z), "missing factor", "(1 + a)"),
        (np.tanh, lambda z: 1 + np.tanh(z), "missing factor", "(1 - a)"),
        (lambda z: np.exp(-(z**2)), lambda z: -2 * np.exp(-(z**2)), "missing factor", "the factor z"),
        (np.tanh, lambda z: 0 * z, "zero", "is 0 where"),
        (np.tanh, lambda z: np.full_like(z, np.nan), "not a number", "not finite at z = -6"),
        (ELU, lambda z: np.where(z > 0, 1, ELU(z)), "the activation itself", "for z < 0"),
        (ELU, lambda z: np.where(z > 0, 1, -np.exp(z)), "sign", "for z < 0"),
        (lambda z: np.maximum(z, 0.1 * z), lambda z: np.where(z > 0, 1, 0.2), "factor", "for z < 0"),
        (lambda z: np.maximum(z, 0), np.ones_like, "gate", "for z < 0, activation_grad should be 0"),
    ],
)
def test_the_likely_error_is_named(function, gradient, cause, text):
    check = glassnet.check_gradient(function, gradient)
    assert check.verdict == "wrong"
    assert check.likely_error.cause == cause
    assert text in check.likely_error.text
    assert check.likely_error.text in str(check)


def test_an_error_that_no_hypothesis_explains_is_shown_at_its_worst():
    check = glassnet.check_gradient(np.tanh, np.cos)
    assert check.verdict == "wrong"
    assert check.likely_error is None
    assert "worst at z = " in str(check)


def test_the_points_can_be_chosen():
    check = glassnet.check_gradient(np.log, lambda z: 1 / z, at=[0.5, 1, 2])
    assert check.verdict == "good"
    np.testing.assert_allclose(check.numeric, [2, 1, 0.5], rtol=1e-9)


@pytest.mark.parametrize("at", [[], [[1.0]], ["x"], [np.nan], object()])
def test_points_that_are_none_are_refused(at):
    with pytest.raises(InvalidDataError, match="expected finite numbers"):
        glassnet.check_gradient("tanh", at=at)


def test_points_on_kinks_only_are_refused():
    with pytest.raises(InvalidDataError, match="on a kink"):
        glassnet.check_gradient("relu", at=0)


def test_an_activation_that_is_not_finite_is_refused():
    with pytest.raises(InvalidDataError, match=r"not finite at z = -6; choose the points with at="):
        glassnet.check_gradient(np.log, lambda z: 1 / z)


def test_an_activation_that_leaves_float64_is_refused():
    with pytest.raises(InvalidParameterError, match="float32"):
        glassnet.check_gradient(lambda z: np.tanh(z.astype(np.float32)), lambda z: 1 - np.tanh(z) ** 2)


def test_a_missing_derivative_is_refused():
    with pytest.raises(InvalidParameterError, match="activation_grad is None"):
        glassnet.check_gradient(np.square)


# -- a network ------------------------------------------------------------------------------------------

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 4))
LABELS = RNG.integers(3, size=12)


def network(activation="tanh", gradient=None, **settings):
    settings = dict[str, Any](N=2, A=[5, 4], random_state=0) | settings
    return NeuralNetwork(activation=activation, activation_grad=gradient, **settings).initialize(X, LABELS)


def model_with(loss, activation):
    """Return a model of the class that takes the loss, and targets for it."""
    if LOSSES[loss].makes_classifier:
        return network(activation, loss=loss, dtype="float32"), LABELS
    regressor = MLPRegressor(loss, (5, 4), activation, dtype="float32", random_state=0)
    return regressor.initialize(X, np.eye(3)[LABELS]), np.eye(3)[LABELS]


@pytest.mark.parametrize(
    "loss", [name for name, head in LOSSES.items() if head.makes_classifier or head.estimates_numbers]
)
@pytest.mark.parametrize("activation", ["tanh", "leaky_relu", "gelu"])
def test_networks_are_good_under_every_loss(loss, activation):
    made, targets = model_with(loss, activation)
    check = glassnet.check_network_gradient(made, X, targets)
    assert check.verdict == "good"
    assert [layer.name for layer in check.layers] == ["layer 1", "layer 2", "output"]
    assert [layer.shape for layer in check.layers] == [(4, 5), (5, 4), (4, 3)]
    assert [layer.checked + layer.skipped for layer in check.layers] == [25, 24, 15]


def test_the_network_stays_as_it_was():
    checked = network(dtype="float32")
    before = checked.parameters_.theta.copy()
    glassnet.check_network_gradient(checked, X, LABELS)
    np.testing.assert_array_equal(checked.parameters_.theta, before)
    assert checked.parameters_.theta.dtype == np.float32


def test_bytes_are_scaled_as_in_training():
    images = RNG.integers(0, 256, (12, 4)).astype(np.uint8)
    checked = NeuralNetwork(1, [3], activation="tanh", random_state=0).initialize(images, LABELS)
    assert glassnet.check_network_gradient(checked, images, LABELS).verdict == "good"


def test_a_wrong_derivative_shows_in_the_layers_below_it_and_is_explained():
    check = glassnet.check_network_gradient(network(np.tanh, lambda a: 1 - a**2), X, LABELS)
    assert check.verdict == "wrong"
    assert [layer.verdict for layer in check.layers] == ["wrong", "wrong", "good"]
    (activation,) = check.activations
    assert activation.likely_error.cause == "derivative of the output"
    assert "derivative" not in str(check).splitlines()[0]
    assert activation.likely_error.text in str(check)


def test_a_derivative_that_is_not_a_number_is_wrong():
    check = glassnet.check_network_gradient(network(np.tanh, lambda z: np.full_like(z, np.nan)), X, LABELS)
    assert check.verdict == "wrong"
    assert np.isnan(check.relative_error)


@pytest.mark.parametrize(("error", "verdict"), [(1e-5, "suspicious"), (0.5, "wrong")])
def test_verdicts_of_smooth_networks(error, verdict):
    assert glassnet.check_network_gradient(network(np.tanh, nearly(error)), X, LABELS).verdict == verdict


def test_a_small_error_is_acceptable_in_a_network_with_kinks():
    own = network(lambda z: np.maximum(z, 0), lambda z: (1 + 1e-5) * (z > 0))
    check = glassnet.check_network_gradient(own, X, LABELS)
    assert check.verdict == "acceptable"
    assert check.activations == ()


def test_kinks_of_ones_own_activation_are_left_out():
    own = network(lambda z: np.maximum(z - 0.25, 0), lambda z: (z > 0.25) * 1.0)
    own.parameters_.weights[0][:, 1] = 0
    own.parameters_.biases[0][1] = 0.25  # unit 1 stands on the kink for every sample
    check = glassnet.check_network_gradient(own, X, LABELS)
    assert check.verdict == "good"
    assert check.layers[0].skipped == 5
    assert "5 at a kink left out" in str(check)


def test_a_gradient_that_is_lost_in_rounding_is_not_judged():
    tiny = network("tanh", weight_init=lambda rng, m, n: np.full((m, n), 1e-6))
    check = glassnet.check_network_gradient(tiny, X, LABELS)
    assert check.layers[0].verdict == "too small to measure"
    assert check.layers[2].verdict == check.verdict == "good"


def test_of_large_layers_a_part_is_compared():
    check = glassnet.check_network_gradient(network(), X, LABELS, max_entries=3)
    assert [layer.checked for layer in check.layers] == [6, 6, 6]
    again = glassnet.check_network_gradient(network(), X, LABELS, max_entries=3)
    other = glassnet.check_network_gradient(network(), X, LABELS, max_entries=3, random_state=1)
    assert check == again
    assert check != other


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize(
    ("estimator", "y"),
    [
        (MLPClassifier((4,), max_iter=3), LABELS),
        (MLPClassifier((4,), activation="relu", max_iter=3, dtype="float32"), LABELS > 0),
        (MLPClassifier((4,), max_iter=3), 1 - np.eye(3, dtype=int)[LABELS]),
        (MLPRegressor(hidden_layer_sizes=(4,), max_iter=3), X[:, 0]),
        (MLPRegressor(loss="huber", hidden_layer_sizes=(4,), max_iter=3), X[:, :2]),
        (MLPAutoencoder((3,), max_iter=3), None),
    ],
)
def test_estimators_are_checked_too(estimator, y):
    estimator.set_params(random_state=0).fit(X, y)
    check = glassnet.check_network_gradient(estimator, X, y)
    assert check.verdict == "good"
    assert len(check.layers) == 2


def test_large_losses_are_allowed_their_rounding():
    y = 1e6 * X[:, 0]
    estimator = MLPRegressor(hidden_layer_sizes=(4,), max_iter=300, solver="lbfgs", random_state=0).fit(X, y)
    for array in (*estimator.coefs_, *estimator.intercepts_):
        array *= 0.5
    assert glassnet.check_network_gradient(estimator, X, y).verdict == "good"


def test_what_is_no_network_is_refused():
    with pytest.raises(InvalidParameterError, match=r"type function; expected a NeuralNetwork"):
        glassnet.check_network_gradient(lambda z: z, X, LABELS)


@pytest.mark.parametrize("empty", [NeuralNetwork(1, [3]), MLPClassifier((3,))])
def test_a_network_without_weights_is_refused(empty):
    with pytest.raises(NotFittedError, match="no weights yet"):
        glassnet.check_network_gradient(empty, X, LABELS)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_data_that_do_not_fit_the_network_are_refused():
    for checked in (network(), MLPClassifier((3,), max_iter=2).fit(X, LABELS)):
        with pytest.raises(InvalidDataError, match="not among the training labels"):
            glassnet.check_network_gradient(checked, X, LABELS + 5)
        with pytest.raises(ValueError, match="features"):
            glassnet.check_network_gradient(checked, X[:, :2], LABELS)
    with pytest.raises(InvalidDataError, match="12 samples in X and 3 labels"):
        glassnet.check_network_gradient(network(), X, LABELS[:3])
    with pytest.raises(InvalidParameterError, match="max_entries=0"):
        glassnet.check_network_gradient(network(), X, LABELS, max_entries=0)
