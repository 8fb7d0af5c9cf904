"""Heads: the output's activation together with the loss.

A softmax goes with the categorical cross-entropy, a sigmoid with the binary one, the identity with
the squared error, the exponential with the Poisson deviance, a step with the perceptron's rule. In each of
these pairs, the entries of `LOSSES`, the activation's derivative cancels against the loss's, and what remains
is exact::

    delta = dLoss/dz = a - y

The absolute error and Huber's loss go with the identity, and cut that difference: to its sign, and to
-1 ... 1. So does the pinball loss, of quantiles: to 1 - tau above the target, and -tau below.

Any other output that makes sense with a loss is a head of `head_of`, which writes the chain out::

    delta = dLoss/da * f'(z)

Which do is decided by `head_of` alone, from what a loss says of the outputs it is for and from the range of
the activation. The loss of a batch is the *mean over its samples* of the loss of a sample, which is the *sum
over its outputs*.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.nn import ops
from glassnet.nn.activations import ANY_NUMBER, Activation, Range
from glassnet.nn.outputs import OUTPUTS, softmax as softmax
from glassnet.nn.quantiles import LevelCut, LevelLosses, LevelQuantiles, check_quantiles


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
        The name of the output activation in `OUTPUTS`.
    sample_losses : callable
        ``sample_losses(z, a, y)`` returns the loss of each sample, shape (n,).
    best_constant : callable
        ``best_constant(y)`` returns the z, shape (n_outputs,), of the best answer that is the same for all
        samples: the one whose loss is the least. For Huber's loss that is so of targets within 1 of it.
    cut : callable, optional
        ``cut(difference)`` turns a - y into delta, in place, where that is not delta itself.
    slopes : callable, optional
        ``slopes(a, y)`` returns dLoss/da of each output, where that is not a - y, cut.
    link : callable, optional
        ``link(a)`` returns the z that `sample_losses` takes, where it takes one, for an output a of another
        activation.
    chained : bool
        Whether delta is dLoss/da times the slope of the activation, written out: not fused.
    makes_classifier : bool
        Whether the largest output tells the class, once trained on one-hot rows.
    gives_probabilities : bool
        Whether the outputs are probabilities.
    estimates_numbers : bool
        Whether the loss is one for a regression.
    kinks : tuple of float
        The a - y at which delta jumps; a gradient check leaves steps across them out.
    domain : Range
        Between which numbers an output must lie, so that the loss and its slope are numbers.
    reach : tuple of float
        What an output must be able to be, and more than that, so that the loss can become 0.
    alone : str
        Why the loss goes with this output only, where it does.
    loss_formula : str
        The loss of one output, in z, a, y and Python's notation, as a worked example writes it.
    delta_formula : str
        Likewise delta; `cut` is the function that it names.
    slope_formula : str
        Likewise dLoss/da, where it is not the same.
    definitions : mapping of str to str
        What functions of the formulas are, in z, for which a calculator may have no key; the loss itself
        may be one, under the head's name.
    targets : Targets, optional
        Which targets the loss is made for, where not any numbers will do.
    quantiles : tuple of float
        The levels of the quantiles that the outputs estimate, where they do: one for each output, or one for
        all of them.
    members : int
        How many networks share the weights, with outputs of their own: see `glassnet.nn.members`.
    elsewhere : mapping of str to tuple of str
        What the loss is called in other libraries. Of PyTorch's classes the first takes z, where the output
        belongs to the loss, and the others take outputs.
    """

    name: str
    output: str
    sample_losses: Callable[[Array, Array, Array], Array]
    best_constant: Callable[[Array], Array]
    cut: Callable[[Array], object] | None = None
    slopes: Callable[[Array, Array], Array] | None = None
    link: Callable[[Array], Array] | None = None
    chained: bool = False
    makes_classifier: bool = False
    gives_probabilities: bool = False
    estimates_numbers: bool = False
    kinks: tuple[float, ...] = ()
    domain: Range = ANY_NUMBER
    reach: tuple[float, ...] = ()
    alone: str = ""
    loss_formula: str = ""
    delta_formula: str = "a - y"
    slope_formula: str = ""
    definitions: Mapping[str, str] = field(default_factory=dict, hash=False)
    targets: Targets | None = None
    quantiles: tuple[float, ...] = ()
    members: int = 1
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def __repr__(self) -> str:
        return f"<Head {self.name}>"

    @property
    def activation(self) -> Activation:
        """The output's activation."""
        return OUTPUTS[self.output]

    @property
    def label(self) -> str:
        """The name of the loss, with that of the output where it is not the usual one."""
        return self.name if is_usual(self) else f"{self.name} of {self.output} outputs"

    def apply_with_bias(self, z: Array, bias: Array, out: Array, scratch: Array) -> None:
        """Add `bias`, shape (n_outputs,), to z in place, and write the output a to `out`."""
        self.activation.apply_with_bias(z, bias, out, scratch)

    def losses(self, z: Array, a: Array, y: Array) -> Array:
        """Return the loss of each sample, shape (n,)."""
        if self.chained and self.link is not None:
            z = self.link(a)
        return self.sample_losses(z, a, y)

    def delta(self, z: Array, a: Array, y: Array, out: Array) -> Array:
        """Write dLoss/dz, of the loss of each sample, to `out`; all of shape (n, n_outputs)."""
        if self.chained and self.slopes is not None:
            out[...] = self.slopes(a, y)
        else:
            np.subtract(a, y, out=out)
            if self.cut is not None:
                self.cut(out)
        if self.chained:
            self.activation.multiply_gradient(z, a, out, np.empty_like(out))
        return out

    def answers(self, a: Array) -> Array:
        """Return what the network answers, shape (n, n_outputs): its outputs, here."""
        return a

    def answer_losses(self, z: Array, a: Array, y: Array) -> Array:
        """Return the loss of what the network answers for each sample, shape (n,)."""
        return self.losses(z, a, y)

    def constant_losses(self, y: Array) -> Array:
        """Return the loss of each sample for the best answer that is the same for all, shape (n,).

        That answer is the same whatever output gives it; of rows that sum to 1 it may not quite be within
        reach of the absolute error.
        """
        head = self if is_usual(self) else head_of(self.name, quantiles=self.quantiles or None)
        return head.losses_at(head.best_constant(y), y)

    def losses_at(self, z: Array, y: Array) -> Array:
        """Return the loss of each sample, shape (n,), where z, shape (n_outputs,), is the same for all."""
        rows = np.tile(z, (len(y), 1))
        a = np.empty_like(rows)
        self.apply_with_bias(rows, np.zeros(len(z)), a, np.empty_like(rows))
        return self.losses(rows, a, y.astype(np.float64))

    @property
    def all_targets(self) -> tuple[Targets, ...]:
        """What targets must be: what the loss is made for, and what the output can come near to."""
        own = () if self.targets is None else (self.targets,)
        if not self.chained or is_usual(self):
            return own
        return (*own, _SHARES) if self.activation.sums_to_one else (*own, *_within(self.activation.range))


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


