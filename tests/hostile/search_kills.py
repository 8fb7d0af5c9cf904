"""Kill a search at random moments: ``python tests/hostile/search_kills.py``, with ``--kills`` and ``--how``.

A search of tiny trials is killed time and again by ``kill -9``, and started again in the same folder until it
ends. Then every trial that was finished before a kill has to be there unchanged, none may have been trained
twice, and none may be missing. It reads /proc: Linux only.

- ``joined``: two processes search in one folder, and each is killed. They are forked, so that nothing has to
  be imported again, and many kills take little time.
- ``serial``: one process, which has to draw the same candidates, and come to the same best, as one that
  nobody interrupts.
- ``jobs``: a runner with two workers, each a program that is started; the runner, a worker or all are killed.
- ``dask``: a runner, and a Dask cluster of two workers; the runner, a worker, or the runner and both workers
  are killed, and workers are started again.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
TRIALS = 60
MOST_SECONDS = 600.0
PROGRAM = """
import sys
import numpy as np
from glassnet import Search
from glassnet.studies.search import finals

finals.RESAMPLES = 20
X = np.random.default_rng(0).normal(size=(120, 3))
y = (X[:, 0] * X[:, 1] > 0).astype(int)
space = {"hidden_layer_sizes": [[4], [8]], "learning_rate_init": {"low": 1e-3, "high": 0.1, "log": True}}
search = Search("killed", (X, y), "MLPClassifier", space=space, trials=int(sys.argv[1]), epochs=6)
where = {"scheduler": sys.argv[2]} if ":" in sys.argv[2] else {"jobs": int(sys.argv[2])}
if __name__ == "__main__":
    search.run(sys.argv[3], **where)
"""
MAY_SAY = (
    "a worker process was ended from outside, perhaps for want of memory. Finished models are kept",
    "the same model's worker died again and again",
    "has no workers. Start some",
)
"""With which a runner may end whose workers are killed; the same command goes on."""
Seen = dict[int, tuple[Any, ...]]


@dataclass
class Tally:
    """Hold what happened: kills by target, trials that ended, and what was wrong."""

    kills: list[str] = field(default_factory=list)
    n_trials: int = 0
    n_lost: int = 0
    problems: list[str] = field(default_factory=list)


def read_journal(folder: Path) -> list[Any]:
    """Return Optuna's own trials of a run folder, read without glassnet."""
    import optuna

    path = folder / "search" / "trials.log"
    if not path.exists() or not path.stat().st_size:
        return []
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storages: Any = optuna.storages
    storage = storages.JournalStorage(storages.journal.JournalFileBackend(str(path)))
    if not storage.get_all_studies():
        return []
    return list(optuna.load_study(study_name=None, storage=storage).get_trials(deepcopy=False))


def ended(trials: Sequence[Any]) -> Seen:
    """Return what is known of every trial that ended, by its number."""
    return {
        one.number: (one.state.name, one.value, str(sorted(one.params.items())))
        for one in trials
        if one.state.is_finished()
    }


