"""Train one model of a person's study, in whatever process it is called."""

import json
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix

from glassnet._common.fields import build
from glassnet._common.words import counted
from glassnet.errors import StudyError
from glassnet.models import NeuralNetwork
from glassnet.models.tabular import TableEncoder
from glassnet.nn.history import EpochRecord
from glassnet.studies.base import ModelResult, ModelSpec, RunConfig, SplitData
from glassnet.studies.engines import ENGINES, OWN, PEER, make_result
from glassnet.studies.folder import MODEL_FILE
from glassnet.studies.own.candidates import own_settings
from glassnet.studies.own.description import DataPart, Description
from glassnet.studies.own.estimators import (
    TABLE_MODELS,
    classifies,
    find_estimator,
    keeps_file,
    make_estimator,
    parameters_of,
    tells_epochs,
)
from glassnet.studies.own.figures import score
from glassnet.studies.own.given import Given, divide, load_given
from glassnet.studies.own.reading import ESTIMATOR, FOLD, SEED, TRAIN_ROWS

MOST_CLASSES = 50
"""A table of more classes says nothing at a glance, and every model has one."""


@dataclass(frozen=True)
class Task:
    """Hold what a worker needs to train a model of a person's study.

    Attributes
    ----------
    description : Description
    folder : str
        That paths start from.
    allow : tuple of str
        Modules that may be imported.
    given : Given or None
        The samples, where they were given as arrays.
    """

    description: Description
    folder: str
    allow: tuple[str, ...] = ()
    given: Given | None = field(default=None, compare=False)

    def find_model(self, settings: dict[str, Any]) -> type[Any]:
        """Return the class of a candidate's model."""
        name = settings.get(ESTIMATOR, self.description.estimator)
        return find_estimator(name, self.allow, self.folder)

    def load(self) -> Given:
        """Return all samples; those of files are read once in a process."""
        if self.given is not None:
            return self.given
        task = classifies(self.find_model({}))
        return _load(json.dumps(asdict(self.description.data), sort_keys=True), self.folder, self.allow, task)

    def divide(self, config: RunConfig, spec: ModelSpec) -> dict[str, SplitData]:
        """Return the parts that a model is given."""
        split, settings = self.description.split, spec.settings
        limits = [self.description.data.rows, self.description.quick_rows if config.quick else None]
        return divide(
            self.load(),
            test=split.test,
            validation=split.validation,
            folds=split.folds,
            fold=settings.get(FOLD, 0),
            seed=config.seed,
            rows=min((limit for limit in limits if limit is not None), default=None),
            train_rows=settings.get(TRAIN_ROWS),
            classifies=classifies(self.find_model(settings)),
        )


@lru_cache(maxsize=1)
def _load(data: str, folder: str, allow: tuple[str, ...], task: bool) -> Given:
    return load_given(build(DataPart, json.loads(data)), folder, allow, classifies=task)


def parts_of(task: Task, config: RunConfig, spec: ModelSpec, folder: Path) -> dict[str, SplitData]:
    """Return what a model was given, as it was given it: a table encoded, unless the model does so."""
    return _encoded(task.find_model(spec.settings), task.divide(config, spec))


def _encoded(model: type[Any], parts: dict[str, SplitData]) -> dict[str, SplitData]:
    """Return tables as numbers, for all models that do not take tables; what is fitted is fitted to train."""
    if isinstance(parts["train"][0], np.ndarray) or issubclass(model, TABLE_MODELS):
        return parts
    encoder = TableEncoder(dtype="float64").fit(parts["train"][0])
    return {name: (np.asarray(encoder.transform(X)), y) for name, (X, y) in parts.items()}


def make_model(task: Task, config: RunConfig, spec: ModelSpec) -> Any:
    """Return the estimator of a spec, not fitted."""
    model = task.find_model(spec.settings)
    known = parameters_of(model)
    own = {k: v for k, v in own_settings(spec.settings).items() if k not in (ESTIMATOR, TRAIN_ROWS)}
    has_own_model = ESTIMATOR in spec.settings
    settings = {k: v for k, v in task.description.settings.items() if k in known or not has_own_model} | own
    most = "epochs" if model is NeuralNetwork else "max_iter"
    if tells_epochs(model) and most not in settings:
        settings[most] = config.epochs
    if "random_state" in known and "random_state" not in settings:
        settings["random_state"] = spec.settings.get(SEED, config.seed)
    return make_estimator(model, settings)


