"""Every layer of the table: its gradients against central differences, and what the protocol promises."""

from dataclasses import replace

import numpy as np
import pytest
from heads import HEADS

from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.evaluation import evaluate, predict
from glassnet.nn.from_data import draw_from_data
from glassnet.nn.gradcheck import check_backward
from glassnet.nn.initializers import lecun_normal
from glassnet.nn.layers import (
    LAYERS,
    Apart,
    Chain,
    Columns,
    Embedding,
    LearnedActivation,
    Multipliers,
    Periodic,
    Scaling,
)
from glassnet.nn.losses import LOSSES, Head
from glassnet.nn.members import member_of, share
from glassnet.nn.network import Dropout, backward, forward
from glassnet.nn.samples import Samples
from glassnet.nn.workspace import Workspace

IDENTITY = ACTIVATIONS["identity"]
N_FEATURES = {"embedding": 1, "columns": 2}  # as many as their settings say; others take any number
OF_MEMBERS = {"multipliers", "apart"}  # these two come together, first and last


def draw(architecture, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    parameters = Parameters.draw(architecture, lecun_normal, rng, dtype)
    for own in parameters.before:  # not only where they start
        for values in own.values():
            values += rng.normal(0, 0.3, values.shape)
    return parameters


def inputs(name, n, rng):
    if name == "embedding":
        return rng.integers(3, size=(n, 1)).astype(float)
    return rng.normal(size=(n, N_FEATURES.get(name, 3)))


def of_members(sizes, activations, front, last, head="squared_error"):
    """Return a network whose two members share all but the last layer."""
    nothing = (None,) * (len(sizes) - 3)
    return Architecture(sizes, activations, share(HEADS[head], 2), (front, *nothing, last))


@pytest.mark.parametrize("name", LAYERS)
def test_its_gradient_is_the_slope_of_the_loss_in_front_of_the_network(name):
    rng = np.random.default_rng(1)
    X, y = inputs(name, 6, rng), rng.normal(size=(6, 2))
    architecture = Architecture(
        (X.shape[1], 4, 2), (ACTIVATIONS["tanh"],), HEADS["squared_error"], (LAYERS[name], None)
    )
    if name in OF_MEMBERS:
        architecture = of_members((3, 4, 2), architecture.activations, LAYERS["multipliers"], LAYERS["apart"])
    check = check_backward(architecture, draw(architecture), X, y)
    assert check.relative_error < 1e-6
    assert len(check.checked) + check.skipped == architecture.n_parameters
    assert np.abs(check.analytic[architecture.places[-1].slice]).max() > 1e-4


@pytest.mark.parametrize("name", sorted(LAYERS.keys() - {"embedding"}))  # codes have no slope
def test_its_gradient_goes_on_to_the_layers_below(name):
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    width = N_FEATURES.get(name, 4)
    layer = LAYERS[name]
    architecture = Architecture(
        (3, width, 5, 2),
        (IDENTITY, ACTIVATIONS["tanh"]),
        HEADS["squared_error"],
        (None, layer, None),
    )
    if name in OF_MEMBERS:
        front = Chain((Scaling(), LAYERS["multipliers"]))
        architecture = of_members((3, 4, 5, 2), architecture.activations, front, LAYERS["apart"])
    check = check_backward(architecture, draw(architecture, 3), X, y)
    assert check.relative_error < 1e-6
    assert check.skipped == 0


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_learned_activation_of_every_function(activation):
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 1))
    layer = LearnedActivation(ACTIVATIONS[activation])
    architecture = Architecture((3, 4, 1), (IDENTITY,), HEADS["squared_error"], (None, layer))
    check = check_backward(architecture, draw(architecture, 5), X, y)
    assert check.relative_error < 1e-5


def test_a_learned_activation_starts_as_the_function_itself():
    X = np.random.default_rng(6).normal(size=(50, 3))
    plain = Architecture((3, 4, 2), (ACTIVATIONS["silu"],), HEADS["softmax_cross_entropy"])
    learned = replace(plain, activations=(IDENTITY,), before=(None, LearnedActivation()))
    rng = np.random.default_rng(7)
    mine = Parameters.draw(learned, lecun_normal, rng, np.float64)
    its = Parameters(plain, mine.theta[: plain.n_parameters].copy())
    given = Samples(X, None, np.float64)
    np.testing.assert_allclose(predict(learned, mine, given), predict(plain, its, given), rtol=1e-12)


def table_network(head="softmax_cross_entropy", n_outputs=3):
    front = Chain((Columns(((2, Periodic()), (1, None), (2, Embedding((4, 6), width_each=3)))), Scaling()))
    learned = LearnedActivation(ACTIVATIONS["selu"])
    return Architecture((5, 8, 7, n_outputs), (IDENTITY, IDENTITY), HEADS[head], (front, learned, learned))