def _hinge(z: Array, a: Array, y: Array) -> Array:
    """Return sum_k max(1 - s_k a_k, 0) with s = 2 y - 1, for each sample: y of 0 and 1 stand for -1 and 1."""
    return np.asarray(np.maximum(1 - (2 * y - 1) * a, 0).sum(axis=1))


def _hinge_slopes(a: Array, y: Array) -> Array:
    sign = 2 * y - 1
    return np.asarray(np.where(sign * a < 1, -sign, 0))


def _perceptron(z: Array, a: Array, y: Array) -> Array:
    """Return sum_k (a_k - y_k) z_k for each sample, with y of 0 and 1: |z_k| where the output is wrong.

    Its slope is a - y, so that a step of gradient descent is Rosenblatt's rule, w <- w + lr (y - a) x.
    """
    return np.asarray(((a - y) * z).sum(axis=1))


def _shares_slopes(a: Array, y: Array) -> Array:
    """Return -y / a, the slope of -y log a."""
    return np.asarray(-y / _inside(a))


def _chances_slopes(a: Array, y: Array) -> Array:
    """Return (a - y) / (a (1 - a)), the slope of the binary cross-entropy."""
    inner = _inside(a)
    return np.asarray((a - y) / (inner * _inside(1 - a)))


def _counts_slopes(a: Array, y: Array) -> Array:
    """Return 1 - y / a, the slope of the Poisson deviance."""
    return np.asarray(1 - y / _inside(a))


def _log_odds(a: Array) -> Array:
    return np.asarray(np.log(_inside(a)) - np.log(_inside(1 - a)))


def _log(a: Array) -> Array:
    return np.asarray(np.log(_inside(a)))


def _inside(a: Array) -> Array:
    """Return outputs that floating point has made 0 as the smallest beside 1, so that loss and slope stay."""
    return np.asarray(np.maximum(a, np.finfo(a.dtype).eps))


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


def _nothing(y: Array) -> Array:
    return np.zeros(y.shape[1])


def _nearest_side(y: Array) -> Array:
    return np.asarray(np.where(_mean(y) > 0.5, 1.0, -1.0))


def _are_shares(y: Array) -> bool:
    return bool((y >= 0).all() and np.allclose(y.sum(axis=1), 1))


