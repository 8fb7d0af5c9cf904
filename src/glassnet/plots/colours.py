"""Colours for numbers, which people who see fewer colours can tell apart; the others are in the palette."""

import matplotlib
import numpy as np
from matplotlib.colors import to_hex


def sequential_colour(share: float) -> tuple[str, str]:
    """Return a colour for a number between 0 and 1, and the colour of a text upon it.

    Parameters
    ----------
    share : float
        0 is dark, 1 is bright. The map, cividis, looks alike to people who see fewer colours.

    Returns
    -------
    colour, ink : str
        As ``#rrggbb``. The ink is black or white, whichever has the higher contrast: at least 4.5 to 1.

    References
    ----------
    J. R. Nuñez, C. R. Anderton, R. S. Renslow, "Optimizing colormaps with consideration for color vision
    deficiency", PLOS ONE 13 (2018). The contrast is that of WCAG 2.1.

    Examples
    --------
    >>> sequential_colour(0.0), sequential_colour(1.0)
    (('#00224e', '#ffffff'), ('#fee838', '#000000'))
    """
    colour = matplotlib.colormaps["cividis"](float(share))
    channels = np.array(colour[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    dark_ink = (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05)
    return to_hex(colour), "#000000" if dark_ink else "#ffffff"
