"""One training, with scikit-learn's estimators or with glassnet's: same data, settings and seed."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import sklearn.neural_network
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, mean_squared_error

from glassnet._common.words import counted
from glassnet.models import MLPClassifier, MLPRegressor
from glassnet.nn.history import EpochRecord
from glassnet.studies.base import ModelResult, ModelSpec, SplitData, Study
from glassnet.studies.folder import MODEL_FILE

OnEpoch = Callable[[EpochRecord], object]
"""What is told of every epoch of a training; what it returns is not asked for."""


class _Watched:
    """Tell of every epoch of scikit-learn's training, with the validation loss that it does not record.

    Measuring it changes nothing: it draws no random numbers and writes no weights. Weights that are not
    finite end the training with a FloatingPointError, as they do glassnet's.
    """

    coefs_: list[NDArray[Any]]
    loss_curve_: list[float]
    loss_: float
    _on_epoch: OnEpoch | None = None

    def watch(self, validation: SplitData, on_epoch: OnEpoch) -> Any:
        """Have `on_epoch` told of every epoch; return the estimator."""
        self._validation, self._on_epoch = validation, on_epoch
        self._epoch_began = time.perf_counter()
        return self

    def fit(self, X: Any, y: Any) -> Any:
        """Train as scikit-learn does."""
        try:
            return super().fit(X, y)  # type: ignore[misc]
        except ValueError as error:
            if self._is_finite():
                raise
            raise FloatingPointError(str(error)) from error

    def _is_finite(self) -> bool:
        return all(np.isfinite(weight).all() for weight in getattr(self, "coefs_", ()))

    def _update_no_improvement_count(self, *args: Any) -> None:  # what training calls after every epoch
        super()._update_no_improvement_count(*args)  # type: ignore[misc]
        if self._on_epoch is None:
            return
        if not self._is_finite():
            raise FloatingPointError(
                f"training left non-finite parameter weights in epoch {len(self.loss_curve_)}."
            )
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
    scores = _score_classifier(estimator, X, y)
    return scores["loss"], scores["accuracy"]


def _score_classifier(estimator: Any, X: NDArray[Any], y: NDArray[Any]) -> dict[str, float]:
    probabilities = estimator.predict_proba(X)
    answers = estimator.classes_[probabilities.argmax(axis=1)]
    loss = log_loss(y, probabilities, labels=estimator.classes_)
    return {"loss": float(loss), "accuracy": float((answers == y).mean())}


def _score_regressor(estimator: Any, X: NDArray[Any], y: NDArray[Any]) -> dict[str, float]:
    return {"mse": float(((estimator.predict(X) - y) ** 2).mean())}


def _fit_glassnet(estimator: Any, train: SplitData, validation: SplitData, on_epoch: OnEpoch) -> Any:
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


def _fit_sklearn(estimator: Any, train: SplitData, validation: SplitData, on_epoch: OnEpoch) -> Any:
    return estimator.watch(validation, on_epoch).fit(*train)


@dataclass(frozen=True)
class Engine:
    """Hold whose network and training loop a model is trained with: an entry of `ENGINES`.

    Attributes
    ----------
    name : str
        The key, and the word on the command line.
    title : str
        As its makers write it.
    classifier, regressor : type
        Estimators with scikit-learn's parameters. Training that diverges ends with a FloatingPointError.
    fit : callable
        ``fit(estimator, train, validation, on_epoch)`` trains and returns an estimator of these classes, and
        tells of its epochs as they end.
    """

    name: str
    title: str
    classifier: type[Any]
    regressor: type[Any]
    fit: Callable[[Any, SplitData, SplitData, OnEpoch], Any]


OWN, PEER = "glassnet", "sklearn"
"""The two engines that studies compare."""

BOTH = "both"
"""The word on the command line for all engines of a study."""

ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (
        Engine(OWN, "glassnet", MLPClassifier, MLPRegressor, _fit_glassnet),
        Engine(PEER, "scikit-learn", _WatchedClassifier, _WatchedRegressor, _fit_sklearn),
    )
}
"""Every engine, by the name of the command line; the first is what a study takes unless told otherwise."""


def choose_engines(study: Study, word: str | None) -> tuple[str, ...] | None:
    """Return the engines that a word of the command line names: a key of `ENGINES`, or `BOTH`."""
    return study.engines if word == BOTH else (word,) if word else None


def name_engines(engines: Sequence[str] | None) -> list[str]:
    """Return the words of the command line that name these engines of a study; none for its own choice."""
    return [] if engines is None else ["--engine", BOTH if len(engines) > 1 else engines[0]]


def fit_classifier(
    engine: str, settings: dict[str, Any], train: SplitData, validation: SplitData, on_epoch: OnEpoch
) -> Any:
    """Return a classifier of the engine, fitted; its epochs go to `on_epoch` as they end.

    Raises
    ------
    FloatingPointError
        When the loss or the weights stop being finite numbers.
    """
    return _fit(ENGINES[engine], ENGINES[engine].classifier(**settings), train, validation, on_epoch)


def fit_regressor(
    engine: str, settings: dict[str, Any], train: SplitData, validation: SplitData, on_epoch: OnEpoch
) -> Any:
    """Return a regressor of the engine, fitted, as `fit_classifier` does."""
    return _fit(ENGINES[engine], ENGINES[engine].regressor(**settings), train, validation, on_epoch)


def _fit(engine: Engine, estimator: Any, train: SplitData, validation: SplitData, on_epoch: OnEpoch) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is the study's
        return engine.fit(estimator, train, validation, on_epoch)


def as_glassnet(estimator: Any) -> Any:
    """Return a fitted estimator as glassnet's, which has model files and features of every layer."""
    if isinstance(estimator, MLPClassifier | MLPRegressor):
        return estimator
    own = MLPClassifier if hasattr(estimator, "predict_proba") else MLPRegressor
    return own.from_sklearn(estimator)


