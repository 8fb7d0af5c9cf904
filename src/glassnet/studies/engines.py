"""One training, with scikit-learn's estimators or with glassnet's: same data, settings and seed."""

import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sklearn.neural_network
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, mean_squared_error

from glassnet.errors import DivergedError
from glassnet.models import MLPClassifier, MLPRegressor
from glassnet.nn.history import EpochRecord
from glassnet.studies.base import Insight, ModelResult, SplitData
from glassnet.studies.folder import RunFolder

ENGINES = ("glassnet", "sklearn")
PROMISED = 1e-6
"""How far the numbers of the two engines may differ in float64, see docs/scikit-learn.md."""

OnEpoch = Callable[[EpochRecord], object]


class _Watched:
    """Tell of every epoch of scikit-learn's training, with the validation loss that it does not record.

    Measuring it changes nothing: it draws no random numbers and writes no weights.
    """

    coefs_: list[NDArray[Any]]
    loss_curve_: list[float]
    loss_: float

    def watch(self, validation: SplitData, on_epoch: OnEpoch) -> Any:
        """Have `on_epoch` told of every epoch; return the estimator."""
        self._validation, self._on_epoch = validation, on_epoch
        self._epoch_began = time.perf_counter()
        return self

    def _update_no_improvement_count(self, *args: Any) -> None:  # what training calls after every epoch
        super()._update_no_improvement_count(*args)  # type: ignore[misc]
        if not all(np.isfinite(weight).all() for weight in self.coefs_):
            raise ValueError(f"training left non-finite parameter weights in epoch {len(self.loss_curve_)}.")
        loss, accuracy = _measure(self, *self._validation)
        now = time.perf_counter()
        seconds, self._epoch_began = now - self._epoch_began, now
        epoch, training_loss = len(self.loss_curve_), float(self.loss_)
        self._on_epoch(EpochRecord(epoch, training_loss, None, loss, accuracy, seconds))


class _WatchedClassifier(_Watched, sklearn.neural_network.MLPClassifier):  # type: ignore[misc]
    pass


class _WatchedRegressor(_Watched, sklearn.neural_network.MLPRegressor):  # type: ignore[misc]
    pass


def _measure(estimator: Any, X: NDArray[Any], y: NDArray[Any]) -> tuple[float, float | None]:
    """Return the loss as scikit-learn defines it, without the penalty, and the accuracy of a classifier."""
    if not hasattr(estimator, "predict_proba"):
        return mean_squared_error(y, estimator.predict(X)) / 2, None
    probabilities = estimator.predict_proba(X)
    answers = estimator.classes_[probabilities.argmax(axis=1)]
    return float(log_loss(y, probabilities, labels=estimator.classes_)), float((answers == y).mean())


def fit_classifier(
    engine: str, settings: dict[str, Any], train: SplitData, validation: SplitData, on_epoch: OnEpoch
) -> Any:
    """Return a classifier of the engine, fitted; its epochs go to `on_epoch` as they end.

    Raises
    ------
    ValueError
        When the loss or the weights stop being finite numbers, see `has_diverged`.
    """
    classes = {"sklearn": _WatchedClassifier, "glassnet": MLPClassifier}
    return _fit(engine, classes[engine](**settings), train, validation, on_epoch)


def fit_regressor(
    engine: str, settings: dict[str, Any], train: SplitData, validation: SplitData, on_epoch: OnEpoch
) -> Any:
    """Return a regressor of the engine, fitted, as `fit_classifier` does."""
    classes = {"sklearn": _WatchedRegressor, "glassnet": MLPRegressor}
    return _fit(engine, classes[engine](**settings), train, validation, on_epoch)


