"""Rate, decay and dropout that change from step to step, in the one training loop."""

import pickle

import numpy as np
import pytest

from glassnet.errors import InvalidParameterError
from glassnet.nn import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES, SGD, Adam, Course, Dropout
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.samples import Samples
from glassnet.nn.training import Training, epochs, steps

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(30, 4)), RNG.normal(size=(30, 2))
SAMPLES = Samples(X, Y, X.dtype)
ORDER = np.arange(30)


def new_training(optimizer, course=None, **settings):
    architecture = Architecture((4, 5, 2), (ACTIVATIONS["tanh"],), LOSSES["squared_error"])
    parameters = Parameters.draw(architecture, INITIALIZERS["normal"], np.random.default_rng(0), np.float64)
    return Training(architecture, parameters, optimizer, 0.1, 10, course=course, **settings)


def theta_after(training, n_epochs=2):
    for _ in range(n_epochs):
        for _ in steps(training, SAMPLES, ORDER):
            pass
    return training.parameters.theta.copy()


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_every_update_has_the_rate_of_its_step(optimizer):
    """The same updates, with the rate set by hand before each."""
    by_hand = new_training(optimizer)
    for epoch in range(2):
        for i, _ in enumerate(steps(by_hand, SAMPLES, ORDER), start=3 * epoch):
            by_hand.learning_rate = 0.1 * (1 - i / 6) ** 2
    found = theta_after(new_training(optimizer, Course(6, rate=lambda t: (1 - t) ** 2)))
    np.testing.assert_allclose(found, by_hand.parameters.theta, rtol=1e-12)


def test_a_step_shows_the_rate_that_its_update_has():
    training = new_training(SGD(), Course(3, rate=SCHEDULES["cosine"]))
    seen = [training.rate for _ in steps(training, SAMPLES, ORDER)]
    assert seen == pytest.approx([0.1, 0.075, 0.025])
    assert training.learning_rate == 0.1


def test_after_its_end_a_course_stays_there():
    training = new_training(SGD(), Course(2, rate=lambda t: 1 - t))
    assert [training.rate for _ in steps(training, SAMPLES, ORDER)] == pytest.approx([0.1, 0.05, 0.0])
    assert [training.rate for _ in steps(training, SAMPLES, ORDER)] == [0.0, 0.0, 0.0]


def test_a_course_can_begin_anew_and_end():
    training = new_training(SGD(), Course(3, rate=lambda t: 1 - t))
    theta_after(training, 1)
    training.follow(Course(3, rate=lambda t: 1 - t))
    assert next(steps(training, SAMPLES, ORDER)) is not None
    assert training.rate == 0.1
    theta_after(training, 1)
    training.follow(None)
    assert training.rate == 0.1


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_weight_decay_has_a_schedule_of_its_own(name):
    """Adam and a decay on top of it, written out: theta <- (1 - lr lambda factor) theta before each step."""
    found = theta_after(new_training(Adam(weight_decay=0.5), Course(6, decay=SCHEDULES[name])))
    by_hand = new_training(Adam())
    for epoch in range(2):
        for i, _ in enumerate(steps(by_hand, SAMPLES, ORDER), start=3 * epoch):
            by_hand.parameters.theta *= 1 - 0.1 * 0.5 * SCHEDULES[name](i / 6)
    np.testing.assert_allclose(found, by_hand.parameters.theta, rtol=1e-12)


def test_a_decay_follows_the_rate_as_well():
    halved = Course(6, rate=lambda t: 0.5, decay=lambda t: 0.5)
    found = theta_after(new_training(Adam(weight_decay=0.5), halved))
    by_hand = new_training(Adam(weight_decay=0.25))
    by_hand.learning_rate = 0.05
    np.testing.assert_array_equal(found, theta_after(by_hand))


def test_a_decay_that_the_optimiser_has_not_cannot_be_changed():
    with pytest.raises(InvalidParameterError, match=r"weight decay of SGD.*Adam\(weight_decay"):
        new_training(SGD(), Course(6, decay=SCHEDULES["cosine"]))
    with pytest.raises(InvalidParameterError, match="weight decay of SGD"):
        new_training(SGD()).follow(Course(6, decay=lambda t: 1 - t))


def shares_dropped(course):
    training = new_training(SGD(), course, dropout=Dropout(0.5, np.random.default_rng(0)))
    wide = Samples(np.tile(X, (100, 1)), np.tile(Y, (100, 1)), X.dtype)
    training.batch_size = 1000
    return [float((step.workspace.masks[0] == 0).mean()) for step in steps(training, wide, np.arange(3000))]


def test_dropout_has_a_schedule_of_its_own():
    assert shares_dropped(None) == pytest.approx([0.5] * 3, abs=0.03)
    found = shares_dropped(Course(3, dropout=lambda t: (1, 0.4, 0)[round(3 * t)]))
    assert found == pytest.approx([0.5, 0.2, 0], abs=0.03)
    assert found[2] == 0


def test_a_course_of_no_change_changes_no_bit():
    for optimizer in (SGD(momentum=0.9), Adam(weight_decay=0.1)):
        np.testing.assert_array_equal(
            theta_after(new_training(optimizer, Course(6))), theta_after(new_training(optimizer))
        )


def test_an_epoch_records_the_rate_of_its_last_step():
    training = new_training(SGD(), Course(6, rate=lambda t: 1 - t))
    records = epochs(training, SAMPLES, None, iter([ORDER, ORDER]), accuracy=False)
    assert [record.learning_rate for record in records] == pytest.approx([0.1 * 4 / 6, 0.1 / 6])


def test_a_pickled_training_has_no_course():
    training = new_training(SGD(), Course(6, rate=lambda t: 1 - t))
    theta_after(training, 1)
    again = pickle.loads(pickle.dumps(training))
    assert (again.course, again.rate) == (None, 0.1)
    np.testing.assert_array_equal(again.parameters.theta, training.parameters.theta)
