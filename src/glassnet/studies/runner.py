"""Run a study: its models in parallel processes, every finished one on disk at once.

The folder always tells the whole story: a run that was stopped, by Ctrl-C or by ``kill -9``, goes on
where it stood when it is started again, and loses at most the models in flight.
"""

import queue
import threading
import time
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from threadpoolctl import threadpool_limits

from glassnet._common.environment import count_cores, describe_environment
from glassnet._common.locks import HeldLock
from glassnet._common.naming import lookup
from glassnet._common.quoting import listed, quoted, shown
from glassnet.errors import DamagedRunError, FileError, RunFolderError
from glassnet.nn.history import History
from glassnet.studies._dask_cluster import DaskCluster
from glassnet.studies.base import ModelResult, ModelSpec, Run, RunConfig, Study, StudyResult
from glassnet.studies.folder import RunFolder
from glassnet.studies.needs import check_needed
from glassnet.studies.slurm import MOST_TASKS, SlurmArrays
from glassnet.studies.workers import Key, LocalProcesses, Order

POLL_SECONDS = 0.25
MOST_AT_ONCE = 100
"""Models that are noted together: the next snapshot is never far."""
CONCLUSION_SHARE = 0.1
"""The part of a run's time that may go into concluding, which takes longer the more models are finished."""

