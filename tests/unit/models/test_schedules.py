"""Schedules in the estimators: whole trainings against loops written out, and where t begins and ends."""

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import glassnet
from glassnet import MLPClassifier, MLPRegressor, NeuralNetwork, Stream
from glassnet.nn import OneCycle

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 3))
Y = np.sin(2 * X[:, 0]) + X[:, 1]
N_EPOCHS, BATCH = 6, 16  # the last batch of an epoch is shorter
N_STEPS = N_EPOCHS * 5

WRITTEN_OUT = {
    "cosine": lambda t: np.cos(np.pi * t / 2) ** 2,
    "flat_cos": lambda t: 1.0 if t < 0.5 else np.sin(np.pi * t) ** 2,
    "coslog4": lambda t: np.sin(np.pi * np.log(1 + 15 * t) / np.log(2)) ** 2,
    "linear_warmup": lambda t: np.interp(t, [0, 0.1, 1], [0, 1, 0]),
}
"""The same functions in other words."""


def regressor(learning_rate="cosine", **more):
    settings: dict[str, Any] = {
        "hidden_layer_sizes": (5,),
        "activation": "tanh",
        "learning_rate_init": 0.02,
        "max_iter": N_EPOCHS,
        "batch_size": BATCH,
        "tol": 0.0,
        "random_state": 0,
    }
    return MLPRegressor(learning_rate=learning_rate, **settings | more)


def rates(model):
    return model.history_.column("learning_rate")


def gradients(arrays, X, y):
    """Return those of the mean squared error with its 1/2, of one hidden layer of tanh."""
    W1, b1, W2, b2 = arrays
    a = np.tanh(X @ W1 + b1)
    error = (a @ W2 + b2 - y[:, None]) / len(X)
    back = (error @ W2.T) * (1 - a**2)
    return [X.T @ back, back.sum(axis=0), a.T @ error, error.sum(axis=0)]


