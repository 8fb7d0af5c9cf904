"""Heads: the output layer's activation fused with the loss that fits it.

A softmax goes with the categorical cross-entropy, a sigmoid with the binary one, the identity with
the squared error, the exponential with the Poisson deviance. In each of these pairs the activation's
derivative cancels against the loss's, and what remains is exact::

    delta = dLoss/dz = a - y

The absolute error and Huber's loss go with the identity, and cut that difference: to its sign, and to
-1 ... 1. No other pairing is offered, so no loss can meet an output that it does not fit. The loss of a
batch is the *mean over its samples* of the loss of a sample, which is the *sum over its outputs*.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn import ops
from glassnet.nn.activations import ACTIVATIONS, Activation


@dataclass(frozen=True)
class Targets:
    """Say which targets a loss is made for.

    Parameters
    ----------
    expected : str
        In words, for the message to whoever has others.
    otherwise : str
        What such others are, likewise: ``some values are`` it.
    fit : callable
        ``fit(y)`` says whether finite targets y, shape (n, n_outputs), are such.
    """

    expected: str
    otherwise: str
    fit: Callable[[Array], bool]


@dataclass(frozen=True)
class Head:
    """Pair an output activation with its loss.

    Parameters
    ----------
    name : str
        The key in `LOSSES`, and the string of the public API.
    output : str
        The name of the output activation: that of its entry in `ACTIVATIONS`, where it has one.
    kernel : str
        Name in `ops` of ``kernel(z, bias, out, scratch)``, which adds the bias to z and writes the output a,
        shape (n, n_outputs), to `out`, which may be z.
    sample_losses : callable
        ``sample_losses(z, a, y)`` returns the loss of each sample, shape (n,).
    best_constant : callable
        ``best_constant(y)`` returns the z, shape (n_outputs,), of the best answer that is the same for all
        samples: the one whose loss is the least. For Huber's loss that is so of targets within 1 of it.
    cut : callable, optional
        ``cut(difference)`` turns a - y into delta, in place, where that is not delta itself.
    makes_classifier : bool
        Whether the largest output tells the class, once trained on one-hot rows.
    gives_probabilities : bool
        Whether the outputs are probabilities, so that the loss is none for a regression.
    kinks : tuple of float
        The a - y at which delta jumps; a gradient check leaves steps across them out.
    loss_formula : str
        The loss of one output, in a, y and Python's notation, as a worked example writes it.
    delta_formula : str
        Likewise delta; `cut` is the function that it names.
    definitions : mapping of str to str
        What functions of the formulas are, in z, for which a calculator may have no key; the loss itself
        may be one, under the head's name.
    targets : Targets, optional
        Which targets the loss is made for, where not any numbers will do.
    """

    name: str
    output: str
    kernel: str
    sample_losses: Callable[[Array, Array, Array], Array]
    best_constant: Callable[[Array], Array]
    cut: Callable[[Array], object] | None = None
    makes_classifier: bool = False
    gives_probabilities: bool = False
    kinks: tuple[float, ...] = ()
    loss_formula: str = ""
    delta_formula: str = "a - y"
    definitions: Mapping[str, str] = field(default_factory=dict, hash=False)
    targets: Targets | None = None

    def __repr__(self) -> str:
        return f"<Head {self.name}>"

    @property
    def activation(self) -> Activation | None:
        """The entry of `ACTIVATIONS` that is the output's; None where the table has none."""
        return ACTIVATIONS.get(self.output)

    def apply_with_bias(self, z: Array, bias: Array, out: Array, scratch: Array) -> None:
        """Add `bias`, shape (n_outputs,), to z in place, and write the output a to `out`."""
        getattr(ops, self.kernel)(z, bias, out, scratch)

    def losses(self, z: Array, a: Array, y: Array) -> Array:
        """Return the loss of each sample, shape (n,)."""
        return self.sample_losses(z, a, y)

    def delta(self, a: Array, y: Array, out: Array) -> Array:
        """Write dLoss/dz, of the loss of each sample, to `out`; all of shape (n, n_outputs)."""
        np.subtract(a, y, out=out)
        if self.cut is not None:
            self.cut(out)
        return out


def softmax(z: Array) -> Array:
    """Return exp(z) / sum(exp(z)) along the last axis, stable for any finite z.

    The row's maximum is subtracted first; that changes nothing but the range of the exponentials.
    """
    z = np.asarray(z)
    rows = z.reshape(-1, z.shape[-1])
    out = np.empty(rows.shape, np.result_type(z, np.float32))
    ops.softmax(rows, out)
    return out.reshape(z.shape)


def _softmax_cross_entropy(z: Array, a: Array, y: Array) -> Array:
    """Return -sum_k y_k log a_k for each sample; every row of y sums to 1."""
    return ops.softmax_losses(z, a, y)


