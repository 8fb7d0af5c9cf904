"""Measure what a study of many trials costs beside the training itself.

    python benchmarks/scale.py [--only PART ...] [--trials 10000] [--turns 5] [--json FILE]

folder    A run folder of `--trials` finished trials, written as a run writes it: seconds to list it, to
          resume it to its end, to read its results and to write its report.
local     Milliseconds that a trial takes beside the training that it times itself, with one process; and
          those that a processor works for it.
dask      The same with a Dask cluster of one worker process on this machine.
speedup   The same trials with one worker process and with two, in turns; ratios, the least and the median.
messages  What one task costs the scheduler, by tasks that do nothing; then a simulation of a scheduler that
          takes so long for each message, with 100 workers and a million trials of some lengths.

Seconds depend on the machine and on who else uses it; the ratios of `speedup` are those of one turn.
"""

import argparse
import heapq
import json
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import glassnet
from glassnet.nn.history import History
from glassnet.report import write_report
from glassnet.studies import RunFolder
from glassnet.studies.engines import make_result

X = np.random.default_rng(0).normal(size=(200, 4))
Y = X @ [1.0, -2.0, 0.5, 0.0]
WORKERS, TRIALS = 100, 1_000_000
TRIAL_SECONDS = (0.1, 1.0, 10.0)
SHORT_TRIALS = 200


def make_study(n: int, model: str = "Ridge", **settings: Any) -> glassnet.Study:
    """Return a study of `n` trials that differ in nothing that takes longer."""
    alphas = [float(alpha) for alpha in np.geomspace(1e-3, 1e3, n)]
    return glassnet.Study("scale", (X, Y), model, settings=settings, vary={"alpha": alphas}, examines=False)


def timed(job: Callable[[], Any]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def timed_here(job: Callable[[], Any]) -> tuple[float, float]:
    """Return the seconds of a job, and those that a processor worked for this process."""
    began = time.process_time()
    seconds = timed(job)
    return seconds, time.process_time() - began


@contextmanager
def new_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="scale-") as place:
        yield Path(place) / "run"


