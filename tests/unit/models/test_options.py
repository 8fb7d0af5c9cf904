"""The options that scikit-learn does not have: each does what it says, and its default nothing."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from sklearn.utils import compute_sample_weight

from glassnet import DivergedError, MLPAutoencoder, MLPClassifier, MLPRegressor
from glassnet.errors import InvalidParameterError, UnknownNameError
from glassnet.models._settings import make_optimizer
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.optimizers import OPTIMIZERS, SGD, Adam

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def regressor(**params):
    return MLPRegressor(
        **dict[str, Any](hidden_layer_sizes=(6, 4), max_iter=5, random_state=0, batch_size=16) | params
    )


def classifier(**params):
    return MLPClassifier(
        **dict[str, Any](hidden_layer_sizes=(6,), max_iter=5, random_state=0, batch_size=16) | params
    )


def same_weights(one, other):
    return all(
        np.array_equal(a, b)
        for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True)
    )


# -- class_weight ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", ["balanced", {"ash": 3.0, "elm": 0.5, "oak": 1.0}, {"ash": 3.0}], ids=str)
@pytest.mark.parametrize("own", [False, True], ids=["alone", "with sample weights"])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_class_weights_are_sample_weights(flowers, solver, own, weight):
    X, y = flowers[0][:70], flowers[1][:70]
    sample_weight = np.random.default_rng(0).uniform(0.5, 2, 70) if own else None
    weighted = classifier(class_weight=weight, solver=solver).fit(X, y, sample_weight)
    product = compute_sample_weight(weight, y) * (sample_weight if own else 1)
    assert same_weights(weighted, classifier(solver=solver).fit(X, y, product))
    assert not same_weights(weighted, classifier(solver=solver).fit(X, y, sample_weight))


def test_a_rare_class_is_found_more_often_when_balanced():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 2)), np.repeat([0, 1], [270, 30])
    X[y == 1] += 1
    found = [
        classifier(class_weight=weight, max_iter=40, learning_rate_init=0.02)
        .fit(X, y)
        .predict(X)[y == 1]
        .mean()
        for weight in (None, "balanced")
    ]
    assert found[0] < 0.4 < 0.6 < found[1]


@pytest.mark.parametrize("own", [False, True], ids=["of classes", "of samples"])
@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_a_batch_without_weight_trains_nothing(own, alpha):
    """The four batches of a class that does not count leave what the others have trained."""
    X, y = np.random.default_rng(0).normal(size=(128, 3)), np.repeat([1, 0], 64)
    settings = {"alpha": alpha, "shuffle": False, "max_iter": 1}
    model = classifier(class_weight=None if own else {0: 0.0}, **settings)
    model.fit(X, y, sample_weight=y.astype(float) if own else None)
    alone = classifier(**settings).initialize(X, y).partial_fit(X[:64], y[:64])
    assert same_weights(model, alone)
    assert model.loss_ == pytest.approx(alone.loss_)


def test_a_new_optimiser_takes_the_parameters_that_its_fields_are_named_by(monkeypatch):
    @dataclass(frozen=True)
    class Signs(SGD):
        epsilon: float = 0.5
        shrink: float = 2.0

    monkeypatch.setitem(OPTIMIZERS, "signs", Signs())
    parameters = MLPRegressor(momentum=0, nesterovs_momentum=False, epsilon=1e-3).get_params()
    assert make_optimizer(parameters | {"solver": "signs"}) == Signs(0.0, False, 1e-3, 2.0)


@pytest.mark.parametrize("solver", OPTIMIZERS)
def test_the_parameters_set_what_a_solver_leaves_open(solver):
    parameters = MLPRegressor(
        solver=solver, momentum=0.5, nesterovs_momentum=False, beta_1=0.1, beta_2=0.2, weight_decay=0.3
    ).get_params()
    expected = {"sgd": SGD(0.5, False), "adam": Adam(0.1, 0.2), "adamw": Adam(0.1, 0.2, weight_decay=0.3)}
    assert make_optimizer(parameters) == expected.get(solver, OPTIMIZERS[solver])


# -- activations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_of_the_table_is_applied_layer_by_layer(curve, name):
    X, y = curve
    model = regressor(activation=name).fit(X, y)
    a = X
    for i in range(2):
        a = ACTIVATIONS[name].function(a @ model.coefs_[i] + model.intercepts_[i])
        np.testing.assert_allclose(model.transform(X, layer=i), a, rtol=1e-12)
        np.testing.assert_allclose(model.transform(X, layer=i - 2), a, rtol=1e-12)
    np.testing.assert_allclose(
        model.predict(X), (a @ model.coefs_[2] + model.intercepts_[2])[:, 0], rtol=1e-12
    )


def test_the_two_names_of_the_sigmoid_are_one(curve):
    assert same_weights(
        regressor(activation="logistic").fit(*curve), regressor(activation="sigmoid").fit(*curve)
    )


def test_a_pair_of_functions_is_the_activation_it_computes(curve):
    pair = (np.tanh, lambda z: 1 - np.tanh(z) ** 2)
    own, built_in = (regressor(activation=activation).fit(*curve) for activation in (pair, "tanh"))
    np.testing.assert_allclose(own.coefs_[0], built_in.coefs_[0], rtol=1e-9)


def test_an_activation_value_is_taken_as_it_is(curve):
    assert same_weights(
        regressor(activation=ACTIVATIONS["gelu"]).fit(*curve), regressor(activation="gelu").fit(*curve)
    )


def test_a_list_has_one_activation_for_each_layer(curve):
    X, y = curve
    model = regressor(activation=["tanh", (np.square, lambda z: 2 * z)]).fit(X, y)
    first = np.tanh(X @ model.coefs_[0] + model.intercepts_[0])
    np.testing.assert_allclose(model.transform(X, 0), first)
    np.testing.assert_allclose(model.transform(X), (first @ model.coefs_[1] + model.intercepts_[1]) ** 2)
    assert same_weights(
        regressor(activation=["relu", "relu"]).fit(X, y), regressor(activation="relu").fit(X, y)
    )


@pytest.mark.parametrize(
    "activation", [["tanh"], ["tanh", "relu", "relu"], ("tanh",), ["tanh", "ghost"], "ghost"]
)
def test_other_activations_are_refused(curve, activation):
    with pytest.raises(ValueError, match="activation"):
        regressor(activation=activation).fit(*curve)


@pytest.mark.parametrize("layer", [2, -3])
def test_a_layer_that_is_not_there_is_refused(curve, layer):
    with pytest.raises(InvalidParameterError, match="of 2 hidden layers"):
        regressor(max_iter=1).fit(*curve).transform(curve[0], layer)


# -- weight_init -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", INITIALIZERS)
def test_weights_begin_as_the_table_draws_them_and_biases_at_zero(curve, name):
    model = regressor(weight_init=name, solver="sgd", learning_rate_init=1e-12).fit(*curve)
    rng: Any = np.random.RandomState(0)  # as scikit-learn's
    for coef, intercept in zip(model.coefs_, model.intercepts_, strict=True):
        np.testing.assert_allclose(coef, INITIALIZERS[name](rng, *coef.shape), atol=1e-9)
        np.testing.assert_allclose(intercept, 0, atol=1e-9)


def test_weights_may_come_from_a_function(curve):
    model = regressor(weight_init=lambda rng, fan_in, fan_out: np.full((fan_in, fan_out), 0.1), max_iter=3)
    model.fit(*curve)
    for coef in model.coefs_[1:]:
        assert np.ptp(coef, axis=0).max() < 1e-12  # equal units stay equal


@pytest.mark.parametrize(
    "weight_init", ["ghost", lambda rng, fan_in, fan_out: np.zeros(3), lambda *_: np.full((3, 6), np.nan)]
)
def test_weights_that_cannot_be_are_refused(curve, weight_init):
    with pytest.raises(InvalidParameterError, match="weight_init"):
        regressor(weight_init=weight_init).fit(*curve)
    with pytest.raises(UnknownNameError):
        regressor(weight_init="ghost").fit(*curve)


# -- dropout ---------------------------------------------------------------------------------------------


def test_dropout_is_the_seeds(curve):
    first, second = (regressor(dropout=0.5).fit(*curve) for _ in range(2))
    assert same_weights(first, second)
    assert not same_weights(first, regressor(dropout=0.5, random_state=1).fit(*curve))
    assert not same_weights(first, regressor().fit(*curve))
    assert same_weights(regressor(dropout=0.0).fit(*curve), regressor().fit(*curve))


def test_answers_are_not_dropped_out(curve):
    model = regressor(dropout=0.5).fit(*curve)
    np.testing.assert_array_equal(model.predict(curve[0]), model.predict(curve[0]))


def test_a_linear_unit_with_dropout_learns_what_it_would_predict_without():
    """With identity units the loss under dropout has the fit without dropout, shrunk, as its minimum."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 2))
    y = X @ [1.0, -2.0]
    model = regressor(
        hidden_layer_sizes=(200,),
        activation="identity",
        dropout=0.2,
        max_iter=60,
        learning_rate_init=0.005,
        tol=0,
    )
    model.fit(X, y)
    assert np.corrcoef(model.predict(X), y)[0, 1] > 0.999
    assert 0.9 < np.std(model.predict(X)) / np.std(y) < 1.02


