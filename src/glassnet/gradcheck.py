"""Check the backward pass against central differences, aware of the kinks of ReLU."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassnet.arrays import Array
from glassnet.errors import InvalidParameterError
from glassnet.network import Architecture, Parameters, Workspace, backward, forward


@dataclass(frozen=True)
class GradientCheck:
    """Compare the gradient of the backward pass with central differences.

    Attributes
    ----------
    analytic, numeric : ndarray of shape (n_checked,)
        The gradient's entries by the backward pass, and by differences.
    checked : ndarray of int, shape (n_checked,)
        Which entries of theta.
    skipped : int
        Entries left out because the step across them would pass a kink of an activation.
    """

    analytic: Array
    numeric: Array
    checked: NDArray[np.intp]
    skipped: int

    @property
    def relative_error(self) -> float:
        """Largest |analytic - numeric|, relative to the largest entry of the gradient; NaN if one is NaN."""
        scale = float(np.maximum(np.abs(self.analytic), np.abs(self.numeric)).max(initial=0))
        difference = float(np.abs(self.analytic - self.numeric).max(initial=0))
        return difference / scale if scale else difference


def check_gradient(
    architecture: Architecture, parameters: Parameters, X: Array, y: Array, *, step: float = 1e-6
) -> GradientCheck:
    """Compare every entry of the gradient with (L(theta + h) - L(theta - h)) / 2h.

    Parameters
    ----------
    architecture : Architecture
    parameters : Parameters
        Of float64; unchanged afterwards.
    X : ndarray of shape (n, n_features)
    y : ndarray of shape (n, n_outputs)
    step : float
        h. Rounding costs about 1e-16 / h, the difference about h^2.

    Returns
    -------
    GradientCheck

    Raises
    ------
    InvalidParameterError
        When the parameters are not float64: in float32 the differences drown in rounding.

    Notes
    -----
    At a kink, where the derivative jumps, the difference measures neither side's. An entry is skipped
    when any pre-activation of a layer with kinks is on one side at theta - h and on the other at theta + h.

    References
    ----------
    CS231n, Neural Networks Part 3, "Gradient checks".
    """
    theta = parameters.theta
    if theta.dtype != np.float64:
        raise InvalidParameterError(f"got {theta.dtype} parameters; a gradient check needs float64.")
    workspace = Workspace(architecture, len(X), theta.dtype, keep_z=True)
    gradient = Parameters(architecture, np.empty_like(theta))

    def loss_and_sides() -> tuple[float, list[NDArray[np.bool_]]]:
        forward(architecture, parameters, X, workspace)
        losses = architecture.head.sample_losses(workspace.z[-1], workspace.a[-1], y)
        sides = [
            z > kink
            for activation, z in zip(architecture.activations, workspace.z, strict=False)
            for kink in activation.kinks
        ]
        sides += [workspace.a[-1] - y > kink for kink in architecture.head.kinks]
        return float(losses.mean()), sides

    forward(architecture, parameters, X, workspace)
    backward(architecture, parameters, X, y, workspace, gradient)
    numeric = np.empty_like(theta)
    is_smooth = np.zeros(len(theta), bool)
    for i, value in enumerate(theta.copy()):
        theta[i] = value + step
        above, sides_above = loss_and_sides()
        theta[i] = value - step
        below, sides_below = loss_and_sides()
        theta[i] = value
        numeric[i] = (above - below) / (2 * step)
        is_smooth[i] = all(np.array_equal(a, b) for a, b in zip(sides_above, sides_below, strict=True))
    checked = np.flatnonzero(is_smooth)
    return GradientCheck(gradient.theta[checked], numeric[checked], checked, len(theta) - len(checked))
