"""The two passes over random shapes, the flat parameters and the workspace."""

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from glassnet.errors import InvalidParameterError
from glassnet.nn import network
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import Dropout, backward, forward
from glassnet.nn.workspace import Workspace

shapes = st.lists(st.integers(1, 9), min_size=2, max_size=6).map(tuple)
activations = st.sampled_from(list(ACTIVATIONS))
heads = st.sampled_from(list(LOSSES))
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=60)


def both_passes(architecture, parameters, X, y, workspace=None, *, keep_z=False):
    """Return the output, the loss and the gradient, all of them new."""
    if workspace is None:
        workspace = Workspace(architecture, len(X), X.dtype, keep_z=keep_z)
    gradient = Parameters(architecture, np.full_like(parameters.theta, np.nan))
    a = forward(architecture, parameters, X, workspace)
    loss = backward(architecture, parameters, X, y, workspace, gradient)
    return a.copy(), loss, gradient.theta


def readable_forward(architecture, parameters, X):
    """Return z and a of all layers, by the formula of the docstring."""
    a, layers = X, []
    for i, (weight, bias) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
        z = a @ weight + bias
        if i < len(architecture.activations):
            a = architecture.activations[i].function(z)
        else:
            a = np.empty_like(z)
            architecture.head.apply_with_bias(z, np.zeros(z.shape[-1], z.dtype), a, np.empty_like(z))
        layers.append((z, a))
    return layers


def readable_gradient(architecture, parameters, X, y):
    """Return dLoss/dtheta, by the formulas of the docstring."""
    layers = readable_forward(architecture, parameters, X)
    delta = architecture.head.delta(*layers[-1], y, out=np.empty_like(y)) / len(X)
    weights, biases = [], []
    for i in reversed(range(len(layers))):
        inputs = layers[i - 1][1] if i else X
        weights.insert(0, inputs.T @ delta)
        biases.insert(0, delta.sum(axis=0))
        if i:
            delta = (delta @ parameters.weights[i].T) * architecture.activations[i - 1].gradient(
                layers[i - 1][0]
            )
    return np.concatenate([part.ravel() for part in weights + biases])


# Parameters


@given(sizes=shapes)
def test_all_parameters_are_views_that_tile_theta(sizes):
    architecture = Architecture(sizes, (ACTIVATIONS["relu"],) * (len(sizes) - 2), LOSSES["squared_error"])
    theta = np.arange(architecture.n_parameters, dtype=float)
    parameters = Parameters(architecture, theta)
    assert [weight.shape for weight in parameters.weights] == architecture.layer_shapes
    assert [bias.shape for bias in parameters.biases] == [(size,) for size in sizes[1:]]
    in_order = np.concatenate([part.ravel() for part in parameters.weights + parameters.biases])
    np.testing.assert_array_equal(in_order, theta)
    assert parameters.flat_weights.size == sum(weight.size for weight in parameters.weights)
    for part in [parameters.flat_weights, *parameters.weights, *parameters.biases]:
        assert part.flags.c_contiguous
        part += 1
    assert theta[0] == 2  # once through the flat weights, once through those of the first layer
    assert theta[-1] == architecture.n_parameters


@pytest.mark.parametrize("size", [0, 16, 18])
def test_theta_must_fit_the_architecture(size):
    architecture = Architecture((2, 3, 2), (ACTIVATIONS["relu"],), LOSSES["squared_error"])
    with pytest.raises(InvalidParameterError, match=rf"got {size} parameters.*have 17"):
        Parameters(architecture, np.zeros(size))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_draw_fills_the_weights_first_layer_first_and_leaves_the_biases_zero(dtype):
    architecture = Architecture((4, 3, 2), (ACTIVATIONS["relu"],), LOSSES["squared_error"])
    parameters = Parameters.draw(architecture, INITIALIZERS["normal"], np.random.default_rng(7), dtype)
    rng = np.random.default_rng(7)
    assert parameters.theta.dtype == dtype
    for weight in parameters.weights:
        np.testing.assert_array_equal(weight, INITIALIZERS["normal"](rng, *weight.shape).astype(dtype))
    assert not any(bias.any() for bias in parameters.biases)


# the two passes