# -- solvers ---------------------------------------------------------------------------------------------


def torch_twin(model):
    torch = pytest.importorskip("torch")
    layers = []
    for coef, intercept in zip(model.coefs_, model.intercepts_, strict=True):
        linear = torch.nn.Linear(*coef.shape, dtype=torch.float64)
        linear.weight.data[...] = torch.tensor(coef.T)
        linear.bias.data[...] = torch.tensor(intercept)
        layers += [linear, torch.nn.Tanh()]
    return torch, torch.nn.Sequential(*layers[:-1])


START = {"activation": "tanh", "shuffle": False, "alpha": 0.0, "batch_size": 20, "tol": 0}


def start(**params):
    """Return an unfitted regressor, and a fitted one whose weights are its first ones to 1e-12 or so."""
    return regressor(**START | params), regressor(**START, solver="sgd", learning_rate_init=1e-15, max_iter=1)


LOSSES = {"squared_error": "mse_loss", "absolute_error": "l1_loss", "huber": "huber_loss"}


@pytest.mark.parametrize("clip", [None, 0.05])
@pytest.mark.parametrize("loss", LOSSES)
def test_adamw_losses_and_clipping_are_pytorchs(curve, loss, clip):
    X, y = curve
    y = 4 * y  # errors on both sides of 1
    model, untrained = start(
        solver="adamw", loss=loss, weight_decay=0.1, learning_rate_init=0.01, max_grad_norm=clip, epsilon=1e-9
    )
    torch, twin = torch_twin(untrained.fit(X, y))
    model.fit(X, y)
    # their epsilon is added after the bias correction: both are made too small to matter
    optimizer = torch.optim.AdamW(twin.parameters(), lr=0.01, weight_decay=0.1, eps=1e-10)
    for _ in range(5):
        for rows in range(0, 80, 20):
            batch = torch.tensor(X[rows : rows + 20]), torch.tensor(y[rows : rows + 20, np.newaxis])
            optimizer.zero_grad()
            value = getattr(torch.nn.functional, LOSSES[loss])(twin(batch[0]), batch[1])
            (value / 2 if loss == "squared_error" else value).backward()
            if clip:
                torch.nn.utils.clip_grad_norm_(twin.parameters(), clip, error_if_nonfinite=True)
            optimizer.step()
    # they divide by the norm plus 1e-6 where a gradient is clipped
    tolerance = 2e-4 if clip else 1e-5
    np.testing.assert_allclose(model.predict(X), twin(torch.tensor(X)).detach().numpy()[:, 0], atol=tolerance)


