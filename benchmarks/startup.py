"""Time what one waits for before anything happens: imports, a first small fit, the first compilation.

    python benchmarks/startup.py [--repeats 9] [--json FILE]

Every sample is a fresh process, from its start to its end. The small jobs are one fit of iris, and a grid
search of 12 fits of it in two processes; they find no compiled kernel on disk. The compiled kernels are timed
inside of their process, with an empty cache and then a full one; importing Numba is included.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

from harness import Job, Samples, Table, make_parser, run_part, take_turns

COMMANDS = {
    "import glassnet": ["-c", "import glassnet"],
    "glassnet --help": ["-m", "glassnet", "--help"],
    "import numpy": ["-c", "import numpy"],
    "import sklearn.neural_network": ["-c", "import sklearn.neural_network"],
    "import torch": ["-c", "import torch"],
    "import jax": ["-c", "import jax"],
}
FIT = """
import warnings
from sklearn.datasets import load_iris
from {package} import MLPClassifier
warnings.simplefilter("ignore")
X, y = load_iris(return_X_y=True)
MLPClassifier(random_state=0).fit(X, y)
"""
SEARCH = """
import os
os.environ["PYTHONWARNINGS"] = "ignore"
import warnings
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from {package} import MLPClassifier
warnings.simplefilter("ignore")
X, y = load_iris(return_X_y=True)
alphas = {{"alpha": [1e-4, 1e-3, 1e-2, 1e-1]}}
GridSearchCV(MLPClassifier(random_state=0), alphas, cv=3, n_jobs=2).fit(X, y)
"""
TRACE = ["-m", "glassnet", "trace", "assignment"]
PACKAGES = {"glassnet": "glassnet", "scikit-learn": "sklearn.neural_network"}
COMPILE = """
import math, sys, time
from glassnet.nn import ops
for dtype in sys.argv[1:]:
    start = time.perf_counter()
    assert ops.ready(dtype, math.inf)
    print(time.perf_counter() - start)
"""


def run(arguments: list[str], **settings: Any) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", **settings)
    return str(done.stdout)


def run_cold(arguments: list[str]) -> str:
    """Run Python as if glassnet had just been installed: with no compiled kernel on disk."""
    with tempfile.TemporaryDirectory() as cache:
        return run(arguments, env={**os.environ, "NUMBA_CACHE_DIR": cache})


def small_jobs(code: str) -> dict[str, Job]:
    """Return the jobs of a fresh process that fits, by the name of whose classes it takes."""
    return {
        name: partial(run_cold, ["-c", code.format(package=package)]) for name, package in PACKAGES.items()
    }


def compile_seconds(repeats: int) -> Samples:
    """Return the seconds until the kernels of both dtypes are there, without and with what is on disk."""
    samples: Samples = {}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as cache:
            for when in ("first process", "later process"):
                environment = {**os.environ, "NUMBA_CACHE_DIR": cache, "GLASSNET_FAST": "1"}
                lines = run(["-c", COMPILE, "float32", "float64"], env=environment).split()
                single, double = map(float, lines)
                for dtype, seconds in (("float32", single), ("float64", double), ("both", single + double)):
                    samples.setdefault(f"{when}, {dtype}", []).append(seconds)
    return samples


def measure(arguments: argparse.Namespace) -> Iterator[Table]:
    absent = [name for name in ("torch", "jax", "numba") if find_spec(name) is None]
    jobs: dict[str, Job] = {
        name: partial(run, words) for name, words in COMMANDS.items() if name.split()[-1] not in absent
    }
    samples = take_turns(jobs, arguments.repeats)
    notes = [f"{name} is not installed and takes no part." for name in absent]
    yield Table("processes", "Wall time of a fresh process", "s", samples, "import glassnet", notes)
    for name, title, code in (
        ("iris", "One fit of iris in a fresh process, imports included", FIT),
        ("search", "A grid search of 12 fits of iris in two processes, imports included", SEARCH),
    ):
        samples = take_turns(small_jobs(code), arguments.repeats)
        yield Table(name, title, "s", samples, "scikit-learn", ["Nothing is on disk; nothing is compiled."])
    samples = take_turns({"glassnet trace assignment": partial(run_cold, TRACE)}, arguments.repeats)
    yield Table("trace", "The first trace after an installation", "s", samples, "glassnet trace assignment")
    if "numba" not in absent:
        compiled = compile_seconds(max(arguments.repeats // 3, 1))
        title = "Compiled kernels, from nothing and from disk"
        yield Table("compile", title, "s", compiled, "later process, both")


if __name__ == "__main__":
    run_part(make_parser(__doc__, repeats=9).parse_args(), measure)
