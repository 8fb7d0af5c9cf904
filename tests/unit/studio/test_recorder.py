"""A recorder: its numbers are those of `fit`, bit for bit, wherever it is stopped and gone back to."""

import copy
import warnings

import numpy as np
import pytest

from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork, Recorder
from glassnet.data import Stream
from glassnet.errors import InvalidParameterError, StreamAsArrayError, UnknownNameError
from glassnet.nn import Samples, StopKind
from glassnet.nn.training import steps

N = 150


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 5)).astype(np.float32)
    return X, (X[:, 0] * X[:, 1] > 0).astype(int) + (X[:, 2] > 1)


def network(**settings):
    usual = {"N": 2, "A": [8, 6], "lr": 0.2, "epochs": 14, "batch_size": 16, "random_state": 3}
    return NeuralNetwork(**{**usual, **settings})


NETWORKS = {
    "plain": {},
    "dropout": {"dropout": 0.3},
    "adam and penalty": {"optimizer": "adam", "lr": 0.01, "alpha": 0.1},
    "schedule": {"schedule": "flat_cos"},
    "class weights": {"class_weight": "balanced"},
    "frozen": {"frozen": ["b1", "W2"]},
    "float64": {"dtype": "float64"},
}
CLASSIFIERS = {
    "adam": {},
    "sgd": {"solver": "sgd", "momentum": 0.9, "learning_rate_init": 0.1},
    "dropout": {"dropout": 0.3},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 3, "dropout": 0.2},
    "adaptive rate": {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.3, "tol": 0.05},
    "inverse scaling": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.1},
    "no shuffling": {"shuffle": False},
    "short gradients": {"max_grad_norm": 0.1},
}


def records_of(history):
    names = (
        "epoch",
        "loss",
        "accuracy",
        "validation_loss",
        "validation_accuracy",
        "penalty",
        "learning_rate",
    )
    return [[getattr(record, name) for name in names] for record in history.records]


