"""Fit a network to a table, and judge it beside others on rows that none of them was trained on."""

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from glassnet._common.environment import describe_environment
from glassnet.nn.history import EpochRecord, StopKind
from glassnet.tables.base import ColumnFacts, FitConfig, Standing, TableResult, Task
from glassnet.tables.contenders import CONTENDERS, OWN, as_numbers
from glassnet.tables.folder import FitFolder
from glassnet.tables.given import Given
from glassnet.tables.labels import as_text
from glassnet.tables.looks import confusion_of, measure_importance, reliability_of, some_points
from glassnet.tables.metrics import Sampled, list_metrics, of_folds, sample_rows
from glassnet.tables.network import (
    describe_encoding,
    describe_network,
    epochs_of,
    examine,
    features_of,
    make_network,
    taking_encoded,
)

FEW_VALUES = 1_000_000
"""With fewer, the other models would wait for their threads longer than they would gain by them."""

Part = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True)
class Step:
    """Tell what a fit is doing.

    Attributes
    ----------
    what : str
        ``"this network"``, ``"gradient boosting"``, ``"importance of columns"``.
    part : str
        ``"fold 2 of 5"``; empty where there are no folds.
    record : EpochRecord or None
        The epoch that just ended, of a network.
    epochs : int or None
        The most that there will be.
    """

    what: str
    part: str = ""
    record: EpochRecord | None = None
    epochs: int | None = None


OnStep = Callable[[Step], object]


def fit_table(
    given: Given, config: FitConfig, folder: FitFolder, on_step: OnStep = lambda step: None
) -> TableResult:
    """Fit, judge, and write all files of the folder but the page.

    Parameters
    ----------
    given : Given
    config : FitConfig
    folder : FitFolder
        Made where it is missing; what an earlier fit left in it is removed first.
    on_step : callable
        ``on_step(step)`` is told what is done.

    Returns
    -------
    TableResult

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, in the training too; then the folder does not look finished.
    FileError
        When the folder cannot be written.
    RunFolderError
        When it holds something else, or another process fits in it.
    """
    folder.claim(config)
    with folder.lock():
        folder.claim(config)
        folder.clear()
        return _Fit(given, config, on_step).run(folder)