@contextmanager
def cluster_of(workers: int) -> Iterator[str]:
    from distributed import Client, LocalCluster

    settings: dict[str, Any] = {"threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    with LocalCluster(n_workers=workers, **settings) as cluster, Client(cluster) as client:
        client.wait_for_workers(workers)
        yield cluster.scheduler_address


def measure_folder(n: int) -> dict[str, float]:
    study = make_study(n)
    config = study.config()
    with new_folder() as path:
        folder = RunFolder(path)
        folder.claim(config, study)
        scores = {"train": {"rmse": 1.0}, "validation": {"rmse": 1.0}, "test": {"rmse": 1.0}}
        for spec in study.specs[:-1]:
            folder.write_history(spec.name, History(), durable=False)
            folder.finish_model(
                make_result(spec, "finished", 1, "fitted", 0.01, scores), config, durable=False
            )
        files = sum(1 for file in path.rglob("*") if file.is_file())
        jobs: dict[str, Callable[[], Any]] = {
            "list": folder.list_begun,
            "resume, train the last, conclude": lambda: study.run(path, jobs=1),
            "resume a complete run": lambda: study.run(path, jobs=1),
            "read results.json": folder.read_results,
            "report": lambda: write_report(folder),
        }
        found = {"files a trial": files / n}
        for name, job in jobs.items():
            found[name], found[f"{name}: of a processor"] = timed_here(job)
        found["MB of results.json"] = folder.results_path.stat().st_size / 1e6
        shutil.rmtree(path)
        return found


def overhead(n: int, path: Path, client: Any = None) -> dict[str, float]:
    """Return the milliseconds of a trial, where one trains at a time: here, or on a cluster of one worker."""
    study = make_study(n)
    means: dict[str, Any] = {"scheduler": client.scheduler.address} if client else {"jobs": 1}
    study.run(path / "first", **means)  # workers have imported everything by then

    def worked() -> float:
        there = client.run(time.process_time).values() if client else ()
        return time.process_time() + sum(there)

    before, began = worked(), time.perf_counter()
    results = study.run(path / "second", **means)
    seconds, processor = time.perf_counter() - began, worked() - before
    trained = sum(model.seconds for model in results.models)
    return {
        "ms a trial beside its training": (seconds - trained) / n * 1e3,
        "ms of a processor a trial, its training included": processor / n * 1e3,
    }


def measure_speedup(turns: int, n: int = 60) -> dict[str, float]:
    """Return how many times as fast two workers are as one, on trials of a second or two."""
    settings = {"hidden_layer_sizes": [256, 256], "max_iter": 300, "tol": 0.0, "n_iter_no_change": 300}
    study = make_study(n, "MLPRegressor", **settings)
    with cluster_of(1) as one, cluster_of(2) as two, tempfile.TemporaryDirectory() as place:
        ratios = []
        for turn in range(-1, turns):
            addresses = {"one": one, "two": two}
            order = list(addresses) if turn % 2 else list(addresses)[::-1]
            seconds = {
                name: timed(lambda: study.run(Path(place) / f"{turn}-{name}", scheduler=addresses[name]))  # noqa: B023
                for name in order
            }
            if turn >= 0:
                ratios.append(seconds["one"] / seconds["two"])
                print(
                    f"  turn {turn + 1}: {ratios[-1]:.2f} x  ({seconds['one']:.1f} s, {seconds['two']:.1f} s)"
                )
    return {"least": min(ratios), "median": statistics.median(ratios), "most": max(ratios)}


def measure_messages(n: int = 2_000) -> dict[str, float]:
    """Return what the scheduler takes for a task: its own processor time, and its memory."""
    from distributed import Client, LocalCluster, as_completed

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        client.submit(abs, -1).result()
        began, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        tasks = [client.submit(abs, -i, pure=False) for i in range(n)]
        for _ in as_completed(tasks, loop=client.loop):
            pass
        # the scheduler, this client and the nanny are threads of this process
        took = time.process_time() - began
        kept = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory  # in kB, on Linux
        return {
            "ms of the scheduler and its client a task": took / n * 1e3,
            "kB a task that waits": kept / n,
        }


def simulate(
    service: float, trial: float, *, workers: int = WORKERS, trials: int = TRIALS
) -> tuple[float, float]:
    """Return how long a study takes, in seconds, and which part of that the workers train.

    The scheduler takes `service` seconds for all the messages of a task, one task after the other; a worker
    gets its next task when the scheduler has taken note of its last. Of a long study a part is simulated.
    """
    n = min(trials, 200 * workers)
    free = [0.0] * workers  # when each worker's last trial ends
    scheduler = end = 0.0
    for _ in range(n):
        scheduler = max(scheduler, heapq.heappop(free)) + service
        end = scheduler + trial
        heapq.heappush(free, end)
    seconds = end * trials / n
    return seconds, trials * trial / workers / seconds


def run_part(name: str, arguments: argparse.Namespace) -> dict[str, float]:
    if name == "folder":
        return measure_folder(arguments.trials)
    if name == "speedup":
        return measure_speedup(arguments.turns)
    if name == "messages":
        found = measure_messages()
        service = found["ms of the scheduler and its client a task"] / 1e3
        for trial in TRIAL_SECONDS:
            seconds, share = simulate(service, trial)
            found[f"hours of {TRIALS:,} trials of {trial:g} s, {WORKERS} workers"] = seconds / 3600
            found[f"part of it that they train, {trial:g} s"] = share
        return found
    with tempfile.TemporaryDirectory(prefix="scale-") as place:
        if name == "local":
            return overhead(SHORT_TRIALS, Path(place))
        from distributed import Client

        with cluster_of(1) as address, Client(address) as client:
            return overhead(SHORT_TRIALS, Path(place), client)


def main() -> None:
    parts = ("folder", "local", "dask", "speedup", "messages")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    results = {}
    for name in arguments.only:
        print(name, flush=True)
        results[name] = run_part(name, arguments)
        for what, value in results[name].items():
            print(f"  {what:58}{value:10.3f}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
