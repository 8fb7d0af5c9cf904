"""Give inputs to worker processes, each with limits on its time and its memory.

A worker lives long: it takes the number of an input, makes the input from it, reads it and says what came of
it. One that hangs or dies is replaced, and its input is known by its number.
"""

import contextlib
import multiprocessing
import os
import re
import resource
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, NamedTuple

CPU_SECONDS = 5
"""What an input may take of a processor; the load of the machine does not count."""
WALL_SECONDS = 30
"""After this time a worker is waiting for something that does not come, such as the other end of a pipe."""
MEMORY_BYTES = 1 << 30
"""What an input may take beside what the worker has without it."""
LONGEST_MESSAGE = 1_000
"""Characters of a message; what it repeats of an input are 200 of them."""
INPUTS_A_WORKER = 4_000
"""Then it is replaced, so that nothing gathers in it."""
LATE = (
    "glassnet.doctor.files",
    "glassnet.doctor.scores.claim_check",
    "glassnet.cli.doctor",
    "glassnet.cli.study",
)
"""What commands import when they need it; no input has to pay for it."""
START_SECONDS = 300
"""What a worker may take to import everything."""

REFUSED, EQUAL, VALID = "refused", "equal", "valid other"
CRASH, HANG, MEMORY, WRONG, MESSAGE = "crash", "hang", "memory", "wrong", "message"
GOOD = (REFUSED, EQUAL, VALID)
KINDS = (*GOOD, CRASH, HANG, MEMORY, WRONG, MESSAGE)
"""What may come of an input. A refusal is one of kind `MESSAGE` where its text is empty, endless, or has raw
control characters."""


@dataclass(frozen=True)
class Outcome:
    """Say what came of an input.

    Attributes
    ----------
    number : int
    reader : str
    kind : str
        One of `KINDS`.
    text : str
        The message, or what is wrong.
    seconds : float
        Of a processor.
    """

    number: int
    reader: str
    kind: str
    text: str = ""
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return self.kind in GOOD


class Task(NamedTuple):
    """Name an input: one that is made for a reader, or what a function is to do.

    Attributes
    ----------
    number : int
    reader : str
    function : str
        ``"module:name"``; called with the arguments in the worker's empty folder, it returns kind and text of
        the outcome.
    arguments : tuple
    """

    number: int
    reader: str = ""
    function: str = ""
    arguments: tuple[Any, ...] = ()


def reader_of(seed: int, number: int) -> str:
    """Return which reader an input is for."""
    from readers import READERS

    weights = [reader.weight for reader in READERS.values()]
    return Random(f"{seed}:{number}:reader").choices(list(READERS), weights)[0]


def try_task(seed: int, task: Task, folder: Path) -> Outcome:
    """Do a task in an empty folder, and say what came of it."""
    act = _prepare(seed, task, folder)
    start, strays = time.process_time(), _noting_strays()
    try:
        kind, text = act()
    except MemoryError as error:
        kind, text = MEMORY, repr(error)
    except Exception:
        kind, text = CRASH, traceback.format_exc(limit=-4)
    if strays:
        kind, text = CRASH, f"printed beside the answer, as an error that nobody could catch: {strays[0]}"
    return Outcome(
        task.number, task.reader or task.function, kind, text[-3_000:], time.process_time() - start
    )


def _prepare(seed: int, task: Task, folder: Path) -> Callable[[], tuple[str, str]]:
    """Write the input of a task; return what reads it and judges what comes of that."""
    from readers import READERS, originals, write_files

    if task.function:
        module, _, function = task.function.partition(":")
        return partial(getattr(import_module(module), function), *task.arguments)
    reader, rng = READERS[task.reader], Random(f"{seed}:{task.number}:{task.reader}")
    sample, place = reader.damage(rng)
    write_files(sample, folder)
    if reader.words and rng.random() < 0.2:
        return partial(
            run_command, [str(folder / sample.main) if word == "PATH" else word for word in reader.words]
        )
    return partial(_by_function, reader, folder / sample.main, originals(task.reader)[place])


