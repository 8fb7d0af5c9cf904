"""MLPClassifier and MLPRegressor against scikit-learn's: the same parameters and seed, the same model."""

import inspect
import warnings
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn import neural_network
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

import glassnet
from glassnet.errors import InvalidDataError

SOLVERS = ("lbfgs", "sgd", "adam")
STOCHASTIC = SOLVERS[1:]
ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
TASKS = ("binary", "multiclass", "multilabel", "single", "multioutput", "poisson")
CLASSIFICATION = TASKS[:3]
CURVES = ("loss_curve_", "validation_scores_")
NUMBERS = ("loss_", "best_loss_", "best_validation_score_")
EXACT = ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_")

GENTLE = {"alpha": 3.0, "max_iter": 6}
"""Keeps L-BFGS from trying weights so large that scikit-learn's loss is cut off; see the end of the file."""

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore:.*iprint:DeprecationWarning",  # an older scikit-learn says so to a newer SciPy
)


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


def data(task, n=60, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5))
    z = X @ rng.normal(size=(5, 3)) + 0.3 * rng.normal(size=(n, 3))
    y = {
        "binary": z[:, 0] > 0,
        "multiclass": np.array([10, 30, 20])[z.argmax(axis=1)],
        "multilabel": (z > 0).astype(int),
        "single": z[:, 0],
        "multioutput": z,
        "poisson": rng.poisson(np.exp(0.3 * z[:, 0])),
    }[task]
    return X, y


def make_pair(task, **params):
    """Return the two estimators with the same parameters, small and quick unless they say otherwise."""
    params = {"hidden_layer_sizes": (7, 4), "max_iter": 12, "random_state": 3} | params
    if params.get("solver") == "lbfgs":
        params = GENTLE | params
    name = "MLPClassifier" if task in CLASSIFICATION else "MLPRegressor"
    if task == "poisson":
        params["loss"] = "poisson"
    return getattr(glassnet, name)(**params), getattr(neural_network, name)(**params)


def fit_pair(task, *args, X=None, y=None, **params):
    """Return the two estimators, fitted, and the inputs they were fitted to."""
    whole = data(task)
    X, y = whole[0] if X is None else X, whole[1] if y is None else y
    ours, theirs = make_pair(task, **params)
    return ours.fit(X, y, *args), theirs.fit(X, y, *args), X


def assert_same(ours, theirs, X, rtol=1e-6):
    """Check every learned attribute and every answer; `rtol` is relative to the largest value of an array."""
    for name in EXACT:
        assert getattr(ours, name) == getattr(theirs, name), name
    for name in CURVES + NUMBERS:
        assert hasattr(ours, name) == hasattr(theirs, name), name
        if hasattr(theirs, name):
            expected, got = getattr(theirs, name), getattr(ours, name)
            assert (got is None) == (expected is None), name
            if expected is not None:
                np.testing.assert_allclose(got, expected, rtol=rtol, err_msg=name)
    for name in ("coefs_", "intercepts_"):
        assert len(getattr(ours, name)) == len(getattr(theirs, name))
        for got, expected in zip(getattr(ours, name), getattr(theirs, name), strict=True):
            assert got.dtype == expected.dtype
            close(got, expected, rtol)
    answers = ["predict"] if hasattr(theirs, "loss") and theirs.loss != "log_loss" else []
    for name in answers or ["predict_proba", "predict_log_proba"]:
        with np.errstate(divide="ignore"):  # both take the logarithm of a probability that is 0
            close(getattr(ours, name)(X), getattr(theirs, name)(X), rtol)
    if not answers:
        np.testing.assert_array_equal(ours.classes_, theirs.classes_)
        assert ours.classes_.dtype == theirs.classes_.dtype
        predicted = theirs.predict(X)
        assert (ours.predict(X) == predicted).mean() > (0.999 if rtol < 1e-5 else 0.9)
        assert ours.predict(X).dtype == predicted.dtype


def close(got, expected, rtol):
    assert got.shape == expected.shape
    largest = np.abs(expected[np.isfinite(expected)]).max()
    np.testing.assert_allclose(got, expected, rtol=0, atol=rtol * largest)


