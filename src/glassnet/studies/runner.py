"""Run a study: its models in parallel processes, every finished one on disk at once.

A worker writes the model's history after every epoch, and its result last; the process that runs the
study reads them. So the folder always tells the whole story: a run that was stopped, by Ctrl-C or by
``kill -9``, goes on where it stood when it is started again, and loses at most the models in flight.
"""

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import joblib
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError
from threadpoolctl import threadpool_limits

from glassnet.environment import count_cores, describe_environment
from glassnet.errors import FileError, RunFolderError, StudyError
from glassnet.history import EpochRecord, History
from glassnet.naming import lookup
from glassnet.persistence import read_model
from glassnet.studies.base import ModelResult, ModelSpec, RunConfig, Study, StudyResult
from glassnet.studies.folder import MODEL_FILE, RunFolder

POLL_SECONDS = 0.25


@dataclass
class ModelStatus:
    """Tell how far a model is.

    Attributes
    ----------
    spec : ModelSpec
    state : {"waiting", "training", "finished", "diverged"}
    history : History
        The epochs so far.
    """

    spec: ModelSpec
    state: str = "waiting"
    history: History = field(default_factory=History)


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
        An estimate, if every unfinished model runs all its epochs; None before the first epoch.
    """

    config: RunConfig
    models: list[ModelStatus]
    results: StudyResult
    kept: int
    seconds_left: float | None


def run_study(
    study: Study,
    config: RunConfig,
    path: str | Path,
    *,
    engines: Sequence[str] | None = None,
    jobs: int | None = None,
) -> Iterator[Snapshot]:
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

    Yields
    ------
    Snapshot
        A few times a second; results.json is up to date with each. The last one is complete.

    Raises
    ------
    FileError
        When the folder cannot be written; RunFolderError when it is damaged or holds another run.
    UnknownNameError
        When the study has no models of an engine.
    """
    engines = _check_engines(study, engines or study.engines[:1])
    folder = RunFolder(path)
    folder.claim(config)
    models = [ModelStatus(spec) for spec in study.plan(config, study.engines)]
    for model in models:
        _resume(model, folder, study.keeps_models)
    models = [model for model in models if model.spec.engine in engines or _is_done(model)]
    kept = sum(map(_is_done, models))
    results = _conclude(study, config, folder, models)
    jobs = min(jobs or count_cores(), max(len(models) - kept, 1))
    yield Snapshot(config, models, results, kept, None)
    done: queue.SimpleQueue[BaseException | ModelResult | None] = queue.SimpleQueue()
    todo = [model.spec for model in models if not _is_done(model)]
    stop = threading.Event()
    threading.Thread(target=_work, args=(study, config, todo, folder, jobs, done, stop), daemon=True).start()
    try:
        while not all(map(_is_done, models)):
            finished = _next(done)
            for model in models:
                _refresh(model, folder)
            if finished is not None:
                model = next(m for m in models if m.spec.name == finished.name)
                model.state, model.history = finished.state, folder.read_history(finished.name) or History()
                results = _conclude(study, config, folder, models)
            yield Snapshot(config, models, results, kept, _seconds_left(models, config, jobs))
    finally:
        stop.set()
        if not all(map(_is_done, models)):
            _end_workers()


def _end_workers() -> None:
    """Kill the workers of this process at once; a new run starts new ones."""
    get_reusable_executor(reuse=True).shutdown(wait=False, kill_workers=True)


def _is_done(model: ModelStatus) -> bool:
    return model.state in ("finished", "diverged")


def _check_engines(study: Study, engines: Sequence[str]) -> tuple[str, ...]:
    for engine in engines:
        lookup(dict.fromkeys(study.engines), engine, f"engine of {study.name}")
    return tuple(engines)


def _resume(model: ModelStatus, folder: RunFolder, keeps_models: bool) -> None:
    """Take over a model that an earlier run finished, after a look at its files."""
    name = model.spec.name
    result = folder.read_model_result(name)
    if result is None:
        folder.forget_history(name)
        return
    try:
        if keeps_models:
            read_model(folder.model_path(name) / MODEL_FILE, None)
    except FileError as error:
        raise RunFolderError(
            f"{error} It belongs to a finished model: delete {folder.model_path(name)} to train it again."
        ) from error
    model.state = result.state
    history = folder.read_history(name)
    if history is None:
        raise RunFolderError(
            f"{folder.model_path(name)} has no history.json, though its model is finished. "
            "Delete that folder to train the model again."
        )
    model.history = history