def _sigmoid_cross_entropy(z: Array, a: Array, y: Array) -> Array:
    """Return -sum_k [y_k log a_k + (1 - y_k) log(1 - a_k)] for each sample.

    Written as max(z, 0) - y z + log(1 + exp(-|z|)), which never takes the logarithm of 0.
    """
    return np.asarray((np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))).sum(axis=1))


def _squared_error(z: Array, a: Array, y: Array) -> Array:
    """Return 1/2 sum_k (a_k - y_k)^2 for each sample."""
    difference = a - y
    return np.asarray(0.5 * np.einsum("nk,nk->n", difference, difference))


def _poisson(z: Array, a: Array, y: Array) -> Array:
    """Return sum_k a_k - y_k + y_k log(y_k / a_k), half the Poisson deviance, for each sample; y >= 0.

    Written with log a_k = z_k, and y log y = 0 where y = 0.
    """
    y_log_y = y * np.log(np.where(y > 0, y, 1))
    return np.asarray((a - y + y_log_y - y * z).sum(axis=1))


def _absolute_error(z: Array, a: Array, y: Array) -> Array:
    """Return sum_k |a_k - y_k| for each sample."""
    return np.asarray(np.abs(a - y).sum(axis=1))


def _sign(difference: Array) -> None:
    np.sign(difference, out=difference)


def _huber(z: Array, a: Array, y: Array) -> Array:
    """Return sum_k d_k^2 / 2 where |d_k| <= 1, else |d_k| - 1/2, with d = a - y, for each sample."""
    d = np.abs(a - y)
    cut = np.minimum(d, 1)
    return np.asarray((cut * (d - 0.5 * cut)).sum(axis=1))


def _clip(difference: Array) -> None:
    np.clip(difference, -1, 1, out=difference)


_TINY = 1e-12
"""What a mean counts as at least where its logarithm is taken."""


def _mean(y: Array) -> Array:
    return np.asarray(y.mean(axis=0, dtype=np.float64))


def _median(y: Array) -> Array:
    return np.asarray(np.median(y, axis=0).astype(np.float64))


def _log_of_mean(y: Array) -> Array:
    return np.asarray(np.log(np.clip(_mean(y), _TINY, None)))


def _log_odds_of_mean(y: Array) -> Array:
    mean = _mean(y)
    return np.asarray(np.log(np.clip(mean, _TINY, None) / np.clip(1 - mean, _TINY, None)))


def _are_shares(y: Array) -> bool:
    return bool((y >= 0).all() and np.allclose(y.sum(axis=1), 1))


def _are_chances(y: Array) -> bool:
    return bool(((y >= 0) & (y <= 1)).all())


def _are_counts(y: Array) -> bool:
    return bool((y >= 0).all())


LOSSES: dict[str, Head] = {
    head.name: head
    for head in (
        Head(
            "softmax_cross_entropy",
            "softmax",
            "bias_softmax",
            _softmax_cross_entropy,
            _log_of_mean,
            loss_formula="-y*log(a)",
            definitions={"softmax": "exp(z)/sum(exp(z))"},
            targets=Targets("rows that sum to 1, such as 0,1,0", "no shares of 1", _are_shares),
            makes_classifier=True,
            gives_probabilities=True,
        ),
        Head(
            "sigmoid_cross_entropy",
            "sigmoid",
            "bias_sigmoid",
            _sigmoid_cross_entropy,
            _log_odds_of_mean,
            loss_formula="-y*log(a) - (1 - y)*log(1 - a)",
            targets=Targets("numbers from 0 to 1", "below 0 or above 1", _are_chances),
            makes_classifier=True,
            gives_probabilities=True,
        ),
        Head(
            "squared_error",
            "identity",
            "bias_identity",
            _squared_error,
            _mean,
            loss_formula="(a - y)**2/2",
            makes_classifier=True,
        ),
        Head(
            "poisson",
            "exp",
            "bias_exp",
            _poisson,
            _log_of_mean,
            loss_formula="a - y + y*log(y/a)",
            targets=Targets("counts of at least 0", "negative", _are_counts),
        ),
        Head(
            "absolute_error",
            "identity",
            "bias_identity",
            _absolute_error,
            _median,
            cut=_sign,
            kinks=(0.0,),
            loss_formula="abs(a - y)",
            delta_formula="sign(a - y)",
        ),
        Head(
            "huber",
            "identity",
            "bias_identity",
            _huber,
            _mean,
            cut=_clip,
            loss_formula="huber(a - y)",
            delta_formula="clip(a - y, -1, 1)",
            definitions={"huber": "z**2/2 if abs(z) < 1 else abs(z) - 1/2"},
        ),
    )
}
"""The heads by the name of their loss."""
