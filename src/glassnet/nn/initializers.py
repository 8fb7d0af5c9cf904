"""Initialisers: how the weights of a layer are drawn before training.

An initialiser is a function ``f(rng, fan_in, fan_out) -> W`` with W of shape (fan_in, fan_out), and one
entry of the table `INITIALIZERS`. `rng` is a `numpy.random.Generator`. Biases always start at zero.

Why a scale at all: a unit sums fan_in inputs, so the variance of z is fan_in times that of a weight
times the mean square of an input. A fixed scale lets the signals, and on the way back the gradients,
grow or shrink by a constant factor per layer; a scale proportional to 1/sqrt(fan_in) keeps the factor
near one whatever the width.

References
----------
LeCun, Bottou, Orr, Müller (1998), Efficient BackProp, section 4.6.
Glorot, Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, eq. 1, 16.
He, Zhang, Ren, Sun (2015), Delving deep into rectifiers, eq. 10.
"""

from collections.abc import Callable

import numpy as np

from glassnet._common.arrays import Array

Initializer = Callable[[np.random.Generator, int, int], Array]


def zero(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Return all zeros: the units of a layer start equal and stay equal, so none learns its own feature."""
    return np.zeros((fan_in, fan_out))


def random(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Draw from U(-s, s) with s = 1/sqrt(fan_in), the heuristic of Glorot and Bengio's eq. 1.

    The variance is 1 / (3 fan_in): signals shrink by about 0.58 a linear layer, 0.41 a ReLU layer.
    """
    return _uniform(rng, fan_in, fan_out, 1 / np.sqrt(fan_in))


def normal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Draw from N(0, s^2) with s = sqrt(2 / fan_in).

    The 2 makes up for the half of the inputs that a ReLU sets to zero (He's eq. 10), so that signals keep
    their size through any number of ReLU layers; a sigmoid or tanh layer gets slightly more than it needs.
    """
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))


def glorot_uniform(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Draw from U(-s, s) with s = sqrt(6 / (fan_in + fan_out)): variance 2 / (fan_in + fan_out), for tanh."""
    return _uniform(rng, fan_in, fan_out, np.sqrt(6 / (fan_in + fan_out)))


def glorot_normal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Draw from N(0, s^2) with s = sqrt(2 / (fan_in + fan_out)), for tanh."""
    return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), (fan_in, fan_out))


def he_uniform(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Draw from U(-s, s) with s = sqrt(6 / fan_in): variance 2 / fan_in, for ReLU."""
    return _uniform(rng, fan_in, fan_out, np.sqrt(6 / fan_in))


def lecun_uniform(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Draw from U(-s, s) with s = sqrt(3 / fan_in): variance 1 / fan_in, for linear and tanh units."""
    return _uniform(rng, fan_in, fan_out, np.sqrt(3 / fan_in))


def lecun_normal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Draw from N(0, s^2) with s = sqrt(1 / fan_in), for linear and tanh units."""
    return rng.normal(0, np.sqrt(1 / fan_in), (fan_in, fan_out))


def _uniform(rng: np.random.Generator, fan_in: int, fan_out: int, limit: float) -> Array:
    return rng.uniform(-limit, limit, (fan_in, fan_out))


INITIALIZERS: dict[str, Initializer] = {
    "zero": zero,
    "random": random,
    "normal": normal,
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_uniform": he_uniform,
    "he_normal": normal,
    "lecun_uniform": lecun_uniform,
    "lecun_normal": lecun_normal,
}
"""The initialisers by name; ``he_normal`` is what the literature calls ``normal``."""
