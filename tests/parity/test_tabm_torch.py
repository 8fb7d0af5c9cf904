"""TabM-mini's training steps beside PyTorch: the same weights in, the same weights out.

The witness is written anew, in the form of the paper: one tensor (batch, member, features), each member's
multipliers, linear layers that all members share, a linear layer for each, and the mean of their losses.
"""

from dataclasses import replace

import numpy as np
import pytest
from masks import draw_mask

from glassnet.models.tabular import RECIPES, TableLayout
from glassnet.models.tabular._member import build
from glassnet.nn.architecture import Parameters
from glassnet.nn.initializers import lecun_normal
from glassnet.nn.losses import LOSSES, pinball
from glassnet.nn.network import Dropout
from glassnet.nn.optimizers import Adam
from glassnet.nn.samples import Samples
from glassnet.nn.training import Training, steps

torch = pytest.importorskip("torch")

MEMBERS, N, BATCH, EPOCHS, RATE, DECAY, DROPOUT = 4, 40, 10, 3, 0.02, 0.01, 0.2
EPSILON = 1e-14  # so small that it does not matter at which place in the formula it stands
LAYOUT = TableLayout(n_numbers=3, n_flags=2, cardinalities=())
RECIPE = replace(
    RECIPES["realmlp"]["numbers"],
    hidden_layer_sizes=(8, 7),
    numeric_embedding=None,
    learned_activation=False,
    rate_factors=False,
)


def losses(kind):
    if kind == "classes":
        return LOSSES["softmax_cross_entropy"], lambda z, y: -(torch.log_softmax(z, dim=-1) * y).sum(dim=-1)
    if kind == "numbers":
        return LOSSES["squared_error"], lambda z, y: ((z - y) ** 2).sum(dim=-1) / 2
    levels = torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64)

    def of_levels(z, y):
        return torch.maximum(levels * (y - z), (levels - 1) * (y - z)).sum(dim=-1)

    return pinball((0.1, 0.5, 0.9)), of_levels


@pytest.mark.parametrize("kind", ["classes", "numbers", "quantiles"])
def test_the_steps_of_members_are_those_of_pytorch(kind):
    head, loss_of_each = losses(kind)
    architecture = build(RECIPE, LAYOUT, head, 3, MEMBERS)
    rng = np.random.default_rng(0)
    X, weight = rng.normal(size=(N, 5)), rng.uniform(0.2, 2, N)
    y = np.eye(3)[rng.integers(3, size=N)] if kind == "classes" else rng.normal(size=(N, 3))
    parameters = Parameters.draw(architecture, lecun_normal, rng, np.float64)
    before = parameters.theta.copy()
    named = {f"W{i}": W for i, W in enumerate(parameters.weights)}
    named |= {f"b{i}": b for i, b in enumerate(parameters.biases)} | parameters.before[0]
    t = {name: torch.tensor(values.copy(), requires_grad=True) for name, values in named.items()}
    adam = torch.optim.AdamW(t.values(), RATE, (0.9, 0.95), eps=EPSILON, weight_decay=DECAY)
    orders = [rng.permutation(N) for _ in range(EPOCHS)]

    ours = Training(
        architecture,
        parameters,
        Adam(beta_2=0.95, epsilon=EPSILON, weight_decay=DECAY),
        RATE,
        BATCH,
        dropout=Dropout(DROPOUT, np.random.default_rng(1)),
    )
    drawn = np.random.default_rng(1)
    found = [[step.loss for step in steps(ours, Samples(X, y, np.float64, weight=weight), o)] for o in orders]

    def masks(n_units):  # ours stand member after member
        mask = draw_mask(drawn, (MEMBERS, BATCH, n_units), DROPOUT)
        return torch.tensor(mask).transpose(0, 1)

    for order, ours_were in zip(orders, found, strict=True):
        for start, it_was in zip(range(0, N, BATCH), ours_were, strict=True):
            rows = order[start : start + BATCH]
            a = (torch.tensor(X[rows]) * t["0.scale"])[:, None] * t["1.r"]  # (batch, member, feature)
            for i in range(2):
                a = torch.nn.functional.mish(a @ t[f"W{i}"] + t[f"b{i}"]) * masks((8, 7)[i])
            z = torch.einsum("nmh,mho->nmo", a, t["W2"]) + t["b2"]
            each = loss_of_each(z, torch.tensor(y[rows])[:, None])  # (batch, member)
            share = torch.tensor(weight[rows] / weight[rows].sum())
            loss = (each.mean(dim=1) * share).sum()
            adam.zero_grad()
            loss.backward()
            adam.step()
            assert it_was == pytest.approx(loss.item(), abs=1e-6)
    for name, values in named.items():
        np.testing.assert_allclose(values, t[name].detach().numpy(), rtol=0, atol=1e-5, err_msg=name)
    assert np.abs(parameters.theta - before).max() > 0.05  # they have moved
    assert np.ptp(parameters.before[0]["1.r"] / np.sign(parameters.before[0]["1.r"]), axis=0).max() > 0.01