# -- the models ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_the_fitted_model_is_scikit_learns(solver, activation, task):
    if (solver, task) == ("lbfgs", "multioutput"):
        pytest.skip("the one case that is meant to differ; it has its own test below")
    rate = {"learning_rate_init": 0.01} if solver == "adam" else {"learning_rate_init": 0.02}
    ours, theirs, X = fit_pair(task, solver=solver, activation=activation, batch_size=16, **rate)
    assert_same(ours, theirs, X)
    y = data(task)[1]
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y), abs=1e-6)


OPTIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "wide": {"hidden_layer_sizes": 9},
    "list of sizes": {"hidden_layer_sizes": [6, 3]},
    "array of sizes": {"hidden_layer_sizes": np.array([6, 3])},
    "no hidden layer": {"hidden_layer_sizes": ()},
    "three hidden layers": {"hidden_layer_sizes": (5, 4, 3)},
    "one sample a batch": {"batch_size": 1, "max_iter": 3},
    "uneven batches": {"batch_size": 7},
    "one batch": {"batch_size": 60},
    "in order": {"shuffle": False, "batch_size": 16},
    "no penalty": {"alpha": 0},
    "strong penalty": {"alpha": 3.0, "batch_size": 16},
    "patience 1": {"n_iter_no_change": 1, "tol": 0.05, "max_iter": 60},
    "patience 3, tol 0": {"n_iter_no_change": 3, "tol": 0, "max_iter": 40, "learning_rate_init": 0.3},
    "endless patience": {"n_iter_no_change": np.inf, "tol": 1e9, "max_iter": 20},
    "early stopping": {"early_stopping": True, "validation_fraction": 0.3, "max_iter": 30},
    "early stopping, ties count": {
        "early_stopping": True,
        "validation_fraction": 0.3,
        "tol": 0,
        "n_iter_no_change": 2,
        "max_iter": 60,
    },
    "early stopping, patience 2": {
        "early_stopping": True,
        "validation_fraction": 0.25,
        "n_iter_no_change": 2,
        "max_iter": 80,
        "batch_size": 10,
        "learning_rate_init": 0.02,
    },
}
FOR_SGD: dict[str, dict[str, Any]] = {
    "no momentum": {"momentum": 0.0},
    "momentum 1": {"momentum": 1.0, "learning_rate_init": 0.001},
    "plain momentum": {"nesterovs_momentum": False, "momentum": 0.7},
    "invscaling": {"learning_rate": "invscaling", "learning_rate_init": 0.5, "batch_size": 16},
    "invscaling, power 0.1": {"learning_rate": "invscaling", "power_t": 0.1, "batch_size": 16},
    "adaptive": {"learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 1, "max_iter": 80},
    "adaptive, early stopping": {
        "learning_rate": "adaptive",
        "early_stopping": True,
        "n_iter_no_change": 1,
        "max_iter": 80,
        "validation_fraction": 0.3,
        "learning_rate_init": 0.1,
    },
}
FOR_ADAM: dict[str, dict[str, Any]] = {
    "other moments": {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3},
    "no moments": {"beta_1": 0.0, "beta_2": 0.0, "epsilon": 0.1},
}
FOR_LBFGS: dict[str, dict[str, Any]] = {
    "few evaluations": {"max_fun": 5},
    "coarse": {"tol": 0.03, "max_iter": 100},
    "strong penalty": {"alpha": 6.0},
    "early stopping is passed over": {"early_stopping": True},
}
CASES = [(solver, name, options) for solver in STOCHASTIC for name, options in OPTIONS.items()]
for solver, table in (("sgd", FOR_SGD), ("adam", FOR_ADAM), ("lbfgs", FOR_LBFGS)):
    CASES += [(solver, name, options) for name, options in table.items()]


@pytest.mark.parametrize("task", ["binary", "multiclass", "single", "multioutput"])
@pytest.mark.parametrize(
    ("solver", "options"), [pytest.param(s, o, id=f"{s}, {name}") for s, name, o in CASES]
)
def test_every_option_does_what_it_does_there(solver, options, task):
    if (solver, task) == ("lbfgs", "multioutput"):
        pytest.skip("the one case that is meant to differ; it has its own test below")
    rate = {"learning_rate_init": 0.01} if solver == "adam" else {"learning_rate_init": 0.02}
    ours, theirs, X = fit_pair(task, solver=solver, **rate | options)
    assert_same(ours, theirs, X)


@pytest.mark.parametrize("task", ["multilabel", "poisson"])
@pytest.mark.parametrize("solver", STOCHASTIC)
@pytest.mark.parametrize("name", ["early stopping", "early stopping, patience 2", "uneven batches"])
def test_the_other_tasks_stop_early_alike(name, solver, task):
    ours, theirs, X = fit_pair(task, solver=solver, **{"learning_rate_init": 0.01} | OPTIONS[name])
    assert_same(ours, theirs, X)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_sample_weights_count_alike(solver, task):
    if (solver, task) == ("lbfgs", "multioutput"):
        pytest.skip("the one case that is meant to differ; it has its own test below")
    weight = np.random.default_rng(1).uniform(0.1, 3, 60)
    ours, theirs, X = fit_pair(task, weight, solver=solver, batch_size=16, alpha=0.8)
    assert_same(ours, theirs, X)
    y = data(task)[1]
    assert ours.score(X, y, weight) == pytest.approx(theirs.score(X, y, weight), abs=1e-6)


@pytest.mark.parametrize("task", ["binary", "multiclass", "single", "multioutput"])
def test_sample_weights_count_in_the_validation_score_too(task):
    weight = np.random.default_rng(1).uniform(0.1, 3, 60)
    ours, theirs, X = fit_pair(task, weight, early_stopping=True, validation_fraction=0.3, max_iter=25)
    assert_same(ours, theirs, X)


@pytest.mark.parametrize("form", ["csr", "csc", "csr_array", "csc_array"])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_sparse_inputs(early_stopping, solver, form):
    dense = np.where(np.abs(data("multiclass")[0]) < 0.8, 0, data("multiclass")[0])
    X = getattr(sparse, form if form.endswith("array") else f"{form}_matrix")(dense)
    ours, theirs, _ = fit_pair(
        "multiclass",
        X=X,
        solver=solver,
        batch_size=16,
        early_stopping=early_stopping,
        validation_fraction=0.3,
    )
    assert_same(ours, theirs, X)
    close(ours.predict_proba(X), ours.predict_proba(dense), 1e-12)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("solver", STOCHASTIC)
def test_single_precision(solver, task):
    X = data(task)[0].astype(np.float32)
    ours, theirs, X = fit_pair(task, X=X, solver=solver, batch_size=16, max_iter=5)
    assert_same(ours, theirs, X, rtol=2e-4)
    assert ours.coefs_[0].dtype == np.float32


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, bool, object])
def test_other_kinds_of_numbers_are_taken_as_double_precision(dtype):
    X = (data("multiclass")[0] * 2 + 5).clip(0, 12).astype(np.int64).astype(dtype)
    ours, theirs, X = fit_pair("multiclass", X=X, early_stopping=True, validation_fraction=0.3)
    assert_same(ours, theirs, X)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("layout", ["whole", "every second column", "reversed"])
