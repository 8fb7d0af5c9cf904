"""A walk through a training: stopped anywhere and gone on with, it gives the numbers of `epochs`."""

import copy

import numpy as np
import pytest

from glassnet.nn import ACTIVATIONS, INITIALIZERS, LOSSES, SGD, Adam, Architecture, Parameters, Samples
from glassnet.nn.history import EpochRecord
from glassnet.nn.training import Position, Step, Training, epochs, shuffles, walk

N = 23


def make_training(optimizer=None, batch_size=5):
    rng = np.random.default_rng(1)
    architecture = Architecture((4, 6, 3), (ACTIVATIONS["tanh"],), LOSSES["softmax_cross_entropy"])
    parameters = Parameters.draw(architecture, INITIALIZERS["glorot_uniform"], rng, np.float64)
    return Training(architecture, parameters, optimizer or SGD(momentum=0.9), 0.1, batch_size, alpha=0.01)


@pytest.fixture
def samples():
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(N, 4)), np.eye(3)[rng.integers(3, size=N)]
    return Samples(X, y, np.float64)


def numbers(record):
    return [getattr(record, name) for name in ("epoch", "loss", "accuracy", "validation_loss", "penalty")]


def test_the_records_of_a_walk_are_those_of_epochs(samples):
    one, other = make_training(), make_training()
    records = epochs(one, samples, samples, shuffles(N, np.random.default_rng(0)))
    expected = [numbers(next(records)) for _ in range(3)]
    found = []
    for each in walk(other, samples, samples, shuffles(N, np.random.default_rng(0))):
        if isinstance(each, EpochRecord):
            found.append(numbers(each))
        if len(found) == 3:
            break
    assert found == expected
    assert np.array_equal(one.parameters.theta, other.parameters.theta)


@pytest.mark.parametrize("stop", [1, 3, 4, 5, 7, 9])
@pytest.mark.parametrize("optimizer", [SGD(), SGD(momentum=0.9), Adam()])
def test_a_walk_goes_on_in_the_middle_of_an_epoch(samples, stop, optimizer):
    whole = make_training(optimizer)
    records = epochs(whole, samples, None, shuffles(N, np.random.default_rng(0)))
    expected = [numbers(next(records)) for _ in range(2)]
    training, position = make_training(optimizer), Position()
    orders, found, made = shuffles(N, np.random.default_rng(0)), [], 0
    while len(found) < 2:
        for each in walk(training, samples, None, orders, position=position):
            if isinstance(each, EpochRecord):
                found.append(numbers(each))
                break
            made += 1
            if made % stop == 0 and position.rows < N:
                training.update()
                break
        position = copy.deepcopy(position)
    assert found == expected
    assert np.array_equal(training.parameters.theta, whole.parameters.theta)


def test_a_walk_goes_on_with_another_batch_size(samples):
    training, position = make_training(batch_size=5), Position()
    orders = shuffles(N, np.random.default_rng(0))
    first = next(walk(training, samples, None, orders, position=position))
    seen = len(first.y)
    training.update()
    training.batch_size = 3
    for each in walk(training, samples, None, orders, position=position):
        if not isinstance(each, Step):
            break
        seen += len(each.y)
    assert seen == N
