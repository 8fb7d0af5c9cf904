"""Traces of random networks against PyTorch's autograd and optimisers, where it is installed."""

import numpy as np
import pytest
from heads import HEADS, PAIRS

from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import SGD, Adam
from glassnet.worked.problem import Problem
from glassnet.worked.tracing import trace

torch = pytest.importorskip("torch")
functional = torch.nn.functional

IN_TORCH = {
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
LOSSES_IN_TORCH = {
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
# and the same of the outputs a
LOSSES_OF_OUTPUTS = {
    "sigmoid_cross_entropy": lambda a, y: functional.binary_cross_entropy(a, y, reduction="sum"),
    "squared_error": LOSSES_IN_TORCH["squared_error"],
    "absolute_error": LOSSES_IN_TORCH["absolute_error"],
    "huber": LOSSES_IN_TORCH["huber"],
    "pinball": LOSSES_IN_TORCH["pinball"],
    "poisson": lambda a, y: (a - y + torch.xlogy(y, y) - torch.xlogy(y, a)).sum(),
    "hinge": lambda a, y: torch.relu(1 - (2 * y - 1) * a).sum(),
}
OUTPUTS_IN_TORCH = {**IN_TORCH, "softmax": lambda z: torch.softmax(z, 1), "exp": torch.exp}
ACTIVATIONS_IN_BOTH = [name for name in ACTIVATIONS if name in IN_TORCH]
LOSSES_IN_BOTH = [name for name in LOSSES if name in LOSSES_IN_TORCH]
OPTIMIZERS = [
    (SGD(), lambda theta: torch.optim.SGD(theta, 0.01)),
    (SGD(0.9), lambda theta: torch.optim.SGD(theta, 0.01, momentum=0.9)),
    (Adam(), lambda theta: torch.optim.Adam(theta, 0.01)),
]


def optimizer_of(seed):
    """Return an optimiser; over the seeds each activation and each loss meets all of them."""
    return OPTIMIZERS[(seed + seed // len(ACTIVATIONS_IN_BOTH)) % len(OPTIMIZERS)]


def draw_problem(seed, draw_network, draw_targets):
    """Return a problem; one in three is of numbers, with layers of one unit and one sample a step."""
    rng = np.random.default_rng(seed)
    depth, scalar = int(rng.integers(1, 4)), rng.random() < 1 / 3
    sizes = [1] * (depth + 2) if scalar else rng.integers(1, 6, depth + 2).tolist()
    head = LOSSES_IN_BOTH[seed // len(ACTIVATIONS_IN_BOTH)]
    architecture, parameters = draw_network(
        sizes, ACTIVATIONS_IN_BOTH[seed % len(ACTIVATIONS_IN_BOTH)], head, seed=seed
    )
    n = int(rng.integers(2, 6))
    return Problem(
        name="drawn",
        architecture=architecture,
        theta=parameters.theta,
        X=rng.normal(0, 0.5, size=(n, sizes[0])),
        y=draw_targets(head, rng, n, sizes[-1]),
        optimizer=optimizer_of(seed)[0],
        learning_rate=0.01,
        batch_size=1 if scalar else int(rng.integers(1, n + 1)),
        n_steps=int(rng.integers(2, 7)),
    )


@pytest.mark.parametrize(
    "seed", range(len(ACTIVATIONS_IN_BOTH) * len(LOSSES_IN_BOTH))
)  # each activation with each loss once
def test_a_trace_is_the_training_of_torch(seed, draw_network, draw_targets):
    problem = draw_problem(seed, draw_network, draw_targets)
    worked = trace(problem)
    architecture, letter = problem.architecture, "w" if problem.is_scalar else "W"
    layers = range(1, len(architecture.sizes))
    parameters = problem.parameters
    named = dict(zip([f"{letter}{i}" for i in layers], parameters.weights, strict=True))
    named |= dict(zip([f"b{i}" for i in layers], parameters.biases, strict=True))
    leaves = {name: torch.tensor(array, requires_grad=True) for name, array in named.items()}
    optimizer = optimizer_of(seed)[1](list(leaves.values()))
    for step in range(1, problem.n_steps + 1):
        rows = problem.rows_of(step)
        X, y = torch.tensor(problem.X[rows]), torch.tensor(problem.y[rows])
        a = X
        for i in layers:
            z = a @ leaves[f"{letter}{i}"] + leaves[f"b{i}"]
            same(worked.value(step, f"{'z' if problem.is_scalar else 'Z'}{i}"), z)
            a = IN_TORCH[architecture.activations[i - 1].name](z) if i < len(layers) else z
        loss = LOSSES_IN_TORCH[architecture.head.name](z, y) / len(X)
        optimizer.zero_grad()
        loss.backward()
        same(worked.value(step, "L"), loss)
        for name, leaf in leaves.items():
            same(worked.value(step, f"dL/d{name}"), leaf.grad)
        if isinstance(problem.optimizer, Adam):  # whose epsilon stands before the bias correction
            optimizer.param_groups[0]["eps"] = 1e-8 / (1 - 0.999**step) ** 0.5
        optimizer.step()
        for name, leaf in leaves.items():
            same(worked.value(step, name), leaf)


@pytest.mark.parametrize("head", [*PAIRS, "hinge"])
def test_any_output_with_any_loss_is_torchs_too(head, draw_network, draw_targets):
    architecture, parameters = draw_network((3, 4, 3), "tanh", head, seed=2)
    rng, pair = np.random.default_rng(2), HEADS[head]
    X, y = rng.normal(size=(5, 3)), draw_targets(head, rng, 5, 3)
    problem = Problem("drawn", architecture, parameters.theta, X, y, SGD(), 0.05, 5, 3, frozen=("b1",))
    worked = trace(problem)
    leaves = {
        f"W{i}": torch.tensor(array, requires_grad=True) for i, array in enumerate(parameters.weights, 1)
    }
    leaves["b2"] = torch.tensor(parameters.biases[1], requires_grad=True)
    b1 = torch.tensor(parameters.biases[0])
    optimizer = torch.optim.SGD(list(leaves.values()), 0.05)
    for step in range(1, 4):
        hidden = torch.tanh(torch.tensor(X) @ leaves["W1"] + b1)
        outputs = OUTPUTS_IN_TORCH[pair.output](hidden @ leaves["W2"] + leaves["b2"])
        same(worked.value(step, "A2"), outputs)
        loss = LOSSES_OF_OUTPUTS[pair.name](outputs, torch.tensor(y)) / 5
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        same(worked.value(step, "L"), loss)
        for name, leaf in leaves.items():
            same(worked.value(step, f"dL/d{name}"), leaf.grad)
            same(worked.value(step, name), leaf)


def same(ours, theirs):
    theirs = theirs.detach().numpy()
    np.testing.assert_allclose(ours.ravel(), theirs.ravel(), rtol=1e-8, atol=1e-10)
