"""What one pass through a network shows of its layers: signals, gradients, units that do nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.errors import DivergedError
from glassnet.nn.activations import Activation
from glassnet.nn.gradcheck import check_backward
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.optimizers import SGD
from glassnet.nn.samples import Samples
from glassnet.nn.training import Training, steps

FLAT = 0.05
"""A slope counts as flat below this share of the activation's steepest."""

GRADIENT_SAMPLES, GRADIENT_ENTRIES = 4, 12


@dataclass(frozen=True)
class LayerState:
    """Hold what the layers do on one batch.

    Attributes
    ----------
    loss : float
        NaN when it is not finite.
    not_finite : int or None
        The first layer with values that are not finite, from 1.
    gains : list of float
        Of each hidden layer: std(W) sqrt(fan_in), the factor by which it scales independent inputs.
    output_gain : float
        The same of the output layer.
    unit_differences : list of float
        Of each hidden layer: the largest difference between the incoming weights of two units, relative to
        the largest weight; 0 where all units are the same unit. 1 for a layer of one unit.
    spreads : list of float
        Of each hidden layer: the largest difference between two units on the same sample.
    dead : list of float
        Share of units whose slope is exactly 0 on every sample.
    flat : list of float
        Share of slopes below 5 % of the steepest, of activations without kinks; 0 of others.
    gradients : list of float
        Euclidean norm of dLoss/dW of every layer.
    deltas : list of float
        Euclidean norm of dLoss/dz of every layer.
    output_spread : float
        Largest standard deviation, over the samples, of an output; 0 when every sample gets one answer.
    size : float
        Root mean square of the weights.
    """

    loss: float
    not_finite: int | None
    gains: list[float]
    output_gain: float
    unit_differences: list[float]
    spreads: list[float]
    dead: list[float]
    flat: list[float]
    gradients: list[float]
    deltas: list[float]
    output_spread: float
    size: float

    @property
    def is_empty(self) -> bool:
        """Whether all weights are practically zero, as a penalty leaves them."""
        return self.size < 1e-3


def measure_layers(
    architecture: Architecture,
    theta: Array,
    samples: Samples,
    activations: Sequence[Activation] | None = None,
) -> LayerState:
    """Measure one step that is not taken, on a copy of the parameters and on all samples at once.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
    samples : Samples
    activations : sequence of Activation, optional
        What bends behind each hidden layer, see `View`; the architecture's unless given.
    """
    activations = architecture.activations if activations is None else activations
    parameters = Parameters(architecture, theta.copy())
    training = Training(architecture, parameters, SGD(), 1.0, len(samples), keep_z=True)
    gains = [float(weight.std()) * weight.shape[-2] ** 0.5 for weight in parameters.weights]
    size = float(np.sqrt(np.mean(np.square(parameters.flat_weights, dtype=np.float64))))
    unit_differences = [
        _difference(weight, bias)
        for weight, bias in list(zip(parameters.weights, parameters.biases, strict=True))[:-1]
    ]
    try:
        step = next(steps(training, samples, np.arange(len(samples))))
    except DivergedError as error:
        none = [0.0] * len(unit_differences)
        return LayerState(
            np.nan,
            error.layer,
            gains[:-1],
            gains[-1],
            unit_differences,
            none,
            none,
            none,
            [],
            [],
            np.nan,
            size,
        )
    slopes = [
        relative_slopes(activation, z)
        for activation, z in zip(activations, step.workspace.z[:-1], strict=True)
    ]
    return LayerState(
        loss=step.loss,
        not_finite=None,
        gains=gains[:-1],
        output_gain=gains[-1],
        unit_differences=unit_differences,
        spreads=[float(np.ptp(a, axis=1).max()) for a in step.workspace.a[:-1]],
        dead=[float((slope == 0).all(axis=0).mean()) for slope in slopes],
        flat=[
            0.0 if activation.kinks else float((slope < FLAT).mean())
            for activation, slope in zip(activations, slopes, strict=True)
        ],
        gradients=[float(np.linalg.norm(gradient)) for gradient in step.gradient.weights],
        deltas=[float(np.linalg.norm(delta)) for delta in step.workspace.deltas],
        output_spread=_spread(architecture.head.answers(step.workspace.a[-1])),
        size=size,
    )


def _difference(weight: Array, bias: Array) -> float:
    """Return the largest difference between the columns of a layer, relative to its largest weight."""
    if weight.shape[1] == 1:
        return 1.0
    largest = max(float(np.abs(weight).max()), float(np.abs(bias).max()))
    difference = max(float(np.ptp(weight, axis=1).max()), float(np.ptp(bias)))
    return difference / largest if largest else 0.0


def relative_slopes(activation: Activation, z: Array) -> NDArray[np.float64]:
    """Return |f'(z)| relative to the steepest slope between -5 and 5."""
    steepest = float(np.abs(activation.gradient(np.linspace(-5, 5, 201))).max())
    slopes = np.abs(np.asarray(activation.gradient(z), np.float64))
    return slopes / steepest if steepest else slopes


def _spread(answers: Array) -> float:
    return float(answers.std(axis=0, dtype=np.float64).max())


def measure_gradient_error(architecture: Architecture, samples: Samples, n_numbers: int) -> float:
    """Return by how much the backward pass misses the slope of the loss, in the worst layer.

    Weights are drawn anew, of a size at which every activation bends: what is checked are the functions, not
    the state of the network. The error of a layer is the median over entries of |analytic - numeric|,
    relative to the largest of them; the median, because a step across an unknown kink measures nothing.
    Of the inputs the first `n_numbers` are scaled; the others are codes.
    """
    rng = np.random.default_rng(0)
    parameters = Parameters.draw(architecture, INITIALIZERS["glorot_normal"], rng, np.float64)
    for bias in parameters.biases:
        bias[...] = rng.normal(0, 0.5, bias.shape)
    rows = slice(0, GRADIENT_SAMPLES)
    X = samples.inputs(rows).astype(np.float64)
    if n_numbers:
        numbers = X[:, :n_numbers]
        X[:, :n_numbers] = (numbers - numbers.mean()) / (numbers.std() or 1.0)
    y = samples.targets(rows).astype(np.float64)
    if architecture.head.targets is None:  # numbers of any size; beside large ones rounding is all one sees
        y = (y - y.mean(axis=0)) / np.where(y.std(axis=0) > 0, y.std(axis=0), 1.0)
    places = Parameters(architecture, np.arange(len(parameters.theta), dtype=np.float64))
    errors = [
        _layer_error(architecture, parameters, X, y, weight.ravel().astype(np.intp), rng)
        for weight in places.weights
    ]
    return max(errors)


def _layer_error(
    architecture: Architecture,
    parameters: Parameters,
    X: Array,
    y: Array,
    entries: NDArray[np.intp],
    rng: np.random.Generator,
) -> float:
    chosen = rng.choice(entries, min(GRADIENT_ENTRIES, len(entries)), replace=False)
    check = check_backward(architecture, parameters, X, y, entries=chosen)
    if not len(check.checked):
        return 0.0
    scale = np.maximum(np.abs(check.analytic), np.abs(check.numeric)).max()
    if not np.isfinite(scale):
        return np.inf
    return float(np.median(np.abs(check.analytic - check.numeric)) / scale) if scale > 1e-7 else 0.0
