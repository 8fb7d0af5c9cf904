"""The element-wise kernels in NumPy: what every kernel computes is said here.

The module `numba` has the same names and signatures. Arrays that are written to are given, so that a step
allocates little; `scratch` is an array to work in, of the shape of the one that is written to.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array

__all__ = [
    "LEAK",
    "SELU_ALPHA",
    "SELU_SCALE",
    "adam",
    "add_entries",
    "add_penalty",
    "bias_elu",
    "bias_exp",
    "bias_identity",
    "bias_leaky_relu",
    "bias_mish",
    "bias_relu",
    "bias_selu",
    "bias_sigmoid",
    "bias_softmax",
    "bias_softplus",
    "bias_tanh",
    "blend",
    "chain_elu",
    "chain_identity",
    "chain_leaky_relu",
    "chain_relu",
    "chain_selu",
    "chain_sigmoid",
    "chain_softmax",
    "chain_softplus",
    "chain_tanh",
    "drop_vanished",
    "entries_gradient",
    "gather_scaled",
    "mish_slope",
    "momentum",
    "sgd",
    "sigmoid",
    "softmax",
    "softmax_losses",
    "sort_by_column",
    "splits_inputs",
]

splits_inputs = False
"""Whether mostly-zero inputs gain from being split by column: the kernels for entries are loops, for which
Python is too slow."""

LEAK = 0.01
"""Slope of the leaky ReLU for z < 0 (Maas, Hannun and Ng 2013)."""

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
"""Slope of the SELU for z > 0, and its factor for the rest: activations keep mean 0 and variance 1
(Klambauer et al. 2017)."""

LN_2 = 0.6931471805599453


# -- bias and activation: z += bias, of shape (units,); out = f(z), of shape (n, units). out may be z itself


def bias_identity(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write z to `out`."""
    z += bias
    if out is not z:
        np.copyto(out, z)


