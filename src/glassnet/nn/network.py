"""The two passes of the network: forward and backward.

Everything here takes exact arrays: 2-D, of one floating dtype, batch first. Nothing is checked and nothing
is allocated; the friendly layer above does the checking, and a `Workspace` holds every intermediate.
"""

from dataclasses import dataclass

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn import ops
from glassnet.nn._denormals import drop_vanished
from glassnet.nn.activations import Activation
from glassnet.nn.architecture import Architecture as Architecture, Parameters as Parameters
from glassnet.nn.layers import run
from glassnet.nn.losses import Head
from glassnet.nn.workspace import Workspace as Workspace


@dataclass(frozen=True)
class Dropout:
    """Drop each hidden unit with a fixed probability, anew for every sample (Srivastava et al. 2014).

    The outputs that are kept are divided by the share that is kept, so that a network that predicts needs
    no change.

    Parameters
    ----------
    rate : float
        Probability of dropping, in (0, 1); the nearest multiple of 2^-16 is taken.
    rng : Generator
    """

    rate: float
    rng: np.random.Generator

    def apply(self, a: Array, mask: Array, out: Array) -> Array:
        """Draw `mask` and write what it leaves of `a` to `out`; all of shape (n, units)."""
        kept = max(round((1 - self.rate) * 2**16), 1)
        # 16 bits tell whether a unit stays, four of them a draw: a number for each takes three times as long
        drawn = self.rng.bit_generator.random_raw(-(-mask.size // 4)).view(np.uint16)[: mask.size]
        np.less(drawn.reshape(mask.shape), kept, out=mask)
        mask *= 2**16 / kept
        return np.multiply(a, mask, out=out)


def forward(
    architecture: Architecture,
    parameters: Parameters,
    X: Array,
    workspace: Workspace,
    dropout: Dropout | None = None,
) -> Array:
    """Compute the network's output for a batch.

    Parameters
    ----------
    architecture : Architecture
    parameters : Parameters
    X : ndarray of shape (n, n_features)
    workspace : Workspace
        With rows == n; its z and a are overwritten.
    dropout : Dropout, optional
        In training only.

    Returns
    -------
    ndarray of shape (n, n_outputs)
        The activations of the last layer, ``workspace.a[-1]``.

    Notes
    -----
    Layer by layer: ``z = a_previous @ W + b`` and ``a = f(z)``. What stands in front of a layer, such as an
    embedding of a table's columns, and dropout come between. Of members that share the weights (see
    `glassnet.nn.members`), n counts the rows of each one after the other, and the last layer's arrays have a
    leading axis for them.
    """
    layers: list[Activation | Head] = [*architecture.activations, architecture.head]
    a = X  # (n, n_features)
    with np.errstate(over="ignore", invalid="ignore"):  # a loss that is not finite is reported as such
        for i, (before, layer) in enumerate(zip(architecture.in_front, layers, strict=True)):
            if before is not None:
                a = run(before, parameters.before[i], a, workspace.kept[i])
            if dropout is not None and i > 0:
                a = dropout.apply(a, workspace.masks[i - 1], out=workspace.fed[i - 1])
            workspace.inputs[i] = a  # (n, fan_in)
            z = np.matmul(a, parameters.weights[i], out=workspace.z[i])  # (n, fan_out)
            a = workspace.a[i]  # (n, fan_out)
            layer.apply_with_bias(z, parameters.biases[i], a, workspace.scratch[i])
    return a


def backward(
    architecture: Architecture,
    parameters: Parameters,
    X: Array,
    y: Array,
    workspace: Workspace,
    gradient: Parameters,
    sample_weight: Array | None = None,
) -> float:
    """Compute the loss of the batch that `forward` just saw, and its gradient.

    Parameters
    ----------
    architecture : Architecture
    parameters : Parameters
    X : ndarray of shape (n, n_features)
        What `forward` was given.
    y : ndarray of shape (n, n_outputs)
        Targets; one-hot rows for a classification.
    workspace : Workspace
        As `forward` left it; its deltas are overwritten.
    gradient : Parameters
        Overwritten with dLoss/dtheta.
    sample_weight : ndarray of shape (n,), optional
        Makes the mean over the samples a weighted one; they do not sum to 0.

    Returns
    -------
    float
        Mean over the samples of the head's loss.

    Notes
    -----
    With delta = dLoss/dz, from the last layer to the first::

        delta_L = (a_L - y) / n                   or dLoss/da_L * f'(z_L), see `glassnet.nn.losses`
        dLoss/dW_i = a_{i-1}^T delta_i        dLoss/db_i = sum over samples of delta_i
        delta_{i-1} = (delta_i W_i^T) * f'(z_{i-1})
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        head, z, a = architecture.head, workspace.z[-1], workspace.a[-1]  # (n, n_outputs)
        losses = head.losses(z, a, y)  # (n,)
        delta = head.delta(z, a, y, out=workspace.deltas[-1])  # (n, n_outputs)
        if sample_weight is None:
            delta /= len(y)
            loss = float(losses.sum()) / len(y)
        else:
            delta *= (sample_weight / sample_weight.sum())[:, np.newaxis]
            loss = float(losses @ sample_weight) / float(sample_weight.sum())
        for i in reversed(range(len(workspace.inputs))):
            before, below = architecture.in_front[i], workspace.below[i]  # (n, fan_in)
            np.matmul(workspace.inputs[i].mT, delta, out=gradient.weights[i])  # (fan_in, fan_out)
            np.matmul(workspace.ones[i], delta, out=gradient.biases[i])  # (fan_out,)
            if below is not None:
                delta = np.matmul(delta, parameters.weights[i].mT, out=below)
            if workspace.masks and i > 0:
                delta *= workspace.masks[i - 1]
            if before is not None:
                out = workspace.deltas[i - 1] if i > 0 else None  # (n, fan_out of the layer below)
                before.backward(parameters.before[i], gradient.before[i], delta, workspace.kept[i], out)
                delta = delta if out is None else out
            if i > 0:
                architecture.activations[i - 1].multiply_gradient(
                    workspace.z[i - 1], workspace.a[i - 1], delta, workspace.scratch[i - 1]
                )
                drop_vanished(delta)
    return loss


def add_penalty(parameters: Parameters, gradient: Parameters, strength: float) -> float:
    """Add the gradient of the penalty strength/2 * sum(W^2) on the weights; return the penalty.

    Parameters
    ----------
    parameters : Parameters
    gradient : Parameters
        Added to; biases are not penalised.
    strength : float
    """
    weights = parameters.flat_weights
    with np.errstate(over="ignore", invalid="ignore"):
        ops.add_penalty(weights, gradient.flat_weights, strength)
        return 0.5 * strength * float(weights @ weights)
