"""What other threads may do with a model while one trains it: predict, copy, pickle and save."""

import copy
import pickle
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import glassnet
from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))
y = np.arange(60) % 3

MODELS = {
    "network": NeuralNetwork(N=1, A=[5], epochs=2),
    "classifier": MLPClassifier((5,), max_iter=2),
    "lbfgs": MLPClassifier((5,), solver="lbfgs", max_iter=2),
    "early stopping": MLPClassifier((5,), early_stopping=True, max_iter=2),
    "regressor": MLPRegressor(hidden_layer_sizes=(5,), max_iter=2),
    "autoencoder": MLPAutoencoder(hidden_layer_sizes=(5,), max_iter=2),
}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(params=MODELS)
def model(request):
    fresh: Any = copy.deepcopy(MODELS[request.param])
    return fresh.fit(X, y)


class Busy:
    """Do what a thread that trains would: give the model a new attribute while it is being copied."""

    def __init__(self, model):
        self.model = model

    def __reduce__(self):
        self.model.come_meanwhile_ = 1
        return str, ()


@pytest.mark.parametrize("do", [copy.deepcopy, pickle.dumps], ids=["deepcopy", "pickle"])
def test_a_copy_is_made_while_training_adds_attributes(model, do):
    busy = Busy(model)
    model.busy_ = busy
    model.after_ = 0  # there is one more to come, so that the growth is met
    do(model)
    assert model.come_meanwhile_ == 1


def test_a_saved_model_is_whole_though_it_is_trained_meanwhile(model, tmp_path, monkeypatch):
    really_save = safetensors.numpy.save
    before = model.parameters_.theta.copy()

    def save_late(arrays, metadata):
        model.parameters_.theta[...] += 1
        return really_save(arrays, metadata)

    monkeypatch.setattr(safetensors.numpy, "save", save_late)
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(glassnet.load(tmp_path / "model").parameters_.theta, before)


def test_whether_it_is_fitted_is_not_seen_from_attributes_that_come_and_go(model):
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(model)
    unfitted = type(model)(**model.get_params(deep=False))
    unfitted.n_features_in_ = 4  # as in the middle of a first fit
    with pytest.raises(NotFittedError):
        check_is_fitted(unfitted)


def test_predictions_of_many_threads_are_those_of_one(model):
    parts = np.array_split(np.tile(X, (20, 1)), 40)
    answer = model.transform if isinstance(model, MLPAutoencoder) else model.predict
    alone = [answer(part) for part in parts]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(answer, parts))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_models_fitted_side_by_side_are_those_fitted_one_after_another():
    models = [MLPClassifier((5,), max_iter=5, random_state=seed) for seed in range(6)]
    alone = [copy.deepcopy(model).fit(X, y).parameters_.theta for model in models]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda model: model.fit(X, y).parameters_.theta, models))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_score_of_the_users_leaves_the_filters_of_warnings_alone():
    """What a thread sets and brings back there is everyone's: two that overlap would leave a wrong one."""
    pandas = pytest.importorskip("pandas")
    seen = []

    def score(model, X, y):
        seen.append(list(warnings.filters))
        return model.score(X, y)

    frame = pandas.DataFrame(X, columns=list("abcd"))
    model = MLPClassifier((5,), early_stopping=True, scoring=score, max_iter=2)
    before = list(warnings.filters)
    model.fit(frame, y)
    assert seen == [before, before]
    assert list(model.feature_names_in_) == list("abcd")


def test_a_fit_that_others_watch_goes_on():
    """A thread copies, saves and asks a model after each epoch of another thread's training."""
    ready, done = threading.Event(), threading.Event()

    def wait(record):
        ready.set()
        assert done.wait(60)

    model = MLPClassifier((5,), max_iter=1, on_epoch=wait)
    thread = threading.Thread(target=model.fit, args=(X, y))
    thread.start()
    assert ready.wait(60)
    try:
        copied = pickle.loads(pickle.dumps(model.set_params(on_epoch=None)))
        np.testing.assert_array_equal(copied.predict(X), model.predict(X))
    finally:
        done.set()
        thread.join()
