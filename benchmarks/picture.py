"""Draw the figures of a run: a panel of bars for each task."""

import statistics
import textwrap
from pathlib import Path
from typing import Any

from harness import format_value
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from targets import Results, find_samples

from glassnet._common.palette import OKABE_ITO

PANELS = (
    ("epoch", "sgd"),
    ("epoch", "adam"),
    ("sizes", "30-100 adam"),
    ("sizes", "784-1024-1024 adam"),
    ("estimators", "digits"),
    ("estimators", "breast cancer"),
    ("estimators", "wine"),
    ("estimators", "MNIST"),
    ("study", "whole"),
    ("grid", "fits"),
    ("prediction", "1"),
    ("prediction", "10000"),
    ("memory", "MNIST"),
    ("startup", "processes"),
    ("streaming", "cost 1e+07"),
    ("streaming", "memory 1e+07"),
)
"""Part and table of each panel, in pairs that stand beside each other."""

COLOURS = {
    "glassnet": OKABE_ITO["blue"],
    "scikit-learn": OKABE_ITO["orange"],
    "sklearn": OKABE_ITO["orange"],
    "PyTorch": OKABE_ITO["vermillion"],
    "torch": OKABE_ITO["vermillion"],
    "JAX": OKABE_ITO["green"],
    "jax": OKABE_ITO["green"],
}
OTHER = "#8c8c8c"
LOG_RATIO = 20
"""From which ratio of the longest bar to the shortest a panel is logarithmic."""

WIDTH, BAR, AROUND = 10.0, 0.24, 0.5  # inches: of the picture, a bar's share of the height, title and margin
TITLE_LETTERS = 46  # of a line
TITLE_LEFT = -90  # points from the bars: above the names of the systems

CAPTION = (
    "Bars: medians; less is better. Black lines: from the least to the most. "
    "×: relative to the system without a factor."
)


def draw(path: Path, results: Results) -> None:
    """Draw what there is of the panels into a PNG."""
    tables = [table for panel in PANELS if (table := _find(results, *panel))]
    if not tables:
        print("There is nothing to draw yet.")
        return
    pairs = [tables[i : i + 2] for i in range(0, len(tables), 2)]
    heights = [BAR * max(len(table["samples"]) for table in pair) + AROUND for pair in pairs]
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08)
    figure = Figure(figsize=(WIDTH, sum(heights) + 0.6), layout=layout, facecolor="white")
    axes = figure.subplots(len(pairs), 2, squeeze=False, height_ratios=heights)
    for ax in axes.flat[len(tables) :]:
        ax.set_axis_off()
    for ax, table in zip(axes.flat, tables, strict=False):
        _draw_bars(ax, table)
    for pair, row in zip(pairs, axes, strict=True):
        for ax in row:
            ax.set_ylim(max(len(table["samples"]) for table in pair) - 0.5, -0.5)  # bars of one height
    figure.suptitle(f"{_describe_run(results)}\n{CAPTION}", fontsize=9, x=0.01, ha="left")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


def _find(results: Results, part: str, name: str) -> dict[str, Any] | None:
    if not find_samples(results, part, name):
        return None
    table: dict[str, Any] = next(table for table in results[part]["tables"] if table["name"] == name)
    return table


def _describe_run(results: Results) -> str:
    machines = {
        f"{environment['processor']}, {environment['cores']} cores": None
        for environment in (figures.get("environment") for figures in results.values())
        if environment
    }
    date = max(figures["date"] for figures in results.values())[:10]
    return f"glassnet beside its peers on {' and on '.join(machines)}, {date}"


def _colour(system: str) -> str:
    return next((colour for word, colour in COLOURS.items() if word in system), OTHER)


def _draw_bars(ax: Axes, table: dict[str, Any]) -> None:
    """Draw the median of each system as a bar, the least and the most as a line, the figure beside it."""
    samples, unit = table["samples"], table["unit"]
    medians = {system: statistics.median(values) for system, values in samples.items()}
    reference = medians[table["reference"]]
    most, least = max(map(max, samples.values())), min(medians.values())
    logarithmic = max(medians.values()) > LOG_RATIO * least
    left = 10**-0.3 * least if logarithmic else 0.0
    # room on the right for the figures, which are as wide whatever the scale
    right = most * (most / left) ** 0.5 if logarithmic else 1.5 * most
    ax.set_xscale("log" if logarithmic else "linear")
    ax.set_xlim(left, right)
    for y, (system, median) in enumerate(medians.items()):
        ax.barh(y, median - left, left=left, height=0.68, color=_colour(system))
        if len(samples[system]) > 1:
            ax.hlines(y, min(samples[system]), max(samples[system]), color="black", linewidth=1)
        ratio = "" if system == table["reference"] else f"   × {median / reference:.2f}"
        ax.annotate(
            format_value(median, unit) + ratio,
            (max(samples[system]), y),
            (5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    ax.set_yticks(range(len(medians)), list(medians), fontsize=9)
    title = table["title"] + (" (logarithmic)" if logarithmic else "")
    ax.annotate(
        textwrap.fill(title, TITLE_LETTERS),
        (0, 1),
        (TITLE_LEFT, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        va="bottom",
        fontsize=9,
        fontweight="bold",
    )
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_visible(False)
    for side in ("top", "right", "bottom"):
        ax.spines[side].set_visible(False)