def _refresh(model: ModelStatus, folder: RunFolder) -> None:
    if _is_done(model):
        return
    history = folder.read_history(model.spec.name)
    if history is not None:
        model.history = history
        model.state = "training" if len(history) else "waiting"


def _next(done: "queue.SimpleQueue[BaseException | ModelResult | None]") -> ModelResult | None:
    """Wait a moment for a model to finish; raise what went wrong in a worker."""
    try:
        item = done.get(timeout=POLL_SECONDS)
    except queue.Empty:
        return None
    if isinstance(item, BaseException):
        raise item
    return item


def _conclude(study: Study, config: RunConfig, folder: RunFolder, models: list[ModelStatus]) -> StudyResult:
    finished = [folder.read_model_result(model.spec.name) for model in models if _is_done(model)]
    model_results = [result for result in finished if result is not None]
    results = StudyResult(
        study=study.name,
        title=study.title,
        question=study.question,
        config=config,
        engines=[engine for engine in study.engines if any(m.spec.engine == engine for m in models)],
        complete=len(model_results) == len(models),
        models=model_results,
        conclusion=study.conclude(config, model_results, folder.path),
        environment=describe_environment(),
    )
    folder.write_results(results)
    return results


def _seconds_left(models: list[ModelStatus], config: RunConfig, jobs: int) -> float | None:
    records = [record for model in models for record in model.history.records]
    if not records:
        return None
    left = sum(config.epochs - len(model.history) for model in models if not _is_done(model))
    return left * sum(record.seconds for record in records) / len(records) / jobs


def _work(
    study: Study,
    config: RunConfig,
    todo: list[ModelSpec],
    folder: RunFolder,
    jobs: int,
    done: "queue.SimpleQueue[BaseException | ModelResult | None]",
    stop: threading.Event,
) -> None:
    """Train in worker processes, in a thread of this one; put each result, or an error, into `done`."""
    try:
        # with one job joblib trains in this thread, which no signal ends; a worker process is killed
        told_to_stop = stop.is_set if jobs == 1 else None
        tasks = (
            joblib.delayed(_train_one)(study, config, spec, folder, os.getpid(), told_to_stop)
            for spec in todo
        )
        for result in joblib.Parallel(n_jobs=jobs, backend="loky", return_as="generator_unordered")(tasks):
            done.put(result)
    except TerminatedWorkerError as error:
        died = StudyError(
            "a worker process was ended from outside, perhaps for want of memory. Finished models are kept; "
            "the same command goes on from there, with fewer --jobs if memory is short."
        )
        died.__cause__ = error
        done.put(died)
    except BaseException as error:  # whatever it is, the consumer has to hear of it
        done.put(error)


def _train_one(
    study: Study,
    config: RunConfig,
    spec: ModelSpec,
    folder: RunFolder,
    runner_pid: int,
    told_to_stop: Callable[[], bool] | None,
) -> ModelResult:
    """Train one model in a worker process, with one BLAS thread, and leave its files."""
    in_worker = os.getpid() != runner_pid
    if in_worker:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the runner, which ends its workers
    parent = os.getppid()
    history = History()
    folder.write_history(spec.name, history, durable=False)

    def note(record: EpochRecord) -> None:
        if in_worker and os.getppid() != parent:
            os._exit(1)  # the runner was killed; nobody waits for this model
        if told_to_stop is not None and told_to_stop():
            raise SystemExit
        history.records.append(record)
        folder.write_history(spec.name, history, durable=False)

    with threadpool_limits(1):
        result = study.train(config, spec, folder.model_path(spec.name), note)
    history.stopping_reason, history.best_epoch = result.stopping_reason, result.best_epoch
    folder.write_history(spec.name, history, durable=True)
    folder.write_model_result(result)
    return result