def test_adamw_without_decay_is_adam(curve):
    assert same_weights(regressor(solver="adamw", weight_decay=0.0).fit(*curve), regressor().fit(*curve))


def test_a_gradient_below_the_limit_is_left_alone(curve):
    assert same_weights(regressor(max_grad_norm=1e6).fit(*curve), regressor().fit(*curve))


def test_a_step_of_sgd_is_as_long_as_the_limit_allows(curve):
    X, y = curve
    one = {"solver": "sgd", "momentum": 0.0, "batch_size": 80, "max_iter": 1, "learning_rate_init": 0.5}
    before = regressor(**one | {"learning_rate_init": 1e-15}).fit(X, y)
    after = regressor(**one, max_grad_norm=0.01).fit(X, 100 * y)
    moved = np.concatenate(
        [
            (a - b).ravel()
            for a, b in zip(after.coefs_ + after.intercepts_, before.coefs_ + before.intercepts_, strict=True)
        ]
    )
    assert np.linalg.norm(moved) == pytest.approx(0.5 * 0.01, rel=1e-6)


def test_the_absolute_error_finds_the_median_and_hubers_loss_nearly():
    y = np.concatenate([np.full(60, 1.0), np.full(30, 3.0), np.full(10, 100.0)])
    found = {}
    for loss in ("squared_error", "absolute_error", "huber"):
        model = regressor(
            loss=loss, hidden_layer_sizes=(), alpha=0, solver="sgd", learning_rate_init=0.02, tol=0
        )
        found[loss] = (
            model.set_params(batch_size=100, momentum=0.0, max_iter=400)
            .fit(np.zeros((100, 1)), y)
            .predict([[0.0]])[0]
        )
    assert found["squared_error"] == pytest.approx(y.mean(), rel=0.1)
    assert found["absolute_error"] == pytest.approx(1.0, abs=0.05)
    assert 1.0 < found["huber"] < 2.0


