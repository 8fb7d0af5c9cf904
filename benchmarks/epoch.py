"""Time one epoch of MNIST beside scikit-learn, PyTorch, JAX and the bare matrix products.

    python benchmarks/epoch.py [--repeats 7] [--threads N] [--json FILE]

The network of the study mnist-init (784-256-128-64-32-10, ReLU) on its 48,000 training images, batches of
128, SGD and Adam. The "GEMM floor" is the matrix products of a step alone, on arrays of the same shapes, by
the same BLAS with the same threads. Each sample is two epochs, so that what scikit-learn does once in each
fit weighs less, and is given for one.
"""

import argparse
from collections.abc import Iterator

import numpy as np
import peers
from harness import Job, Table, make_parser, run_part, take_turns
from peers import Task
from threadpoolctl import threadpool_limits

from glassnet._common.environment import count_cores
from glassnet.data import flatten, load_mnist, scale, train_validation_split

SIZES = (784, 256, 128, 64, 32, 10)
EPOCHS = 2


def load_images() -> tuple[np.ndarray, np.ndarray]:
    """Return the 48,000 training images of the study, as rows of bytes, and their labels."""
    images, labels = load_mnist().train
    X, _, y, _ = train_validation_split(flatten(images), labels)
    return X, y


def measure(arguments: argparse.Namespace) -> Iterator[Table]:
    X, y = load_images()
    if arguments.quick:
        X, y = X[: 20 * peers.BATCH], y[: 20 * peers.BATCH]
    for optimizer in ("sgd", "adam"):
        task = Task(scale(X), y, SIZES, optimizer, EPOCHS)
        notes = [f"{arguments.threads} BLAS threads."]
        jobs: dict[str, Job] = {
            "GEMM floor": peers.gemm_floor(task),
            "glassnet float32": peers.glassnet_engine(task),
            "glassnet uint8": peers.glassnet_engine(task.given(X)),
            "scikit-learn float32": peers.scikit_learn(task),
            "scikit-learn float64": peers.scikit_learn(task.given(task.X.astype(np.float64))),
        }
        with threadpool_limits(arguments.threads, user_api="blas"):
            peers.add_peers(task, jobs, notes, quick=arguments.quick)
            samples = take_turns(jobs, arguments.repeats)
        samples = {name: [seconds / EPOCHS for seconds in own] for name, own in samples.items()}
        title = f"MNIST, one epoch of {len(X):,} images, {optimizer}"
        yield Table(optimizer, title, "s", samples, "glassnet float32", notes)


def main() -> None:
    parser = make_parser(__doc__, repeats=7)
    parser.add_argument("--threads", type=int, default=count_cores(), help="BLAS threads of all of them")
    run_part(parser.parse_args(), measure)


if __name__ == "__main__":
    main()
