"""Matplotlib's own style, whatever the user has set; and colours that are seen in the style of the user."""

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from glassnet._common.palette import CLASSES_AT_NIGHT, OKABE_ITO


@contextmanager
def own_style(salt: str = "") -> Iterator[None]:
    """Draw by matplotlib's defaults whatever the user has set, and put the user's settings back."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": f"glassnet {salt}"})
        matplotlib.rcParams["text.parse_math"] = False  # a dollar sign in a name is one
        yield


def series_of(ax: Axes) -> list[str]:
    """Return colours of curves that are seen on the axes: lighter ones where these are dark."""
    red, green, blue = to_rgb(ax.get_facecolor())
    is_dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5  # the luma of ITU-R BT.601
    palette = CLASSES_AT_NIGHT if is_dark else OKABE_ITO
    return [palette[name] for name in ("blue", "vermillion", "green", "purple", "orange")]
