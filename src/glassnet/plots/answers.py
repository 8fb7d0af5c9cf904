"""Answers beside what is true, for the report: numbers as points, probabilities as a curve."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from glassnet.plots._page import PAGE_COLOURS, page_svg, style_axes
from glassnet.plots._style import own_style

WIDTH, HEIGHT = 340, 300
_TRANSPARENT = 200
"""From so many points on they are let shine through each other."""


def answers_svg(points: Sequence[Sequence[float]], name: str) -> str:
    """Draw predicted against true values, with the line on which they are equal.

    Parameters
    ----------
    points : sequence of (true, predicted)
    name : str
        Tells the ids inside this picture from those of the other pictures of the page.

    Returns
    -------
    str
        An ``svg`` element in the page's colours, see `page_svg`.
    """
    true, predicted = np.asarray(points, np.float64).reshape(-1, 2).T
    low, high = min(true.min(), predicted.min()), max(true.max(), predicted.max())
    margin = 0.03 * (high - low) or 1.0
    limits = low - margin, high + margin
    with own_style(name):
        figure, ax = _square(limits, "true", "predicted")
        ax.plot(limits, limits, color=PAGE_COLOURS["--muted"], linewidth=1, linestyle=":")
        alpha = 0.35 if len(true) > _TRANSPARENT else 0.8
        ax.plot(
            true,
            predicted,
            "o",
            color=PAGE_COLOURS["--series-1"],
            markersize=3,
            alpha=alpha,
            markeredgewidth=0,
        )
        return page_svg(figure)


def reliability_svg(
    confidence: Sequence[float],
    share: Sequence[float],
    ends: tuple[Sequence[float], Sequence[float]],
    name: str,
) -> str:
    """Draw how often answers were right against their probability, with the line on which these are equal.

    Parameters
    ----------
    confidence, share : sequence of float
        Of each group of answers, from 0 to 1.
    ends : pair of sequences of float
        Lower and upper ends of the intervals of `share`.
    name : str
        Tells the ids inside this picture from those of the other pictures of the page.

    Returns
    -------
    str
        An ``svg`` element in the page's colours, see `page_svg`.
    """
    colour, muted = PAGE_COLOURS["--series-1"], PAGE_COLOURS["--muted"]
    limits = max(min(0.9, *confidence, *ends[0]) - 0.03, 0.0), 1.02
    with own_style(name):
        figure, ax = _square(limits, "probability of the answer", "part that is right")
        ax.plot(limits, limits, color=muted, linewidth=1, linestyle=":")
        ax.vlines(confidence, *ends, color=colour, linewidth=1.2, alpha=0.5)
        ax.plot(confidence, share, "o-", color=colour, linewidth=1.8, markersize=5)
        return page_svg(figure)


def _square(limits: tuple[float, float], x: str, y: str) -> tuple[Figure, Axes]:
    """Return a figure whose two axes have the same limits."""
    figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))  # a unit of the picture is a pixel at its usual width
    ax = figure.add_axes((58 / WIDTH, 41 / HEIGHT, (WIDTH - 68) / WIDTH, (HEIGHT - 51) / HEIGHT))
    ax.set_xlim(*limits)
    ax.set_ylim(*limits)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(_short))
    style_axes(ax)
    ax.grid(axis="both", color=PAGE_COLOURS["--rule"], linewidth=1)
    ax.set_xlabel(x, fontsize=11, color=PAGE_COLOURS["--muted"], labelpad=4)
    ax.set_ylabel(y, fontsize=11, color=PAGE_COLOURS["--muted"], labelpad=4)
    ax.yaxis.set_label_coords(-46 / (WIDTH - 68), 0.5)
    return figure, ax


def _short(value: float, place: int) -> str:
    """Write a tick: 12500 as 12.5k."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 10 * size or (letter != "k" and abs(value) >= size):
            return f"{value / size:g}{letter}"
    return f"{value:g}"
