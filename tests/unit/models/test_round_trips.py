"""Models through pickle, joblib, cloudpickle skops, alone and in a Pipeline: all goes on."""

import io
import pickle
import types
from typing import Any

import cloudpickle
import joblib
import numpy as np
import pytest
import skops.io
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import glassnet
from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL: dict[str, Any] = {"max_iter": 3, "random_state": 0}
MAKE = {
    "adam": lambda: MLPClassifier((6,), **SMALL),
    "sgd, dropout": lambda: MLPClassifier((6, 4), "tanh", solver="sgd", dropout=0.3, **SMALL),
    "early stopping": lambda: MLPClassifier((6,), early_stopping=True, validation_fraction=0.3, **SMALL),
    "scorer": lambda: MLPClassifier(
        (6,), early_stopping=True, validation_fraction=0.3, scoring="accuracy", **SMALL
    ),
    "lbfgs": lambda: MLPClassifier((6,), "logistic", solver="lbfgs", **SMALL),
    "generator": lambda: MLPClassifier((6,), max_iter=3, random_state=np.random.default_rng(0)),
    "regressor": lambda: MLPRegressor(hidden_layer_sizes=(6,), loss="huber", activation="gelu", **SMALL),
    "autoencoder": lambda: MLPAutoencoder((6, 2, 6), "elu", **SMALL),
    "network": lambda: NeuralNetwork(1, [6], epochs=3, random_state=0),
    "network, momentum": lambda: NeuralNetwork(
        2, [6, 5], activation="softplus", optimizer="momentum", dropout=0.2, epochs=3, random_state=0
    ),
}


def through_skops(model):
    return skops.io.loads(skops.io.dumps(model), trusted=glassnet.skops_types())


def through_joblib(model):
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    buffer.seek(0)
    return joblib.load(buffer)


TRIPS = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "joblib": through_joblib,
    "cloudpickle": lambda model: pickle.loads(cloudpickle.dumps(model)),
    "skops": through_skops,
}


@pytest.fixture
def data(flowers, curve, request):
    X, y = flowers
    return X, (y == "oak").astype(float) + X[:, 0] if "regressor" in request.node.callspec.id else y


def answers(model, X):
    return next(
        getattr(model, name)(X) for name in ("predict_proba", "predict", "transform") if hasattr(model, name)
    )


@pytest.mark.parametrize("trip", TRIPS.values(), ids=TRIPS)
@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_a_model_goes_on_after_the_trip_as_without(make, trip, data):
    X, y = data
    model = make().fit(X, y)
    twin = trip(model)
    assert type(twin) is type(model)
    np.testing.assert_array_equal(answers(twin, X), answers(model, X))
    assert twin.history_.column("loss") == model.history_.column("loss")
    assert twin.history_.stopped_by is model.history_.stopped_by
    if hasattr(model, "partial_fit") and not getattr(model, "early_stopping", False):
        for _ in range(2):
            model.partial_fit(X, y)
            twin.partial_fit(X, y)
            np.testing.assert_array_equal(twin.parameters_.theta, model.parameters_.theta)
    assert getattr(twin, "loss_curve_", None) == getattr(model, "loss_curve_", None)
    if hasattr(model, "warm_start"):
        for one in (model, twin):
            one.set_params(warm_start=True).fit(X, y)
    np.testing.assert_array_equal(answers(twin, X), answers(model, X))
    for one in (model, twin):
        one.fit(X, y)
    np.testing.assert_array_equal(answers(twin, X), answers(model, X))


@pytest.mark.parametrize("trip", TRIPS.values(), ids=TRIPS)
def test_early_stopping_in_parts_goes_on_after_the_trip_as_without(trip, flowers):
    X, y = flowers
    validation = {"X_val": X[:30], "y_val": y[:30]}
    model = MLPClassifier((6,), early_stopping=True, random_state=0, n_iter_no_change=2, tol=0.01)
    for _ in range(3):
        model.partial_fit(X[30:], y[30:], classes=np.unique(y), **validation)
    twin = trip(model)
    for _ in range(40):
        for one in (model, twin):
            one.partial_fit(X[30:], y[30:], **validation)
    assert model.stopped_
    assert twin.stopped_
    assert twin.validation_scores_ == model.validation_scores_
    np.testing.assert_array_equal(twin.parameters_.theta, model.parameters_.theta)


@pytest.mark.parametrize("trip", TRIPS.values(), ids=TRIPS)
@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_a_pipeline_answers_after_the_trip_as_before(make, trip, data):
    X, y = data
    pipeline = make_pipeline(StandardScaler(), make()).fit(X, y)
    twin = trip(pipeline)
    assert isinstance(twin, Pipeline)
    np.testing.assert_array_equal(answers(twin, X), answers(pipeline, X))


@pytest.mark.parametrize("trip", TRIPS.values(), ids=TRIPS)
@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_a_model_that_made_a_trip_is_saved_to_a_file_as_before(make, trip, data, tmp_path):
    X, y = data
    model = make().fit(X, y)
    if "generator" in str(getattr(model, "random_state", "")).lower():
        model.set_params(random_state=0)  # a file keeps no generators
    trip(model).save(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(
        answers(glassnet.load(tmp_path / "model.safetensors"), X), answers(model, X)
    )


@pytest.mark.parametrize("trip", TRIPS.values(), ids=TRIPS)
def test_weights_stay_views_of_one_array(trip, flowers):
    twin = trip(MLPClassifier((6,), **SMALL).fit(*flowers))
    twin.coefs_[0] = np.zeros((4, 6))
    assert not twin.parameters_.theta[:24].any()


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_nothing_live_stays_in_the_state(make, data):
    model = make().fit(*data)
    live = (types.MethodType, types.GeneratorType, types.LambdaType, types.FrameType)
    seen, left = set(), [model.__getstate__()]
    while left:
        value = left.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, types.FunctionType):
            assert "<" not in value.__qualname__, value  # it is found by its name
            continue
        assert not isinstance(value, live), value
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list | tuple):
            left += value
        elif type(value).__module__.startswith("glassnet"):
            left.append(value.__getstate__())


def test_training_arrays_are_not_stored(flowers):
    model = MLPClassifier((500,), solver="sgd", momentum=0.0, **SMALL).fit(*flowers)
    assert len(pickle.dumps(model)) < 4 * model.parameters_.theta.nbytes
