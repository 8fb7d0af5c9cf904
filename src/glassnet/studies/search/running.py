"""Run a search: processes that train trials, then the winner and the defaults; whatever is killed goes on."""

import os
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import joblib
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import BrokenProcessPool

from glassnet._common.environment import count_cores
from glassnet._common.files import cannot_write
from glassnet._common.locks import LOCK_FILE, FileLock
from glassnet._common.quoting import shown
from glassnet._common.words import counted
from glassnet.errors import GlassnetError, RunFolderError, StudyError
from glassnet.studies._dask_cluster import DaskCluster
from glassnet.studies.base import RunConfig, Study
from glassnet.studies.folder import CONFIG_FILE, RunFolder
from glassnet.studies.own.concluding import title_of
from glassnet.studies.own.description import Description
from glassnet.studies.runner import Snapshot, conclude, run_study
from glassnet.studies.search.journal import FOLDER, JOURNAL_FILE, Journal, Rules
from glassnet.studies.search.learning import Learnt, measure_importance
from glassnet.studies.search.on_cluster import search_on_cluster
from glassnet.studies.search.trials import End, Trial, find_best, list_counted, seconds_spent
from glassnet.studies.search.working import Work, take_part
from glassnet.studies.workers import sparing_workers_ctrl_c, watch_event, watch_runner

POLL_SECONDS = 0.25
WRITE_SECONDS = 2.0
"""Between two times that what is known so far is written for the report."""
MOST_DEATHS = 3
"""Worker processes that end from outside one after the other, without a trial that ends between them."""


class Searched(Protocol):
    """Describe what is run: see `glassnet.Search`."""

    task: Any
    space: Any
    default: dict[str, Any] | None
    description: Description

    def rules(self, config: RunConfig) -> Rules:
        """Return how the search goes."""

    def study(self, learnt: Learnt | None = None, won: dict[str, Any] | None = None) -> Study:
        """Return the study of the models at the end."""


@dataclass(frozen=True)
class Progress:
    """Tell how far a search is.

    Attributes
    ----------
    trials : list of Trial
    wanted : int
        How many are tried at most.
    best : Trial or None
    metric : str
        What people call the figure that chooses.
    jobs : int
        Processes of this run; others may search in the same folder.
    seconds_left : float or None
        An estimate; None before the first trial ended.
    leads : bool
        Whether this process writes the report.
    deaths : int
        Worker processes that ended from outside, so far.
    """

    trials: list[Trial]
    wanted: int
    best: Trial | None
    metric: str
    jobs: int
    seconds_left: float | None
    leads: bool
    deaths: int


def run_search(
    search: Searched,
    config: RunConfig,
    path: str | Path,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
) -> Generator[Progress | Snapshot]:
    """Search until the budget is used up; then train the winner and the defaults, and conclude.

    Parameters
    ----------
    search : Search
    config : RunConfig
    path : path-like
        The run folder; made when missing. Other processes may search in it at the same time: the trials are
        in its journal, and one of the processes writes the report.
    jobs : int or None
        Processes, each with one BLAS thread; None takes one for each core.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers then train, in place of processes of this machine.

    Yields
    ------
    Progress or Snapshot
        A few times a second; a Snapshot once the models at the end are trained. The last one is complete.

    Raises
    ------
    FileError
        When the folder cannot be written; RunFolderError when it holds another run, or a search that is over
        and had another budget.
    StudyError
        When worker processes are ended from outside time and again, the model refuses its settings, or no
        trial came to a figure.
    """
    folder, rules = RunFolder(path), search.rules(config)
    _claim(folder, config, search.study())
    journal = Journal(folder.path, rules)
    _check_budget(journal, rules, folder)
    cluster = DaskCluster(scheduler) if scheduler else None
    jobs = min(jobs or (cluster.jobs if cluster else count_cores()), rules.trials)
    leading = FileLock(folder.path / FOLDER / "leading.lock")
    leads = leading.try_acquire()
    deaths, written, next_write = 0, -1, 0.0

    def look() -> Progress:
        nonlocal leads
        leads = leads or leading.try_acquire()
        trials = journal.read()
        best = find_best(trials, less_is_better=rules.less_is_better)
        left = _seconds_left(trials, rules, jobs)
        metric = title_of(search.description.metrics[0])
        return Progress(trials, rules.trials, best, metric, jobs, left, leads, deaths)

    try:
        work = Work(search.task, config, rules, folder.path.absolute())  # processes may stand elsewhere
        while journal.concluded is None:
            before = _count_ended(journal.read())
            try:
                for _ in _train(work, jobs, cluster):
                    folder.check()
                    progress = look()
                    now, n_ended = time.monotonic(), _count_ended(progress.trials)
                    if leads and n_ended != written and now >= next_write:
                        _write_results(search, config, folder, progress.trials)
                        written, next_write = n_ended, now + WRITE_SECONDS
                    yield progress
                break
            except BrokenProcessPool:
                if _count_ended(journal.read()) > before:
                    deaths = 0
                deaths += 1
                if deaths >= MOST_DEATHS:
                    raise StudyError(
                        f"{deaths} worker processes were ended from outside one after the other, perhaps for "
                        "want of memory. What is finished is kept; the same command goes on from there, with "
                        "fewer --jobs if memory is short."
                    ) from None
        while not leads:  # another process trains the models at the end, or looks at them just now
            yield look()
            time.sleep(POLL_SECONDS)
        yield from _finish(search, config, folder, journal, jobs, scheduler)
    except OSError as error:
        if isinstance(error, GlassnetError):
            raise
        raise cannot_write(folder.path / FOLDER / JOURNAL_FILE, error) from error
    finally:
        leading.release()
        if cluster is not None:
            cluster.close()


