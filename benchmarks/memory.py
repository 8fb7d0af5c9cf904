"""Measure the peak memory of a process that fits MNIST for one epoch.

    python benchmarks/memory.py [--repeats 3] [--json FILE]

Each fit runs in a process of its own, which reads the images from a file in the dtype that it is given,
so that no copy in another one counts. Imports and the data are included. Reads VmHWM, which Linux has.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from epoch import load_images
from harness import Table, make_parser, run_part

SCRIPT = """
import sys, warnings
import numpy as np
warnings.simplefilter("ignore")
X, y = np.load({X!r}), np.load({y!r})
{lines}
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")).split()[1])
"""
SETTINGS = "hidden_layer_sizes=(256, 128, 64, 32), batch_size=128, max_iter=1, random_state=0"
LINES = {
    "nothing but the data": "",
    "glassnet uint8": f"from glassnet import MLPClassifier\n"
    f"MLPClassifier({SETTINGS}, dtype='float32', scale_uint8=True).fit(X, y)",
    "glassnet float32": f"from glassnet import MLPClassifier\nMLPClassifier({SETTINGS}).fit(X, y)",
    "scikit-learn float32": f"from sklearn.neural_network import MLPClassifier\n"
    f"MLPClassifier({SETTINGS}).fit(X, y)",
    "scikit-learn float64": f"from sklearn.neural_network import MLPClassifier\n"
    f"MLPClassifier({SETTINGS}).fit(X, y)",
}
"""What each process does with the data, whose dtype is in the system's name."""


def peak_megabytes(folder: Path, system: str) -> float:
    dtype = system.split()[-1] if system in LINES and system != "nothing but the data" else "uint8"
    names = {"X": str(folder / f"{dtype}.npy"), "y": str(folder / "labels.npy")}
    script = SCRIPT.format(**names, lines=LINES[system])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def measure(arguments: argparse.Namespace) -> Iterator[Table]:
    if not Path("/proc/self/status").exists():
        print("This system does not tell the peak memory of a process.")
        return
    X, y = load_images()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "labels.npy", y)
        np.save(folder / "uint8.npy", X)
        np.save(folder / "float32.npy", X.astype(np.float32) / 255)
        np.save(folder / "float64.npy", X / 255.0)
        samples = {
            system: [peak_megabytes(folder, system) for _ in range(arguments.repeats)] for system in LINES
        }
    yield Table("MNIST", "Peak memory of a fit of MNIST", "MB", samples, "scikit-learn float64")


if __name__ == "__main__":
    run_part(make_parser(__doc__, repeats=3).parse_args(), measure)
