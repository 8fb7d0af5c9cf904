"""Every colour of the plots and the pages.

The series and the classes have those of Okabe and Ito, which people who see fewer colours can tell apart; the
greys and the few words in colour are dark on white, and light on black, with a contrast of at least 4.5 to 1.
"""

from collections.abc import Mapping

OKABE_ITO = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "purple": "#CC79A7",
    "yellow": "#F0E442",
    "black": "#000000",
}
"""The palette of M. Okabe and K. Ito, "Color Universal Design" (2002)."""

LIGHT = {
    "surface": "#fdfdfc",
    "raised": "#f4f4f1",
    "ink": "#1d1f21",
    "muted": "#595d61",
    "rule": "#dddcd7",
    "link": "#00578a",
    "series-1": OKABE_ITO["blue"],
    "series-2": OKABE_ITO["vermillion"],
    "good": "#00664a",
    "bad": "#a34300",
    "warn": "#7a4f00",
    "quick": "#fff1c9",
    "running": "#e2f0fa",
}
"""A page's style variables, and the greys of the plots."""

DARK = {
    "surface": "#17191c",
    "raised": "#202327",
    "ink": "#e9e8e4",
    "muted": "#a6abb0",
    "rule": "#393d42",
    "link": "#7cc4ee",
    "series-1": OKABE_ITO["sky blue"],
    "series-2": OKABE_ITO["orange"],
    "good": "#4fd0a5",
    "bad": "#ff9a5c",
    "warn": "#f0c050",
    "quick": "#453608",
    "running": "#12354b",
}
"""The same in the dark."""

EMBEDDED = {
    "surface": "transparent",
    "raised": "transparent",
    "ink": "currentColor",
    "muted": "color-mix(in srgb, currentColor 72%, transparent)",
    "rule": "color-mix(in srgb, currentColor 22%, transparent)",
    "link": OKABE_ITO["blue"],
    "series-1": OKABE_ITO["blue"],
    "series-2": OKABE_ITO["vermillion"],
    "good": OKABE_ITO["green"],
    "bad": OKABE_ITO["vermillion"],
    "warn": OKABE_ITO["orange"],
}
"""The same inside a page of others, such as a notebook, which may be light or dark."""

CLASSES = (
    "blue",
    "vermillion",
    "green",
    "orange",
    "purple",
    "sky blue",
    "ink",
    "vermillion",
    "blue",
    "green",
)
"""The colours of ten classes; those that share a colour have markers of different shapes."""


CLASSES_AT_NIGHT = {
    "blue": "#4fa3e3",
    "vermillion": "#ff8438",
    "green": "#2cc596",
    "orange": "#f2b632",
    "purple": "#e6a0c6",
    "sky blue": "#a5dbf9",
    "ink": DARK["ink"],
}
"""Lighter shades of the same on black, where blue and vermillion are hard to see."""


def style_of(colours: Mapping[str, str]) -> str:
    """Return colours as declarations of style variables: ``--ink: #1d1f21; ...``."""
    return "; ".join(f"--{name}: {colour}" for name, colour in colours.items())


def page_style() -> str:
    """Return the rules that give a page its colours, by day and by night."""
    classes = {f"class-{k}": OKABE_ITO.get(name, f"var(--{name})") for k, name in enumerate(CLASSES)}
    at_night = {f"class-{k}": CLASSES_AT_NIGHT[name] for k, name in enumerate(CLASSES)}
    return (
        f":root {{ {style_of(LIGHT | classes)} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {style_of(DARK | at_night)} }} }}"
    )