def train(
    task: Task,
    config: RunConfig,
    spec: ModelSpec,
    folder: Path,
    on_epoch: Callable[[EpochRecord], object],
) -> ModelResult:
    """Train one model, save it where it can be, and score it on every part.

    Raises
    ------
    StudyError
        When the model refuses its parameters or the samples.
    """
    parts = parts_of(task, config, spec, folder)
    return train_on(task, config, spec, parts, folder, on_epoch, partial(_measure, parts))


def train_on(
    task: Task,
    config: RunConfig,
    spec: ModelSpec,
    parts: dict[str, SplitData],
    folder: Path,
    on_epoch: Callable[[EpochRecord], object],
    measure: Callable[[Any], dict[str, Any]],
) -> ModelResult:
    """Train one model as `train` does, on these parts; `measure` returns what else is known of it, fitted."""
    began, told = time.perf_counter(), list[EpochRecord]()

    def note(record: EpochRecord) -> None:
        told.append(record)
        on_epoch(record)

    try:
        fitted = fit_model(task, config, spec, parts, note)
    except FloatingPointError as error:
        none = {name: dict.fromkeys(metric.name for metric in task.description.metrics) for name in parts}
        return make_result(spec, "diverged", len(told), str(error), time.perf_counter() - began, none)
    seconds = time.perf_counter() - began
    if keeps_file(type(fitted)):
        folder.mkdir(parents=True, exist_ok=True)
        fitted.save(folder / MODEL_FILE)
    scores = {name: score_part(task, fitted, part) for name, part in parts.items()}
    n_epochs, reason = len(told), f"{counted(len(told), 'epoch')} done" if told else "fitted"
    if not told and tells_epochs(type(fitted)):  # L-BFGS
        n_epochs = int(fitted.n_iter_)
        reason = f"{counted(n_epochs, 'iteration')} of L-BFGS"
    return make_result(spec, "finished", n_epochs, reason, seconds, scores, measure(fitted))


def fit_model(
    task: Task,
    config: RunConfig,
    spec: ModelSpec,
    parts: dict[str, SplitData],
    note: Callable[[EpochRecord], object],
) -> Any:
    """Return the model of a spec, fitted to its training part; it may watch the validation part, if any.

    Raises
    ------
    FloatingPointError
        When training diverges; StudyError when the model refuses its parameters or the samples.
    """
    try:
        model = make_model(task, config, spec)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that training did not converge: the epochs are the study's
            return _fit(model, parts, note)
    except FloatingPointError:
        raise
    except (ValueError, TypeError) as error:
        raise StudyError(f"the model {spec.name} cannot be trained: {error}") from error


def score_part(task: Task, fitted: Any, part: SplitData) -> dict[str, float | None]:
    """Return all figures of a fitted model on some samples."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of figures that are none on few samples
        return score(task.description.metrics, fitted, *part, task.allow, task.folder)


def _fit(model: Any, parts: dict[str, SplitData], note: Callable[[EpochRecord], object]) -> Any:
    """Fit a model, and tell of its epochs where it tells of any."""
    if getattr(model, "solver", "") == "lbfgs":
        return model.fit(*parts["train"])  # it has no epochs
    for engine in (ENGINES[OWN], ENGINES[PEER]):
        if type(model) in (engine.classifier, engine.regressor) and "validation" in parts:
            return engine.fit(model, parts["train"], parts["validation"], note)
    if isinstance(model, NeuralNetwork):
        return model.fit(*parts["train"], *parts.get("validation", ()), on_epoch=note)
    if "on_epoch" in model.get_params(deep=False):
        model.set_params(on_epoch=note)
    model.fit(*parts["train"])
    return model


def _measure(parts: dict[str, SplitData], model: Any) -> dict[str, Any]:
    """Return how often each class was answered by each, on the test part, or else the validation part."""
    split = "test" if "test" in parts else "validation"
    classes = getattr(model, "classes_", None)
    if classes is None or len(classes) > MOST_CLASSES:
        return {}
    X, y = parts[split]
    labels = np.asarray(classes)
    answers = model.predict(X)
    return {
        "confusion": confusion_matrix(y, answers, labels=labels).tolist(),
        "confusion_of": split,
        "classes": [str(label) for label in labels.tolist()],
    }
