"""Laws that every schedule of the table obeys, in every class that has one."""

import json
import math
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import glassnet
from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from glassnet.errors import InvalidParameterError
from glassnet.nn.history import History
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.nn.schedules import SCHEDULES

OVER_TIME = [name for name, schedule in SCHEDULES.items() if schedule.over_time]
BY_EPOCHS = [name for name in SCHEDULES if name not in OVER_TIME]
ESTIMATORS = [MLPClassifier, MLPRegressor, MLPAutoencoder]

X = np.random.default_rng(0).normal(size=(50, 3))
LABELS = (X[:, 0] > 0).astype(int)
TARGETS: dict[type, Any] = {MLPClassifier: LABELS, MLPRegressor: X[:, 0] * X[:, 1], MLPAutoencoder: None}
N_EPOCHS, BATCH = 4, 20
N_STEPS = N_EPOCHS * 3

of_all = pytest.mark.parametrize("name", SCHEDULES)
over_time = pytest.mark.parametrize("name", OVER_TIME)


def estimator(cls, name, **more):
    settings = {"learning_rate_init": 0.01, "max_iter": N_EPOCHS, "batch_size": BATCH, "random_state": 0}
    return cls(hidden_layer_sizes=(4,), learning_rate=name, **settings | more)


def network(name, **more):
    return NeuralNetwork(
        1, [4], 0.01, epochs=N_EPOCHS, batch_size=BATCH, random_state=0, schedule=name, **more
    )


def fitted(model):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of so few epochs
        if isinstance(model, NeuralNetwork):
            return model.fit(X, LABELS, early_stopping=False)
        return model.fit(X, TARGETS[type(model)])


def rates(model):
    return model.history_.column("learning_rate")


def every_model(name):
    yield from (estimator(cls, name) for cls in ESTIMATORS)
    if name in OVER_TIME:
        yield network(name)


@of_all
def test_a_factor_is_a_share_of_the_rate(name):
    factors = np.array([SCHEDULES[name](t) for t in np.linspace(0, 1, 10_001).tolist()])
    assert ((factors >= 0) & (factors <= 1)).all()
    assert factors.max() > 0.999999  # so the rate that is given is the highest


@over_time
def test_a_schedule_over_time_ends_at_nearly_nothing_and_knows_no_epochs(name):
    schedule = SCHEDULES[name]
    assert schedule(1.0) < 1e-5
    assert schedule.after_epoch(0.3, 0.1, 1000) == 0.3
    assert schedule.after_stall(0.3) is None


@pytest.mark.parametrize("name", BY_EPOCHS)
def test_a_schedule_by_epochs_is_none_over_time(name):
    assert {SCHEDULES[name](t) for t in (0.0, 0.3, 1.0)} == {1.0}


@over_time
def test_a_schedule_changes_slowly(name):
    """A step of a long training is nearly the one before it: no schedule over time jumps."""
    factors = [SCHEDULES[name](t) for t in np.linspace(0, 1, 10_001).tolist()]
    assert np.abs(np.diff(factors)).max() < 0.01


@over_time
@pytest.mark.parametrize("solver", OPTIMIZERS)
@pytest.mark.parametrize("cls", ESTIMATORS)
def test_every_estimator_and_solver_records_the_rate_of_an_epochs_last_step(cls, solver, name):
    model = fitted(estimator(cls, name, solver=solver))
    expected = [0.01 * SCHEDULES[name]((3 * epoch - 1) / N_STEPS) for epoch in range(1, N_EPOCHS + 1)]
    assert rates(model) == pytest.approx(expected, abs=1e-15)


@over_time
def test_the_network_records_it_too(name):
    expected = [0.01 * SCHEDULES[name]((3 * epoch - 1) / N_STEPS) for epoch in range(1, N_EPOCHS + 1)]
    assert rates(fitted(network(name))) == pytest.approx(expected, abs=1e-15)


@of_all
def test_a_model_is_kept_with_its_schedule(name, tmp_path):
    for model in every_model(name):
        fitted(model).save(tmp_path / "model")
        again = glassnet.load(tmp_path / "model")
        assert again.get_params() == model.get_params()
        assert rates(again) == rates(model)
        assert (again.parameters_.theta == model.parameters_.theta).all()
        for copy in (pickle.loads(pickle.dumps(model)), clone(model)):
            np.testing.assert_array_equal(fitted(copy).parameters_.theta, fitted(model).parameters_.theta)


@of_all
def test_a_value_of_the_table_does_what_its_name_does_and_is_kept_too(name, tmp_path):
    for model in every_model(name):
        parameter = "schedule" if isinstance(model, NeuralNetwork) else "learning_rate"
        value = clone(model).set_params(**{parameter: SCHEDULES[name]})
        np.testing.assert_array_equal(fitted(value).parameters_.theta, fitted(model).parameters_.theta)
        value.save(tmp_path / "model")
        assert glassnet.load(tmp_path / "model").get_params()[parameter] == SCHEDULES[name]


@of_all
def test_lbfgs_takes_the_schedules_that_scikit_learn_has_and_no_others(name):
    for cls in ESTIMATORS:
        model = estimator(cls, name, solver="lbfgs")
        if name in BY_EPOCHS:
            assert rates(fitted(model)) == [None] * len(model.history_)
            continue
        with pytest.raises(InvalidParameterError, match=r"solver='lbfgs'.*one of the solvers sgd, .*adam"):
            fitted(model)
        assert not hasattr(model, "coefs_")


@of_all
def test_partial_fit_has_no_end_for_a_schedule_over_time(name):
    calls = [
        lambda: estimator(MLPClassifier, name).partial_fit(X, LABELS, classes=[0, 1]),
        lambda: estimator(MLPRegressor, name).partial_fit(X, X[:, 0]),
        lambda: (
            fitted(estimator(MLPRegressor, "constant")).set_params(learning_rate=name).partial_fit(X, LABELS)
        ),
        lambda: estimator(MLPRegressor, name).partial_fit(glassnet.Stream.of_arrays(X, LABELS)),
    ]
    if name in OVER_TIME:
        calls.append(lambda: network(name).partial_fit(X, LABELS, classes=[0, 1]))
    for call in calls:
        if name in BY_EPOCHS:
            assert rates(call())
            continue
        with pytest.raises(
            InvalidParameterError, match=r"partial_fit knows no end of it; expected .*constant"
        ):
            call()


@pytest.mark.parametrize("name", [name for name in BY_EPOCHS if name != "constant"])
def test_the_network_has_no_rule_for_the_schedules_by_epochs(name):
    for schedule in (name, SCHEDULES[name]):
        with pytest.raises(InvalidParameterError, match=r"rule of stopping.*constant, cosine"):
            fitted(network(schedule))


@pytest.mark.parametrize("name", BY_EPOCHS)
def test_adam_knows_no_schedule_by_epochs_as_in_scikit_learn(name):
    usual, model = fitted(estimator(MLPRegressor, "constant")), fitted(estimator(MLPRegressor, name))
    np.testing.assert_array_equal(model.parameters_.theta, usual.parameters_.theta)
    assert set(rates(model)) == {0.01}


@over_time
def test_a_history_with_rates_is_json(name):
    history = fitted(estimator(MLPRegressor, name)).history_
    again = History.from_json(json.loads(json.dumps(history.to_json())))
    assert again == history
    assert all(math.isfinite(rate) for rate in again.column("learning_rate"))
