"""Measure fits on streamed data: peak memory and time per sample, from 10^4 to 10^7 rows of 30 features.

    python benchmarks/streaming.py [--rows 1e4 1e5 1e6 1e7] [--epochs 1] [--repeats 3] [--json FILE]

Each fit runs in a process of its own, in which a fit on 10,000 rows has loaded everything before; peak memory
is that of the whole process (VmHWM). Sources: a generator that draws batches of 10,000 float32 rows, a memory
map in a file, and the same arrays in memory for a comparison, up to 10^6 rows. scikit-learn's `partial_fit`
runs over the same batches of the generator. The processes take turns; medians. One hidden layer of 100, adam,
training batches of 200. The labels of a generator are learnt from a first pass in `fit`, which draws all
batches once more; `partial_fit` makes one pass only. On a machine that does other work too, the time of a
processor says more than that on the clock.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

N_FEATURES, BATCH_ROWS = 30, 10_000
MOST_IN_MEMORY = 1_000_000
JOBS = (
    "glassnet fit, generator",
    "glassnet partial_fit, generator",
    "glassnet fit, memory map",
    "glassnet fit, arrays",
    "scikit-learn partial_fit, generator",
    "the generator alone",
)


def make_batches(n_rows: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Draw labelled rows, the same in every pass; a plane with noise parts the two classes."""
    rng = np.random.default_rng(0)
    direction = np.linspace(-1, 1, N_FEATURES, dtype=np.float32)
    for start in range(0, n_rows, BATCH_ROWS):
        X = rng.standard_normal((min(BATCH_ROWS, n_rows - start), N_FEATURES), np.float32)
        noise = rng.standard_normal(len(X), np.float32)
        yield X, (X @ direction + noise > 0).astype(np.int8)


def write_maps(folder: Path, n_rows: int) -> None:
    X = np.memmap(folder / "X", np.float32, "w+", shape=(n_rows, N_FEATURES))
    y = np.memmap(folder / "y", np.int8, "w+", shape=(n_rows,))
    start = 0
    for X_part, y_part in make_batches(n_rows):
        X[start : start + len(X_part)], y[start : start + len(X_part)] = X_part, y_part
        start += len(X_part)


def make_job(name: str, n_rows: int, epochs: int, folder: Path) -> Callable[[], object]:
    """Return a function that trains, or only reads, all rows in every epoch."""
    from sklearn.neural_network import MLPClassifier as Theirs

    from glassnet import MLPClassifier as Ours, Stream

    settings: dict[str, Any] = {
        "batch_size": 200,
        "max_iter": epochs,
        "tol": 0.0,
        "n_iter_no_change": epochs,
        "random_state": 0,
    }
    ours, theirs = Ours(**settings), Theirs(**settings)
    if name.endswith(("memory map", "arrays")):
        X = np.memmap(folder / "X", np.float32, "r", shape=(n_rows, N_FEATURES))
        y = np.memmap(folder / "y", np.int8, "r", shape=(n_rows,))
        if name.endswith("arrays"):
            X_whole, y_whole = np.array(X), np.array(y)
            return lambda: ours.fit(X_whole, y_whole)
        return lambda: ours.fit(Stream.of_arrays(X, y))
    if name == "glassnet fit, generator":
        return lambda: ours.fit(Stream(lambda: make_batches(n_rows), n_rows=n_rows))

    def partially() -> None:
        for _ in range(epochs):
            if name.startswith("glassnet"):
                ours.partial_fit(Stream(make_batches(n_rows), n_rows=n_rows), classes=[0, 1])
                continue
            for batch in make_batches(n_rows):
                if name.startswith("scikit-learn"):  # otherwise nothing is done with the batches
                    theirs.partial_fit(*batch, classes=[0, 1])

    return partially


def measure(name: str, n_rows: int, epochs: int, folder: Path) -> None:
    """Run one job in this process; print its seconds and the peak memory in MB."""
    warnings.simplefilter("ignore")  # few epochs are not meant to converge
    make_job(name, min(n_rows, BATCH_ROWS), 1, folder)()
    job = make_job(name, n_rows, epochs, folder)
    start, cpu_start = time.perf_counter(), time.process_time()
    job()
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    with open("/proc/self/status") as status:
        peak = next(line for line in status if line.startswith("VmHWM"))
    megabytes = int(peak.split()[1]) / 1024
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "megabytes": megabytes}))


def run(name: str, n_rows: int, epochs: int, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", name, "--rows", str(n_rows), "--epochs", str(epochs)]
    command += ["--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    per_sample = 1e9 / n_rows / epochs
    return {
        "ns_per_sample": found["seconds"] * per_sample,
        "cpu_ns_per_sample": found["cpu_seconds"] * per_sample,
        "megabytes": found["megabytes"],
    }


def measure_all(sizes: list[int], epochs: int, repeats: int) -> dict[str, dict[str, dict[str, float]]]:
    """Let the jobs take turns, for each number of rows; return the medians.

    Small fits repeat their epochs up to 10^5 samples, so that their seconds can be measured.
    """
    figures: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_maps(folder, max(sizes))
        for n_rows in sizes:
            jobs = [job for job in JOBS if n_rows <= MOST_IN_MEMORY or not job.endswith("arrays")]
            found: dict[str, list[dict[str, float]]] = {job: [] for job in jobs}
            for _ in range(repeats):
                for job in jobs:
                    found[job].append(run(job, n_rows, max(epochs, 100_000 // n_rows), folder))
            for job, values in found.items():
                medians = {key: statistics.median(value[key] for value in values) for key in values[0]}
                figures.setdefault(job, {})[f"{n_rows:.0e}"] = medians
                print(
                    f"{n_rows:>12,} rows  {job:38}{medians['ns_per_sample']:9.0f} ns per sample, "
                    f"{medians['cpu_ns_per_sample']:7.0f} of a processor{medians['megabytes']:8.0f} MB",
                    flush=True,
                )
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure fits on streamed data.")
    parser.add_argument("--rows", type=float, nargs="+", default=[1e4, 1e5, 1e6, 1e7])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", help="write the figures to this file")
    parser.add_argument("--measure", choices=JOBS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    sizes = [int(rows) for rows in arguments.rows]
    if arguments.measure:
        measure(arguments.measure, sizes[0], arguments.epochs, arguments.folder)
        return
    figures = measure_all(sizes, arguments.epochs, arguments.repeats)
    if arguments.json:
        from glassnet._common.environment import describe_environment

        with open(arguments.json, "w") as file:
            json.dump({"environment": describe_environment(), "figures": figures}, file, indent=2)


if __name__ == "__main__":
    main()