def describe_end(estimator: Any, epochs: int) -> str:
    """Return why training ended, in words that hold for both engines."""
    n_iter, tol = estimator.n_iter_, estimator.tol
    if n_iter >= epochs:
        return "the one epoch done" if epochs == 1 else f"all {epochs} epochs done"
    epochs_without = counted(estimator.n_iter_no_change, "epoch")
    return f"the training loss improved by less than tol={tol:g} for {epochs_without}"


def train_classifier(
    spec: ModelSpec,
    settings: dict[str, Any],
    parts: Mapping[str, SplitData],
    folder: Path,
    on_epoch: OnEpoch,
    evidence: Callable[[Any], dict[str, Any]] = lambda model: {},
) -> ModelResult:
    """Train the classifier of a spec with its engine, save it, and score it with its engine's own answers.

    Parameters
    ----------
    spec : ModelSpec
    settings : dict
        Parameters of scikit-learn's ``MLPClassifier``.
    parts : mapping of str to (X, y)
        ``"train"``, ``"validation"`` and ``"test"``; all are scored.
    folder : Path
        Of the model.
    on_epoch : callable
        Is told of every epoch.
    evidence : callable
        ``evidence(model) -> dict``: what else is measured on the fitted model.

    Returns
    -------
    ModelResult
        With the scores ``loss`` and ``accuracy``.
    """
    fit = partial(fit_classifier, spec.engine, settings)
    return _train(spec, fit, _score_classifier, ("loss", "accuracy"), parts, folder, on_epoch, evidence)


def train_regressor(
    spec: ModelSpec, settings: dict[str, Any], parts: Mapping[str, SplitData], folder: Path, on_epoch: OnEpoch
) -> ModelResult:
    """Train the regressor of a spec as `train_classifier` does; its score is ``mse``."""
    fit = partial(fit_regressor, spec.engine, settings)
    return _train(spec, fit, _score_regressor, ("mse",), parts, folder, on_epoch, lambda model: {})


def _train(
    spec: ModelSpec,
    fit: Callable[[SplitData, SplitData, OnEpoch], Any],
    score: Callable[..., dict[str, float]],
    metrics: tuple[str, ...],
    parts: Mapping[str, SplitData],
    folder: Path,
    on_epoch: OnEpoch,
    evidence: Callable[[Any], dict[str, Any]],
) -> ModelResult:
    start = time.perf_counter()
    try:
        model = fit(parts["train"], parts["validation"], on_epoch)
    except FloatingPointError as error:
        none = {name: dict.fromkeys(metrics) for name in parts}
        return make_result(spec, "diverged", 0, str(error), time.perf_counter() - start, none)
    seconds = time.perf_counter() - start
    as_glassnet(model).save(folder / MODEL_FILE)
    scores = {name: score(model, X, y) for name, (X, y) in parts.items()}
    reason = describe_end(model, model.max_iter)
    return make_result(spec, "finished", model.n_iter_, reason, seconds, scores, evidence(model))


def make_result(
    spec: ModelSpec,
    state: str,
    epochs: int,
    reason: str,
    seconds: float,
    scores: Mapping[str, Mapping[str, float | None]],
    evidence: dict[str, Any] | None = None,
) -> ModelResult:
    """Return the result of a model whose last weights were kept."""
    return ModelResult(
        **vars(spec),
        state=state,
        stopped_epoch=epochs,
        best_epoch=None,
        stopping_reason=reason,
        seconds=seconds,
        train=dict(scores.get("train", {})),
        validation=dict(scores.get("validation", {})),
        test=dict(scores.get("test", {})),
        evidence=evidence or {},
    )
