"""Two classes of points in the plane, the hyperplane between them, and its margins.

Blue circles and vermillion squares tell the classes apart, by shape as well as by colour; a ring marks the
points on the margin.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from glassnet._common.palette import DARK, OKABE_ITO
from glassnet.plots._style import own_style

_MARKERS = {1: ("o", OKABE_ITO["blue"]), -1: ("s", OKABE_ITO["vermillion"]), 0: ("D", "#666666")}

_GRID = "#e4e4e4"

_MOST_NAMES = 40
"""Points that are all named; of more, only those on the margin and the new ones."""

_Plane = tuple[float, float, float]


class PointKind(StrEnum):
    """Name what a point of the picture is; the strings do as well."""

    POINT = "point"
    ON_MARGIN = "on the margin"
    NEW = "new"
    COMMON = "common"


_RING = "on the margin"
"""What the legend says of the rings."""


@dataclass(frozen=True)
class MarkedPoint:
    """Hold a point of the picture.

    Attributes
    ----------
    name : str
    x : tuple of float or None, length 2
        None is a coordinate that was not given: the point may lie anywhere on a line.
    sign : int
        +1, -1, or 0 for neither class.
    kind : PointKind
        A common point lies in the convex hulls of both classes.
    """

    name: str
    x: tuple[float | None, float | None]
    sign: int
    kind: PointKind | Literal["point", "on the margin", "new", "common"] = PointKind.POINT


def draw_hyperplane(
    points: Sequence[MarkedPoint],
    plane: _Plane | None,
    *,
    title: str,
    hulls: Sequence[Sequence[MarkedPoint]] = (),
    classes: tuple[str, str] = ("-1", "+1"),
    features: Sequence[str] = ("x1", "x2"),
    file_format: Literal["png", "svg"] = "png",
) -> bytes:
    """Draw points with the hyperplane between them and its margins, as a png or svg file.

    Parameters
    ----------
    points : sequence of MarkedPoint
    plane : tuple of float, optional
        (w1, w2, b) of the hyperplane w1 x1 + w2 x2 + b = 0; None where the classes are not separable.
    title : str
    hulls : sequence of sequence of MarkedPoint
        Points of one class whose connection passes through a common point.
    classes : tuple of str
        The labels of the negative and the positive class.
    features : sequence of str, length 1 or 2
        The names of the axes; a single one makes a number line.
    file_format : {"png", "svg"}
        The svg is an element that stands by itself, inside a page too.

    Returns
    -------
    bytes
    """
    with own_style(title):
        matplotlib.rcParams["figure.constrained_layout.h_pad"] = 0.12
        figure = Figure(figsize=(6.4, 5.8 if len(features) > 1 else 3.2), dpi=150, layout="constrained")
        ax = figure.add_subplot()
        _frame(ax, points, plane, features)
        if plane is not None:
            _draw_plane(ax, plane)
        for hull in hulls:
            corners = np.array([point.x for point in [*hull, hull[0]]], dtype=float)
            ax.plot(*corners.T, color=_MARKERS[hull[0].sign][1], linewidth=1.6, zorder=1)
        for sign, label in ((1, f"class {classes[1]}"), (-1, f"class {classes[0]}"), (0, "neither class")):
            mine = [point for point in points if point.sign == sign]
            _draw_class(ax, mine, sign, label, names_all=len(points) <= _MOST_NAMES)
        ax.set_title(title, fontsize=11)
        place: dict[str, Any] = {"loc": "outside lower center", "ncols": 2, "frameon": False}
        figure.legend(*ax.get_legend_handles_labels(), **place, fontsize=9, markerscale=0.8)
        buffer = io.BytesIO()
        metadata = {"Date": None, "Creator": None} if file_format == "svg" else {"Software": None}
        figure.savefig(buffer, format=file_format, metadata=metadata)
    return _bare_svg(buffer.getvalue()) if file_format == "svg" else buffer.getvalue()


_NIGHT = {
    "#ffffff": "surface",
    "#000000": "ink",
    "#444444": "ink",
    "#666666": "muted",
    _GRID: "rule",
    OKABE_ITO["blue"].lower(): "series-1",
    OKABE_ITO["vermillion"].lower(): "series-2",
}
"""What the colours of the picture are by night: names in the page's palette."""


def follow_theme(svg: str) -> str:
    """Return a picture of `draw_hyperplane` that is dark where the reader's screen is.

    Parameters
    ----------
    svg : str
        The text of the svg element.

    Returns
    -------
    str
    """
    rules = "".join(
        f'[style*="{paint}: {colour}"]{{{paint}:{DARK[name]}!important}}'
        for colour, name in _NIGHT.items()
        for paint in ("fill", "stroke")
    )
    text = f"text{{fill:{DARK['ink']}}}"  # has no fill of its own where it is black
    style = f"<style>@media screen and (prefers-color-scheme: dark){{{text}{rules}}}</style>"
    head, mark, rest = svg.partition(">")
    return head + mark + style + rest


