"""Time the estimators beside scikit-learn's, in one run, in turns.

    python benchmarks/estimators.py [--repeats 5] [--mnist-epochs 2] [--json FILE]

Fits on digits and breast cancer (one hidden layer of 100, adam, float64: the same weights) and on MNIST
(48,000 images, hidden layers 256, 128, 64, 32, adam, batches of 128), predictions of one row and of 10,000,
and the peak memory of the MNIST fit, each in a process of its own. Medians; only the ratios of one run mean
something.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.preprocessing import scale as standardise

from glassnet import MLPClassifier as Ours
from glassnet.datasets import flatten, load_mnist, scale, train_validation_split
from glassnet.environment import describe_environment

HIDDEN = (256, 128, 64, 32)


def load_table(name: str) -> tuple[np.ndarray, np.ndarray]:
    load = {"digits": load_digits, "breast cancer": load_breast_cancer}[name]
    X, y = load(return_X_y=True)
    return (X / 16 if name == "digits" else standardise(X)), y


def load_images() -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_mnist().train
    X, _, y, _ = train_validation_split(flatten(images), labels)
    return X, y


def fit(model: Callable[..., object], X: np.ndarray, y: np.ndarray, **settings: object) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few epochs are not meant to converge
        return model(random_state=0, **settings).fit(X, y)  # type: ignore[attr-defined]


def take_turns(jobs: dict[str, Callable[[], object]], repeats: int, calls: int = 1) -> dict[str, list[float]]:
    """Return the seconds of each job's calls; the jobs take turns, after one turn to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for repeat in range(repeats + 1):
        for name, job in jobs.items():
            start = time.perf_counter()
            for _ in range(calls):
                job()
            if repeat:
                seconds[name].append((time.perf_counter() - start) / calls)
    return seconds


def check_same_weights(X: np.ndarray, y: np.ndarray, **settings: object) -> float:
    """Return the largest relative difference between the weights of the two."""
    ours, theirs = fit(Ours, X, y, **settings), fit(Theirs, X, y, **settings)
    pairs = zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True)
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in pairs)


def report(title: str, seconds: dict[str, list[float]], reference: str) -> None:
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"\n{title}")
    for name, median in medians.items():
        ratio = "" if name == reference else f"{medians[reference] / median:8.2f} x faster than {reference}"
        print(f"  {name:34}{median * 1e3:12.3f} ms{ratio}", flush=True)


def peak_memory(which: str) -> float:
    """Return the peak resident memory, in MB, of a process that fits MNIST for one epoch."""
    command = [sys.executable, __file__, "--memory-of", which]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def fit_once_and_tell_memory(which: str) -> None:
    X, y = load_images()
    settings: dict[str, object] = {"hidden_layer_sizes": HIDDEN, "batch_size": 128, "max_iter": 1}
    if which == "theirs float64":
        fit(Theirs, scale(X).astype(np.float64), y, **settings)
    elif which == "ours float32":
        fit(Ours, scale(X), y, **settings)
    else:
        fit(Ours, X, y, **settings, dtype="float32", scale_uint8=True)
    with open("/proc/self/status") as status:
        peak = next(line for line in status if line.startswith("VmHWM"))
    print(int(peak.split()[1]) / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the estimators beside scikit-learn's.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--mnist-epochs", type=int, default=2)
    parser.add_argument("--json", help="write the figures to this file")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        fit_once_and_tell_memory(arguments.memory_of)
        return
    figures: dict[str, dict[str, list[float]]] = {}
    for name, epochs in (("digits", 60), ("breast cancer", 200)):
        X, y = load_table(name)
        settings = {"hidden_layer_sizes": (100,), "max_iter": epochs, "tol": 0.0, "n_iter_no_change": epochs}
        jobs = {
            "scikit-learn": lambda X=X, y=y, settings=settings: fit(Theirs, X, y, **settings),
            "glassnet": lambda X=X, y=y, settings=settings: fit(Ours, X, y, **settings),
        }
        figures[name] = take_turns(jobs, arguments.repeats)
        difference = check_same_weights(X, y, **settings)
        report(
            f"{name}: fit, {epochs} epochs; weights differ by {difference:.0e}", figures[name], "scikit-learn"
        )
    X8, y = load_images()
    X32, X64 = scale(X8), scale(X8).astype(np.float64)
    settings = {"hidden_layer_sizes": HIDDEN, "batch_size": 128, "max_iter": arguments.mnist_epochs}
    jobs = {
        "scikit-learn float64": lambda: fit(Theirs, X64, y, **settings),
        "scikit-learn float32": lambda: fit(Theirs, X32, y, **settings),
        "glassnet float64": lambda: fit(Ours, X64, y, **settings),
        "glassnet float32": lambda: fit(Ours, X32, y, **settings),
        "glassnet uint8, in float32": lambda: fit(Ours, X8, y, **settings, dtype="float32", scale_uint8=True),
    }
    figures["MNIST"] = take_turns(jobs, max(arguments.repeats // 2, 1))
    difference = check_same_weights(X64, y, **settings)
    title = f"MNIST: fit, {arguments.mnist_epochs} epochs; float64 weights differ by {difference:.0e}"
    report(title, figures["MNIST"], "scikit-learn float64")
    theirs, ours = fit(Theirs, X32, y, **settings), fit(Ours, X32, y, **settings)
    theirs64 = fit(Theirs, X64, y, **settings)
    for rows, calls in ((1, 300), (10_000, 3)):
        jobs = {
            "scikit-learn float64": lambda rows=rows: theirs64.predict_proba(X64[:rows]),
            "scikit-learn float32": lambda rows=rows: theirs.predict_proba(X32[:rows]),
            "glassnet float32": lambda rows=rows: ours.predict_proba(X32[:rows]),
        }
        figures[f"predict {rows}"] = take_turns(jobs, arguments.repeats, calls)
        report(f"predict_proba of {rows:,} rows of MNIST", figures[f"predict {rows}"], "scikit-learn float64")
    memory = {which: peak_memory(which) for which in ("theirs float64", "ours float32", "ours uint8")}
    print("\nPeak memory of a process that fits MNIST, the data included")
    for which, megabytes in memory.items():
        print(f"  {which:34}{megabytes:12.0f} MB   {megabytes / memory['theirs float64']:.2f} x")
    if arguments.json:
        with open(arguments.json, "w") as file:
            values = {"environment": describe_environment(), "seconds": figures, "megabytes": memory}
            json.dump(values, file, indent=2)


if __name__ == "__main__":
    main()
