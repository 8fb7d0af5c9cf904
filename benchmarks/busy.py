"""Time fits while another program keeps a core busy: with one BLAS thread, with all, as glassnet chooses.

    python benchmarks/busy.py [--repeats 5] [--quick] [--json FILE]

Each fit runs in a process of its own, which remembers no choice of threads from before. The other program is
a loop in Python. The two networks are that of section B on MNIST, and three layers of 256 on 10,000 rows of
30 made-up features; batches of 128, Adam, float32.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from harness import Table, make_parser, run_part

FIT = """
import sys, time, warnings
import numpy as np
from glassnet import MLPClassifier, flatten, load_mnist

warnings.simplefilter("ignore")  # few epochs
name, epochs = sys.argv[1], int(sys.argv[2])
if name == "MNIST":
    data = load_mnist().train
    X, y, layers = flatten(data.images).astype(np.float32) / 255, data.labels, (256, 128, 64, 32)
else:
    rng = np.random.default_rng(0)
    X, y, layers = rng.normal(size=(10_000, 30)).astype(np.float32), rng.integers(0, 2, 10_000), (256,) * 3
model = MLPClassifier(layers, batch_size=128, random_state=0, max_iter=epochs)
model.fit(X[:256], y[:256])  # the compiled kernels are there
began = time.perf_counter()
model.fit(X, y)
print(time.perf_counter() - began, model.history_.threads)
"""

EPOCHS = {"MNIST": 8, "10,000 rows of 30": 40}
SETTINGS = {"one thread": "1", "all threads": "all", "chosen": ""}
"""What ``GLASSNET_THREADS`` is."""


@contextmanager
def busy_core() -> Iterator[None]:
    """Keep one core busy meanwhile."""
    burner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        burner.kill()
        burner.wait()


def fit(name: str, epochs: int, setting: str) -> tuple[float, str]:
    """Return the seconds of a fit, and with how many threads it ended."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"GLASSNET_THREADS": setting, "XDG_CACHE_HOME": folder}
        done = subprocess.run(
            [sys.executable, "-c", FIT, name, str(epochs)],
            capture_output=True, text=True, check=True, env=environment,
        )  # fmt: skip
    seconds, threads = done.stdout.split()
    return float(seconds), threads


def measure(arguments: argparse.Namespace) -> Iterator[Table]:
    for name, epochs in EPOCHS.items():
        seconds: dict[str, list[float]] = {setting: [] for setting in SETTINGS}
        ended: list[str] = []
        with busy_core():
            for turn in range(arguments.repeats):
                names = reversed(SETTINGS) if turn % 2 else iter(SETTINGS)
                for setting in names:
                    taken, threads = fit(name, 1 if arguments.quick else epochs, SETTINGS[setting])
                    seconds[setting].append(taken)
                    ended += [threads] * (setting == "chosen")
        notes = [f"The chosen ones ended with {', '.join(ended)} threads."]
        yield Table(name, f"{name}, another program keeps a core busy", "s", seconds, "one thread", notes)


if __name__ == "__main__":
    run_part(make_parser(__doc__, repeats=5).parse_args(), measure)