Workers = LocalProcesses | DaskCluster | SlurmArrays
Done = queue.SimpleQueue[BaseException | Key]


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
    slurm: Sequence[str] | None = None,
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
        Whose models to train; unless given, those of the study's first engine, and what it sets beside them.
        Models of other engines that an earlier run finished stay.
    jobs : int or None
        Processes, each with one BLAS thread; None takes one for each core. With `slurm`: tasks of the array.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers then train the models, in place of processes of this
        machine.
    slurm : sequence of str, optional
        Train the models by an array job of Slurm; options of ``sbatch``, which may be none. Its nodes must
        see `path`.
    repair : bool
        Train finished models anew whose files are damaged or are not those that the run wrote.

    Yields
    ------
    Snapshot
        A few times a second. The last one is complete, and results.json is up to date with it.

    Raises
    ------
    FileError
        When the folder cannot be written; RunFolderError when it is damaged, holds another run, is deleted
        meanwhile, or another process runs a study in it.
    StudyError
        When a study that this one needs has not run, when a worker was ended from outside, or when the
        cluster cannot be used.
    UnknownNameError
        When the study has no models of an engine.

    Notes
    -----
    Until the iterator ends or is closed, BLAS has one thread in this process too.
    """
    run = Run(study, config, Path(path), engines)
    with closing(run_studies([run], jobs=jobs, scheduler=scheduler, slurm=slurm, repair=repair)) as running:
        for _, snapshot in running:
            yield snapshot


def run_studies(
    runs: Sequence[Run],
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    slurm: Sequence[str] | None = None,
    repair: bool = False,
) -> Generator[tuple[Run, Snapshot]]:
    """Train the models of several studies side by side, long ones first, as `run_study` does those of one.

    So no core idles at the end of one study while another has models left. None of them may need another.

    Yields
    ------
    (Run, Snapshot)
        First one of each run; then of those that are not complete, and the last of each.
    """
    for run in runs:
        _check_engines(run)
    with ExitStack() as held:
        going = [held.enter_context(_begin(run, repair)) for run in runs]
        held.enter_context(threadpool_limits(1))  # the number of threads shows in the last digits
        try:
            for one in going:
                one.conclude()
                yield one.run, one.snapshot(None)
            yield from _train(going, jobs, scheduler, slurm)
        except FileError:
            for one in going:
                one.check_there()  # that it was deleted explains the rest
            raise


@dataclass
class _Going:
    """Hold a run that goes on: its folder, which is locked, and how far its models are."""

    run: Run
    folder: RunFolder
    lock: HeldLock
    models: list[ModelStatus]
    dropped: dict[str, str]

    def __post_init__(self) -> None:
        self.by_name = {model.spec.name: model for model in self.models}
        self.open = {name: model for name, model in self.by_name.items() if not model.is_done}
        self.kept = len(self.models) - len(self.open)
        self.results: StudyResult | None = None
        self._next_conclusion = 0.0

    @property
    def is_concluded(self) -> bool:
        """Whether results.json holds all models."""
        return self.results is not None and self.results.complete

    def check_there(self) -> None:
        """Raise `RunFolderError` when the folder was deleted or moved, even if another is in its place."""
        self.folder.check()
        if self.lock.is_lost():
            raise RunFolderError(
                f"{self.folder.path} was deleted or moved while it was written to, and made anew by another "
                "run. Wait until that has ended, and run the same command again."
            )

    def list_orders(self, number: int) -> list[Order]:
        """Return what is to be trained."""
        study, config = self.run.study, self.run.config
        light, reads_others = study.for_workers(), bool(study.needs)
        return [
            Order(number, light, config, model.spec, self.folder, reads_others)
            for model in self.open.values()
        ]

    def refresh(self, finished: Sequence[str]) -> None:
        """Take over what workers wrote, and conclude: of thousands of models, not after each."""
        for name in self.folder.list_begun() & self.open.keys():
            _refresh(self.open[name], self.folder)
        for name in finished:
            result, history = self.folder.read_finished(name, has_weights=False)
            _finish(self.open.pop(name), result, history)
        began = time.monotonic()
        is_new = self.results is None or len(self.results.models) < len(self.models) - len(self.open)
        if is_new and (began >= self._next_conclusion or not self.open):
            self.conclude()
            ended = time.monotonic()
            self._next_conclusion = ended + (ended - began) / CONCLUSION_SHARE

    def conclude(self) -> None:
        """Write what the finished models say."""
        results = [model.result for model in self.models if model.result is not None]
        specs = [model.spec for model in self.models]
        self.results = conclude(self.run.study, self.run.config, self.folder, results, specs, list(self.open))

    def snapshot(self, jobs: int | None) -> Snapshot:
        """Tell how far it is; with `jobs`, how long it takes."""
        assert self.results is not None
        left = None if jobs is None else _seconds_left(self.models, self.run.config, jobs)
        return Snapshot(self.run.config, self.models, self.results, self.kept, left, self.dropped)


def conclude(
    study: Study,
    config: RunConfig,
    folder: RunFolder,
    results: list[ModelResult],
    specs: Sequence[ModelSpec],
    waiting: list[str],
) -> StudyResult:
    """Write results.json, with what the finished models say, and return it.

    Parameters
    ----------
    study, config, folder
        Of the run.
    results : list of ModelResult
        Of the finished models.
    specs : sequence of ModelSpec
        Of all models that were asked for.
    waiting : list of str
        Those that are not finished.
    """
    conclusion, caveat = study.conclude(config, results, folder.path), study.caveat(config)
    if caveat:
        conclusion = conclusion.without_verdicts(f"This run decides nothing: {caveat}")
    engines = {spec.engine for spec in specs}
    found = StudyResult(
        study=study.name,
        title=study.title,
        question=study.question,
        config=config,
        engines=[engine for engine in study.engines if engine in engines],
        complete=not waiting,
        models=results,
        conclusion=conclusion,
        environment=describe_environment(),
        waiting=waiting,
    )
    folder.write_results(found)
    return found


@contextmanager
def _begin(run: Run, repair: bool) -> Iterator[_Going]:
    """Claim and lock a run's folder, and look at what it holds."""
    study, folder = run.study, RunFolder(run.path)
    folder.claim(run.config, study, repair=repair)
    with folder.lock() as lock:
        folder.claim(run.config, study)  # another run may have done so too, just before the lock
        folder.sweep()
        for needed in study.needs:
            check_needed(needed, run.config, run.engines, folder.beside(needed.name))
        models = [ModelStatus(spec) for spec in study.specs]
        dropped = _resume(models, folder, study.keeps_models, repair)
        asked = {spec.name for spec in study.plan(run.engines)}
        models = [model for model in models if model.spec.name in asked or model.is_done]
        yield _Going(run, folder, lock, models, dropped)


