"""Images, one by one and in grids, dark on white as if on paper."""

import io
import math
import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.image import imsave
from numpy.typing import ArrayLike

from glassnet.errors import InvalidDataError
from glassnet.plots._style import own_style

_CELL = 1.2  # inches of an image in a grid, at 100 pixels to the inch
_TITLE_LINE = 0.16  # inches of one line of its title
_TITLE_WIDTH = 17  # characters of one line of its title


def image_png(image: ArrayLike) -> bytes:
    """Return one image as a PNG of the same size, dark on white as if on paper.

    Parameters
    ----------
    image : array-like of shape (height, width)
        0 is the background, 255 the full ink.

    Returns
    -------
    bytes
    """
    buffer = io.BytesIO()
    imsave(buffer, np.asarray(image), cmap="gray_r", vmin=0, vmax=255, format="png")
    return buffer.getvalue()


def image_grid(images: ArrayLike, titles: Sequence[str], columns: int = 5) -> bytes:
    """Return images beside and below each other, each under its title, as a PNG.

    Parameters
    ----------
    images : array-like of shape (n, height, width)
        At least one; 0 is the background, 255 the full ink, drawn dark on white.
    titles : sequence of str
        One for each image; long ones are broken into lines.
    columns : int
        How many images stand side by side.

    Returns
    -------
    bytes
        A PNG, 120 pixels wide for each column.

    Raises
    ------
    InvalidDataError
        When there is no image, or not one title for each.
    """
    images = np.asarray(images)
    if images.ndim != 3 or len(images) == 0 or len(images) != len(titles) or columns < 1:
        raise InvalidDataError(
            f"got images of shape {images.shape}, {len(titles)} titles and columns={columns}; expected "
            "(n, height, width) with at least one image, a title for each and at least one column."
        )
    broken = [textwrap.fill(title, _TITLE_WIDTH) for title in titles]
    rows = math.ceil(len(images) / columns)
    title_height = _TITLE_LINE * (1 + max(title.count("\n") for title in broken)) + 0.08
    row_height = round(_CELL + title_height, 2)
    with own_style():
        figure = Figure(figsize=(columns * _CELL, rows * row_height), dpi=100)
        for index, (image, title) in enumerate(zip(images, broken, strict=True)):
            row, column = divmod(index, columns)
            bottom = (rows - 1 - row) / rows + 0.06 / (rows * row_height)
            place = ((column + 0.05) / columns, bottom, 0.9 / columns, 0.9 * _CELL / (rows * row_height))
            ax = figure.add_axes(place)
            ax.imshow(image, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
            ax.set_title(title, fontsize=8, pad=3)
            ax.set_axis_off()
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
    return buffer.getvalue()
