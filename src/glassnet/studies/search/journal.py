"""The trials of a search on disk, which any number of processes read and write: Optuna's journal, with locks.

A process that trains holds a lock as long as it lives; a trial whose process is gone begins anew.
"""

import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from glassnet._common.locks import FileLock
from glassnet._common.quoting import shown
from glassnet.errors import DamagedRunError, FileError, StudyError
from glassnet.studies.search import trials as words
from glassnet.studies.search._optuna import import_optuna, quiet
from glassnet.studies.search.spaces import Space, distributions_of, label_of, settings_of
from glassnet.studies.search.trials import End, Outcome, Trial, list_counted, read_trials, seconds_spent

JOURNAL_FILE = "trials.log"
FOLDER = "search"
"""What a search keeps, in its run folder."""
NAME = "search"
CONCLUDED = "concluded"
FEWEST_FINISHED = 8
"""So many trials are trained to their end before any is given up."""
KEPT_PERCENT = 25.0
"""A training goes on while its best figure is among so many of a hundred of those that were finished."""
WARM_PART = 0.1
"""Of the epochs, in which nothing is given up."""


@dataclass(frozen=True)
class Rules:
    """Say how a search goes.

    Attributes
    ----------
    space : Space
    default : dict or None
        What is tried first.
    less_is_better : bool
    seed : int
    prune : bool
    epochs : int
        Of each training at most.
    trials : int
    minutes : float or None
    """

    space: Space
    default: dict[str, Any] | None
    less_is_better: bool
    seed: int
    prune: bool
    epochs: int
    trials: int
    minutes: float | None


class NoTrial(StrEnum):
    """Why there is nothing to train."""

    DONE = "the search is over"
    WAIT = "others are training still"


@dataclass(frozen=True)
class Begun:
    """Hold a trial to be trained.

    Attributes
    ----------
    trial : optuna.Trial
    settings : dict
    proves : int or None
        The trial that it proves to be equal to: it is not given up.
    seconds : float or None
        How long it may take; None leaves it alone.
    """

    trial: Any
    settings: dict[str, Any]
    proves: int | None
    seconds: float | None