def _are_chances(y: Array) -> bool:
    return bool(((y >= 0) & (y <= 1)).all())


def _are_counts(y: Array) -> bool:
    return bool((y >= 0).all())


def _are_sides(y: Array) -> bool:
    return bool(((y == 0) | (y == 1)).all())


def pinball(quantiles: float | Sequence[float] | Array = 0.5) -> Head:
    """Return the head of the pinball loss: its outputs estimate quantiles of the target.

    Parameters
    ----------
    quantiles : float or sequence of float
        The level tau of all outputs, or of each output, in ascending order: ``(0.1, 0.5, 0.9)`` is for three
        outputs, whose targets are three equal columns.

    Returns
    -------
    Head
        The loss of a sample is the sum over its outputs of max(tau (y - a), (tau - 1) (y - a)), as the losses
        of all heads are sums over the outputs.

    Raises
    ------
    InvalidParameterError
        When a level is outside of 0 ... 1, or they do not ascend.

    References
    ----------
    Koenker, Bassett (1978), Regression quantiles.

    Examples
    --------
    >>> pinball((0.1, 0.9)).losses(z := np.zeros((1, 2)), z, np.full((1, 2), 5.0)).tolist()
    [5.0]
    """
    levels = check_quantiles(quantiles)
    delta, definitions = "", {}
    if len(levels) == 1:  # several have no formula in common
        tau = levels[0]
        delta = "sign(a - y)/2" + (
            f" {'+' if tau < 0.5 else '-'} {abs(0.5 - tau):.15g}" if tau != 0.5 else ""
        )
        definitions = {"pinball": f"max({1 - tau:.15g}*z, -{tau:.15g}*z)"}
    return Head(
        "pinball",
        "identity",
        LevelLosses(levels),
        LevelQuantiles(levels),
        cut=LevelCut(levels),
        kinks=(0.0,),
        loss_formula="pinball(a - y)",
        delta_formula=delta,
        definitions=definitions,
        estimates_numbers=True,
        quantiles=levels,
    )


_SHARES = Targets("rows that sum to 1, such as 0,1,0", "no shares of 1", _are_shares)
_SIDES = Targets("numbers that are 0 or 1", "neither 0 nor 1", _are_sides)


def _within(values: Range) -> tuple[Targets, ...]:
    """Return what targets must be so that an output can come near to them; nothing where any can be."""
    low, high = values.low, values.high
    if (low, high) == (-math.inf, math.inf):
        return ()
    words = f"numbers from {low:g} to {high:g}" if high < math.inf else f"numbers of at least {low:g}"
    return (Targets(words, "out of the output's reach", lambda y: bool(((y >= low) & (y <= high)).all())),)


LOSSES: dict[str, Head] = {
    head.name: head
    for head in (
        Head(
            "softmax_cross_entropy",
            "softmax",
            _softmax_cross_entropy,
            _log_of_mean,
            link=_log,
            loss_formula="-y*log(a)",
            targets=_SHARES,
            alone="the outputs of a sample must sum to 1",
            makes_classifier=True,
            gives_probabilities=True,
            elsewhere={
                "torch": ("CrossEntropyLoss", "NLLLoss"),
                "keras": ("categorical_crossentropy", "sparse_categorical_crossentropy"),
            },
        ),
        Head(
            "sigmoid_cross_entropy",
            "sigmoid",
            _sigmoid_cross_entropy,
            _log_odds_of_mean,
            slopes=_chances_slopes,
            link=_log_odds,
            domain=Range(0, 1),
            loss_formula="-y*log(a) - (1 - y)*log(1 - a)",
            slope_formula="(a - y)/(a*(1 - a))",
            targets=Targets("numbers from 0 to 1", "below 0 or above 1", _are_chances),
            makes_classifier=True,
            gives_probabilities=True,
            elsewhere={"torch": ("BCEWithLogitsLoss", "BCELoss"), "keras": ("binary_crossentropy",)},
        ),
        Head(
            "squared_error",
            "identity",
            _squared_error,
            _mean,
            loss_formula="(a - y)**2/2",
            makes_classifier=True,
            estimates_numbers=True,
            elsewhere={"torch": ("MSELoss",), "keras": ("mean_squared_error", "mse")},
        ),
        Head(
            "poisson",
            "exp",
            _poisson,
            _log_of_mean,
            slopes=_counts_slopes,
            link=_log,
            domain=Range(0),
            loss_formula="a - y + y*log(y/a)",
            slope_formula="1 - y/a",
            targets=Targets("counts of at least 0", "negative", _are_counts),
            estimates_numbers=True,
            elsewhere={"torch": ("PoissonNLLLoss",), "keras": ("poisson",)},
        ),
        Head(
            "absolute_error",
            "identity",
            _absolute_error,
            _median,
            cut=_sign,
            kinks=(0.0,),
            loss_formula="abs(a - y)",
            delta_formula="sign(a - y)",
            estimates_numbers=True,
            elsewhere={"torch": ("L1Loss",), "keras": ("mean_absolute_error", "mae")},
        ),
        Head(
            "huber",
            "identity",
            _huber,
            _mean,
            cut=_clip,
            loss_formula="huber(a - y)",
            delta_formula="clip(a - y, -1, 1)",
            definitions={"huber": "z**2/2 if abs(z) < 1 else abs(z) - 1/2"},
            estimates_numbers=True,
            elsewhere={"torch": ("HuberLoss", "SmoothL1Loss"), "keras": ("huber",)},
        ),
        pinball(),
        Head(
            "hinge",
            "identity",
            _hinge,
            _nearest_side,
            slopes=_hinge_slopes,
            chained=True,
            kinks=(-1.0, 0.0),
            reach=(-1.0, 1.0),
            loss_formula="max(1 - (2*y - 1)*a, 0)",
            slope_formula="(1 - 2*y)*step(1 - (2*y - 1)*a)",
            definitions={"step": OUTPUTS["step"].formula},
            targets=_SIDES,
            makes_classifier=True,
        ),
        Head(
            "perceptron",
            "step",
            _perceptron,
            _nothing,
            kinks=(-0.5, 0.5),
            alone="its rule is that of outputs of 0 and 1",
            loss_formula="(a - y)*z",
            targets=_SIDES,
        ),
    )
}
"""The heads by the name of their loss, each with its usual output."""


