"""Train the models of a study in worker processes, each with one BLAS thread.

A worker writes the model's history as epochs go by, its result in the end, and the manifest of its
files last; the process that runs the study reads them.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache, partial
from multiprocessing import resource_tracker

import joblib
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError
from threadpoolctl import threadpool_limits

from glassnet._common.progress import silent
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.errors import StudyError
from glassnet.nn.history import EpochRecord, History
from glassnet.studies.base import ModelResult, ModelSpec, RunConfig, Study
from glassnet.studies.examination import examine
from glassnet.studies.folder import RunFolder

Check = Callable[[], None]
"""Called after every epoch; ends the training when nobody waits for the model any more."""
ORPHAN_SECONDS = 0.5
"""How long a worker may outlive the process that runs the study."""
ALL_WRITTEN, WRITE_SECONDS, WRITE_FACTOR = 20, 0.5, 20
"""So many epochs are written at once; then seconds lie between, and so many times what writing took."""

Key = tuple[int, str]
"""The number of a run, and the name of one of its models."""


@dataclass(frozen=True)
class Order:
    """Hold what a worker is to train.

    Attributes
    ----------
    run : int
        The number of the run.
    study : Study or None
        As `Study.for_workers` makes it; None where it is sent by itself.
    config : RunConfig
    spec : ModelSpec
    folder : RunFolder
        Where the model's files go.
    reads_others : bool
        Whether the study reads the models of others, whose folders lie beside this one.
    """

    run: int
    study: Study | None
    config: RunConfig
    spec: ModelSpec
    folder: RunFolder
    reads_others: bool = False

    @property
    def key(self) -> Key:
        """What tells it from the others."""
        return self.run, self.spec.name


class LocalProcesses:
    """Train in processes of this machine.

    Parameters
    ----------
    jobs : int
        How many models are trained at once.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.in_this_process = jobs == 1  # joblib starts no process for one job

    def train(self, orders: Sequence[Order], stop: threading.Event) -> Iterator[Key]:
        """Yield the models as they finish; they begin in their order.

        With one job this thread trains, which no signal ends: `stop` does.
        """
        watch = partial(watch_event, stop) if self.in_this_process else partial(watch_runner, os.getpid())
        tasks = (joblib.delayed(carry_out)(order, watch) for order in orders)
        spared = nullcontext() if self.in_this_process else sparing_workers_ctrl_c()
        with (
            spared,
            _telling_of_lost_workers(
                "Finished models are kept; the same command goes on from there, with fewer --jobs if memory "
                "is short."
            ),
        ):
            yield from joblib.Parallel(self.jobs, backend="loky", return_as="generator_unordered")(tasks)

    def close(self) -> None:
        """Leave the workers to the next run."""

    def abandon(self) -> None:
        """Kill the workers at once; a new run starts new ones."""
        if not self.in_this_process:
            get_reusable_executor(reuse=True).shutdown(wait=False, kill_workers=True)


@contextmanager
def sparing_workers_ctrl_c() -> Iterator[None]:
    """Keep Ctrl-C from this thread and the processes that it starts, from their first moment on.

    A process inherits what the thread blocks that starts it. So Ctrl-C, which reaches all of them, ends the
    runner alone, which ends its workers; one that is still importing would show a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it unblocks the signal when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _telling_of_lost_workers(cure: str) -> Iterator[None]:
    try:
        yield
    except TerminatedWorkerError as error:
        raise StudyError(
            f"a worker process was ended from outside, perhaps for want of memory. {cure}"
        ) from error


def watch_event(stop: threading.Event) -> Check:
    """Watch, in a thread, whether it is to end."""

    def check() -> None:
        if stop.is_set():
            raise SystemExit

    return check


def watch_runner(runner: int) -> Check:
    """End this worker process, in training or idle, when the process that runs the study is gone."""
    if os.getpid() == runner:  # joblib could start no processes
        return lambda: None
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where processes inherit no mask
    _exit_unless_child_of(runner)
    _watch_in_thread(runner)
    return lambda: None


def _exit_unless_child_of(runner: int) -> None:
    if os.getppid() != runner:
        os._exit(1)


@lru_cache(maxsize=1)  # one thread in each worker process
def _watch_in_thread(runner: int) -> None:
    def watch() -> None:
        while True:
            time.sleep(ORPHAN_SECONDS)
            _exit_unless_child_of(runner)

    threading.Thread(target=watch, daemon=True).start()


def carry_out(order: Order, watch: Callable[[], Check]) -> Key:
    """Train the model of an order; `watch` begins to look whether somebody waits for it."""
    assert order.study is not None
    train_one(order.study, order.config, order.spec, order.folder, watch)
    return order.key


def train_one(
    study: Study, config: RunConfig, spec: ModelSpec, folder: RunFolder, watch: Callable[[], Check]
) -> ModelResult:
    """Train one model, have the doctor look at it in a full run, and leave its files.

    `watch` begins to look whether somebody waits for it.
    """
    check = watch()
    folder.forget_model(spec.name)
    history = History()
    folder.write_history(spec.name, history, durable=False)
    written, took = time.monotonic(), 0.0

    def note(record: EpochRecord) -> None:
        nonlocal written, took
        check()
        history.records.append(record)
        now = time.monotonic()
        # all epochs are written each time, which of many short ones would take longer than to train them
        if len(history) <= ALL_WRITTEN or now - written >= max(WRITE_SECONDS, WRITE_FACTOR * took):
            folder.write_history(spec.name, history, durable=False)
            written = time.monotonic()
            took = written - now

    with (
        silent(),
        threadpool_limits(1),
        joblib.parallel_config("sequential"),
    ):  # other cores have models of their own
        result = study.train(config, spec, folder.model_path(spec.name), note)
        # what has hardly been trained is slow to examine, and says little: a quick run stays quick
        diagnosis = None if config.quick else examine(study, config, spec, folder)
    if diagnosis is not None:
        folder.write_diagnosis(spec.name, diagnosis)
    history.stopping_reason, history.best_epoch = result.stopping_reason, result.best_epoch
    folder.write_history(spec.name, history, durable=True)
    folder.finish_model(result, config)
    return result


def examine_each(
    study: Study, config: RunConfig, patients: Sequence[tuple[ModelSpec, float | None]], folder: RunFolder
) -> Iterator[Diagnosis | None]:
    """Yield what `examine` says of each model, in their order, two or more of them examined at once.

    Parameters
    ----------
    study : Study
    config : RunConfig
    patients : sequence of (ModelSpec, float or None)
        Models, and what their test inputs are divided by first.
    folder : RunFolder
        Where the models are.

    Raises
    ------
    StudyError
        When a worker process was ended from outside.
    """
    jobs = min(joblib.cpu_count(), len(patients))
    if jobs < 2:
        for spec, divisor in patients:
            yield examine(study, config, spec, folder, test_divisor=divisor)
        return
    watch = partial(watch_runner, os.getpid())
    tasks = (
        joblib.delayed(_examine_one)(study, config, spec, divisor, folder, watch)
        for spec, divisor in patients
    )
    with _telling_of_lost_workers("Models can be examined one at a time, with --model."):
        with sparing_workers_ctrl_c():
            found = joblib.Parallel(jobs, backend="loky", return_as="generator")(tasks)
        yield from found


def _examine_one(
    study: Study,
    config: RunConfig,
    spec: ModelSpec,
    divisor: float | None,
    folder: RunFolder,
    watch: Callable[[], Check],
) -> Diagnosis | None:
    watch()
    with silent(), threadpool_limits(1), joblib.parallel_config("sequential"):
        return examine(study, config, spec, folder, test_divisor=divisor)
