"""Scripts of PyTorch with the faults that people ask about most, rebuilt: the right finding comes first.

The faults are those of the public lists: A. Karpathy's most common mistakes (no zero_grad, softmaxed outputs
to a loss that wants raw ones) and his recipe (inputs, initialisation, learning rate), and the kinds of bugs
of AutoTrainer and TheDeepChecker (dead units, bad initial weights, penalties, missing activations).
"""

import copy
from itertools import pairwise

import numpy as np
import pytest

from glassnet import diagnose
from glassnet.errors import InvalidParameterError
from glassnet.models import view_of

torch = pytest.importorskip("torch")
nn, optim = torch.nn, torch.optim


@pytest.fixture(autouse=True)
def one_thread():
    """Keep PyTorch from more threads than there are idle cores: these networks are small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


CENTERS = np.random.default_rng(99).normal(0, 1.6, (4, 8))


def draw(seed=0, n=600):
    rng = np.random.default_rng(seed)
    y = rng.integers(4, size=n)
    return (CENTERS[y] + rng.normal(size=(n, 8))).astype("float32"), y


X, Y = draw()
X_TEST, Y_TEST = draw(1)
CROSS = nn.CrossEntropyLoss()


def layers(*sizes, act=nn.ReLU, last=None):
    made = []
    for fan_in, fan_out in pairwise(sizes):
        made += [nn.Linear(fan_in, fan_out), act()]
    return nn.Sequential(*made[:-1], *([last] if last else []))


def loop(module, X, y, loss, optimizer, *, zero_grad=True):
    """Train as a script does, and return the loss of each epoch."""
    X, y, losses = torch.from_numpy(X), torch.from_numpy(y), []
    for _ in range(15):
        total = 0.0
        for rows in torch.randperm(len(X)).split(32):
            if zero_grad:
                optimizer.zero_grad()
            value = loss(module(X[rows]), y[rows])
            value.backward()
            optimizer.step()
            total += value.item() * len(rows)
        losses.append(total / len(X))
    return losses


def fill(module, *, weight=None, bias=None):
    with torch.no_grad():
        for layer in module:
            if isinstance(layer, nn.Linear):
                if weight is not None:
                    layer.weight.fill_(weight)
                if bias is not None:
                    layer.bias.fill_(bias)
    return module


def rings():
    X = np.random.default_rng(0).normal(size=(600, 2)).astype("float32")
    return X, ((X**2).sum(1) > 1.4).astype(int)


def in_other_units(X):
    X = X * np.array([1, 1, 1, 1000, 1, 0.001, 5000, 1], "float32")
    X[:, 6] += 20_000
    return X


SGD, ADAM = (lambda rate: lambda p: optim.SGD(p, rate)), (lambda rate: lambda p: optim.Adam(p, rate))
FAULTS = {
    # fault: module, optimiser, what is different, the finding
    "no zero_grad": (lambda: layers(8, 32, 4), SGD(0.01), {"zero_grad": False}, "kept-gradients"),
    "softmax before CrossEntropyLoss": (
        lambda: layers(8, 32, 4, last=nn.Softmax(dim=1)),
        SGD(0.05),
        {},
        "output-misfit",
    ),
    "probabilities to NLLLoss": (
        lambda: layers(8, 32, 4, last=nn.Softmax(dim=1)),
        SGD(0.05),
        {"loss": nn.NLLLoss()},
        "output-misfit",
    ),
    "learning rate too high": (lambda: layers(8, 32, 4), SGD(30.0), {}, "large-learning-rate"),
    "learning rate too low": (lambda: layers(8, 32, 4), SGD(1e-6), {}, "small-learning-rate"),
    "unscaled inputs": (lambda: layers(8, 32, 4), SGD(0.01), {"X": in_other_units(X)}, "unscaled-inputs"),
    "dead units from the initial biases": (
        lambda: fill(layers(8, 32, 16, 4), bias=-10.0),
        SGD(0.05),
        {},
        "dead-units",
    ),
    "all weights zero": (
        lambda: fill(layers(8, 32, 4), weight=0.0, bias=0.0),
        SGD(0.05),
        {},
        "symmetric-units",
    ),
    "labels shuffled apart from their rows": (
        lambda: layers(8, 32, 4),
        ADAM(0.01),
        {"y": np.random.default_rng(5).permutation(Y)},
        "unrelated-labels",
    ),
    "test data scaled differently": (
        lambda: layers(8, 32, 4),
        ADAM(0.01),
        {"X_test": X_TEST * 255, "y_test": Y_TEST},
        "scale-shift",
    ),
    "no activation between the layers": (
        lambda: nn.Sequential(nn.Linear(2, 32), nn.Linear(32, 32), nn.Linear(32, 2)),
        ADAM(0.01),
        dict(zip(("X", "y"), rings(), strict=True)),
        "linear-network",
    ),
    "weight decay too strong": (
        lambda: layers(8, 32, 4),
        lambda p: optim.SGD(p, 0.05, weight_decay=1.0),
        {},
        "strong-penalty",
    ),
    "MSELoss on class numbers": (
        lambda: layers(8, 32, 1),
        ADAM(0.01),
        {"loss": nn.MSELoss(), "y": Y.astype("float32")[:, np.newaxis]},
        "regression-on-classes",
    ),
}


def examine(make, make_optimizer, changes):
    torch.manual_seed(0)
    module, settings = make(), {"X": X, "y": Y, "loss": CROSS, "zero_grad": True} | changes
    X_now, y, loss = settings.pop("X"), settings.pop("y"), settings.pop("loss")
    optimizer, before = make_optimizer(module.parameters()), copy.deepcopy(module)
    losses = loop(module, X_now, y, loss, optimizer, zero_grad=settings.pop("zero_grad"))
    how = {"loss": loss, "optimizer": optimizer, "losses": losses, "initial": before, "batch_size": 32}
    return diagnose(module, X_now, y, **how, **settings)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_right_finding_comes_first(fault):
    make, make_optimizer, changes, code = FAULTS[fault]
    assert examine(make, make_optimizer, changes).first.code == code


def test_a_sound_script_has_no_finding():
    diagnosis = examine(lambda: layers(8, 32, 4), ADAM(0.01), {"X_test": X_TEST, "y_test": Y_TEST})
    assert diagnosis.findings == []


def test_a_finding_speaks_of_pytorchs_settings():
    make, make_optimizer, changes, _ = FAULTS["weight decay too strong"]
    first = examine(make, make_optimizer, changes).first
    assert "weight_decay = 1" in first.title
    assert first.cure.parameters == {"weight_decay": 0.0}


def test_a_module_before_training_is_looked_into_too():
    module = fill(layers(8, 32, 4), weight=0.0, bias=0.0)
    assert diagnose(module, X, Y, loss=CROSS, learning_rate=0.05).first.code == "symmetric-units"


def test_a_view_says_how_a_module_is_trained():
    module = nn.Sequential(nn.Linear(8, 5), nn.Tanh(), nn.Dropout(0.2), nn.Linear(5, 4))
    for optimizer, own, alpha in (
        (optim.SGD(module.parameters(), 0.1, momentum=0.5, weight_decay=0.25), "SGD(momentum=0.5", 16.0),
        (optim.AdamW(module.parameters(), 0.1, weight_decay=0.3), "Adam(beta_1=0.9, beta_2=0.999", 0.0),
        (optim.RMSprop(module.parameters(), 0.1), "Adam(beta_1=0.0, beta_2=0.99", 0.0),
    ):
        view = view_of(module, loss=CROSS, optimizer=optimizer, batch_size=64)
        assert repr(view.optimizer).startswith(own)
        assert (view.learning_rate, view.alpha, view.dropout) == (0.1, alpha, 0.2)
    assert not view.is_trained
    assert view.initial_theta.shape == view.theta.shape
    assert (view.initial_theta == view.theta).all()
    module(torch.from_numpy(X)).sum().backward()
    trained = view_of(module, loss=CROSS, optimizer="adam", learning_rate=0.01)
    assert trained.is_trained
    assert (trained.initial_theta != trained.theta).any()


def test_what_is_not_known_is_refused():
    module = layers(8, 32, 4)
    with pytest.raises(InvalidParameterError, match="expected a positive learning rate"):
        diagnose(module, X, Y, loss=CROSS, optimizer="adam")
    with pytest.raises(InvalidParameterError, match="the optimiser Adagrad; expected one of SGD"):
        diagnose(module, X, Y, loss=CROSS, optimizer=optim.Adagrad(module.parameters()))
    with pytest.raises(InvalidParameterError, match="the loss 'TripletMarginLoss'"):
        diagnose(module, X, Y, loss=nn.TripletMarginLoss(), learning_rate=0.1)
    from glassnet import NeuralNetwork

    with pytest.raises(InvalidParameterError, match="got loss for a NeuralNetwork"):
        diagnose(NeuralNetwork(1, [3]), X, Y, loss=CROSS)
