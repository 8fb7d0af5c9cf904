"""Output activations: those of the hidden layers, and some that only outputs have."""

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn import ops
from glassnet.nn.activations import ACTIVATIONS, Activation, Range


def softmax(z: Array) -> Array:
    """Return exp(z) / sum(exp(z)) along the last axis, stable for any finite z.

    The row's maximum is subtracted first; that changes nothing but the range of the exponentials.
    """
    z = np.asarray(z)
    rows = z.reshape(-1, z.shape[-1])
    out = np.empty(rows.shape, np.result_type(z, np.float32))
    ops.softmax(rows, out)
    return out.reshape(z.shape)


def softmax_gradient(z: Array) -> Array:
    """Return a (1 - a), how far each output follows its own z; `ops.chain_softmax` has the others too."""
    a = softmax(z)
    return np.asarray(a * (1 - a))


def exponential(z: Array) -> Array:
    """Return exp(z), which is its own derivative."""
    return np.asarray(np.exp(z))


def step(z: Array) -> Array:
    """Return 1 where z > 0, else 0: the perceptron's threshold."""
    z = np.asarray(z)
    return np.asarray((z > 0).astype(np.result_type(z, np.float32)))


def step_gradient(z: Array) -> Array:
    """Return the derivative: 0 everywhere but at the jump z = 0."""
    return np.zeros_like(z)


OUTPUTS: dict[str, Activation] = ACTIVATIONS | {
    output.name: output
    for output in (
        Activation(
            "softmax",
            softmax,
            softmax_gradient,
            "bias_softmax",
            "chain_softmax",
            formula="exp(z)/sum(exp(z))",
            slope="a*(1 - a)",
            range=Range(0, 1),
            sums_to_one=True,
            elsewhere={"onnx": "Softmax(z)", "torch": "Softmax(dim=-1)", "keras": "Softmax()"},
        ),
        Activation(
            "exp",
            exponential,
            exponential,
            "bias_exp",
            formula="exp(z)",
            slope="a",
            range=Range(0),
            elsewhere={"keras": "Activation('exponential')"},
        ),
        Activation(
            "step",
            step,
            step_gradient,
            kinks=(0.0,),
            formula="1 if z > 0 else 0",
            range=Range(0, 1, attained=True),
        ),
    )
}
"""What an output may be, by name; `ACTIVATIONS` has those that hidden layers may be too."""
