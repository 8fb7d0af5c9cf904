"""Matplotlib's own style, whatever the user has set."""

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib


@contextmanager
def own_style(salt: str = "") -> Iterator[None]:
    """Draw by matplotlib's defaults whatever the user has set, and put the user's settings back."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": f"glassnet {salt}"})
        matplotlib.rcParams["text.parse_math"] = False  # a dollar sign in a name is one
        yield
