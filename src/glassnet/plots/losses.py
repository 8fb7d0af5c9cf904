"""Loss curves, for notebooks and for the report; no curve is told apart by its colour alone."""

import math
from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from glassnet._common.palette import LIGHT, OKABE_ITO
from glassnet.nn.history import History
from glassnet.plots._page import PAGE_COLOURS, page_svg, style_axes
from glassnet.plots._style import own_style

_LINED_RATIO = 20
"""Ratio of an axis's ends up to which it has a line at 1, 2 and 5 times each power of ten."""


def plot_losses(history: History, ax: Axes | None = None) -> Axes:
    """Plot training and validation loss against the epochs, with the best epoch marked.

    Parameters
    ----------
    history : History
    ax : matplotlib.axes.Axes, optional
        Where to draw; unless given, on a new pyplot figure, which notebooks show by themselves.

    Returns
    -------
    matplotlib.axes.Axes

    Notes
    -----
    The training loss of an epoch is measured while the weights change, the validation loss after it: early
    in training the validation loss may therefore lie below.
    """
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.figure(layout="constrained").add_subplot()
    _draw_losses(ax, history, OKABE_ITO["blue"], OKABE_ITO["vermillion"])
    ax.set_xlabel("epoch")
    ax.set_ylabel("loss")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(color=LIGHT["rule"], linewidth=0.8)
    ax.set_axisbelow(True)
    if ax.lines:
        ax.legend(frameon=False)
    return ax


def loss_limits(histories: Iterable[History]) -> tuple[float, float]:
    """Return bottom and top of a logarithmic loss axis that several histories share.

    Parameters
    ----------
    histories : iterable of History

    Returns
    -------
    bottom : float
        The power of ten below the lowest loss, or 2 or 5 times it when that makes a narrow axis narrower; at
        least a hundred-thousandth of the top.
    top : float
        Just above the highest loss, but at most three times the median of the first losses: one model whose
        loss explodes must not press the others flat.
    """
    losses: list[float] = []
    firsts: list[float] = []
    for history in histories:
        curves = np.concatenate([_curve(history, "loss"), _curve(history, "validation_loss")])
        positive = curves[curves > 0].tolist()  # NaN is not
        losses += positive
        firsts += positive[:1]
    if not losses:
        return 0.1, 1.0
    top = 1.1 * min(max(losses), 3 * float(np.median(firsts)))
    power = 10.0 ** math.floor(math.log10(min(losses)))
    step = max(step for step in (1, 2, 5) if step == 1 or step * power <= min(losses))
    bottom = step * power if top < _LINED_RATIO * step * power else power
    return max(bottom, top * 1e-5), top


def loss_svg(history: History, name: str, *, epochs: int, limits: tuple[float, float]) -> str:
    """Draw a small loss plot to be put into a page, as the text of an ``svg`` element.

    Parameters
    ----------
    history : History
    name : str
        Tells the ids inside this picture from those of the other pictures of the page.
    epochs : int
        Right end of the axis of epochs.
    limits : tuple of float
        Bottom and top of the logarithmic axis of losses, see `loss_limits`.

    Returns
    -------
    str
        Its colours are the page's style variables ``--series-1`` (training), ``--series-2`` (validation),
        ``--muted``, ``--rule`` and ``--surface``; its font is the page's. Equal arguments give equal text.
    """
    training, validation, muted, _, surface = PAGE_COLOURS.values()
    with own_style(name):
        figure = Figure(figsize=(340 / 72, 204 / 72))  # a unit of the picture is a pixel at its usual width
        ax = figure.add_axes((46 / 340, 41 / 204, 286 / 340, 153 / 204))
        _draw_losses(ax, history, training, validation, muted, surface)
        ax.set_xlim(0, 1.015 * max(epochs, len(history), 1))
        ax.set_yscale("log")
        ax.set_ylim(0.85 * limits[0], limits[1])
        ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=True))
        ax.yaxis.set_major_locator(
            LogLocator(subs=(1, 2, 5) if limits[1] < _LINED_RATIO * limits[0] else (1,))
        )
        ax.yaxis.set_major_formatter(FuncFormatter(lambda loss, _: f"{loss:g}"))
        ax.yaxis.set_minor_locator(NullLocator())
        style_axes(ax)
        ax.set_xlabel("epoch", fontsize=11, color=muted, labelpad=4)
        ax.set_ylabel("loss", fontsize=11, color=muted, labelpad=4)
        ax.yaxis.set_label_coords(-34 / 286, 0.5)
        return page_svg(figure)


def _draw_losses(
    ax: Axes,
    history: History,
    training: str,
    validation: str,
    mark: str = LIGHT["muted"],
    face: str = "white",
) -> None:
    """Draw the curves; few epochs get points too, since a curve of one epoch would not be seen."""
    epochs = history.column("epoch")
    point = "." if len(history) <= 10 else None
    train_loss, validation_loss = _curve(history, "loss"), _curve(history, "validation_loss")
    if len(history):
        ax.plot(epochs, train_loss, color=training, linewidth=1.8, marker=point, label="training")
    if np.isfinite(validation_loss).any():
        ax.plot(
            epochs, validation_loss, "--", color=validation, linewidth=1.8, marker=point, label="validation"
        )
    best = history.best_epoch
    if best is not None and best in epochs and np.isfinite(at_best := validation_loss[epochs.index(best)]):
        ax.axvline(best, color=mark, linewidth=1, linestyle=":")
        ax.plot(
            [best],
            [at_best],
            "o",
            color=face,
            markeredgecolor=validation,
            markeredgewidth=1.8,
            markersize=6.5,
            label=f"best epoch ({best})",
        )


def _curve(history: History, column: str) -> NDArray[np.float64]:
    """Return a column with NaN, which leaves a gap, for what is missing or not finite."""
    values = [math.nan if value is None else value for value in history.column(column)]
    curve = np.array(values, dtype=np.float64)
    curve[~np.isfinite(curve)] = np.nan
    return curve
