"""The loop of a process that trains the trials of a search, until there are none."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from glassnet._common.progress import silent
from glassnet.errors import StudyError
from glassnet.models.trackers import OptunaPruning
from glassnet.nn.history import EpochRecord
from glassnet.studies.base import ModelSpec, RunConfig, SplitData
from glassnet.studies.own.candidates import BASE
from glassnet.studies.own.estimators import canonical, classifies
from glassnet.studies.own.reading import FOLD
from glassnet.studies.own.training import Task, fit_model, parts_of, score_part
from glassnet.studies.search._optuna import import_optuna
from glassnet.studies.search.journal import Begun, Journal, NoTrial, Rules
from glassnet.studies.search.trials import End, Outcome
from glassnet.studies.workers import Check

WAIT_SECONDS = 0.2
"""Between two looks whether a trial of another process has to be begun anew."""
MOST_REPORTS = 20
"""Of a training to the journal: each is forced to the disk."""


@dataclass(frozen=True)
class Work:
    """Hold what a process needs to take part in a search.

    Attributes
    ----------
    task : Task
    config : RunConfig
    rules : Rules
    folder : Path
        The run folder.
    """

    task: Task
    config: RunConfig
    rules: Rules
    folder: Path


class _OutOfTime(Exception):
    """End a training whose time is over."""


def take_part(work: Work, watch: Callable[[], Check]) -> None:
    """Train trial after trial, until the search is over; `watch` begins to look whether it still is wanted.

    Raises
    ------
    StudyError
        When the model refuses its settings, and never took any.
    """
    check = watch()
    with silent(), threadpool_limits(1), joblib.parallel_config("sequential"):
        journal, trainer = Journal(work.folder, work.rules), Trainer(work)
        with journal.working():
            while (begun := journal.begin(trainer.key_of)) is not NoTrial.DONE:
                check()
                if isinstance(begun, Begun):
                    journal.finish(begun.trial, trainer.train(begun, check))
                else:
                    time.sleep(WAIT_SECONDS)


class Trainer:
    """Train trials in a process, which divides and encodes the samples once for all of them.

    Parameters
    ----------
    work : Work
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._parts: dict[int, dict[str, SplitData]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Return what is sent to another process, which makes the parts itself."""
        return vars(self) | {"_parts": {}}

    def key_of(self, settings: dict[str, Any]) -> str:
        """Return a text that equal candidates have in common."""
        task = self._work.task
        return canonical(task.find_model({}), task.description.settings | settings)

    def train(self, begun: Begun, check: Check) -> Outcome:
        """Train a trial with every fold, and return what it came to; `check` is called after each epoch."""
        began, told = time.monotonic(), 0

        def note(record: EpochRecord) -> None:
            nonlocal told
            told += 1
            check()
            if begun.seconds is not None and time.monotonic() - began > begun.seconds:
                raise _OutOfTime

        folds = self._work.task.description.split.folds
        figures: list[float | None] = []
        try:
            for fold in range(1, folds + 1) if folds else [0]:
                prune = self._pruning(begun) if fold < 2 else None
                figures.append(self._train_fold(begun, fold, note, prune))
        except _OutOfTime:
            return Outcome(End.STOPPED, epochs=told)
        except import_optuna().TrialPruned:
            return Outcome(End.PRUNED, epochs=told)
        except FloatingPointError as error:
            return Outcome(End.DIVERGED, epochs=told, why=str(error))
        except StudyError as error:
            return Outcome(End.REFUSED, epochs=told, why=str(error))
        known = [figure for figure in figures if figure is not None]
        if len(known) < len(figures):
            why = "the figure on the validation part is no finite number"
            return Outcome(End.DIVERGED, epochs=told, why=why)
        return Outcome(End.FINISHED, float(np.mean(known)), told)

    def _train_fold(
        self,
        begun: Begun,
        fold: int,
        note: Callable[[EpochRecord], None],
        prune: Callable[[EpochRecord], None] | None,
    ) -> float | None:
        """Return the main figure on the validation part; what is tested on is not looked at."""
        task, config = self._work.task, self._work.config
        spec = ModelSpec(
            f"trial-{begun.trial.number}", settings=begun.settings | ({FOLD: fold} if fold else {})
        )
        if fold not in self._parts:
            parts = parts_of(task, config, replace(spec, name=BASE), self._work.folder)
            self._parts[fold] = {name: parts[name] for name in ("train", "validation")}

        def tell(record: EpochRecord) -> None:
            note(record)
            if prune is not None:
                prune(record)

        fitted = fit_model(task, config, spec, self._parts[fold], tell)
        return score_part(task, fitted, self._parts[fold]["validation"])[task.description.metrics[0].name]

    def _pruning(self, begun: Begun) -> Callable[[EpochRecord], None] | None:
        """Return what reports epochs, and gives up a trial that falls behind; None where nothing is."""
        rules = self._work.rules
        if not rules.prune or begun.proves is not None:
            return None
        is_accuracy = classifies(self._work.task.find_model({})) and not rules.less_is_better
        watched = "validation_accuracy" if is_accuracy else "validation_loss"
        is_turned = not is_accuracy and not rules.less_is_better
        report = OptunaPruning(_Turned(begun.trial) if is_turned else begun.trial, watched)
        every = ceil(rules.epochs / MOST_REPORTS)

        def prune(record: EpochRecord) -> None:
            if record.epoch % every == 0 and getattr(record, watched) is not None:
                report(record)

        return prune


class _Turned:
    """A trial to which losses are told of a search for the greatest figure."""

    def __init__(self, trial: Any) -> None:
        self._trial = trial

    def report(self, value: float, step: int) -> None:
        self._trial.report(-value, step)

    def should_prune(self) -> bool:
        return bool(self._trial.should_prune())