@pytest.mark.parametrize("loss", LOSSES)
def test_the_loss_of_several_outputs_is_their_mean(curve, loss):
    torch = pytest.importorskip("torch")
    X, y = curve
    Y = np.column_stack([y, -3 * y])
    model = regressor(loss=loss, solver="sgd", learning_rate_init=1e-15, max_iter=1, alpha=0).fit(X, Y)
    expected = getattr(torch.nn.functional, LOSSES[loss])(
        torch.tensor(model.predict(X)), torch.tensor(Y)
    ).item()
    assert model.loss_ == pytest.approx(expected / 2 if loss == "squared_error" else expected)


# -- precision and images --------------------------------------------------------------------------------


def test_single_precision_on_request(curve):
    X, y = curve
    single = regressor(dtype="float32").fit(X, y)
    assert {array.dtype for array in single.coefs_ + single.intercepts_} == {np.dtype(np.float32)}
    assert single.predict(X).dtype == np.float32
    assert same_weights(single, regressor().fit(X.astype(np.float32), y))
    np.testing.assert_allclose(single.predict(X), regressor().fit(X, y).predict(X), rtol=1e-3, atol=1e-4)


def test_double_precision_on_request(curve):
    X, y = curve[0].astype(np.float32), curve[1]
    assert same_weights(regressor(dtype="float64").fit(X, y), regressor().fit(X.astype(np.float64), y))


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bytes_scaled_are_the_floats(flowers, dtype, early_stopping, solver):
    X = (40 * flowers[0]).clip(-100, 100).astype(int) + 100
    params = {"dtype": dtype, "early_stopping": early_stopping, "solver": solver, "validation_fraction": 0.3}
    images = classifier(scale_uint8=True, **params).fit(X.astype(np.uint8), flowers[1])
    floats = classifier(**params).fit(X.astype(dtype) / np.array(255, dtype), flowers[1])
    assert same_weights(images, floats)
    np.testing.assert_array_equal(
        images.predict_proba(X.astype(np.uint8)), floats.predict_proba(X.astype(dtype) / np.array(255, dtype))
    )


def test_without_the_option_bytes_are_what_they_are(flowers):
    X = (40 * flowers[0]).clip(-100, 100).astype(int) + 100
    one, other = (classifier().fit(X.astype(kind), flowers[1]) for kind in (np.uint8, float))
    assert same_weights(one, other)


