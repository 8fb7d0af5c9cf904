"""Validation data of one's own, and what early stopping makes of them."""

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_squared_error

from glassnet import MLPClassifier, MLPRegressor
from glassnet.errors import InvalidDataError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def split(data):
    X, y = data
    return X[:60], y[:60], X[60:], y[60:]


def stopping(**params):
    """Return a classifier that overfits soon."""
    params = {"early_stopping": True, "n_iter_no_change": 5, "learning_rate_init": 0.03} | params
    return MLPClassifier((20,), max_iter=150, batch_size=10, random_state=0, **params)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_the_validation_loss_of_every_epoch_is_kept(flowers, solver):
    X, y, X_val, y_val = split(flowers)
    model = MLPClassifier((6,), solver=solver, max_iter=5, random_state=0).fit(X, y, X_val=X_val, y_val=y_val)
    assert len(model.validation_loss_curve_) == len(model.history_) == model.n_iter_ == 5
    assert model.validation_loss_curve_[-1] == pytest.approx(log_loss(y_val, model.predict_proba(X_val)))
    assert model.history_.column("validation_loss") == model.validation_loss_curve_


def test_the_validation_loss_of_several_outputs_is_their_mean(curve):
    X, y = curve
    Y = np.column_stack([y, -2 * y, y**2])
    model = MLPRegressor(hidden_layer_sizes=(6,), max_iter=3, random_state=0).fit(X, Y, X_val=X, y_val=Y)
    assert model.validation_loss_curve_[-1] == pytest.approx(0.5 * mean_squared_error(Y, model.predict(X)))


def test_without_validation_data_there_is_no_validation_loss(flowers):
    assert MLPClassifier((6,), max_iter=2).fit(*flowers).validation_loss_curve_ == []


def test_watching_changes_nothing_in_the_training(flowers):
    X, y, X_val, y_val = split(flowers)
    plain, watched = (MLPClassifier((6,), max_iter=4, random_state=0) for _ in range(2))
    plain.fit(X, y)
    watched.fit(X, y, X_val=X_val, y_val=y_val)
    np.testing.assert_array_equal(plain.coefs_[0], watched.coefs_[0])


def test_given_validation_data_spare_the_training_data(flowers):
    X, y, X_val, y_val = split(flowers)
    model = stopping().fit(X, y, X_val=X_val, y_val=y_val)
    assert model.t_ == 60 * model.n_iter_
    assert stopping().fit(X, y).t_ == 54 * stopping().fit(X, y).n_iter_


@pytest.mark.parametrize(
    "scoring", [None, "loss", "accuracy", "neg_log_loss", lambda model, X, y: -np.std(model.predict_proba(X))]
)
def test_it_stops_and_brings_the_best_weights_back(flowers, scoring):
    X, y, X_val, y_val = split(flowers)
    model = stopping(scoring=scoring).fit(X, y, X_val=X_val, y_val=y_val)
    assert model.n_iter_ < 150
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.validation_scores_[-1] < model.best_validation_score_
    score = {
        None: lambda: model.score(X_val, y_val),
        "accuracy": lambda: model.score(X_val, y_val),
        "loss": lambda: -log_loss(y_val, model.predict_proba(X_val)),
        "neg_log_loss": lambda: -log_loss(y_val, model.predict_proba(X_val)),
    }.get(scoring, lambda: scoring(model, X_val, y_val))
    assert score() == pytest.approx(model.best_validation_score_)
    assert model.history_.best_epoch == 1 + int(np.argmax(model.validation_scores_))
    assert model.history_.stopped_by == "tolerance"


def test_the_loss_and_its_scorer_are_the_same_watch(flowers):
    X, y, X_val, y_val = split(flowers)
    one, other = (
        stopping(scoring=name).fit(X, y, X_val=X_val, y_val=y_val) for name in ("loss", "neg_log_loss")
    )
    np.testing.assert_allclose(one.validation_scores_, other.validation_scores_)
    np.testing.assert_array_equal(one.coefs_[0], other.coefs_[0])


def test_a_regression_stops_by_any_score(curve):
    X, y, X_val, y_val = split(curve)
    for scoring in (None, "r2", "loss", "neg_mean_absolute_error"):
        model = MLPRegressor(
            hidden_layer_sizes=(30,),
            early_stopping=True,
            scoring=scoring,
            learning_rate_init=0.05,
            random_state=0,
            n_iter_no_change=3,
        ).fit(X, y, X_val=X_val, y_val=y_val)
        assert model.best_validation_score_ == max(model.validation_scores_)
        if scoring in (None, "r2"):
            assert model.score(X_val, y_val) == pytest.approx(model.best_validation_score_)


def test_an_unknown_scorer_is_refused(curve):
    with pytest.raises(ValueError, match="ghost"):
        MLPRegressor(early_stopping=True, scoring="ghost").fit(*curve)


def test_a_scorer_and_a_frame_make_no_warning(flowers):
    pandas = pytest.importorskip("pandas")
    X = pandas.DataFrame(flowers[0], columns=list("abcd"))
    stopping(scoring="accuracy").fit(X, flowers[1])


# -- partial_fit -----------------------------------------------------------------------------------------


