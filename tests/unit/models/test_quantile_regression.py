"""MLPRegressor(loss="pinball"): quantiles, against scikit-learn's linear ones and against known ones."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import QuantileRegressor
from sklearn.metrics import d2_pinball_score, mean_pinball_loss, r2_score
from sklearn.model_selection import cross_val_predict

import glassnet
from glassnet import MLPRegressor, Stream
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models.intervals import score_quantiles
from glassnet.nn import pinball

pytestmark = pytest.mark.filterwarnings("ignore:.*hasn't converged yet")

LEVELS = (0.1, 0.5, 0.9)


def draw(n, seed=0):
    """Return rows whose spread grows: the quantiles at x are 2 x + (0.2 + x) times those of N(0, 1)."""
    rng = np.random.default_rng(seed)
    x = rng.random(n)
    return x[:, np.newaxis], 2 * x + (0.2 + x) * rng.normal(size=n)


def quantile_model(**parameters):
    settings = {"hidden_layer_sizes": (16,), "learning_rate_init": 0.01, "max_iter": 40, "random_state": 0}
    return MLPRegressor("pinball", **{**settings, "quantiles": LEVELS, **parameters})


@pytest.fixture(scope="module")
def fitted():
    X, y = draw(2000)
    return quantile_model().fit(X, y), X, y


def test_three_levels_are_three_sorted_columns_with_their_shares_below(fitted):
    model, _, _ = fitted
    X, y = draw(5000, seed=1)
    predicted = model.predict(X)
    assert predicted.shape == (5000, 3)
    assert (np.diff(predicted, axis=1) >= 0).all()
    np.testing.assert_allclose((y[:, np.newaxis] < predicted).mean(axis=0), LEVELS, atol=0.03)
    narrow, wide = np.diff(model.predict([[0.05], [0.95]])[:, [0, 2]], axis=1).ravel()
    assert wide > 2.5 * narrow  # it is 4.6


def test_not_even_an_untrained_network_crosses():
    X, y = draw(50)
    model = quantile_model().initialize(X, y)
    model.intercepts_[-1] = [3.0, 2.0, 1.0]
    assert (np.diff(model.predict(X), axis=1) > 0).all()


@pytest.mark.parametrize("level", [0.2, 0.5, 0.9])
def test_without_hidden_layers_it_is_scikit_learns_quantile_regression(level):
    X, y = draw(120)
    linear = QuantileRegressor(quantile=level, alpha=0).fit(X, y)
    ours = MLPRegressor(
        "pinball", (), alpha=0, batch_size=120, n_iter_no_change=np.inf, random_state=0, quantiles=level,
        warm_start=True,
    )  # fmt: skip
    for rate in (0.01, 0.0005):
        ours.set_params(learning_rate_init=rate, max_iter=2000).fit(X, y)
    found, least = (mean_pinball_loss(y, model.predict(X), alpha=level) for model in (ours, linear))
    assert least <= found * (1 + 1e-9)
    assert found == pytest.approx(least, rel=2e-3)
    np.testing.assert_allclose(ours.predict(X), linear.predict(X), atol=0.05)


def test_the_reported_loss_is_the_mean_over_the_levels():
    X, y = draw(50)
    model = quantile_model(
        hidden_layer_sizes=(), solver="sgd", learning_rate_init=1e-15, max_iter=1, alpha=0
    ).fit(X, y)
    outputs = X @ model.coefs_[0] + model.intercepts_[0]  # which may cross
    expected = np.mean([mean_pinball_loss(y, outputs[:, k], alpha=LEVELS[k]) for k in range(3)])
    assert model.loss_ == pytest.approx(expected)


def test_the_score_is_the_share_of_the_pinball_loss(fitted):
    model, X, y = fitted
    weight = np.random.default_rng(0).random(len(y))
    columns = model.predict(X).T
    expected = [
        d2_pinball_score(y, column, alpha=level, sample_weight=weight)
        for column, level in zip(columns, LEVELS, strict=True)
    ]
    assert model.score(X, y, weight) == pytest.approx(np.mean(expected))
    assert 0.1 < model.score(X, y) < 1
    assert score_quantiles(y, np.tile(np.quantile(y, LEVELS), (len(y), 1)), LEVELS) == pytest.approx(
        0, abs=1e-3
    )


def test_one_level_predicts_a_column_and_goes_with_several_targets():
    X, y = draw(300)
    model = quantile_model(quantiles=0.9)
    single = model.fit(X, y)
    assert single.predict(X).shape == (300,)
    assert single.score(X, y) == pytest.approx(d2_pinball_score(y, single.predict(X), alpha=0.9))
    several = clone(model).fit(X, np.column_stack([y, -y]))
    assert several.predict(X).shape == (300, 2)
    assert ((np.column_stack([y, -y]) < several.predict(X)).mean(axis=0) > 0.7).all()
    assert np.isfinite(several.score(X, np.column_stack([y, -y])))


def test_several_levels_and_several_targets_are_refused():
    X, y = draw(30)
    with pytest.raises(InvalidDataError, match="got y with 2 columns and 3 quantiles; expected one column"):
        quantile_model().fit(X, np.column_stack([y, y]))


@pytest.mark.parametrize("quantiles", [0, 1.5, (0.9, 0.1), (), "0.5", None, [[0.5]]])
def test_levels_that_are_none_are_refused(quantiles):
    X, y = draw(30)
    with pytest.raises(ValueError, match="quantiles"):
        quantile_model(quantiles=quantiles).fit(X, y)
    with pytest.raises(InvalidParameterError, match="quantiles"):
        glassnet.nn.head_of("huber", quantiles=0.5)


@pytest.mark.parametrize("n_targets", [1, 2])
@pytest.mark.parametrize("quantiles", [0.3, LEVELS, np.array([0.2, 0.8])])
def test_a_file_keeps_the_levels(quantiles, n_targets, tmp_path):
    X, y = draw(60)
    if n_targets == 2:
        if np.ndim(quantiles):
            return
        y = np.column_stack([y, -y])
    model = quantile_model(quantiles=quantiles, max_iter=2).fit(X, y)
    model.save(tmp_path / "model")
    loaded = glassnet.load(tmp_path / "model")
    assert loaded.architecture_.head == model.architecture_.head == pinball(quantiles)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.score(X, y) == model.score(X, y)


def test_a_stream_gives_the_score_of_the_arrays(fitted):
    model, X, y = fitted
    stream = Stream(lambda: ((X[i : i + 300], y[i : i + 300]) for i in range(0, len(y), 300)))
    assert model.score(stream) == pytest.approx(model.score(X, y), rel=1e-12)
    np.testing.assert_allclose(model.predict(stream), model.predict(X), rtol=1e-12)
    streamed = quantile_model(max_iter=3).fit(stream, X_val=X[:50], y_val=y[:50])
    assert streamed.predict(X).shape == (2000, 3)


def test_early_stopping_watches_the_share_that_is_explained():
    X, y = draw(400)
    model = quantile_model(early_stopping=True, max_iter=5).fit(X, y, X_val=X[:80], y_val=y[:80])
    assert model.best_validation_score_ == pytest.approx(model.score(X[:80], y[:80]))


def test_a_scorer_of_ones_own_is_given_the_targets_as_the_user_gave_them():
    X, y = draw(400)
    seen = []

    def median_r2(estimator, X, y):
        seen.append(y.shape)
        return r2_score(y, estimator.predict(X)[:, 1])

    model = quantile_model(early_stopping=True, scoring=median_r2, max_iter=2).fit(X, y)
    assert set(seen) == {(40,)}
    assert model.best_validation_score_ < 1


def test_it_goes_on_from_where_it_was_and_through_cross_validation():
    X, y = draw(100)
    model = quantile_model(max_iter=2, warm_start=True).fit(X, y)
    before = model.score(X, y)
    assert model.set_params(max_iter=20).fit(X, y).score(X, y) > before
    assert model.partial_fit(X, y).n_outputs_ == 3
    assert cross_val_predict(quantile_model(max_iter=2), X, y, cv=3).shape == (100, 3)


def test_the_levels_stay_those_that_were_learnt():
    X, y = draw(60)
    model = quantile_model(max_iter=2).fit(X, y)
    predicted = model.predict(X)
    model.set_params(loss="squared_error", quantiles=0.5)
    np.testing.assert_array_equal(model.predict(X), predicted)


@pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adamw"])
def test_every_solver_learns_quantiles(solver):
    X, y = draw(400)
    model = quantile_model(solver=solver, max_iter=60).fit(X, y)
    assert model.score(X, y) > 0.1


def test_what_looks_into_networks_takes_one_level_or_says_so(fitted):
    model, X, y = fitted
    assert glassnet.check_network_gradient(model, X[:20], y[:20]).verdict.is_right
    with pytest.raises(InvalidParameterError, match=r"quantiles \(0\.1, 0\.5, 0\.9\); the doctor compares"):
        glassnet.diagnose(model, X, y)
    with pytest.raises(InvalidParameterError, match=r"one formula for all outputs\. Take one level"):
        glassnet.trace(model, X[:2], y[:2])
    single = quantile_model(quantiles=0.9, hidden_layer_sizes=(2,), max_iter=1).fit(X[:40], y[:40])
    assert "pinball(z) = max(0.1*z, -0.9*z)" in glassnet.trace(single, X[:2], y[:2]).to_text()
    with pytest.raises(InvalidParameterError, match=r"quantiles \(0\.9,\); the doctor compares"):
        glassnet.diagnose(single, X, y)