# -- going on --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw"])
def test_kept_optimizer_state_makes_many_fits_one(curve, solver):
    params = {"solver": solver, "shuffle": False, "tol": 0, "n_iter_no_change": np.inf}
    kept, begun = (
        regressor(warm_start=True, keep_optimizer_state=keep, max_iter=3, **params) for keep in (True, False)
    )
    for model in (kept, begun):
        for _ in range(4):
            model.fit(*curve)
    long = regressor(**params)
    for _ in range(12):
        long.partial_fit(*curve)
    assert same_weights(kept, long)
    assert same_weights(kept, regressor(**params | {"max_iter": 12}).fit(*curve))
    assert not same_weights(begun, long)
    assert kept.t_ == long.t_ == 12 * 80


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_on_epoch_sees_every_epoch_and_may_stop(curve, solver):
    seen = []
    model = regressor(on_epoch=lambda record: seen.append(record), solver=solver).fit(*curve)
    assert [record.epoch for record in seen] == [1, 2, 3, 4, 5]
    assert seen == model.history_.records
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stopped = regressor(on_epoch=lambda record: record.epoch == 3, solver=solver).fit(*curve)
    assert stopped.n_iter_ == len(stopped.history_) == 3
    assert stopped.history_.stopped_by == "on_epoch"
    short = regressor(max_iter=3, solver=solver).fit(*curve)
    assert short.history_.stopped_by == {"adam": "epochs", "lbfgs": "limit"}[solver]
    assert same_weights(stopped, short)


def test_on_epoch_that_returns_something_else_goes_on(curve):
    assert regressor(on_epoch=lambda record: "stop").fit(*curve).n_iter_ == 5


def test_an_interrupt_keeps_the_model(curve):
    def interrupt(record):
        if record.epoch == 3:
            raise KeyboardInterrupt

    model = regressor(on_epoch=interrupt)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(*curve)
    assert model.n_iter_ == 3
    assert same_weights(model, regressor(max_iter=3).fit(*curve))
    assert model.history_.stopped_by == "interrupted"
    model.set_params(on_epoch=None).partial_fit(*curve)


def test_an_interrupt_with_early_stopping_keeps_the_best(flowers):
    def interrupt(record):
        if record.epoch == 12:
            raise KeyboardInterrupt

    model = classifier(early_stopping=True, on_epoch=interrupt, max_iter=50, learning_rate_init=0.3)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(*flowers, X_val=flowers[0], y_val=flowers[1])
    assert model.score(*flowers) == pytest.approx(max(model.validation_scores_))


@pytest.mark.parametrize(
    "alpha",
    [0.0, 1e-4],
)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_rate_too_high_is_reported_where_it_went_wrong(curve, activation, alpha):
    model = regressor(
        solver="sgd", learning_rate_init=1e8, activation=activation, max_iter=200, tol=0, alpha=alpha
    )
    with pytest.raises(DivergedError, match="Lower the learning rate") as caught:
        model.fit(*curve)
    assert isinstance(caught.value, ValueError)
    assert caught.value.epoch >= 1
    assert model.history_.stopped_by == "diverged"


@pytest.mark.parametrize(
    "params",
    [
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"weight_decay": -1},
        {"max_grad_norm": 0},
        {"dtype": "float16"},
        {"scale_uint8": "yes"},
        {"keep_optimizer_state": 3},
        {"on_epoch": 5},
        {"loss": "ghost"},
        {"scoring": 5},
        {"weight_init": 7},
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused(curve, params):
    with pytest.raises(ValueError, match=next(iter(params))):
        regressor(**params).fit(*curve)


def test_a_class_weight_that_cannot_be_is_refused(flowers):
    with pytest.raises(ValueError, match="class_weight"):
        classifier(class_weight="ghost").fit(*flowers)


def test_the_defaults_of_the_additions_change_nothing(flowers, curve):
    neutral: dict[str, Any] = {
        "max_grad_norm": None,
        "dtype": None,
        "weight_decay": 0.5,
        "keep_optimizer_state": True,
    }
    assert same_weights(classifier(**neutral).fit(*flowers), classifier().fit(*flowers))
    coder = MLPAutoencoder((3,), max_iter=3, random_state=0, **neutral).fit(curve[0])
    assert same_weights(coder, MLPAutoencoder((3,), max_iter=3, random_state=0).fit(curve[0]))
