"""First weights and biases that depend on the data: every unit starts where the samples are."""

import numpy as np
from numpy.typing import DTypeLike

from glassnet._common.arrays import Array
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.initializers import lecun_normal
from glassnet.nn.network import forward
from glassnet.nn.workspace import Workspace

N_MIXED = 5
"""Of so many samples the point is mixed at which a unit begins to bend."""


def draw_from_data(
    architecture: Architecture, X: Array, rng: np.random.Generator, dtype: DTypeLike
) -> Parameters:
    """Return parameters with which every unit's z has variance 1 over X, and is 0 among the samples.

    Layer by layer: a column of normal numbers is divided by the standard deviation of the z that it gives.
    Then the bias is set to -z at a random point between five random samples (a mean of them with random
    weights, uniform on the simplex), so that the units bend in different places, all of them within the data.

    Parameters
    ----------
    architecture : Architecture
    X : ndarray of shape (n, n_features)
        Of `dtype`; some thousand rows are enough.
    rng : Generator
    dtype : dtype

    References
    ----------
    Steinwart (2019), A sober look at neural network initializations, "he+", as in RealMLP.
    """
    parameters = Parameters.draw(architecture, lecun_normal, rng, dtype)
    workspace = Workspace(architecture, len(X), dtype, backward=True, keep_z=True)
    for weight, bias, z in zip(parameters.weights, parameters.biases, workspace.z, strict=True):
        forward(architecture, parameters, X, workspace)  # the biases of this layer are still 0
        deviation = z.std(axis=-2, dtype=np.float64, keepdims=True)
        deviation[deviation == 0] = 1  # a unit that is fed nothing that varies
        weight /= deviation
        rows = rng.integers(z.shape[-2], size=(*bias.shape[:-1], N_MIXED, bias.shape[-1]))
        shares = rng.exponential(size=rows.shape)
        shares /= shares.sum(axis=-2, keepdims=True)
        bias[...] = -(np.take_along_axis(z, rows, axis=-2) / deviation * shares).sum(axis=-2)
    return parameters
