"""Time one epoch of MNIST beside scikit-learn, PyTorch and the bare matrix products.

    python benchmarks/epoch.py [--repeats 5] [--threads N] [--json FILE]

The network of the study mnist-init (784-256-128-64-32-10, ReLU) on its 48,000 training images, batches of
128, SGD and Adam. The systems take turns; each figure is the median over the repeats, and only the ratios of
one run mean something. PyTorch takes part when it is installed.

The "GEMM floor" is the matrix products of a step alone, on arrays of the same shapes, by the same BLAS with
the same threads: no network in NumPy can be faster.
"""

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from glassnet.activations import ACTIVATIONS
from glassnet.datasets import flatten, load_mnist, one_hot, scale, train_validation_split
from glassnet.environment import count_cores, describe_environment
from glassnet.initializers import normal
from glassnet.losses import LOSSES
from glassnet.network import Architecture, Parameters
from glassnet.optimizers import OPTIMIZERS
from glassnet.samples import Samples
from glassnet.training import Training, epochs, shuffles

SIZES = (784, 256, 128, 64, 32, 10)
BATCH = 128
LEARNING_RATE = 0.002

Epoch = Callable[[], None]
"""Trains one epoch."""


def gemm_floor(n: int) -> Epoch:
    rng = np.random.default_rng(0)
    a = [rng.random((BATCH, size), np.float32) for size in SIZES]
    outputs = [np.empty_like(array) for array in a]
    weights = [rng.random(shape, np.float32) for shape in pairwise(SIZES)]
    gradients = [np.empty_like(weight) for weight in weights]

    def epoch() -> None:
        for _ in range(n // BATCH):
            for i, weight in enumerate(weights):
                np.matmul(a[i], weight, out=outputs[i + 1])
            for i in reversed(range(len(weights))):
                np.matmul(a[i].T, a[i + 1], out=gradients[i])
                if i > 0:
                    np.matmul(a[i + 1], weights[i].T, out=outputs[i])

    return epoch


def glassnet(X: np.ndarray, y: np.ndarray, optimizer: str) -> Epoch:
    rng = np.random.default_rng(0)
    architecture = Architecture(SIZES, (ACTIVATIONS["relu"],) * 4, LOSSES["softmax_cross_entropy"])
    parameters = Parameters.draw(architecture, normal, rng, np.float32)
    training = Training(architecture, parameters, OPTIMIZERS[optimizer], LEARNING_RATE, BATCH)
    samples = Samples(X, one_hot(y, 10), np.float32, divisor=255.0 if X.dtype == np.uint8 else None)
    records: Iterator[object] = epochs(training, samples, None, shuffles(len(X), rng))
    return lambda: (next(records), None)[1]


def scikit_learn(X: np.ndarray, y: np.ndarray, optimizer: str) -> Epoch:
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        SIZES[1:-1],
        solver=optimizer,
        momentum=0.0,
        learning_rate_init=LEARNING_RATE,
        batch_size=BATCH,
        max_iter=1,
        alpha=0.0,
        random_state=0,
        warm_start=True,
    )

    def epoch() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one epoch is not meant to converge
            model.fit(X, y)

    return epoch


def pytorch(X: np.ndarray, y: np.ndarray, optimizer: str) -> Epoch:
    import torch

    torch.manual_seed(0)
    layers: list[torch.nn.Module] = []
    for fan_in, fan_out in pairwise(SIZES[:-1]):
        layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers, torch.nn.Linear(*SIZES[-2:]))
    loss = torch.nn.CrossEntropyLoss()
    make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    update = make(network.parameters(), lr=LEARNING_RATE, fused=True)
    inputs, labels = torch.from_numpy(X), torch.from_numpy(y)

    def epoch() -> None:
        for rows in torch.randperm(len(inputs)).split(BATCH):
            update.zero_grad()
            loss(network(inputs[rows]), labels[rows]).backward()
            update.step()

    return epoch


def build(threads: int) -> dict[str, Epoch]:
    """Return every system that is installed, by name."""
    images, labels = load_mnist().train
    X, _, y, _ = train_validation_split(flatten(images), labels)
    X32 = scale(X)
    systems = {"GEMM floor": gemm_floor(len(X))}
    for optimizer in ("sgd", "adam"):
        systems[f"glassnet float32 {optimizer}"] = glassnet(X32, y, optimizer)
        systems[f"glassnet uint8 {optimizer}"] = glassnet(X, y, optimizer)
        systems[f"scikit-learn float64 {optimizer}"] = scikit_learn(X32.astype(np.float64), y, optimizer)
        systems[f"scikit-learn float32 {optimizer}"] = scikit_learn(X32, y, optimizer)
        try:
            import torch

            torch.set_num_threads(threads)
            systems[f"PyTorch eager {optimizer}"] = pytorch(X32, y, optimizer)
        except ImportError:
            print("PyTorch is not installed and takes no part.")
    return systems


def measure(systems: dict[str, Epoch], repeats: int) -> dict[str, list[float]]:
    """Return the seconds of each system's epochs; the systems take turns, after an epoch to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    for repeat in range(repeats + 1):
        for name, epoch in systems.items():
            start = time.perf_counter()
            epoch()
            if repeat:
                seconds[name].append(time.perf_counter() - start)
        print(f"repeat {repeat} of {repeats} done", flush=True)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="Time one epoch of MNIST beside the peers.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=count_cores(), help="BLAS threads of every system")
    parser.add_argument("--json", help="write the figures to this file")
    arguments = parser.parse_args()
    with threadpool_limits(arguments.threads):
        seconds = measure(build(arguments.threads), arguments.repeats)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"\n{'':28}{'seconds an epoch':>20}{'':16}{'times the':>11}{'glassnet is':>13}")
    print(f"{arguments.threads} BLAS threads{'':14}{'median':>10}{'least':>10}{'most':>10}", end="")
    print(f"{'GEMM floor':>17}{'faster by':>13}")
    for name, values in seconds.items():
        optimizer = name.split()[-1]
        ours = medians.get(f"glassnet float32 {optimizer}")
        floor = f"{medians[name] / medians['GEMM floor']:.2f}"
        faster = f"{medians[name] / ours:.2f} x" if ours else ""
        print(f"{name:28}{medians[name]:10.3f}{min(values):10.3f}{max(values):10.3f}{floor:>17}{faster:>13}")
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump({"environment": describe_environment(), "seconds": seconds}, file, indent=2)


if __name__ == "__main__":
    main()