def check_same(model, X, y, **fit):
    """Hold a recorder that is stopped and gone back in to a plain fit."""
    fitted = copy.deepcopy(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few epochs
        fitted.fit(X, y, **fit)
    recorder = Recorder(model, X, y, every=7, **fit)
    recorder.step(3)
    third = recorder.at(3).theta
    recorder.step(20)
    later, theta = recorder.newest, recorder.at(recorder.newest).theta
    assert np.array_equal(recorder.at(3).theta, third)
    recorder.run()
    assert np.array_equal(recorder.at(later).theta, theta)
    assert np.array_equal(recorder.at(3).theta, third)
    for found in (recorder, recorder.branch(min(later, recorder.newest - 1))):
        found.run()
        assert np.array_equal(found.fitted().parameters_.theta, fitted.parameters_.theta)
        assert records_of(found.history) == records_of(fitted.history_)
        assert found.history.stopping_reason == fitted.history_.stopping_reason
        assert found.history.best_epoch == fitted.history_.best_epoch
    assert not hasattr(model, "parameters_")


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("settings", NETWORKS.values(), ids=NETWORKS)
def test_the_numbers_are_those_of_fit_for_a_network(data, settings, early_stopping):
    check_same(network(**settings), *data, early_stopping=early_stopping, patience=2)


@pytest.mark.parametrize("settings", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_the_numbers_are_those_of_fit_for_a_classifier(data, settings):
    check_same(MLPClassifier((8, 6), max_iter=20, random_state=1, batch_size=20, **settings), *data)


def test_the_numbers_are_those_of_fit_with_validation_data(data):
    X, y = data
    model = MLPClassifier((8,), max_iter=12, random_state=1, early_stopping=True)
    check_same(model, X[:100], y[:100], X_val=X[100:], y_val=y[100:])


def test_the_numbers_are_those_of_fit_for_a_regressor(data):
    X, _ = data
    check_same(
        MLPRegressor(hidden_layer_sizes=(8,), max_iter=12, random_state=1, batch_size=20),
        X,
        X[:, 0] - X[:, 1],
    )


def test_the_numbers_are_those_of_fit_for_an_autoencoder(data):
    X, _ = data
    fitted = MLPAutoencoder((3,), max_iter=8, random_state=0, batch_size=30)
    recorder = Recorder(fitted, X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = copy.deepcopy(fitted).fit(X)
    recorder.run()
    assert np.array_equal(recorder.fitted().parameters_.theta, fitted.parameters_.theta)


def test_every_step_can_be_gone_back_to(data):
    recorder = Recorder(network(dropout=0.2, epochs=4), *data, every=10, early_stopping=False)
    seen = []
    while recorder.stop is None:
        seen.append(recorder.at(recorder.newest).theta)
        recorder.step()
    order = np.random.default_rng(0).permutation(len(seen)).tolist()
    assert all(np.array_equal(recorder.at(step).theta, seen[step]) for step in order)


def test_the_rows_of_a_moment_are_those_of_its_next_step(data):
    X, y = data
    recorder = Recorder(network(), X, y, early_stopping=False)
    recorder.step(10)
    for step in (0, 4, 9):  # 10 steps are an epoch
        moment, after = recorder.at(step), recorder.at(step + 1)
        training = copy.deepcopy(recorder.training)
        training.parameters.theta[...] = moment.theta
        chosen = Samples(X[moment.rows], np.eye(3, dtype=np.float32)[y[moment.rows]], np.float32)
        list(steps(training, chosen, np.arange(len(moment.rows))))
        assert np.allclose(training.parameters.theta, after.theta, rtol=1e-5, atol=1e-7)


def test_a_branch_with_another_rate_is_the_training_written_by_hand(data):
    recorder = Recorder(network(), *data, early_stopping=False)
    recorder.step(25)
    branch = recorder.branch(13, lr=0.02)
    branch.step(20)
    by_hand = Recorder(network(), *data, early_stopping=False)
    by_hand.step(13)
    by_hand.training.learning_rate = 0.02
    by_hand.step(20)
    assert np.array_equal(branch.at(33).theta, by_hand.at(33).theta)
    assert not np.array_equal(branch.at(25).theta, recorder.at(25).theta)
    assert np.array_equal(branch.at(5).theta, recorder.at(5).theta)
    assert recorder.newest == 25


def test_a_branch_at_step_0_is_another_fit(data):
    recorder = Recorder(network(), *data, early_stopping=False)
    recorder.step(5)
    branch = recorder.branch(0, weight_init="he_normal", A=[4, 4])
    branch.run()
    fitted = network(weight_init="he_normal", A=[4, 4]).fit(*data, early_stopping=False)
    assert np.array_equal(branch.fitted().parameters_.theta, fitted.parameters_.theta)


@pytest.mark.parametrize(
    "change",
    [{"activation": "tanh"}, {"batch_size": 9}, {"alpha": 0.5}, {"optimizer": "adam"}, {"dropout": 0.5}],
)
def test_a_branch_changes_one_thing_and_goes_on(data, change):
    recorder = Recorder(network(), *data, early_stopping=False)
    recorder.step(15)
    branch = recorder.branch(12, **change)
    assert np.array_equal(branch.at(12).theta, recorder.at(12).theta)
    branch.epoch(2)
    assert len(branch.history) == 3
    assert records_of(branch.history)[:1] == records_of(recorder.history)[:1]
    assert not np.array_equal(branch.at(branch.newest).theta[:20], recorder.at(15).theta[:20])


def test_a_branch_of_a_branch_keeps_both_changes(data):
    recorder = Recorder(network(), *data, early_stopping=False)
    recorder.step(10)
    second = recorder.branch(4, lr=0.1)
    second.step(6)
    third = second.branch(8, alpha=0.3)
    third.step(1)
    assert (third.training.learning_rate, third.training.alpha) == (0.1, 0.3)
    assert np.array_equal(third.at(6).theta, second.at(6).theta)
    assert np.array_equal(third.at(2).theta, recorder.at(2).theta)


def test_what_means_other_weights_is_refused_later(data):
    recorder = Recorder(network(), *data, early_stopping=False)
    recorder.step(3)
    with pytest.raises(InvalidParameterError, match="step 0"):
        recorder.branch(2, weight_init="zero")
    with pytest.raises(UnknownNameError):
        recorder.branch(2, learning=1)
    with pytest.raises(InvalidParameterError, match="expected 0 to 3"):
        recorder.branch(4)


def test_checkpoints_are_thinned_when_memory_is_full(data):
    full = Recorder(network(epochs=30), *data, every=2, early_stopping=False)
    bound = 8 * full.nbytes
    recorder = Recorder(network(epochs=30), *data, every=2, max_bytes=bound, early_stopping=False)
    for each in (full, recorder):
        each.run()
    assert recorder.nbytes <= bound < full.nbytes
    assert recorder.every > 2
    assert recorder.kept_steps[0] == 0
    for step in (1, 77, 200, 299):
        assert np.array_equal(recorder.at(step).theta, full.at(step).theta)


def test_a_training_that_diverges_stops_and_can_be_gone_back_in(data):
    recorder = Recorder(network(lr=1e30, dropout=0.1), *data, early_stopping=False)
    recorder.run()
    assert recorder.stop.kind is StopKind.DIVERGED
    assert recorder.history.stopped_by is StopKind.DIVERGED
    assert np.isfinite(recorder.at(0).theta).all()
    recorder.at(recorder.newest)
    saved = recorder.branch(0, lr=0.1)
    saved.step(5)
    assert saved.stop is None


def test_a_pause_from_another_place_stops_after_a_step(data):
    recorder = Recorder(network(), *data, early_stopping=False)
    asked = []

    def go_on():
        asked.append(recorder.newest)
        return len(asked) < 3

    recorder.run(go_on)
    assert recorder.newest == asked[-1]
    assert recorder.stop is None


def test_a_seed_is_drawn_where_there_is_none(data):
    recorder = Recorder(network(random_state=None), *data, early_stopping=False)
    recorder.step(5)
    again = recorder.branch(0)
    again.step(5)
    assert np.array_equal(again.at(5).theta, recorder.at(5).theta)


def test_a_generator_of_the_users_is_left_alone(data):
    rng = np.random.default_rng(5)
    Recorder(network(random_state=rng), *data, early_stopping=False).step(5)
    assert rng.bit_generator.state == np.random.default_rng(5).bit_generator.state


def test_it_begins_with_given_weights(data):
    fitted = network(epochs=2).fit(*data, early_stopping=False)
    theta = fitted.parameters_.theta
    recorder = Recorder(network(), *data, theta=theta, early_stopping=False)
    recorder.step(3)
    assert np.array_equal(recorder.at(0).theta, theta)
    assert not np.shares_memory(recorder.training.parameters.theta, theta)
    with pytest.raises(InvalidParameterError, match="these data"):
        Recorder(network(A=[2, 2]), *data, theta=theta)


def test_other_data_go_on_from_the_weights_there_are(data):
    X, y = data
    recorder = Recorder(network(), X, y, early_stopping=False)
    recorder.step(13)
    other = recorder.with_data(X[:-10], y[:-10])
    assert other.newest == 13
    assert np.array_equal(other.at(13).theta, recorder.at(13).theta)
    assert np.array_equal(other.at(4).theta, recorder.at(4).theta)
    other.epoch()
    assert [record.epoch for record in other.history.records] == [1, 2]
    once_more = other.with_data(X, y).with_data(X[:-3], y[:-3])
    assert np.array_equal(once_more.at(8).theta, recorder.at(8).theta)


def test_what_has_no_steps_is_refused(data):
    X, y = data
    with pytest.raises(InvalidParameterError, match="lbfgs"):
        Recorder(MLPClassifier(solver="lbfgs"), X, y)
    with pytest.raises(InvalidParameterError, match="expected a NeuralNetwork"):
        Recorder(object(), X, y)
    with pytest.raises(StreamAsArrayError):
        Recorder(network(), Stream.of_arrays(X, y))


def test_a_branch_says_of_itself_what_its_epochs_were(data):
    model = MLPClassifier(hidden_layer_sizes=(3,), batch_size=10, max_iter=6, random_state=0)
    recorder = Recorder(model, *data)
    recorder.run()
    branched = recorder.branch(2 * recorder.steps_per_epoch + 1, alpha=1e-4)  # as it was
    branched.run()
    of_branch, of_first = branched.fitted(), recorder.fitted()
    for said in ("n_iter_", "t_", "loss_", "best_loss_"):
        assert getattr(of_branch, said) == getattr(of_first, said)


def test_a_branch_from_before_the_first_checkpoint_goes_on_with_the_rate_of_its_epoch(data):
    model = MLPClassifier(solver="sgd", learning_rate="invscaling", batch_size=10, max_iter=6, random_state=0)
    recorder = Recorder(model, *data)
    recorder.run()
    branched = recorder.branch(2 * recorder.steps_per_epoch + 1, alpha=1e-4)  # as it was
    branched.run()
    assert np.array_equal(branched.training.parameters.theta, recorder.training.parameters.theta)
