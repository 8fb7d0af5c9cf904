"""Run a study: its models in parallel processes, every finished one on disk at once.

The folder always tells the whole story: a run that was stopped, by Ctrl-C or by ``kill -9``, goes on
where it stood when it is started again, and loses at most the models in flight.
"""

import queue
import threading
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from threadpoolctl import threadpool_limits

from glassnet._common.environment import count_cores, describe_environment
from glassnet._common.locks import HeldLock
from glassnet._common.naming import lookup
from glassnet._common.quoting import listed, quoted, shown
from glassnet.errors import DamagedRunError, FileError, RunFolderError
from glassnet.nn.history import History
from glassnet.studies._dask_cluster import DaskCluster
from glassnet.studies.base import ModelResult, ModelSpec, RunConfig, Study, StudyResult
from glassnet.studies.folder import RunFolder
from glassnet.studies.needs import check_needed
from glassnet.studies.workers import LocalProcesses

POLL_SECONDS = 0.25
MOST_AT_ONCE = 100
"""Models that are noted together: the next conclusion is never far."""

Workers = LocalProcesses | DaskCluster
Done = queue.SimpleQueue[BaseException | ModelResult]


@dataclass
class ModelStatus:
    """Tell how far a model is.

    Attributes
    ----------
    spec : ModelSpec
    state : {"waiting", "training", "finished", "diverged"}
    history : History
        The epochs so far.
    result : ModelResult or None
        What it came to, once it needs no more training.
    """

    spec: ModelSpec
    state: str = "waiting"
    history: History = field(default_factory=History)
    result: ModelResult | None = None

    @property
    def is_done(self) -> bool:
        """Whether it needs no more training."""
        return self.state in ("finished", "diverged")


@dataclass(frozen=True)
class Snapshot:
    """Tell how far a run is.

    Attributes
    ----------
    config : RunConfig
    models : list of ModelStatus
    results : StudyResult
        What results.json holds.
    kept : int
        How many models were finished before this run began.
    seconds_left : float or None
        An estimate, if every unfinished model runs all its epochs, or takes as long as the finished ones
        where training tells no epochs; None before the first of either.
    dropped : dict of str to str
        Models that an earlier run finished and this one does not take over, each with why.
    """

    config: RunConfig
    models: list[ModelStatus]
    results: StudyResult
    kept: int
    seconds_left: float | None
    dropped: dict[str, str] = field(default_factory=dict)


def run_study(
    study: Study,
    config: RunConfig,
    path: str | Path,
    *,
    engines: Sequence[str] | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    repair: bool = False,
) -> Generator[Snapshot]:
    """Train the models that are not finished yet, and conclude.

    Parameters
    ----------
    study : Study
    config : RunConfig
        As `Study.config` makes it.
    path : path-like
        The run folder; made when missing, resumed when it holds a run of the same config.
    engines : sequence of str, optional
        Whose models to train; unless given, those of the study's first engine. Models of other engines that
        an earlier run finished stay.
    jobs : int or None
        Processes, each with one BLAS thread; None takes one for each core.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers then train the models, in place of processes of this
        machine. They must see `path`.
    repair : bool
        Train finished models anew whose files are damaged or are not those that the run wrote.

    Yields
    ------
    Snapshot
        A few times a second; results.json is up to date with each. The last one is complete.

    Raises
    ------
    FileError
        When the folder cannot be written; RunFolderError when it is damaged, holds another run, is deleted
        meanwhile, or another process runs a study in it.
    StudyError
        When a study that this one needs has not run, when a worker was ended from outside, or when the
        Dask cluster cannot be used.
    UnknownNameError
        When the study has no models of an engine.

    Notes
    -----
    Until the iterator ends or is closed, BLAS has one thread in this process too.
    """
    engines = _check_engines(study, engines or study.engines[:1])
    folder = RunFolder(path)
    folder.claim(config, study, repair=repair)
    with folder.lock() as lock:
        folder.claim(config, study)  # another run may have done so too, just before the lock
        folder.sweep()
        for needed in study.needs:
            check_needed(needed, config, engines, folder.beside(needed.name))
        models = [ModelStatus(spec) for spec in study.plan(config, study.engines)]
        dropped = _resume(models, folder, study.keeps_models, repair)
        models = [model for model in models if model.spec.engine in engines or model.is_done]
        with threadpool_limits(1):  # the number of threads shows in the last digits of what is concluded
            try:
                yield from _train(study, config, folder, lock, models, dropped, jobs, scheduler)
            except FileError:
                _check_there(folder, lock)  # that it was deleted explains the rest
                raise


