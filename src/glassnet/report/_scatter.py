"""Points of ten classes in the plane: where they stand in the picture, and their names without overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 340.0, 300.0
"""The picture's units; about a pixel each where it is usually shown."""

MARGIN = 8.0
LETTER_WIDTH, LINE_HEIGHT = 6.4, 15.0
"""Room for a name, in the picture's units, for the 11 units of its letters."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Name:
    """Hold a class's name: the middle of its text, and the median of its points, where it belongs."""

    text: str
    x: float
    y: float
    median_x: float
    median_y: float
    is_far: bool


@dataclass(frozen=True)
class Panel:
    """Hold the points of each class as an SVG ``points`` attribute, and the names."""

    points: list[str]
    names: list[Name]


def draw_panel(points: Sequence[Sequence[float]], labels: Sequence[int], classes: Sequence[str]) -> Panel:
    """Place points and names in a picture of `WIDTH` by `HEIGHT`.

    Parameters
    ----------
    points : sequence of (x, y)
    labels : sequence of int
        The class of each point.
    classes : sequence of str
        What the labels mean.

    Returns
    -------
    Panel

    Raises
    ------
    ValueError
        When points and labels do not fit each other, or a point is not finite.
    """
    xy, label = np.asarray(points, np.float64).reshape(-1, 2), np.asarray(labels, int)
    if len(xy) != len(label) or not np.isfinite(xy).all():
        raise ValueError(f"got {len(xy)} points for {len(label)} labels; expected finite points, one each")
    placed = _place(xy)
    groups = [placed[label == k] for k in range(len(classes))]
    present = [k for k, group in enumerate(groups) if len(group)]
    medians = np.array([np.median(groups[k], axis=0) for k in present]).reshape(-1, 2)
    sizes = np.array([(LETTER_WIDTH * len(classes[k]), LINE_HEIGHT) for k in present]).reshape(-1, 2)
    middles = spread(medians, sizes, np.array([WIDTH, HEIGHT]))
    names = [
        _name(classes[k], middle, median) for k, middle, median in zip(present, middles, medians, strict=True)
    ]
    written = [" ".join(f"{x:.1f},{y:.1f}" for x, y in group) for group in groups]
    return Panel(written, names)


def _name(text: str, middle: Floats, median: Floats) -> Name:
    """Say of a name too whether it no longer covers its median, so that a line has to join them."""
    x, y, median_x, median_y = np.round([*middle, *median], 1).tolist()
    return Name(text, x, y, median_x, median_y, abs(y - median_y) > LINE_HEIGHT / 2)


def _place(xy: Floats) -> Floats:
    """Map the points onto the picture, y upwards, as wide and as high as it is."""
    if not len(xy):
        return xy
    low, span = xy.min(axis=0), np.ptp(xy, axis=0)
    share = np.where(span > 0, (xy - low) / np.where(span > 0, span, 1), 0.5)
    share[:, 1] = 1 - share[:, 1]
    room: Floats = np.array([WIDTH, HEIGHT]) - 2 * MARGIN
    return MARGIN + share * room


def spread(middles: Floats, sizes: Floats, frame: Floats, *, rounds: int = 500) -> Floats:
    """Move boxes apart until none overlaps another, each as little as that takes, inside the frame.

    Parameters
    ----------
    middles, sizes : ndarray of shape (n, 2)
        Of the boxes, which must have room in the frame.
    frame : ndarray of shape (2,)
        Width and height.
    rounds : int
        How often every pair is looked at, at most.

    Returns
    -------
    ndarray of shape (n, 2)
        The new middles.
    """
    placed = np.clip(middles, sizes / 2, frame - sizes / 2)
    for _ in range(rounds):
        moved = False
        for i in range(len(placed)):
            for j in range(i):
                overlap = (sizes[i] + sizes[j]) / 2 - np.abs(placed[i] - placed[j])
                if (overlap <= 0).any():
                    continue
                moved = True
                axis = int(np.argmin(overlap))  # the shorter way out
                side = 1.0 if placed[i, axis] >= placed[j, axis] else -1.0
                placed[i, axis] += side * (overlap[axis] / 2 + 0.1)
                placed[j, axis] -= side * (overlap[axis] / 2 + 0.1)
        placed = np.clip(placed, sizes / 2, frame - sizes / 2)
        if not moved:
            break
    return placed
