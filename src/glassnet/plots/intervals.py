"""Predicted intervals beside the true values."""

import numpy as np
from matplotlib.axes import Axes

from glassnet._common.arrays import Array
from glassnet.plots._style import series_of

MOST_SHOWN = 200
"""How many rows are drawn, spread evenly over the predictions: more would run into each other."""


def plot_intervals(
    lower: Array, upper: Array, middle: Array, y: Array, *, title: str, ax: Axes | None = None
) -> Axes:
    """Draw intervals in the order of their predictions, and whether each true value lies inside.

    Parameters
    ----------
    lower, upper, middle, y : ndarray of shape (n,)
        The ends of the intervals, what they are sorted by, and the true values.
    title : str
    ax : matplotlib.axes.Axes, optional
        Where to draw; unless given, on a new pyplot figure.

    Returns
    -------
    matplotlib.axes.Axes
    """
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.figure(layout="constrained").add_subplot()
    order = np.argsort(middle, kind="stable")
    shown = np.unique(np.linspace(0, len(order) - 1, min(len(order), MOST_SHOWN)).round().astype(int))
    rows = order[shown]
    band, miss = series_of(ax)[:2]
    ax.vlines(shown, lower[rows], upper[rows], color=band, alpha=0.35, linewidth=1.6, label="interval")
    ax.plot(shown, middle[rows], color=band, linewidth=1.2, label="prediction")
    inside = (lower[rows] <= y[rows]) & (y[rows] <= upper[rows])
    ink = ax.xaxis.label.get_color()  # of the user's style
    ax.plot(shown[inside], y[rows][inside], ".", color=ink, markersize=4, label="true value, inside")
    ax.plot(shown[~inside], y[rows][~inside], "x", color=miss, markersize=5, label="true value, outside")
    ax.set_title(title, fontsize="medium")
    ax.set(xlabel="rows, by their prediction", ylabel="target")
    ax.grid(axis="y", color=ink, alpha=0.15, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.legend(framealpha=0.8, edgecolor="none", loc="best", fontsize="small")
    return ax