def _train(
    going: Sequence[_Going], jobs: int | None, scheduler: str | None, slurm: Sequence[str] | None
) -> Iterator[tuple[Run, Snapshot]]:
    orders = [order for number, one in enumerate(going) for order in one.list_orders(number)]
    if not orders:
        return
    orders.sort(key=lambda order: -going[order.run].run.study.efforts.get(order.spec.name, 0.0))
    workers: Workers
    if scheduler:
        workers = DaskCluster(scheduler)
    elif slurm is not None:
        studies = {number: one.run.study for number, one in enumerate(going)}
        workers = SlurmArrays(slurm, jobs or MOST_TASKS, studies)
    else:
        workers = LocalProcesses(min(jobs or count_cores(), len(orders)))
    done: Done = queue.SimpleQueue()
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(workers, orders, done, stop), daemon=True)
    thread.start()
    try:
        while not all(one.is_concluded for one in going):
            finished: dict[int, list[str]] = defaultdict(list)
            for number, name in _take(done):
                finished[number].append(name)
            for number, one in enumerate(going):
                if not one.is_concluded:
                    one.check_there()
                    one.refresh(finished[number])
                    yield one.run, one.snapshot(workers.jobs)
    finally:
        stop.set()
        is_done = not any(one.open for one in going)
        if not is_done:
            workers.abandon()
        if is_done or workers.in_this_process:
            thread.join()  # else it writes to an unlocked folder, and C++ code may abort as Python ends
        if is_done:
            workers.close()


def _check_engines(run: Run) -> None:
    for engine in run.engines or ():
        lookup(dict.fromkeys(run.study.engines), engine, f"engine of {run.study.name}")


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
    result, history = folder.read_finished(name, has_weights=has_weights)
    if result.spec != model.spec:
        raise DamagedRunError(
            f"{shown(folder.model_path(name))} is of another plan, {quoted(result.spec)}; now it is "
            f"{quoted(model.spec)}"
        )
    _finish(model, result, history)
    return True


def _finish(model: ModelStatus, result: ModelResult, history: History) -> None:
    """Note what a model came to, as its folder has it: so it is the same when a run goes on."""
    model.state, model.history, model.result = result.state, history, result


def _refresh(model: ModelStatus, folder: RunFolder) -> None:
    history = folder.read_history(model.spec.name)
    if history is not None:
        model.history = history
        model.state = "training"


def _take(done: Done) -> list[Key]:
    """Wait a moment for a model to finish; return all that have; raise what went wrong in a worker."""
    found: list[Key] = []
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


def _seconds_left(models: Sequence[ModelStatus], config: RunConfig, jobs: int) -> float | None:
    """Estimate from the epochs of each engine so far; from its finished models, if none tells of epochs."""
    costs: dict[str, list[float]] = defaultdict(list)
    for model in models:
        costs[model.spec.engine] += [record.seconds for record in model.history.records]
    by_epoch = any(costs.values())
    if not by_epoch:
        for model in models:
            if model.result is not None:
                costs[model.spec.engine].append(model.result.seconds)
    if not any(costs.values()):
        return None
    average = {engine: fmean(cost) for engine, cost in costs.items() if cost}
    whole = fmean(average.values())
    seconds = 0.0
    for model in models:
        if not model.is_done:
            units = config.epochs - len(model.history) if by_epoch else 1
            seconds += units * average.get(model.spec.engine, whole)
    return seconds / jobs


def _work(workers: Workers, orders: Sequence[Order], done: Done, stop: threading.Event) -> None:
    """Put each finished model, or an error, into `done`; runs in a thread of its own."""
    try:
        for key in workers.train(orders, stop):
            done.put(key)
    except BaseException as error:  # whatever it is, the consumer has to hear of it
        done.put(error)