def test_memory_layout_does_not_matter(layout, order):
    X = np.asarray(np.random.default_rng(0).normal(size=(60, 10)), order=order)
    X = {"whole": X[:, :5], "every second column": X[:, ::2], "reversed": X[::-1, :5]}[layout]
    ours, theirs, X = fit_pair("multiclass", X=X)
    assert_same(ours, theirs, X)


# -- seeds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_random_state_instance_is_used_up_alike(solver):
    X, y = data("multiclass")
    ours, theirs = make_pair("multiclass", solver=solver)
    states = np.random.RandomState(5), np.random.RandomState(5)
    for model, state in zip((ours, theirs), states, strict=True):
        model.set_params(random_state=state).fit(X, y)
    assert_same(ours, theirs, X)
    for model in (ours, theirs):
        model.fit(X, y)
    assert_same(ours, theirs, X)
    assert states[0].randint(2**31) == states[1].randint(2**31)


def test_no_random_state_takes_the_global_one():
    X, y = data("multiclass")
    ours, theirs = make_pair("multiclass", random_state=None)
    kept = np.random.get_state()  # noqa: NPY002
    try:
        for model in (ours, theirs):
            np.random.seed(11)  # noqa: NPY002
            model.fit(X, y)
    finally:
        np.random.set_state(kept)  # noqa: NPY002
    assert_same(ours, theirs, X)


