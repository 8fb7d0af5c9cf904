"""Measure the peak memory of a process that fits MNIST for one epoch.

    python benchmarks/memory.py [--repeats 3] [--json FILE]

Each fit runs in a process of its own. In the first table it reads its 48,000 images from a file in the dtype
that it is given, so that no copy in another one counts. In the second it does the whole job as its users
write it: load the images, scale them for scikit-learn, set a fifth aside, fit. Imports and the data are
included. Reads VmHWM, which Linux has.
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
import warnings
import numpy as np
warnings.simplefilter("ignore")
{imports}
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

LOAD_AND_SPLIT = """
from glassnet.data import flatten, load_mnist
from sklearn.model_selection import train_test_split
images, labels = load_mnist().train
X, X_test, y, y_test = train_test_split({X}, labels, test_size=0.2, random_state=0)
"""
WHOLE_JOBS = {
    "glassnet uint8": LOAD_AND_SPLIT.format(X="flatten(images)"),
    "scikit-learn float64": LOAD_AND_SPLIT.format(X="flatten(images) / 255"),
}
"""How its users come by the data."""


def peak_megabytes(system: str, load: str, *, fits: bool = True) -> float:
    """Return the peak resident memory of a process that imports, comes by its data, and fits if it is to."""
    imports = IMPORTS[system.split()[0]]
    script = SCRIPT.format(imports=imports, load=load, fit=FITS[system] if fits else "")
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
        reads = {
            system: f"X, y = np.load({str(folder / system.split()[1])!r} + '.npy'), "
            f"np.load({str(folder / 'labels.npy')!r})"
            for system in FITS
        }
        samples = {
            system: [peak_megabytes(system, load) for _ in range(arguments.repeats)]
            for system, load in reads.items()
        }
        before = {system: peak_megabytes(system, load, fits=False) for system, load in reads.items()}
    whole = {
        system: [peak_megabytes(system, load) for _ in range(arguments.repeats)]
        for system, load in WHOLE_JOBS.items()
    }
    notes = [f"{system}: {megabytes:.0f} MB before the fit." for system, megabytes in before.items()]
    yield Table("MNIST", "Peak memory of a fit of MNIST", "MB", samples, "scikit-learn float64", notes)
    title = "Peak memory of the whole job: load MNIST, scale, split, fit"
    yield Table("whole job", title, "MB", whole, "scikit-learn float64")


if __name__ == "__main__":
    run_part(make_parser(__doc__, repeats=3).parse_args(), measure)