def is_usual(head: Head) -> bool:
    """Say whether a head has the output that its loss has by itself; one that is in no table has."""
    usual = LOSSES.get(head.name)
    return usual is None or usual.output == head.output


def head_of(loss: str, output: str | None = None, quantiles: float | Sequence[float] | None = None) -> Head:
    """Return the head of a loss and an output activation.

    Parameters
    ----------
    loss : str
        A name from `LOSSES`.
    output : str, optional
        A name from `OUTPUTS`; the one that belongs to the loss unless given.
    quantiles : float or sequence of float, optional
        The levels of the loss "pinball", see `pinball`; the median unless given.

    Returns
    -------
    Head
        That of `LOSSES`, where the output is its own: then the derivatives cancel.

    Raises
    ------
    UnknownNameError
        When there is no such loss or output.
    InvalidParameterError
        When the loss makes no sense with the output, or has no quantiles.

    Examples
    --------
    >>> head_of("squared_error", "sigmoid").chained, head_of("squared_error") is LOSSES["squared_error"]
    (True, True)
    """
    head = lookup(LOSSES, loss, "loss")
    if quantiles is not None:
        if not head.quantiles:
            raise InvalidParameterError(
                f"got quantiles={quoted(quantiles)} with the loss {loss}; only the loss pinball has any."
            )
        head = pinball(quantiles)
    if output is None or output == head.output:
        return head
    activation = lookup(OUTPUTS, output, "output activation")
    why = _why_not(head, activation)
    if why:
        fitting = [
            name for name, other in OUTPUTS.items() if name == head.output or not _why_not(head, other)
        ]
        raise InvalidParameterError(
            f"got {output} outputs with the loss {loss}, which make no sense together: {why}. Outputs for "
            f"{loss}: {', '.join(fitting)}."
        )
    return replace(
        head,
        output=output,
        chained=True,
        gives_probabilities=activation.range == Range(0, 1),
        delta_formula="",
        slope_formula=head.slope_formula or head.delta_formula,
    )


def _why_not(head: Head, activation: Activation) -> str:
    """Return why a loss makes no sense with an output that is not its own; nothing if it does."""
    values, domain = activation.range, head.domain
    if head.alone:
        return head.alone
    if not activation.gradient(np.linspace(-2.0, 2.0, 5)).any():
        return "the slope of the output is 0 everywhere, so that nothing would be learnt"
    touches = values.attained and (values.low == domain.low or values.high == domain.high)
    if values.low < domain.low or values.high > domain.high or (touches and domain != ANY_NUMBER):
        limits = f"from 0 to {domain.high:g}" if domain.high < math.inf else "above 0"
        return f"it takes the logarithm of an output, which must lie {limits}, never on the limit"
    if head.reach and not values.low < min(head.reach) <= max(head.reach) < values.high:
        return "its outputs must be able to lie beyond " + " and ".join(f"{r:g}" for r in head.reach)
    return ""
