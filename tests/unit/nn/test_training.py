"""The one training loop: batches, steps, epochs, when to stop, and what is left after an error."""

import itertools
import pickle
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from glassnet.errors import DivergedError, UnknownNameError
from glassnet.nn import samples as samples_module, training as module
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.evaluation import count_hits, evaluate, predict
from glassnet.nn.history import EpochRecord, History, StopKind
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.lbfgs import minimize_lbfgs
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import backward, forward
from glassnet.nn.optimizers import OPTIMIZERS, SGD
from glassnet.nn.samples import Samples
from glassnet.nn.training import (
    EarlyStopping,
    Training,
    epochs,
    shuffles,
    steps,
    train,
)
from glassnet.nn.workspace import Workspace

N, N_FEATURES, N_CLASSES = 50, 4, 3


def blobs(n=N, seed=0, dtype=np.float64):
    """Return three overlapping clouds of points, one a class."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(N_CLASSES, size=n)
    centres = np.random.default_rng(99).normal(0, 1.5, (N_CLASSES, N_FEATURES))
    X = centres[labels] + rng.normal(size=(n, N_FEATURES))
    return Samples(X.astype(dtype), np.eye(N_CLASSES, dtype=dtype)[labels], dtype)


def new_training(optimizer="sgd", *, seed=0, dtype=np.float64, learning_rate=0.1, head=None, **settings):
    architecture = Architecture(
        (N_FEATURES, 6, 5, N_CLASSES), (ACTIVATIONS["relu"],) * 2, LOSSES[head or "softmax_cross_entropy"]
    )
    parameters = Parameters.draw(architecture, INITIALIZERS["normal"], np.random.default_rng(seed), dtype)
    if isinstance(optimizer, str):
        optimizer = OPTIMIZERS[optimizer]
    return Training(architecture, parameters, optimizer, learning_rate, **{"batch_size": 8, **settings})


def orders(seed=0, n=N):
    return shuffles(n, np.random.default_rng(seed))


def gradient_at(training, theta, X, y):
    parameters = Parameters(training.architecture, theta.copy())
    gradient = Parameters(training.architecture, np.empty_like(theta))
    workspace = Workspace(training.architecture, len(X), theta.dtype)
    forward(training.architecture, parameters, X, workspace)
    loss = backward(training.architecture, parameters, X, y, workspace, gradient)
    return loss, gradient.theta


def no_change(theta):
    """Leave theta as it is: an update for `Scripted`."""


class Scripted:
    """Stand for an optimiser whose updates are functions of theta, one after the other."""

    def __init__(self, *updates):
        self.updates = iter(updates)

    def init(self, theta):
        return SGD().init(theta)

    def update(self, theta, grad, state, learning_rate):
        next(self.updates, no_change)(theta)


# Samples

pixels = hnp.arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 6)))


@given(X=pixels, seed=st.integers(0, 2**32 - 1), dtype=st.sampled_from([np.float32, np.float64]))
@settings(max_examples=60)
def test_bytes_and_a_divisor_are_exactly_the_scaled_numbers(X, seed, dtype):
    rng = np.random.default_rng(seed)
    scaled = (X / 255).astype(dtype)
    of_bytes, of_numbers = Samples(X, None, dtype, divisor=255), Samples(scaled, None, dtype)
    for _ in range(4):
        rows = rng.integers(len(X), size=rng.integers(1, len(X) + 1))
        cut = slice(*np.sort(rng.integers(len(X) + 1, size=2)))
        for chosen in (rows, cut):
            for samples in (of_bytes, of_numbers):
                taken = samples.inputs(chosen)
                assert taken.dtype == dtype
                np.testing.assert_array_equal(taken, scaled[chosen])


@pytest.mark.parametrize("source", [np.uint8, np.int64, np.float32, np.float64, bool])
def test_any_numbers_become_the_networks(source):
    X = (np.arange(12).reshape(4, 3) % 5).astype(source)
    samples = Samples(X, None, np.float32)
    taken = samples.inputs(np.array([3, 0, 3]))
    assert taken.dtype == np.float32
    np.testing.assert_array_equal(taken, X[[3, 0, 3]])
    np.testing.assert_array_equal(samples.inputs(slice(1, 3)), X[1:3])


def test_targets_go_with_their_inputs():
    X = np.arange(20.0).reshape(10, 2)
    samples = Samples(X, X * 10, np.float64)
    assert len(samples) == 10
    for rows in (np.array([7]), np.array([1, 9, 4, 4]), slice(2, 9), np.array([0, 1])):
        np.testing.assert_array_equal(samples.targets(rows), samples.inputs(rows) * 10)
        np.testing.assert_array_equal(samples.inputs(rows), X[rows])


def test_taking_a_batch_leaves_the_data_alone_and_needs_no_right_to_write():
    for X in (np.arange(20, dtype=np.uint8).reshape(10, 2), np.arange(20.0).reshape(10, 2)):
        X.setflags(write=False)
        samples = Samples(X, X.astype(np.float64), np.float64, divisor=4)
        kept = X.copy()
        for rows in (np.array([1, 2]), slice(3, 5)):
            np.testing.assert_array_equal(samples.inputs(rows), kept[rows] / 4)
            np.testing.assert_array_equal(samples.targets(rows), kept[rows])
        np.testing.assert_array_equal(X, kept)


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda X: np.repeat(X, 2, axis=1)[:, ::2]])
def test_the_layout_in_memory_does_not_matter(layout):
    X = np.random.default_rng(0).normal(size=(20, 3))
    samples = Samples(layout(X), layout(X), np.float64)
    rows = np.array([4, 19, 0])
    np.testing.assert_array_equal(samples.inputs(rows), X[rows])
    np.testing.assert_array_equal(samples.targets(rows), X[rows])


@pytest.mark.parametrize("n", [1, 1023, 1024, 1025, 3000])
def test_chunks_tile_the_rows(n):
    samples = Samples(np.zeros((n, 1)), None, np.float64)
    rows = np.arange(n)
    chunks = [rows[chunk] for chunk in samples.chunks()]
    np.testing.assert_array_equal(np.concatenate(chunks), rows)
    assert max(map(len, chunks)) <= samples_module.CHUNK_ROWS


# steps


@pytest.mark.parametrize("keep_z", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_step_shows_the_gradient_of_the_parameters_before_the_update(optimizer, keep_z):
    training, samples = new_training(optimizer, keep_z=keep_z), blobs()
    theta, seen = training.parameters.theta, []
    for step in steps(training, samples, np.arange(N)):
        loss, gradient = gradient_at(training, theta, step.X, step.y)
        assert step.loss == pytest.approx(loss, rel=1e-12)
        np.testing.assert_allclose(step.gradient.theta, gradient, rtol=1e-9, atol=1e-12)
        seen.append(theta.tobytes())
    seen.append(theta.tobytes())
    assert len(set(seen)) == 8  # an update between any two steps, and one after the last


def test_the_batches_follow_the_order_and_the_last_is_shorter():
    training, samples = new_training(learning_rate=0.0), blobs()
    order = np.random.default_rng(5).permutation(N)
    seen = [(step.X.copy(), step.y.copy()) for step in steps(training, samples, order)]
    assert [len(X) for X, _ in seen] == [8] * 6 + [2]
    np.testing.assert_array_equal(np.concatenate([X for X, _ in seen]), samples.X[order])
    np.testing.assert_array_equal(np.concatenate([y for _, y in seen]), samples.y[order])


def test_a_step_shows_every_layer():
    training = new_training(keep_z=True)
    step = next(steps(training, blobs(), np.arange(N)))
    widths = [6, 5, N_CLASSES]
    for arrays in (step.workspace.z, step.workspace.a, step.workspace.deltas):
        assert [array.shape for array in arrays] == [(8, width) for width in widths]
    np.testing.assert_array_equal(step.workspace.a[0], np.maximum(step.workspace.z[0], 0))
    np.testing.assert_allclose(step.workspace.deltas[-1], (step.workspace.a[-1] - step.y) / 8)


@pytest.mark.parametrize("taken", [1, 3])
def test_breaking_off_makes_no_update(taken):
    training = new_training("adam")
    theta = training.parameters.theta
    seen = [theta.copy() for _ in itertools.islice(steps(training, blobs(), np.arange(N)), taken)]
    assert training.optimizer_state.t == taken - 1
    np.testing.assert_array_equal(theta, seen[-1])


def test_the_learning_rate_is_read_at_every_update():
    training = new_training()
    theta, moves = training.parameters.theta, []
    for step in steps(training, blobs(), np.arange(N)):
        training.learning_rate = 0.1 * len(moves)
        moves.append((theta.copy(), step.gradient.theta.copy(), training.learning_rate))
    after = [theta for theta, _, _ in moves[1:]] + [theta]
    for (before, gradient, rate), then in zip(moves, after, strict=True):
        np.testing.assert_allclose(then, before - rate * gradient, rtol=1e-12)


def test_the_batch_size_can_be_changed_between_epochs():
    training, samples = new_training(), blobs()
    for batch_size, sizes in ((8, [8] * 6 + [2]), (50, [50]), (20, [20, 20, 10]), (64, [50])):
        training.batch_size = batch_size
        assert [len(step.X) for step in steps(training, samples, np.arange(N))] == sizes


@pytest.mark.parametrize(
    ("head", "optimizer", "dtype"),
    [("softmax_cross_entropy", optimizer, np.uint8) for optimizer in OPTIMIZERS]
    + [(head, "sgd", np.float32) for head in LOSSES],
)
def test_the_hot_loop_makes_nothing_of_the_size_of_a_batch_or_of_the_parameters(
    head, optimizer, dtype, peak_growth
):
    n, n_features, batch_size, width = 2000, 800, 500, 100
    rng = np.random.default_rng(0)
    X = rng.integers(256, size=(n, n_features), dtype=np.uint8)
    if dtype != np.uint8:
        X = (X / 255).astype(dtype)
    y = np.eye(2, dtype=np.float32)[rng.integers(2, size=n)]
    samples = Samples(X, y, np.float32, divisor=255 if dtype == np.uint8 else None)
    architecture = Architecture((n_features, width, 2), (ACTIVATIONS["relu"],), LOSSES[head])
    parameters = Parameters.draw(architecture, INITIALIZERS["normal"], rng, np.float32)
    training = Training(architecture, parameters, OPTIMIZERS[optimizer], 1e-9, batch_size)
    order = rng.permutation(n)[:-100]  # 3 batches and one that is shorter

    def run(n_epochs):
        for _ in range(n_epochs):
            for step in steps(training, samples, order):
                count_hits(step.workspace.a[-1], step.y)

    run(1)
    # What is allowed: a few numbers a sample for the loss, numpy's own buffer, and at every 64th update
    # a byte a parameter for the mask of the entries that have vanished.
    allowed = 10 * batch_size * 8 + np.getbufsize() * 4 + len(parameters.theta) + 8192
    of_a_batch = batch_size * min(n_features * X.itemsize, width * 4)
    assert allowed < min(of_a_batch, parameters.theta.nbytes)
    assert peak_growth(lambda: run(16)) < allowed


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_batch_that_weighs_nothing_makes_no_step(optimizer):
    training = new_training(optimizer, alpha=0.1, max_gradient_norm=1.0)
    samples = blobs()
    samples.weight = np.ones(N)
    samples.weight[8:16] = 0
    seen = []
    for step in steps(training, samples, np.arange(24)):
        seen.append((step.counts, step.loss > 0, step.penalty > 0, step.gradient.theta.any()))
        if not step.counts:
            before = training.parameters.theta.copy()
        elif len(seen) == 3:
            np.testing.assert_array_equal(training.parameters.theta, before)
    assert seen == [(True,) * 4, (False,) * 4, (True,) * 4]
    assert training.optimizer_state.t == 2


@pytest.mark.parametrize("weightless", [slice(8, 16), slice(0, N)], ids=["a batch", "all"])
def test_an_epochs_means_are_over_the_batches_that_weigh_something(weightless):
    training, twin, samples = new_training("adam", alpha=0.1), new_training("adam", alpha=0.1), blobs()
    samples.weight = np.ones(N)
    samples.weight[weightless] = 0
    counted = [step for step in steps(twin, samples, np.arange(N)) if step.counts]
    rows = sum(len(step.y) for step in counted)
    record = next(epochs(training, samples, None, iter([np.arange(N)])))
    assert rows == np.count_nonzero(samples.weight)
    assert record.loss == pytest.approx(sum(s.loss * len(s.y) for s in counted) / max(rows, 1))
    assert record.penalty == pytest.approx(sum(s.penalty * len(s.y) for s in counted) / max(rows, 1))
    np.testing.assert_array_equal(training.parameters.theta, twin.parameters.theta)


# epochs


def test_an_epochs_record_is_what_its_steps_saw():
    training, samples, order = new_training("momentum"), blobs(), np.random.default_rng(3).permutation(N)
    twin = new_training("momentum")
    losses, hits = [], 0
    for step in steps(twin, samples, order):
        losses += [step.loss] * len(step.X)
        hits += (step.workspace.a[-1].argmax(axis=1) == step.y.argmax(axis=1)).sum()
    record = next(epochs(training, samples, None, iter([order])))
    assert record.epoch == 1
    assert record.loss == pytest.approx(np.mean(losses), rel=1e-12)
    assert record.accuracy == hits / N
    assert (record.validation_loss, record.validation_accuracy) == (None, None)
    assert 0 < record.seconds < 60
    np.testing.assert_array_equal(training.parameters.theta, twin.parameters.theta)


def test_the_validation_is_measured_after_the_epoch():
    training, samples, validation = new_training(), blobs(), blobs(seed=1)
    for record in itertools.islice(epochs(training, samples, validation, orders()), 3):
        loss, accuracy = evaluate(training.architecture, training.parameters, validation)
        assert (record.validation_loss, record.validation_accuracy) == (loss, accuracy)


def test_without_accuracy_only_losses_are_recorded():
    training = new_training(head="squared_error", learning_rate=0.01)
    record = next(epochs(training, blobs(), blobs(seed=1), orders(), accuracy=False))
    assert (record.accuracy, record.validation_accuracy) == (None, None)
    assert record.loss > 0
    assert record.validation_loss > 0


def test_epochs_end_with_the_orders_and_only_then():
    records = list(epochs(new_training(), blobs(), None, itertools.islice(orders(), 4)))
    assert [record.epoch for record in records] == [1, 2, 3, 4]
    assert [type(value) for value in (records[0].loss, records[0].accuracy)] == [float, float]


def test_shuffles_are_permutations_each_a_new_one_decided_by_the_seed():
    first, again, other = (list(itertools.islice(orders(seed, 40), 5)) for seed in (0, 0, 1))
    for order in first:
        np.testing.assert_array_equal(np.sort(order), np.arange(40))
    assert len({tuple(order) for order in first + other}) == 10
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_seed_decides_every_bit(optimizer, dtype):
    def run(seed):
        training = new_training(optimizer, seed=seed, dtype=dtype, learning_rate=0.01)
        history = History()
        train(training, blobs(dtype=dtype), None, orders(seed), history, max_epochs=5)
        return training.parameters.theta, history.column("loss")

    (theta, losses), (theta_again, losses_again), (theta_other, _) = run(1), run(1), run(2)
    assert theta.tobytes() == theta_again.tobytes()
    assert losses == losses_again
    assert not np.array_equal(theta, theta_other)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_learns(optimizer):
    training, samples, history = new_training(optimizer, learning_rate=0.01), blobs(), History()
    train(training, samples, None, orders(), history, max_epochs=60)
    losses = history.column("loss")
    assert losses[-1] < 0.7 * losses[0]
    assert history.column("accuracy")[-1] > 0.7


# predict and evaluate


@pytest.mark.parametrize("chunk_rows", [1, 7, N - 1, N, N + 1])
@pytest.mark.parametrize("head", LOSSES)
def test_chunks_give_what_one_pass_gives(head, chunk_rows, monkeypatch):
    training, samples = new_training(head=head), blobs()
    whole = forward(
        training.architecture, training.parameters, samples.X, Workspace(training.architecture, N, np.float64)
    ).copy()
    monkeypatch.setattr(samples_module, "CHUNK_ROWS", chunk_rows)
    outputs = predict(training.architecture, training.parameters, samples)
    np.testing.assert_allclose(outputs, whole, rtol=1e-12, atol=1e-14)
    loss, accuracy = evaluate(training.architecture, training.parameters, samples)
    assert loss == pytest.approx(gradient_at(training, training.parameters.theta, samples.X, samples.y)[0])
    assert accuracy == (whole.argmax(axis=1) == samples.y.argmax(axis=1)).mean()


def test_predicting_needs_no_targets_and_keeps_the_dtype():
    training = new_training(dtype=np.float32)
    outputs = predict(training.architecture, training.parameters, Samples(blobs().X, None, np.float32))
    assert outputs.dtype == np.float32
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-6)
    none = predict(training.architecture, training.parameters, Samples(np.empty((0, 4)), None, np.float32))
    assert none.shape == (0, N_CLASSES)


def test_predictions_belong_to_the_caller():
    training, samples = new_training(), blobs()
    first = predict(training.architecture, training.parameters, samples)
    kept = first.copy()
    predict(training.architecture, training.parameters, blobs(seed=2))
    np.testing.assert_array_equal(first, kept)


def test_hits_are_counted_row_by_row():
    a = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]])
    assert count_hits(a, np.eye(2)[[1, 0, 0]]) == 2


# EarlyStopping


def record(epoch, validation_loss):
    return EpochRecord(epoch, 1.0, None, validation_loss, None, 0.0)


def holding(theta):
    """Stand for a training with these parameters."""
    return SimpleNamespace(parameters=SimpleNamespace(theta=theta))


def stops_at(losses, patience):
    watch = EarlyStopping(patience)
    for epoch, loss in enumerate(losses, start=1):
        if watch.observe(record(epoch, loss), holding(np.array([float(epoch)]))):
            return epoch, watch
    return None, watch


@given(
    losses=st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, float("nan"), float("inf")]), min_size=1),
    patience=st.integers(1, 5),
)
def test_training_stops_after_exactly_patience_epochs_without_a_new_best(losses, patience):
    best, best_epoch, expected = float("inf"), None, None
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            best, best_epoch = loss, epoch
        if epoch - (best_epoch or 0) == patience:
            expected = epoch
            break
    epoch, watch = stops_at(losses, patience)
    assert epoch == expected
    assert (watch.best_loss, watch.best_epoch) == (best, best_epoch)
    assert watch.best_theta.tolist() == ([best_epoch] if best_epoch else [])


def test_early_stopping_worked_by_hand():
    losses = [0.5, 0.4, 0.45, 0.44, 0.39, 0.5, 0.5, 0.5, 0.1]
    assert [stops_at(losses, patience)[0] for patience in (1, 2, 3, 4)] == [3, 4, 8, None]


def test_any_decrease_counts_and_a_draw_does_not():
    falling = 0.5 - np.arange(50) * 1e-15
    assert stops_at(falling, patience=1)[0] is None
    assert stops_at([0.5] * 50, patience=3)[0] == 4


def test_the_best_parameters_are_a_copy():
    theta = np.array([1.0, 2.0])
    watch = EarlyStopping(2)
    watch.observe(record(1, 0.5), holding(theta))
    theta += 1
    assert watch.best_theta.tolist() == [1, 2]


# train


@pytest.fixture
def scripted(monkeypatch):
    """Return a function that makes the validation losses of the epochs to come."""

    def script(losses):
        losses = iter(losses)
        monkeypatch.setattr(module, "evaluate", lambda *args: (next(losses), 0.5))

    return script


def train_scripted(patience=None, restore_best=True, **settings):
    """Train, and return the history, theta after each epoch and theta in the end."""
    training, history, thetas = new_training(), History(), []
    train(
        training,
        blobs(),
        blobs(seed=1),
        orders(),
        history,
        watch=EarlyStopping(patience, restore_best=restore_best),
        on_epoch=lambda record: thetas.append(training.parameters.theta.copy()),
        **settings,
    )
    return history, thetas, training.parameters.theta


def test_early_stopping_ends_the_training_and_restores_the_best(scripted):
    scripted([0.5, 0.3, 0.4, 0.35, 0.31, 0.1])
    history, thetas, theta = train_scripted(max_epochs=100, patience=3)
    assert history.column("validation_loss") == [0.5, 0.3, 0.4, 0.35, 0.31]
    assert history.stopping_reason == "early stopping: the validation loss had not improved for 3 epochs"
    assert history.stopped_by is StopKind.EARLY_STOPPING
    assert history.best_epoch == 2
    np.testing.assert_array_equal(theta, thetas[1])
    assert not np.array_equal(theta, thetas[4])


def test_the_last_parameters_stay_where_the_best_are_not_wanted(scripted):
    scripted([0.5, 0.3, 0.4, 0.35])
    history, thetas, theta = train_scripted(max_epochs=100, patience=2, restore_best=False)
    assert (len(history), history.best_epoch) == (4, 2)
    np.testing.assert_array_equal(theta, thetas[3])


def test_without_patience_all_epochs_are_run_and_the_best_restored(scripted):
    scripted([0.5, 0.3] + [0.4] * 10)
    history, thetas, theta = train_scripted(max_epochs=12)
    assert len(history) == 12
    assert history.stopping_reason == "all 12 epochs were run"
    assert history.stopped_by is StopKind.EPOCHS
    assert history.best_epoch == 2
    np.testing.assert_array_equal(theta, thetas[1])


def test_the_epochs_may_be_used_up_before_the_patience(scripted):
    scripted([0.5, 0.6, 0.7])
    history, _, _ = train_scripted(max_epochs=3, patience=5)
    assert history.stopping_reason == "all 3 epochs were run"
    assert history.best_epoch == 1


def test_without_validation_data_there_is_no_best_epoch():
    training, history = new_training(), History()
    train(training, blobs(), None, orders(), history, max_epochs=3)
    assert (len(history), history.best_epoch) == (3, None)
    assert history.stopping_reason == "all 3 epochs were run"


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_validation_loss_that_is_not_finite_is_a_divergence(scripted, loss):
    scripted([0.5, loss])
    with pytest.raises(DivergedError, match=f"the validation loss became {loss} at epoch 2, step 7"):
        train_scripted(max_epochs=10)


def test_the_observer_sees_every_record_when_it_is_in_the_history():
    training, history, seen = new_training(), History(), []

    def observe(record):
        assert history.records[-1] is record
        assert (history.stopped_by, history.stopping_reason) == (None, "")
        seen.append(record)

    train(training, blobs(), None, orders(), history, max_epochs=4, on_epoch=observe)
    assert seen == history.records


def test_an_interrupt_keeps_the_history_and_the_best_parameters(scripted):
    scripted([0.5, 0.3, 0.4])
    training, history, thetas = new_training(), History(), []

    def observe(record):
        thetas.append(training.parameters.theta.copy())
        if record.epoch == 3:
            raise KeyboardInterrupt

    watch = EarlyStopping(5)
    with pytest.raises(KeyboardInterrupt):
        train(training, blobs(), blobs(), orders(), history, max_epochs=10, watch=watch, on_epoch=observe)
    assert [record.epoch for record in history.records] == [1, 2, 3]
    assert history.stopping_reason == "interrupted after 3 epochs"
    assert history.stopped_by is StopKind.INTERRUPTED
    assert history.best_epoch == 2
    np.testing.assert_array_equal(training.parameters.theta, thetas[1])


def test_an_interrupt_in_the_middle_of_an_epoch():
    def interrupt(theta):
        raise KeyboardInterrupt

    # 7 steps an epoch: the interrupt comes in the second
    training, history = new_training(Scripted(*[no_change] * 9, interrupt)), History()
    with pytest.raises(KeyboardInterrupt):
        train(training, blobs(), None, orders(), history, max_epochs=10)
    assert [record.epoch for record in history.records] == [1]
    assert history.stopping_reason.startswith("interrupted after 1 epoch")


# divergence


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
def test_a_learning_rate_far_too_high_diverges_by_name(optimizer, dtype):
    training = new_training(optimizer, dtype=dtype, head="squared_error", learning_rate=1e6)
    history = History()
    with pytest.raises(DivergedError, match=r"Lower the learning rate") as caught:
        train(training, blobs(dtype=dtype), None, orders(), history, max_epochs=100, accuracy=False)
    assert caught.value.epoch == len(history) + 1
    assert 1 <= caught.value.step <= 7
    assert 1 <= caught.value.layer <= 3
    assert f"at epoch {caught.value.epoch}, step {caught.value.step};" in str(caught.value)
    assert history.stopping_reason == f"diverged: {caught.value}"
    assert history.stopped_by is StopKind.DIVERGED


@pytest.mark.parametrize("layer", [1, 2, 3])
@pytest.mark.parametrize("part", ["weights", "biases"])
def test_the_first_broken_layer_is_named_and_no_update_made(part, layer):
    def break_layer(theta):
        getattr(training.parameters, part)[layer - 1][...] = np.nan

    training = new_training(Scripted(no_change, no_change, break_layer, no_change))
    with pytest.raises(DivergedError) as caught:
        list(steps(training, blobs(), np.arange(N), epoch=5))
    error = caught.value
    assert (error.epoch, error.step, error.layer) == (5, 4, layer)
    assert str(error).startswith("the loss became nan at epoch 5, step 4; layer")
    assert f"layer {layer} of 3 is the first" in str(error)
    assert next(training.optimizer.updates) is no_change  # the fourth was not asked for


def test_inputs_that_are_not_numbers_are_blamed_on_the_first_layer():
    samples = blobs()
    samples.X[11] = np.nan
    with pytest.raises(DivergedError, match="check that the inputs") as caught:
        list(steps(new_training(), samples, np.arange(N)))
    assert (caught.value.step, caught.value.layer) == (2, 1)


def test_a_loss_that_overflows_alone_is_blamed_on_the_last_layer():
    training = new_training(head="squared_error", dtype=np.float32)
    training.parameters.theta[...] = 0
    training.parameters.biases[-1][...] = 1e30  # finite, but not its square
    with pytest.raises(DivergedError, match="the loss became inf") as caught:
        next(steps(training, blobs(dtype=np.float32), np.arange(N)))
    assert caught.value.layer == 3
    assert np.isfinite(training.parameters.theta).all()


def test_the_last_update_of_an_epoch_is_looked_at_too():
    def break_second_layer(theta):
        training.parameters.weights[1][0, 0] = np.inf

    training = new_training(Scripted(*[no_change] * 6, break_second_layer))
    history = History()
    with pytest.raises(DivergedError) as caught:
        train(training, blobs(), blobs(seed=1), orders(), history, max_epochs=3)
    error = caught.value
    assert str(error).startswith("a parameter is not finite at epoch 1, step 7; layer 2 of 3")
    assert (error.epoch, error.step, error.layer) == (1, 7, 2)
    assert len(history) == 0


def test_after_a_divergence_the_best_parameters_are_back(scripted):
    scripted([0.5, 0.3, 0.4])
    training, history, thetas = new_training(), History(), []

    def observe(record):
        thetas.append(training.parameters.theta.copy())
        if record.epoch == 3:
            training.parameters.theta[0] = np.nan

    watch = EarlyStopping(None)
    with pytest.raises(DivergedError) as caught:
        train(training, blobs(), blobs(), orders(), history, max_epochs=10, watch=watch, on_epoch=observe)
    assert (caught.value.epoch, caught.value.step) == (4, 1)
    assert [record.epoch for record in history.records] == [1, 2, 3]
    assert history.best_epoch == 2
    assert history.stopping_reason.startswith("diverged: the loss became nan at epoch 4, step 1")
    np.testing.assert_array_equal(training.parameters.theta, thetas[1])


def test_the_error_of_a_training_travels_between_processes():
    samples = blobs()
    samples.X[0] = np.inf
    with pytest.raises(DivergedError) as caught:
        list(steps(new_training(), samples, np.arange(N), epoch=3))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)
    assert vars(copy) == vars(caught.value)


# parameters that are not updated


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_frozen_stays_bit_by_bit_and_the_rest_moves(optimizer, dtype):
    """AdamW decays weights without a gradient, and the penalty pulls at all of them."""
    training = new_training(
        optimizer, dtype=dtype, learning_rate=0.01, alpha=0.5, frozen=("W1", "b3"), max_gradient_norm=1.0
    )
    before = Parameters(training.architecture, training.parameters.theta.copy())
    for _ in epochs(training, blobs(dtype=dtype), None, islice(orders(), 3)):
        pass
    after = training.parameters
    np.testing.assert_array_equal(after.weights[0], before.weights[0])
    np.testing.assert_array_equal(after.biases[2], before.biases[2])
    moved = [*after.weights[1:], *after.biases[:2]], [*before.weights[1:], *before.biases[:2]]
    assert all((now != then).any() for now, then in zip(*moved, strict=True))


def test_what_is_not_frozen_moves_along_its_own_gradient():
    training, samples = new_training(frozen=("b1", "W2"), batch_size=N), blobs()
    theta = training.parameters.theta.copy()
    _, expected = gradient_at(training, theta, samples.X, samples.y)
    for _ in steps(training, samples, np.arange(N)):
        pass
    fixed = training.architecture.places_of(["b1", "W2"])
    expected[fixed] = 0
    np.testing.assert_allclose(training.parameters.theta, theta - 0.1 * expected, rtol=1e-12, atol=1e-15)


def test_a_frozen_gradient_does_not_count_in_the_norm():
    free, frozen = (
        new_training(batch_size=N, max_gradient_norm=0.01, frozen=names) for names in ((), ("W1", "W2"))
    )
    gradients = [training.compute_gradient(blobs(), slice(0, N)).gradient for training in (free, frozen)]
    assert [np.linalg.norm(gradient.theta) for gradient in gradients] == pytest.approx([0.01, 0.01])
    assert (np.abs(gradients[1].weights[2]) >= np.abs(gradients[0].weights[2])).all()


def test_lbfgs_leaves_what_is_frozen():
    training, history = new_training(frozen=("W2", "b1"), batch_size=N, alpha=0.1), History()
    before = Parameters(training.architecture, training.parameters.theta.copy())
    minimize_lbfgs(training, blobs(), None, history, max_iterations=20, max_evaluations=100, tolerance=1e-6)
    np.testing.assert_array_equal(training.parameters.weights[1], before.weights[1])
    np.testing.assert_array_equal(training.parameters.biases[0], before.biases[0])
    assert history.records[-1].loss < history.records[0].loss


def test_freezing_can_be_changed_and_survives_copies():
    training = new_training("adamw", frozen=("b2",))
    copied = pickle.loads(pickle.dumps(training))
    assert copied.frozen == ("b2",)
    copied.freeze(["W1", "W2", "W3", "b1", "b2", "b3"])
    before = copied.parameters.theta.copy()
    for _ in steps(copied, blobs(), np.arange(N)):
        pass
    np.testing.assert_array_equal(copied.parameters.theta, before)


def test_a_name_of_no_layer_is_refused_with_those_there_are():
    with pytest.raises(
        UnknownNameError, match=r"unknown weights or biases 'b4'.*Known: W1, W2, W3, b1, b2, b3"
    ):
        new_training(frozen=("b4",))