class Journal:
    """Read and write the trials of a search.

    Parameters
    ----------
    folder : Path
        The run folder, which is there.
    rules : Rules

    Raises
    ------
    DamagedRunError
        When the journal cannot be read; FileError when the folder cannot be written.
    """

    def __init__(self, folder: Path, rules: Rules) -> None:
        self._folder, self.rules = folder / FOLDER, rules
        self._path = self._folder / JOURNAL_FILE
        self._worker = ""
        self._training: set[int] = set()
        """Trials that were begun here and are not finished."""
        self._distributions = distributions_of(rules.space)
        self._asking = FileLock(self._folder / "asking.lock")
        try:
            self._folder.mkdir(exist_ok=True)
        except OSError as error:
            raise FileError(f"cannot write {shown(self._folder)}: {error.strerror or error}.") from error
        with quiet(), self._telling_of_damage():
            self._study = self._open()

    def _open(self) -> Any:
        optuna = import_optuna()
        lock: Any = _JournalLock(self._folder / "journal.lock", self._path)
        backend = optuna.storages.journal.JournalFileBackend(str(self._path), lock_obj=lock)
        rules = self.rules
        pruner = (
            optuna.pruners.PercentilePruner(
                KEPT_PERCENT,
                n_startup_trials=FEWEST_FINISHED,
                n_warmup_steps=max(1, round(WARM_PART * rules.epochs)),
                n_min_trials=FEWEST_FINISHED // 2,
            )
            if rules.prune
            else optuna.pruners.NopPruner()
        )
        with self._asking:
            storage = optuna.storages.JournalStorage(backend)
            if not storage.get_all_studies():
                direction = "minimize" if rules.less_is_better else "maximize"
                optuna.create_study(storage=storage, study_name=NAME, direction=direction)
            study = optuna.load_study(study_name=NAME, storage=storage, pruner=pruner)
            if rules.default is not None and not study.get_trials(deepcopy=False):
                params = {name: label_of(value) for name, value in rules.default.items()}
                study.enqueue_trial(params, user_attrs={words.DEFAULT: True})
        return study

    @contextmanager
    def _telling_of_damage(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, KeyError, TypeError, AssertionError, AttributeError) as error:
            raise DamagedRunError(
                f"{shown(self._path)} is damaged, or not what a search wrote there: {shown(error)}"
            ) from error

    def read(self) -> list[Trial]:
        """Return all trials."""
        with self._telling_of_damage():
            return read_trials(self._study.get_trials(deepcopy=False), self.rules.space)

    @property
    def study(self) -> Any:
        """The study of Optuna, to be asked what the parameters are worth."""
        return self._study

    def conclude(self) -> dict[str, Any]:
        """Note that the search is over, and with which budget; return what was noted first."""
        with self._asking:
            for path in self._folder.glob("*.alive"):  # of processes that were killed between two trials
                self._is_alive(path.stem)
            if CONCLUDED not in self._study.user_attrs:
                budget = {"trials": self.rules.trials, "minutes": self.rules.minutes}
                self._study.set_user_attr(CONCLUDED, budget)
            return dict(self._study.user_attrs[CONCLUDED])

    @property
    def concluded(self) -> dict[str, Any] | None:
        """The budget of a search that is over; None as long as it is not."""
        found: dict[str, Any] | None = self._study.user_attrs.get(CONCLUDED)
        return found

    @contextmanager
    def working(self) -> Iterator[None]:
        """Hold the lock by which others see that this process lives."""
        self._worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        path = self._folder / f"{self._worker}.alive"
        with FileLock(path), quiet():
            try:
                yield
            finally:
                with suppress(OSError):
                    path.unlink()

    def begin(self, key_of: Callable[[dict[str, Any]], str]) -> Begun | NoTrial:
        """Return a trial to be trained, or why there is none; `key_of` tells equal candidates.

        Trials of processes that are gone are queued again first. An equal candidate is not trained: it gets
        what the earlier one came to. The first such pair is trained all the same, as the proof.
        """
        while True:
            with self._asking, self._telling_of_damage():
                found = self._begin(key_of)
            if found is not None:
                return found

    def _begin(self, key_of: Callable[[dict[str, Any]], str]) -> Begun | NoTrial | None:
        study, rules = self._study, self.rules
        self._reclaim(study.get_trials(deepcopy=False))
        raw = study.get_trials(deepcopy=False)
        trials = read_trials(raw, rules.space)
        left = None
        if rules.minutes is not None and any(one.end is End.FINISHED for one in trials):
            left = rules.minutes * 60 - seconds_spent(trials, time.time())  # the first one is let finish
        is_over = left is not None and left <= 0
        position = len(list_counted(trials))
        are_queued = any(one.end is End.WAITING for one in trials)
        if CONCLUDED in study.user_attrs or is_over or (position >= rules.trials and not are_queued):
            is_busy = any(one.end is End.TRAINING for one in trials)
            return NoTrial.WAIT if is_busy and CONCLUDED not in study.user_attrs else NoTrial.DONE
        study.sampler = _make_sampler(rules.seed, position)
        trial = study.ask(self._distributions)
        trial.set_user_attr(words.WORKER, self._worker)
        settings = settings_of(rules.space, trial.params)
        key = key_of(settings)
        proves = trial.user_attrs.get(words.PROOF)
        if proves is None:
            equal = [
                one
                for one in raw
                if one.user_attrs.get(words.KEY) == key
                and one.number != trial.number
                and trials[one.number].end not in (End.LOST, End.EQUAL)
            ]
            if equal and not self._may_prove(trials, trials[equal[0].number]):
                trial.set_user_attr(words.SAME_AS, equal[0].number)
                self._copy(trial.number, equal[0])
                return None
            if equal:
                proves = equal[0].number
                trial.set_user_attr(words.PROOF, proves)
        trial.set_user_attr(words.KEY, key)
        self._training.add(trial.number)
        return Begun(trial, settings, proves, left)

    def _may_prove(self, trials: Sequence[Trial], original: Trial) -> bool:
        """Whether a pair of equal candidates is to be trained twice, which one pair is."""
        is_first = all(one.proves is None or one.end is End.LOST for one in trials)
        return is_first and original.end is End.FINISHED

    def _copy(self, number: int, original: Any) -> None:
        """Give a trial what an earlier, equal one came to; nothing, while that is in training."""
        states = import_optuna().trial.TrialState
        if original.state == states.COMPLETE:
            self._study.tell(number, original.value)
        else:
            self._study.tell(number, state=states.FAIL)

    def _reclaim(self, raw: Sequence[Any]) -> None:
        """Queue the trials anew whose processes are gone."""
        states = import_optuna().trial.TrialState
        queued = {one.user_attrs.get(words.AGAIN) for one in raw}
        lives: dict[str, bool] = {"": False, self._worker: False}
        for one in raw:
            if one.state != states.RUNNING or one.number in self._training:
                continue
            worker = one.user_attrs.get(words.WORKER, "")
            if worker not in lives:
                lives[worker] = self._is_alive(worker)
            if lives[worker]:
                continue
            if words.SAME_AS in one.user_attrs:  # it was told so, and no more
                self._copy(one.number, raw[one.user_attrs[words.SAME_AS]])
                continue
            params = one.params if worker else one.system_attrs.get("fixed_params")
            if params and one.number not in queued:
                kept = {name: one.user_attrs[name] for name in words.LABELS if name in one.user_attrs}
                self._study.enqueue_trial(params, user_attrs={**kept, words.AGAIN: one.number})
            self._study.tell(one.number, state=states.FAIL)

    def _is_alive(self, worker: str) -> bool:
        path = self._folder / f"{worker}.alive"
        if not path.exists():
            return False
        lock = FileLock(path)
        if not lock.try_acquire():
            return True
        path.unlink(missing_ok=True)
        lock.release()
        return False

    def finish(self, trial: Any, outcome: Outcome) -> None:
        """Write what a trial came to; one that others hold for lost stays so.

        Raises
        ------
        StudyError
            When the model refused its settings, and never took any.
        """
        self._training.discard(trial.number)
        is_refused = outcome.end is End.REFUSED and not any(one.end is End.FINISHED for one in self.read())
        states = import_optuna().trial.TrialState
        with suppress(RuntimeError), self._asking:  # with which it refuses to change what is over
            came_to = {words.END: str(outcome.end), words.EPOCHS: outcome.epochs, words.WHY: outcome.why}
            trial.set_user_attr(words.CAME_TO, came_to)
            if outcome.end is End.FINISHED:
                self._study.tell(trial, outcome.value)
            else:
                self._study.tell(trial, state=states.PRUNED)
        if is_refused:
            raise StudyError(outcome.why)


def _make_sampler(seed: int, position: int) -> Any:
    """Return what draws one candidate: the same whether the search was interrupted before or not."""
    state = int(np.random.SeedSequence([seed, position]).generate_state(1)[0])
    return import_optuna().samplers.TPESampler(seed=state, multivariate=True, constant_liar=True)


class _JournalLock(FileLock):
    """The lock for writing to the journal, whose last line is whole then.

    A process that was killed as it wrote, or whose disk was full, may have left a part of one.
    """

    def __init__(self, path: Path, journal: Path) -> None:
        super().__init__(path)
        self._journal = journal

    def acquire(self) -> bool:
        """Wait until it is free, take it, and remove what there is of a line."""
        super().acquire()
        with suppress(FileNotFoundError), self._journal.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size and (file.seek(size - 1), file.read(1))[1] != b"\n":
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)
        return True
