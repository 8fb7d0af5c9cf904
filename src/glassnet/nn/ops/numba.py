"""The element-wise kernels in loops that Numba compiles: one pass over memory where NumPy needs several.

The names and signatures are those of the module `numpy`, which says what each computes. The results are the
same to the last bit, so that it may be decided by the work at hand which of the two answers. That takes the
same operations in the same order, and leaves exponentials, logarithms and the sums of rows to NumPy, which
rounds them otherwise than compiled code does. Products with the entries of split inputs are the exception.

Imported by `ops.ready` only, since Numba takes half a second to import. Every function is a serial loop, so
that no second pool of threads stands beside BLAS's, and is kept on disk once it is compiled.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, typeof

from glassnet._common.arrays import Array
from glassnet.nn.ops._kernel_cache import KernelCache
from glassnet.nn.ops.numpy import (
    LEAK as LEAK,
    SELU_ALPHA as SELU_ALPHA,
    SELU_SCALE as SELU_SCALE,
    bias_elu as bias_elu,
    bias_exp as bias_exp,
    bias_sigmoid as bias_sigmoid,
    bias_softplus as bias_softplus,
    bias_tanh as bias_tanh,
    chain_elu as chain_elu,
    chain_identity as chain_identity,
    chain_softmax as chain_softmax,
    chain_softplus as chain_softplus,
    sigmoid as sigmoid,
    softmax as softmax,
)

splits_inputs = True


def compile_kernel(function: Callable[..., Any]) -> Any:
    """Let Numba compile a function, and keep what comes out."""
    kernel: Any = njit(error_model="numpy", nogil=True)(function)
    kernel._cache = KernelCache(function)  # noqa: SLF001  # where Numba's own would be, had it another door
    return kernel


# -- bias and activation: z += bias; out = f(z). NaN stays NaN, so comparisons are turned around.
#    out may be z itself: a loop that cannot tell is not vectorised, so each row is gone through twice -----


@compile_kernel
def is_same(z: Any, out: Any) -> Any:
    return z.ctypes.data == out.ctypes.data


@compile_kernel
def bias_identity(z: Any, bias: Any, out: Any, scratch: Any) -> None:
    in_place = is_same(z, out)
    for i in range(z.shape[0]):
        row, result = z[i], out[i]
        for j in range(row.size):
            row[j] += bias[j]
        if not in_place:
            for j in range(row.size):
                result[j] = row[j]


@compile_kernel
def bias_relu(z: Any, bias: Any, out: Any, scratch: Any) -> None:
    nothing, in_place = z.dtype.type(0), is_same(z, out)
    for i in range(z.shape[0]):
        row, result = z[i], out[i]
        for j in range(row.size):
            row[j] += bias[j]
        if in_place:
            for j in range(row.size):
                row[j] = nothing if row[j] <= 0 else row[j]
        else:
            for j in range(row.size):
                result[j] = nothing if row[j] <= 0 else row[j]


@compile_kernel
def bias_leaky_relu(z: Any, bias: Any, out: Any, scratch: Any) -> None:
    leak, in_place = z.dtype.type(LEAK), is_same(z, out)
    for i in range(z.shape[0]):
        row, result = z[i], out[i]
        for j in range(row.size):
            row[j] += bias[j]
        if in_place:
            for j in range(row.size):
                row[j] = row[j] * leak if row[j] <= 0 else row[j]
        else:
            for j in range(row.size):
                result[j] = row[j] * leak if row[j] <= 0 else row[j]


def bias_selu(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write SELU_SCALE (z where z > 0, else SELU_ALPHA (exp(z) - 1)) to `out`."""
    bias_half_below(z, bias, scratch)
    np.tanh(scratch, out=scratch)
    join_selu(z, scratch, out)


@compile_kernel
def bias_half_below(z: Any, bias: Any, half: Any) -> None:
    nothing, factor = z.dtype.type(0), z.dtype.type(0.5)
    for i in range(z.shape[0]):
        row, below = z[i], half[i]
        for j in range(row.size):
            row[j] += bias[j]
        for j in range(row.size):
            below[j] = (nothing if row[j] > 0 else row[j]) * factor


