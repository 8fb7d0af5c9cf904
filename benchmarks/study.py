"""Time the study mnist-init, twelve models at its full settings, beside scikit-learn's MLPClassifier.

    python benchmarks/study.py [--epochs 5] [--repeats 2] [--json FILE]

glassnet runs its own study, with everything it does: a process a core with one BLAS thread each, validation
after every epoch, probes, model files, scores on all parts. scikit-learn fits twelve classifiers with the
same layers, solver, rate and batch, in as many processes with one BLAS thread each (joblib), and holds a
fifth back to validate on after every epoch. It has neither leaky ReLU, for which ReLU stands in, nor other
initial weights; both change what is learnt and not what a step costs.

A run of one epoch and a run of `--epochs` are timed, and what one more epoch costs is carried on to the 100
of the study, as if none stopped early. The seconds of both runs are printed too.
"""

import argparse
import tempfile
from collections.abc import Iterator
from functools import partial
from typing import Any

import joblib
import numpy as np
import sklearn.neural_network
from harness import Job, Samples, Table, few_epochs, make_parser, run_part, take_turns
from threadpoolctl import threadpool_limits

from glassnet._common.environment import count_cores
from glassnet.data import flatten, load_mnist
from glassnet.studies.assignment.mnist_init import BATCH_SIZE, HIDDEN, LEARNING_RATE, MNIST_INIT, PATIENCE
from glassnet.studies.runner import run_study

STANDS_FOR = {"sigmoid": "logistic", "leaky_relu": "relu"}


def run_glassnet(epochs: int, quick: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for _ in run_study(MNIST_INIT, MNIST_INIT.config(quick=quick, epochs=epochs), folder):
            pass


def fit_one(X: np.ndarray, y: np.ndarray, activation: str, epochs: int) -> Any:
    model = sklearn.neural_network.MLPClassifier(
        HIDDEN,
        activation=STANDS_FOR.get(activation, activation),
        solver="sgd",
        momentum=0.0,
        alpha=0.0,
        learning_rate_init=LEARNING_RATE,
        batch_size=BATCH_SIZE,
        max_iter=epochs,
        early_stopping=True,
        validation_fraction=0.2,
        tol=0.0,
        n_iter_no_change=max(PATIENCE, epochs),
        random_state=0,
    )
    with few_epochs(), threadpool_limits(1):
        return model.fit(X, y)


def run_scikit_learn(X: np.ndarray, y: np.ndarray, epochs: int) -> None:
    tasks = [joblib.delayed(fit_one)(X, y, spec.activation, epochs) for spec in MNIST_INIT.specs]
    joblib.Parallel(count_cores(), backend="loky")(tasks)


def extrapolate(one: list[float], several: list[float], epochs: int, total: int) -> list[float]:
    """Return the seconds of `total` epochs from runs of one and of several."""
    return [a + (b - a) / (epochs - 1) * (total - 1) for a, b in zip(one, several, strict=True)]


def measure(arguments: argparse.Namespace) -> Iterator[Table]:
    epochs = 2 if arguments.quick else arguments.epochs
    images, y = load_mnist().train
    X = flatten(images)
    if arguments.quick:
        X, y = X[:15_000], y[:15_000]
    X64, X32 = X / 255.0, X.astype(np.float32) / 255
    jobs: dict[str, Job] = {}
    for n in (1, epochs):
        jobs[f"glassnet {n}"] = partial(run_glassnet, n, arguments.quick)
        jobs[f"scikit-learn float32 {n}"] = partial(run_scikit_learn, X32, y, n)
        jobs[f"scikit-learn float64 {n}"] = partial(run_scikit_learn, X64, y, n)
    jobs["glassnet 1"]()  # starts the processes, which all of them use
    taken = take_turns(jobs, arguments.repeats, warm_up=False)
    whole: Samples = {}
    for system in ("glassnet", "scikit-learn float32", "scikit-learn float64"):
        one, several = taken[f"{system} 1"], taken[f"{system} {epochs}"]
        whole[system] = extrapolate(one, several, epochs, MNIST_INIT.epochs)
    parallel = f"12 models in {count_cores()} processes"
    for n in (1, epochs):
        own = {system: taken[f"{system} {n}"] for system in whole}
        yield Table(f"{n} epochs", f"mnist-init, {parallel}, epochs: {n}", "s", own, "glassnet")
    title = f"mnist-init, {parallel}, {MNIST_INIT.epochs} epochs (extrapolated)"
    yield Table("whole", title, "s", whole, "glassnet")


def main() -> None:
    parser = make_parser(__doc__, repeats=2)
    parser.add_argument("--epochs", type=int, default=5, help="of the longer run, at least 2 (%(default)s)")
    arguments = parser.parse_args()
    if arguments.epochs < 2:
        parser.error(f"--epochs is {arguments.epochs}; expected at least 2, to tell what one more costs.")
    run_part(arguments, measure)


if __name__ == "__main__":
    main()