@few
@given(sizes=shapes, n=st.integers(1, 9), activation=activations, head=heads, seed=seeds)
def test_both_passes_are_their_formulas(sizes, n, activation, head, seed, draw_network, draw_targets):
    architecture, parameters = draw_network(sizes, activation, head, seed=seed)
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, sizes[0])), draw_targets(head, rng, n, sizes[-1])
    kept = parameters.theta.copy(), X.copy(), y.copy()
    a, loss, gradient = both_passes(architecture, parameters, X, y)
    z_last, a_last = readable_forward(architecture, parameters, X)[-1]
    np.testing.assert_allclose(a, a_last, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(
        loss, architecture.head.losses(z_last, a_last, y).mean(), rtol=1e-10, atol=1e-12
    )
    expected = readable_gradient(architecture, parameters, X, y)
    largest = max(1.0, float(np.abs(expected).max()))  # of sums of large numbers little may be left
    np.testing.assert_allclose(gradient, expected, rtol=1e-9, atol=1e-11 * largest)
    for now, before in zip((parameters.theta, X, y), kept, strict=True):
        np.testing.assert_array_equal(now, before)


@few
@given(sizes=shapes, n=st.integers(1, 9), activation=activations, head=heads, seed=seeds)
def test_keeping_z_changes_nothing_but_what_can_be_read(
    sizes, n, activation, head, seed, draw_network, draw_targets
):
    architecture, parameters = draw_network(sizes, activation, head, seed=seed)
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, sizes[0])), draw_targets(head, rng, n, sizes[-1])
    workspace = Workspace(architecture, n, X.dtype, keep_z=True)
    kept = both_passes(architecture, parameters, X, y, workspace)
    plain = both_passes(architecture, parameters, X, y)
    for one, other in zip(kept, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)
    for (z, a), kept_z, kept_a in zip(
        readable_forward(architecture, parameters, X), workspace.z, workspace.a, strict=True
    ):
        np.testing.assert_allclose(kept_z, z, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(kept_a, a, rtol=1e-10, atol=1e-12)


@few
@given(sizes=shapes, n=st.integers(1, 8), spare=st.integers(0, 5), keep_z=st.booleans(), seed=seeds)
@pytest.mark.parametrize("head", LOSSES)
def test_a_smaller_batch_in_a_larger_workspace(
    head, sizes, n, spare, keep_z, seed, draw_network, draw_targets
):
    architecture, parameters = draw_network(sizes, "tanh", head, seed=seed)
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n + spare, sizes[0])), draw_targets(head, rng, n + spare, sizes[-1])
    workspace = Workspace(architecture, n + spare, X.dtype, keep_z=keep_z)
    both_passes(architecture, parameters, X, y, workspace)  # leaves the rows of a larger batch behind
    small = workspace.first(n)
    assert small is workspace.first(n)
    assert (small is workspace) == (spare == 0)
    in_views = both_passes(architecture, parameters, X[:n], y[:n], small)
    fresh = both_passes(architecture, parameters, X[:n], y[:n], keep_z=keep_z)
    for one, other in zip(in_views, fresh, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)
    for part in ("z", "a", "deltas", "scratch"):
        for view, whole in zip(getattr(small, part), getattr(workspace, part), strict=True):
            assert view.shape == (n, whole.shape[1])
            assert view.ctypes.data == whole.ctypes.data  # the leading rows
    assert [len(ones) for ones in small.ones] == [n] * (len(sizes) - 1)


