"""The summary as a picture: how good, how often better, how long, and every table for itself."""

import math
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from glassnet._common.palette import LIGHT

from .peers import CONSTANT, PEERS
from .summary import PeerRow, Summary, TableRow

WIDTH, ROW, TOP, AROUND = 11.0, 0.24, 0.34, 1.9  # inches: of the picture, a table, a peer, titles and margins
LEAST = 0.5
"""Left end of the scale of the tables; what is below is drawn at it, as an open marker."""


def draw(path: Path, summary: Summary) -> None:
    """Draw a PNG or an SVG, by the end of the name."""
    peers = [row for row in summary.peers if row.name != CONSTANT]
    tables = sorted(
        (row for row in summary.tables if row.normalised is not None),
        key=lambda row: _lead(row, summary.reference),
    )
    heights = [max(3, len(peers)) * TOP, max(3, len(tables)) * ROW]
    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.12, hspace=0.03)
    figure = Figure(figsize=(WIDTH, sum(heights) + AROUND), layout=layout, facecolor="white")
    grid = figure.add_gridspec(2, 3, height_ratios=heights)
    _draw_means(figure.add_subplot(grid[0, 0]), peers)
    _draw_wins(figure.add_subplot(grid[0, 1]), peers, summary.reference)
    _draw_times(figure.add_subplot(grid[0, 2]), peers, summary.reference)
    _draw_tables(figure.add_subplot(grid[1, :]), tables, peers, summary.reference)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _lead(row: TableRow, reference: str) -> float:
    """Return by how much the reference is before the best of the others, on the common scale."""
    scores = row.normalised or {}
    others = [score for peer, score in scores.items() if peer not in (reference, CONSTANT)]
    return scores.get(reference, 0.0) - max(others, default=0.0)


def _look(name: str) -> tuple[str, str]:
    """Return the colour and the marker of a peer; of one that was made for a run, those of no other."""
    look = PEERS.get(name)
    return (look.colour, look.marker) if look else (LIGHT["muted"], "P")


def _prepare(ax: Axes, names: list[str], title: str) -> None:
    ax.set_yticks(range(len(names)), names, fontsize=9)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_title(title, fontsize=9.5, loc="left", fontweight="bold", color=LIGHT["ink"])
    ax.tick_params(axis="both", length=0, colors=LIGHT["ink"], labelsize=9)
    ax.grid(axis="x", color=LIGHT["rule"], linewidth=0.7)
    ax.set_axisbelow(True)
    for side in ax.spines.values():
        side.set_visible(False)


def _draw_means(ax: Axes, peers: list[PeerRow]) -> None:
    _prepare(ax, [row.name for row in peers], "Normalised score\nand its standard error over tables")
    shown = [row.normalised for row in peers if row.normalised is not None]
    for y, row in enumerate(peers):
        if row.normalised is not None:
            (colour, marker), error = _look(row.name), row.normalised.error or 0.0
            ax.errorbar(row.normalised.mean, y, xerr=error, color=colour, marker=marker, capsize=3)
    least = min((one.mean - (one.error or 0.0) for one in shown), default=0.0)
    ax.set_xlim(min(0.8, least - 0.03), 1.01)


def _draw_wins(ax: Axes, peers: list[PeerRow], reference: str) -> None:
    _prepare(
        ax, [row.name for row in peers], f"On how many tables {reference}\nis better, with a 95 % interval"
    )
    ax.set_yticklabels([])
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    ax.axvline(0.5, color=LIGHT["muted"], linewidth=1)
    for y, row in enumerate(peers):
        if row.tally is None or not row.tally.n:
            continue
        (low, high), rate = row.tally.interval, row.tally.rate
        colour, marker = _look(row.name)
        ax.hlines(y, low, high, color=colour, linewidth=2)
        ax.plot(rate, y, marker=marker, color=colour, clip_on=False)
        said = f"{row.tally.better + row.tally.equal / 2:g} of {row.tally.n}"
        ax.annotate(said, (rate, y), (0, 5), textcoords="offset points", ha="center", fontsize=8)


def _draw_times(ax: Axes, peers: list[PeerRow], reference: str) -> None:
    _prepare(ax, [row.name for row in peers], f"Seconds of a fit,\nrelative to {reference}")
    ax.set_yticklabels([])
    ax.set_xscale("log")
    ax.axvline(1, color=LIGHT["muted"], linewidth=1)
    for y, row in enumerate(peers):
        if row.fit_ratio is None:
            continue
        colour, marker = _look(row.name)
        ax.hlines(y, 1, row.fit_ratio, color=colour, linewidth=2)
        ax.plot(row.fit_ratio, y, marker=marker, color=colour)
        if row.name != reference:
            factor = f"× {row.fit_ratio:.2g}"
            ax.annotate(
                factor, (row.fit_ratio, y), (0, 5), textcoords="offset points", ha="center", fontsize=8
            )
    ratios = [row.fit_ratio for row in peers if row.fit_ratio] or [1.0]
    ax.set_xlim(min(0.5, min(ratios) / 2.5), max(2.0, max(ratios) * 2.5))
    low, high = (math.ceil(math.log10(x)) for x in ax.get_xlim())
    ticks = [10.0**e for e in range(low, high)]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks], minor=False)
    ax.minorticks_off()


def _draw_tables(ax: Axes, tables: list[TableRow], peers: list[PeerRow], reference: str) -> None:
    title = (
        "Every table: 0 is the constant answer, 1 the best peer; the markers are those above\n"
        f"The upper ones are those where {reference} is furthest behind the best of the others"
    )
    _prepare(ax, [row.name for row in tables], title)
    ax.set_xlim(LEAST - 0.01, 1.01)
    ax.grid(axis="y", color=LIGHT["raised"], linewidth=6)
    for row in peers:
        (colour, marker), is_reference = _look(row.name), row.name == reference
        for y, table in enumerate(tables):
            score = (table.normalised or {}).get(row.name)
            if score is not None:
                is_filled = score >= LEAST or marker in "x|+"
                ax.scatter(
                    max(LEAST, score),
                    y,
                    s=54 if is_reference else 30,
                    marker=marker,
                    facecolors=colour if is_filled else "white",
                    edgecolors=None if marker in "x|+" else colour,
                    zorder=4 if is_reference else 3,
                )
    ax.set_xlabel(f"at the left edge: {LEAST:g} or below (open)", fontsize=8.5, color=LIGHT["muted"])
