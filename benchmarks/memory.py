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
{load}
{fit}
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")).split()[1])
"""
SETTINGS = "hidden_layer_sizes=(256, 128, 64, 32), batch_size=128, max_iter=1, random_state=0"
IMPORTS = {
    "glassnet": "from glassnet import MLPClassifier",
    "scikit-learn": "from sklearn.neural_network import MLPClassifier",
}
FITS = {
    "glassnet uint8": f"MLPClassifier({SETTINGS}, dtype='float32', scale_uint8=True).fit(X, y)",
    "glassnet float32": f"MLPClassifier({SETTINGS}).fit(X, y)",
    "scikit-learn float32": f"MLPClassifier({SETTINGS}).fit(X, y)",
    "scikit-learn float64": f"MLPClassifier({SETTINGS}).fit(X, y)",
}
"""What each process does with the data, by the package and the dtype that it is given."""


def peak_megabytes(folder: Path, system: str, *, fits: bool = True) -> float:
    """Return the peak resident memory of a process that imports, reads its data, and fits if it is to."""
    package, dtype = system.split()
    names = {"X": str(folder / f"{dtype}.npy"), "y": str(folder / "labels.npy")}
    script = SCRIPT.format(**names, load=IMPORTS[package], fit=FITS[system] if fits else "")
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
            system: [peak_megabytes(folder, system) for _ in range(arguments.repeats)] for system in FITS
        }
        before = {system: peak_megabytes(folder, system, fits=False) for system in FITS}
    notes = [f"{system}: {megabytes:.0f} MB before the fit." for system, megabytes in before.items()]
    yield Table("MNIST", "Peak memory of a fit of MNIST", "MB", samples, "scikit-learn float64", notes)


if __name__ == "__main__":
    run_part(make_parser(__doc__, repeats=3).parse_args(), measure)
