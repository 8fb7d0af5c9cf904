"""Activations of the hidden layers: a function, its gradient, and how both run without new arrays.

An activation is one value of the class `Activation` and one entry of the table `ACTIVATIONS`. A
function, its gradient and its formula are enough; kernels in `ops`, which it names, only spare time. The
tests in ``tests/laws`` check every entry's gradient against central differences, and its kernels and its
formula against its function.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn import ops
from glassnet.nn.ops import numpy as plain


class Range(NamedTuple):
    """Hold the numbers between which the values of a function lie.

    Attributes
    ----------
    low, high : float
    attained : bool
        Whether a finite one of them is a value too, and not only come near to.
    """

    low: float = -math.inf
    high: float = math.inf
    attained: bool = False


ANY_NUMBER = Range()


@dataclass(frozen=True)
class Activation:
    """Name a function of the pre-activation z, with its gradient and the names of kernels for both.

    Parameters
    ----------
    name : str
        The key in `ACTIVATIONS`, and the string of the public API.
    function : callable
        ``a = function(z)``, element by element; z of any shape and floating dtype.
    gradient : callable
        ``da/dz = gradient(z)``, as a function of the *pre-activation* z.
    kernel : str, optional
        Name in `ops` of ``kernel(z, bias, out, scratch)``, which adds the bias to z and writes
        ``function(z)`` to `out`. Without it `function` runs and its result is copied.
    chain : str, optional
        Name in `ops` of ``chain(a, delta, scratch)``, which multiplies `delta` by da/dz in place, from the
        *output* a. Without it z is kept, and `slope_kernel` or `gradient` runs.
    slope_kernel : str, optional
        Name in `ops` of ``slope(z, delta, scratch)``, which does so from z.
    kinks : tuple of float
        The z at which the gradient jumps; a gradient check leaves steps across them out.
    formula : str
        The function as one types it, in z and Python's notation: ``"max(0, z)"``. It stands above a worked
        example, for whose lines a calculator may have no key.
    slope : str
        The gradient likewise, in the output a, where one would write it out: ``"a*(1 - a)"``.
    label : str
        What the function is called in formulas, ``"ReLU"``, where that is not its name.
    symbol : str
        The name of the Greek letter that stands for it where formulas are set: ``"sigma"``.
    glorot_factor : float
        The estimators' weights that lead to such units are drawn, as scikit-learn draws them, within the
        square root of this by fan_in + fan_out (Glorot and Bengio 2010).
    range : Range
        Between which numbers its values lie: any, unless stated. It tells which losses it fits as an output.
    sums_to_one : bool
        Whether the values of a row sum to 1, so that each depends on the whole row. A gradient is then that
        of each value by its own z alone, and `chain` has all of them.
    elsewhere : mapping of str to str
        What the function is in other libraries: under "onnx" a formula in which names with a capital are
        ONNX's operators, where that is better than `formula`, from which it is made otherwise; under "torch"
        and "keras" the layer that is it, as one makes it.
    """

    name: str
    function: Callable[[Array], Array]
    gradient: Callable[[Array], Array]
    kernel: str | None = None
    chain: str | None = None
    slope_kernel: str | None = None
    kinks: tuple[float, ...] = ()
    formula: str = ""
    slope: str = ""
    label: str = ""
    symbol: str = ""
    glorot_factor: float = 6.0
    range: Range = ANY_NUMBER
    sums_to_one: bool = False
    elsewhere: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __repr__(self) -> str:
        return f"<Activation {self.name}>"

    @property
    def needs_z(self) -> bool:
        """Whether the backward pass needs z itself, because the output does not tell the gradient."""
        return self.chain is None

    def apply_with_bias(self, z: Array, bias: Array, out: Array, scratch: Array) -> None:
        """Add `bias`, shape (units,), to z in place, and write a = f(z) to `out`, which may be z.

        z, `out` and `scratch`, which is there to work in, have the shape (n, units).
        """
        if self.kernel is None:
            z += bias
            out[...] = self.function(z)
        else:
            getattr(ops, self.kernel)(z, bias, out, scratch)

    def multiply_gradient(self, z: Array, a: Array, delta: Array, scratch: Array) -> None:
        """Turn dLoss/da into dLoss/dz, in place: ``delta *= f'(z)``; all four arrays have one shape."""
        if self.chain is not None:
            getattr(ops, self.chain)(a, delta, scratch)
        elif self.slope_kernel is not None:
            getattr(ops, self.slope_kernel)(z, delta, scratch)
        else:
            delta *= self.gradient(z)


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z)), without overflow for any finite z.

    exp(-z) is cut where its reciprocal would leave the range of the dtype's normal numbers, so that the
    result for a very negative z is not 0 but 2^-125 in float32, 2^-1021 in float64.
    """
    z = np.asarray(z)
    out = np.empty_like(z, dtype=np.result_type(z, np.float32))
    ops.sigmoid(z, out)
    return out


def sigmoid_gradient(z: Array) -> Array:
    """Return the derivative a (1 - a) with a = sigmoid(z)."""
    a = sigmoid(z)
    return np.asarray(a * (1 - a))


def tanh(z: Array) -> Array:
    """Return the hyperbolic tangent of z."""
    return np.asarray(np.tanh(z))


def tanh_gradient(z: Array) -> Array:
    """Return the derivative 1 - tanh(z)^2."""
    return np.asarray(1 - np.tanh(z) ** 2)


def relu(z: Array) -> Array:
    """Return max(z, 0), the rectified linear unit."""
    return np.maximum(z, 0)


def relu_gradient(z: Array) -> Array:
    """Return the derivative: 1 where z > 0, else 0 (0 at the kink z = 0)."""
    z = np.asarray(z)
    return np.asarray((z > 0).astype(np.result_type(z, np.float32)))


LEAK = ops.LEAK
"""Slope of the leaky ReLU for z < 0 (Maas, Hannun and Ng 2013)."""


def leaky_relu(z: Array) -> Array:
    """Return z where z > 0, else 0.01 z."""
    return np.maximum(z, np.multiply(z, LEAK))


def leaky_relu_gradient(z: Array) -> Array:
    """Return the derivative: 1 where z > 0, else 0.01 (0.01 at the kink z = 0)."""
    z = np.asarray(z)
    return np.asarray(np.where(z > 0, 1, LEAK).astype(np.result_type(z, np.float32)))


def elu(z: Array) -> Array:
    """Return z where z > 0, else exp(z) - 1 (Clevert, Unterthiner and Hochreiter 2016, alpha = 1)."""
    return np.asarray(np.maximum(z, 0) + np.expm1(np.minimum(z, 0)))


def elu_gradient(z: Array) -> Array:
    """Return the derivative: 1 where z > 0, else exp(z)."""
    return np.asarray(np.exp(np.minimum(z, 0)))


def selu(z: Array) -> Array:
    """Return 1.0507 z where z > 0, else 1.0507 * 1.6733 (exp(z) - 1) (Klambauer et al. 2017)."""
    z = np.array(z, np.result_type(z, np.float32))
    out = np.empty_like(z)
    plain.bias_selu(z, np.zeros((), z.dtype), out, np.empty_like(z))
    return out


def selu_gradient(z: Array) -> Array:
    """Return the derivative: 1.0507 where z > 0, else 1.0507 * 1.6733 exp(z)."""
    z = np.asarray(z)
    slope = np.where(z > 0, 1, ops.SELU_ALPHA * np.exp(np.minimum(z, 0)))
    return np.asarray(ops.SELU_SCALE * slope).astype(np.result_type(z, np.float32))


def mish(z: Array) -> Array:
    """Return z tanh(softplus(z)) (Misra 2019)."""
    z = np.array(z, np.result_type(z, np.float32))
    out = np.empty_like(z)
    plain.bias_mish(z, np.zeros((), z.dtype), out, np.empty_like(z))
    return out


def mish_gradient(z: Array) -> Array:
    """Return the derivative t + z (1 - t^2) sigmoid(z) with t = tanh(softplus(z))."""
    z = np.asarray(z, np.result_type(z, np.float32))
    slope = np.ones_like(z)
    plain.mish_slope(z, slope, np.empty_like(z))
    return slope


def softplus(z: Array) -> Array:
    """Return log(1 + exp(z)), a smooth ReLU, without overflow."""
    return np.asarray(np.logaddexp(z, np.zeros((), np.asarray(z).dtype)))


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


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation(
            "sigmoid",
            sigmoid,
            sigmoid_gradient,
            "bias_sigmoid",
            "chain_sigmoid",
            formula="1/(1 + exp(-z))",
            elsewhere={"onnx": "Sigmoid(z)", "torch": "Sigmoid()", "keras": "Activation('sigmoid')"},
            slope="a*(1 - a)",
            symbol="sigma",
            glorot_factor=2.0,
            range=Range(0, 1),
        ),
        Activation(
            "tanh",
            tanh,
            tanh_gradient,
            "bias_tanh",
            "chain_tanh",
            formula="tanh(z)",
            elsewhere={"torch": "Tanh()", "keras": "Activation('tanh')"},
            slope="1 - a**2",
            range=Range(-1, 1),
        ),
        Activation(
            "relu",
            relu,
            relu_gradient,
            "bias_relu",
            "chain_relu",
            kinks=(0.0,),
            formula="max(0, z)",
            elsewhere={"onnx": "Relu(z)", "torch": "ReLU()", "keras": "Activation('relu')"},
            label="ReLU",
            range=Range(0, attained=True),
        ),
        Activation(
            "leaky_relu",
            leaky_relu,
            leaky_relu_gradient,
            "bias_leaky_relu",
            "chain_leaky_relu",
            kinks=(0.0,),
            formula=f"z if z > 0 else {LEAK}*z",
            elsewhere={"torch": f"LeakyReLU({LEAK})", "keras": f"LeakyReLU({LEAK})"},
            label="LeakyReLU",
        ),
        Activation(
            "elu",
            elu,
            elu_gradient,
            "bias_elu",
            "chain_elu",
            formula="z if z > 0 else exp(z) - 1",
            elsewhere={"torch": "ELU()", "keras": "Activation('elu')"},
            label="ELU",
            range=Range(-1),
        ),
        Activation(
            "softplus",
            softplus,
            sigmoid,
            "bias_softplus",
            "chain_softplus",
            formula="log(1 + exp(z))",
            elsewhere={
                "onnx": "Relu(z) + log(1 + exp(-abs(z)))",  # which does not overflow
                "torch": "Softplus()",
                "keras": "Activation('softplus')",
            },
            range=Range(0),
        ),
        Activation(
            "silu",
            silu,
            silu_gradient,
            formula="z/(1 + exp(-z))",
            elsewhere={"torch": "SiLU()", "keras": "Activation('silu')"},
            label="SiLU",
            range=Range(-0.27846454276107375, attained=True),
        ),
        Activation(
            "gelu",
            gelu,
            gelu_gradient,
            formula="z*(1 + erf(z/sqrt(2)))/2",
            elsewhere={"torch": "GELU()", "keras": "Activation('gelu')"},
            label="GELU",
            range=Range(-0.16997120747990369, attained=True),
        ),
        Activation(
            "selu",
            selu,
            selu_gradient,
            "bias_selu",
            "chain_selu",
            kinks=(0.0,),
            formula=f"{ops.SELU_SCALE}*z if z > 0 else {ops.SELU_SCALE}*{ops.SELU_ALPHA}*(exp(z) - 1)",
            elsewhere={"torch": "SELU()", "keras": "Activation('selu')"},
            label="SELU",
            range=Range(-ops.SELU_SCALE * ops.SELU_ALPHA),
        ),
        Activation(
            "mish",
            mish,
            mish_gradient,
            "bias_mish",
            slope_kernel="mish_slope",
            formula="z*tanh(log(1 + exp(z)))",
            elsewhere={"torch": "Mish()", "keras": "Activation('mish')"},
            label="Mish",
            range=Range(-0.30884341301725043, attained=True),
        ),
        Activation(
            "identity",
            identity,
            identity_gradient,
            "bias_identity",
            "chain_identity",
            formula="z",
            elsewhere={"torch": "Identity()", "keras": "Activation('linear')"},
        ),
    )
}
"""The activations by name."""