def _claim(folder: RunFolder, config: RunConfig, study: Study) -> None:
    """Make the folder the one of this search, unless another process does so in the same moment."""
    try:
        folder.claim(config, study)
    except RunFolderError:  # between two looks another one may have begun in what was an empty folder
        if not (folder.path / CONFIG_FILE).exists():
            raise
        folder.claim(config, study)


def _check_budget(journal: Journal, rules: Rules, folder: RunFolder) -> None:
    concluded = journal.concluded
    wanted = {"trials": rules.trials, "minutes": rules.minutes}
    if concluded is not None and concluded != wanted:
        n = counted(len(list_counted(journal.read())), "trial")
        raise RunFolderError(
            f"the search in {shown(folder.path)} is over after {n}: its test part was looked at, and can "
            "choose nothing more. Choose another folder with --out for a longer search."
        )


def _count_ended(trials: list[Trial]) -> int:
    return sum(one.was_trained for one in trials)


def _train(work: Work, jobs: int, cluster: DaskCluster | None) -> Iterator[None]:
    """Have processes or a cluster take part in the search; yield a few times a second until it is over.

    Raises
    ------
    BrokenProcessPool
        When a process was ended from outside: all of them are gone then.
    """
    stop, failed = threading.Event(), list[BaseException]()
    in_this_process = jobs == 1 or cluster is not None  # joblib starts no process for one job
    watch = partial(watch_event, stop) if in_this_process else partial(watch_runner, os.getpid())

    def train() -> None:
        try:
            if cluster is not None:
                search_on_cluster(work, cluster, stop)
                return
            with nullcontext() if in_this_process else sparing_workers_ctrl_c():
                tasks = (joblib.delayed(take_part)(work, watch) for _ in range(jobs))
                joblib.Parallel(jobs, backend="loky", batch_size=1)(tasks)
        except BaseException as error:  # whatever it is, the consumer has to hear of it
            failed.append(error)

    thread = threading.Thread(target=train, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            yield
            thread.join(POLL_SECONDS)
        if failed:
            raise failed[0]
        yield
    finally:
        stop.set()
        if in_this_process:
            thread.join()  # it ends at its next epoch
        elif thread.is_alive():
            get_reusable_executor(reuse=True).shutdown(wait=False, kill_workers=True)


def _seconds_left(trials: list[Trial], rules: Rules, jobs: int) -> float | None:
    now = time.time()
    took = [one.ended - one.began for one in trials if one.was_trained and one.ended and one.began]
    if not took:
        return None
    ended = sum(one.end not in (End.WAITING, End.TRAINING) for one in list_counted(trials))
    n_busy = max(jobs, sum(one.end is End.TRAINING for one in trials))
    left = sum(took) / len(took) * max(rules.trials - ended, 0) / n_busy
    if rules.minutes is not None:
        left = min(left, max(rules.minutes * 60 - seconds_spent(trials, now), 0.0))
    return left


def _write_results(search: Searched, config: RunConfig, folder: RunFolder, trials: list[Trial]) -> None:
    """Write what is known so far, for the report: no model is trained to be kept yet."""
    study = search.study(Learnt(search.space, trials, default=search.default))
    conclude(study, config, folder, [], study.specs, [spec.name for spec in study.specs])


def _finish(
    search: Searched,
    config: RunConfig,
    folder: RunFolder,
    journal: Journal,
    jobs: int,
    scheduler: str | None,
) -> Iterator[Snapshot]:
    """Train the winner and the defaults; the first process that comes here says that the search is over."""
    trials = journal.read()
    best = find_best(trials, less_is_better=journal.rules.less_is_better)
    if best is None:
        whys = [one.why for one in trials if one.why]
        raise StudyError(
            f"none of {counted(len(trials), 'trial')} came to a figure, so that nothing can be chosen. "
            + (f"The first says: {whys[0]}" if whys else "Give the search more time.")
        )
    budget = journal.conclude()
    importance = measure_importance(journal.study, trials)
    learnt = Learnt(search.space, trials, importance, search.default, budget)
    study = search.study(learnt, best.settings)
    with FileLock(folder.path / LOCK_FILE):  # of a process that has just been killed here
        pass
    yield from run_study(study, config, folder.path, engines=study.engines, jobs=jobs, scheduler=scheduler)