def bias_sigmoid(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write sigmoid(z) to `out`."""
    z += bias
    sigmoid(z, out)


def bias_tanh(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write tanh(z) to `out`."""
    z += bias
    np.tanh(z, out=out)


def bias_relu(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write max(z, 0) to `out`."""
    z += bias
    np.maximum(z, 0, out=out)


def bias_leaky_relu(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write max(z, LEAK z) to `out`."""
    z += bias
    np.multiply(z, LEAK, out=scratch)
    np.maximum(z, scratch, out=out)


def bias_elu(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write z where z > 0, else exp(z) - 1, to `out`."""
    z += bias
    np.minimum(z, 0, out=scratch)
    np.expm1(scratch, out=scratch)
    np.maximum(z, 0, out=out)
    out += scratch


def bias_selu(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write SELU_SCALE (z where z > 0, else SELU_ALPHA (exp(z) - 1)) to `out`.

    exp(z) - 1 = 2 / (1 / t - 1) with t = tanh(z / 2), which is as exact and, in NumPy, many times faster.
    """
    z += bias
    t = np.minimum(z, 0, out=scratch)
    t *= 0.5
    np.tanh(t, out=t)
    with np.errstate(divide="ignore", over="ignore"):  # 1 / 0 ends as 0 again
        np.reciprocal(t, out=t)
        t -= 1
        np.reciprocal(t, out=t)
    t *= 2 * SELU_ALPHA
    np.maximum(z, 0, out=out)
    out += t
    out *= SELU_SCALE


def bias_mish(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write z tanh(log(1 + exp(z))) to `out`.

    With u = exp(z) and w = u (u + 2) the hyperbolic tangent is w / (w + 2), which needs one exponential.
    """
    z += bias
    u = np.minimum(z, 40, out=scratch)  # from there on the mish is z to the last digit
    np.exp(u, out=u)
    w = u + 2
    w *= u
    np.add(w, 2, out=scratch)
    w /= scratch
    np.multiply(z, w, out=out)


def mish_slope(z: Array, delta: Array, scratch: Array) -> None:
    """Multiply delta by t + z (1 - t^2) u / (u + 1), with t the hyperbolic tangent of `bias_mish`."""
    u = np.minimum(z, 40, out=scratch)  # from there on the mish is z to the last digit
    np.exp(u, out=u)
    t = u + 2
    t *= u
    t /= t + 2
    u /= u + 1
    u *= 1 - t * t
    u *= z
    u += t
    delta *= u


def blend(z: Array, f: Array, share: Array, out: Array) -> None:
    """Write z + share (f - z) to `out`, with a share for each unit, shape (units,)."""
    np.subtract(f, z, out=out)
    out *= share
    out += z


def bias_softplus(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write log(1 + exp(z)) to `out`."""
    z += bias
    np.logaddexp(z, np.zeros((), z.dtype), out=out)


def bias_exp(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write exp(z) to `out`."""
    z += bias
    np.exp(z, out=out)


def bias_softmax(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write exp(z) / sum(exp(z)) of each row to `out`."""
    z += bias
    softmax(z, out)


def sigmoid(z: Array, out: Array) -> None:
    """Write 1 / (1 + exp(-z)) to `out`, which may be z; exp(-z) is cut where its reciprocal were denormal."""
    largest_exponent = (np.finfo(out.dtype).maxexp - 3) * LN_2  # 86.6 in float32, 707.7 in float64
    np.maximum(z, -largest_exponent, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    out += 1
    np.reciprocal(out, out=out)


def softmax(z: Array, out: Array) -> None:
    """Write exp(z) / sum(exp(z)) of each row to `out`, which may be z; both of shape (n, n_outputs)."""
    # in short rows an argmax and a look-up take half the time of a max
    top = z[np.arange(len(z)), z.argmax(axis=1)]  # (n,)
    np.subtract(z, top[:, np.newaxis], out=out)
    np.exp(out, out=out)
    out /= np.einsum("nk->n", out)[:, np.newaxis]


def softmax_losses(z: Array, a: Array, y: Array) -> Array:
    """Return -sum_k y_k log a_k for each sample, shape (n,); every row of y sums to 1.

    Written with log a_k = z_k - max(z) + log(max(a)), which is exact for large |z|, where a_k
    underflows, and for small losses alike.
    """
    rows, top = np.arange(len(z)), z.argmax(axis=1)
    return np.asarray((z[rows, top] - np.einsum("nk,nk->n", y, z)) - np.log(a[rows, top]))


# -- gradients: delta *= f'(z), from the output a; all of shape (n, units) ----------------------------------


def chain_identity(a: Array, delta: Array, scratch: Array) -> None:
    """Leave delta as it is: the gradient is 1."""


def chain_sigmoid(a: Array, delta: Array, scratch: Array) -> None:
    """Multiply delta by a (1 - a)."""
    delta *= a
    np.subtract(1, a, out=scratch)
    delta *= scratch


def chain_tanh(a: Array, delta: Array, scratch: Array) -> None:
    """Multiply delta by 1 - a^2."""
    np.multiply(a, a, out=scratch)
    np.subtract(1, scratch, out=scratch)
    delta *= scratch


def chain_relu(a: Array, delta: Array, scratch: Array) -> None:
    """Multiply delta by 1 where a > 0, else by 0."""
    np.greater(a, 0, out=scratch)
    delta *= scratch


def chain_leaky_relu(a: Array, delta: Array, scratch: Array) -> None:
    """Multiply delta by 1 where a > 0, else by LEAK; a has the sign of z."""
    np.greater(a, 0, out=scratch)
    np.maximum(scratch, LEAK, out=scratch)
    delta *= scratch


def chain_elu(a: Array, delta: Array, scratch: Array) -> None:
    """Multiply delta by 1 where a > 0, else by a + 1."""
    np.minimum(a, 0, out=scratch)
    scratch += 1
    delta *= scratch


def chain_selu(a: Array, delta: Array, scratch: Array) -> None:
    """Multiply delta by SELU_SCALE where a > 0, else by a + SELU_SCALE SELU_ALPHA."""
    np.minimum(a, 0, out=scratch)
    scratch += SELU_SCALE * SELU_ALPHA
    delta *= scratch
    np.greater(a, 0, out=scratch)
    scratch *= 1 / SELU_ALPHA - 1
    scratch += 1
    delta *= scratch


def chain_softmax(a: Array, delta: Array, scratch: Array) -> None:
    """Multiply each row of `delta` by the Jacobian of softmax: a_i (delta_i - sum_k delta_k a_k)."""
    delta -= np.einsum("nk,nk->n", delta, a)[:, np.newaxis]
    delta *= a


def chain_softplus(a: Array, delta: Array, scratch: Array) -> None:
    """Multiply delta by sigmoid(z) = 1 - exp(-a)."""
    np.negative(a, out=scratch)
    np.expm1(scratch, out=scratch)
    delta *= scratch
    np.negative(delta, out=delta)


def drop_vanished(delta: Array, beside: float) -> None:
    """Round delta, shape (n, units), to zero where it is nothing beside a number."""
    delta += beside
    delta -= beside


# -- updates, on flat arrays: the gradient is used up, see `optimizers` for the equations -------------------


def add_penalty(weights: Array, gradient: Array, strength: float) -> None:
    """Add strength times the weights to their gradient."""
    gradient += strength * weights


def sgd(theta: Array, gradient: Array, learning_rate: float) -> None:
    """Take the learning rate times the gradient from theta."""
    gradient *= learning_rate
    theta -= gradient


def momentum(
    theta: Array,
    gradient: Array,
    velocity: Array,
    learning_rate: float,
    mu: float,
    nesterov: bool,
    scratch: Array,
) -> None:
    """Move the velocity, and theta by it."""
    gradient *= learning_rate
    velocity *= mu
    velocity -= gradient
    if nesterov:
        np.multiply(velocity, mu, out=scratch)
        theta += scratch
        theta -= gradient
    else:
        theta += velocity


def adam(
    theta: Array,
    gradient: Array,
    mean: Array,
    square: Array,
    betas: tuple[float, float],
    epsilon: float,
    scale: float,
    decay: float,
    beside: float,
    scratch: Array,
) -> None:
    """Move the means, and theta by their quotient.

    The means are kept without their factors (1 - beta), which are in `epsilon` and `scale`. The gradient is
    first rounded to zero where it is nothing beside `beside`; theta is first multiplied by `decay`.
    """
    if decay != 1:
        theta *= decay
    if beside:
        gradient += beside
        gradient -= beside
    mean *= betas[0]
    mean += gradient
    gradient *= gradient
    square *= betas[1]
    square += gradient
    np.sqrt(square, out=scratch)
    scratch += epsilon
    np.divide(mean, scratch, out=scratch)
    scratch *= scale
    theta -= scratch


# -- inputs -------------------------------------------------------------------------------------------------


def gather_scaled(
    source: NDArray[Any], rows: NDArray[np.intp], divisor: float, out: Array, scratch: NDArray[Any]
) -> None:
    """Write some rows of `source`, divided, to `out`; `scratch` has the dtype of `source`."""
    # "clip" spares numpy a hidden copy that it makes to leave `out` untouched when an index is bad
    source.take(rows, axis=0, out=scratch, mode="clip")
    np.copyto(out, scratch, casting="unsafe")
    out /= divisor


# -- products with the entries of mostly-zero inputs, held as a CSR matrix holds them -----------------------


def add_entries(
    pointers: NDArray[np.intp],
    indices: NDArray[np.int32],
    values: Array,
    rows: NDArray[np.intp],
    weight: Array,
    out: Array,
) -> None:
    """Add the product of some rows of the matrix with `weight`, shape (n_features, units), to `out`."""
    for i, row in enumerate(rows):
        entries = slice(pointers[row], pointers[row + 1])
        out[i] += values[entries] @ weight[indices[entries]]


def sort_by_column(
    pointers: NDArray[np.intp],
    indices: NDArray[np.int32],
    values: Array,
    rows: NDArray[np.intp],
    ends: NDArray[np.intp],
    sorted_rows: NDArray[np.int32],
    sorted_values: Array,
) -> None:
    """Write the entries of some rows as a CSC matrix has them.

    ``ends[j]`` is where column j ends, of n_features + 1 entries. `sorted_rows` counts within `rows`.
    """
    counts = pointers[rows + 1] - pointers[rows]
    entries = np.concatenate([np.arange(pointers[row], pointers[row + 1]) for row in rows])
    order = np.argsort(indices[entries], kind="stable")
    sorted_rows[: len(entries)] = np.repeat(np.arange(len(rows)), counts)[order]
    sorted_values[: len(entries)] = values[entries][order]
    ends[:-1] = np.cumsum(np.bincount(indices[entries], minlength=len(ends) - 1))
    ends[-1] = len(entries)


def entries_gradient(
    ends: NDArray[np.intp], rows: NDArray[np.int32], values: Array, delta: Array, out: Array
) -> None:
    """Write the transposed matrix' product with `delta`, shape (n, units), to `out`, (n_features, units).

    The entries of the matrix are as `sort_by_column` left them.
    """
    out[...] = 0
    column = np.searchsorted(ends[:-1], np.arange(ends[-1]), side="right")
    np.add.at(out, column, values[: ends[-1], np.newaxis] * delta[rows[: ends[-1]]])