def _noting_strays() -> list[str]:
    """Return a list of the errors that are raised where nobody can catch them, as in callbacks of C code."""
    strays: list[str] = []
    sys.unraisablehook = lambda stray: strays.append(f"{stray.err_msg}: {stray.exc_value!r}")
    return strays


def _by_function(reader: Any, path: Path, original: Any) -> tuple[str, str]:
    from readers import is_same

    from glassnet.errors import GlassnetError

    try:
        value = reader.read(path)
    except GlassnetError as error:
        return judge_refusal(error)
    if reader.is_part and value.keys() <= original.keys():
        original = {key: original[key] for key in value}
    if is_same(value, original):
        return EQUAL, ""
    if reader.judge is None:
        return WRONG, f"accepted: {value!s:.500}"
    with _without_limit():  # what a witness takes is not the reader's
        why = reader.judge(value, path)
    return (WRONG, why) if why else (VALID, "")


@contextlib.contextmanager
def _without_limit() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def judge_refusal(error: BaseException) -> tuple[str, str]:
    """Say what kind of refusal an error is, and its text."""
    text = str(error)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return MEMORY, f"refused for want of memory: {text}"
        cause = cause.__cause__ or cause.__context__
    if len(text) > LONGEST_MESSAGE:
        return MESSAGE, f"{len(text)} characters: {text[:300]} ... {text[-100:]}"
    if not text.strip() or (
        raw := re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    ):
        return MESSAGE, f"{raw and raw[0]!r} in {text!r}"
    return REFUSED, text


