"""The estimators inside scikit-learn's tools."""

from typing import Any

import numpy as np
import pytest
import sklearn
from matplotlib.figure import Figure
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier, StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import LossCurveDisplay, MLPAutoencoder, MLPClassifier, MLPRegressor
from glassnet.errors import InvalidParameterError, NotFittedError

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore:.*iprint:DeprecationWarning",  # an older scikit-learn says so to a newer SciPy
)


def classifier(**params):
    return MLPClassifier(**dict[str, Any](hidden_layer_sizes=(6,), max_iter=4, random_state=0) | params)


def test_a_grid_search_finds_what_scikit_learns_would(flowers):
    grid = {"mlp__alpha": [1e-4, 10.0], "mlp__hidden_layer_sizes": [(4,), (8, 3)]}
    scores = []
    for mlp in (classifier(), SklearnMLPClassifier(max_iter=4, random_state=0)):
        pipeline = make_pipeline(StandardScaler(), mlp)
        pipeline.steps[-1] = ("mlp", mlp)
        search = GridSearchCV(pipeline, grid, cv=3)
        scores.append(search.fit(*flowers).cv_results_["mean_test_score"])
    np.testing.assert_allclose(*scores)


def test_cross_validation(flowers):
    expected = cross_val_score(SklearnMLPClassifier((6,), max_iter=4, random_state=0), *flowers, cv=3)
    np.testing.assert_allclose(cross_val_score(classifier(), *flowers, cv=3), expected)
    assert cross_val_predict(classifier(), *flowers, cv=3, method="predict_proba").shape == (90, 3)


def test_ensembles(flowers):
    bag = BaggingClassifier(classifier(), n_estimators=3, random_state=0).fit(*flowers)
    assert bag.predict(flowers[0]).shape == (90,)
    stack = StackingClassifier([("a", classifier()), ("b", classifier(alpha=1.0))], cv=2).fit(*flowers)
    assert stack.predict(flowers[0]).shape == (90,)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_read_only_memory_maps(flowers, tmp_path, early_stopping, solver):
    np.save(tmp_path / "X.npy", flowers[0])
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    y = flowers[1].copy()
    weight = np.ones(90)
    y.flags.writeable = weight.flags.writeable = False
    params = {"early_stopping": early_stopping, "validation_fraction": 0.3, "solver": solver}
    mapped = classifier(**params).fit(X, y, weight)
    np.testing.assert_array_equal(mapped.coefs_[0], classifier(**params).fit(*flowers, np.ones(90)).coefs_[0])
    np.testing.assert_array_equal(mapped.predict(X), mapped.predict(flowers[0]))
    MLPAutoencoder((2,), max_iter=2).fit(X).reconstruction_error(X)


def test_metadata_is_routed(flowers):
    X, y = flowers
    weight = np.random.default_rng(0).uniform(0.5, 2, 90)
    scaler = StandardScaler().fit(X)
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False),
            classifier().set_fit_request(sample_weight=True, X_val=True, y_val=True),
            transform_input=["X_val"],
        )
        pipeline.fit(X, y, sample_weight=weight, X_val=X, y_val=y)
    inputs = scaler.transform(X)
    alone = classifier().fit(inputs, y, weight, X_val=inputs, y_val=y)
    np.testing.assert_array_equal(pipeline[-1].coefs_[0], alone.coefs_[0])
    assert pipeline[-1].validation_loss_curve_ == alone.validation_loss_curve_


def test_metadata_that_nobody_asked_for_is_refused(flowers):
    X, y = flowers
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(StandardScaler(), classifier().set_fit_request(X_val=False, y_val=False))
        with pytest.raises(TypeError, match="X_val"):
            pipeline.fit(X, y, X_val=X, y_val=y)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_everywhere(flowers, curve, library):
    frames = pytest.importorskip(library)
    X, y = (
        frames.DataFrame({name: flowers[0][:, i] for i, name in enumerate("abcd")}),
        frames.Series(flowers[1]),
    )
    model = classifier(early_stopping=True).fit(X, y, X_val=X, y_val=y)
    assert model.feature_names_in_.tolist() == list("abcd")
    plain = classifier(early_stopping=True).fit(*flowers, X_val=flowers[0], y_val=flowers[1])
    np.testing.assert_array_equal(model.predict(X), plain.predict(flowers[0]))
    model.partial_fit(X, y, X_val=X, y_val=y)
    targets = frames.DataFrame({"one": curve[1], "two": -curve[1]})
    regression = MLPRegressor(hidden_layer_sizes=(5,), max_iter=2).fit(curve[0], targets)
    assert regression.predict(curve[0]).shape == (80, 2)