def test_partial_fit_stops_too(flowers):
    X, y, X_val, y_val = split(flowers)
    model = stopping()
    calls = 0
    while not getattr(model, "stopped_", False):
        model.partial_fit(X, y, classes=["ash", "elm", "oak"], X_val=X_val, y_val=y_val)
        calls += 1
        assert calls < 150
    assert len(model.loss_curve_) == len(model.validation_scores_) == calls
    assert model.score(X_val, y_val) == pytest.approx(max(model.validation_scores_))
    kept = model.coefs_[0].copy()
    model.partial_fit(X, y, X_val=X_val, y_val=y_val)
    np.testing.assert_array_equal(model.coefs_[0], kept)
    assert len(model.loss_curve_) == calls
    assert model.stopped_


def test_partial_fit_does_not_go_back_before_it_stops(flowers):
    X, y, X_val, y_val = split(flowers)
    watched, plain = stopping(n_iter_no_change=1000), stopping(early_stopping=False)
    for _ in range(12):
        watched.partial_fit(X, y, classes=["ash", "elm", "oak"], X_val=X_val, y_val=y_val)
        plain.partial_fit(X, y, classes=["ash", "elm", "oak"])
        np.testing.assert_array_equal(watched.coefs_[0], plain.coefs_[0])
    assert not watched.stopped_


def test_partial_fit_with_early_stopping_needs_validation_data(flowers):
    with pytest.raises(ValueError, match="X_val and y_val"):
        stopping().partial_fit(*flowers, classes=["ash", "elm", "oak"])


def test_a_new_fit_begins_after_a_stop(flowers):
    X, y, X_val, y_val = split(flowers)
    model = stopping().fit(X, y, X_val=X_val, y_val=y_val)
    first = model.coefs_[0].copy()
    model.fit(X, y, X_val=X_val, y_val=y_val)
    np.testing.assert_array_equal(model.coefs_[0], first)
    assert len(model.loss_curve_) == model.n_iter_


def test_partial_fit_goes_on_where_fit_used_its_epochs_up(flowers):
    X, y, X_val, y_val = split(flowers)
    model = stopping().set_params(max_iter=2).fit(X, y, X_val=X_val, y_val=y_val)
    model.partial_fit(X, y, X_val=X_val, y_val=y_val)
    assert len(model.loss_curve_) == 3


def test_the_history_counts_the_epochs_of_partial_fit(flowers):
    model = stopping(early_stopping=False)
    for _ in range(3):
        model.partial_fit(*flowers, classes=["ash", "elm", "oak"])
    assert model.history_.column("epoch") == [1, 2, 3]


def test_the_best_epoch_is_one_of_the_history(flowers):
    X, y, X_val, y_val = split(flowers)
    model = stopping(warm_start=True, scoring="loss", learning_rate_init=1e-3).set_params(max_iter=4)
    for _ in range(3):
        model.fit(X, y, X_val=X_val, y_val=y_val)
    assert model.history_.best_epoch in model.history_.column("epoch")


# -- validation data that do not fit ----------------------------------------------------------------------


@pytest.mark.parametrize("given", [{"X_val": 0}, {"y_val": 1}], ids=["X_val", "y_val"])
def test_half_of_the_validation_data_is_refused(flowers, given):
    data = {name: flowers[i] for name, i in given.items()}
    with pytest.raises(InvalidDataError, match="both, or neither"):
        MLPClassifier().fit(*flowers, **data)


def test_validation_data_of_another_width_or_length_are_refused(flowers):
    X, y = flowers
    with pytest.raises(ValueError, match="features"):
        MLPClassifier().fit(X, y, X_val=X[:, :3], y_val=y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        MLPClassifier().fit(X, y, X_val=X, y_val=y[:-1])


def test_validation_labels_that_training_did_not_have_are_refused(flowers):
    X, y = flowers
    with pytest.raises(ValueError, match="yew"):
        MLPClassifier(max_iter=1).fit(X, y, X_val=X[:2], y_val=["yew", "ash"])


@pytest.mark.parametrize("rare", [8, 4])
def test_every_class_is_in_both_parts(flowers, rare):
    X, _ = flowers
    y = np.array(["common"] * 50 + ["odd"] * (40 - rare) + ["rare"] * rare)
    for seed in range(10):
        seen = []

        def note(model, X_val, y_val, seen=seen):
            seen.append(set(y_val))
            return 0.0

        MLPClassifier((3,), early_stopping=True, scoring=note, max_iter=1, random_state=seed).fit(X, y)
        assert seen == [{"common", "odd", "rare"}]


def test_a_class_of_one_sample_cannot_be_in_both(flowers):
    y = np.array(["common"] * 50 + ["odd"] * 39 + ["single"])
    with pytest.raises(InvalidDataError, match=r"class 'single' .* give validation data as X_val and y_val"):
        MLPClassifier(early_stopping=True).fit(flowers[0], y)
    model = MLPClassifier((3,), early_stopping=True, max_iter=2)
    model.fit(flowers[0], y, X_val=flowers[0], y_val=y)
    assert set(model.classes_) == {"common", "odd", "single"}
