"""Time one epoch of a fit over sizes, from 30 features and 100 units to 784 features and (1024, 1024).

    python benchmarks/sizes.py [--repeats 5] [--json FILE]

12,800 rows of random numbers, 10 classes, batches of 128, SGD and Adam, float32 unless said. glassnet and
scikit-learn fit their estimators, with everything that a fit does, and choose their own threads; a sample is
a fit of several epochs and is given for one. PyTorch and JAX only train. The compiled kernels are loaded
first, as what the peers compile is compiled, though so short a fit alone would do without them.
"""

import argparse
import math
from collections.abc import Iterator

import numpy as np
import peers
from harness import Job, Table, make_parser, run_part, take_turns
from peers import Task

from glassnet.nn import ops

SIZES: dict[str, tuple[tuple[int, ...], int]] = {
    "30-100": ((30, 100, 10), 20),
    "64-100": ((64, 100, 10), 20),
    "784-100": ((784, 100, 10), 5),
    "784-256-128-64-32": ((784, 256, 128, 64, 32, 10), 3),
    "784-512-512": ((784, 512, 512, 10), 2),
    "784-1024-1024": ((784, 1024, 1024, 10), 1),
}
"""Layers, and epochs of a sample, by the name of the table."""

N_ROWS = 12_800


def make_task(sizes: tuple[int, ...], optimizer: str, epochs: int, n_rows: int) -> Task:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, sizes[0]), np.float32)
    return Task(X, rng.integers(0, sizes[-1], n_rows), sizes, optimizer, epochs)


def measure(arguments: argparse.Namespace) -> Iterator[Table]:
    names = list(SIZES)[::3] if arguments.quick else list(SIZES)
    n_rows = N_ROWS // 10 if arguments.quick else N_ROWS
    ops.ready(np.float32, math.inf)
    for name in names:
        sizes, epochs = SIZES[name]
        for optimizer in ("sgd", "adam"):
            task = make_task(sizes, optimizer, epochs, n_rows)
            notes: list[str] = []
            jobs: dict[str, Job] = {
                "glassnet float32": peers.glassnet_estimator(task),
                "scikit-learn float32": peers.scikit_learn(task),
                "scikit-learn float64": peers.scikit_learn(task.given(task.X.astype(np.float64))),
            }
            peers.add_peers(task, jobs, notes, quick=arguments.quick)
            samples = take_turns(jobs, arguments.repeats)
            samples = {system: [seconds / epochs for seconds in own] for system, own in samples.items()}
            title = f"One epoch of {n_rows:,} rows, {name}, {optimizer}"
            yield Table(f"{name} {optimizer}", title, "s", samples, "glassnet float32", notes)


if __name__ == "__main__":
    run_part(make_parser(__doc__, repeats=5).parse_args(), measure)