def sequence_of(trials: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return candidates and what they came to, in their order, without those that were begun anew."""
    return [
        (one.state.name, one.value, str(sorted(one.params.items())))
        for one in trials
        if one.state.name in ("COMPLETE", "PRUNED") or "same_as" in one.user_attrs
    ]


def check(folder: Path, before: Seen, n_trials: int) -> list[str]:
    """Return what is wrong with a search that is over."""
    trials = read_journal(folder)
    now, problems = ended(trials), []
    for number, what in before.items():
        if now.get(number) != what:
            problems.append(f"trial {number} was {what} and is {now.get(number)}")
    if open_ones := [one.number for one in trials if not one.state.is_finished()]:
        problems.append(f"the trials {open_ones} never ended")
    sequence = sequence_of(trials)
    if len(sequence) != n_trials:
        problems.append(f"{len(sequence)} trials, not {n_trials}")
    keys = [
        one.user_attrs["key"]
        for one in trials
        if one.state.name in ("COMPLETE", "PRUNED")
        and "same_as" not in one.user_attrs
        and "proof" not in one.user_attrs
    ]
    if len(set(keys)) < len(keys):
        problems.append(f"{len(keys) - len(set(keys))} candidates were trained twice")
    if left := list((folder / "search").glob("*.alive")):
        problems.append(f"{len(left)} files of processes are left")
    return problems


class Cluster:
    """A Dask scheduler and two workers, each a program as people start it; a context manager.

    Parameters
    ----------
    folder : Path
        Where they write what they print.
    """

    def __init__(self, folder: Path) -> None:
        from interrupted import Process

        self._start, self._folder = Process, folder
        self.address = ""
        self._scheduler: Any = None
        self._workers: list[Any] = []

    def __enter__(self) -> "Cluster":
        command = [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
        ]
        file = self._folder / "scheduler.json"
        self._scheduler = self._start(
            [*command, "--no-dashboard", "--scheduler-file"], file, self._folder / "scheduler.log"
        )
        while not self.address:
            assert self._scheduler.code is None, self._scheduler.text()
            time.sleep(0.1)
            with suppress(FileNotFoundError, ValueError):
                self.address = json.loads(file.read_text())["address"]
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self._workers, self._scheduler):
            process.end()

    def mend(self) -> None:
        """Start workers in the place of those that are gone."""
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--nthreads", "1"]
        self._workers = [one for one in self._workers if one.code is None]
        while len(self._workers) < 2:
            log = self._folder / f"worker-{time.time_ns()}.log"
            self._workers.append(
                self._start(
                    [*command, "--no-nanny", "--no-dashboard", "--local-directory"], self._folder, log
                )
            )

    def workers(self) -> list[int]:
        """Return the processes that train."""
        return [one.runner.pid for one in self._workers]

    def kill(self, pids: Sequence[int]) -> None:
        """Kill workers, and start others."""
        for one in self._workers:
            if one.runner.pid in pids:
                one.end()
        self.mend()


def play(
    folder: Path,
    rng: Random,
    kills: int,
    *,
    jobs: int,
    n_trials: int = TRIALS,
    cluster: Cluster | None = None,
) -> Tally:
    """Search in a folder until the search is over, with at most so many kills."""
    from interrupted import Process

    where = str(jobs) if cluster is None else cluster.address
    command = [sys.executable, "-c", PROGRAM, str(n_trials), where]
    tally, seen = Tally(), Seen()
    process: Process | None = None
    began = time.monotonic()
    try:
        while True:
            if process is None or process.code is not None:
                if process is not None and process.code == 0:
                    break
                if process is not None and process.code != -9:
                    said = process.text()
                    if not any(part in said for part in MAY_SAY):
                        tally.problems.append(f"it ended with {process.code}:\n{said}")
                        break
                process = Process(command, folder, folder.with_suffix(".log"))
            if time.monotonic() - began > MOST_SECONDS:
                tally.problems.append("it does not end")
                break
            if len(tally.kills) >= kills:
                time.sleep(0.05)
                continue
            _wait(folder, rng, partial(_has_ended, process))
            workers = process.workers() if cluster is None else cluster.workers()
            target = rng.choice(["runner", "group", *(["worker", "worker"] if workers else [])])
            if process.code is not None:
                continue
            tally.kills.append(target)
            victims = [] if target == "runner" else workers if target == "group" else [rng.choice(workers)]
            if target != "worker":
                process.send("SIGKILL", target)
            if cluster is not None:
                cluster.kill(victims)
            else:
                for victim in victims:
                    process.send("SIGKILL", str(victim))
            if target != "worker":
                process.runner.wait()
            seen |= ended(read_journal(folder))
    finally:
        if process is not None:
            process.end()
    return _judge(tally, folder, seen, n_trials)


def _wait(folder: Path, rng: Random, is_over: Callable[[], bool], moment: float = 0.3) -> None:
    """Wait until some more trials have begun, and a moment longer; now and then only a moment."""
    path = folder / "search" / "trials.log"

    def size() -> int:
        return path.stat().st_size if path.exists() else 0

    enough = size() + rng.choice([0, 2_000, 6_000, 15_000])
    end = time.monotonic() + 60
    while not is_over() and size() < enough and time.monotonic() < end:
        time.sleep(0.002)
    time.sleep(rng.uniform(0, moment))


def _has_ended(process: Any) -> bool:
    return process.code is not None


def play_forked(folder: Path, rng: Random, kills: int, *, processes: int, n_trials: int = TRIALS) -> Tally:
    """Search in a folder with forked processes until all of them ended by themselves."""
    tally, seen = Tally(), Seen()
    left: dict[int, bool] = {}  # processes, and whether they have not ended
    log = folder.with_suffix(".log")

    def look() -> bool:
        for pid in [pid for pid, is_there in left.items() if is_there]:
            ended_one, status = os.waitpid(pid, os.WNOHANG)
            if ended_one:
                left[pid] = False
                if (code := os.waitstatus_to_exitcode(status)) != 0:
                    tally.problems.append(f"a process ended with {code}:\n{log.read_text(errors='replace')}")
        return not any(left.values())

    try:
        for _ in range(processes):
            left[_fork(folder, log, n_trials)] = True
        while not look() and not tally.problems:
            if len(tally.kills) >= kills:
                time.sleep(0.01)
                continue
            _wait(folder, rng, look, 0.1)
            victims = [pid for pid, is_there in left.items() if is_there]
            if not victims:
                break
            victim = rng.choice(victims)
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            left[victim] = False
            tally.kills.append("runner")
            seen |= ended(read_journal(folder))
            left[_fork(folder, log, n_trials)] = True
    finally:
        for pid in [pid for pid, is_there in left.items() if is_there]:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return _judge(tally, folder, seen, n_trials)


def _fork(folder: Path, log: Path, n_trials: int) -> int:
    """Return a new process that searches; all that it needs is imported already."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        with log.open("a") as file:
            try:
                names: dict[str, Any] = {"__name__": "search"}
                sys.argv = ["-c", str(n_trials), "1", str(folder)]
                exec(PROGRAM, names)
                names["search"].run(folder, jobs=1)
                code = 0
            except BaseException:
                traceback.print_exc(file=file)
    finally:
        os._exit(code)
    return 0


def _judge(tally: Tally, folder: Path, seen: Seen, n_trials: int) -> Tally:
    trials = read_journal(folder)
    tally.n_trials = len(sequence_of(trials))
    tally.n_lost = len(trials) - tally.n_trials
    if not tally.problems:
        tally.problems += check(folder, seen, n_trials)
    return tally


def main() -> int:
    """Kill searches until there were enough kills; return how the program ends."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--how", choices=["joined", "serial", "jobs", "dask"], default="joined")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--kills-a-folder", type=int, default=10)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "search-kills")
    given = parser.parse_args()
    shutil.rmtree(given.work, ignore_errors=True)
    given.work.mkdir(parents=True)
    if given.how in ("joined", "serial"):
        import optuna  # noqa: F401  # before it forks, with all that a search needs

        import glassnet.studies.search.search  # noqa: F401
    expected = None
    if given.how == "serial":
        whole = given.work / "whole"
        play_forked(whole, Random(0), 0, processes=1, n_trials=given.trials)
        expected = sequence_of(read_journal(whole))
    with Cluster(given.work) if given.how == "dask" else nullcontext() as cluster:
        return _kill(given, cluster, expected)


def _kill(given: argparse.Namespace, cluster: Cluster | None, expected: list[tuple[Any, ...]] | None) -> int:
    """Kill searches, folder after folder, and print what came of it; return how the program ends."""
    rng, kills, n_bad, number, lost = Random(given.seed), list[str](), 0, 0, 0
    while len(kills) < given.kills:
        folder, most = given.work / f"run-{number}", min(given.kills_a_folder, given.kills - len(kills))
        if given.how in ("jobs", "dask"):
            tally = play(folder, rng, most, jobs=2, n_trials=given.trials, cluster=cluster)
        else:
            processes = 1 if given.how == "serial" else 2
            tally = play_forked(folder, rng, most, processes=processes, n_trials=given.trials)
        if expected is not None and sequence_of(read_journal(folder)) != expected:
            tally.problems.append("it drew other candidates than a search that nobody interrupts")
        kills += tally.kills
        lost += tally.n_lost
        n_bad += bool(tally.problems)
        number += 1
        print(
            f"{len(kills)} kills ({kills.count('runner')} runners, {kills.count('worker')} workers, "
            f"{kills.count('group')} all), {number} searches of {given.trials} trials, {lost} trials begun "
            f"anew, {n_bad} bad",
            flush=True,
        )
        for problem in tally.problems:
            print(f"  {folder.name}: {problem}", flush=True)
    return 1 if n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