def table_inputs(n, rng, dtype=np.float64):
    codes = [rng.integers(4, size=n), rng.integers(6, size=n)]
    return np.column_stack([rng.normal(size=(n, 2)), rng.integers(2, size=n), *codes]).astype(dtype)


@pytest.mark.parametrize("dropout", [None, 0.3])
def test_the_network_for_tables_all_together(dropout):
    rng = np.random.default_rng(8)
    architecture = table_network()
    X, y = table_inputs(7, rng), np.eye(3)[rng.integers(3, size=7)]
    assert check_backward(architecture, draw(architecture, 9), X, y).relative_error < 1e-6
    if dropout:  # runs with units dropped, in a batch smaller than the workspace too
        workspace = Workspace(architecture, 9, np.float64, dropout=True).first(7)
        a = forward(architecture, draw(architecture, 9), X, workspace, Dropout(dropout, rng))
        assert np.isfinite(a).all()
        assert not np.array_equal(workspace.inputs[1], workspace.inputs[1] * 0)
        assert {mask.shape for mask in workspace.masks} == {(7, 8), (7, 7)}


def test_prediction_is_the_same_in_chunks_and_row_by_row():
    rng = np.random.default_rng(10)
    architecture = table_network()
    parameters = draw(architecture, 11, np.float32)
    X = table_inputs(3000, rng, np.float32)
    whole = predict(architecture, parameters, Samples(X, None, np.float32))
    rows = [predict(architecture, parameters, Samples(X[i : i + 1], None, np.float32))[0] for i in (0, 2500)]
    np.testing.assert_allclose(whole[[0, 2500]], rows, rtol=1e-5, atol=1e-6)


def test_parameters_have_one_place_each_and_can_be_frozen_by_name():
    architecture = table_network()
    parameters = draw(architecture)
    covered = np.concatenate(
        [np.arange(architecture.n_parameters)[place.slice] for place in architecture.places]
    )
    np.testing.assert_array_equal(covered, np.arange(architecture.n_parameters))
    parameters.theta[architecture.places_of(["alpha2"])] = 7
    np.testing.assert_array_equal(parameters.before[1]["alpha"], np.full(8, 7.0))
    assert architecture.layer_shapes[0] == (2 * 4 + 1 + 2 * 3, 8)


@pytest.mark.parametrize("head", ["softmax_cross_entropy", "squared_error"])
def test_parameters_from_data_give_every_unit_variance_1_and_a_place_among_the_samples(head):
    rng = np.random.default_rng(12)
    architecture = table_network(head)
    X = table_inputs(500, rng)
    parameters = draw_from_data(architecture, X, rng, np.float64)
    workspace = Workspace(architecture, 500, np.float64, keep_z=True)
    forward(architecture, parameters, X, workspace)
    for z in workspace.z:
        np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-9)
        assert (z.min(axis=0) < 0).all()
        assert (z.max(axis=0) > 0).all()


# members that share all layers but the last

MEMBERS = 3


def members_network(head="softmax_cross_entropy", n_outputs=3, members=MEMBERS):
    front = Chain((table_network().before[0], Multipliers(members)))
    learned = LearnedActivation(ACTIVATIONS["mish"])
    before = (front, learned, Chain((learned, Apart(members))))
    return Architecture((5, 8, 7, n_outputs), (IDENTITY, IDENTITY), share(HEADS[head], members), before)


def targets(head, n, rng):
    return np.eye(3)[rng.integers(3, size=n)] if HEADS[head].targets else rng.normal(size=(n, 3))