@compile_kernel
def join_selu(z: Any, t: Any, out: Any) -> None:
    number = z.dtype.type
    nothing, one, twice, scale = number(0), number(1), number(2 * SELU_ALPHA), number(SELU_SCALE)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            below = one / (one / t[i, j] - one) * twice
            out[i, j] = ((nothing if z[i, j] <= 0 else z[i, j]) + below) * scale


def bias_mish(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write z tanh(log(1 + exp(z))) to `out`."""
    bias_below_40(z, bias, scratch)
    np.exp(scratch, out=scratch)
    join_mish(z, scratch, out)


@compile_kernel
def bias_below_40(z: Any, bias: Any, out: Any) -> None:
    most = z.dtype.type(40)
    for i in range(z.shape[0]):
        row, below = z[i], out[i]
        for j in range(row.size):
            row[j] += bias[j]
        for j in range(row.size):
            below[j] = most if row[j] >= most else row[j]


@compile_kernel
def join_mish(z: Any, u: Any, out: Any) -> None:
    two = z.dtype.type(2)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            w = (u[i, j] + two) * u[i, j]
            out[i, j] = z[i, j] * (w / (w + two))


@compile_kernel
def blend(z: Any, f: Any, share: Any, out: Any) -> None:
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            out[i, j] = (f[i, j] - z[i, j]) * share[j] + z[i, j]


def bias_softmax(z: Array, bias: Array, out: Array, scratch: Array) -> None:
    """Add `bias` to z and write exp(z) / sum(exp(z)) of each row to `out`."""
    bias_below_top(z, bias, out)
    np.exp(out, out=out)
    divide_rows(out, np.einsum("nk->n", out))


@compile_kernel
def bias_below_top(z: Any, bias: Any, out: Any) -> None:
    for i in range(z.shape[0]):
        for k in range(z.shape[1]):
            z[i, k] += bias[k]
        top = z[i, 0]
        for k in range(z.shape[1]):
            if not z[i, k] <= top:
                top = z[i, k]
        for k in range(z.shape[1]):
            out[i, k] = z[i, k] - top


@compile_kernel
def divide_rows(out: Any, by: Any) -> None:
    for i in range(out.shape[0]):
        for k in range(out.shape[1]):
            out[i, k] /= by[i]


def softmax_losses(z: Array, a: Array, y: Array) -> Array:
    """Return -sum_k y_k log a_k for each sample, shape (n,)."""
    losses: Array = np.empty(len(z), z.dtype)
    largest: Array = np.empty(len(z), z.dtype)
    find_top(z, a, losses, largest)
    losses -= np.einsum("nk,nk->n", y, z)
    np.log(largest, out=largest)
    losses -= largest
    return losses


@compile_kernel
def find_top(z: Any, a: Any, top: Any, top_of_a: Any) -> None:
    for i in range(z.shape[0]):
        best = 0
        for k in range(z.shape[1]):
            if not z[i, k] <= z[i, best]:
                best = k
        top[i] = z[i, best]
        top_of_a[i] = a[i, best]


# -- gradients: delta *= f'(z), from the output a ------------------------------------------------------------


@compile_kernel
def chain_relu(a: Any, delta: Any, scratch: Any) -> None:
    nothing = delta.dtype.type(0)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            delta[i, j] = delta[i, j] if a[i, j] > 0 else nothing


@compile_kernel
def chain_leaky_relu(a: Any, delta: Any, scratch: Any) -> None:
    leak = delta.dtype.type(LEAK)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            delta[i, j] = delta[i, j] if a[i, j] > 0 else delta[i, j] * leak


@compile_kernel
def chain_selu(a: Any, delta: Any, scratch: Any) -> None:
    number = delta.dtype.type
    bottom, above = number(SELU_SCALE * SELU_ALPHA), number(1 / SELU_ALPHA - 1) + number(1)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            delta[i, j] = delta[i, j] * bottom * above if a[i, j] > 0 else delta[i, j] * (a[i, j] + bottom)


def mish_slope(z: Array, delta: Array, scratch: Array) -> None:
    """Multiply delta by t + z (1 - t^2) u / (u + 1), with t the hyperbolic tangent of `bias_mish`."""
    np.minimum(z, 40, out=scratch)
    np.exp(scratch, out=scratch)
    times_mish_slope(z, scratch, delta)


@compile_kernel
def times_mish_slope(z: Any, u: Any, delta: Any) -> None:
    one, two = z.dtype.type(1), z.dtype.type(2)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            t = (u[i, j] + two) * u[i, j]
            t = t / (t + two)
            delta[i, j] = delta[i, j] * (u[i, j] / (u[i, j] + one) * (one - t * t) * z[i, j] + t)


@compile_kernel
def chain_sigmoid(a: Any, delta: Any, scratch: Any) -> None:
    one = delta.dtype.type(1)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            delta[i, j] = delta[i, j] * a[i, j] * (one - a[i, j])


@compile_kernel
def chain_tanh(a: Any, delta: Any, scratch: Any) -> None:
    one = delta.dtype.type(1)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            delta[i, j] *= one - a[i, j] * a[i, j]


@compile_kernel
def drop_vanished(delta: Any, beside: Any) -> None:
    small = delta.dtype.type(beside)
    for i in range(delta.shape[0]):
        for j in range(delta.shape[1]):
            delta[i, j] = (delta[i, j] + small) - small


# -- updates -----------------------------------------------------------------------------------------------


@compile_kernel
def add_penalty(weights: Any, gradient: Any, strength: Any) -> Any:
    factor = weights.dtype.type(strength)
    for i in range(weights.size):
        gradient[i] += factor * weights[i]


@compile_kernel
def sgd(theta: Any, gradient: Any, learning_rate: Any) -> None:
    rate = theta.dtype.type(learning_rate)
    for i in range(theta.size):
        theta[i] -= rate * gradient[i]


@compile_kernel
def momentum(
    theta: Any,
    gradient: Any,
    velocity: Any,
    learning_rate: Any,
    mu: Any,
    nesterov: Any,
    scratch: Any,
) -> None:
    rate, keep = theta.dtype.type(learning_rate), theta.dtype.type(mu)
    for i in range(theta.size):
        step = rate * gradient[i]
        velocity[i] = keep * velocity[i] - step
        theta[i] = (theta[i] + keep * velocity[i]) - step if nesterov else theta[i] + velocity[i]


@compile_kernel
def adam(
    theta: Any,
    gradient: Any,
    mean: Any,
    square: Any,
    betas: Any,
    epsilon: Any,
    scale: Any,
    decay: Any,
    beside: Any,
    scratch: Any,
) -> None:
    beta_1, beta_2 = theta.dtype.type(betas[0]), theta.dtype.type(betas[1])
    floor, rate, keep = theta.dtype.type(epsilon), theta.dtype.type(scale), theta.dtype.type(decay)
    small = theta.dtype.type(beside)
    for i in range(theta.size):
        slope = (gradient[i] + small) - small
        mean[i] = beta_1 * mean[i] + slope
        square[i] = beta_2 * square[i] + slope * slope
        theta[i] = keep * theta[i] - rate * (mean[i] / (np.sqrt(square[i]) + floor))


@compile_kernel
def gather_scaled(source: Any, rows: Any, divisor: Any, out: Any, scratch: Any) -> None:
    by = out.dtype.type(divisor)
    for i in range(rows.size):
        row = rows[i]
        for j in range(source.shape[1]):
            out[i, j] = source[row, j] / by


# -- products with the entries of mostly-zero inputs: four at a time, to touch `out` less often ------------


@compile_kernel
def add_entries(pointers: Any, indices: Any, values: Any, rows: Any, weight: Any, out: Any) -> None:
    for i in range(rows.size):
        place, end = pointers[rows[i]], pointers[rows[i] + 1]
        target = out[i]
        while place + 4 <= end:
            x0, x1, x2, x3 = values[place], values[place + 1], values[place + 2], values[place + 3]
            w0, w1 = weight[indices[place]], weight[indices[place + 1]]
            w2, w3 = weight[indices[place + 2]], weight[indices[place + 3]]
            for k in range(target.size):
                target[k] += (x0 * w0[k] + x1 * w1[k]) + (x2 * w2[k] + x3 * w3[k])
            place += 4
        for p in range(place, end):
            x, w = values[p], weight[indices[p]]
            for k in range(target.size):
                target[k] += x * w[k]


@compile_kernel
def sort_by_column(
    pointers: Any, indices: Any, values: Any, rows: Any, ends: Any, sorted_rows: Any, sorted_values: Any
) -> None:
    ends[:] = 0
    for i in range(rows.size):
        for p in range(pointers[rows[i]], pointers[rows[i] + 1]):
            ends[indices[p] + 1] += 1
    for j in range(1, ends.size):
        ends[j] += ends[j - 1]
    # ends[j] is where column j begins; it moves on to where the column ends, which is where ends[j + 1] began
    for i in range(rows.size):
        for p in range(pointers[rows[i]], pointers[rows[i] + 1]):
            place = ends[indices[p]]
            sorted_rows[place] = i
            sorted_values[place] = values[p]
            ends[indices[p]] = place + 1


@compile_kernel
def entries_gradient(ends: Any, rows: Any, values: Any, delta: Any, out: Any) -> None:
    place = 0
    for j in range(out.shape[0]):
        target, end = out[j], ends[j]
        target[:] = 0
        while place + 4 <= end:
            x0, x1, x2, x3 = values[place], values[place + 1], values[place + 2], values[place + 3]
            d0, d1 = delta[rows[place]], delta[rows[place + 1]]
            d2, d3 = delta[rows[place + 2]], delta[rows[place + 3]]
            for k in range(target.size):
                target[k] += (x0 * d0[k] + x1 * d1[k]) + (x2 * d2[k] + x3 * d3[k])
            place += 4
        while place < end:
            x, d = values[place], delta[rows[place]]
            for k in range(target.size):
                target[k] += x * d[k]
            place += 1


def is_on_disk(dtype: np.dtype[Any]) -> bool:
    """Return whether `warm_up` has compiled the kernels for a dtype before, on this machine."""
    vector = np.ones(2, dtype)
    types = tuple(map(typeof, (vector, vector, 0.0)))
    return KernelCache(add_penalty.py_func).load_overload(types, add_penalty.targetctx) is not None


def warm_up(dtype: np.dtype[Any]) -> int:
    """Load every kernel from disk, or compile it, for one dtype; return how many were compiled."""
    matrix, vector = np.ones((2, 2), dtype), np.ones(2, dtype)
    for kernel in (bias_identity, bias_relu, bias_leaky_relu, bias_selu, bias_mish, bias_softmax):
        kernel(matrix, vector, matrix, matrix)
    blend(matrix, matrix, vector, matrix)
    softmax_losses(matrix, matrix, matrix)
    for kernel in (chain_relu, chain_leaky_relu, chain_selu, chain_sigmoid, chain_tanh, mish_slope):
        kernel(matrix, matrix, matrix)
    drop_vanished(matrix, 0.0)
    sgd(vector, vector, 0.0)
    momentum(vector, vector, vector, 0.0, 0.9, True, vector)
    adam(vector, vector, vector, vector, (0.9, 0.999), 1e-8, 0.0, 1.0, 0.0, vector)
    rows = np.zeros(1, np.intp)
    images = np.ones((1, 2), np.uint8)
    gather_scaled(images, rows, 255.0, matrix, images)
    pointers, indices = np.array([0, 1]), np.zeros(1, np.int32)
    add_entries(pointers, indices, vector, rows, matrix, matrix)
    sort_by_column(pointers, indices, vector, rows, np.zeros(3, np.intp), indices, vector)
    entries_gradient(pointers, indices, vector, matrix, matrix)
    add_penalty(vector, vector, 0.0)  # the last one: `is_on_disk` looks for it
    compiled: list[Any] = [kernel for kernel in globals().values() if hasattr(kernel, "py_func")]
    return sum(sum(kernel.stats.cache_misses.values()) for kernel in compiled)