# -- training that goes on -------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("solver", STOCHASTIC)
def test_partial_fit_call_by_call(solver, task):
    X, y = data(task)
    ours, theirs = make_pair(task, solver=solver, batch_size=8)
    classes = {"classes": np.arange(3) if task == "multilabel" else np.unique(y)}
    for call, rows in enumerate((slice(0, 30), slice(30, 60), slice(0, 11), slice(0, 60), slice(5, 60))):
        for model in (ours, theirs):
            model.partial_fit(X[rows], y[rows], **classes if task in CLASSIFICATION and call == 0 else {})
        assert_same(ours, theirs, X)


@pytest.mark.parametrize("schedule", ["constant", "invscaling", "adaptive"])
def test_partial_fit_with_schedules_and_weights(schedule):
    X, y = data("single")
    weight = np.random.default_rng(1).uniform(0.1, 3, 60)
    ours, theirs = make_pair(
        "single",
        solver="sgd",
        learning_rate=schedule,
        learning_rate_init=0.1,
        n_iter_no_change=2,
        tol=0.05,
        batch_size=16,
    )
    for _ in range(12):
        for model in (ours, theirs):
            model.partial_fit(X, y, weight)
        assert_same(ours, theirs, X)


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_partial_fit_goes_on_from_fit(solver):
    X, y = data("multiclass")
    ours, theirs = make_pair("multiclass", solver=solver, batch_size=16)
    for model in (ours, theirs):
        model.fit(X, y).partial_fit(X, y).partial_fit(X[:20], y[:20])
    assert_same(ours, theirs, X)


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_fit_after_partial_fit_begins_anew(solver):
    X, y = data("multiclass")
    ours, theirs = make_pair("multiclass", solver=solver)
    for model in (ours, theirs):
        model.partial_fit(X, y, classes=np.unique(y)).fit(X, y)
    assert_same(ours, theirs, X)


@pytest.mark.parametrize(
    "change",
    [{"learning_rate_init": 0.3}, {"power_t": 2.0}, {"learning_rate": "constant"}, {"momentum": 0.1}],
)
def test_the_optimiser_of_partial_fit_keeps_its_settings(change):
    X, y = data("single")
    ours, theirs = make_pair(
        "single", solver="sgd", learning_rate="invscaling", learning_rate_init=0.05, batch_size=16
    )
    for model in (ours, theirs):
        model.partial_fit(X, y).set_params(**change)
        for _ in range(3):
            model.partial_fit(X, y)
    assert_same(ours, theirs, X)


def test_a_changed_penalty_is_heeded_by_partial_fit():
    X, y = data("single")
    ours, theirs = make_pair("single")
    for model in (ours, theirs):
        model.partial_fit(X, y).set_params(alpha=10.0).partial_fit(X, y)
    assert_same(ours, theirs, X)


@pytest.mark.parametrize("task", ["multiclass", "single"])
@pytest.mark.parametrize("solver", SOLVERS)
def test_warm_start_goes_on(solver, task):
    X, y = data(task)
    ours, theirs = make_pair(task, solver=solver, warm_start=True, batch_size=16)
    for max_iter in (5, 3, 8):
        for model in (ours, theirs):
            model.set_params(max_iter=max_iter).fit(X, y)
        assert_same(ours, theirs, X)


@pytest.mark.parametrize("schedule", ["invscaling", "adaptive"])
def test_warm_start_with_schedules(schedule):
    X, y = data("single")
    ours, theirs = make_pair(
        "single", solver="sgd", warm_start=True, learning_rate=schedule, n_iter_no_change=1, tol=0.02
    )
    for _ in range(3):
        for model in (ours, theirs):
            model.fit(X, y)
        assert_same(ours, theirs, X)


@pytest.mark.parametrize(
    ("begin", "change"),
    [
        pytest.param({"tol": 0.01}, {"tol": 0.5}),
        pytest.param(
            {"tol": 10.0, "n_iter_no_change": 30},
            {"n_iter_no_change": 25},
        ),
        ({}, {"alpha": 5.0}),
        ({}, {"learning_rate_init": 0.1}),
        ({}, {"batch_size": 9}),
    ],
    ids=str,
)
def test_a_changed_parameter_is_heeded_by_a_warm_start(begin, change):
    X, y = data("single")
    ours, theirs = make_pair(
        "single", **{"warm_start": True, "learning_rate_init": 0.01, "max_iter": 20} | begin
    )
    for model in (ours, theirs):
        model.fit(X, y).set_params(**change).fit(X, y)
    assert_same(ours, theirs, X)


