"""Activations of the hidden layers: a function, its gradient, and how both run without new arrays.

An activation is one value of the class `Activation` and one entry of the table `ACTIVATIONS`. A
function, its gradient and its formula are enough; the two kernels only spare time. The tests in
``tests/laws`` check every entry's gradient against central differences, and its kernels and its formula
against its function.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.ops.twins import TWINS


@dataclass(frozen=True)
class Activation:
    """Name a function of the pre-activation z, with its gradient and the kernels that run it in place.

    Parameters
    ----------
    name : str
        The key in `ACTIVATIONS`, and the string of the public API.
    function : callable
        ``a = function(z)``, element by element; z of any shape and floating dtype.
    gradient : callable
        ``da/dz = gradient(z)``, as a function of the *pre-activation* z.
    kernel : callable, optional
        ``kernel(z, out, scratch)`` writes ``function(z)`` to `out`, which may be z itself. `scratch` is
        an array of the same shape to work in. Without it `function` runs and its result is copied.
    chain : callable, optional
        ``chain(a, delta, scratch)`` multiplies `delta` by da/dz in place, from the *output* a. Without
        it z is kept and `gradient` runs.
    kinks : tuple of float
        The z at which the gradient jumps; a gradient check leaves steps across them out.
    formula : str
        The function as one types it, in z and Python's notation: ``"max(0, z)"``. It stands above a worked
        example, for whose lines a calculator may have no key.
    slope : str
        The gradient likewise, in the output a, where one would write it out: ``"a*(1 - a)"``.
    label : str
        What the function is called in formulas, ``"ReLU"``, where that is not its name.
    """

    name: str
    function: Callable[[Array], Array]
    gradient: Callable[[Array], Array]
    kernel: Callable[[Array, Array, Array], object] | None = None
    chain: Callable[[Array, Array, Array], object] | None = None
    kinks: tuple[float, ...] = ()
    formula: str = ""
    slope: str = ""
    label: str = ""

    @property
    def needs_z(self) -> bool:
        """Whether the backward pass needs z itself, because the output does not tell the gradient."""
        return self.chain is None

    def apply(self, z: Array, out: Array, scratch: Array) -> None:
        """Write a = f(z) to `out`; all three arrays have one shape."""
        if self.kernel is None:
            out[...] = self.function(z)
        else:
            self.kernel(z, out, scratch)

    def apply_with_bias(self, z: Array, bias: Array, out: Array, scratch: Array) -> None:
        """Add `bias`, shape (units,), to z in place, and write a = f(z) to `out`."""
        twin = TWINS.get(self.function) if self.kernel is not None else None
        if twin is not None:
            twin(z, bias, out)
        else:
            z += bias
            self.apply(z, out, scratch)

    def multiply_gradient(self, z: Array, a: Array, delta: Array, scratch: Array) -> None:
        """Turn dLoss/da into dLoss/dz, in place: delta *= f'(z); all four arrays have one shape."""
        if self.chain is None:
            delta *= self.gradient(z)
        else:
            TWINS.get(self.chain, self.chain)(a, delta, scratch)