def test_labels_may_be_categorical(flowers):
    pandas = pytest.importorskip("pandas")
    model = classifier().fit(flowers[0], pandas.Series(flowers[1], dtype="category"))
    np.testing.assert_array_equal(
        model.predict_proba(flowers[0]), classifier().fit(*flowers).predict_proba(flowers[0])
    )


def test_lists_are_arrays(flowers):
    model = classifier().fit(flowers[0].tolist(), flowers[1].tolist())
    assert (
        model.predict(flowers[0].tolist()).tolist() == classifier().fit(*flowers).predict(flowers[0]).tolist()
    )


# -- pictures --------------------------------------------------------------------------------------------


@pytest.fixture(params=[True, False], ids=["given axes", "new axes"])
def ax(request):
    from matplotlib import pyplot

    yield Figure().add_subplot() if request.param else None
    pyplot.close("all")


@pytest.mark.parametrize("validated", [True, False])
def test_the_loss_curves_are_shown(flowers, ax, validated):
    validation = {"X_val": flowers[0], "y_val": flowers[1]} if validated else {}
    model = classifier(alpha=0).fit(*flowers, **validation)
    display = LossCurveDisplay.from_estimator(model, ax=ax)
    lines = {line.get_label(): np.asarray(line.get_ydata()) for line in display.ax_.get_lines()}
    np.testing.assert_allclose(lines["training"], model.loss_curve_)
    assert ("validation" in lines) == validated
    if validated:
        np.testing.assert_allclose(lines["validation"], model.validation_loss_curve_)
    assert display.figure_ is display.ax_.get_figure()
    assert ax is None or display.ax_ is ax


def test_an_estimator_that_is_not_fitted_has_no_curves():
    with pytest.raises(sklearn.exceptions.NotFittedError):
        LossCurveDisplay.from_estimator(MLPClassifier())


def test_the_curves_are_found_in_pipelines_and_searches(flowers, curve, ax):
    model = make_pipeline(StandardScaler(), classifier(alpha=0))
    step = {"mlpclassifier__max_iter": [3, 4]}
    search = GridSearchCV(model, step, cv=2).fit(*flowers)
    outer = make_pipeline(StandardScaler(), search)  # a search in a Pipeline; it has been fitted
    best = search.best_estimator_[-1]
    for found in (search.best_estimator_, search, outer):
        (line, *_) = LossCurveDisplay.from_estimator(found, ax=ax).ax_.get_lines()[-1:]
        np.testing.assert_allclose(np.asarray(line.get_ydata()), best.loss_curve_)
    whole = TransformedTargetRegressor(MLPRegressor(hidden_layer_sizes=(3,), max_iter=3)).fit(*curve)
    assert LossCurveDisplay.from_estimator(whole, ax=ax).history is whole.regressor_.history_


def test_what_holds_no_network_or_several_has_no_curves(flowers):
    X, y = flowers
    several = MultiOutputRegressor(MLPRegressor(hidden_layer_sizes=(3,), max_iter=2)).fit(X, X[:, :2])
    with pytest.raises(InvalidParameterError, match=r"holds 2 models; show one.*estimators_\[0\]"):
        LossCurveDisplay.from_estimator(several)
    LossCurveDisplay.from_estimator(several.estimators_[0], ax=Figure().add_subplot())
    with pytest.raises(InvalidParameterError, match="refit=True"):
        LossCurveDisplay.from_estimator(GridSearchCV(classifier(), {"alpha": [0]}, refit=False).fit(X, y))
    theirs = SklearnMLPClassifier((3,), max_iter=2).fit(X, y)
    for other in (theirs, LogisticRegression().fit(X, y), "a text", make_pipeline(StandardScaler()).fit(X)):
        with pytest.raises(InvalidParameterError, match="expected a network of glassnet"):
            LossCurveDisplay.from_estimator(other)
    for new in (make_pipeline(StandardScaler(), classifier()), GridSearchCV(classifier(), {"alpha": [0]})):
        with pytest.raises(sklearn.exceptions.NotFittedError):
            LossCurveDisplay.from_estimator(new)
    with pytest.raises(NotFittedError, match="no losses to plot yet"):
        LossCurveDisplay.from_estimator(classifier().initialize(X, y))