def test_warm_start_with_early_stopping_while_the_score_improves():
    X, y = data("single", n=120)
    ours, theirs = make_pair(
        "single", warm_start=True, early_stopping=True, max_iter=4, learning_rate_init=0.01
    )
    for _ in range(3):
        for model in (ours, theirs):
            model.fit(X, y)
        assert_same(ours, theirs, X)
        assert ours.validation_scores_[-1] == ours.best_validation_score_


def test_a_second_fit_that_improves_nothing_keeps_the_best_weights():
    """What scikit-learn keeps as the best are the very arrays that its next warm start trains on."""
    X, y = data("single", n=120)
    ours, theirs = make_pair("single", warm_start=True, early_stopping=True, max_iter=60)
    for model in (ours, theirs):
        model.fit(X, y)
    best = [coef.copy() for coef in ours.coefs_]
    for model in (ours, theirs):
        model.set_params(learning_rate_init=1.0, max_iter=3).fit(X, y)
    assert max(ours.validation_scores_[-3:]) < ours.best_validation_score_
    for got, expected in zip(ours.coefs_, best, strict=True):
        np.testing.assert_array_equal(got, expected)
    assert not np.allclose(theirs.coefs_[0], best[0])


def test_from_adam_to_lbfgs():
    X, y = data("single")
    ours, theirs = make_pair("single", warm_start=True)
    for model in (ours, theirs):
        model.fit(X, y).set_params(solver="lbfgs", max_iter=30).fit(X, y)
    assert_same(ours, theirs, X)


def test_lbfgs_at_the_optimum_already():
    X, y = data("single")
    ours, theirs = make_pair("single", solver="lbfgs", warm_start=True, tol=10.0)
    for model in (ours, theirs):
        model.fit(X, y).fit(X, y)
    assert theirs.n_iter_ == 0
    assert_same(ours, theirs, X)


# -- frames, labels, words -------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_data_frames(early_stopping, library):
    frames = pytest.importorskip(library)
    X, y = data("multiclass")
    X = frames.DataFrame({name: X[:, i] for i, name in enumerate("abcde")})
    ours, theirs, X = fit_pair(
        "multiclass", X=X, y=frames.Series(y), early_stopping=early_stopping, validation_fraction=0.3
    )
    assert_same(ours, theirs, X)
    np.testing.assert_array_equal(ours.feature_names_in_, theirs.feature_names_in_)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        ours.predict(np.asarray(X))
    with pytest.raises(ValueError, match="feature names should match"):
        ours.predict(X[["b", "a", "c", "d", "e"]])


@pytest.mark.parametrize(
    "labels",
    [[0, 1], [-1, 1], [1.0, 2.0], [False, True], ["no", "yes"], [3, 1, 2], [0.0, 1.0, 2.0], ["c", "a", "b"]],
    ids=str,
)
@pytest.mark.parametrize("kind", ["array", "list", "object", "column"])
def test_labels_of_every_kind(kind, labels):
    X, y = data("multiclass")
    if kind == "object" and not isinstance(labels[0], str):
        pytest.skip("scikit-learn takes objects for labels where they are text")
    y = np.array(labels)[np.unique(y, return_inverse=True)[1] % len(labels)]
    y = {"array": y, "list": y.tolist(), "object": y.astype(object), "column": y[:, np.newaxis]}[kind]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="A column-vector y was passed")
        ours, theirs, X = fit_pair("multiclass", y=y, max_iter=3)
    assert_same(ours, theirs, X)


def test_single_class_data_are_taken_as_scikit_learn_takes_them():
    X = data("binary")[0]
    ours, theirs, _ = fit_pair("binary", y=np.ones(60, int))
    assert_same(ours, theirs, X)


@pytest.mark.parametrize("random_state", range(4))
@pytest.mark.parametrize("label", [0, 1])
def test_the_only_class_there_is_is_always_the_answer(label, random_state):
    X, y = data("binary")[0], np.full(60, label)
    options = {
        "early_stopping": True,
        "validation_fraction": 0.3,
        "max_iter": 3,
        "random_state": random_state,
    }
    ours, theirs, _ = fit_pair("binary", y=y, **options)
    assert_same(ours, theirs, X)
    assert ours.validation_scores_ == [1.0] * 3


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("value", [2, -1, 1.0])
def test_several_labels_are_whatever_is_not_zero(value, solver):
    y = data("multilabel")[1]
    ours, theirs, X = fit_pair("multilabel", y=y * value, solver=solver, max_iter=4)
    assert_same(ours, theirs, X)