def _frame(ax: Axes, points: Sequence[MarkedPoint], plane: _Plane | None, features: Sequence[str]) -> None:
    """Set limits that hold all points, and the hyperplane where it passes nearest to them."""
    columns = [[value for point in points if (value := point.x[k]) is not None] for k in range(2)]
    if plane is not None:
        w, b = np.array(plane[:2]), plane[2]
        centre = np.array([np.mean(column) if column else 0.0 for column in columns])
        foot = centre - (w @ centre + b) / (w @ w) * w
        columns = [[*column, value] for column, value in zip(columns, foot.tolist(), strict=True)]
    spans = [max(column) - min(column) for column in columns]
    half = 0.68 * (max(spans) or 1.0)
    middles = [(max(column) + min(column)) / 2 for column in columns]
    height = half if len(features) > 1 else half / 4
    ax.set(xlim=(middles[0] - half, middles[0] + half), ylim=(middles[1] - height, middles[1] + height))
    ax.set(aspect="equal", xlabel=features[0])
    if len(features) > 1:
        ax.set_ylabel(features[1])
    else:
        ax.set_yticks([])
    ax.grid(color=_GRID, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def _draw_plane(ax: Axes, plane: _Plane) -> None:
    """Draw the hyperplane solid, the margins dashed, and the corridor between them shaded."""
    w, b = np.array(plane[:2]), plane[2]
    foot, normal = -b / (w @ w) * w, w / (w @ w)
    along = np.array([-w[1], w[0]]) / np.sqrt(w @ w)
    limits = np.array([ax.get_xlim(), ax.get_ylim()])
    reach = 10 * float(np.abs(limits).max() + np.abs(foot).max())

    def line(value: float) -> NDArray[np.float64]:
        return np.asarray(foot + value * normal + np.array([[-reach], [reach]]) * along)

    corner = np.concatenate([line(1), line(-1)[::-1]])
    ax.fill(corner[:, 0], corner[:, 1], color=OKABE_ITO["sky blue"], alpha=0.15, linewidth=0, zorder=0.5)
    for value, style, colour, width, label in (
        (0, "-", "black", 1.8, "hyperplane w·x + b = 0"),
        (1, "--", "#444444", 1.2, "margins w·x + b = +1 and -1"),
        (-1, "--", "#444444", 1.2, None),
    ):
        ax.plot(*line(value).T, style, color=colour, linewidth=width, label=label, scalex=False, scaley=False)


def _draw_class(ax: Axes, points: Sequence[MarkedPoint], sign: int, label: str, *, names_all: bool) -> None:
    shape, colour = _MARKERS[sign]
    for point in points:
        if None in point.x:
            _draw_line_of(ax, point, colour)
    placed = [point for point in points if None not in point.x]
    ring = _RING if _RING not in ax.get_legend_handles_labels()[1] else None
    in_both = "in the convex hulls of both classes"
    hollow = {"color": "white", "markeredgecolor": colour, "markeredgewidth": 2}
    marks: tuple[tuple[Sequence[str], str, str | None, dict[str, Any]], ...] = (
        ((PointKind.POINT, PointKind.ON_MARGIN), shape, label, {"markersize": 8, "color": colour}),
        ((PointKind.ON_MARGIN,), "o", ring, {"markersize": 16, "mfc": "none", "mec": "black"}),
        ((PointKind.NEW,), shape, f"new point, {label}", {"markersize": 9, **hollow}),
        ((PointKind.COMMON,), "X", in_both, {"markersize": 11, "color": "black", "zorder": 4}),
    )
    for kinds, marker, text, style in marks:
        chosen = [point.x for point in placed if point.kind in kinds]
        if chosen:
            ax.plot(*np.array(chosen).T, marker, linestyle="none", label=text, **{"zorder": 3, **style})
    for point in placed:
        if point.kind in (PointKind.ON_MARGIN, PointKind.NEW) or (
            names_all and point.kind == PointKind.POINT
        ):
            place: Any = point.x
            ax.annotate(point.name, place, (9, 8), textcoords="offset points", fontsize=10, zorder=4)


def _draw_line_of(ax: Axes, point: MarkedPoint, colour: str) -> None:
    """Draw the line on which a point lies one of whose coordinates was not given."""
    x, y = point.x
    line: dict[str, Any] = {"color": colour, "linestyle": ":", "linewidth": 1.6}
    text: dict[str, Any] = {"color": colour, "textcoords": "offset points", "fontsize": 9}
    note = f"{point.name}, anywhere here"
    if x is not None:
        ax.axvline(x, **line)
        ax.annotate(note, (x, ax.get_ylim()[1]), (-4, -6), rotation=90, ha="right", va="top", **text)
    elif y is not None:
        ax.axhline(y, **line)
        ax.annotate(note, (ax.get_xlim()[0], y), (6, 4), **text)


def _bare_svg(content: bytes) -> bytes:
    """Leave out the file's header, ids that two pictures would share, and fonts that may be missing."""
    text = content.decode("utf-8")
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text[text.index("<svg") :], flags=re.S)
    text = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font: \1 sans-serif", text)
    text = re.sub(r"font-family: [^;\"]*", "font-family: sans-serif", text)
    return re.sub(r'<g id="[^"]*"', "<g", text).encode("utf-8")
