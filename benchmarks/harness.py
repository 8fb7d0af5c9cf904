"""What the parts of the suite share: turns, tables, the command line and the file of figures.

A part is a script that measures some tables and gives them to `run_part`. A table holds the samples of each
system, taken in turns, so that a machine that is slow for a while is slow for all of them; only the ratios of
one run mean something.
"""

import argparse
import math
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from glassnet._common.environment import describe_environment
from glassnet._common.files import write_json

PEERS = ("numba", "torch", "jax")
"""Packages beside those that glassnet needs whose versions belong to a result."""

Job = Callable[[], object]
Samples = dict[str, list[float]]


@dataclass
class Table:
    """Hold what was measured of some systems at one task.

    Attributes
    ----------
    name : str
        By which the targets and the picture find it.
    title : str
        For people.
    unit : str
        "s" or "MB".
    samples : dict of str to list of float
        By system, in the order in which they were taken.
    reference : str
        The system that the others are compared with.
    notes : list of str
        What a reader must know: who takes no part, how a peer was set up.
    """

    name: str
    title: str
    unit: str
    samples: Samples
    reference: str
    notes: list[str] = field(default_factory=list)


def take_turns(jobs: Mapping[str, Job], repeats: int, *, calls: int = 1, warm_up: bool = True) -> Samples:
    """Return the seconds of each job, `repeats` of them, taken in turns.

    Parameters
    ----------
    jobs : mapping of str to callable
    repeats : int
    calls : int
        How often a job is called for one sample, the seconds of which are one call's.
    warm_up : bool
        Whether each job is called once before.

    Notes
    -----
    Every second turn goes backwards: a machine that gets slower or faster favours nobody.
    """
    seconds: Samples = {name: [] for name in jobs}
    for turn in range(-warm_up, repeats):
        for name, job in reversed(list(jobs.items())) if turn % 2 else jobs.items():
            _show_progress(f"turn {turn + 1} of {repeats}: {name}")
            start = time.perf_counter()
            for _ in range(calls):
                job()
            if turn >= 0:
                seconds[name].append((time.perf_counter() - start) / calls)
    _show_progress("")
    return seconds


def _show_progress(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()


@contextmanager
def few_epochs() -> Iterator[None]:
    """Keep quiet about training that is not meant to converge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def format_value(value: float, unit: str) -> str:
    """Return a figure as people read it: ``1.23 s``, ``45.6 ms``, ``299 MB``."""
    if unit != "s":
        return f"{value:.0f} {unit}"
    if value >= 100:
        return f"{value:.0f} s"
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if value * factor >= 1 or name == "µs":
            break
    return f"{value * factor:.3g} {name}"


def paired_ratio(values: Sequence[float], reference: Sequence[float]) -> tuple[float, float, float]:
    """Return the median of the ratios within a turn, and an interval of it that holds with 95 %.

    A machine that is slow for a turn is slow for both, so that it cancels. The interval is between two of the
    sorted ratios, by the binomial distribution; of fewer than six turns it is all of them.

    Parameters
    ----------
    values, reference : sequence of float
        Samples in the order of the turns. Where their numbers differ they were not paired: then it is the
        ratio of the medians, and the interval is that alone.
    """
    if len(values) != len(reference):
        ratio = statistics.median(values) / statistics.median(reference)
        return ratio, ratio, ratio
    ratios = sorted(value / other for value, other in zip(values, reference, strict=True))
    n = len(ratios)
    below, left_out = 0.0, 0  # how likely the median of the population is beyond so many on one side
    while (below := below + math.comb(n, left_out) / 2**n) <= 0.025:
        left_out += 1
    left_out = min(left_out, (n - 1) // 2)
    return statistics.median(ratios), ratios[max(left_out - 1, 0)], ratios[-max(left_out, 1)]


def rows_of(table: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """Return each system of a table, as JSON holds it, with median, least, most and ratio, as text."""
    unit, samples = table["unit"], table["samples"]
    rows = []
    for system, values in samples.items():
        figures = statistics.median(values), min(values), max(values)
        median, least, most = (format_value(value, unit) for value in figures)
        ratio, low, high = paired_ratio(values, samples[table["reference"]])
        spread = f" ({low:.2f} to {high:.2f})" if low != high else ""
        rows.append((system, median, least, most, f"{ratio:.2f}{spread}"))
    return rows


def show(table: Table) -> Table:
    """Print a table, and return it."""
    heads = ("", "median", "least", "most", f"x {table.reference}")
    rows = [heads, *rows_of(asdict(table))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    n_samples = max(len(values) for values in table.samples.values())
    print(f"\n{table.title}  [{n_samples} in turns]" if n_samples > 1 else f"\n{table.title}")
    for system, *figures in rows:
        cells = (figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True))
        print(f"  {system.ljust(widths[0])}  {'  '.join(cells)}")
    for note in table.notes:
        print(f"  {note}")
    sys.stdout.flush()
    return table


def describe_machine() -> dict[str, Any]:
    """Return glassnet's description of the environment, with the versions of the peers."""
    import numpy  # noqa: F401  # whose BLAS is found once it is loaded

    environment = describe_environment()
    for package in PEERS:
        try:
            environment["packages"][package] = version(package)
        except PackageNotFoundError:
            environment["packages"][package] = None
    return environment


def make_parser(description: str, repeats: int) -> argparse.ArgumentParser:
    """Return a parser with the options that every part has."""
    parser = argparse.ArgumentParser(
        description=description.strip().splitlines()[0],
        epilog="The module's docstring says what is measured.",
    )
    parser.add_argument("--repeats", type=int, default=repeats, help="samples of each figure (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="one small sample: does it work here?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    return parser


def run_part(arguments: argparse.Namespace, measure: Callable[[argparse.Namespace], Iterator[Table]]) -> None:
    """Measure the tables of a part, print each as it is done, and write all of them to a file if asked."""
    if arguments.quick:
        arguments.repeats = 1
    tables = [show(table) for table in measure(arguments)]
    if arguments.json:
        write_json(
            arguments.json,
            {"environment": describe_machine(), "tables": [asdict(table) for table in tables]},
        )