@pytest.mark.parametrize("solver", SOLVERS)
def test_poissons_loss_is_the_sum_over_outputs(solver):
    y = np.random.default_rng(0).poisson(np.exp(0.3 * data("multioutput")[1]))
    ours, theirs, X = fit_pair("poisson", y=y, solver=solver)
    assert_same(ours, theirs, X)


@pytest.mark.parametrize("task", ["binary", "single"])
def test_a_batch_size_above_the_samples_is_cut_with_a_warning(task):
    X, y = data(task)
    ours, theirs = make_pair(task, batch_size=61)
    for model in (ours, theirs):
        with pytest.warns(UserWarning, match="It is going to be clipped"):
            model.fit(X, y)
    assert_same(ours, theirs, X)


def test_training_that_has_not_converged_warns_in_the_same_words():
    X, y = data("binary")
    ours, theirs = make_pair("binary", max_iter=2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        theirs.fit(X, y)
        ours.fit(X, y)
    assert [warning.category for warning in caught] == [ConvergenceWarning] * 2
    assert str(caught[0].message) == str(caught[1].message)


def test_a_warning_points_at_the_line_that_called_fit():
    X, y = data("binary")
    with pytest.warns(ConvergenceWarning) as caught:
        make_pair("binary", max_iter=2)[0].fit(X, y)
    assert caught[0].filename == __file__


PRINTED: dict[str, dict[str, Any]] = {
    "plain": {},
    "early stopping": {"early_stopping": True},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 1},
    "adaptive, to the end": {
        "solver": "sgd",
        "learning_rate": "adaptive",
        "learning_rate_init": 2e-6,
        "n_iter_no_change": 1,
    },
}


@pytest.mark.parametrize("options", PRINTED.values(), ids=PRINTED)
def test_verbose_prints_the_same_lines(capsys, options):
    X, y = data("binary")
    ours, theirs = make_pair("binary", verbose=True, **{"max_iter": 60, "tol": 0.1} | options)
    ours.fit(X, y)
    got = capsys.readouterr().out
    theirs.fit(X, y)
    expected = capsys.readouterr().out
    assert got.splitlines() == expected.splitlines()


# -- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "params",
    [
        {"hidden_layer_sizes": -1},
        {"hidden_layer_sizes": (5, 0)},
        {"hidden_layer_sizes": (5, -2)},
        {"activation": "ghost"},
        {"solver": "ghost"},
        {"alpha": -1},
        {"batch_size": 0},
        {"learning_rate": "ghost"},
        {"learning_rate_init": 0},
        {"power_t": -0.1},
        {"max_iter": 0},
        {"shuffle": "yes"},
        {"tol": -1.0},
        {"momentum": 2},
        {"early_stopping": 3},
        {"validation_fraction": 1.0},
        {"early_stopping": True, "validation_fraction": 0.01},
        {"beta_1": 1.0},
        {"beta_2": -0.5},
        {"epsilon": 0},
        {"n_iter_no_change": 0},
        {"max_fun": 0},
    ],
    ids=str,
)
@pytest.mark.parametrize("task", ["binary", "single"])
def test_what_scikit_learn_refuses_is_refused(task, params):
    X, y = data(task)
    for model in make_pair(task, **params):
        with pytest.raises(ValueError):  # noqa: PT011 - the words are each library's own
            model.fit(X, y)


