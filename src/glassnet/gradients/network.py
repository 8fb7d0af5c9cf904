"""Check the gradient of a whole network on a user's own data, layer by layer."""

from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet._common.arrays import Array
from glassnet._common.notebook import Table, render
from glassnet.errors import InvalidParameterError
from glassnet.gradients._errors import ROUNDING, STEP
from glassnet.gradients.activation import ActivationCheck, check_gradient, find_kinks
from glassnet.models.validation import check_count
from glassnet.models.view import view_of
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.gradcheck import GradientVerdict, check_backward, judge
from glassnet.nn.network import Architecture, Parameters


@dataclass(frozen=True)
class LayerCheck:
    """Compare the gradient of one layer's weights and biases with central differences.

    Attributes
    ----------
    name : str
        ``"layer 1"`` is the first hidden layer.
    shape : tuple of int
        (fan_in, fan_out) of its weights.
    relative_error : float
        Largest |analytic - numeric|, relative to the largest entry.
    verdict : GradientVerdict
        See `glassnet.nn.gradcheck.judge`; what rounding explains of the error does not count.
    checked, skipped : int
        Entries compared, and entries left out because the step across them would pass a kink.
    """

    name: str
    shape: tuple[int, int]
    relative_error: float
    verdict: GradientVerdict
    checked: int
    skipped: int


@dataclass(frozen=True)
class NetworkCheck:
    """Hold what a gradient check found in a network.

    Attributes
    ----------
    layers : tuple of LayerCheck
        The first hidden layer first.
    activations : tuple of ActivationCheck
        Of the hidden layers' activations that are not right by themselves.
    """

    layers: tuple[LayerCheck, ...]
    activations: tuple[ActivationCheck, ...]

    @property
    def relative_error(self) -> float:
        """The largest of the layers' relative errors; NaN if one is NaN."""
        return float(np.max([layer.relative_error for layer in self.layers]))

    @property
    def verdict(self) -> GradientVerdict:
        """The worst of the layers' verdicts."""
        return max((layer.verdict for layer in self.layers), key=lambda verdict: verdict.rank)

    def __repr__(self) -> str:
        return (
            f"<NetworkCheck of {len(self.layers)} layers: {self.verdict}, relative error "
            f"{self.relative_error:.1e}>"
        )

    def _repr_html_(self) -> str:
        rows = [
            (
                layer.name,
                "{} × {}".format(*layer.shape),
                layer.verdict,
                f"{layer.relative_error:.1e}",
                str(layer.checked),
                str(layer.skipped),
            )
            for layer in self.layers
        ]
        columns = ("layer", "weights", "verdict", "relative error", "entries", "left out at a kink")
        title = f"Gradient of the network: {self.verdict}"
        wrong = [f"The activation {activation}" for activation in self.activations]
        return render(title, wrong, tables=[Table(columns, rows)])

    def __str__(self) -> str:
        lines = [f"gradient of the network: {self.verdict}"]
        for layer in self.layers:
            fan_in, fan_out = layer.shape
            lines.append(
                f"  {layer.name:10}{f'{fan_in} x {fan_out}':>12}   {layer.verdict:20} relative error "
                f"{layer.relative_error:.1e}   {layer.checked} entries"
                + (f", {layer.skipped} at a kink left out" if layer.skipped else "")
            )
        return "\n".join(lines + [f"the activation {activation}" for activation in self.activations])


