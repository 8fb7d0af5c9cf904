"""Reliability diagrams: how often what was predicted came true, and how often it was predicted."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from glassnet._common.arrays import Array
from glassnet.plots._style import series_of

_MARKERS = ("o", "s", "^", "D", "v")
"""Of curves, in the order in which they are drawn: none is told by its colour alone."""

_HISTOGRAM = "confidences"
"""The label by which the histogram of a diagram is found again."""

_EDGES = np.linspace(0, 1, 21)


def plot_reliability(
    confidence: Array,
    frequency: Array,
    intervals: tuple[Array, Array],
    confidences: Array,
    weights: Array,
    *,
    label: str,
    axis_labels: Sequence[str],
    ax: Axes | None = None,
) -> tuple[Axes, Axes]:
    """Draw a reliability diagram, with the histogram of the confidences below; or add a curve to one.

    Parameters
    ----------
    confidence, frequency : ndarray of shape (n_bins,)
        What was predicted of the rows of each bin, on average, and how often it came true.
    intervals : tuple of ndarray, each of shape (n_bins,)
        Lower and upper ends of the intervals of the frequencies.
    confidences, weights : ndarray of shape (n,)
        Of all rows, for the histogram.
    label : str
        For the legend.
    axis_labels : sequence of str
        Of the axes of confidences and of frequencies.
    ax : matplotlib.axes.Axes, optional
        Where to draw: one that has a diagram gets another curve. Unless given, on a new pyplot figure.

    Returns
    -------
    diagram, histogram : matplotlib.axes.Axes
    """
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.figure(figsize=(5.6, 6.2), layout="constrained").add_subplot()
    found = [child for child in ax.child_axes if isinstance(child, Axes) and child.get_label() == _HISTOGRAM]
    histogram = found[0] if found else _prepare(ax, axis_labels)
    number = len(ax.containers) % len(_MARKERS)
    colour, marker = series_of(ax)[number], _MARKERS[number]
    lower, upper = intervals
    reach = np.maximum([frequency - lower, upper - frequency], 0)  # rounding may leave less than nothing
    ax.errorbar(
        confidence, frequency, reach, color=colour, marker=marker, markersize=5, linewidth=1.4,
        elinewidth=1, capsize=2, label=label,
    )  # fmt: skip
    shares = np.histogram(confidences, _EDGES, weights=weights / weights.sum())[0]
    histogram.stairs(shares, _EDGES, color=colour, fill=True, alpha=0.15)
    histogram.stairs(shares, _EDGES, color=colour, linewidth=1.4)
    ax.legend(framealpha=0.8, edgecolor="none", loc="best", fontsize="small")
    return ax, histogram


def _prepare(ax: Axes, axis_labels: Sequence[str]) -> Axes:
    """Draw what all curves are compared with, and return the axes of the histogram below."""
    ink = ax.xaxis.label.get_color()  # of the user's style
    histogram = ax.inset_axes((0, -0.28, 1, 0.22), sharex=ax, label=_HISTOGRAM)
    ax.plot([0, 1], [0, 1], ":", color=ink, linewidth=1.2, label="as often as predicted")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), ylabel=axis_labels[1])
    ax.tick_params(labelbottom=False)
    histogram.set(xlabel=axis_labels[0], ylabel="rows")
    histogram.yaxis.set_major_locator(MaxNLocator(3))
    histogram.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    for axes in (ax, histogram):
        axes.grid(color=ink, alpha=0.15, linewidth=0.8)
        axes.set_axisbelow(True)
    return histogram
