"""What the suite is to show, each target computed from the figures of one run.

A figure that was not measured is None, and its target neither met nor missed.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness import paired_ratio

Results = Mapping[str, Any]
"""What the parts measured, by the name of the part; the value of each has a list ``tables``."""

Measure = Callable[[Results], float | None]


@dataclass(frozen=True)
class Target:
    """Describe a target.

    Attributes
    ----------
    group, text : str
        What it is about, and of what the figure is.
    part : str
        Of the suite, which measures it.
    bound : float
    unit : str
        "x" for ratios, "s", "MB".
    at_least : bool
        Whether more is better.
    measure : callable
        ``measure(results)`` returns the figure.
    """

    group: str
    text: str
    part: str
    bound: float
    unit: str
    at_least: bool
    measure: Measure

    def is_met(self, results: Results) -> bool | None:
        """Return whether the figure is on the right side of the bound; None without a figure."""
        value = self.measure(results)
        if value is None:
            return None
        return value >= self.bound if self.at_least else value <= self.bound


def find_samples(results: Results, part: str, table: str) -> dict[str, list[float]]:
    """Return the samples of a table by system; none when it was not measured."""
    for one in results.get(part, {}).get("tables", ()):
        if one["name"] == table:
            return dict(one["samples"])
    return {}


def median_of(part: str, table: str, *systems: str) -> Measure:
    """Return a measure: the median of a system, or the least of several systems that were measured."""

    def measure(results: Results) -> float | None:
        samples = find_samples(results, part, table)
        medians = [statistics.median(samples[system]) for system in systems if system in samples]
        return min(medians, default=None)

    return measure


def ratio(above: Measure, below: Measure) -> Measure:
    """Return a measure: one over the other."""

    def measure(results: Results) -> float | None:
        numerator, denominator = above(results), below(results)
        return None if numerator is None or denominator is None else numerator / denominator

    return measure


def paired(part: str, table: str, theirs: Sequence[str], ours: Sequence[str]) -> Measure:
    """Return a measure: how many times as long theirs takes as ours, by the median of the turns.

    Of several systems on a side the one with the least median stands for it.
    """

    def measure(results: Results) -> float | None:
        samples = find_samples(results, part, table)
        sides = [[samples[system] for system in side if system in samples] for side in (theirs, ours)]
        if not all(sides):
            return None
        return paired_ratio(*(min(side, key=statistics.median) for side in sides))[0]

    return measure


def least(part: str, theirs: Sequence[str], ours: Sequence[str]) -> Measure:
    """Return a measure: the least of what `paired` says of the tables of a part."""

    def measure(results: Results) -> float | None:
        names = [table["name"] for table in results.get(part, {}).get("tables", ())]
        ratios = [paired(part, name, theirs, ours)(results) for name in names]
        return min((ratio for ratio in ratios if ratio is not None), default=None)

    return measure


def _faster(
    group: str, text: str, bound: float, part: str, table: str, ours: str, *theirs: str, at_least: bool = True
) -> Target:
    """Return a target for how many times as long theirs takes as ours."""
    return Target(group, text, part, bound, "x", at_least, paired(part, table, theirs, [ours]))


PYTORCH, JAX = ("PyTorch eager", "PyTorch compile"), ("JAX jit + scan",)


def _epoch_targets() -> list[Target]:
    targets = []
    for optimizer, floor, torch in (("sgd", 1.05, 1.8), ("adam", 1.2, 2.2)):
        group = f"MNIST epoch, float32, {optimizer}"
        above = paired("epoch", optimizer, ["glassnet float32"], ["GEMM floor"])
        targets.append(Target(group, "over the GEMM floor", "epoch", floor, "x", False, above))
        for text, bound, theirs in (
            ("PyTorch's better mode", torch, PYTORCH),
            ("JAX", 1.2, JAX),
            ("scikit-learn float64", 5.0, ("scikit-learn float64",)),
            ("scikit-learn float32", 2.8, ("scikit-learn float32",)),
        ):
            targets.append(
                _faster(group, f"against {text}", bound, "epoch", optimizer, "glassnet float32", *theirs)
            )
    return targets


def _every_fit_targets() -> list[Target]:
    sizes, ours = "every size, the least of all", ["glassnet float32"]
    chosen, one = ["chosen"], ["one thread"]
    return [
        Target(
            sizes, "against PyTorch's better mode", "sizes", 1.0, "x", True, least("sizes", PYTORCH, ours)
        ),
        Target(sizes, "against JAX", "sizes", 1.0, "x", True, least("sizes", JAX, ours)),
        Target(
            "beside a busy program",
            "one thread, over the choice",
            "busy",
            0.95,
            "x",
            True,
            least("busy", one, chosen),
        ),
    ]


def _same_weights_targets() -> list[Target]:
    bounds = {"MNIST": 2.5, "digits": 2.6, "breast cancer": 3.0}
    group = "same weights as scikit-learn, float64"
    systems = ("glassnet float64", "scikit-learn float64")
    return [_faster(group, table, bound, "estimators", table, *systems) for table, bound in bounds.items()]


def _many_models_targets() -> list[Target]:
    study, grid = "12 models, 100 epochs", "grid under GridSearchCV"
    f32, f64 = "scikit-learn float32", "scikit-learn float64"
    whole = median_of("assignment", "all", "glassnet")
    return [
        _faster(study, f"against {f64}", 4.0, "study", "whole", "glassnet", f64),
        _faster(study, f"against {f32}", 2.4, "study", "whole", "glassnet", f32),
        _faster(grid, f"float64 against {f64}", 5.0, "grid", "fits", "glassnet float64", f64),
        _faster(grid, f"bytes against {f64}", 5.0, "grid", "fits", "glassnet uint8", f64),
        Target("whole assignment", "from an empty folder", "assignment", 420.0, "s", False, whole),
    ]


def _latency_targets() -> list[Target]:
    targets = []
    for rows, bound in (("1", 2.0), ("10000", 3.0)):
        group = f"predict_proba of {int(rows):,} row{'s' if rows != '1' else ''}, float32"
        systems = ("scikit-learn float32", "scikit-learn float64")
        targets += [
            _faster(group, f"against {theirs}", bound, "prediction", rows, "glassnet float32", theirs)
            for theirs in systems
        ]
    for command, bound in (("import glassnet", 0.25), ("glassnet --help", 0.4)):
        seconds = median_of("startup", "processes", command)
        targets.append(Target("a fresh process", command, "startup", bound, "s", False, seconds))
    for table, text in (("iris", "one fit of iris"), ("search", "a grid search of 12 fits")):
        share = ratio(*(median_of("startup", table, system) for system in ("glassnet", "scikit-learn")))
        text = f"{text}, over scikit-learn"
        targets.append(Target("a fresh process", text, "startup", 1.1, "x", False, share))
    compiled = median_of("startup", "compile", "first process, both")
    targets.append(Target("first compilation", "all kernels", "startup", 10.0, "s", False, compiled))
    return targets


def _memory_targets() -> list[Target]:
    targets = []
    theirs = median_of("memory", "MNIST", "scikit-learn float64")
    for dtype in ("uint8", "float32"):
        share = ratio(median_of("memory", "MNIST", f"glassnet {dtype}"), theirs)
        text = f"given {dtype}, over scikit-learn float64"
        targets.append(Target("peak memory, MNIST", text, "memory", 0.5, "x", False, share))
    whole = [
        median_of("memory", "whole job", system) for system in ("glassnet uint8", "scikit-learn float64")
    ]
    text = "from the images on, over scikit-learn"
    targets.append(Target("peak memory, MNIST", text, "memory", 0.5, "x", False, ratio(*whole)))
    job = "glassnet fit, generator"
    peak = median_of("streaming", "memory 1e+07", job)
    cost = ratio(median_of("streaming", "cost 1e+07", job), median_of("streaming", "cost 1e+05", job))
    group = "10,000,000 streamed rows"
    return [
        *targets,
        Target(group, "peak memory", "streaming", 300.0, "MB", False, peak),
        Target(group, "cost of a row over that of 100,000", "streaming", 1.15, "x", False, cost),
    ]


TARGETS: tuple[Target, ...] = (
    *_epoch_targets(),
    *_every_fit_targets(),
    *_same_weights_targets(),
    *_many_models_targets(),
    *_latency_targets(),
    *_memory_targets(),
)

HEADS = ("target", "measured", "met", "command")


def target_rows(results: Results) -> list[tuple[str, str, str, str]]:
    """Return every target with its figure, whether it is met, and the command, as text."""
    rows = []
    for target in TARGETS:
        value = target.measure(results)
        sign = "≥" if target.at_least else "≤"
        text = f"{target.group}: {target.text} {sign} {target.bound:g} {target.unit}"
        measured = "not measured" if value is None else f"{value:.3g} {target.unit}"
        met = {True: "yes", False: "no", None: ""}[target.is_met(results)]
        rows.append((text, measured, met, f"python benchmarks/{target.part}.py"))
    return rows
