"""How much memory a process takes at the highest."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from processes import run_python

TRAIN_ON_MNIST = """
from glassnet import NeuralNetwork, flatten, load_mnist

images, labels = load_mnist().train
network = NeuralNetwork(N=2, A=[128, 64], lr=0.1, epochs=1, batch_size=128, random_state=0)
network.fit(flatten(images), labels, validation_fraction=0.2)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(network.history_.records[0].validation_accuracy, peak)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is counted otherwise elsewhere")
@pytest.mark.parametrize(("fast", "megabytes"), [("0", 250), ("1", 350)])  # Numba itself takes 100 MB
def test_training_on_mnist_takes_little_memory(fast, megabytes):
    """The images are 47 MB as bytes; as float32 they would be 188 MB.

    The peak is VmHWM, since that of getrusage takes over the one of the process that started this.
    """
    # threads wait for each other on a busy machine
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "GLASSNET_FAST": fast}
    done = run_python(TRAIN_ON_MNIST, env=env)
    accuracy, peak_kib = map(float, done.stdout.split())
    assert accuracy > 0.85
    assert peak_kib < megabytes * 1024


MEASURE = """
import sys, warnings
import numpy as np
from glassnet import MLPClassifier, Stream

def peak():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024

kind, path, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
warnings.simplefilter("ignore")
if kind == "map":
    def stream(n):
        X = np.memmap(path, np.float32, "r", shape=(n, 30))
        return Stream.of_arrays(X, np.memmap(path + ".y", np.int8, "r", shape=(n,)))
else:
    def stream(n):
        def batches():
            rng = np.random.default_rng(0)
            for start in range(0, n, 10_000):
                X = rng.standard_normal((min(10_000, n - start), 30), np.float32)
                yield X, X[:, 0] > 0
        return Stream(batches, n_rows=n)
model = MLPClassifier((8,), max_iter=1, batch_size=1000)
model.fit(stream(50_000)).predict(stream(50_000))
before = peak()
model.fit(stream(n)).predict(stream(n))
model.score(stream(n))
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak memory from /proc")
@pytest.mark.parametrize("kind", ["map", "generator"])
def test_memory_does_not_grow_with_the_rows(tmp_path, kind):
    n = 250_000  # 30 MB
    path = str(tmp_path / "x")
    if kind == "map":
        X = np.memmap(path, np.float32, "w+", shape=(n, 30))
        y = np.memmap(path + ".y", np.int8, "w+", shape=(n,))
        rng = np.random.default_rng(0)
        for start in range(0, n, 50_000):
            X[start : start + 50_000] = rng.standard_normal((50_000, 30), np.float32)
        y[:] = X[:, 0] > 0
        del X, y
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = run_python(MEASURE, kind, path, str(n), env=env)
    assert float(done.stdout) < 15, f"{done.stdout.strip()} MB more than for 50,000 rows"
