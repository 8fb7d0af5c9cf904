"""A drawing as MNIST's digits are made, and what in it spoke for and against an answer.

MNIST's page (Y. LeCun, C. Cortes, C. J. C. Burges, http://yann.lecun.com/exdb/mnist/) says how its digits
came to be: the black and white originals were scaled to fit a box of 20 x 20 pixels, their aspect ratio kept,
with grey levels from anti-aliasing, and put into a field of 28 x 28 with the centre of mass of their pixels
in its middle. In the files the longer side of a digit is 20, and its centre of mass lies within half a
pixel of the place 14.0, counted from 0: digits were moved by whole pixels.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.layers import Chain, Scaling
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import backward, forward
from glassnet.nn.workspace import Workspace

SIDE = 28
"""Pixels of a side of MNIST's images."""
BOX = 20
"""Pixels of the longer side of a digit in them."""
CENTRE = 14.0
"""Where the centre of mass of a digit lies, counted from 0, to half a pixel."""
MOST_PIXELS = 2_000_000
"""What a drawing may have."""

HOW = (
    "The drawing was cut to its ink, scaled so that its longer side has 20 pixels (each pixel the mean of "
    "the area that it covers), and moved by whole pixels until the centre of its mass was in the middle of "
    "28 x 28, as MNIST's digits are; then its darkest pixel was made black."
)
"""What `to_digit` does, for people."""


def to_digit(drawing: ArrayLike) -> NDArray[np.uint8]:
    """Return a drawing as an image of 28 x 28 pixels, made as MNIST's are.

    Parameters
    ----------
    drawing : array-like of shape (height, width)
        How much ink each pixel has: 0 is the paper. Of any size and in any place.

    Returns
    -------
    ndarray of uint8, shape (28, 28)
        255 is the darkest ink.

    Raises
    ------
    InvalidDataError
        When there is no ink, or this is no drawing.

    Examples
    --------
    >>> stroke = np.zeros((300, 200))
    >>> stroke[20:220, 150:170] = 1
    >>> image = to_digit(stroke)
    >>> image[:, 14].nonzero()[0].tolist() == list(range(4, 24)), int(image.max())
    (True, 255)
    """
    ink = _cut(_check(drawing))
    height, width = ink.shape
    scale = BOX / max(height, width)
    small = (  # at least a pixel of the thinnest stroke
        _averages(height, max(1, round(height * scale)))
        @ ink
        @ _averages(width, max(1, round(width * scale))).T
    )
    small *= 255 / small.max()
    image = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (_place(small.sum(axis=1 - axis)) for axis in (0, 1))
    image[top : top + small.shape[0], left : left + small.shape[1]] = np.rint(small)
    return image


def _check(drawing: ArrayLike) -> Array:
    try:
        ink = np.asarray(drawing, np.float64)
    except (TypeError, ValueError):
        raise InvalidDataError(
            f"got {quoted(drawing)} as a drawing; expected rows of numbers, all of one length."
        ) from None
    if ink.ndim != 2 or not 0 < ink.size <= MOST_PIXELS:
        raise InvalidDataError(
            f"got a drawing of shape {ink.shape}; expected (height, width), at most {MOST_PIXELS:,} pixels."
        )
    if not np.isfinite(ink).all() or ink.min() < 0:
        raise InvalidDataError(
            "got a drawing with NaN, infinity or numbers below 0; expected how much ink a pixel has: 0 is "
            "the paper. Turn a black digit on white round: 255 - image."
        )
    if not ink.any():
        raise InvalidDataError("got a drawing without ink; expected some pixels above 0. Draw a digit first.")
    return ink


def _cut(ink: Array) -> Array:
    """Leave the empty rows and columns around the ink out."""
    rows, columns = np.nonzero(ink.any(axis=1))[0], np.nonzero(ink.any(axis=0))[0]
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _averages(n: int, m: int) -> Array:
    """Return the matrix, shape (m, n), that makes n pixels into m, each the mean of what it covers."""
    edges = np.arange(m + 1) * (n / m)
    begins, ends = edges[:-1, None], edges[1:, None]
    pixels = np.arange(n)
    covered = np.minimum(ends, pixels + 1) - np.maximum(begins, pixels)  # negative where they are apart
    return np.asarray(np.maximum(covered, 0) * (m / n))


def _place(mass: Array) -> int:
    """Return at which pixel a digit begins, by its ink in each row or column."""
    centre = float(mass @ np.arange(len(mass))) / float(mass.sum())
    return min(max(round(CENTRE - centre), 0), SIDE - len(mass))


@dataclass(frozen=True)
class Pull:
    """Tell how each input pulled at the largest output.

    Attributes
    ----------
    output : int
        Which output is the largest, counted from 0.
    values : ndarray of shape (n_features,)
        The derivative of that output, before the output's activation, with respect to each input, times the
        input: above 0 it spoke for the answer, below 0 against it; an input of 0 is silent.
    """

    output: int
    values: Array


def pull(architecture: Architecture, parameters: Parameters, x: Array) -> Pull:
    """Return what in one sample spoke for and against the network's answer: gradient times input.

    Parameters
    ----------
    architecture : Architecture
        Of one network, without members.
    parameters : Parameters
    x : ndarray of shape (n_features,)
        As the network is given it.

    Returns
    -------
    Pull

    Notes
    -----
    The engine's own backward pass computes it. A factor of 1 is put before each input; the derivative with
    respect to it is gradient times input. And the loss is half of (z - t)^2, with a target t that is z for
    all outputs but the largest, and z - 1 for that one, whose derivative is therefore 1.

    References
    ----------
    A. Shrikumar, P. Greenside, A. Shcherbina, A. Kundaje, "Not just a black box: learning important features
    through propagating activation differences", arXiv:1605.01713 (2016), on gradient times input.
    """
    first, *rest = architecture.in_front
    asked = replace(
        architecture,
        head=LOSSES["squared_error"],
        before=(Scaling() if first is None else Chain((Scaling(), first)), *rest),
    )
    theta, n = (
        parameters.theta.astype(np.float64),
        architecture.sizes[0],
    )  # in float32, z - (z - 1) is not quite 1
    own = next(place for place in asked.places if place.is_before).slice
    scaled = Parameters(asked, np.insert(theta, own.start, np.ones(n)))
    X = np.asarray(x, theta.dtype).reshape(1, n)
    workspace = Workspace(asked, 1, theta.dtype)
    z = forward(asked, scaled, X, workspace)
    output, target = int(z.argmax()), z.copy()
    target[0, output] -= 1
    gradient = Parameters.zeros(asked, theta.dtype)
    backward(asked, scaled, X, target, workspace, gradient)
    return Pull(output, gradient.theta[own])