@pytest.mark.parametrize("task", ["binary", "single"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(bad, task):
    X, y = data(task)
    spoilt = X.copy()
    spoilt[3, 2] = bad
    for model in make_pair(task):
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            model.fit(spoilt, y)
        model.fit(X, y)
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            model.predict(spoilt)


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_weights_that_overflow_are_reported_as_a_value_error(solver):
    X, y = data("single")
    for model in make_pair("single", solver=solver, learning_rate_init=1e6, activation="identity"):
        with np.errstate(all="ignore"), pytest.raises(ValueError, match=r"finite|inf|nan"):
            model.fit(X * 1e200, y * 1e200)


def test_partial_fit_exists_for_the_same_solvers():
    for solver in SOLVERS:
        ours, theirs = make_pair("binary", solver=solver)
        assert hasattr(ours, "partial_fit") == hasattr(theirs, "partial_fit")


def test_partial_fit_knows_its_classes():
    X, y = data("binary")
    for model in make_pair("binary"):
        with pytest.raises(ValueError, match="classes must be passed"):
            model.partial_fit(X, y)
        model.partial_fit(X, y, classes=[False, True])
        with pytest.raises(ValueError, match="has classes not in"):
            model.partial_fit(X, y.astype(int) + 5)
        with pytest.raises(ValueError, match="is not the same as on last call"):
            model.partial_fit(X, y, classes=[1, 2, 3])


@pytest.mark.parametrize(("first", "later"), [(1, 2), (2, 1), (3, 2)])
@pytest.mark.parametrize("method", ["partial_fit", "fit"])
def test_later_targets_have_as_many_outputs(method, first, later):
    """NumPy would repeat a single column, as it does there."""
    X, y = data("multioutput")
    of_first, of_later = (np.squeeze(y[:, :n]) for n in (first, later))
    ours, _ = make_pair("multioutput", warm_start=True)
    ours.fit(X, of_first)
    before = ours.parameters_.theta.copy()
    with pytest.raises(InvalidDataError, match=f"{later} outputs a sample; .* made for {first}"):
        getattr(ours, method)(X, of_later)
    with pytest.raises(InvalidDataError, match="y_val with"):
        ours.fit(X, of_first, X_val=X, y_val=of_later)
    np.testing.assert_array_equal(ours.parameters_.theta, before)


def test_rows_of_several_labels_are_refused_by_a_network_of_single_ones():
    X, y = data("multiclass")
    for model in make_pair("multiclass"):
        model.partial_fit(X, y, classes=[10, 20, 30])
        with pytest.raises(ValueError, match=r"fitted|several labels|classes"):
            model.partial_fit(X, data("multilabel")[1])
    ours = make_pair("multiclass")[0].partial_fit(
        X, np.argmax(data("multilabel")[1], axis=1), classes=[0, 1, 2]
    )
    with pytest.raises(InvalidDataError, match="rows of several labels"):
        ours.partial_fit(X, data("multilabel")[1])


@pytest.mark.parametrize("task", ["binary", "multilabel", "single"])
def test_too_few_rows_to_hold_some_back(task):
    X, y = data(task)
    for model in make_pair(task, early_stopping=True):
        with pytest.raises(ValueError, match=r"will be empty|too small|class"):
            model.fit(X[:1], y[:1])


def test_a_warm_start_needs_the_same_classes():
    X, y = data("multiclass")
    for model in make_pair("multiclass", warm_start=True):
        model.fit(X, y)
        with pytest.raises(ValueError, match="warm_start can only be used where"):
            model.fit(X[y != 20], y[y != 20])


# -- what is meant to differ -----------------------------------------------------------------------------


def test_negative_targets_are_refused_for_poisson_where_scikit_learns_loss_is_nan():
    X, y = data("single")
    ours, theirs = make_pair("poisson", max_iter=2)
    with pytest.raises(ValueError, match="negative"):
        ours.fit(X, y)
    with np.errstate(invalid="ignore"):
        assert np.isnan(theirs.fit(X, y).loss_)


def test_the_cross_entropy_is_exact_where_scikit_learns_is_cut_off_at_36():
    X = np.array([[200.0], [200.0]])
    ours, theirs = make_pair(
        "binary", hidden_layer_sizes=(), shuffle=False, batch_size=1, max_iter=1, alpha=0, random_state=0
    )
    for model in (ours, theirs):
        model.set_params(solver="sgd", learning_rate_init=1.0, momentum=0.0).fit(X, [0, 1])
    close(ours.coefs_[0], theirs.coefs_[0], 1e-12)
    assert ours.loss_ > 1000
    assert theirs.loss_ < 40


def test_a_validation_part_that_would_lack_a_class_is_drawn_class_by_class():
    X, y = data("multiclass")
    y = np.where(np.arange(60) < 3, 99, y)
    ours, theirs = make_pair("multiclass", early_stopping=True, validation_fraction=0.3, max_iter=3)
    ours.fit(X, y)
    theirs.fit(X, y)
    assert ours.loss_curve_ != theirs.loss_curve_


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_answers_have_the_precision_of_the_fit_whatever_they_are_asked(dtype):
    X = data("multiclass")[0]
    ours, theirs, _ = fit_pair("multiclass", X=X.astype(dtype))
    for asked in (np.float32, np.float64):
        assert ours.predict_proba(X.astype(asked)).dtype == dtype
    assert theirs.predict_proba(X).dtype == np.float64


def objective(model, X, y, head):
    """Return the loss that L-BFGS has to minimise, a sum over outputs, as a function of all parameters."""
    shapes = [array.shape for array in (*model.coefs_, *model.intercepts_)]
    ends = np.cumsum([np.prod(shape) for shape in shapes])

    def value(theta):
        arrays = [part.reshape(shape) for part, shape in zip(np.split(theta, ends[:-1]), shapes, strict=True)]
        n_layers = len(arrays) // 2
        a = X
        for i in range(n_layers):
            a = a @ arrays[i] + arrays[n_layers + i]
            if i < n_layers - 1:
                a = np.tanh(a)
        losses = 0.5 * (a - y) ** 2 if head == "squared_error" else np.exp(a) - y * a
        penalty = 0.5 * model.alpha * sum((W**2).sum() for W in arrays[:n_layers]) / len(X)
        return losses.sum(axis=1).mean() + penalty

    return value, np.concatenate([array.ravel() for array in (*model.coefs_, *model.intercepts_)])


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_lbfgs_with_several_outputs_minimises_the_loss_whose_gradient_it_has(loss):
    """scikit-learn's loss is the mean over outputs, its gradient that of the sum (scikit-learn#8349).

    L-BFGS ends when a step lowers the loss by less than 2.2e-9 of it. Where the gradient is g and the
    curvature at most L, a step lowers it by g^2 / (2 L): at the end g is below 1e-3, unless L is above 200.
    """
    X, y = data("multioutput")
    y = y if loss == "squared_error" else np.random.default_rng(0).poisson(np.exp(0.3 * y))
    ours, theirs = make_pair(
        "multioutput", loss=loss, solver="lbfgs", activation="tanh", alpha=1.0, tol=1e-7, max_iter=2000
    )
    values = []
    for model in (theirs, ours):
        value, theta = objective(model.fit(X, y), X, y, loss)
        values.append(value(theta))
    assert values[1] < values[0] + 1e-6
    steps = 1e-6 * np.eye(len(theta))
    assert max(abs(value(theta + step) - value(theta - step)) / 2e-6 for step in steps) < 1e-3
    assert ours.history_.stopped_by == "converged"


def test_lbfgs_with_several_outputs_reports_its_loss_on_scikit_learns_scale():
    X, y = data("multioutput")
    ours, _ = make_pair("multioutput", solver="lbfgs", alpha=0.5)
    ours.fit(X, y)
    penalty = 0.5 * 0.5 * sum((W**2).sum() for W in ours.coefs_) / len(X)
    assert ours.loss_ == pytest.approx(0.5 * np.mean((ours.predict(X) - y) ** 2) + penalty)


# -- signatures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_the_constructor_takes_what_scikit_learns_takes(name):
    ours = inspect.signature(getattr(glassnet, name)).parameters
    theirs = inspect.signature(getattr(neural_network, name)).parameters
    shared = [parameter for parameter in ours if parameter in theirs]
    assert shared == list(theirs)
    for parameter, expected in theirs.items():
        assert ours[parameter].default == expected.default, parameter
    positional = [key for key, value in ours.items() if value.kind is value.POSITIONAL_OR_KEYWORD]
    assert positional == [key for key, value in theirs.items() if value.kind is value.POSITIONAL_OR_KEYWORD]


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_every_public_method_takes_what_scikit_learns_takes(name):
    ours, theirs = getattr(glassnet, name), getattr(neural_network, name)
    model, reference = ours(), theirs()
    for method in ("fit", "partial_fit", "predict", "score", "predict_proba", "predict_log_proba"):
        assert hasattr(model, method) == hasattr(reference, method)
        if hasattr(reference, method):
            expected = inspect.signature(getattr(reference, method)).parameters
            got = inspect.signature(getattr(model, method)).parameters
            assert list(got)[: len(expected)] == list(expected)
            assert all(got[key].kind is inspect.Parameter.KEYWORD_ONLY for key in list(got)[len(expected) :])


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_a_parameter_grid_written_for_scikit_learn_fits(name):
    theirs = getattr(neural_network, name)(hidden_layer_sizes=(3,), alpha=0.5, max_iter=7)
    ours = getattr(glassnet, name)(**theirs.get_params())
    assert ours.get_params().items() >= theirs.get_params().items()