def _check_there(folder: RunFolder, lock: HeldLock) -> None:
    """Raise `RunFolderError` when the run folder was deleted or moved, even if another is in its place."""
    folder.check()
    if lock.is_lost():
        raise RunFolderError(
            f"{folder.path} was deleted or moved while it was written to, and made anew by another run. "
            "Wait until that has ended, and run the same command again."
        )


def _train(
    study: Study,
    config: RunConfig,
    folder: RunFolder,
    lock: HeldLock,
    models: list[ModelStatus],
    dropped: dict[str, str],
    jobs: int | None,
    scheduler: str | None,
) -> Iterator[Snapshot]:
    kept = sum(model.is_done for model in models)
    results = _conclude(study, config, folder, models)
    yield Snapshot(config, models, results, kept, None, dropped)
    todo = [model.spec for model in models if not model.is_done]
    if not todo:
        return
    workers: Workers = (
        DaskCluster(scheduler) if scheduler else LocalProcesses(min(jobs or count_cores(), len(todo)))
    )
    done: Done = queue.SimpleQueue()
    stop = threading.Event()
    work = (workers, study, config, todo, folder, done, stop)
    thread = threading.Thread(target=_work, args=work, daemon=True)
    thread.start()
    by_name = {model.spec.name: model for model in models}
    try:
        while not all(model.is_done for model in models):
            finished = _take(done)
            _check_there(folder, lock)
            begun = folder.list_begun()
            for model in models:
                if model.spec.name in begun:
                    _refresh(model, folder)
            for result in finished:
                _finish(by_name[result.name], folder.read_model_result(result.name), folder)
            if finished:
                results = _conclude(study, config, folder, models)
            left = _seconds_left(models, results.models, config, workers.jobs)
            yield Snapshot(config, models, results, kept, left, dropped)
    finally:
        stop.set()
        is_done = all(model.is_done for model in models)
        if not is_done:
            workers.abandon()
        if is_done or workers.in_this_process:
            thread.join()  # else it writes to an unlocked folder, and C++ code may abort as Python ends
        if is_done:
            workers.close()


def _check_engines(study: Study, engines: Sequence[str]) -> tuple[str, ...]:
    for engine in engines:
        lookup(dict.fromkeys(study.engines), engine, f"engine of {study.name}")
    return tuple(engines)


def _resume(
    models: Sequence[ModelStatus], folder: RunFolder, has_weights: bool, repair: bool
) -> dict[str, str]:
    """Take over the models that an earlier run finished; return those that are not what it wrote, with why.

    Raises
    ------
    RunFolderError
        When there are such models and they are not to be repaired.
    """
    dropped: dict[str, str] = {}
    damaged: dict[str, DamagedRunError] = {}
    for model in models:
        name = model.spec.name
        try:
            if _take_over(model, folder, has_weights):
                continue
            if folder.lacks_manifest(name):
                dropped[name] = "there is no manifest.json, as after glassnet 0.1"
        except DamagedRunError as error:
            damaged[name] = error
    if damaged and not repair:
        first, *others = damaged.items()
        also = (
            f". The files of these do not fit either: {listed(name for name, _ in others)}" if others else ""
        )
        raise DamagedRunError(f"{first[1].what}{also}") from first[1]
    for name in damaged:
        folder.forget_model(name)
    for model in models:
        if not model.is_done:
            folder.forget_history(model.spec.name)
    return dropped | {name: error.what for name, error in damaged.items()}