@pytest.mark.parametrize("name", WRITTEN_OUT)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_whole_training_against_a_loop_written_out(solver, name):
    settings = {
        "solver": solver,
        "alpha": 0.0,
        "shuffle": False,
        "momentum": 0.8,
        "nesterovs_momentum": False,
    }
    model = regressor(name, **settings)
    model.initialize(X, Y)
    (W1, W2), (b1, b2) = model.coefs_, model.intercepts_
    arrays = [array.copy() for array in (W1, b1, W2, b2)]
    first, second = ([np.zeros_like(array) for array in arrays] for _ in range(2))
    step = 0
    for _ in range(N_EPOCHS):
        for start in range(0, len(X), BATCH):
            rate = 0.02 * WRITTEN_OUT[name](step / N_STEPS)
            step += 1
            batch = slice(start, start + BATCH)
            for i, g in enumerate(gradients(arrays, X[batch], Y[batch])):
                if solver == "sgd":
                    first[i] = 0.8 * first[i] - rate * g
                    arrays[i] += first[i]
                    continue
                first[i] = 0.9 * first[i] + 0.1 * g
                second[i] = 0.999 * second[i] + 0.001 * g**2
                corrected = rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                arrays[i] -= corrected * first[i] / (np.sqrt(second[i]) + 1e-8)
    fitted = model.fit(X, Y)
    for ours, theirs in zip(
        (*fitted.coefs_, *fitted.intercepts_), [arrays[i] for i in (0, 2, 1, 3)], strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


def test_a_whole_training_against_pytorch():
    torch = pytest.importorskip("torch")
    labels = (Y > 0).astype(int)
    model = NeuralNetwork(
        1, [5], 0.05, "tanh", epochs=4, batch_size=70, random_state=0, dtype="float64", optimizer="adamw",
        schedule=OneCycle(warmup=0.5),
    )  # fmt: skip
    model.initialize(X, labels)
    arrays = [*model.weights_, *model.biases_]
    W1, W2, b1, b2 = (torch.tensor(array.copy(), requires_grad=True) for array in arrays)
    optimizer = torch.optim.AdamW([W1, W2, b1, b2], lr=0.05, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.05, total_steps=5, pct_start=0.6, cycle_momentum=False
    )
    for _ in range(4):
        optimizer.zero_grad()
        z = torch.tanh(torch.tensor(X) @ W1 + b1) @ W2 + b2
        torch.nn.functional.cross_entropy(z, torch.tensor(labels)).backward()
        optimizer.step()
        scheduler.step()
    model.fit(X, labels, early_stopping=False)
    for ours, theirs in zip([*model.weights_, *model.biases_], (W1, W2, b1, b2), strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-5)  # of epsilon, see Adam


# -- where t begins and ends ------------------------------------------------------------------------------


def last_rates(function, n_steps, steps_of_epoch):
    """Return the rates of the last step of every epoch."""
    return [0.02 * function((i + steps_of_epoch - 1) / n_steps) for i in range(0, n_steps, steps_of_epoch)]


def fading(t):
    return 1 - t


def test_any_function_of_t_will_do():
    assert rates(regressor(fading).fit(X, Y)) == pytest.approx(last_rates(fading, 30, 5))
    network = NeuralNetwork(1, [4], 0.02, epochs=3, batch_size=14, schedule=fading, random_state=0)
    assert rates(network.fit(X, Y > 0, early_stopping=False)) == pytest.approx(last_rates(fading, 15, 5))


def test_rows_that_are_held_back_make_no_steps():
    model = regressor(fading, early_stopping=True, validation_fraction=0.2)
    assert rates(model.fit(X, Y)) == pytest.approx(last_rates(fading, 24, 4))
    network = NeuralNetwork(1, [4], 0.02, epochs=3, batch_size=14, schedule=fading, random_state=0)
    assert rates(network.fit(X, Y > 0)) == pytest.approx(last_rates(fading, 12, 4))


def test_t_is_relative_to_the_most_epochs_also_where_training_stops_early():
    model = regressor(fading, tol=10.0, n_iter_no_change=2)
    assert rates(model.fit(X, Y)) == pytest.approx(last_rates(fading, 30, 5)[:4])


def test_a_training_that_was_run_to_the_end_of_its_schedule_is_no_failure():
    with pytest.warns(ConvergenceWarning):
        regressor("constant").fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        regressor("cosine").fit(X, Y)


@pytest.mark.parametrize("keep_optimizer_state", [False, True])
def test_a_warm_start_begins_the_schedule_anew(keep_optimizer_state):
    model = regressor(fading, warm_start=True, keep_optimizer_state=keep_optimizer_state).fit(X, Y)
    assert rates(model.fit(X, Y)) == pytest.approx(last_rates(fading, 30, 5))
    model.set_params(max_iter=3, batch_size=35).fit(X, Y)
    assert rates(model) == pytest.approx(last_rates(fading, 6, 2))
    with pytest.warns(ConvergenceWarning):
        model.set_params(learning_rate="constant", max_iter=2).fit(X, Y)
    assert set(rates(model)) == {0.02}


def test_partial_fit_after_a_schedule_has_the_full_rate():
    model = regressor(fading).fit(X, Y).set_params(learning_rate="constant")
    assert rates(model.partial_fit(X, Y))[-1] == 0.02
    network = NeuralNetwork(1, [4], 0.02, epochs=3, schedule=fading, random_state=0).fit(X, Y > 0)
    network.set_params(schedule="constant").partial_fit(X, Y > 0)
    assert rates(network)[-1] == 0.02


@pytest.mark.parametrize("n_rows", [70, None])
@pytest.mark.parametrize("part", [16, 64])
def test_a_stream_is_counted_where_it_does_not_know_its_rows(n_rows, part):
    def batches():
        for start in range(0, 70, 10):
            yield X[start : start + 10], Y[start : start + 10] > 0

    stream = Stream(batches, n_rows=n_rows, rows=part)
    model = MLPClassifier((4,), learning_rate=fading, learning_rate_init=0.02, max_iter=2, batch_size=16)
    assert rates(model.fit(stream)) == pytest.approx(last_rates(fading, 10, 5))
    network = NeuralNetwork(1, [4], 0.02, epochs=2, batch_size=16, schedule=fading)
    assert rates(network.fit(stream, early_stopping=False)) == pytest.approx(last_rates(fading, 10, 5))


def test_the_step_by_hand_has_the_full_rate():
    def moved(**more):
        network = NeuralNetwork(1, [4], 0.02, random_state=0, **more).initialize(X, Y > 0)
        network.backward_propagation(X, Y > 0)
        return network.parameters_.theta

    np.testing.assert_array_equal(moved(schedule="coslog4"), moved())


# -- files and values -------------------------------------------------------------------------------------


def test_a_function_is_left_out_of_a_file_and_can_be_given_again(tmp_path):
    path = tmp_path / "model"
    for model, parameter in (
        (regressor(fading).fit(X, Y), "learning_rate"),
        (NeuralNetwork(1, [4], epochs=2, schedule=fading, random_state=0).fit(X, Y > 0), "schedule"),
    ):
        model.save(path)
        assert glassnet.load(path).get_params()[parameter] == "constant"
        again = type(model).load(path, **{parameter: fading})
        assert again.get_params()[parameter] is fading
        np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_a_value_with_settings_of_its_own_is_kept_in_a_file(tmp_path):
    model = regressor(OneCycle(warmup=0.5, start=0.5)).fit(X, Y)
    assert rates(model)[2] == pytest.approx(0.02 * (0.75 - 0.25 * np.cos(np.pi * 14 / 15)))
    model.save(tmp_path / "model")
    assert glassnet.load(tmp_path / "model").learning_rate == OneCycle(warmup=0.5, start=0.5)


@pytest.mark.parametrize("wrong", [3, None, ["cosine"], 0.5])
def test_what_is_no_schedule_is_refused(wrong):
    with pytest.raises(ValueError, match=r"learning_rate.*coslog4.*callable"):
        regressor(wrong).fit(X, Y)
    with pytest.raises(ValueError, match=r"schedule=.*constant, cosine.*function of t"):
        NeuralNetwork(1, [4], schedule=wrong).fit(X, Y > 0)


def test_a_function_that_goes_wrong_is_refused_before_training():
    model = regressor(lambda t: -t)
    with pytest.raises(ValueError, match=r"returned -0.5 for t=0.5"):
        model.fit(X, Y)
    assert not hasattr(model, "coefs_")