def run_command(words: list[str]) -> tuple[str, str]:
    """Run `glassnet` with some words in this process: it does what they say, or refuses with one message."""
    from click.testing import CliRunner

    from glassnet.cli import main

    done = CliRunner().invoke(main, words, prog_name="glassnet", env={"COLUMNS": "100"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return CRASH, "".join(traceback.format_exception(done.exception, limit=-4))
    text = done.stdout + done.stderr
    if raw := re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text):
        return MESSAGE, f"{raw[0]!r} in {text[:500]!r}"
    if done.exit_code == 0:
        return VALID, text
    if (
        done.exit_code != 2
        or len(re.findall("^Error: ", done.stderr, re.MULTILINE)) != 1
        or "Traceback" in text
    ):
        return MESSAGE, f"exit code {done.exit_code}: {text[:500]}"
    if len(done.stderr) > LONGEST_MESSAGE:
        return MESSAGE, f"{len(done.stderr)} characters: {done.stderr[:300]}"
    return REFUSED, done.stderr


# -- in the worker ----------------------------------------------------------------------------------------


def limit_memory() -> None:
    """Let this process take so much more memory than it has, and no more."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    statm = Path("/proc/self/statm")
    if statm.exists():  # elsewhere a process cannot be told how much it has
        now = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(
            resource.RLIMIT_AS, (now + MEMORY_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1])
        )


def allow_seconds() -> None:
    """End this process with SIGXCPU when it takes so many seconds of a processor from now on."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + CPU_SECONDS, hard))


def prepare_process() -> None:
    """Make ready what all inputs share, before NumPy is imported; then no input has to pay for it."""
    os.environ.update(OPENBLAS_NUM_THREADS="1", POLARS_MAX_THREADS="1", GLASSNET_FAST="0")
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", RuntimeWarning)  # an overflow that nobody saw coming


def _serve(connection: Connection, seed: int, readers: frozenset[str], folder: str) -> None:
    """Answer every task with an `Outcome`."""
    prepare_process()
    from readers import empty, originals

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the parent
    with contextlib.chdir(folder), open(os.devnull) as sys.stdin:
        for name in readers:
            originals(name)
        for module in LATE:
            import_module(module)
        for words in (["trace", "assignment"], ["svm", "solve", "assignment"], ["grade", "assignment"]):
            run_command(words)
        connection.send(None)
        while True:
            task = connection.recv()
            empty(Path(folder))
            allow_seconds()
            limit_memory()
            outcome = try_task(seed, task, Path(folder))
            resource.setrlimit(resource.RLIMIT_CPU, (resource.getrlimit(resource.RLIMIT_CPU)[1],) * 2)
            connection.send(outcome)
            if outcome.kind == MEMORY:
                return


# -- in the parent ----------------------------------------------------------------------------------------


class _Worker:
    """A process, and what it is at."""

    def __init__(self, seed: int, readers: frozenset[str], wall_seconds: float, base: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.folder = mkdtemp(dir=base)
        self.process = context.Process(target=_serve, args=(theirs, seed, readers, self.folder), daemon=True)
        self.process.start()
        theirs.close()
        self.task: Task | None = None
        self.is_ready = False
        self.n_done = 0
        self.wall_seconds = wall_seconds
        self.deadline = time.monotonic() + START_SECONDS

    def give(self, task: Task) -> None:
        """Begin a task."""
        self.task = task
        self.n_done += 1
        self.deadline = time.monotonic() + self.wall_seconds
        self.connection.send(task)

    def can_go_on(self, outcome: Outcome | None) -> bool:
        """Say whether it is there, not old, and not short of memory after its last task."""
        is_short = outcome is not None and outcome.kind == MEMORY
        return self.process.is_alive() and not is_short and self.n_done < INPUTS_A_WORKER

    def end(self) -> int | None:
        """End the process; return how it ended, if it had before."""
        self.process.kill()
        self.process.join(START_SECONDS)  # whose memory is returned meanwhile
        self.connection.close()
        return self.process.exitcode


def try_inputs(
    tasks: Iterable[Task],
    *,
    seed: int = 0,
    jobs: int = 1,
    wall_seconds: float = WALL_SECONDS,
    keep: Path | None = None,
) -> Iterator[Outcome]:
    """Try inputs in workers, and yield what comes of each, in no order.

    Parameters
    ----------
    tasks : iterable of Task
    seed : int
    jobs : int
        How many workers.
    wall_seconds : float
        How long an input may take where it takes nothing of a processor.
    keep : Path or None
        Where the files of what failed are kept, in a folder for each input.
    """
    todo = deque(tasks)
    workers: list[_Worker] = []
    base = TemporaryDirectory(prefix="hostile-", ignore_cleanup_errors=True)
    readers = frozenset(task.reader for task in todo if task.reader)
    spawn = partial(_Worker, seed, readers, wall_seconds, base.name)
    try:
        workers += [spawn() for _ in range(min(jobs, len(todo)))]
        while workers:
            ready = wait([worker.connection for worker in workers], timeout=1.0)
            for worker in list(workers):
                outcome = _hear(worker, worker.connection in ready)
                if outcome is not None:
                    worker.task = None
                    if keep is not None and not outcome.is_good:
                        shutil.copytree(worker.folder, keep / str(outcome.number), dirs_exist_ok=True)
                    yield outcome
                if worker.is_ready and worker.task is None and not (todo and worker.can_go_on(outcome)):
                    worker.end()
                    workers.remove(worker)
                    workers += [spawn()] if todo else []
                elif worker.is_ready and worker.task is None:
                    worker.give(todo.popleft())
    finally:
        for worker in workers:
            worker.end()
        base.cleanup()


def _hear(worker: _Worker, has_news: bool) -> Outcome | None:
    """Return what a worker said, or what its end or its silence says."""
    if has_news:
        try:
            said = worker.connection.recv()
        except (EOFError, OSError):
            return _of_death(worker)
        if said is None:
            worker.is_ready = True
            return None
        assert isinstance(said, Outcome)
        return said
    if time.monotonic() > worker.deadline:
        return _of_death(worker, is_silent=True)
    return None


def _of_death(worker: _Worker, *, is_silent: bool = False) -> Outcome:
    if not is_silent:
        worker.process.join(10)
    code = worker.end()
    if worker.task is None:
        raise RuntimeError(f"a worker ended with {code} before it had anything to do")
    kind, text, seconds = CRASH, f"the process ended with {code}", 0.0
    if is_silent:
        kind, text = HANG, f"waited for {worker.wall_seconds} seconds"
    elif code == -signal.SIGXCPU:
        kind, text, seconds = HANG, f"took {CPU_SECONDS} seconds of a processor", float(CPU_SECONDS)
    return Outcome(worker.task.number, worker.task.reader or worker.task.function, kind, text, seconds)
