"""Time the grid of the study fashion-grid, 27 candidates in 3 folds, under GridSearchCV.

    python benchmarks/grid.py [--full] [--repeats 1] [--json FILE]

The same `GridSearchCV(n_jobs=2)` with glassnet's estimator in place of scikit-learn's: given the same float64
(the same numbers come out), and given bytes, in float32. Unless `--full` asks for all 81 fits, which take
scikit-learn some eight minutes, the nine candidates with batches of 128 are fitted: every solver at every
rate.
"""

import argparse
import os
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import sklearn.neural_network
from harness import Job, Table, few_epochs, make_parser, run_part, take_turns
from sklearn.model_selection import GridSearchCV

import glassnet
from glassnet.studies.assignment.fashion import EPOCHS, HIDDEN, SEED, load_parts, scaled
from glassnet.studies.assignment.fashion_grid import FOLDS, GRID

N_JOBS = 2


def search(package: Any, X: np.ndarray, y: np.ndarray, grid: dict[str, Any], epochs: int, **own: Any) -> Any:
    model = package.MLPClassifier(HIDDEN, max_iter=epochs, random_state=SEED, **own)
    with few_epochs():  # some candidates diverge, which GridSearchCV says by a warning
        return GridSearchCV(model, grid, cv=FOLDS, n_jobs=N_JOBS, refit=False).fit(X, y)


def make_jobs(X8: np.ndarray, y: np.ndarray, grid: dict[str, Any], epochs: int) -> dict[str, Job]:
    X64, X32 = scaled(X8), scaled(X8).astype(np.float32)
    ours, theirs = glassnet, sklearn.neural_network
    return {
        "glassnet float64": partial(search, ours, X64, y, grid, epochs),
        "glassnet uint8": partial(search, ours, X8, y, grid, epochs, dtype="float32", scale_uint8=True),
        "scikit-learn float32": partial(search, theirs, X32, y, grid, epochs),
        "scikit-learn float64": partial(search, theirs, X64, y, grid, epochs),
    }


def measure(arguments: argparse.Namespace) -> Iterator[Table]:
    os.environ["PYTHONWARNINGS"] = "ignore"  # of the processes that GridSearchCV starts
    X, y = load_parts(False)["train"]
    grid, epochs = GRID if arguments.full else {**GRID, "batch_size": [128]}, EPOCHS
    if arguments.quick:
        X, y, epochs = X[:600], y[:600], 4
    for job in make_jobs(X[:300], y[:300], grid, 1).values():
        job()  # starts the processes, which keep what they have loaded
    samples = take_turns(make_jobs(X, y, grid, epochs), arguments.repeats, warm_up=False)
    n_fits = FOLDS * int(np.prod([len(values) for values in grid.values()]))
    title = f"GridSearchCV, {n_fits} fits on Fashion-MNIST, n_jobs={N_JOBS}"
    note = "glassnet float64 gives scikit-learn's numbers; uint8 computes in float32."
    yield Table("fits", title, "s", samples, "glassnet float64", [note])


def main() -> None:
    parser = make_parser(__doc__, repeats=1)
    parser.add_argument("--full", action="store_true", help="all 81 fits")
    run_part(parser.parse_args(), measure)


if __name__ == "__main__":
    main()