@pytest.mark.parametrize("head", ["softmax_cross_entropy", "sigmoid_cross_entropy", "squared_error", "huber"])
def test_members_are_networks_of_which_loss_and_gradient_are_the_mean(head):
    rng = np.random.default_rng(13)
    architecture = members_network(head)
    parameters = draw(architecture, 14)
    X, y = table_inputs(7, rng), targets(head, 7, rng)
    weight = rng.uniform(0.1, 2, 7)
    workspace = Workspace(architecture, 9, np.float64).first(7)  # a batch smaller than the workspace
    gradient = Parameters.zeros(architecture, np.float64)
    a = forward(architecture, parameters, X, workspace)
    loss = backward(architecture, parameters, X, y, workspace, gradient, weight)
    losses, answers, shared = [], [], []
    for member in range(MEMBERS):
        own = member_of(parameters, member)
        plain = own.architecture
        assert type(plain.head) is Head
        np.testing.assert_array_equal(own.weights[2], parameters.weights[2][member])
        np.testing.assert_array_equal(own.before[0]["1.r"][0], parameters.before[0]["1.r"][member])
        theirs, slopes = Workspace(plain, 7, np.float64), Parameters.zeros(plain, np.float64)
        answers.append(forward(plain, own, X, theirs).copy())
        losses.append(backward(plain, own, X, y, theirs, slopes, weight))
        shared.append(slopes.weights[0].copy())
        head_slope = slopes.weights[2] / MEMBERS
        np.testing.assert_allclose(gradient.weights[2][member], head_slope, atol=1e-14)
        np.testing.assert_allclose(gradient.biases[2][member], slopes.biases[2] / MEMBERS, atol=1e-14)
        own_slope = slopes.before[0]["1.r"][0] / MEMBERS
        np.testing.assert_allclose(gradient.before[0]["1.r"][member], own_slope, atol=1e-14)
    np.testing.assert_allclose(a, answers, rtol=1e-12)
    assert np.ptp(a, axis=0).max() > 0.01  # they differ
    assert loss == pytest.approx(np.mean(losses), rel=1e-12)
    np.testing.assert_allclose(gradient.weights[0], np.mean(shared, axis=0), atol=1e-14)
    predicted = predict(architecture, parameters, Samples(X, None, np.float64))
    np.testing.assert_allclose(predicted, np.mean(answers, axis=0), rtol=1e-12)


@pytest.mark.parametrize("head", sorted(LOSSES.keys() - {"perceptron"}))  # whose slope is a rule
def test_the_slope_of_every_loss_of_members(head):
    rng = np.random.default_rng(15)
    architecture = members_network(head)
    X, y = table_inputs(5, rng), np.eye(3)[rng.integers(3, size=5)]
    assert check_backward(architecture, draw(architecture, 16), X, y).relative_error < 1e-5


@pytest.mark.parametrize("head", ["softmax_cross_entropy", "squared_error", "poisson"])
def test_members_are_scored_by_what_they_answer_together(head, monkeypatch):
    rng = np.random.default_rng(17)
    architecture = members_network(head)
    parameters = draw(architecture, 18)
    X, y = table_inputs(50, rng), np.eye(3)[rng.integers(3, size=50)]
    mean = predict(architecture, parameters, Samples(X, None, np.float64))
    by_hand = {
        "softmax_cross_entropy": lambda: -(y * np.log(mean)).sum(axis=1),
        "squared_error": lambda: ((mean - y) ** 2).sum(axis=1) / 2,
        "poisson": lambda: (mean - y - y * np.log(mean)).sum(axis=1),
    }
    monkeypatch.setattr("glassnet.nn.samples.CHUNK_ROWS", 40)  # 13 rows of 3 members at a time
    loss, accuracy = evaluate(architecture, parameters, Samples(X, y, np.float64))
    assert loss == pytest.approx(by_hand[head]().mean(), rel=1e-9)
    assert accuracy == (mean.argmax(axis=1) == y.argmax(axis=1)).mean()


def test_dropout_and_first_parameters_of_members():
    rng = np.random.default_rng(19)
    architecture = members_network()
    X = table_inputs(500, rng)
    parameters = draw_from_data(architecture, X, rng, np.float64)
    assert set(np.unique(parameters.before[0]["1.r"])) == {-1.0, 1.0}
    workspace = Workspace(architecture, 500, np.float64, keep_z=True, dropout=True)
    forward(architecture, parameters, X, workspace)
    for z in workspace.z:  # of all members together in shared layers, of each in its own
        np.testing.assert_allclose(z.std(axis=-2), 1, rtol=1e-9)
    forward(architecture, parameters, X, workspace, Dropout(0.3, rng))
    masks = workspace.masks
    assert [mask.shape for mask in masks] == [(1500, 8), (3, 500, 7)]
    assert not np.array_equal(masks[1][0], masks[1][1])  # each drops units of its own
    kept = round(0.7 * 2**16) / 2**16
    assert [np.unique(mask).tolist() for mask in masks] == [[0, 1 / kept]] * 2


def test_one_member_is_the_plain_network():
    assert share(HEADS["huber"], 1) is HEADS["huber"]
    assert share(share(HEADS["huber"], 3), 1) == HEADS["huber"]
    parameters = draw(table_network())
    assert member_of(parameters, 0) is parameters
    own = member_of(draw(members_network()), 1).architecture
    assert own.before[1] == own.before[2] == LearnedActivation(ACTIVATIONS["mish"])


def test_the_best_constant_answer_of_members_is_that_of_one():
    y = np.eye(3)[[0, 0, 1, 2]]
    for name in ("softmax_cross_entropy", "huber"):
        head = HEADS[name]
        shared = share(head, 3)
        np.testing.assert_array_equal(shared.constant_losses(y), head.constant_losses(y))
        np.testing.assert_array_equal(shared.losses_at(np.ones(3), y), head.losses_at(np.ones(3), y))
