"""RealMLP's training steps beside PyTorch: the same weights in, the same weights out.

The network of the witness is written anew, in the form of the paper: standard normal weights divided by
sqrt(fan_in) in the forward pass, one learning rate and one weight decay for each tensor, Adam by PyTorch.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from masks import draw_mask

from glassnet.models.tabular import RECIPES, TableLayout
from glassnet.models.tabular._member import SLOW, build
from glassnet.nn.course import Course
from glassnet.nn.from_data import draw_from_data
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import Dropout
from glassnet.nn.optimizers import Adam
from glassnet.nn.rates import group_rates
from glassnet.nn.samples import Samples
from glassnet.nn.schedules import SCHEDULES
from glassnet.nn.training import Training, steps

torch = pytest.importorskip("torch")

LAYOUT = TableLayout(n_numbers=3, n_flags=2, cardinalities=(11, 13))
N, BATCH, EPOCHS = 40, 10, 3
EPSILON = 1e-14  # so small that it does not matter at which place in the formula it stands


def table(rng):
    codes = [rng.integers(n, size=N) for n in LAYOUT.cardinalities]
    return np.column_stack([rng.normal(size=(N, 3)), rng.integers(2, size=(N, 2)), *codes])


def train_ours(recipe, architecture, parameters, X, y, orders, seed):
    training = Training(
        architecture,
        parameters,
        Adam(beta_2=recipe.beta_2, epsilon=EPSILON, weight_decay=recipe.weight_decay),
        recipe.learning_rate_init,
        BATCH,
        dropout=Dropout(recipe.dropout, np.random.default_rng(seed)) if recipe.dropout else None,
        groups=group_rates(architecture, biases=SLOW, decay_biases=False),
    )
    fading = SCHEDULES[recipe.decay_schedule]
    training.follow(Course(EPOCHS * N // BATCH, SCHEDULES[recipe.learning_rate], fading, fading))
    samples = Samples(X, y, np.float64)
    for order in orders:
        for _ in steps(training, samples, order):
            pass


class Witness:
    """The same network with PyTorch's gradients and Adam."""

    def __init__(self, recipe, parameters):
        self.recipe = recipe
        self.tensors, self.rates = {}, {}
        self.n_layers = len(parameters.weights)
        for i, (W, b) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
            self.add(f"W{i}", W * math.sqrt(len(W)), 1.0)
            self.add(f"b{i}", b, 0.1)
        for i, own in enumerate(parameters.before):
            for name, values in own.items():
                rate = 6.0 if "scale" in name else 1.0 if "rows" in name else 0.1
                self.add(f"{name}@{i}", values, rate)
        groups = [{"params": [t], "name": name} for name, t in self.tensors.items()]
        self.adam = torch.optim.Adam(groups, betas=(0.9, recipe.beta_2), eps=EPSILON)

    def add(self, name, values, rate):
        self.tensors[name] = torch.tensor(values, dtype=torch.float64, requires_grad=True)
        self.rates[name] = rate

    def activation(self, z):
        return torch.selu(z) if self.recipe.activation == "selu" else torch.nn.functional.mish(z)

    def forward(self, X, masks):
        t, prefix = self.tensors, "0." if self.recipe.scaling_layer else ""
        parts = []
        if self.recipe.numeric_embedding:
            x = X[:, :3, None]
            waves = torch.cos(2 * math.pi * x * t[f"{prefix}0.w1@0"] + t[f"{prefix}0.b1@0"])
            mixed = torch.einsum("nfk,fkm->nfm", waves, t[f"{prefix}0.W2@0"]) + t[f"{prefix}0.b2@0"]
            parts = [torch.cat([mixed, x], dim=2).reshape(len(X), -1), X[:, 3:5]]
        else:
            parts = [X[:, :5]]
        rows = t[f"{prefix}2.rows@0"] if self.recipe.numeric_embedding else t[f"{prefix}1.rows@0"]
        codes = X[:, 5:].long()
        parts += [rows[codes[:, 0]], rows[codes[:, 1] + LAYOUT.cardinalities[0]]]
        a = torch.cat(parts, dim=1) * t["1.scale@0"]
        for i in range(self.n_layers):
            if i and self.recipe.learned_activation:
                a = a + t[f"alpha@{i}"] * (self.activation(a) - a)
            elif i:
                a = self.activation(a)
            if i and masks:
                a = a * masks[i - 1]
            a = a @ t[f"W{i}"] / math.sqrt(a.shape[1]) + t[f"b{i}"]
        return a

    def step(self, X, y, t, masks, loss):
        rate = self.recipe.learning_rate_init * 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t)))
        fading = 1.0 if t < 0.5 else 0.5 * (1 + math.cos(math.pi * (2 * t - 1)))
        decay = self.recipe.weight_decay * fading
        self.adam.zero_grad()
        loss(self.forward(X, masks), y).backward()
        for group in self.adam.param_groups:
            name = group["name"]
            group["lr"] = rate * self.rates[name]
            if not name.startswith("b"):
                with torch.no_grad():
                    self.tensors[name] *= 1 - group["lr"] * decay
        self.adam.step()


def loss_of(kind):
    if kind == "classes":
        return lambda z, y: -(torch.log_softmax(z, dim=1) * y).sum(dim=1).mean()
    return lambda z, y: ((z - y) ** 2).sum(dim=1).mean() / 2


@pytest.mark.parametrize("dropout", [0.0, 0.15])
@pytest.mark.parametrize("learned", [True, False])
@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_the_steps_of_the_recipe_are_those_of_pytorch(kind, learned, dropout):
    recipe = replace(
        RECIPES["realmlp"][kind], hidden_layer_sizes=(8, 7), dropout=dropout, learned_activation=learned
    )
    rng = np.random.default_rng(0)
    X = table(rng)
    y = np.eye(3)[rng.integers(3, size=N)] * 0.9 + 0.1 / 3 if kind == "classes" else rng.normal(size=(N, 3))
    head = LOSSES["softmax_cross_entropy" if kind == "classes" else "squared_error"]
    architecture = build(recipe, LAYOUT, head, 3)
    parameters = draw_from_data(architecture, X, rng, np.float64)
    before = parameters.theta.copy()
    witness = Witness(recipe, parameters)
    orders = [rng.permutation(N) for _ in range(EPOCHS)]
    train_ours(recipe, architecture, parameters, X, y, orders, seed=1)

    drawn, done = np.random.default_rng(1), 0
    for order in orders:
        for start in range(0, N, BATCH):
            rows, t = order[start : start + BATCH], done / (EPOCHS * N // BATCH)
            rate = dropout * SCHEDULES["flat_cos"](t)
            masks = [torch.tensor(draw_mask(drawn, (BATCH, n), rate)) for n in (8, 7)]
            witness.step(
                torch.tensor(X[rows]), torch.tensor(y[rows]), t, masks if dropout else [], loss_of(kind)
            )
            done += 1
    for i, (W, b) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
        scaled = witness.tensors[f"W{i}"].detach().numpy() / math.sqrt(len(W))
        np.testing.assert_allclose(W, scaled, rtol=0, atol=1e-5)
        np.testing.assert_allclose(b, witness.tensors[f"b{i}"].detach().numpy(), rtol=0, atol=1e-5)
    for i, own in enumerate(parameters.before):
        for name, values in own.items():
            its = witness.tensors[f"{name}@{i}"].detach().numpy()
            np.testing.assert_allclose(values, its, rtol=0, atol=1e-5, err_msg=name)
    assert np.abs(parameters.theta - before).max() > 0.05  # they have moved