@few
@given(sizes=shapes, n=st.integers(1, 9), activation=activations, head=heads, seed=seeds)
def test_the_order_of_a_batch_does_not_matter(sizes, n, activation, head, seed, draw_network, draw_targets):
    architecture, parameters = draw_network(sizes, activation, head, seed=seed)
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, sizes[0])), draw_targets(head, rng, n, sizes[-1])
    order = rng.permutation(n)
    a, loss, gradient = both_passes(architecture, parameters, X, y)
    a_other, loss_other, gradient_other = both_passes(architecture, parameters, X[order], y[order])
    np.testing.assert_allclose(a_other, a[order], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(loss_other, loss, rtol=1e-12)
    np.testing.assert_allclose(gradient_other, gradient, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("head", LOSSES)
def test_loss_and_gradient_of_a_batch_are_the_means_of_its_samples(head, draw_network, draw_targets):
    architecture, parameters = draw_network((3, 5, 4), "tanh", head)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(6, 3)), draw_targets(head, rng, 6, 4)
    _, loss, gradient = both_passes(architecture, parameters, X, y)
    alone = [both_passes(architecture, parameters, X[i : i + 1], y[i : i + 1]) for i in range(6)]
    np.testing.assert_allclose(loss, np.mean([one[1] for one in alone]), rtol=1e-13)
    np.testing.assert_allclose(gradient, np.mean([one[2] for one in alone], axis=0), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("head", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_single_precision_stays_single_and_follows_double(activation, head, draw_network, draw_targets):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(8, 5)), draw_targets(head, rng, 8, 3)
    architecture, parameters = draw_network((5, 7, 6, 3), activation, head)
    _, loss, gradient = both_passes(architecture, parameters, X, y)
    single = Parameters(architecture, parameters.theta.astype(np.float32))
    a_32, loss_32, gradient_32 = both_passes(architecture, single, X.astype(np.float32), y.astype(np.float32))
    assert a_32.dtype == gradient_32.dtype == np.float32
    assert type(loss_32) is float
    np.testing.assert_allclose(loss_32, loss, rtol=1e-5)
    np.testing.assert_allclose(gradient_32, gradient, rtol=0, atol=2e-6 * np.abs(gradient).max())


def test_a_workspace_without_a_backward_pass_gives_the_same_output(draw_network):
    for activation in ACTIVATIONS:
        architecture, parameters = draw_network((3, 5, 4, 2), activation)
        X = np.random.default_rng(2).normal(size=(6, 3))
        workspace = Workspace(architecture, 6, X.dtype, backward=False)
        assert workspace.deltas == []
        a = forward(architecture, parameters, X, workspace)
        assert a is workspace.a[-1]
        expected = forward(architecture, parameters, X, Workspace(architecture, 6, X.dtype))
        np.testing.assert_allclose(a, expected, rtol=1e-13)


def test_forward_and_backward_make_nothing_as_large_as_a_hidden_layer(
    draw_network, draw_targets, peak_growth
):
    n, width, n_outputs = 400, 200, 4
    rng = np.random.default_rng(3)
    X = rng.normal(size=(n, 20))
    with_kernels = [
        name for name, activation in ACTIVATIONS.items() if activation.kernel and activation.chain
    ]
    pairs = [(head, "tanh") for head in LOSSES] + [("squared_error", name) for name in with_kernels]
    for head, activation in pairs:
        architecture, parameters = draw_network((20, width, width, n_outputs), activation, head)
        gradient = Parameters.zeros(architecture, np.float64)
        workspace = Workspace(architecture, n, np.float64)
        y = draw_targets(head, rng, n, n_outputs)

        def passes(network=architecture, parameters=parameters, y=y, out=(workspace, gradient)):
            forward(network, parameters, X, out[0])
            backward(network, parameters, X, y, *out)

        passes()
        # the loss may take a few arrays of the size of the output, and numpy a buffer of its own
        allowed = 6 * n * n_outputs * 8 + np.getbufsize() * 8 + 4096
        assert allowed < n * width * 8 / 4
        assert peak_growth(passes) < allowed, (head, activation)


@pytest.mark.parametrize(("dtype", "vanished"), [(np.float32, 1e-31)])
def test_gradients_that_vanish_become_zero_and_never_denormal(dtype, vanished):
    smallest = np.finfo(dtype).smallest_subnormal
    sizes = np.geomspace(float(smallest), 1, 400)  # of the hidden units' deltas, one each
    architecture = Architecture((1, 400, 1), (ACTIVATIONS["identity"],), LOSSES["squared_error"])
    parameters, gradient = (Parameters.zeros(architecture, dtype) for _ in range(2))
    parameters.weights[1][:, 0] = sizes * np.resize([1, -1], 400)
    X, y, workspace = np.ones((1, 1), dtype), -np.ones((1, 1), dtype), Workspace(architecture, 1, dtype)
    forward(architecture, parameters, X, workspace)
    backward(architecture, parameters, X, y, workspace, gradient)
    for found in (workspace.deltas[0][0], gradient.weights[0][0], gradient.biases[0]):
        assert not ((found != 0) & (np.abs(found) < np.finfo(dtype).tiny)).any()
        assert not found[sizes < vanished].any()
        # what is larger stays, but for the rounding of a sum
        np.testing.assert_allclose(
            found, parameters.weights[1][:, 0], rtol=2 * np.finfo(dtype).eps, atol=10 * vanished
        )


def test_both_passes_are_read_on_one_screen():
    lines = 0
    for function in ast.parse(Path(network.__file__).read_text(encoding="utf-8")).body:
        if isinstance(function, ast.FunctionDef) and function.name in ("forward", "backward"):
            statements = function.body[1:]  # after the docstring
            lines += statements[-1].end_lineno - statements[0].lineno + 1
    assert 20 < lines <= 45


def test_what_is_not_finite_shows_in_the_loss_without_a_warning(draw_network):
    architecture, parameters = draw_network((2, 3, 2), "relu")
    X, y = np.ones((4, 2)), np.eye(2)[[0, 1, 0, 1]]
    for value in (np.nan, np.inf, 1e308):
        parameters.theta[...] = value
        assert not np.isfinite(both_passes(architecture, parameters, X, y)[1])


@pytest.mark.parametrize("rate", [1e-6, 0.15, 0.5, 0.999999])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dropout_keeps_its_share_and_leaves_the_mean(rate, dtype):
    a, mask = np.ones((301, 101), dtype), np.empty((301, 101), dtype)
    out = Dropout(rate, np.random.default_rng(0)).apply(a, mask, np.empty_like(a))
    kept = max(round((1 - rate) * 2**16), 1) / 2**16
    assert set(np.unique(out)) <= {0, dtype(1 / kept)}
    deviation = np.sqrt(kept * (1 - kept) / a.size)
    assert abs(np.mean(mask > 0) - kept) <= 5 * deviation
    np.testing.assert_array_equal(out, mask)
