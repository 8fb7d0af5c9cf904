"""What the tests of the engine share.

The fixtures return functions and keep nothing, so they are made once and may be used under `hypothesis`.
"""

import math
import os
import tracemalloc

import numpy as np
import pytest
from click.testing import CliRunner
from heads import HEADS, draw_hard_or_soft
from hypothesis import settings

from glassnet.nn import ops
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.network import Architecture, Parameters

# the processes that tests start compile the package once, and not each for itself, whatever the shell says
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# A choice by a trial hangs on how loaded the machine is, and so would the last bits of what is trained.
os.environ["GLASSNET_THREADS"] = "1"

settings.register_profile("glassnet", deadline=None)  # a shared machine may pause in the middle of a test
settings.load_profile("glassnet")


def pytest_runtest_setup(item):
    """Start every test from one state of NumPy's global generator, which models without a seed draw from."""
    np.random.seed(0)  # noqa: NPY002  # it is this one that scikit-learn means by None


def pytest_terminal_summary(terminalreporter):
    """Say how many of the tests were done in a browser, and how they ended."""
    counts = {
        outcome: sum("browser" in getattr(report, "keywords", ()) for report in reports)
        for outcome, reports in terminalreporter.stats.items()
        if outcome in ("passed", "failed", "error", "skipped")
    }
    if any(counts.values()):
        terminalreporter.write_line(
            "in a browser: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
        )


@pytest.fixture(scope="session")
def draw_network():
    """Return a function that draws a network whose biases, too, are not zero."""

    def draw(sizes, activation="tanh", head="softmax_cross_entropy", *, seed=0, dtype=np.float64):
        if isinstance(activation, str):
            activation = ACTIVATIONS[activation]
        architecture = Architecture(tuple(sizes), (activation,) * (len(sizes) - 2), HEADS[head])
        parameters = Parameters.zeros(architecture, dtype)
        rng = np.random.default_rng(seed)
        for weight, bias in zip(parameters.weights, parameters.biases, strict=True):
            weight[...] = rng.normal(0, 1.5 / np.sqrt(len(weight)), weight.shape)
            bias[...] = rng.normal(0, 0.5, bias.shape)
        return architecture, parameters

    return draw


@pytest.fixture(scope="session")
def draw_targets():
    """Return a function that draws targets which a head allows: soft ones, or hard ones (0 or 1, counts)."""

    def draw(head, rng, n, n_outputs, *, hard=False):
        return draw_hard_or_soft(HEADS[head], rng, n, n_outputs, hard)

    return draw


@pytest.fixture(scope="session")
def peak_growth():
    """Return a function that runs another, and tells by how many bytes memory rose at the highest."""

    def measure(function):
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            function()
            return tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()

    return measure


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """Return a function that runs `glassnet` with some words in this process, in an empty folder."""
    from glassnet.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*words):
        return CliRunner().invoke(main, [str(word) for word in words], prog_name="glassnet")

    return run


@pytest.fixture
def compiled_kernels(monkeypatch):
    """Let the compiled kernels answer, whatever the environment says; then what answered before."""
    before = ops.kernels
    monkeypatch.delenv("GLASSNET_FAST", raising=False)
    assert ops.ready(np.float32, math.inf)
    assert ops.ready(np.float64, math.inf)
    yield
    ops.use(before)