def check_network_gradient(
    network: Any, X: ArrayLike, y: ArrayLike | None = None, *, max_entries: int = 50, random_state: int = 0
) -> NetworkCheck:
    """Check the gradient that a network trains with against central differences of its loss.

    Parameters
    ----------
    network : NeuralNetwork, MLPClassifier, MLPRegressor or MLPAutoencoder
        glassnet's or scikit-learn's; fitted or initialised. It is not changed: the check computes with a copy
        of its weights in float64.
    X : array-like of shape (n_samples, n_features)
        A few samples are enough.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        As for `fit`; not for an autoencoder.
    max_entries : int
        How many weights, and how many biases, are compared in each layer, drawn at random. Each costs two
        forward passes.
    random_state : int
        Seed of that draw.

    Returns
    -------
    NetworkCheck
        ``print`` it; or ask it for `verdict`, `relative_error`, `layers`.

    Raises
    ------
    NotFittedError
        When the network has no weights yet.
    InvalidParameterError
        When it is none of these classes.
    InvalidDataError
        When X or y do not fit it.

    Notes
    -----
    The loss is the mean over the samples; penalties and dropout are not part of it. Kinks of your own
    activations are looked for first, see `glassnet.check_gradient`, and each activation that is wrong by
    itself is named with the likely error.

    References
    ----------
    CS231n, Neural Networks Part 3, "Gradient checks".

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> X, y = [[0.5, 1.0], [-1.0, 0.3], [0.2, -0.7]], ["a", "b", "a"]
    >>> network = NeuralNetwork(N=1, A=[3], activation="tanh", random_state=0).initialize(X, y)
    >>> check_network_gradient(network, X, y).verdict
    'good'
    """
    if isinstance(network, FunctionType):
        raise InvalidParameterError(
            "got a network of type function; expected a NeuralNetwork, MLPClassifier, MLPRegressor or "
            "MLPAutoencoder. For a function and its derivative, use glassnet.check_gradient."
        )
    view = view_of(network)
    assert view.theta is not None
    architecture, samples = view.architecture, view.samples(X, y, dtype=np.float64)
    own = {a.name: a for a in architecture.activations if ACTIVATIONS.get(a.name) is not a}
    architecture = replace(
        architecture, activations=tuple(_with_kinks(a, a.name in own) for a in architecture.activations)
    )
    parameters = Parameters(architecture, view.theta.astype(np.float64))
    inputs, targets = samples.inputs(slice(None)), samples.targets(slice(None))
    entries = _draw_entries(architecture, check_count("max_entries", max_entries), random_state)
    layers = [
        _check_layer(number, architecture, parameters, inputs, targets, chosen)
        for number, chosen in enumerate(entries, start=1)
    ]
    checks = [check_gradient(activation) for activation in own.values()]
    return NetworkCheck(tuple(layers), tuple(c for c in checks if not c.verdict.is_right))


def _with_kinks(activation: Activation, is_own: bool) -> Activation:
    """Return an activation that states its kinks; those of a user's own are looked for."""
    if not is_own or activation.kinks:
        return activation
    function = activation.function
    return replace(activation, kinks=find_kinks(lambda z: np.asarray(function(z.copy()), np.float64)))


def _draw_entries(architecture: Architecture, max_entries: int, random_state: int) -> list[NDArray[np.intp]]:
    """Return which entries of theta are compared in each layer."""
    rng = np.random.default_rng(random_state)
    places = Parameters(architecture, np.arange(architecture.n_parameters, dtype=np.float64))
    entries = []
    for weight, bias in zip(places.weights, places.biases, strict=True):
        drawn = [
            rng.choice(part.ravel(), min(max_entries, part.size), replace=False) for part in (weight, bias)
        ]
        entries.append(np.sort(np.concatenate(drawn)).astype(np.intp))
    return entries


def _check_layer(
    number: int,
    architecture: Architecture,
    parameters: Parameters,
    X: Array,
    y: Array,
    entries: NDArray[np.intp],
) -> LayerCheck:
    check = check_backward(architecture, parameters, X, y, step=STEP, entries=entries)
    scale = float(np.maximum(np.abs(check.analytic), np.abs(check.numeric)).max(initial=0))
    rounding = ROUNDING * max(1.0, check.loss)
    unexplained = check.relative_error - (rounding / scale if scale else 0.0)
    layers = (*architecture.activations, architecture.head.activation)
    has_kinks = any(layer.kinks for layer in layers) or bool(architecture.head.kinks)
    verdict = judge(unexplained, has_kinks=has_kinks)
    if 0 < scale <= 10 * rounding or not len(check.checked):
        verdict = GradientVerdict.TOO_SMALL
    is_output = number == len(architecture.layer_shapes)
    return LayerCheck(
        "output" if is_output else f"layer {number}",
        architecture.layer_shapes[number - 1],
        check.relative_error,
        verdict,
        len(check.checked),
        check.skipped,
    )
