"""scikit-learn's callbacks, since its version 1.9."""

import numpy as np
import pytest

from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor

callback = pytest.importorskip("sklearn.callback")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


class Recorder:
    """Write down every call, and ask to stop after an epoch."""

    def __init__(self, stop_after=None):
        self.calls = []
        self.predictions = []
        self.stop_after = stop_after

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(f"begin {context.task_name} {context.task_id}")

    def on_fit_task_end(self, estimator, context, *, X, fitted_estimator):
        self.calls.append(f"end {context.task_name} {context.task_id}")
        answer = getattr(fitted_estimator, "predict", None) or fitted_estimator.reconstruct
        self.predictions.append(answer(X))
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_after


CALLS = ["setup", "begin fit 0"]
CALLS += [f"{what} epoch {epoch}" for epoch in range(3) for what in ("begin", "end")] + [
    "end fit 0",
    "teardown",
]


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor, MLPAutoencoder])
def test_every_epoch_is_told(cls, curve):
    X, y = curve[0], (curve[1] > 0).astype(int)
    recorder = Recorder()
    model = cls(hidden_layer_sizes=(5,), max_iter=3, random_state=0).set_callbacks(recorder).fit(X, y)
    assert recorder.calls == CALLS
    answer = model.reconstruct(X) if cls is MLPAutoencoder else model.predict(X)
    np.testing.assert_array_equal(recorder.predictions[-1], answer)
    assert not hasattr(model, "_callback_fit_ctx")


def test_the_fitted_estimator_of_an_epoch_is_that_of_a_shorter_fit(curve):
    recorder = Recorder()
    MLPRegressor(hidden_layer_sizes=(5,), max_iter=3, random_state=0).set_callbacks(recorder).fit(*curve)
    for epoch in (1, 2, 3):
        short = MLPRegressor(hidden_layer_sizes=(5,), max_iter=epoch, random_state=0).fit(*curve)
        np.testing.assert_array_equal(recorder.predictions[epoch - 1], short.predict(curve[0]))


def test_a_callback_may_stop(curve):
    recorder = Recorder(stop_after=2)
    model = (
        MLPRegressor(hidden_layer_sizes=(5,), max_iter=30, random_state=0).set_callbacks(recorder).fit(*curve)
    )
    assert model.n_iter_ == 2
    assert recorder.calls[-3:] == ["end epoch 1", "end fit 0", "teardown"]


def test_callbacks_change_nothing_in_the_model(curve):
    plain, told = (MLPRegressor(hidden_layer_sizes=(5,), max_iter=3, random_state=0) for _ in range(2))
    np.testing.assert_array_equal(
        plain.fit(*curve).coefs_[0], told.set_callbacks(Recorder()).fit(*curve).coefs_[0]
    )


def test_partial_fit_tells_each_call(curve):
    recorder = Recorder()
    model = MLPRegressor(hidden_layer_sizes=(5,)).set_callbacks(recorder)
    model.partial_fit(*curve).partial_fit(*curve)
    once = ["setup", "begin fit 0", "begin epoch 0", "end epoch 0", "end fit 0", "teardown"]
    assert recorder.calls == 2 * once


def test_an_error_tears_callbacks_down(curve):
    class Failing(Recorder):
        def on_fit_task_end(self, estimator, context, *, X, fitted_estimator):
            raise RuntimeError("no more")

    recorder = Failing()
    with pytest.raises(RuntimeError, match="no more"):
        MLPRegressor(hidden_layer_sizes=(5,)).set_callbacks(recorder).fit(*curve)
    assert recorder.calls[-1] == "teardown"


def test_lbfgs_tells_its_iterations(curve):
    recorder = Recorder()
    MLPRegressor(hidden_layer_sizes=(5,), solver="lbfgs", max_iter=3).set_callbacks(recorder).fit(*curve)
    assert recorder.calls == CALLS


def test_the_progress_bar_runs(curve, capsys):
    pytest.importorskip("rich")
    model = MLPRegressor(hidden_layer_sizes=(5,), max_iter=3).set_callbacks(callback.ProgressBar())
    model.fit(*curve)
    assert "MLPRegressor" in capsys.readouterr().out


def test_callbacks_reach_through_a_grid_search(curve, capsys):
    from sklearn.model_selection import GridSearchCV

    search = GridSearchCV(MLPRegressor(hidden_layer_sizes=(5,), max_iter=2), {"alpha": [0.1, 1.0]}, cv=2)
    search.set_callbacks(callback.ProgressBar()).fit(*curve)
    assert search.best_estimator_.n_iter_ == 2
    assert capsys.readouterr().out.count("MLPRegressor") >= 5
