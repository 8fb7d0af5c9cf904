"""What a search tried, for the report: its course, and all trials as lines across the parameters."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from glassnet.plots._page import PAGE_COLOURS, page_svg, style_axes
from glassnet.plots._style import own_style

WIDTH, HEIGHT = 340, 250
ROW = 54
"""Of an axis of the lines: its name, its ticks, and the way to the next."""
MOST_LETTERS = 20
"""Of a tick on a crowded axis."""


def trials_svg(
    points: Sequence[tuple[int, float | None]],
    default: float | None,
    metric: str,
    name: str,
    *,
    less_is_better: bool,
) -> str:
    """Draw every trial in its order, with the best so far; those without a figure stand at the edge.

    Parameters
    ----------
    points : sequence of (number, figure or None)
    default : float or None
        The figure of the default, as a line.
    metric : str
        What people call the figure.
    name : str
        Tells the ids inside this picture from those of the other pictures of the page.
    less_is_better : bool

    Returns
    -------
    str
        An ``svg`` element in the page's colours, see `page_svg`.
    """
    finished = np.array([(n, value) for n, value in points if value is not None], np.float64).reshape(-1, 2)
    given_up = [n for n, value in points if value is None]
    series, winner, muted = (PAGE_COLOURS[one] for one in ("--series-1", "--series-2", "--muted"))
    with own_style(name):
        figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
        ax = figure.add_axes((58 / WIDTH, 41 / HEIGHT, (WIDTH - 68) / WIDTH, (HEIGHT - 51) / HEIGHT))
        best = (np.minimum if less_is_better else np.maximum).accumulate(finished[:, 1])
        low, high = _limits(finished[:, 1], best)
        if default is not None:
            ax.axhline(default, color=muted, linewidth=1, linestyle=":")
        shown = np.clip(finished[:, 1], low, high)
        ax.plot(finished[:, 0], shown, "o", color=series, markersize=3.5, alpha=0.6, markeredgewidth=0)
        ax.step(finished[:, 0], best, where="post", color=winner, linewidth=1.8)
        edge = high if less_is_better else low
        ax.plot(given_up, [edge] * len(given_up), "|", color=muted, markersize=6, markeredgewidth=0.8)
        margin = 0.05 * (high - low) or 0.01
        ax.set_ylim(low - margin, high + margin)
        ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        ax.yaxis.set_major_locator(MaxNLocator(nbins=5))
        style_axes(ax)
        ax.set_xlabel("trial", fontsize=11, color=muted, labelpad=4)
        ax.set_ylabel(metric, fontsize=11, color=muted)
        ax.yaxis.set_label_coords(-46 / (WIDTH - 68), 0.5)
        return page_svg(figure)


def _limits(values: Any, best: Any) -> tuple[float, float]:
    """Return between which figures to draw: without the few that are far worse than all others."""
    if not len(values):
        return 0.0, 1.0
    low, high = np.quantile(values, [0.05, 0.95])
    return float(min(low, best.min())), float(max(high, best.max()))


def parallel_svg(
    axes: Sequence[tuple[str, Sequence[tuple[float, str]]]],
    lines: Sequence[Sequence[float]],
    n_top: int,
    name: str,
) -> str:
    """Draw trials as lines from axis to axis, top to bottom; the first is thick, the first few in colour.

    Parameters
    ----------
    axes : sequence of (title, ticks)
        Ticks are places from 0 to 1 with their texts.
    lines : sequence of sequence of float
        A place on each axis, the best trial first.
    n_top : int
        How many are in colour.
    name : str
        As for `trials_svg`.

    Returns
    -------
    str
        An ``svg`` element in the page's colours, see `page_svg`.
    """
    series, winner, muted, rule = (
        PAGE_COLOURS[one] for one in ("--series-1", "--series-2", "--muted", "--rule")
    )
    paper = {"facecolor": PAGE_COLOURS["--surface"], "edgecolor": "none", "pad": 0.6, "alpha": 0.8}
    height = ROW * len(axes) + 8
    rows = np.arange(len(axes))
    with own_style(name):
        figure = Figure(figsize=(WIDTH / 72, height / 72))
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set_xlim(-0.06, 1.06)
        ax.set_ylim(len(axes) - 0.28, -0.43)
        ax.axis("off")
        for row, (title, ticks) in enumerate(axes):
            ax.plot([0, 1], [row, row], color=rule, linewidth=1)
            ax.text(
                0, row - 0.12, title, fontsize=11, color=muted, ha="left", va="bottom", bbox=paper, zorder=4
            )
            for place, text in _readable(ticks):
                side = "left" if place < 0.05 else "right" if place > 0.95 else "center"
                ax.plot([place], [row], "|", color=muted, markersize=5, markeredgewidth=1)
                if text:
                    ax.text(
                        place,
                        row + 0.11,
                        text,
                        fontsize=9,
                        color=muted,
                        ha=side,
                        va="top",
                        bbox=paper,
                        zorder=4,
                    )
        for i in range(len(lines) - 1, -1, -1):
            colour = winner if not i else series if i < n_top else muted
            width, alpha = (2.2, 1.0) if not i else (1.1, 0.75) if i < n_top else (0.7, 0.28)
            ax.plot(lines[i], rows, color=colour, linewidth=width, alpha=alpha)
        return page_svg(figure)


def _readable(ticks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Return ticks whose texts have room beside each other: shortened, or some without a text."""
    room = 1.0
    shown: list[tuple[float, str]] = []
    per_letter = 5.2 / (WIDTH * 0.9)
    reached = -1.0
    for place, text in ticks:
        short = text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
        width = len(short) * per_letter
        left = 0.0 if place < 0.05 else room - width if place > 0.95 else place - width / 2
        if left < reached:
            short, left, width = "", place, 0.0
        reached = max(reached, left + width + 0.02)
        shown.append((place, short))
    return shown