def _fit(engine: str, estimator: Any, train: SplitData, validation: SplitData, on_epoch: OnEpoch) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is the study's
        if engine == "sklearn":
            return estimator.watch(validation, on_epoch).fit(*train)

        def report(record: EpochRecord) -> None:
            on_epoch(
                EpochRecord(
                    record.epoch,
                    float(estimator.loss_curve_[-1]),
                    record.accuracy,
                    float(estimator.validation_loss_curve_[-1]),
                    record.validation_accuracy,
                    record.seconds,
                )
            )

        X_val, y_val = validation
        return estimator.set_params(on_epoch=report).fit(*train, X_val=X_val, y_val=y_val)


def has_diverged(error: ValueError) -> bool:
    """Return whether an engine says by this error that its training diverged."""
    return isinstance(error, DivergedError) or "non-finite parameter weights" in str(error)


def as_glassnet(engine: str, estimator: Any) -> Any:
    """Return a fitted estimator as glassnet's, which has model files and features of every layer."""
    if engine == "glassnet":
        return estimator
    own = MLPClassifier if hasattr(estimator, "predict_proba") else MLPRegressor
    return own.from_sklearn(estimator)


def describe_end(estimator: Any, epochs: int) -> str:
    """Return why training ended, in words that hold for both engines."""
    n_iter, tol = estimator.n_iter_, estimator.tol
    if n_iter >= epochs:
        return f"all {epochs} epochs done"
    return f"the training loss improved by less than tol={tol:g} for {estimator.n_iter_no_change} epochs"


def pair_engines(results: Sequence[ModelResult]) -> list[tuple[ModelResult, ModelResult]]:
    """Return (glassnet's, scikit-learn's) result of each model that both engines have finished."""
    by_key: dict[str, dict[str, ModelResult]] = {}
    for result in results:
        if result.state == "finished":
            by_key.setdefault(result.name.removesuffix(f"-{result.engine}"), {})[result.engine] = result
    return [(pair["glassnet"], pair["sklearn"]) for pair in by_key.values() if len(pair) == len(ENGINES)]


def compare_engines(results: Sequence[ModelResult], metric: str, folder: RunFolder) -> list[Insight]:
    """State how far the numbers of the two engines differ, and how long each took; nothing without both."""
    pairs = pair_engines(results)
    if not pairs:
        return []
    rows, largest = [], 0.0
    for own, other in pairs:
        difference = _curve_difference(own.name, other.name, folder)
        largest = max(largest, difference)
        rows.append(
            [
                own.name.removesuffix("-glassnet"),
                *(f"{result.test[metric]:.4f}" for result in (own, other)),
                f"{difference:.1e}",
                *(f"{result.seconds:.1f}" for result in (own, other)),
                f"{other.seconds / own.seconds:.2f} ×",
            ]
        )
    seconds = [sum(result.seconds for result in side) for side in zip(*pairs, strict=True)]
    equal = "the same numbers" if largest <= PROMISED else "different numbers"
    return [
        Insight(
            f"Both engines give {equal}; scikit-learn takes {seconds[1] / seconds[0]:.2f} times as long.",
            "Same data, settings and seed, in float64, in processes with one BLAS thread each. The training "
            f"and validation losses of all epochs differ by at most {largest:.1e}; {PROMISED:g} is promised. "
            f"In this run training took {seconds[0]:.1f} s with glassnet and {seconds[1]:.1f} s with "
            "scikit-learn; both include a validation loss after every epoch.",
            {
                "columns": [
                    "model",
                    f"test {metric}, glassnet",
                    "scikit-learn",
                    "largest difference of a loss",
                    "seconds, glassnet",
                    "scikit-learn",
                    "ratio",
                ],
                "rows": rows,
            },
        )
    ]


def _curve_difference(name: str, other: str, folder: RunFolder) -> float:
    """Return the largest difference of two models' losses in one epoch; infinity for unequal numbers."""
    histories = [folder.read_history(model) for model in (name, other)]
    curves = [
        np.array([history.column("loss"), history.column("validation_loss")], dtype=float)
        for history in histories
        if history is not None
    ]
    if len(curves) != len(histories) or curves[0].shape != curves[1].shape:
        return float("inf")
    return float(np.abs(curves[0] - curves[1]).max(initial=0.0))
