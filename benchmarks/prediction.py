"""Time predict_proba of 1, 100 and 10,000 images of MNIST.

    python benchmarks/prediction.py [--repeats 7] [--json FILE]

The hidden layers are 256, 128, 64, 32. Every system is given a NumPy array of its dtype and returns one.
PyTorch runs in inference mode, with its better number of threads for that many rows. How well the networks
were trained does not matter, so they hardly are.
"""

import argparse
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import sklearn.neural_network
from epoch import SIZES, load_images
from estimators import make_fit
from harness import Job, Table, make_parser, run_part, take_turns
from peers import best_of_threads, pytorch_layers

import glassnet

CALLS = {1: 300, 100: 100, 10_000: 3}
"""Calls of one sample, by the number of rows."""


def pytorch(X: np.ndarray, threads: int) -> Job:
    import torch

    network = torch.nn.Sequential(*pytorch_layers(SIZES), torch.nn.Softmax(1))

    def job() -> Any:
        torch.set_num_threads(threads)
        with torch.inference_mode():
            return network(torch.from_numpy(X)).numpy()

    return job


def measure(arguments: argparse.Namespace) -> Iterator[Table]:
    X, y = load_images()
    given = {"float32": X[:10_000].astype(np.float32) / 255, "float64": X[:10_000] / 255.0}
    packages = {"glassnet": glassnet, "scikit-learn": sklearn.neural_network}
    models: dict[tuple[str, str], Any] = {}
    for system, package in packages.items():
        fit = make_fit(package, "MLPClassifier", hidden_layer_sizes=SIZES[1:-1], max_iter=1)
        models |= {(system, dtype): fit(inputs[:2_000], y[:2_000]) for dtype, inputs in given.items()}
    for n_rows, calls in CALLS.items():
        jobs: dict[str, Job] = {
            f"{system} {dtype}": partial(model.predict_proba, given[dtype][:n_rows])
            for (system, dtype), model in models.items()
        }
        try:
            build = partial(pytorch, given["float32"][:n_rows])
            jobs["PyTorch float32"], note = best_of_threads(build, calls=calls)
        except ImportError:
            note = "PyTorch is not installed and takes no part."
        samples = take_turns(jobs, arguments.repeats, calls=calls)
        title = f"predict_proba of {n_rows:,} row{'s' if n_rows > 1 else ''}"
        yield Table(str(n_rows), title, "s", samples, "glassnet float32", [note])


if __name__ == "__main__":
    run_part(make_parser(__doc__, repeats=7).parse_args(), measure)