LN_2 = 0.6931471805599453


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z)), without overflow for any finite z.

    exp(-z) is cut where its reciprocal would leave the range of the dtype's normal numbers, so that the
    result for a very negative z is not 0 but 2^-125 in float32, 2^-1021 in float64.
    """
    z = np.asarray(z)
    out = np.empty_like(z, dtype=np.result_type(z, np.float32))
    _sigmoid_kernel(z, out, out)
    return out


def sigmoid_gradient(z: Array) -> Array:
    """Return the derivative a (1 - a) with a = sigmoid(z)."""
    a = sigmoid(z)
    return np.asarray(a * (1 - a))


def _sigmoid_kernel(z: Array, out: Array, scratch: Array) -> None:
    largest_exponent = (np.finfo(out.dtype).maxexp - 3) * LN_2  # 86.6 in float32, 707.7 in float64
    np.maximum(z, -largest_exponent, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    out += 1
    np.reciprocal(out, out=out)


def _sigmoid_chain(a: Array, delta: Array, scratch: Array) -> None:
    delta *= a
    np.subtract(1, a, out=scratch)
    delta *= scratch


def tanh(z: Array) -> Array:
    """Return the hyperbolic tangent of z."""
    return np.asarray(np.tanh(z))


def tanh_gradient(z: Array) -> Array:
    """Return the derivative 1 - tanh(z)^2."""
    return np.asarray(1 - np.tanh(z) ** 2)


def _tanh_kernel(z: Array, out: Array, scratch: Array) -> None:
    np.tanh(z, out=out)


def _tanh_chain(a: Array, delta: Array, scratch: Array) -> None:
    np.multiply(a, a, out=scratch)
    np.subtract(1, scratch, out=scratch)
    delta *= scratch


def relu(z: Array) -> Array:
    """Return max(z, 0), the rectified linear unit."""
    return np.maximum(z, 0)


def relu_gradient(z: Array) -> Array:
    """Return the derivative: 1 where z > 0, else 0 (0 at the kink z = 0)."""
    z = np.asarray(z)
    return np.asarray((z > 0).astype(np.result_type(z, np.float32)))


def _relu_kernel(z: Array, out: Array, scratch: Array) -> None:
    np.maximum(z, 0, out=out)


def _relu_chain(a: Array, delta: Array, scratch: Array) -> None:
    np.greater(a, 0, out=scratch)
    delta *= scratch


LEAK = 0.01
"""Slope of the leaky ReLU for z < 0 (Maas, Hannun and Ng 2013)."""


def leaky_relu(z: Array) -> Array:
    """Return z where z > 0, else 0.01 z."""
    return np.maximum(z, np.multiply(z, LEAK))


def leaky_relu_gradient(z: Array) -> Array:
    """Return the derivative: 1 where z > 0, else 0.01 (0.01 at the kink z = 0)."""
    z = np.asarray(z)
    return np.asarray(np.where(z > 0, 1, LEAK).astype(np.result_type(z, np.float32)))


def _leaky_relu_kernel(z: Array, out: Array, scratch: Array) -> None:
    np.multiply(z, LEAK, out=scratch)
    np.maximum(z, scratch, out=out)


def _leaky_relu_chain(a: Array, delta: Array, scratch: Array) -> None:
    np.greater(a, 0, out=scratch)  # a has the sign of z
    np.maximum(scratch, LEAK, out=scratch)
    delta *= scratch


def elu(z: Array) -> Array:
    """Return z where z > 0, else exp(z) - 1 (Clevert, Unterthiner and Hochreiter 2016, alpha = 1)."""
    return np.asarray(np.maximum(z, 0) + np.expm1(np.minimum(z, 0)))


def elu_gradient(z: Array) -> Array:
    """Return the derivative: 1 where z > 0, else exp(z)."""
    return np.asarray(np.exp(np.minimum(z, 0)))


def _elu_kernel(z: Array, out: Array, scratch: Array) -> None:
    np.minimum(z, 0, out=scratch)
    np.expm1(scratch, out=scratch)
    np.maximum(z, 0, out=out)
    out += scratch


def _elu_chain(a: Array, delta: Array, scratch: Array) -> None:
    np.minimum(a, 0, out=scratch)
    scratch += 1
    delta *= scratch


def softplus(z: Array) -> Array:
    """Return log(1 + exp(z)), a smooth ReLU, without overflow."""
    return np.asarray(np.logaddexp(z, np.zeros((), np.asarray(z).dtype)))


def _softplus_kernel(z: Array, out: Array, scratch: Array) -> None:
    np.logaddexp(z, np.zeros((), z.dtype), out=out)


def _softplus_chain(a: Array, delta: Array, scratch: Array) -> None:
    np.negative(a, out=scratch)  # sigmoid(z) = 1 - exp(-a)
    np.expm1(scratch, out=scratch)
    delta *= scratch
    np.negative(delta, out=delta)


def silu(z: Array) -> Array:
    """Return z sigmoid(z), also called swish (Elfwing, Uchibe and Doya 2018)."""
    return np.asarray(z * sigmoid(z))


def silu_gradient(z: Array) -> Array:
    """Return the derivative s (1 + z (1 - s)) with s = sigmoid(z)."""
    s = sigmoid(z)
    return np.asarray(s * (1 + z * (1 - s)))


def gelu(z: Array) -> Array:
    """Return z Phi(z), with Phi the normal distribution function, exactly (Hendrycks and Gimpel 2016)."""
    return np.asarray(z * _normal_distribution(z))


def gelu_gradient(z: Array) -> Array:
    """Return the derivative Phi(z) + z phi(z), with phi the normal density."""
    z = np.asarray(z)
    return np.asarray(_normal_distribution(z) + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi))


def _normal_distribution(z: Array) -> Array:
    from scipy.special import ndtr

    return np.asarray(ndtr(z))


def identity(z: Array) -> Array:
    """Return z unchanged."""
    return np.array(z)


def identity_gradient(z: Array) -> Array:
    """Return 1 everywhere."""
    return np.ones_like(z)


def _identity_kernel(z: Array, out: Array, scratch: Array) -> None:
    if out is not z:
        np.copyto(out, z)


def _identity_chain(a: Array, delta: Array, scratch: Array) -> None:
    """Leave delta as it is: the gradient is 1."""


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation(
            "sigmoid",
            sigmoid,
            sigmoid_gradient,
            _sigmoid_kernel,
            _sigmoid_chain,
            formula="1/(1 + exp(-z))",
            slope="a*(1 - a)",
        ),
        Activation(
            "tanh", tanh, tanh_gradient, _tanh_kernel, _tanh_chain, formula="tanh(z)", slope="1 - a**2"
        ),
        Activation(
            "relu",
            relu,
            relu_gradient,
            _relu_kernel,
            _relu_chain,
            kinks=(0.0,),
            formula="max(0, z)",
            label="ReLU",
        ),
        Activation(
            "leaky_relu",
            leaky_relu,
            leaky_relu_gradient,
            _leaky_relu_kernel,
            _leaky_relu_chain,
            kinks=(0.0,),
            formula=f"z if z > 0 else {LEAK}*z",
            label="LeakyReLU",
        ),
        Activation(
            "elu",
            elu,
            elu_gradient,
            _elu_kernel,
            _elu_chain,
            formula="z if z > 0 else exp(z) - 1",
            label="ELU",
        ),
        Activation(
            "softplus", softplus, sigmoid, _softplus_kernel, _softplus_chain, formula="log(1 + exp(z))"
        ),
        Activation("silu", silu, silu_gradient, formula="z/(1 + exp(-z))", label="SiLU"),
        Activation("gelu", gelu, gelu_gradient, formula="z*(1 + erf(z/sqrt(2)))/2", label="GELU"),
        Activation("identity", identity, identity_gradient, _identity_kernel, _identity_chain, formula="z"),
    )
}
"""The activations by name."""
