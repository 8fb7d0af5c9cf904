"""Gradients and training runs against PyTorch, where it is installed."""

import numpy as np
import pytest

from glassnet.nn import activations
from glassnet.nn.architecture import Parameters
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import backward, forward
from glassnet.nn.optimizers import SGD, Adam
from glassnet.nn.samples import Samples
from glassnet.nn.training import Training, steps
from glassnet.nn.workspace import Workspace

torch = pytest.importorskip("torch")
functional = torch.nn.functional

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: functional.leaky_relu(z, 0.01),
    "elu": functional.elu,
    "softplus": lambda z: functional.softplus(z, threshold=100),  # which goes on as a line from there
    "silu": functional.silu,
    "gelu": functional.gelu,
    "selu": functional.selu,
    "mish": functional.mish,
    "identity": lambda z: z,
}
# each: the sum over the samples and the outputs
HEADS = {
    "softmax_cross_entropy": lambda z, y: functional.cross_entropy(z, y, reduction="sum"),
    "sigmoid_cross_entropy": lambda z, y: functional.binary_cross_entropy_with_logits(z, y, reduction="sum"),
    "squared_error": lambda z, y: 0.5 * functional.mse_loss(z, y, reduction="sum"),
    "absolute_error": lambda z, y: functional.l1_loss(z, y, reduction="sum"),
    "huber": lambda z, y: functional.huber_loss(z, y, reduction="sum"),
    "poisson": lambda z, y: (
        functional.poisson_nll_loss(z, y, reduction="sum") + (torch.xlogy(y, y) - y).sum()
    ),
    "pinball": lambda z, y: torch.maximum(0.5 * (y - z), -0.5 * (y - z)).sum(),
}
ACTIVATIONS_IN_BOTH = [name for name in activations.ACTIVATIONS if name in ACTIVATIONS]
HEADS_IN_BOTH = [name for name in LOSSES if name in HEADS]


def torch_loss(architecture, weights, biases, X, y):
    a = X
    for i, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        z = a @ weight + bias
        if i < len(architecture.activations):
            a = ACTIVATIONS[architecture.activations[i].name](z)
    return HEADS[architecture.head.name](z, y) / len(X)


def leaves(parameters):
    """Return the weights and the biases as tensors of their own."""
    return tuple(
        [torch.tensor(array, requires_grad=True) for array in arrays]
        for arrays in (parameters.weights, parameters.biases)
    )


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 1e-5)])
@pytest.mark.parametrize("seed", range(30))
def test_a_random_network_has_the_gradient_of_autograd(seed, dtype, tolerance, draw_network, draw_targets):
    rng = np.random.default_rng(seed)
    depth = int(rng.integers(1, 6))
    sizes = rng.integers(1, 24, size=depth + 1)
    n = int(rng.integers(1, 20))
    activation = ACTIVATIONS_IN_BOTH[seed % len(ACTIVATIONS_IN_BOTH)]
    head = HEADS_IN_BOTH[(seed + seed // 9) % len(HEADS_IN_BOTH)]
    architecture, parameters = draw_network(sizes.tolist(), activation, head, seed=seed, dtype=dtype)
    X = rng.normal(size=(n, sizes[0])).astype(dtype)
    y = draw_targets(head, rng, n, sizes[-1]).astype(dtype)

    workspace, gradient = Workspace(architecture, n, dtype), Parameters.zeros(architecture, dtype)
    forward(architecture, parameters, X, workspace)
    loss = backward(architecture, parameters, X, y, workspace, gradient)

    weights, biases = leaves(parameters)
    expected = torch_loss(architecture, weights, biases, torch.tensor(X), torch.tensor(y))
    expected.backward()
    np.testing.assert_allclose(loss, expected.item(), rtol=tolerance, atol=tolerance)
    for ours, theirs in zip(gradient.weights + gradient.biases, weights + biases, strict=True):
        theirs = theirs.grad.numpy()
        # each layer by its own size: deep in a sigmoid network all are small
        assert np.abs(ours - theirs).max() <= tolerance * max(np.abs(theirs).max(), 1e-6)


def optimizers():
    yield pytest.param(SGD(), lambda theta: torch.optim.SGD(theta, 0.05), id="sgd")
    yield pytest.param(SGD(0.9), lambda theta: torch.optim.SGD(theta, 0.05, momentum=0.9), id="momentum")
    yield pytest.param(
        SGD(0.9, nesterov=True),
        lambda theta: torch.optim.SGD(theta, 0.05, momentum=0.9, nesterov=True),
        id="nesterov",
    )
    # PyTorch adds epsilon after the bias correction, this library before it: one too small to matter
    yield pytest.param(Adam(epsilon=1e-30), lambda theta: torch.optim.Adam(theta, 0.05, eps=1e-30), id="adam")


@pytest.mark.parametrize(("optimizer", "reference"), list(optimizers()))
def test_a_training_run_is_the_one_of_torch(optimizer, reference, draw_network, draw_targets):
    rng = np.random.default_rng(0)
    architecture, parameters = draw_network((4, 8, 6, 3), "tanh")
    X, y = rng.normal(size=(50, 4)), draw_targets("softmax_cross_entropy", rng, 50, 3)
    weights, biases = leaves(parameters)
    reference = reference([*weights, *biases])
    training = Training(architecture, parameters, optimizer, learning_rate=0.05, batch_size=8)
    for _ in range(5):
        order = rng.permutation(50)
        for number, step in enumerate(steps(training, Samples(X, y, np.float64), order)):
            rows = order[8 * number : 8 * number + 8]
            reference.zero_grad()
            loss = torch_loss(architecture, weights, biases, torch.tensor(X[rows]), torch.tensor(y[rows]))
            loss.backward()
            reference.step()
            assert step.loss == pytest.approx(loss.item(), rel=1e-9)
    for ours, theirs in zip(parameters.weights + parameters.biases, weights + biases, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-8, atol=1e-9)


def test_adams_epsilon_is_the_one_of_torch_times_the_bias_correction():
    """The difference that the docstring tells of, and no other: visible with an epsilon that is large."""
    gradients = np.random.default_rng(1).normal(size=(20, 5))
    theta, epsilon = np.zeros(5), 0.1
    theirs = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    optimizer, reference = Adam(epsilon=epsilon), torch.optim.Adam([theirs], 0.05)
    state = optimizer.init(theta)
    for t, gradient in enumerate(gradients, start=1):
        reference.param_groups[0]["eps"] = epsilon / (1 - 0.999**t) ** 0.5
        theirs.grad = torch.tensor(gradient)
        reference.step()
        optimizer.update(theta, gradient.copy(), state, 0.05)
        np.testing.assert_allclose(theta, theirs.detach().numpy(), rtol=1e-10)