class _Fit:
    """Hold what the steps of a fit share."""

    def __init__(self, given: Given, config: FitConfig, on_step: OnStep) -> None:
        self._given, self._config, self._on_step = given, config, on_step
        self._classes = given.classes
        is_classification = given.task is Task.CLASSIFICATION
        self._codes = np.searchsorted(self._classes, given.y) if is_classification else given.y
        self._seconds = dict.fromkeys(CONTENDERS, 0.0)
        self._answers: dict[str, list[NDArray[np.float64]]] = {name: [] for name in CONTENDERS}

    def run(self, folder: FitFolder) -> TableResult:
        began = time.monotonic()
        given, config = self._given, self._config
        parts = given.parts(config)
        X, is_category = as_numbers(given.frame, given.kinds)
        for number, (train, test) in enumerate(parts, 1):
            where = f"fold {number} of {len(parts)}" if config.folds else ""
            network = self._train_network(train, where)
            self._answers[OWN].append(self._answer(network, given.frame.take(test)))
            for name, contender in CONTENDERS.items():
                if contender.make is not None:
                    self._on_step(Step(contender.title, where))
                    self._train_other(
                        name, contender.make(given.task, is_category, config.seed), X, train, test
                    )
        self._on_step(Step("importance of columns"))
        importance = self._measure_importance(network, test)
        if config.folds:
            network = self._train_network(np.arange(len(given.y)), "all rows")
        network.save(folder.model_path)
        folder.write_history(network.history_)
        self._on_step(Step("the doctor’s examination"))
        examined = (np.arange(len(given.y)), None) if config.folds else parts[0]
        folder.write_diagnosis(examine(network, given, *examined))
        result = self._conclude(parts, network, importance, time.monotonic() - began)
        folder.write_results(result)
        return result

    def _train_network(self, rows: NDArray[np.intp], where: str) -> Any:
        given, began = self._given, time.monotonic()
        title, epochs = CONTENDERS[OWN].title, epochs_of(given.task, self._config)

        def note(record: EpochRecord) -> None:
            self._on_step(Step(title, where, record, epochs))

        network = make_network(given.task, self._config, note)
        self._on_step(Step(title, where))
        network.fit(given.frame.take(rows), given.y[rows])
        if network.history_.stopped_by is StopKind.INTERRUPTED:
            raise KeyboardInterrupt
        if where != "all rows":
            self._seconds[OWN] += time.monotonic() - began
        return network

    def _train_other(self, name: str, model: Any, X: NDArray[np.float64], train: Any, test: Any) -> None:
        began = time.monotonic()
        threads = 1 if X[train].size < FEW_VALUES else None
        with warnings.catch_warnings(), threadpool_limits(threads):
            warnings.simplefilter("ignore")  # that a peer did not converge, or saw a new category
            model.fit(X[train], self._codes[train])
            self._seconds[name] += time.monotonic() - began
            self._answers[name].append(self._answer(model, X[test]))

    def _answer(self, model: Any, X: Any) -> NDArray[np.float64]:
        """Return probabilities of the classes, or numbers, as float64."""
        if self._given.task is Task.REGRESSION:
            return np.asarray(model.predict(X), np.float64)
        answers: NDArray[np.float64] = np.asarray(model.predict_proba(X), np.float64)
        answers /= answers.sum(axis=1, keepdims=True)  # in float32 they sum to 1 within 1e-7
        return answers

    def _measure_importance(self, network: Any, test: NDArray[np.intp]) -> dict[str, tuple[float, float]]:
        """Return how much worse the main figure gets without each column."""
        metric = list_metrics(self._given.task, len(self._classes))[0]
        codes, sign, twin = self._codes[test], 1 if metric.is_gain else -1, taking_encoded(network)
        Z = network.encoder_.transform(self._given.frame.take(test))
        return measure_importance(
            lambda Z, rows: sign * metric.measure(codes[rows], self._answer(twin, Z)),
            Z,
            features_of(network),
            self._config.seed,
        )

    def _sample(self, metric: Any, name: str, parts: list[Part]) -> Sampled:
        answers = self._answers[name]
        if self._config.folds:
            return of_folds(
                metric, [(self._codes[test], found) for (_, test), found in zip(parts, answers, strict=True)]
            )
        return sample_rows(metric, self._codes[parts[0][1]], answers[0], self._config.seed)

    def _conclude(
        self, parts: list[Part], network: Any, importance: dict[str, tuple[float, float]], seconds: float
    ) -> TableResult:
        given, task = self._given, self._given.task
        metrics = list_metrics(task, len(self._classes))
        standings, own = [], None
        for name in CONTENDERS:
            sampled = {metric.name: self._sample(metric, name, parts) for metric in metrics}
            main = sampled[metrics[0].name]
            own = own or main
            lead = own.minus(main) if metrics[0].is_gain else main.minus(own)
            scores = {metric.name: metric.limit(sampled[metric.name].score) for metric in metrics}
            standings.append(Standing(name, scores, self._seconds[name], None if name == OWN else lead.score))
        y = np.concatenate([self._codes[test] for _, test in parts])
        answers = np.concatenate(self._answers[OWN])
        is_classification = task is Task.CLASSIFICATION
        return TableResult(
            config=self._config,
            table=str(given.path),
            test=str(given.test_path or ""),
            task=task,
            why_task=given.target.why,
            n_train=len(given.y) if self._config.folds else len(parts[0][0]),
            n_test=len(y),
            notes=given.target.notes,
            columns=self._describe_columns(network, importance),
            classes=[as_text(label) for label in self._classes.tolist()],
            model=describe_network(network, self._config),
            metric=metrics[0].name,
            standings=standings,
            confusion=confusion_of(y, answers) if is_classification else [],
            points=[] if is_classification else some_points(y, answers, self._config.seed),
            reliability=reliability_of(y, answers) if is_classification else None,
            seconds=seconds,
            environment=describe_environment(),
        )

    def _describe_columns(
        self, network: Any, importance: dict[str, tuple[float, float]]
    ) -> list[ColumnFacts]:
        encoding = describe_encoding(network)
        columns = []
        for facts in self._given.columns:
            value, spread = importance.get(facts.name, (None, 0.0))
            encoded = encoding.get(facts.name, "")
            columns.append(replace(facts, encoded=encoded, importance=value, spread=spread))
        return columns
