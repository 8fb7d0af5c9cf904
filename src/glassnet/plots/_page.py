"""Small plots that stand in a page: they take its colours and its font."""

import io
import re

from matplotlib.axes import Axes
from matplotlib.figure import Figure

PAGE_COLOURS = {
    "--series-1": "#000001",
    "--series-2": "#000002",
    "--muted": "#000003",
    "--rule": "#000004",
    "--surface": "#000005",
}
"""Colours that stand for a style variable of the page while matplotlib draws, see `page_svg`."""


def style_axes(ax: Axes) -> None:
    """Give a plot of a page its grid and its ticks, which are quiet."""
    muted, rule = PAGE_COLOURS["--muted"], PAGE_COLOURS["--rule"]
    ax.tick_params(left=False, bottom=False, labelsize=11, labelcolor=muted, pad=5)
    ax.grid(axis="y", color=rule, linewidth=1)
    ax.set_axisbelow(True)
    ax.set_frame_on(False)


def page_svg(figure: Figure) -> str:
    """Return a figure as an ``svg`` element that fits into a page: no header, fonts, or ids that others have.

    Its colours are the page's style variables in place of `PAGE_COLOURS`; its font is the page's.
    """
    figure.patch.set_visible(False)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    text = buffer.getvalue()
    head = re.search(r'<svg[^>]*viewBox="([^"]*)"[^>]*>', text)
    if head is None:  # pragma: no cover - every svg of matplotlib has one
        raise RuntimeError("matplotlib wrote an svg without a viewBox")
    body = text[head.end() :]
    body = re.sub(
        r"<metadata>.*?</metadata>|<style.*?</style>|<defs>\s*</defs>|<!--.*?-->", "", body, flags=re.S
    )
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    body = body.replace("xlink:href=", "href=")
    body = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", body)
    body = re.sub(r"font-family: [^;\"]*;?", "", body)
    body = re.sub(r"(\d\.\d\d)\d+(?![^<>]*</text>)", r"\1", body)  # of places, not of the figures on an axis
    body = re.sub(r"\s*\n\s*", "\n", body)
    for variable, colour in PAGE_COLOURS.items():
        body = body.replace(colour, f"var({variable})")
    return f'<svg viewBox="{head.group(1)}">{body.rstrip()}'