def _take_over(model: ModelStatus, folder: RunFolder, has_weights: bool) -> bool:
    """Return whether a model is finished, with all that it left looked at."""
    name = model.spec.name
    if not folder.is_finished(name):
        return False
    result = folder.check_model(name, has_weights=has_weights)
    if result.spec != model.spec:
        raise DamagedRunError(
            f"{shown(folder.model_path(name))} is of another plan, {quoted(result.spec)}; now it is "
            f"{quoted(model.spec)}"
        )
    _finish(model, result, folder)
    return True


def _finish(model: ModelStatus, result: ModelResult | None, folder: RunFolder) -> None:
    """Note what a model came to, as its folder has it: so it is the same when a run goes on."""
    history = folder.read_history(model.spec.name)
    assert result is not None
    assert history is not None
    model.state, model.history, model.result = result.state, history, result


def _refresh(model: ModelStatus, folder: RunFolder) -> None:
    if model.is_done:
        return
    history = folder.read_history(model.spec.name)
    if history is not None:
        model.history = history
        model.state = "training"


def _take(done: Done) -> list[ModelResult]:
    """Wait a moment for a model to finish; return all that have; raise what went wrong in a worker.

    What is concluded after each takes longer the more models there are: of thousands, many finish meanwhile.
    """
    found: list[ModelResult] = []
    with suppress(queue.Empty):
        while len(found) < MOST_AT_ONCE:
            item = done.get(timeout=0 if found else POLL_SECONDS)
            if not isinstance(item, BaseException):
                found.append(item)
            elif not found:
                raise item
            else:
                done.put(item)  # first what was finished before it
                break
    return found


def _conclude(study: Study, config: RunConfig, folder: RunFolder, models: list[ModelStatus]) -> StudyResult:
    model_results = [model.result for model in models if model.result is not None]
    conclusion, caveat = study.conclude(config, model_results, folder.path), study.caveat(config)
    if caveat:
        conclusion = conclusion.without_verdicts(f"This run decides nothing: {caveat}")
    results = StudyResult(
        study=study.name,
        title=study.title,
        question=study.question,
        config=config,
        engines=[engine for engine in study.engines if any(m.spec.engine == engine for m in models)],
        complete=len(model_results) == len(models),
        models=model_results,
        conclusion=conclusion,
        environment=describe_environment(),
    )
    folder.write_results(results)
    return results


def _seconds_left(
    models: Sequence[ModelStatus], finished: Sequence[ModelResult], config: RunConfig, jobs: int
) -> float | None:
    """Estimate from the epochs of each engine so far; from its finished models, if none tells of epochs."""
    todo = [model for model in models if not model.is_done]
    costs: dict[str, list[float]] = defaultdict(list)
    for model in models:
        costs[model.spec.engine] += [record.seconds for record in model.history.records]
    by_epoch = any(costs.values())
    if not by_epoch:
        for result in finished:
            costs[result.engine].append(result.seconds)
    known = [cost for one in costs.values() for cost in one]
    if not known:
        return None
    seconds = 0.0
    for model in todo:
        units = config.epochs - len(model.history) if by_epoch else 1
        seconds += units * mean(costs[model.spec.engine] or known)
    return seconds / jobs


def _work(
    workers: Workers,
    study: Study,
    config: RunConfig,
    todo: Sequence[ModelSpec],
    folder: RunFolder,
    done: Done,
    stop: threading.Event,
) -> None:
    """Put each result, or an error, into `done`; runs in a thread of its own."""
    try:
        for result in workers.train(study, config, todo, folder, stop):
            done.put(result)
    except BaseException as error:  # whatever it is, the consumer has to hear of it
        done.put(error)
